"""Damage many databases and read them: python tests/bench/fuzz.py [SECONDS] [SEED] [FILE...]

Each case runs with a limit of time (an alarm, of processor time, which other work on the machine does not lengthen) and
of memory (the process' address space). Prints what was found; the exit status is 1 where a case hung, ran out of memory
or raised anything that is no numbered error. It ends after SECONDS.
"""

from __future__ import annotations

import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.access.mutations import harmed, read_all
from tests.conftest import SHARED

SECONDS = 60
"""an encrypted file may ask for ten million rounds of hashing its password, and is read twice"""
MEMORY = 3 << 30
"""of address space, most of which is libraries"""


def stop(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"more than {SECONDS} s")


def main() -> int:
    end = time.monotonic() + (float(sys.argv[1]) if len(sys.argv) > 1 else 120.0)
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    chosen = [Path(a) for a in sys.argv[3:]]
    folders = ("corpus", "sample", "application/corpus")
    files = chosen or sorted(p for folder in folders for p in (SHARED / folder).iterdir() if p.is_file())
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, stop)
    random_ = random.Random(seed)
    errors: Counter[int] = Counter()
    findings: Counter[str] = Counter()
    slowest, case = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case"
        while time.monotonic() < end:
            source = files[case % len(files)]
            path.write_bytes(harmed(source.read_bytes(), random_))
            started = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                errors[read_all(path).error] += 1
            except Exception as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                finding = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error}"[:160]
                findings[finding] += 1
                if findings[finding] == 1:
                    kept = Path(tempfile.gettempdir()) / f"fuzz-{seed}-{case}{source.suffix}"
                    kept.write_bytes(path.read_bytes())
                    print(f"case {case} ({source.name}), kept as {kept}: {finding}", flush=True)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            slowest = max(slowest, time.process_time() - started)
            case += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{case} cases of {len(files)} files, seed {seed}: {sum(findings.values())} findings of {len(findings)} kinds"
    )
    print(f"slowest case {slowest:.2f} s of processor time, peak memory {peak} MB")
    print("read without error:", errors.pop(0, 0), "- first errors:", dict(sorted(errors.items())))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
