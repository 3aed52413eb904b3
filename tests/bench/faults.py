"""The fault table: each point a move can be stopped at, how often it was, and the rows lost and doubled.

    JETFERRY_TEST_SERVER='Server=…' python -m tests.bench.faults [TIMES] [MILLISECONDS] [cuts]

With MILLISECONDS, the server is so far away (`tests.bench.distant`), there and back; `cuts` leaves out all but what
cuts connections. Without a server the target is an SQLite file that keeps rows and mark in one transaction, as a server
does. Each point is tried with tables that move as a whole and with tables that move in parts, two parts in flight;
connections are cut of small tables that share a transaction too.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock, get_ident

from tests.bench.distant import DistantServer
from tests.migrate.fakes import NUMBERS, Rows, job, numbers
from tests.migrate.proxy import Cut, Proxy
from tests.migrate.runs import run
from tests.migrate.servers import TestServer
from tests.migrate.servers import test_server as connect
from tests.migrate.test_kills import POINTS, POINTS_OF_PARTS, ROWS, TABLES, in_a_process, move
from wizard.migrate import partitioning
from wizard.settings import Connection, Options
from wizard.sqlserver import RetryPolicy, ServerSink
from wizard.sqlserver.server_writer import ServerWriter

SERVER_ROWS = 20_000


def missing_and_doubled(found: list[int], wanted: range | list[int]) -> tuple[int, int]:
    counts = Counter(found)
    return sum(i not in counts for i in wanted), sum(n - 1 for n in counts.values())


def line(what: str, how: str, times: int, lost: int, doubled: int) -> None:
    print(f"{what:60} {how:42} {times:5} {lost:5} {doubled:8}", flush=True)


@contextmanager
def divided(parts: bool) -> Iterator[None]:
    """Tables move in parts meanwhile, or as a whole. The servers' answer whether parts go side by side is not asked."""
    former = partitioning.LARGE, partitioning.PARTITION_ROWS, ServerWriter.shared
    if parts:
        partitioning.LARGE, partitioning.PARTITION_ROWS = 1_000, 600
        ServerWriter.shared = lambda self: True  # type: ignore[method-assign]
    try:
        yield
    finally:
        partitioning.LARGE, partitioning.PARTITION_ROWS, ServerWriter.shared = former  # type: ignore[method-assign]


def deaths(point: str, times: int, way: str) -> None:
    """A process that ends itself at the point, at another batch each time, then a run to the end."""
    lost = doubled = died = 0
    for occurrence in range(1, times + 1):
        folder = Path(tempfile.mkdtemp())
        seen = 0

        def hook(at: str, occurrence: int = occurrence) -> None:
            nonlocal seen
            seen += at == point
            if seen == occurrence:
                os._exit(9)

        child = in_a_process(lambda hook=hook, folder=folder: move(folder, hook))
        died += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        move(folder)
        good = [i for i in range(ROWS) if i % 1_000 not in (500, 999)]
        for table in TABLES:
            rows = sqlite3.connect(folder / "target.db").execute(f"SELECT ID FROM {table.name.name}").fetchall()
            one, two = missing_and_doubled([r[0] for r in rows], good)
            lost, doubled = lost + one, doubled + two
        shutil.rmtree(folder)
    line(f"process dies {point}", f"exit inside the process, SQLite, {way}", died, lost, doubled)


@contextmanager
def cutting(target: TestServer, away: float) -> Iterator[tuple[Proxy, Connection]]:
    """A proxy that cuts connections, before a server that is so far away."""
    host, port = target.connection.host, target.connection.port or 1433
    distant = DistantServer(host, port, away) if away else None
    proxy = Proxy("127.0.0.1", distant.port) if distant else Proxy(host, port)
    try:
        yield proxy, replace(target.connection, host="127.0.0.1", port=proxy.port)
    finally:
        proxy.close()
        if distant:
            distant.close()


