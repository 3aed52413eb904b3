"""What a start costs: python -m tests.bench.starting [--rounds N] [--modules N]

For each command the processor time and the clock of the best of N rounds, on a table of few rows, so that the end is
the first row; beside them, in the same rounds, what no lean import path can avoid (Python, numpy and pyarrow) and the
start of mdb-export, as a ratio. Then `-X importtime` of `export --format csv` and of the worker, by packages and by
modules, each module the best of its rounds.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.conftest import SAMPLE

MAIN = "from wizard.cli import main; main()"
EXPORT = ("export", str(SAMPLE), "Publishers", "--format", "csv")
WORKER = "import wizard.worker_process"
BOUND = 120
"""milliseconds to the first row of `export --format csv`"""
_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| +(\S+)")


def once(command: list[str]) -> tuple[float, float]:
    """Milliseconds of processor time, and of the clock, until the command ended."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    return 1000 * (used.ru_utime + used.ru_stime), 1000 * (time.perf_counter() - began)


def commands() -> dict[str, list[str]]:
    """What is started, by the name it is printed with."""
    python = [sys.executable, "-c"]
    found = {
        "python": [*python, "pass"],
        "numpy and pyarrow": [*python, "import numpy, pyarrow.csv"],
        "jetferry --version": [*python, MAIN, "--version"],
        "jetferry --help": [*python, MAIN, "--help"],
        "jetferry inspect": [*python, MAIN, "inspect", str(SAMPLE)],
        "jetferry export": [*python, MAIN, *EXPORT],
        "the worker": [*python, WORKER],
        "the wizard": [*python, "import screens.app"],
    }
    peer = shutil.which("mdb-export")
    return {"mdb-export": [peer, str(SAMPLE), "Publishers"], **found} if peer else found


def print_times(rounds: int) -> None:
    """The best of each; they take turns, so that a busy machine is busy for all."""
    best = dict.fromkeys(commands(), (1e9, 1e9))
    for _ in range(rounds):
        for name, command in commands().items():
            best[name] = tuple(map(min, best[name], once(command)))  # type: ignore[assignment]
    peer = best.get("mdb-export", (0, 0))[1]
    print(f"{'best of ' + str(rounds):20} processor    clock  × mdb-export")
    for name, (processor, clock) in best.items():
        print(f"{name:20} {processor:6.0f} ms {clock:6.0f} ms" + (f" {clock / peer:6.1f}" if peer else ""))
    clock = best["jetferry export"][1]
    print(f"first row of export: {clock:.0f} ms of {BOUND}, {'kept' if clock < BOUND else 'NOT KEPT'}\n")


def imported(code: str, arguments: tuple[str, ...], rounds: int) -> dict[str, float]:
    """Milliseconds that each module itself took."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        command = [sys.executable, "-X", "importtime", "-c", code, *arguments]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        for found in map(_LINE.match, told.splitlines()):
            if found:
                best[found[3]] = min(best.get(found[3], 1e9), int(found[1]) / 1000)
    return best


def print_modules(title: str, times: dict[str, float], shown: int) -> None:
    packages: Counter[str] = Counter()
    modules: Counter[str] = Counter()
    for name, took in times.items():
        package = ".".join(name.split(".")[: 2 if name.startswith(("wizard.", "screens.")) else 1])
        packages[package] += took  # type: ignore[assignment]
        modules[package] += 1
    print(f"{title}: {sum(times.values()):.0f} ms in {len(times)} modules")
    slowest = Counter(times).most_common(shown)
    for (package, took), (name, own) in zip(packages.most_common(shown), slowest, strict=False):
        print(f"{took:7.1f} ms {modules[package]:4} {package:24} {own:7.1f} ms {name}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--modules", type=int, default=15)
    given = parser.parse_args()
    assert Path(SAMPLE).is_file()
    once(commands()["jetferry export"])  # compiled, and in the cache of the disk
    print_times(given.rounds)
    print_modules("export", imported(MAIN, EXPORT, given.rounds), given.modules)
    print_modules("the worker", imported(WORKER, (), given.rounds), given.modules)


if __name__ == "__main__":
    main()
