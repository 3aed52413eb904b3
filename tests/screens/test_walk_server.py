"""The whole way to a real server: from the sample with keys only, and with the mouse only to the late screens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screens.app import WizardApp
from screens.rejects import RejectsDialog
from screens.widgets.grid import Grid
from screens.widgets.listing import Listing
from screens.widgets.stage_rail import Rail
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from tests.server_schema import clear
from wizard.events import Stage, Status
from wizard.settings import Connection, Options, Target, TargetKind
from wizard.sqlserver import connection_test as asked_server
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.connection_string import settings
from wizard.stages import Migration, SourceObjectType

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
DATABASE = "jf_screens"
SCHEMA = "jf_mouse"
BEYOND = "Top Ten Books"
"""TOP WITH TIES is beyond some stand-ins for SQL Server"""


def value(connection: Connection, password: str, sql: str) -> Any:
    return asked_server.ask_server(connection, password, lambda s: s.value(sql))


@pytest.fixture
def empty(server: str) -> tuple[Connection, str]:
    """An account, and no database of ours on the server."""
    connection, password = settings(server)
    asked_server.ask_server(connection, password, lambda s: s.execute(f"DROP DATABASE IF EXISTS {DATABASE}"))
    return connection, password


async def _untick(d: Driver, name: str) -> None:
    """Leave an object out, or take it in again, with keys."""
    await d.keys("slash", "ctrl+u")
    await d.type(name.lower())
    await d.keys("enter", "end")
    assert d.app.screen.query_one("#tree").node.label == name
    await d.keys("space")


async def _fill(d: Driver, connection: Connection, password: str) -> None:
    """Stage 3 by typing, and the database made from there."""
    await d.keys("f9")
    assert "Say which server" in d.told
    assert d.app.focused is not None
    assert d.app.focused.id == "server", "the cursor is where something is missing"
    await d.type(connection.server)
    for name, text in (("user", connection.user), ("password", password)):
        await d.tab_to(name)
        await d.type(text)
    if connection.trust_certificate:
        await d.tab_to("trust")
        await d.keys("space")
    await d.tab_to("create")
    await d.keys("enter", "ctrl+u")
    await d.type(DATABASE)
    await d.keys("enter")
    await d.until(lambda: f"The database {DATABASE} was created" in d.told)
    await d.keys("f6")
    assert [str(r[1]) for r in d.app.screen.query_one("#verdicts", Listing).rows] == ["✓ yes"] * 5


def test_from_the_sample_to_a_server_with_keys(home: Path, empty: tuple[Connection, str]) -> None:
    connection, password = empty

    async def walk(d: Driver) -> None:
        await d.keys("s")
        await d.goes_to(Stage.PROJECT)
        await d.keys("down", "space")
        assert d.app.migration.data.target.kind is TargetKind.SQL_SERVER
        await d.keys("f9")
        await d.goes_to(Stage.SOURCES)
        await _untick(d, "User")
        await _untick(d, BEYOND)
        await d.keys("f9")
        await d.goes_to(Stage.CONNECT)
        await _fill(d, connection, password)
        await d.keys("f9")
        await d.goes_to(Stage.MAP)
        # back, and on again without being asked for anything twice
        await d.keys("f7")
        await d.goes_to(Stage.CONNECT)
        assert d.app.status(Stage.CONNECT) is Status.DONE
        await d.keys("f9")
        await d.goes_to(Stage.MAP)
        await d.keys("f9")
        await d.goes_to(Stage.ASSESS)
        await d.keys("f8")
        await d.goes_to(Stage.CONVERT)
        await d.keys("f9")
        # an edit by hand
        await d.keys("home", "down", "enter")
        assert "Edit Publishers" in d.text
        await d.keys("down", "enter", "enter")
        await d.keys("end", "ctrl+u")
        await d.type("nvarchar(120)")
        await d.keys("enter", "escape")
        assert "✓* Publishers" in d.text
        await d.keys("f9")
        await d.goes_to(Stage.LOAD)
        assert "+ new" in d.text
        await d.work("f9")
        assert "✓ created" in d.text
        assert "✗ failed" not in d.text
        await d.keys("f9")
        await d.goes_to(Stage.MIGRATE)
        await d.work("f9")
        assert "4,455/4,455 rows" in d.text, d.text
        # a change of heart in stage 2 reaches further, says so first, and only what is new is made and moved
        await d.keys("f3", *["up"] * 6, "enter")
        await d.goes_to(Stage.SOURCES)
        await _untick(d, "User")
        await d.until(lambda: "Stages to be done again" in d.text)
        assert "6 Convert" in d.text
        await d.keys("enter")
        assert d.app.status(Stage.MIGRATE) is Status.STALE
        for _ in range(40):
            if d.stage is Stage.LINK:
                break
            await d.pilot.press("f9")
            await d.pilot.pause(0.2)
            await d.until(lambda: d.app.at_work is None and not d.app.starting, 120)
            await d.settle()
        assert d.stage is Stage.LINK
        await d.keys("f9")
        assert d.app.status(Stage.LINK) is Status.DONE
        await d.keys("f9")
        assert "Finished" in d.text
        await d.pilot.press("enter")

    assert drive(WizardApp(), walk).return_value == 0
    there = replace(connection, database=DATABASE)
    for table, rows in (("Order Details", 1_500), ("Publishers", 7), ("User", 3)):
        assert value(there, password, f"SELECT COUNT(*) FROM dbo.[{table}]") == rows
    length = "SELECT max_length FROM sys.columns WHERE object_id = OBJECT_ID('dbo.Publishers') AND name = 'Name'"
    assert value(there, password, length) == 240


@pytest.fixture
def account(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Connection, str]]:
    """An account whose password is known already, and a schema of ours with nothing in it."""
    connection, password = settings(server)
    monkeypatch.setenv("JETFERRY_PASSWORD", password)
    with ServerSession.open(connection, password) as session:
        clear(session, SCHEMA)
        yield connection, password
        clear(session, SCHEMA)


def test_to_a_server_and_through_the_late_screens_with_the_mouse(home: Path, account: tuple[Connection, str]) -> None:
    connection, password = account
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p", target=Target(TargetKind.SQL_SERVER)) as m:
        m.project.set_options(Options(check_constraints=True))
        m.sources.add(home / SAMPLE.name)
        m.sources.select("harborbooks", SourceObjectType.QUERY, [BEYOND], False)
        m.connect.set(replace(connection, database=""))
        m.map.set("harborbooks", SCHEMA)

    def there(sql: str) -> Any:
        return value(connection, password, sql)

    async def next_to(d: Driver, stage: Stage) -> None:
        await d.click("#next")
        await d.goes_to(stage)

    async def rail(d: Driver, stage: Stage) -> None:
        await d.pilot.click(Rail, offset=(4, stage.number - 1))
        await d.goes_to(stage)

    async def prove(d: Driver, query: str) -> None:
        await d.click("#tree", row=d.row("#tree", query), x=12)
        await d.click("#proof")

    async def to_load(d: Driver) -> None:
        await d.goes_to(Stage.PROJECT)
        await next_to(d, Stage.SOURCES)
        await next_to(d, Stage.CONNECT)
        await d.click("#list")
        listing = d.app.screen.query_one("Chooser Listing", Listing)
        wanted = next(n for n, r in enumerate(listing.rows) if str(r[0]) == connection.database)
        if listing.cursor != wanted:  # the first click goes there
            await d.click("Chooser Listing", row=wanted)
        await d.click("Chooser Listing", row=wanted)
        await d.click("#test")
        assert "All is well" in d.text
        await next_to(d, Stage.MAP)
        await d.click("#back")
        await d.goes_to(Stage.CONNECT)
        await next_to(d, Stage.MAP)
        await next_to(d, Stage.ASSESS)
        await d.click("#skip")
        await d.goes_to(Stage.CONVERT)
        await d.click("#next")
        await prove(d, "Order Totals")
        assert "load it first" in d.told
        await next_to(d, Stage.LOAD)
        # an action of the preview, chosen otherwise
        await d.click("#objects", row=d.row("#objects", "Price Bands"))
        await d.click("#action")
        await d.click("#answer-skip")
        await d.work("#next")
        assert d.app.status(Stage.LOAD) is Status.DONE
        assert "1 skipped" in d.text

    async def rejects(d: Driver) -> None:
        """A row that the server refuses is looked at in place, its cause mended there, and the row sent again."""
        user = f"[{SCHEMA}].[User]"
        await next_to(d, Stage.MIGRATE)
        there(f"ALTER TABLE {user} ADD CONSTRAINT jf_no_guest CHECK ([Group] <> N'guest'); SELECT 1")
        await d.work("#next")
        await d.click("#tables", row=d.row("#tables", "User", 1))
        await d.click("#rejects")
        assert isinstance(d.app.screen, RejectsDialog)
        assert "Group: guest" in d.text
        assert "jf_no_guest" in d.text
        there(f"ALTER TABLE {user} DROP CONSTRAINT jf_no_guest; SELECT 1")
        await d.work("#again")
        assert there(f"SELECT COUNT(*) FROM {user}") == 3
        assert "4,458/4,458 rows" in d.text
        assert "0 rejected" in d.text
        await d.work("#verify")
        assert "✗ diff." not in d.text
        assert "= equal" in d.text

    async def late(d: Driver) -> None:
        await d.click("#report")
        assert "Certificate: " in d.text
        await d.click("#runs")
        assert len(d.app.screen.query_one(Grid).rows) == 10
        while d.stage is None:
            await d.click("#close")
        # one table filled again
        there(f"DELETE FROM [{SCHEMA}].[User] WHERE [Key] = N'bo'; SELECT 1")
        await d.click("#tables", row=d.row("#tables", "User", 1))
        await d.click("#reload")
        await d.until(lambda: "under the cursor" in d.text)
        await d.work("#answer-one")
        assert there(f"SELECT COUNT(*) FROM [{SCHEMA}].[User]") == 3
        # a query proven by the server's rows
        await rail(d, Stage.CONVERT)
        await prove(d, "Order Totals")
        await d.until(lambda: "Proof of" in d.text)
        assert d.app.screen.query_one(Grid).rows
        await d.click("#close")
        # another way to read the file, after all was done
        await rail(d, Stage.SOURCES)
        await d.click("#tree", row=0, x=14)
        await d.click("#read-as")
        await d.click("#salvage")
        await d.click("#ok")
        await d.until(lambda: "Stages to be done again" in d.text)
        await d.click("#answer-yes")
        assert d.app.migration.data.sources[0].salvage
        assert d.app.status(Stage.MIGRATE) is Status.STALE
        for _ in range(40):
            if d.stage is Stage.LINK:
                break
            await d.pilot.click("#next")
            await d.pilot.pause(0.2)
            await d.until(lambda: d.app.at_work is None and not d.app.starting, 120)
            await d.settle()
        assert d.app.status(Stage.MIGRATE) is Status.DONE
        await d.click("#skip")
        await d.pilot.click("#answer-leave")

    async def walk(d: Driver) -> None:
        await to_load(d)
        await rejects(d)
        await late(d)

    assert drive(WizardApp(home / "p"), walk).return_value == 0
    assert there(f"SELECT COUNT(*) FROM [{SCHEMA}].[Order Details]") == 1_500
    assert there(f"SELECT COUNT(*) FROM [{SCHEMA}].[User]") == 3
