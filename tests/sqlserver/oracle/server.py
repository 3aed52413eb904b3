"""The checker's process: a job a line on standard input, its result a line on standard output, all JSON.

A job is a level and scripts; .NET starts once (about three seconds with the first model), jobs cost a tenth of one.
"""

from __future__ import annotations

import json
import sys
import threading
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from tests.sqlserver.oracle.checking import check
from tests.sqlserver.oracle.net import Net
from tests.sqlserver.oracle.script import Script

_DEEP = 60_000
_STACK = 512 << 20
"""bytes: trees may be thousands of levels deep"""


def serve(folder: Path, jobs: TextIO, results: TextIO) -> None:
    """Answer until standard input ends."""
    net = Net(folder)
    for line in jobs:
        job = json.loads(line)
        answer: dict[str, Any]
        try:
            answer = asdict(check(net, [Script(**s) for s in job["scripts"]], job["level"]))
        except Exception:
            answer = {"failed": traceback.format_exc()}
        results.write(json.dumps(answer) + "\n")
        results.flush()


def main() -> None:
    results = sys.stdout
    sys.stdout = sys.stderr  # nothing a tool prints comes between the results
    sys.setrecursionlimit(_DEEP)
    threading.stack_size(_STACK)
    thread = threading.Thread(target=serve, args=(Path(sys.argv[1]), sys.stdin, results))
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
