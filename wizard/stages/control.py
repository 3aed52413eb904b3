"""How a person stops or halts work under way: one token, asked between units of work."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Protocol


class StoppedError(Exception):
    """Work ended between two units because somebody asked for it; nothing is broken and nothing is lost."""


class Follower(Protocol):
    """Work with a control of its own, told the same."""

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def cancel(self) -> None: ...


class Cancel:
    """Given to long operations, which call it between units: `if cancel(): …`. Safe from any thread."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._followers: list[Follower] = []
        self.reason = ""

    def cancel(self, reason: str = "") -> None:
        """Ask to stop at the next unit of work."""
        self.reason = self.reason or reason
        self._stop.set()
        self._go.set()
        for follower in self._followers:
            follower.cancel()

    def pause(self) -> None:
        """Ask to wait at the next unit of work. Resumed or cancelled, it goes on or ends."""
        if not self._stop.is_set():
            self._go.clear()
            for follower in self._followers:
                follower.pause()

    def resume(self) -> None:
        self._go.set()
        for follower in self._followers:
            follower.resume()

    def lead(self, follower: Follower) -> None:
        """Have `follower` told too, what was asked before included."""
        self._followers.append(follower)
        if self.cancelled:
            follower.cancel()
        elif self.paused:
            follower.pause()

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    def __call__(self) -> bool:
        """Between units of work: waits while paused, then says whether to stop."""
        self._go.wait()
        return self._stop.is_set()

    def check(self) -> None:
        """Between units of work: waits while paused; raises StoppedError where it was cancelled."""
        if self():
            raise StoppedError(self.reason)


def stop_on_signals(cancel: Cancel) -> None:
    """SIGINT, SIGTERM and SIGHUP ask for an end at the next unit of work; asked twice, SIGINT ends at once."""

    def stop(number: int, _: FrameType | None) -> None:
        if cancel.cancelled and number == signal.SIGINT:
            raise KeyboardInterrupt
        # a thread of its own: a handler must not take locks that the interrupted code may hold
        threading.Thread(target=cancel.cancel, args=(signal.Signals(number).name,)).start()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
