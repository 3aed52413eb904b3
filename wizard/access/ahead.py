"""An iterator that works ahead of its consumer, in a thread: reading the next batch while this one is written."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import Final, TypeVar

T = TypeVar("T")

_LOOK: Final = 0.1
"""seconds between looks at whether the consumer has gone"""


def ahead(items: Iterator[T], most: int = 2) -> Iterator[T]:
    """The same items in the same order, at most `most` of them waiting. What `items` raises is raised here.

    Where the consumer stops early, so does the thread, after the item it is at.
    """
    waiting: Queue[tuple[bool, T | BaseException | None]] = Queue(most)
    gone = Event()

    def put(more: bool, item: T | BaseException | None) -> None:
        while not gone.is_set():
            try:
                waiting.put((more, item), timeout=_LOOK)
            except Full:
                continue
            else:
                return

    def work() -> None:
        try:
            for item in items:
                put(True, item)
                if gone.is_set():
                    return
            put(False, None)
        except BaseException as e:  # raised where the items are wanted
            put(False, e)

    worker = Thread(target=work, daemon=True, name="jetferry-ahead")
    worker.start()
    try:
        while True:
            more, item = waiting.get()
            if more:
                yield item  # type: ignore[misc]  # only items come with more
            elif isinstance(item, BaseException):
                raise item
            else:
                return
    finally:
        gone.set()
        worker.join()
