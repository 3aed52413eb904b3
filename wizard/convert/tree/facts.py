"""What is known of a node of T-SQL and of all within it, from the moment it is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Flag, IntEnum, auto
from typing import Final, Protocol

Read = tuple[str, str]
"""a column: its source's alias (empty in a rule) and its name on the server"""


class Volatility(IntEnum):
    """How long a value stays what it is."""

    STEADY = 0
    SESSION = 1
    """it depends on language or date format of the session, or may to SQL Server: FORMAT, and a text that becomes a
    date, or a date a text, without a style that no setting changes ("CAST and CONVERT", errors 4936 and 2729)"""
    STATEMENT = 2
    """the time, the login: one value in a statement"""
    ROW = 3
    """random: another value for each row"""


class Faults(Flag):
    """Why a value is NULL, or ends the query, where Access shows an error."""

    NUMBER_OF_TEXT = auto()
    """a text is no number"""
    DATE = auto()
    """a date would lie outside of the years 100 to 9999"""
    DATE_ENDS = auto()
    """the same, where the server ends the query"""
    LARGE = auto()
    """a whole number is larger than a Long holds"""
    OTHER = auto()
    """what a message at its place told"""


NO_FAULTS: Final = Faults(0)


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What is known of a node and of all within it."""

    columns: frozenset[Read] = frozenset()
    """those it reads; of a sub-query those of queries around it"""
    subquery: bool = False
    aggregate: bool = False
    """whether it holds an aggregate; those within a sub-query do not count"""
    volatility: Volatility = Volatility.STEADY
    depth: int = 0
    """levels of CASE within CASE, and of the functions that SQL Server makes CASE of"""
    faults: Faults = NO_FAULTS
    """for what it may be NULL where Access shows an error; in a sub-query and an aggregate that is not seen"""

    def __or__(self, other: NodeFacts) -> NodeFacts:
        return NodeFacts(
            self.columns | other.columns,
            self.subquery or other.subquery,
            self.aggregate or other.aggregate,
            max(self.volatility, other.volatility),
            max(self.depth, other.depth),
            self.faults | other.faults,
        )


PLAIN: Final = NodeFacts()


class HasFacts(Protocol):
    """A node."""

    facts: NodeFacts


def merged(nodes: Iterable[HasFacts]) -> NodeFacts:
    """What is known of several nodes together."""
    found = PLAIN
    for node in nodes:
        facts = node.facts
        if facts is not PLAIN and facts is not found:
            found = facts if found is PLAIN else found | facts
    return found
