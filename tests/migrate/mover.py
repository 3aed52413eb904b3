"""Moves rows to the test server in a process of its own, which tests kill.

python -m tests.migrate.mover SCHEMA FOLDER ROWS
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.migrate.fakes import NUMBERS, Rows, job, numbers
from tests.migrate.servers import test_server as connect
from wizard.migrate import run
from wizard.objects import Name, ServerTable
from wizard.settings import Options
from wizard.target import ServerSink


def main(schema: str, folder: Path, rows: int) -> None:
    target = connect(os.environ["JETFERRY_TEST_SERVER"])
    table = ServerTable(Name(schema, "Numbers"), NUMBERS.columns, NUMBERS.primary_key, source=NUMBERS.source)
    options = Options(batch_size=200)
    sink = ServerSink(target.connection, target.password, options)
    print("ready", flush=True)
    run([job(table, Rows({"Numbers": numbers(rows)}))], sink, folder, options)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
