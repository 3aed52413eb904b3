"""The worker: told with its whole history, steered from outside, outliving its starter, noticed when killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.steering import wait_until_read
from wizard import worker, worker_process
from wizard.access import AccessFile
from wizard.cli import runs
from wizard.cli.progress_output import Loudness
from wizard.events import Event, MessageTold, Stage, StageChanged, Status, TableFinished, WorkEnded
from wizard.messages import ProjectError, StageError
from wizard.outcomes import Exit
from wizard.stages import Migration
from wizard.worker import Command, WorkerTask

TABLES = 10


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copyfile(SAMPLE, tmp_path / "harborbooks.accdb")
    with Migration.create(tmp_path / "books") as migration:
        migration.project.confirm()
        migration.sources.add(tmp_path / "harborbooks.accdb")
        migration.prepare()
    return tmp_path / "books"


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def finished(events: Iterator[Event] | list[Event] | tuple[Event, ...]) -> list[TableFinished]:
    return [e for e in events if isinstance(e, TableFinished)]


def statuses(project: Path) -> dict[Stage, Status]:
    with Migration.open(project) as migration:
        return migration.statuses()


def test_a_worker_does_the_work_and_attaching_late_shows_all_of_it(project: Path) -> None:
    attachment = worker.start(project, WorkerTask.ONE_STEP)
    watched = [*attachment.history, *attachment.follow()]
    assert isinstance(watched[-1], WorkEnded)
    assert len(finished(watched)) == TABLES
    late = worker.attach(project)
    assert list(late.history) == watched
    assert late.ended == watched[-1]
    assert worker.at_work(project) is None
    assert statuses(project)[Stage.MIGRATE] is Status.DONE
    with pytest.raises(StageError, match="JF8304"):
        late.send(Command.PAUSE)


def test_it_holds_the_project_and_others_are_sent_to_attach(project: Path, slowly: Path) -> None:
    attachment = worker.start(project, WorkerTask.ONE_STEP)
    with pytest.raises(StageError, match="JF8300"):
        worker.start(project, WorkerTask.ONE_STEP)
    with pytest.raises(ProjectError, match=f"process {attachment.state.pid} .* a worker can be watched"):
        Migration.open(project)
    with Migration.open(project, hold=False) as looking:
        assert not looking.holds
        until(lambda: (looking.reload(), looking.status(Stage.MIGRATE) is Status.RUNNING)[1])
        assert looking.cut_off is None
        with pytest.raises(ProjectError, match="JF8011"):
            looking.project.set_name("other")
    assert worker.at_work(project) == attachment.state
    slowly.touch()
    assert finished(list(attachment.follow()))


def test_cancel_stops_at_the_next_batch_and_a_second_worker_goes_on(project: Path, slowly: Path) -> None:
    attachment = worker.start(project, WorkerTask.ONE_STEP)
    until(lambda: any(e for e in attachment.poll() if type(e).__name__ == "TableStarted"))
    attachment.send(Command.CANCEL)
    wait_until_read(project, Command.CANCEL)
    slowly.touch()
    rest = list(attachment.follow())
    assert attachment.ended is not None
    assert attachment.ended.exit_status == 1
    assert "Go on with" in attachment.ended.detail
    assert any(t.status == "cancelled" for t in finished(rest))
    assert statuses(project)[Stage.MIGRATE] is Status.READY
    again = worker.start(project, WorkerTask.ONE_STEP)
    assert {t.status for t in finished([*again.history, *again.follow()])} <= {"migrated", "skipped"}
    assert statuses(project)[Stage.MIGRATE] is Status.DONE


def test_pause_waits_and_resume_goes_on(project: Path, slowly: Path) -> None:
    attachment = worker.start(project, WorkerTask.ONE_STEP)
    until(lambda: any(e for e in attachment.poll() if type(e).__name__ == "TableStarted"))
    attachment.send(Command.PAUSE)
    wait_until_read(project, Command.PAUSE)
    slowly.touch()
    time.sleep(1)
    assert len(finished(attachment.poll())) < TABLES
    assert attachment.alive()
    attachment.send(Command.RESUME)
    list(attachment.follow())
    assert attachment.ended is not None
    assert statuses(project)[Stage.MIGRATE] is Status.DONE


def test_a_worker_slow_to_free_the_project_is_not_taken_for_a_killed_one(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close, held, watched = Migration.close, threading.Event(), list[Event]()
    watcher = threading.Thread(target=lambda: watched.extend(attachment[0].follow()))
    attachment: list[worker.Attachment] = []

    def perform(*_: object) -> int:
        attachment.append(worker.attach(project))
        watcher.start()
        return 0

    def slowly_closed(migration: Migration) -> None:
        held.wait(1)
        close(migration)
        time.sleep(1)

    monkeypatch.setattr(worker_process, "stop_on_signals", lambda _cancel: None)
    monkeypatch.setattr(worker_process, "perform", perform)
    with monkeypatch.context() as patch:
        patch.setattr(Migration, "close", slowly_closed)
        path = project.with_name("books.jetferry.toml")
        threading.Timer(0.5, lambda: held.set() if attachment[0].ended is None else None).start()
        assert worker_process.work(path, worker.Order(WorkerTask.ONE_STEP)) == 0
    watcher.join(10)
    assert held.is_set()  # its end is given when the project is free, not before
    assert [type(e) for e in watched] == [WorkEnded]
    assert attachment[0].ended == watched[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_it_cleanly(project: Path, slowly: Path, number: signal.Signals) -> None:
    attachment = worker.start(project, WorkerTask.ONE_STEP)
    until(lambda: any(e for e in attachment.poll() if type(e).__name__ == "TableStarted"))
    os.kill(attachment.state.pid, number)
    time.sleep(0.2)
    slowly.touch()
    list(attachment.follow())
    assert attachment.ended is not None
    assert number.name in attachment.ended.detail
    assert statuses(project)[Stage.MIGRATE] is Status.READY


def test_how_a_worker_ended_is_not_told_once_a_command_went_on(project: Path, slowly: Path) -> None:
    attachment = worker.start(project, WorkerTask.ONE_STEP)
    until(lambda: any(e for e in attachment.poll() if type(e).__name__ == "TableStarted"))
    os.kill(attachment.state.pid, signal.SIGKILL)
    list(attachment.follow())
    slowly.touch()
    assert runs._status(project)["last_worker"]["exit_status"] == Exit.FAILED
    with Migration.open(project) as migration:
        assert runs._perform(migration, worker.Order(WorkerTask.ONE_STEP), Loudness.QUIET, True) == Exit.DONE
    assert runs._status(project)["last_worker"] is None
    assert worker.unseen(project) is None, "nor does the wizard greet with it"


def test_a_killed_worker_is_noticed_and_its_work_resumed(project: Path, slowly: Path) -> None:
    attachment = worker.start(project, WorkerTask.ONE_STEP)
    until(lambda: any(e for e in attachment.poll() if type(e).__name__ == "TableStarted"))
    os.kill(attachment.state.pid, signal.SIGKILL)
    rest = list(attachment.follow())
    assert [e.message.number for e in rest if isinstance(e, MessageTold)][-1:] == [8302]
    assert isinstance(rest[-1], WorkEnded)
    assert not attachment.alive()
    with Migration.open(project) as migration:
        assert migration.cut_off is Stage.MIGRATE
    told = "\n".join(runs._status_text(runs._status(project)))
    assert "The last worker (one-step, since " in told
    assert "ended with status 1: " in told
    assert "running" not in told
    slowly.touch()
    again = worker.start(project, WorkerTask.ONE_STEP)
    list(again.follow())
    assert again.ended is not None
    assert statuses(project)[Stage.MIGRATE] is Status.DONE


STARTER = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a test run under nohup would have it ignored
from pathlib import Path
from wizard import worker, worker_process
print(worker.start(Path(sys.argv[1]), worker.WorkerTask.ONE_STEP).state.pid, flush=True)
import time
time.sleep(60)
"""


