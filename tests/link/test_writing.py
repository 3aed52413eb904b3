"""The kit's files: right PowerShell and right VBA, whatever the names, and no password unasked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import powershell, vba
from wizard.link import Kit, KitJoin, KitTable, write_kit
from wizard.link.writing import powershell as ps_literal
from wizard.link.writing import vba as vba_literal
from wizard.messages import StageError
from wizard.objects import Name
from wizard.settings import Auth, Connection

NASTY = "a'b\"c’d“ $(x) `e` ]; #é漢😀\\u0041"
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=64)
KIT = Kit(
    source="src",
    file="Sales.accdb",
    tables=(
        KitTable("Orders", Name("dbo", "Orders"), "Orders_local"),
        KitTable(NASTY, Name(NASTY, "x"), NASTY[:5] + "_local", ("ID", NASTY)),
        KitTable("Files", Name("dbo", "Files")),
    ),
    joins=(KitJoin("jetferry_R", "Orders", ("A", "B"), NASTY, ("C", "D")),),
    connection=Connection("db.example.com", 1433, database="Sales;DB", auth=Auth.SQL, user="sa"),
    auth=Auth.WINDOWS,
)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    return texts(write_kit(tmp_path, KIT))


def texts(paths: tuple[Path, ...]) -> dict[str, str]:
    return {p.suffix: p.read_bytes().decode("utf-8-sig") for p in paths}


def test_powershell_parses_and_holds_the_names(files: dict[str, str]) -> None:
    text = files[".ps1"]
    assert powershell.mistakes(text) == []
    assert powershell.mistakes(text.replace("finally {", "finally ")) != []
    found = powershell.strings(text)
    assert {NASTY, f"{NASTY}.x", NASTY[:5] + "_local", "jetferry_R", "db.example.com,1433"} <= set(found)
    assert "\r\n" in text


@pytest.mark.timeout(400)
def test_a_package_s_kit_asks_for_server_and_database(tmp_path: Path) -> None:
    found = texts(write_kit(tmp_path, replace(KIT, connection=Connection())))
    assert powershell.mistakes(found[".ps1"]) == vba.mistakes(found[".bas"]) == []
    assert "$Server = Read-Host" in found[".ps1"]
    assert "-Server HOST -Database NAME" in found[".md"]
    assert found[".bas"].index("Asked(") < found[".bas"].index("Private Function TestServer")
    known = texts(write_kit(tmp_path, KIT))
    assert "Read-Host 'The server" not in known[".ps1"]
    assert "asks for the server" not in known[".md"]


@pytest.mark.timeout(400)
def test_vba_parses_and_holds_the_names(files: dict[str, str]) -> None:
    text = files[".bas"]
    assert text.isascii()
    assert vba.mistakes(text) == []
    assert vba.mistakes("Private Sub X()\r\n    If a Then\r\nEnd Sub\r\n") != []
    assert {NASTY, f"{NASTY}.x", NASTY[:5] + "_local", "jetferry_R", "db.example.com,1433"} <= set(vba.strings(text))


def test_vba_keeps_to_the_editor_s_limits(tmp_path: Path) -> None:
    wide = "漢" * 64
    tables = tuple(KitTable(f"{wide[:60]}{n}", Name(wide, wide), f"{wide[:50]}{n}", (wide,) * 10) for n in range(250))
    joins = tuple(KitJoin(f"j{n}", wide, (wide,) * 10, wide, (wide,) * 10) for n in range(120))
    text = texts(write_kit(tmp_path, replace(KIT, tables=tables, joins=joins)))[".bas"]
    lines = text.split("\r\n")
    assert max(map(len, lines)) <= 1023
    run = longest = 0
    for line in lines:
        run = run + 1 if line.endswith(" _") else 0
        longest = max(longest, run)
    assert longest <= 24
    assert text.count("AddTables25 tables") == text.count("JoinPart24 db, wanted") == 1
    assert max(len(p) for p in text.split("End Sub")) < 64_000


@settings(max_examples=40, deadline=None)
@given(NAMES)
def test_a_powershell_literal_means_its_text(name: str) -> None:
    assert powershell.strings(f"$a = {ps_literal(name)}\n") == [name]


@given(NAMES)
def test_a_vba_literal_means_its_text(name: str) -> None:
    literal = vba_literal(name)
    assert literal.isascii()
    assert literal.isprintable()
    assert vba.strings(literal) == [name]


def test_no_password_without_accepting_the_risk(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="JF7001"):
        write_kit(tmp_path, KIT, password="s3cret")
    assert list(tmp_path.iterdir()) == []
    made = texts(write_kit(tmp_path, KIT))
    assert not [t for t in made.values() if "PWD={" in t or "UID=sa" in t]
    assert "Trusted_Connection=Yes;Encrypt=Yes;TrustServerCertificate=No;APP={Microsoft Access}" in made[".ps1"]


def test_an_accepted_password_comes_with_a_warning(tmp_path: Path) -> None:
    made = texts(write_kit(tmp_path, KIT, password="s3;cr}et'", accept_password_risk=True))
    assert "UID=sa;PWD={s3;cr}}et''};Encrypt=Yes" in made[".ps1"]
    assert "UID=sa;PWD={s3;cr}}et'};Encrypt=Yes" in made[".bas"]
    assert "$KeepsPassword = $true" in made[".ps1"]
    assert all("WARNING" in made[s] for s in (".ps1", ".bas"))
    assert "hold a password" in made[".md"]
    assert powershell.mistakes(made[".ps1"]) == []


def test_without_a_server_the_script_asks(tmp_path: Path) -> None:
    made = texts(write_kit(tmp_path, replace(KIT, connection=Connection())))
    assert "[string]$Server = ''," in made[".ps1"]
    assert powershell.mistakes(made[".ps1"]) == []


def test_the_guide_tells_what_is_different(files: dict[str, str]) -> None:
    guide = files[".md"]
    for word in ("dbSeeChanges", "AutoNumber", "Pass-through", "-1", "Unlink", "Orders_local", "[dbo].[Orders]"):
        assert word in guide


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StageError, match="JF7002"):
        write_kit(tmp_path / "file", KIT)
