"""The sample to a server through a proxy that stalls, cuts and resets at random: does every run end, is every row once?

    JETFERRY_TEST_SERVER='Server=…' python -m tests.bench.unruly [TIMES] [SEED]

Each time the command runs again and again until it is done, the proxy being calmer in each run. Every other time one
run is told to stop, by SIGINT, at a random moment. A run that does not end within its bound is a failure, and so is a
row that is missing or there twice: the tables are counted past the proxy, and compared by `jetferry verify`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Timer

from tests.conftest import SAMPLE
from tests.migrate.proxy import Proxy
from tests.server_schema import clear
from tests.sqlserver.silent_server import reset
from wizard.migrate.rejects import RejectLog
from wizard.objects import Name
from wizard.settings import Connection, Target, TargetKind
from wizard.sqlserver import ServerSession, settings_of
from wizard.stages import Migration

ANSWER, TABLE = 20, 40
"""seconds of the options: a stall is then noticed while the bench is watched"""
BOUND, TOLD = 1_200, 60
"""seconds after which a run must have ended by itself, and after it was told"""
SHARE = 0.01
"""of the packets come to harm in the first run"""
KINDS = ("stall", *("pause", "cut", "half", "reset") * 2)
STALL = 45.0
"""seconds that a stalled connection stays open; then the server sees that nobody is there, as by its keep-alives, and
lets go of the transaction's locks"""
AT_ONCE = 3
"""migrations side by side: mostly they wait"""
RUNS = 12
"""of one migration, at most"""
COMMAND = (sys.executable, "-c", "import sys; from wizard.cli import main; sys.exit(main())")


