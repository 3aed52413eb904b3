"""Events of a worker gathered for screens: statuses, a line a table, objects loaded, the latest progress."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from wizard.events import (
    Event,
    MessageTold,
    NoAnswer,
    ObjectLoaded,
    PauseChanged,
    Progress,
    Retrying,
    Stage,
    StageChanged,
    Status,
    TableStarted,
    TableVerified,
    WorkEnded,
)
from wizard.stages.table_progress import TableProgressLines
from wizard.stages.table_throughput import TableThroughput
from wizard.stages.throughput import Throughput
from wizard.stages.views import TableProgress
from wizard.worker import Attachment, Command, WorkerTask


class WorkerWatch:
    """An attachment and what came of it so far."""

    def __init__(self, attachment: Attachment) -> None:
        self.attachment = attachment
        self.statuses: dict[Stage, Status] = {}
        self.loaded: deque[ObjectLoaded] = deque(maxlen=20_000)
        self.progress: Progress | None = None
        self.retrying: Retrying | None = None
        self.silent: NoAnswer | None = None
        """what the server is waited for, while it says nothing"""
        self.told: list[Event] = []
        """messages and changes of status among the history, for who comes late"""
        self.lines = TableProgressLines()
        self.verified: dict[str, TableVerified] = {}
        """by table, what the comparison of both sides found so far"""
        self.pace = Throughput()
        """of all tables together"""
        self.throughput = TableThroughput()
        self.ended: WorkEnded | None = None
        self.paused = False
        """as the worker's last event says, whoever asked for it"""
        self.stopping = False
        """a stop was asked for from here"""
        self._last: Stage | None = None
        self._began = self._latest = 0.0
        self.on_events(attachment.history)
        self.told = [e for e in attachment.history if isinstance(e, MessageTold | StageChanged)]

    @property
    def running(self) -> Stage | None:
        """The stage that the worker is in."""
        return next((s for s, status in self.statuses.items() if status is Status.RUNNING), None)

    @property
    def seconds(self) -> float:
        """From the worker's first event to its latest."""
        return self._latest - self._began

    @property
    def last(self) -> Stage | None:
        """The stage that the worker was in last."""
        return self._last

    def seen(self, known: Iterable[TableProgress]) -> dict[str, TableProgress]:
        """By table, the lines as the journal had them with the worker's events since."""
        lines = {t.table: t for t in known}
        if self.attachment.state.work is WorkerTask.VERIFY:  # all are compared again
            lines = {name: replace(t, equal=None) for name, t in lines.items()}
        lines |= {t.table: t for t in self.lines.tables}
        found = {name: e for name, e in self.verified.items() if name in lines}
        return lines | {n: replace(lines[n], equal=e.equal, found=e.detail) for n, e in found.items()}

    def poll(self) -> list[Event]:
        """What came since the last call."""
        told = self.attachment.poll()
        self.on_events(told)
        return told

    def on_events(self, told: Iterable[Event]) -> None:
        for event in told:
            self._began = min(self._began or event.at, event.at)
            self._latest = max(self._latest, event.at)
            self.lines(event)
            self._compare(event)
            self.pace(event)
            self.throughput(event)
            if self.silent is None or getattr(event, "table", self.silent.table) == self.silent.table:
                self.silent = None  # another table's rows are no sign that these come
            match event:
                case NoAnswer():
                    self.silent = event
                case StageChanged():
                    self.statuses[event.stage] = event.status
                    if event.status is Status.RUNNING:
                        self._last = event.stage
                case ObjectLoaded():
                    self.loaded.append(event)
                case Progress():
                    self.progress = event
                case PauseChanged():
                    self.paused = event.paused
                case Retrying():
                    self.retrying = event
                case WorkEnded():
                    self.ended = event
                case _:
                    pass

    def _compare(self, event: Event) -> None:
        """What a comparison found of a table holds until its rows move again."""
        if isinstance(event, TableVerified):
            self.verified[event.table] = event
        elif isinstance(event, TableStarted):
            self.verified.pop(event.table, None)

    def send(self, command: Command) -> None:
        """Raises StageError where the worker is gone."""
        self.attachment.send(command)
        self.stopping = self.stopping or command is Command.CANCEL
