"""Screens that follow what the engine tells, also while a dialog lies over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from wizard.events import Event


@runtime_checkable
class EventView(Protocol):
    """A stage or a dialog that shows what is under way."""

    @property
    def is_mounted(self) -> bool: ...

    def on_events(self, told: Sequence[Event]) -> None:
        """What was told since the last call; called at most four times a second."""
