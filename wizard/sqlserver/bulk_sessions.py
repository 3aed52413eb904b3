"""Connections for bulk copy, opened ahead and kept for a moment when done with."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import Final

from wizard.messages import GivenUpError, TargetError
from wizard.objects import Name
from wizard.settings import Connection
from wizard.sqlserver.bulk_copy import PACKET_SIZES, BulkSession, Spelled, UnsuitableError
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError
from wizard.sqlserver.timeouts import Timeouts, current

_FRESH: Final = 20.0
"""seconds for which a connection that nobody uses is kept: the next table begins with it"""


class BulkSessions:
    """Connections for bulk copy, with the largest packets the server really takes; kept for a moment when done with."""

    def __init__(self, connection: Connection, password: str, timeouts: Timeouts | None = None) -> None:
        self.connection = connection
        self._timeouts = timeouts or current()
        self.copied = False
        """a copy has succeeded: until then, a lost connection may be due to the packets' size"""
        self.brittle = False
        """of this server, a connection on which a copy failed takes no other"""
        self._password = password
        self._packet_size = PACKET_SIZES[0]
        self._spelled: Spelled = {}
        self._idle: list[tuple[float, BulkSession]] = []
        self._coming: list[Future[BulkSession]] = []
        self._lock = Lock()

    def session(self) -> ServerSession:
        """A connection for statements with parameters. Raises ServerError or TargetError."""
        return ServerSession.open(self.connection, self._password, timeouts=self._timeouts)

    def expect(self, connections: int) -> None:
        """So many connections are about to be taken: begin to open those there are not yet, all at once."""
        with self._lock:
            more = connections - len(self._idle) - len(self._coming)
            if more > 0:
                pool = ThreadPoolExecutor(more, thread_name_prefix="connecting")
                self._coming += [pool.submit(self._opened) for _ in range(more)]
                pool.shutdown(wait=False)

    def rehearse(self, connections: int, work: Callable[[BulkSession], None]) -> None:
        """So many connections are about to be taken: have `work` done on each in the background before.

        One that it fails on is replaced by a new one.
        """
        found: list[BulkSession | Future[BulkSession] | None] = []
        with self._lock:
            while len(found) < connections:
                ready = self._idle.pop()[1] if self._idle else None
                found.append(ready or (self._coming.pop(0) if self._coming else None))
            pool = ThreadPoolExecutor(connections, thread_name_prefix="looking up")
            self._coming += [pool.submit(self._rehearsed, one, work) for one in found]
            pool.shutdown(wait=False)

    def _rehearsed(
        self, found: BulkSession | Future[BulkSession] | None, work: Callable[[BulkSession], None]
    ) -> BulkSession:
        bulk = found.result() if isinstance(found, Future) else found or self._opened()
        try:
            work(bulk)
        except ServerError:
            bulk.close()
            return self._opened()
        return bulk

    def take(self) -> BulkSession:
        """A connection that nobody else uses. Raises ServerError, UnsuitableError or TargetError."""
        now = time.monotonic()
        with self._lock:
            idle, self._idle = self._idle, []
            fresh = [(at, bulk) for at, bulk in idle if now - at < _FRESH]
            found = fresh.pop()[1] if fresh else None
            self._idle = fresh
            coming = self._coming.pop(0) if self._coming and not found else None
        for at, bulk in idle:
            if now - at >= _FRESH:
                bulk.close()
        return found or (coming.result() if coming else self._opened())

    def spells(self, table: Name, columns: dict[str, str]) -> None:
        """How the server spells a table's columns, by case-folded names: it need not be asked."""
        self._spelled[table] = columns

    def anew(self, table: Name) -> BulkSession:
        """A connection just made, which asks again how the table's columns are spelled. Raises as `take`."""
        self._spelled.pop(table, None)
        return self._opened()

    def give_back(self, bulk: BulkSession) -> None:
        """Keep a connection on which no transaction is open."""
        with self._lock:
            self._idle.append((time.monotonic(), bulk))

    def lost(self) -> None:
        """A copy has lost its connection: if it was the first, smaller packets are tried next."""
        if not self.copied:
            self._packet_size = next((s for s in PACKET_SIZES if s < self._packet_size), PACKET_SIZES[-1])

    def _opened(self) -> BulkSession:
        for size in [s for s in PACKET_SIZES if s <= self._packet_size]:
            bulk = BulkSession.open(self.connection, self._password, size, self._spelled, self._timeouts)
            try:
                bulk.settle()
            except ServerError:
                bulk.close()
                if size == PACKET_SIZES[-1]:
                    raise
                continue
            self._packet_size = size
            return bulk
        raise AssertionError("there is always a packet size to try")

    def close(self) -> None:
        """Close all connections that nobody uses."""
        with self._lock:
            idle, self._idle = [bulk for _, bulk in self._idle], []
            coming, self._coming = self._coming, []
        for expected in coming:
            with suppress(ServerError, UnsuitableError, TargetError, GivenUpError):
                idle.append(expected.result())
        for bulk in idle:
            bulk.close()
