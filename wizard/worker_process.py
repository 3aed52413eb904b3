"""The worker process: takes the project, performs the stages, writes every event to a file, obeys commands."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from wizard.cancellation import stop_on_signals
from wizard.crash_report import as_message
from wizard.escaping import for_log, shell_word
from wizard.events import Event, Listener, PauseChanged, Stage, WorkEnded, encode
from wizard.file_writing import write_whole
from wizard.messages import (
    JetferryError,
    Message,
    WorkFailedError,
)
from wizard.outcomes import Exit
from wizard.stages import CancellationToken, Migration, StoppedError
from wizard.stages.losses import left_out, names_of_losses
from wizard.stages.migration_verifier import differing
from wizard.worker import COMMANDS, POLL, STATE, WORKER, Command, Order, WorkerState, WorkerTask, worker_folder


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
            _stages(migration, cancel, order.through)
            if order.through.number >= Stage.MIGRATE.number and (told := migration.migrate.found_differing()):
                raise WorkFailedError.of(told)  # found by `verify` since the stage ended well
        case WorkerTask.ONE_STEP:
            migration.one_step(cancel, through=order.through)
        case WorkerTask.RELOAD:
            _stages(migration, cancel, Stage.LOAD)  # what is to be different this time, for one
            migration.migrate.reload(order.tables or None, cancel)
            migration.one_step(cancel, through=order.through)
        case WorkerTask.RETRY_REJECTS:
            if migration.loads_before_retry:
                migration.one_step(cancel, through=Stage.LOAD)  # what mends their cause is to be loaded first
            migration.migrate.retry_rejects(order.tables or None, cancel)
        case WorkerTask.VERIFY:
            return _verify(migration, cancel)
    return Exit.LEFT_OUT if left_out(migration) else Exit.DONE


def _stages(migration: Migration, cancel: CancellationToken, through: Stage) -> None:
    """Every stage that is not done."""
    migration.prepare(cancel, through=through)
    if through.number >= Stage.ASSESS.number and not migration.over(Stage.ASSESS):
        migration.assess.run(cancel)
    migration.one_step(cancel, through=through)


def _verify(migration: Migration, cancel: CancellationToken) -> int:
    """Compare both sides; what differs or was left out is emitted. Returns the exit status. Raises StageError where
    anything differs."""
    found = migration.migrate.verify(cancel)
    differ = differing([p.table for p in found.proofs if not p.equal])
    wrong = [*([differ] if differ else []), *found.problems]
    for message in (*wrong, *found.unrunnable, *found.unguarded):
        migration.session.emit_message(Stage.MIGRATE, message)
    if wrong:
        raise WorkFailedError.of(wrong[0])
    return found.verdict.exit_status


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


def obey(commands: Path, cancel: CancellationToken, emit: Listener) -> Callable[[], None]:
    """Follow the file of commands in a thread, with an event for each pause; returns what ends that."""
    over = threading.Event()
    doing = {Command.PAUSE: cancel.pause, Command.RESUME: cancel.resume, Command.CANCEL: cancel.cancel}

    def watch() -> None:
        with commands.open(encoding="ascii", errors="replace") as f:  # anybody who may write there may write anything
            while not over.wait(POLL):
                for word in f.read().split():
                    if word in list(Command):
                        before = cancel.paused
                        doing[Command(word)]()
                        if cancel.paused != before:
                            emit(PauseChanged(time.time(), cancel.paused))

    threading.Thread(target=watch, daemon=True).start()
    return over.set


def work(path: Path, order: Order) -> int:
    """All that a worker does, from taking the project to `WorkEnded`. Returns the exit status."""
    cancel = CancellationToken()
    stop_on_signals(cancel)
    migration = Migration.open(path, what=WORKER)
    folder = worker_folder(path)
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    state = WorkerState(os.getpid(), socket.gethostname(), now, order.work)
    for former in folder.glob("events-*.jsonl"):
        former.unlink()
    events = EventFile(folder / state.events)
    write_whole(folder / COMMANDS, "")
    write_whole(folder / STATE, json.dumps(asdict(state)))
    migration.listen(events)
    migration.session.secrets.sources.update(order.sources)
    migration.session.secrets.any_source, migration.session.secrets.server = order.any_source, order.server
    let_go = obey(folder / COMMANDS, cancel, migration.session.emit)
    status: int = Exit.FAILED
    detail = ""
    try:
        status = perform(migration, order, cancel)
        detail = names_of_losses(migration) if status == Exit.LEFT_OUT else ""
    except StoppedError:
        detail = Message.of(
            order.work.stopped, signal=cancel.reason or "a command", project=shell_word(migration.path)
        ).text
    except Exception as e:
        detail = str(as_message(e, order.work.value))
    except BaseException as e:
        detail = type(e).__name__
        raise
    finally:
        let_go()
        events(WorkEnded(time.time(), status, detail))  # while the project is held: free without it means killed
        migration.close()
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
