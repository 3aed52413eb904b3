"""Putting an Access file's tables, rows and converted queries on a server, plainly: for tests of what queries give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from wizard.access import AccessFile
from wizard.convert import script
from wizard.convert.draft import ConversionTask
from wizard.convert.queries import Queries, convert_queries, found_headings, heading_sources
from wizard.convert.schema import convert_tables
from wizard.objects import Conversion, ObjectKind, ServerTable, quote
from wizard.settings import Options, Target, TargetKind, TypeMap
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError


def converted(path: Path, schema: str, options: Options | None = None) -> tuple[Conversion, Queries]:
    """The tables and queries of a file; crosstabs with the headings found in its rows."""
    with AccessFile.open(path) as file:
        definition = file.definition
        headings = {}
        for source in heading_sources(definition):
            found = found_headings(source, partial(rows_of, file))
            if found:
                headings[source.query] = found
    target = Target(TargetKind.SQL_SERVER, linked=False)
    task = ConversionTask(definition, "test", schema, options or Options(warn_renamed=False), target, TypeMap(), {})
    tables, _, drafts = convert_tables(task)
    queries = convert_queries(task, drafts, headings)
    return Conversion(tables=tables, modules=tuple(queries.modules)), queries


def rows_of(file: AccessFile, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Some columns of a table's rows."""
    for batch in file.read(table, columns=columns):
        yield from zip(*(c.to_pylist() for c in batch.rows.columns), strict=True)


def build(session: ServerSession, path: Path, conversion: Conversion) -> dict[str, str]:
    """Make tables, rows and modules; what the server refuses of the modules, by name."""
    plain = tuple(
        replace(t, columns=tuple(replace(c, identity=c.identity and not c.source) for c in t.columns))
        for t in conversion.tables
    )
    tables = script.statements(Conversion(tables=plain))
    wanted = (ObjectKind.SCHEMA, ObjectKind.TABLE, ObjectKind.PRIMARY_KEY)
    for statement in tables:
        if statement.kind in wanted:
            session.execute(statement.sql)
    with AccessFile.open(path) as file:
        for table in conversion.tables:
            for sql in inserts(file, table):
                session.execute(sql)
    refused = {}
    takes_ties = not session.value("SELECT CONVERT(int, SERVERPROPERTY('Babelfish'))")  # which has no TOP … WITH TIES
    for module in script.in_order(conversion.modules):
        try:
            session.execute(module.sql if takes_ties else module.sql.replace(" WITH TIES", ""))
        except ServerError as fault:
            refused[module.name.name] = str(fault)
    return refused


def _open(table: ServerTable) -> ServerTable:
    """The table without what would keep AutoNumber's values from being inserted."""
    return replace(table, columns=tuple(replace(c, identity=c.identity and not c.source) for c in table.columns))


def inserts(file: AccessFile, table: ServerTable) -> Iterator[str]:
    """The rows of a table in statements of a hundred."""
    assert table.source
    columns = [c for c in table.columns if c.source and not c.computed]
    names = ", ".join(quote(c.name) for c in columns)
    for batch in file.read(table.source.table, columns=[c.source for c in columns], batch_rows=100):
        rows = [f"({', '.join(constant(r[c.source]) for c in columns)})" for r in batch.rows.to_pylist()]
        yield f"INSERT INTO {table.name} ({names}) VALUES\n" + ",\n".join(rows) + ";"


def constant(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(int(value))
        case int() | Decimal():
            return str(value)
        case float():
            return repr(value) if "e" in repr(value) else f"{value!r}E0"
        case datetime():
            return f"CONVERT(datetime2(0), '{value.isoformat(timespec='seconds')}', 126)"
        case bytes():
            return f"0x{value.hex()}"
    return "N'" + str(value).replace("'", "''") + "'"


def shown(value: Any) -> Any:
    """A value as the oracle of query results writes it."""
    match value:
        case None:
            return None
        case bool():
            return int(value)
        case datetime():
            text = value.isoformat()
            return text.removesuffix(":00") if text.count(":") == 2 and text.endswith(":00") else text
        case int() | float() | Decimal():
            text = f"{round(Decimal(str(value)), 6):f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


_DROPPED = {"V": "VIEW", "P": "PROCEDURE", "IF": "FUNCTION", "FN": "FUNCTION", "U": "TABLE"}


def cleared(session: ServerSession, schema: str) -> None:
    """Drop what an earlier run left in the schema."""
    for _ in range(5):
        found = session.query(
            "SELECT o.name, RTRIM(o.type) FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id "
            f"WHERE s.name = '{schema}' AND o.type IN ('V', 'P', 'IF', 'FN', 'U') ORDER BY o.object_id DESC"
        )
        for name, kind in found:
            with suppress(ServerError):
                session.execute(f"DROP {_DROPPED[kind]} {quote(schema)}.{quote(name)}")
        if not found:
            return
