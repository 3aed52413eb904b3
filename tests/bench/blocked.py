"""How long the wizard's screens keep a key waiting: the longest stretch without a turn of the event loop, by action.

A project of many databases is taken through all stages as a person would; a heartbeat in the event loop notes every
stretch that nothing else could run. `python -m tests.bench.blocked [COPIES]`; status 1 where a stretch of the
interface's own is longer than 100 ms. On a busy machine the wall clock counts what other programs took; the second
figure is what the interface's thread itself computed in that time.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.widgets import Input, TabbedContent

from screens.app import WizardApp
from screens.rejects import RejectsDialog
from screens.widgets.listing import Listing
from screens.widgets.object_tree import ObjectTree
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver
from wizard.events import Stage
from wizard.settings import Connection, Target, TargetKind
from wizard.stages import LoadAction, LoadItem, Migration, ObjectDifference, Reject, SideBySide
from wizard.stages.convert import ConvertStage
from wizard.stages.load import LoadStage
from wizard.stages.migrate import MigrateStage

COPIES = 60
"""databases, each of 10 tables and 21 queries"""
BOUND = 0.1
"""seconds"""
BEAT = 0.004
"""seconds"""
LONG_SQL = "SELECT [a].[Column 1], [b].[Column 2] AS x -- note\n" * 3_600


class Heart:
    """Beats in the event loop; `longest` and `computed` are of the longest stretch since `reset`."""

    def __init__(self) -> None:
        self.longest = self.computed = 0.0

    def reset(self) -> None:
        self.longest = self.computed = 0.0

    async def beat(self) -> None:
        while True:
            clock, cpu = time.perf_counter(), time.thread_time()
            await asyncio.sleep(BEAT)
            stretch, used = time.perf_counter() - clock - BEAT, time.thread_time() - cpu
            self.longest, self.computed = max(self.longest, stretch), max(self.computed, used)


class Bench:
    """Does things and prints how long the loop stood still meanwhile."""

    def __init__(self, driver: Driver, heart: Heart) -> None:
        self.d, self.heart = driver, heart
        self.worst: dict[str, tuple[float, float]] = {}

    async def does(self, what: str, action: Callable[[], Any], until: Callable[[], bool] | None = None) -> None:
        """One action, until nothing is under way any more."""
        self.heart.reset()
        clock = time.perf_counter()
        result = action()
        if isinstance(result, Awaitable):
            await result
        if until is not None:
            await self.d.until(until, 600)
        await self.d.settle(600)
        seconds = time.perf_counter() - clock
        stage = str(self.d.stage.number) if self.d.stage else "-"
        mark = " <-" if self.heart.computed > BOUND else ""
        blocked, computed = 1000 * self.heart.longest, 1000 * self.heart.computed
        sys.stdout.write(
            f"{stage} {what:34} blocked {blocked:6.0f} ms, computing {computed:6.0f} ms, took {seconds:5.1f} s{mark}\n"
        )
        sys.stdout.flush()
        former = self.worst.get(stage, (0.0, 0.0))
        self.worst[stage] = max(former[0], self.heart.longest), max(former[1], self.heart.computed)

    async def go(self, stage: Stage) -> None:
        await self.does(f"show {stage.value}", lambda: self.d.app.go(stage), lambda: self.d.stage is stage)

    def one(self, selector: str) -> Any:
        return self.d.app.screen.query_one(selector)

    async def writes(self, what: str, selector: str, text: str) -> None:
        def write() -> None:
            self.d.app.screen.query_one(selector, Input).value = text

        await self.does(what, write)

    async def keys(self, what: str, *keys: str) -> None:
        await self.does(what, lambda: self.d.pilot.press(*keys))

    async def tab(self, what: str, pane: str) -> None:
        def show() -> None:
            self.d.app.screen.query_one("#tabs", TabbedContent).active = pane

        await self.does(what, show)


def big_project(folder: Path, copies: int) -> None:
    """Many copies of the sample, stages 1 to 4 done."""
    with Migration.create(folder / "big", name="Big") as m:
        for n in range(copies):
            path = folder / f"books{n:03}.accdb"
            shutil.copy(SAMPLE, path)
            m.sources.add(path)
        m.prepare()


async def first_stages(b: Bench, project: Path) -> None:
    app = b.d.app
    await b.does("open the project", lambda: app.open(project), lambda: b.d.stage is not None)
    await b.go(Stage.PROJECT)
    await b.tab("options", "tab-options")
    await b.writes("search an option", "#option-search", "rows")
    await b.tab("type rules", "tab-types")
    await b.does("a table for rules", lambda: b.d.pilot.click("#rule-table"))
    await b.keys("close", "escape")
    await b.go(Stage.SOURCES)
    tree = b.one("#tree")
    assert isinstance(tree, ObjectTree)
    await b.writes("filter", "#filter", "ord")
    await b.writes("no filter", "#filter", "")
    await b.does("to the end", lambda: tree.action_move(100_000))
    await b.does("untick all", lambda: b.d.pilot.click("#none"))
    if "This change reaches further" in b.d.text:
        await b.keys("yes", "enter")
    await b.does("tick all", lambda: b.d.pilot.click("#all"))
    await b.does("look inside", lambda: (tree.focus(), tree.action_move(-100_000), tree.action_move(2)))
    await b.keys("open a table", "enter")
    await b.keys("its rows", "f4", "f4", "f4")
    await b.keys("close", "escape")
    await b.keys("find", "f")
    await b.does("search", lambda: b.d.pilot.click("#search"))
    await b.keys("close", "escape")
    await b.keys("next", "f9")
    await b.go(Stage.CONNECT)
    await b.go(Stage.MAP)


async def middle_stages(b: Bench) -> None:
    await b.go(Stage.ASSESS)
    await b.keys("assess", "f9")
    await b.tab("messages", "tab-messages")
    await b.writes("search a message", "#find", "orders")
    await b.writes("search nothing", "#find", "")
    await b.does("save the report", lambda: b.d.pilot.click("#save"))
    await b.keys("all messages", "f2")
    await b.keys("close", "escape")
    await b.go(Stage.CONVERT)
    await b.keys("convert", "f9")
    await b.writes("filter", "#filter", "ord")
    await b.writes("no filter", "#filter", "")
    await b.keys("down the list", *["down"] * 12)
    sides = ConvertStage.sides
    ConvertStage.sides = lambda *_: SideBySide(LONG_SQL, LONG_SQL.replace("x", "y"))  # type: ignore[method-assign]
    await b.keys("a query of 180,000 characters", "down")
    ConvertStage.sides = sides  # type: ignore[method-assign]
    await b.keys("edit a table", "home", "down", "enter")
    await b.keys("close", "escape")
    await b.go(Stage.CONVERT)


async def last_stages(b: Bench) -> None:
    await b.go(Stage.LOAD)
    await b.keys("load", "f9")
    await b.go(Stage.MIGRATE)
    await b.keys("migrate", "f9")
    await b.writes("search a table", "#find", "ord")
    await b.writes("search nothing", "#find", "")
    await b.does("report", lambda: b.d.pilot.click("#report"))
    await b.does("all runs", lambda: b.d.pilot.click("#runs"))
    await b.keys("close", "escape", "escape")
    values = {f"Column {n}": f"value {n}" * 20 for n in range(120)}
    rejects = tuple(Reject(n, f"ID={n}", "Column 7", 2627, "a reason of some length", values) for n in range(200))
    MigrateStage.rejects = lambda *_, **__: rejects  # type: ignore[method-assign]
    screen: Any = b.d.app.screen
    name = next(iter(screen.tables))
    await b.does("rejected rows", lambda: b.d.app.push_screen(RejectsDialog(b.d.app.migration, name)))
    await b.keys("one of them", "down")
    await b.keys("close", "escape")
    await b.go(Stage.LINK)
    await b.keys("write the kits", "f9")
    await b.keys("palette", "ctrl+p")
    await b.keys("close", "escape")


async def on_a_server(b: Bench, project: Path) -> None:
    """Stage 3 against a port where nobody answers, stage 7 with a preview of 5,000 objects made up for it."""
    kinds = list(ObjectDifference)
    actions, sql = tuple(LoadAction), LONG_SQL[:2_000]
    items = tuple(
        LoadItem(f"[dbo].[Object {n:05}]", "table", kinds[n % 4], LoadAction.CREATE, actions, "", sql)
        for n in range(5_000)
    )
    LoadStage.preview = lambda *_: items  # type: ignore[method-assign]
    app = b.d.app
    await b.does("close", app.action_close)
    await b.does("open the other", lambda: app.open(project), lambda: b.d.stage is not None)
    await b.go(Stage.CONNECT)
    await b.does("test", lambda: b.d.pilot.press("f6"))
    await b.go(Stage.LOAD)
    listing = b.one("#objects")
    assert isinstance(listing, Listing)
    await b.writes("search an object", "#find", "0099")
    await b.writes("search nothing", "#find", "")
    await b.does("to the end", lambda: listing.action_move(100_000))


def make(folder: Path, copies: int) -> None:
    """The projects, made in a process of its own: nothing that the wizard loads is loaded before."""
    big_project(folder, copies)
    other = Target(TargetKind.SQL_SERVER)
    with Migration.create(folder / "online", target=other) as m:
        m.sources.add(folder / "books000.accdb")
        m.connect.set(Connection("127.0.0.1", 1, database="books", user="ferry", timeout=3))
        m.connect.set_password("secret")
        m.project.confirm()
        m.sources.confirm()


async def run(folder: Path, copies: int) -> dict[str, tuple[float, float]]:
    maker = multiprocessing.get_context("spawn").Process(target=make, args=(folder, copies))
    maker.start()
    maker.join()
    app = WizardApp()
    heart = Heart()
    async with app.run_test(size=(120, 40)) as pilot:
        task = asyncio.ensure_future(heart.beat())
        b = Bench(Driver(pilot), heart)
        await first_stages(b, folder / "big")
        await middle_stages(b)
        await last_stages(b)
        await on_a_server(b, folder / "online")
        task.cancel()
    app.close_project()
    return b.worst


def main(copies: int = COPIES) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        worst = asyncio.run(run(Path(folder), copies))
    for stage, (blocked, computed) in sorted(worst.items()):
        name = "dialogs" if stage == "-" else f"{stage} {list(Stage)[int(stage) - 1].value}"
        sys.stdout.write(f"{name:12} blocked at most {1000 * blocked:5.0f} ms, computing {1000 * computed:5.0f} ms\n")
    if any(computed > BOUND for _, computed in worst.values()):
        sys.exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COPIES)
