"""Rows of tables as they are read, turned into Access's values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from wizard.convert.interpreter.errors import UnsupportedError
from wizard.convert.interpreter.values import BigInt, Byte, Currency, Guid, Integer, single_of
from wizard.definitions import Column, ColumnType

ReadRows = Callable[[str, Sequence[str]], Iterable[Sequence[Any]]]
"""The rows of a table, of which only these columns, in this order and in the table's own order of rows.

Values are those of the reader's batches: None, bool, int, float, Decimal, datetime, str, bytes; a GUID is text in
braces, Date/Time Extended ISO text with seven decimals. Both names are as the definitions have them.
"""


def _guid(value: str) -> Guid:
    return Guid(value.strip("{}").upper())


def _extended(value: str) -> datetime:
    """The seventh decimal of a second is dropped: no function of Access shows it."""
    return datetime.fromisoformat(value[:26])


MAKERS: Final[dict[ColumnType, Callable[[Any], Any] | None]] = {
    ColumnType.BOOLEAN: bool,
    ColumnType.BYTE: Byte,
    ColumnType.INTEGER: Integer,
    ColumnType.LONG: None,
    ColumnType.BIGINT: BigInt,
    ColumnType.SINGLE: single_of,
    ColumnType.DOUBLE: None,
    ColumnType.CURRENCY: Currency,
    ColumnType.DECIMAL: None,
    ColumnType.DATE: None,
    ColumnType.DATE_EXTENDED: _extended,
    ColumnType.TEXT: None,
    ColumnType.MEMO: None,
    ColumnType.GUID: _guid,
    ColumnType.BINARY: None,
    ColumnType.LONGBINARY: None,
    ColumnType.COMPLEX: None,  # the number that leads to its values
}


def maker(column: Column) -> Callable[[Any], Any] | None:
    """What makes a read value Access's; None where it is so already. Raises UnsupportedError."""
    if column.type not in MAKERS:
        raise UnsupportedError(f"the column {column.name} is of no type that is known here")
    return MAKERS[column.type]


def made_rows(rows: Iterable[Sequence[Any]], columns: Sequence[Column]) -> Iterable[tuple[Any, ...]]:
    """The rows with Access's values."""
    makers = [(place, made) for place, c in enumerate(columns) if (made := maker(c)) is not None]
    for row in rows:
        if not makers:
            yield tuple(row)
            continue
        values = list(row)
        for place, made in makers:
            if values[place] is not None:
                values[place] = made(values[place])
        yield tuple(values)
