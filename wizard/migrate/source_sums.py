"""Figures and fingerprints of a source's rows, taken as they are read to be moved, so that verification need not read
them a second time.

They stand for a table where one run read all of its rows, from the first to the last, rejected none of them, and the
target's checkpoint counts as many of the same state of the same file. Then they are what a second reading gives: the
same reader, the same coercion, the same rows. That the target holds these is proven as ever, from what it gives back.
What is not proven is that reading the file once more gives the same: nobody has changed it, but a disk or a memory that
errs without a word would be seen by a second reading alone. `jetferry verify` reads both sides anew.
"""

from __future__ import annotations

from threading import Lock

from wizard.coercion.columns import Coerced
from wizard.coercion.row_source import RowBatch
from wizard.coercion.value_hashes import RecentHashes
from wizard.migrate.jobs import Job
from wizard.migrate.row_diff import slices
from wizard.migrate.row_fingerprints import FingerprintSum, RowFingerprint
from wizard.objects import Name
from wizard.sink import Checkpoint
from wizard.sqlserver.column_sums import Hashing, RunningSums


class TableSums:
    """Of one table; grows batch by batch, from any thread."""

    def __init__(self, job: Job, hashing: Hashing) -> None:
        self.job, self._hashing = job, hashing
        self.tally = RunningSums(job.columns, hashing)
        self.cut = 0
        """values that their types do not hold"""
        self._summing = FingerprintSum()
        self._whole = True
        self._lock = Lock()

    @property
    def content(self) -> RowFingerprint:
        """The fingerprint of the source's rows."""
        return self._summing.content

    def add(self, batch: RowBatch, coerced: Coerced) -> None:
        """A batch as it was read, and as it goes. After the first row that cannot go, nothing more is computed."""
        if coerced.bad:
            self._whole = False
        if not self._whole:
            return
        recent = RecentHashes()
        tally, summing = RunningSums(self.job.columns, self._hashing, recent.of), FingerprintSum(recent)
        for rows in slices(batch.rows):
            summing.add(rows)
            tally.add(coerced.rows.slice(tally.rows, rows.num_rows))
        with self._lock:
            self.tally.merge(tally)
            self._summing.merge(summing)
            self.cut += sum(len(r.rows) for r in coerced.rounded if r.cut.loses)

    def stand_for(self, job: Job, checkpoint: Checkpoint) -> bool:
        """Whether they are of all rows that the target has of a job."""
        same = self.job.columns == job.columns and self.job.ref == job.ref
        unchanged = self.job.source.fingerprint == job.source.fingerprint == checkpoint.source
        arrived = checkpoint.complete and not checkpoint.rejected and checkpoint.rows == self.tally.rows
        return self._whole and same and unchanged and arrived and self.content.rows == self.tally.rows


class SourceSums:
    """Of the tables of a run. `hashing` is the target's (`VerifiedSide.hashing`)."""

    def __init__(self, hashing: Hashing) -> None:
        self.hashing = hashing
        self._tables: dict[Name, TableSums] = {}

    def begin(self, job: Job) -> TableSums:
        """Sums of a table whose first row is read next."""
        self._tables[job.table.name] = found = TableSums(job, self.hashing)
        return found

    def of(self, job: Job, checkpoint: Checkpoint | None) -> TableSums | None:
        """Sums that stand for the job's table; None where its rows are to be read."""
        found = self._tables.get(job.table.name)
        return found if found is not None and checkpoint is not None and found.stand_for(job, checkpoint) else None
