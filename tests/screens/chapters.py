"""The states that are pictured, in the order of a walk; each chapter is a walk of its own.

A chapter gets the driver, `look(name)` that takes the pictures, and a folder with two projects: `done`, a package
through all stages, and `online`, before stage 7.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import pytest
from textual.widgets import TextArea

from screens.conversion_editors import StatementEditor
from screens.estate import EstateScreen
from screens.estate_dialogs import FactsDialog
from screens.project_flow import damaged_journal
from screens.rejects import RejectsDialog
from screens.run_report import ReportDialog
from screens.widgets.dialogs import Ask, trouble
from screens.widgets.table import TableDialog
from screens.worker_watch import WorkerWatch
from tests.conftest import SAMPLE
from tests.estate import trees
from tests.screens import stand_ins
from tests.screens.conftest import Driver
from tests.screens.stand_ins import Worker
from wizard.estate.browser import Browser
from wizard.events import Event, Progress, Stage
from wizard.messages import Message, Place
from wizard.objects import TableRef
from wizard.sqlserver import connection_test
from wizard.stages import LoadResult, Migration
from wizard.stages.load import LoadStage
from wizard.stages.migrate import MigrateStage
from wizard.worker import WorkerTask

Look = Callable[[str], Awaitable[None]]
Patch = pytest.MonkeyPatch
Chapter = Callable[[Driver, Look, Path, Patch], Awaitable[None]]


async def _open(d: Driver, path: Path) -> None:
    d.app.action_close()
    d.app.open(path)
    await d.until(lambda: d.stage is not None)
    await d.settle()


async def _go(d: Driver, stage: Stage) -> None:
    d.app.go(stage)
    await d.goes_to(stage)


def _busy(d: Driver, doing: str, done: int, total: int, what: str) -> None:
    """As while a thread works on the stage."""
    screen = d.app.screen
    screen.busy = doing
    screen.show_state()
    screen.on_events([Progress(1.0, screen.stage, done, total, what)])


async def _at_work(d: Driver, history: Sequence[Event], work: WorkerTask = WorkerTask.MIGRATE) -> None:
    d.app.attached(WorkerWatch(Worker(history, work)))  # type: ignore[arg-type]
    await d.pilot.pause(0.3)


async def beginning(d: Driver, look: Look, folder: Path, patch: Patch) -> None:
    """The start and stages 1 and 2."""
    await look("start")
    await d.keys("n")
    await look("start-new")
    await d.keys("escape")
    Migration.create(folder / "empty", name="Empty").close()
    await _open(d, folder / "empty")
    await _go(d, Stage.SOURCES)
    await look("sources-empty")
    await d.keys("a")
    await look("sources-add")
    await d.keys("escape", "f")
    await look("sources-find")
    await d.keys("escape")
    d.app.push_screen(
        Ask("Password of books.mdb", "The file is encrypted.\n\nIt is kept in memory only.", password=True)
    )
    await look("sources-password")
    await d.keys("escape")
    await _open(d, folder / "done")
    await _go(d, Stage.PROJECT)
    await look("project")
    await d.tab("#tabs", "tab-options")
    await d.click("#options", row=5)
    await look("project-options")
    await d.tab("#tabs", "tab-types")
    await look("project-types")
    await d.click("#rule-add")
    await look("project-rule")
    await d.keys("escape")
    await _go(d, Stage.SOURCES)
    await d.keys("home", "down", "down", "down")
    await look("sources")
    await d.keys("enter")
    await look("sources-object")
    await d.keys("f4", "f4", "f4")
    await look("sources-rows")
    await d.keys("escape", "space")
    await look("change-reaches-further")
    await d.keys("enter")
    await look("stages-stale")
    (folder / SAMPLE.name).rename(folder / "elsewhere.accdb")
    await _open(d, folder / "done")
    await _go(d, Stage.SOURCES)
    await look("sources-missing")


async def converting(d: Driver, look: Look, folder: Path, patch: Patch) -> None:
    """Stages 3 to 6."""
    await _open(d, folder / "online")
    await d.goes_to(Stage.CONNECT)
    d.app.screen.query_one("#password").value = "secret"
    patch.setattr(connection_test, "check", stand_ins.refused)
    await d.keys("f6")
    await look("connect-failed")
    patch.setattr(connection_test, "check", stand_ins.verdicts)
    await d.keys("f6")
    await look("connect")
    await d.keys("f9")
    await d.goes_to(Stage.MAP)
    d.app.migration.map.set("branch", "dbo")
    d.app.screen.refresh_work()
    await look("map-names-meet")
    d.app.migration.map.reset()
    d.app.migration.map.confirm()
    await _go(d, Stage.ASSESS)
    await look("assess-start")
    _busy(d, "Assessing", 12, 31, "Orders")
    await look("assess-running")
    d.app.screen.busy = ""
    await _go(d, Stage.CONVERT)
    await look("convert-start")
    _busy(d, "Converting", 12, 31, "Orders")
    await look("convert-running")
    d.app.screen.busy = ""
    await _open(d, folder / "done")
    await _go(d, Stage.CONNECT)
    await look("connect-package")
    await _go(d, Stage.MAP)
    await look("map")
    await d.keys("enter")
    await look("map-change")
    await d.keys("escape")
    await _go(d, Stage.ASSESS)
    await d.click("#again")
    await look("assess")
    await d.keys("f4", "enter", "down")
    await look("assess-messages")
    await d.keys("f4")
    await look("assess-data")
    await _go(d, Stage.CONVERT)
    await d.keys("home", "down")
    await look("convert")
    await d.keys("end")
    await look("convert-query")
    await d.keys("home", "down", "enter")
    await look("convert-table")
    await d.keys("escape")
    sql = "CREATE VIEW [dbo].[Countries] AS\nSELECT DISTINCT [Publishers].[Country]\nFROM [dbo].[Publishers];"
    editor = StatementEditor(TableRef("harborbooks", "Countries"), sql, {})
    d.app.push_screen(editor)
    await d.settle()
    statement = editor.query_one(TextArea)
    statement.cursor_blink = False
    statement._line_cache.clear()  # Textual keeps the line without its cursor, if that was just away
    statement.refresh()
    editor.why("The statement must begin with CREATE VIEW [dbo].[Countries].")
    await look("convert-statement")
    await d.keys("escape")
    rows = (("Sea Charts", "12", None), ("Tides", "3", "out of print"))
    note = "SELECT TOP (10) * FROM [dbo].[Books In Print]"
    d.app.push_screen(TableDialog("Proof of [dbo].[Books In Print]", note, ("Title", "Sold", "Note"), rows))
    await look("convert-proof")


async def moving(d: Driver, look: Look, folder: Path, patch: Patch) -> None:
    """Stages 7 to 9."""
    with Migration.create(folder / "fresh", name="Fresh") as m:
        m.sources.add(folder / SAMPLE.name)
        m.prepare()
        m.convert.run()
    await _open(d, folder / "fresh")
    await _go(d, Stage.LOAD)
    await look("load-start")
    await _go(d, Stage.MIGRATE)
    await look("migrate-waits")
    await _open(d, folder / "online")
    d.app.migration.connect.set_password("secret")
    d.app.migration.connect.confirm()
    d.app.migration.map.confirm()
    d.app.migration.convert.run()
    await _go(d, Stage.LOAD)
    await d.click("#objects", row=1)
    await look("load-preview")
    await d.keys("enter")
    await look("load-action")
    await d.keys("escape")
    await _at_work(d, stand_ins.LOADING, WorkerTask.LOAD)
    await look("load-running")
    d.app.let_go()
    with patch.context() as failed:
        failed.setattr(LoadStage, "result", LoadResult(created=1, failures=(stand_ins.FAILURE,)))
        await _go(d, Stage.LOAD)
        await look("load-failed")
    await _open(d, folder / "done")
    await _go(d, Stage.LOAD)
    await look("load-package")
    await _go(d, Stage.MIGRATE)
    await look("migrate-done")
    patch.setattr(MigrateStage, "rejects", lambda *_, **__: stand_ins.REJECTS)
    d.app.push_screen(RejectsDialog(d.app.migration, "dbo.Orders"))
    await look("migrate-rejects")
    await d.keys("escape")
    patch.setattr(MigrateStage, "certificate", None)
    d.app.push_screen(ReportDialog(lambda: stand_ins.REPORT, d.app.migration))
    await look("migrate-report")
    await d.keys("escape")
    columns = ("Table", "2026-11-21 20:00 s", "2026-11-21 20:00 rej.", "2026-11-22 20:00 s", "2026-11-22 20:00 rej.")
    runs = (("dbo.Orders", "1.9", "14", "1.5", "2"), ("dbo.Books", "0.2", "0", "", ""))
    note = "2 runs, the oldest first: seconds and rejected rows of each table"
    d.app.push_screen(TableDialog("All runs side by side", note, columns, runs))
    await look("migrate-runs")
    await d.keys("escape")
    await _at_work(d, stand_ins.MIGRATING)
    await look("migrate-running")
    await d.pilot.press("ctrl+q")
    await look("leave-at-work")
    await d.pilot.press("escape")
    d.app.let_go()
    await _at_work(d, stand_ins.PAUSED)
    await look("migrate-paused")
    d.app.let_go()
    await _go(d, Stage.LINK)
    await look("link")
    await d.keys("f4")
    await look("link-does")
    await d.keys("f4")
    await look("link-to-know")
    await d.keys("f4")
    await look("link-steps")
    await d.keys("f9")
    await look("the-end")


async def losing(d: Driver, look: Look, folder: Path, patch: Patch) -> None:
    """A migration that leaves rows behind."""
    with Migration.create(folder / "lossy", name="Harbor Books") as m:
        m.sources.add(folder / SAMPLE.name)
        m.prepare()
        m.convert.run()
        m.convert.edit_type(TableRef("harborbooks", "Publishers"), "Name", "nvarchar(12)")
        m.convert.edit_type(TableRef("harborbooks", "User"), "Group", "nvarchar(1)")
        m.load.run()
    await _open(d, folder / "lossy")
    await _go(d, Stage.MIGRATE)
    await look("losses-start")
    await _at_work(d, stand_ins.LOSING)
    await look("losses-running")
    d.app.let_go()
    d.app.migration.migrate.run()
    await _go(d, Stage.MIGRATE)
    await look("losses-done")
    await _go(d, Stage.LINK)
    await d.keys("f8")
    await look("losses-finish")
    await d.keys("escape")
    d.app.migration.convert.edit_type(TableRef("harborbooks", "Publishers"), "Name", "nvarchar(60)")
    d.app.migration.load.run()
    await _go(d, Stage.MIGRATE)
    await look("losses-mended")


async def anywhere(d: Driver, look: Look, folder: Path, patch: Patch) -> None:
    """Help, messages, the palette, and bad things."""
    await _open(d, folder / "done")
    await _go(d, Stage.ASSESS)
    await d.click("#again")
    await d.keys("f1")
    await look("help")
    await d.keys("escape", "f2")
    await look("messages")
    await d.keys("escape", "ctrl+p")
    await d.pilot.pause(0.3)
    await look("palette")
    await d.keys("escape")
    d.app.push_screen(trouble(Message.of(8200, Place(source="books"), path="/srv/books.accdb"), safe="The project."))
    await look("trouble")
    await d.keys("escape")
    place = Place(source="journal")
    d.app.push_screen(damaged_journal([Message.of(6014, place, file="journal.jsonl", line=1)]))
    await look("journal-damaged")
    await d.keys("escape")
    d.app.ask_to_resume(Stage.MIGRATE, Message.of(8109, stage="8 Migrate").text)
    await look("cut-off")
    await d.keys("escape")
    await look("too-small")


async def many(d: Driver, look: Look, folder: Path, patch: Patch) -> None:
    """Many databases: from the start to a plan."""
    patch.setattr("wizard.estate.browser.LocalEngine", trees.Here)
    patch.setattr(Path, "owner", lambda *_, **__: "anna")
    share, far = folder / "share", 4_000_000_000  # so that none of it is dead, whenever a picture is taken
    for place in ("shop", "backup"):
        trees.put(share / place, trees.BACK, modified=far)
    trees.put(share / "shop", trees.SALES, modified=far)
    trees.put(share / "office", trees.OFFICE, modified=far)
    (share / "broken.mdb").write_text("no database" * 1000)
    os.utime(share / "broken.mdb", (far, far))
    d.app.action_close()
    await d.keys("m")
    await look("many-begin")
    await d.keys("escape")
    browser = Browser(folder / "ours")
    browser.scan([share], lambda: False, lambda _: None)
    screen = EstateScreen(browser)
    d.app.push_screen(screen)
    await d.until(lambda: bool(screen._all))
    await d.settle()
    await look("many")
    await d.keys("down", "enter")
    await d.until(lambda: isinstance(d.app.screen, FactsDialog))
    await look("many-facts")
    await d.keys("escape", "p")
    await d.until(lambda: bool(screen._work))
    await d.settle()
    await look("many-waves")


CHAPTERS: Final[tuple[Chapter, ...]] = (beginning, converting, moving, losing, anywhere, many)
