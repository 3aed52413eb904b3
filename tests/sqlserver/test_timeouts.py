"""A server that goes silent is waited for as long as said, its silence is told, and who asks for an end gets it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from screens.worker_watch import WorkerWatch
from tests.migrate.fakes import NUMBERS, Rows, job, numbers
from tests.migrate.runs import run, verify
from tests.sqlserver.silent_server import DONE, FakeServer, mute, refusal, reset, scripted, within
from wizard.cancellation import CancellationToken
from wizard.cli.progress_output import Loudness, ProgressLines
from wizard.events import BatchCommitted, Event, NoAnswer, Retrying, decode, encode
from wizard.messages import GivenUpError, TargetError
from wizard.objects import Name, ObjectKind, Statement
from wizard.settings import Connection, Encryption, Options
from wizard.sqlserver import (
    ErrorKind,
    ServerError,
    ServerSession,
    ServerSink,
    StatementStep,
    connection_test,
    run_statements,
    timeouts,
)
from wizard.sqlserver.bulk_copy import BulkSession, CopyOptions
from wizard.sqlserver.retry import RetryPolicy
from wizard.sqlserver.table_sums import ServerTableSums
from wizard.sqlserver.timeouts import ServerLine, Timeouts, with_timeouts

SOON = RetryPolicy(attempts=2, first=0.01, longest=0.02)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds become fractions of them."""
    monkeypatch.setattr(timeouts, "LOOK", 0.02)
    monkeypatch.setattr(timeouts, "SILENT", 0.1)
    monkeypatch.setattr(timeouts, "GRACE", 0.2)
    for module in ("wizard.sqlserver.connection", "wizard.sqlserver.bulk_copy"):
        monkeypatch.setattr(f"{module}.GRACE", 0.2)


def silent_on(words: str) -> Callable[[str], bytes | None]:
    return lambda sql: None if words in sql and "@@SPID" not in sql else DONE


def stopper(after: float) -> Callable[[], None]:
    """Asks for an end after so many seconds."""
    end = time.monotonic() + after

    def between() -> None:
        if time.monotonic() > end:
            raise GivenUpError("a person")

    return between


# the thread of a connection


def test_a_call_gives_what_it_gives_and_raises_what_it_raises() -> None:
    line = ServerLine("srv", Timeouts())
    assert line.call(lambda: 7, 1) == 7
    with pytest.raises(KeyError, match="x"):
        line.call(lambda: {}["x"], 1)
    assert line.call(lambda: 8, 1) == 8, "a failure is no silence"


@pytest.mark.usefixtures("hurried")
def test_silence_is_told_more_and_more_seldom_and_ends_in_time() -> None:
    told, stopped = list[Event](), threading.Event()
    line = ServerLine("srv", Timeouts(on_event=told.append))
    never = threading.Event()
    about = timeouts.doing("writing to [dbo].[T]", "dbo.T")
    with pytest.raises(ServerError, match="no answer within") as raised, within(3), about:
        line.call(never.wait, 1.0, stop=stopped.set)
    assert raised.value.trouble is ErrorKind.TIMEOUT
    assert raised.value.trouble.passing
    assert stopped.wait(1), "the driver was asked to end the call"
    assert 2 <= len(told) <= 5, "after 0.1, 0.2, 0.4 and 0.8 seconds, as far as the machine kept time"
    assert {(e.what, e.table, e.server) for e in told if isinstance(e, NoAnswer)} == {
        ("writing to [dbo].[T]", "dbo.T", "srv")
    }
    with pytest.raises(ServerError, match="given up") as again, within(1):
        line.call(lambda: 1, 1)
    assert again.value.trouble is ErrorKind.LOST
    closed = threading.Event()
    with within(1):
        line.end(closed.set)
    never.set()
    assert closed.wait(2), "it is closed when the driver is back, and by nobody else"


@pytest.mark.usefixtures("hurried")
def test_who_asks_for_an_end_does_not_wait_for_the_time_limit() -> None:
    line = ServerLine("srv", Timeouts(between=stopper(0.1)))
    with pytest.raises(GivenUpError), within(2):
        line.call(threading.Event().wait, 60)
    assert line.given_up


def test_a_pause_between_attempts_ends_when_somebody_asks() -> None:
    with pytest.raises(GivenUpError), within(3):
        Timeouts(between=stopper(0.1)).rest(60)


# connections


@pytest.mark.parametrize("open_", [ServerSession.open, BulkSession.open])
def test_a_server_that_accepts_and_never_speaks_is_a_passing_trouble(open_: Callable[..., object]) -> None:
    with mute() as port:
        connection = Connection.at(f"127.0.0.1,{port}", user="a", encryption=Encryption.OPTIONAL, timeout=1)
        with within(15), pytest.raises(ServerError) as raised:
            open_(connection, "p")
    assert raised.value.trouble is ErrorKind.TIMEOUT


