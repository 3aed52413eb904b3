"""Columns to which a type rule gave another type than Access has, as expressions use them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wizard.convert.literals import DATE_SQL
from wizard.convert.tree import Held
from wizard.convert.typed_sql import DATES, NUMBERS, TEXTS, Typed
from wizard.definitions import ColumnType
from wizard.objects import ServerType

_HELD: Final = {
    "tinyint": ColumnType.BYTE, "smallint": ColumnType.INTEGER, "int": ColumnType.LONG, "bigint": ColumnType.BIGINT,
    "real": ColumnType.SINGLE, "float": ColumnType.DOUBLE, "money": ColumnType.CURRENCY,
    "smallmoney": ColumnType.CURRENCY, "decimal": ColumnType.DECIMAL, "numeric": ColumnType.DECIMAL,
}  # fmt: skip
_GUID_TEXT: Final = 38
_READ: Final = {"date": (f"CONVERT({DATE_SQL}, ", ")"), "nchar": ("RTRIM(", ")"), "char": ("RTRIM(", ")")}
"""what makes of a day a moment, and of a text of fixed length the text that was put there"""


def held(column: Typed, server: ServerType) -> Typed:
    """A column of a table as T-SQL may calculate with it, where a rule made it another type than that of Access.

    SQL Server refuses what it does not know of a type: the hour of a `date`, the remainder of a `float`, a part of a
    text from `money` characters on. So a number is of the type that holds it, and a day is read as a moment.
    """
    if column.type in NUMBERS:
        return replace(column, type=_HELD.get(server.name, column.type))
    if column.type is ColumnType.GUID and server.name != "uniqueidentifier":
        column = replace(column, type=ColumnType.TEXT, length=_GUID_TEXT)
    made = _READ.get(server.name)
    return replace(column, node=Held(*made, column.node)) if made and column.type in DATES | TEXTS else column


def as_held(value: Typed) -> Typed:
    """The same as the column has it, fit to be compared: an index over the column serves."""
    return replace(value, node=value.node.held) if isinstance(value.node, Held) else value
