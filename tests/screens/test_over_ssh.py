"""The wizard over SSH: the connection dies in stage 8, the work goes on, a new connection sees its end."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.screens.terminal import Terminal
from wizard import worker
from wizard.events import Stage, Status
from wizard.settings import Options
from wizard.stages import Migration
from wizard.stages.migrate import TableProgressLines

ROWS = 4_458
SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
pytestmark = pytest.mark.skipif(
    not Path(SSHD).exists() or not shutil.which("ssh") or not shutil.which("ssh-keygen"),
    reason="needs sshd, ssh and ssh-keygen (openssh-server)",
)


@dataclass
class Server:
    port: int
    key: Path

    def command(self, run: str) -> list[str]:
        options = ["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        login = f"{getpass.getuser()}@127.0.0.1"
        return ["ssh", "-tt", "-q", *options, "-i", str(self.key), "-p", str(self.port), login, run]


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Server]:
    """A server of our own on a high port of this machine, with keys made for this test."""
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = (
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        f"PidFile {folder}/pid\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\n"
    )
    (folder / "config").write_text(settings)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "config"], stderr=(folder / "log").open("w"))
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                pytest.skip(f"sshd does not start here: {(folder / 'log').read_text()[-200:]}")
            time.sleep(0.05)
        yield Server(port, folder / "user")
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project before stage 8 whose rows move in many small batches."""
    shutil.copy(SAMPLE, tmp_path)
    with Migration.create(tmp_path / "long") as m:
        m.project.set_options(Options(batch_size=100, parallel_tables=1))
        m.sources.add(tmp_path / SAMPLE.name)
        m.prepare()
        m.one_step(through=Stage.LOAD)
    return tmp_path / "long"


def leave(terminal: Terminal) -> None:
    """Ctrl+Q. As long as the end of the work has not come to the screen, that asks; once it has, it leaves."""
    end = time.monotonic() + 40
    while b"Go on: jetferry" not in terminal.written and time.monotonic() < end:
        terminal.press(b"\x11")
        time.sleep(1)
    terminal.shows("Go on: jetferry")  # the project is closed then


def test_the_work_outlives_the_connection(sshd: Server, project: Path, tmp_path: Path, slowly: Path) -> None:
    """The rows wait after their first batch until the connection is gone, and after ten until the new one is there."""
    code = f"from pathlib import Path; from screens.app import run; run(Path({str(project)!r}))"
    here = Path(__file__).resolve().parents[2]  # a login has none of this session's environment
    wait = f"GATE={slowly} GATE_AT=BatchCommitted PYTHONPATH={os.environ['PYTHONPATH'].rstrip(':')}:{here}"
    run = f"{wait} XDG_STATE_HOME={tmp_path} COLORTERM= {sys.executable} -c {shell(code)}"
    first = Terminal(sshd.command(run))
    first.shows("Press Migrate to copy the rows")
    first.press(b"\x0e")  # Ctrl+N
    first.shows("it outlives")
    assert worker.at_work(project) is not None
    first.kill()

    first_batch = moved(project)
    let_through(slowly, "9")
    end = time.monotonic() + 30
    while moved(project) == first_batch and time.monotonic() < end:
        time.sleep(0.1)
    assert moved(project) > first_batch, "the work went on without a terminal"

    second = Terminal(sshd.command(run))
    second.shows("it outlives")
    assert moved(project) < ROWS
    let_through(slowly, "")
    attachment = worker.attach(project)
    for _ in attachment.follow():
        pass
    second.shows("4,458/4,458")
    leave(second)
    second.kill()
    with Migration.open(project) as m:
        assert m.status(Stage.MIGRATE) is Status.DONE
        assert sum(t.done for t in m.migrate.lines()) == ROWS
        assert m.migrate.verify().equal


def moved(project: Path) -> int:
    """Rows that the worker told of."""
    attachment, lines = worker.attach(project), TableProgressLines()
    for event in attachment.history:
        lines(event)
    attachment.close()
    return sum(t.done for t in lines.tables)


def let_through(gate: Path, batches: str) -> None:
    """Whole or not at all, as the worker may be reading."""
    new = gate.with_suffix(".new")
    new.write_text(batches)
    new.replace(gate)


def shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
