"""A small migration with a disk that fails once, at each operation on a file in turn.

`python -m tests.bench.disk [STRIDE [FIRST]]` takes every STRIDE-th operation (all where none is given) and prints what
is wrong: a traceback, JF8000, a failure without a message, a project that does not come to its end afterwards. Status 1
where anything is.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.faulty_disk import ERRORS, template, trial


def main() -> int:
    stride, first = (int(w) for w in [*sys.argv[1:3], "1", "1"][:2]) if len(sys.argv) > 1 else (1, 1)
    home = Path(tempfile.mkdtemp())
    made = home / "template"
    made.mkdir()
    template(made)
    number, trials, bad, began = first, 0, 0, time.monotonic()
    try:
        while True:
            code = ERRORS[trials % len(ERRORS)]
            folder = home / f"trial-{number}"
            shutil.copytree(made, folder)
            disk, wrong = trial(folder, number, code)
            shutil.rmtree(folder)
            if not disk.failed:
                break
            trials += 1
            bad += bool(wrong)
            for what in wrong:
                where = disk.seen[number - 1].replace(str(folder), "")
                print(f"{number} {where} ({code}): {what}", flush=True)
            number += stride
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{trials} failures of {len(disk.seen)} operations, {bad} gone wrong, {time.monotonic() - began:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
