"""Dialogs of many databases: which estate, and what is known of one database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from screens.recent import here
from screens.widgets.listing import Heading, Listing
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from wizard.estate.browser import Browser, estates
from wizard.file_writing import expanded


@dataclass(frozen=True)
class ChosenEstate:
    """An estate, and the folders to scan where it is new."""

    browser: Browser
    folders: tuple[Path, ...]


class EstateDialog(ModalScreen[ChosenEstate | None]):
    """One that lies here, or a new one of a folder."""

    DEFAULT_CSS = """
    EstateDialog { align: center middle; }
    EstateDialog > Vertical {
        width: 76; max-width: 96%; height: auto; border: round $primary; padding: 0 2; background: $surface;
    }
    EstateDialog Listing { height: 6; }
    EstateDialog Input { margin-bottom: 1; }
    EstateDialog #why { color: $warning; }
    EstateDialog Horizontal { height: auto; align-horizontal: right; }
    EstateDialog Button { margin-left: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self) -> None:
        self._there = estates(here())
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Many databases"
            if self._there:
                yield Label("Estates here")
                yield Listing(Heading("Estate"), id="there", header=False)
            yield Label("A new estate, or the path of another")
            yield Input("estate", id="name", compact=True)
            yield Label("Folder to look through, with all below (of a new one)")
            yield Input(str(here()), id="folder", compact=True)
            yield Static(id="why", markup=False)
            with Horizontal():
                yield TextButton("Open", id="ok", variant="primary", compact=True)
                yield TextButton("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        if self._there:
            listing = self.query_one("#there", Listing)
            listing.show([(plain(Browser(p).name),) for p in self._there])
            listing.focus()

    @on(Listing.Chosen, "#there")
    def _chosen(self, event: Listing.Chosen) -> None:
        self.dismiss(ChosenEstate(Browser(self._there[event.index]), ()))

    @on(Button.Pressed, "#ok")
    @on(Input.Submitted)
    def _open(self) -> None:
        name = self.query_one("#name", Input).value.strip()
        if not name:
            self.query_one("#why", Static).update("An estate needs a name.")
            return
        browser = Browser(here() / expanded(name))
        if browser.exists:
            self.dismiss(ChosenEstate(browser, ()))
            return
        folder = expanded(self.query_one("#folder", Input).value.strip())
        if not folder.is_dir():
            self.query_one("#why", Static).update(plain(f"There is no folder {folder}."))
            self.query_one("#folder").focus()
            return
        self.dismiss(ChosenEstate(browser, (folder,)))

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)


class FactsDialog(ModalScreen[None]):
    """What is known of a database."""

    DEFAULT_CSS = """
    FactsDialog { align: center middle; }
    FactsDialog > Vertical { width: 96%; height: 90%; border: round $primary; background: $surface; }
    FactsDialog #full { height: auto; max-height: 6; padding: 0 1; background: $panel; }
    FactsDialog .hint { color: $text-muted; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "dismiss(None)", "Close")]

    def __init__(self, facts: Sequence[tuple[str, str]]) -> None:
        self._facts = facts
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "One database"
            yield Listing(Heading("", 12), Heading("", middle=True), id="facts", header=False)
            yield Static(id="full", markup=False)
            yield Static("Esc closes", classes="hint")

    def on_mount(self) -> None:
        listing = self.query_one(Listing)
        listing.show([(title, plain(text)) for title, text in self._facts])
        listing.focus()
        self._show()

    @on(Listing.Highlighted)
    def _show(self) -> None:
        cursor = self.query_one(Listing).cursor
        self.query_one("#full", Static).update(plain(self._facts[cursor][1]) if cursor < len(self._facts) else "")

    @on(Listing.Chosen)
    def _close(self) -> None:
        self.dismiss(None)
