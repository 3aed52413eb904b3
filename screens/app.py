"""The wizard's application: opens a project, shows its stages one at a time, and listens to the engine."""

from __future__ import annotations

import gc
import shlex
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.theme import Theme

from screens.application import WizardContract
from screens.exit_flow import ExitFlow
from screens.global_keys import TEXTUALS, GlobalKeys
from screens.keys_in_order import KeysInOrder
from screens.new_project import sample_project
from screens.project_flow import ProjectFlow
from screens.stage_screen import StageScreen
from screens.stages import SCREENS
from screens.start import StartScreen
from screens.themes import CONTRAST, THEMES, choose_theme, chosen_theme, fitting, without_colours
from screens.widgets.dialogs import Answer, Question
from screens.widgets.help import HelpScreen
from screens.widgets.message_list import MessageList
from screens.widgets.tabs import is_shown
from screens.widgets.terminal_safety import HARMLESS
from screens.widgets.text_button import TextButton
from screens.worker_monitor import WorkerMonitor
from wizard import crash_report
from wizard.escaping import for_terminal
from wizard.events import Stage, Status
from wizard.messages import Message

WORDS: Final[dict[Status, str]] = {
    Status.PENDING: "Waits for another stage",
    Status.READY: "Can be done now",
    Status.RUNNING: "At work",
    Status.DONE: "Done",
    Status.LOSSES: "Done with losses",
    Status.WEAKER: "Done, less guarded",
    Status.SKIPPED: "Skipped",
    Status.STALE: "To be done again",
    Status.FAILED: "Failed",
}
NOTE_SIGNS: Final[dict[SeverityLevel, str]] = {"information": "", "warning": "! ", "error": "✗ "}
READ = 15
"""characters of a note that are read in a second: long ones stay longer"""
SWITCH = 0.001
"""seconds that a thread of the engine may compute before the screen gets its turn"""
EAR = 0.25
"""seconds between looks at the events of the engine and the worker: what a slow line can carry"""


