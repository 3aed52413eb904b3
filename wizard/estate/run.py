"""A wave run: a worker for each application, several at once, within limits; what became of each is kept.

Workers are those of any project: processes that outlive whoever started them, with a log, journal and certificate each.
Killed and run again, this attaches to those that are still at work and goes on with the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from wizard import worker
from wizard.crash_report import as_message
from wizard.estate.file_passwords import FilePasswords
from wizard.estate.file_worker import megabytes
from wizard.estate.model import WorkState
from wizard.estate.plan import Entry, Plan
from wizard.estate.projects import NONE, outcome, prepared, project_path
from wizard.estate.store import Estate, now
from wizard.events import BatchCommitted, Event, Stage, StageChanged, Status, TableFinished, TableStarted, WorkEnded
from wizard.messages import JetferryError, Kind, Place, ProjectError
from wizard.outcomes import Exit
from wizard.worker import Attachment, Command, WorkerTask

POLL: Final = 0.25
STOP_SECONDS: Final = 60.0
"""that workers have to come to the end of a batch"""
ESTIMATE: Final = 350
"""megabytes of a worker that has just begun"""


OnWork = Callable[[str, WorkState, str], None]
"""name, state, detail"""


@dataclass
class _ProjectJob:
    """An application under way."""

    entry: Entry
    attachment: Attachment
    attempts: int
    tables: dict[str, tuple[int, int]] = field(default_factory=dict)
    """rows, and rows that arrived"""
    stage: str = ""
    changed: bool = True

    def take(self, event: Event) -> None:
        """What a worker's event says of how far it is."""
        if isinstance(event, TableStarted | BatchCommitted):
            self.tables[event.table] = (event.rows, event.done)
        elif isinstance(event, TableFinished):
            rows = self.tables.get(event.table, (event.done, 0))[0]
            self.tables[event.table] = (rows, event.done)
        elif isinstance(event, StageChanged) and event.status is Status.RUNNING:
            self.stage = f"stage {event.stage.number}, {event.stage.value}"
        self.changed = True


@dataclass(frozen=True, slots=True)
class WaveResult:
    """What a run of waves came to."""

    states: dict[str, WorkState]
    stopped: bool

    @property
    def exit_status(self) -> int:
        """The worst of all."""
        found = set(self.states.values())
        if self.stopped or found & {WorkState.FAILED, WorkState.STOPPED, WorkState.WAITING, WorkState.RUNNING}:
            return Exit.FAILED
        return Exit.LEFT_OUT if WorkState.LOSSES in found else Exit.DONE


def run(
    estate: Estate,
    plan: Plan,
    wave: int = 0,
    *,
    passwords: FilePasswords = NONE,
    stopped: Callable[[], bool] = lambda: False,
    on_work: OnWork = lambda *_: None,
) -> WaveResult:
    """Run a wave, or all of them one after the other. Raises ProjectError: no such wave, another process at it."""
    if wave and wave not in plan.waves:
        known = ", ".join(map(str, plan.waves)) or "none"
        raise ProjectError(9202, Place(Kind.FILE), wave=wave, path=plan.path, known=known)
    states: dict[str, WorkState] = {}
    with estate.lock("run"):
        _note(estate, plan)
        for number in [wave] if wave else plan.waves:
            if not stopped():
                entries = [e for e in plan.entries if e.wave == number]
                states |= _Wave(estate, plan, entries, passwords=passwords, stopped=stopped, on_work=on_work).run()
    return WaveResult(states, stopped())


def _note(estate: Estate, plan: Plan) -> None:
    """All of the plan's applications; as waiting those that were never begun, or go elsewhere than they did."""
    with estate.db as db:
        for e in plan.entries:
            db.execute(
                "INSERT INTO work (plan, key, name, wave, project, target, responsible, state) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = CASE "
                "WHEN project = excluded.project AND target = excluded.target THEN state ELSE excluded.state END, "
                "name = excluded.name, "
                "wave = excluded.wave, project = excluded.project, target = excluded.target, "
                "responsible = excluded.responsible",
                (plan.name, e.key, e.name, e.wave, str(project_path(estate, e)), e.target, e.responsible,
                 WorkState.WAITING),
            )  # fmt: skip


