"""Checks of old rows for conversion: which break a rule, share what must be unique, or refer to no row.

A table is read once for all rules, and once more for each index and key (and each four million keys, to bound
memory); only the columns that matter are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wizard.access.reader import Batch
from wizard.assess import key_hashes
from wizard.assess.assessed_file import AssessedFile, AssessProgress, RowProgress, never, silent
from wizard.assess.finding_texts import SAMPLES, Reasons, sample
from wizard.assess.key_hashes import HashedKeys, Places
from wizard.assess.validation_rules import BatchRule, UntoldError, rule_of
from wizard.coercion.columns import Cut, coerce, unread_in
from wizard.convert.server_limits import key_size, room_question
from wizard.definitions import Table
from wizard.existing_rows import (
    BrokenRule,
    RowQuestion,
    fit_question,
    reference_question,
    rule_question,
    sources,
    unique_question,
)
from wizard.messages import RowProblem, problem_of
from wizard.objects import CheckConstraint, Name, ServerColumn, ServerIndex, ServerTable

MOST: int = 1_000_000
"""positions kept of an answer"""


@dataclass(frozen=True)
class _QuestionPass:
    """A table about which something is asked."""

    file: AssessedFile
    table: Table
    target: ServerTable
    watch: AssessProgress

    def read(self, columns: Sequence[str]) -> Iterator[Batch]:
        return self.watch.batches(self.file.read(self.table.name, columns=list(columns)), self.table.name)

    def row(self, at: int, columns: Sequence[str]) -> str:
        rows = next(iter(self.file.read(self.table.name, columns=list(columns), start=at, batch_rows=1))).rows
        return sample(rows, 0, rows.schema.names)


def answer_questions(
    files: Mapping[str, AssessedFile],
    tables: Sequence[ServerTable],
    wanted: Sequence[RowQuestion],
    *,
    check: Callable[[], None] = never,
    progress: RowProgress = silent,
) -> tuple[BrokenRule, ...]:
    """What of the questions is answered with 'not all of them', or, of a rule, cannot be answered here.

    `files` by source key, `tables` all that is converted. Raises StoppedError, SourceError.
    """
    questions = set(wanted)
    mine = [t for t in tables if t.source and any(q.table == t.source for q in questions)]
    work = {}
    for target in tables:
        file = files.get(target.source.source) if target.source else None
        table = file.definition.tables_by_name.get(target.source.table.casefold()) if file and target.source else None
        if file is not None and table is not None:
            work[target.name] = _QuestionPass(file, table, target, AssessProgress(0, check, silent))
    total = sum(work[t.name].file.row_count(work[t.name].table.name) for t in mine if t.name in work)
    watch = AssessProgress(total, check, progress)
    found: list[BrokenRule] = []
    for target in mine:
        if target.name in work:
            found += _answers(replace(work[target.name], watch=watch), work, questions)
    return tuple(dict.fromkeys(found))


def _answers(
    asking: _QuestionPass, work: Mapping[Name, _QuestionPass], questions: set[RowQuestion]
) -> Iterator[BrokenRule]:
    """Of the questions about one table; `work` has all tables, for those that it refers to."""
    target, rows = asking.target, asking.file.row_count(asking.table.name)
    if not rows:
        return
    yield from _rules(asking, [(q, c) for c in target.checks if (q := rule_question(target, c)) in questions], rows)
    for column in target.columns:
        if (question := fit_question(target, column)) in questions:
            yield from _unfit(asking, question, column)
    for index in filter(None, (target.primary_key, *target.indexes)):
        if (question := room_question(target, index)) in questions:
            yield from _without_room(asking, question, index)
        if (question := unique_question(target, index)) in questions:
            columns = sources(target, [c.name for c in index.columns]) or []
            yield from _shared(asking, question, columns, rows, given=bool(index.primary or index.where))
    for key in target.foreign_keys:
        parent = work.get(key.referenced)
        question = reference_question(target, key, parent.target if parent else None)
        if parent is not None and question in questions:
            own = sources(target, key.columns) or []
            other = sources(parent.target, key.referenced_columns) or []
            yield from _orphans(asking, question, own, (parent, other), rows)


_OF_ANY_TYPE: Final = (RowProblem.UNREADABLE, RowProblem.TEXT)
"""problems of values that no other type would take either"""


def _unfit(asking: _QuestionPass, question: RowQuestion, column: ServerColumn) -> Iterator[BrokenRule]:
    """Values that a column cannot take as they are."""
    rows = count = rounded = unchecked = 0
    reasons, cut, troubles = Reasons(), "", dict[RowProblem, None]()
    for batch in asking.read([column.source]):
        lost = unread_in(batch.unread, batch.positions)
        made = coerce(batch.rows, [column], unread=lost)
        bad = [b for b in made.bad if problem_of(b.number) not in _OF_ANY_TYPE]
        for one in made.rounded:
            if one.cut is Cut.UNCHECKED:
                unchecked, cut = unchecked + len(one.rows), cut or f"{one.old}"
                continue
            rounded += len(one.rows)
            cut = cut or f"{one.old} as {one.new}"
        rows += batch.rows.num_rows
        count += len({b.row for b in bad})
        for why in bad:
            reasons.add(why)
            if (trouble := problem_of(why.number)) is not None:
                troubles[trouble] = None
    if count or rounded or unchecked:
        yield BrokenRule(
            question, count, rows, samples=" ".join(reasons.texts()), rounded=rounded, cut=cut, unchecked=unchecked,
            troubles=tuple(troubles),
        )  # fmt: skip


def _without_room(asking: _QuestionPass, question: RowQuestion, index: ServerIndex) -> Iterator[BrokenRule]:
    """Rows whose key is longer than the index takes."""
    target = asking.target
    size, columns = key_size(target, index), [c for k in index.columns if (c := target.column(k.name))]
    rows = count = 0
    samples: list[str] = []
    for batch in asking.read([c.source for c in columns]) if size else ():
        made = coerce(batch.rows, columns, unread=unread_in(batch.unread, batch.positions)).rows
        over = size.sizes(made) > size.limit if size else np.zeros(0, bool)
        rows += batch.rows.num_rows
        count += int(over.sum())
        samples += [sample(made, int(n), made.schema.names) for n in np.flatnonzero(over)[: SAMPLES - len(samples)]]
    if count:
        yield BrokenRule(question, count, rows, samples="; ".join(samples))


@dataclass
class _AnswerTally:
    question: RowQuestion
    rule: BatchRule
    count: int = 0
    samples: list[str] = field(default_factory=list)
    untold: bool = False


def _rules(
    asking: _QuestionPass, checks: Sequence[tuple[RowQuestion, CheckConstraint]], rows: int
) -> Iterator[BrokenRule]:
    table, tallies = asking.table, []
    for question, check in checks:
        try:
            tallies.append(_AnswerTally(question, rule_of(check.rule, table.by_name, check.column)))
        except UntoldError:
            yield BrokenRule(question, 0, rows, untold=True)
    if not tallies:
        return
    key = [c.name for c in table.primary_key.columns] if table.primary_key else []
    columns = list(dict.fromkeys([*key, *(c for t in tallies for c in t.rule.columns)]))
    for batch in asking.read(columns or [table.columns[0].name]):
        arrays = {n.casefold(): batch.rows.column(i) for i, n in enumerate(batch.rows.schema.names)}
        for tally in tallies:
            _count(tally, batch.rows, arrays, key or tally.rule.columns)
    for tally in tallies:
        if tally.untold:
            yield BrokenRule(tally.question, 0, rows, untold=True)
        elif tally.count:
            shown = "; ".join(tally.samples) + (" …" if tally.count > len(tally.samples) else "")
            yield BrokenRule(tally.question, tally.count, rows, samples=shown)


def _count(
    tally: _AnswerTally, rows: pa.RecordBatch, arrays: Mapping[str, pa.Array[Any]], shown: Sequence[str]
) -> None:
    if tally.untold:
        return
    try:
        bad = pc.invert(pc.fill_null(tally.rule.test(arrays), True))
    except (UntoldError, pa.ArrowException, ArithmeticError, RecursionError):
        tally.untold = True
        return
    count = pc.sum(bad).as_py() or 0
    tally.count += count
    if count and len(tally.samples) < SAMPLES:
        places = np.flatnonzero(bad.to_numpy(zero_copy_only=False))[: SAMPLES - len(tally.samples)]
        tally.samples += [sample(rows, int(i), shown) for i in places]


def _shared(
    asking: _QuestionPass, question: RowQuestion, columns: Sequence[str], rows: int, *, given: bool
) -> Iterator[BrokenRule]:
    """Rows that share values. `given`: only those with a value in each column count."""
    passes = key_hashes.passes(rows)
    groups = shared = 0
    samples: list[tuple[int, int]] = []
    later: list[Places] = []
    for number in range(passes):
        keys = HashedKeys()
        for batch in asking.read(columns):
            keys.add(*key_hashes.keyed(batch, number, passes, given))
        numbers, places = keys.sorted()
        more_groups, more_rows, more = key_hashes.repeated(numbers, places)
        groups, shared = groups + more_groups, shared + more_rows
        samples += more
        if more_groups:
            later.append(places[1:][numbers[1:] == numbers[:-1]])
    if groups:
        pairs = [[asking.row(at, columns) for at in pair] for pair in sorted(samples)[:SAMPLES]]
        shown = "; ".join(one if one == other else f"{one} / {other}" for one, other in pairs)
        positions = np.sort(np.concatenate(later))[:MOST]
        yield BrokenRule(question, shared, rows, groups, shown, tuple(positions.tolist()))


def _alike(asking: _QuestionPass, columns: Sequence[str], parent: _QuestionPass, parent_columns: Sequence[str]) -> bool:
    """Whether values of both sides can be compared by their hashes."""
    sides = (asking, columns), (parent, parent_columns)
    kinds = [key_hashes.kinds_of(s.file.read(s.table.name, columns=list(c), batch_rows=1)) for s, c in sides]
    return kinds[0] == kinds[1] or not all(kinds)


def _orphans(
    asking: _QuestionPass,
    question: RowQuestion,
    columns: Sequence[str],
    other: tuple[_QuestionPass, Sequence[str]],
    rows: int,
) -> Iterator[BrokenRule]:
    parent, parent_columns = other
    there = parent.file.row_count(parent.table.name)
    if not _alike(asking, columns, parent, parent_columns):
        return
    lost = list(key_hashes.orphans(lambda: asking.read(columns), lambda: parent.read(parent_columns), max(rows, there)))
    count = sum(map(len, lost))
    if count:
        positions = np.sort(np.concatenate(lost))[:MOST]
        named = dict.fromkeys(asking.row(int(at), columns) for at in positions[:SAMPLES])
        shown = "; ".join(named) + (" …" if count > len(named) else "")
        yield BrokenRule(question, count, rows, samples=shown, positions=tuple(positions.tolist()))


__all__ = ["answer_questions"]
