"""What stage 3 says of a server that is too old for what will be sent to it."""

from __future__ import annotations

import pytest

from wizard.settings import Connection, SqlVersion
from wizard.sqlserver.connection_test import ServerInfo, lacking

AZURE = "Azure SQL Database"


def said(version: str, wanted: SqlVersion | None, product: str = "", level: int = 130) -> list[int]:
    info = ServerInfo(version, product or "SQL Server", "Standard", "db", level, "c", "u", (), True, True)
    return [m.number for m in lacking(info, Connection(host="h"), wanted)]


@pytest.mark.parametrize(
    ("version", "wanted", "numbers"),
    [
        ("13.0.1601.5", SqlVersion.V2016, [5024]),
        ("13.0.4000.9", SqlVersion.V2016, [5024]),
        ("13.0.4001.0", SqlVersion.V2016, []),
        ("13.0.6300.2", SqlVersion.V2017, [5025]),
        ("13.0.1601.5", SqlVersion.V2022, [5024, 5025]),
        ("14.0.1000.1", SqlVersion.V2016, []),
        ("15.0.2000.5", SqlVersion.V2022, [5025]),
        ("16.0.1000.6", SqlVersion.V2022, []),
        ("17.0.900.7", SqlVersion.V2022, []),
        ("12.0.2000.8", SqlVersion.V2016, [5019]),
        ("12.0.2000.8", SqlVersion.V2022, [5019]),
        ("", SqlVersion.V2022, []),
        ("13", None, []),
    ],
)
def test_a_server_is_held_against_what_it_has_and_what_is_written_for_it(
    version: str, wanted: SqlVersion | None, numbers: list[int]
) -> None:
    assert said(version, wanted) == numbers


def test_azure_has_all_whatever_number_it_gives() -> None:
    assert said("12.0.2000.8", SqlVersion.V2025, AZURE) == []


def test_a_low_level_is_told_as_before() -> None:
    assert said("15.0.2000.5", SqlVersion.V2019, level=110) == [5020]


@pytest.mark.parametrize(("version", "major"), [("2016", 13), ("2017", 14), ("2019", 15), ("2022", 16), ("2025", 17)])
def test_versions_and_the_numbers_that_servers_give(version: str, major: int) -> None:
    assert SqlVersion(version).major == major
