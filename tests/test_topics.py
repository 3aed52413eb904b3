"""Code tells messages apart by their topics and problems, never by a number: numbers are for people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import wizard
from wizard.messages import CATALOGUE, Message, RowProblem, Severity, Topic, problem_of, topic_of

HOUSE = Path(wizard.__file__).parent.parent
READ_NUMBER = {"number", "message_number"}
"""attributes and names that may hold a message's number"""


def test_every_topic_has_a_message() -> None:
    assert {entry.topic for entry in CATALOGUE.values()} == set(Topic)
    assert {entry.problem for entry in CATALOGUE.values()} == {None, *RowProblem}


def test_a_message_knows_its_topic_and_another_versions_has_none() -> None:
    assert Message.of(6002, rejected=3).topic is Topic.RUN_LIMIT
    assert Message(9999, Severity.ERROR, "of another version").topic is topic_of(9999) is Topic.NONE
    assert Message(9999, Severity.ERROR, "of another version").problem is problem_of(9999) is None


def numbers_in(node: ast.AST) -> set[int]:
    """Numbers of the catalogue that an expression holds."""
    return {
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and type(n.value) is int and n.value in CATALOGUE
    }


def reads_number(node: ast.AST) -> bool:
    """Whether an expression reads something called a number."""
    named = (
        n.attr if isinstance(n, ast.Attribute) else n.id if isinstance(n, ast.Name) else "" for n in ast.walk(node)
    )
    return not READ_NUMBER.isdisjoint(named)


def branches(tree: ast.Module) -> Iterator[int]:
    """Lines where a message's number is compared or looked up, be it with a constant of the module."""
    constants = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and numbers_in(node.value)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }

    def known(node: ast.AST) -> bool:
        return bool(numbers_in(node)) or any(isinstance(n, ast.Name) and n.id in constants for n in ast.walk(node))

    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                sides = [node.left, *node.comparators]
                if any(map(reads_number, sides)) and any(map(known, sides)):
                    yield node.lineno
            case ast.Call(func=ast.Attribute(attr="get", value=table), args=[key, *_]) if known(table):
                if reads_number(key):
                    yield node.lineno
            case ast.Subscript(value=table, slice=key) if known(table) and reads_number(key):
                yield node.lineno
            case ast.Match(subject=subject) if reads_number(subject):
                if any(known(case.pattern) for case in node.cases):
                    yield node.lineno
            case _:
                pass


@pytest.mark.parametrize(
    "code",
    [
        "m.number == 4023",
        "4023 != m.number",
        "e.message.number in (6111, 6113)",
        "WANTED = frozenset({2043})\nm.number not in WANTED",
        "ANSWERS = {4500: 1}\nANSWERS.get(m.number)",
        "ANSWERS: dict[int, int] = {4500: 1}\nANSWERS[m.number]",
        "match m.number:\n    case 4023: pass",
    ],
)
def test_a_branch_on_a_number_is_found(code: str) -> None:
    assert list(branches(ast.parse(code)))


SERVERS_OWN = {"wizard/sqlserver"}
"""rooms whose numbers are those of SQL Server's errors, which happen to be as large"""


def test_no_module_branches_on_a_messages_number() -> None:
    found = [
        f"{path.relative_to(HOUSE).as_posix()}:{line}"
        for room in ("wizard", "screens")
        for path in sorted((HOUSE / room).rglob("*.py"))
        if path.parent.relative_to(HOUSE).as_posix() not in SERVERS_OWN
        for line in branches(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []
