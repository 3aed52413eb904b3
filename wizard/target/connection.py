"""A connection to the server: statements with parameters in, rows and understood faults out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from wizard.messages import Kind, Place, TargetError
from wizard.settings import Connection
from wizard.target.driver import Driver, driver
from wizard.target.faults import Fault, ServerFault, Trouble, understand

Row = tuple[Any, ...]


class Session:
    """One connection of pyodbc or mssql-python, in autocommit mode unless within `transaction()`.

    Every failure of the driver is raised as ServerFault. Not to be used by two threads at once.
    """

    def __init__(self, raw: Any, used: Driver, server: str) -> None:
        self._raw = raw
        self.driver = used
        self.server = server

    @classmethod
    def open(cls, connection: Connection, password: str = "", *, using: Driver | None = None) -> Session:
        """Connect and sign in. Raises ServerFault, or TargetError where settings or drivers do not suffice."""
        used = using or driver()
        try:
            session = cls(used.connect(connection, password), used, connection.server)
        except TargetError:
            raise
        except Exception as e:
            raise ServerFault(understand(e)) from e
        session.execute("SET NOCOUNT OFF")  # a server may be set to count no rows, and marks need the counts
        return session

    def execute(self, sql: str, *parameters: object) -> int:
        """Run a batch to its end and give the rows its first statement counted; -1 where it counted none."""
        with self._cursor() as cursor:
            cursor.execute(sql, *parameters)
            count = int(cursor.rowcount)
            # an error of a later statement of the batch shows itself only when its result is asked for
            while cursor.nextset():
                pass
            return count

    def query(self, sql: str, *parameters: object) -> list[Row]:
        """All rows of a batch's first result set that has any. Meant for small results."""
        return list(self.stream(sql, *parameters))

    def stream(self, sql: str, *parameters: object, size: int = 2_000) -> Iterator[Row]:
        """The rows of a batch's first result set, `size` at a time in memory."""
        with self._cursor() as cursor:
            cursor.execute(sql, *parameters)
            while cursor.description is None and cursor.nextset():
                pass
            if cursor.description is None:
                return
            while rows := cursor.fetchmany(size):
                for row in rows:
                    yield tuple(row)

    def sets(self, sql: str) -> list[list[Row]]:
        """The rows of each of a batch's result sets, in their order. Meant for small results."""
        found = []
        with self._cursor() as cursor:
            cursor.execute(sql)
            more = True
            while more:
                if cursor.description is not None:
                    found.append([tuple(r) for r in cursor.fetchall()])
                more = bool(cursor.nextset())
        return found

    def titled(self, sql: str) -> tuple[tuple[str, ...], list[Row]]:
        """The names of a query's columns, and all its rows. Meant for small results."""
        with self._cursor() as cursor:
            cursor.execute(sql)
            return tuple(str(c[0]) for c in cursor.description), [tuple(r) for r in cursor.fetchall()]

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
        with self._cursor() as cursor:
            if hasattr(cursor, "fast_executemany"):
                cursor.fast_executemany = arrays
            if sizes:
                cursor.setinputsizes(list(sizes))
            cursor.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside, or roll it back when it raises."""
        try:
            self._raw.autocommit = False
            yield
            self._raw.commit()
        except BaseException as e:
            with suppress(Exception):
                self._raw.rollback()
            if isinstance(e, self.driver.module.Error):
                raise ServerFault(understand(e)) from e
            raise
        finally:
            with suppress(Exception):
                self._raw.autocommit = True

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        cursor: Any = None
        try:
            cursor = self._raw.cursor()
            yield cursor
        except (ServerFault, GeneratorExit):
            raise
        except Exception as e:
            raise ServerFault(understand(e)) from e
        finally:
            if cursor is not None:
                with suppress(Exception):
                    cursor.close()

    def close(self) -> None:
        """Never raises: a connection that cannot be closed is gone."""
        with suppress(Exception):
            self._raw.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_NUMBERS = {
    Trouble.LOGIN: 5005,
    Trouble.DATABASE: 5006,
    Trouble.PERMISSION: 5007,
    Trouble.TLS: 5004,
    Trouble.TIMEOUT: 5008,
    Trouble.LOST: 5009,
}


def told(fault: Fault, connection: Connection) -> TargetError:
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
    return TargetError(_NUMBERS.get(fault.trouble, 5014), Place(Kind.SERVER, name=connection.server), **facts)
