"""The table at the end of `run`: a line a table, one for all, and a sentence."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from wizard.cli.output import table
from wizard.outcomes import TableState, worst
from wizard.plurals import counted, percent

if TYPE_CHECKING:
    from wizard.stages.migrate import RunResult


def closing_table(result: RunResult, most: int, *, missing: int = 0, weaker: int = 0) -> list[str]:
    """A line a table, one for all and a sentence, `most` cells wide (0: as wide as they are).

    `missing` tables were chosen and have no line: they could not be made, or lie in a file that is wanted.

    Rows a second are those of this run by the seconds of the table, in all by the time that passed.
    """
    headings = ("state", "from", "to", "rows", "arrived", "rejected", "ratio", "MB", "rows/s", "seconds")
    rows = [
        (
            f"{t.state.sign} {t.state.words}", t.source, t.table, *figures(t.rows, t.migrated, t.rejected),
            percent(t.migrated, t.rows), *_pace(t.bytes, t.moved, t.seconds),
        )
        for t in result.tables
    ]  # fmt: skip
    total, arrived, rejected, size, moved = (
        sum(getattr(t, n) for t in result.tables) for n in ("rows", "migrated", "rejected", "bytes", "moved")
    )
    state = worst([*(t.state for t in result.tables), *[TableState.LOSSES] * bool(missing)])
    if state is TableState.MISSING and arrived:  # of all tables some rows arrived
        state = TableState.LOSSES
    rows.append(
        (
            f"{state.sign} {state.words}", "in all", f"in all {counted(len(result.tables), 'table')}",
            *figures(total, arrived, rejected), percent(arrived, total), *_pace(size, moved, result.seconds),
        )
    )  # fmt: skip
    whole = f"{arrived:,} of {counted(total, 'row')} arrived, {rejected:,} rejected"
    rounded = sum(t.rounded for t in result.tables)
    if repaired := sum(t.repaired for t in result.tables) - rounded:
        whole += f", {counted(repaired, 'value')} repaired"
    if unread := sum(t.unread for t in result.tables):
        whole += f", about {counted(unread, 'row')} unreadable in the source"
    if missing:
        whole += f", {counted(missing, 'table')} left out"
    if weaker:
        whole += f", {counted(weaker, 'key or index', 'keys or indexes')} less than in Access"
    if rounded:
        whole += f", {counted(rounded, 'value')} rounded or cut"
    pace = ", ".join(
        f"{figure} {of}" for figure, of in zip(rows[-1][-3:], ("MB", "rows/s", "s"), strict=True) if figure
    )
    told = textwrap.wrap(f"In all {whole}: {pace}.", most or 10_000)
    return [*table(headings, rows, most=most, spare=("from", "ratio", "MB", "rows/s")), "", *told]


def _pace(size: int, rows: int, seconds: float) -> tuple[str, str, str]:
    """Megabytes, rows a second, seconds; no pace where nothing moved."""
    pace = f"{rows / seconds:,.0f}" if rows and seconds else ""
    return f"{size / 1e6:,.1f}" if size else "", pace, f"{seconds:,.1f}"


def figures(*numbers: int) -> tuple[str, ...]:
    """Numbers for a table's cells."""
    return tuple(f"{n:,}" for n in numbers)
