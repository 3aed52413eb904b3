"""A session on the test server for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession


@pytest.fixture(scope="module")
def session(server: str) -> Iterator[ServerSession]:
    connection, password = connection_string.settings(server)
    with ServerSession.open(connection, password) as opened:
        yield opened