@pytest.mark.parametrize("encryption", list(Encryption))
@pytest.mark.parametrize("open_", [ServerSession.open, BulkSession.open])
def test_a_reset_in_the_handshake_is_a_lost_connection(open_: Callable[..., object], encryption: Encryption) -> None:
    def script(client: object) -> None:
        client.recv(4_096)  # type: ignore[attr-defined]
        reset(client)  # type: ignore[arg-type]

    with scripted(script) as port, pytest.raises(ServerError) as raised:
        open_(Connection.at(f"127.0.0.1,{port}", user="a", encryption=encryption, timeout=3), "p")
    assert raised.value.trouble is ErrorKind.LOST


@pytest.mark.usefixtures("hurried")
def test_a_statement_that_is_not_answered_ends_and_takes_the_connection_with_it() -> None:
    fake = FakeServer(silent_on("STALL"))
    session = ServerSession.open(fake.connection(), "p", timeouts=Timeouts(answer=0.4))
    assert session.execute("SELECT 1") == -1
    with pytest.raises(ServerError) as raised, within(5):
        session.execute("STALL")
    assert raised.value.trouble is ErrorKind.TIMEOUT
    with within(4):
        session.close()
    fake.close()


@pytest.mark.usefixtures("hurried")
def test_a_commit_that_is_not_answered_ends() -> None:
    fake = FakeServer(
        silent_on("COMMIT"),
    )
    session = ServerSession.open(fake.connection(), "p", timeouts=Timeouts(answer=0.4))
    bulk = BulkSession.open(fake.connection(), "p", timeouts=Timeouts(answer=0.4))
    with pytest.raises(ServerError) as raised, within(5):
        bulk.execute("COMMIT")
    assert raised.value.trouble.passing
    session.close()
    with within(4):
        bulk.close()
    fake.close()


@pytest.mark.usefixtures("hurried")
def test_a_copy_that_is_not_answered_ends() -> None:
    fake = FakeServer(silent_on("Column_Names"))
    bulk = BulkSession.open(fake.connection(), "p", timeouts=Timeouts(answer=0.4))
    with pytest.raises(ServerError) as raised, within(12):
        bulk.copy(Name("dbo", "T"), pa.record_batch({"a": [1]}), CopyOptions(timeout=1))
    assert raised.value.trouble is ErrorKind.TIMEOUT
    bulk.close()
    fake.close()


def test_an_ordinary_refusal_is_still_what_the_server_says() -> None:
    fake = FakeServer(lambda sql: refusal(208, "Invalid object name 'x'.") if "x" in sql else DONE)
    with ServerSession.open(fake.connection(), "p") as session, pytest.raises(ServerError) as raised:
        session.execute("SELECT * FROM x")
    assert (raised.value.fault.number, raised.value.trouble) == (208, ErrorKind.STRUCTURE)
    fake.close()


# stages


@pytest.mark.parametrize(("number", "trouble"), [(18456, 5005), (4060, 5006), (40613, 5023)])
def test_connecting_tells_mistakes_from_what_passes(number: int, trouble: int) -> None:
    fake = FakeServer(login=lambda: refusal(number, f"It says {number}.", 14))
    verdicts = list(connection_test.check(fake.connection(), "p"))
    assert not verdicts[-1].passed
    assert verdicts[-1].messages[0].number == trouble
    fake.close()


def test_connecting_to_a_server_that_never_speaks_ends() -> None:
    with mute() as port, within(20):
        connection = Connection.at(f"127.0.0.1,{port}", user="a", encryption=Encryption.OPTIONAL, timeout=1)
        verdicts = list(connection_test.check(connection, "p"))
    assert [v.passed for v in verdicts] == [True, False]
    assert verdicts[-1].messages[0].number == 5008


def test_connecting_survives_one_reset() -> None:
    fake, seen = FakeServer(), list[int]()

    def relay(client: object) -> None:
        seen.append(1)
        if len(seen) == 2:  # the first only looks whether anybody is there
            reset(client)  # type: ignore[arg-type]
        else:
            threading.Thread(target=fake._serve, args=(client,), daemon=True).start()

    with scripted(relay) as port:
        connection = Connection.at(f"127.0.0.1,{port}", user="a", encryption=Encryption.OPTIONAL, timeout=3)
        verdicts = list(connection_test.check(connection, "p"))
    assert verdicts[1].passed
    fake.close()


@pytest.mark.usefixtures("hurried")
def test_loading_tells_of_the_silence_and_ends() -> None:
    fake = FakeServer(silent_on("CREATE TABLE"))
    told = list[Event]()
    step = StatementStep(Statement(ObjectKind.TABLE, Name("dbo", "T"), "CREATE TABLE [dbo].[T] ([a] int)"))
    with (
        with_timeouts(Timeouts(answer=0.4, table=0.4, on_event=told.append)),
        within(25),
        pytest.raises(TargetError) as ended,
    ):
        run_statements(fake.connection(), "p", [step], policy=SOON, listener=told.append)
    assert ended.value.message.number == 5022
    assert any(isinstance(e, NoAnswer) and "T" in e.what for e in told)
    assert any(isinstance(e, Retrying) for e in told)
    fake.close()


