"""Many databases on the screens: scanned live, sorted, filtered, folded, planned, a wave run, a project opened."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Button, Input

from screens import estate
from screens.app import WizardApp
from screens.estate import EstateScreen
from screens.estate_dialogs import EstateDialog, FactsDialog
from screens.start import StartScreen
from screens.widgets.listing import Listing
from tests.estate import trees
from tests.estate.trees import BACK, SALES, put
from tests.screens.conftest import Driver, drive
from wizard.cancellation import CancellationToken
from wizard.estate.browser import Browser
from wizard.estate.overview import WorkRow
from wizard.estate.store import Estate
from wizard.events import Stage


@pytest.fixture
def share(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A share with two applications, a copy and a file that is no database; files are looked at in this process."""
    root = home / "share"
    for name in (BACK, SALES):
        put(root / "shop", name)
    put(root / "backup", BACK)
    other = trees.data(BACK).replace("Customers".encode("utf-16-le"), "Stocklist".encode("utf-16-le"))
    (root / "stock").mkdir()
    (root / "stock" / "stock.mdb").write_bytes(other)
    (root / "stock" / "broken.mdb").write_text("no database" * 1000)
    monkeypatch.setattr("wizard.estate.browser.LocalEngine", trees.Here)
    return root


def scanned(home: Path, share: Path) -> Browser:
    browser = Browser(home / "ours")
    browser.scan([share], lambda: False, lambda _: None)
    return browser


def screen(d: Driver) -> EstateScreen:
    assert isinstance(d.app.screen, EstateScreen)
    return d.app.screen


def known(d: Driver) -> int:
    """Databases in the list; -1 while another screen is shown."""
    return len(d.app.screen._all) if isinstance(d.app.screen, EstateScreen) else -1


def files(d: Driver) -> list[str]:
    return [Path(str(r[1])).name for r in screen(d).query_one("#databases", Listing).rows]


def test_from_the_start_a_folder_is_scanned_and_shown_worst_first(home: Path, share: Path) -> None:
    async def walk(d: Driver) -> None:
        await d.keys("m")
        assert isinstance(d.app.screen, EstateDialog)
        d.app.screen.query_one("#name", Input).value = "ours"
        d.app.screen.query_one("#folder", Input).value = str(home / "nowhere")
        await d.click("#ok")
        assert "There is no folder" in d.words
        d.app.screen.query_one("#folder", Input).value = str(share)
        d.app.screen.query_one("#ok", Button).press()  # a long path makes the dialog grow, and its buttons move
        await d.settle()
        await d.until(lambda: known(d) == 5)
        await d.settle()
        assert "5 files found, 5 looked at, 1 of them not read" in d.told
        assert files(d)[0] == "broken.mdb"
        assert sorted(files(d)) == ["broken.mdb", SALES, BACK, "stock.mdb"]  # the copy is folded
        assert "converts by itself" in " ".join(d.words.split())
        await d.keys("escape")
        assert isinstance(d.app.screen, StartScreen)
        await d.keys("m")  # it is offered from now on
        assert [str(r[0]) for r in d.app.screen.query_one("#there", Listing).rows] == ["ours"]
        await d.keys("enter")
        await d.until(lambda: known(d) == 5)

    drive(WizardApp(), walk)


def test_the_list_is_sorted_filtered_and_unfolded(home: Path, share: Path) -> None:
    browser = scanned(home, share)

    async def walk(d: Driver) -> None:
        d.app.push_screen(EstateScreen(browser))
        await d.until(lambda: known(d) == 5)
        await d.settle()
        await d.keys("f")
        assert len(files(d)) == 5
        assert any(str(r[5]) == "same content" for r in screen(d).query_one("#databases", Listing).rows)
        await d.keys("o")
        assert files(d) == ["broken.mdb", SALES, BACK, BACK, "stock.mdb"]
        assert "name" in d.text.splitlines()[0]
        await d.keys("slash")
        await d.type("stock mdb")
        assert files(d) == ["broken.mdb", "stock.mdb"]
        await d.keys("enter", "down")
        assert str(share / "stock" / "stock.mdb") in d.words
        await d.keys("slash", "escape")
        assert len(files(d)) == 5

    drive(WizardApp(), walk)


def test_enter_shows_what_is_known_of_a_database(home: Path, share: Path) -> None:
    browser = scanned(home, share)

    async def walk(d: Driver) -> None:
        d.app.push_screen(EstateScreen(browser))
        await d.until(lambda: known(d) == 5)
        await d.settle()
        screen(d).query_one("#databases", Listing).action_move(files(d).index(SALES))
        await d.keys("enter")
        await d.until(lambda: isinstance(d.app.screen, FactsDialog))
        facts = {str(r[0]): str(r[1]) for r in d.app.screen.query_one(Listing).rows}
        assert facts["Links to"].endswith(f"at {share / 'shop' / BACK})")
        assert "by itself" in facts["Converts"]
        await d.keys("escape")
        assert isinstance(d.app.screen, EstateScreen)

    drive(WizardApp(), walk)


