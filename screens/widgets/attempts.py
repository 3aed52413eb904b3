"""Dialogs that stay open, with the reason below, until what was given is accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from textual import work
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.application import wizard_of
from screens.widgets.status_signs import plain
from wizard.messages import JetferryError

Result = TypeVar("Result")


class AttemptScreen(ModalScreen[Result]):
    """A dialog with a `Static` of the id `why` beneath its fields."""

    DEFAULT_CSS = """
    AttemptScreen #why { height: auto; max-height: 4; color: $text-error; display: none; }
    AttemptScreen.-refused #why { display: block; }
    """

    def attempt(self, task: Callable[[], Any], result: Result | None = None, *, field: str = "") -> None:
        """Run `task` in a thread. Where the engine refuses, say why and put the cursor into `field`, a selector; else
        close with `result`, or with what `task` gives where that is None."""
        self.remove_class("-refused")
        self._attempt(task, result, field)

    @work(thread=True, exclusive=True, group="attempt")
    def _attempt(self, task: Callable[[], Any], result: Result | None, field: str) -> None:
        try:
            found = task()
        except JetferryError as e:
            self.app.call_from_thread(self.refuse, e.message.text, field)
        except Exception as e:
            self.app.call_from_thread(wizard_of(self).unexpected, e)
        else:
            self.app.call_from_thread(self._accepted, found if result is None else result)

    def _accepted(self, result: Result) -> None:
        if self.is_attached:  # else it was left meanwhile
            self.dismiss(result)

    def refuse(self, why: str, field: str = "") -> None:
        """Say why it stays open."""
        if self.is_attached:
            self.query_one("#why", Static).update(plain(f"✗ {why}"))
            self.add_class("-refused")
            if field:
                self.query_one(field).focus()
