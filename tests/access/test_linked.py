"""Linked tables are told apart, and no password of a connect string gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.access.linked_tables import linked_table
from wizard.access.redaction import part, without_secrets
from wizard.definitions import LinkKind


@pytest.mark.parametrize(
    ("connect", "shown"),
    [
        ("ODBC;DRIVER={Driver 18};UID=u;PWD=secret;DATABASE=d", "ODBC;DRIVER={Driver 18};UID=u;DATABASE=d"),
        ("MS Access;PWD=secret", "MS Access"),
        (";pwd=secret;DATABASE=c:\\x.mdb", ";DATABASE=c:\\x.mdb"),
        ("ODBC;PWD={se;cr}}et};UID=u", "ODBC;UID=u"),
        ("ODBC;Password = secret;UID=u", "ODBC;UID=u"),
        ('ODBC;PWD="se;cret";UID=u', "ODBC;UID=u"),
        ("ODBC;DATABASE=C:\\Bob's\\x;PWD=secret;APP=it's", "ODBC;DATABASE=C:\\Bob's\\x;APP=it's"),
        ("ODBC;DSN=x;Jet OLEDB:Database Password=secret", "ODBC;DSN=x"),
        ("ODBC;DSN=pwd;DATABASE=password", "ODBC;DSN=pwd;DATABASE=password"),
        ("Text;;HDR=NO", "Text;;HDR=NO"),
        ("", ""),
    ],
)  # fmt: skip
def test_passwords_are_cut_out_and_the_rest_stays(connect: str, shown: str) -> None:
    assert without_secrets(connect) == shown


SECRET = "s3cr3tW0rd"


OTHERS = ["ODBC", "UID=u", "DSN={a;b}", "DATABASE=Bob's", 'APP="x', "X={", "Y=}", "=", "'", ""]


@given(
    st.lists(st.sampled_from(OTHERS), max_size=6),
    st.integers(0, 6),
    st.sampled_from(["PWD", "pwd ", " Password", "AccessToken"]),
)  # fmt: skip
def test_wherever_a_password_stands_it_is_cut_out(parts: list[str], at: int, key: str) -> None:
    parts.insert(at, f"{key}={SECRET}")
    assert SECRET not in without_secrets(";".join(parts))


@pytest.mark.parametrize(
    ("connect", "odbc", "kind"),
    [
        ("", False, LinkKind.ACCESS),
        (";PWD=x", False, LinkKind.ACCESS),
        ("MS Access;PWD=x;DATABASE=c:\\b.accdb", False, LinkKind.ACCESS),
        ("Excel 12.0 Xml;HDR=YES;IMEX=2", False, LinkKind.EXCEL),
        ("Text;DSN=Spec;FMT=Delimited;HDR=NO", False, LinkKind.TEXT),
        ("DSN=x;UID=y", True, LinkKind.ODBC),
        ("WSS;HDR=NO;LIST={GUID}", False, LinkKind.OTHER),
        ("dBASE IV;", False, LinkKind.OTHER),
    ],
)
def test_kinds(connect: str, odbc: bool, kind: LinkKind) -> None:
    assert linked_table("T", connect, "", "", odbc=odbc).kind is kind


def test_an_odbc_table_names_its_database_and_shows_its_prefix() -> None:
    found = linked_table("T", "DSN=x;DATABASE={sa;les};PWD=secret", "", "dbo.T", odbc=True)
    assert (found.connect, found.database, found.foreign_name) == ("ODBC;DSN=x;DATABASE={sa;les}", "sa;les", "dbo.T")
    assert linked_table("T", "", "c:\\b.mdb", "", odbc=False).foreign_name == "T"
    assert part("A=1;b={x}}y}", "B") == "x}y"
