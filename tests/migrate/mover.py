"""Moves rows to the test server in a process of its own, which tests kill.

python -m tests.migrate.mover SCHEMA FOLDER ROWS [PARTS]

With PARTS, the rows move in that many parts, two of them at once.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tests.migrate.fakes import NUMBERS, Rows, job, numbers
from tests.migrate.runs import run
from tests.migrate.servers import test_server as connect
from wizard.migrate import partitioning
from wizard.objects import Name, ServerTable
from wizard.settings import Options
from wizard.sqlserver import ServerSink
from wizard.sqlserver.server_writer import ServerWriter


def main(schema: str, folder: Path, rows: int, parts: int = 0) -> None:
    target = connect(os.environ["JETFERRY_TEST_SERVER"])
    table = ServerTable(Name(schema, "Numbers"), NUMBERS.columns, NUMBERS.primary_key, source=NUMBERS.source)
    options = Options(batch_size=200, parallel_tables=2)
    if parts:
        partitioning.LARGE, partitioning.PARTITION_ROWS = 1, rows // parts
        ServerWriter.shared = lambda self: True  # type: ignore[method-assign]
    slowly = lambda at: time.sleep(0.03) if parts and at == "before the copy" else None  # noqa: E731
    sink = ServerSink(target.connection, target.password, options, hook=slowly)
    print("ready", flush=True)
    run([job(table, Rows({"Numbers": numbers(rows)}))], sink, folder, options)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
