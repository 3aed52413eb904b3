"""How fast the offline package of a table is written, beside mdb-export's CSV of the same table in the same run.

    python tests/bench/package.py [DATABASE] [TIMES]

The whole of stage 8 is timed: reading, coercing, writing with every batch flushed to the disk, check sums,
manifest. Best of TIMES (3) for both. Needs mdb-export (mdbtools) on the PATH.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from wizard.access import AccessFile
from wizard.convert import convert
from wizard.convert.script import guarded, statements
from wizard.migrate import Control, Source, jobs, run
from wizard.settings import Options, Target
from wizard.target.package import PackageSink

WANTED = 3.0
"""times as fast as mdb-export"""
SALES = Path(__file__).resolve().parents[3] / "shared" / "bench" / "sales.accdb"


def best(times: int, work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the quickest run, and the least seconds of processor time, which a busy machine sways less."""
    walls, processors = [], []
    for _ in range(times):
        start, before = time.perf_counter(), sum(os.times()[:4])
        work()
        walls.append(time.perf_counter() - start)
        processors.append(sum(os.times()[:4]) - before)
    return min(walls), min(processors)


def export(database: Path, tables: list[str], folder: Path) -> None:
    for table in tables:
        with (folder / "table.csv").open("wb") as out:
            subprocess.run(["mdb-export", str(database), table], stdout=out, check=True)


def package(database: Path, folder: Path) -> int:
    """Writes the package from an unopened file; returns its bytes."""
    options = Options()
    with AccessFile.open(str(database)) as file:
        made = convert(file.definition, source="bench", schema="dbo", options=options, target=Target(linked=False))
        moved, _ = jobs(made.tables, {"bench": Source(file, "bench", str(database))}, options)
        sink = PackageSink(
            folder / "package",
            folder / "work",
            made.tables,
            [guarded(s) for s in statements(made)],
            options,
            name="bench",
        )
        result = run(moved, sink, folder / "journal", options, listener=lambda _: None, control=Control())
        assert result.complete, result
    return sum(p.stat().st_size for p in (folder / "package").rglob("*") if p.is_file())


def main() -> int:
    database = Path(sys.argv[1]) if len(sys.argv) > 1 else SALES
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with AccessFile.open(str(database)) as file:
        tables = [t.name for t in file.definition.tables]
        rows = sum(file.row_count(t) for t in tables)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes: list[int] = []
        csv, csv_cpu = best(times, lambda: export(database, tables, folder))
        ours, ours_cpu = best(times, lambda: sizes.append(package(database, folder / str(len(sizes)))))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{database.name}: {rows:,} rows")
    print(f"mdb-export to CSV  {csv:6.2f} s  {rows / csv:10,.0f} rows/s  processor {csv_cpu:.2f} s")
    size = f"processor {ours_cpu:.2f} s, {sizes[0] / 2**20:.1f} MiB, peak {peak:.0f} MiB"
    print(f"offline package    {ours:6.2f} s  {rows / ours:10,.0f} rows/s  {size}")
    print(f"ratio              {csv / ours:6.2f}    (wanted: {WANTED})")
    return 0 if csv / ours >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
