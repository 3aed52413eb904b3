"""Who holds what a statement waits for is named; what our own past left behind is ended, and nothing else."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.sqlserver.silent_server import DONE, FakeServer, answer, refusal, within
from tests.sqlserver.test_timeouts import hurried
from wizard.events import Event, NoAnswer
from wizard.messages import Message, Severity
from wizard.sqlserver import ServerError, ServerSession, blockers, timeouts
from wizard.sqlserver.blockers import application_name, origin_of
from wizard.sqlserver.bulk_copy import BulkSession
from wizard.sqlserver.timeouts import Timeouts

__all__ = ["hurried"]
pytestmark = pytest.mark.usefixtures("hurried")
FOREIGN = "SQL Server Management Studio"
WAITING, HOLDING = 60, 99
"""sessions"""


@dataclass
class Locked:
    """A server where whatever says STALL waits for a session until that is ended.

    Sessions get numbers from `WAITING` on, in the order in which they ask; each has its own thread.
    """

    program: str = FOREIGN
    here: int = 1
    head: int = HOLDING
    refused: bytes = b""
    """what KILL is answered with"""
    seen: bytes = b""
    """what a question for the waiting ones is answered with"""
    ended: threading.Event = field(default_factory=threading.Event)
    killed: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(WAITING, 200)))

    def say(self, sql: str) -> bytes | None:
        if "@@SPID" in sql:
            return answer((next(self.numbers),))
        if "KILL" in sql:
            self.killed.append(sql)
            if not self.refused:
                self.ended.set()
            return self.refused or DONE
        if "dm_exec_requests" in sql:
            return self.seen or answer((WAITING, 77), (WAITING + 1, 77), (77, self.head))
        if "dm_exec_sessions" in sql:
            return answer(
                ("ferry", self.program, "ws01", "sleeping", "2026-01-02 03:04:05.678", "2026-01-02 03:05:00", self.here)
            )
        if "STALL" in sql:
            self.ended.wait(8)
        return DONE


@dataclass
class Heard:
    events: list[Event] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def timeouts(self, answer: float, origin: str = "") -> Timeouts:
        return Timeouts(answer, answer, self.events.append, say=self.messages.append, origin=origin)

    def wait(self) -> None:
        """Until there is a message: what is told of an end comes a moment after it."""
        end = time.monotonic() + 5
        while not self.messages and time.monotonic() < end:
            time.sleep(0.01)

    @property
    def numbers(self) -> list[int]:
        """Of the messages."""
        self.wait()
        return [m.number for m in self.messages]


def stalled(server: Locked, heard: Heard, origin: str = "", seconds: float = 0.8) -> str:
    """What the error says of a statement that waits so long; empty where it came to its end."""
    fake = FakeServer(server.say)
    about = timeouts.doing("writing to [dbo].[T]", "dbo.T")
    try:
        with (
            within(8),
            about,
            ServerSession.open(fake.connection(), "p", timeouts=heard.timeouts(seconds, origin)) as s,
        ):
            s.execute("STALL")
    except ServerError as e:
        return str(e)
    finally:
        server.ended.set()
        if server.killed:
            heard.wait()  # the answer to KILL is under way yet: the statement goes on before it
        fake.close()
    return ""


def number(session: ServerSession | BulkSession) -> int:
    search = session._line.search
    assert search is not None
    return search.session


def of_another_process(origin: str) -> str:
    return application_name(origin).rpartition("-")[0] + "-01234567"


def test_somebody_elses_session_is_named_with_what_to_do_and_left_alone() -> None:
    server, heard = Locked(), Heard()
    said = stalled(server, heard, "project")
    assert f"it waits for session {HOLDING}: ferry, {FOREIGN} on ws01" in said
    assert heard.numbers == [5028], "once, however often it is looked for"
    text = str(heard.messages[0])
    assert all(w in text for w in ("ferry", FOREIGN, "ws01", "2026-01-02 03:05:00", f"KILL {HOLDING}", "[dbo].[T]"))
    assert any(isinstance(e, NoAnswer) and f"session {HOLDING}" in e.behind for e in heard.events)
    assert server.killed == []


def test_a_session_that_an_earlier_process_of_the_project_left_behind_is_ended() -> None:
    server, heard = Locked(of_another_process("project")), Heard()
    assert stalled(server, heard, "project", 30) == "", "the statement went on"
    assert heard.numbers == [5029]
    (killed,) = server.killed
    assert killed.endswith(f"KILL {HOLDING}")
    assert "2026-01-02 03:04:05.678" in killed, "the number may be another session's by now"
    assert server.program in killed


def test_a_session_that_this_process_has_given_up_is_ended() -> None:
    server, heard = Locked(application_name("project"), head=WAITING), Heard()
    fake = FakeServer(server.say)
    first = ServerSession.open(fake.connection(), "p", timeouts=heard.timeouts(0.3, "project"))
    with pytest.raises(ServerError):
        first.execute("STALL")
    with within(8), ServerSession.open(fake.connection(), "p", timeouts=heard.timeouts(30, "project")) as second:
        server.seen = answer((number(second), WAITING))
        second.execute("STALL")
    assert heard.numbers == [5029]
    assert len(server.killed) == 1
    fake.close()


@pytest.mark.parametrize("open_", [ServerSession.open, BulkSession.open])
def test_another_connection_of_this_process_that_works_is_left_alone(
    open_: Callable[..., ServerSession | BulkSession],
) -> None:
    server, heard = Locked(application_name("project"), head=WAITING), Heard()
    fake = FakeServer(server.say)
    working, waiting = (open_(fake.connection(), "p", timeouts=heard.timeouts(s, "project")) for s in (30, 1))
    for session in (working, waiting):
        if isinstance(session, BulkSession):
            session.settle()
    server.seen = answer((number(waiting), WAITING))
    with pytest.raises(ServerError, match=f"session {WAITING}, another connection of this project"):
        waiting.execute("STALL")
    assert server.killed == []
    assert heard.messages == []
    server.ended.set()
    for session in (working, waiting):
        session.close()
    fake.close()


@pytest.mark.parametrize(
    "server",
    [
        Locked(of_another_process("another project")),
        Locked(of_another_process("project"), here=0),
        Locked(of_another_process("")),
        Locked(blockers.APPLICATION),
        Locked("Jetferry projector-01234567"),
    ],
    ids=["project", "machine", "unlocked", "former version", "beginning"],
)
def test_what_is_not_provably_ours_is_left_alone(server: Locked) -> None:
    heard = Heard()
    stalled(server, heard, "project")
    assert server.killed == []
    assert heard.numbers == [5028]


def test_without_a_project_that_is_locked_nothing_is_ours() -> None:
    server = Locked(of_another_process(""))
    stalled(server, Heard())
    assert server.killed == []


def test_who_may_not_end_a_session_is_told_to_have_it_ended() -> None:
    server = Locked(
        of_another_process("project"), refused=refusal(6102, "No permission to use the KILL statement.", 14)
    )
    heard = Heard()
    stalled(server, heard, "project")
    assert heard.numbers == [5030]
    assert all(w in str(heard.messages[0]) for w in (f"KILL {HOLDING}", "No permission"))
    assert len(server.killed) == 1, "it is not asked again and again"


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (refusal(300, "VIEW SERVER STATE permission was denied.", 14), "permission was denied"),
        (refusal(208, "Invalid object name 'sys.dm_exec_requests'."), "Invalid object name"),
        (answer((12, 0)), "VIEW SERVER STATE"),
    ],
    ids=["refused", "absent", "itself alone"],
)
def test_who_may_not_see_is_told_so(seen: bytes, why: str) -> None:
    server, heard = Locked(seen=seen), Heard()
    assert "session" not in stalled(server, heard, "project")
    assert heard.numbers == [5031]
    assert heard.messages[0].severity is Severity.INFORMATION
    assert why in str(heard.messages[0])


@pytest.mark.parametrize(
    "seen",
    [answer((WAITING, 0)), answer((WAITING, -2)), answer((WAITING, 77), (77, WAITING))],
    ids=["free", "orphaned transaction", "circle"],
)
def test_who_waits_for_nobody_is_told_nothing(seen: bytes) -> None:
    server, heard = Locked(seen=seen), Heard()
    assert "session" not in stalled(server, heard, "project")
    assert heard.messages == []


def test_a_statement_that_is_answered_in_time_asks_nothing() -> None:
    server = Locked()
    fake = FakeServer(server.say)
    with ServerSession.open(fake.connection(), "p", timeouts=Heard().timeouts(5)) as session:
        session.execute("SELECT 1")
    assert not any("dm_exec" in sql for sql in fake.asked)
    fake.close()


def test_a_copy_of_a_project_is_another(tmp_path: Path) -> None:
    here = tmp_path / "p.jetferry"
    here.mkdir()
    shutil.copytree(here, tmp_path / "copy.jetferry")
    first = origin_of(here)
    assert first == origin_of(here)
    assert first != origin_of(tmp_path / "copy.jetferry")
    assert first not in str(here)
    here.rename(tmp_path / "former.jetferry")
    here.mkdir()
    assert first != origin_of(here), "another folder in its place"
    assert origin_of(tmp_path / "none") == ""
    assert len(application_name(first)) <= 128
