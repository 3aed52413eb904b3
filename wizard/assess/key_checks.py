"""Rows that refer to nothing by a relationship that Access does not enforce."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from wizard.access.reader import row_at
from wizard.assess import key_hashes
from wizard.assess.assessed_file import AssessedFile, AssessProgress
from wizard.assess.finding_texts import SAMPLES, sample
from wizard.assess.key_hashes import ReadAgain
from wizard.assess.value_checks import place_of
from wizard.definitions import Table
from wizard.existing_rows import sources
from wizard.messages import Message
from wizard.objects import ServerTable


@dataclass(frozen=True)
class TableWork:
    """A table to be examined, and what stands around it."""

    file: AssessedFile
    source: str
    table: Table
    target: ServerTable
    pairs: tuple[tuple[Table, ServerTable], ...]
    """all tables of the source with what they become"""
    watch: AssessProgress


def examine_keys(work: TableWork) -> list[Message]:
    """Messages about foreign keys whose other side is not at hand, and about relationships that Access does not
    enforce. What is unique, and orphans under foreign keys, are looked at by `wizard.assess.existing_row_checks`."""
    rows = work.file.row_count(work.table.name)
    if not rows:
        return []
    found = list(_not_at_hand(work))
    references = list(_references(work))
    for reference in references:
        found += _orphans(work, reference, rows)
    passes = key_hashes.passes(rows)
    if passes > 1 and references:
        place = place_of(work.source, work.table.name)
        found.append(Message.of(4040, place, table=work.table.name, passes=passes, rows=rows))
    return found


def _reading(work: TableWork, table: Table, columns: Sequence[str]) -> ReadAgain:
    return lambda: work.watch.batches(work.file.read(table.name, columns=list(columns)), table.name)


@dataclass(frozen=True)
class _Reference:
    """Rows of the table at work refer by `columns` to rows of `parent`."""

    name: str
    columns: Sequence[str]
    parent: Table
    parent_columns: Sequence[str]


def _not_at_hand(work: TableWork) -> Iterator[Message]:
    """About foreign keys to be, whose other side cannot be read here."""
    for key in work.target.foreign_keys:
        parent = next((s for _, s in work.pairs if s.name == key.referenced), None)
        if not (sources(work.target, key.columns) and parent and sources(parent, key.referenced_columns)):
            place = place_of(work.source, work.table.name, key.name)
            yield Message.of(4022, place, columns=", ".join(key.columns), referenced=key.referenced)


def _references(work: TableWork) -> Iterator[_Reference]:
    """Relationships that Access does not enforce."""
    tables = work.file.definition.tables_by_name
    for relationship in work.file.definition.relationships:
        parent = tables.get(relationship.referenced_table.casefold())
        if relationship.table.casefold() == work.table.name.casefold() and not relationship.enforced and parent:
            yield _Reference(relationship.name, relationship.columns, parent, relationship.referenced_columns)


def _orphans(work: TableWork, found: _Reference, rows: int) -> list[Message]:
    columns, parent = found.columns, found.parent
    place = place_of(work.source, work.table.name, found.name)
    there = work.file.row_count(parent.name)
    sides = (work.table, columns), (parent, found.parent_columns)
    kinds = [key_hashes.kinds_of(work.file.read(t.name, columns=list(c), batch_rows=1)) for t, c in sides]
    if kinds[0] != kinds[1] and all(kinds):
        shown = f"{', '.join(kinds[0])} / {', '.join(kinds[1])}"
        return [Message.of(4021, place, columns=", ".join(columns), referenced=parent.name, kinds=shown)]
    count, samples = _count_orphans(work, found, max(rows, there))
    if not count:
        return []
    named = dict.fromkeys(_shown(_row(work, work.table, at, columns)) for at in samples)
    shown = "; ".join(named) + (" …" if count > len(named) else "")
    told = {"columns": ", ".join(columns), "referenced": parent.name, "key": found.name, "samples": shown}
    return [Message.of(4023, place, count=count, rows=rows, **told)]


def _count_orphans(work: TableWork, found: _Reference, rows: int) -> tuple[int, list[int]]:
    """Orphans and the positions of the first of them."""
    count = 0
    samples: list[int] = []
    own, parents = _reading(work, work.table, found.columns), _reading(work, found.parent, found.parent_columns)
    for places in key_hashes.orphans(own, parents, rows):
        count += len(places)
        samples = sorted([*samples, *places[:SAMPLES].tolist()])[:SAMPLES]
    return count, samples


def _row(work: TableWork, table: Table, at: int, columns: Sequence[str]) -> pa.RecordBatch | None:
    """The row at a position, read again; None where it can no longer be."""
    return row_at(work.file.read, table.name, at, columns)


def _shown(row: pa.RecordBatch | None) -> str:
    return "a row that cannot be read again" if row is None else sample(row, 0, row.schema.names)
