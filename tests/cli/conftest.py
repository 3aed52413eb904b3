"""What tests of the command share: the command run in this process, and the demo."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from wizard.cli import main


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


Jetferry = Callable[..., Done]


@pytest.fixture
def jetferry(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Jetferry]:
    """Runs the command in this process: `jetferry("status", project, cwd=…, JETFERRY_PASSWORD=…)`."""
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for name in [n for n in os.environ if n.startswith("JETFERRY_")]:
        monkeypatch.delenv(name)

    def run(*words: str | Path, cwd: Path | None = None, **environment: str) -> Done:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "argv", ["jetferry", *map(str, words)])
            patched.setattr(sys, "stdin", io.StringIO())
            if cwd:
                patched.chdir(cwd)
            for name, value in environment.items():
                patched.setenv(name, value)
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
            told = capfd.readouterr()
        assert "Traceback" not in told.err
        return Done(int(ended.value.code or 0), told.out, told.err)

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, run once, on a machine that cannot load any database driver."""
    folder = tmp_path_factory.mktemp("demo") / "d"
    no_driver = "import sys; sys.modules['pyodbc'] = sys.modules['mssql_python'] = None"  # as where unixODBC is absent
    command = [
        sys.executable,
        "-c",
        f"{no_driver}\nfrom wizard.cli import main; main()",
        "demo",
        "--headless",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(folder.resolve() / "harborbooks.jetferry" / "package")
    return folder
