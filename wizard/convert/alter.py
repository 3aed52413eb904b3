"""ALTER statements that bring an existing table to what is wanted, one part at a time.

A part that stands on a column (key, index, check, default, foreign key) is dropped before the column changes and
made again after it. Parts that somebody else added on the server are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from wizard.convert import create
from wizard.convert.equivalence import same_column, same_expression, same_index, same_key, says_the_same
from wizard.objects import (
    CheckConstraint,
    ForeignKey,
    Name,
    ObjectKind,
    ServerColumn,
    ServerIndex,
    ServerTable,
    Statement,
    quote,
)
from wizard.tsql_words import WordKind, words

TablePart = TypeVar("TablePart", ServerIndex, ForeignKey, CheckConstraint)


@dataclass
class AlterStep:
    """What is to be done to one object: `before` drops parts, `after` makes and changes them."""

    details: list[str] = field(default_factory=list)
    """what differs, for people"""
    before: list[Statement] = field(default_factory=list)
    after: list[Statement] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    """what differs and no ALTER can reach"""
    touched: set[str] = field(default_factory=set)
    """case-folded names of the columns whose definition changes"""
    freed: list[frozenset[str]] = field(default_factory=list)
    """case-folded columns of each key and unique index that is dropped"""


def alter_table(
    wanted: ServerTable,
    present: ServerTable,
    last: ServerTable | None = None,
    unseen: frozenset[ObjectKind] = frozenset(),
) -> AlterStep:
    """The work that makes `present` like `wanted`; nothing where they are alike.

    `last` is the table as it was loaded last: parts of it that are wanted no more are dropped, and an expression
    counts as changed where it differs from the last one (a server keeps expressions in words of its own). Parts of
    the kinds in `unseen`, which the server could not list, are taken to be there as they were loaded.
    """
    work = AlterStep()
    work.touched = _columns(work, wanted, present, last)
    _primary_key(work, wanted, present)
    old: tuple[Any, ...] = (last.indexes, last.foreign_keys, last.checks) if last else ((), (), ())
    own: tuple[Any, ...] = (wanted.indexes, wanted.foreign_keys, wanted.checks)
    there: tuple[Any, ...] = (present.indexes, present.foreign_keys, present.checks)
    for sort, parts, seen, before in zip(_SORTS, own, there, old, strict=True):
        made = sort(wanted.name)
        known = (before or parts) if made.kind in unseen else seen
        _parts(work, made, (parts, known, before))
    _descriptions(work, wanted, present)
    return work


def _names(index: ServerIndex) -> frozenset[str]:
    return frozenset(c.name.casefold() for c in index.columns)


def _drop_constraint(table: Name, constraint: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {quote(constraint)};"


def _columns(work: AlterStep, wanted: ServerTable, present: ServerTable, last: ServerTable | None) -> set[str]:
    """Add and change columns; returns the case-folded names of those whose definition changes."""
    touched: set[str] = set()
    for column in sorted(wanted.columns, key=lambda c: bool(c.computed)):
        there = present.column(column.name)
        if there is None:
            work.details.append(f"column {column.name} is missing")
            _add_column(work, wanted, column)
            continue
        before = last.column(column.name) if last else None
        if not same_column(column, there, before) or _mentions(there.computed, touched):
            touched.add(column.name.casefold())
            _change_column(work, wanted, column, there)
        _default(work, wanted, column, there, before)
    for there in present.columns:
        if wanted.column(there.name) is None:
            work.details.append(f"column {there.name} is on the server only and stays")
            if _mentions(there.computed, touched):
                work.impossible.append(f"column {there.name}, made on the server, is computed from one that changes")
    return touched


def _mentions(expression: str, columns: set[str]) -> bool:
    """Whether an expression, in the server's words or ours, reads one of the columns, which both have in brackets."""
    return bool(columns) and any(w.kind is WordKind.NAME and w.value.casefold() in columns for w in words(expression))


