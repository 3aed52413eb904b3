"""Whether what rows were rejected for may be mended: the table, its options or its source are not as they were then."""

from __future__ import annotations

import hashlib

from wizard.messages import RowProblem
from wizard.migrate.jobs import Job
from wizard.migrate.rejects import RejectLog
from wizard.migrate.run_context import RunContext
from wizard.settings import Options, declarations


def cause_of(job: Job, options: Options) -> str:
    """A digest of all that decides whether a row of the table can go, the source's rows among it."""
    chosen = [(name, getattr(options, name)) for name, declared in declarations().items() if declared.of_rows]
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