class WizardApp(KeysInOrder, GlobalKeys, ProjectFlow, WorkerMonitor, ExitFlow):
    """Jetferry in a terminal. `run` returns the exit status."""

    TITLE = "Jetferry"
    ENABLE_COMMAND_PALETTE = True
    CSS = """
    Input.-textual-compact:ansi { text-style: underline; }
    Input.-textual-compact { background: $panel; }
    Input > .input--placeholder { color: $text-muted; }
    Tab { color: $text-muted; }
    Tab.-active { color: $foreground; }
    Tabs:focus Tab.-active { color: $block-cursor-foreground; }
    WizardApp.-contrast TextButton.-textual-compact:disabled { text-opacity: 100%; }
    #buttons Button:disabled { border: none !important; }
    Footer { scrollbar-size: 0 0; }
    Toast { width: auto; max-width: 46; padding: 0 1; }
    OptionList:nocolor:focus > .option-list--option-highlighted { text-style: bold underline; }
    Rail:nocolor:focus > .option-list--option-highlighted { text-style: bold underline; }
    CommandList:nocolor > .option-list--option-highlighted { text-style: bold underline; }
    RadioSet:nocolor:focus > RadioButton.-selected > .toggle--label { text-style: bold underline; }
    ToggleButton:nocolor:focus > .toggle--label { text-style: bold underline; }
    Tabs:nocolor:focus .-active { text-style: bold underline; }
    Select:nocolor:focus > SelectCurrent { text-style: bold underline; }
    TextButton.-textual-compact:nocolor:focus { text-style: bold underline; }
    MessageLine:nocolor:focus, Input:nocolor:focus { text-style: bold underline; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", priority=True),
        Binding("ctrl+p", "command_palette", "More", show=False, key_display="^p"),
    ]

    def __init__(self, project: Path | None = None, *, demo: Path | None = None) -> None:
        # the terminal's own colours from the start, so that leaving colours out leaves its own black and white
        super().__init__(ansi_color=True if without_colours() else None)
        self._project, self._demo = project, demo
        self._agreed: set[Stage] = set()
        self._tidied: set[Stage] = set()
        self.changing = threading.Lock()
        """one change of the project at a time"""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = chosen_theme() or fitting()

    def _mark_contrast(self, theme: Theme) -> None:
        self.set_class(theme.name == CONTRAST.name, "-contrast")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Every line of every widget goes through these."""
        return [*super().get_line_filters(), HARMLESS]

    def update_styles(self, node: DOMNode, animate: bool = True) -> None:
        """A widget that is on no screen yet is styled once, when it gets there, and not as often as it is changed."""
        if node is self or node.is_attached:
            super().update_styles(node, animate)

    def tidy(self) -> None:
        """What lives on is left out of the rounds of the garbage collector, each of which kept keys waiting."""
        gc.collect()
        gc.freeze()

    def on_unmount(self) -> None:
        gc.unfreeze()

    def on_mount(self) -> None:
        gc.freeze()
        self.theme_changed_signal.subscribe(self, self._mark_contrast)
        self._mark_contrast(self.current_theme)
        if not self.is_headless:
            self.heed_signals()
        self.set_interval(EAR, self.listen)
        self.push_screen(StartScreen())
        if self._demo is not None:
            folder = self._demo
            self.make(lambda: sample_project(folder))
        elif self._project is not None:
            self.open(self._project)

    # statuses

    def status(self, stage: Stage) -> Status:
        """A stage's status; while a worker is at work, as its events say."""
        if self.at_work is not None and stage in self.at_work.statuses:
            return self.at_work.statuses[stage]
        return self.migration.status(stage)

    def agreed(self, stage: Stage) -> bool:
        """On this visit to a stage a person has already accepted that later stages become stale."""
        return stage in self._agreed

    def agree(self, stage: Stage) -> None:
        """A person has accepted that changes of this stage make later ones stale, for this visit."""
        self._agreed.add(stage)

    # what is shown

    def go(self, stage: Stage) -> None:
        """Show a stage's screen in place of the present one."""
        self._agreed.clear()
        if stage not in self._tidied:  # what it needs was loaded by its former screens
            self._tidied.add(stage)
            self.call_later(self.tidy)
        screen = SCREENS[stage]()
        if isinstance(self.screen, StageScreen):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    @property
    def common_actions(self) -> frozenset[str]:
        """What every stage's screen can do."""
        return frozenset(b.action for _, b in StageScreen._merge_bindings())

    @property
    def picture_folder(self) -> Path | None:
        """Where pictures are saved: the open project's folder."""
        return self.migration.folder if self.has_project and self.migration.folder.is_dir() else None

    @property
    def stage_screen(self) -> StageScreen | None:
        """The stage that is shown, though dialogs may lie over it."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, StageScreen)), None)

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
        """Show a text of help."""
        self.push_screen(HelpScreen(text))

    def show_messages(self) -> None:
        """The list of all messages; Enter in it goes to the object of one."""
        self.push_screen(MessageList(self.messages), self._to_object)

    def _to_object(self, message: Message | None) -> None:
        if message is not None and isinstance(self.screen, StageScreen):
            self.screen.jump(message.place)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        for theme in THEMES:
            word = theme.name.removeprefix("jetferry-")
            yield SystemCommand(f"Theme: {word}", f"Show Jetferry in its {word} colours", self._themed(theme.name))
        yield SystemCommand("Screenshot", "Save the screen as an SVG picture", self.save_picture)
        yield SystemCommand("Jump", "A letter on every control (Ctrl+O)", self.action_jump)
        yield SystemCommand("Quit", "Leave Jetferry; work under way may go on without you", self.action_leave)
        if isinstance(screen, StageScreen):
            yield from self._stage_commands(screen)

    def _stage_commands(self, screen: StageScreen) -> Iterable[SystemCommand]:
        """Every stage, every key of this one by its name, and every button that has no key."""
        for stage in Stage:
            name = f"Go to {stage.number} {stage.value.capitalize()}"
            yield SystemCommand(name, WORDS[self.status(stage)], lambda s=stage: screen.visit(s))
        ours = {b.action: b for _, b in screen._bindings if b.description and b.action not in TEXTUALS}
        named = set()
        for active in screen.active_bindings.values():
            binding = ours.pop(active.binding.action, None)
            if binding is not None and active.enabled and binding.key != "escape":
                what = f"Key {self.get_key_display(binding)}"
                named.add(binding.description)
                yield SystemCommand(binding.description, what, partial(screen.run_action, binding.action))
        for button in screen.query("#work TextButton").results(TextButton):
            name = str(button.label)[1:-1]
            if name not in named and not button.disabled and is_shown(button):
                named.add(name)
                yield SystemCommand(name, "A button of this stage", button.press)
        yield SystemCommand("Close the project", "Back to the start screen", self.action_close)

    def notify(self, message: str, *, severity: SeverityLevel = "information", **options: Any) -> None:
        """A short note at the corner; one that warns begins with a sign, since not everybody sees colours."""
        options.setdefault("timeout", max(self.NOTIFICATION_TIMEOUT, len(message) / READ))
        super().notify(NOTE_SIGNS[severity] + message, severity=severity, **options)

    def _themed(self, name: str) -> Callable[[], None]:
        def change() -> None:
            self.theme = name
            choose_theme(name)

        return change

    def unexpected(self, error: Exception) -> None:
        """An unexpected error: a report is written, and a dialog says where."""
        text = (
            f"{type(error).__name__}: {error}\n\nA report with the details is in\n{_report_of(error)}\n"
            "Please send it to Jetferry's makers; it holds no rows and no passwords.\n\n"
            "What is safe: the project is saved as it was before this step."
        )
        self.push_screen(Question("An unexpected error", text, (Answer("ok", "Go on"),)))

    def _handle_exception(self, error: Exception) -> None:
        """Textual's last resort: a short plain report in place of a traceback over the screen."""
        if self.is_headless:
            super()._handle_exception(error)
            return
        told = f"Jetferry met an unexpected error; your project is saved. A report to send is in {_report_of(error)}"
        self.exit(1, message=told)


def _report_of(error: Exception) -> Path | str:
    return crash_report.write(error, "wizard") or "(no folder could be written)"


def say_how_to_go_on(project: Path) -> None:
    """One line on the terminal that is left behind."""
    name = str(project).removesuffix(".jetferry.toml")
    with suppress(ValueError, OSError):
        name = str(Path(name).relative_to(Path.cwd()))
    sys.stderr.write(f"Go on: jetferry {shlex.quote(for_terminal(name))}\n")


def run(project: Path | None = None, *, demo: Path | None = None) -> int:
    """Open the wizard: with a project, with the sample in the folder `demo`, or at the start screen."""
    sys.setswitchinterval(SWITCH)
    app = WizardApp(project, demo=demo)
    status = app.run()
    application: WizardContract = app  # the contract is filled, says the type checker
    left = app.migration.path if app.has_project else None
    application.close_project()
    if left is not None:
        say_how_to_go_on(left)
    return status if status is not None else (app.return_code or 0)


__all__: Sequence[str] = ["WizardApp", "run"]
