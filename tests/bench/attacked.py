"""Every command over hostile and other databases: python tests/bench/attacked.py [FILE or FOLDER...]

A line a file with the longest time and the most memory of its commands (inspect, export in each format with salvage,
assess, and a whole migration to a package), and which they were. The exit status is 1 where a command took 500 MB or
30 seconds of processor time, ended in another way than the four documented ones, or said JF8000.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.conftest import SHARED
from wizard.cli import main as main_of_jetferry
from wizard.stages import access_files as loaded

MOST_MEMORY = 500
"""megabytes"""
MOST_TIME = 30.0
"""seconds of processor time, which other work on the machine does not lengthen much"""
GIVEN_UP = 600
"""seconds"""


@dataclass(frozen=True)
class Run:
    """What a command took, of all its processes: seconds of processor time and megabytes of the largest."""

    name: str
    cpu: float
    memory: int
    status: int
    ours: bool
    """it said JF8000"""

    @property
    def bad(self) -> bool:
        wrong = self.status not in (0, 1, 2, 3) or self.ours
        return wrong or self.memory >= MOST_MEMORY or self.cpu >= MOST_TIME


def run(name: str, folder: Path, *arguments: str) -> Run:
    """Run a command of `jetferry` with its output in files: in a process forked from this one, which has loaded it."""
    said = folder / "said"
    child = os.fork()
    if not child:
        _become(arguments, folder, said)
    end = time.monotonic() + GIVEN_UP
    while True:
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)
    ours = b"JF8000" in said.read_bytes()
    return Run(name, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, os.waitstatus_to_exitcode(status), ours)


def _become(arguments: Sequence[str], folder: Path, said: Path) -> NoReturn:
    """The command, in the child."""
    status = 70
    try:
        os.chdir(folder)
        os.environ |= {"JETFERRY_SOURCE_PASSWORD": "password", "TMPDIR": str(folder), "XDG_STATE_HOME": str(folder)}
        for number, path, flags in (
            (0, os.devnull, os.O_RDONLY), (1, os.devnull, os.O_WRONLY),
            (2, str(said), os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        ):  # fmt: skip
            os.dup2(os.open(path, flags, 0o600), number)
        sys.argv = ["jetferry", *arguments]
        main_of_jetferry()
    except SystemExit as e:
        status = int(e.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def commands(path: Path, folder: Path) -> list[Run]:
    """All commands over one file."""
    file = str(path.resolve())
    found = [run("inspect", folder, "inspect", file, "--json")]
    for form in ("jsonl", "csv", "arrow", "parquet"):
        found.append(run(form, folder, "export", file, "--salvage", "--format", form, "--out", f"out-{form}"))
    found.append(run("assess", folder, "assess", file, "--html", "report.html"))
    found.append(run("new", folder, "new", "p", "--source", file, "--target", "package", "--salvage"))
    if (folder / "p.jetferry.toml").exists():
        found.append(run("run", folder, "run", "p", "--yes"))
        found.append(run("verify", folder, "verify", "p"))
    return found


def main() -> int:
    given = [Path(a) for a in sys.argv[1:]] or [SHARED / "hostile", SHARED / "corpus", SHARED / "sample"]
    files = [f for g in given for f in (sorted(g.rglob("*")) if g.is_dir() else [g]) if f.suffix in (".mdb", ".accdb")]
    bad = 0
    loaded.load()
    for name in ("app", "files", "projects", "running", "reports"):
        importlib.import_module(f"wizard.cli.{name}")
    print(f"{'file':40} {'most MB':>8}  {'by':8} {'CPU s':>6}  by")
    for path in files:
        with tempfile.TemporaryDirectory() as folder:
            found = commands(path, Path(folder))
        large, long = max(found, key=lambda r: r.memory), max(found, key=lambda r: r.cpu)
        print(f"{path.name:40} {large.memory:8}  {large.name:8} {long.cpu:6.1f}  {long.name}", flush=True)
        for r in found:
            if r.bad:
                bad += 1
                print(f"    BAD: {r}", flush=True)
    print(
        f"{len(files)} files, {bad} commands beyond {MOST_MEMORY} MB, {MOST_TIME:.0f} s, or ended in no documented way"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
