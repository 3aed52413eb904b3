"""Connection strings hold any value safely and are read as ODBC reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.messages import TargetError
from wizard.settings import Auth, Connection, Encryption
from wizard.sqlserver.connection_string import parameters, parse, settings, text

VALUES = st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), min_size=1, max_size=20)


@given(st.dictionaries(st.sampled_from(["UID", "PWD", "Server", "Database"]), VALUES, min_size=1))
def test_what_is_written_is_read_back(given: dict[str, str]) -> None:
    assert parse(text(given)) == {k.casefold(): v for k, v in given.items()}


@given(VALUES)
def test_a_password_cannot_bring_keywords_of_its_own(password: str) -> None:
    given = parameters(Connection.at("db", user="sa"), password)
    assert parse(text(given)) == {k.casefold(): v for k, v in given.items()}
    assert given["Encrypt"] == "yes"


def test_a_zero_character_is_refused() -> None:
    with pytest.raises(TargetError) as refused:
        text({"PWD": "a\0b"})
    assert refused.value.message.number == 5013


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        (Connection.at(r"host\EXPRESS", database="d b", user="u"),
         {"Server": r"host\EXPRESS", "Database": "d b", "UID": "u", "PWD": "p", "Encrypt": "yes"}),
        (Connection.at("host,1444", auth=Auth.WINDOWS, user="ignored", encryption=Encryption.STRICT),
         {"Server": "host,1444", "Trusted_Connection": "yes", "Encrypt": "strict"}),
        (Connection.at("host", auth=Auth.ENTRA_MANAGED_IDENTITY, user="id", encryption=Encryption.OPTIONAL),
         {"Server": "host", "Authentication": "ActiveDirectoryMsi", "UID": "id", "Encrypt": "no"}),
        (Connection.at("host", auth=Auth.ENTRA_SERVICE_PRINCIPAL, user="app", trust_certificate=True),
         {"Server": "host", "Authentication": "ActiveDirectoryServicePrincipal", "UID": "app", "PWD": "p",
          "Encrypt": "yes", "TrustServerCertificate": "yes"}),
    ],
)  # fmt: skip
def test_settings_become_keywords(connection: Connection, expected: dict[str, str]) -> None:
    assert parameters(connection, "p") == expected


@pytest.mark.parametrize(("user", "password"), [("", "p"), ("u", "")])
def test_what_signing_in_needs_is_asked_for(user: str, password: str) -> None:
    with pytest.raises(TargetError) as refused:
        parameters(Connection.at("host", user=user), password)
    assert refused.value.message.number == 5015


def test_an_administrators_string_is_understood() -> None:
    given = "Driver={ODBC Driver 18 for SQL Server};Server=tcp:db.example,1444;Database=Shop;"
    given += "Uid=me;Pwd={a;}}b};Encrypt=strict"
    connection, password = settings(given)
    assert (connection.host, connection.port, connection.database) == ("db.example", 1444, "Shop")
    assert (connection.user, password, connection.encryption) == ("me", "a;}b", Encryption.STRICT)


@pytest.mark.parametrize(
    "string", ["", "Server", "Server=a,x", "Server={a", "Database=b", "Server=a;Authentication=Magic"]
)
def test_a_broken_string_is_refused_with_the_reason(string: str) -> None:
    with pytest.raises(TargetError) as refused:
        settings(string)
    assert refused.value.message.number == 5013
