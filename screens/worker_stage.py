"""What stages 7 and 8 share: work that runs in a worker, watched, paused, resumed and stopped from here."""

from __future__ import annotations

from screens.stage_screen import StageScreen
from screens.widgets.dialogs import Answer, Question
from wizard.worker import Command, WorkerTask


class WorkerStageScreen(StageScreen):
    """A stage whose work runs in a process of its own."""

    work: WorkerTask

    def next_label(self) -> str:
        return "Next" if self.is_attached and self.wizard.at_work is not None else super().next_label()

    def do(self) -> None:
        self.wizard.start_work(self.work)

    def action_next(self) -> None:
        if self.wizard.at_work is not None or self.wizard.starting:
            self.tell("Work is under way. Wait for its end, stop it, or leave: it goes on without you.")
        else:
            super().action_next()

    def send(self, command: Command) -> None:
        """Tell the worker."""
        watch = self.wizard.at_work
        if watch is not None:
            self.aside(lambda: watch.send(command), lambda _: self.refresh_work())

    def ask_to_cancel(self) -> None:
        """Stop at the next batch?"""
        text = "Stop at the next batch? What has arrived is kept; the work can be gone on with at any time."
        answers = (Answer("stop", "Stop", dangerous=True), Answer("no", "Go on"))

        def answered(answer: str | None) -> None:
            if answer == "stop":
                self.send(Command.CANCEL)

        self.app.push_screen(Question("Stop the work", text, answers), answered)

    def doing(self) -> str:
        watch = self.wizard.at_work
        if self.wizard.starting:
            return "Starting …"
        if watch is None or self.busy:
            return super().doing()
        if watch.silent is not None:
            silence = f"No answer from {watch.silent.server} for {watch.silent.seconds} s"
            return f"{silence}: {watch.silent.what}" if watch.silent.what else silence
        stage = watch.running
        word = "paused" if watch.paused else "at work"
        on_stage = f" on {stage.value}" if stage else ""
        return f"Worker {watch.attachment.state.pid} {word}{on_stage}; it outlives this terminal"
