"""What stage 2 asks of a source: its password, where a file is now, how an OLE column is stored."""

from __future__ import annotations

from pathlib import Path

from screens.stage_screen import StageScreen
from screens.widgets.dialogs import Answer, Ask, Question
from screens.widgets.files import FilePicker
from screens.widgets.object_pane import OleColumn
from screens.widgets.status_signs import plain
from wizard.messages import JetferryError, PasswordError
from wizard.stages import LinkedBackEnd, SourceEntry, SourceState

ENDINGS = (".mdb", ".accdb", ".mde", ".accde", ".accdr", ".accdt", ".mda", ".accda")


class AskingScreen(StageScreen):
    """A stage's screen that asks for what a source lacks."""

    def ask_password(self, entry: SourceEntry) -> None:
        """Ask for the password of a locked source, again where it was not the right one."""

        def given(password: str | None) -> None:
            if password:
                key = entry.key
                self.aside(lambda: self.migration.sources.set_password(key, password), self._tried, doing="Trying it")

        text = entry.message.text if entry.message else ""
        self.app.push_screen(Ask(f"Password of {plain(entry.path.name)}", text, password=True), given)

    def _tried(self, entry: SourceEntry) -> None:
        if entry.state is SourceState.LOCKED:
            self.ask_password(entry)
        else:
            self.refresh_work()

    def ask_place(self, entry: SourceEntry) -> None:
        """Ask where the file of a source is now."""

        def given(path: Path | None) -> None:
            if path is not None:
                self.change(lambda: self.migration.sources.relocate(entry.key, path), then=self.refresh_work)

        picker = FilePicker(f"Where is {plain(entry.path.name)} now?", ENDINGS, start=self.migration.path.parent)
        self.app.push_screen(picker, given)

    def ask_back_end(self, key: str, back_end: LinkedBackEnd) -> None:
        """Ask where a back end is that linked tables point to."""

        def given(path: Path | None) -> None:
            if path is None:
                return

            def failed(error: JetferryError) -> None:
                if isinstance(error, PasswordError):
                    ask = Ask(f"Password of {plain(path.name)}", error.message.text, password=True)
                    self.app.push_screen(ask, lambda p: resolve(p) if p else None)
                else:
                    self.fail(error.message)

            def resolve(password: str = "") -> None:
                self.aside(
                    lambda: self.migration.sources.resolve(key, back_end.named, path, password=password),
                    lambda _: self.refresh_work(), doing="Reading the back end", failed=failed,
                )  # fmt: skip

            resolve()

        picker = FilePicker(f"Where is {plain(back_end.named)} now?", ENDINGS, start=self.migration.path.parent)
        self.app.push_screen(picker, given)

    def ask_unwrapping(self, column: OleColumn | None) -> None:
        """How the values of an OLE column are stored."""
        if column is None:
            return
        sources, key, table, name = self.migration.sources, column.source, column.table, column.name
        now = "the embedded files" if column.unwrapped else "OLE objects, as Access stores them"
        text = (
            f"Stored now: {now}.\n\nAn OLE object is a file in a wrapper of Access. The embedded file can be "
            "stored instead, with its type and name in two columns beside it. What is no embedded file stays as it is."
        )
        other = Answer("as-stored", "As stored") if column.unwrapped else Answer("unwrap", "Embedded files")

        def answered(answer: str | None) -> None:
            if answer == other.key:
                wanted = not column.unwrapped
                self.change(
                    lambda: sources.unwrap(key, table, name, wanted),
                    lambda: sources.with_unwrapped(key, table, name, wanted), self.refresh_work,
                )  # fmt: skip

        self.app.push_screen(Question(f"OLE column {plain(name)}", text, (other, Answer("no", "Leave it"))), answered)
