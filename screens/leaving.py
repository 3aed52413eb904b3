"""Leaving the wizard: at once where nothing is under way, else after asking what becomes of the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from screens.frame import StageScreen
from screens.start import StartScreen
from screens.widgets.dialogs import Answer, Question
from screens.widgets.signs import plain
from wizard.events import Stage
from wizard.messages import JetferryError
from wizard.outcomes import Exit, Role
from wizard.settings import TargetKind
from wizard.worker import Command

if TYPE_CHECKING:
    from screens.app import WizardApp

LEAVING = (
    "The work runs in a process of its own and does not need this terminal.\n"
    "Open the project again at any time, from anywhere on this machine, to see it."
)


class Leaving:
    """A part of the application."""

    @property
    def _app(self) -> WizardApp:
        return cast("WizardApp", self)

    def action_leave(self) -> None:
        app = self._app
        if app.at_work is not None:
            answers = (
                Answer("background", "Go on in the background"),
                Answer("stop", "Stop at the next batch", dangerous=True),
                Answer("stay", "Stay"),
            )
            app.push_screen(Question("Work is under way", LEAVING, answers), self._left)
        elif isinstance(app.screen, StageScreen) and app.screen.busy:
            screen, text = app.screen, f"{app.screen.busy} is not finished; it will be stopped and can be done again."
            choices = (Answer("stop", "Stop and leave"), Answer("stay", "Stay"))

            def answered(answer: str | None) -> None:
                if answer == "stop":
                    screen.cancel.cancel("you left")
                    app.exit(0)

            app.push_screen(Question("Something is under way", text, choices), answered)
        else:
            app.exit(0)

    def _left(self, answer: str | None) -> None:
        app = self._app
        if answer == "stop" and app.at_work is not None:
            try:
                app.at_work.send(Command.CANCEL)
            except JetferryError as e:
                app.notify(e.message.text, severity="warning", markup=False)
        if answer in ("stop", "background"):
            app.exit(0)

    def action_close(self) -> None:
        """Back to the start screen; a worker works on."""
        app = self._app
        app.close_project()
        while len(app.screen_stack) > 1 and not isinstance(app.screen, StartScreen):
            app.pop_screen()

    def finished(self) -> None:
        """All nine stages were gone through."""
        screen = self._app.stage_screen
        if screen is not None:
            screen.aside(self._app.migration.left_out, self._finish)

    def _finish(self, lost: Sequence[str]) -> None:
        app = self._app
        data, folder = app.migration.data, app.migration.folder
        left = [s for s, status in app.migration.statuses().items() if not status.over]
        todo = "" if not left else "Not done: " + ", ".join(f"{s.number} {s.value.capitalize()}" for s in left) + "\n\n"
        if lost:
            self._ask_to_finish(todo, lost)
            return
        text = f"{todo}Everything that was made for {data.name} is in\n{folder}\n\n{_next_step(app)}"
        answers = (Answer("leave", "Leave Jetferry"), Answer("stay", "Look around"))
        app.push_screen(Question("The end of the way", text, answers), lambda a: app.exit(0) if a == "leave" else None)

    def _ask_to_finish(self, todo: str, lost: Sequence[str]) -> None:
        """What stayed behind is named before anybody leaves."""
        app = self._app
        named = "\n".join(f"- {plain(line)}" for line in lost)
        text = (
            f"{todo}{len(lost)} left out of {app.migration.data.name}:\n{named}\n\n"
            f"Everything that was made is in\n{app.migration.folder}\n\n{_next_step(app)}"
        )
        answers = (Answer("look", "Look at them"), Answer("leave", "Finish all the same", dangerous=True))

        def answered(answer: str | None) -> None:
            if answer == "leave":
                app.exit(int(Exit.LEFT_OUT))
            elif answer == "look":
                app.go(Stage.MIGRATE)

        app.push_screen(Question("Finish with losses?", text, answers, role=Role.LOSS), answered)


def _next_step(app: WizardApp) -> str:
    if app.migration.data.target.kind is TargetKind.PACKAGE and app.status(Stage.MIGRATE).done:
        return "Copy the folder package/ to the server and run deploy.ps1 or deploy.sh there; README.md says how."
    return "You can open this project again whenever you like."
