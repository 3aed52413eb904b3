"""An open project, shared by the stages: its data, its state machine, its listeners, the secrets in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from wizard.cancellation import CancellationToken, StoppedError
from wizard.events import Event, Listener, MessageTold, Stage, StageChanged, Status
from wizard.messages import JetferryError, Kind, Message, Place, ProjectError, SystemFaultError
from wizard.project import FileFingerprint, Project, ProjectFile, Record, StageOutcome
from wizard.run_files import RunFiles
from wizard.settings import TargetKind
from wizard.stages import project_log
from wizard.stages.destinations import destination
from wizard.stages.edit_history import EditHistory
from wizard.stages.passwords import Passwords
from wizard.stages.staleness import digests_of
from wizard.stages.state_machine import OUTSIDE, Parts, StageMachine, title


@dataclass
class StageEnding:
    """What a stage sets while it runs, to be remembered when it ends well."""

    output: str = ""
    detail: str = ""
    losses: int = 0
    weaker: int = 0
    """objects or rows that were left out"""
    done: bool = True
    """false where the work, ended well, does not make the stage done: its former record is put back"""


class ProjectSession:
    """All access to an open project goes through here; safe from several threads."""

    def __init__(self, file: ProjectFile) -> None:
        self.secrets = Passwords()
        self.edit_history = EditHistory()
        """of stage 6, since the project was opened"""
        self._file = file
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self._observed: dict[str, FileFingerprint | None] = {}
        self._told: dict[Stage, list[Message]] = {}
        self._running: Stage | None = None
        self._depth = 0
        self._lost: frozenset[Stage] = frozenset()
        """the stages whose results cannot be read"""
        self._digested: tuple[tuple[Project, Parts], ...] = ()
        """of the project as it is and as it was or would be: a change looks at both"""
        self._untold = False
        """messages since they were last kept"""
        self._recall()
        self.messages: list[Message] = list(file.messages)
        """the messages of opening"""

    @property
    def path(self) -> Path:
        """The project file."""
        return self._file.path

    @property
    def folder(self) -> Path:
        """`NAME.jetferry/`"""
        return self._file.folder

    @property
    def files(self) -> RunFiles:
        """Where everything in that folder lies."""
        return RunFiles(self._file.folder)

    @property
    def project(self) -> Project:
        """Everything decided so far; a new object after each change."""
        return self._file.project

    @property
    def holds(self) -> bool:
        """Whether this session may change the project; without, it only looks."""
        return self._file.lock.held

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Add a listener for every event; returns what takes it off."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Add this listener meanwhile."""
        end = self.listen(listener)
        try:
            yield
        finally:
            end()

    @contextmanager
    def waiting(self, cancel: CancellationToken) -> Iterator[None]:
        """Work with a server inside: it is waited for as the options say, its silence is reported, `cancel` ends it."""
        from wizard.sqlserver.blockers import origin_of  # noqa: PLC0415  the same
        from wizard.sqlserver.timeouts import Timeouts, with_timeouts  # noqa: PLC0415  servers are loaded when one is asked for

        options = self.project.options
        timeouts = Timeouts(
            options.answer_timeout,
            options.table_timeout,
            self.emit,
            cancel.check_waiting,
            lambda message: self.emit_message(self._running or Stage.CONNECT, message),
            origin=origin_of(self.folder) if self.holds else "",
        )
        with with_timeouts(timeouts):
            yield

    def emit(self, event: Event) -> None:
        """Give an event to every listener, in this thread."""
        if isinstance(event, MessageTold):
            self._told.setdefault(event.stage, []).append(event.message)
            self._untold = True
        for listener in list(self._listeners):
            listener(event)

    def emit_message(self, stage: Stage, message: Message) -> None:
        """Emit a message of a stage."""
        self.emit(MessageTold(time.time(), stage, message))

    def messages_of(self, stage: Stage) -> tuple[Message, ...]:
        """The messages of the stage's last run, also of one before the project was opened."""
        return tuple(self._told.get(stage, ()))

    def _recall(self) -> None:
        """The messages as they were kept last."""
        self._told = {
            stage: list(messages) for stage, messages in project_log.read_messages(self.files.stage_messages).items()
        }

    def keep_messages(self) -> None:
        """Keep the messages, so that who opens the project next sees them too. A disk that is full hinders nothing."""
        if self._untold and self.holds:
            self._untold = False
            project_log.keep_messages(self.files.stage_messages, self._told)

    def machine(self, project: Project | None = None) -> StageMachine:
        """The state machine of the project as it is, or as it would be."""
        project = project or self.project
        running = self._running or self._elsewhere(project)
        gone = tuple(s.path for s in project.sources if self._observed.get(s.key, s) is None)
        return StageMachine(project.stages, self._parts(project), self._blockers(project), running, gone)

    def _elsewhere(self, project: Project) -> Stage | None:
        """The stage that another process runs, where this session only looks."""
        if project.running is None or self.holds or self._file.lock.taken() is None:
            return None
        return project.running

    def _parts(self, project: Project) -> Parts:
        """The digests, made once for a project and the files as they look. A reader waits for nobody's change."""
        known = next((parts for of, parts in self._digested if of is project), None)
        if known is not None:
            return known
        with self._lock:
            parts = digests_of(project, self._observed, self._lost)
            self._digested = ((project, parts), *self._digested[:1])
            return parts

    def _blockers(self, project: Project) -> dict[Stage, Message]:
        found: dict[Stage, Message] = {}
        if not project.sources:
            found[Stage.SOURCES] = Message.of(8104, Place(Kind.PROJECT, name="sources"))
        if project.target.kind is not TargetKind.PACKAGE and not project.connection.host:
            found[Stage.CONNECT] = Message.of(8110, Place(Kind.SERVER))
        connect = project.stages.get(Stage.CONNECT)
        offline = connect is not None and connect.outcome is StageOutcome.SKIPPED
        if project.target.kind is not TargetKind.PACKAGE and offline:
            found[Stage.MIGRATE] = Message.of(8107, Place(Kind.SERVER))
        elif project.target.kind is not TargetKind.PACKAGE and not project.connection.database:
            nowhere = next((s.key for s in project.sources if not destination(project, s.key).database), None)
            if nowhere is not None:
                unnamed = Message.of(8108, Place(Kind.SERVER), source=nowhere)
                found |= {Stage.LOAD: unnamed, Stage.MIGRATE: unnamed}
        return found

    def mark_lost(self, stage: Stage) -> None:
        """The stage's result, kept in a file of the project, cannot be read: it is to be done again."""
        with self._changing():
            self._lost |= {stage}
            self._digested = ()

    def withdraw(self, stage: Stage) -> None:
        """What the stage made is not as it made it any more: it is to be done again."""
        with self._changing():
            self._save(replace(self.project, stages={s: r for s, r in self.project.stages.items() if s is not stage}))

    def observe(self, seen: dict[str, FileFingerprint | None]) -> None:
        """Take note of how source files look now; stages whose status changes by that are reported."""
        with self._changing():
            self._observed.update(seen)
            self._digested = ()

    def observed(self, key: str) -> FileFingerprint | None:
        """How a source's file looked last; None where it is gone."""
        source = self.project.source(key)
        return self._observed.get(key, source.fingerprint if source else None)

    def effects(self, project: Project) -> tuple[Stage, ...]:
        """The stages now done or skipped that the change would make stale or ask for again."""
        now, then = self.machine(), self.machine(project)
        return tuple(s for s in Stage if now.over(s) and not then.over(s))

    def _save(self, project: Project) -> None:
        if not self.holds:
            raise ProjectError(8011, Place(Kind.PROJECT), path=self.path)
        self._file.save(project)

    def change(self, project: Project) -> tuple[Stage, ...]:
        """Save the changed project; returns what `effects` would have said. Raises ProjectError where it cannot."""
        with self._changing():
            stale = self.effects(project)
            self._save(project)
            return stale

    def _record(self, machine: StageMachine, *, running: Stage | None) -> None:
        with self._changing():
            self._running = running
            self._save(replace(self.project, stages=machine.records, running=running))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Around every change. What it did to the stages is emitted when the lock is free again: a listener may wait
        for a thread that in turn waits for us."""
        changed: list[StageChanged] = []
        with self._lock:
            self._depth += 1
            before = self.machine().statuses() if self._depth == 1 else {}
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    after = self.machine().statuses()
                    changed = [self._changed(s, after[s]) for s in Stage if after[s] is not before[s]]
        for event in changed:
            self.emit(event)

    def _changed(self, stage: Stage, status: Status) -> StageChanged:
        return StageChanged(time.time(), stage, status, self.detail(stage))

    def detail(self, stage: Stage) -> str:
        """One line on the stage's status: what it did, what changed since, why it failed, what it waits for."""
        machine = self.machine()
        status = machine.status(stage)
        record = self.project.stages.get(stage)
        if status is Status.STALE:
            return machine.why_stale(stage)
        if status is Status.PENDING:
            blocked = machine.waits(stage)
            return blocked.text if blocked else ""
        if self.cut_off is stage:
            return Message.of(8109, stage=title(stage)).text
        # while it runs, the record is of the run before; where it is ready again, why it failed holds no more
        return record.detail if record and status not in (Status.RUNNING, Status.READY) else ""

    @property
    def cut_off(self) -> Stage | None:
        """The stage that was running when the process that had the project ended without a word."""
        return None if self._running or self._elsewhere(self.project) else self.project.running

    @contextmanager
    def run(self, stage: Stage) -> Iterator[StageEnding]:
        """Around a stage's work. Raises StageError where it is blocked; keeps how it ended, whatever it was."""
        with self._changing():
            former = self.project.stages.get(stage)
            machine = self.machine().start(stage)
            self._told[stage] = []
            self._untold = True
            self._record(machine, running=stage)
        ending = StageEnding()
        try:
            yield ending
        except (StoppedError, KeyboardInterrupt):
            self._ended_early(stage, None)
            raise
        except GeneratorExit:  # dropped without a word, as when the interpreter ends: it stays cut off
            raise
        except JetferryError as e:
            self._ended_early(stage, StageOutcome.FAILED, str(e.message))
            raise
        except (OSError, MemoryError) as e:
            refused = SystemFaultError.of_error(e)
            self._ended_early(stage, StageOutcome.FAILED, str(refused.message))
            raise refused from e
        except BaseException as e:
            self._ended_early(stage, StageOutcome.FAILED, f"{type(e).__name__}: {e}")
            raise
        if ending.done:
            self._ended(stage, StageOutcome.DONE, ending)
        else:
            self._put_back(stage, former)
        self.keep_messages()

    def _put_back(self, stage: Stage, former: Record | None) -> None:
        with self._changing():
            machine = self.machine()
            self._record(machine.end(stage, former) if former else machine.stop(), running=None)

    def _ended_early(self, stage: Stage, outcome: StageOutcome | None, detail: str = "") -> None:
        """Work raised.

        Where not even that can be saved (the disk is full), there is a message, and the caller gets what the work
        raised: it is the cause.
        """
        try:
            self._ended(stage, outcome, StageEnding(detail=detail))
        except JetferryError as e:
            self.emit_message(stage, e.message)
        self.keep_messages()

    def _ended(self, stage: Stage, outcome: StageOutcome | None, ending: StageEnding) -> None:
        with self._changing():
            if outcome is StageOutcome.DONE and stage in self._lost:
                self._lost -= {stage}
                self._digested = ()
            machine = self.machine()
            if outcome is None or (outcome is StageOutcome.FAILED and self._still_done(stage)):
                self._record(machine.stop(), running=None)
                return
            self._record(machine.end(stage, self._make_record(stage, outcome, ending)), running=None)

    def _still_done(self, stage: Stage) -> bool:
        """A failure to do again what is done and unchanged takes nothing back."""
        record = self.project.stages.get(stage)
        return stage not in OUTSIDE and record is not None and replace(self.machine(), running=None).over(stage)

    def _make_record(self, stage: Stage, outcome: StageOutcome, ending: StageEnding) -> Record:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        parts = self._parts(self.project)[stage]
        return Record(outcome, parts, ending.output, ending.detail, now, ending.losses, ending.weaker)

    def refresh(self, stage: Stage, output: str, losses: int = 0) -> None:
        """A stage that is done made its result again in place (an edit by hand): it stays done."""
        with self._changing():
            former = self.project.stages.get(stage)
            ending = StageEnding(output, former.detail if former else "", losses)
            machine = self.machine().end(stage, self._make_record(stage, StageOutcome.DONE, ending))
            self._record(machine, running=self._running)

    def skip(self, stage: Stage) -> None:
        """Raises StageError where the stage cannot be skipped. Only skipping stage 3 is asked again after a change."""
        with self._changing():
            parts = self._parts(self.project)[stage] if stage is Stage.CONNECT else {}
            self._record(self.machine().skip(stage, parts), running=self._running)

    def release(self) -> None:
        """Let go of the project, so that a worker can take it; from then on this session only looks."""
        self.keep_messages()
        self._file.lock.release()

    def take_back(self, what: str) -> None:
        """Take the project again and read what became of it. Raises ProjectError where another process has it."""
        self._file.lock.take(what, wait=5)
        self.reload()

    def reload(self) -> None:
        """Read the project file again: what a worker did since."""
        with self._changing():
            self._file.reload()
        self._recall()

    def close(self) -> None:
        """Keep the messages, and close the project."""
        self.keep_messages()
        self._file.close()
