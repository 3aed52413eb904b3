"""What bad rows cost: one in every thousand of 100,000, against a clean run of the same rows.

    JETFERRY_TEST_SERVER='Server=…' python tests/bench/rejects.py

Once with rows that the checks find (a text too long), once with rows that only the server finds (a broken CHECK).
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from tests.migrate.fakes import NUMBERS, Rows, job, numbers
from tests.migrate.runs import run
from tests.migrate.servers import test_server as connect
from wizard.migrate.rejects import RejectLog
from wizard.settings import Options
from wizard.sqlserver import ServerSink

ROWS = 100_000
BAD = list(range(500, ROWS, 1_000))


def timed(data: pa.Table, *, check: bool, bad: list[int]) -> float:
    """Seconds of stage 8 for the table; fails where anything but the bad rows is missing."""
    target = connect(os.environ["JETFERRY_TEST_SERVER"])
    options = Options(check_constraints=check)
    with target.table(NUMBERS) as table, tempfile.TemporaryDirectory() as folder:
        if check:
            target.execute(f"ALTER TABLE {table.name} ADD CONSTRAINT CK_{table.name.schema} CHECK (Name <> N'bad')")
        sink = ServerSink(target.connection, target.password, options)
        clock = time.perf_counter()
        result = run([job(table, Rows({"Numbers": data}))], sink, Path(folder), options)
        seconds = time.perf_counter() - clock
        expected = (ROWS - len(bad), sum(range(ROWS)) - sum(bad))
        found = target.rows(f"SELECT COUNT(*), SUM(CAST(ID AS bigint)) FROM {table.name}")
        rejects = sorted(RejectLog(Path(folder) / "rejects", table.name).read(), key=lambda r: r.position)
        sink.close()
    if found != [expected] or [r.key for r in rejects] != [f"ID={i}" for i in bad]:
        raise SystemExit(f"expected {expected}, found {found}, {len(rejects)} rejects: {result.tables}")
    return seconds


def named(bad: str) -> pa.Table:
    names = [bad if i % 1_000 == 500 else f"name {i}" for i in range(ROWS)]
    return numbers(ROWS).set_column(1, "Name", pa.array(names))


def main() -> None:
    clean = timed(numbers(ROWS), check=False, bad=[])
    checks = timed(named("x" * 60), check=False, bad=BAD)
    clean_checked = timed(numbers(ROWS), check=True, bad=[])
    refused = timed(named("bad"), check=True, bad=BAD)
    print(f"clean: {clean:.1f} s; {len(BAD)} rows found by the checks: {checks:.1f} s, {checks / clean:.2f} times")
    print(
        f"clean, constraints checked: {clean_checked:.1f} s; {len(BAD)} rows found by the server: {refused:.1f} s,"
        f" {refused / clean_checked:.2f} times"
    )


if __name__ == "__main__":
    main()
