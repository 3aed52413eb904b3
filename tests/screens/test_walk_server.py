"""The whole way to a real server: connect, compare, load, migrate, verify, with keys only."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from screens.app import WizardApp
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.events import Stage, Status
from wizard.settings import Connection, Target, TargetKind
from wizard.stages import Migration
from wizard.target import server as asked_server

DATABASE = "jf_screens"


def parsed(text: str) -> tuple[Connection, str]:
    """The connection and password of an ODBC-style string."""
    parts = dict(p.split("=", 1) for p in text.split(";") if "=" in p)
    folded = {k.strip().casefold(): v for k, v in parts.items()}
    user = folded.get("uid", folded.get("user id", ""))
    trust = bool(re.match("y|t|1", folded.get("trustservercertificate", "no"), re.I))
    connection = Connection.at(folded["server"].removeprefix("tcp:"), user=user, trust_certificate=trust)
    return connection, folded.get("pwd", folded.get("password", ""))


@pytest.fixture
def empty(server: str) -> tuple[Connection, str]:
    """An account, and no database of ours on the server."""
    connection, password = parsed(server)
    asked_server.asked(connection, password, lambda s: s.execute(f"DROP DATABASE IF EXISTS {DATABASE}"))
    return connection, password


@pytest.mark.server
@pytest.mark.timeout(240)
def test_from_the_sample_to_a_server(home: Path, empty: tuple[Connection, str]) -> None:
    connection, password = empty
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p", target=Target(TargetKind.SQL_SERVER)) as m:
        m.sources.add(home / SAMPLE.name)
        m.project.confirm()
        m.sources.confirm()

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is Stage.CONNECT)
        await d.keys("f9")
        assert "Say which server" in d.told
        fields = {"server": connection.server, "user": connection.user, "password": password}
        for name, value in fields.items():
            d.app.screen.query_one(f"#{name}", Input).value = value
        if connection.trust_certificate:
            d.app.screen.query_one("#trust").focus()
            await d.keys("space")
        # the database is made from here
        d.app.screen.query_one("#create").focus()
        await d.keys("enter", "ctrl+u")
        await d.type(DATABASE)
        await d.keys("enter")
        assert d.app.screen.query_one("#database", Input).value == DATABASE, d.text
        await d.keys("f6")
        assert "✓ yes" in d.text
        await d.keys("f9")
        await d.goes_to(Stage.MAP)
        await d.keys("f9")
        await d.goes_to(Stage.ASSESS)
        await d.keys("f8")
        await d.goes_to(Stage.CONVERT)
        await d.keys("f9")
        await d.keys("f9")
        await d.goes_to(Stage.LOAD)
        assert "+ new" in d.text
        await d.pilot.press("f9")
        await d.until(lambda: d.app.at_work is not None)
        await d.until(lambda: d.app.at_work is None and d.app.status(Stage.LOAD) is not Status.RUNNING, 120)
        await d.settle()
        assert "✓ created" in d.text
        if d.app.status(Stage.LOAD) is Status.DONE:
            await d.keys("f9")
            await d.goes_to(Stage.MIGRATE)
            await d.pilot.press("f9")
            await d.until(lambda: d.app.at_work is not None)
            await d.until(lambda: d.app.at_work is None and d.app.status(Stage.MIGRATE) is not Status.RUNNING, 120)
            await d.settle()
        assert "4,458/4,458 rows" in d.text, d.text

    drive(WizardApp(home / "p"), walk)
    there = replace(connection, database=DATABASE)
    rows = asked_server.asked(there, password, lambda s: s.value("SELECT COUNT(*) FROM dbo.[Order Details]"))
    assert rows == 1_500
