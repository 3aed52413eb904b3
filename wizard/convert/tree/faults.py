"""Where Access shows an error: a server has NULL there, which IIf, Nz or & would take for one that is meant.

What may be such a NULL is a `Failing` node with the conditions of it. Who hides NULL asks for those of all within.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wizard.convert.tree.build import Part, case, enclosed, node_of, spread, tsql
from wizard.convert.tree.facts import NO_FAULTS, Faults
from wizard.convert.tree.nodes import Case, Failing, SqlNode, SqlSubquery

_ALWAYS: Final = tsql("1 = 1")
MOST_LEVELS: Final = 10
"""of CASE within CASE (Msg 125), says the page of CASE in the Transact-SQL reference; IIF's page counts IIF with it"""
MOST_CHARACTERS: Final = 8_000
"""of tests that keep the errors of an expression. They repeat what they test: where expressions hide NULL within one
another, each level would be three times as long as the one below
"""


def failing(value: SqlNode, condition: SqlNode, reason: Faults = Faults.OTHER) -> Failing:
    """A value that is NULL where Access shows an error: on the condition, and where something within it is one."""
    return Failing(value, _once([*faults(value), condition]), reason)


def only_where(condition: SqlNode, value: Part, reason: Faults = Faults.OTHER) -> Failing:
    """A value that is an error in Access, and NULL, where a condition is false."""
    return failing(case((condition, value)), tsql("NOT ({})", condition), reason)


def faults(node: SqlNode) -> tuple[SqlNode, ...]:
    """Conditions, of which one is true where the node is an error in Access; the others may be unknown."""
    if not node.facts.faults:
        return ()
    if isinstance(node, Failing):
        return node.conditions
    if isinstance(node, Case):
        return _of_case(node)
    if isinstance(node, SqlSubquery):
        return ()
    return _once(fault for child in node.children for fault in faults(child))


def with_reasons(node: SqlNode, *within: SqlNode | None) -> SqlNode:
    """An aggregate or a sub-query, which hides why something within it is an error: told where it is written."""
    reasons = NO_FAULTS
    for part in within:
        reasons |= part.facts.faults & ~Faults.OTHER if part is not None else NO_FAULTS
    return Failing(node, faults(node), reasons) if reasons else node


def guarded(value: Part, conditions: Iterable[SqlNode] = ()) -> SqlNode:
    """What hides NULL, with NULL where something within it is an error: of `conditions`, or of all there are."""
    node = node_of(value)
    found = _once(conditions) or faults(node)
    return _kept(case((spread(" OR ", found), "NULL"), otherwise=node), found, node) if found else node


def _kept(whole: SqlNode, found: tuple[SqlNode, ...], plain: SqlNode) -> SqlNode:
    """What keeps errors; without the outermost tests where these are longer than somebody may read."""
    return Failing(whole, found, plain=plain) if whole.size - plain.size <= MOST_CHARACTERS else plain


def chosen_or_error(branches: Iterable[tuple[Part, Part]], otherwise: Part | None) -> SqlNode:
    """CASE that gives NULL where a condition that it comes to is an error: IIf and Switch take that for no False."""
    made = [(node_of(condition), node_of(result)) for condition, result in branches]
    plain = case(*made, otherwise=otherwise)
    if not plain.facts.faults:
        return plain
    whole: list[tuple[Part, Part]] = []
    for condition, result in made:
        if found := faults(condition):
            whole.append((spread(" OR ", found), Failing(node_of("NULL"), (_ALWAYS,))))
        whole.append((condition, result))
    kept = case(*whole, otherwise=otherwise)
    return _kept(kept, faults(kept), plain)


def decided(condition: SqlNode, found: tuple[SqlNode, ...]) -> tuple[SqlNode, SqlNode]:
    """A condition that is never unknown, and its opposite, both unknown where something within it is an error."""
    known = case((spread(" OR ", found), "NULL"), (condition, 1), otherwise=0)
    holds, fails = enclosed("{} = 1", known), enclosed("{} = 0", known)
    return _kept(holds, found, condition), _kept(fails, found, enclosed("NOT {}", condition))


def unguarded(node: SqlNode) -> SqlNode:
    """The same without the tests that keep errors, which T-SQL may take for too deep."""
    return _unguarded(node, {})


def _unguarded(node: SqlNode, done: dict[int, SqlNode]) -> SqlNode:
    if isinstance(node, Failing) and node.plain:
        return _unguarded(node.plain, done)
    if id(node) not in done:
        children = tuple(_unguarded(c, done) for c in node.children)
        same = all(a is b for a, b in zip(children, node.children, strict=True))
        done[id(node)] = node if same else node.rebuilt(children)
    return done[id(node)]


def undecided(condition: SqlNode) -> SqlNode:
    """A condition that And or Or joins, of which False or True decides beside an error."""
    found = faults(condition)
    if not found:
        return condition
    unknown = tsql("{} IS NULL", case((condition, 1), (tsql("NOT {}", condition), 0)))
    return Failing(condition, (enclosed("({}) AND {}", spread(" OR ", found), unknown),))


def _once(nodes: Iterable[SqlNode]) -> tuple[SqlNode, ...]:
    return tuple(dict.fromkeys(nodes))


def _of_case(node: Case) -> tuple[SqlNode, ...]:
    """Of a CASE the first condition is always asked for, all else where nothing before it was true."""
    operand, branches, otherwise = node.parts
    first = [operand] if operand else [branches[0][0]]
    sure = _once(fault for asked in first for fault in faults(asked))
    if set(_once(fault for child in node.children for fault in faults(child))) <= set(sure):
        return sure
    tests: list[tuple[Part, Part]] = []
    for condition, result in branches:
        if operand is None and (asked := faults(condition)):
            tests.append((spread(" OR ", asked), 1))
        tests.append((condition, _flag(result)))
    last = _flag(otherwise) if otherwise else node_of(0)
    found = tsql("{} = 1", case(*tests, otherwise=last, of=operand))
    if operand:
        return (*sure, found)
    return (found,)


def _flag(result: SqlNode) -> SqlNode:
    found = faults(result)
    if found == (_ALWAYS,):
        return node_of(1)
    return case((spread(" OR ", found), 1), otherwise=0) if found else node_of(0)


def error(sql_type: str, reason: Faults = Faults.OTHER) -> Failing:
    """NULL of a type where there is an error for certain."""
    return Failing(tsql("CONVERT({}, NULL)", sql_type), (_ALWAYS,), reason)
