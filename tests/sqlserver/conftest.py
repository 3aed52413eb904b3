"""One checker for all tests of this room that one process runs."""

from __future__ import annotations

import pytest

from tests.sqlserver import client
from tests.sqlserver.client import Checker
from tests.sqlserver.install import lacking


@pytest.fixture(scope="session")
def checker() -> Checker:
    """The test is skipped, with the reason, where Microsoft's tools cannot run."""
    if why := lacking():
        pytest.skip(why)
    return client.shared()
