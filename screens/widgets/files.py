"""A file browser in a dialog: folders and the files of wanted endings; a path may be typed instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Checkbox, DirectoryTree, Input, Label, Static

from screens.recent import here
from screens.widgets.attempts import AttemptScreen
from screens.widgets.text_button import TextButton
from screens.widgets.toggles import Tick
from wizard.file_writing import expanded, real_path


class Files(DirectoryTree):
    """Folders, and files whose name ends as wanted."""

    ICON_NODE, ICON_NODE_EXPANDED, ICON_FILE = "▸ ", "▾ ", "  "
    """signs of one cell: pictures are as wide as each terminal pleases"""

    class PathBegun(Message):
        """A path is typed or pasted."""

        def __init__(self, typed: events.Key | events.Paste) -> None:
            self.typed = typed
            super().__init__()

    def __init__(self, path: Path, endings: Sequence[str]) -> None:
        self._endings = tuple(e.casefold() for e in endings)
        super().__init__(path)

    def on_key(self, event: events.Key) -> None:
        """What a path begins with is typed where paths are."""
        if event.character in ("/", "~"):
            event.stop()
            self.post_message(self.PathBegun(events.Key(event.key, event.character)))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.post_message(self.PathBegun(events.Paste(event.text)))

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        for path in paths:
            if not path.name.startswith(".") and (path.name.casefold().endswith(self._endings) or path.is_dir()):
                yield path


class FilePicker(AttemptScreen[Path | None]):
    """Returns the chosen file (or folder, where `folders` is true), or None."""

    accept: Callable[[Path], object] | None = None
    """called in a thread with the file; where it raises JetferryError the dialog stays and says why"""

    DEFAULT_CSS = """
    FilePicker { align: center middle; }
    FilePicker > Vertical { width: 90%; max-width: 100; height: 90%; border: round $primary; background: $surface; }
    FilePicker DirectoryTree { height: 1fr; }
    FilePicker Horizontal { height: 1; align-horizontal: right; }
    FilePicker Button { margin-left: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("backspace", "up", "Parent folder"),
    ]

    def __init__(self, title: str, endings: Sequence[str], *, folders: bool = False, start: Path | None = None) -> None:
        self._title, self._endings, self._folders = title, endings, folders
        self._start = real_path(start or here())
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._title
            yield Label("Choose, type or paste a path. Backspace goes to the parent folder.", markup=False)
            yield Input(str(self._start), id="path", compact=True)
            yield Files(self._start, self._endings)
            yield from self.compose_more()
            yield Static(id="why", markup=False)
            with Horizontal():
                yield TextButton("Choose", id="ok", variant="primary", compact=True)
                yield TextButton("Cancel", id="cancel", compact=True)

    def compose_more(self) -> ComposeResult:
        """More to ask than the path."""
        yield from ()

    def on_mount(self) -> None:
        self.query_one(Files).focus()

    def action_up(self) -> None:
        tree = self.query_one(Files)
        tree.path = Path(tree.path).parent
        self.query_one("#path", Input).value = str(tree.path)

    @on(Files.PathBegun)
    def _begin_path(self, event: Files.PathBegun) -> None:
        """It takes the place of the path that is shown, which is selected where the field gets the focus."""
        field = self.query_one("#path", Input)
        self.set_focus(field)
        field.post_message(event.typed)

    @on(DirectoryTree.FileSelected)
    def _file(self, event: DirectoryTree.FileSelected) -> None:
        self._offer(event.path)

    def _offer(self, path: Path) -> None:
        if self.accept is None:
            self.dismiss(path)
        else:
            accept = self.accept
            self.attempt(lambda: accept(path), path)

    @on(DirectoryTree.NodeHighlighted)
    def _highlight(self, event: DirectoryTree.NodeHighlighted[object]) -> None:
        entry = event.node.data  # it marks one too when a folder was read, while a person types a path
        if event.node.tree.has_focus and isinstance(path := getattr(entry, "path", None), Path):
            self.query_one("#path", Input).value = str(path)

    @on(Input.Submitted, "#path")
    @on(Button.Pressed, "#ok")
    def _typed(self) -> None:
        path = expanded(self.query_one("#path", Input).value)
        if path.is_file() or (self._folders and path.is_dir()):
            self._offer(path)
        elif path.is_dir():
            self.remove_class("-refused")  # what was said is of another path
            self.query_one(Files).path = path
        else:
            self.refuse(f"There is no file {path}.", "#path")

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)


class SourcePicker(FilePicker):
    """Asks beside the path how the file is to be read; look at `code_page` and `salvage` after the answer."""

    DEFAULT_CSS = """
    SourcePicker #code-page { width: 20; }
    SourcePicker Horizontal.more { align-horizontal: left; }
    """
    code_page = ""
    salvage = False

    def compose_more(self) -> ComposeResult:
        with Horizontal(classes="more"):
            yield Label("Code page of an Access 97 file ")
            yield Input(placeholder="as the file says", id="code-page", compact=True)
        yield Tick("Salvage: read a damaged file as far as it goes", id="salvage", compact=True)

    @on(Input.Changed, "#code-page")
    def _code_page(self, event: Input.Changed) -> None:
        self.code_page = event.value.strip()

    @on(Checkbox.Changed)
    def _salvage(self, event: Checkbox.Changed) -> None:
        self.salvage = event.value
