"""Columns that a relationship ties get one type: SQL Server's foreign keys want the same length on both sides.

Its rule ("Primary and foreign key constraints"; errors 1753 and 1778): a foreign key's columns have the type of those
they refer to, with length, precision and scale. Access asks for the same kind of type only, so that a Short Text of
20 may refer to one of 50. All columns that enforced relationships tie together get the type that holds every value
of each; where one of them cannot be widened, those of different types get no foreign key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from wizard.convert.draft import ConversionTask, Drafts, TableDraft
from wizard.convert.keys import key_bytes
from wizard.convert.server_limits import KEY, ROW, row_bytes
from wizard.objects import MAX, KeyColumn, ServerColumn, ServerType

TiedColumn = tuple[str, str]
"""case-folded Access names of table and column"""
_MOST_DIGITS: Final = 38


@dataclass(frozen=True, slots=True)
class TypeMatch:
    """What became of the tied columns: the types that were widened, as they were, and why others were not."""

    before: dict[TiedColumn, ServerType] = field(default_factory=dict)
    reasons: dict[TiedColumn, str] = field(default_factory=dict)

    def untold(self, member: TiedColumn) -> ServerType | None:
        """The type a column had before it was widened, the first time it is asked for: there is one message each."""
        return self.before.pop(member, None)


def match_types(task: ConversionTask, drafts: Drafts, given: Drafts) -> TypeMatch:
    """Widen the tied columns of `drafts`; those of `given` are other sources' and stay as they are."""
    made = TypeMatch()
    every = {**given, **drafts}
    for tied in _tied(task, every):
        columns = [(m, every[m[0]], column) for m in tied if (column := every[m[0]].column(m[1]))]
        common = _common([c.type for *_, c in columns])
        if common is None:
            continue
        narrow = [(m, draft, column) for m, draft, column in columns if column.type != common]
        reason = next((r for m, draft, _ in narrow if (r := _forbidden(draft, m[1], common))), "")
        for member, draft, column in narrow:
            if reason:
                made.reasons[member] = reason
            else:
                made.before[member] = column.type
                draft.change(member[1], replace(column, type=common))
    return made


def _tied(task: ConversionTask, drafts: Drafts) -> Iterator[Sequence[TiedColumn]]:
    """The columns that enforced relationships tie together, over several relationships too."""
    groups: dict[TiedColumn, list[TiedColumn]] = {}
    for relationship in task.database.relationships:
        tables = (relationship.table.casefold(), relationship.referenced_table.casefold())
        if not relationship.enforced or not all(t in drafts for t in tables):
            continue
        for pair in zip(relationship.columns, relationship.referenced_columns, strict=False):
            joined: list[TiedColumn] = []
            for member in zip(tables, (c.casefold() for c in pair), strict=True):
                found = groups.get(member, [member])
                joined += [m for m in found if m not in joined]
            groups |= dict.fromkeys(joined, joined)
    yield from {id(g): g for g in groups.values()}.values()


def _common(types: Sequence[ServerType]) -> ServerType | None:
    """The one type that holds every value of all; None where they are of different kinds, or cannot be keys."""
    names = {t.name for t in types}
    if len(set(types)) < 2 or any(t.length == MAX for t in types):
        return None
    if names <= {"datetime", "datetime2"} and len(names) == 2:
        return ServerType("datetime2", scale=max(3, *(t.scale or 0 for t in types)))
    if len(names) > 1:
        return None
    name = names.pop()
    if all(t.length is not None for t in types):
        return ServerType(name, max(t.length or 0 for t in types))
    if all(t.precision is not None for t in types):
        scale = max(t.scale or 0 for t in types)
        precision = max((t.precision or 0) - (t.scale or 0) for t in types) + scale
        return ServerType(name, precision=precision, scale=scale) if precision <= _MOST_DIGITS else None
    return ServerType(name, scale=max(t.scale or 0 for t in types))


def _forbidden(draft: TableDraft, column: str, wanted: ServerType) -> str:
    """Why a column cannot become as wide; empty where it can."""
    present = draft.column(column)
    if present is None or draft.given:
        return f"[{draft.name.name}] was converted with another source"
    if present.identity and wanted.scale:
        return f"'{present.name}' is an AutoNumber"
    wide = replace(present, type=wanted)
    if row_bytes(wide if c is present else c for c in draft.columns.values()) > ROW:
        return f"a row of [{draft.name.name}] would then take more than the {ROW} bytes that a page holds"
    for index in draft.table.indexes:
        names = [c.name.casefold() for c in index.columns]
        if index.for_relationship or column not in names:
            continue
        keys = tuple(KeyColumn(c.name) for n in names if (c := draft.column(n)))
        before = key_bytes(draft, keys)
        after = before - _size(draft, present) + _size(draft, wide)
        if before <= KEY < after:
            return f"its index '{index.name}' could then have {after} bytes, more than the {KEY} that a key takes"
    return ""


def _size(draft: TableDraft, column: ServerColumn) -> int:
    return key_bytes(replace(draft, columns={"": column}, added=[]), (KeyColumn(column.name),))
