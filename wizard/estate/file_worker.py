"""A file worker: a process that reads and assesses one file after another, and the object that watches it.

The process is kept from file to file, as it takes a second to start. It has a limit of memory, and of time for each
file: one that goes beyond them, or dies, costs only the file that it was looking at. Orders and answers travel as lines
of JSON through its pipes, passwords with them: never through a file or the environment. When its pipe is closed, as
when whoever watches it is killed, it ends by itself.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any, Final, Literal

from wizard.estate.model import RETRIES, FileScan, FileState, Limits, ScanOrder
from wizard.messages import Message, Topic, topic_of
from wizard.stages.passwords import without_passwords

START_SECONDS: Final = 60.0
"""for a process to load what it needs"""
_SPENT: Final = 0.45
"""part of the memory that a process may hold between two files before another takes its place"""
_READY: Final = b'{"ready":'


class FileWorkerDiedError(Exception):
    """The process ended, with the file under its eyes."""


class FileWorkerTimeoutError(Exception):
    """The file took longer than it may."""


class FileWorker:
    """One process, started when it is first needed. Used by one thread."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._over = False

    def scan(self, order: ScanOrder) -> FileScan:
        """Look at a file, whatever it is: what goes wrong is a state of the file.

        A file that takes too much time or memory is looked at once more without its rows, one whose worker died once
        more as it was.
        """
        began = time.monotonic()
        found = self._tried(order)
        if found.state in (FileState.TOO_LONG, FileState.TOO_LARGE) and order.rows:
            lighter = self._tried(replace(order, rows=False, checks=False))
            if lighter.facts is not None:
                note = Message.of(9104, what=found.text).text
                found = replace(lighter, facts={**lighter.facts, "note": note}, number=9104, text=note)
        for _ in range(RETRIES):
            if found.state is FileState.CRASHED and topic_of(found.number) is Topic.FILE_WORKER_DIED and not self._over:
                found = self._tried(order)
        return replace(found, seconds=round(time.monotonic() - began, 3))

    def _tried(self, order: ScanOrder) -> FileScan:
        try:
            answer = self._asked(order)
        except FileWorkerTimeoutError:
            return _beyond(FileState.TOO_LONG, 9100, seconds=int(self.limits.seconds))
        except FileWorkerDiedError as e:
            return _beyond(FileState.CRASHED, 9102, what=e)
        state = FileState(answer.pop("state"))
        answer["members"] = tuple((n, s, t) for n, s, t in answer["members"])
        found = FileScan(state, **answer)
        if state is FileState.TOO_LARGE or found.megabytes > self.limits.megabytes * _SPENT:
            self.close()
        return found

    def _asked(self, order: ScanOrder) -> dict[str, Any]:
        """Raises FileWorkerTimeoutError, FileWorkerDiedError; the process is gone then."""
        process = self._running()
        assert process.stdin is not None  # noqa: S101  # it was asked for
        try:
            process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
            process.stdin.flush()
        except OSError:
            raise self._died() from None
        try:
            line = self._lines.get(timeout=self.limits.seconds)
        except queue.Empty:
            self.close()
            raise FileWorkerTimeoutError from None
        if not line:
            raise self._died()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._over:
            raise FileWorkerDiedError("it was ended")
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._start()
        assert self._process is not None  # noqa: S101  # just started
        return self._process

    def _start(self) -> None:
        lines: queue.Queue[bytes] = queue.Queue()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "wizard.estate.file_worker", str(self.limits.megabytes)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(),
            cwd=Path(sys.executable).parent, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None  # noqa: S101  # it was asked for
        threading.Thread(target=_pass_on, args=(process.stdout, lines), daemon=True).start()
        self._process, self._lines = process, lines
        try:
            ready = lines.get(timeout=START_SECONDS)
        except queue.Empty:
            ready = b""
        if not ready.startswith(_READY):
            raise self._died()

    def _died(self) -> FileWorkerDiedError:
        process = self._process
        with suppress(subprocess.TimeoutExpired):
            if process is not None:
                process.wait(5)
        status = process.returncode if process is not None else None
        self.close()
        reason = f"signal {-status}" if status is not None and status < 0 else f"exit status {status}"
        return FileWorkerDiedError(reason)

    def shut(self) -> None:
        """End the process from another thread, and start no more."""
        self._over = True
        process = self._process
        if process is not None:
            with suppress(OSError, subprocess.TimeoutExpired):
                process.kill()
                process.wait(5)

    def close(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            process.kill()
        with suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        process.wait()


def _beyond(state: FileState, number: int, **facts: Any) -> FileScan:
    return FileScan(state, number=number, text=Message.of(number, **facts).text)


def _environment() -> dict[str, str]:
    return {
        **without_passwords(),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # gives memory back between files
        "MALLOC_ARENA_MAX": "2",
        "PYTHONHASHSEED": "0",
    }


def _pass_on(pipe: IO[bytes], lines: queue.Queue[bytes]) -> None:
    with suppress(OSError, ValueError):
        for line in pipe:
            lines.put(line)
    lines.put(b"")
    with suppress(OSError):
        pipe.close()


# the process's own side


def _limit(megabytes: int) -> None:
    """Memory that this process may take; where the system has no such limit (Windows, macOS), there is none."""
    if sys.platform != "linux":
        return
    import resource

    most = megabytes << 20
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def megabytes(process: int | Literal["self"], what: Literal["VmRSS", "VmHWM"]) -> int | None:
    """Megabytes that a process has (VmRSS), or has had at most since its program began (VmHWM); None where the system
    does not say, as only Linux does (proc(5))."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) >> 10
    return None


def _held() -> int:
    """Megabytes that this process has held at most; 0 where it is not known."""
    if sys.platform == "win32":
        return 0
    # Linux carries ru_maxrss over from the process that started this one (getrusage(2))
    own = megabytes("self", "VmHWM")
    if own is not None:
        return own
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most >> (20 if sys.platform == "darwin" else 10)


def _answer(order: ScanOrder) -> FileScan:
    from wizard.estate.file_scan import scan_file

    try:
        return scan_file(order)
    except MemoryError:
        return _beyond(FileState.TOO_LARGE, 9101, megabytes=order.limits.megabytes)
    except (OSError, ValueError) as e:
        if "memory" in str(e).lower() or "realloc" in str(e):  # Arrow's and numpy's own
            return _beyond(FileState.TOO_LARGE, 9101, megabytes=order.limits.megabytes)
        return _beyond(FileState.CRASHED, 9105, what=f"{type(e).__name__}: {e}")
    except Exception as e:
        return _beyond(FileState.CRASHED, 9105, what=f"{type(e).__name__}: {e}")


def _order(line: bytes) -> ScanOrder:
    given = json.loads(line)
    given["limits"] = Limits(**given["limits"])
    for name in ("known", "passwords", "password_command"):
        given[name] = tuple(given[name])
    return ScanOrder(**given)


def _listen(pipe: IO[bytes], orders: queue.Queue[bytes]) -> None:
    """Orders as they come; the pipe's end ends the process, also in the middle of a file."""
    for line in pipe:
        orders.put(line)
    os._exit(0)


def main() -> None:
    """`python -m wizard.estate.file_worker MEGABYTES`."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what anything prints is no answer
    import pyarrow

    import wizard.estate.file_scan  # noqa: F401  loaded before the memory is limited

    pyarrow.set_cpu_count(1)
    _limit(int(sys.argv[1]))
    orders: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, orders), daemon=True).start()
    out.write(_READY + b"true}\n")
    while True:
        found = _answer(_order(orders.get()))
        plain = json.dumps({**asdict(found), "megabytes": _held()}, default=str).encode()
        view = memoryview(plain + b"\n")
        while view:
            view = view[out.write(view) :]


if __name__ == "__main__":
    main()
