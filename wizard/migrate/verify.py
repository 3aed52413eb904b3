"""Are source and target the same? Figures first; where they differ, the rows, found by dividing and dividing again.

`verify` reads the source once and asks the target for its figures. Only where a table differs are rows compared:
both sides are read in any order and each row falls into one of many buckets by a hash of its key; buckets whose
sums agree are equal; of those that differ, as many as fit in memory are read once more, row by row, and the keys
that differ are named. Two passes suffice however large the table, and memory does not grow with it.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wizard.events import Listener, TableVerified
from wizard.messages import JetferryError, Kind, Message, Place, Severity
from wizard.migrate.again import rows_moved
from wizard.migrate.columns import coerce
from wizard.migrate.contents import Content, Summing, moved_columns
from wizard.migrate.jobs import Job
from wizard.migrate.rejects import RejectLog
from wizard.migrate.run import REJECTS
from wizard.migrate.shown import shown
from wizard.objects import ServerColumn, ServerTable, ServerType
from wizard.settings import BadDates, Options
from wizard.target.figures import Figures, Tally, written
from wizard.target.sink import Sink

LISTED = 20
"""rows named for a table that differs"""
BUCKETS = 4_096
MOST_ROWS = 50_000
"""rows of differing buckets held in memory at once"""


class Checked(Protocol):
    """A target that can be verified: `wizard.target.check.ServerCheck`, `wizard.target.package.PackageCheck`."""

    def figures(self, table: ServerTable, columns: Sequence[ServerColumn]) -> tuple[int, Figures, list[str]]:
        """Rows, figures by column, and names of columns whose rows had to be read back for them."""

    def rows(self, table: ServerTable, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
        """All rows, in any order, typed as `sink.batch_schema` says."""


@dataclass(frozen=True, slots=True)
class TableProof:
    """What verification found out about a table."""

    table: str
    source: str
    equal: bool
    source_rows: int
    target_rows: int
    rejected: int
    source_figures: Figures = field(default_factory=dict)
    target_figures: Figures = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    seconds: float = 0.0
    types: Mapping[str, ServerType] = field(default_factory=dict)
    """of the columns the figures are of"""
    content: Content | None = None
    """the fingerprint of the source's rows, rejected ones included; None where they could not be read"""


def _nothing(_: object) -> None:
    return None


def verify(
    jobs: Sequence[Job],
    target: Checked,
    sink: Sink,
    folder: Path,
    options: Options,
    *,
    listener: Listener = _nothing,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[TableProof]:
    """Compare every job's table. What cannot be verified is told in the table's proof; raises nothing for it."""
    proofs = []
    for job in jobs:
        if cancelled():
            break
        try:
            proof = _Comparison(job, target, sink, folder, options).proof()
        except JetferryError as e:
            message = Message.of(6210, _place(job), table=job.name, reason=e.message.text)
            proof = TableProof(job.name, _source(job), False, 0, 0, 0, messages=(message, e.message))
        proofs.append(proof)
        worst = [m.text for m in proof.messages if m.severity is not Severity.INFORMATION]
        listener(TableVerified(time.time(), job.name, proof.equal, " ".join(worst[:3])))
    return proofs


class _Comparison:
    def __init__(self, job: Job, target: Checked, sink: Sink, folder: Path, options: Options) -> None:
        self.job, self.target, self.sink = job, target, sink
        self.bad_dates: BadDates = options.bad_dates
        self.batch_rows = max(1, min(options.batch_size, 20_000))
        log = RejectLog(folder / REJECTS, job.table.name)
        self.left_out = np.array(sorted(r.position for r in log.read()), dtype=np.int64)

    def proof(self) -> TableProof:
        job, clock = self.job, time.monotonic()
        tally, summing = Tally(job.columns), Summing()
        for batch in self.source(summing):
            tally.add(batch)
        rows, figures, read_back = self.target.figures(job.table, job.columns)
        _, rejected = rows_moved(self.sink, job.table.name)
        messages = self._differences(tally, rows, figures, rejected)
        equal = not messages
        if read_back:
            what = f"figures of {', '.join(read_back)}"
            messages.append(Message.of(6209, _place(job), table=job.name, what=what))
        if equal:
            messages.append(Message.of(6201, _place(job), table=job.name, rows=rows))
        else:
            messages += _located(self, self.target)
        seconds = round(time.monotonic() - clock, 3)
        return TableProof(
            job.name, _source(job), equal, tally.rows, rows, rejected, tally.figures, figures, tuple(messages), seconds,
            {c.name: c.type for c in job.columns}, summing.content,
        )  # fmt: skip

    def _differences(self, here: Tally, rows: int, there: Figures, rejected: int) -> list[Message]:
        job, messages = self.job, []
        if rows != here.rows:
            facts = {"expected": here.rows, "source": here.rows + len(self.left_out), "rejected": rejected}
            messages.append(Message.of(6202, _place(job), table=job.name, target=rows, **facts))
        for column in job.columns:
            for figure, value in here.figures[column.name].items():
                other = there.get(column.name, {}).get(figure, 0)
                if other != value:
                    names = {"table": job.name, "column": column.name, "figure": figure}
                    sides = {n: written(column.type, figure, v) for n, v in (("target", other), ("source", value))}
                    messages.append(Message.of(6203, _place(job, column.name), **sides, **names))
        return messages

    def source(self, summing: Summing | None = None) -> Iterator[pa.RecordBatch]:
        """The source's rows as they were to be sent, those left out that were rejected. `summing` is given all."""
        job = self.job
        for batch in job.source.reader.read(job.ref.table, columns=moved_columns(job), batch_rows=self.batch_rows):
            if summing is not None:
                summing.add(batch.rows)
            coerced = coerce(batch.rows, job.columns, self.bad_dates)
            positions = batch.positions[coerced.kept]
            out = np.isin(positions, self.left_out)
            yield coerced.rows.filter(pa.array(~out)) if out.any() else coerced.rows


Row = tuple[Any, ...]


@dataclass(slots=True)
class _Buckets:
    """Per bucket the number of rows and the sum of their hashes (modulo 2^64)."""

    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(BUCKETS, np.int64))
    sums: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(BUCKETS, np.uint64))

    def add(self, key: Row, row: Row) -> None:
        bucket = bucket_of(key)
        self.counts[bucket] += 1
        self.sums[bucket] += np.uint64(_hash(row))


