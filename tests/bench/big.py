"""Databases that are large in one way, through stages 2 to 8 into a package: time and memory, and how they grow.

    python -m tests.bench.big [tables] [columns] [queries] [sources] [memo]

Each way in three sizes, each size in a process of its own. `growth` is the time beside the size before, over what the
size grew by: 1 is linear, less is better. Queries are the sample's, again and again, converted only: a file of so
many cannot be made without Access. A Long Text value is as long as told, in megabytes (JETFERRY_LARGEST_VALUE lets
more than 64 through).
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.access.build import LONG, MEMO, Builder, Column, row
from tests.bench.many import COLUMNS, catalogue, many_tables
from tests.conftest import SAMPLE
from wizard.access import AccessFile
from wizard.access import format as fmt
from wizard.access.memory_limits import LARGEST_NAME
from wizard.convert import convert
from wizard.settings import Options, Target, TargetKind
from wizard.stages import Migration

SIZES = {
    "tables": (75, 150, 300),
    "columns": (64, 128, 255),
    "queries": (1_250, 2_500, 5_000),
    "sources": (12, 25, 50),
    "memo": (64, 256, 1_000),
}


def migrated(folder: Path, *files: Path) -> None:
    """Stages 1 to 8 of a project that goes to a package."""
    with Migration.create(folder / "p", target=Target(TargetKind.PACKAGE)) as migration:
        migration.project.confirm()
        for number, file in enumerate(files):
            migration.map.set(migration.sources.add(file).key, f"s{number}")
        migration.prepare()
        migration.assess.run()
        migration.convert.run()
        migration.load.run()
        result = migration.migrate.run()
        assert result.complete, result


def tables(folder: Path, size: int) -> Callable[[], object]:
    file = many_tables(folder / "m.mdb", size)
    return lambda: migrated(folder, file)


def columns(folder: Path, size: int) -> Callable[[], object]:
    wide = [replace(COLUMNS[n % len(COLUMNS)], name=f"c{n}") for n in range(size)]
    file = many_tables(folder / "m.mdb", 2, wide, 400)
    return lambda: migrated(folder, file)


def queries(folder: Path, size: int) -> Callable[[], object]:
    with AccessFile.open(SAMPLE) as file:
        whole = file.definition
    own = [q for q in whole.queries if not q.hidden]
    many = tuple(replace(own[n % len(own)], name=f"{own[n % len(own)].name} {n}") for n in range(size))
    asked = replace(whole, queries=whole.queries + many)
    target = Target(TargetKind.SQL_SERVER)
    return lambda: convert(asked, source="s", schema="dbo", options=Options(), target=target)


def sources(folder: Path, size: int) -> Callable[[], object]:
    files = [Path(shutil.copyfile(SAMPLE, folder / f"shop{n}.accdb")) for n in range(size)]
    return lambda: migrated(folder, *files)


def memo(folder: Path, size: int) -> Callable[[], object]:
    """One row with a text of so many megabytes, on a chain of pages."""
    builder, pointer, length = Builder(fmt.JET4, 1), 0, 0
    text = ("Amber Basin Cedar Delta " * 84).encode("utf-16-le")[:4_000]
    while length < size << 20:
        pointer = builder.data_page(b"LVAL", [(0, struct.pack("<I", pointer) + text)]) << 8
        length += len(text)
    held = [Column("Number", LONG, 4), Column("Story", MEMO)]
    values = [struct.pack("<i", 1), struct.pack("<III", length, pointer, 0)]
    catalogue(builder, {"Stories": (held, [row(fmt.JET4, held, values)])})
    file = builder.write(folder / "memo.mdb")
    return lambda: migrated(folder, file)


WAYS = {f.__name__: f for f in (tables, columns, queries, sources, memo)}


def one(name: str, size: int) -> None:
    """Run one size and print its figures as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        work = WAYS[name](Path(folder), size)
        before, clock = time.process_time(), time.perf_counter()
        work()
        seconds, processor = time.perf_counter() - clock, time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "processor": processor, "peak": peak}))


def main(names: list[str]) -> None:
    print(f"{'':8} {'size':>6} {'seconds':>8} {'processor':>9} {'peak MB':>8} {'growth':>7}")
    for name in names:
        before: tuple[int, float] | None = None
        for size in SIZES[name]:
            environment = os.environ | {LARGEST_NAME: "1100"}
            command = [sys.executable, "-m", "tests.bench.big", "--one", name, str(size)]
            answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
            found = json.loads(answer.stdout.splitlines()[-1])
            grown = f"{found['processor'] / before[1] / (size / before[0]):7.2f}" if before else ""
            line = f"{found['seconds']:8.2f} {found['processor']:9.2f} {found['peak']:8.0f} {grown}"
            print(f"{name:8} {size:6} {line}", flush=True)
            before = size, found["processor"]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        main(sys.argv[1:] or list(SIZES))
