"""The server goes away while rows move: the screen says so and that it is tried again; every row is there once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from screens.app import WizardApp
from tests.conftest import SAMPLE
from tests.migrate.proxy import Cut, Proxy
from tests.screens.conftest import Driver, drive
from tests.server_schema import clear
from wizard.events import Stage, Status
from wizard.settings import Options, Target, TargetKind
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.connection_string import settings
from wizard.stages import Migration, SourceObjectType

SCHEMA = "jf_lost"


@pytest.fixture
def proxy(server: str) -> Iterator[Proxy]:
    """Between us and the server."""
    connection, _ = settings(server)
    made = Proxy(connection.host, connection.port or 1433)
    yield made
    made.close()


@pytest.fixture
def project(home: Path, server: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Before stage 8, two tables in a schema of our own, the server reached through the proxy."""
    connection, password = settings(server)
    monkeypatch.setenv("JETFERRY_PASSWORD", password)
    monkeypatch.setenv("GATE_AT", "BatchCommitted")
    shutil.copy(SAMPLE, home)
    with ServerSession.open(connection, password) as session:
        clear(session, SCHEMA)
        with Migration.create(home / "p", target=Target(TargetKind.SQL_SERVER)) as m:
            m.project.set_options(Options(batch_size=200, parallel_tables=1))
            m.connect.set(replace(connection, host="127.0.0.1", port=proxy.port))
            m.sources.add(home / SAMPLE.name)
            m.sources.select_none("harborbooks")
            m.sources.select("harborbooks", SourceObjectType.TABLE, ["Customers", "Orders"], True)
            m.map.set("harborbooks", SCHEMA)
            m.prepare()
            m.one_step(through=Stage.LOAD)
        yield home / "p"
        clear(session, SCHEMA)


@pytest.mark.server
@pytest.mark.timeout(240)
def test_a_connection_lost_while_rows_move_is_told_and_tried_again(
    project: Path, slowly: Path, proxy: Proxy, server: str
) -> None:
    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.MIGRATE)
        await d.pilot.press("f9")
        await d.until(lambda: d.app.at_work is not None and any(t.done for t in d.app.at_work.lines.tables), 60)
        proxy.mode = Cut.BEFORE
        slowly.touch()
        await d.until(lambda: "Trying again in" in d.told, 60)
        await d.until(lambda: d.app.at_work is None, 120)
        await d.settle()
        assert d.app.status(Stage.MIGRATE) is Status.DONE, d.text
        assert "640/640 rows" in d.text
        assert "✗ diff." not in d.text

    drive(WizardApp(project), walk)
    assert proxy.cuts >= 1
    connection, password = settings(server)
    with ServerSession.open(connection, password) as session:
        assert session.value(f"SELECT COUNT(*) FROM [{SCHEMA}].[Orders]") == 600
        assert session.value(f"SELECT COUNT(*) FROM [{SCHEMA}].[Customers]") == 40