@pytest.mark.usefixtures("hurried")
def test_a_migration_ends_by_itself_where_the_server_goes_silent(tmp_path: Path) -> None:
    fake = FakeServer(silent_on("SELECT"))
    of = job(NUMBERS, Rows({"Numbers": numbers(100)}))
    with with_timeouts(Timeouts(answer=0.4, table=0.4)), within(60):
        sink = ServerSink(fake.connection(), "p", Options(), policy=SOON)
        with pytest.raises(TargetError) as ended:
            run([of], sink, tmp_path, Options())
        sink.close()
    assert ended.value.message.number == 5022
    fake.close()


@pytest.mark.usefixtures("hurried")
def test_a_migration_that_is_told_to_stop_does_not_wait_for_a_silent_server(tmp_path: Path) -> None:
    """The first table's checkpoint is asked for and never comes."""
    asked = threading.Event()

    def answer(sql: str) -> bytes | None:
        if "jetferry_journal" in sql:
            asked.set()
            return None
        return DONE

    fake, control = FakeServer(answer), CancellationToken()
    of = job(NUMBERS, Rows({"Numbers": numbers(100)}))

    def between() -> None:
        if asked.is_set():
            control.cancel()
            raise GivenUpError("a person")

    with with_timeouts(Timeouts(between=between)), within(30):
        sink = ServerSink(fake.connection(), "p", Options(constraints="keep"), policy=SOON)  # type: ignore[arg-type]
        result = run([of], sink, tmp_path, Options(), control=control)
        sink.close()
    assert result.cancelled
    assert [t.status for t in result.tables] == ["cancelled"]
    fake.close()


@pytest.mark.usefixtures("hurried")
def test_verifying_a_silent_server_is_tried_again_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["wizard.migrate.verification"], "ATTEMPTS", 2)
    fake, told = FakeServer(silent_on("SELECT")), list[Event]()
    of = job(NUMBERS, Rows({"Numbers": numbers(10)}))
    with with_timeouts(Timeouts(answer=0.3, table=0.3, on_event=told.append)), within(60):
        sink = ServerSink(fake.connection(), "p", Options(), policy=SOON)
        proofs = verify([of], ServerTableSums(fake.connection(), "p"), sink, tmp_path, Options(), listener=told.append)
        sink.close()
    assert [p.equal for p in proofs] == [False]
    assert 6210 in {m.number for m in proofs[0].messages}
    assert any(isinstance(e, Retrying) for e in told)
    fake.close()


@pytest.mark.parametrize("loudness", list(Loudness))
def test_silence_is_told_in_plain_lines(loudness: Loudness, capsys: pytest.CaptureFixture[str]) -> None:
    event = NoAnswer(time.time(), "srv,1433", 42, "writing to [dbo].[T]", "dbo.T")
    assert decode(encode(event)) == event
    ProgressLines(loudness)(event)
    told = capsys.readouterr().err
    assert ("no answer from srv,1433 for 42 s: writing to [dbo].[T]" in told) is (loudness is not Loudness.QUIET)


def test_a_screen_shows_the_silence_until_what_was_waited_for_comes() -> None:
    watch = WorkerWatch(SimpleNamespace(history=()))  # type: ignore[arg-type]
    silence = NoAnswer(1.0, "srv", 42, "writing to [dbo].[T]", "dbo.T")
    watch.on_events([silence])
    assert watch.silent == silence
    watch.on_events([BatchCommitted(2.0, "dbo.Other", 1, 0, 2, 3, 0.1)])
    assert watch.silent == silence, "another table's rows are no answer"
    watch.on_events([BatchCommitted(3.0, "dbo.T", 1, 0, 2, 3, 0.1)])
    assert watch.silent is None


class _Held:
    """A connection and its cursor: a statement runs until it is cancelled, and cancelling takes a while."""

    def __init__(self) -> None:
        self.told, self.events = threading.Event(), list[str]()
        self.closed = threading.Event()
        self.description = None

    def cursor(self) -> _Held:
        return self

    def execute(self, sql: str) -> None:
        self.told.wait(10)

    def cancel(self) -> None:
        self.told.set()
        time.sleep(0.2)
        self.events.append("cancelled")

    def close(self) -> None:
        self.events.append("closed")
        self.closed.set()

    def nextset(self) -> bool:
        return False


@pytest.mark.usefixtures("hurried")
def test_a_cursor_is_not_closed_while_it_is_being_cancelled() -> None:
    """The driver would be told of a handle that is gone: the process dies of that."""
    held = _Held()
    session = ServerSession(held, None, "srv", ServerLine("srv", Timeouts(between=stopper(0.05))))  # type: ignore[arg-type]
    with pytest.raises(GivenUpError):
        session.query("WAITFOR DELAY '1:00'")
    assert held.closed.wait(5)
    assert held.events == ["cancelled", "closed"]
