"""What is told of data macros, saved imports, ribbons, startup properties and libraries of 32 bits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.assess.test_application import DATA, assessed
from tests.convert.test_triggers import STAMP, action, macro
from tests.uses.build import application, database, table
from tests.uses.build import macro as named_macro
from wizard.access import AccessFile
from wizard.access.application import Application, Reference, Ribbon, SavedTransfer, read_application
from wizard.access.application.inspect import describe
from wizard.access.application.source_files import source_files
from wizard.access.diagnostics import Diagnostics

STAMPED = STAMP.replace("Changed", "Note")


def told(app: Application) -> list[tuple[int, str]]:
    return [(m.number, m.text) for m in assessed(app, DATA).messages if 4531 <= m.number <= 4540]


def test_a_data_macro_has_a_trigger_or_a_reason() -> None:
    app = Application(data_macros=(macro("BeforeChange", STAMPED), macro("AfterUpdate", action("SendEmail"))))
    (written, left) = told(app)
    assert written[0] == 4531
    assert "Triggers.sql" in written[1]
    assert left[0] == 4532
    assert "it has SendEmail." in left[1]


def test_saved_imports_are_named_with_their_file() -> None:
    transfers = (
        SavedTransfer("Weekly", "saved import", r"C:\x.csv", "Orders"),
        SavedTransfer("S", "text specification"),
        SavedTransfer("Own", "saved export", r"C:\x.txt", "MSysIMEXColumns"),
    )
    ((number, text),) = told(Application(transfers=transfers))
    assert number == 4533
    assert "saved import Weekly" in text
    assert "Orders" in text


def test_ribbons_and_startup_are_told() -> None:
    app = Application(
        ribbons=(Ribbon("Main", "<customUI/>"),),
        startup={"StartUpForm": "Start", "AllowBypassKey": "False", "AllowFullMenus": "True"},
        macros=(named_macro("AutoExec", ("Beep",)),),
    )
    ribbon, startup = told(app)
    assert ribbon[0] == 4534
    assert startup[0] == 4535
    assert "form Start and macro AutoExec open first; AllowBypassKey is off" in startup[1]
    assert told(Application(startup={"StartUpForm": "(none)"})) == []


def test_the_ribbons_table_should_stay_local() -> None:
    data = database(table("USysRibbons", "RibbonName"))
    assert [m.number for m in assessed(Application(), data).messages] == [4537]


@pytest.mark.parametrize(
    ("library", "missing"),
    [
        (r"*\G{00025E01-0000-0000-C000-000000000046}#5.0#0#C:\Common\DAO\dao360.dll#Microsoft DAO 3.6", True),
        (r"*\G{4AC9E1DA}#c.0#0#C:\Office\ACEDAO.DLL#Microsoft Access database engine", False),
        ("nonsense", False),
    ],
)
def test_libraries_that_64_bit_access_does_not_have(library: str, missing: bool) -> None:
    found = told(Application(references=(Reference("DAO", library),)))
    assert [n for n, _ in found] == ([4536] if missing else [])


@pytest.mark.corpus
def test_a_real_file_has_its_saved_export_and_its_specifications(shared: Path) -> None:
    path = shared / "application" / "corpus" / "vcs_testing2020.accdb"
    with AccessFile.open(str(path)) as file:
        found = read_application(file.pages, Diagnostics())
    shown = describe(found)
    assert [(t["name"], t["kind"], t["object"]) for t in shown["saved_transfers"]] == [
        ("Export-MSysIMEXColumns", "saved export", "MSysIMEXColumns"),
        ("Linked Link Specification", "text specification", ""),
        ("Test 2", "text specification", ""),
    ]
    assert shown["startup"]["AppTitle"] == "Version Control Testing"
    written = {f"{f.folder}/{f.name}" for f in source_files(found, ())}
    assert "imports-exports/Export-MSysIMEXColumns.xml" in written


def test_nothing_is_told_where_there_is_nothing() -> None:
    assert told(application()) == []
