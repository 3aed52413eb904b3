"""Server names and keywords as people write them: passed on, or told with what to write instead."""

from __future__ import annotations

import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.messages import TargetError
from wizard.project.document import BrokenRuleError, from_document, to_document
from wizard.project.model import Project
from wizard.server_name import (
    ServerName,
    ServerNameError,
    check_keyword,
    network_name,
    read_keyword,
    same_for_all,
    windows_only,
)
from wizard.settings import Connection
from wizard.sqlserver.connection_string import parameters, settings
from wizard.sqlserver.connection_test import ConnectionStep, Tier, check


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("db", ServerName("db")),
        (" db.example.com , 1444 ", ServerName("db.example.com", 1444)),
        (r"db\SQL2019", ServerName("db", None, "SQL2019")),
        (r"db\SQL2019,1444", ServerName("db", 1444, "SQL2019")),
        (".", ServerName(".")),
        (r".\SQLEXPRESS", ServerName(".", None, "SQLEXPRESS")),
        ("(local)", ServerName("(local)")),
        ("tcp:db.example.com,1433", ServerName("db.example.com", 1433)),
        ("TCP:db", ServerName("db")),
        ("db.example.com.", ServerName("db.example.com")),
        ("::1", ServerName("::1")),
        ("::1,1433", ServerName("::1", 1433)),
        ("[2001:db8::7],1444", ServerName("2001:db8::7", 1444)),
        ("[2001:db8::7]:1444", ServerName("2001:db8::7", 1444)),
        (r"[::1]\SQL", ServerName("::1", None, "SQL")),
        (r"[::1]\SQL,1444", ServerName("::1", 1444, "SQL")),
        ("[::1] , 1433", ServerName("::1", 1433)),
        ("[::1]", ServerName("::1")),
        ("tcp:[::1],1433", ServerName("::1", 1433)),
        ("[fe80::1%25eth0]", ServerName("fe80::1%eth0")),
        ("[fe80::1%25eth0],1433", ServerName("fe80::1%eth0", 1433)),
        ("[fe80::1%25]", ServerName("fe80::1%25")),
        ("[fe80::1%eth0]", ServerName("fe80::1%eth0")),
        ("localhost.", ServerName("localhost")),
        ("tcp:.", ServerName(".")),
        ("np:.", ServerName("np:.")),
        ("fe80::1%eth0", ServerName("fe80::1%eth0")),
        ("bücher.example,1433", ServerName("bücher.example", 1433)),
        (r"(localdb)\MSSQLLocalDB", ServerName("(localdb)", None, "MSSQLLocalDB")),
        (r"np:\\db\pipe\sql\query", ServerName(r"np:\\db\pipe\sql\query")),
        (r"\\.\pipe\sql\query", ServerName(r"np:\\.\pipe\sql\query")),
        ("lpc:db", ServerName("lpc:db")),
        ("my_server", ServerName("my_server")),
        (r"db\SQL$2019", ServerName("db", None, "SQL$2019")),
        (r"(localdb)\.\shared", ServerName("(localdb)", None, r".\shared")),
        ("db\\", ServerName("db")),
        ("", ServerName("")),
    ],
)
def test_names_are_understood(written: str, name: ServerName) -> None:
    assert ServerName.read(written) == name


NAMELESS = (
    "..",
    "...",
    "\\",
    "\\\\",
    r"\INST",
    "tcp:",
    "TCP: ",
    "[]",
    "[],1433",
    ",1433",
    r"..\INST",
    "np:",
    "lpc:",
    "np:\\\\",
)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("db:1433", "db,1433"),
        ("db,x", "1 to 65535"),
        ("db,", "1 to 65535"),
        ("db,0", "1 to 65535"),
        ("db,70000", "1 to 65535"),
        ("db,\uff11\uff14\uff13\uff13", "1 to 65535"),
        ("https://db.example.com", "name alone"),
        ("admin:db", "without it"),
        ("dedicated admin:db", "dedicated admin: .* without it"),
        ("Dedicated Admin:", "without it"),
        ("tcp:np:db", "has tcp: and np:; write one"),
        ("np:tcp:db", "has np: and tcp:; write one"),
        ("tcp:admin:db", "has tcp: and admin:"),
        *((nameless, "names no server; write HOST") for nameless in NAMELESS),
        ("db..", "cannot be the name"),
        ("db:x", "write HOST, HOST,PORT"),
        ("[::1", r"lacks the bracket that closes the address: \[::1\]"),
        ("[::1,1433", r"lacks the bracket that closes the address: \[::1\]"),
        ("[::1]1433", r"comma: \[::1\],1433"),
        ("[::1],,1433", "1 to 65535"),
        ("[::1]:", "1 to 65535"),
        ("[db],1433", "write db,1433"),
        ("::1.", "no IPv6"),
        ("fe80::1%", "fe80::1%ZONE"),
        ("a..b", "cannot be the name"),
        ("two words", "cannot be the name"),
        ("x" * 64, "cannot be the name"),
        ("1:2:3:4:5:6:7:8:9", "no IPv6"),
        ("db;1433", "db,1433"),
        ("db/SQL2019", r"db\\SQL2019"),
        ("//db/SQL2019", r"db\\SQL2019"),
        ("x.database.windows.net/", "cannot be the name of a server"),
        ("'db'", "cannot be the name of a server"),
        ('"db"', "cannot be the name of a server"),
        ("{db}", "cannot be the name of a server"),
        ("db]", "cannot be the name of a server"),
        ("a." * 130, "cannot be the name of a server"),
        (r"db\one\two", "name of an instance"),
        (r"db\my sql", "name of an instance"),
    ],
)
def test_what_cannot_be_a_name_is_told_with_what_to_write(written: str, said: str) -> None:
    with pytest.raises(ServerNameError, match=said):
        ServerName.read(written)


