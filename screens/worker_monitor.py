"""The worker watched by the wizard: started, followed to its end, and what to ask where it was cut off."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, runtime_checkable

from textual import work

from screens.application import ApplicationPart
from screens.widgets.dialogs import Answer, Question, trouble
from screens.worker_watch import WorkerWatch
from wizard import worker
from wizard.events import Event, MessageTold, Stage, StageChanged, Status, WorkEnded
from wizard.messages import JetferryError, Message, Severity, Topic
from wizard.outcomes import Exit, Role
from wizard.stages import title
from wizard.worker import WorkerState, WorkerTask

KEPT: Final = "Everything that arrived is kept and will not be sent twice"
GOES_ON: Final = {
    WorkerTask.RELOAD: "Migrate goes on",
    WorkerTask.RETRY_REJECTS: "sending them again goes on",
    WorkerTask.VERIFY: "Verify compares again",
}
"""what goes on after a stop, where it is not the button that began the work"""


@runtime_checkable
class EventView(Protocol):
    """A stage or a dialog that shows what is under way."""

    @property
    def is_mounted(self) -> bool:
        """Textual's own: whether its widgets are there."""

    def on_events(self, told: Sequence[Event]) -> None:
        """Events since the last call; called at most four times a second."""


class WorkerMonitor(ApplicationPart):
    """A part of the application: who works on the project, and the messages so far."""

    def __init__(self, **options: Any) -> None:
        self.at_work: WorkerWatch | None = None
        """the worker that is at work"""
        self.starting = False
        self._told: dict[Message, Stage] = {}
        super().__init__(**options)

    def start_work(self, what: WorkerTask, tables: Sequence[str] = ()) -> None:
        """Hand the project to a worker and follow it; the screen gets its events through `heard`.

        `tables` are those to reload or whose rejects to retry; none means all.
        """
        if self.at_work is None and not self.starting:
            self.starting = True
            self._start(what, tables)
            self._show_state()

    @work(thread=True, group="open")
    def _start(self, what: WorkerTask, tables: Sequence[str]) -> None:
        app = self.wizard
        migration = app.migration
        try:
            watch = WorkerWatch(worker.start(migration.path, what, migration=migration, tables=tables))
        except JetferryError as e:
            migration.take_back("wizard")
            self.call_from_thread(self._not_started, e.message)
            return
        self.call_from_thread(self.attached, watch)

    def _not_started(self, message: Message) -> None:
        self.starting = False
        self.push_screen(trouble(message, safe="Nothing was begun; the project is as it was."))

    def attached(self, watch: WorkerWatch) -> None:
        """The worker's events are followed from here on."""
        self.starting = False
        self.at_work = watch
        self._keep(watch.told)
        shown = self.wizard.stage_screen
        if shown is not None:
            shown.refresh_work()

    def let_go(self) -> None:
        """Stop following the worker, which goes on working."""
        if self.at_work is not None:
            self.at_work.attachment.close()
        self.at_work = None

    def listen(self) -> None:
        """Bring new events to the screen; called at most four times a second."""
        app = self.wizard
        told = [app.inbox.popleft() for _ in range(len(app.inbox))]
        watch = self.at_work
        silent = watch.silent if watch is not None else None
        if watch is not None:
            told += watch.poll()
        if told:
            self._keep(told)
            for shown in self.screen_stack:  # a dialog may lie over the stage
                if isinstance(shown, EventView) and shown.is_mounted:
                    shown.on_events(told)
            now = watch.silent if watch is not None else None
            if now is not silent or any(isinstance(e, MessageTold | StageChanged) for e in told):
                self._show_state()
        if watch is not None and watch.ended is not None:
            self.wizard.call_back(time.monotonic() - watch.seconds, "the work has ended")
            self.let_go()
            self._take_back(watch)

    def _show_state(self) -> None:
        shown = self.wizard.stage_screen
        if shown is not None:
            shown.show_state()

    # what was told

    @property
    def messages(self) -> list[Message]:
        """Messages of the stages' last runs, oldest first."""
        return list(self._told)

    def begin_messages(self, told: Iterable[Message], earlier: Mapping[Stage, Iterable[Message]] | None = None) -> None:
        """The messages of opening a project, and those that its stages had earlier."""
        self._told = {m: s for s, messages in (earlier or {}).items() for m in messages}
        self._told |= dict.fromkeys(told, Stage.PROJECT)

    def _keep(self, told: Iterable[Event]) -> None:
        """Keep the messages; a stage that runs again begins again."""
        for event in told:
            if isinstance(event, StageChanged) and event.status is Status.RUNNING:
                self._told = {m: s for m, s in self._told.items() if s is not event.stage}
            elif isinstance(event, MessageTold):
                self._told.setdefault(event.message, event.stage)

    # its end

    @work(thread=True, group="open")
    def _take_back(self, watch: WorkerWatch) -> None:
        app = self.wizard
        try:
            app.migration.take_back("wizard")
        except JetferryError as e:
            self.call_from_thread(self.push_screen, trouble(e.message, safe="What the worker did is kept."))
            return
        self.call_from_thread(self._back, watch)

    def _back(self, watch: WorkerWatch) -> None:
        """The project is ours again after a worker's end."""
        app = self.wizard
        worker.seen(app.migration.path)
        screen = app.stage_screen
        if screen is not None:
            screen.show_state()
            screen.refresh_work()
        ended = watch.ended
        cut_off = app.migration.cut_off
        if cut_off is not None and ended is not None:
            self.ask_to_resume(cut_off, ended.detail, watch.attachment.state.work)
        elif watch.stopping and Status.FAILED not in watch.statuses.values():
            goes_on = GOES_ON.get(watch.attachment.state.work, "the same button goes on")
            self.notify(f"Stopped, as you asked. What has arrived is kept; {goes_on}.", markup=False)
        elif ended is not None and ended.exit_status not in (Exit.DONE, Exit.LEFT_OUT):
            self._ended_badly(ended.detail, watch.last, watch.attachment.state.work)
        elif screen is not None and screen.stage is not watch.last:
            self.notify("The work has ended.", markup=False)

    def greet(self, state: WorkerState, ended: WorkEnded, lost: Sequence[str]) -> None:
        """What a worker did that ended while nobody looked, and what it had to leave out."""
        app = self.wizard
        at = datetime.fromtimestamp(ended.at).strftime("%Y-%m-%d %H:%M")
        stage = Stage(state.work.value) if state.work.value in list(Stage) else Stage.MIGRATE
        did = app.migration.detail(stage) or app.migration.status(stage).value
        head = f"The worker (process {state.pid}, {state.work.value}) ended at {at}."
        if ended.exit_status == Exit.DONE:
            self.notify(f"{head} {title(stage)}: {did}.", markup=False, timeout=15)
            return
        losses = ended.exit_status == Exit.LEFT_OUT
        told = "\n".join(f"- {line}" for line in lost) if losses else ended.detail
        text = f"{head}\n\n{did[:1].upper()}{did[1:]}\n\n{'Left out:' if losses else ''}\n{told}".replace(
            "\n\n\n", "\n\n"
        )
        text = f"{text}\n\nWhat is safe: {KEPT}."
        failed = any(app.migration.status(s) is Status.FAILED for s in Stage)
        how = "ended with losses" if losses else "failed" if failed else "ended early"  # as when it was told to stop
        role = Role.BAD if failed and not losses else Role.LOSS
        self.push_screen(Question(f"{title(stage)} {how}", text, (Answer("ok", "OK"),), role=role))

    def _ended_badly(self, detail: str, stage: Stage | None, what: WorkerTask) -> None:
        """What the work ended with, where it did not end well, and its stage's latest error: the cause."""
        detail = detail or "The work ended."
        failed = next((m for m in reversed(self.messages) if str(m) == detail), None)
        errors = [m for m, s in self._told.items() if s is stage and m.severity is Severity.ERROR and m is not failed]
        text = "\n\n".join([failed.text if failed else detail, *(m.text for m in errors[-1:])])
        text = f"{text}\n\nWhat is safe: {_safe(what, failed)}"
        name = f"{title(stage)} has not succeeded" if stage is not None else "The work has not succeeded"
        self.push_screen(Question(name, text, (Answer("ok", "OK"),)))

    def ask_to_resume(self, stage: Stage, why: str, what: WorkerTask | None = None) -> None:
        """After a worker or a wizard was killed: go on with what it did?"""
        app = self.wizard
        if stage not in (Stage.LOAD, Stage.MIGRATE):
            self.notify(why, severity="warning", markup=False)
            return
        text = f"{why}\n\nWhat is safe: what was committed is kept, and going on repeats nothing."
        answers = (Answer("resume", "Go on now"), Answer("later", "Later"))
        again = what or WorkerTask(stage.value)

        def answered(answer: str | None) -> None:
            if answer == "resume":
                if app.stage_screen is not None and app.stage_screen.stage is not stage:
                    app.go(stage)
                self.call_later(self.start_work, again)

        self.push_screen(Question(f"{title(stage)} was cut off", text, answers), answered)

    def one_step(self) -> None:
        """Convert, load and migrate, what is not done yet, in a worker."""
        app = self.wizard
        if self.at_work is not None:
            self.notify("Work is under way already.", severity="warning", markup=False)
            return
        blocked = app.migration.blocked(Stage.CONVERT)
        if blocked is not None:
            self.notify(blocked.text, severity="warning", markup=False)
            return
        text = "What is not done yet of the three, one after the other, in the background."

        def answered(answer: str | None) -> None:
            if answer == "go":
                app.go(Stage.MIGRATE)
                self.call_later(self.start_work, WorkerTask.ONE_STEP)

        self.push_screen(
            Question("Convert, load and migrate now?", text, (Answer("go", "Start"), Answer("no", "Not now"))), answered
        )


def _safe(what: WorkerTask, failed: Message | None) -> str:
    """What a person need not fear after work that failed, and the button that goes on with it, if there is one."""
    if what is WorkerTask.VERIFY:
        return "Comparing changed nothing on either side."
    if what is WorkerTask.RETRY_REJECTS or (failed is not None and failed.topic is Topic.SIDES_DIFFER):
        return f"{KEPT}."
    return f"{KEPT}; press {'Migrate' if what is WorkerTask.RELOAD else 'the same button'} to go on."
