"""What distance costs: the sample, or many small tables, over a proxy with 0, 10, 40 and 100 ms a round trip.

    JETFERRY_TEST_SERVER='Server=…' python -m tests.bench.distance [sample | TABLES] [MILLISECONDS …]

Every stage that speaks to the server is run in a process of its own, from the connection's test to the verified
rows, and its round trips are counted: all, and those in line (`tests.bench.distant` says what that is). TABLES is a
number of tables of 0 to 1,000 rows in place of the sample.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.bench.distant import DistantServer
from tests.bench.many import many_tables
from tests.conftest import SAMPLE
from tests.server_schema import clear
from wizard.settings import Target, TargetKind
from wizard.sqlserver import ServerSession, settings_of
from wizard.stages import Migration

SCHEMA = "distance"
DELAYS = (0.0, 10.0, 40.0, 100.0)


def stages(migration: Migration) -> list[tuple[str, Callable[[], object]]]:
    """What speaks to the server, in its order; what does not runs between."""

    def load() -> None:
        migration.load.run()

    def migrate() -> None:
        migration.migrate.run()

    return [
        ("connect", migration.connect.confirm),
        ("-", migration.assess.run),
        ("convert", migration.convert.run),
        ("load", load),
        ("migrate", migrate),
        ("verify", migration.migrate.verify),
    ]


def once(file: Path, milliseconds: float) -> dict[str, dict[str, float]]:
    """Figures by stage."""
    connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
    with ServerSession.open(connection, password) as session:
        clear(session, SCHEMA)
    proxy = DistantServer(connection.host, connection.port or 1433, milliseconds)
    through = replace(connection, host="127.0.0.1", port=proxy.port)
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        own = shutil.copyfile(file, Path(folder) / file.name)
        with Migration.create(Path(folder) / "p", target=Target(TargetKind.SQL_SERVER)) as migration:
            migration.connect.set_password(password)
            migration.connect.set(through)
            migration.project.confirm()
            (key,) = [s.key for s in (migration.sources.add(own), *migration.data.sources)[1:]]
            migration.map.set(key, SCHEMA)
            migration.prepare()
            for name, work in stages(migration):
                before, clock = replace(proxy.trips), time.perf_counter()
                work()
                after = proxy.trips
                if name != "-":
                    found[name] = {
                        "seconds": time.perf_counter() - clock,
                        "turns": after.turns - before.turns,
                        "in line": after.in_line - before.in_line,
                        "connections": after.connections - before.connections,
                    }
    proxy.close()
    with ServerSession.open(connection, password) as session:
        clear(session, SCHEMA)
    return found


def table(rows: dict[float, dict[str, dict[str, float]]]) -> None:
    names = list(next(iter(rows.values())))
    print(f"{'ms':>5} {'stage':10} {'seconds':>8} {'in line':>8} {'turns':>6} {'connections':>11}")
    for delay, found in rows.items():
        for name in names:
            f = found[name]
            print(f"{delay:5.0f} {name:10} {f['seconds']:8.2f} {f['in line']:8.0f} {f['turns']:6.0f}"
                  f" {f['connections']:11.0f}")  # fmt: skip
        whole = {k: sum(f[k] for n, f in found.items() if n != "verify") for k in ("seconds", "in line", "turns")}
        print(f"{delay:5.0f} {'all':10} {whole['seconds']:8.2f} {whole['in line']:8.0f} {whole['turns']:6.0f}"
              "   (verify is part of migrate, and run once more by itself)")  # fmt: skip


def main(what: str, delays: list[float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = SAMPLE if what == "sample" else many_tables(Path(folder) / "many.accdb", int(what))
        rows = {}
        for delay in delays:
            command = [sys.executable, "-m", "tests.bench.distance", "--one", str(file), str(delay)]
            answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            rows[delay] = json.loads(answer.stdout.splitlines()[-1])
        table(rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(once(Path(sys.argv[2]), float(sys.argv[3]))))
    else:
        main(sys.argv[1] if sys.argv[1:] else "sample", [float(m) for m in sys.argv[2:]] or list(DELAYS))
