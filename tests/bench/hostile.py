"""Both databases of hostile names through every command; prints what reached a stream or a file, status 1 if anything.

`python -m tests.bench.hostile [FILE…]`
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import SHARED
from tests.hostile import drive


def main() -> int:
    files = [Path(w) for w in sys.argv[1:]] or sorted((SHARED / "hostile").glob("evil.*"))
    if not files:
        print(f"there are no evil.* in {SHARED / 'hostile'}: name files")
        return 2
    bad = 0
    for file in files:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            found = drive(file, Path(folder) / "in")
        bad += len(found)
        print(f"{file.name}: {len(found)} findings, {time.monotonic() - began:.0f} s", *found, sep="\n  ", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
