"""All options of stage 1 in their groups: one's own value beside the preset's, and a line of help each."""

from __future__ import annotations

from dataclasses import Field, fields, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Select, Static

from screens.widgets.dialogs import Answer, Ask, Question
from screens.widgets.listing import Column, Listing
from wizard.settings import Options, Preset
from wizard.stages import Project

if TYPE_CHECKING:
    from screens.stage_screen import StageScreen

OptionField = Field[Any]
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
        yield Listing(Column("Option"), Column("Yours", 13), Column("Preset", 13), id="options")
        yield Static(id="option-help", markup=False)

    @property
    def _stage(self) -> StageScreen:
        return cast("StageScreen", self.screen)

    def fill(self) -> None:
        data = self._stage.migration.data
        with self.prevent(Select.Changed):
            self.query_one("#preset", Select).value = data.preset
        preset = Options.preset(data.preset)
        wanted = self.query_one("#option-search", Input).value.casefold()
        self._fields: list[OptionField | None] = []
        rows: list[tuple[str | Text, str, str]] = []
        group = ""
        for f in fields(Options):
            if wanted and wanted not in f"{label(f.name)} {f.metadata['help']}".casefold():
                continue
            if f.metadata["group"] != group:
                group = f.metadata["group"]
                self._fields.append(None)
                rows.append((Text(group, style="bold underline"), "", ""))
            own, other = getattr(data.options, f.name), getattr(preset, f.name)
            mark = "* " if own != other else "  "
            self._fields.append(f)
            rows.append((f"  {label(f.name)}", mark + shown(own), shown(other)))
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
        f = self._fields[index] if index < len(self._fields) else None
        text = "Enter or Space changes the option under the cursor." if f is None else str(f.metadata["help"]) + "."
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
        f = self._fields[event.index]
        if f is None:
            return
        own = getattr(self._stage.migration.data.options, f.name)
        if isinstance(own, bool):
            self._set(f, not own)
        elif isinstance(own, Enum):
            answers = [Answer(str(v.value), f"{v.value}") for v in type(own)]
            kind = type(own)
            question = Question(label(f.name), f"{f.metadata['help']}.\nNow: {own.value}", answers)
            self.app.push_screen(question, lambda a: self._set(f, kind(a)) if a else None)
        else:
            read = self._stage.migration.project.read_number
            ask = Ask(
                label(f.name), f"{f.metadata['help']}.", value=str(own), accept=lambda text: read(f.name, text)
            )  # fmt: skip
            self.app.push_screen(ask, lambda text: self._set(f, read(f.name, text)) if text is not None else None)

    def _set(self, f: OptionField, value: object) -> None:
        stage = self._stage
        given: dict[str, Any] = {f.name: value}

        def changed() -> Project:
            data = stage.migration.data
            return replace(data, options=replace(data.options, **given))

        stage.change(lambda: stage.migration.project.set_option(f.name, value), changed, self.fill)
