"""Every screen's main states at two sizes and in three themes, compared with `snapshots/`.

`pytest tests/screens/test_snapshots.py --snapshot-update` writes them anew; look at them before committing.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from functools import partialmethod
from pathlib import Path

import pytest
from rich.console import Console
from textual.widgets import Input

from screens.app import WizardApp
from screens.themes import THEMES
from tests.conftest import SAMPLE
from tests.once import Once
from tests.screens import stand_ins
from tests.screens.chapters import CHAPTERS, Chapter
from tests.screens.conftest import Driver, drive
from tests.screens.snapshots import ACTUAL, FOLDER, Snapshots
from wizard.settings import Connection, Target, TargetKind
from wizard.sqlserver import connection_test
from wizard.stages import Migration
from wizard.stages.load import LoadStage

SHOWN = "jetferry-pictures"
"""what pictures show in place of the folder's own name, which is as long"""
SIZES = [(80, 24), (120, 40)]
"""the first in all themes, the second in dark: themes differ in colors and signs, not in where things are"""
SMALL, HUGE = (60, 20), (200, 60)
MORE = {
    "sources": (SMALL, HUGE),
    "assess": (HUGE,),
    "convert": (SMALL, HUGE),
    "load-preview": (SMALL, HUGE),
    "migrate-running": (SMALL, HUGE),
    "connect": (SMALL,),
    "start": (SMALL, HUGE),
    "project": (SMALL, HUGE),
    "map": (SMALL, HUGE),
    "migrate-rejects": (SMALL, HUGE),
    "migrate-report": (SMALL, HUGE),
    "link": (SMALL, HUGE),
    "many": (SMALL, HUGE),
}
"""states that are pictured at more sizes too, in dark"""
PICTURED = THEMES[:3]
"""high contrast differs in its colours alone"""
TOO_SMALL = (50, 15)
TRIES = 60
"""looks at a screen, with a twentieth of a second between, until it is the kept picture"""


def _make(folder: Path) -> None:
    """Two projects in a folder: `done`, a package through all stages, and `online`, before stage 7."""
    shutil.copy(SAMPLE, folder)
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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Once]:
    folder = Path(tempfile.mkdtemp(prefix="jetferry-", dir="/tmp" if Path("/tmp").is_dir() else None))
    assert len(folder.name) == len(SHOWN)
    folder.rmdir()
    once = Once(tmp_path_factory.mktemp("projects"), _make, live=folder)
    yield once
    once.away()


@pytest.fixture
def projects(home: Path, made: Once, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = made.again()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(connection_test, "check", stand_ins.verdicts)
    monkeypatch.setattr(connection_test, "schemas", lambda *_: ["dbo", "branch"])
    monkeypatch.setattr(LoadStage, "preview", lambda *_: stand_ins.ITEMS)
    # its own name for a picture is a checksum of all it shows, which takes longer than the picture, and is not kept
    monkeypatch.setattr(Console, "export_svg", partialmethod(Console.export_svg, unique_id="terminal-0"))
    yield folder
    monkeypatch.undo()


class Camera:
    """Takes a state in all themes and sizes, each change of which costs time: it goes to and fro between themes."""

    def __init__(self, driver: Driver, kept: Snapshots, folder: Path) -> None:
        self._d, self._kept, self._folder = driver, kept, folder
        self._themes = [t.name for t in PICTURED]

    async def look(self, name: str) -> None:
        """A state of a screen; the one of a terminal too small is taken in such a terminal."""
        app = self._d.app
        first, *others = [TOO_SMALL] if name == "too-small" else SIZES
        await self._quiet()
        await self._d.until(lambda: not any(s.query("Button.-active") for s in app.screen_stack))  # shown for a while
        app.clear_notifications()
        for theme in self._themes:
            if app.theme != theme:
                app.theme = theme
            more = (*others, *MORE.get(name, ())) if theme == PICTURED[0].name else ()
            for width, height in (*more, first):  # the walk goes on in the first
                if app.size != (width, height):
                    await self._d.resize(width, height)
                for screen in app._background_screens:  # else laid out as it was before a theme, or a button's click
                    screen._refresh_layout(app.size)
                for field in app.screen.query(Input):
                    field.cursor_blink = False
                await self._quiet()
                await self._d.until(lambda: app.screen._compositor.size == app.size)  # it was laid out
                full = f"{name}-{width}x{height}-{theme.removeprefix('jetferry-')}"
                for _ in range(TRIES):  # a button may still be shown as pressed, a line as it was
                    picture = app.export_screenshot(title="Jetferry").replace(self._folder.name, SHOWN)
                    if self._kept.known(full, picture):
                        break
                    await self._d.pilot.pause(0.05)
                self._kept.keep(full, picture)
        self._themes.reverse()

    async def _quiet(self) -> None:
        """Until no thread is under way and no message unread; a worker may be at work."""
        for _ in range(500):
            await self._d.pilot.pause()
            if not self._d.busy():
                await self._d.pilot.pause()
                if not self._d.busy():
                    return
            else:
                await asyncio.sleep(0.02)  # the event loop has nothing to do while a thread works
        raise AssertionError("threads are still under way")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.__name__)
def test_every_screen_looks_as_it_did(
    projects: Path, chapter: Chapter, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Snapshots(update=bool(request.config.getoption("update_snapshots")), actual=tmp_path / ACTUAL)

    async def walk(d: Driver) -> None:
        await chapter(d, Camera(d, kept, projects).look, projects, monkeypatch)

    drive(WizardApp(), walk)
    names = ", ".join(kept.differ[:10])
    assert not kept.differ, f"{len(kept.differ)} pictures differ from snapshots/ (see {tmp_path / ACTUAL}): {names}"


def test_every_state_is_pictured_in_all_themes_and_sizes() -> None:
    states: dict[str, set[str]] = {}
    for path in FOLDER.glob("*.svg"):
        name, size, theme = path.stem.rsplit("-", 2)
        states.setdefault(name, set()).add(f"{size}-{theme}")
    themes = [t.name.removeprefix("jetferry-") for t in PICTURED]
    assert states.pop("too-small") == {f"50x15-{t}" for t in themes}
    first, second = (f"{w}x{h}" for w, h in SIZES)
    wanted = {*(f"{first}-{t}" for t in themes), f"{second}-dark"}
    more = {name: {f"{w}x{h}-dark" for w, h in sizes} for name, sizes in MORE.items()}
    differ = {name: found ^ wanted ^ more.get(name, set()) for name, found in states.items()}
    assert {name: sizes for name, sizes in differ.items() if sizes} == {}
