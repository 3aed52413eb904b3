"""One stream written by two processes: each prepares every other part of it, and they write in turns.

While one writes, the other makes its next part. The stream is what one process alone would write, and errors are
raised where they would be then. Processes rather than threads, because most of the making holds Python's lock; the
text itself does not pass between them: both write to the same open file.
"""

from __future__ import annotations

import errno
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any, Final, Self

from wizard.access.diagnostics import Diagnostics
from wizard.messages import JetferryError

Piece = tuple[Any, int]
"""text (bytes, or what gives a view of them), and how many rows it holds"""
Make = Callable[[int], Iterator[Piece]]
"""the pieces of part n"""
Written = Callable[[int], None]
"""called with the rows of each part when it has been written"""

_MOST_WAITING: Final = 8 << 20
"""bytes of a part that wait in memory for their turn; give or take those of one piece"""


def may_use_two_processes() -> bool:
    """Whether a second process helps, and forking is safe: on Linux, with more than one core and no other thread."""
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def write_in_two_processes(file: int, parts: int, make: Make, written: Written, findings: Diagnostics) -> None:
    """Write parts 0 to `parts` - 1 to an open file. What the second process finds is added to `findings`.

    Raises what `make` and writing raise; OSError where the second process has been killed.
    """
    here, there = _Line.pair()
    before = findings.counted()
    child = os.fork()
    if not child:
        here.close()
        _odd_parts(there, file, parts, make, findings)
    there.close()
    try:
        _even_parts(here, file, parts, make, written)
        findings.add(_received(here), before)
    finally:
        here.close()
        os.kill(child, signal.SIGKILL)  # whether it has ended or not: it holds nothing that could be left half done
        os.waitpid(child, 0)


@dataclass(frozen=True, slots=True)
class _Line:
    """One end of a line between the processes. (multiprocessing has the like; loading it takes 5 ms.)"""

    hears: IO[bytes]
    speaks: int

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        (a, b), (c, d) = os.pipe(), os.pipe()
        return cls(os.fdopen(a, "rb"), d), cls(os.fdopen(c, "rb"), b)

    def send(self, what: Any) -> None:
        """Raises BrokenPipeError where the other process has gone."""
        _put(self.speaks, pickle.dumps(what))

    def recv(self) -> Any:
        """Raises EOFError where the other process has gone."""
        return pickle.load(self.hears)  # noqa: S301  (what this program itself has written)

    def close(self) -> None:
        self.hears.close()
        os.close(self.speaks)


@dataclass(frozen=True, slots=True)
class _Failed:
    """Why the second process could not go on: what to call, and with what, to have the error."""

    make: Callable[..., Exception]
    facts: tuple[Any, ...]

    @classmethod
    def of(cls, error: Exception) -> _Failed:
        if isinstance(error, JetferryError):
            return cls(type(error).of, (error.message,))
        if isinstance(error, OSError) and error.errno:
            return cls(OSError, (error.errno, error.strerror))
        return cls(RuntimeError, (f"{type(error).__name__}: {error}",))


def _received(other: _Line) -> Any:
    """What the second process sends: rows written, or what it has found. Raises its error."""
    try:
        told = other.recv()
    except (EOFError, pickle.UnpicklingError) as e:
        raise OSError(errno.ECHILD, "a process that was helping has been killed") from e
    if isinstance(told, _Failed):
        raise told.make(*told.facts)
    return told


def _even_parts(other: _Line, file: int, parts: int, make: Make, written: Written) -> None:
    for n in range(0, parts, 2):
        rows = _write(file, make(n), (lambda: written(_received(other))) if n else (lambda: None))
        written(rows)
        try:
            other.send(None)
        except BrokenPipeError:
            _received(other)  # raises that it has been killed: nobody has stopped reading what is written
    if parts % 2 == 0:
        written(_received(other))


def _odd_parts(other: _Line, file: int, parts: int, make: Make, findings: Diagnostics) -> None:
    """What the second process does. It ends here, whatever happens."""
    try:
        for n in range(1, parts, 2):
            try:
                rows = _write(file, make(n), other.recv)
            except EOFError:
                return
            except Exception as e:
                other.send(_Failed.of(e))
                return
            other.send(rows)
        if parts % 2:
            other.recv()  # the last turn is the other's
        other.send(findings.counted())
    finally:
        os._exit(0)


def _write(file: int, pieces: Iterator[Piece], turn: Callable[[], None]) -> int:
    """Make pieces, wait for the turn, write them (and the rest where they are many); gives their rows.

    An error in making waits for the turn too: what the other process has before it comes first.
    """
    waiting: list[Piece] = []
    size = 0
    failure: Exception | None = None
    try:
        for piece in pieces:
            waiting.append(piece)
            size += len(memoryview(piece[0]))
            if size > _MOST_WAITING:
                break
    except Exception as e:
        failure = e
    turn()
    rows = 0
    for text, count in chain(waiting, () if failure else pieces):
        _put(file, text)
        rows += count
    if failure:
        raise failure
    return rows


def _put(file: int, text: Any) -> None:
    left = memoryview(text)
    while left:
        left = left[os.write(file, left) :]
