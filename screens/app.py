"""The wizard's application: opens a project, shows its stages one at a time, and keeps an ear on the engine."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from screens import reporting, sample
from screens.frame import OVER, StageScreen
from screens.leaving import Leaving
from screens.recent import remember
from screens.stages import SCREENS
from screens.start import StartScreen
from screens.themes import THEMES, choose_theme, chosen_theme, fitting
from screens.watch import Watch
from screens.widgets.dialogs import Answer, Question, trouble
from screens.widgets.help import HelpScreen
from screens.widgets.message_list import MessageList
from wizard import worker
from wizard.events import Event, Stage, StageChanged, Status, Told
from wizard.messages import JetferryError, Message, ProjectError
from wizard.stages import Migration
from wizard.worker import Work

EAR = 0.25
"""seconds between looks at what the engine and the worker told: what a slow line can carry"""


class WizardApp(Leaving, App[int]):
    """Jetferry in a terminal. `run` returns the exit status."""

    TITLE = "Jetferry"
    ENABLE_COMMAND_PALETTE = True
    CSS = """
    Input.-textual-compact:ansi { text-style: underline; }
    Input.-textual-compact { background: $panel; }
    #buttons Button:disabled { border: none !important; }
    Footer { scrollbar-size: 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", priority=True),
        Binding("ctrl+p", "command_palette", "Commands", show=False),
    ]

    def __init__(self, project: Path | None = None, *, demo: Path | None = None) -> None:
        super().__init__()
        self._project, self._demo = project, demo
        self._migration: Migration | None = None
        self._unlisten: Callable[[], None] | None = None
        self._inbox: deque[Event] = deque()
        self._agreed: set[Stage] = set()
        self.changing = threading.Lock()
        """one change of the project at a time"""
        self.at_work: Watch | None = None
        """the worker that is at work"""
        self.starting = False
        self._told: dict[Message, Stage] = {}
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = chosen_theme() or fitting()

    @property
    def migration(self) -> Migration:
        """The open project. Only stage screens ask, and they are shown only while one is open."""
        if self._migration is None:
            raise RuntimeError("no project is open")
        return self._migration

    @property
    def has_project(self) -> bool:
        return self._migration is not None

    def on_mount(self) -> None:
        self.set_interval(EAR, self._listen)
        self.push_screen(StartScreen())
        if self._demo is not None:
            folder = self._demo
            self.make(lambda: sample.project(folder))
        elif self._project is not None:
            self.open(self._project)

    # opening

    @work(thread=True, group="open")
    def open(self, path: Path) -> None:
        """Open a project, or attach to the worker that has it, and show the stage where it goes on."""
        try:
            if worker.at_work(path) is not None:
                migration = Migration.open(path, hold=False, what="wizard")
                self.call_from_thread(self.opened, migration, Watch(worker.attach(path)))
            else:
                migration = Migration.open(path, what="wizard")
                migration.sources.check()
                self.call_from_thread(self.opened, migration)
                damage = migration.migrate.damage()
                if damage:
                    self.call_from_thread(self.push_screen, damaged_journal(damage))
        except JetferryError as e:
            self.call_from_thread(self._not_opened, path, e)

    @work(thread=True, group="open")
    def make(self, create: Callable[[], Migration]) -> None:
        """Make a new project in a thread and show its first stage."""
        try:
            migration = create()
        except JetferryError as e:
            self.call_from_thread(self.push_screen, trouble(e.message, safe="Nothing was made or changed."))
            return
        self.call_from_thread(self.opened, migration)

    def _not_opened(self, path: Path, error: JetferryError) -> None:
        answers = [Answer("ok", "OK")]
        if isinstance(error, ProjectError) and error.message.number == 8005:
            answers.insert(0, Answer("again", "Try again"))

        def answered(answer: str | None) -> None:
            if answer == "again":
                self.open(path)

        self.push_screen(trouble(error.message, safe="Nothing was opened or changed.", answers=answers), answered)

    def opened(self, migration: Migration, watch: Watch | None = None) -> None:
        """A project is open from here on."""
        self.close_project()
        self._migration = migration
        self._told = dict.fromkeys(migration.session.messages, Stage.PROJECT)
        self._unlisten = migration.listen(self._inbox.append)
        remember(migration.path)
        cut_off = migration.cut_off
        if watch is not None:
            self.attached(watch)
            self.go(watch.running or going_on(migration))
            self.notify("Work is under way: you are attached to it.", markup=False)
        else:
            self.go(going_on(migration))
            if cut_off is not None:
                self.ask_to_resume(cut_off, Message.of(8109, stage=cut_off.value.capitalize()).text)

    def close_project(self) -> None:
        """Let go of the project; a worker works on."""
        if self._unlisten:
            self._unlisten()
        if self._migration is not None:
            self._migration.close()
        if self.at_work is not None:
            self.at_work.attachment.close()
        self._migration = self.at_work = self._unlisten = None
        self._agreed.clear()
        self._inbox.clear()

    # the worker

    def start_work(self, what: Work, tables: Sequence[str] = ()) -> None:
        """Hand the project to a worker and follow it; the screen hears of it through `heard`.

        `tables` are those to reload or whose rejects to retry; none means all.
        """
        if self.at_work is None and not self.starting:
            self.starting = True
            self._start(what, tables)
            if isinstance(self.screen, StageScreen):
                self.screen.show_state()

    @work(thread=True, group="open")
    def _start(self, what: Work, tables: Sequence[str]) -> None:
        migration = self.migration
        try:
            watch = Watch(worker.start(migration.path, what, migration=migration, tables=tables))
        except JetferryError as e:
            migration.take_back("wizard")
            self.call_from_thread(self._not_started, e.message)
            return
        self.call_from_thread(self.attached, watch)

    def _not_started(self, message: Message) -> None:
        self.starting = False
        self.push_screen(trouble(message, safe="Nothing was begun; the project is as it was."))

    def attached(self, watch: Watch) -> None:
        """The worker's events are heard from here on."""
        self.starting = False
        self.at_work = watch
        self._remember(watch.told)
        if isinstance(self.screen, StageScreen):
            self.screen.refresh_work()

    def _listen(self) -> None:
        """Bring what was told to the screen, at most four times a second."""
        told = [self._inbox.popleft() for _ in range(len(self._inbox))]
        watch = self.at_work
        if watch is not None:
            told += watch.poll()
        if told:
            self._remember(told)
            if isinstance(self.screen, StageScreen) and self.screen.is_mounted:
                self.screen.take(told)
                if any(isinstance(e, Told | StageChanged) for e in told):
                    self.screen.show_state()
        if watch is not None and watch.ended is not None:
            self.at_work = None
            self._work_ended(watch)

    @property
    def messages(self) -> list[Message]:
        """All that the stages' last runs told, oldest first."""
        return list(self._told)

    def _remember(self, told: Iterable[Event]) -> None:
        """Keep the messages; a stage that runs again begins anew."""
        for event in told:
            if isinstance(event, StageChanged) and event.status is Status.RUNNING:
                self._told = {m: s for m, s in self._told.items() if s is not event.stage}
            elif isinstance(event, Told):
                self._told.setdefault(event.message, event.stage)

    @work(thread=True, group="open")
    def _take_back(self, watch: Watch) -> None:
        try:
            self.migration.take_back("wizard")
        except JetferryError as e:
            self.call_from_thread(self.push_screen, trouble(e.message, safe="What the worker did is kept."))
            return
        self.call_from_thread(self._back, watch)

    def _work_ended(self, watch: Watch) -> None:
        watch.attachment.close()
        self._take_back(watch)

    def _back(self, watch: Watch) -> None:
        """The project is ours again after a worker's end."""
        screen = self.screen
        for shown in self.screen_stack:
            if isinstance(shown, StageScreen):
                shown.show_state()
                shown.refresh_work()
        ended = watch.ended
        cut_off = self.migration.cut_off
        if cut_off is not None and ended is not None:
            self.ask_to_resume(cut_off, ended.detail, watch.attachment.state.work)
        elif ended is not None and ended.exit_status not in (worker.DONE, worker.LEFT_OUT):
            self.ended_badly(ended)
        elif isinstance(screen, StageScreen) and screen.stage is not watch.last:
            self.notify("The work has ended.", markup=False)

    def ended_badly(self, ended: Event) -> None:
        """What the work ended with, where it did not end well."""
        detail = getattr(ended, "detail", "") or "The work ended."
        failed = next((m for m in reversed(self.messages) if str(m) == detail), None)
        text = failed.text if failed else detail
        safe = "Everything that arrived is kept and will not be sent twice; press the same button to go on."
        self.push_screen(Question("The work has ended", f"{text}\n\nWhat is safe: {safe}", (Answer("ok", "OK"),)))

    def ask_to_resume(self, stage: Stage, why: str, what: Work | None = None) -> None:
        """After a worker or a wizard was killed: go on with what it did?"""
        if stage not in (Stage.LOAD, Stage.MIGRATE):
            self.notify(why, severity="warning", markup=False)
            return
        text = f"{why}\n\nWhat is safe: what was committed is kept, and going on repeats nothing."
        answers = (Answer("resume", "Go on now"), Answer("later", "Later"))
        again = what or Work(stage.value)

        def answered(answer: str | None) -> None:
            if answer == "resume":
                if isinstance(self.screen, StageScreen) and self.screen.stage is not stage:
                    self.go(stage)
                self.call_later(self.start_work, again)

        self.push_screen(Question("The work was cut off", text, answers), answered)

    def one_step(self) -> None:
        """Convert, load and migrate, what is not done yet, in a worker."""
        if self.at_work is not None:
            self.notify("Work is under way already.", severity="warning", markup=False)
            return
        blocked = self.migration.blocked(Stage.CONVERT)
        if blocked is not None:
            self.notify(blocked.text, severity="warning", markup=False)
            return
        text = "Convert, load and migrate: each that is not done yet, one after the other, in the background."

        def answered(answer: str | None) -> None:
            if answer == "go":
                self.go(Stage.MIGRATE)
                self.call_later(self.start_work, Work.ONE_STEP)

        self.push_screen(Question("One step", text, (Answer("go", "Start"), Answer("no", "Not now"))), answered)

    # statuses

    def status(self, stage: Stage) -> Status:
        """A stage's status, as the worker tells it while one is at work."""
        if self.at_work is not None and stage in self.at_work.statuses:
            return self.at_work.statuses[stage]
        return self.migration.status(stage)

    def agreed(self, stage: Stage) -> bool:
        """A person was told already, on this visit to a stage, that changes reach further."""
        return stage in self._agreed

    def agree(self, stage: Stage) -> None:
        self._agreed.add(stage)

    # what is shown

    def go(self, stage: Stage) -> None:
        """Show a stage's screen in place of the present one."""
        self._agreed.clear()
        screen = SCREENS[stage]()
        if isinstance(self.screen, StageScreen):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def title_line(self) -> str:
        """What the top line says: the project and where it goes."""
        data = self.migration.data
        kinds = {
            "package": "offline package",
            "sqlserver": f"SQL Server {data.target.version.value}",
            "azure-sql-database": "Azure SQL Database",
            "azure-sql-managed-instance": "Azure SQL Managed Instance",
        }
        work_on = "   (at work)" if self.at_work is not None else ""
        return f"Jetferry   {data.name} → {kinds[data.target.kind.value]}{work_on}"

    def explain(self, text: str) -> None:
        self.push_screen(HelpScreen(text))

    def show_messages(self) -> None:
        self.push_screen(MessageList(self.messages), self._to_object)

    def _to_object(self, message: Message | None) -> None:
        if message is not None and isinstance(self.screen, StageScreen):
            self.screen.jump(message.place)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)
        for theme in THEMES:
            word = theme.name.removeprefix("jetferry-")
            yield SystemCommand(f"Theme: {word}", f"Show Jetferry in its {word} colours", self._themed(theme.name))
        if not isinstance(screen, StageScreen):
            return
        for stage in Stage:
            name = f"Go to {stage.number} {stage.value.capitalize()}"
            yield SystemCommand(name, "Show this stage", lambda s=stage: screen.visit(s))
        yield SystemCommand("Messages", "All that was told", self.show_messages)
        yield SystemCommand("Close the project", "Back to the start screen", self.action_close)

    def _themed(self, name: str) -> Callable[[], None]:
        def change() -> None:
            self.theme = name
            choose_theme(name)

        return change

    def unexpected(self, error: Exception) -> None:
        """Something nobody foresaw: a report is written, and a dialog says where."""
        path = reporting.write(error, self._migration.folder if self._migration else None, _now())
        text = (
            f"{type(error).__name__}: {error}\n\nA report with the details is in\n{path}\n"
            "Please send it to Jetferry's makers; it holds no rows and no passwords.\n\n"
            "What is safe: the project is saved as it was before this step."
        )
        self.push_screen(Question("An unexpected error", text, (Answer("ok", "Go on"),)))

    def _handle_exception(self, error: Exception) -> None:
        """Textual's last resort: a short plain report in place of a traceback over the screen."""
        if self.is_headless:
            super()._handle_exception(error)
            return
        path = reporting.write(error, self._migration.folder if self._migration else None, _now())
        self.exit(1, message=f"Jetferry met an unexpected error; your project is saved. A report to send is in {path}")


