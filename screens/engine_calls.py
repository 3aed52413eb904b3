"""Calls of the engine from screens: in threads, with results and errors brought back to the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from textual import work
from textual.screen import Screen

from screens.application import WizardContract, wizard_of
from screens.repair_dialog import RepairDialog
from screens.widgets.dialogs import Answer, Question, trouble
from screens.widgets.status_signs import STAGE_NAMES
from screens.widgets.thread_results import bring
from wizard.events import Progress, Stage
from wizard.messages import JetferryError, Message
from wizard.settings import RepairRule
from wizard.stages import CancellationToken, Migration, Project, StoppedError

SAFE = "The project is saved as it was before this step; the Access files are never changed."


class EngineCalls(Screen[None]):
    """What every stage's screen stands on."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        self.cancel = CancellationToken()
        self.busy = ""
        """what is being done in a thread; empty where nothing is"""
        self.began = 0.0
        """when that began, by `time.monotonic`; 0 where nobody knows"""
        self.progress: Progress | None = None
        """how far that has come"""
        super().__init__()

    @property
    def wizard(self) -> WizardContract:
        """The application."""
        return wizard_of(self)

    @property
    def migration(self) -> Migration:
        """The open project."""
        return self.wizard.migration

    def show_state(self) -> None:
        """Show how the stage stands."""

    def refresh_work(self) -> None:
        """Show the stage as the migration has it now; called when the screen is entered and when work ended."""

    def note(self, text: str, *, severity: str = "information") -> None:
        """A short note at the corner."""
        self.app.notify(text, severity=cast("Any", severity), markup=False)

    def fail(self, message: Message) -> None:
        """A dialog for an error of the engine's."""
        self.show_state()
        self.app.push_screen(trouble(message, safe=SAFE))

    def aside(
        self,
        task: Callable[[], Any],
        then: Callable[[Any], None] | None = None,
        *,
        doing: str = "",
        failed: Callable[[JetferryError], None] | None = None,
        opens: bool = False,
    ) -> None:
        """Run `task` in a thread and `then` with its result on the screen; an error becomes a dialog.

        With `doing` the screen says what is under way and can do nothing else meanwhile; Esc stops it where `task`
        asks `self.cancel`. Where `then` opens what the keys typed after this are meant for, with `opens` they wait.
        """
        if doing:
            self.cancel = CancellationToken()
            self.busy, self.began = doing, time.monotonic()
            self.progress = None
            self.show_state()
        worker = self._in_thread(task, then, failed, bool(doing))
        if opens:
            self.wizard.opening = worker

    @work(thread=True, group="engine")
    def _in_thread(
        self,
        task: Callable[[], Any],
        then: Callable[[Any], None] | None,
        failed: Callable[[JetferryError], None] | None,
        busy: bool,
    ) -> None:
        ending: Callable[[], None]
        try:
            result = task()
        except StoppedError:
            ending = self._stopped
        except JetferryError as e:
            problem = e
            ending = lambda: failed(problem) if failed else self.fail(problem.message)  # noqa: E731
        except Exception as e:
            unexpected = e
            ending = lambda: self.wizard.unexpected(unexpected)  # noqa: E731
        else:
            ending = lambda: then(result) if then else None  # noqa: E731
        bring(self, self._ended, ending, busy)

    def _ended(self, ending: Callable[[], None], busy: bool) -> None:
        if busy:
            self.wizard.call_back(self.began, f"{self.busy}: ended")
            self.busy, self.began = "", 0.0
        ending()
        if self.is_current or self.is_mounted:
            self.show_state()

    def _stopped(self) -> None:
        self.note("Stopped. What was done before is kept.")
        self.refresh_work()

    def ask_repair(self, rule: RepairRule | None) -> None:
        """Ask for a repair rule for what `rule` is about, and make it; say so where no rule speaks of such."""
        if rule is None:
            self.note("No repair rule covers this. The message says what to do.")
            return
        migration = self.migration

        def answered(chosen: RepairRule | None) -> None:
            if chosen is not None:
                self.change(
                    lambda: migration.project.set_repair(chosen),
                    lambda: migration.project.with_repair(chosen),
                    self.refresh_work,
                )

        self.app.push_screen(RepairDialog(migration, rule), answered)

    def change(
        self,
        make: Callable[[], tuple[Stage, ...]],
        changed: Callable[[], Project] | None = None,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Make a change; where it would make finished stages stale, say so and ask first.

        `changed` gives the project as it would be, in a thread; without it the finished stages behind this one are
        named.
        """
        migration, stage = self.migration, self.stage

        def effects() -> tuple[Stage, ...]:
            if changed is not None:
                return migration.effects(changed())
            statuses = migration.statuses()
            return tuple(s for s in Stage if s.number > stage.number and statuses[s].done)

        if self.wizard.agreed(stage):
            self._make(make, then)
        else:
            self.aside(effects, lambda found: self._ask(found, make, then))

    def _ask(
        self, effects: Sequence[Stage], make: Callable[[], tuple[Stage, ...]], then: Callable[[], None] | None
    ) -> None:
        """Say which stages a change makes stale, and ask whether it is to be made; it is made at once where it makes
        none stale.
        """
        if effects:
            names = "\n".join(f"  {s.number} {STAGE_NAMES[s]}" for s in effects)
            text = f"After this change these are to be done again:\n{names}\n\nNothing is lost: you are led there."
            answers = (Answer("yes", "Change it"), Answer("no", "Leave it as it is"))
            self.app.push_screen(
                Question("Stages to be done again", text, answers), lambda a: self._answered(a, make, then)
            )
        else:
            self._make(make, then)

    def _answered(
        self, answer: str | None, make: Callable[[], tuple[Stage, ...]], then: Callable[[], None] | None
    ) -> None:
        if answer == "yes":
            self.wizard.agree(self.stage)
            self._make(make, then)
        else:
            self.refresh_work()

    def _make(self, make: Callable[[], tuple[Stage, ...]], then: Callable[[], None] | None) -> None:
        def task() -> tuple[Stage, ...]:
            with self.wizard.changing:
                return make()

        def refused(error: JetferryError) -> None:
            self.fail(error.message)
            self.refresh_work()

        self.aside(task, lambda _: then() if then else None, failed=refused)
