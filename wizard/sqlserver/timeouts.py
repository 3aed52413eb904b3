"""Timeouts of a server: how long to wait, what is said meanwhile, and how waiting can be stopped.

A driver that waits for a connection gone silent (a proxy that forwards no more, a firewall that forgot it) notices
nothing: bulk copy's core has no time-out for statements, ODBC's counts neither fetching nor committing, and a signal
that comes meanwhile waits too. Each connection's calls are therefore made on a thread of its own (`ServerLine`). Who
called looks at the clock instead, reports a server that does not answer, and goes on without the answer where it takes
too long or a person has asked for an end. The connection is given up then: nothing is ever asked of it again, and what
was under way is or is not committed, as after any lost connection.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Any, Final, TypeVar, cast

from wizard.events import Listener, NoAnswer
from wizard.messages import Message
from wizard.sqlserver.blockers import BlockerSearch
from wizard.sqlserver.driver_errors import DriverError, ServerError
from wizard.sqlserver.error_kinds import ErrorKind

T = TypeVar("T")

LOOK: Final = 0.25
"""seconds between looks whether the waiting is to end"""
SILENT: Final = 10.0
"""seconds without an answer that are reported first; then the silence is reported each time it has doubled"""
OFTEN: Final = 60.0
"""seconds after which it is reported again at the latest"""
GRACE: Final = 15.0
"""seconds that a driver gets beyond its own time-out, to say that it is over and let the server know"""
FAREWELL: Final = 2.0
"""seconds that closing a connection may take"""


def _nothing(*_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait; 0 seconds stand for ever."""

    answer: float = 300.0
    """seconds for a statement, or for a batch of rows"""
    table: float = 3_600.0
    """seconds for a statement that goes through whole tables: indexes, constraints, figures, counts"""
    on_event: Listener | None = None
    """gets `NoAnswer`, from the thread that waits"""
    between: Callable[[], None] = _nothing
    """called again and again while waiting: what it raises, a `GivenUpError` for one, ends the waiting"""
    say: Callable[[Message], None] = _nothing
    """gets messages on sessions that hold up others, from any thread"""
    said: set[tuple[int, str]] = field(default_factory=set)
    """which of them were told"""
    origin: str = ""
    """the project's folder, as `blockers.origin_of` has it, where it is locked by this process"""

    def rest(self, seconds: float) -> None:
        """Wait that long between two attempts; `between` may end it."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.between()
            time.sleep(min(LOOK, left))


_current: ContextVar[Timeouts | None] = ContextVar("timeouts", default=None)
_doing: ContextVar[tuple[str, str]] = ContextVar("doing", default=("", ""))


def current() -> Timeouts:
    """Those of who works in this thread."""
    return _current.get() or Timeouts()


@contextmanager
def with_timeouts(timeouts: Timeouts) -> Iterator[None]:
    """Connections opened here meanwhile have these, where they are given no other."""
    token = _current.set(timeouts)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def doing(what: str, table: str = "") -> Iterator[None]:
    """What a silence is said to be about: words for people, and the table as events name it."""
    token = _doing.set((what, table))
    try:
        yield
    finally:
        _doing.reset(token)


class _Task:
    """A call of a driver, and what came of it."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.work = work
        self.done = threading.Event()
        self.value: object = None
        self.error: BaseException | None = None


def _serve(tasks: SimpleQueue[_Task | None]) -> None:
    """A line's thread. It holds nothing of the line, so that a line that nobody has any more ends it."""
    while (task := tasks.get()) is not None:
        try:
            task.value = task.work()
        except BaseException as e:  # it is raised where it was asked for
            task.error = e
        task.done.set()
        del task


class ServerLine:
    """The thread that makes one connection's calls, one after the other. Used by one caller at a time."""

    def __init__(self, server: str, timeouts: Timeouts) -> None:
        self.server, self.timeouts = server, timeouts
        self.given_up = False
        """nobody waits for it any more, and it takes no other call"""
        self.search: BlockerSearch | None = None
        """of the connection's session, where the server has told its number"""
        self._behind = ""
        self._looking = False
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def call(self, work: Callable[[], T], limit: float, *, stop: Callable[[], Any] = _nothing) -> T:
        """The result of `work`. Raises what it raises, ServerError where no answer came within `limit` seconds.

        `stop` is called, by a thread of its own, when nobody waits any more: it asks the driver to end the call.
        """
        if self.given_up:
            raise ServerError(DriverError(0, "the connection was given up, since no answer came", ErrorKind.LOST))
        if self._thread is None:
            self._thread = threading.Thread(target=_serve, args=(self._tasks,), name="line", daemon=True)
            self._thread.start()
            weakref.finalize(self, self._tasks.put, None)
        task = _Task(work)
        self._behind = ""
        self._tasks.put(task)
        try:
            self._wait(task, limit)
        except BaseException:
            if not task.done.is_set():
                self._leave()
                threading.Thread(target=stop, name="stopping", daemon=True).start()
            raise
        if task.error is not None:
            try:
                raise task.error
            finally:
                task.error = None  # else it and this frame hold each other
        return cast(T, task.value)

    def _wait(self, task: _Task, limit: float) -> None:
        """Until it is done. Raises ServerError where that takes too long, and what `between` raises."""
        if task.done.wait(LOOK):
            return
        began, next_ = time.monotonic() - LOOK, SILENT
        while not task.done.wait(LOOK):
            seconds = time.monotonic() - began
            self.timeouts.between()
            if limit and seconds >= limit:
                raise ServerError(DriverError(0, f"no answer within {seconds:.0f} s", ErrorKind.TIMEOUT))
            if seconds >= next_:
                next_ += min(next_, OFTEN)
                what, table = _doing.get()
                self._look(task, what)
                if self.timeouts.on_event:
                    self.timeouts.on_event(
                        NoAnswer(time.time(), self.server, round(seconds), what, table, self._behind)
                    )

    def _look(self, task: _Task, what: str) -> None:
        """Have somebody look whom the session waits for; what is found is told with the next report."""
        search = self.search
        if search is None or self._looking:
            return
        self._looking = True

        def look() -> None:
            try:
                self._behind = search.look(what, lambda: not task.done.is_set())
            finally:
                self._looking = False

        threading.Thread(target=look, name="looking", daemon=True).start()

    def explained(self, fault: DriverError) -> DriverError:
        """An error of this connection, with whom it waited for where that is why."""
        if self._behind and fault.trouble in (ErrorKind.TIMEOUT, ErrorKind.LOCK):
            return replace(fault, text=f"{fault.text}; {self._behind}")
        return fault

    def _leave(self) -> None:
        self.given_up = True
        if self.search is not None:
            self.search.left()

    def end(self, close: Callable[[], Any]) -> None:
        """Close the connection, without waiting long for it, and end the thread. Never raises."""
        if self._thread is None:
            return
        task = _Task(close)
        self._tasks.put(task)
        self._tasks.put(None)
        if not self.given_up:
            task.done.wait(FAREWELL)
        self._leave()
