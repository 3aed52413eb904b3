"""One meaning a word, and no long modules: what ARCHITECTURE.md and CONTRIBUTING.md promise of names and sizes."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1] / "wizard"
MODULES = [p for room in (ENGINE, ENGINE.parent / "screens") for p in room.rglob("*.py")]


@dataclass(frozen=True, slots=True)
class Defined:
    """What a module defines: its classes, and its functions with their lines."""

    path: Path
    classes: tuple[str, ...]
    functions: tuple[tuple[str, int], ...]


@cache
def defined() -> tuple[Defined, ...]:
    """Of every module, each parsed once."""
    found = []
    for path in MODULES:
        tree = ast.parse(path.read_bytes())
        made = [n for n in within(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        lines = tuple((n.name, (n.end_lineno or n.lineno) - n.lineno + 1) for n in made)
        found.append(Defined(path, tuple(classes(tree)), lines))
    return tuple(found)


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Those that stand directly in one: what is defined stands in no expression, and those are most of a tree."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        yield from getattr(node, part, ())


def within(node: ast.AST) -> Iterator[ast.AST]:
    for child in statements(node):
        yield child
        yield from within(child)


def test_no_class_name_is_defined_twice() -> None:
    """A class within another, as messages of widgets are, is known by both names."""
    homes: dict[str, list[str]] = defaultdict(list)
    for module in defined():
        for name in module.classes:
            homes[name].append(module.path.relative_to(ENGINE.parent).as_posix())
    assert len(homes) > 800
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


LEFT = {"Row", "Unread", "Values"}
"""short aliases of tuples of values, in rooms that do not meet"""


def test_no_name_of_a_type_means_two_things() -> None:
    """An alias or type variable is the same wherever a module makes one of its name, and no class has that name."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for path in ENGINE.rglob("*.py"):
        tree = ast.parse(path.read_bytes())
        for name in classes(tree):
            meanings[name].add("class")
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name[0].isupper() and not name.isupper():
                    meanings[name].add(ast.unparse(node.value).replace("npt.", ""))
    several = {name: found for name, found in meanings.items() if len(found) > 1}
    assert {name: found for name, found in several.items() if name not in LEFT} == {}


def classes(node: ast.AST, around: str = "") -> Iterator[str]:
    for child in statements(node):
        if isinstance(child, ast.ClassDef):
            yield around + child.name
            yield from classes(child, f"{child.name}.")
        else:
            yield from classes(child, around)


def test_functions_fit_a_screen() -> None:
    assert [(m.path.name, *f) for m in defined() for f in m.functions if f[1] > 60] == []


def test_no_module_is_longer_than_a_reader_takes_in() -> None:
    assert len(MODULES) > 400
    assert [p.name for p in MODULES if p.read_bytes().count(b"\n") > 400] == []


def test_functions_do_not_tell_or_hear() -> None:
    """The glossary's verbs are emit and on_event; a message is reported, noted or made by what is named after it."""
    banned = {"tell", "tells", "told", "telling", "hear", "hears", "heard"}
    found = [(m.path.name, name) for m in defined() for name, _ in m.functions if banned & set(name.split("_"))]
    assert found == []