@given(st.text(max_size=30))
def test_any_text_is_a_name_or_a_server_name_error(written: str) -> None:
    with suppress(ServerNameError):
        name = ServerName.read(written)
        if not windows_only(name.host):
            network_name(name.host)


@given(st.text(alphabet="[]:.,\\ %1adtcpn", min_size=1, max_size=12).filter(str.strip))
def test_what_is_written_never_becomes_an_empty_name(written: str) -> None:
    with suppress(ServerNameError):
        assert ServerName.read(written).host.strip()


def test_the_driver_gets_what_it_takes() -> None:
    def server(written: str) -> str:
        return parameters(Connection.at(written, user="u"), "p")["Server"]

    assert server(".") == server("(local)") == "localhost"
    assert server(r".\A") == r"localhost\A"
    assert server("bücher.example,1444") == "xn--bcher-kva.example,1444"
    assert server("[::1],1433") == "::1,1433"


@pytest.mark.skipif(sys.platform == "win32", reason="there they work")
@pytest.mark.parametrize("written", [r"np:\\db\pipe\sql\query", "lpc:db", r"(localdb)\x"])
def test_what_windows_alone_has_is_told_elsewhere(written: str) -> None:
    connection = Connection.at(written, user="u")
    (verdict,) = check(connection, "p")
    assert (verdict.step, verdict.passed, verdict.messages[0].number) == (ConnectionStep.REACH, False, 5021)
    with pytest.raises(TargetError, match="Windows alone"):
        parameters(connection, "p")


@pytest.mark.parametrize(
    ("ways", "same"),
    [
        (("sql1", "SQL1", "tcp:sql1", "sql1,1433", "sql1."), "sql1"),
        ((".", "(local)", "localhost", "127.0.0.1", "127.0.0.1,1433", "::1"), "localhost"),
        (("host\\Express", "HOST\\EXPRESS"), "host\\express"),
        (("host,1450", "tcp:host,1450"), "host,1450"),
    ],
)
def test_a_server_is_the_same_however_it_is_written(ways: tuple[str, ...], same: str) -> None:
    assert {same_for_all(w) for w in ways} == {same}


@pytest.mark.parametrize("written", [".", "no-such-host.invalid", "bücher.invalid"])
def test_no_name_ends_a_test_with_an_internal_error(written: str) -> None:
    verdicts = list(check(Connection.at(f"{written},1", user="u", timeout=1), "p"))
    assert not verdicts[-1].passed


def test_more_of_the_connection_string_is_passed_on_and_kept() -> None:
    more = (("MultiSubnetFailover", "yes"), ("HostNameInCertificate", "db.internal"))
    connection = Connection.at("db", user="u", more=more)
    assert parameters(connection, "p") | dict(more) == parameters(connection, "p")
    project = from_document(to_document(Project("p", connection=connection)))
    assert project.connection == connection
    assert to_document(project)["server"]["more"] == dict(more)
    assert "more" not in to_document(Project("p", connection=Connection("db")))["server"]


@pytest.mark.parametrize("key", ["PWD", "password", "AccessToken", "Uid", "Server", "Encrypt", "Driver", "a;b", "a=b"])
def test_secrets_and_settings_have_no_place_among_them(key: str) -> None:
    with pytest.raises(ServerNameError):
        check_keyword(key, "x")
    document = to_document(Project("p", connection=Connection("db")))
    document["server"]["more"] = {key: "x"}
    with pytest.raises(BrokenRuleError):
        from_document(document)


@pytest.mark.parametrize(
    "written",
    ["ClientCertificate=file:a.pfx,password:x", "ClientCertificate=file:a.pfx, PASSWORD : x", "WSID=a;PWD=x"],
)
def test_no_value_among_them_has_a_password_within(written: str) -> None:
    with pytest.raises(ServerNameError, match="a password has no place here"):
        read_keyword(written)
    assert read_keyword("ClientCertificate=file:password.pfx") == ("ClientCertificate", "file:password.pfx")


def test_keywords_are_of_the_form_key_value() -> None:
    assert read_keyword(" ApplicationIntent = ReadWrite ") == ("ApplicationIntent", "ReadWrite")
    with pytest.raises(ServerNameError, match="KEY=VALUE"):
        read_keyword("ApplicationIntent")


def test_a_connection_string_s_server_may_be_written_in_any_way() -> None:
    assert settings("Server=tcp:[::1],1444;Database=d")[0].server == "::1,1444"
    with pytest.raises(TargetError, match="db,1433"):
        settings("Server=db:1433")


def test_a_tier_of_azure_is_written_as_its_create_database_wants_it() -> None:
    assert Tier("GeneralPurpose", "GP_S_Gen5_1", "32 gb").clause() == (
        " (EDITION = 'GeneralPurpose', SERVICE_OBJECTIVE = 'GP_S_Gen5_1', MAXSIZE = 32 GB)"
    )
    assert Tier().clause() == ""
    assert Tier(objective="x'); DROP").clause() == " (SERVICE_OBJECTIVE = 'x''); DROP')"
    with pytest.raises(ValueError, match="2 GB"):
        Tier(size="big").clause()
