"""Long stages in a process of their own, which outlives the terminal.

`start` makes the process, which takes the project's lock, appends every event as a JSON line to
`NAME.jetferry/worker/events-PID.jsonl`, and reads commands (pause, resume, cancel) from a file beside it, so that
anybody on the machine who may write there can attach. SIGTERM, SIGINT and SIGHUP end it at the next unit of work.
A worker that ended without a `WorkEnded` event was killed; starting again goes on where the journal is.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

from wizard.cancellation import stop_on_signals
from wizard.crash_report import as_message
from wizard.escaping import for_log
from wizard.events import Event, Listener, MessageTold, PauseChanged, Stage, WorkEnded, decode, encode
from wizard.file_writing import expanded, write_whole
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
from wizard.stages import CancellationToken, Holder, Migration, StoppedError
from wizard.stages.losses import left_out
from wizard.stages.passwords import Passwords, without_passwords
from wizard.stages.worker_handover import decode_state, lock_of, make_folder, project_path

FOLDER: Final = "worker"
COMMANDS: Final = "commands"
STATE: Final = "state.json"
SEEN: Final = "seen.json"
"""the state of the worker whose end somebody has heard of"""
POLL: Final = 0.2
"""seconds between looks at a file"""


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
    """What a worker can be told."""

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


def perform(migration: Migration, order: Order, cancel: CancellationToken) -> int:
    """Do the work in this process; returns the exit status. Raises JetferryError, StoppedError."""
    with migration.session.waiting(cancel):
        return _perform(migration, order, cancel)


def _perform(migration: Migration, order: Order, cancel: CancellationToken) -> int:
    match order.work:
        case WorkerTask.LOAD:
            migration.load.run(cancel)
        case WorkerTask.MIGRATE:
            migration.migrate.run(cancel)
        case WorkerTask.RUN:
            migration.prepare(cancel, through=order.through)
            if order.through.number >= Stage.ASSESS.number and not migration.over(Stage.ASSESS):
                migration.assess.run(cancel)
            migration.one_step(cancel, through=order.through)
        case WorkerTask.ONE_STEP:
            migration.one_step(cancel, through=order.through)
        case WorkerTask.RELOAD:
            migration.migrate.reload(order.tables or None, cancel)
        case WorkerTask.RETRY_REJECTS:
            migration.migrate.retry_rejects(order.tables or None, cancel)
        case WorkerTask.VERIFY:
            return _verify(migration, cancel)
    return Exit.LEFT_OUT if left_out(migration) else Exit.DONE


def _verify(migration: Migration, cancel: CancellationToken) -> int:
    """Compare both sides; what differs is told. Returns the exit status. Raises StageError where anything does."""
    found = migration.migrate.verify(cancel)
    told = list(found.messages)
    differing = [p.table for p in found.proofs if not p.equal]
    if differing:
        told.insert(0, Message.of(8122, count=len(differing), names=", ".join(differing[:5])))
    for message in told:
        migration.session.emit_message(Stage.MIGRATE, message)
    if told:
        raise WorkFailedError.of(told[0])
    return found.verdict.exit_status


# the side of those who start and attach


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
    folder = make_folder(path) / FOLDER
    secrets = migration.session.secrets if migration else None
    if migration is not None:
        migration.release()
    holder = lock_of(path).taken()
    if holder is not None:
        raise _busy(holder)
    folder.mkdir(exist_ok=True)
    secrets = secrets or Passwords()
    order = Order(work, through, tuple(tables), dict(secrets.sources), secrets.for_any_source, secrets.for_server)
    before = _state(path)
    with (folder / "output.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "wizard.worker", str(path)],  # -P: no module comes from where it starts
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
    output = _folder(path) / "output.log"
    lines = output.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it said nothing"]
    raise WorkFailedError(8303, Place(Kind.PROJECT), seconds=int(seconds), what=lines[-1])


def attach(project: Path) -> Attachment:
    """Attach to the worker that is at work on the project, or look at what the last one did.

    Raises StageError 8301 where there has been none, ProjectError 8001 where there is no project.
    """
    return Attachment(_path(project))


def at_work(project: Path) -> WorkerState | None:
    """The worker that is at work on the project now; None where there is none. Costs a look at a lock."""
    path = _path(project)
    state, holder = _state(path), lock_of(path).taken()
    return state if state and holder and holder.what == FOLDER and holder.pid == state.pid else None


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
    """The same, where nobody has been told of that end yet."""
    path = _path(project)
    state = _state(path)
    return None if state is None or decode_state(_folder(path) / SEEN, WorkerState) == state else last(path)


def seen(project: Path) -> None:
    """Somebody has been told how the last worker ended. Where that cannot be noted, it is told again."""
    path = _path(project)
    state = _state(path)
    if state is not None and at_work(path) is None:
        with suppress(OSError):
            write_whole(_folder(path) / SEEN, json.dumps(asdict(state)))


class Attachment:
    """One who watches a worker. `history` is what it told before; `poll` or `follow` give what comes."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ProjectError(8001, Place(Kind.PROJECT), path=path)
        state = _state(path)
        if state is None:
            raise StageError(8301, Place(Kind.PROJECT))
        self.path = path
        self.state = state
        self.ended: WorkEnded | None = None
        """set once the worker said its last word, or was found dead"""
        try:
            self._events: IO[bytes] = (_folder(path) / state.events).open("rb")
        except FileNotFoundError:  # another worker is just taking over
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
                    self.ended = event
                yield event

    def poll(self) -> list[Event]:
        """What came since the last call, at once. A worker found dead is told by message 8302 and `WorkEnded`."""
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
        with (_folder(self.path) / COMMANDS).open("a", encoding="utf-8") as f:
            f.write(f"{command.value}\n")

    def close(self) -> None:
        """Let go; the worker works on."""
        self._events.close()


