"""Whether what rows were rejected for may be mended: the table, its options or its source are not as they were then."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import Final

from wizard.migrate.jobs import Job
from wizard.migrate.rejects import RejectLog
from wizard.migrate.run_context import RunContext
from wizard.settings import Options, RowProblem

_NO_CAUSE: Final = frozenset(
    {
        "batch_size",
        "parallel_tables",
        "load_attempts",
        "table_lock",
        "package_inserts",
        "max_rejects_table",
        "max_rejects",
    }
)
"""options that decide how rows go, and never whether"""


def cause_of(job: Job, options: Options) -> str:
    """A digest of all that decides whether a row of the table can go, the source's rows among it."""
    chosen = [(f.name, getattr(options, f.name)) for f in fields(Options) if f.name not in _NO_CAUSE]
    rules = [job.plan.rules(trouble, c.source) for c in job.columns for trouble in RowProblem]
    own = (job.table, job.columns, job.ref, rules, job.plan.shared, job.plan.orphans, job.source.fingerprint)
    return hashlib.sha256(repr((chosen, own)).encode()).hexdigest()[:32]


def mended(job: Job, context: RunContext, *others: Job) -> int:
    """Rows still rejected of a table that was sent whole, where their cause may be mended; else 0.

    `others` are the same job as it may have been when they were rejected.
    """
    log = RejectLog(context.files.rejects, job.table.name)
    if not log.path.exists():
        return 0
    checkpoint = context.sink.checkpoint(job.table.name)
    if checkpoint is None or not checkpoint.complete:
        return 0
    if log.cause in {cause_of(j, context.options) for j in (job, *others)}:
        return 0
    return len(log.read())
