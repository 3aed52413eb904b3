"""What every test may ask for: the bundled sample, the corpus with its oracles, the server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
SAMPLE = Path(__file__).resolve().parents[1] / "wizard" / "sample" / "harborbooks.accdb"


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
        pytest.skip("needs the databases of ../shared, which is not here")
    return SHARED


@pytest.fixture
def server() -> str:
    """The connection string of a real server; the test is skipped where there is none."""
    value = os.environ.get("JETFERRY_TEST_SERVER", "")
    if not value:
        pytest.skip("needs JETFERRY_TEST_SERVER, an ODBC-style connection string")
    return value
