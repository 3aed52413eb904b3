"""The server's side of verification: its figures where it can compute them, its rows where it cannot."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from wizard.coercion.arrow_types import arrow_type, batch_schema
from wizard.objects import Name, ServerColumn, ServerTable, literal, quote
from wizard.settings import Connection
from wizard.sqlserver import column_sums, round_trips
from wizard.sqlserver.connection import Row, ServerSession, error_message
from wizard.sqlserver.driver_errors import DriverError, ServerError
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
_SMALL: Final = 50_000
"""rows of all tables whose figures come in one round trip"""
_WIDE: Final = 400
"""columns of them"""
_COLUMNS: Final = 20
"""columns whose figures are in one statement"""
_LONG: Final = 4 << 20
"""characters and bytes of texts and binaries after which a batch of rows ends"""
_AT_ONCE: Final = 50
"""rows that the driver fetches at once, each as long as it may be"""
_TEXT = "Grüße, €uro 😀 "


@dataclass(slots=True)
class _Wanted:
    """A table whose figures are wanted, and what came of it."""

    table: ServerTable
    columns: Sequence[ServerColumn]
    expected: int
    rows: int = 0
    found: dict[str, dict[str, int]] = field(default_factory=dict)


class ServerTableSums:
    """Reads what arrived. Methods raise TargetError in words.

    One connection serves all of it; figures of small tables that are expected next come in one round trip.
    """

    def __init__(self, connection: Connection, password: str, between: Callable[[], None] = lambda: None) -> None:
        self.connection = connection
        self._password = password
        self._trusted: dict[str, bool] = {}
        self._between = between
        """called between statements and batches; what it raises ends the reading"""
        self._kept: ServerSession | None = None
        self._coming: list[_Wanted] = []
        self._asked: dict[Name, _Wanted] = {}

    @property
    def hashing(self) -> column_sums.Hashing:
        """What a server can compute."""
        return column_sums.Hashing.SERVER

    def expect(self, tables: Sequence[tuple[ServerTable, Sequence[ServerColumn], int]]) -> None:
        """Tables whose figures will be asked for in this order, with the rows that they have as far as is known."""
        self._coming = [_Wanted(*t) for t in tables]

    def close(self) -> None:
        """Let go of the connection."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    def figures(
        self, table: ServerTable, columns: Sequence[ServerColumn]
    ) -> tuple[int, column_sums.ColumnSums, list[str]]:
        """Rows, figures by column, and the columns that had to be read back because the server cannot compute them.

        Raises TargetError.
        """
        wanted = self._asked.pop(table.name, None)
        if wanted is None or list(wanted.columns) != list(columns):
            group = self._group(table, columns)
            wanted = group[0]
            try:
                with self._session() as session, doing(f"figures of {table.name}"):
                    self._try_out(session, group)
                    self._aggregates(session, group)
            except ServerError as e:
                raise error_message(e.fault, self.connection) from e
            self._asked |= {w.table.name: w for w in group[1:]}
        rest = [c for c in columns if c.name not in wanted.found]
        if rest:
            tally = column_sums.RunningSums(rest)
            for batch in self.rows(table, rest):
                tally.add(batch)
                self._between()
            wanted.found |= tally.figures
        return wanted.rows, wanted.found, [c.name for c in rest]

    def _group(self, table: ServerTable, columns: Sequence[ServerColumn]) -> list[_Wanted]:
        """The table, and those expected after it that are small enough to be asked for with it."""
        place = next((n for n, w in enumerate(self._coming) if w.table.name == table.name), None)
        if place is None:
            return [_Wanted(table, columns, 0)]
        first, self._coming = self._coming[place], self._coming[place + 1 :]
        group, rows, wide = [_Wanted(table, columns, first.expected)], first.expected, len(columns)
        while self._coming and rows <= _SMALL:
            following = self._coming[0]
            rows, wide = rows + following.expected, wide + len(following.columns)
            if rows > _SMALL or wide > _WIDE:
                break
            group.append(self._coming.pop(0))
        return group

    @contextmanager
    def _session(self) -> Iterator[ServerSession]:
        kept, self._kept = self._kept, None
        session = kept or ServerSession.open(self.connection, self._password)
        try:
            with session.whole_tables():
                yield session
        except BaseException:
            session.close()
            raise
        self._kept = session

    def _try_out(self, session: ServerSession, group: Sequence[_Wanted]) -> None:
        """Whether the server's figures for a known value of each type are the right ones."""
        new = {str(c.type): c for w in group for c in w.columns if str(c.type) not in self._trusted}
        tried = {name: _tried(column) for name, column in new.items()}
        answers = round_trips.ask_each(session, [question for question, _ in tried.values()])
        for (name, (_, right)), answer in zip(tried.items(), answers, strict=True):
            self._trusted[name] = not isinstance(answer, DriverError) and right(answer)

    def _aggregates(self, session: ServerSession, group: Sequence[_Wanted]) -> None:
        """Rows, and figures of as many columns as one statement takes; a column the server fails at is left out."""
        asked = [
            (wanted, able[n : n + _COLUMNS])
            for wanted in group
            for able in [[c for c in wanted.columns if self._trusted[str(c.type)]]]
            for n in range(0, max(1, len(able)), _COLUMNS)
        ]
        while asked:
            self._between()
            answers = round_trips.ask_each(session, [_question(w.table.name, columns) for w, columns in asked])
            again: list[tuple[_Wanted, list[ServerColumn]]] = []
            for (wanted, columns), answer in zip(asked, answers, strict=True):
                if not isinstance(answer, DriverError):
                    wanted.rows, found = _figures(answer[0], columns)
                    wanted.found |= found
                elif len(columns) > 1:
                    again += [(wanted, [c]) for c in columns]
                elif columns:
                    again.append((wanted, []))
                else:
                    raise ServerError(answer)
            asked = again

    def rows(self, table: ServerTable, columns: Sequence[ServerColumn], size: int = 5_000) -> Iterator[pa.RecordBatch]:
        """The table's rows as they would have been sent, in the server's own order. Raises TargetError."""
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


def _question(table: Name, columns: Sequence[ServerColumn]) -> str:
    sums = [sql for c in columns for _, sql in column_sums.select(c)]
    return f"SELECT {', '.join(['COUNT_BIG(*)', *sums])} FROM {table}"


def _figures(row: Row, columns: Sequence[ServerColumn]) -> tuple[int, dict[str, dict[str, int]]]:
    """What a question's row says: how many rows there are, and figures by column."""
    found: dict[str, dict[str, int]] = {}
    values = iter(row[1:])
    for column in columns:
        found[column.name] = {figure: _whole(next(values)) for figure, _ in column_sums.select(column)}
    return int(row[0]), found


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


def _tried(column: ServerColumn) -> tuple[str, Callable[[Sequence[Row]], bool]]:
    """A question about a known value of the column's type, and whether an answer to it is right."""
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
    question = f"SELECT {', '.join(sql for _, sql in chosen)} FROM (SELECT {expression} AS c) AS v"

    def right(rows: Sequence[Row]) -> bool:
        there = {figure: _whole(v) for (figure, _), v in zip(chosen, rows[0], strict=True)} if rows else {}
        return there == tally.figures["c"]

    return question, right
