"""The server's side of verification: its figures where it can compute them, its rows where it cannot."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from wizard.coercion.arrow_types import arrow_type, batch_schema
from wizard.objects import Name, ServerColumn, ServerTable, literal, quote
from wizard.settings import Connection
from wizard.sqlserver import column_sums
from wizard.sqlserver.connection import ServerSession, error_message
from wizard.sqlserver.driver_errors import ServerError
from wizard.sqlserver.timeouts import doing

_SAMPLES: dict[str, tuple[str, Any]] = {
    # by type: an expression and the value it has; a server whose figures differ for it is not trusted with them
    "bit": ("CAST(1 AS bit)", True),
    "tinyint": ("CAST(200 AS tinyint)", 200),
    "real": ("CAST(-1.5 AS real)", -1.5),
    "float": ("CAST(-1.25E-7 AS float)", -1.25e-7),
    "money": ("CAST(-922337203685477.5808 AS money)", Decimal("-922337203685477.5808")),
    "smallmoney": ("CAST(-214748.3648 AS smallmoney)", Decimal("-214748.3648")),
    "date": ("CAST('0100-01-02' AS date)", "0100-01-02"),
    "datetime": ("CAST('1753-01-01T23:59:58.997' AS datetime)", "1753-01-01 23:59:58.997000"),
    "smalldatetime": ("CAST('1950-01-01T23:59:00' AS smalldatetime)", "1950-01-01 23:59:00"),
    "uniqueidentifier": (
        "CAST('0E984725-C51C-4BF4-9960-E1C80E27ABA0' AS uniqueidentifier)",
        "0E984725-C51C-4BF4-9960-E1C80E27ABA0",
    ),
    "binary": ("CAST(0x00FF10 AS varbinary(20))", b"\x00\xff\x10"),
}
_LONG: Final = 4 << 20
"""characters and bytes of texts and binaries after which a batch of rows ends"""
_AT_ONCE: Final = 50
"""rows that the driver fetches at once, each as long as it may be"""
_TEXT = "Grüße, €uro 😀 "


class ServerTableSums:
    """Reads what arrived. Methods raise TargetError in words."""

    def __init__(self, connection: Connection, password: str, between: Callable[[], None] = lambda: None) -> None:
        self.connection = connection
        self._password = password
        self._trusted: dict[str, bool] = {}
        self._between = between
        """called between statements and batches; what it raises ends the reading"""

    def figures(
        self, table: ServerTable, columns: Sequence[ServerColumn]
    ) -> tuple[int, column_sums.ColumnSums, list[str]]:
        """Rows, figures by column, and the columns that had to be read back because the server cannot compute them."""
        try:
            with self._session() as session, doing(f"figures of {table.name}"):
                able = [c for c in columns if self._can(session, c)]
                rows, found = self._aggregates(session, table.name, able)
        except ServerError as e:
            raise error_message(e.fault, self.connection) from e
        rest = [c for c in columns if c.name not in found]
        if rest:
            tally = column_sums.RunningSums(rest)
            for batch in self.rows(table, rest):
                tally.add(batch)
                self._between()
            found |= tally.figures
        return rows, found, [c.name for c in rest]

    @contextmanager
    def _session(self) -> Iterator[ServerSession]:
        with ServerSession.open(self.connection, self._password) as session, session.whole_tables():
            yield session

    def _can(self, session: ServerSession, column: ServerColumn) -> bool:
        """Whether the server's figures for a known value of the type are the right ones."""
        type_ = str(column.type)
        if type_ not in self._trusted:
            self._trusted[type_] = _agrees(session, column)
        return self._trusted[type_]

    def _aggregates(
        self, session: ServerSession, table: Name, columns: Sequence[ServerColumn]
    ) -> tuple[int, dict[str, dict[str, int]]]:
        """Figures of as many columns as one statement takes; a column the server fails at is left out."""
        rows = int(session.value(f"SELECT COUNT_BIG(*) FROM {table}"))
        found: dict[str, dict[str, int]] = {}
        waiting = [list(columns[n : n + 20]) for n in range(0, len(columns), 20)]
        while waiting:
            self._between()
            group = waiting.pop(0)
            wanted = [(c.name, name, sql) for c in group for name, sql in column_sums.select(c)]
            try:
                row = session.query(f"SELECT {', '.join(sql for *_, sql in wanted)} FROM {table}")[0]
            except ServerError as e:
                if e.trouble.passing:
                    raise
                if len(group) > 1:
                    waiting += [[c] for c in group]
                continue
            for (name, figure, _), value in zip(wanted, row, strict=True):
                found.setdefault(name, {})[figure] = _whole(value)
        return rows, found

    def rows(self, table: ServerTable, columns: Sequence[ServerColumn], size: int = 5_000) -> Iterator[pa.RecordBatch]:
        """The table's rows as they would have been sent, in the server's own order."""
        schema = batch_schema([ServerColumn(c.name, c.type) for c in columns])
        listed = ", ".join(_expression(c) for c in columns)
        try:
            with self._session() as session:
                group: list[tuple[Any, ...]] = []
                long = 0
                for row in session.stream(f"SELECT {listed} FROM {table.name}", size=_AT_ONCE):
                    group.append(row)
                    long += sum(len(v) for v in row if isinstance(v, str | bytes))
                    if len(group) == size or long > _LONG:
                        yield _batch(group, columns, schema)
                        group, long = [], 0
                if group:
                    yield _batch(group, columns, schema)
        except ServerError as e:
            raise error_message(e.fault, self.connection) from e


