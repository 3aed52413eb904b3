"""Dialogs that stay open, with the reason below, until what was given is accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from textual import work
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.application import wizard_of
from screens.widgets.status_signs import plain
from screens.widgets.thread_results import bring
from wizard.messages import JetferryError

Result = TypeVar("Result")


class AttemptScreen(ModalScreen[Result]):
    """A dialog with a `Static` of the id `why` beneath its fields."""

    DEFAULT_CSS = """
    AttemptScreen #why { height: auto; max-height: 4; color: $text-error; display: none; }
    AttemptScreen.-refused #why { display: block; }
    """

    _attempting = False

    def attempt(self, task: Callable[[], Any], result: Result | None = None, *, field: str = "") -> None:
        """Run `task` in a thread. Where the engine refuses, say why and put the cursor into `field`, a selector; else
        close with `result`, or with what `task` gives where that is None. Pressed again meanwhile, nothing begins;
        keys typed meanwhile are meant for what comes after."""
        if not self._attempting:
            self._attempting = True
            self.remove_class("-refused")
            wizard_of(self).opening = self._attempt(task, result, field)

    @work(thread=True, group="attempt")
    def _attempt(self, task: Callable[[], Any], result: Result | None, field: str) -> None:
        try:
            found = task()
        except JetferryError as e:
            bring(self, self.refuse, e.message.text, field)
        except Exception as e:
            self.app.call_from_thread(wizard_of(self).unexpected, e)
        else:
            bring(self, self.dismiss, found if result is None else result)

    def refuse(self, why: str, field: str = "") -> None:
        """Say why it stays open."""
        self._attempting = False
        self.query_one("#why", Static).update(plain(f"✗ {why}"))
        self.add_class("-refused")
        if field:
            self.query_one(field).focus()
