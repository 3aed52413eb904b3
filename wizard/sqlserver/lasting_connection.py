"""A connection that lasts: made when it is needed, and again where it was lost or the server was busy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from wizard.events import Listener
from wizard.settings import Connection
from wizard.sqlserver.connection import ServerSession, error_message
from wizard.sqlserver.driver_errors import ServerError
from wizard.sqlserver.retry import RetryPolicy
from wizard.sqlserver.timeouts import current

T = TypeVar("T")


class LastingConnection:
    """Asks questions that may be asked twice, one after the other."""

    def __init__(
        self,
        connection: Connection,
        password: str,
        policy: RetryPolicy | None = None,
        listener: Listener | None = None,
    ) -> None:
        self._connection, self._password = connection, password
        self._policy, self._listener = policy or RetryPolicy(sleep=current().rest), listener
        self._session: ServerSession | None = None

    @property
    def name(self) -> str:
        """The server's, for people."""
        return self._connection.server

    def ask(self, question: Callable[[ServerSession], T], what: str) -> T:
        """The answer; `what` names it in the event of another attempt.

        Raises ServerError where the server refuses, TargetError in words where it is lost or refuses the sign-in.
        """
        try:
            return self._policy.run(lambda: self._once(question), what, self._connection.server, self._listener)
        except ServerError as e:
            if self._session is None:  # not even a connection: no question's fault
                raise error_message(e.fault, self._connection) from e
            raise

    def _once(self, question: Callable[[ServerSession], T]) -> T:
        try:
            if self._session is None:
                self._session = ServerSession.open(self._connection, self._password)
            return question(self._session)
        except ServerError as e:
            if e.trouble.passing:
                self.close()
            raise

    def close(self) -> None:
        """Harmless to repeat; a later question opens another connection."""
        if self._session is not None:
            self._session.close()
            self._session = None
