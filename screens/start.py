"""The first screen: a new project, an existing one, a recent one, or the sample."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.application import WizardContract, wizard_of
from screens.estate import EstateScreen
from screens.estate_dialogs import ChosenEstate, EstateDialog
from screens.new_project import NewProjectDialog, sample_project
from screens.recent import here, recent_projects
from screens.widgets.files import FilePicker
from screens.widgets.help import HelpScreen
from screens.widgets.key_footer import KeyFooter
from wizard.stages import Migration

WELCOME = """\
Jetferry moves Microsoft Access databases to SQL Server and Azure SQL, in nine stages. \
Your Access files are only read, never changed. You may stop at any moment and go on later: everything is kept."""

HELP = """
# Start

**New project** asks for a name and a folder. **Open** shows the files of a folder; projects end in
`.jetferry.toml`. **Sample** makes a project of the bundled bookshop database, to try everything without a server.
**Many databases** finds all Access files of a folder, says what they are, and migrates many at once.
Recent projects are listed below these, the newest first.
"""


class StartScreen(Screen[None]):
    """Shown where no project is open."""

    DEFAULT_CSS = """
    StartScreen { align: center middle; }
    StartScreen > Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        border: round $primary; padding: 1 2;
    }
    StartScreen OptionList { height: auto; max-height: 12; border: none; margin-top: 1; padding: 0; }
    StartScreen OptionList:focus { border: none; }
    StartScreen .hint { color: $text-muted; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "choose('new')", "New"),
        Binding("o", "choose('open')", "Open"),
        Binding("s", "choose('sample')", "Sample"),
        Binding("m", "choose('many')", "Many"),
        Binding("f1", "explain", "Help", key_display="F1"),
    ]

    @property
    def wizard(self) -> WizardContract:
        """The application."""
        return wizard_of(self)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Jetferry"
            yield Static(WELCOME, markup=False)
            yield OptionList(id="choices")
            yield Static("Arrow keys choose, Enter opens, F1 helps, Ctrl+Q leaves.", classes="hint")
        yield KeyFooter(compact=True)

    def on_mount(self) -> None:
        self.fill()

    def on_screen_resume(self) -> None:
        self.fill()

    def fill(self) -> None:
        """The choices, with the recent projects as they are now."""
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_option(Option("New project", id="new"))
        choices.add_option(Option("Open a project", id="open"))
        choices.add_option(Option("Try the sample, no server needed", id="sample"))
        choices.add_option(Option("Many databases: find them, plan waves, migrate many at once", id="many"))
        self._recent = recent_projects()
        if self._recent:
            choices.add_option(None)
        for number, path in enumerate(self._recent):
            choices.add_option(Option(Text(str(path), no_wrap=True, overflow="ellipsis"), id=f"recent-{number}"))
        choices.highlighted = 0
        choices.focus()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.action_choose(event.option.id or "")

    def action_choose(self, what: str) -> None:
        if what == "new":
            self.app.push_screen(NewProjectDialog(), self._made)
        elif what == "open":
            self.app.push_screen(FilePicker("Open a project", (".jetferry.toml",)), self._picked)
        elif what == "sample":
            self.wizard.make(lambda: sample_project(here() / "jetferry-demo"))
        elif what == "many":
            self.app.push_screen(EstateDialog(), self._many)
        elif what.startswith("recent-"):
            self._picked(self._recent[int(what.removeprefix("recent-"))])

    def _picked(self, path: Path | None) -> None:
        if path is not None:
            self.wizard.open(path)

    def _many(self, chosen: ChosenEstate | None) -> None:
        if chosen is not None:
            self.app.push_screen(EstateScreen(chosen.browser, chosen.folders))

    def _made(self, migration: Migration | None) -> None:
        if migration is not None:
            self.wizard.make(lambda: migration)

    def action_explain(self) -> None:
        self.app.push_screen(HelpScreen(HELP))
