"""Stage 9: what the kit will do to which tables, where it is written, and the steps on the Windows side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.markdown import Markdown
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Static, TabbedContent, TabPane

from screens.stage_screen import StageScreen
from screens.widgets.dialogs import Answer, Question
from screens.widgets.listing import Heading, Listing
from screens.widgets.sql import STYLES
from screens.widgets.status_signs import SEVERITY_SIGNS, plain
from screens.widgets.text_button import TextButton
from screens.widgets.text_view import TextView
from wizard.events import Stage
from wizard.messages import JetferryError, PasswordRiskError
from wizard.plurals import counted

if TYPE_CHECKING:  # what plans a kit is loaded when one is planned
    from wizard.stages import Kit

STEPS = "LINKING.md"
"""the file of a kit that says what to do on the Windows side"""

HELP = """
# 9 Link

Writes a kit that makes the Access application use the new tables: forms, reports and queries go on as before.

- The list says which table becomes a link to which server table, and what the old local table is renamed to.
- **What it does** has its steps: links, the properties that they get back, queries, messages,
  code. Each may be left out when the kit is run; those marked *when asked* are done only where somebody asks for them.
- **Write kit** writes a PowerShell script, VBA modules, the plan as data, changes of code, and the guide. They run on
  the Windows side, with Access.
- **Steps** shows what to do there; *Copy steps* puts it on the clipboard.
- The kit can take it all back: the local tables are kept under another name.

You may skip this stage if Access is not to be the front end any more.
"""


class LinkScreen(StageScreen):
    """The screen of stage 9."""

    stage = Stage.LINK
    help_text = HELP
    skippable = True
    verb = "Write kit"

    DEFAULT_CSS = """
    LinkScreen TabPane { padding: 0; }
    LinkScreen #where { height: auto; max-height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "copy_steps", "Copy steps")]

    def __init__(self) -> None:
        super().__init__()
        self.kits: Sequence[Kit] = ()

    def compose_work(self) -> Iterable[Widget]:
        yield Static(id="where", classes="hint", markup=False)
        with TabbedContent(id="tabs"):
            with TabPane("Tables", id="tab-tables"):
                yield Listing(
                    Heading("In Access"), Heading("On the server"), Heading("The old one becomes"), id="tables",
                    empty="No table is linked.",
                )  # fmt: skip
            with TabPane("What it does", id="tab-does"):
                yield Listing(
                    Heading("Step", 13), Heading("To", 16), Heading("When", 10), Heading("What"), id="does",
                    empty="Nothing is linked.",
                )  # fmt: skip
            with TabPane("Notes", id="tab-know"):
                yield Listing(Heading("", 1), Heading("Message"), Heading("Number", 6), id="know", empty="Nothing.")
            with TabPane("Steps", id="tab-steps"):
                yield TextView(id="steps")
        yield Static(id="text", classes="hint", markup=False)
        with Horizontal(classes="row"):
            yield TextButton("Copy steps", id="copy", compact=True)

    def focus_first(self) -> None:
        self.query_one("#next").focus()

    def refresh_work(self) -> None:
        def failed(error: JetferryError) -> None:
            self.put("#where", plain(error.message.text))

        link = self.migration.link
        self.aside(lambda: (link.plan(), bool(_kept(link.folder))), lambda found: self._planned(*found), failed=failed)

    def _planned(self, kits: Sequence[Kit], written: bool) -> None:
        from wizard.stages import steps_of

        self.kits = kits
        several = len(kits) > 1
        self.query_one("#tables", Listing).show(
            [
                (f"{k.source}: {t.name}" if several else t.name, f"{t.server.schema}.{t.server.name}",
                 t.local or "(there is none)")
                for k in kits for t in k.tables
            ]
        )  # fmt: skip
        steps = [(k, s) for k in kits for s in steps_of(k)]
        self.query_one("#does", Listing).show(
            [
                (f"{k.source}: {s.name}" if several else str(s.name), s.count, "when asked" if s.asked else "", s.does)
                for k, s in steps
            ]
        )
        self.query_one("#know", Listing).show(
            [(SEVERITY_SIGNS[m.severity], f"{m.place}  {m.text}", m.code) for k in kits for m in k.messages]
        )
        folder = self.migration.link.folder
        count = sum(len(k.tables) for k in kits)
        said = "The kit is in" if self.over else f"The kit links {counted(count, 'table')}. It will be written to"
        self.put("#where", f"{said}\n{folder}")
        self.query_one("#copy", Button).disabled = not written

        def shown(theme: str) -> Markdown:
            text = _steps_text(folder) or "Press Write kit; then the steps are here."
            return Markdown(text, code_theme=STYLES.get(theme, "ansi_dark"), hyperlinks=False)

        self.query_one("#steps", TextView).show(shown)

    @on(Listing.Highlighted, "#know")
    def _show_text(self, event: Listing.Highlighted) -> None:
        self.put("#text", plain(str(event.listing.rows[event.index][2])))

    @on(Listing.Highlighted, "#does")
    def _show_step(self, event: Listing.Highlighted) -> None:
        self.put("#text", plain(str(event.listing.rows[event.index][3])))

    def do(self) -> None:
        self._write(accept=False)

    def _write(self, *, accept: bool) -> None:
        def failed(error: JetferryError) -> None:
            if isinstance(error, PasswordRiskError) and not accept:
                answers = (Answer("yes", "Write it all the same", dangerous=True), Answer("no", "Cancel"))
                question = Question("A password would be in the files", error.message.text, answers)
                self.app.push_screen(question, lambda a: self._write(accept=True) if a == "yes" else None)
            else:
                self.fail(error.message)

        self.aside(
            lambda: self.migration.link.run(self.cancel, accept_password_risk=accept),
            self._written, doing="Writing the kit", failed=failed,
        )  # fmt: skip

    def _written(self, _: object) -> None:
        self.refresh_work()
        self.query_one("#tabs", TabbedContent).active = "tab-steps"

    @on(Button.Pressed, "#copy")
    def action_copy_steps(self) -> None:
        def copy(text: str) -> None:
            if text:
                self.app.copy_to_clipboard(text)
                self.note("The steps are on the clipboard.")
            else:
                self.note("Write the kit first.")

        self.aside(lambda: _steps_text(self.migration.link.folder), copy)


def _steps_text(folder: Path) -> str:
    """The steps of all kits that were written, one below the other."""
    return "\n\n".join(p.read_text(encoding="utf-8", errors="replace") for p in _kept(folder))


def _kept(folder: Path) -> list[Path]:
    """The files with the steps."""
    return sorted(folder.rglob(STEPS)) if folder.is_dir() else []
