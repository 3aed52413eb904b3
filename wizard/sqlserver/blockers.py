"""Which session holds the locks that a statement waits for; one that our own past left behind is ended.

A connection that a stalled proxy or a killed process leaves behind stays signed in at the server until its keep-alives
tell that nobody is there, and holds its transaction's locks for as long. Whoever comes next waits, and sees nothing
but silence. So another connection asks the server whom the statement waits for ("sys.dm_exec_requests
(Transact-SQL)", `blocking_session_id`) and who that is ("sys.dm_exec_sessions (Transact-SQL)"). Accounts without VIEW
SERVER STATE see their own session alone.

Each connection's application name has two parts: the project's folder on this machine, and the process. A session with
that folder in its name is ours. Nobody else may work with the project while we have it locked, so that it is dead where
it is of another process, or of this one and given up: then it is ended ("KILL (Transact-SQL)"), its transaction is
undone, and its batch goes again.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol

from wizard.messages import Kind, Message, Place, TargetError
from wizard.objects import literal
from wizard.sqlserver.driver_errors import ServerError

APPLICATION: Final = "Jetferry"
_PROCESS: Final = secrets.token_hex(4)
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")

_WAITS: Final = (
    "SELECT session_id, COALESCE(blocking_session_id, 0) FROM sys.dm_exec_requests"
    " WHERE blocking_session_id <> 0 OR session_id = {session}"
)
_AT: Final = "CONVERT(nvarchar(23), login_time, 121)"
_WHO: Final = (
    f"SELECT COALESCE(login_name, N''), COALESCE(program_name, N''), COALESCE(host_name, N''), status, {_AT},"
    " CONVERT(nvarchar(19), COALESCE(last_request_start_time, login_time), 120),"
    " CASE WHEN host_name = HOST_NAME() THEN 1 ELSE 0 END FROM sys.dm_exec_sessions WHERE session_id = {session}"
)
_END: Final = (
    "IF EXISTS (SELECT 1 FROM sys.dm_exec_sessions WHERE session_id = {session}"
    f" AND {_AT} = {{at}} AND program_name = {{program}}) KILL {{session}}"
)


def origin_of(folder: Path) -> str:
    """A word for a project's folder as it lies on this machine: of a copy, or elsewhere, it is another."""
    try:
        machine = _BOOT.read_text()
    except OSError:
        machine = str(uuid.getnode())
    try:
        there = folder.stat()
    except OSError:
        return ""
    facts = f"{machine}\n{folder.resolve()}\n{there.st_dev}\n{there.st_ino}"
    return hashlib.sha256(facts.encode(errors="surrogatepass")).hexdigest()[:16]


def application_name(origin: str) -> str:
    """What connections of this process are called at the server. `origin` is empty where no project is locked."""
    return f"{APPLICATION} {origin or 'alone'}-{_PROCESS}"


class Asks(Protocol):
    """A connection to ask on."""

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a batch's first result set that has any. Raises ServerError."""

    def execute(self, sql: str) -> int:
        """Run a batch. Raises ServerError."""

    def close(self) -> None:
        """Never raises."""


_left: set[tuple[str, str, int]] = set()
"""by server, application name and number, sessions that this process has closed or given up"""
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class _Session:
    """A session of the server, as `_WHO` tells of it."""

    number: int
    login: str
    program: str
    host: str
    status: str
    at: str
    """when it signed in"""
    since: str
    """when its last statement began"""
    here: bool
    """its client has this machine's name"""

    def __str__(self) -> str:
        return f"{self.login}, {self.program or 'a nameless program'} on {self.host or 'an unknown machine'}"


@dataclass(frozen=True, slots=True)
class BlockerSearch:
    """Looks for whom one session of a server waits for."""

    server: str
    origin: str
    session: int
    open: Callable[[], Asks]
    """another connection; raises ServerError or TargetError"""
    say: Callable[[Message], None]
    said: set[tuple[int, str]]
    """sessions that were told of already"""

    def entered(self) -> None:
        """The session is in use: the server may have given it the number of one that is gone."""
        _left.discard(self._key)

    def left(self) -> None:
        """The session is closed or given up: where the server still has it, nobody is there."""
        _left.add(self._key)

    @property
    def _key(self) -> tuple[str, str, int]:
        return self.server, application_name(self.origin), self.session

    def look(self, what: str, waits: Callable[[], bool]) -> str:
        """In words, whom the session waits for; empty where it waits for nobody, or that cannot be known.

        A person is told once. `what` is what waits, `waits` whether it still does.
        """
        with suppress(ServerError, TargetError), _one_at_a_time:
            asking = self.open()
            try:
                return self._look(asking, what or "A statement", waits)
            finally:
                asking.close()
        return ""

    def _look(self, asking: Asks, what: str, waits: Callable[[], bool]) -> str:
        try:
            rows = asking.query(_WAITS.format(session=self.session))
        except ServerError as e:
            self._report(5031, (0, ""), what=what, reason=e)
            return ""
        behind = {int(waiting): int(holding) for waiting, holding in rows}
        if self.session not in behind:
            if waits():
                self._report(5031, (0, ""), what=what, reason="the account lacks VIEW SERVER STATE")
            return ""
        number = _head(behind, self.session)
        if number <= 0 or number == self.session:
            return ""
        found = asking.query(_WHO.format(session=number))
        if not found:
            return f"it waits for session {number}"
        login, program, host, status, at, since, here = found[0]
        holding = _Session(number, str(login), str(program), str(host), str(status), str(at), str(since), here == 1)
        if not self._is_dead(holding):
            if self._is_ours(holding):
                return f"it waits for session {number}, another connection of this project"
            self._report_session(5028, holding, what)
        elif (number, holding.at) not in self.said:
            self._end(asking, holding, what)
        return f"it waits for session {number}: {holding}"

    def _is_ours(self, found: _Session) -> bool:
        return bool(self.origin) and found.here and found.program.startswith(f"{APPLICATION} {self.origin}-")

    def _is_dead(self, found: _Session) -> bool:
        of_this_process = found.program == application_name(self.origin)
        return self._is_ours(found) and (not of_this_process or (self.server, found.program, found.number) in _left)

    def _end(self, asking: Asks, found: _Session, what: str) -> None:
        sql = _END.format(session=found.number, at=literal(found.at), program=literal(found.program))
        try:
            asking.execute(sql)
        except ServerError as e:
            self._report_session(5030, found, what, reason=e)
        else:
            self._report_session(5029, found, what)

    def _report_session(self, number: int, found: _Session, what: str, **more: object) -> None:
        facts = {"session": found.number, "who": str(found), "status": found.status, "since": found.since}
        self._report(number, (found.number, found.at), what=what, **facts, **more)

    def _report(self, number: int, once: tuple[int, str], **facts: object) -> None:
        if once not in self.said:
            self.said.add(once)
            self.say(Message.of(number, Place(Kind.SERVER, name=self.server), server=self.server, **facts))


def _head(behind: dict[int, int], session: int) -> int:
    """The session at the head of those that wait for each other; 0 where there is none. Negative numbers are no
    sessions: what an orphaned transaction holds."""
    seen = {session}
    at = behind[session]
    while at in behind and behind[at] and at not in seen:
        seen.add(at)
        at = behind[at]
    return at
