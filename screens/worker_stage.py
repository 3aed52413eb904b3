"""What stages 7 and 8 share: work that runs in a worker, watched, paused, resumed and stopped from here."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from screens.stage_screen import StageScreen
from screens.widgets.dialogs import Answer, Question
from screens.widgets.table import TableDialog
from wizard.messages import JetferryError
from wizard.plurals import counted
from wizard.stages import ExistingObject, TableSides
from wizard.stages.throughput import duration
from wizard.worker import Command, WorkerTask


class WorkerStageScreen(StageScreen):
    """A stage whose work runs in a process of its own."""

    work: WorkerTask
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "both_sides", "Both sides", show=False),
        Binding("o", "existing", "What the target has", show=False),
    ]

    @property
    def table_here(self) -> str:
        """The table under the cursor, as the server names it; empty where there is none."""
        raise NotImplementedError

    def action_both_sides(self) -> None:
        """The first rows of the table under the cursor, on the server and in Access."""
        name = self.table_here
        if not name:
            self.note("Put the cursor on a table.")
            return

        def show(found: TableSides) -> None:
            rows = [("server", *r) for r in found.server] + [("Access", *r) for r in found.access]
            self.app.push_screen(TableDialog(f"Both sides of {name}", found.note, ("side", *found.columns), rows))

        browser = self.migration.target_browser
        self.aside(lambda: browser.sides(name), show, doing="Asking the server", failed=self._not_seen)

    def action_existing(self) -> None:
        """What the target's databases hold, before anything is loaded and after."""

        def show(found: tuple[ExistingObject, ...]) -> None:
            rows = [
                (o.name, o.kind, "" if o.rows is None else f"{o.rows:,}", "yes" if o.ours else "", o.database)
                for o in found
            ]
            note = f"{counted(len(found), 'object')}, {sum(o.ours for o in found):,} of a name that this project makes"
            columns = ("Object", "Kind", "Rows", "Made here", "Database")
            self.app.push_screen(TableDialog("What the target has", note, columns, rows))

        browser = self.migration.target_browser
        self.aside(browser.existing, show, doing="Asking the server", failed=self._not_seen)

    def _not_seen(self, error: JetferryError) -> None:
        self.note(error.message.text, severity="warning")

    def next_label(self) -> str:
        return "Next" if self.is_attached and self.wizard.at_work is not None else super().next_label()

    def do(self) -> None:
        self.wizard.start_work(self.work)

    def action_next(self) -> None:
        if self.wizard.at_work is not None or self.wizard.starting:
            self.note("Work is under way. Wait for its end, stop it, or leave: it goes on without you.")
        else:
            super().action_next()

    def send(self, command: Command) -> None:
        """Send a command to the worker."""
        watch = self.wizard.at_work
        if watch is not None:
            self.aside(lambda: watch.send(command), lambda _: self.refresh_work())

    def ask_to_cancel(self) -> None:
        """Stop at the next batch?"""
        text = "What has arrived is kept; you can go on at any time."
        answers = (Answer("stop", "Stop", dangerous=True), Answer("no", "Go on"))

        def answered(answer: str | None) -> None:
            if answer == "stop":
                self.send(Command.CANCEL)

        self.app.push_screen(Question("Stop at the next batch?", text, answers), answered)

    def doing(self) -> str:
        """What the worker does, or is about to do, in words."""
        watch = self.wizard.at_work
        if self.wizard.starting:
            return "Starting …"
        if watch is None or self.busy:
            return super().doing()
        if watch.silent is not None:
            silence = f"No answer from {watch.silent.server} for {watch.silent.seconds} s"
            silence += f": {watch.silent.what}" if watch.silent.what else ""
            return f"{silence}; {watch.silent.behind}" if watch.silent.behind else silence
        stage = watch.running
        word = "paused" if watch.paused else "at work"
        on_stage = f" on {stage.value}" if stage else ""
        return (
            f"Worker {watch.attachment.state.pid} {word}{on_stage} {duration(watch.seconds)}; it outlives this terminal"
        )
