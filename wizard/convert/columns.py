"""Columns: type, nullability, AutoNumber, and the columns that Jetferry adds (a key, a rowversion)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from wizard.convert import server_limits
from wizard.convert.draft import ConversionTask, TableDraft, leveled
from wizard.convert.names import needs_quoting, renamed
from wizard.convert.replication import replication_columns
from wizard.convert.type_rules import choose, rules_for
from wizard.definitions import AutoNumber, Column, ColumnProfile, ColumnType, ComplexKind
from wizard.linked_dates import conflicting
from wizard.messages import Message
from wizard.objects import KeyColumn, ServerColumn, ServerIndex, ServerType
from wizard.settings import Decide

ADDED_KEY: Final = "RowID"
ROWVERSION: Final = "RowVersion"
_CONFLICTING: Final = (ColumnType.SINGLE, ColumnType.DOUBLE, ColumnType.MEMO, ColumnType.LONGBINARY)
"""linked forms compare these with what the server has now, and find them changed where nobody changed them"""
RANDOM: Final = "CHECKSUM(NEWID())"
"""a random int for each new row"""
_AUTOMATIC: Final = {AutoNumber.RANDOM: RANDOM, AutoNumber.REPLICATION: "NEWID()"}
_IDENTITY: Final = frozenset({"tinyint", "smallint", "int", "bigint", "decimal"})
_VALUES_OF: Final = {
    ComplexKind.ATTACHMENT: "attachments",
    ComplexKind.MULTI_VALUE: "the values of a multi-valued field",
    ComplexKind.VERSION_HISTORY: "its former texts",
}
"""bytes that a long value leaves in the row when it is moved off it"""


def convert_columns(task: ConversionTask, draft: TableDraft) -> None:
    """Fill the draft's columns; each is an item of its own."""
    rules = rules_for(task.type_map, task.source, draft.table.name)
    facts = column_facts(task, draft)
    primary = draft.table.primary_key
    key = {c.name.casefold() for c in primary.columns} if primary else set()
    left = replication_columns(draft.table, task.database, task.options)
    draft.messages += _table_messages(draft, left)
    for column in draft.table.columns:
        if column.name.casefold() in left:
            continue
        place = draft.place(column.name)
        chosen = choose(column, rules, task.target, facts.get(column.name.casefold()), place)
        if chosen is None:
            draft.note("columns", column.name, "", (Message.of(2030, place),))
            continue
        if len(draft.columns) >= server_limits.COLUMNS - server_limits.ADDED:
            draft.note("columns", column.name, "", (Message.of(2038, place, most=server_limits.COLUMNS),))
            continue
        name = draft.column_names.take(column.name, temporary=False)
        in_key = column.name.casefold() in key
        description = column.description if task.options.descriptions else ""
        plain = ServerColumn(name, chosen.type, description=description, source=column.name)
        made, messages = _column(draft, column, plain, in_key=in_key)
        if not made.nullable and (old := _old_nulls(task, column, facts)):
            made = replace(made, nullable=True, identity=False)
            draft.without_value.add(column.name.casefold())
            told = Message.of(2091 if in_key else 2090, place, count=old.nulls, rows=old.rows)
            messages = (*messages, told)
        elif in_key and primary and not (primary.required or column.required or column.auto):
            messages += leveled(task.options.nullable_key, Message.of(2033, place))
        if column.hyperlink:
            messages += (Message.of(2036, place),)
        if task.options.warn_renamed:
            messages += renamed(column.name, name, place)
        draft.change(column.name, made)
        draft.note("columns", column.name, name, (*chosen.messages, *messages))
    server_limits.fit_row(draft)
    quoted = [c.name for c in draft.columns.values() if needs_quoting(c.name)]
    if quoted and task.options.warn_renamed:
        draft.messages.append(Message.of(2021, draft.place(), names=", ".join(quoted)))


def _table_messages(draft: TableDraft, left: frozenset[str]) -> list[Message]:
    """That replication's columns are left out, and what a table is for that nobody sees in Access."""
    told = []
    if left:
        names = ", ".join(c.name for c in draft.table.columns if c.name.casefold() in left)
        told.append(Message.of(2035, draft.place(), names=names))
    if of := draft.table.child_of:
        told.append(Message.of(2037, draft.place(), table=of.table, column=of.column, kind=_VALUES_OF[of.kind]))
    return told


