"""A parser of PowerShell, for tests of the scripts that Jetferry writes."""

from __future__ import annotations

import re

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
