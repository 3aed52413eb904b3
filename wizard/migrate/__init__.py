"""Moving rows from Access files to a target, exactly once, with rejects, verification and report.

    found, messages = jobs(conversion.tables, {"sales": Source(file, fingerprint, path)}, options)
    result = run(found, sink, folder, options, listener=print, control=Control())

`sink` is a `wizard.target.sink.Sink`: `wizard.target.ServerSink` or the offline package. `run` may be stopped at
any moment and called again; it goes on where the target stands.
"""

from wizard.migrate.control import Control
from wizard.migrate.jobs import Job, RowSource, Source, jobs
from wizard.migrate.journal import history
from wizard.migrate.run import RunResult, TableResult, run

__all__ = ["Control", "Job", "RowSource", "RunResult", "Source", "TableResult", "history", "jobs", "run"]
