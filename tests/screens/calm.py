"""When the wizard has nothing left to do, seen in the event loop.

Textual's pilot waits by the clock: at each key and click until the process has used hardly any time for a while,
which takes long on a machine that is busy with other tests, and says little there. Here the loop itself is asked.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual._context import active_app
from textual.pilot import Pilot

ROUNDS = 3
"""what is drawn may ask for more to be laid out"""
LONGEST = 20.0
"""seconds after which it is given up: something moves all the time"""


async def calm(*_: object) -> bool:
    """Until every task of the loop waits, for time to pass or for a thread, and what was changed is drawn."""
    end = time.monotonic() + LONGEST
    for _round in range(ROUNDS):
        await _at_rest(end)
        active_app.get().screen._on_timer_update()  # at most 60 times a second else
    await _at_rest(end)
    return True


async def _at_rest(end: float) -> None:
    ready: Any = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    while ready and time.monotonic() < end:
        await asyncio.sleep(0)


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of Textual's own waits."""
    for module in (textual.app, textual.pilot):
        monkeypatch.setattr(module, "wait_for_idle", calm)
    monkeypatch.setattr(Pilot, "_wait_for_screen", calm)
