"""What the tables of a run share: where rows go, options, the project's files, who gets the events, what ends it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from threading import Lock

from wizard.cancellation import CancellationToken
from wizard.events import Event, Listener, MessageTold, Retrying, RowRejected, Stage
from wizard.messages import Kind, Message, MoveError, Place, RunLimitError
from wizard.migrate.jobs import Job
from wizard.migrate.journal import Journal
from wizard.migrate.source_sums import SourceSums
from wizard.migrate.worker_slots import WorkerSlots
from wizard.run_files import RunFiles
from wizard.settings import Options
from wizard.sink import Sink

Hook = Callable[[str], None]
OpenSink = Callable[[Listener], AbstractContextManager[Sink]]
"""opens a target that emits to the listener what it goes through, and closes it at the end"""


def _nothing(_: object) -> None:
    return None


class RunEvents:
    """Events on their way to the journal and to whoever listens. Safe from any thread."""

    def __init__(self, journal: Journal | None, listener: Listener) -> None:
        self._journal, self._listener = journal, listener
        self._lock = Lock()
        self.messages: list[Message] = []
        """those of `say`"""
        self.retries: Counter[str] = Counter()
        """attempts that the target repeated, by table; under no name those of no single table"""
        self.rejecting: set[str] = set()
        """tables that have had rejects"""

    def emit(self, event: Event) -> None:
        """To the journal first, then to the listener, one at a time. Raises RecordError."""
        with self._lock:
            self._write(event)
            match event:
                case Retrying(table=table):
                    self.retries[table] += 1
                case RowRejected(table=table):
                    self.rejecting.add(table)
                case _:
                    pass
            self._listener(event)

    def record(self, event: Event) -> None:
        """To the journal alone. Raises RecordError."""
        with self._lock:
            self._write(event)

    def _write(self, event: Event) -> None:
        if self._journal is not None:
            self._journal.write(event)

    def say(self, message: Message) -> None:
        """A message of the run, kept for its result."""
        self.messages.append(message)
        self.emit(MessageTold(time.time(), Stage.MIGRATE, message))


@dataclass(slots=True)
class RejectLimits:
    """Rejects over all tables of a run, held against how many there may be (0: any number)."""

    rejected: int = 0
    _lock: Lock = field(default_factory=Lock)

    def add(self, rejected: int) -> None:
        """Count rejects of any table."""
        with self._lock:
            self.rejected += rejected

    def check(self, job: Job, rejected: int, options: Options) -> None:
        """Raises MoveError when the table, with so many rejects of its own, or the run has had too many."""
        most, most_of_all = options.max_rejects_table, options.max_rejects
        place = job.place()
        if most and rejected >= most:
            raise MoveError(6001, place, table=job.name, rejected=rejected)
        if most_of_all and self.rejected >= most_of_all:
            raise RunLimitError(6002, place, rejected=self.rejected)


@dataclass(frozen=True, slots=True)
class RunContext:
    """What all tables of a run share; `run_context` makes one."""

    sink: Sink
    options: Options
    files: RunFiles
    events: RunEvents
    cancellation: CancellationToken
    slots: WorkerSlots
    hook: Hook = _nothing
    """called with a name at each point where tests let the process die"""
    limits: RejectLimits = field(default_factory=RejectLimits)
    sums: SourceSums | None = None
    """takes the source's figures as its rows are read to be moved; None where verification is to read them"""


@contextmanager
def run_context(
    open_sink: OpenSink,
    options: Options,
    files: RunFiles,
    *,
    listener: Listener = _nothing,
    cancellation: CancellationToken | None = None,
    hook: Hook = _nothing,
    journalled: bool = True,
    sums: SourceSums | None = None,
) -> Iterator[RunContext]:
    """A context with the journal and the target open. Events of the target are journalled and emitted as well.

    Not `journalled` is for who only looks, while another process may write the journal. Where the target is throttled,
    fewer tables move at once. Raises RecordError where the journal cannot be written,
    TargetError where the target is not to be had.
    """

    def slots_changed(now: int, before: int) -> None:
        events.say(Message.of(6021 if now < before else 6022, Place(Kind.SERVER), now=now, before=before))

    def on_target_event(event: Event) -> None:
        events.emit(event)
        if isinstance(event, Retrying) and event.throttled:
            slots.throttle()

    slots = WorkerSlots(options.parallel_tables or os.cpu_count() or 1, slots_changed)
    with ExitStack() as stack:
        journal = stack.enter_context(closing(Journal(files.journal))) if journalled else None
        events = RunEvents(journal, listener)
        sink = stack.enter_context(open_sink(on_target_event))
        yield RunContext(sink, options, files, events, cancellation or CancellationToken(), slots, hook, sums=sums)
