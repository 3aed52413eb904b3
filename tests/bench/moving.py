"""Stage 8 against a bulk copy of ready-made Arrow (the ceiling) and pyodbc's fast_executemany, in one run.

    JETFERRY_TEST_SERVER='Server=…;Database=…;UID=…;PWD=…' python tests/bench/moving.py [FILE] [ROUNDS]

FILE is an Access database, ../shared/bench/sales.accdb unless told; its largest table is moved. Each way runs in a
process of its own, so that peak memory is that way's alone; rounds alternate, and the best of each counts.

What the clock sees: of stage 8 all there is, from the first connection to keys, constraints and counters. Of the other
two only the copying: rows are made ready and the connection is open before, no key is made after. They move the same rows with the same
values and commit as often as stage 8 was told to (every `batch_size` rows).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from wizard.access import AccessFile
from wizard.convert import convert
from wizard.convert.script import statements
from wizard.messages import Severity
from wizard.migrate import Source, jobs, run
from wizard.migrate.columns import coerce
from wizard.objects import ServerTable, Statement, quote
from wizard.settings import BadDates, Options, Target, TargetKind
from wizard.target import ServerSink, Session, Step, apply, arrays, settings_of
from wizard.target.bulk import BulkSession, CopyOptions
from wizard.target.driver import driver

FILE = Path(__file__).resolve().parents[3] / "shared" / "bench" / "sales.accdb"
OPTIONS = Options()


def fresh(file: AccessFile) -> tuple[ServerTable, list[Statement]]:
    """The largest table of the file, made anew and empty on the server, and what is to be made after its rows."""
    connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
    target = Target(TargetKind.SQL_SERVER)
    conversion = convert(file.definition, source="bench", schema="dbo", options=OPTIONS, target=target)
    table = max(conversion.tables, key=lambda t: file.row_count(t.source.table) if t.source else 0)
    with Session.open(connection, password) as session:
        session.execute(f"IF OBJECT_ID(N'{table.name}', N'U') IS NOT NULL DROP TABLE {table.name}")
        session.execute("IF OBJECT_ID(N'dbo.jetferry_journal', N'U') IS NOT NULL DROP TABLE dbo.jetferry_journal")
    made = [s for s in statements(conversion) if s.name == table.name]
    for outcome in apply(connection, password, [Step(s) for s in made if not s.waits]):
        if outcome.action == "failed":
            print(outcome.message, file=sys.stderr)
    return table, [s for s in made if s.waits]


def stage(file: AccessFile, table: ServerTable, later: list[Statement]) -> tuple[int, float]:
    """The whole of stage 8: read, check, copy, mark, journal, and make what waited for the rows."""
    connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
    with tempfile.TemporaryDirectory() as folder:
        sink = ServerSink(connection, password, OPTIONS, later=later)
        found, _ = jobs([table], {"bench": Source(file, "bench")}, OPTIONS)
        clock = time.perf_counter()
        result = run(found, sink, Path(folder), OPTIONS)
        seconds = time.perf_counter() - clock
        sink.close()
    if not result.complete or any(m.severity is Severity.ERROR for m in result.messages):
        raise SystemExit(f"not complete: {result}")
    return result.tables[0].migrated, seconds


def ready_made(file: AccessFile, table: ServerTable) -> list[pa.RecordBatch]:
    """Coerced batches in memory."""
    columns = tuple(c for c in table.columns if c.source and not c.computed)
    read = file.read(table.source.table if table.source else "", batch_rows=OPTIONS.batch_size)
    return [coerce(batch.rows, columns, BadDates.KEEP).rows for batch in read]


def ceiling(file: AccessFile, table: ServerTable, _: list[Statement]) -> tuple[int, float]:
    """One bulk copy of all rows, made ready before the clock starts, committed every batch by the server."""
    connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
    batches = pa.Table.from_batches(ready_made(file, table))
    session = BulkSession.open(connection, password)
    clock = time.perf_counter()
    session.copy(table.name, batches, CopyOptions(keep_nulls=False, batch_size=OPTIONS.batch_size))
    return batches.num_rows, time.perf_counter() - clock


def fast_executemany(file: AccessFile, table: ServerTable, _: list[Statement]) -> tuple[int, float]:
    """What one writes with pyodbc: its arrays of parameters, nothing told of their types, a commit for each batch.

    The counter fills itself: not every server takes its values by INSERT here. That is a column less to send.
    """
    connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
    driver_ = driver()
    if driver_.module.__name__ != "pyodbc":
        raise SystemExit("fast_executemany is pyodbc's, which cannot be loaded here")
    raw = driver_.connect(connection, password)
    names = [c.name for c in table.columns if c.source and not c.computed and not c.identity]
    batches = [b.select(names) for b in ready_made(file, table)]
    sql = f"INSERT INTO {table.name} ({', '.join(map(quote, names))}) VALUES ({', '.join('?' * len(names))})"
    ready = [arrays.python_rows(b) for b in batches]
    cursor = raw.cursor()
    cursor.fast_executemany = True
    raw.autocommit = False
    clock = time.perf_counter()
    for rows in ready:
        cursor.executemany(sql, rows)
        raw.commit()
    return sum(map(len, ready)), time.perf_counter() - clock


WAYS: dict[str, Callable[[AccessFile, ServerTable, list[Statement]], tuple[int, float]]] = {
    "ceiling": ceiling,
    "stage 8": stage,
    "fast_executemany": fast_executemany,
}


def one(way: str, path: Path) -> None:
    """Run one way and print its figures as JSON."""
    with AccessFile.open(path) as file:
        rows, seconds = WAYS[way](file, *fresh(file))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "megabytes": peak}))


def main(path: Path, rounds: int) -> None:
    best: dict[str, dict[str, float]] = {}
    for _ in range(rounds):
        for way in WAYS:
            answer = subprocess.run(
                [sys.executable, __file__, "--one", way, str(path)], check=True, capture_output=True, text=True
            )
            found = json.loads(answer.stdout.splitlines()[-1])
            if way not in best or found["rows"] / found["seconds"] > best[way]["rows"] / best[way]["seconds"]:
                best[way] = found
    rate = {way: f["rows"] / f["seconds"] for way, f in best.items()}
    for way, f in best.items():
        print(f"{way:18} {f['rows']:>9,.0f} rows {f['seconds']:7.2f} s", end=" ")
        print(f"{rate[way]:>10,.0f} rows/s {f['megabytes']:6.0f} MB")
    print(f"stage 8 of the ceiling: {rate['stage 8'] / rate['ceiling']:.2f} (wanted 0.8)")
    print(f"stage 8 of fast_executemany: {rate['stage 8'] / rate['fast_executemany']:.1f} times (wanted 6)")
    print(f"stage 8's memory: {best['stage 8']['megabytes']:.0f} MB (wanted under 300)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main(Path(sys.argv[1]) if sys.argv[1:] else FILE, int(sys.argv[2]) if sys.argv[2:] else 3)
