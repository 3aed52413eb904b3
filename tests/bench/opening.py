"""What opening costs: python tests/bench/opening.py [--large MB]

Opens every database of ../shared, reads all definitions, and prints the slowest and how the time goes with the number
of tables; then the benchmark's database and a copy of it grown to MB (default 1000), to show that the size of the
file does not matter. Importing is left out, and printed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

started = time.perf_counter()
from wizard.access import AccessFile  # noqa: E402

imported = time.perf_counter() - started

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.access.oracle import PASSWORD  # noqa: E402
from tests.bench.grow import grown  # noqa: E402
from tests.conftest import SHARED  # noqa: E402


def opening(path: Path) -> tuple[float, int]:
    """Seconds of the better of three tries, and the number of tables and queries."""
    best, found = 1e9, 0
    for _ in range(3):
        began = time.perf_counter()
        with AccessFile.open(path, PASSWORD) as file:
            definition = file.definition
            best = min(best, time.perf_counter() - began)
            found = len(definition.tables) + len(definition.queries)
    return best, found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", type=int, default=1000, help="megabytes of the grown copy")
    large = parser.parse_args().large
    files = [p for folder in ("corpus", "sample") for p in sorted((SHARED / folder).iterdir()) if p.is_file()]
    taken = sorted(((*opening(p), p.name) for p in files), reverse=True)
    print(f"importing: {imported * 1000:.0f} ms; opening with all definitions, best of three:")
    for seconds, found, name in taken:
        print(f"{seconds * 1000:7.1f} ms {found:4} tables and queries  {name}")
    sales = SHARED / "bench" / "sales.accdb"
    with tempfile.TemporaryDirectory() as folder:
        for path in (sales, grown(sales, Path(folder) / "grown.accdb", large << 20)):
            print(f"{opening(path)[0] * 1000:7.1f} ms for {path.stat().st_size >> 20} MB")


if __name__ == "__main__":
    main()
