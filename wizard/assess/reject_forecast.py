"""Which rows stage 8 will reject or repair, found by the code that does it: only tables that may have such are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from wizard.assess.assessed_file import AssessedFile, AssessProgress, RowProgress, never, silent
from wizard.assess.finding_texts import Reasons
from wizard.assess.value_checks import may_round
from wizard.coercion.code_pages import most_bytes
from wizard.coercion.row_plan import RowPlan, moved
from wizard.coercion.type_ranges import DATES
from wizard.definitions import Column, ColumnProfile, ColumnType, Table, TableProfile
from wizard.objects import MAX, ServerColumn, ServerTable, TableRef
from wizard.settings import Repair

MOST: Final = 100_000
"""rows of a table that are kept by their positions"""
_EVERY: Final[Mapping[ColumnType, tuple[str, ...]]] = {
    ColumnType.BOOLEAN: ("bit", "tinyint", "smallint", "int", "bigint"),
    ColumnType.BYTE: ("tinyint", "smallint", "int", "bigint"),
    ColumnType.INTEGER: ("smallint", "int", "bigint"),
    ColumnType.LONG: ("int", "bigint"),
    ColumnType.COMPLEX: ("int", "bigint"),
    ColumnType.BIGINT: ("bigint",),
    ColumnType.SINGLE: ("real", "float"),
    ColumnType.DOUBLE: ("float",),
    ColumnType.CURRENCY: ("money",),
    ColumnType.GUID: ("uniqueidentifier",),
}
"""types that hold every value of a column's, NULL, NaN and infinity aside"""


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """A row that will be rejected."""

    position: int
    column: str
    number: int
    """of the message that says why"""


@dataclass(frozen=True)
class RejectForecast:
    """What will become of a table's rows."""

    table: TableRef
    name: str
    """on the server, as events name it"""
    rows: int
    rejected: int = 0
    repaired: int = 0
    """values that a rule changes"""
    damaged: int = 0
    """of these, texts that lose what of them is no text"""
    rounded: int = 0
    """values that lose what the column's type does not hold"""
    listed: tuple[ForecastRow, ...] = field(default=(), repr=False)
    """the first of the rejected rows"""
    reasons: tuple[str, ...] = ()
    """why, for people: the first few"""
    unread: int = 0
    """rows that cannot be read, about"""


def forecast_rejects(
    file: AssessedFile,
    tables: Sequence[ServerTable],
    plans: Mapping[TableRef, RowPlan],
    *,
    facts: Mapping[str, TableProfile],
    keep_nulls: bool = True,
    keep_identity: bool = True,
    check: Callable[[], None] = never,
    progress: RowProgress = silent,
) -> tuple[RejectForecast, ...]:
    """For each table of one source of which rows will not arrive as they are, what will become of them.

    Raises StoppedError, SourceError, MoveError 6010 where a column's values cannot become its type.
    """
    known = {name.casefold(): f for name, f in facts.items()}
    wanted = []
    for target in tables:
        table = file.definition.tables_by_name.get(target.source.table.casefold()) if target.source else None
        if table is None or target.source is None:
            continue
        plan = plans.get(target.source, RowPlan())
        columns = moved(target, keep_identity=keep_identity)
        if columns and (
            plan.shared
            or plan.orphans
            or plan.keys
            or plan.size
            or plan.added
            or _may_not_fit(table, columns, known.get(table.name.casefold()))
        ):
            wanted.append((target, table, columns, plan))
    watch = AssessProgress(sum(file.row_count(table.name) for _, table, _, _ in wanted), check, progress)
    found = [_one(file, one, watch, keep_nulls=keep_nulls) for one in wanted]
    return tuple(f for f in found if f.rejected or f.repaired or f.rounded)


_Wanted = tuple[ServerTable, Table, tuple[ServerColumn, ...], RowPlan]


def _one(file: AssessedFile, wanted: _Wanted, watch: AssessProgress, *, keep_nulls: bool) -> RejectForecast:
    target, table, columns, plan = wanted
    rows = rejected = repaired = damaged = rounded = 0
    listed: list[ForecastRow] = []
    reasons = Reasons()
    names = list(dict.fromkeys(c.source for c in columns))
    for batch in watch.batches(file.read(table.name, columns=names), table.name):
        fitted = plan.fit(batch.rows, batch.positions, columns, keep_nulls=keep_nulls, unread=batch.unread)
        first = {b.row: b for b in reversed(fitted.bad)}
        rows += batch.rows.num_rows
        rejected += len(first)
        repaired += len(fitted.repaired)
        damaged += sum(r.rule == Repair.REPLACE for r in fitted.repaired)
        rounded += sum(len(r.rows) for r in fitted.rounded if r.cut.loses)
        for bad in (first[row] for row in sorted(first)):
            if len(listed) < MOST:
                listed.append(ForecastRow(int(batch.positions[bad.row]), bad.column, bad.number))
            reasons.add(bad)
    name = f"{target.name.schema}.{target.name.name}"
    assert target.source is not None  # noqa: S101  # for the type checker
    return RejectForecast(
        target.source, name, rows, rejected, repaired, damaged, rounded, tuple(listed), reasons.texts()
    )


def _may_not_fit(table: Table, columns: Sequence[ServerColumn], facts: TableProfile | None) -> bool:
    if facts is None:
        return True
    seen = {name.casefold(): f for name, f in facts.columns.items()}
    pairs = ((c, table.by_name[c.source.casefold()]) for c in columns)
    risky = (_risky(c, source, seen.get(source.name.casefold())) for c, source in pairs)
    return bool(facts.unread) or (bool(facts.rows) and any(risky))


def _risky(column: ServerColumn, source: Column, facts: ColumnProfile | None) -> bool:
    """Whether a value may exist that does not fit, as far as the facts say."""
    if facts is None or facts.not_finite or (facts.nulls and not column.nullable):
        return True
    type_ = column.type
    if facts.nulls == facts.rows or may_round(source.type, type_, facts):
        return facts.nulls != facts.rows
    if source.type in (ColumnType.TEXT, ColumnType.MEMO, ColumnType.BINARY, ColumnType.LONGBINARY):
        wide = type_.name in ("nvarchar", "varbinary", "nchar", "varchar", "char", "binary")
        longest = facts.max_length * most_bytes(column)
        return not wide or (type_.length not in (None, MAX) and longest > (type_.length or 0))
    if source.type in (ColumnType.DATE, ColumnType.DATE_EXTENDED):
        return not (type_.name in ("datetime2", "date") or _within(type_.name, facts))
    if source.type is ColumnType.DECIMAL and type_.name == "decimal" and not source.calculated:
        return (type_.precision, type_.scale or 0) != (source.precision, source.scale)
    return type_.name not in _EVERY.get(source.type, ())


def _within(name: str, facts: ColumnProfile) -> bool:
    low, high = DATES.get(name, (None, None))
    first, last = facts.minimum, facts.maximum
    if low is None or high is None or not isinstance(first, datetime) or not isinstance(last, datetime):
        return False
    return low <= first and last <= high