def _hash(values: Row) -> int:
    return int.from_bytes(hashlib.blake2b(repr(values).encode(), digest_size=8).digest(), "big")


def bucket_of(key: Row) -> int:
    """Where rows of that key are compared."""
    return _hash(key) % BUCKETS


def _rows(batches: Iterator[pa.RecordBatch], key: Sequence[int]) -> Iterator[tuple[Row, Row]]:
    """Keys and rows; where a table has no key the whole row is its key. NaN never arrives, so rows compare."""
    for batch in batches:
        for row in zip(*(c.to_pylist() for c in batch.columns), strict=True):
            yield (tuple(row[i] for i in key) if key else row), row


def _located(of: _Comparison, target: Checked) -> list[Message]:
    """The first keys that differ, named."""
    job = of.job
    names = [c.name for c in job.columns]
    key = [names.index(c.name) for c in job.key]

    def sides() -> tuple[Iterator[pa.RecordBatch], Iterator[pa.RecordBatch]]:
        return of.source(), target.rows(job.table, job.columns)

    here, there = _Buckets(), _Buckets()
    for buckets, batches in zip((here, there), sides(), strict=True):
        with np.errstate(over="ignore"):
            for k, row in _rows(batches, key):
                buckets.add(k, row)
    wrong = np.flatnonzero((here.counts != there.counts) | (here.sums != there.sums))
    sizes = np.cumsum(np.maximum(here.counts, there.counts)[wrong])
    chosen = set(wrong[: max(1, int(np.searchsorted(sizes, MOST_ROWS)))].tolist())
    kept: list[dict[Row, Counter[Row]]] = [defaultdict(Counter), defaultdict(Counter)]
    for found, batches in zip(kept, sides(), strict=True):
        for k, row in _rows(batches, key):
            if bucket_of(k) in chosen:
                found[k][row] += 1
    messages = [
        m for k in sorted(kept[0].keys() | kept[1].keys(), key=_order) for m in _differs(job, names, key, k, kept)
    ]
    if len(messages) > LISTED or len(chosen) < len(wrong):
        messages = [*messages[:LISTED], Message.of(6208, _place(job), table=job.name, listed=LISTED)]
    return messages


def _order(key: Row) -> tuple[tuple[str, Any], ...]:
    """Sorts keys of mixed types and NULLs."""
    return tuple((type(v).__name__, v) for v in key)


def _differs(
    job: Job, names: Sequence[str], key: Sequence[int], k: Row, kept: Sequence[dict[Row, Counter[Row]]]
) -> Iterator[Message]:
    source, target = (side.get(k, Counter()) for side in kept)
    if source == target:
        return
    shown_names = [names[i] for i in key] if key else names
    text = ", ".join(f"{n}={shown(v)}" for n, v in zip(shown_names, k, strict=True))
    facts: dict[str, Any] = {"table": job.name, "key": text}
    place = Place(Kind.ROW, source=job.ref.source, name=job.ref.table, part=text)
    if not target:
        yield Message.of(6204, place, **facts)
    elif not source:
        yield Message.of(6205, place, **facts)
    elif source.total() != target.total():
        yield Message.of(6206, place, count=target.total(), expected=source.total(), **facts)
    else:
        one, other = next(iter(source - target)), next(iter(target - source))
        columns = [n for n, a, b in zip(names, one, other, strict=True) if a != b]
        yield Message.of(6207, place, columns=", ".join(columns), **facts)


def _place(job: Job, column: str = "") -> Place:
    return Place(Kind.TABLE, source=job.ref.source, name=job.ref.table, part=column)


def _source(job: Job) -> str:
    return f"{job.ref.source}.{job.ref.table}"