@pytest.mark.timeout(300)
def test_a_wave_is_planned_and_run_and_its_project_opens_and_comes_back(home: Path, share: Path) -> None:
    browser = scanned(home, share)

    async def walk(d: Driver) -> None:
        d.app.push_screen(EstateScreen(browser))
        await d.until(lambda: known(d) == 5)
        await d.settle()
        await d.keys("w")
        assert "p proposes them" in d.told
        await d.keys("p")
        await d.until(lambda: len(screen(d)._work) == 2)
        await d.settle()
        assert browser.plan_file.exists()
        assert {r.state for r in screen(d)._work} == {"waiting"}
        await d.keys("enter")
        assert "is made when its wave runs" in d.told
        await d.keys("w")
        assert "Packages are made of it" in d.words
        await d.pilot.press("enter")
        await d.until(lambda: screen_is(d) and {r.state for r in screen(d)._work} == {"done"}, 120)
        await d.settle(60)
        assert "done (equal)" in d.text
        await d.keys("enter")
        await d.until(lambda: d.stage is not None)
        await d.settle()
        assert d.app.migration.over(Stage.MIGRATE)
        d.app.action_close()
        await d.until(lambda: isinstance(d.app.screen, EstateScreen))

    def screen_is(d: Driver) -> bool:
        return isinstance(d.app.screen, EstateScreen)

    drive(WizardApp(), walk)


def test_ten_thousand_databases_are_shown_without_a_stall(home: Path) -> None:
    with Estate.open(home / "many", make=True) as estate, estate.db as db:
        db.executemany(
            "INSERT INTO file (path, name, folder, size, modified, first_scan, last_scan, state) "
            "VALUES (?, ?, '/s', ?, 1500000000000000000, 1, 1, 'damaged')",
            [(f"/share/{n % 100}/database {n}.mdb", f"database {n}.mdb", n) for n in range(10_000)],
        )

    async def walk(d: Driver) -> None:
        d.app.push_screen(EstateScreen(Browser(home / "many")))
        await d.until(lambda: known(d) == 10_000)
        await d.settle()
        made: list[int] = []
        listing = screen(d).query_one("#databases", Listing)
        rows = listing.rows
        real = type(rows).__getitem__
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(type(rows), "__getitem__", lambda self, n: made.append(1) or real(self, n))  # type: ignore[func-returns-value]
            await d.keys("end")
        assert listing.cursor == 9_999
        assert len(made) < 200  # only what is on the screen is made
        await d.keys("o", "f", "home")
        assert files(d)[:2] == ["database 0.mdb", "database 1.mdb"]

    drive(WizardApp(), walk)


def test_a_stop_is_shown_until_all_have_stopped(home: Path, share: Path) -> None:
    """What workers still tell meanwhile took its place, as if nothing had been asked of them."""
    browser = scanned(home, share)

    async def walk(d: Driver) -> None:
        d.app.push_screen(EstateScreen(browser))
        await d.until(lambda: known(d) == 5)
        stopped, told, over = threading.Event(), threading.Event(), threading.Event()

        def task(_: CancellationToken) -> str:
            stopped.wait(60)
            screen(d)._say("stock: running")
            told.set()
            over.wait(60)
            return ""

        screen(d)._begin(task)
        await d.pilot.press("escape")
        stopped.set()
        await d.until(told.is_set)
        assert screen(d)._told == "stopping"
        over.set()
        await d.until(lambda: not screen(d).busy)

    drive(WizardApp(), walk)


def test_what_was_read_before_planning_does_not_take_the_plan_away(
    home: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = scanned(home, share)
    planned, read, brought = threading.Event(), threading.Event(), []
    work, bring = Browser.work, estate.bring

    def late(self: Browser) -> list[WorkRow]:
        """The first reading sees no plan, and brings that back when the plan is shown."""
        found = work(self)
        if not read.is_set():
            read.set()
            planned.wait(20)
        return found

    def brings(*what: Any) -> None:
        bring(*what)
        brought.append(planned.is_set())

    async def walk(d: Driver) -> None:
        monkeypatch.setattr(Browser, "work", late)
        monkeypatch.setattr(estate, "bring", brings)
        d.app.push_screen(EstateScreen(browser))
        await d.until(read.is_set)
        await d.keys("p")
        await d.until(lambda: bool(screen(d)._work))
        planned.set()
        await d.until(lambda: any(brought))
        await d.settle()
        assert len(screen(d).query_one("#waves", Listing).rows) == len(screen(d)._work) > 0

    drive(WizardApp(), walk)