def _path(project: Path) -> Path:
    return project_path(expanded(project).absolute())


def _folder(path: Path) -> Path:
    return lock_of(path).folder / FOLDER


def _state(path: Path) -> WorkerState | None:
    return decode_state(_folder(path) / STATE, WorkerState)


def _busy(holder: Holder) -> JetferryError:
    facts = {"pid": holder.pid, "host": holder.host, "since": holder.since}
    if holder.what == FOLDER:
        return StageError(8300, Place(Kind.PROJECT), **facts)
    return ProjectTakenError(8005, Place(Kind.PROJECT), what=holder.what, **facts)


# the worker's own side


class EventFile:
    """A listener that appends to the worker's file of events."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Write an event as a line of JSON."""
        with self._lock, suppress(OSError):  # a full disk must not end the work; the journal tells of it
            self._file.write(encode(event) + "\n")
            self._file.flush()


def obey(commands: Path, cancel: CancellationToken, tell: Listener) -> Callable[[], None]:
    """Follow the file of commands in a thread, telling of pauses; returns what ends that."""
    over = threading.Event()
    doing = {Command.PAUSE: cancel.pause, Command.RESUME: cancel.resume, Command.CANCEL: cancel.cancel}

    def watch() -> None:
        with commands.open(encoding="utf-8") as f:
            while not over.wait(POLL):
                for word in f.read().split():
                    if word in list(Command):
                        before = cancel.paused
                        doing[Command(word)]()
                        if cancel.paused != before:
                            tell(PauseChanged(time.time(), cancel.paused))

    threading.Thread(target=watch, daemon=True).start()
    return over.set


def work(path: Path, order: Order) -> int:
    """A worker's life, from taking the project to `WorkEnded`. Returns the exit status."""
    cancel = CancellationToken()
    stop_on_signals(cancel)
    migration = Migration.open(path, what=FOLDER)
    folder = _folder(path)
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    state = WorkerState(os.getpid(), socket.gethostname(), now, order.work)
    for former in folder.glob("events-*.jsonl"):
        former.unlink()
    tell = EventFile(folder / state.events)
    write_whole(folder / COMMANDS, "")
    write_whole(folder / STATE, json.dumps(asdict(state)))
    migration.listen(tell)
    migration.session.secrets.sources.update(order.sources)
    migration.session.secrets.any_source, migration.session.secrets.server = order.any_source, order.server
    let_go = obey(folder / COMMANDS, cancel, migration.session.emit)
    status: int = Exit.FAILED
    detail = ""
    try:
        status = perform(migration, order, cancel)
        detail = "; ".join(left_out(migration)[:20]) if status == Exit.LEFT_OUT else ""
    except StoppedError:
        detail = Message.of(order.work.stopped, signal=cancel.reason or "a command", project=path.name).text
    except Exception as e:
        detail = str(as_message(e, order.work.value))
    except BaseException as e:
        detail = type(e).__name__
        raise
    finally:
        let_go()
        migration.close()
        tell(WorkEnded(time.time(), status, detail))
    return status


def main() -> int:
    """`python -m wizard.worker PROJECT`, the order on standard input."""
    given = json.load(sys.stdin)
    work_given, through, tables = WorkerTask(given["work"]), Stage(given["through"]), tuple(given["tables"])
    order = Order(work_given, through, tables, given["sources"], given["any_source"], given["server"])
    try:
        return work(Path(sys.argv[1]), order)
    except Exception as e:
        sys.stderr.write(for_log(as_message(e, "worker")) + "\n")
        return Exit.UNUSABLE if isinstance(e, JetferryError) else Exit.FAILED


if __name__ == "__main__":
    sys.exit(main())
