"""A wizard to drive with keys or the mouse, and the text it shows."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import textual.constants
from rich.console import RenderableType
from textual._compositor import Compositor
from textual.errors import NoWidget
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Button, Static

import screens.app
from screens.app import WizardApp
from screens.stage_screen import StageScreen
from screens.widgets.listing import Listing
from tests.conftest import SAMPLE
from tests.screens import calm, sheets
from wizard import worker
from wizard.events import Stage
from wizard.stages import Migration


class Driver:
    """A pilot that waits until the wizard has done what was asked of it."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot = pilot
        assert isinstance(pilot.app, WizardApp)
        self.app: WizardApp = pilot.app

    @property
    def text(self) -> str:
        """What the screen shows, line by line; spaces that hold words together are spaces."""
        lines = (strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())
        return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")

    @property
    def told(self) -> str:
        """The short notes at the corner."""
        return "\n".join(n.message for n in self.app._notifications)

    @property
    def words(self) -> str:
        """What the topmost screen says, as written: not wrapped to its width, as `text` is."""
        return "\n".join(str(w.content) for w in self.app.screen.query(Static))

    @property
    def stage(self) -> Stage | None:
        screen = self.app.screen
        return screen.stage if isinstance(screen, StageScreen) else None

    def busy(self) -> bool:
        """Keys or threads under way (a file browser's reader never ends), or something told that was not heard yet."""
        return (
            self.app.typing
            or bool(self.app.inbox)
            or any(w.is_running and w.name != "_loader" for w in self.app.workers)
        )

    async def settle(self, seconds: float = 120) -> None:
        """Until nothing is under way: no thread, no worker, no message unread."""
        end = time.monotonic() + seconds
        seen = 0  # times that nothing was under way; a thread that ended while that was asked has changed the screen
        while time.monotonic() < end:
            await self.pilot.pause(0)
            if self.app.inbox:
                self.app.listen()
            elif self.app.at_work is None and not self.busy():
                seen += 1
                if seen == 2:
                    return
                continue
            else:
                await asyncio.sleep(0.01)
            seen = 0
        raise AssertionError(f"still at work after {seconds} s:\n{self.text}")

    async def until(self, what: Callable[[], bool], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, f"not reached within {seconds} s:\n{self.text}"
            await self.pilot.pause(0.02)

    async def resize(self, width: int, height: int) -> None:
        """Another size of the terminal, which the screens hear of once Textual has held it for 1/120 of a second."""
        await self.pilot.resize_terminal(width, height)
        await self.until(lambda: self.app.size == (width, height) and self.app._resize_event is None)
        await self.pilot.pause()

    async def keys(self, *keys: str) -> None:
        """Press keys, waiting after the last."""
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        await self.pilot.press(*("space" if c == " " else c for c in text))
        await self.settle()

    async def click(self, selector: str, *, row: int | None = None, x: int = 6, times: int = 1) -> None:
        """Click a widget, or a row of a listing, waiting after it."""
        offset = (1, 0)
        if row is not None:
            listing = self.app.screen.query_one(selector, Listing)
            if not 0 <= row - listing.scroll_offset.y < listing.size.height - listing._header:
                listing.scroll_to(y=row, animate=False)  # as the wheel does
                await self.pilot.pause()
            offset = (x, row + listing._header - listing.scroll_offset.y)
        await self.until(lambda: self._lies_open(selector, Offset(*offset)))
        await self.pilot.click(selector, offset=offset, times=times)
        await self.settle()

    def _lies_open(self, selector: str, offset: Offset) -> bool:
        """Whether a click there reaches the widget and is obeyed: a dialog that closed may still lie over it, and a
        button is deaf for a fifth of a second after it was pressed."""
        screen = self.app.screen
        widget = screen.query_one(selector)
        try:
            under, _ = screen.get_widget_at(*(widget.region.offset + offset))
        except NoWidget:
            return False
        deaf = isinstance(widget, Button) and widget.has_class("-active")
        return widget in under.ancestors_with_self and not deaf

    async def tab(self, tabs: str, pane: str) -> None:
        """Show a tab."""
        await self.click(f"{tabs} #--content-tab-{pane}")

    async def work(self, start: str, seconds: float = 120) -> None:
        """Press a key or click what starts a worker, and wait for its end."""
        begun = asyncio.create_task(self._begun())  # on a busy machine it may be over before the press is
        await (self.pilot.click(start) if start.startswith("#") else self.pilot.press(start))
        await self.until(begun.done)
        await self.until(lambda: self.app.at_work is None, seconds)
        await self.settle()

    async def _begun(self) -> None:
        while self.app.at_work is None:
            await asyncio.sleep(0.005)

    async def tab_to(self, name: str) -> None:
        """Go to a widget with the Tab key, as who has no mouse."""
        for _ in range(60):
            if self.app.focused is not None and self.app.focused.id == name:
                return
            await self.pilot.press("tab")
        raise AssertionError(f"{name} is not reached by Tab")

    def row(self, selector: str, text: str, column: int = 0) -> int:
        """The line of a listing that has the text in that column."""
        rows = self.app.screen.query_one(selector, Listing).rows
        return next(n for n, r in enumerate(rows) if text in str(r[column]))

    async def goes_to(self, stage: Stage) -> None:
        await self.until(lambda: self.stage is stage)
        await self.settle()


def only_pictures(render: Callable[..., RenderableType]) -> Callable[..., RenderableType | None]:
    """Drawing that draws pictures alone, which are `full`."""

    def update(compositor: Compositor, full: bool = False, **given: Any) -> RenderableType | None:
        if full:
            return render(compositor, full=True, **given)
        compositor._dirty_regions.clear()
        return None

    return update


@pytest.fixture(autouse=True)
def no_waits_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, clicks and moves to another screen take the time they need and no more.

    Nothing is drawn for the terminal that is not there: what a screen shows is drawn when a test asks for it. What is
    tidied for people's fingers, a second of each test, tests do not feel.
    """
    calm.install(monkeypatch)
    sheets.install(monkeypatch)
    monkeypatch.setattr(Compositor, "render_update", only_pictures(Compositor.render_update))
    monkeypatch.setattr(screens.app, "gc", SimpleNamespace(collect=int, freeze=int, unfreeze=int))
    monkeypatch.setattr(textual.constants, "TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(screens.app, "EAR", 0.05)


@contextmanager
def sample_project(home: Path) -> Iterator[Migration]:
    """The sample in a project named P that goes to a package, before stage 5."""
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p", name="P") as migration:
        migration.sources.add(home / SAMPLE.name)
        migration.prepare()
        yield migration


@pytest.fixture
def finished(home: Path) -> Path:
    """The sample's package through stage 8."""
    with sample_project(home) as migration:
        migration.assess.run()
        migration.one_step()
    return home / "p"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own for the recent projects and for the working directory; a terminal of many colours."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for project in tmp_path.glob("*.jetferry.toml"):  # a test that failed may have left one waiting for ever
        state = worker.at_work(project)
        if state is not None:
            os.kill(state.pid, signal.SIGKILL)


def drive(
    app: WizardApp, todo: Callable[[Driver], Any], size: tuple[int, int] = (80, 24)
) -> WizardApp:  # fmt: skip
    """Run the wizard without a terminal and do something with it."""

    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            driver = Driver(pilot)
            await pilot.pause()
            await todo(driver)
        app.close_project()

    asyncio.run(go())
    return app
