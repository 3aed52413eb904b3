"""The columns of stage 8's list of tables, how its figures are written, and what all of them lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from screens.widgets.listing import Heading
from wizard.outcomes import WORST
from wizard.plurals import counted
from wizard.stages import TableProgress

BAR = 7
"""cells of a bar in a terminal of 80 columns"""
ROWS = 13
"""cells of the column with rows"""
FIGURE = 7
"""cells of the columns with one figure"""


def figure(number: float) -> str:
    """A figure in at most `FIGURE` cells; empty for 0. Millions are rounded: the report has them whole."""
    if number < 999_999.5:
        return f"{number:,.0f}" if number else ""
    return f"{number / 1e6:,.1f}M"


def columns(cells: int, *, unread: bool = False) -> tuple[Heading, ...]:
    """Of the tables' list, with bars of so many cells; `unread`: with one for rows that could not be read."""
    shown = (
        Heading("", 1), Heading("Table", middle=True, qualified=True), Heading("", cells),
        Heading("Rows", ROWS, right=True), Heading("Rows/s", FIGURE, right=True),
        Heading("Left", 6, right=True), Heading("Rej.", FIGURE, right=True),
    )  # fmt: skip
    return (*shown, Heading("Unread", FIGURE, right=True)) if unread else shown


def lost(tables: Collection[TableProgress]) -> str:
    """What tables lost, state by state: `9 rejected, 1 table done with losses`."""
    rejected, unread, damaged, rounded = (
        sum(getattr(t, n) for t in tables) for n in ("rejected", "unread", "damaged", "rounded")
    )
    states = Counter(t.state for t in tables if t.state.lost)
    counts = [f"{counted(states[s], 'table')} {s.words}" for s in WORST if states[s]]
    found = [f"{rejected:,} rejected"] * bool(rejected) + [f"about {unread:,} unreadable"] * bool(unread)
    found += [f"{counted(damaged, 'text')} damaged"] * bool(damaged)
    found += [f"{counted(rounded, 'value')} rounded or cut"] * bool(rounded)
    return ", ".join(found + counts)


def repaired(tables: Iterable[TableProgress]) -> list[str]:
    """Values that arrived as a rule says, those aside that count among the losses."""
    count = sum(t.repaired - t.damaged - t.rounded for t in tables)
    return [f"{counted(count, 'value')} repaired"] * bool(count)
