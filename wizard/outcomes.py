"""Outcomes of tables, stages and commands, each with its sign, colour, words and exit status.

A loss is never shown as success. Screens, commands, reports and the certificate ask here instead of comparing words.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum
from typing import Final


class Exit(IntEnum):
    """Exit statuses, as the command documents them."""

    DONE = 0
    FAILED = 1
    UNUSABLE = 2
    LEFT_OUT = 3


class LoadOutcome(StrEnum):
    """What became of an object on the server in stage 7, as events and stored results have it."""

    CREATED = "created"
    ALTERED = "altered"
    RECREATED = "recreated"
    SAME = "same"
    SKIPPED = "skipped"
    """it was there already"""
    FAILED = "failed"


class Role(StrEnum):
    """The colour in which an outcome is shown; themes say which colour that is."""

    QUIET = "quiet"
    BUSY = "busy"
    GOOD = "good"
    WEAKER = "weaker"
    """all rows are there, and the server guards them less than Access does"""
    LOSS = "loss"
    BAD = "bad"


class TableState(StrEnum):
    """What became of a table's rows. The value is how journals and records of runs name it; `words` are for people."""

    sign: str
    role: Role
    words: str
    exit_status: Exit
    """that a command ends with if this is the worst of all tables' states"""

    WAITING = "waiting", "·", Role.QUIET, "waiting", Exit.FAILED
    RUNNING = "running", "▶", Role.BUSY, "running", Exit.FAILED
    DONE = "migrated", "✓", Role.GOOD, "done", Exit.DONE
    THERE = "skipped", "✓", Role.GOOD, "done before", Exit.DONE
    """complete from an earlier run"""
    LOSSES = "partly", "±", Role.LOSS, "done with losses", Exit.LEFT_OUT
    MISSING = "missing", "∅", Role.BAD, "missing", Exit.LEFT_OUT
    """its rows were sent, or could not be read, and none of them arrived"""
    STOPPED = "cancelled", "■", Role.LOSS, "stopped", Exit.FAILED
    FAILED = "failed", "✗", Role.BAD, "failed", Exit.FAILED
    DIFFERS = "differs", "≠", Role.BAD, "differs", Exit.FAILED
    """what arrived is not what was sent"""

    def __new__(
        cls, value: str, sign: str = "", role: Role = Role.QUIET, words: str = "", exit_status: Exit = Exit.FAILED
    ) -> TableState:
        """A state by its value, with what is to be said of it."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.sign, made.role, made.words, made.exit_status = sign, role, words, exit_status
        return made

    @property
    def over(self) -> bool:
        """All its rows were sent, be it that some were rejected."""
        return self in _OVER

    @property
    def moved(self) -> bool:
        """A run brought the table to its end itself."""
        return self in _OVER and self is not TableState.THERE

    @property
    def under_way(self) -> bool:
        """Rows of it are still to come in this run."""
        return self in (TableState.WAITING, TableState.RUNNING)

    @property
    def lost(self) -> bool:
        """Its rows, or some of them, are not where they should be though the work has ended."""
        return self.role in (Role.LOSS, Role.BAD)

    def seen(
        self,
        done: int,
        rejected: int,
        equal: bool | None = None,
        damaged: int = 0,
        unread: int = 0,
        *,
        rounded: int = 0,
    ) -> TableState:
        """The state with what is known besides: never done where rows stayed behind or could not be read in the
        source (`unread`), texts arrived without what of them is no text (`damaged`), values without what their type
        does not hold (`rounded`), or both sides differ."""
        if self not in _OVER:
            return self
        if equal is False:
            return TableState.DIFFERS
        if rejected or unread:
            return TableState.LOSSES if done else TableState.MISSING
        if damaged or rounded:
            return TableState.LOSSES
        return self if self is TableState.THERE else TableState.DONE


_OVER: Final = (TableState.DONE, TableState.THERE, TableState.LOSSES, TableState.MISSING)
WORST: Final = (
    TableState.MISSING, TableState.FAILED, TableState.DIFFERS, TableState.LOSSES, TableState.STOPPED,
    TableState.RUNNING, TableState.WAITING, TableState.DONE, TableState.THERE,
)  # fmt: skip
"""the order of reports: what wants attention first"""


def settled(done: int, rejected: int, damaged: int = 0, unread: int = 0, rounded: int = 0) -> TableState:
    """The state of a table all of whose rows were sent."""
    return TableState.DONE.seen(done, rejected, damaged=damaged, unread=unread, rounded=rounded)


def worst(states: Iterable[TableState]) -> TableState:
    """The state to be shown first; done where there are none, and where some came now, some before."""
    return min(states, key=WORST.index, default=TableState.DONE)


class Verdict(StrEnum):
    """What a comparison of both sides certifies of them all."""

    role: Role
    words: str
    exit_status: Exit

    EQUAL = "equal", Role.GOOD, "Equal", Exit.DONE
    WEAKER = "weaker", Role.WEAKER, "Equal, less guarded", Exit.LEFT_OUT
    """all rows are there, and foreign keys or unique indexes that old rows break were left out or made plain"""
    LOSSES = "losses", Role.LOSS, "Done with losses", Exit.LEFT_OUT
    """what arrived is equal, and rows were rejected or unreadable, texts damaged, values rounded or left in their
    wrapper, or columns, constraints, indexes or views not made"""
    MISSING = "missing", Role.BAD, "Whole tables are missing", Exit.LEFT_OUT
    DIFFERS = "differs", Role.BAD, "Not equal", Exit.FAILED
    NOTHING = "nothing", Role.QUIET, "No table was moved", Exit.DONE
    """none was to be moved, so there was nothing to compare"""

    def __new__(cls, value: str, role: Role = Role.QUIET, words: str = "", exit_status: Exit = Exit.FAILED) -> Verdict:
        """A verdict by its value, with what is to be said of it."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.role, made.words, made.exit_status = role, words, exit_status
        return made


def verdict(
    states: Iterable[TableState],
    *,
    others_well: bool,
    missing: bool = False,
    unmade: bool = False,
    as_stored: bool = False,
    weaker: bool = False,
) -> Verdict:
    """Of tables that were compared, and of what lies beside them; `missing` are tables that were never made, `unmade`
    what else was not, or does not guard or find the rows as it should; `as_stored`: values came as they lie in the
    file; `weaker`: some of what guards the rows gave way to old ones on purpose."""
    found = set(states)
    if not others_well or any(s.exit_status is Exit.FAILED for s in found):
        return Verdict.DIFFERS
    if missing or TableState.MISSING in found:
        return Verdict.MISSING
    if not found:
        return Verdict.NOTHING
    if unmade or as_stored or TableState.LOSSES in found:
        return Verdict.LOSSES
    return Verdict.WEAKER if weaker else Verdict.EQUAL
