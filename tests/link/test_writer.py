"""The kit's files: right PowerShell and right VBA, whatever the names, and no password unasked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import powershell, vba
from wizard.link import Kit, KitJoin, KitTable, steps_of, write_kit
from wizard.link.code_changes import CodeChanges, LineChange, ModuleChange
from wizard.link.kit import KitHyperlink
from wizard.link.literals import powershell as ps_literal
from wizard.link.literals import powershell_data, vba_records
from wizard.link.literals import vba as vba_literal
from wizard.link.plan import records_of
from wizard.link.properties import LinkProperty
from wizard.link.queries import KitLeft, KitParameter, KitPass, KitQueries, KitView
from wizard.link.rules import KitRule
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
        KitTable(
            NASTY,
            Name(NASTY, "x"),
            NASTY[:5] + "_local",
            ("ID", NASTY),
            (LinkProperty(NASTY, "Caption", 10, "two\r\nlines"), LinkProperty("", "OrderByOn", 1, True)),
        ),
        KitTable("Files", Name("dbo", "Files")),
    ),
    joins=(KitJoin("jetferry_R", "Orders", ("A", "B"), NASTY, ("C", "D")),),
    connection=Connection("db.example.com", 1433, database="Sales;DB", auth=Auth.SQL, user="sa"),
    auth=Auth.WINDOWS,
    queries=KitQueries(
        views=(
            KitView("Q", "Q_local", "dbo.Q", "Q", ("ID",)),
            KitView(NASTY, "x", "dbo.x", "x_view", (), "SELECT * FROM [x_view] ORDER BY [A] DESC;" + "x" * 2000),
        ),
        passes=(
            KitPass("Run", "Run_local", "EXEC [dbo].[Run]", returns_records=False),
            KitPass(
                "Ask",
                "Ask_local",
                "SELECT * FROM [dbo].[Ask]($(1), $(2))",
                returns_records=True,
                parameters=(KitParameter("[Forms]![F]![C]", False, "date"), KitParameter(NASTY, True, "text")),
                called=(("M", 3),),
            ),
        ),
        left=(KitLeft("Stays", "code takes hold of its definition"),),
    ),
    rules=(KitRule("CK_Orders_Price", "Orders", "No price below zero, " + NASTY),),
    hyperlinks=(KitHyperlink("form", "F", NASTY),),
    code=CodeChanges(
        (
            ModuleChange(
                "M",
                4,
                17,
                5,
                2_147_483_646,
                (LineChange(3, ("a = 1",), ("b = 2", NASTY), "JF4500"), LineChange(4, ("c",), (), "JF4507")),
                "--- a/M\n+++ b/M\n@@ -3 +3,2 @@\n-a = 1\n+b = 2\n",
            ),
        )
    ),
)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    return texts(write_kit(tmp_path, KIT))


def texts(paths: tuple[Path, ...]) -> dict[str, str]:
    """The files by their endings; the module that stays in the application by its name."""
    named = [(p.name if p.name == "Jetferry.bas" else p.suffix, p) for p in paths]
    return {key: p.read_bytes().decode("utf-8-sig") for key, p in named}


def test_the_scripts_hold_the_plan_that_is_told(files: dict[str, str]) -> None:
    plan = json.loads(files[".json"])
    assert powershell.data(files[".ps1"], "Plan") == plan["steps"]
    assert vba.records(files[".bas"]) == [list(r) for r in records_of(steps_of(KIT))]
    told = {s["step"]: s["items"] for s in plan["steps"]}
    assert list(told) == [
        "Tables", "Properties", "Relationships", "Views", "Actions", "Parameters", "Messages", "Hyperlinks", "Code",
    ]  # fmt: skip
    assert [s["step"] for s in plan["steps"] if s["only_when_asked"]] == ["Parameters", "Hyperlinks", "Code"]
    assert told["Properties"][0]["value"] == "two\r\nlines"
    assert plan["left"] == [{"query": "Stays", "why": "code takes hold of its definition"}]
    assert files[".diff"].startswith("--- a/M\n+++ b/M\n")


def test_a_step_without_anything_to_do_is_not_there(tmp_path: Path) -> None:
    bare = replace(KIT, queries=KitQueries(), rules=(), hyperlinks=(), code=CodeChanges(), joins=())
    made = texts(write_kit(tmp_path, bare))
    assert ".diff" not in made
    assert [s["step"] for s in json.loads(made[".json"])["steps"]] == ["Tables", "Properties"]
    assert powershell.mistakes(made[".ps1"]) == []


_PLAIN = st.recursive(
    NAMES | st.text(max_size=9) | st.booleans() | st.integers(-9, 9999),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, min_size=1, max_size=2),
    max_leaves=6,
)


@given(_PLAIN)
def test_powershell_data_means_what_it_was(value: object) -> None:
    text = f"$x = {powershell_data(value)}\n"
    assert powershell.data(text, "x") == value


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=700), min_size=1), max_size=4))
def test_vba_records_mean_what_they_were(records: list[list[str]]) -> None:
    lines = list(vba_records(records))
    assert max(map(len, lines), default=0) <= 1000
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert vba.records("".join(f"    {line}\r\n" for line in lines)) == records


def test_powershell_parses_and_holds_the_names(files: dict[str, str]) -> None:
    text = files[".ps1"]
    assert powershell.mistakes(text) == []
    assert powershell.mistakes(text.replace("finally {", "finally ")) != []
    found = powershell.strings(text)
    assert {NASTY, f"{NASTY}.x", NASTY[:5] + "_local", "jetferry_R", "db.example.com,1433"} <= set(found)
    assert "\r\n" in text


@pytest.mark.parametrize("file", ["a#>; calc; <#.accdb", "a\n#>\ncalc\n.accdb", "a##>>#> _.accdb"])
def test_no_name_of_a_file_ends_the_comment_it_stands_in(tmp_path: Path, file: str) -> None:
    """What follows would be run as code by whoever runs the kit."""
    paths = write_kit(tmp_path, replace(KIT, file=file, source=file))
    (script,) = (p.read_text("utf-8-sig") for p in paths if p.suffix == ".ps1")
    head, _, rest = script.partition("#>")
    assert head.startswith("<#")
    assert rest.lstrip().startswith("[CmdletBinding()]")
    assert powershell.mistakes(script) == []
    assert "\n" in file or file in powershell.strings(rest)


def test_a_package_s_kit_asks_for_server_and_database(tmp_path: Path) -> None:
    found = texts(write_kit(tmp_path, replace(KIT, connection=Connection())))
    assert powershell.mistakes(found[".ps1"]) == []
    assert "$Server = Read-Host" in found[".ps1"]
    assert "-Server HOST -Database NAME" in found[".md"]
    assert 'Asked("", "The server' in found[".bas"]
    assert 'Asked("db.example.com,1433", "The server' in texts(write_kit(tmp_path, KIT))[".bas"]
    known = texts(write_kit(tmp_path, KIT))
    assert "Read-Host 'The server" not in known[".ps1"]
    assert "asks for the server" not in known[".md"]


@pytest.mark.timeout(400)
def test_vba_parses_and_holds_the_names(files: dict[str, str]) -> None:
    text = files[".bas"]
    assert text.isascii()
    assert files["Jetferry.bas"].isascii()
    assert vba.mistakes(text) == vba.mistakes(files["Jetferry.bas"]) == []
    assert vba.mistakes("Private Sub X()\r\n    If a Then\r\nEnd Sub\r\n") != []
    assert {NASTY, f"{NASTY}.x", NASTY[:5] + "_local", "jetferry_R", "db.example.com,1433"} <= set(vba.strings(text))


def test_vba_keeps_to_the_editor_s_limits(tmp_path: Path) -> None:
    wide = "漢" * 64
    tables = tuple(KitTable(f"{wide[:60]}{n}", Name(wide, wide), f"{wide[:50]}{n}", (wide,) * 10) for n in range(250))
    joins = tuple(KitJoin(f"j{n}", wide, (wide,) * 10, wide, (wide,) * 10) for n in range(120))
    kit = replace(KIT, tables=tables, joins=joins)
    text = texts(write_kit(tmp_path, kit))[".bas"]
    lines = text.split("\r\n")
    assert max(map(len, lines)) <= 1023
    run = longest = 0
    for line in lines:
        run = run + 1 if line.endswith(" _") else 0
        longest = max(longest, run)
    assert longest <= 24
    assert max(len(p) for p in text.split("End Sub")) < 64_000
    assert len(vba.records(text)) == sum(len(s.items) for s in steps_of(kit)) > 370


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
