"""Several statements in one round trip: each told for itself, and a server that cannot do it is none the poorer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.sqlserver.doubles import RefusedError, Rows, Server
from wizard.events import Event, MessageTold
from wizard.objects import Name, ObjectKind, Statement
from wizard.settings import Connection
from wizard.sqlserver import ServerSession, StatementStep, round_trips, run_statements
from wizard.sqlserver.driver_errors import DriverError
from wizard.sqlserver.retry import RetryPolicy

SOON = RetryPolicy(attempts=4, first=0.001, longest=0.001)


class Picky(Server):
    """Refuses what `words` says, with the words it says; `hook` is called for everything that comes."""

    def __init__(self, words: dict[str, str], hook: Callable[[str], None] = lambda _: None) -> None:
        super().__init__(lambda _: None)
        self.words, self.hook, self.done = words, hook, list[str]()

    def batch(self, sql: str) -> list[tuple[list[str], list[tuple[Any, ...]]]] | None:
        self.hook(sql)
        return super().batch(sql)

    def run(self, sql: str) -> Rows | int | None:
        for part, said in self.words.items():
            if part in sql:
                raise RefusedError("42000", said)
        self.done.append(sql)
        return [(sql,)] if sql.startswith("SELECT") else None


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_trips, "_singly", {})
    monkeypatch.setattr(round_trips, "_strikes", Counter())


def opened(server: Server, monkeypatch: pytest.MonkeyPatch) -> ServerSession:
    connection = server.installed(monkeypatch)
    return ServerSession.open(connection, "p")


def made(*names: str, needs: str = "") -> list[StatementStep]:
    after = (Name("dbo", needs),) if needs else ()
    return [
        StatementStep(Statement(ObjectKind.TABLE, Name("dbo", n), f"CREATE TABLE [dbo].[{n}]", depends_on=after))
        for n in names
    ]


def test_each_statement_of_a_batch_has_an_outcome_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Picky({"bad": "it's bad"})
    session = opened(server, monkeypatch)
    before = server.trips
    texts = [("a 'quoted'", ()), ("bad", ()), ("c", (1,)), ("d", (0,))]
    steps = [round_trips.BatchStatement(sql, needs) for sql, needs in texts]
    found = round_trips.run_each(session, steps)
    assert server.trips - before == 1
    assert [type(o) for o in found] == [type(None), DriverError, round_trips.NotTried, type(None)]
    assert server.done[-2:] == ["a 'quoted'", "d"]


def test_each_question_of_a_batch_has_rows_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Picky({"bad": "it's bad"})
    session = opened(server, monkeypatch)
    before = server.trips
    told = "SELECT 'BEGIN TRY EXEC'"  # no statement more
    one, two, three = round_trips.ask_each(session, ["SELECT 1", "SELECT bad", told])
    assert server.trips - before == 1
    assert (one, three) == ([("SELECT 1",)], [(told,)])
    assert isinstance(two, DriverError)
    assert two.text == "it's bad"


@pytest.mark.usefixtures("fresh")
def test_a_server_that_reads_no_batches_is_told_of_and_given_single_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(sql: str) -> None:
        if "BEGIN TRY" in sql:
            raise RefusedError("42000", "[Microsoft][SQL Server]TRY is not supported (33557097)")

    server, told = Picky({"[T3]": "no"}, none), list[Event]()
    connection = server.installed(monkeypatch)
    found = run_statements(connection, "", made(*(f"T{n}" for n in range(6))), attempts=1, listener=told.append)
    assert [r.action for r in found] == ["created"] * 5 + ["failed"]
    assert [e.message.number for e in told if isinstance(e, MessageTold)] == [5026]
    session = ServerSession.open(connection, "p")
    assert round_trips.ask_each(session, ["SELECT 1", "SELECT 2"]) == [[("SELECT 1",)], [("SELECT 2",)]]


def test_what_a_batch_cannot_tell_whole_the_statement_alone_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """CATCH knows the last of several errors, which may only say that there was another before it."""
    server = Picky({"[T1]": "Could not create constraint or index. See previous errors."})
    connection = server.installed(monkeypatch)
    alone = "[42000] [Microsoft][SQL Server]Foreign key 'k' references invalid table 'x'. (1767) (SQLExecDirectW)"
    monkeypatch.setattr(server, "batch", lambda sql: _unsaid(server, sql, alone))
    found = run_statements(connection, "", made("T0", "T1", "T2"), attempts=1)
    failed = next(r for r in found if r.action == "failed")
    assert failed.fault is not None
    assert failed.fault.number == 1767


def _unsaid(server: Picky, sql: str, alone: str) -> list[tuple[list[str], list[tuple[Any, ...]]]] | None:
    found = Server.batch(server, sql)
    if found is None and "[T1]" in sql:
        raise RefusedError("42000", alone)
    return found


def test_what_needs_what_failed_in_the_same_batch_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Picky({"[T1]": "no"})
    connection = server.installed(monkeypatch)
    found = run_statements(connection, "", [*made("T0", "T1"), *made("T2", needs="T1"), *made("T3")], attempts=1)
    assert [(r.statement.name.name, r.action) for r in found] == [
        ("T0", "created"), ("T3", "created"), ("T1", "failed"), ("T2", "failed"),
    ]  # fmt: skip
    assert found[-1].message is not None
    assert found[-1].message.number == 5102
    assert not any("T2" in sql for sql in server.done)


@pytest.mark.parametrize("together", [True, False], ids=["in-one-batch", "one-by-one"])
def test_a_column_that_cannot_be_added_leaves_the_table_its_other_parts(
    monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    """As a computed column that a server refuses: the key and the indexes do not need it."""
    table = Name("dbo", "T0")
    parts = [(ObjectKind.TABLE, "whole name"), (ObjectKind.PRIMARY_KEY, "PK_T0"), (ObjectKind.INDEX, "IX_T0")]
    steps = [StatementStep(Statement(k, table, f"ALTER TABLE [dbo].[T0] {p}", p, (table,))) for k, p in parts]
    server = Picky({"whole name": "not deterministic"})
    connection = server.installed(monkeypatch)
    if not together:
        monkeypatch.setattr(round_trips, "takes_several", lambda _: False)
    found = run_statements(connection, "", [*made("T0"), *steps], attempts=1)
    assert [(r.statement.part, r.action) for r in found] == [
        ("", "created"), ("PK_T0", "created"), ("IX_T0", "created"), ("whole name", "failed"),
    ]  # fmt: skip


def test_what_a_lost_batch_had_made_counts_as_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is lost after the server has done half of it; the batch goes again, and finds that half there."""
    there: set[str] = set()

    def lose(sql: str) -> None:
        if sql.startswith("DECLARE") and not there:
            there.update(("T0", "T1"))
            server.words = {f"[{n}]": f"{n} already exists." for n in there}
            raise RefusedError("08S01", "[08S01] [Microsoft][ODBC Driver 18]Communication link failure (0)")

    server = Picky({}, lose)
    connection: Connection = server.installed(monkeypatch)
    found = run_statements(connection, "", made("T0", "T1", "T2", "T3"), policy=SOON)
    assert [r.action for r in found] == ["created"] * 4


def test_the_statements_of_many_tables_take_few_round_trips(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Picky({})
    connection = server.installed(monkeypatch)
    found = run_statements(connection, "", made(*(f"T{n}" for n in range(1_000))))
    assert {r.action for r in found} == {"created"}
    assert server.trips <= 20


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("answered", [0, 1])
def test_a_batch_that_is_answered_in_part_ends_and_the_rest_is_sent_singly(
    answered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Short(Picky):
        def batch(self, sql: str) -> list[tuple[list[str], list[tuple[Any, ...]]]] | None:
            found = super().batch(sql)
            return None if found is None else found[: 2 * answered]

    server = Short({})
    session = opened(server, monkeypatch)
    questions = [f"SELECT {n}" for n in range(4)]
    assert round_trips.ask_each(session, questions) == [[(q,)] for q in questions]
