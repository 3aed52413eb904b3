"""Verification against moving, of a package and, where one is named, on a server; in one run.

    [JETFERRY_TEST_SERVER='Server=…'] python -m tests.bench.verifying [FILE] [MEGABYTES …]

FILE is ../shared/bench/sales.accdb unless told; it is grown to each size (50, 400 and 2,000). Each size and target is
a process of its own: stage 8 moves the rows, writes keys and constraints, and verifies. The ratio is the time of
verification by that of the rest.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench.grow import grown
from tests.conftest import SHARED
from tests.server_schema import clear
from wizard.settings import Target, TargetKind
from wizard.sqlserver import ServerSession, settings_of
from wizard.stages import Migration
from wizard.stages.migration_verifier import MigrationVerifier
from wizard.stages.verification import Verification

SCHEMA = "verifying"
SALES = SHARED / "bench" / "sales.accdb"
SIZES = (50, 400, 2000)
FACTS = ("moving", "verifying", "processor", "ratio", "rows", "peak MB")


def once(file: Path, target: TargetKind) -> dict[str, float]:
    """Seconds of moving and of verifying, processor time of both, rows, and the peak of memory."""
    spent: list[float] = []
    verify = MigrationVerifier.verify

    def timed(self: MigrationVerifier, *given: Any, **named: Any) -> Verification:
        clock = time.perf_counter()
        found = verify(self, *given, **named)
        spent.append(time.perf_counter() - clock)
        return found

    MigrationVerifier.verify = timed  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder, Migration.create(Path(folder) / "p", target=Target(target)) as made:
        if target is not TargetKind.PACKAGE:
            connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
            with ServerSession.open(connection, password) as session:
                clear(session, SCHEMA)
            made.connect.set_password(password)
            made.connect.set(replace(connection, host=connection.host))
        made.project.confirm()
        entry = made.sources.add(file)
        made.map.set(entry.key, SCHEMA)
        made.prepare()
        made.assess.run()
        made.convert.run()
        made.load.run()
        clock, processor = time.perf_counter(), time.process_time()
        result = made.migrate.run()
        whole, processor = time.perf_counter() - clock, time.process_time() - processor
        assert result.complete, result
    moving = whole - spent[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = sum(t.rows for t in result.tables)
    return dict(zip(FACTS, (moving, spent[0], processor, spent[0] / moving, rows, peak), strict=True))


def main(file: Path, sizes: list[int]) -> None:
    targets = [TargetKind.PACKAGE, *([TargetKind.SQL_SERVER] if "JETFERRY_TEST_SERVER" in os.environ else [])]
    print(f"{'MB':>6} {'target':12}" + "".join(f"{name:>12}" for name in FACTS))
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = grown(file, Path(folder) / f"{size}.accdb", size << 20)
            for target in targets:
                command = [sys.executable, "-m", "tests.bench.verifying", "--one", str(path), target.value]
                answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                found = json.loads(answer.stdout.splitlines()[-1])
                print(f"{size:6} {target.value:12}" + "".join(f"{found[name]:12,.2f}" for name in FACTS), flush=True)
            path.unlink()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(once(Path(sys.argv[2]), TargetKind(sys.argv[3]))))
    else:
        main(Path(sys.argv[1]) if sys.argv[1:] else SALES, [int(s) for s in sys.argv[2:]] or list(SIZES))
