"""Damage and oddities found while a file is read: damage ends the reading or is left out and counted, oddities are
counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from wizard.access.spans import Mask, Places
from wizard.messages import DamagedFileError, Kind, Message, Place, SourceError

SLOT_BITS: Final = 12
"""a position is a page's number and a row's place on it: the larger page has room for fewer than 4096 rows"""


def page_and_row(position: int) -> dict[str, int]:
    """The facts of a position, for a message."""
    return {"page": position >> SLOT_BITS, "row": position & ((1 << SLOT_BITS) - 1)}


Counted = tuple[list[Message], dict[tuple[int, Place], tuple[int, dict[str, Any], int]]]
"""findings as plain data: messages as they are; and by number and place, count, facts and the position counted last"""


@dataclass(slots=True)
class _Diagnostic:
    count: int
    facts: dict[str, Any]
    last: int
    """the position counted last: reading the same rows again does not count them again"""


@dataclass(slots=True)
class Diagnostics:
    """All that was found in a file so far, one message per kind and place. Safe to use from several threads."""

    messages_as_is: list[Message] = field(default_factory=list)
    _found: dict[tuple[int, Place], _Diagnostic] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def say(self, message: Message) -> None:
        """Add a message that needs no counting; once."""
        with self._lock:
            if message not in self.messages_as_is:
                self.messages_as_is.append(message)

    def count(self, number: int, place: Place, positions: Places, **facts: Any) -> None:
        """Count rows (ascending positions) to which message `number` applies."""
        if not len(positions):
            return
        with self._lock:
            known = self._found.get((number, place))
            if known is None:
                first = {**page_and_row(int(positions[0])), **facts}
                self._found[number, place] = _Diagnostic(len(positions), first, int(positions[-1]))
            else:
                known.count += int((positions > known.last).sum())
                known.last = max(known.last, int(positions[-1]))

    def counted(self) -> Counted:
        """What can be handed to another process's findings of the same file."""
        with self._lock:
            return list(self.messages_as_is), {key: (f.count, f.facts, f.last) for key, f in self._found.items()}

    def add(self, others: Counted, before: Counted) -> None:
        """Add what a process has found that was forked from this one when it had found what `before` says."""
        for message in others[0]:
            self.say(message)
        with self._lock:
            for key, (count, facts, last) in others[1].items():
                known = self._found.setdefault(key, _Diagnostic(0, facts, last))
                known.count += count - (before[1][key][0] if key in before[1] else 0)
                known.facts = min(known.facts, facts, key=lambda f: (f["page"], f["row"]))
                known.last = max(known.last, last)

    @property
    def places(self) -> int:
        """All that was counted, of whatever kind."""
        with self._lock:
            return sum(f.count for f in self._found.values())

    @property
    def messages(self) -> list[Message]:
        """All that was found, counted, as messages."""
        with self._lock:
            counted = [Message.of(n, p, count=f.count, **f.facts) for (n, p), f in self._found.items()]
            return [*self.messages_as_is, *counted]


@dataclass(frozen=True, slots=True)
class Report:
    """Collects what is found while one table is read."""

    findings: Diagnostics
    source: str
    table: str
    salvage: bool = False

    @property
    def reading(self) -> str:
        """What was being read, for a message."""
        return f"table {self.table!r}"

    def place(self, column: str = "") -> Place:
        """The table, or a column of it, for a message."""
        return Place(Kind.COLUMN if column else Kind.TABLE, self.source, self.table, column)

    def lose_pages(self, pages: Places, what: str) -> None:
        """Pages whose rows cannot be read: an error that names the first, or so many pages left out.

        Raises DamagedFileError where nothing may be left out.
        """
        if not len(pages):
            return
        if not self.salvage:
            raise DamagedFileError(1014, self.place(), page=int(pages[0]), reading=self.reading, what=what)
        self.findings.count(1021, self.place(), pages << SLOT_BITS, what=what)

    def lose_rows(self, lost: Mask, positions: Places, what: str) -> None:
        """Rows that cannot be read: an error that names the first, or so many rows left out.

        Raises DamagedFileError where nothing may be left out.
        """
        if not lost.any():
            return
        if not self.salvage:
            where = page_and_row(int(positions[lost][0]))
            raise DamagedFileError(1015, self.place(), reading=self.reading, what=what, **where)
        self.findings.count(1020, self.place(), positions[lost], what=what)

    def too_large(self, positions: Places, sizes: Places, most: int) -> None:
        """Rows whose long values are too large to be held: an error that names the first, or so many rows left out.

        Raises SourceError where nothing may be left out.
        """
        if not len(positions):
            return
        facts = {"size": int(sizes[0]), "most": most >> 20}
        if not self.salvage:
            where = page_and_row(int(positions[0]))
            raise SourceError(1044, self.place(), reading=self.reading, **facts, **where)
        self.findings.count(1045, self.place(), positions, **facts)

    def note(self, number: int, column: str, positions: Places) -> None:
        """Rows of a column to which an information or warning applies."""
        self.findings.count(number, self.place(column), positions)
