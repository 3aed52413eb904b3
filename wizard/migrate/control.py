"""Pause, resume and cancel from outside, obeyed at batch borders."""

from __future__ import annotations

from threading import Condition


class Control:
    """Given to `run`; its methods may be called from any thread, signal handlers aside."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._paused = False
        self._cancelled = False

    def pause(self) -> None:
        """Finish the batches under way and wait."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Go on after a pause."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def cancel(self) -> None:
        """Finish the batches under way and end; a later run goes on from there."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    @property
    def paused(self) -> bool:
        """Whether work waits."""
        return self._paused

    @property
    def cancelled(self) -> bool:
        """Whether work is to end."""
        return self._cancelled

    def go_on(self) -> bool:
        """At a batch border: waits while paused; False where the work is to end."""
        with self._changed:
            while self._paused and not self._cancelled:
                self._changed.wait()
            return not self._cancelled
