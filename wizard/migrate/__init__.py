"""Moving rows from Access files to a target, exactly once, with rejects, verification and report.

    found, messages = jobs(conversion.tables, {"sales": JobSource(file, fingerprint, path)}, options)
    with run_context(open_sink, options, RunFiles(folder), listener=print) as context:
        result = run(found, context)
        proofs = verify(found, ServerTableSums(connection, password), context)

`open_sink` opens a `wizard.sink.Sink`: `wizard.sqlserver.ServerSink` or the offline package. `run` may be stopped at
any moment and called again; it goes on where the target stands. `reload` empties what Jetferry filled, `filled` says
beforehand what that is, `retry_rejects` sends rejected rows again. `run_history` keeps runs side by side, `certificate`
writes what was proven.
"""

from wizard.coercion.row_source import RowSource
from wizard.migrate.jobs import Job, JobSource, jobs
from wizard.migrate.journal import history
from wizard.migrate.reload_and_retry import filled, reload, retry_rejects
from wizard.migrate.run import rows_moved, run
from wizard.migrate.run_context import RunContext, run_context
from wizard.migrate.run_result import RunResult, TableResult
from wizard.migrate.verification import TableComparison, verify

__all__ = [
    "Job",
    "JobSource",
    "RowSource",
    "RunContext",
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
    "run_context",
    "verify",
]  # fmt: skip
