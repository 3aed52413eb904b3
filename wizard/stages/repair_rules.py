"""The repair rule that a message is about, which screens and command offer where a finding is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from wizard.coercion.columns import fitting_value
from wizard.coercion.nearest_value import given
from wizard.definitions import Column, ColumnType, Database
from wizard.messages import Kind, Message, Place, RowProblem
from wizard.objects import ServerColumn, ServerTable, ServerType, TableRef
from wizard.settings import REPAIRS, Repair, RepairRule

WORDS: Final[Mapping[RowProblem, str]] = {
    RowProblem.DATE: "dates that the type cannot hold",
    RowProblem.NOT_A_NUMBER: "NaN and infinity",
    RowProblem.UNFIT: "values that do not fit the type",
    RowProblem.UNREADABLE: "values that can no longer be read",
    RowProblem.TEXT: "texts with bytes that are no text",
    RowProblem.NO_VALUE: "NULL where NOT NULL was chosen by hand",
    RowProblem.DUPLICATES: "rows that share what must be unique",
    RowProblem.ORPHANS: "rows that refer to rows that are not there",
}
"""troubles, for people"""

ACTIONS: Final[Mapping[Repair, str]] = {
    Repair.REJECT: "reject the row",
    Repair.NULL: "NULL",
    Repair.NEAREST: "the nearest value it can hold",
    Repair.VALUE: "a value that I give",
    Repair.REPLACE: "keep what is text, U+FFFD for the rest",
    Repair.PLAIN: "keep all rows, make the index plain",
    Repair.LEAVE_OUT: "keep all rows, leave the foreign key out",
    Repair.PLACEHOLDER: "add rows that they refer to",
}
"""repairs, for people"""


@dataclass(frozen=True, slots=True)
class _ValueOf:
    """What a value for a type of Access is judged by, and called."""

    type: ServerType
    kind: str
    sample: str


_NUMBER: Final = _ValueOf(ServerType("decimal", precision=38, scale=10), "number", "0 or 1.5")
_VALUES: Final[Mapping[ColumnType, _ValueOf]] = {
    **dict.fromkeys((ColumnType.DATE, ColumnType.DATE_EXTENDED), _ValueOf(
        ServerType("datetime2", scale=7), "date", "1900-01-31 or 1900-01-31 12:00:00"
    )),
    **dict.fromkeys((
        ColumnType.BYTE, ColumnType.INTEGER, ColumnType.LONG, ColumnType.BIGINT, ColumnType.CURRENCY,
        ColumnType.DECIMAL,
    ), _NUMBER),
    **dict.fromkeys(
        (ColumnType.SINGLE, ColumnType.DOUBLE), _ValueOf(ServerType("float"), _NUMBER.kind, _NUMBER.sample)
    ),
    ColumnType.BOOLEAN: _ValueOf(ServerType("bit"), "truth value", "0 or 1"),
}  # fmt: skip
"""the widest type for each: whether a narrower one holds the value shows where the column is known"""


def worded(rule: RepairRule) -> str:
    """A rule's place, for people: the most local name."""
    return ".".join(n for n in (rule.source, rule.table, rule.part) if n) or "the whole project"


def about(message: Message) -> RepairRule | None:
    """A rule for exactly what the message is about, with the default repair; None where no rule speaks of such."""
    trouble = message.problem
    if trouble is None:
        return None
    place = message.place
    return RepairRule(trouble, REPAIRS[trouble][0], "", place.source, place.name, place.part)


def value_refused(rule: RepairRule, column: Column | None, made: ServerColumn | None = None) -> Message | None:
    """Why the value that a rule gives is none; `column` is the one that it names, `made` the same on the server, where
    it is known."""
    if rule.repair is not Repair.VALUE:
        return None
    place = Place(Kind.OPTION, rule.source, rule.table, rule.part)
    texts = column is not None and column.type in (ColumnType.TEXT, ColumnType.MEMO)
    if not rule.value and not texts:
        return Message.of(8026, place)
    of = ColumnType.DATE if rule.trouble is RowProblem.DATE else column.type if column else None
    of = ColumnType.DOUBLE if of is None and rule.trouble is RowProblem.NOT_A_NUMBER else of
    wanted = _VALUES.get(of) if of else None
    if wanted is not None and given(rule.value, wanted.type) is None:
        return Message.of(8027, place, value=rule.value, kind=wanted.kind, sample=wanted.sample)
    if made is not None and fitting_value(rule, made) is None:
        return Message.of(8028, place, value=rule.value, column=made.name, type=str(made.type))
    return None


def place_refused(rule: RepairRule, database: Database, made: Collection[str] = ()) -> Message | None:
    """Which table, or which column, index or relationship of it, a rule names that its source does not have.

    `made` are the names that the table's indexes and foreign keys have on the server, as far as they are known.
    """
    place = Place(Kind.OPTION, rule.source, rule.table, rule.part)
    table = database.tables_by_name.get(rule.table.casefold())
    if table is None:
        linked = any(t.name.casefold() == rule.table.casefold() for t in database.linked_tables)
        return None if linked else Message.of(8113, place, what="table", name=rule.table, where=rule.source)
    what, known = "column", set(table.by_name)
    if rule.trouble is RowProblem.DUPLICATES:
        indexes = (table.primary_key, *table.indexes)
        what, known = "unique index", {i.name.casefold() for i in indexes if i is not None and (i.unique or i.primary)}
    elif rule.trouble is RowProblem.ORPHANS:
        relations = (r for r in database.relationships if r.table.casefold() == rule.table.casefold())
        what, known = "relationship", {r.name.casefold() for r in relations}
    if not rule.part or rule.part.casefold() in known | {n.casefold() for n in made}:
        return None
    return Message.of(8113, place, what=what, name=rule.part, where=rule.table)


def names_made(tables: Iterable[ServerTable], rule: RepairRule) -> tuple[str, ...]:
    """What a rule may name of its table by the names on the server; nothing where it is not converted."""
    table = next((t for t in tables if t.source == TableRef(rule.source, rule.table)), None)
    if table is not None and rule.trouble is RowProblem.DUPLICATES:
        return tuple(i.name for i in (table.primary_key, *table.indexes) if i is not None)
    if table is not None and rule.trouble is RowProblem.ORPHANS:
        return tuple(k.name for k in table.foreign_keys)
    return ()


def column_made(tables: Iterable[ServerTable], rule: RepairRule) -> ServerColumn | None:
    """The column on the server whose values a rule speaks of; None where it names none that is converted."""
    table = next((t for t in tables if t.source and t.source == TableRef(rule.source, rule.table)), None)
    named = (c for c in table.columns if c.source.casefold() == rule.part.casefold()) if table and rule.part else ()
    return next(iter(named), None)


def levels(rule: RepairRule) -> list[RepairRule]:
    """The same rule for wider and wider places: the part, its table, its source, the project."""
    found = [rule]
    if rule.part:
        found.append(RepairRule(rule.trouble, rule.repair, rule.value, rule.source, rule.table))
    if rule.table:
        found.append(RepairRule(rule.trouble, rule.repair, rule.value, rule.source))
    if rule.source:
        found.append(RepairRule(rule.trouble, rule.repair, rule.value))
    return found
