"""A new project: its name and folder, checked while one types; it stays open where none can be made there."""

from __future__ import annotations

import shutil
from itertools import chain, count
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

import wizard
from screens.recent import here
from screens.widgets.attempts import AttemptScreen
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from wizard.file_writing import expanded
from wizard.messages import Kind, Place, ProjectError
from wizard.stages import Migration
from wizard.stages.templates import own_defaults, template


class NewProjectDialog(AttemptScreen[Migration | None]):
    """Returns the project, made, or None."""

    DEFAULT_CSS = """
    NewProjectDialog { align: center middle; }
    NewProjectDialog > Vertical {
        width: 72; max-width: 95%; height: auto; border: round $primary; padding: 0 2; background: $surface;
    }
    NewProjectDialog Input { margin-bottom: 1; }
    NewProjectDialog Horizontal { height: auto; align-horizontal: right; }
    NewProjectDialog Button { margin-left: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "New project"
            yield Label("Name")
            yield Input(free_name(here()), id="name", compact=True)
            yield Label("Folder")
            yield Input(str(here()), id="folder", compact=True)
            yield Static(id="where", markup=False)
            if own_defaults().is_file():
                yield Static(plain(f"Begins with your defaults: {own_defaults()}"), id="like", markup=False)
            yield Static(id="why", markup=False)
            with Horizontal():
                yield TextButton("Create", id="ok", variant="primary", compact=True)
                yield TextButton("Cancel", id="cancel", compact=True)

    @property
    def _path(self) -> Path:
        name = self.query_one("#name", Input).value.strip()
        return expanded(self.query_one("#folder", Input).value) / name

    @on(Input.Changed)
    def _show(self) -> None:
        named = bool(self.query_one("#name", Input).value.strip())
        text = f"Will be kept in {self._path}.jetferry.toml" if named else "A project needs a name."
        self.query_one("#where", Static).update(text)
        self.remove_class("-refused")
        self.query_one("#ok", Button).disabled = not named

    @on(Input.Submitted)
    @on(Button.Pressed, "#ok")
    def _ok(self) -> None:
        if not self.query_one("#ok", Button).disabled:
            path = self._path
            self.attempt(lambda: Migration.create(path, like=template(None), what="wizard"), field="#name")

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)


SAMPLE = "harborbooks"


def free_name(folder: Path) -> str:
    """A name that no project of the folder has: `migration`, `migration-2` …"""
    names = chain(["migration"], (f"migration-{n}" for n in count(2)))
    return next(n for n in names if not (folder / f"{n}.jetferry.toml").exists())


def sample_project(folder: Path) -> Migration:
    """A new project with a copy of the sample in `folder`, or the one made there before. Raises ProjectError."""
    folder = expanded(folder).absolute()
    if (folder / f"{SAMPLE}.jetferry.toml").exists():
        return Migration.open(folder / SAMPLE, what="wizard")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(wizard.__file__).parent / "sample" / f"{SAMPLE}.accdb", folder)
    except OSError as e:
        raise ProjectError(8007, Place(Kind.PROJECT), path=folder, what=e.strerror or e) from e
    migration = Migration.create(folder / SAMPLE, what="wizard")
    migration.sources.add(folder / f"{SAMPLE}.accdb")
    return migration
