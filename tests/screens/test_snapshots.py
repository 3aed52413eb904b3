"""Every screen's main states in three themes, the dark one at two sizes, compared with `snapshots/`.

`pytest tests/screens/test_snapshots.py --snapshot-update` writes them anew; look at them before committing.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from screens.app import WizardApp
from screens.themes import THEMES
from screens.watch import Watch
from screens.widgets.dialogs import trouble
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from tests.screens.snapshots import ACTUAL, Snapshots
from wizard.events import BatchCommitted, Event, Stage, StageChanged, Status, TableFinished, TableStarted, Told
from wizard.messages import Message, Place
from wizard.settings import Connection, Target, TargetKind
from wizard.stages import Difference, LoadAction, LoadItem, Migration
from wizard.stages.load import LoadStage
from wizard.target import server
from wizard.target.server import Step, Verdict
from wizard.worker import Command, State, Work

SHOWN = "jetferry-pictures"
"""what pictures show in place of the folder's own name, which is as long"""
SIZES = [(80, 24), (120, 40)]


def verdicts(*_: object) -> Iterator[Verdict]:
    yield Verdict(Step.REACH, True, "db1 answers on port 1433.", 0.01)
    yield Verdict(Step.ENCRYPT, True, "The connection is encrypted.")
    yield Verdict(Step.SIGN_IN, True, "ferry is let in.", 0.1)
    yield Verdict(Step.DATABASE, True, "SQL Server 2022, database books.")
    yield Verdict(Step.RIGHTS, True, "The account may create and fill tables.")


ITEMS = (
    LoadItem("[dbo].[Publishers]", "table", Difference.SAME, LoadAction.NOTHING, (LoadAction.NOTHING,)),
    LoadItem(
        "[dbo].[Books]", "table", Difference.ALTER, LoadAction.ALTER,
        (LoadAction.ALTER, LoadAction.RECREATE, LoadAction.SKIP), "column Price: money there, decimal(19,4) here",
        "ALTER TABLE [dbo].[Books] ALTER COLUMN [Price] decimal(19,4) NOT NULL",
    ),
    LoadItem(
        "[dbo].[Authors]", "table", Difference.CREATE, LoadAction.CREATE, (LoadAction.CREATE, LoadAction.SKIP), "",
        "CREATE TABLE [dbo].[Authors] (\n    [AuthorID] int IDENTITY(1,1) NOT NULL\n);",
    ),
    LoadItem("[dbo].[Sales]", "view", Difference.CONFLICT, LoadAction.SKIP, (LoadAction.RECREATE, LoadAction.SKIP)),
)  # fmt: skip


