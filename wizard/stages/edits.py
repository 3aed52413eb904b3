"""Edits by hand of stage 6, applied to a conversion: pure, and kept apart so that converting again keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from wizard.convert import type_rules
from wizard.definitions import Database
from wizard.messages import JetferryError, Kind, Message, Place, StageError
from wizard.objects import Conversion, ServerColumn, ServerIndex, ServerTable, ServerType, TableRef
from wizard.project import Edit
from wizard.settings import Target, TypeRule
from wizard.tsql_words import SqlWord, words


class EditKind(StrEnum):
    """What `Edit.what` may be, and what its value is then."""

    TYPE = "type"
    """a column's type as in T-SQL: `nvarchar(80)`"""
    NULLABLE = "nullable"
    """`null` or `not null`"""
    INDEX = "index"
    """`leave out`, `unique` or `not unique`"""
    STATEMENT = "statement"
    """the whole CREATE statement of a view, function or procedure"""


NULLABLE: Final = ("null", "not null")
LEAVE_OUT: Final = "leave out"
INDEX: Final = (LEAVE_OUT, "unique", "not unique")
_HEADS: Final = tuple(
    (*verb, kind)
    for verb in (("CREATE",), ("CREATE", "OR", "ALTER"))
    for kind in ("VIEW", "FUNCTION", "PROC", "PROCEDURE")
)


Databases = Mapping[str, Database]
"""definitions by source key"""


def apply(conversion: Conversion, edits: Iterable[Edit], databases: Databases, target: Target) -> Conversion:
    """The conversion with every edit that still fits; one whose object is gone stays in the project and rests."""
    tables = {t.source: t for t in conversion.tables}
    modules = {m.source: m for m in conversion.modules}
    messages = list(conversion.messages)
    for edit in edits:
        ref = TableRef(edit.source, edit.name)
        try:
            if ref in tables and edit.what != EditKind.STATEMENT:
                tables[ref] = _table(tables[ref], edit, databases, target)
            elif ref in modules and edit.what == EditKind.STATEMENT:
                from wizard.convert import edited_statement

                _check_statement(edit)
                messages += edited_statement.check_statement(edit.value, modules[ref], conversion, _place(edit))
                modules[ref] = replace(modules[ref], sql=edit.value)
            else:
                messages.append(Message.of(8119, _place(edit), name=edit.name))
        except JetferryError as e:
            messages.append(e.message)
    return replace(
        conversion,
        tables=tuple(tables[t.source] for t in conversion.tables),
        modules=tuple(modules[m.source] for m in conversion.modules),
        messages=tuple(messages),
    )


def _table(table: ServerTable, edit: Edit, databases: Databases, target: Target) -> ServerTable:
    if edit.what not in list(EditKind):
        raise StageError(8116, _place(edit), value=edit.what, known=", ".join(EditKind))
    if edit.what == EditKind.INDEX:
        _known(edit, INDEX)
        return replace(table, indexes=tuple(k for i in table.indexes for k in _index(i, edit)))
    column = _column_of(table, edit)
    if edit.what == EditKind.NULLABLE:
        _known(edit, NULLABLE)
        changed = replace(column, nullable=edit.value == "null")
    else:
        changed = replace(column, type=_type(column, edit, databases, target))
    return replace(table, columns=tuple(changed if c is column else c for c in table.columns))


def _place(edit: Edit) -> Place:
    return Place(Kind.OBJECT, source=edit.source, name=edit.name, part=edit.part)


def _column_of(table: ServerTable, edit: Edit) -> ServerColumn:
    found = next((c for c in table.columns if c.source.casefold() == edit.part.casefold()), None)
    if found is None:
        raise StageError(8113, _place(edit), what="column", name=edit.part, where=edit.name)
    return found


def _type(column: ServerColumn, edit: Edit, databases: Databases, target: Target) -> ServerType:
    """The type an edit names, as a type rule for that one column. Raises ConversionError where it cannot be."""
    source = databases[edit.source].tables_by_name[edit.name.casefold()].by_name[column.source.casefold()]
    rule = TypeRule(type_rules.source_of(source), edit.value)
    type_rules.check_rule(rule)
    choice = type_rules.choose(source, (rule,), target)
    if choice is None:
        raise StageError(8113, _place(edit), what="column", name=edit.part, where=edit.name)
    return choice.type


def _index(index: ServerIndex, edit: Edit) -> tuple[ServerIndex, ...]:
    if (index.source or index.name).casefold() != edit.part.casefold():
        return (index,)
    if edit.value == LEAVE_OUT:
        return ()
    return (replace(index, unique=edit.value == "unique"),)


def check(conversion: Conversion, edit: Edit, databases: Databases, target: Target) -> None:
    """Raises StageError or ConversionError with the reason where an edit is impossible."""
    ref = TableRef(edit.source, edit.name)
    table = next((t for t in conversion.tables if t.source == ref), None)
    match edit.what:
        case EditKind.TYPE if table:
            _type(_column_of(table, edit), edit, databases, target)
        case EditKind.NULLABLE if table:
            _known(edit, NULLABLE)
            column, key = _column_of(table, edit), table.primary_key
            if edit.value == "null" and key and any(k.name == column.name for k in key.columns):
                raise StageError(8117, _place(edit), column=column.name)
        case EditKind.INDEX if table:
            _known(edit, INDEX)
        case EditKind.STATEMENT if any(m.source == ref for m in conversion.modules):
            _check_statement(edit)
        case _:
            raise StageError(8113, _place(edit), what="converted object", name=edit.name, where=edit.source)


def _known(edit: Edit, values: tuple[str, ...]) -> None:
    if edit.value not in values:
        raise StageError(8116, _place(edit), value=edit.value, known=", ".join(values))


def _check_statement(edit: Edit) -> None:
    found = words(edit.value)
    said = tuple(word.keyword for word in found[:4])
    if not any(said[: len(head)] == head for head in _HEADS):
        what = "it must begin with CREATE VIEW, CREATE FUNCTION or CREATE PROCEDURE"
        raise StageError(8118, _place(edit), what=what)
    if any(_parts(edit.value, found, number) for number in range(len(found))):
        raise StageError(8118, _place(edit), what="it must be one batch, without GO")


def _parts(sql: str, found: Sequence[SqlWord], number: int) -> bool:
    """Whether a word is a GO on a line of its own, with a count perhaps. In a text or a comment it parts nothing."""
    if found[number].keyword != "GO" or (number and _same_line(sql, found[number - 1], found[number])):
        return False
    rest = [w for w in found[number + 1 : number + 3] if _same_line(sql, found[number], w)]
    return not rest or (len(rest) == 1 and rest[0].shown.isdecimal())


def _same_line(sql: str, first: SqlWord, second: SqlWord) -> bool:
    return "\n" not in sql[first.end : second.start]


def same_place(one: Edit, other: Edit) -> bool:
    """Whether two edits change the same thing."""
    return (one.source, one.name.casefold(), one.what, one.part.casefold()) == (
        other.source, other.name.casefold(), other.what, other.part.casefold(),
    )  # fmt: skip