def _add_column(work: AlterStep, table: ServerTable, column: ServerColumn) -> None:
    work.after.append(Statement(ObjectKind.TABLE, table.name, create.add_column(table.name, column), column.name))


def _change_column(work: AlterStep, table: ServerTable, column: ServerColumn, there: ServerColumn) -> None:
    work.details.append(f"column {column.name} is {_shown(there)}, wanted {_shown(column)}")
    if column.identity != there.identity or (column.type.name == "rowversion") != (there.type.name == "rowversion"):
        work.impossible.append(f"column {column.name} cannot become {_shown(column)} by ALTER")
        return
    if there.default:
        drop = _drop_constraint(table.name, there.default_name)
        work.before.append(Statement(ObjectKind.DEFAULT, table.name, drop, column.name, drops=True))
    if column.computed or there.computed:
        if not there.computed:
            work.impossible.append(f"column {column.name} has values and is to be computed")
            return
        drop = f"ALTER TABLE {table.name} DROP COLUMN {quote(column.name)};"
        work.before.append(Statement(ObjectKind.TABLE, table.name, drop, column.name, drops=True))
        _add_column(work, table, column)
        return
    plain = create.column(replace(column, identity=False))
    sql = f"ALTER TABLE {table.name} ALTER COLUMN {plain};"
    work.after.append(Statement(ObjectKind.TABLE, table.name, sql, column.name))
    if there.default and column.default:
        made = create.default(table.name, column)
        work.after.append(Statement(ObjectKind.DEFAULT, table.name, made, column.name))


def _shown(column: ServerColumn) -> str:
    if column.computed:
        return "computed"
    identity = " identity" if column.identity else ""
    return f"{column.type}{identity} {'NULL' if column.nullable else 'NOT NULL'}"


def _default(
    work: AlterStep, table: ServerTable, column: ServerColumn, there: ServerColumn, before: ServerColumn | None
) -> None:
    hidden = bool(there.default_name) and not there.default  # from an account that may not see definitions
    if column.type.name == "rowversion" or column.computed or hidden:
        return
    if same_expression(column.default, there.default, before.default if before else None):
        return
    if any(s.kind is ObjectKind.DEFAULT and s.part == column.name for s in work.before):
        return
    work.details.append(f"default of {column.name} is {there.default or 'none'}, wanted {column.default or 'none'}")
    if there.default:
        sql = _drop_constraint(table.name, there.default_name)
        work.before.append(Statement(ObjectKind.DEFAULT, table.name, sql, column.name, drops=True))
    if column.default:
        work.after.append(Statement(ObjectKind.DEFAULT, table.name, create.default(table.name, column), column.name))


def _primary_key(work: AlterStep, wanted: ServerTable, present: ServerTable) -> None:
    key, there = wanted.primary_key, present.primary_key
    hit = there is not None and bool(_names(there) & work.touched)
    if key is not None and there is not None and same_index(key, there) and not hit:
        return
    if key is None and (there is None or not hit):
        return
    key = key or there
    assert key is not None  # noqa: S101  # for the type checker
    if there is not None:
        if not same_index(key, there):
            work.details.append("the primary key differs")
        drop = _drop_constraint(wanted.name, there.name)
        work.before.append(Statement(ObjectKind.PRIMARY_KEY, wanted.name, drop, there.name, drops=True))
        work.freed.append(_names(there))
    else:
        work.details.append("the primary key is missing")
    sql = create.primary_key(wanted.name, key)
    waits = wanted.key_waits
    work.after.append(Statement(ObjectKind.PRIMARY_KEY, wanted.name, sql, key.name, (wanted.name,), waits))


@dataclass(frozen=True, slots=True)
class _StepOrder(Generic[TablePart]):
    """How one sort of part is compared, made and dropped, and whether it stands on a changed column."""

    kind: ObjectKind
    table: Name
    same: Callable[[TablePart, TablePart, TablePart | None], bool]
    make: Callable[[TablePart], str]
    drop: Callable[[TablePart], str]
    stands_on: Callable[[TablePart, set[str]], bool]
    twin: Callable[[TablePart, TablePart], bool]
    """whether two parts of different names are the same"""
    enable: Callable[[TablePart, str], str]
    """the part as it is wanted, and its name on the server"""
    unchecked: Callable[[TablePart], str] = lambda _: ""
    """as it is made where rows break it"""


