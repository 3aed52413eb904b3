"""How work under way is paused or ended: one token, asked between units of work."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Final

from wizard.escaping import for_log
from wizard.messages import GivenUpError, Message

AWAITED: Final = 5.0
"""seconds after which somebody who asked for an end no longer waits for a server's answer"""
AT_ONCE: Final = 3.0
"""seconds that a process has to end by itself after the second SIGINT"""


class StoppedError(GivenUpError):
    """Work ended because somebody asked for it: between two units, or where a server had not answered for a while.

    Nothing is broken and nothing is lost.
    """


class CancellationToken:
    """Given to long operations, which call it between units: `if cancel(): …`. Safe from any thread."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._branches: list[CancellationToken] = []
        self.reason = ""
        self._since = 0.0

    def cancel(self, reason: str = "") -> None:
        """Ask to stop at the next unit of work."""
        self.reason = self.reason or reason
        self._since = self._since or time.monotonic()
        self._stop.set()
        self._go.set()
        for branch in self._branches:
            branch.cancel(self.reason)

    def pause(self) -> None:
        """Ask to wait at the next unit of work. Resumed or cancelled, it goes on or ends."""
        if not self._stop.is_set():
            self._go.clear()
            for branch in self._branches:
                branch.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self._go.set()
        for branch in self._branches:
            branch.resume()

    def branch(self) -> CancellationToken:
        """A token for part of the work: it gets all that this one gets, what was asked before included.

        The part can be ended by its own token alone, as by a limit that it reached; this one then stays as it is.
        """
        branch = CancellationToken()
        self._branches.append(branch)
        if self.cancelled:
            branch.cancel(self.reason)
        elif self.paused:
            branch.pause()
        return branch

    @property
    def cancelled(self) -> bool:
        """Whether an end was asked for."""
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        """Whether a pause was asked for."""
        return not self._go.is_set()

    def __call__(self) -> bool:
        """Between units of work: waits while paused, then says whether to stop."""
        self._go.wait()
        return self._stop.is_set()

    def go_on(self) -> bool:
        """Between units of work: waits while paused; false where it was cancelled."""
        return not self()

    def check(self) -> None:
        """Between units of work: waits while paused; raises StoppedError where it was cancelled."""
        if self():
            raise StoppedError(self.reason)

    def check_waiting(self) -> None:
        """While waiting for an answer: raises StoppedError where an end was asked for some time ago."""
        if self.cancelled and time.monotonic() - self._since >= AWAITED:
            raise StoppedError(self.reason)


def stop_on_signals(cancel: CancellationToken) -> None:
    """SIGINT, SIGTERM and SIGHUP ask for an end at the next unit of work; asked twice, SIGINT ends at once.

    Whatever the process is doing then: where it has not ended by itself after a moment, it is ended, with status 1.
    """
    asked = threading.Event()

    def stop(number: int, _: FrameType | None) -> None:
        if asked.is_set() and number == signal.SIGINT:
            threading.Thread(target=_end, args=(AT_ONCE,), daemon=True).start()
            raise KeyboardInterrupt
        asked.set()
        # a thread of its own: a handler must not take locks that the interrupted code may hold
        threading.Thread(target=cancel.cancel, args=(signal.Signals(number).name,)).start()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)


def _end(seconds: float) -> None:
    """End the process, whatever still waits in it: checkpoints and journal are made for a death at any moment."""
    time.sleep(seconds)
    with suppress(OSError, ValueError):
        sys.stderr.write(for_log(str(Message.of(8307, signal="SIGINT"))) + "\n")
        sys.stderr.flush()
    os._exit(1)
