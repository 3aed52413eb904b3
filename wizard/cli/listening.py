"""What a command tells while it works: lines or progress bars to standard error, never to standard output."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from wizard.cli.talk import say
from wizard.events import (
    BatchCommitted,
    Event,
    ObjectLoaded,
    PauseChanged,
    Progress,
    Retrying,
    StageChanged,
    Status,
    TableFinished,
    TableVerified,
    Told,
)
from wizard.messages import Severity
from wizard.stages.log import line

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Loudness(IntEnum):
    QUIET = 0
    """errors only"""
    NORMAL = 1
    VERBOSE = 2
    """information and every object too"""


@contextmanager
def talking(loudness: Loudness) -> Iterator[Lines]:
    """A listener while a command runs: bars on a terminal, plain lines otherwise."""
    if loudness is Loudness.QUIET or not sys.stderr.isatty():
        yield Lines(loudness)
        return
    with _bars() as bars:
        yield Barred(loudness, bars)


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    return Bars(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[more]}"),
        TimeRemainingColumn(), console=Console(stderr=True), refresh_per_second=4, transient=True,
    )  # fmt: skip


_ENDS = (Status.RUNNING, Status.DONE, Status.FAILED, Status.SKIPPED)


class Lines:
    """A listener that prints one line a thing, of what goes on a line a second at most."""

    def __init__(self, loudness: Loudness) -> None:
        self.loudness = loudness
        self._next = 0.0

    def __call__(self, event: Event) -> None:
        if self.loudness is not Loudness.QUIET and isinstance(event, BatchCommitted | Progress):
            self.moving(event)
        elif self.matters(event):
            self.write(line(event))

    def matters(self, event: Event) -> bool:
        """Whether the event is printed at this loudness."""
        if isinstance(event, Told):
            least = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION)[self.loudness]
            return event.message.severity.rank <= least.rank
        if self.loudness is Loudness.VERBOSE or (isinstance(event, ObjectLoaded) and event.action == "failed"):
            return True
        if isinstance(event, TableVerified):
            return not event.equal
        if isinstance(event, StageChanged):
            return self.loudness is not Loudness.QUIET and event.status in _ENDS
        return self.loudness is not Loudness.QUIET and isinstance(event, TableFinished | Retrying | PauseChanged)

    def moving(self, event: BatchCommitted | Progress) -> None:
        """What goes on."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 1
            self.write(line(event))

    def write(self, text: str) -> None:
        say(text)


class Barred(Lines):
    """The same on a terminal: a bar for each table under way and one for the stage."""

    def __init__(self, loudness: Loudness, bars: Bars) -> None:
        super().__init__(loudness)
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, event: Event) -> None:
        super().__call__(event)
        if isinstance(event, TableFinished):
            self._gone(event.table)
        elif isinstance(event, StageChanged) and event.status is not Status.RUNNING:
            self._gone(event.stage.value)

    def moving(self, event: BatchCommitted | Progress) -> None:
        if isinstance(event, Progress):
            self._show(event.stage.value, event.done, event.total, event.what)
            return
        rate = f"{event.done / event.seconds:,.0f} rows/s" if event.seconds else ""
        rejected = f", {event.rejected:,} rejected" if event.rejected else ""
        self._show(event.table, event.done, event.rows, rate + rejected)

    def _show(self, name: str, done: int, total: int, more: str) -> None:
        facts: dict[str, Any] = {"completed": done, "total": total or None, "more": more}
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, more="")
        self._bars.update(self._tasks[name], **facts)

    def _gone(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            self._bars.remove_task(task)

    def write(self, text: str) -> None:
        self._bars.console.print(text, markup=False, highlight=False, soft_wrap=True)
