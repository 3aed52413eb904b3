"""Stage 7 where something fails: the statement and the reason are shown, the rest goes on, and Retry mends it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Button

from screens.app import WizardApp
from screens.load import LoadScreen
from screens.widgets.listing import Listing
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from tests.server_schema import clear
from wizard.events import Stage, Status
from wizard.messages import Severity
from wizard.objects import TableRef
from wizard.settings import Target, TargetKind
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.connection_string import settings
from wizard.stages import Migration, SourceObjectType

SCHEMA = "jf_load"
KEY = "harborbooks"


def rows(d: Driver) -> dict[str, str]:
    """What became, or will become, of each object."""
    return {str(r[0]): str(r[3]) for r in d.app.screen.query_one("#objects", Listing).rows}


def test_a_package_that_cannot_be_written_says_why_and_is_written_once_it_can(home: Path) -> None:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)
        m.prepare()
        m.convert.run()
    package = home / "p.jetferry" / "package"
    package.mkdir()
    (package / "notes.txt").write_text("mine")

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.LOAD)
        await d.goes_to(Stage.LOAD)
        await d.work("f9")
        assert "notes.txt" in d.text
        assert "What is safe" in d.text
        await d.keys("enter")
        assert d.app.status(Stage.LOAD) is Status.FAILED
        assert (package / "notes.txt").read_text() == "mine"
        (package / "notes.txt").unlink()
        await d.work("f9")
        assert d.app.status(Stage.LOAD) is Status.DONE
        assert set(rows(d).values()) == {"✓ created"}
        assert {p.name for p in package.iterdir()} == set(rows(d))

    drive(WizardApp(home / "p"), walk)


@pytest.fixture
def server_project(home: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stages 1 to 6 done against a schema of our own, one view edited to select from a table that is not there."""
    connection, password = settings(server)
    monkeypatch.setenv("JETFERRY_PASSWORD", password)
    shutil.copy(SAMPLE, home)
    with ServerSession.open(connection, password) as session:
        clear(session, SCHEMA)
        with Migration.create(home / "p", target=Target(TargetKind.SQL_SERVER)) as m:
            m.connect.set(connection)
            m.sources.add(home / SAMPLE.name)
            m.sources.select(
                KEY, SourceObjectType.QUERY, ["Top Ten Books"], False
            )  # WITH TIES is beyond some stand-ins
            m.map.set(KEY, SCHEMA)
            m.prepare()
            m.convert.run()
            sql = f"CREATE VIEW [{SCHEMA}].[Countries] AS\nSELECT [Name] AS [Country] FROM [{SCHEMA}].[Lands]"
            m.convert.edit_statement(TableRef(KEY, "Countries"), sql)
        yield home / "p"
        clear(session, SCHEMA)


@pytest.mark.server
def test_an_object_that_fails_is_shown_with_the_servers_words_and_made_by_retry(
    server_project: Path, server: str
) -> None:
    view = f"[{SCHEMA}].[Countries]"

    def sees_the_failure(d: Driver) -> None:
        assert isinstance(d.app.screen, LoadScreen)
        assert rows(d)[view] == "✗ failed"
        assert not d.app.screen.query_one("#retry", Button).disabled

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.LOAD)
        await d.goes_to(Stage.LOAD)
        assert d.app.screen.query_one("#retry", Button).disabled
        assert rows(d)[view] == "create"
        await d.work("f9")
        sees_the_failure(d)
        assert ", 1 failed" in d.text
        listing = d.app.screen.query_one("#objects", Listing)
        assert str(listing.rows[listing.cursor][0]) == view, "the cursor is on what wants attention"
        assert "could not be" in d.text  # beside the list, in a column of its own
        assert "lands" in d.text.casefold()
        assert "SELECT [Name] AS [Country]" in d.text
        (failed,) = (m for m in d.app.messages if m.severity is Severity.ERROR)
        assert "could not be made" in failed.text
        assert "✗ 1" in d.text
        # it is not forgotten by who looks elsewhere meanwhile, nor by another session
        d.app.go(Stage.CONVERT)
        await d.goes_to(Stage.CONVERT)
        d.app.go(Stage.LOAD)
        await d.goes_to(Stage.LOAD)
        sees_the_failure(d)

    async def later(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.LOAD)
        await d.goes_to(Stage.LOAD)
        sees_the_failure(d)
        assert "could not be" in d.text, "reopened, it shows what it showed"
        assert "SELECT [Name] AS [Country]" in d.text
        connection, password = settings(server)
        with ServerSession.open(connection, password) as session:
            session.execute(f"CREATE TABLE [{SCHEMA}].[Lands] ([Name] nvarchar(40))")
        await d.work("#retry")
        assert rows(d)[view] == "✓ created"
        assert "✗ failed" not in rows(d).values()
        assert d.app.screen.query_one("#retry", Button).disabled
        assert d.app.status(Stage.LOAD) is Status.DONE
        await d.click("#compare")
        assert set(rows(d).values()) == {"nothing"}

    drive(WizardApp(server_project), walk, size=(120, 40))
    drive(WizardApp(server_project), later, size=(120, 40))
