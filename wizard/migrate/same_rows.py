"""Whether a row of a file that has changed since is the one that was rejected."""

from __future__ import annotations

import pyarrow as pa

from wizard.coercion.columns import coerce
from wizard.coercion.value_text import exact_text
from wizard.migrate.batch_loader import key_text
from wizard.migrate.jobs import Job
from wizard.migrate.rejects import Reject


def is_same_row(job: Job, reject: Reject, row: pa.RecordBatch, *, keep_nulls: bool) -> bool:
    """By its key, or all its values. `row` has the row alone.

    A reject has them as the source has them or, where the target refused it, as they were sent.
    """
    sent = coerce(row, job.columns, job.plan.rules, keep_nulls=keep_nulls).rows
    names = [c.source for c in job.columns]
    found = [dict(zip(row.schema.names, (c[0].as_py() for c in row.columns), strict=True))]
    found += [dict(zip(names, (c[0].as_py() for c in sent.columns), strict=True))] if sent.num_rows else []
    if job.key:
        return any(key_text(job, r) == reject.key for r in found)
    return any({n: exact_text(v) for n, v in r.items()} == reject.values for r in found)
