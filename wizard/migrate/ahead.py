"""Reading ahead: an iterator run in a thread of its own, a few items before it is asked for them."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
_POLL = 0.1
"""seconds after which a thread that waits looks whether it is still wanted"""


class _Done:
    """Ends the queue, with the exception that ended the iterator, if one did."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(items: Iterable[T], depth: int = 2) -> Generator[T, None, None]:
    """The same items; up to `depth` of them are made while the caller works on another.

    What the iterator raises is raised here, after the items made before it. Closing this generator ends the thread.
    """
    queue: Queue[T | _Done] = Queue(maxsize=depth)
    unwanted = Event()

    def put(item: T | _Done) -> bool:
        while not unwanted.is_set():
            try:
                queue.put(item, timeout=_POLL)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                if not put(item):
                    return
        except BaseException as e:  # it is raised where the items are used
            error = e
        put(_Done(error))

    thread = Thread(target=work, name="reading ahead", daemon=True)
    thread.start()
    try:
        while True:
            try:
                item = queue.get(timeout=_POLL)
            except Empty:
                continue
            if isinstance(item, _Done):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        unwanted.set()
        thread.join()
