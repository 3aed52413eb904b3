"""Source and target compared: figures first; where they differ, rows.

`verify` reads the source once and asks the target for its figures, both at the same time. Where the run that moved a
table took the source's figures (`wizard.migrate.source_sums`), these serve. Only where a table differs
are rows compared, and those that differ named (`wizard.migrate.row_diff`). Between batches the cancellation token is
asked, on both sides.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wizard.cancellation import StoppedError
from wizard.coercion.row_source import RowBatch
from wizard.coercion.value_hashes import RecentHashes
from wizard.definitions import BATCH_ROWS
from wizard.events import TableVerified
from wizard.messages import JetferryError, Message, Severity, Topic
from wizard.migrate.changed_rules import RuleChanges
from wizard.migrate.jobs import Job
from wizard.migrate.rejects import RejectLog
from wizard.migrate.repairs import RepairLog, count_changes, damaged, rounded
from wizard.migrate.row_diff import differing_rows, slices
from wizard.migrate.row_fingerprints import FingerprintSum, RowFingerprint, RowFingerprints, moved_columns
from wizard.migrate.run import rows_moved, unread_message
from wizard.migrate.run_context import RunContext
from wizard.migrate.same_rows import is_same_row
from wizard.objects import ServerColumn, ServerTable, ServerType
from wizard.outcomes import TableState
from wizard.plurals import counted
from wizard.sink import Sink
from wizard.sqlserver.column_sums import NULLS, ColumnSums, Hashing, RunningSums, written
from wizard.sqlserver.retry import RetryPolicy, fault_of
from wizard.sqlserver.timeouts import current

T = TypeVar("T")
ATTEMPTS = 5
"""how often a table's comparison is begun, where the server is lost or busy on the way"""
_UNKNOWN = 1 << 60
"""rows of a table of which nothing is known"""


