"""A connection to the server: statements with parameters in, rows and understood faults out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, Final, TypeVar

from wizard.messages import GivenUpError, Kind, Place, TargetError
from wizard.objects import SETTINGS
from wizard.settings import Connection
from wizard.sqlserver import timeouts as waiting
from wizard.sqlserver.blockers import BlockerSearch, application_name
from wizard.sqlserver.driver import Driver, driver
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError, understand
from wizard.sqlserver.timeouts import GRACE, ServerLine, Timeouts

Row = tuple[Any, ...]
T = TypeVar("T")


class ServerSession:
    """One connection of pyodbc or mssql-python, in autocommit mode unless within `transaction()`.

    Every failure of the driver is raised as ServerError, and so is a server that does not answer: `Timeouts`
    says how long it is waited for. Not to be used by two threads at once.
    """

    def __init__(self, raw: Any, used: Driver, server: str, line: ServerLine | None = None) -> None:
        self._raw = raw
        self._line = line or ServerLine(server, waiting.current())
        self._cursor: Any = None
        self._cancelling = Lock()
        self._whole = False
        self._statements = 1
        self._own: float | None = None
        self.driver = used
        self.server = server

    @classmethod
    def open(
        cls,
        connection: Connection,
        password: str = "",
        *,
        using: Driver | None = None,
        timeouts: Timeouts | None = None,
        first: bool = False,
    ) -> ServerSession:
        """Connect and sign in. Raises ServerError, or TargetError where settings or drivers do not suffice.

        `first` is for who tries settings out: see `let_in`.
        """
        used = using or driver()
        line = ServerLine(connection.server, timeouts or waiting.current())
        name = application_name(line.timeouts.origin)

        def connect() -> Any:
            return understood(
                lambda: line.call(lambda: used.connect(connection, password, name), connection.timeout + GRACE)
            )

        raw = let_in(connection, connect, first=first)
        session = cls(raw, used, connection.server, line)
        try:
            session._limit()
            # a server may be set to count no rows, and checkpoints need the counts
            number = session.value(f"SET NOCOUNT OFF;\n{SETTINGS}\nSELECT @@SPID")
        except BaseException:
            session.close()
            raise
        line.search = searching(number, connection, password, line.timeouts, used)
        return session

    @property
    def _seconds(self) -> float:
        """What is run may take so long; 0 for as long as it likes."""
        if self._own is not None:
            return self._own
        return self._statements * (self._line.timeouts.table if self._whole else self._line.timeouts.answer)

    def _limit(self) -> None:
        """Have the driver itself end statements in time: the server then stops its work too."""
        if not self._line.given_up:
            with suppress(Exception):  # what a driver has no time-out for, the line has
                self._raw.timeout = int(self._seconds)

    @contextmanager
    def whole_tables(self) -> Iterator[None]:
        """What is run inside goes through whole tables, and may take its time."""
        self._whole, former = True, self._whole
        self._limit()
        try:
            yield
        finally:
            self._whole = former
            self._limit()

    @contextmanager
    def for_statements(self, count: int) -> Iterator[None]:
        """What is run inside are batches of so many statements, each of which has its time."""
        self._statements = count
        self._limit()
        try:
            yield
        finally:
            self._statements = 1
            self._limit()

    def _call(self, work: Callable[[], T], within: float | None = None) -> T:
        """What the driver gives, if it does in time. Raises ServerError."""
        seconds = self._seconds
        limit = within or (seconds and seconds + GRACE)
        try:
            return understood(lambda: self._line.call(work, limit, stop=self._cancel))
        except ServerError as e:
            raise ServerError(self._line.explained(e.fault)) from e

    def _cancel(self) -> None:
        """Ask the server to end what nobody waits for any more. Never raises.

        A cursor must not be closed meanwhile: the driver would be given a handle that is gone.
        """
        with self._cancelling, suppress(Exception):
            if self._cursor is not None:
                self._cursor.cancel()

    def _with_cursor(self, work: Callable[[Any], T]) -> T:
        """What comes of `work`, done with a cursor of its own."""

        def do() -> T:
            cursor = self._cursor = self._raw.cursor()
            try:
                return work(cursor)
            finally:
                self._close(cursor)

        return self._call(do)

    def _close(self, cursor: Any) -> None:
        """On the line's thread."""
        with self._cancelling, suppress(Exception):
            self._cursor = None
            cursor.close()

    def execute(self, sql: str, *parameters: object) -> int:
        """Run a batch to its end and give the rows its first statement counted; -1 where it counted none."""

        def work(cursor: Any) -> int:
            cursor.execute(sql, *parameters)
            count = int(cursor.rowcount)
            # an error of a later statement of the batch shows itself only when its result is asked for
            while cursor.nextset():
                pass
            return count

        return self._with_cursor(work)

    def query(self, sql: str, *parameters: object) -> list[Row]:
        """All rows of a batch's first result set that has any. Meant for small results."""
        return self._with_cursor(lambda cursor: _rows(cursor) if _to_rows(cursor, sql, *parameters) else [])

    def stream(self, sql: str, *parameters: object, size: int = 2_000) -> Iterator[Row]:
        """The rows of a batch's first result set, `size` at a time in memory."""
        with self._open_cursor() as cursor:
            if self._call(lambda: _to_rows(cursor, sql, *parameters)):
                while rows := self._call(lambda: cursor.fetchmany(size)):
                    for row in rows:
                        yield tuple(row)

    def batches(self, sql: str, size: int) -> Iterator[Any]:
        """The rows of a query as Arrow's record batches, `size` at a time; `driver.columnar` is what has them."""
        with self._open_cursor() as cursor:
            self._call(lambda: cursor.execute(sql))
            while (batch := self._call(lambda: cursor.arrow_batch(size))).num_rows:
                yield batch

    @contextmanager
    def _open_cursor(self) -> Iterator[Any]:
        """A cursor that is fetched from bit by bit; each bit has its time."""
        cursor = self._cursor = self._call(self._raw.cursor)
        try:
            yield cursor
        finally:
            if not self._line.given_up:
                with suppress(ServerError):
                    self._call(lambda: self._close(cursor), GRACE)

    def sets(self, sql: str) -> list[list[Row]]:
        """The rows of each of a batch's result sets, in their order. Meant for small results."""
        return [rows for _, rows in self.titled_sets(sql)]

    def titled_sets(
        self, sql: str, found: list[tuple[tuple[str, ...], list[Row]]] | None = None
    ) -> list[tuple[tuple[str, ...], list[Row]]]:
        """As `sets`, each with the names of its columns; `found` is given those that came before an error, too."""
        sets = [] if found is None else found

        def work(cursor: Any) -> list[tuple[tuple[str, ...], list[Row]]]:
            cursor.execute(sql)
            more = True
            while more:
                if cursor.description is not None:
                    sets.append((tuple(str(c[0]) for c in cursor.description), _rows(cursor)))
                more = bool(cursor.nextset())
            return sets

        return self._with_cursor(work)

    def titled(self, sql: str) -> tuple[tuple[str, ...], list[Row]]:
        """The names of a query's columns, and all its rows. Meant for small results."""

        def work(cursor: Any) -> tuple[tuple[str, ...], list[Row]]:
            cursor.execute(sql)
            return tuple(str(c[0]) for c in cursor.description), _rows(cursor)

        return self._with_cursor(work)

    def first(self, sql: str, most: int, *parameters: object) -> tuple[tuple[str, ...], list[Row]]:
        """The names of the columns of a batch's first result set, and so many of its rows at most."""

        def work(cursor: Any) -> tuple[tuple[str, ...], list[Row]]:
            if not _to_rows(cursor, sql, *parameters):
                return (), []
            names = tuple(str(c[0]) for c in cursor.description)
            return names, [tuple(r) for r in cursor.fetchmany(most)]

        return self._with_cursor(work)

    def limit(self, seconds: float) -> None:
        """Let each statement take so long from now on; 0: as long as it likes. Beyond that it is a TIMEOUT."""
        self._own = seconds
        self._limit()

    def value(self, sql: str, *parameters: object) -> Any:
        """The first value of the first row; None where there is no row."""
        rows = self.query(sql, *parameters)
        return rows[0][0] if rows else None

    def insert_many(
        self, sql: str, rows: Sequence[Row], *, sizes: Sequence[tuple[int, int, int]], arrays: bool
    ) -> None:
        """Run an INSERT for each row; `arrays` sends them in one round trip where the driver can.

        `sizes` are SQL type, size and digits of each parameter, so that a NULL is sent as its column's type; without
        them the driver asks the server.
        """

        def work(cursor: Any) -> None:
            if hasattr(cursor, "fast_executemany"):
                cursor.fast_executemany = arrays
            if sizes:
                cursor.setinputsizes(list(sizes))
            cursor.executemany(sql, rows)

        self._with_cursor(work)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside, or roll it back when it raises."""
        try:
            self._call(lambda: self._autocommit(False))
            yield
            self._call(self._raw.commit)
        except BaseException:
            if not self._line.given_up:
                with suppress(ServerError):
                    self._call(self._raw.rollback, GRACE)
            raise
        finally:
            if not self._line.given_up:
                with suppress(ServerError):
                    self._call(lambda: self._autocommit(True), GRACE)

    def _autocommit(self, on: bool) -> None:
        self._raw.autocommit = on

    def close(self) -> None:
        """Never raises: a connection that cannot be closed is gone."""
        self._line.end(self._raw.close)

    def __enter__(self) -> ServerSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_ASKED: Final = 10.0
"""seconds for an answer on who holds up another connection"""


def searching(
    session: object, connection: Connection, password: str, timeouts: Timeouts, using: Driver | None = None
) -> BlockerSearch | None:
    """What looks for whom a session waits; None where the server has not said its number."""
    if not isinstance(session, int):
        return None

    def open_() -> ServerSession:
        asking = ServerSession.open(connection, password, using=using, timeouts=Timeouts(_ASKED, _ASKED))
        asking._line.search = None
        return asking

    search = BlockerSearch(connection.server, timeouts.origin, session, open_, timeouts.say, timeouts.said)
    search.entered()
    return search


def understood(work: Callable[[], T]) -> T:
    """What comes of `work`. Raises ServerError for whatever a driver raises; the rest stays as it is."""
    try:
        return work()
    except (ServerError, TargetError, GivenUpError):
        raise
    except Exception as e:
        raise ServerError(understand(e)) from e


def _rows(cursor: Any) -> list[Row]:
    return [tuple(row) for row in cursor.fetchall()]


def _to_rows(cursor: Any, sql: str, *parameters: object) -> bool:
    """Run a batch up to its first result set that has rows to fetch; whether there is one."""
    cursor.execute(sql, *parameters)
    while cursor.description is None and cursor.nextset():
        pass
    return cursor.description is not None


_NUMBERS = {
    ErrorKind.LOGIN: 5005,
    ErrorKind.DATABASE: 5006,
    ErrorKind.PERMISSION: 5007,
    ErrorKind.TLS: 5004,
    ErrorKind.SETTINGS: 5013,
    ErrorKind.TIMEOUT: 5008,
    ErrorKind.LOST: 5009,
    ErrorKind.BUSY: 5023,
    ErrorKind.DEADLOCK: 5023,
    ErrorKind.LOCK: 5023,
}
_SIGNING_IN = re.compile(r"login|connect", re.IGNORECASE)


def error_message(fault: DriverError, connection: Connection) -> TargetError:
    """A fault in words a person can act on."""
    facts: dict[str, Any] = {
        "server": connection.server,
        "reason": fault,
        "user": connection.user or "this account",
        "database": connection.database or "the default database",
        "seconds": connection.timeout,
        "what": f"do this ({fault})",
        "remedy": "the right named",
    }
    number = _NUMBERS.get(fault.trouble, 5014)
    if fault.trouble is ErrorKind.TIMEOUT and not _SIGNING_IN.search(fault.text):
        number = 5022
    return TargetError(number, Place(Kind.SERVER, name=connection.server), **facts)


_met: set[tuple[str, str, str]] = set()
"""servers that have let this process in

"Cannot open database" (4060) is a mistake in the settings at the first contact. Of a server that let us in before it is
what Azure and availability groups say while a database moves ("Troubleshoot transient connection errors in Azure SQL
Database"), and worth another attempt.
"""


def let_in(connection: Connection, open_: Callable[[], T], *, first: bool = False) -> T:
    """A new connection, as `open_` makes it. Raises ServerError, of trouble that passes where it may be a failover's.

    `first` takes the server at its word, as at the first contact: somebody is trying out settings.
    """
    key = (connection.server.casefold(), connection.database.casefold(), connection.user.casefold())
    try:
        opened = open_()
    except ServerError as e:
        if first or key not in _met:
            raise
        raise ServerError(e.fault.momentary) from e
    _met.add(key)
    return opened
