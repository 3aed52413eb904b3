"""Progress of a command as lines or bars on standard error."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from wizard.cli.output import OutputError, chosen_progress, first, put_json_line, remember, say
from wizard.escaping import for_terminal
from wizard.events import (
    BatchCommitted,
    Event,
    MessageTold,
    NoAnswer,
    ObjectLoaded,
    PauseChanged,
    Progress,
    Retrying,
    StageChanged,
    Status,
    TableFinished,
    TableVerified,
    encode,
)
from wizard.messages import Severity, Topic
from wizard.outcomes import LoadOutcome, TableState
from wizard.stages.project_log import line
from wizard.stages.table_throughput import TableThroughput

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import Task, TaskID


class Loudness(IntEnum):
    """How much a command prints."""

    QUIET = 0
    """errors only"""
    NORMAL = 1
    VERBOSE = 2
    """information and every object too"""


@contextmanager
def reporting(loudness: Loudness, as_json: bool = False) -> Iterator[ProgressLines]:
    """A listener while a command runs: bars on a terminal, plain lines otherwise, or as `--progress` says.

    `as_json` writes every event to standard output as a line of JSON, and prints errors alone. Raises OutputError at
    the end where standard output took no more: the work itself is not hindered.
    """
    if as_json:
        events = EventLines()
        yield events
        events.check()
        return
    if loudness is Loudness.QUIET or chosen_progress() != "bar":
        yield ProgressLines(loudness, moves=chosen_progress() != "none")
        return
    with _bars() as bars:
        yield ProgressBars(loudness, bars)


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Left(TimeRemainingColumn):
        """A table's time left is known better than from its bar, which knows nothing of pauses and earlier runs."""

        def render(self, task: Task) -> Text:
            left = task.fields["left"]
            return super().render(task) if left is None else Text(left, style="progress.remaining")

    return Bars(
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[more]}", markup=False),
        Left(), console=Console(stderr=True), refresh_per_second=4, transient=True,
    )  # fmt: skip


_ENDS = (Status.RUNNING, Status.DONE, Status.LOSSES, Status.WEAKER, Status.FAILED, Status.SKIPPED)


class ProgressLines:
    """A listener that prints one line a thing, of what goes on a line a second at most."""

    def __init__(self, loudness: Loudness, moves: bool = True) -> None:
        self.loudness = loudness
        self._moves = moves
        self._next = 0.0
        self._throughput = TableThroughput()

    def __call__(self, event: Event) -> None:
        """Print an event."""
        self._throughput(event)
        self._print(event)

    def past(self, history: Sequence[Event]) -> None:
        """Events from before this listener: of work under way only how far it had come, however long ago."""
        latest = {_what(e): n for n, e in enumerate(history) if isinstance(e, BatchCommitted | Progress)}
        ended = {_what(e): n for n, e in enumerate(history) if isinstance(e, TableFinished | StageChanged)}
        for number, event in enumerate(history):
            if not isinstance(event, BatchCommitted | Progress):
                self(event)
                continue
            self._throughput(event)
            if latest[_what(event)] == number > ended.get(_what(event), -1):
                self._next = 0.0
                self._print(event)

    def _print(self, event: Event) -> None:
        if self.loudness is not Loudness.QUIET and isinstance(event, BatchCommitted | Progress):
            self.moving(event)
        elif self.matters(event):
            self.write(line(self._once(event), self._throughput))
            remember(_words(event))
        if isinstance(event, TableFinished) and event.status is TableState.FAILED:
            remember(event.detail)  # the messages that it is made of are printed each by itself

    def _once(self, event: Event) -> Event:
        """The event without an error that was printed before: a stage emits what it then raises."""
        if isinstance(event, StageChanged) and event.status is Status.FAILED and not first(event.detail):
            return replace(event, detail="")
        return event

    def matters(self, event: Event) -> bool:
        """Whether the event is printed at this loudness."""
        if isinstance(event, MessageTold):
            least = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION)[self.loudness]
            said = event.message.topic is Topic.OBJECT_NOT_MADE  # by its object's line
            return not said and event.message.severity.rank <= least.rank and first(str(event.message))
        if self.loudness is Loudness.VERBOSE or (
            isinstance(event, ObjectLoaded) and event.action is LoadOutcome.FAILED
        ):
            return True
        if isinstance(event, TableVerified):
            return not event.equal
        if isinstance(event, StageChanged):
            return self.loudness is not Loudness.QUIET and event.status in _ENDS
        if isinstance(event, TableFinished) and event.status is TableState.THERE:
            return False  # nothing was done; the closing table has it
        return self.loudness is not Loudness.QUIET and isinstance(
            event, TableFinished | Retrying | NoAnswer | PauseChanged
        )

    def moving(self, event: BatchCommitted | Progress) -> None:
        """What goes on."""
        if self._moves and time.monotonic() >= self._next:
            self._next = time.monotonic() + 1
            self.write(line(event, self._throughput))

    def write(self, text: str) -> None:
        """Put a line on standard error."""
        say(text)


class EventLines(ProgressLines):
    """A listener that writes every event to standard output as JSON, and errors to standard error."""

    def __init__(self) -> None:
        super().__init__(Loudness.QUIET)
        self._failed: OutputError | None = None

    def __call__(self, event: Event) -> None:
        """Write the event, and print it where it is an error."""
        super().__call__(event)
        if self._failed is None:
            try:
                put_json_line(encode(event))
            except OutputError as e:
                self._failed = e

    def past(self, history: Sequence[Event]) -> None:
        """All that happened before."""
        for event in history:
            self(event)

    def check(self) -> None:
        """Raises OutputError where a line could not be written."""
        if self._failed is not None:
            raise self._failed


def _words(event: Event) -> str:
    """What a line says beside the name of its thing."""
    if isinstance(event, MessageTold):
        return event.message.text
    return event.detail if isinstance(event, ObjectLoaded) else ""


def _what(event: BatchCommitted | Progress | TableFinished | StageChanged) -> str:
    """The table or the stage that goes on or has ended."""
    return event.table if isinstance(event, BatchCommitted | TableFinished) else event.stage.value


class ProgressBars(ProgressLines):
    """The same on a terminal: a bar for each table under way and one for the stage."""

    def __init__(self, loudness: Loudness, bars: Bars) -> None:
        super().__init__(loudness)
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def _print(self, event: Event) -> None:
        super()._print(event)
        if isinstance(event, TableFinished):
            self._gone(event.table)
        elif isinstance(event, StageChanged) and event.status is not Status.RUNNING:
            self._gone(event.stage.value)

    def moving(self, event: BatchCommitted | Progress) -> None:
        """Move the bar of a table or a stage."""
        if isinstance(event, Progress):
            self._show(event.stage.value, event.done, event.total, event.what)
            return
        rate = self._throughput.rate(event.table)
        more = [f"{rate:,.0f} rows/s"] * bool(rate) + [f"{event.rejected:,} rejected"] * bool(event.rejected)
        left = self._throughput.left(event.table, event.rows - event.done - event.rejected)
        self._show(event.table, event.done, event.rows, ", ".join(more), left)

    def _show(self, name: str, done: int, total: int, more: str, left: str | None = None) -> None:
        """`left` is None where only the bar knows how long it takes."""
        facts: dict[str, Any] = {"completed": done, "total": total or None, "more": more, "left": left}
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(for_terminal(name), more="", left="")
        self._bars.update(self._tasks[name], **facts)

    def _gone(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            self._bars.remove_task(task)

    def write(self, text: str) -> None:
        """Put a line above the bars."""
        self._bars.console.print(for_terminal(text), markup=False, highlight=False, soft_wrap=True)
