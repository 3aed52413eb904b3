"""Whatever dialog lies over a stage at work, what its worker or thread says arrives on the stage's screen."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widgets import Static

import screens
from screens.app import WizardApp
from screens.context_menu import ContextMenu, MenuEntry
from screens.conversion_editors import StatementEditor, TableEditor
from screens.estate_dialogs import EstateDialog, FactsDialog
from screens.find_files import FindFiles
from screens.jump import JumpLabels
from screens.map import DestinationDialog
from screens.new_project import NewProjectDialog
from screens.reading_options import ReadAs, ReadOptions
from screens.rejects import RejectsDialog
from screens.repair_dialog import RepairDialog
from screens.run_report import ReportDialog
from screens.scripts_dialog import ScriptsDialog
from screens.stage_screen import StageScreen
from screens.type_rules import RuleDialog
from screens.used_by import UsedByDialog
from screens.widgets.chooser import Chooser
from screens.widgets.dialogs import Answer, Ask, Question
from screens.widgets.files import FilePicker, SourcePicker
from screens.widgets.help import HelpScreen
from screens.widgets.listing import Listing
from screens.widgets.message_list import MessageList
from screens.widgets.object_pane import ObjectDialog
from screens.widgets.table import TableDialog
from screens.worker_watch import WorkerWatch
from tests.screens.conftest import Driver, drive
from tests.screens.stand_ins import Worker
from tests.screens.test_losses import KEY, at_stage_8, make
from wizard.events import Event, ObjectLoaded, Progress, Stage, TableFinished, TableVerified
from wizard.messages import RowProblem
from wizard.objects import TableRef
from wizard.outcomes import TableState
from wizard.project import Destination
from wizard.settings import Repair, RepairRule, TypeRule
from wizard.worker import WorkerTask


@pytest.fixture
def project(home: Path) -> Path:
    make(home)
    return home / "p"


class Telling(Worker):
    """A worker that tells what it is given."""

    def __init__(self, work: WorkerTask) -> None:
        super().__init__((), work)
        self.coming: list[Event] = []

    def poll(self) -> list[Event]:
        told, self.coming = self.coming, []
        return told


Dialogs = Sequence[Callable[[], ModalScreen[Any]]]


def anywhere(d: Driver) -> Dialogs:
    """Dialogs that open over any stage, and those of stage 8."""
    return [
        lambda: HelpScreen("help"),
        lambda: MessageList(d.app.messages),
        lambda: Question("Sure?", "", (Answer("ok", "OK"),)),
        lambda: RejectsDialog(d.app.migration, "dbo.Publishers"),
        lambda: ReportDialog(lambda: (), d.app.migration),
        CommandPalette,
    ]


def all_others(d: Driver) -> Dialogs:
    m, ref, folder = d.app.migration, TableRef(KEY, "Books"), d.app.migration.folder
    books = next(o for o in m.sources.objects(KEY) if o.name == "Books")
    return [
        lambda: Ask("Name"),
        lambda: Chooser("One of", ["a", "b"]),
        lambda: ContextMenu([MenuEntry("Do", "d", lambda: None)], Offset(1, 1)),
        lambda: FilePicker("A file", [".mdb"], start=folder),
        lambda: FindFiles(folder),
        lambda: SourcePicker("A source", [".mdb"], start=folder),
        lambda: JumpLabels({}),
        lambda: ObjectDialog(lambda: m, KEY, books),
        lambda: DestinationDialog(KEY, Destination("dbo"), (), (), lambda _: None),
        lambda: ReadAs(KEY, ReadOptions("", salvage=False), lambda _: None),
        lambda: RepairDialog(m, RepairRule(RowProblem.DATE, Repair.NULL)),
        lambda: RuleDialog(m.project, TypeRule("text", "nvarchar(9)")),
        lambda: ScriptsDialog(m.path.parent, [m.path]),
        lambda: StatementEditor(TableRef(KEY, "Countries"), "CREATE VIEW a AS SELECT 1 AS b", {}),
        lambda: TableDialog("Table", "", ("a",), ()),
        lambda: TableEditor(ref),
        lambda: UsedByDialog("Books", ()),
    ]


BEFORE = {NewProjectDialog, EstateDialog, FactsDialog}
"""no project is open, or an estate is"""


def leaves(kind: type[Any]) -> set[type[Any]]:
    """The dialogs of the wizard that there are, each of its own class."""
    own = {c for c in kind.__subclasses__() if c.__module__.startswith("screens.")}
    return {leaf for c in own for leaf in leaves(c) or {c}}


async def under_dialogs(d: Driver, dialogs: Dialogs, tell: Callable[[], None], arrived: Callable[[], bool]) -> None:
    """Whatever dialog lies over the stage's screen: what is told arrives there."""
    for dialog in dialogs:
        assert not arrived()
        d.app.push_screen(dialog())
        await d.until(lambda: isinstance(d.app.screen, ModalScreen))
        tell()
        await d.until(arrived)
        d.app.pop_screen()
        await d.pilot.pause()
        assert arrived(), "and stays when the dialog is gone"
        await d.until(lambda: isinstance(d.app.screen, StageScreen))
        d.app.let_go()
        d.app.screen.busy, d.app.screen.progress = "", None
        d.app.screen.refresh_work()  # as before anything was told
        d.app.screen.show_state()
        if arrived():  # a stage that keeps it
            d.app.go(d.app.screen.stage)
        await d.settle()