class _Wave:
    def __init__(
        self, estate: Estate, plan: Plan, entries: Sequence[Entry], *, passwords: FilePasswords,
        stopped: Callable[[], bool], on_work: OnWork,
    ) -> None:  # fmt: skip
        self.estate, self.plan, self.entries = estate, plan, entries
        self.passwords, self.stopped, self.on_work = passwords, stopped, on_work
        self.states: dict[str, WorkState] = {}
        self.jobs: list[_ProjectJob] = []
        self.waiting: list[tuple[Entry, int]] = []
        """with the attempts so far"""

    def run(self) -> dict[str, WorkState]:
        for entry in self.entries:
            self._begin_with(entry)
        while (self.jobs or self.waiting) and not self.stopped():
            for entry, attempts in self._startable():
                self._start(entry, attempts)
            self._poll()
            time.sleep(POLL)
        if self.jobs:
            self._stop()
        for entry, _ in self.waiting:
            self.states[entry.name] = WorkState.WAITING
        return self.states

    def _begin_with(self, entry: Entry) -> None:
        """What is done stays, a worker that is at work is attached to, the rest waits."""
        path = project_path(self.estate, entry)
        if path.exists():
            if worker.at_work(path) is not None:
                with suppress(JetferryError):
                    self._attached(entry, worker.attach(path), 1)
                    return
            with suppress(JetferryError):
                found = outcome(path)
                state = self.estate.one("SELECT state FROM work WHERE plan = ? AND key = ?", self.plan.name, entry.key)
                if found.done and found.certificate and WorkState(state).over:
                    self.states[entry.name] = WorkState(state)
                    return
        self.waiting.append((entry, 0))

    def _startable(self) -> Iterable[tuple[Entry, int]]:
        """As many as the limits leave room for; none goes where another is at work."""
        for waiting in list(self.waiting):
            entry = waiting[0]
            limits = self.plan.limits
            if len(self.jobs) >= limits.at_once or self.stopped():
                return
            if self.jobs and sum(map(_held, self.jobs)) + ESTIMATE > limits.megabytes:
                return
            there = [j.entry for j in self.jobs if j.entry.server and j.entry.server == entry.server]
            meets = any(not j.entry.places.isdisjoint(entry.places) for j in self.jobs)
            if len(there) < limits.per_server and not meets:
                self.waiting.remove(waiting)
                yield waiting

    def _start(self, entry: Entry, attempts: int) -> None:
        self._keep(entry, WorkState.RUNNING, attempts=attempts + 1, began=now(), ended="", detail="", status=None)
        try:
            migration = prepared(self.estate, entry, self.passwords)
            try:
                verify = migration.over(Stage.MIGRATE)
                work = WorkerTask.VERIFY if verify else WorkerTask.RUN
                attachment = worker.start(project_path(self.estate, entry), work, migration=migration)
            finally:
                migration.close()
        except JetferryError as e:
            self._end(entry, attempts + 1, Exit.UNUSABLE, e.message.text)
        except Exception as e:
            self._end(entry, attempts + 1, Exit.UNUSABLE, as_message(e, "estate run").text)
        else:
            self._attached(entry, attachment, attempts + 1)

    def _attached(self, entry: Entry, attachment: Attachment, attempts: int) -> None:
        job = _ProjectJob(entry, attachment, attempts)
        for event in attachment.history:
            job.take(event)
        self.jobs.append(job)
        self._keep(entry, WorkState.RUNNING, detail=job.stage)
        self.on_work(entry.name, WorkState.RUNNING, "")

    def _poll(self) -> None:
        for job in list(self.jobs):
            for event in job.attachment.poll():
                job.take(event)
            ended = job.attachment.ended
            if ended is not None:
                self._ended(job, ended)
            elif job.changed:
                job.changed = False
                rows, done = (sum(v[n] for v in job.tables.values()) for n in (0, 1))
                self._keep(job.entry, WorkState.RUNNING, detail=job.stage, rows=rows, done=done)

    def _ended(self, job: _ProjectJob, ended: WorkEnded) -> None:
        job.attachment.close()
        worker.seen(job.attachment.path)
        self.jobs.remove(job)
        self._end(job.entry, job.attempts, ended.exit_status, ended.detail)

    def _end(self, entry: Entry, attempts: int, status: int, detail: str) -> None:
        """Keep what became of it; one that failed waits for another try where there is one left."""
        path = project_path(self.estate, entry)
        found = None
        if path.exists():
            with suppress(JetferryError):
                found = outcome(path)
        facts: dict[str, object] = {"ended": now(), "status": status, "detail": detail[:500]}
        if found is not None:
            facts |= {"verdict": found.verdict, "certificate": found.certificate, "rejected": found.rejected}
            facts |= {"rows": found.rows, "done": found.rows} if found.certificate else {}
        state = {Exit.DONE: WorkState.DONE, Exit.LEFT_OUT: WorkState.LOSSES}.get(Exit(status), WorkState.FAILED)
        if state.over and (found is None or not found.certificate):
            if attempts <= self.plan.limits.retries + 1:
                self.waiting.append((entry, attempts))  # it is all there, and is to be compared yet
                return
            state = WorkState.FAILED
        self._keep(entry, state, **facts)
        if self.stopped() and not state.over:
            state = WorkState.STOPPED
            self._keep(entry, state)
        elif state is WorkState.FAILED and status == Exit.FAILED and attempts <= self.plan.limits.retries:
            self.waiting.append((entry, attempts))
        self.states[entry.name] = state
        self.on_work(entry.name, state, detail if not state.over else found.verdict if found else "")

    def _stop(self) -> None:
        """Ask all workers to come to an end, and wait for that."""
        for job in self.jobs:
            with suppress(JetferryError):
                job.attachment.send(Command.CANCEL)
        deadline = time.monotonic() + STOP_SECONDS
        while self.jobs and time.monotonic() < deadline:
            self._poll()
            time.sleep(POLL)
        for job in self.jobs:  # it works on by itself: the next run attaches to it
            job.attachment.close()
            self.states[job.entry.name] = WorkState.RUNNING

    def _keep(self, entry: Entry, state: WorkState, **facts: object) -> None:
        attempts = facts.pop("attempts", None)
        if attempts is not None:
            facts["attempts"] = attempts
        names = ["state", *facts]
        with self.estate.db as db:
            db.execute(
                f"UPDATE work SET {', '.join(f'{n} = ?' for n in names)} WHERE plan = ? AND key = ?",
                (state, *facts.values(), self.plan.name, entry.key),
            )


def _held(job: _ProjectJob) -> int:
    """Megabytes that a worker has now; the estimate where the system does not say."""
    return max(ESTIMATE, megabytes(job.attachment.state.pid, "VmRSS") or 0)
