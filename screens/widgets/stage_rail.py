"""The rail: nine stages with number, name and status; Enter or a click goes to one that can be visited."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from screens.widgets.status_signs import COLOURS, STAGE_NAMES, STATUS_ROLES, STATUS_SIGNS
from wizard.events import Stage, Status
from wizard.outcomes import Role


class Rail(OptionList):
    """The list of stages at the left; `here` is the stage on the screen."""

    DEFAULT_CSS = """
    Rail {
        width: 16;
        height: 1fr;
        border: none;
        border-right: vkey $primary;
        padding: 0;
        background: $surface;
        scrollbar-size: 0 0;
    }
    Rail > .option-list--option { padding: 0; }
    Rail:focus { border: none; border-right: vkey $accent; }
    Rail > .option-list--option-highlighted { background: $surface; color: $foreground; text-style: none; }
    Rail:focus > .option-list--option-highlighted { text-style: reverse; }
    """

    class StageSelected(Message):
        """A person wants to go to `stage`."""

        def __init__(self, stage: Stage) -> None:
            self.stage = stage
            super().__init__()

    def __init__(self, here: Stage, status: Callable[[Stage], Status]) -> None:
        self.here = here
        self._status = status
        self._shown = {s: status(s) for s in Stage}
        super().__init__(*(Option(self._line(s), id=s.value) for s in Stage), id="rail")

    def on_mount(self) -> None:
        self.highlighted = self.here.number - 1

    def show(self) -> None:
        """The statuses as they are now; only lines that differ are drawn again."""
        for stage in Stage:
            status = self._status(stage)
            if status is not self._shown[stage]:
                self._shown[stage] = status
                self.replace_option_prompt(stage.value, self._line(stage))

    def _line(self, stage: Stage) -> Content:
        status = self._shown[stage]
        mark = "›" if stage is self.here else " "
        style = "bold" if stage is self.here else ("dim" if status is Status.PENDING else "")
        colour = COLOURS[STATUS_ROLES.get(status, Role.QUIET)]
        name = (f" {stage.number} {STAGE_NAMES[stage]}", style)
        return Content.assemble((mark, style), (STATUS_SIGNS[status], f"{style} {colour}".strip()), name)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id:
            self.post_message(self.StageSelected(Stage(event.option.id)))