def _indexes(table: Name) -> _StepOrder[ServerIndex]:
    return _StepOrder(
        ObjectKind.INDEX,
        table,
        lambda a, b, c: same_index(a, b) and same_expression(a.where, b.where, c.where if c else None),
        lambda i: create.index(table, i),
        lambda i: _drop_constraint(table, i.name) if i.constraint else f"DROP INDEX {quote(i.name)} ON {table};",
        lambda i, touched: any(k.name.casefold() in touched for k in i.columns),
        # a server that names indexes itself (Babelfish) does not show their filters either
        lambda a, b: same_index(a, b) and (not b.where or same_expression(a.where, b.where, a.where)),
        lambda _, name: f"ALTER INDEX {quote(name)} ON {table} REBUILD;",
    )


def _foreign_keys(table: Name) -> _StepOrder[ForeignKey]:
    return _StepOrder(
        ObjectKind.FOREIGN_KEY,
        table,
        lambda a, b, _: same_key(a, b),
        lambda k: create.foreign_key(table, k),
        lambda k: _drop_constraint(table, k.name),
        lambda k, touched: any(c.casefold() in touched for c in k.columns),
        same_key,
        lambda _, name: create.enabled(table, name),
        lambda k: create.foreign_key(table, k, unchecked=True),
    )


def _checks(table: Name) -> _StepOrder[CheckConstraint]:
    return _StepOrder(
        ObjectKind.CHECK,
        table,
        lambda a, b, c: same_expression(a.expression, b.expression, c.expression if c else None),
        lambda c: create.check(table, c),
        lambda c: _drop_constraint(table, c.name),
        lambda c, touched: _mentions(c.expression, touched),
        lambda a, b: says_the_same(a.expression, b.expression),
        lambda c, name: create.enabled(table, name, unchecked=c.unchecked),
        lambda c: create.check(table, c, unchecked=True),
    )


_SORTS: tuple[Callable[[Name], Any], ...] = (_indexes, _foreign_keys, _checks)


def _by_own_names(
    sort: _StepOrder[TablePart], present: Sequence[TablePart], known: Sequence[TablePart]
) -> dict[str, TablePart]:
    """What is there by folded name; under a name that a server has made longer (Babelfish does), it is our own."""
    names = {p.name.casefold() for p in known}
    found: dict[str, TablePart] = {}
    for part in present:
        name = part.name.casefold()
        own = None if name in names else next((k for k in known if _lengthened(sort, k, part)), None)
        found[own.name.casefold() if own else name] = own or part
    return found


def _lengthened(sort: _StepOrder[TablePart], known: TablePart, present: TablePart) -> bool:
    return present.name.casefold().startswith(known.name.casefold()) and sort.twin(known, present)


def _of_another_name(
    sort: _StepOrder[TablePart], part: TablePart, there: dict[str, TablePart], own: Container[str]
) -> TablePart | None:
    """The same part under a name of the server's own choice, or a person's; those of `own` names are other parts.

    One that is disabled does not stand for ours: it asks nothing of any row.
    """
    name = next((n for n, p in there.items() if n not in own and not p.disabled and sort.twin(part, p)), None)
    return there.pop(name) if name is not None else None


def elsewhere(wanted: ServerTable, present: ServerTable) -> frozenset[tuple[ObjectKind, str]]:
    """Parts of `wanted` that `present` has under other names: the kind and the name that each was to have."""
    found: set[tuple[ObjectKind, str]] = set()
    own: tuple[Any, ...] = (wanted.indexes, wanted.foreign_keys, wanted.checks)
    seen: tuple[Any, ...] = (present.indexes, present.foreign_keys, present.checks)
    for sort, parts, others in zip(_SORTS, own, seen, strict=True):
        made = sort(wanted.name)
        names = {p.name.casefold() for p in parts}
        there = _by_own_names(made, others, parts)
        missing = [p for p in parts if p.name.casefold() not in there]
        found |= {(made.kind, p.name) for p in missing if _of_another_name(made, p, there, names)}
    return frozenset(found)


