"""The server's side of verification: its figures where it can compute them, its rows where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from threading import Event
from typing import Any, Final, NoReturn

import pyarrow as pa

from wizard.coercion.arrow_types import arrow_type
from wizard.messages import Kind, Place, TargetError
from wizard.objects import Name, ServerColumn, ServerTable, literal
from wizard.settings import Connection
from wizard.sqlserver import checkpoints, column_sums, round_trips, rows_back
from wizard.sqlserver.connection import Row, ServerSession, error_message
from wizard.sqlserver.driver import Driver, columnar
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
_TEXT = "Grüße, €uro 😀 "


@dataclass(slots=True)
class _Wanted:
    """A table whose figures are wanted, and what came of it."""

    table: ServerTable
    columns: Sequence[ServerColumn]
    expected: int
    rows: int = 0
    found: dict[str, dict[str, int]] = field(default_factory=dict)
    fault: DriverError | None = None
    """why the server says nothing of it"""


class ServerTableSums:
    """Reads what arrived. Methods raise TargetError in words.

    One connection serves it, and one more reads columns back; figures of small tables that are expected next come in
    one round trip.
    """

    def __init__(self, connection: Connection, password: str, between: Callable[[], None] = lambda: None) -> None:
        self.connection = connection
        self._password = password
        self._trusted: dict[str, bool] = {}
        self._between = between
        """called between statements and batches; what it raises ends the reading"""
        self._kept: dict[Driver | None, ServerSession] = {}
        """by what was asked for: statements go by any driver, None"""
        self._columnar = True
        """whether `driver.columnar` has not been refused yet"""
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
        """Let go of the connections."""
        while self._kept:
            self._kept.popitem()[1].close()

    def read_back(self, columns: Sequence[ServerColumn]) -> frozenset[str]:
        """Names of columns of types whose figures this server computes otherwise. Raises TargetError."""
        if any(str(c.type) not in self._trusted for c in columns):
            try:
                with self._session() as session, doing("figures of known values"):
                    self._try_out(session, [columns, *(w.columns for w in self._coming)])
            except ServerError as e:
                raise error_message(e.fault, self.connection) from e
        return frozenset(c.name for c in columns if not self._trusted[str(c.type)])

    def figures(
        self, table: ServerTable, columns: Sequence[ServerColumn]
    ) -> tuple[int, column_sums.ColumnSums, list[str]]:
        """Rows, figures by column, and the columns that had to be read back because the server cannot compute them.

        These are read while the server computes the others. Raises TargetError.
        """
        own, given_up = self.read_back(columns), Event()
        untrusted = [c for c in columns if c.name in own]
        with ThreadPoolExecutor(1, thread_name_prefix="reading back") as pool:
            work = partial(self._summed, table, untrusted, own, given_up)
            reading = pool.submit(copy_context().run, work) if untrusted else None
            try:
                wanted = self._computed(table, columns)
            except BaseException:
                given_up.set()
                raise
            if reading is not None:
                wanted.found |= reading.result()
        failed = [c for c in columns if c.name not in wanted.found]
        if failed:
            wanted.found |= self._summed(table, failed, own, given_up)
        return wanted.rows, wanted.found, [c.name for c in columns if c in untrusted or c in failed]

    def _computed(self, table: ServerTable, columns: Sequence[ServerColumn]) -> _Wanted:
        """What the server says of a table, and of those that are asked with it."""
        wanted = self._asked.pop(table.name, None)
        if wanted is None or list(wanted.columns) != list(columns):
            group = self._group(table, columns)
            wanted = group[0]
            try:
                with self._session() as session, doing(f"figures of {table.name}"):
                    self._try_out(session, [w.columns for w in group])
                    self._aggregates(session, group)
            except ServerError as e:
                raise error_message(e.fault, self.connection) from e
            self._asked |= {w.table.name: w for w in group[1:]}
        if wanted.fault is not None:
            self._refuse(table.name, wanted.fault)
        return wanted

    def _refuse(self, table: Name, fault: DriverError) -> NoReturn:
        """The server says nothing of a table but this. Raises TargetError, 5207 where the table is gone."""
        if not fault.trouble.passing:
            with suppress(ServerError), self._session() as session:
                if not checkpoints.exists(session, table):
                    raise TargetError(5207, Place(Kind.TABLE, name=str(table)), table=table)
        raise error_message(fault, self.connection)

    def _summed(
        self, table: ServerTable, columns: Sequence[ServerColumn], own: frozenset[str], given_up: Event
    ) -> dict[str, dict[str, int]]:
        """Figures of columns that are read for them, unless nobody wants them any more."""
        tally = column_sums.RunningSums(columns, own=own)
        for batch in self.rows(table, columns):
            tally.add(batch)
            self._between()
            if given_up.is_set():
                break
        return tally.figures

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
    def _session(self, using: Driver | None = None) -> Iterator[ServerSession]:
        """A connection. Raises ServerError, or UnreadableError where one that is `using` a driver cannot be had."""
        session = self._kept.pop(using, None) or self._opened(using)
        try:
            with session.whole_tables():
                yield session
        except BaseException:
            session.close()
            raise
        if self._kept.setdefault(using, session) is not session:
            session.close()  # another thread has one to keep

    def _opened(self, using: Driver | None) -> ServerSession:
        try:
            return ServerSession.open(self.connection, self._password, using=using)
        except ServerError as e:
            if using is None or e.fault.trouble.passing:
                raise
            self._columnar = False
            raise rows_back.UnreadableError from e

    def _try_out(self, session: ServerSession, tables: Sequence[Sequence[ServerColumn]]) -> None:
        """Whether the server's figures for a known value of each type of columns are the right ones."""
        new = {str(c.type): c for columns in tables for c in columns if str(c.type) not in self._trusted}
        tried = {name: _tried(column) for name, column in new.items()}
        answers = round_trips.ask_each(session, [question for question, _ in tried.values()])
        for (name, (_, right)), answer in zip(tried.items(), answers, strict=True):
            self._trusted[name] = not isinstance(answer, DriverError) and right(answer)

    def _aggregates(self, session: ServerSession, group: Sequence[_Wanted]) -> None:
        """Rows, and figures of as many columns as one statement takes; a column the server fails at is left out, and
        of a table of which it does not even say how many rows it has, why."""
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
                    wanted.fault = answer
            asked = again

    def rows(self, table: ServerTable, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
        """The table's rows as they would have been sent, in the server's own order. Raises TargetError."""
        try:
            using = columnar() if self._columnar else None
            if using is not None and (yield from self._by_columns(using, table, columns)):
                return
            with self._session() as session:
                yield from rows_back.by_rows(session, table.name, columns)
        except ServerError as e:
            raise error_message(e.fault, self.connection) from e

    def _by_columns(
        self, using: Driver, table: ServerTable, columns: Sequence[ServerColumn]
    ) -> Generator[pa.RecordBatch, None, bool]:
        """The rows by whole columns. False where that is not to be had, and nothing was given."""
        with suppress(rows_back.UnreadableError), self._session(using) as session:
            try:
                yield from rows_back.by_columns(session, table.name, columns)
            except rows_back.UnreadableError:  # the session is as good as before
                return False
            return True
        return False


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
