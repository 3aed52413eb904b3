"""Moving rows from Access files to a target, exactly once, with rejects, verification and report.

    found, messages = jobs(conversion.tables, {"sales": Source(file, fingerprint, path)}, options)
    result = run(found, sink, folder, options, listener=print, control=CancellationToken())
    proofs = verify(found, ServerCheck(connection, password), sink, folder, options)

`sink` is a `wizard.sink.Sink`: `wizard.sqlserver.ServerSink` or the offline package. `run` may be stopped at
any moment and called again; it goes on where the target stands. `reload` empties what Jetferry filled, `filled`
tells beforehand what that is, `retry_rejects` sends rejected rows again. `rehearsals` keeps runs side by side,
`certificate` writes what was proven.
"""

from wizard.coercion.row_source import RowSource
from wizard.migrate.jobs import Job, JobSource, jobs
from wizard.migrate.journal import history
from wizard.migrate.reload_and_retry import filled, reload, retry_rejects
from wizard.migrate.run import RunResult, TableResult, rows_moved, run
from wizard.migrate.verification import TableComparison, verify

__all__ = [
    "Job",
    "JobSource",
    "RowSource",
    "RunResult",
    "TableComparison",
    "TableResult",
    "filled",
    "history",
    "jobs",
    "reload",
    "retry_rejects",
    "rows_moved",
    "run",
    "verify",
]  # fmt: skip