class Unruly(Proxy):
    """Does harm to a share of the packets it forwards: `share` of them, of one kind or another."""

    def __init__(self, host: str, port: int, chance: random.Random) -> None:
        self.share = 0.0
        self.done = Counter[str]()
        self._chance = chance
        super().__init__(host, port)

    def _pump(self, source: object, sink: object, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):  # type: ignore[attr-defined]
                if self._chance.random() < self.share and self._harm(sink, data):
                    return
                sink.sendall(data)  # type: ignore[attr-defined]
        self._hang_up([p for p in self._pairs if source in p])

    def _harm(self, sink: object, data: bytes) -> bool:
        """Whether nothing more is forwarded this way."""
        kind = self._chance.choice(KINDS)
        self.done[kind] += 1
        pair = [p for p in self._pairs if sink in p]
        match kind:
            case "stall":  # both ends stay open, and nothing comes any more
                late = Timer(STALL, self._hang_up, (pair,))
                late.daemon = True
                late.start()
                return True
            case "pause":
                time.sleep(self._chance.uniform(0.1, 2.5))
                return False
            case "reset":
                for end in (e for p in pair for e in p):
                    with suppress(OSError):
                        reset(end)
            case "half":
                with suppress(OSError):
                    sink.sendall(data[: len(data) // 2])  # type: ignore[attr-defined]
        self._hang_up(pair)
        return True


@dataclass
class Outcome:
    """One migration: how its runs ended, how long the longest took, what was wrong."""

    statuses: list[int | str] = field(default_factory=list)
    longest: float = 0.0
    wrong: list[str] = field(default_factory=list)


def project(folder: Path, through: Connection, password: str, schema: str) -> Path:
    """The sample on its way to the server, stages 1 and 2 done; `run` does the rest."""
    shutil.copy(SAMPLE, folder)
    with Migration.create(folder / "p", target=Target(TargetKind.SQL_SERVER)) as m:
        m.connect.set_password(password)
        m.connect.set(through)
        m.project.set_options(
            replace(m.data.options, answer_timeout=ANSWER, table_timeout=TABLE, batch_size=100, parallel_tables=2)
        )
        m.sources.add(folder / SAMPLE.name)
        m.map.set(SAMPLE.stem, schema)
        return m.path


def run(path: Path, password: str, stop_after: float | None, outcome: Outcome) -> int | str:
    """The command once. It ends by itself, or is told to."""
    clock = time.monotonic()
    log = path.parent / "output.log"
    with log.open("ab") as output:
        child = subprocess.Popen(
            [*COMMAND, "run", str(path), "--yes"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={**os.environ, "JETFERRY_PASSWORD": password},
        )  # fmt: skip
        timer = Timer(stop_after, child.send_signal, (signal.SIGINT,)) if stop_after is not None else None
        if timer:
            timer.start()
        bound = BOUND if stop_after is None else stop_after + TOLD
        try:
            status: int | str = child.wait(bound)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            status = "hung"
            outcome.wrong.append(f"a run did not end within {bound:.0f} s")
        if timer:
            timer.cancel()
    outcome.longest = max(outcome.longest, time.monotonic() - clock)
    return status


def once(number: int, connection: Connection, password: str, chance: random.Random) -> tuple[Outcome, Counter[str]]:
    """A whole migration through an unruly proxy."""
    outcome, schema = Outcome(), f"unruly{number}"
    with ServerSession.open(connection, password) as session:
        clear(session, schema)
    proxy = Unruly(connection.host, connection.port or 1433, chance)
    folder = Path(tempfile.mkdtemp(prefix="unruly"))
    path = project(folder, replace(connection, host="127.0.0.1", port=proxy.port, timeout=5), password, schema)
    for attempt in range(RUNS):
        proxy.share = SHARE / (1 + attempt)
        stop = chance.uniform(2, 25) if number % 2 and attempt == 0 else None
        outcome.statuses.append(run(path, password, stop, outcome))
        if outcome.statuses[-1] in (0, 3):
            break
    proxy.share = 0.0
    _compare(path, connection, password, outcome)
    proxy.close()
    with ServerSession.open(connection, password) as session:
        clear(session, schema)
    if not outcome.wrong:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        outcome.wrong.append(f"kept: {folder}")
    return outcome, proxy.done


def _compare(path: Path, connection: Connection, password: str, outcome: Outcome) -> None:
    """Every row of the source is there once, or is among the rejects."""
    if outcome.statuses[-1] not in (0, 3):
        outcome.wrong.append("it never came to its end")
        return
    with Migration.open(path, hold=False) as m, ServerSession.open(connection, password) as session:
        for table in m.convert.conversion.tables:
            if table.source is None:
                continue
            there = int(session.value(f"SELECT COUNT(*) FROM {table.name}"))
            rejected = _rejected(m.folder, table.name)
            here = m.sources.open(table.source.source).row_count(table.source.table)
            if there + rejected != here:
                outcome.wrong.append(f"{table.name}: {there} rows and {rejected} rejected of {here}")
    verified = subprocess.run(
        [*COMMAND, "verify", str(path)], check=False, capture_output=True, text=True, timeout=BOUND,
        env={**os.environ, "JETFERRY_PASSWORD": password},
    )  # fmt: skip
    if verified.returncode not in (0, 3):  # 3: what the server itself refuses was left out
        outcome.wrong.append(f"verify: {verified.stderr.strip()[-300:]}")


def _rejected(folder: Path, table: Name) -> int:
    log = RejectLog(folder / "rejects", table)
    try:
        return len(log.read())
    finally:
        log.close()


def main(times: int, seed: int) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it, and so would theirs
    connection, password = settings_of(os.environ["JETFERRY_TEST_SERVER"])
    harm, wrong, longest = Counter[str](), 0, 0.0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        each = {pool.submit(once, n, connection, password, random.Random(seed + n)): n for n in range(times)}
        for future in as_completed(each):
            number, (outcome, done) = each[future], future.result()
            harm += done
            wrong += bool(outcome.wrong)
            longest = max(longest, outcome.longest)
            told = "told to stop first" if number % 2 else "left alone"
            ended = " ".join(map(str, outcome.statuses))
            print(
                f"{number + 1:3} {told:19} ended {ended:24} longest {outcome.longest:4.0f} s, {dict(done)}", flush=True
            )
            for what in outcome.wrong:
                print(f"    {what}", flush=True)
    print(f"{times} migrations, {wrong} wrong, longest run {longest:.0f} s, harm done: {dict(harm)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in (sys.argv[1:] + ["20", "1"][len(sys.argv) - 1 :]))))