class VerifiedSide(Protocol):
    """A target that can be verified: a server by `ServerTableSums`, a package by `PackageTableSums`.

    It is made with what it calls between batches, which ends the reading by what it raises.
    """

    @property
    def hashing(self) -> Hashing:
        """How its texts and binaries are hashed."""

    def expect(self, tables: Sequence[tuple[ServerTable, Sequence[ServerColumn], int]]) -> None:
        """Tables whose figures will be asked for in this order, with the rows that they have as far as is known."""

    def close(self) -> None:
        """Let go of connections. Never raises."""

    def read_back(self, columns: Sequence[ServerColumn]) -> frozenset[str]:
        """Names of columns that the target cannot compute figures of: read back, they are hashed by `Hashing.OWN`."""

    def figures(self, table: ServerTable, columns: Sequence[ServerColumn]) -> tuple[int, ColumnSums, list[str]]:
        """Rows, figures by column, and names of columns whose rows had to be read back for them."""

    def rows(self, table: ServerTable, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
        """All rows, in any order, typed as `sink.batch_schema` says."""


@dataclass(frozen=True, slots=True)
class TableComparison:
    """What verification found out about a table."""

    table: str
    source: str
    equal: bool
    source_rows: int
    """rows that were to arrive: those of the source but the rejected ones; of a table that could not be compared, as
    the reader counts them"""
    target_rows: int
    """of a table that could not be compared, those that arrived as the target's checkpoints say"""
    rejected: int
    source_figures: ColumnSums = field(default_factory=dict)
    target_figures: ColumnSums = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    seconds: float = 0.0
    types: Mapping[str, ServerType] = field(default_factory=dict)
    """of the columns the figures are of"""
    damaged: int = 0
    """texts that arrived with U+FFFD in place of bytes that are no text"""
    unread: int = 0
    """rows that could not be read in the source, about: no side has them"""
    rounded: int = 0
    """values that arrived without what the column's type does not hold"""
    content: RowFingerprint | None = None
    """the fingerprint of the source's rows, rejected ones included; None where they could not be read"""
    read_once: bool = False
    """the source's figures were taken as its rows were read to be moved (`wizard.migrate.source_sums`)"""

    @property
    def rows(self) -> int:
        """All rows of the source, rejected ones included."""
        return self.source_rows + self.rejected

    @property
    def state(self) -> TableState:
        """What became of the table."""
        lost = self.damaged, self.unread
        return TableState.DONE.seen(self.target_rows, self.rejected, self.equal, *lost, rounded=self.rounded)


def verify(jobs: Sequence[Job], target: VerifiedSide, context: RunContext) -> list[TableComparison]:
    """Compare every job's table. What cannot be verified stands in the table's proof; raises nothing for it.

    Once it is cancelled, the table under way is left out and no other is begun. `target` is to ask the same token.
    """

    def proof_of(job: Job) -> TableComparison:
        return _Comparison(job, target, context).proof()

    proofs = []
    policy = RetryPolicy(attempts=ATTEMPTS, sleep=current().rest)
    with suppress(StoppedError), closing(target):
        target.expect([(j.table, j.columns, _arrived(context.sink, j)) for j in jobs])
        for job in jobs:
            context.cancellation.check()
            what, again = f"comparing {job.table.name}", partial(fault_of, partial(proof_of, job))
            try:
                proof = policy.run(again, what, "the server", context.events.emit, job.name)
            except JetferryError as e:
                proof = _not_compared(job, context.sink, e.message)
            proofs.append(proof)
            verified = TableVerified(time.time(), job.name, proof.equal, _worst(proof), proof.rejected)
            context.events.emit(verified)
    return proofs


def _worst(proof: TableComparison) -> str:
    """The first of what is wrong, each fact once: some messages have another's as their reason."""
    texts = [m.text for m in proof.messages if m.severity is not Severity.INFORMATION]
    return " ".join([text for n, text in enumerate(texts) if not any(text in t for t in texts[:n])][:3])


def _arrived(sink: Sink, job: Job) -> int:
    """Rows by the target's checkpoint."""
    with suppress(JetferryError):
        checkpoint = sink.checkpoint(job.table.name)
        return checkpoint.rows if checkpoint is not None else 0
    return _UNKNOWN


@contextmanager
def beside(work: Callable[[], T]) -> Iterator[Future[T]]:
    """Have the work done in a thread of its own meanwhile; at the end it is over, however this one ended."""
    with ThreadPoolExecutor(1, thread_name_prefix="verifying") as pool:
        yield pool.submit(copy_context().run, work)


def _not_compared(job: Job, sink: Sink, why: Message) -> TableComparison:
    """The proof of nothing, with as many of the numbers of rows as can be had."""
    total = arrived = rejected = 0
    with suppress(JetferryError):
        total = job.source.reader.row_count(job.ref.table)
    with suppress(JetferryError):
        arrived, rejected = rows_moved(sink, job.table.name)
    if why.topic is Topic.NOT_LOADED:  # whatever the checkpoint says
        arrived = 0
    message = Message.of(6210, job.place(), table=job.name, reason=why.text)
    expected = max(0, total - rejected)
    return TableComparison(job.name, _source(job), False, expected, arrived, rejected, messages=(message, why))


class _Comparison:
    def __init__(self, job: Job, target: VerifiedSide, context: RunContext) -> None:
        self.job, self.target, self.sink, self.between = job, target, context.sink, context.cancellation.check
        self.sums = context.sums
        self.keep_nulls = context.options.keep_nulls
        self.batch_rows = min(max(context.options.batch_size, 1), BATCH_ROWS)
        log = RejectLog(context.files.rejects, job.table.name)
        repairs = RepairLog(context.files.repairs, job.table.name).read()
        changed = count_changes(repairs)
        self.damaged, self.rounded = damaged(changed), rounded(changed)
        self.rejects = {r.position: r for r in log.read()}
        self.rules = RuleChanges(repairs, self.rejects.keys())
        self.left_out = np.array(sorted(self.rejects), dtype=np.int64)
        self.checkpoint = context.sink.checkpoint(job.table.name)
        self.kept = RowFingerprints(context.files.fingerprints)
        self.read = 0
        """rows of the source that were read, rejected ones included"""
        self.cut = 0
        """values of these, but for rejected rows', that their types do not hold, whoever rounded them"""

    def proof(self) -> TableComparison:
        job, clock = self.job, time.monotonic()
        own = self.target.read_back(job.columns)
        with beside(partial(self.target.figures, job.table, job.columns)) as target:
            taken = self.sums.of(job, self.checkpoint) if self.sums is not None else None
            if taken is not None:
                tally, content, self.read, self.cut = taken.tally, taken.content, taken.tally.rows, taken.cut
            else:
                tally, content = self._summed(own)
            rows, figures, read_back = target.result()
        if not self._other_file:
            self.rounded = max(self.rounded, self.cut)
        _, rejected = rows_moved(self.sink, job.table.name)
        since = self._changed_since(content)
        if since:
            rejected = self.read - tally.rows
        untold = self._compare_without_defaults(tally)
        messages = self._differences(tally, rows, figures, rejected)
        equal = not messages
        otherwise = 0 if equal or taken is not None or self._other_file else self.rules.rows()
        if otherwise:
            messages.insert(0, Message.of(6291, job.place(), table=job.name, count=otherwise))
        messages += untold + since
        unread = job.unread(self.read)
        if unread:
            messages.append(unread_message(job, unread, rows))
        if read_back:
            what = f"figures of {', '.join(read_back)}"
            messages.append(Message.of(6209, job.place(), table=job.name, what=what))
        if equal:
            messages.append(Message.of(6201, job.place(), table=job.name, rows=rows))
        elif self.job.columns and not otherwise:  # else rows would be listed that are in the source
            messages += differing_rows(self.job, lambda: (self.source(), self.there()))
        seconds = round(time.monotonic() - clock, 3)
        return TableComparison(
            job.name, _source(job), equal, tally.rows, rows, rejected, tally.figures, figures, tuple(messages), seconds,
            {c.name: c.type for c in job.columns}, self.damaged, unread, self.rounded, content, taken is not None,
        )  # fmt: skip

    def _summed(self, own: Collection[str]) -> tuple[RunningSums, RowFingerprint]:
        """Figures and fingerprint of the source's rows, which are read for them."""
        recent = RecentHashes()
        tally, summing = RunningSums(self.job.columns, self.target.hashing, recent.of, own), FingerprintSum(recent)
        for batch in self.source(summing):
            tally.add(batch)
        return tally, summing.content

    def _compare_without_defaults(self, here: RunningSums) -> list[Message]:
        """Leave out the columns in which a default stands for NULL, which nobody here knows."""
        job, messages = self.job, []
        filled = () if self.keep_nulls else [c for c in job.columns if c.default and here.figures[c.name][NULLS]]
        for column in filled:
            facts = {"column": column.name, "count": here.figures[column.name][NULLS]}
            messages.append(Message.of(6211, job.place(column.name), table=job.name, **facts))
        self.job = replace(job, columns=tuple(c for c in job.columns if c not in filled))
        return messages

    def _differences(self, here: RunningSums, rows: int, there: ColumnSums, rejected: int) -> list[Message]:
        job, messages = self.job, []
        if rows != here.rows:
            facts = {"expected": here.rows, "source": self.read, "rejected": rejected}
            messages.append(Message.of(6202, job.place(), table=job.name, target=rows, **facts))
        for column in job.columns:
            for figure, value in here.figures[column.name].items():
                other = there.get(column.name, {}).get(figure, 0)
                if other != value:
                    names = {"table": job.name, "column": column.name, "figure": figure}
                    sides = {n: written(column.type, figure, v) for n, v in (("target", other), ("source", value))}
                    messages.append(Message.of(6203, job.place(column.name), **sides, **names))
        return messages

    @property
    def _other_file(self) -> bool:
        """The file is no longer as it was when the target was filled: positions in it may be others'."""
        return self.checkpoint is not None and self.checkpoint.source != self.job.source.fingerprint

    def _changed_since(self, content: RowFingerprint) -> list[Message]:
        """That the rows are not those that the target was filled with, or that nobody knows."""
        if not self._other_file or self.checkpoint is None:
            return []
        then = self.kept.of(self.job, self.checkpoint.source)
        if then is not None and then.content == content:
            return []
        before = f"{counted(then.content.rows, 'row')} then" if then else "nothing was kept of what they were"
        facts = {"table": self.job.name, "source": self.job.source.path or self.job.ref.source, "now": content.rows}
        return [Message.of(6290, self.job.place(), before=before, **facts)]

    def _left_out(self, batch: RowBatch) -> npt.NDArray[np.int64]:
        """Of a batch, the positions of the rows that were rejected, be it from an earlier state of the file."""
        here = np.flatnonzero(np.isin(batch.positions, self.left_out))
        if not self._other_file or not len(here):
            return batch.positions[here]

        def same(row: int) -> bool:
            reject = self.rejects[int(batch.positions[row])]
            return is_same_row(self.job, reject, batch.rows.slice(row, 1), keep_nulls=self.keep_nulls)

        return batch.positions[[row for row in here.tolist() if same(row)]]

    def source(self, summing: FingerprintSum | None = None) -> Iterator[pa.RecordBatch]:
        """The source's rows as they were to be sent, those left out that were rejected. `summing` is given all."""
        job, self.read, self.cut = self.job, 0, 0
        self.rules.begin()
        for batch in job.source.reader.read(job.ref.table, columns=moved_columns(job), batch_rows=self.batch_rows):
            done, left_out = 0, self._left_out(batch)
            self.read += batch.rows.num_rows
            for rows in slices(batch.rows):
                if summing is not None:
                    summing.add(rows)
                own = batch.positions[done : done + rows.num_rows]
                coerced = job.plan.fit(rows, own, job.columns, keep_nulls=self.keep_nulls, unread=batch.unread)
                self.rules.see(coerced, own)
                positions = own[coerced.kept]
                cut = [own[r.rows] for r in coerced.rounded if r.cut.loses]
                self.cut += sum(int(np.count_nonzero(~np.isin(p, left_out))) for p in cut)
                done += rows.num_rows
                out = np.isin(positions, left_out)
                yield coerced.rows.filter(pa.array(~out)) if out.any() else coerced.rows
                self.between()

    def there(self) -> Iterator[pa.RecordBatch]:
        """The target's rows."""
        for batch in self.target.rows(self.job.table, self.job.columns):
            yield batch
            self.between()


def _source(job: Job) -> str:
    return f"{job.ref.source}.{job.ref.table}"
