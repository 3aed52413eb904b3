"""Stage 8 against a bulk copy of ready-made Arrow (the ceiling) and pyodbc's fast_executemany, in one run.

    JETFERRY_TEST_SERVER='Server=…;Database=…;UID=…;PWD=…' python tests/bench/moving.py [FILE] [ROUNDS]

FILE is an Access database, ../shared/bench/sales.accdb unless told; its largest table is moved. Each way runs in a
process of its own, so that peak memory is that way's alone; rounds alternate, and the best of each counts.

What the clock sees: of stage 8 all there is, from the first connection to keys, constraints and counters. Of the others
only the copying: rows are made ready and the connection is open before. They move the same rows with the same values
and commit as often as stage 8 was told to (every `batch_size` rows).

All end with the same table. Where Jetferry has added a key of its own, stage 8 makes it after the rows, and the others
find it there; "no key" are all three into a table that never gets one. Its last figure is the harder comparison: stage
8 with the making of the key, of the others without any.

Stage 8 by arrays is what serves where bulk copy cannot: it is told so here, and moved once.
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
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from tests.migrate.runs import run
from wizard.access import AccessFile
from wizard.coercion.columns import coerce
from wizard.convert import convert
from wizard.convert.script import statements
from wizard.messages import Severity
from wizard.migrate import JobSource, jobs
from wizard.objects import ServerTable, Statement, quote
from wizard.settings import Options, Target, TargetKind
from wizard.sqlserver import ServerSession, ServerSink, StatementStep, array_inserts, run_statements, settings_of
from wizard.sqlserver.bulk_copy import BulkSession, CopyOptions, UnsuitableError
from wizard.sqlserver.bulk_sessions import BulkSessions
from wizard.sqlserver.driver import driver

FILE = Path(__file__).resolve().parents[3] / "shared" / "bench" / "sales.accdb"
OPTIONS = Options()


def fresh(file: AccessFile, *, whole: bool, key: bool) -> tuple[ServerTable, list[Statement]]:
    """The largest table of the file, made anew and empty on the server, and what is to be made after its rows.

    `whole`: with all that belongs to it, the key too, so that nothing is to be made after. `key`: one is added to it.
    """
    connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
    target = Target(TargetKind.SQL_SERVER)
    options = replace(OPTIONS, add_primary_key=key)
    conversion = convert(file.definition, source="bench", schema="dbo", options=options, target=target)
    table = max(conversion.tables, key=lambda t: file.row_count(t.source.table) if t.source else 0)
    with ServerSession.open(connection, password) as session:
        session.execute(f"IF OBJECT_ID(N'{table.name}', N'U') IS NOT NULL DROP TABLE {table.name}")
        session.execute("IF OBJECT_ID(N'dbo.jetferry_journal', N'U') IS NOT NULL DROP TABLE dbo.jetferry_journal")
    made = [s for s in statements(conversion) if s.name == table.name]
    for outcome in run_statements(connection, password, [StatementStep(s) for s in made if whole or not s.waits]):
        if outcome.action == "failed":
            print(outcome.message, file=sys.stderr)
    return table, [s for s in made if s.waits]


def stage(
    file: AccessFile, table: ServerTable, later: list[Statement], options: Options = OPTIONS
) -> tuple[int, float]:
    """The whole of stage 8: read, check, copy, mark, journal, and make what waited for the rows."""
    connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
    with tempfile.TemporaryDirectory() as folder:
        sink = ServerSink(connection, password, options, later=lambda _: later)
        found, _ = jobs([table], {"bench": JobSource(file, "bench")}, options)
        clock = time.perf_counter()
        result = run(found, sink, Path(folder), options)
        seconds = time.perf_counter() - clock
        sink.close()
    if not result.complete or any(m.severity is Severity.ERROR for m in result.messages):
        raise SystemExit(f"not complete: {result}")
    return result.tables[0].migrated, seconds


def ready_made(file: AccessFile, table: ServerTable) -> list[pa.RecordBatch]:
    """Coerced batches in memory."""
    columns = tuple(c for c in table.columns if c.source and not c.computed)
    read = file.read(table.source.table if table.source else "", batch_rows=OPTIONS.batch_size)
    return [coerce(batch.rows, columns).rows for batch in read]


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
    ready = [array_inserts.python_rows(b) for b in batches]
    cursor = raw.cursor()
    cursor.fast_executemany = True
    raw.autocommit = False
    clock = time.perf_counter()
    for rows in ready:
        cursor.executemany(sql, rows)
        raw.commit()
    return sum(map(len, ready)), time.perf_counter() - clock


def by_arrays(file: AccessFile, table: ServerTable, later: list[Statement]) -> tuple[int, float]:
    """Stage 8 where no connection takes bulk copies. The counter fills itself, as in `fast_executemany`."""

    def refused(self: BulkSessions) -> BulkSession:
        raise UnsuitableError("arrays are to be measured")

    BulkSessions.take = refused  # type: ignore[method-assign]
    return stage(file, table, later, replace(OPTIONS, keep_identity=False))


@dataclass(frozen=True)
class Way:
    move: Callable[[AccessFile, ServerTable, list[Statement]], tuple[int, float]]
    whole: bool
    """whether the table has its key from the beginning"""
    once: bool = False
    key: bool = True
    """whether it gets one at all"""


WAYS = {
    "ceiling": Way(ceiling, whole=True),
    "stage 8": Way(stage, whole=False),
    "fast_executemany": Way(fast_executemany, whole=True),
    "ceiling, no key": Way(ceiling, whole=False, key=False),
    "stage 8, no key": Way(stage, whole=False, key=False),
    "fast_executemany, no key": Way(fast_executemany, whole=False, key=False),
    "stage 8 by arrays": Way(by_arrays, whole=False, once=True),
}


def one(name: str, path: Path) -> None:
    """Run one way and print its figures as JSON."""
    way = WAYS[name]
    with AccessFile.open(path) as file:
        rows, seconds = way.move(file, *fresh(file, whole=way.whole, key=way.key))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "megabytes": peak}))


def main(path: Path, rounds: int) -> None:
    best: dict[str, dict[str, float]] = {}
    for round_ in range(rounds):
        for name in (n for n, w in WAYS.items() if not (w.once and round_)):
            command = [sys.executable, __file__, "--one", name, str(path)]
            answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found = json.loads(answer.stdout.splitlines()[-1])
            if name not in best or found["seconds"] < best[name]["seconds"]:
                best[name] = found
    rate = {name: f["rows"] / f["seconds"] for name, f in best.items()}
    for name, f in best.items():
        print(f"{name:25} {f['rows']:>9,.0f} rows {f['seconds']:7.2f} s", end=" ")
        print(f"{rate[name]:>10,.0f} rows/s {f['megabytes']:6.0f} MB")
    for other, wanted in (("ceiling", "wanted 0.8"), ("fast_executemany", "wanted 6 times")):
        keyless = rate[f"{other}, no key"]
        print(
            f"stage 8 of {other}: {rate['stage 8'] / rate[other]:.2f} ({wanted}); without a key on either side:", end=""
        )
        print(f" {rate['stage 8, no key'] / keyless:.2f}; with the key, of it without: {rate['stage 8'] / keyless:.2f}")
    print(f"stage 8's memory: {best['stage 8']['megabytes']:.0f} MB (wanted under 300)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main(Path(sys.argv[1]) if sys.argv[1:] else FILE, int(sys.argv[2]) if sys.argv[2:] else 3)
