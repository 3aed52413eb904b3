"""A real server, connections cut around the commit, processes killed: every row is there once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Lock, get_ident

import pytest

from tests.migrate import servers
from tests.migrate.fakes import NUMBERS, Rows, job, numbers
from tests.migrate.proxy import Cut, Proxy
from tests.migrate.runs import history, run
from tests.migrate.servers import test_server as connect
from wizard.events import Event, MessageTold, Retrying
from wizard.migrate import partitioning
from wizard.objects import ServerTable
from wizard.settings import Options
from wizard.sqlserver import RetryPolicy, ServerSink

pytestmark = pytest.mark.server

KILLS = int(os.environ.get("JETFERRY_KILLS", "3"))
"""how often the process is killed in one migration; 20 for the fault table"""


@pytest.mark.parametrize(
    ("point", "cut"), [*(("before the commit", cut) for cut in Cut), ("before the copy", Cut.SWALLOW)]
)
def test_a_connection_cut_around_the_commit(server: str, point: str, cut: Cut, tmp_path: Path) -> None:
    target = connect(server)
    proxy = Proxy(target.connection.host, target.connection.port or 1433)
    commits = 0

    def hook(at: str) -> None:
        nonlocal commits
        commits += at == point
        if at == point and commits in (2, 4):
            proxy.mode = cut

    options = Options(batch_size=300)
    through = replace(target.connection, host="127.0.0.1", port=proxy.port)
    told = list[Event]()
    with target.table(NUMBERS) as table:
        policy = RetryPolicy(first=0.05, longest=0.2)
        sink = ServerSink(through, target.password, options, policy=policy, hook=hook)
        result = run([job(table, Rows({"Numbers": numbers(3_000)}))], sink, tmp_path, options, listener=told.append)
        sink.close()
        proxy.close()
        assert result.complete, result.tables
        assert target.rows(f"SELECT COUNT(*), SUM(ID) FROM {table.name}") == [(3_000, sum(range(3_000)))]
    assert proxy.cuts == 2
    again = [e for e in told if isinstance(e, Retrying)]
    assert len(again) >= 2
    assert result.retries == len(again)
    assert result.tables[0].retries == sum(e.table == result.tables[0].table for e in again) >= 2
    assert [e for e in history(tmp_path)[0] if isinstance(e, Retrying)] == again


def test_a_forgotten_writer_adds_nothing_once_another_has_taken_over(server: str, tmp_path: Path) -> None:
    target = connect(server)
    options = Options(batch_size=300)
    with target.table(NUMBERS) as table:
        of = job(table, Rows({"Numbers": numbers(3_000)}))
        other = ServerSink(target.connection, target.password, options)
        commits = 0

        def hook(at: str) -> None:
            nonlocal commits
            commits += at == "before the transaction"
            if commits == 3 and at == "before the transaction":
                run([of], other, tmp_path / "other", options)

        sink = ServerSink(target.connection, target.password, options, hook=hook)
        result = run([of], sink, tmp_path / "first", options)
        assert "taken over" in result.tables[0].details
        assert target.rows(f"SELECT COUNT(*), SUM(ID) FROM {table.name}") == [(3_000, sum(range(3_000)))]


@pytest.fixture
def divided(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of these tests are large ones, of ten parts."""
    monkeypatch.setattr(partitioning, "LARGE", 1_000)
    monkeypatch.setattr(partitioning, "PARTITION_ROWS", 600)


def slowly(at: str) -> None:
    """Leaves time for two parts to be in flight."""
    if at == "before the copy":
        time.sleep(0.03)


def parts_of(target: servers.TestServer, table: ServerTable) -> int:
    journal = f"{table.name.schema}.jetferry_journal"
    return len(target.rows(f"SELECT part FROM {journal} WHERE part <> ''"))