def cuts(server: str, cut: Cut, times: int, way: str, away: float) -> None:
    """A proxy cuts the connections around a commit; of parts, while another one is in flight too."""
    target = connect(server)
    lock, in_flight, commits = Lock(), set[int](), 0

    def hook(at: str) -> None:
        nonlocal commits
        if way == "parts" and at == "before the copy":
            time.sleep(0.02)
        with lock:
            if at == "before the copy":
                in_flight.add(get_ident())
            if at == "before the commit" and (way == "whole" or len(in_flight) > 1):
                commits += 1
                if commits <= 2 * times and commits % 2 == 0:
                    proxy.mode = cut
            if at in ("after the commit", "before the transaction"):
                in_flight.discard(get_ident())

    options = Options(batch_size=SERVER_ROWS // (8 * times), parallel_tables=2)
    with (
        target.table(NUMBERS) as table, tempfile.TemporaryDirectory() as folder, cutting(target, away) as found
    ):  # fmt: skip
        proxy, through = found
        policy = RetryPolicy(first=0.05, longest=0.2)
        sink = ServerSink(through, target.password, options, policy=policy, hook=hook)
        run([job(table, Rows({"Numbers": numbers(SERVER_ROWS)}))], sink, Path(folder), options)
        sink.close()
        rows = [int(str(r[0])) for r in target.rows(f"SELECT ID FROM {table.name}")]
    figures = missing_and_doubled(rows, range(SERVER_ROWS))
    line(f"connection cut at COMMIT, {cut}", f"proxy, server, {way}", proxy.cuts, *figures)


def cuts_of_small_tables(server: str, cut: Cut, point: str, times: int, away: float) -> None:
    """Six small tables in one transaction, the connection cut at a point of it; in each migration once."""
    target, lost, doubled, cut_off = connect(server), 0, 0, 0
    for _ in range(times):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            tables = [stack.enter_context(target.table(NUMBERS)) for _ in range(6)]
            proxy, through = stack.enter_context(cutting(target, away))
            left = [1]

            def hook(at: str, left: list[int] = left, proxy: Proxy = proxy) -> None:
                if at == point and left[0]:
                    left[0] -= 1
                    proxy.mode = cut

            options = Options(parallel_tables=1)
            sink = ServerSink(through, target.password, options, policy=RetryPolicy(first=0.05, longest=0.2), hook=hook)
            made = [replace(job(t, Rows({"Numbers": numbers(500)})), table=t) for t in tables]
            run(made, sink, folder, options)
            sink.close()
            cut_off += proxy.cuts
            for table in tables:
                rows = [int(str(r[0])) for r in target.rows(f"SELECT ID FROM {table.name}")]
                one, two = missing_and_doubled(rows, range(500))
                lost, doubled = lost + one, doubled + two
    line(f"connection cut {point}, {cut}", "proxy, server, small tables together", cut_off, lost, doubled)


def kills(server: str, times: int, way: str) -> None:
    """A process killed at random moments of one migration."""
    target, chance = connect(server), random.Random(times)
    with target.table(NUMBERS) as table, tempfile.TemporaryDirectory() as folder:
        arguments = [sys.executable, "-m", "tests.migrate.mover", table.name.schema, folder, str(times * 1_500)]
        arguments += ["40" if way == "parts" else "0"]
        killed = 0
        for _ in range(times):
            child = subprocess.Popen(arguments, stdout=subprocess.PIPE)
            assert child.stdout
            child.stdout.readline()
            time.sleep(chance.uniform(0.3, 1.2))
            child.kill()
            killed += child.wait() == -9
        subprocess.run(arguments, check=True, stdout=subprocess.PIPE)
        rows = [int(str(r[0])) for r in target.rows(f"SELECT ID FROM {table.name}")]
    figures = missing_and_doubled(rows, range(times * 1_500))
    line("kill -9 at random moments of one migration", f"signal, server, {way}", killed, *figures)


def main(times: int, away: float = 0, *, only_cuts: bool = False) -> None:
    print(f"{'what stops it':60} {'how':42} {'times':>5} {'lost':>5} {'doubled':>8}")
    for way in ("whole", "parts"):
        with divided(way == "parts"):
            points = () if only_cuts else (*POINTS, *POINTS_OF_PARTS) if way == "parts" else POINTS
            for point in points:
                deaths(point, times, way)
            if server := os.environ.get("JETFERRY_TEST_SERVER"):
                for cut in Cut:
                    cuts(server, cut, min(times, 10), way, away)
                if not only_cuts:
                    kills(server, 20, way)
    if server := os.environ.get("JETFERRY_TEST_SERVER"):
        for point in ("before the copy", "before the commit"):
            for cut in Cut:
                cuts_of_small_tables(server, cut, point, min(times, 10), away)


if __name__ == "__main__":
    numbers_ = [float(a) for a in sys.argv[1:] if a != "cuts"]
    main(int(numbers_[0]) if numbers_ else 10, *numbers_[1:2], only_cuts="cuts" in sys.argv)
