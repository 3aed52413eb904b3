"""Rows too long for one statement: their long values come in pieces that a temporary table puts together.

SQL Server takes 65,536 times the packet size in a batch ("Maximum capacity specifications for SQL Server"), and sqlcmd
may be set to use packets of 512 bytes: 32 MB, where a character is two bytes. A longer row is therefore written as

    a place for each long value in `#jetferry_long`, which is the session's and goes with it
    an UPDATE for each piece, which `.WRITE` adds to the end of the value ("UPDATE (Transact-SQL)")
    the INSERT, which takes those values from there

each in a batch of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from wizard.objects import Name, ServerColumn, quote

PACKET: Final = 512
"""bytes of the smallest packet that sqlcmd may be set to use"""
BATCH: Final = 65_536 * PACKET // 2
"""characters of a batch"""
PIECE: Final = BATCH // 8
"""bytes of binary or characters of text in a piece: at most twice as many characters in its statement"""
_INLINE: Final = 4_096
"""bytes of a value that stays in the INSERT: a thousand of them are no long row"""
_FIXED: Final = 64
"""characters of any other value, about"""

TABLE: Final = "[#jetferry_long]"
MADE: Final = (
    f"IF OBJECT_ID(N'tempdb..{TABLE}') IS NULL CREATE TABLE {TABLE}"
    " ([n] int NOT NULL, [t] nvarchar(max) NOT NULL, [b] varbinary(max) NOT NULL);"
)
_CLEARED: Final = f"DELETE FROM {TABLE};"
_PLACE: Final = f"INSERT INTO {TABLE} ([n], [t], [b]) VALUES ({{}}, N'', 0x);"
_PIECE: Final = f"UPDATE {TABLE} SET [{{}}].WRITE({{}}, NULL, 0) WHERE [n] = {{}};"
_READ: Final = f"(SELECT [{{}}] FROM {TABLE} WHERE [n] = {{}})"

VALUE: Final = rf"\(SELECT \[[tb]\] FROM {re.escape(TABLE)} WHERE \[n\] = (?P<long>[0-9]+)\)"
"""where an INSERT takes a value from, as a regular expression"""
_PIECES: Final = re.compile(
    rf"UPDATE {re.escape(TABLE)} SET \[[tb]\]\.WRITE\((.*), NULL, 0\) WHERE \[n\] = ([0-9]+);\n?"
)

Literal = Callable[["pa.Array[Any]", ServerColumn], "pa.Array[Any]"]


def too_long(batch: pa.RecordBatch, columns: Sequence[ServerColumn], most: int) -> list[bool]:
    """Whether each row may be more than `most` characters as values of a statement."""
    sizes = pa.repeat(pa.scalar(_FIXED * len(columns), pa.int64()), batch.num_rows)
    for values in batch.columns:
        if _varying(values.type):
            length = pc.fill_null(pc.binary_length(values), 0).cast(pa.int64())
            sizes = pc.add(sizes, pc.multiply(length, pa.scalar(2, pa.int64())))
    found: list[bool] = pc.greater(sizes, pa.scalar(most, pa.int64())).to_pylist()
    return found


def statements(row: pa.RecordBatch, start: str, columns: Sequence[ServerColumn], literal: Literal) -> Iterator[str]:
    """The statements of one row, each for a batch of its own; `start` is what its INSERT begins with."""
    yield f"{MADE} {_CLEARED}"
    values: list[str] = []
    for n, (column, value) in enumerate(zip(columns, row.columns, strict=True)):
        if _varying(value.type) and (pc.binary_length(value)[0].as_py() or 0) > _INLINE:
            kind = "t" if pa.types.is_string(value.type) else "b"
            yield _PLACE.format(n)
            for piece in _cut(value):
                yield _PIECE.format(kind, literal(piece, column)[0].as_py(), n)
            values.append(_READ.format(kind, n))
        else:
            values.append(literal(value, column)[0].as_py() or "NULL")
    yield f"{start}{', '.join(values)});"


def _varying(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


def _cut(value: pa.Array[Any]) -> Iterator[pa.Array[Any]]:
    whole = value[0].as_py()
    for at in range(0, len(whole), PIECE):
        yield pa.array([whole[at : at + PIECE]], value.type)


@dataclass
class Row:
    """An INSERT read back, with the pieces of its long values: literals by the number of each place."""

    statement: str
    pieces: dict[int, list[str]] = field(default_factory=dict)


def rows(lines: Iterable[str]) -> Iterator[Row]:
    """The INSERT statements among the lines of a file, which is all there is of them once it is written.

    Raises ValueError where a piece is not as it must be.
    """
    pieces: dict[int, list[str]] = {}
    for line in lines:
        if line.startswith(f"UPDATE {TABLE}"):
            found = _PIECES.fullmatch(line)
            if found is None:
                raise ValueError("a piece of a long value is not as it must be")
            pieces.setdefault(int(found[2]), []).append(found[1])
        elif line.startswith("INSERT ") and not line.startswith(f"INSERT INTO {TABLE}"):
            yield Row(line, pieces)
            pieces = {}


def insert_start(name: Name, columns: Sequence[ServerColumn]) -> str:
    """What every INSERT of a file begins with."""
    return f"INSERT INTO {name} ({', '.join(quote(c.name) for c in columns)}) VALUES ("
