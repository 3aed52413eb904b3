"""Stage 3: the fields that each way of signing in asks for, what is kept of them, and a verdict in words per step."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Checkbox, Input, Label, Select

from screens.app import WizardApp
from screens.widgets.listing import Listing
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.events import Stage, Status
from wizard.settings import Auth, Target, TargetKind
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.connection_string import parameters, settings
from wizard.stages import Migration

SECRET = "Gr8;secret}x"


@pytest.fixture
def project(home: Path) -> Path:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p", target=Target(TargetKind.SQL_SERVER)) as m:
        m.sources.add(home / SAMPLE.name)
        m.project.confirm()
        m.sources.confirm()
    return home / "p"


@pytest.fixture
def closed() -> Iterator[int]:
    """A port of this machine where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and never listening
        yield taken.getsockname()[1]


def fill(d: Driver, **values: str) -> None:
    for name, value in values.items():
        d.app.screen.query_one(f"#{name}", Input).value = value


def asked(d: Driver) -> dict[str, str]:
    """The labels of the fields for user and password that are shown."""
    screen = d.app.screen
    rows = {n: screen.query_one(f"#{n}-row").display for n in ("user", "password")}
    return {n: str(screen.query_one(f"#{n}-label", Label).content) for n, shown in rows.items() if shown}


def verdicts(d: Driver) -> dict[str, tuple[str, str]]:
    """By step: yes or no, and the words."""
    return {str(r[0]): (str(r[1]), str(r[2])) for r in d.app.screen.query_one("#verdicts", Listing).rows}


WAYS = {
    Auth.SQL: ({"user": "User", "password": "Password"}, {"UID": "me", "PWD": SECRET}),
    Auth.WINDOWS: ({}, {"Trusted_Connection": "yes"}),
    Auth.ENTRA_DEFAULT: ({}, {"Authentication": "ActiveDirectoryDefault"}),
    Auth.ENTRA_INTERACTIVE: ({"user": "Account"}, {"Authentication": "ActiveDirectoryInteractive", "UID": "me"}),
    Auth.ENTRA_PASSWORD: (
        {"user": "Account", "password": "Password"},
        {"Authentication": "ActiveDirectoryPassword", "UID": "me", "PWD": SECRET},
    ),
    Auth.ENTRA_SERVICE_PRINCIPAL: (
        {"user": "Client id", "password": "Secret"},
        {"Authentication": "ActiveDirectoryServicePrincipal", "UID": "me", "PWD": SECRET},
    ),
    Auth.ENTRA_MANAGED_IDENTITY: ({"user": "Client id"}, {"Authentication": "ActiveDirectoryMsi", "UID": "me"}),
}


def test_each_way_of_signing_in_asks_for_its_own_fields_and_no_password_is_kept(project: Path, closed: int) -> None:
    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.CONNECT)
        fill(d, server=f"127.0.0.1,{closed}", database="books")
        assert set(WAYS) == set(Auth)
        for auth, (labels, keywords) in WAYS.items():
            d.app.screen.query_one("#auth", Select).value = auth
            await d.settle()
            assert asked(d) == labels, auth
            if labels:
                fill(d, user="")
            if auth.needs_user:
                await d.keys("f6")
                assert "needs a user name" in d.told
                assert d.app.focused is d.app.screen.query_one("#user")
            fill(d, user="me", password=SECRET)
            await d.keys("f6")
            step, (passed, words) = next(iter(verdicts(d).items()))
            assert (step, passed, len(verdicts(d))) == ("reach", "✗ no", 1)
            assert f"port {closed}" in words
            connect = d.app.migration.connect
            made = parameters(connect.settings, connect.password())
            server = {"Server": f"127.0.0.1,{closed}", "Database": "books", "Encrypt": "yes"}
            assert made == server | keywords, auth
            kept = (project.parent / "p.jetferry.toml").read_text(encoding="utf-8")
            assert f'"{auth.value}"' in kept or auth is Auth.SQL
            assert "Gr8" not in kept

    drive(WizardApp(project), walk)
    written = [p for p in project.parent.rglob("*") if p.is_file() and p.suffix in (".toml", ".json", ".jsonl", ".log")]
    assert not [p for p in written if SECRET in p.read_text(encoding="utf-8")]


