"""Stage 1: name and target, options beside their preset's values, type rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, RadioButton, RadioSet, Select, Static, TabbedContent, TabPane

from screens.options import OptionsPane
from screens.stage_screen import Blocked, StageScreen
from screens.type_rules import RulesPane
from screens.widgets.status_signs import plain
from screens.widgets.toggles import Choice, Tick
from wizard.events import Stage
from wizard.messages import JetferryError
from wizard.settings import SqlVersion, Target, TargetKind

KINDS = {
    TargetKind.PACKAGE: "Offline package: scripts and data in a folder",
    TargetKind.SQL_SERVER: "SQL Server, in your network or on this machine",
    TargetKind.AZURE_SQL_DATABASE: "Azure SQL Database",
    TargetKind.AZURE_SQL_MANAGED_INSTANCE: "Azure SQL Managed Instance",
}

HELP = """
# 1 Project

Say what the migration is called and where the data goes.

- **Offline package** writes scripts and data files to a folder. Carry it to the server and run it there.
- **SQL Server** and **Azure SQL** are written to directly; stage 3 asks how to reach them.

**Access stays the front end** makes Jetferry care for what linked forms need (a rowversion column where it helps),
and stage 9 then writes the kit that links them.

F4 goes from tab to tab.

**Options** shows every option with the preset's value beside your own. Enter or Space changes the one under the
cursor; the line below says what it does. A `*` marks what differs from the preset.

**Type mapping** lists the rules in the order in which they are tried. Your own rules come before the built-in ones;
a rule for one database or one table comes before one for the project. *Add* makes a rule, Enter changes one.
"""


class ProjectScreen(StageScreen):
    """The screen of stage 1."""

    stage = Stage.PROJECT
    help_text = HELP

    DEFAULT_CSS = """
    ProjectScreen TabPane { padding: 1 0 0 0; }
    ProjectScreen RadioSet { width: 1fr; margin-bottom: 1; }
    ProjectScreen Select { width: 24; }
    ProjectScreen #name { width: 40; }
    """
    BINDINGS: ClassVar = []

    def compose_work(self) -> Iterable[Widget]:
        with TabbedContent(id="tabs"):
            with TabPane("Target", id="tab-target"):
                data = self.migration.data
                with Horizontal(classes="row"):
                    yield Label("Name", classes="label")
                    yield Input(data.name, id="name", compact=True)
                yield Static(plain(str(self.migration.path)), id="where", classes="hint", markup=False)
                yield Label("Where does the data go?", classes="gap")
                with RadioSet(id="kind", compact=True):
                    for kind, text in KINDS.items():
                        yield Choice(text, value=kind is data.target.kind, id=kind.value, compact=True)
                with Horizontal(classes="row"):
                    yield Label("Version", classes="label")
                    versions = [(f"SQL Server {v.value}", v) for v in SqlVersion]
                    yield Select(versions, value=data.target.version, id="version", allow_blank=False, compact=True)
                yield Static("Scripts are written for this version or newer.", id="version-hint", classes="hint")
                yield Tick("Access stays the front end (linked tables)", data.target.linked, id="linked", compact=True)
            with TabPane("Options", id="tab-options"):
                yield OptionsPane()
            with TabPane("Type mapping", id="tab-types"):
                yield RulesPane()

    def focus_first(self) -> None:
        self.query_one("#kind").focus()

    def refresh_work(self) -> None:
        """Show what the project has; fields that differ because of a refused change go back."""
        data = self.migration.data
        azure = data.target.kind in (TargetKind.AZURE_SQL_DATABASE, TargetKind.AZURE_SQL_MANAGED_INSTANCE)
        self.query_one("#version", Select).disabled = azure
        hint = "Azure SQL is always the newest." if azure else "Scripts are written for this version or newer."
        self.put("#version-hint", hint)
        with self.prevent(RadioSet.Changed, Select.Changed, Checkbox.Changed):
            button = self.query_one(f"#{data.target.kind.value}", RadioButton)
            if not button.value:
                button.value = True
            self.query_one("#version", Select).value = data.target.version
            self.query_one("#linked", Checkbox).value = data.target.linked
        self.query_one(OptionsPane).fill()
        self.query_one(RulesPane).fill()

    def _set_target(self, **facts: Any) -> None:
        """Another kind, version or front end; what else was set meanwhile stays."""

        def target() -> Target:
            return replace(self.migration.data.target, **facts)

        if target() != self.migration.data.target:
            self.change(
                lambda: self.migration.project.set_target(target()),
                lambda: replace(self.migration.data, target=target()),
                self.refresh_work,
            )

    @on(RadioSet.Changed, "#kind")
    def _kind(self, event: RadioSet.Changed) -> None:
        self._set_target(kind=TargetKind(str(event.pressed.id)))

    @on(Select.Changed, "#version")
    def _version(self, event: Select.Changed) -> None:
        self._set_target(version=SqlVersion(str(event.value)))

    @on(Checkbox.Changed, "#linked")
    def _linked(self, event: Checkbox.Changed) -> None:
        self._set_target(linked=event.value)

    @on(Input.Changed, "#name")
    def _named(self, event: Input.Changed) -> None:
        named = bool(event.value.strip())
        self.query_one("#name", Input).set_class(not named, "-invalid")
        self.put("#where", plain(str(self.migration.path)) if named else "✗ A project needs a name.")

    def ready(self) -> Blocked | None:
        if not self.query_one("#name", Input).value.strip():
            self.query_one(TabbedContent).active = "tab-target"
            return Blocked("Give the project a name first.", "#name")
        return None

    def finish(self) -> None:
        name = self.query_one("#name", Input).value.strip()
        if name != self.migration.data.name:
            self.migration.project.set_name(name)
        if not self.over:
            self.migration.project.confirm()

    @on(Input.Submitted, "#name")
    @on(Input.Blurred, "#name")
    def _keep_name(self) -> None:
        name = self.query_one("#name", Input).value.strip()
        if not name or name == self.migration.data.name:
            return

        def refused(error: JetferryError) -> None:
            self.note(error.message.text, severity="warning")

        self.aside(lambda: self.migration.project.set_name(name), failed=refused)
