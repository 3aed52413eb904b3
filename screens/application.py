"""What a screen, and each part of the application, asks of the application: the contract that `WizardApp` fills."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, cast

from textual.app import App
from textual.dom import DOMNode
from textual.worker import Worker

from screens.worker_watch import WorkerWatch
from wizard.events import Event, Stage, Status, WorkEnded
from wizard.messages import Message
from wizard.stages import CancellationToken, Migration
from wizard.worker import WorkerState, WorkerTask


class StageView(Protocol):
    """The screen of a stage, as the application knows it."""

    @property
    def stage(self) -> Stage:
        """The stage that it shows."""

    @property
    def busy(self) -> str:
        """What it does in a thread; empty where nothing is under way."""

    @property
    def cancel(self) -> CancellationToken:
        """What ends that."""

    def show_state(self) -> None:
        """Show how the stage stands."""

    def refresh_work(self) -> None:
        """Show what the migration has now."""

    def aside(self, task: Callable[[], Any], then: Callable[[Any], None] | None = None) -> None:
        """Run `task` in a thread, and `then` with its result on the screen."""


class WizardContract(Protocol):
    """The application."""

    at_work: WorkerWatch | None
    """the worker that is at work on the project"""
    opening: Worker[None] | None
    """the thread that reads what the last key opens; None where none does"""
    starting: bool
    """a worker is being started"""
    inbox: deque[Event]
    """events of the engine since the last look"""

    # the open project

    @property
    def migration(self) -> Migration:
        """The open project. Raises RuntimeError where none is open."""

    @property
    def changing(self) -> AbstractContextManager[Any]:
        """One change of the project at a time."""

    @property
    def messages(self) -> Sequence[Message]:
        """Messages of the stages' last runs, oldest first."""

    def open(self, path: Path) -> object:
        """Open a project in a thread, and show the stage where it goes on."""

    def make(self, create: Callable[[], Migration]) -> object:
        """Make a project in a thread, and show its first stage."""

    def close_project(self) -> None:
        """Let go of the project; a worker works on."""

    def status(self, stage: Stage) -> Status:
        """A stage's status; while a worker is at work, as its events say."""

    def agreed(self, stage: Stage) -> bool:
        """On this visit to a stage a person has already accepted that later stages become stale."""

    def agree(self, stage: Stage) -> None:
        """A person has accepted that, on this visit."""

    # its worker

    def start_work(self, what: WorkerTask, tables: Sequence[str] = ()) -> None:
        """Hand the project to a worker and follow it."""

    def attached(self, watch: WorkerWatch) -> None:
        """The worker's events are followed from here on."""

    def let_go(self) -> None:
        """Stop following the worker, which goes on working."""

    def begin_messages(self, told: Iterable[Message], earlier: Mapping[Stage, Iterable[Message]] | None = None) -> None:
        """The messages of opening a project, and those that its stages had earlier."""

    def greet(self, state: WorkerState, ended: WorkEnded, lost: Sequence[str]) -> None:
        """What a worker did that ended while nobody looked, and what it had to leave out."""

    def ask_to_resume(self, stage: Stage, why: str, what: WorkerTask | None = None) -> None:
        """After a worker or a wizard was killed: go on with what it did?"""

    def one_step(self) -> None:
        """Convert, load and migrate, what is not done yet."""

    # what is shown

    @property
    def stage_screen(self) -> StageView | None:
        """The stage that is shown, though dialogs may lie over it."""

    def go(self, stage: Stage) -> None:
        """Show a stage."""

    def finished(self) -> None:
        """All nine stages were gone through."""

    def title_line(self) -> str:
        """The project and where it goes."""

    @property
    def picture_folder(self) -> Path | None:
        """Where pictures of the screen are saved; None where no project is open."""

    @property
    def common_actions(self) -> frozenset[str]:
        """What every stage's screen can do."""

    def call_back(self, began: float, what: str) -> None:
        """Long work that began then has ended: call a person who looks elsewhere."""

    def explain(self, text: str) -> None:
        """Show a help text in Markdown."""

    def show_messages(self) -> None:
        """Show the list of messages."""

    def unexpected(self, error: Exception) -> None:
        """Show an unexpected error."""


class ApplicationPart(App[int]):
    """What the parts of the application share, each of which holds one of its duties."""

    @property
    def wizard(self) -> WizardContract:
        """The whole that this is a part of."""
        return cast("WizardContract", self)


def wizard_of(node: DOMNode) -> WizardContract:
    """The application that shows a screen."""
    return cast("WizardContract", node.app)
