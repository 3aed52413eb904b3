"""Keys that arrive in one read, as over SSH: each goes where it would have gone alone, in every form.

The bytes go through Textual's parser and driver, as a terminal's do: a pilot's keys wait for each other.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from textual._xterm_parser import XTermParser
from textual.screen import ModalScreen
from textual.widgets import Input, Select, TextArea

from screens.app import WizardApp
from screens.conversion_editors import StatementEditor
from screens.find_files import FindFiles
from screens.map import DestinationDialog
from screens.new_project import NewProjectDialog
from screens.reading_options import ReadAs, ReadOptions
from screens.repair_dialog import RepairDialog
from screens.type_rules import RuleDialog
from screens.widgets.chooser import Chooser
from screens.widgets.dialogs import Ask
from screens.widgets.files import FilePicker, SourcePicker
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.events import Stage
from wizard.messages import RowProblem
from wizard.objects import TableRef
from wizard.settings import Repair, RepairRule, Target, TargetKind, TypeRule
from wizard.stages import Destination, Migration

BACK: Final = "\x1b[Z"
DOWN: Final = "\x1b[B"
F9: Final = "\x1b[20~"
CLEAR: Final = "\x01\x0b"
"""to the beginning of the field, and away with the rest"""


async def burst(d: Driver, keys: str) -> None:
    """All keys in one read."""
    driver = d.app._driver
    assert driver is not None
    for event in XTermParser().feed(keys):
        driver.process_message(event)
    await d.settle()


@dataclass(frozen=True)
class Form:
    make: Callable[[Migration], ModalScreen[Any]]
    keys: str
    """ends before the dialog is closed"""
    holds: dict[str, object]
    """by selector, what each field must hold"""


FORMS: Final = (
    Form(lambda _: NewProjectDialog(), f"{CLEAR}books\t{CLEAR}/tmp", {"#name": "books", "#folder": "/tmp"}),
    Form(
        lambda _: DestinationDialog("books", Destination("dbo"), ("sales",), ("dbo",), lambda _: None),
        f"{CLEAR}shop\t\t{CLEAR}sales",
        {"#schema": "shop", "#database": "sales"},
    ),
    Form(
        lambda m: RuleDialog(m.project, TypeRule("text", "nvarchar(*)")),
        f"\t1\t50\t{CLEAR}varchar(50)",
        {"#low": "1", "#high": "50", "#target": "varchar(50)"},
    ),
    Form(
        lambda m: RepairDialog(m, RepairRule(RowProblem.DATE, Repair.VALUE, "2000-01-01")),
        f"\r{DOWN * 3}\r\t{CLEAR}1900-01-02",
        {"#value": "1900-01-02", "#repair": "value"},
    ),
    Form(
        lambda _: ReadAs("books", ReadOptions("", False), lambda _: None),
        "cp1251\t ",
        {"#code-page": "cp1251", "#salvage": True},
    ),
    Form(lambda _: FilePicker("Open", (".toml",)), f"{BACK}{CLEAR}/tmp/a b", {"#path": "/tmp/a b"}),
    Form(
        lambda _: SourcePicker("Add", (".mdb",)),
        f"\tcp1250{BACK}{BACK}{CLEAR}/x",
        {"#code-page": "cp1250", "#path": "/x"},
    ),
    Form(lambda _: FindFiles(Path("/")), f"{CLEAR}/tmp\tbooks", {"#folder": "/tmp", "#part": "books"}),
    Form(lambda _: Ask("Name"), f"old{CLEAR}new", {"#answer": "new"}),
    Form(lambda _: StatementEditor(TableRef("b", "q"), "", {}), "SELECT 1\r\r-- x", {"#sql": "SELECT 1\n\n-- x"}),
)


def project(folder: Path, target: Target | None = None) -> Path:
    shutil.copy(SAMPLE, folder)
    with Migration.create(folder / "books", name="Books", target=target) as m:
        m.sources.add(folder / SAMPLE.name)
        m.project.confirm()
        m.sources.confirm()
    return folder / "books"


async def opened(d: Driver, path: Path, stage: Stage) -> None:
    d.app.open(path)
    await d.until(lambda: d.stage is not None)
    d.app.go(stage)
    await d.goes_to(stage)


def test_every_form_takes_a_burst(home: Path) -> None:
    async def todo(d: Driver) -> None:
        await opened(d, project(home), Stage.SOURCES)
        for form in FORMS:
            dialog = form.make(d.app.migration)
            d.app.push_screen(dialog)
            await d.settle()
            await burst(d, form.keys)
            held = {}
            for selector in form.holds:
                field = dialog.query_one(selector)
                held[selector] = field.text if isinstance(field, TextArea) else field.value
            assert held == form.holds, type(dialog).__name__
            dialog.dismiss()
            await d.settle()

    drive(WizardApp(home / "no such project"), todo)


def test_a_password_is_never_typed_into_the_users_field(home: Path) -> None:
    async def todo(d: Driver) -> None:
        await opened(d, project(home, Target(TargetKind.SQL_SERVER)), Stage.CONNECT)
        await burst(d, "db1\t\tsa\tSecret\tbooks")
        screen = d.app.screen
        held = {i.id: i.value for i in screen.query(Input)}
        assert held == {"server": "db1", "user": "sa", "password": "Secret", "database": "books", "timeout": "15"}
        await burst(d, f"\t\t\t\t\x15{CLEAR}30\t ")
        assert screen.query_one("#timeout", Input).value == "30"
        assert screen.query_one("#trust").value is True
        await burst(d, f"{BACK}{BACK}\r{DOWN}\r\t{CLEAR}20")
        assert screen.query_one("#encryption", Select).value == "strict"
        assert screen.query_one("#timeout", Input).value == "20", "a list that opened has closed before the next key"

    drive(WizardApp(), todo)


def test_a_key_opens_a_dialog_and_the_keys_behind_it_go_into_it(home: Path) -> None:
    async def todo(d: Driver) -> None:
        await opened(d, project(home), Stage.SOURCES)
        await burst(d, f"a{BACK}{CLEAR}/no/such.mdb")
        assert d.app.screen.query_one("#path", Input).value == "/no/such.mdb"
        await d.keys("escape")
        await d.until(lambda: d.stage is Stage.SOURCES)
        await burst(d, "/Orders\r")
        assert d.app.screen.query_one("#filter", Input).value == "Orders"
        assert d.app.focused is d.app.screen.query_one("#tree")

    drive(WizardApp(), todo)


def test_a_burst_through_a_list_to_choose_from(home: Path) -> None:
    chosen: list[str | None] = []

    async def todo(d: Driver) -> None:
        d.app.push_screen(Chooser("Databases", ("alpha", "beta", "bevel")), chosen.append)
        await d.settle()
        await burst(d, f"be{DOWN}\r")

    drive(WizardApp(), todo)
    assert chosen == ["bevel"]


def test_keys_behind_what_a_dialog_tries_are_meant_for_what_comes_after(home: Path) -> None:
    """The second Esc would close the dialog in which the type is still being checked, not the editor below it."""

    path = project(home)
    with Migration.open(path) as m:
        m.prepare()
        m.convert.run()

    async def todo(d: Driver) -> None:
        await opened(d, path, Stage.CONVERT)
        await d.tab_to("tree")
        await d.keys("home", "down", "enter")
        assert "Edit Publishers" in d.text
        await burst(d, f"{DOWN}\r\r\x05\x15nvarchar(120)\r\x1b[27u")
        assert d.stage is Stage.CONVERT
        assert "✓* Publishers" in d.text

    drive(WizardApp(), todo)
