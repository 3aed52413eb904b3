"""The result of a run of stage 8: a line for each table, and the messages that are about no table alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from wizard.messages import Message
from wizard.outcomes import Role, TableState


@dataclass(frozen=True, slots=True)
class TableResult:
    """What became of a table: a line of the report."""

    table: str
    source: str
    status: TableState
    rows: int
    """rows of the source; 0 where it was not asked"""
    migrated: int
    rejected: int
    seconds: float
    bytes: int = 0
    """Arrow bytes moved in this run"""
    details: str = ""
    retries: int = 0
    """times in this run that its rows waited for a busy server or a new connection"""
    moved: int = 0
    """rows that arrived in this run"""
    repaired: int = 0
    """values that rules changed on their way, in earlier runs too"""
    damaged: int = 0
    """of these, texts that arrived with U+FFFD in place of bytes that are no text"""
    unread: int = 0
    """rows that could not be read in the source, about"""
    rounded: int = 0
    """of the repaired values, those that lost what the column's type does not hold"""

    @property
    def ratio(self) -> float:
        """Migrated of all rows, 1 for an empty table."""
        return self.migrated / self.rows if self.rows else 1.0

    @property
    def state(self) -> TableState:
        """What became of its rows, those of earlier runs among them."""
        if self.status is not TableState.THERE:
            return self.status
        return self.status.seen(self.migrated, self.rejected, None, self.damaged, self.unread, rounded=self.rounded)


@dataclass(frozen=True)
class RunResult:
    """What a run did. `messages` are those of no table's rows: preparations, constraints, journal."""

    tables: tuple[TableResult, ...]
    messages: tuple[Message, ...]
    seconds: float
    started: float
    cancelled: bool = False
    settings: dict[str, object] = field(default_factory=dict)
    retries: int = 0
    """attempts repeated, those of no single table too"""
    of_rejects: bool = False
    """it sent nothing but rows that had been rejected"""

    @property
    def complete(self) -> bool:
        """Every row of every table is in the target."""
        return all(t.state.role is Role.GOOD for t in self.tables)
