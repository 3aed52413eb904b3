"""What the data will do to the converted tables: trouble found before the server finds it.

Each table is read once for all questions about its rows, and once more for each four million keys that have to be
compared; only the columns that matter are read. Samples name rows by their primary key, else by what they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wizard.assess.assessed_file import AssessedFile, AssessProgress, RowProgress, never, silent
from wizard.assess.finding_texts import SAMPLES, sample
from wizard.assess.key_checks import TableWork, examine_keys
from wizard.assess.value_checks import ValueCheck, column_checks, place_of, untold_rule
from wizard.definitions import ColumnProfile, TableProfile
from wizard.messages import Message, SourceError
from wizard.objects import Conversion


@dataclass
class _RowTally:
    check: ValueCheck
    count: int = 0
    samples: list[str] = field(default_factory=list)


def check_data(
    file: AssessedFile,
    conversion: Conversion,
    *,
    source: str,
    facts: Mapping[str, TableProfile],
    keep_nulls: bool = True,
    check: Callable[[], None] = never,
    progress: RowProgress = silent,
) -> tuple[Message, ...]:
    """Numbered messages 4000 to 4499 about the data of `source`, in the order of the tables.

    Rules, duplicates and orphans under foreign keys are looked at by `wizard.assess.existing_row_checks`.
    `facts` are those of `look`, `keep_nulls` is the option of that name: without it a default stands for NULL.
    Raises StoppedError. A table that cannot be read to its end is named (4050), and the rest goes on.
    """
    database = file.definition
    known = {name.casefold(): f for name, f in facts.items()}
    pairs = []
    for target in conversion.tables:
        if target.source is not None and target.source.source == source:
            table = database.tables_by_name.get(target.source.table.casefold())
            if table is not None:
                pairs.append((table, target))
    total = sum(known[t.name.casefold()].rows for t, _ in pairs if t.name.casefold() in known)
    watch = AssessProgress(total, check, progress)
    found: list[Message] = []
    for table, target in pairs:
        try:
            work = TableWork(file, source, table, target, tuple(pairs), watch)
            found += _rows(work, known.get(table.name.casefold()), keep_nulls=keep_nulls)
            found += examine_keys(work)
        except SourceError as e:
            found.append(Message.of(4050, place_of(source, table.name), table=table.name, reason=str(e)))
    return tuple(found)


def _rows(work: TableWork, facts: TableProfile | None, *, keep_nulls: bool) -> list[Message]:
    if facts is None or not facts.rows:
        return []
    table = work.table
    wanted = _checks(work, facts, keep_nulls=keep_nulls)
    told = [c for c in wanted if isinstance(c, Message)]
    tallies = [_RowTally(c) for c in wanted if isinstance(c, ValueCheck)]
    if not tallies:
        return told
    key = [c.name for c in table.primary_key.columns] if table.primary_key else []
    columns = list(dict.fromkeys([*key, *(c for t in tallies for c in t.check.columns)]))
    for batch in work.watch.batches(work.file.read(table.name, columns=columns), table.name):
        by_name = {n.casefold(): batch.rows.column(i) for i, n in enumerate(batch.rows.schema.names)}
        for tally in tallies:
            _count(tally, batch.rows, by_name, key or list(tally.check.columns))
    return told + [m for t in tallies if (m := _message(t, facts.rows))]


def _checks(work: TableWork, facts: TableProfile, *, keep_nulls: bool) -> list[ValueCheck | Message]:
    source, table, target = work.source, work.table, work.target
    by_name = {name.casefold(): f for name, f in facts.columns.items()}
    found: list[ValueCheck | Message] = []
    for made in target.columns:
        column = table.by_name.get(made.source.casefold()) if made.source else None
        if column is None:
            continue
        place = place_of(source, table.name, column.name)
        seen = by_name.get(column.name.casefold(), ColumnProfile())
        found += column_checks(place, column, made, seen, keep_nulls=keep_nulls)
        if column.validation_rule:
            found += untold_rule(place, column.validation_rule, table.by_name, column.name)
    if table.validation_rule:
        found += untold_rule(place_of(source, table.name), table.validation_rule, table.by_name)
    return found


def _count(tally: _RowTally, rows: pa.RecordBatch, by_name: Mapping[str, pa.Array[Any]], shown: Sequence[str]) -> None:
    bad = pc.fill_null(tally.check.bad(by_name), False)
    count = pc.sum(bad).as_py() or 0
    tally.count += count
    if count and len(tally.samples) < SAMPLES:
        places = np.flatnonzero(bad.to_numpy(zero_copy_only=False))[: SAMPLES - len(tally.samples)]
        tally.samples += [sample(rows, int(i), shown) for i in places]


def _message(tally: _RowTally, rows: int) -> Message | None:
    check = tally.check
    if not tally.count:
        return None
    samples = "; ".join(tally.samples) + (" …" if tally.count > len(tally.samples) else "")
    return Message.of(check.number, check.place, count=tally.count, rows=rows, samples=samples, **check.told)
