"""A connection that outlives what passes: lost, busy, failing over; and what does not pass is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.sqlserver.silent_server import DONE, FakeServer, let_in, refusal
from wizard.events import Event, Retrying
from wizard.messages import TargetError
from wizard.objects import Name, ObjectKind, Statement
from wizard.sqlserver import ServerError, ServerSession, StatementStep, connection, connection_test, run_statements
from wizard.sqlserver.bulk_sessions import BulkSessions
from wizard.sqlserver.lasting_connection import LastingConnection
from wizard.sqlserver.retry import RetryPolicy

SOON = RetryPolicy(attempts=4, first=0.01, longest=0.02)
CREATE = "CREATE TABLE [dbo].[T] ([a] int)"
STEP = StatementStep(Statement(ObjectKind.TABLE, Name("dbo", "T"), CREATE))


class Changing(FakeServer):
    """Says `login` and `answer` in turn to those who sign in and ask for `CREATE`; None is what it says else."""

    def __init__(self, *, login: list[bytes | None], answer: list[bytes | None]) -> None:
        self._logins, self._answers = iter(login), iter(answer)
        super().__init__(self._say, self._let)

    def _let(self) -> bytes | None:
        return next(self._logins, None) or let_in()

    def _say(self, sql: str) -> bytes | None:
        return (next(self._answers, None) or DONE) if sql == CREATE else DONE


@contextmanager
def changing(login: list[bytes | None] | None = None, answer: list[bytes | None] | None = None) -> Iterator[Changing]:
    fake = Changing(login=login or [], answer=answer or [])
    try:
        yield fake
    finally:
        fake.close()


FAILING_OVER = [refusal(n, f"It says {n}.", 14) for n in (40613, 4060)]
ENDING = refusal(596, "Cannot continue the execution because the session is in the kill state.", 21)


def test_a_statement_that_lost_its_session_is_run_again_through_a_failover() -> None:
    """Let in once, then the session is ended and the database is not there for a while."""
    told = list[Event]()
    with changing(login=[None, *FAILING_OVER], answer=[ENDING]) as fake:
        (found,) = run_statements(fake.connection(), "p", [STEP], policy=SOON, listener=told.append)
    assert found.action == "created"
    assert fake.asked.count(CREATE) == 2
    assert len([e for e in told if isinstance(e, Retrying)]) == 3


def test_at_the_first_contact_an_absent_database_is_a_mistake() -> None:
    with changing(login=[FAILING_OVER[1]]) as fake, pytest.raises(TargetError) as ended:
        run_statements(fake.connection(), "p", [STEP], policy=SOON)
    assert ended.value.message.number == 5006
    assert fake.asked == []


def test_settings_that_are_tried_out_are_taken_at_their_word_though_they_once_fitted() -> None:
    with changing(login=[None, FAILING_OVER[1]]) as fake:
        ServerSession.open(fake.connection(), "p").close()
        *_, last = connection_test.check(fake.connection(), "p")
    assert [m.number for m in last.messages] == [5006]


@pytest.mark.parametrize("number", [4060, 40532, 911])
def test_every_way_to_a_server_knows_that_it_was_let_in(number: int) -> None:
    gone = refusal(number, "It is not there.", 14)
    with changing(login=[None, gone, gone]) as fake:
        connection = fake.connection()
        ServerSession.open(connection, "p").close()
        ways: list[Callable[[], object]] = [
            lambda: ServerSession.open(connection, "p"),
            BulkSessions(connection, "p").take,
        ]
        for open_ in ways:
            with pytest.raises(ServerError) as raised:
                open_()
            assert raised.value.trouble.passing


def test_another_database_or_account_has_not_been_let_in() -> None:
    with changing(login=[None, FAILING_OVER[1]]) as fake:
        ServerSession.open(fake.connection(), "p").close()
        with pytest.raises(ServerError) as raised:
            ServerSession.open(fake.connection(database="other"), "p")
    assert not raised.value.trouble.passing


def test_what_a_server_refuses_is_asked_once() -> None:
    with changing(answer=[refusal(208, "Invalid object name.")]) as fake:
        lasting = LastingConnection(fake.connection(), "p", SOON)
        with pytest.raises(ServerError):
            lasting.ask(lambda s: s.execute(CREATE), "asking")
        lasting.close()
    assert fake.asked.count(CREATE) == 1


@pytest.fixture(autouse=True)
def strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that is used again may have been another server's."""
    monkeypatch.setattr(connection, "_met", set())
