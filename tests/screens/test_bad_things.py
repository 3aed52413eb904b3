"""Bad things become dialogs that say what happened and what is safe; the project stays sound."""

from __future__ import annotations

import os
import resource
import shutil
from pathlib import Path

import pytest
from textual.widgets import Input

from screens.app import WizardApp
from screens.stage_screen import SMALLEST, TooSmall
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from tests.screens.stand_ins import MIGRATING, Worker
from wizard import worker
from wizard.events import Stage, Status
from wizard.settings import Connection, Target, TargetKind
from wizard.stages import Migration


@pytest.fixture
def project(home: Path) -> Path:
    """A project with the sample, stages 1 to 4 done."""
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)
        m.prepare()
    return home / "p"


def test_a_terminal_too_small_says_so_and_waits(project: Path) -> None:
    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        width, height = SMALLEST
        for size in ((width - 1, height), (width, height - 1)):
            await d.resize(*size)
            assert d.app.screen.query_one(TooSmall).display
            assert "too small" in d.text
            for enough in (SMALLEST, (80, 24)):
                await d.resize(*enough)
                assert not d.app.screen.query_one(TooSmall).display
                assert "too small" not in d.text

    drive(WizardApp(project), walk)


def test_a_project_open_elsewhere_names_who_has_it_and_opens_once_it_is_free(project: Path) -> None:
    other = Migration.open(project, what="command")

    async def walk(d: Driver) -> None:
        await d.until(lambda: "JF8005" in d.text)
        assert "Nothing was opened or changed" in d.text
        other.close()
        await d.keys("enter")
        await d.until(lambda: d.stage is not None)

    drive(WizardApp(project), walk)


def test_a_damaged_project_file_is_told_with_its_place(project: Path) -> None:
    path = project.parent / "p.jetferry.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n[target\n", encoding="utf-8")

    async def walk(d: Driver) -> None:
        await d.until(lambda: "JF8002" in d.text)
        await d.keys("enter")
        assert d.stage is None

    drive(WizardApp(project), walk)


def test_a_file_that_was_moved_is_asked_for_and_found_again(project: Path) -> None:
    moved = project.parent / "elsewhere.accdb"
    (project.parent / SAMPLE.name).rename(moved)

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        await d.settle()
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        assert "not found" in d.text
        await d.keys("f9")
        assert "was not found: press Enter on it" in d.told
        await d.keys("enter")
        await d.click("#path")
        d.app.screen.query_one("#path", Input).value = str(moved)
        await d.keys("enter")
        if "Stages to be done again" in d.text:
            await d.keys("enter")
        assert "not found" not in d.text
        assert "Publishers" in d.text

    drive(WizardApp(project), walk)


def test_a_server_that_is_gone_is_told_in_words(project: Path) -> None:
    with Migration.open(project) as m:
        m.project.set_target(Target(TargetKind.SQL_SERVER))
        m.connect.set(Connection("127.0.0.1", 1, database="x", user="u", timeout=2))
        m.project.confirm()

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.CONNECT)
        d.app.screen.query_one("#password", Input).value = "p"
        await d.keys("f6")
        assert "✗ no" in d.text
        await d.keys("f9")
        assert "What is safe" in d.text
        await d.keys("enter")
        assert d.app.status(Stage.CONNECT) is not Status.DONE

    drive(WizardApp(project), walk)


