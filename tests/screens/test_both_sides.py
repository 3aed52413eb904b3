"""Stages 7 and 8: a table's first rows on both sides, and what the target has before anything is loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from screens.app import WizardApp
from screens.widgets.grid import Grid
from screens.widgets.listing import Listing
from screens.widgets.table import TableDialog
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive, sample_project
from tests.server_schema import clear
from wizard.events import Stage
from wizard.settings import Target, TargetKind
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession
from wizard.stages import ExistingObject, Migration, TableSides
from wizard.stages.target_browser import TargetBrowser

SCHEMA = "engine_sides"
SIDES = TableSides(("ID", "Name"), (("1", "a"), ("2", None)), (("1", "a"),), "The first 10 rows")
THERE = (
    ExistingObject("books", "[dbo].[Books]", "table", 120, True),
    ExistingObject("books", "[hr].[Pay]", "view", None, False),
)


def test_both_sides_and_the_target_are_a_key_away(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sample_project(home) as m:
        m.one_step()

    async def todo(d: Driver) -> None:
        d.app.open(home / "p")
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.MIGRATE)
        await d.goes_to(Stage.MIGRATE)
        await d.keys("b")
        assert "offline package" in d.told, "without a server it says why"
        asked: list[str] = []
        monkeypatch.setattr(TargetBrowser, "sides", lambda _, name: asked.append(name) or SIDES)
        monkeypatch.setattr(TargetBrowser, "existing", lambda _: THERE)
        d.app.screen.query_one("#tables", Listing).go_to(1)
        await d.keys("b")
        assert isinstance(d.app.screen, TableDialog)
        assert asked == ["dbo.Authors"]
        grid = d.app.screen.query_one(Grid)
        assert list(grid.rows) == [("server", "1", "a"), ("server", "2", None), ("Access", "1", "a")]
        await d.keys("escape", "o")
        rows = list(d.app.screen.query_one(Grid).rows)
        assert rows[0][:4] == ("[dbo].[Books]", "table", "120", "yes")
        assert rows[1][:4] == ("[hr].[Pay]", "view", "", "")
        assert "2 objects, 1 of a name that this project makes" in d.text

    drive(WizardApp(), todo)


@pytest.mark.server
@pytest.mark.timeout(900)
def test_a_server_shows_what_it_has_and_the_same_rows(tmp_path: Path, server: str) -> None:
    connection, password = connection_string.settings(server)
    with ServerSession.open(connection, password) as session:
        clear(session, SCHEMA)
    shutil.copyfile(SAMPLE, tmp_path / "harborbooks.accdb")
    try:
        with Migration.create(tmp_path / "p", target=Target(TargetKind.SQL_SERVER)) as m:
            m.connect.set_password(password)
            m.connect.set(connection)
            m.project.confirm()
            m.sources.add(tmp_path / "harborbooks.accdb")
            m.map.set("harborbooks", SCHEMA)
            m.prepare()
            m.convert.run()
            assert not [o for o in m.target_browser.existing() if o.name.startswith(f"[{SCHEMA}]")]
            m.one_step()
            there = {o.name.casefold(): o for o in m.target_browser.existing() if o.ours}  # some servers fold names
            assert there[f"[{SCHEMA}].[books]"].kind == "table"
            assert there[f"[{SCHEMA}].[countries]"].kind == "view"
            found = m.target_browser.sides(f"{SCHEMA}.Publishers")
            assert found.columns[:2] == ("PublisherID", "Name")
            assert len(found.server) == 7
            assert [r[:2] for r in found.server] == [r[:2] for r in found.access]
    finally:
        with ServerSession.open(connection, password) as session:
            clear(session, SCHEMA)
