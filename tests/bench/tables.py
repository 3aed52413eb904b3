"""Many small tables: stages 7 and 8, against one script with the same statements and one bulk copy a table, in one run.

    JETFERRY_TEST_SERVER='Server=…' python -m tests.bench.tables [TABLES] [ROUNDS]

TABLES (300) of 0 to 1,000 rows. The script knows all statements and has its rows ready in memory before the clock
starts; it uses one connection for statements and one for bulk copies, and looks at nothing afterwards. Stages 7 and 8
read, keep checkpoints and verify. Rounds alternate, each way in a process of its own; the best of each counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from tests.bench.many import many_tables
from tests.server_schema import clear
from wizard.coercion.columns import coerce
from wizard.convert.script import statements
from wizard.settings import Target, TargetKind
from wizard.sqlserver import ServerSession, settings_of
from wizard.sqlserver.bulk_copy import BulkSession, CopyOptions
from wizard.stages import Migration

SCHEMA = "tables"


@contextmanager
def converted(file: Path) -> Iterator[Migration]:
    """A project at the end of stage 6, and an empty schema."""
    connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
    with ServerSession.open(connection, password) as session:
        clear(session, SCHEMA)
    target = Target(TargetKind.SQL_SERVER)
    with tempfile.TemporaryDirectory() as folder, Migration.create(Path(folder) / "p", target=target) as migration:
        migration.connect.set_password(password)
        migration.connect.set(connection)
        migration.project.confirm()
        migration.map.set(migration.sources.add(file).key, SCHEMA)
        migration.prepare()
        migration.convert.run()
        yield migration


def stages(migration: Migration) -> float:
    """Seconds of stages 7 and 8."""
    clock = time.perf_counter()
    migration.load.run()
    result = migration.migrate.run()
    assert result.complete, result
    return time.perf_counter() - clock


def script(migration: Migration) -> float:
    """Seconds of the statements and the copies."""
    connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
    conversion = migration.convert.conversion
    (source,) = migration.data.sources
    opened = migration.sources.open(source.key)
    ready = []
    for table in conversion.tables:
        columns = tuple(c for c in table.columns if c.source and not c.computed)
        read = opened.read(table.source.table if table.source else "")
        if batches := [coerce(batch.rows, columns).rows for batch in read]:
            ready.append((table.name, pa.Table.from_batches(batches)))
    made = statements(conversion)
    with ServerSession.open(connection, password) as session:
        bulk = BulkSession.open(connection, password)
        clock = time.perf_counter()
        for statement in made:
            if not statement.waits:
                session.execute(statement.sql)
        for name, rows in ready:
            bulk.copy(name, rows, CopyOptions(keep_nulls=False, batch_size=10_000))
        for statement in made:
            if statement.waits:
                session.execute(statement.sql)
        return time.perf_counter() - clock


WAYS: dict[str, Callable[[Migration], float]] = {"script": script, "stages": stages}


def main(count: int, rounds: int) -> None:
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = many_tables(Path(folder) / "many.accdb", count)
        for _ in range(rounds):
            for way in WAYS:
                command = [sys.executable, "-m", "tests.bench.tables", "--one", way, str(file)]
                answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                best[way] = min(best.get(way, float("inf")), float(answer.stdout.splitlines()[-1]))
    for way, seconds in best.items():
        print(f"{way:8} {seconds:7.2f} s")
    print(f"stages of script: {best['stages'] / best['script']:.2f} (wanted at most 1.5), {count} tables")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        with converted(Path(sys.argv[3])) as project:
            print(WAYS[sys.argv[2]](project))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 300, int(sys.argv[2]) if sys.argv[2:] else 2)