def test_a_full_disk_is_told_and_nothing_is_lost(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        await d.settle()
        before = (project.parent / "p.jetferry.toml").read_text(encoding="utf-8")
        monkeypatch.setattr("wizard.project.file.write_whole", full)
        d.app.go(Stage.PROJECT)
        await d.goes_to(Stage.PROJECT)
        await d.keys("down", "space")
        if "Stages to be done again" in d.text:
            await d.keys("enter")
        assert "No space left on device" in d.text
        assert (project.parent / "p.jetferry.toml").read_text(encoding="utf-8") == before

    drive(WizardApp(project), walk)


def test_a_disk_that_fills_up_while_rows_move_is_told_and_the_work_gone_on_with(project: Path) -> None:
    with Migration.open(project) as m:
        m.one_step(through=Stage.LOAD)

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.MIGRATE)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))  # the worker to be started inherits it
        try:
            await d.work("f9")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        await d.until(lambda: "File too large" in d.words)
        assert "What is safe" in d.text
        await d.keys("enter")
        assert d.app.status(Stage.MIGRATE) is Status.FAILED
        assert 0 < sum(t.done for t in d.app.migration.migrate.lines()) < 4_458
        await d.work("f9")
        assert d.app.status(Stage.MIGRATE) is Status.DONE
        assert "4,458/4,458 rows" in d.text
        assert "✗ diff." not in d.text

    drive(WizardApp(project), walk)


def test_an_unexpected_error_leaves_a_report_and_the_wizard_stands(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("nobody thought of this")

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        await d.settle()
        d.app.go(Stage.MAP)
        await d.goes_to(Stage.MAP)
        monkeypatch.setattr("wizard.stages.map.MapStage.rows", broken)
        d.app.screen.refresh_work()
        await d.settle()
        assert "An unexpected error" in d.text
        reports = list((Path(os.environ["XDG_STATE_HOME"]) / "jetferry" / "errors").glob("error-*.txt"))
        assert len(reports) == 1
        assert "in broken" in reports[0].read_text(encoding="utf-8")
        await d.keys("enter")
        assert d.stage is Stage.MAP

    drive(WizardApp(project), walk)


def test_an_unexpected_error_ends_with_status_1_and_a_report(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[tuple[int, str]] = []
    app = WizardApp(project)
    monkeypatch.setattr(WizardApp, "is_headless", False)
    monkeypatch.setattr(app, "exit", lambda status, message: left.append((status, message)))
    app._handle_exception(ZeroDivisionError("nobody thought of this"))
    assert [status for status, _ in left] == [1]
    report = Path(left[0][1].rpartition(" is in ")[2])
    text = report.read_text(encoding="utf-8")
    assert "ZeroDivisionError" in text
    assert "nobody thought of this" not in text  # what an error says may hold values of rows
    report.unlink()


def test_a_damaged_line_of_the_journal_is_told_and_hides_nothing_else(project: Path) -> None:
    with Migration.open(project) as m:
        m.one_step()
    journal = project.parent / "p.jetferry" / "journal.jsonl"
    journal.write_text("{broken\n" + journal.read_text(encoding="utf-8"), encoding="utf-8")

    async def walk(d: Driver) -> None:
        await d.until(lambda: "The journal is damaged" in d.text)
        await d.settle()
        assert "Line 1 of the journal" in d.text
        assert "What is safe" in d.text
        await d.keys("enter")
        d.app.go(Stage.MIGRATE)
        await d.goes_to(Stage.MIGRATE)
        assert "4,458/4,458 rows" in d.text

    drive(WizardApp(project), walk)


def test_a_damaged_journal_is_told_to_who_attaches_to_a_worker_too(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Migration.open(project) as m:
        m.one_step()
    journal = project.parent / "p.jetferry" / "journal.jsonl"
    journal.write_text("{broken\n" + journal.read_text(encoding="utf-8"), encoding="utf-8")
    watched = Worker(MIGRATING)

    async def walk(d: Driver) -> None:
        await d.until(lambda: "The journal is damaged" in d.text)
        assert d.app.at_work is not None
        await d.pilot.press("enter")
        await d.until(lambda: d.stage is Stage.MIGRATE)
        assert "at work" in d.text

    with monkeypatch.context() as patched:
        patched.setattr(worker, "at_work", lambda _path: watched.state)
        patched.setattr(worker, "attach", lambda _path: watched)
        drive(WizardApp(project), walk)