class Worker:
    """Stands in for a worker in the middle of stage 8, so that figures and times are the same in every picture."""

    state = State(4711, "ferry", "2026-11-22T20:00:00+00:00", Work.MIGRATE)
    ended = None
    history: tuple[Event, ...] = (
        StageChanged(1.0, Stage.MIGRATE, Status.RUNNING),
        TableStarted(1.0, "dbo.Publishers", 7),
        TableFinished(2.0, "dbo.Publishers", 7, 0, 0.5, "migrated"),
        TableStarted(1.0, "dbo.Orders", 600),
        BatchCommitted(3.0, "dbo.Orders", 450, 2, 600, 40_000, 1.5),
        TableStarted(1.0, "dbo.Stock Movements", 2000),
        BatchCommitted(3.0, "dbo.Stock Movements", 500, 0, 2000, 90_000, 2.0),
        Told(3.0, Stage.MIGRATE, Message.of(8305, Place(), signal="SIGTERM", project="harborbooks")),
    )

    def poll(self) -> list[Event]:
        return []

    def send(self, command: Command) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def projects(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two projects in a folder: `done`, a package through all stages, and `online`, before stage 7."""
    folder = Path(tempfile.mkdtemp(prefix="jetferry-", dir="/tmp" if Path("/tmp").is_dir() else None))
    assert len(folder.name) == len(SHOWN)
    shutil.copy(SAMPLE, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(server, "check", verdicts)
    monkeypatch.setattr(server, "schemas", lambda *_: ["dbo", "branch"])
    monkeypatch.setattr(LoadStage, "preview", lambda *_: ITEMS)
    with Migration.create(folder / "done", name="Harbor Books") as m:
        m.sources.add(folder / SAMPLE.name)
        m.prepare()
        m.assess.run()
        m.one_step()
        m.link.run()
    with Migration.create(folder / "online", target=Target(TargetKind.SQL_SERVER)) as m:
        m.sources.add(folder / SAMPLE.name)
        shutil.copy(SAMPLE, folder / "branch.accdb")
        m.sources.add(folder / "branch.accdb")
        m.connect.set(Connection("db1", database="books", user="ferry"))
        m.connect.set_password("secret")
        m.project.confirm()
        m.sources.confirm()
    yield folder
    monkeypatch.undo()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("theme", [t.name for t in THEMES])
def test_every_screen_looks_as_it_did(
    projects: Path, theme: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    kept = Snapshots(update=bool(request.config.getoption("update_snapshots")), actual=tmp_path / ACTUAL)

    async def walk(d: Driver) -> None:
        sizes = SIZES[: 2 if theme == THEMES[0].name else 1]

        async def look(name: str) -> None:
            for width, height in sizes:
                await d.pilot.resize_terminal(width, height)
                for field in d.app.screen.query(Input):
                    field.cursor_blink = False
                await d.settle()
                full = f"{name}-{width}x{height}-{theme.removeprefix('jetferry-')}"
                kept.keep(full, d.app.export_screenshot(title="Jetferry").replace(projects.name, SHOWN))
            sizes.reverse()  # a change of size is what costs time

        await _start(d, look)
        await _project_and_sources(d, look, projects)
        await _to_convert(d, look)
        await _load_to_link(d, look)
        await _online(d, look, projects)
        if theme == THEMES[0].name:
            await _dialogs(d, look)

    app = WizardApp()
    app.theme = theme
    drive(app, walk)
    names = ", ".join(kept.differ[:10])
    assert not kept.differ, f"{len(kept.differ)} pictures differ from snapshots/ (see {tmp_path / ACTUAL}): {names}"


Look = Callable[[str], Awaitable[None]]


async def _go(d: Driver, stage: Stage) -> None:
    d.app.go(stage)
    await d.goes_to(stage)


async def _start(d: Driver, look: Look) -> None:
    await look("start")


async def _project_and_sources(d: Driver, look: Look, folder: Path) -> None:
    d.app.open(folder / "done")
    await d.until(lambda: d.stage is not None)
    await _go(d, Stage.PROJECT)
    await look("project")
    await d.tab("#tabs", "tab-options")
    await d.click("#options", row=5)
    await look("project-options")
    await d.tab("#tabs", "tab-types")
    await look("project-types")
    await _go(d, Stage.SOURCES)
    await d.keys("down", "down", "down")
    await look("sources")


async def _to_convert(d: Driver, look: Look) -> None:
    await _go(d, Stage.CONNECT)
    await look("connect-package")
    await _go(d, Stage.MAP)
    await look("map")
    await _go(d, Stage.ASSESS)
    await d.click("#again")
    await look("assess")
    await d.tab("#tabs", "tab-messages")
    d.app.screen.query_one("#messages-tree").focus()
    await d.keys("enter", "down")
    await look("assess-messages")
    await _go(d, Stage.CONVERT)
    await d.keys("end")
    await look("convert")


async def _load_to_link(d: Driver, look: Look) -> None:
    await _go(d, Stage.LOAD)
    await look("load-package")
    await _go(d, Stage.MIGRATE)
    await look("migrate-done")
    d.app.attached(Watch(Worker()))  # type: ignore[arg-type]
    await d.pilot.pause(0.5)
    await _look_at_work(d, look)
    d.app.at_work = None
    await _go(d, Stage.LINK)
    await look("link")
    await d.tab("#tabs", "tab-steps")
    await look("link-steps")


async def _look_at_work(d: Driver, look: Look) -> None:
    """The worker stays at work, so there is no waiting for its end."""
    settle, d.settle = d.settle, lambda *_: d.pilot.pause(0.3)  # type: ignore[assignment, method-assign]
    await look("migrate-running")
    await d.pilot.press("ctrl+q")
    await look("leave-at-work")
    await d.pilot.press("escape")
    d.settle = settle  # type: ignore[method-assign]


async def _dialogs(d: Driver, look: Look) -> None:
    """In one theme: they are made of the same widgets as the screens."""
    await d.keys("f1")
    await look("help")
    await d.keys("escape", "f2")
    await look("messages")
    await d.keys("escape")
    d.app.push_screen(trouble(Message.of(8200, Place(source="books"), path="/srv/books.accdb"), safe="The project."))
    await look("trouble")
    await d.keys("escape")
    await _go(d, Stage.CONVERT)
    await d.keys("home", "down", "enter")
    await look("convert-table")
    await d.keys("escape")
    await _go(d, Stage.SOURCES)
    await d.keys("down", "down", "down", "enter")
    await d.tab("#pane-tabs", "pane-rows")
    await look("sources-rows")
    await d.keys("escape", "f")
    await look("sources-find")
    await d.keys("escape")
    d.app.action_close()
    await d.keys("n")
    await look("start-new")
    await d.keys("escape")


async def _online(d: Driver, look: Look, folder: Path) -> None:
    d.app.action_close()
    d.app.open(folder / "online")
    await d.goes_to(Stage.CONNECT)
    d.app.screen.query_one("#password").value = "secret"
    await d.keys("f6")
    await look("connect")
    await d.keys("f9")
    await d.goes_to(Stage.MAP)
    d.app.migration.map.set("branch", "dbo")
    await d.click("#reset")
    d.app.migration.map.set("branch", "dbo")
    d.app.screen.refresh_work()
    await look("map-names-meet")
    d.app.migration.map.reset()
    d.app.migration.map.confirm()
    d.app.migration.convert.run()
    await _go(d, Stage.LOAD)
    await d.click("#objects", row=1)
    await look("load-preview")
