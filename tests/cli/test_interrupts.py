"""Ctrl+C ends every command, whatever it waits for: the first asks for an end, the second ends the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.sqlserver.silent_server import FakeServer, scripted, within
from wizard.events import Stage, Status
from wizard.settings import Connection, Target, TargetKind
from wizard.stages import Migration

_COMMAND = (sys.executable, "-c", "import sys; from wizard.cli import main; sys.exit(main())")


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_a_run_that_waits_for_a_silent_server_ends_at_the_first_sigint(tmp_path: Path) -> None:
    """In stage 3: the server lets it in and then says nothing more."""
    asked = threading.Event()

    def answer(sql: str) -> bytes | None:
        asked.set()
        return None

    fake = FakeServer(answer)
    with Migration.create(tmp_path / "p", target=Target(TargetKind.SQL_SERVER)) as m:
        m.sources.add(SAMPLE)
        m.connect.set(fake.connection())
    child = subprocess.Popen(
        [*_COMMAND, "run", str(tmp_path / "p"), "--yes"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "JETFERRY_PASSWORD": "p"},
    )  # fmt: skip
    assert asked.wait(60)
    child.send_signal(signal.SIGINT)
    with within(20):
        _, told = child.communicate()
    fake.close()
    assert child.returncode == 1
    assert "JF8305" in told
    assert "Traceback" not in told
    with Migration.open(tmp_path / "p", hold=False) as m:
        assert m.status(Stage.CONNECT) is Status.READY
        assert m.cut_off is None


_STUCK = """
import sys, threading
from wizard.stages import CancellationToken
from wizard.cancellation import stop_on_signals
stop_on_signals(CancellationToken())
print("ready", flush=True)
never = threading.Event()
try:
    never.wait()
finally:
    never.wait()
"""


def said_at_the_second_sigint(child: subprocess.Popen[str], ready: str) -> str:
    """What a process says to standard error that is told to end once it says that it is ready, and then once more."""
    assert child.stdout
    assert child.stdout.readline() == f"{ready}\n"
    child.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert child.poll() is None, "the first one asks"
    child.send_signal(signal.SIGINT)
    with within(15):
        _, told = child.communicate()
    assert child.returncode == 1
    assert "JF8307" in told
    return told


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_the_second_sigint_ends_a_process_whatever_it_waits_for() -> None:
    child = subprocess.Popen([sys.executable, "-c", _STUCK], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said_at_the_second_sigint(child, "ready")


_STUCK_COMMAND = """
import sys, threading
from importlib import import_module
room, name, part = sys.argv.pop(1).split(":")
never = threading.Event()
def stuck(*_, **__):
    print("stuck", flush=True)
    while True:
        try:
            never.wait()
        finally:
            never.wait()
owner = import_module(room)
for step in name.split(".") if name else ():
    owner = getattr(owner, step)
setattr(owner, part, stuck)
from wizard.cli import main
sys.exit(main())
"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose package is written, as far as `verify` and `link` ask."""
    folder = tmp_path_factory.mktemp("packed")
    with Migration.create(folder / "p", target=Target(TargetKind.PACKAGE)) as m:
        m.sources.add(SAMPLE)
    return folder / "p"


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("wizard.stages.migrate:MigrateStage:verify", ("verify", "{project}")),
        ("wizard.stages.link:LinkStage:run", ("link", "{project}")),
        ("wizard.cli.estate::scan_folders", ("estate", "scan", "{folder}", "--estate", "{folder}/e")),
    ],
)
def test_the_second_sigint_ends_every_command(packed: Path, part: str, words: tuple[str, ...]) -> None:
    """Whatever they are stuck in, as a driver that does not come back or a share that is gone: status 1, and a word."""
    given = [w.format(project=packed, folder=packed.parent) for w in words]
    child = subprocess.Popen(
        [sys.executable, "-c", _STUCK_COMMAND, part, *given],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert "Traceback" not in said_at_the_second_sigint(child, "stuck")


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_a_run_at_a_server_that_never_speaks_ends_at_the_second_sigint(tmp_path: Path) -> None:
    """It accepts the connection and hears the first packet, and no byte comes back: the time limit is a minute."""
    asked, never = threading.Event(), threading.Event()

    def script(client: object) -> None:
        if client.recv(4_096):  # type: ignore[attr-defined]  # who only looks whether anybody is there sends nothing
            asked.set()
            never.wait()

    with scripted(script) as port:
        with Migration.create(tmp_path / "p", target=Target(TargetKind.SQL_SERVER)) as m:
            m.sources.add(SAMPLE)
            m.connect.set(Connection.at(f"127.0.0.1,{port}", database="d", user="a", timeout=60))
        child = subprocess.Popen(
            [*_COMMAND, "run", str(tmp_path / "p"), "--yes"],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**os.environ, "JETFERRY_PASSWORD": "p"},
        )  # fmt: skip
        assert asked.wait(60)
        for _ in range(2):
            child.send_signal(signal.SIGINT)
            time.sleep(0.3)
        with within(15):
            _, told = child.communicate()
        never.set()
    assert child.returncode == 1
    assert "Traceback" not in told
