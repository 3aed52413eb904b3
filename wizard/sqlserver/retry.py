"""Retries of what a busy server or a lost connection stopped: growing pauses with jitter, an event for each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from wizard.events import Listener, Retrying
from wizard.messages import Kind, Place, TargetError
from wizard.sqlserver import timeouts
from wizard.sqlserver.driver_errors import ErrorKind, ServerError

T = TypeVar("T")

_SPENT = {ErrorKind.LOST: 5009, ErrorKind.TIMEOUT: 5022}
"""the message when attempts are spent; 5010 for other trouble"""


def fault_of(work: Callable[[], T]) -> T:
    """What comes of `work`; trouble that passes, in words already, is raised as the ServerError it came from."""
    try:
        return work()
    except TargetError as e:
        if isinstance(e.__cause__, ServerError) and e.__cause__.trouble.passing:
            raise e.__cause__ from None
        raise


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long. Pauses double from `first` to `longest` seconds, each shortened at random by up to
    half, so that many clients of one server do not come back together."""

    attempts: int = 8
    first: float = 0.5
    longest: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    """`Timeouts.rest` where somebody may ask for an end meanwhile"""

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the attempt of that number (from 1)."""
        longest = min(self.longest, self.first * 2.0 ** (attempt - 1))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311  no secret depends on it

    def run(
        self, work: Callable[[], T], what: str, server: str, listener: Listener | None = None, table: str = ""
    ) -> T:
        """The result of `work`, which leaves nothing half done when it raises ServerError.

        `what` and `table` are for whoever listens: what is done, and which table's rows wait. Raises ServerError at
        once where it is not of the passing kind, else TargetError when attempts are spent.
        """
        for attempt in range(1, self.attempts + 1):
            try:
                with timeouts.doing(what, table):
                    return work()
            except ServerError as e:
                if not e.trouble.passing:
                    raise
                if attempt == self.attempts:
                    place = Place(Kind.SERVER, name=server)
                    if e.trouble in _SPENT:
                        raise TargetError(_SPENT[e.trouble], place, server=server, reason=e) from e
                    raise TargetError(5010, place, server=server, reason=e, attempts=attempt) from e
                delay = self.delay(attempt)
                if listener:
                    seconds, throttled = round(delay, 2), e.fault.throttled
                    listener(Retrying(time.time(), what, attempt, seconds, str(e), table, throttled))
                self.sleep(delay)
        raise AssertionError("a policy has at least one attempt")
