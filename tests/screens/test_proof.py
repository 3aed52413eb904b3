"""Proof of a query from stage 6: what the server gave, its error in words, and why there is none yet."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screens.app import WizardApp
from screens.widgets.grid import Grid
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from tests.screens.stand_ins import verdicts
from wizard.events import Stage
from wizard.objects import TableRef
from wizard.settings import Connection, Target, TargetKind
from wizard.sqlserver import connection_test
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError
from wizard.stages import LoadResult, Migration
from wizard.stages.load import LoadStage

SOURCE = "harborbooks"


class Server:
    """Stands in for a session: two columns, one row with a NULL."""

    def titled(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        assert sql.startswith("SELECT")
        return ("Title", "Sold", "Share"), [("Sea Charts", None, Decimal("0E-8"))]

    def value(self, sql: str) -> int:
        return 2 if "sys.all_parameters" in sql else 0


class Empty:
    """A session on a database without the objects."""

    def titled(self, sql: str) -> list[tuple[Any, ...]]:
        raise ServerError(DriverError(208, "Invalid object name 'dbo.Books'", ErrorKind.OTHER))

    value = titled


@pytest.fixture
def project(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(connection_test, "check", verdicts)
    monkeypatch.setattr(connection_test, "schemas", lambda *_: ["dbo"])
    monkeypatch.setattr(LoadStage, "preview", lambda *_: ())
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p", target=Target(TargetKind.SQL_SERVER)) as m:
        m.sources.add(home / SAMPLE.name)
        m.connect.set(Connection("db1", database="books", user="ferry"))
        m.prepare()
        m.convert.run()
    return home / "p"


async def _prove(d: Driver, query: str) -> None:
    d.app.go(Stage.CONVERT)
    await d.goes_to(Stage.CONVERT)
    d.app.screen.show_object(TableRef(SOURCE, query))
    await d.keys("p")


def _queries(project: Path, kind: str) -> Iterator[str]:
    with Migration.open(project) as m:
        yield from [x.source.table for x in m.convert.conversion.modules if x.kind.value == kind and x.source]


def test_the_first_rows_are_shown_once_the_objects_are_loaded(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view, procedure = next(_queries(project, "view")), next(_queries(project, "procedure"))
    monkeypatch.setattr(connection_test, "connected", lambda *_: nullcontext(Server()))

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        await _prove(d, view)
        assert "load it first" in d.told
        monkeypatch.setattr(LoadStage, "result", LoadResult(created=9))
        await d.click("#proof")
        assert "Proof of" in d.text
        rows = d.app.screen.query_one(Grid).rows
        assert rows[0] == ("server", "Sea Charts", None, "0.00000000")
        assert {row[0] for row in rows[1:]} <= {"Access"}
        assert "Access gives" in d.text
        assert "Sea Charts" in d.text
        assert "NULL" in d.text
        assert "0.00000000" in d.text
        await d.keys("escape")
        await _prove(d, procedure)
        assert "is a procedure" in d.told

    drive(WizardApp(project), walk)


def test_the_servers_error_is_told_in_words(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = next(_queries(project, "view"))
    monkeypatch.setattr(connection_test, "connected", lambda *_: nullcontext(Empty()))
    monkeypatch.setattr(LoadStage, "result", LoadResult(created=9))

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        await _prove(d, view)
        assert "dbo.Books' (error 208)" in d.words
        assert "Where: harborbooks." in d.words
        assert "Nothing was changed" in d.text

    drive(WizardApp(project), walk)