@pytest.mark.usefixtures("divided")
@pytest.mark.parametrize("cut", list(Cut))
def test_the_connection_of_one_part_is_cut_around_its_commit(server: str, cut: Cut, tmp_path: Path) -> None:
    target = connect(server)
    proxy = Proxy(target.connection.host, target.connection.port or 1433)
    lock, in_flight, commits = Lock(), set[int](), 0

    def hook(at: str) -> None:
        nonlocal commits
        slowly(at)
        with lock:
            if at == "before the copy":
                in_flight.add(get_ident())
            if at == "before the commit" and len(in_flight) > 1:
                commits += 1
                if commits in (2, 5):
                    proxy.mode = cut
            if at in ("after the commit", "before the transaction"):
                in_flight.discard(get_ident())

    through = replace(target.connection, host="127.0.0.1", port=proxy.port)
    options = Options(batch_size=300, parallel_tables=2)
    told = list[Event]()
    with target.table(NUMBERS) as table:
        sink = ServerSink(through, target.password, options, policy=RetryPolicy(first=0.05, longest=0.2), hook=hook)
        result = run([job(table, Rows({"Numbers": numbers(6_000)}))], sink, tmp_path, options, listener=told.append)
        sink.close()
        proxy.close()
        assert result.complete, result.tables
        assert target.rows(f"SELECT COUNT(*), SUM(ID) FROM {table.name}") == [(6_000, sum(range(6_000)))]
        assert parts_of(target, table) == 0
    assert [e.message.number for e in told if isinstance(e, MessageTold)].count(6020) == 1
    assert proxy.cuts in (1, 2)  # as often as two parts were in flight at the moment


@pytest.mark.usefixtures("divided")
@pytest.mark.parametrize("point", ["before dividing", "after dividing", "before the commit", "before joining"])
def test_a_divided_table_is_gone_on_with_by_one_worker(server: str, point: str, tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    target, seen = connect(server), 0
    lock = Lock()

    def hook(at: str) -> None:
        nonlocal seen
        slowly(at)
        with lock:
            seen += at == point
            if at == point and seen == (6 if point == "before the commit" else 1):
                raise StoppedError

    options = Options(batch_size=300, parallel_tables=2)
    with target.table(NUMBERS) as table:
        of = job(table, Rows({"Numbers": numbers(6_000)}))
        sink = ServerSink(target.connection, target.password, options, hook=hook)
        with pytest.raises(StoppedError):
            run([of], sink, tmp_path, options, hook=hook if point != "before the commit" else lambda at: None)
        sink.close()
        there = target.rows(f"SELECT COUNT(*) FROM {table.name}")[0][0]
        checkpoint = sink.checkpoint(table.name)
        assert checkpoint is not None
        assert checkpoint.rows == there
        assert (parts_of(target, table) > 0) == (point != "before dividing")
        alone = Options(batch_size=300, parallel_tables=1)
        result = run([of], ServerSink(target.connection, target.password, alone), tmp_path, alone)
        assert result.complete, result.tables
        assert target.rows(f"SELECT COUNT(*), SUM(ID) FROM {table.name}") == [(6_000, sum(range(6_000)))]
        assert parts_of(target, table) == 0


@pytest.mark.usefixtures("divided")
def test_a_forgotten_run_adds_nothing_to_parts_that_another_has_taken_over(server: str, tmp_path: Path) -> None:
    target = connect(server)
    options = Options(batch_size=300, parallel_tables=2)
    with target.table(NUMBERS) as table:
        of = job(table, Rows({"Numbers": numbers(6_000)}))
        other = ServerSink(target.connection, target.password, options)
        commits, lock = 0, Lock()

        def hook(at: str) -> None:
            nonlocal commits
            with lock:
                commits += at == "before the transaction"
                mine = commits == 7 and at == "before the transaction"
            if mine:
                assert run([of], other, tmp_path / "other", options).complete

        sink = ServerSink(target.connection, target.password, options, hook=hook)
        result = run([of], sink, tmp_path / "first", options)
        assert "taken over" in result.tables[0].details
        assert target.rows(f"SELECT COUNT(*), SUM(ID) FROM {table.name}") == [(6_000, sum(range(6_000)))]


@pytest.mark.parametrize("parts", [0, 12])
def test_a_process_killed_at_random_moments(server: str, parts: int, tmp_path: Path) -> None:
    target, chance, rows = connect(server), random.Random(7), 2_000 * KILLS
    with target.table(NUMBERS) as table:
        arguments = [sys.executable, "-m", "tests.migrate.mover", table.name.schema, str(tmp_path), str(rows)]
        arguments += [str(parts)]

        def start() -> subprocess.Popen[str]:
            child = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
            assert child.stdout
            assert child.stdout.readline() == "ready\n"
            return child

        killed = 0
        for _ in range(KILLS):
            child = start()
            time.sleep(chance.uniform(0.2, 1.0))
            child.kill()
            killed += child.wait() == -9
        assert start().wait(100) == 0
        assert target.rows(f"SELECT COUNT(*), SUM(ID) FROM {table.name}") == [(rows, sum(range(rows)))]
    assert killed
