"""Which repair rule a message is about: what the screens and the command offer where a finding is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.messages import Message
from wizard.settings import REPAIRS, Repair, RepairRule, Trouble

TROUBLES: Final[Mapping[int, Trouble]] = {
    # what the data assessment finds
    1026: Trouble.TEXT,
    1046: Trouble.UNREADABLE,
    4001: Trouble.NO_VALUE,
    4003: Trouble.UNFIT,
    4004: Trouble.DATE,
    4005: Trouble.UNFIT,
    4006: Trouble.NOT_A_NUMBER,
    4008: Trouble.UNFIT,
    4063: Trouble.TEXT,
    4064: Trouble.UNREADABLE,
    # what the tables gave way to
    2094: Trouble.ORPHANS,
    2095: Trouble.DUPLICATES,
    2096: Trouble.DUPLICATES,
    # why a row was rejected
    6101: Trouble.UNFIT,
    6102: Trouble.UNFIT,
    6103: Trouble.NO_VALUE,
    6104: Trouble.DATE,
    6105: Trouble.NOT_A_NUMBER,
    6106: Trouble.UNFIT,
    6107: Trouble.UNFIT,
    6108: Trouble.UNFIT,
    6110: Trouble.DUPLICATES,
    6111: Trouble.UNREADABLE,
    6113: Trouble.TEXT,
}
"""by message number"""

WORDS: Final[Mapping[Trouble, str]] = {
    Trouble.DATE: "dates that the type cannot hold",
    Trouble.NOT_A_NUMBER: "NaN and infinity",
    Trouble.UNFIT: "values that do not fit the type",
    Trouble.UNREADABLE: "values that can no longer be read",
    Trouble.TEXT: "texts with bytes that are no text",
    Trouble.NO_VALUE: "NULL where a value is required",
    Trouble.DUPLICATES: "rows that share what must be unique",
    Trouble.ORPHANS: "rows that refer to rows that are not there",
}
"""troubles, for people"""

ACTIONS: Final[Mapping[Repair, str]] = {
    Repair.REJECT: "reject the row",
    Repair.NULL: "NULL",
    Repair.NEAREST: "the nearest value it can hold",
    Repair.VALUE: "a value that I give",
    Repair.REPLACE: "keep what is text, U+FFFD for the rest",
    Repair.PLAIN: "keep all rows, make the index plain",
    Repair.LEAVE_OUT: "keep all rows, leave the foreign key out",
    Repair.PLACEHOLDER: "add rows that they refer to",
}
"""repairs, for people"""


def worded(rule: RepairRule) -> str:
    """A rule's place, for people: the most local name."""
    return ".".join(n for n in (rule.source, rule.table, rule.part) if n) or "the whole project"


def about(message: Message) -> RepairRule | None:
    """A rule for exactly what the message is about, with the default repair; None where no rule speaks of such."""
    trouble = TROUBLES.get(message.number)
    if trouble is None:
        return None
    place = message.place
    return RepairRule(trouble, REPAIRS[trouble][0], "", place.source, place.name, place.part)


def levels(rule: RepairRule) -> list[RepairRule]:
    """The same rule for wider and wider places: the part, its table, its source, the project."""
    found = [rule]
    if rule.part:
        found.append(RepairRule(rule.trouble, rule.repair, rule.value, rule.source, rule.table))
    if rule.table:
        found.append(RepairRule(rule.trouble, rule.repair, rule.value, rule.source))
    if rule.source:
        found.append(RepairRule(rule.trouble, rule.repair, rule.value))
    return found