def _parts(
    work: AlterStep,
    sort: _StepOrder[TablePart],
    sets: tuple[Sequence[TablePart], Sequence[TablePart], Sequence[TablePart]],
) -> None:
    """What is wanted, what is there and what was loaded last, matched by name."""
    wanted, present, last = sets
    touched = work.touched
    before = {p.name.casefold(): p for p in last}
    there = _by_own_names(sort, present, list(last) + list(wanted))
    names = {p.name.casefold() for p in wanted}
    word = sort.kind.value.replace("_", " ")
    for part in wanted:
        found = there.pop(part.name.casefold(), None)
        alike = found is not None and sort.same(part, found, before.get(part.name.casefold()))
        if found is None:
            found = _of_another_name(sort, part, there, names)
            alike = found is not None
        if alike and not sort.stands_on(part, touched):
            if found is not None and found.disabled:
                work.details.append(f"{word} {found.name} is disabled on the server")
                work.after.append(Statement(sort.kind, sort.table, sort.enable(part, found.name), part.name))
            continue
        if found is None:
            work.details.append(f"{word} {part.name} is missing")
        else:
            if not alike:
                work.details.append(f"{word} {part.name} differs")
            _drop(work, Statement(sort.kind, sort.table, sort.drop(found), found.name, drops=True), found)
        sql, late = sort.make(part), _after_rows(part)
        unchecked = sort.unchecked(part)
        made = Statement(sort.kind, sort.table, sql, part.name, (sort.table,), _waits(part), late, unchecked)
        _make(work, made, part)
    for name, part in there.items():
        if name in before:
            work.details.append(f"{word} {part.name} is wanted no more")
            _drop(work, Statement(sort.kind, sort.table, sort.drop(part), part.name, drops=True), part)
        elif sort.stands_on(part, touched):
            work.impossible.append(f"{word} {part.name}, made on the server, stands on a column that changes")


def _waits(part: ServerIndex | ForeignKey | CheckConstraint) -> bool:
    return not (isinstance(part, ServerIndex) and part.unique)


def _after_rows(part: ServerIndex | ForeignKey | CheckConstraint) -> bool:
    return isinstance(part, CheckConstraint) and part.unchecked


def _make(work: AlterStep, statement: Statement, part: ServerIndex | ForeignKey | CheckConstraint) -> None:
    work.after.append(statement)
    if isinstance(part, CheckConstraint) and part.text:
        sql = create.rule_text(statement.name, part)  # it went with the constraint
        work.after.append(Statement(ObjectKind.DESCRIPTION, statement.name, sql, part.name, (statement.name,)))


def _drop(work: AlterStep, statement: Statement, part: ServerIndex | ForeignKey | CheckConstraint) -> None:
    work.before.append(statement)
    if isinstance(part, ServerIndex) and part.unique:
        work.freed.append(_names(part))


def _descriptions(work: AlterStep, wanted: ServerTable, present: ServerTable) -> None:
    path: tuple[tuple[str, str], ...] = (("SCHEMA", wanted.name.schema), ("TABLE", wanted.name.name))
    pairs = [("", wanted.description, present.description, path)]
    for column in wanted.columns:
        there = present.column(column.name)
        old = there.description if there else ""
        pairs.append((column.name, column.description, old, (*path, ("COLUMN", column.name))))
    for part, new, old, where in pairs:
        if new and not old.startswith(new[: create.PROPERTY_LIMIT]):
            work.details.append(f"description of {part or 'the table'} differs")
            sql = create.extended_property(create.DESCRIPTION, new, where)
            work.after.append(Statement(ObjectKind.DESCRIPTION, wanted.name, sql, part, (wanted.name,)))