@pytest.mark.timeout(900)
def test_what_is_told_while_any_dialog_lies_over_a_stage_at_work_is_shown(project: Path) -> None:
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        importlib.import_module(module.name)

    async def walk(d: Driver) -> None:
        await at_stage_8(d)
        # each over a stage that works in a worker, over one that works in a thread, and over one of the others
        dialogs = [*anywhere(d), *all_others(d)]
        assert leaves(ModalScreen) <= {type(dialog()) for dialog in dialogs} | BEFORE, "every dialog is tried"

        def listed(column: int, text: str) -> int:
            shown = d.app.stage_screen
            assert shown is not None
            return sum(str(r[column]) == text for r in shown.query_one(Listing).rows)

        def tell(work: WorkerTask, events: Sequence[Event]) -> None:
            worker = Telling(work)
            d.app.attached(WorkerWatch(worker))  # type: ignore[arg-type]
            worker.coming = list(events)

        moved = [TableFinished(1.0, "dbo.Books", 120, 0, 0.1, TableState.DONE)]
        await under_dialogs(d, dialogs, lambda: tell(WorkerTask.MIGRATE, moved), lambda: listed(0, "✓") == 1)
        found = [TableFinished(1.0, "dbo.Books", 120, 0, 0.1, TableState.DONE), TableVerified(2.0, "dbo.Books", True)]
        await under_dialogs(d, dialogs[::4], lambda: tell(WorkerTask.VERIFY, found), lambda: listed(2, "= equal") == 1)
        d.app.go(Stage.LOAD)
        await d.goes_to(Stage.LOAD)
        loaded = [ObjectLoaded(1.0, "[dbo].[Books]", "table", "altered")]
        await under_dialogs(
            d, dialogs[1::4], lambda: tell(WorkerTask.LOAD, loaded), lambda: listed(3, "✓ altered") == 1
        )
        in_threads = (Stage.ASSESS, dialogs), (Stage.CONVERT, dialogs[2::4]), (Stage.LINK, dialogs[3::4])
        for stage, over in in_threads:  # of the wizard's own
            d.app.go(stage)
            await d.goes_to(stage)

            def doing() -> None:
                shown = d.app.stage_screen
                assert shown is not None
                shown.busy = "Working"
                d.app.inbox.append(Progress(1.0, shown.stage, 3, 9, "Books"))

            def done() -> bool:
                shown = d.app.stage_screen
                return shown is not None and "3 of 9 Books" in str(shown.query_one("#doing", Static).content)

            await under_dialogs(d, over, doing, done)

    drive(WizardApp(project), walk)
