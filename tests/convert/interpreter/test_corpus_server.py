"""A server gives, for each query of real databases, the rows that the interpreter gives over the file's rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED
from tests.convert.interpreter.test_corpus import DATABASES, SELECTING
from tests.convert.loading import build, cleared, converted, rows_of
from wizard.access import AccessFile
from wizard.convert.interpreter import ErrorValue, Interpreter, ParameterError, QueryError
from wizard.definitions import ColumnType, QueryKind
from wizard.messages import SourceError
from wizard.migrate.query_comparison import ERROR, compared
from wizard.objects import ObjectKind, ServerModule
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession

pytestmark = [pytest.mark.server, pytest.mark.corpus, pytest.mark.timeout(900)]
DATABASE = "jf_corpus_queries"
APPLICATIONS = sorted(p for p in (SHARED / "application" / "corpus").glob("*") if p.suffix in (".accdb", ".accda"))


def _with_queries(path: Path) -> bool:
    try:
        with AccessFile.open(path, password="password") as file:
            queries = [q for q in file.definition.queries if q.kind in SELECTING and not q.hidden]
            types = {c.type for t in file.definition.tables for c in t.columns}
            return bool(queries) and ColumnType.DATE_EXTENDED not in types
    except SourceError:
        return False


@pytest.fixture(scope="module")
def session(server: str) -> Iterator[ServerSession]:
    connection, password = connection_string.settings(server)
    with ServerSession.open(replace(connection, database="master"), password) as master:
        if not master.value(f"SELECT 1 FROM sys.databases WHERE name = '{DATABASE}'"):
            master.execute(f"CREATE DATABASE {DATABASE}")
    with ServerSession.open(replace(connection, database=DATABASE), password) as opened:
        yield opened


def _asked(file: AccessFile, name: str, now: datetime) -> tuple[list[tuple[Any, ...]], Mapping[str, Any]]:
    """The rows of a query, and the values its parameters were given: all are Null."""
    values: dict[str, Any] = {}
    while True:
        try:
            rows = Interpreter(file.definition, partial(rows_of, file), now, values).saved(name).rows
        except ParameterError as e:
            values[e.prompt] = None
        else:
            return [tuple(ERROR if isinstance(v, ErrorValue) else v for v in row) for row in rows], values


def _server_rows(session: ServerSession, module: ServerModule) -> tuple[tuple[str, ...], list[Any]]:
    nulls = ", ".join(["NULL"] * len(module.parameters))
    if module.kind is ObjectKind.PROCEDURE:
        return session.first(f"EXEC {module.name} {nulls}", 100_000)
    called = f"({nulls})" if module.kind is ObjectKind.FUNCTION else ""
    return session.first(f"SELECT * FROM {module.name}{called}", 100_000)


@pytest.mark.parametrize("path", [*DATABASES, *APPLICATIONS], ids=lambda p: p.name)
def test_both_give_the_same_rows(path: Path, session: ServerSession) -> None:
    if not _with_queries(path):
        pytest.skip("it has no queries that give rows")
    schema = "c_" + re.sub(r"\W", "_", path.name)
    cleared(session, schema)
    conversion, queries = converted(path, schema)
    refused = build(session, path, conversion)
    moment = session.value("SELECT CONVERT(datetime2(0), GETDATE())")
    now = moment if isinstance(moment, datetime) else datetime.now()
    wrong = {}
    with AccessFile.open(path, password="password") as file:
        kinds = {q.name: q.kind for q in file.definition.queries if not q.hidden}
        for module in queries.modules:
            name = module.source.table if module.source else ""
            crosstab = kinds.get(name) is QueryKind.CROSSTAB
            if kinds.get(name) not in SELECTING or (module.kind is ObjectKind.PROCEDURE and not crosstab):
                continue
            try:
                ours, _ = _asked(file, name, now)
            except QueryError as e:
                wrong[name] = f"only the server gives rows: {e}"
                continue
            if module.name.name in refused:
                wrong[name] = refused[module.name.name]
                continue
            columns, rows = _server_rows(session, module)
            outcome = compared(ours, rows, columns)
            if not outcome.same:
                wrong[name] = outcome.detail
    assert not wrong
