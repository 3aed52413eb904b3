"""Projects opened, made and closed; where another process works on one, the wizard attaches to it."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textual import work

from screens.application import ApplicationPart
from screens.recent import remember
from screens.widgets.dialogs import Answer, Question, trouble
from screens.worker_watch import WorkerWatch
from wizard import worker
from wizard.events import Event, Stage, WorkEnded
from wizard.messages import JetferryError, Message, ProjectTakenError
from wizard.outcomes import Exit
from wizard.plurals import counted
from wizard.stages import Migration, title
from wizard.stages.losses import left_out


class ProjectFlow(ApplicationPart):
    """A part of the application: the open project."""

    def __init__(self, **options: Any) -> None:
        self._migration: Migration | None = None
        self._unlisten: Callable[[], None] | None = None
        self.inbox: deque[Event] = deque()
        """events of the engine since the last look, from any thread"""
        super().__init__(**options)

    @property
    def migration(self) -> Migration:
        """The open project. Raises RuntimeError where none is: stage screens alone ask, with one open."""
        if self._migration is None:
            raise RuntimeError("no project is open")
        return self._migration

    @property
    def has_project(self) -> bool:
        """Whether a project is open."""
        return self._migration is not None

    @work(thread=True, group="open")
    def open(self, path: Path) -> None:
        """Open a project, or attach to the worker that has it, and show the stage where it goes on."""
        app = self.wizard
        try:
            watch = None
            if worker.at_work(path) is not None:
                migration = Migration.open(path, hold=False, what="wizard")
                watch = WorkerWatch(worker.attach(path))
            else:
                migration = Migration.open(path, what="wizard")
                migration.sources.check()
            ended = None if watch is not None else worker.unseen(path)
            lost = _lost(migration, ended[1]) if ended else ()
            warm(migration)
            damage = migration.migrate.damage()
            stage = (watch.running if watch else None) or going_on(migration)
        except JetferryError as e:
            self.call_from_thread(self._not_opened, path, e)
            return
        self.call_from_thread(self.opened, migration, watch, stage)
        if ended is not None and migration.cut_off is None:
            self.call_from_thread(app.greet, *ended, lost)
        worker.seen(path)
        if damage:
            self.call_from_thread(self.push_screen, damaged_journal(damage))

    @work(thread=True, group="open")
    def make(self, create: Callable[[], Migration]) -> None:
        """Make a new project in a thread and show its first stage."""
        try:
            migration = create()
        except JetferryError as e:
            self.call_from_thread(self.push_screen, trouble(e.message, safe="Nothing was made or changed."))
            return
        self.call_from_thread(self.opened, migration)
        warm(migration)

    def _not_opened(self, path: Path, error: JetferryError) -> None:
        answers = [Answer("ok", "OK")]
        if isinstance(error, ProjectTakenError):
            answers.insert(0, Answer("again", "Try again"))

        def answered(answer: str | None) -> None:
            if answer == "again":
                self.open(path)

        dialog = trouble(error.message, safe="Nothing was opened or changed.", answers=answers)
        self.push_screen(dialog, answered)

    def opened(self, migration: Migration, watch: WorkerWatch | None = None, stage: Stage | None = None) -> None:
        """A project is open from here on, at `stage` or where it goes on."""
        app = self.wizard
        self.close_project()
        self._migration = migration
        app.begin_messages(migration.session.messages, {s: migration.messages(s) for s in Stage})
        self._unlisten = migration.listen(self.inbox.append)
        remember(migration.path)
        cut_off = migration.cut_off
        if watch is not None:
            app.attached(watch)
            self.notify("Work is under way: you are attached to it.", markup=False)
        app.go(stage or going_on(migration))
        gc.freeze()  # its definitions live on: see WizardApp.tidy
        if watch is None and cut_off is not None:
            app.ask_to_resume(cut_off, Message.of(8109, stage=title(cut_off)).text)

    def close_project(self) -> None:
        """Let go of the project; a worker works on."""
        if self._unlisten:
            self._unlisten()
        if self._migration is not None:
            self._migration.close()
        self.wizard.let_go()
        self._migration = self._unlisten = None
        self.inbox.clear()


def warm(migration: Migration) -> None:
    """Load every stage's modules, in a thread: a screen that asks for one first would stand still meanwhile."""
    for stage in Stage:
        getattr(migration, stage.value)


def damaged_journal(damage: Sequence[Message]) -> Question:
    """What happened to the journal, what is safe, what can be done."""
    others = len(damage) - 1
    more = f"\n\nSo {'is' if others == 1 else 'are'} {counted(others, 'more line')}." if others else ""
    text = (
        f"{damage[0].fact_first}.{more}\n\n"
        "What is safe: your Access files and every row that arrived. How far each table has come is kept with the rows "
        "themselves, not in the journal; nothing is sent twice.\n\n"
        "What can be done: go on as usual. Verify in stage 8 compares both sides and shows what is there; Refill there "
        "copies a table again, if its figures matter."
    )
    return Question("The journal is damaged", text, (Answer("ok", "Go on"),))


def going_on(migration: Migration) -> Stage:
    """The stage to show when a project is opened: the first that is not over, left-out optional ones aside."""
    statuses = migration.statuses()
    over = [s for s in Stage if statuses[s].over]
    last = over[-1].number if over else 0
    todo = (s for s in Stage if s not in over and not (s is Stage.ASSESS and s.number < last))
    return next(todo, Stage.LINK)


def _lost(migration: Migration, ended: WorkEnded) -> Sequence[str]:
    """What a worker left out; by name alone where a source can no longer be read."""
    if ended.exit_status != Exit.LEFT_OUT:
        return ()
    try:
        return left_out(migration)
    except JetferryError:
        return ended.detail.split("; ")
