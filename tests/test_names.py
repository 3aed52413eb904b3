"""One meaning a word, and no long modules: what ARCHITECTURE.md and CONTRIBUTING.md promise of names and sizes."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1] / "wizard"
MODULES = [p for room in (ENGINE, ENGINE.parent / "screens") for p in room.rglob("*.py")]


def test_no_class_name_is_defined_twice() -> None:
    """A class within another, as messages of widgets are, is known by both names."""
    homes: dict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        for name in classes(ast.parse(path.read_bytes())):
            homes[name].append(path.relative_to(ENGINE.parent).as_posix())
    assert len(homes) > 800
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def classes(node: ast.AST, around: str = "") -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield around + child.name
            yield from classes(child, f"{child.name}.")
        else:
            yield from classes(child, around)


def test_functions_fit_a_screen() -> None:
    long = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 60:
                    long.append((path.name, node.name, lines))
    assert long == []


def test_no_module_is_longer_than_a_reader_takes_in() -> None:
    assert len(MODULES) > 400
    assert [p.name for p in MODULES if p.read_bytes().count(b"\n") > 400] == []


def test_functions_do_not_tell_or_hear() -> None:
    """The glossary's verbs are emit and on_event; a message is reported, noted or made by what is named after it."""
    banned = {"tell", "tells", "told", "telling", "hear", "hears", "heard"}
    found = [
        (path.name, node.name)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and banned & set(node.name.split("_"))
    ]
    assert found == []
