"""The columns of stage 8's list of tables, and how its figures are written."""

from __future__ import annotations

from screens.widgets.listing import Column

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


def columns(cells: int, *, unread: bool = False) -> tuple[Column, ...]:
    """Of the tables' list, with bars of so many cells; `unread`: with one for rows that could not be read."""
    shown = (
        Column("", 1), Column("Table", middle=True), Column("", cells), Column("Rows", ROWS, right=True),
        Column("Rows/s", FIGURE, right=True), Column("Left", 6, right=True), Column("Rej.", FIGURE, right=True),
    )  # fmt: skip
    return (*shown, Column("Unread", FIGURE, right=True)) if unread else shown
