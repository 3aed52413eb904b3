"""How fast the offline package of a table is written, beside mdb-export's CSV of the same table in the same run.

    python tests/bench/package.py [DATABASE] [TIMES]

The whole of stage 8 is timed: reading, coercing, writing with every batch flushed to the disk, check sums,
manifest. Best of TIMES (3) for both; each package is written by a process of its own, whose start is not timed, so
that peak memory is that of one run. Needs mdb-export (mdbtools) on the PATH.
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
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.migrate.runs import run
from wizard.access import AccessFile
from wizard.cancellation import CancellationToken
from wizard.convert import convert
from wizard.convert.script import guarded, statements
from wizard.migrate import JobSource, jobs
from wizard.package import PackageSink
from wizard.settings import Options, Target

WANTED = 3.0
"""times as fast as mdb-export"""
SALES = Path(__file__).resolve().parents[3] / "shared" / "bench" / "sales.accdb"


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of processor time, which a busy machine sways less."""

    wall: float
    processor: float


def timed(work: Callable[[], object]) -> Cost:
    start, before = time.perf_counter(), sum(os.times()[:4])
    work()
    return Cost(time.perf_counter() - start, sum(os.times()[:4]) - before)


def best(costs: list[Cost]) -> Cost:
    return Cost(min(c.wall for c in costs), min(c.processor for c in costs))


def export(database: Path, tables: list[str], folder: Path) -> None:
    for table in tables:
        with (folder / "table.csv").open("wb") as out:
            subprocess.run(["mdb-export", str(database), table], stdout=out, check=True)


def package(database: Path, folder: Path) -> int:
    """Writes the package from an unopened file; returns its bytes."""
    options = Options()
    with AccessFile.open(str(database)) as file:
        made = convert(file.definition, source="bench", schema="dbo", options=options, target=Target(linked=False))
        moved, _ = jobs(made.tables, {"bench": JobSource(file, "bench", str(database))}, options)
        sink = PackageSink(
            folder / "package",
            folder / "work",
            made.tables,
            [guarded(s) for s in statements(made)],
            options,
            name="bench",
        )
        result = run(moved, sink, folder / "journal", options, listener=lambda _: None, control=CancellationToken())
        assert result.complete, result
    return sum(p.stat().st_size for p in (folder / "package").rglob("*") if p.is_file())


def one(database: Path) -> None:
    """Write one package; print its figures as JSON."""
    sizes: list[int] = []
    with tempfile.TemporaryDirectory() as name:
        cost = timed(lambda: sizes.append(package(database, Path(name))))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": cost.wall, "processor": cost.processor, "size": sizes[0], "peak": peak}))


def main() -> int:
    database = Path(sys.argv[1]) if len(sys.argv) > 1 else SALES
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with AccessFile.open(str(database)) as file:
        tables = [t.name for t in file.definition.tables]
        rows = sum(file.row_count(t) for t in tables)
    theirs: list[Cost] = []
    found: list[dict[str, float]] = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as name:
            theirs.append(timed(partial(export, database, tables, Path(name))))
        answer = subprocess.run(
            [sys.executable, "-m", "tests.bench.package", "--one", str(database)],
            cwd=Path(__file__).resolve().parents[2],
            check=True,
            capture_output=True,
            text=True,
        )
        found.append(json.loads(answer.stdout))
    csv, ours = best(theirs), best([Cost(f["wall"], f["processor"]) for f in found])
    print(f"{database.name}: {rows:,} rows")
    print(f"mdb-export to CSV  {csv.wall:6.2f} s  {rows / csv.wall:10,.0f} rows/s  processor {csv.processor:.2f} s")
    peak, size = max(f["peak"] for f in found), found[0]["size"] / 2**20
    facts = f"processor {ours.processor:.2f} s, {size:.1f} MiB, peak {peak:.0f} MiB"
    print(f"offline package    {ours.wall:6.2f} s  {rows / ours.wall:10,.0f} rows/s  {facts}")
    print(f"ratio              {csv.wall / ours.wall:6.2f}    (wanted: {WANTED})")
    return 0 if csv.wall / ours.wall >= WANTED else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(Path(sys.argv[2]))
    else:
        sys.exit(main())
