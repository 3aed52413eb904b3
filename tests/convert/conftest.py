"""A session on the test server for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wizard.sqlserver import odbcstring
from wizard.sqlserver.connection import Session


@pytest.fixture(scope="module")
def session(server: str) -> Iterator[Session]:
    connection, password = odbcstring.settings(server)
    with Session.open(connection, password) as opened:
        yield opened
