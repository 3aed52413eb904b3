"""Questions of conversion about old rows, and their answers, as plain data.

Access lets old rows stand when a rule comes later, so a server must, too. `assess` answers, `convert` decides what the
answers mean for the tables, `migrate` leaves out or repairs the rows that a person's rule names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wizard.coercion.code_pages import is_narrow
from wizard.messages import RowProblem
from wizard.objects import CheckConstraint, ForeignKey, ServerColumn, ServerIndex, ServerTable, TableRef


class QuestionKind(StrEnum):
    """What can be asked of the rows of a table."""

    RULE = "rule"
    """do all rows obey a validation rule?"""
    UNIQUE = "unique"
    """does no row share its values with another?"""
    REFERENCE = "reference"
    """does every row that refers to another find it?"""
    ROOM = "room"
    """does an index have room for every row's key?"""
    FITS = "fits"
    """does every value fit a column that was changed by hand?"""


@dataclass(frozen=True, slots=True)
class RowQuestion:
    """Independent of names on the server, so that an answer outlives edits that do not matter to it."""

    table: TableRef
    asked: QuestionKind
    about: str
    """a rule's column and expression; an index's columns and filter; a key's columns and what they refer to"""


@dataclass(frozen=True)
class BrokenRule:
    """An answer that is not 'all of them'."""

    question: RowQuestion
    count: int
    """rows that break it; of rows that share values, all of them"""
    rows: int
    groups: int = 0
    """values that are shared"""
    samples: str = ""
    positions: tuple[int, ...] = ()
    """of rows that refer to nothing; of rows that share values, all but the first of each"""
    untold: bool = False
    """whether rows break the rule cannot be known here; `count` is 0"""
    rounded: int = 0
    """of values that must fit a column, those that would lose what its type does not hold; not of `count`"""
    unchecked: int = 0
    """those with characters of which it is not known whether the column holds them"""
    troubles: tuple[RowProblem, ...] = ()
    """of values that must fit a column, what is wrong with those of `count`"""
    cut: str = ""
    """the first of them, as it is and would be"""


@dataclass(frozen=True)
class Answers:
    """What is known of the rows of sources in some state."""

    states: Mapping[str, str] = field(default_factory=dict, hash=False)
    """by source, the state of its files that the answers are of"""
    asked: tuple[RowQuestion, ...] = ()
    """all that were answered"""
    broken: tuple[BrokenRule, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)
    """by source, the state of its files in which what its columns hold was looked at for the conversion"""

    def of(self, question: RowQuestion) -> BrokenRule | None:
        """What is known to break; None where all rows obey, or nobody asked."""
        return next((b for b in self.broken if b.question == question), None)

    def unanswered(self, questions: Iterable[RowQuestion], states: Mapping[str, str]) -> list[RowQuestion]:
        """Those not answered, or of a source that has another state now."""
        known = set(self.asked)
        return [q for q in questions if q not in known or self.states.get(q.table.source) != states.get(q.table.source)]

    def with_answers(
        self, asked: Iterable[RowQuestion], broken: Iterable[BrokenRule], states: Mapping[str, str]
    ) -> Answers:
        """These and others; of a source whose state is another now, only the others."""
        kept = {s for s, state in self.states.items() if states.get(s) == state}
        new = dict.fromkeys(asked)
        return Answers(
            dict(states),
            (*(q for q in self.asked if q.table.source in kept and q not in new), *new),
            (*(b for b in self.broken if b.question.table.source in kept and b.question not in new), *broken),
            self.facts,
        )


def rule_question(table: ServerTable, check: CheckConstraint) -> RowQuestion | None:
    """None for a check whose answer is known, or that is no person's rule."""
    if table.source is None or check.tightens or check.unchecked or not check.rule:
        return None
    return RowQuestion(table.source, QuestionKind.RULE, f"{check.column}: {check.rule}")


def unique_question(table: ServerTable, index: ServerIndex) -> RowQuestion | None:
    """None where nothing must be unique, or a column of the index has no source (the server numbers it)."""
    columns = sources(table, [c.name for c in index.columns])
    if table.source is None or columns is None or not (index.unique or index.primary):
        return None
    return RowQuestion(table.source, QuestionKind.UNIQUE, ", ".join(columns) + (" where given" if index.where else ""))


def reference_question(table: ServerTable, key: ForeignKey, parent: ServerTable | None) -> RowQuestion | None:
    """None where one side is not of the sources."""
    own = sources(table, key.columns)
    other = sources(parent, key.referenced_columns) if parent is not None else None
    if table.source is None or parent is None or parent.source is None or own is None or other is None:
        return None
    return RowQuestion(
        table.source, QuestionKind.REFERENCE, f"{', '.join(own)} -> {parent.source.table} ({', '.join(other)})"
    )


def fit_question(table: ServerTable, column: ServerColumn) -> RowQuestion | None:
    """None where the column gets no value of a source."""
    if table.source is None or not column.source or column.computed:
        return None
    null = "NULL" if column.nullable else "NOT NULL"
    page = f" in code page {column.code_page}" if column.code_page else ""
    return RowQuestion(table.source, QuestionKind.FITS, f"{column.source}: {column.type}{page} {null}")


def sources(table: ServerTable, names: Iterable[str]) -> list[str] | None:
    """The Access columns behind the server's; None where one has none."""
    made = [table.column(n) for n in names]
    return [c.source for c in made if c] if all(c is not None and c.source for c in made) else None


Edited = Collection[tuple[TableRef, str]]
"""tables with case-folded Access columns that a person gave another type, or another say on NULL"""


def is_chosen(table: ServerTable, column: ServerColumn, edited: Edited) -> bool:
    """Whether a column was changed by hand, or a rule gave it a type of which only few texts are."""
    if table.source is None or not column.source:
        return False
    return (table.source, column.source.casefold()) in edited or is_narrow(column.type)


def questions(tables: Iterable[ServerTable], edited: Edited = ()) -> list[RowQuestion]:
    """All that conversion wants to know of the rows."""
    every = list(tables)
    by_name = {t.name: t for t in every}
    found: dict[RowQuestion | None, None] = {}
    for table in every:
        found |= dict.fromkeys(rule_question(table, c) for c in table.checks)
        keys = [i for i in (table.primary_key, *table.indexes) if i is not None]
        found |= dict.fromkeys(unique_question(table, i) for i in keys)
        found |= dict.fromkeys(reference_question(table, k, by_name.get(k.referenced)) for k in table.foreign_keys)
        found |= dict.fromkeys(fit_question(table, c) for c in table.columns if is_chosen(table, c, edited))
    return [q for q in found if q is not None]
