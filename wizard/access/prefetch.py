"""Reading ahead: an iterator run in a thread of its own, a few items before it is asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import Empty, Full, Queue
from threading import Condition, Event, Thread
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_POLL: Final = 0.1
"""seconds after which a thread that waits looks whether it is still wanted"""
ROOM: Final = 48 << 20
"""bytes that all items read ahead in this process have together, give or take the last"""


class _MemoryRoom:
    """How many bytes were read ahead and are not used up yet, in the whole process."""

    def __init__(self) -> None:
        self._taken = 0
        self._changed = Condition()

    def wait(self) -> bool:
        """Wait for room, a moment at most. False where there is none."""
        with self._changed:
            return self._changed.wait_for(lambda: self._taken < ROOM, _POLL)

    def take(self, size: int) -> None:
        with self._changed:
            self._taken += size
            self._changed.notify_all()


_room = _MemoryRoom()


class _Done:
    """Ends the queue, with the exception that ended the iterator, if one did."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class Prefetch(Generic[T]):
    """The same items; up to `depth` of them are made while the caller works on another, the first from now on.

    What the iterator raises is raised here, after the items made before it. `close` ends the thread. `weigh` gives an
    item's bytes: no item is made while what was read ahead has more than `ROOM` together, unless nothing of this
    iterator waits. An item counts until the next one is asked for.
    """

    def __init__(self, items: Iterable[T], depth: int = 2, weigh: Callable[[T], int] = lambda _item: 0) -> None:
        self._items = iter(items)
        self._weigh = weigh
        self._queue: Queue[tuple[T, int] | _Done] = Queue(maxsize=depth)
        self._unwanted = Event()
        self._idle = Event()  # the caller waits, and has nothing
        self._thread = Thread(target=self._work, name="reading ahead", daemon=True)
        self._thread.start()

    def _put(self, item: tuple[T, int] | _Done) -> bool:
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
            while self._wanted():
                try:
                    item = next(self._items)
                except StopIteration:
                    break
                size = self._weigh(item)
                _room.take(size)
                self._idle.clear()
                if not self._put((item, size)):
                    _room.take(-size)
                    return
                del item
        except BaseException as e:  # it is raised where the items are used
            error = e
        self._put(_Done(error))

    def _wanted(self) -> bool:
        """Wait until another item may be made. False where none is wanted any more."""
        while not self._unwanted.is_set():
            if (self._idle.is_set() and self._queue.empty()) or _room.wait():
                return True
        return False

    def __iter__(self) -> Iterator[T]:
        while not self._unwanted.is_set():
            if self._queue.empty():
                self._idle.set()
            try:
                item = self._queue.get(timeout=_POLL)
            except Empty:
                continue
            if isinstance(item, _Done):
                if item.error is not None:
                    raise item.error
                return
            self._idle.clear()
            try:
                yield item[0]
            finally:
                _room.take(-item[1])
                del item

    def close(self) -> None:
        """Harmless to repeat. What was made and not asked for is forgotten."""
        self._unwanted.set()
        self._thread.join()
        while True:
            try:
                item = self._queue.get_nowait()
            except Empty:
                return
            if not isinstance(item, _Done):
                _room.take(-item[1])


def prefetched(items: Iterable[T], depth: int = 2, weigh: Callable[[T], int] = lambda _item: 0) -> Iterator[T]:
    """The items of a `Prefetch`, which begins when the first is asked for and ends with its consumer."""
    reading = Prefetch(items, depth, weigh)
    try:
        yield from reading
    finally:
        reading.close()
