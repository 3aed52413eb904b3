"""Find Access files in folders: they arrive while the search runs, and it can be stopped."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Select, Static

from screens.widgets.listing import Heading, Listing
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from wizard.cancellation import CancellationToken
from wizard.file_writing import expanded
from wizard.plurals import counted
from wizard.stages.access_files import FoundFile, Search, SearchProgress, UnreadableFolder, find

AGES = [("any time", 0), ("the last month", 31), ("the last year", 366), ("the last five years", 1830)]
SIZES = [("any size", 0), ("1 MB or more", 1 << 20), ("10 MB or more", 10 << 20), ("100 MB or more", 100 << 20)]
SHOW = 0.25
"""seconds between showing what came"""


class FindFiles(ModalScreen[list[Path]]):
    """Returns the files that were ticked; an empty list where none were."""

    DEFAULT_CSS = """
    FindFiles { align: center middle; }
    FindFiles > Vertical { width: 96%; height: 94%; border: round $primary; background: $surface; padding: 0 1; }
    FindFiles .row { height: 1; }
    FindFiles .label { width: 12; }
    FindFiles Select { width: 1fr; }
    FindFiles Input { width: 1fr; }
    FindFiles .row Button { margin-right: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "stop_or_close", "Stop or close")]

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: list[FoundFile] = []
        self._ticked: set[Path] = set()
        self._stop = CancellationToken()
        self._searching = False
        self._status = ""
        self._unreadable = 0
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Find Access files"
            with Horizontal(classes="row"):
                yield Label("In folder", classes="label")
                yield Input(str(self._folder), id="folder", compact=True)
            with Horizontal(classes="row"):
                yield Label("Name has", classes="label")
                yield Input(placeholder="any part of the name", id="part", compact=True)
            with Horizontal(classes="row"):
                yield Label("Changed in", classes="label")
                yield Select(AGES, value=0, id="age", allow_blank=False, compact=True)
                yield Select(SIZES, value=0, id="size", allow_blank=False, compact=True)
            with Horizontal(classes="row"):
                yield TextButton("Search", id="search", variant="primary", compact=True)
                yield TextButton("Stop", id="stop", compact=True, disabled=True)
                yield Static(id="status", markup=False)
            yield Listing(
                Heading("", 3), Heading("File"), Heading("Size", 10, right=True), Heading("Changed", 11), id="found",
                empty="Press Search. Files are shown as they are found; Space ticks them.",
            )  # fmt: skip
            with Horizontal(classes="row"):
                yield TextButton("Add the ticked files", id="ok", variant="primary", compact=True)
                yield TextButton("Tick all", id="all", compact=True)
                yield TextButton("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        self.set_interval(SHOW, self._show)

    @on(Button.Pressed, "#search")
    @on(Input.Submitted)
    def _start(self) -> None:
        if self._searching:
            return
        folder = expanded(self.query_one("#folder", Input).value)
        if not folder.is_dir():
            self._status = f"There is no folder {folder}."
            self.query_one("#folder").focus()
            return
        days, size = int(str(self.query_one("#age", Select).value)), int(str(self.query_one("#size", Select).value))
        since = datetime.now() - timedelta(days=days) if days else None
        self._found, self._unreadable, self._searching = [], 0, True
        self._ticked.clear()
        self._stop = CancellationToken()
        self.query_one("#stop", Button).disabled = False
        listing = self.query_one("#found", Listing)
        listing.say("No Access file that fits was found so far.")
        listing.focus()
        self._look(Search((folder,), self.query_one("#part", Input).value.strip(), since, size))

    @work(thread=True, group="find")
    def _look(self, search: Search) -> None:
        for finding in find(search, self._stop):
            match finding:
                case FoundFile():
                    self._found.append(finding)
                case UnreadableFolder():
                    self._unreadable += 1
                case SearchProgress():
                    end = "Stopped" if self._stop.cancelled else "Searched"
                    verb = end if finding.done else "Searching"
                    self._searching = not finding.done  # before it is told: then another may begin
                    self._status = f"{verb}: {counted(finding.folders, 'folder')}, {_files(len(self._found))} found"

    def _show(self) -> None:
        listing = self.query_one("#found", Listing)
        closed = f", {counted(self._unreadable, 'folder')} that you may not read" if self._unreadable else ""
        self.query_one("#status", Static).update(plain(self._status + closed))
        self.query_one("#stop", Button).disabled = not self._searching
        if len(listing.rows) != len(self._found):
            listing.show([self._row(f) for f in list(self._found)])

    def _row(self, f: FoundFile) -> tuple[str, str, str, str]:
        box = "[x]" if f.path in self._ticked else "[ ]"
        return box, str(f.path), f"{f.size / 1024:,.0f} KB", f.modified.strftime("%Y-%m-%d")

    @on(Listing.Toggled, "#found")
    @on(Listing.Chosen, "#found")
    def _tick(self, event: Listing.Posted) -> None:
        found = self._found[event.index]
        self._ticked ^= {found.path}
        event.listing.change(event.index, self._row(found))

    @on(Button.Pressed, "#all")
    def _all(self) -> None:
        self._ticked = {f.path for f in self._found}
        self.query_one("#found", Listing).show([self._row(f) for f in self._found])

    @on(Button.Pressed, "#stop")
    def _stopped(self) -> None:
        self._stop.cancel()

    def action_stop_or_close(self) -> None:
        if self._searching:
            self._stop.cancel()
        else:
            self.dismiss([])

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self._stop.cancel()
        self.dismiss([])

    @on(Button.Pressed, "#ok")
    def _ok(self) -> None:
        self._stop.cancel()
        self.dismiss([f.path for f in self._found if f.path in self._ticked])


def _files(count: int) -> str:
    return counted(count, "file")