def _old_nulls(task: ConversionTask, column: Column, facts: Mapping[str, ColumnProfile]) -> ColumnProfile | None:
    """What is known of a column whose old rows have no value, although new ones must have one."""
    known = facts.get(column.name.casefold())
    filled = column.default and not task.options.keep_nulls  # the server puts the default there
    return known if known is not None and known.nulls and not filled else None


def column_facts(task: ConversionTask, draft: TableDraft) -> dict[str, ColumnProfile]:
    """What is known of the table's data, by case-folded column name."""
    wanted = draft.table.name.casefold()
    table = next((f for name, f in task.facts.items() if name.casefold() == wanted), None)
    return {name.casefold(): f for name, f in table.columns.items()} if table else {}


def _column(
    draft: TableDraft, column: Column, plain: ServerColumn, *, in_key: bool
) -> tuple[ServerColumn, tuple[Message, ...]]:
    messages: tuple[Message, ...] = ()
    auto = AutoNumber.NONE if column.complex_kind or column.type is ColumnType.COMPLEX else column.auto
    identity = auto is AutoNumber.INCREMENT and plain.type.name in _IDENTITY
    if identity and any(c.identity for c in draft.columns.values()):
        identity = False
        messages = (Message.of(2031, draft.place(column.name)),)
    if auto is AutoNumber.RANDOM:
        messages = (Message.of(2032, draft.place(column.name)),)
    boolean = column.type is ColumnType.BOOLEAN
    made = replace(
        plain,
        nullable=not (in_key or column.required or boolean or auto),
        identity=identity,
        default=_AUTOMATIC.get(auto, "0" if boolean else ""),
    )
    return made, messages


def add_columns(task: ConversionTask, draft: TableDraft) -> None:
    """The key and the rowversion column that the options ask for. Runs when keys and indexes are known."""
    unkeyed = draft.lost_key or not any(i.unique for i in draft.indexes)
    if task.options.add_primary_key and draft.primary_key is None and unkeyed:
        _add_key(task, draft)
    if _wants_rowversion(task, draft):
        name = draft.column_names.take(ROWVERSION, temporary=False)
        draft.added.append(ServerColumn(name, ServerType("rowversion"), nullable=False))
        draft.messages.append(Message.of(2041, draft.place(), column=name))


def _add_key(task: ConversionTask, draft: TableDraft) -> None:
    """An identity column; a table that has one already gets a sequential GUID, as one table has one identity."""
    name = draft.column_names.take(ADDED_KEY, temporary=False)
    if any(c.identity for c in draft.columns.values()):
        kind = ServerType("uniqueidentifier")
        draft.added.append(ServerColumn(name, kind, nullable=False, default="NEWSEQUENTIALID()"))
    else:
        draft.added.append(ServerColumn(name, ServerType("int"), nullable=False, identity=True))
    key = task.constraint(f"PK_{draft.name.name}")
    draft.primary_key = ServerIndex(key, (KeyColumn(name),), primary=True, unique=True, clustered=True)
    draft.messages.append(Message.of(2040, draft.place(), column=name))


def _wants_rowversion(task: ConversionTask, draft: TableDraft) -> bool:
    if task.options.add_rowversion is not Decide.AUTO:
        return task.options.add_rowversion is Decide.ALWAYS
    if task.target.linked and _fractions(task, draft):
        return True
    nullable_bit = any(c.type.name == "bit" and c.nullable for c in draft.columns.values())
    return nullable_bit or any(c.type in _CONFLICTING for c in draft.table.columns)


def _fractions(task: ConversionTask, draft: TableDraft) -> bool:
    """Whether a column has fractions of a second, by its type or its values."""
    facts = column_facts(task, draft)
    known = ((c.type, facts.get(c.source.casefold())) for c in draft.columns.values())
    return any(conflicting(kind, fact is not None and fact.fraction_of_second) for kind, fact in known)