def test_what_cannot_be_a_server_is_told_before_and_after_asking(project: Path, closed: int) -> None:
    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.CONNECT)
        await d.keys("f6")
        assert "Say which server" in d.told
        fill(d, server="db1,fourteen", user="me", password="x", database="books", timeout="1")
        await d.keys("f6")
        assert "must be the port's number" in d.told
        assert not verdicts(d)
        for server, words in (("no-such-host.invalid", "no-such-host.invalid"), (r"127.0.0.1\NONE", "NONE")):
            fill(d, server=server)
            await d.keys("f6")
            assert verdicts(d)["reach"][0] == "✗ no"
            assert words in verdicts(d)["reach"][1]
        # a port that is open, but no SQL Server's
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen()
            fill(d, server=f"127.0.0.1,{deaf.getsockname()[1]}")
            await d.keys("f6")
            assert [v[0] for v in verdicts(d).values()] == ["✓ yes", "✗ no"]
        # nothing of this is done, and one may go on without a server
        fill(d, server=f"127.0.0.1,{closed}")
        await d.keys("f9")
        assert "What is safe" in d.text
        await d.keys("enter")
        assert d.app.status(Stage.CONNECT) is Status.FAILED
        await d.click("#work-offline")
        await d.goes_to(Stage.MAP)
        assert d.app.status(Stage.CONNECT) is Status.SKIPPED

    drive(WizardApp(project), walk)


POOR = "jf_screens_poor"


@pytest.fixture
def poor(server: str) -> Iterator[str]:
    """A login that may enter the database and do nothing there; its password is the test's secret."""
    connection, password = settings(server)
    with ServerSession.open(connection, password) as session:
        session.execute(f"CREATE LOGIN {POOR} WITH PASSWORD = '{SECRET}'")
        session.execute(f"CREATE USER {POOR} FOR LOGIN {POOR}")
        yield server
        session.execute(f"DROP USER {POOR}")
        session.execute(f"DROP LOGIN {POOR}")


@pytest.mark.server
def test_a_server_refuses_step_by_step_in_words(project: Path, poor: str) -> None:
    right, password = settings(poor)

    async def walk(d: Driver) -> None:
        async def tried(**fields: str) -> dict[str, tuple[str, str]]:
            fill(d, **{"server": right.server, "database": right.database, "user": right.user, "password": password})
            fill(d, **fields)
            await d.keys("f6")
            return verdicts(d)

        await d.goes_to(Stage.CONNECT)
        if right.trust_certificate:
            d.app.screen.query_one("#trust", Checkbox).value = True
        wrong = await tried(password="not the password")
        assert list(wrong) == ["reach", "encrypt", "sign in"]
        assert wrong["sign in"][0] == "✗ no"
        assert right.user in wrong["sign in"][1]
        absent = await tried(database="jf_no_such_database")
        assert list(absent) == ["reach", "encrypt", "sign in", "database"]
        assert absent["database"][0] == "✗ no"
        assert "jf_no_such_database" in absent["database"][1]
        rights = await tried(user=POOR, password=SECRET)
        assert [v[0] for v in rights.values()] == ["✓ yes"] * 4 + ["✗ no"]
        assert POOR in rights["rights"][1]
        assert "db_ddladmin" in rights["rights"][1], "what to ask an administrator for"
        # lacking rights are told and hinder nobody: they may be given before stage 7
        await d.keys("f9")
        await d.goes_to(Stage.MAP)
        assert d.app.status(Stage.CONNECT) is Status.DONE

    drive(WizardApp(project), walk, size=(120, 40))
