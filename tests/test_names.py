"""One meaning a word, and no long modules: what ARCHITECTURE.md and CONTRIBUTING.md promise of names and sizes."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1] / "wizard"


def test_no_class_name_is_defined_twice() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(path.relative_to(ENGINE).as_posix())
    assert len(homes) > 300
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_no_module_is_longer_than_a_reader_takes_in() -> None:
    modules = [p for room in (ENGINE, ENGINE.parent / "screens") for p in room.rglob("*.py")]
    assert len(modules) > 400
    assert [p.name for p in modules if p.read_bytes().count(b"\n") > 400] == []