def damaged_journal(damage: Sequence[Message]) -> Question:
    """What happened to the journal, what is safe, what can be done."""
    more = f"\n\nSo are {len(damage) - 1} more lines." if len(damage) > 1 else ""
    text = (
        f"{damage[0].text}{more}\n\n"
        "What is safe: your Access files and every row that arrived. How far each table has come is kept with the rows "
        "themselves, not in the journal; nothing is sent twice.\n\n"
        "What can be done: go on as usual. Verify in stage 8 compares both sides and shows what is there; Refill there "
        "copies a table anew, if its figures matter."
    )
    return Question(f"{damage[0].code}: the journal is damaged", text, (Answer("ok", "Go on"),))


def going_on(migration: Migration) -> Stage:
    """The stage to show when a project is opened: the first that is not over, left-out optional ones aside."""
    statuses = migration.statuses()
    over = [s for s in Stage if statuses[s] in OVER]
    last = over[-1].number if over else 0
    todo = (s for s in Stage if s not in over and not (s is Stage.ASSESS and s.number < last))
    return next(todo, Stage.LINK)


def _now() -> float:
    return time.time()


def run(project: Path | None = None, *, demo: Path | None = None) -> int:
    """Open the wizard: with a project, with the sample in the folder `demo`, or at the start screen."""
    app = WizardApp(project, demo=demo)
    status = app.run()
    app.close_project()
    return status if status is not None else (app.return_code or 0)


__all__: Sequence[str] = ["WizardApp", "run"]
