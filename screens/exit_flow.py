"""Leaving the wizard: at once where no work is running, else after asking what becomes of it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from screens.application import ApplicationPart, WizardContract
from screens.estate import EstateScreen
from screens.stage_screen import StageScreen
from screens.start import StartScreen
from screens.widgets.dialogs import Answer, Question
from screens.widgets.status_signs import plain
from wizard.events import Stage
from wizard.messages import JetferryError
from wizard.outcomes import Exit, Role
from wizard.plurals import counted
from wizard.settings import TargetKind
from wizard.stages.losses import left_out
from wizard.worker import Command

LEAVING = (
    "The work runs in a process of its own and does not need this terminal.\n"
    "Open the project again at any time, from anywhere on this machine, to see it."
)


_ENDING: Final = tuple(getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n))


class ExitFlow(ApplicationPart):
    """A part of the application."""

    def heed_signals(self) -> None:
        """A signal to end is obeyed with the terminal put back; a second one ends the process at once.

        Work in a process of its own goes on, as without the terminal.
        """
        loop = asyncio.get_running_loop()

        def on_signal(number: signal.Signals) -> None:
            loop.remove_signal_handler(number)
            if isinstance(self.screen, StageScreen) and self.screen.busy:
                self.screen.cancel.cancel("a signal")
            self.exit(int(Exit.FAILED))

        for number in _ENDING:
            with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
                loop.add_signal_handler(number, on_signal, number)

    def action_leave(self) -> None:
        app = self.wizard
        if app.at_work is not None:
            answers = (
                Answer("background", "Go on in the background"),
                Answer("stop", "Stop at the next batch", dangerous=True),
                Answer("stay", "Stay"),
            )
            self.push_screen(Question("Work is under way", LEAVING, answers), self._left)
        elif isinstance(self.screen, StageScreen) and self.screen.busy:
            screen, text = self.screen, "It will be stopped, and can be done again."
            choices = (Answer("stop", "Stop and leave"), Answer("stay", "Stay"))

            def answered(answer: str | None) -> None:
                if answer == "stop":
                    screen.cancel.cancel("you left")
                    self.exit(0)

            self.push_screen(Question(f"{self.screen.busy} is not finished", text, choices), answered)
        else:
            self.exit(0)

    def _left(self, answer: str | None) -> None:
        app = self.wizard
        if answer == "stop" and app.at_work is not None:
            try:
                app.at_work.send(Command.CANCEL)
            except JetferryError as e:
                self.notify(e.message.text, severity="warning", markup=False)
        if answer in ("stop", "background"):
            self.exit(0)

    def action_close(self) -> None:
        """Back to the start screen, or to the estate that the project is of; a worker works on."""
        app = self.wizard
        app.close_project()
        while len(self.screen_stack) > 1 and not isinstance(self.screen, StartScreen | EstateScreen):
            self.pop_screen()

    def finished(self) -> None:
        """All nine stages were gone through."""
        screen = self.wizard.stage_screen
        if screen is not None:
            screen.aside(lambda: left_out(self.wizard.migration), self._finish)

    def _finish(self, lost: Sequence[str]) -> None:
        app = self.wizard
        data, folder = app.migration.data, app.migration.folder
        left = [s for s, status in app.migration.statuses().items() if not status.over]
        todo = "" if not left else "Not done: " + ", ".join(f"{s.number} {s.value.capitalize()}" for s in left) + "\n\n"
        if lost:
            self._ask_to_finish(todo, lost)
            return
        text = f"{todo}Everything that was made for {data.name} is in\n{folder}\n\n{_next_step(app)}"
        answers = (Answer("leave", "Leave Jetferry"), Answer("stay", "Look around"))
        self.push_screen(Question("Finished", text, answers), lambda a: self.exit(0) if a == "leave" else None)

    def _ask_to_finish(self, todo: str, lost: Sequence[str]) -> None:
        """What stayed behind is named before anybody leaves."""
        app = self.wizard
        named = "\n".join(f"- {plain(line)}" for line in lost)
        weaker = len(lost) == len(app.migration.migrate.weaker())
        what = "Every row is there, guarded less than in" if weaker else f"{counted(len(lost), 'loss', 'losses')} in"
        text = (
            f"{todo}{what} {app.migration.data.name}:\n{named}\n\n"
            f"Everything that was made is in\n{app.migration.folder}\n\n{_next_step(app)}"
        )
        answers = (Answer("look", "Look at them"), Answer("leave", "Finish all the same", dangerous=True))

        def answered(answer: str | None) -> None:
            if answer == "leave":
                self.exit(int(Exit.LEFT_OUT))
            elif answer == "look":
                app.go(Stage.MIGRATE)

        title, role = ("Finish, less guarded?", Role.WEAKER) if weaker else ("Finish with losses?", Role.LOSS)
        self.push_screen(Question(title, text, answers, role=role), answered)


def _next_step(app: WizardContract) -> str:
    if app.migration.data.target.kind is TargetKind.PACKAGE and app.status(Stage.MIGRATE).done:
        return "Copy the folder package/ to the server and run deploy.ps1 or deploy.sh there; README.md says how."
    return "You can open this project again whenever you like."
