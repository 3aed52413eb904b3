"""Long stages in a process of their own, which outlives the terminal: starting one, and watching it.

`start` makes the process (`wizard.worker_process`), which takes the project's lock, appends every event as a JSON line
to `NAME.jetferry/worker/events-PID.jsonl`, and reads commands (pause, resume, cancel) from a file beside it, so that
anybody on the machine who may write there can attach. SIGTERM, SIGINT and SIGHUP end it at the next unit of work.
A worker that ended without a `WorkEnded` event was killed; starting again goes on where the journal is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

from wizard.events import Event, MessageTold, Stage, WorkEnded, decode
from wizard.file_writing import expanded, opened, read_json, write_whole
from wizard.messages import (
    JetferryError,
    Kind,
    Message,
    Place,
    ProjectError,
    ProjectTakenError,
    StageError,
    WorkFailedError,
)
from wizard.outcomes import Exit
from wizard.plain_data import decode as decoded
from wizard.project import ProjectLock, check_folder, folder_of, make_folder, project_path
from wizard.run_files import RunFiles
from wizard.stages import Holder, Migration
from wizard.stages.passwords import Passwords, without_passwords

WORKER: Final = "worker"
"""what the project's lock says of a worker that holds it"""
COMMANDS: Final = "commands"
STATE: Final = "state.json"
SEEN: Final = "seen.json"
"""the state of the worker whose end somebody has seen"""
POLL: Final = 0.2
"""seconds between looks at a file"""
RELEASE: Final = 10.0
"""seconds at most that a worker takes to free its project after its last event"""


class WorkerTask(StrEnum):
    """What a worker can be asked to do."""

    LOAD = "load"
    MIGRATE = "migrate"
    ONE_STEP = "one-step"
    """convert, load and migrate, what is not done yet"""
    RUN = "run"
    """the same, stages 1 to 4 confirmed first as they are set, and stage 5 unless it was skipped"""
    RELOAD = "reload"
    """empty the tables that Jetferry filled, and migrate again"""
    RETRY_REJECTS = "retry-rejects"
    VERIFY = "verify"

    @property
    def stopped(self) -> int:
        """The message that says it was stopped, and how to go on."""
        return 8306 if self is WorkerTask.RETRY_REJECTS else 8305


class Command(StrEnum):
    """What a worker that is at work can be asked to do."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class WorkerState:
    """Who works, or worked last."""

    pid: int
    host: str
    since: str
    """UTC, ISO to the second"""
    work: WorkerTask

    @property
    def events(self) -> str:
        """The file of this worker's events: another worker has another, so that nobody mixes them up."""
        return f"events-{self.pid}.jsonl"


@dataclass(frozen=True)
class Order:
    """What the starter hands to the worker through its standard input: secrets never touch a file."""

    work: WorkerTask
    through: Stage = Stage.MIGRATE
    tables: tuple[str, ...] = ()
    """for reload and retry-rejects; none means all"""
    sources: Mapping[str, str] = field(default_factory=dict)
    any_source: str = ""
    """the password of sources that `sources` has none for"""
    server: str = ""


def start(
    project: Path,
    work: WorkerTask,
    *,
    migration: Migration | None = None,
    through: Stage = Stage.MIGRATE,
    tables: Sequence[str] = (),
) -> Attachment:
    """Start a worker on a project that nobody holds, and attach to it.

    With `migration` (the caller's own) the project is released first, and its passwords are handed on.
    Raises StageError 8300 where a worker is at work already, 8303 where it does not start; ProjectError.
    """
    path = _path(project)
    make_folder(path)
    folder = worker_folder(path)
    secrets = migration.session.secrets if migration else None
    if migration is not None:
        migration.release()
    holder = ProjectLock(folder_of(path)).taken()
    if holder is not None:
        raise _busy(holder)
    folder.mkdir(exist_ok=True)
    secrets = secrets or Passwords()
    order = Order(work, through, tuple(tables), dict(secrets.sources), secrets.for_any_source, secrets.for_server)
    before = _state(path)
    with (folder / "output.log").open("ab") as output:
        process = subprocess.Popen(
            # -P: no module comes from where it starts
            [sys.executable, "-P", "-m", "wizard.worker_process", str(path)],
            stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=_neutral(), env=without_passwords(),
            start_new_session=True,
        )  # fmt: skip
    assert process.stdin is not None  # noqa: S101  # it was asked for just above
    with suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(json.dumps(asdict(order)).encode())
    return _started(path, process, before)


def _neutral() -> Path:
    """A folder that no project lies in, to start processes in: what lies beside a project is never taken for code,
    whatever relative paths the environment holds."""
    python = Path(sys.executable)
    return python.parent if os.name == "nt" else Path(python.anchor)


def _started(
    path: Path, process: subprocess.Popen[bytes], before: WorkerState | None, seconds: float = 60.0
) -> Attachment:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        now = _state(path)
        if now is not None and now != before and now.pid == process.pid:
            threading.Thread(target=process.wait, daemon=True).start()  # so that it leaves no zombie while we live
            return Attachment(path)
        if process.poll() is not None:
            break
        time.sleep(0.02)
    output = worker_folder(path) / "output.log"
    lines = output.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it said nothing"]
    raise WorkFailedError(8303, Place(Kind.PROJECT), seconds=int(seconds), what=lines[-1])