def _whole(value: object) -> int:
    """A figure as a whole number: decimals lose their point, nothing is 0."""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return int(value.scaleb(-exponent)) if isinstance(exponent, int) else 0
    return int(str(value)) if value is not None else 0


def _expression(column: ServerColumn) -> str:
    """datetime2(7) as text, since drivers give microseconds."""
    name = quote(column.name)
    if column.type.name.casefold() == "datetime2" and column.type.scale in (None, 7):
        return f"CONVERT(nvarchar(27), {name}, 121)"
    return name


def _batch(rows: Sequence[tuple[Any, ...]], columns: Sequence[ServerColumn], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        pa.array([_value(v, c) for v in values], field.type)
        for values, c, field in zip(zip(*rows, strict=True), columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _value(value: Any, column: ServerColumn) -> Any:
    if isinstance(value, uuid.UUID) or (isinstance(value, str) and column.type.name == "uniqueidentifier"):
        return str(value).upper()
    if isinstance(value, str) and column.type.name.casefold() in ("char", "nchar"):
        return value.rstrip(" ")
    if isinstance(value, str) and column.type.name.casefold() == "datetime2":
        whole, _, fraction = value.partition(".")  # which some servers leave out where it is zero
        return f"{whole}.{fraction:0<7}"
    return value


def _agrees(session: ServerSession, column: ServerColumn) -> bool:
    name, scale = column.type.name.casefold(), column.type.scale
    expression, value = _SAMPLES.get(name, ("", None))
    if name in ("smallint", "int", "bigint"):
        expression, value = f"CAST(-3 AS {name})", -3
    elif name in ("decimal", "numeric"):
        value = Decimal(-3).scaleb(-(scale or 0))
        expression = f"CAST({value:f} AS {column.type})"
    elif name == "datetime2":
        fraction = "1234567"[: 7 if scale is None else scale]
        dotted = f".{fraction}" if fraction else ""
        value = f"0100-01-02 03:04:05.{fraction:0<7}"
        expression = f"CAST('0100-01-02T03:04:05{dotted}' AS {column.type})"
    elif name in ("varbinary", "image"):
        expression, value = _SAMPLES["binary"]
    elif not expression:
        expression, value = f"CAST({literal(_TEXT)} AS nvarchar(60))", _TEXT
        if name in ("char", "nchar"):
            value = _TEXT.rstrip()
    wanted = arrow_type(column.type)
    if isinstance(value, str) and not pa.types.is_string(wanted):
        here = pa.array([value[:26]]).cast(pa.timestamp("us")).cast(wanted)
    else:
        here = pa.array([value], wanted)
    tally = column_sums.RunningSums([ServerColumn("c", column.type)])
    tally.add(pa.RecordBatch.from_arrays([here], names=["c"]))
    chosen = column_sums.select(ServerColumn("c", column.type))
    try:
        row = session.query(f"SELECT {', '.join(sql for _, sql in chosen)} FROM (SELECT {expression} AS c) AS v")[0]
    except ServerError as e:
        if e.trouble.passing:
            raise
        return False
    there = {figure: _whole(v) for (figure, _), v in zip(chosen, row, strict=True)}
    return there == tally.figures["c"]
