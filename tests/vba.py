"""A parser of VBA, for tests of the modules that Jetferry writes.

The grammar is MS-VBAL's. Parsing is slow in Python, so that a module is parsed procedure by procedure, and a
procedure that was parsed before is not parsed again.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from antlr4 import CommonTokenStream, InputStream
from antlr4.error.ErrorListener import ErrorListener
from antlr4_vba.vbaLexer import vbaLexer
from antlr4_vba.vbaParser import vbaParser

_ENDS = re.compile(r"(?m)(?<=^End Sub\r\n)|(?<=^End Function\r\n)")
_HEAD = 'Attribute VB_Name = "M"\r\n'


def mistakes(module: str) -> list[str]:
    """What is not VBA, as `procedure's first line: message`."""
    parts = [p.lstrip() for p in _ENDS.split(module) if p.strip()]
    return [m for p in parts for m in _mistakes(p if p.startswith("Attribute") else _HEAD + p)]


@cache
def _mistakes(part: str) -> tuple[str, ...]:
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
