"""Keys handled one at a time: the next one waits until the one before has done all its work.

Over SSH, and when a terminal pastes key by key, `sa<Tab>Secret` arrives in one read. Textual gives each key to the
widget that has the focus when the key arrives, while the Tab before it still waits in another widget's queue: the
password would be typed, in clear, into the user's field. Here a key waits until the former has gone its whole way:
through the widget, whatever is around it and the messages these sent, to the dialog it opened, and to the focus.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, Final

from textual import events
from textual.message_pump import MessagePump
from textual.worker import Worker, WorkerError

from screens.application import ApplicationPart

ROUNDS: Final = 3
"""a key goes up through its widgets, then the message that it made does, then what that asked for"""
LONGEST: Final = 10.0
"""seconds that a key waits at most: what stands still does not hold the keyboard"""
MOVES: Final = {"up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab", "shift+tab", "backspace"}
"""keys whose work is over before anything is drawn: held down, they need not wait for it"""
Typed = events.Key | events.Paste | events.MouseDown | events.MouseUp


class KeysInOrder(ApplicationPart):
    """A part of the application: what was typed and not obeyed yet."""

    def __init__(self, **options: Any) -> None:
        self._typed: deque[Typed] = deque()
        self._typist: asyncio.Task[None] | None = None
        self.opening: Worker[None] | None = None
        super().__init__(**options)

    @property
    def typing(self) -> bool:
        """Whether a key is under way."""
        return self._typist is not None and not self._typist.done()

    @property
    def _receiver(self) -> MessagePump:
        """What a key goes to now."""
        return self.focused or self.screen

    async def on_event(self, event: events.Event) -> None:
        """Every event of the terminal comes here first."""
        if not isinstance(event, Typed) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if not self.typing:
            self._typist = asyncio.create_task(self._obey())

    async def _obey(self) -> None:
        while self._typed:
            event = self._typed.popleft()
            begun = self._receiver
            try:
                await super().on_event(event)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LONGEST):
                        await self._gone_its_way(begun, event)
            except Exception as e:  # as an error in a widget's own queue
                self._handle_exception(e)
                return

    async def _gone_its_way(self, begun: MessagePump, event: Typed) -> None:
        await _through(begun)
        for _ in range(ROUNDS - 1):
            await _through(self._receiver)
        if self.opening is not None:
            await self._opened(self.opening)
        if isinstance(event, events.Key) and (event.is_printable or event.key in MOVES):
            return
        if self._receiver is begun:  # some take the focus once they are drawn
            await _turn(self.screen, after_drawing=True)
            await _through(self._receiver)

    async def _opened(self, opening: Worker[None]) -> None:
        """A thread still reads what the key is to open: the next key is meant for that."""
        self.opening = None
        with suppress(WorkerError):
            await asyncio.shield(opening.wait())  # what waits too long does not end it
        await _through(self._receiver)


async def _through(pump: MessagePump | None) -> None:
    """Until it and everything around it has seen to what was in its queue."""
    while pump is not None:
        await _turn(pump)
        pump = pump._parent


async def _turn(pump: MessagePump, *, after_drawing: bool = False) -> None:
    done = asyncio.Event()
    if (pump.call_after_refresh if after_drawing else pump.call_later)(done.set):
        await done.wait()
