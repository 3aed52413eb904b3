"""A parser of VBA, for tests of the modules that Jetferry writes.

The grammar is MS-VBAL's. Parsing is slow in Python, so that a module is parsed procedure by procedure, and a
procedure that was parsed before without a mistake is not parsed again: `vba_parsed.txt` has the digests of those that
every kit has. One that is changed has another digest and is parsed. `python -m tests.link.parsed` parses all of them
afresh and writes the file anew.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from antlr4 import CommonTokenStream, InputStream
from antlr4.error.ErrorListener import ErrorListener
from antlr4_vba.vbaLexer import vbaLexer
from antlr4_vba.vbaParser import vbaParser

_ENDS = re.compile(r"(?m)(?<=^End Sub\r\n)|(?<=^End Function\r\n)")
PARSED = Path(__file__).with_name("vba_parsed.txt")
_HEAD = 'Attribute VB_Name = "M"\r\n'


def mistakes(module: str) -> list[str]:
    """What is not VBA, as `procedure's first line: message`."""
    return [m for p in parts(module) if digest(p) not in _parsed() for m in mistakes_of(p)]


def parts(module: str) -> list[str]:
    """The module's procedures, each as a module of its own; the first with what stands at the top."""
    found = [p.lstrip() for p in _ENDS.split(module) if p.strip()]
    return [p if p.startswith("Attribute") else _HEAD + p for p in found]


def digest(part: str) -> str:
    """What tells one text from another."""
    return hashlib.sha256(part.encode()).hexdigest()


@cache
def _parsed() -> frozenset[str]:
    return frozenset(PARSED.read_text(encoding="ascii").split())


@cache
def mistakes_of(part: str) -> tuple[str, ...]:
    listener = _Listener()
    lexer = vbaLexer(InputStream(part))
    parser = vbaParser(CommonTokenStream(lexer))
    for reader in (lexer, parser):
        reader.removeErrorListeners()
        reader.addErrorListener(listener)
    parser.startRule()
    title = part.removeprefix(_HEAD).split("\r\n")[0]
    return tuple(f"{title}: {m}" for m in listener.messages)


class _Listener(ErrorListener):  # type: ignore[misc]
    def __init__(self) -> None:
        self.messages: list[str] = []

    def syntaxError(self, _of: Any, _symbol: Any, line: int, column: int, message: str, _error: Any) -> None:
        self.messages.append(f"line {line}, column {column}: {message}")


def strings(module: str) -> list[str]:
    """The values of the module's string literals, those in `U(…)` turned back to what they stand for."""
    found = []
    code = re.sub(r"(?m)^\s*'.*$", "", module)
    for coded, plain in re.findall(r'\bU\("((?:[^"]|"")*)"\)|"((?:[^"]|"")*)"', code):
        units = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), coded.replace('""', '"'))
        found.append(
            units.encode("utf-16-be", "surrogatepass").decode("utf-16-be") if coded else plain.replace('""', '"')
        )
    return found


_RECORD = re.compile(r"    ([PAM]) (.*)")
_LITERAL = re.compile(r'(U\()?"((?:[^"]|"")*)"\)?(?:, )?')


def records(module: str) -> list[list[str]]:
    """The records of texts that a module's statements `P`, `A` and `M` build."""
    found: list[list[str]] = []
    for line in module.split("\r\n"):
        match = _RECORD.fullmatch(line)
        if match is None:
            continue
        texts = strings(match[2])
        assert "".join(m.group() for m in _LITERAL.finditer(match[2])) == match[2]
        if match[1] == "P":
            found.append(texts)
        elif match[1] == "A":
            found[-1] += texts
        else:
            found[-1][-1] += "".join(texts)
    return found
