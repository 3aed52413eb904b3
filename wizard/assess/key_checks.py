"""Duplicates under unique indexes, NULL in primary keys, and rows that refer to nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from wizard.access.reader import Batch, row_at
from wizard.assess import key_hashes
from wizard.assess.assessed_file import AssessedFile, AssessProgress
from wizard.assess.key_hashes import HashedKeys
from wizard.assess.shown import SAMPLES, sample
from wizard.assess.value_checks import place_of
from wizard.definitions import Table
from wizard.existing_rows import sources
from wizard.messages import Message, Topic, topic_of
from wizard.objects import ServerIndex, ServerTable


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


def examine_keys(work: TableWork, *, answered: bool = False) -> list[Message]:
    """Messages about primary key, unique indexes, foreign keys and relationships of one table.

    `answered`: only about what is left where duplicates and orphans under foreign keys are reported elsewhere.
    """
    rows = work.file.row_count(work.table.name)
    if not rows:
        return []
    found: list[Message] = []
    indexes = [] if answered else [work.target.primary_key, *(i for i in work.target.indexes if i.unique)]
    for index in indexes:
        columns = sources(work.target, [c.name for c in index.columns]) if index else None
        if index and columns:
            found += _duplicates(work, index, columns, rows)
    references = list(_references(work))
    for reference in references:
        if not (answered and isinstance(reference, _Reference) and topic_of(reference.number) is Topic.KEY_ORPHANS):
            found += _orphans(work, reference, rows)
    passes = -(-rows // key_hashes.MOST)
    if passes > 1 and (any(indexes) or references):
        place = place_of(work.source, work.table.name)
        found.append(Message.of(4040, place, table=work.table.name, passes=passes, rows=rows))
    return found


def _passes(work: TableWork, table: Table, columns: Sequence[str], rows: int) -> Iterator[Iterator[Batch]]:
    for _ in range(max(1, -(-rows // key_hashes.MOST))):
        batches = work.file.read(table.name, columns=list(columns))
        yield work.watch.batches(batches, table.name)


def _duplicates(work: TableWork, index: ServerIndex, columns: Sequence[str], rows: int) -> list[Message]:
    passes = max(1, -(-rows // key_hashes.MOST))
    groups = shared = nulls = 0
    samples: list[tuple[int, int]] = []
    null_place = -1
    for number, batches in enumerate(_passes(work, work.table, columns, rows)):
        keys = HashedKeys()
        for batch in batches:
            keys.add(*key_hashes.keyed(batch, number, passes, index.primary or bool(index.where)))
            if index.primary and number == 0:
                missing = ~key_hashes.complete(batch.rows.columns)
                if missing.any() and null_place < 0:
                    null_place = int(batch.positions[missing][0])
                nulls += int(missing.sum())
        more_groups, more_rows, more = key_hashes.repeated(*keys.sorted())
        groups, shared = groups + more_groups, shared + more_rows
        samples += more
    return [
        *_null_message(work, index, columns, nulls=nulls, at=null_place, rows=rows),
        *_duplicate_message(work, index, columns, groups=groups, shared=shared, samples=sorted(samples)[:SAMPLES]),
    ]


def _null_message(
    work: TableWork, index: ServerIndex, columns: Sequence[str], *, nulls: int, at: int, rows: int
) -> list[Message]:
    if not nulls:
        return []
    names = [c.name for c in work.table.columns if c.name not in columns][:2]
    samples = _shown(_row(work, work.table, at, [*columns, *names]))
    place = place_of(work.source, work.table.name, index.name)
    told = {"columns": ", ".join(columns), "index": index.name, "samples": samples}
    return [Message.of(4012, place, count=nulls, rows=rows, **told)]


def _duplicate_message(
    work: TableWork,
    index: ServerIndex,
    columns: Sequence[str],
    *,
    groups: int,
    shared: int,
    samples: Sequence[tuple[int, int]],
) -> list[Message]:
    if not groups:
        return []
    pairs = [tuple(_row(work, work.table, at, columns) for at in pair) for pair in samples]
    same = any(one == other for one, other in pairs)
    shown = "; ".join(_shown(one) if one == other else f"{_shown(one)} / {_shown(other)}" for one, other in pairs)
    place = place_of(work.source, work.table.name, index.name)
    told = {"columns": ", ".join(columns), "index": index.name, "samples": shown}
    return [Message.of(4010 if same else 4011, place, rows=shared, groups=groups, **told)]


@dataclass(frozen=True)
class _Reference:
    """Rows of the table at work refer by `columns` to rows of `parent`; `number` is the message where none is there."""

    number: int
    name: str
    columns: Sequence[str]
    parent: Table
    parent_columns: Sequence[str]


def _references(work: TableWork) -> Iterator[_Reference | Message]:
    """Foreign keys to be, and relationships that Access does not enforce."""
    for key in work.target.foreign_keys:
        columns = sources(work.target, key.columns)
        parent = next(((t, s) for t, s in work.pairs if s.name == key.referenced), None)
        parent_columns = sources(parent[1], key.referenced_columns) if parent else None
        if columns and parent and parent_columns:
            yield _Reference(4020, key.name, columns, parent[0], parent_columns)
        else:
            place = place_of(work.source, work.table.name, key.name)
            yield Message.of(4022, place, columns=", ".join(key.columns), referenced=key.referenced)
    tables = work.file.definition.tables_by_name
    for relationship in work.file.definition.relationships:
        parent_table = tables.get(relationship.referenced_table.casefold())
        if relationship.table.casefold() == work.table.name.casefold() and not relationship.enforced and parent_table:
            own, other = relationship.columns, relationship.referenced_columns
            yield _Reference(4023, relationship.name, own, parent_table, other)


def _orphans(work: TableWork, found: _Reference | Message, rows: int) -> list[Message]:
    if isinstance(found, Message):
        return [found]
    columns, parent = found.columns, found.parent
    place = place_of(work.source, work.table.name, found.name)
    there = work.file.row_count(parent.name)
    kinds = _kinds(work, work.table, columns), _kinds(work, parent, found.parent_columns)
    if kinds[0] != kinds[1] and all(kinds):
        shown = f"{', '.join(kinds[0])} / {', '.join(kinds[1])}"
        return [Message.of(4021, place, columns=", ".join(columns), referenced=parent.name, kinds=shown)]
    count, samples = _count_orphans(work, columns, parent, found.parent_columns, max(rows, there))
    if not count:
        return []
    named = dict.fromkeys(_shown(_row(work, work.table, at, columns)) for at in samples)
    shown = "; ".join(named) + (" …" if count > len(named) else "")
    told = {"columns": ", ".join(columns), "referenced": parent.name, "key": found.name, "samples": shown}
    return [Message.of(found.number, place, count=count, rows=rows, **told)]


def _count_orphans(
    work: TableWork, columns: Sequence[str], parent: Table, parent_columns: Sequence[str], rows: int
) -> tuple[int, list[int]]:
    """Orphans and the positions of the first of them."""
    passes = max(1, -(-rows // key_hashes.MOST))
    count = 0
    samples: list[int] = []
    parents = _passes(work, parent, parent_columns, rows)
    for number, children in enumerate(_passes(work, work.table, columns, rows)):
        keys = HashedKeys()
        for batch in next(parents):
            keys.add(*key_hashes.keyed(batch, number, passes, True))
        among, _ = keys.sorted()
        for batch in children:
            own, places = key_hashes.keyed(batch, number, passes, True)
            lost = key_hashes.absent(own, among)
            count += int(lost.sum())
            if lost.any() and len(samples) < SAMPLES * (number + 1):
                samples += [int(p) for p in places[lost][:SAMPLES]]
    return count, sorted(samples)[:SAMPLES]


def _kinds(work: TableWork, table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    first = next(iter(work.file.read(table.name, columns=list(columns), batch_rows=1)), None)
    return tuple(key_hashes.kind_of(f.type) for f in first.rows.schema) if first else ()


def _row(work: TableWork, table: Table, at: int, columns: Sequence[str]) -> pa.RecordBatch | None:
    """The row at a position, read again; None where it can no longer be."""
    return row_at(work.file.read, table.name, at, columns)


def _shown(row: pa.RecordBatch | None) -> str:
    return "a row that cannot be read again" if row is None else sample(row, 0, row.schema.names)
