"""A real server, connections cut around the commit, processes killed: every row is there once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.migrate.fakes import NUMBERS, Rows, job, numbers
from tests.migrate.proxy import Cut, Proxy
from tests.migrate.servers import test_server as connect
from wizard.events import Event, Retrying
from wizard.migrate import history, run
from wizard.settings import Options
from wizard.target import Policy, ServerSink

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
        policy = Policy(first=0.05, longest=0.2)
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


def test_a_process_killed_at_random_moments(server: str, tmp_path: Path) -> None:
    target, chance, rows = connect(server), random.Random(7), 2_000 * KILLS
    with target.table(NUMBERS) as table:
        arguments = [sys.executable, "-m", "tests.migrate.mover", table.name.schema, str(tmp_path), str(rows)]

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
