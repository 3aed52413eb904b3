"""A parser of PowerShell, for tests of the scripts that Jetferry writes."""

from __future__ import annotations

import re
from typing import Any

import tree_sitter
import tree_sitter_powershell

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def mistakes(text: str) -> list[str]:
    """Where the script is not PowerShell, as `line: text`."""
    data = text.lstrip("\ufeff").encode()
    found: list[str] = []
    waiting = [_PARSER.parse(data).root_node]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            line = node.start_point[0]
            found.append(f"{line + 1}: {data.splitlines()[line].decode()}")
        elif node.has_error:
            waiting += node.children
    return found


def strings(text: str) -> list[str]:
    """The values of the script's literals in single quotes."""
    found: list[str] = []
    waiting = [_PARSER.parse(text.lstrip("\ufeff").encode()).root_node]
    while waiting:
        node = waiting.pop()
        if node.type == "verbatim_string_characters":
            assert node.text is not None
            found.append(re.sub("(['‘’‚‛])['‘’‚‛]", r"\1", node.text.decode()[1:-1]))
        waiting += node.children
    return found


_DATA = re.compile(
    r"\s*(?:(?P<open>@\(|\[pscustomobject\]@\{|\()|(?P<close>[)}])|(?P<text>(?:'[^']*')+)|\[char\](?P<char>\d+)"
    r"|(?P<truth>\$true|\$false)|(?P<number>-?\d+)|(?P<name>\w+) = |(?P<sign>[;,+]))"
)


def data(text: str, variable: str) -> Any:
    """The value of plain data that a script gives a variable: lists, objects, texts, numbers and truth values."""
    start = text.index(f"${variable} = ") + len(variable) + 4
    found, _ = _value(text, start)
    return found


def _value(text: str, at: int) -> tuple[Any, int]:
    match = _DATA.match(text, at)
    assert match is not None, text[at : at + 80]
    at = match.end()
    if match["open"] == "@(":
        return _list(text, at)
    if match["open"] and match["open"].startswith("["):
        return _object(text, at)
    if match["open"] == "(":
        joined = ""
        while True:
            part, at = _value(text, at)
            joined += part
            follows = _DATA.match(text, at)
            assert follows is not None
            at = follows.end()
            if follows["close"]:
                return joined, at
    if match["text"] is not None:
        return re.sub("(['‘’‚‛])['‘’‚‛]", r"\1", match["text"][1:-1]), at
    if match["char"]:
        return chr(int(match["char"])), at
    return (match["truth"] == "$true" if match["truth"] else int(match["number"])), at


def _list(text: str, at: int) -> tuple[list[Any], int]:
    found = []
    while True:
        match = _DATA.match(text, at)
        assert match is not None
        if match["close"]:
            return found, match.end()
        if match["sign"]:
            at = match.end()
            continue
        value, at = _value(text, at)
        found.append(value)


def _object(text: str, at: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while True:
        match = _DATA.match(text, at)
        assert match is not None, text[at : at + 80]
        at = match.end()
        if match["close"]:
            return found, at
        if match["name"]:
            found[match["name"]], at = _value(text, at)