def test_it_outlives_the_one_who_started_it(project: Path, slowly: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(project)], stdout=subprocess.PIPE, start_new_session=True
    )
    assert starter.stdout is not None
    number = int(starter.stdout.readline())
    os.killpg(starter.pid, signal.SIGHUP)  # as when the terminal goes
    starter.wait()
    attachment = worker.attach(project)
    assert attachment.state.pid == number
    assert attachment.alive()
    slowly.touch()
    list(attachment.follow())
    assert statuses(project)[Stage.MIGRATE] is Status.DONE


def test_passwords_reach_the_worker_and_no_file(tmp_path: Path, shared: Path) -> None:
    protected = next((shared / "corpus").rglob("V2010_with-password.accdb"))
    shutil.copyfile(protected, tmp_path / "secret.accdb")
    with Migration.create(tmp_path / "books") as migration:
        migration.project.confirm()
        migration.sources.add(tmp_path / "secret.accdb", password="password")
        migration.prepare()
        attachment = worker.start(tmp_path / "books", WorkerTask.ONE_STEP, migration=migration)
        events = [*attachment.history, *attachment.follow()]
        migration.take_back()
        assert migration.status(Stage.CONVERT) is Status.DONE
    assert any(isinstance(e, StageChanged) and e.stage is Stage.MIGRATE for e in events)
    with AccessFile.open(tmp_path / "secret.accdb", "password") as file:
        tables = [t.name for t in file.definition.tables]
    assert len(finished(events)) == len(tables)
    for path in [tmp_path / "books.jetferry.toml", *(tmp_path / "books.jetferry" / "worker").iterdir()]:
        if not path.name.startswith("events-"):
            written = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
            assert not any("password" in x.casefold() for x in written)


def test_nobody_was_there(project: Path) -> None:
    with pytest.raises(StageError, match="JF8301"):
        worker.attach(project)
    assert worker.at_work(project) is None


def test_a_worker_that_cannot_start_says_why(tmp_path: Path) -> None:
    path = tmp_path / "broken.jetferry.toml"
    path.write_text("name = [", encoding="utf-8")
    with pytest.raises(StageError, match="JF8303") as caught:
        worker.start(path, WorkerTask.ONE_STEP)
    assert "JF8002" in str(caught.value)