def attach(project: Path) -> Attachment:
    """Attach to the worker that is at work on the project, or look at what the last one did.

    Raises StageError 8301 where there has been none, ProjectError where there is no project, or what is in its folder
    cannot be trusted.
    """
    path = _path(project)
    check_folder(path)
    return Attachment(path)


def at_work(project: Path) -> WorkerState | None:
    """The worker that is at work on the project now; None where there is none. Costs a look at a lock."""
    path = _path(project)
    state, holder = _state(path), ProjectLock(folder_of(path)).taken()
    return state if state and holder and holder.what == WORKER and holder.pid == state.pid else None


def last(project: Path) -> tuple[WorkerState, WorkEnded] | None:
    """Who worked last on a project on which no worker is at work, and its end; None where there was none.

    One that ended without a word was killed: its end says so.
    """
    try:
        attachment = attach(project)
    except JetferryError:
        return None
    try:
        while attachment.ended is None and not attachment.alive():
            attachment.poll()
        return (attachment.state, attachment.ended) if attachment.ended is not None else None
    finally:
        attachment.close()


def unseen(project: Path) -> tuple[WorkerState, WorkEnded] | None:
    """The same, where nobody has seen that end yet."""
    path = _path(project)
    state = _state(path)
    return None if state is None or _decoded(worker_folder(path) / SEEN) == state else last(path)


def seen(project: Path) -> None:
    """Somebody has seen how the last worker ended. Where that cannot be noted, it is shown again."""
    path = _path(project)
    state = _state(path)
    if state is not None and at_work(path) is None:
        with suppress(OSError):
            write_whole(worker_folder(path) / SEEN, json.dumps(asdict(state)))


class Attachment:
    """One who watches a worker. `history` are its earlier events; `poll` or `follow` give what comes."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ProjectError(8001, Place(Kind.PROJECT), path=path)
        state = _state(path)
        if state is None:
            raise StageError(8301, Place(Kind.PROJECT))
        self.path = path
        self.state = state
        self.ended: WorkEnded | None = None
        """set once the worker said its last word and freed the project, or was found dead"""
        self._last: WorkEnded | None = None
        self._freed_by = 0.0
        try:
            self._events: IO[bytes] = opened(worker_folder(path) / state.events)
        except OSError:  # another worker is just taking over, or what is there is no file
            raise StageError(8301, Place(Kind.PROJECT)) from None
        self._rest = b""
        self._looked = 0.0
        self._alive = True
        self.history: tuple[Event, ...] = tuple(self._read())

    def _read(self) -> Iterator[Event]:
        """The whole lines that came since; a line under way waits for its end."""
        *lines, self._rest = (self._rest + self._events.read()).split(b"\n")
        for line in lines:
            with suppress(ValueError):  # another version's event
                event = decode(line.decode("utf-8", "replace"))
                if isinstance(event, WorkEnded):
                    self._last, self._freed_by = event, time.monotonic() + RELEASE
                else:
                    yield event
        if self._last is not None and self.ended is None and self._is_freed():
            self.ended = self._last
            yield self._last

    def _is_freed(self) -> bool:
        """Whether the worker, whose last event is here, has freed the project: so it does some milliseconds later."""
        return at_work(self.path) != self.state or time.monotonic() > self._freed_by

    def poll(self) -> list[Event]:
        """What came since the last call, at once. A worker found dead gives message 8302 and `WorkEnded`."""
        events = list(self._read())
        if not events and self.ended is None and not self.alive():
            events = list(self._read())  # what it wrote between our look and its end
            if self.ended is None:
                place = Place(Kind.PROJECT)
                message = Message.of(8302, place, pid=self.state.pid)
                self.ended = WorkEnded(time.time(), Exit.FAILED, message.text)
                events += [MessageTold(time.time(), Stage.MIGRATE, message), self.ended]
        return events

    def follow(self, interval: float = POLL) -> Iterator[Event]:
        """What comes, as it comes, until the worker has ended."""
        while self.ended is None:
            events = self.poll()
            yield from events
            if not events:
                time.sleep(interval)

    def alive(self) -> bool:
        """Whether the worker is still there; looks at most every half second."""
        if self._alive and time.monotonic() - self._looked > 0.5:
            self._looked = time.monotonic()
            self._alive = at_work(self.path) == self.state
        return self._alive

    def send(self, command: Command) -> None:
        """Raises StageError 8304 where the worker is gone."""
        if self.ended is not None or at_work(self.path) != self.state:
            raise WorkFailedError(8304, Place(Kind.PROJECT), command=command.value)
        with (worker_folder(self.path) / COMMANDS).open("a", encoding="utf-8") as f:
            f.write(f"{command.value}\n")

    def close(self) -> None:
        """Stop watching; the worker goes on working."""
        self._events.close()


def _path(project: Path) -> Path:
    return project_path(expanded(project).absolute())


def worker_folder(path: Path) -> Path:
    """Where the worker of the project file at `path` has its files."""
    return RunFiles(folder_of(path)).worker


def _state(path: Path) -> WorkerState | None:
    return _decoded(worker_folder(path) / STATE)


def _decoded(path: Path) -> WorkerState | None:
    try:
        return decoded(WorkerState, read_json(path))
    except (OSError, ValueError):
        return None


def _busy(holder: Holder) -> JetferryError:
    facts = {"pid": holder.pid, "host": holder.host, "since": holder.since_when}
    if holder.what == WORKER:
        return StageError(8300, Place(Kind.PROJECT), **facts)
    return ProjectTakenError(8005, Place(Kind.PROJECT), what=holder.what, **facts)
