"""What every test may ask for: the bundled sample, the corpus with its oracles, the server."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.sqlserver.recording import Recorder

SHARED = Path(__file__).resolve().parents[2] / "shared"
SAMPLE = Path(__file__).resolve().parents[1] / "wizard" / "sample" / "harborbooks.accdb"
WITHOUT_SHARED = "needs the databases of ../shared, which is not here"

LONGEST = (
    "test_snapshots", "test_under_dialogs", "test_corpus_run", "test_walk", "test_kill_and_resume",
    "test_never_frozen", "test_file_worker", "test_losses",
)  # fmt: skip
"""how the names of files begin whose tests, each or with what they share, take many seconds"""

LONGEST_NAME = 1_000
"""characters of a parameter that may stand in a test's name"""

# how long an example takes says how busy the machine is: what a thing may cost is measured by tests/bench
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
"""A change is judged by the same examples each time; HYPOTHESIS_PROFILE=search looks for new ones."""


def pytest_configure(config: pytest.Config) -> None:
    """What tests convert is kept, and held to Microsoft's checker at the end; no test outlives a loss of power."""
    config.pluginmanager.register(Recorder(), "jetferry-oracle")
    os.fsync = lambda _file: None
    gc.set_threshold(50_000, 10, 10)  # what is imported and collected stays


def pytest_make_parametrize_id(val: object) -> str | None:
    """A text of megabytes names a test by its beginning: names go from process to process with every report."""
    return f"{val[:40]!a}… {len(val)}" if isinstance(val, str | bytes) and len(val) > LONGEST_NAME else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no process is left with one of them when the others have ended."""
    items.sort(key=lambda item: not item.path.name.startswith(LONGEST))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is imported stays, so the collector of cycles need not look at it; it took a sixth of the screens' tests."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """What needs ../shared is skipped where it is absent, whether or not the test asks for the fixture."""
    if item.get_closest_marker("corpus") and not SHARED.is_dir():
        pytest.skip(WITHOUT_SHARED)


def oracle_cases() -> list[tuple[Path, Path]]:
    """Pairs of database and oracle file; empty where ../shared is absent."""
    databases = {p.name: p for folder in ("corpus", "sample") for p in (SHARED / folder).rglob("*") if p.is_file()}
    pairs = []
    for expected in sorted((SHARED / "expected").glob("*.json")):
        database = databases.get(expected.name.removesuffix(".json"))
        if database:
            pairs.append((database, expected))
    return pairs


def load_oracle(path: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


@pytest.fixture
def sample() -> Path:
    """Our own sample database, as shipped."""
    return SAMPLE


@pytest.fixture
def shared() -> Path:
    """The folder of test databases; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(WITHOUT_SHARED)
    return SHARED


@pytest.fixture(scope="session")
def server() -> str:
    """The connection string of a real server; the test is skipped where there is none."""
    value = os.environ.get("JETFERRY_TEST_SERVER", "")
    if not value:
        pytest.skip("needs JETFERRY_TEST_SERVER, an ODBC-style connection string")
    return value


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Workers started from here wait at each event named by GATE_AT (a table's start) while the file is not there.

    A number in the file lets that many events through and no more.
    """
    gate = tmp_path / "gate"
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import os, time\n"
        "seen = 0\n"
        "def shut():\n"
        "    try:\n"
        "        with open(os.environ['GATE']) as f:\n"
        "            return seen > int(f.read() or seen)\n"
        "    except FileNotFoundError:\n"
        "        return True\n"
        "def wait(event):\n"
        "    global seen\n"
        "    at = type(event).__name__ == os.environ.get('GATE_AT', 'TableStarted')\n"
        "    seen += at\n"
        "    while at and shut():\n"
        "        time.sleep(0.02)\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'wizard.worker_process' or name == 'wizard.stages.migrate':\n"
        "            import wizard.stages.project_session as s\n"
        "            if not hasattr(s, 'slowed'):\n"
        "                s.slowed, tell = True, s.ProjectSession.emit\n"
        "                s.ProjectSession.emit = lambda self, event: (tell(self, event), wait(event))[0]\n"
        "import sys\n"
        "sys.meta_path.insert(0, Finder())\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("GATE", str(gate))
    monkeypatch.setenv("PYTHONPATH", f"{site}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    yield gate
    gate.write_text("")
