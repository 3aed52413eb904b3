"""All options of stage 1 in their groups: one's own value beside the preset's, and a line of help each."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Select, Static

from screens.widgets.dialogs import Answer, Ask, Question
from screens.widgets.listing import Heading, Listing
from wizard.options import OptionGroup, Preset
from wizard.settings import Options, declarations
from wizard.stages import Project

if TYPE_CHECKING:
    from screens.stage_screen import StageScreen

PRESETS = {
    Preset.DEFAULT: "Default: what suits most databases",
    Preset.OPTIMISTIC: "Optimistic: fewer checks and warnings",
    Preset.FULL: "Full: every check, every constraint",
}


def shown(value: object) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value) if isinstance(value, Enum) else f"{value:,}"


def label(name: str) -> str:
    """An option's name as people read it."""
    return name.replace("_", " ").capitalize()


class OptionsPane(Vertical):
    """The tab with the options."""

    DEFAULT_CSS = """
    OptionsPane { height: 1fr; }
    OptionsPane Select { width: 1fr; }
    OptionsPane #option-help { height: 2; color: $text-accent; }
    """

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Label("Preset", classes="label")
            yield Select([(text, p) for p, text in PRESETS.items()], id="preset", allow_blank=False, compact=True)
        yield Input(placeholder="/ search an option", classes="search", id="option-search", compact=True)
        yield Listing(Heading("Option"), Heading("Yours", 13), Heading("Preset", 13), id="options")
        yield Static(id="option-help", markup=False)

    @property
    def _stage(self) -> StageScreen:
        return cast("StageScreen", self.screen)

    def fill(self) -> None:
        """Show the options of the project as it is now."""
        data = self._stage.migration.data
        with self.prevent(Select.Changed):
            self.query_one("#preset", Select).value = data.preset
        preset = Options.preset(data.preset)
        wanted = self.query_one("#option-search", Input).value.casefold()
        self._names: list[str] = []
        """of the option in each line, empty for a group's"""
        rows: list[tuple[str | Text, str, str]] = []
        group: OptionGroup | None = None
        for name, declared in declarations().items():
            if wanted and wanted not in f"{label(name)} {declared.help}".casefold():
                continue
            if declared.group is not group:
                group = declared.group
                self._names.append("")
                rows.append((Text(group, style="bold underline"), "", ""))
            own, other = getattr(data.options, name), getattr(preset, name)
            mark = "* " if own != other else "  "
            self._names.append(name)
            rows.append((f"  {label(name)}", mark + shown(own), shown(other)))
        self.query_one("#options", Listing).show(rows)
        self._help(self.query_one("#options", Listing).cursor)

    @on(Input.Changed, "#option-search")
    def _search(self) -> None:
        self.fill()

    @on(Input.Submitted, "#option-search")
    def _searched(self) -> None:
        self.query_one("#options").focus()

    @on(Listing.Highlighted, "#options")
    def _moved(self, event: Listing.Highlighted) -> None:
        self._help(event.index)

    def _help(self, index: int) -> None:
        name = self._names[index] if index < len(self._names) else ""
        text = f"{declarations()[name].help}." if name else "Enter or Space changes the option under the cursor."
        self.query_one("#option-help", Static).update(text)

    @on(Select.Changed, "#preset")
    def _preset(self, event: Select.Changed) -> None:
        preset, stage = Preset(str(event.value)), self._stage
        data = stage.migration.data
        if preset is not data.preset:
            stage.change(
                lambda: stage.migration.project.use_preset(preset),
                lambda: replace(stage.migration.data, preset=preset, options=Options.preset(preset)),
                stage.refresh_work,
            )

    @on(Listing.Chosen, "#options")
    @on(Listing.Toggled, "#options")
    def _change(self, event: Listing.Posted) -> None:
        name = self._names[event.index]
        if not name:
            return
        own, text = getattr(self._stage.migration.data.options, name), f"{declarations()[name].help}."
        if isinstance(own, bool):
            self._set(name, not own)
        elif isinstance(own, Enum):
            answers = [Answer(str(v.value), f"{v.value}") for v in type(own)]
            kind = type(own)
            question = Question(label(name), f"{text}\nNow: {own.value}", answers)
            self.app.push_screen(question, lambda a: self._set(name, kind(a)) if a else None)
        else:
            read = self._stage.migration.project.read_number
            ask = Ask(
                label(name), text, value=str(own), accept=lambda given: read(name, given)
            )  # fmt: skip
            self.app.push_screen(ask, lambda given: self._set(name, read(name, given)) if given is not None else None)

    def _set(self, name: str, value: object) -> None:
        stage = self._stage
        given: dict[str, Any] = {name: value}

        def changed() -> Project:
            data = stage.migration.data
            return replace(data, options=replace(data.options, **given))

        stage.change(lambda: stage.migration.project.set_option(name, value), changed, self.fill)
