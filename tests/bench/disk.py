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

from tests.faulty_disk import ERRORS, moments, template, trial


def main() -> int:
    stride, first = (int(w) for w in [*sys.argv[1:3], "1", "1"][:2]) if len(sys.argv) > 1 else (1, 1)
    home = Path(tempfile.mkdtemp())
    made, folder = home / "template", home / "trial"
    made.mkdir()
    template(made)
    passed, trials, bad, began = 0, 0, 0, time.monotonic()
    try:
        for moment in moments(made):
            there = len(moment.operations)
            for number in range(1 + (first - 1 - passed) % stride, there + 1, stride):
                code = ERRORS[trials % len(ERRORS)]
                disk, wrong = trial(moment, folder, number, code)
                shutil.rmtree(folder)
                trials += disk.failed
                bad += bool(wrong)
                for what in wrong:
                    where = disk.seen[number - 1] if disk.failed else "nothing failed"
                    print(f"{passed + number} {where.replace(str(folder), '')} ({code}): {what}", flush=True)
            passed += there
            print(f"{passed} operations, {trials} failures, {time.monotonic() - began:.0f} s", flush=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{trials} failures of {passed} operations, {bad} gone wrong, {time.monotonic() - began:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
