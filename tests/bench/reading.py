"""Reading a large table against mdb-export, in the same run: python tests/bench/reading.py [FILE] [TABLE] [--rounds N]

Prints, for the best of some rounds taken in turn: wall clock and processor time, rows a second, peak memory, and how
many times faster than mdb-export. `to Arrow` reads every column of every row and leaves starting Python and importing
out; the others are whole commands, started once before, with their modules compiled as an installation has them.
Processor time is that of all processes of a command, peak memory that of its largest. mdb-export comes with mdbtools.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SALES = Path(__file__).resolve().parents[3] / "shared" / "bench" / "sales.accdb"

_READ = """
import sys, time
from wizard.access import AccessFile
with AccessFile.open(sys.argv[1]) as file:
    table = sys.argv[2] or max(file.definition.tables, key=lambda t: t.rows).name
    wall, cpu = time.perf_counter(), time.thread_time()
    rows = sum(batch.rows.num_rows for batch in file.read(table))
    print(time.perf_counter() - wall, time.thread_time() - cpu, rows, table)
"""


@dataclass(frozen=True)
class Taken:
    """What a run took, in seconds and megabytes."""

    wall: float
    cpu: float
    memory: float

    def better(self, other: Taken) -> Taken:
        return Taken(min(self.wall, other.wall), min(self.cpu, other.cpu), min(self.memory, other.memory))


def command(*arguments: str, compiled: Path) -> tuple[Taken, str]:
    """A command with its start-up, and what it wrote (to a file, as somebody's export would)."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(compiled)
    with tempfile.NamedTemporaryFile() as out:
        wall = time.perf_counter()
        process = subprocess.Popen(arguments, stdout=out, stderr=subprocess.DEVNULL, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        taken = Taken(time.perf_counter() - wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
        out.seek(0)  # the child wrote through the same open file, and left it at its end
        written = out.readline().decode()
        if os.waitstatus_to_exitcode(status) or not written:
            raise SystemExit(f"{arguments[0]} failed")
        return taken, written


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", nargs="?", type=Path, default=SALES)
    parser.add_argument("table", nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    path = str(given.file)
    reading = (sys.executable, "-c", _READ, path, given.table or "")
    with tempfile.TemporaryDirectory() as folder:
        compare(given, reading, Path(folder))


def compare(given: argparse.Namespace, reading: tuple[str, ...], compiled: Path) -> None:
    path = str(given.file)
    rows, table = command(*reading, compiled=compiled)[1].strip().split(" ", 3)[2:]
    contenders = {
        "to Arrow, in a process of its own": reading,
        "jetferry export --format csv": (
            str(Path(sys.executable).with_name("jetferry")),
            "export",
            path,
            table,
            "--format",
            "csv",
        ),
    }
    if shutil.which("mdb-export"):
        contenders["mdb-export"] = ("mdb-export", path, table)
    for arguments in contenders.values():
        command(*arguments, compiled=compiled)
    best: dict[str, Taken] = {}
    for _ in range(given.rounds):
        for name, arguments in contenders.items():
            taken, written = command(*arguments, compiled=compiled)
            best[name] = taken.better(best.get(name, taken))
            if arguments is reading:
                wall, cpu = written.split(" ", 3)[:2]
                alone = Taken(float(wall), float(cpu), taken.memory)
                best["to Arrow"] = alone.better(best.get("to Arrow", alone))
    print(f"{given.file.name}, {table!r}: {rows} rows, {given.file.stat().st_size >> 20} MB; best of {given.rounds}")
    print(f"{'':34} {'wall s':>7} {'CPU s':>7} {'rows/s of CPU':>14} {'peak MB':>8} {'wall':>7} {'CPU':>7}")
    mdb = best.get("mdb-export")
    for name, taken in sorted(best.items(), key=lambda item: item[1].cpu):
        times = f"{mdb.wall / taken.wall:6.1f}x {mdb.cpu / taken.cpu:6.1f}x" if mdb else ""
        figures = f"{taken.wall:7.2f} {taken.cpu:7.2f} {int(rows) / taken.cpu:14,.0f} {taken.memory:8.0f}"
        print(f"{name:34} {figures} {times}")


if __name__ == "__main__":
    main()
