"""Reading ahead: an iterator run in a thread of its own, a few items before it is asked for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")
_POLL = 0.1
"""seconds after which a thread that waits looks whether it is still wanted"""


class _Done:
    """Ends the queue, with the exception that ended the iterator, if one did."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class Ahead(Generic[T]):
    """The same items; up to `depth` of them are made while the caller works on another, the first from now on.

    What the iterator raises is raised here, after the items made before it. `close` ends the thread.
    """

    def __init__(self, items: Iterable[T], depth: int = 2) -> None:
        self._items = items
        self._queue: Queue[T | _Done] = Queue(maxsize=depth)
        self._unwanted = Event()
        self._thread = Thread(target=self._work, name="reading ahead", daemon=True)
        self._thread.start()

    def _put(self, item: T | _Done) -> bool:
        while not self._unwanted.is_set():
            try:
                self._queue.put(item, timeout=_POLL)
            except Full:
                continue
            return True
        return False

    def _work(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._items:
                if not self._put(item):
                    return
        except BaseException as e:  # it is raised where the items are used
            error = e
        self._put(_Done(error))

    def __iter__(self) -> Iterator[T]:
        while not self._unwanted.is_set():
            try:
                item = self._queue.get(timeout=_POLL)
            except Empty:
                continue
            if isinstance(item, _Done):
                if item.error is not None:
                    raise item.error
                return
            yield item

    def close(self) -> None:
        """Harmless to repeat. What was made and not asked for is forgotten."""
        self._unwanted.set()
        self._thread.join()
