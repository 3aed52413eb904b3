"""How a screen gets what a thread has found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.widget import Widget
from textual.worker import get_current_worker


def bring(widget: Widget, then: Callable[..., object], *found: Any) -> None:
    """From the thread of one of the widget's workers: call `then` with what it found, in the event loop, and wait.

    Nothing is called where that worker was replaced by a later one, whose word is the newer, or where the screen or
    the application is being left: its widgets may be gone already, though it stays attached while they go.
    """
    worker, app = get_current_worker(), widget.app

    def call() -> None:
        if not worker.is_cancelled and app.is_running and widget.is_attached and widget.screen in app.screen_stack:
            then(*found)

    if not worker.is_cancelled:
        app.call_from_thread(call)
