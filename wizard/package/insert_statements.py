"""Rows as INSERT statements: for small databases, and for rows that bcp's character format cannot carry.

Each statement is one line, whatever its text holds: a line `GO` or `:r` inside a literal would be taken for a
command by sqlcmd. Line ends and NUL are therefore written as escapes, which the server turns back.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from wizard.objects import SETTINGS, Name, ServerColumn
from wizard.package import long_row_inserts
from wizard.package.bcp_columns import hexadecimal, plain_text
from wizard.package.bcp_rows import contents

IN_A_BATCH: Final = 100
"""statements between two GO"""
LONG: Final = 1 << 16
"""bytes of a statement that ends its batch, so that a batch has less than 7 million characters before its last one"""
LONGEST: Final = long_row_inserts.BATCH - IN_A_BATCH * LONG
"""characters of a statement, so that its batch is no longer than SQL Server takes at once"""

_ESCAPES: Final = (("~", "~0"), ("\r", "~1"), ("\n", "~2"), ("\x00", "~3"))
"""The tilde itself goes first here and last on the server, so that no escape can be mistaken for another."""

_START: Final = "CAST(N'"
_BINARY: Final = "' AS nvarchar(max)) COLLATE Latin1_General_BIN2"
_LINES: Final = ", N'~1', NCHAR(13)), N'~2', NCHAR(10))"
_ZERO: Final = ", N'~3', NCHAR(0))"
_TILDE: Final = ", N'~0', N'~')"
_QUOTED: Final = frozenset({"uniqueidentifier", "date", "time", "datetime", "datetime2", "smalldatetime"})


def head(name: Name, columns: tuple[ServerColumn, ...]) -> bytes:
    """What comes before the statements of a file: all of it is one transaction."""
    lines = ["SET NOCOUNT, XACT_ABORT ON;", SETTINGS]
    if any(c.identity for c in columns):
        lines.append(f"SET IDENTITY_INSERT {name} ON;")
    return "\n".join([*lines, "BEGIN TRANSACTION;", "GO", ""]).encode()


def tail(table: str, identity: bool) -> bytes:
    """What comes after them; `table` is the quoted name."""
    lines = ["GO", "COMMIT TRANSACTION;"]
    if identity:
        lines.append(f"SET IDENTITY_INSERT {table} OFF;")
    return "\n".join([*lines, "GO", ""]).encode()


def statements(batch: pa.RecordBatch, name: Name, columns: tuple[ServerColumn, ...], before: int) -> Iterator[bytes]:
    """One statement a row and line, with GO after every hundredth of the file and after long ones, piece by piece.

    `before` statements are there already. A row too long for a statement has several, each a batch.
    """
    start = long_row_inserts.insert_start(name, columns)
    long = long_row_inserts.too_long(batch, columns, LONGEST - len(start))
    at = 0
    for is_long, group in groupby(long):
        count = len(list(group))
        rows = batch.slice(at, count)
        if is_long:
            for n in range(count):
                for statement in long_row_inserts.statements(rows.slice(n, 1), start, columns, _literal):
                    yield f"GO\n{statement}\nGO\n".encode()
        else:
            yield _lines(rows, start, columns, before + at)
        at += count


def _lines(batch: pa.RecordBatch, start: str, columns: tuple[ServerColumn, ...], before: int) -> bytes:
    values = [_literal(batch.column(i), c) for i, c in enumerate(columns)]
    count = batch.num_rows
    row = pc.binary_join_element_wise(*values, ", ", null_handling="replace", null_replacement="NULL")
    long = pc.greater(pc.binary_length(row), LONG - len(start.encode())).to_pylist()
    last = [long[n] or (before + n + 1) % IN_A_BATCH == 0 for n in range(count)]
    ends = pa.array([");\nGO\n" if end else ");\n" for end in last], pa.string())
    return bytes(contents(pc.binary_join_element_wise(pa.scalar(start), row, ends, "")))


def _literal(values: pa.Array[Any], column: ServerColumn) -> pa.Array[Any]:
    kind, name = values.type, column.type.name.casefold()
    if pa.types.is_binary(kind):
        return pc.binary_join_element_wise("0x", hexadecimal(values), "")
    if name in _QUOTED:
        # With a T between date and time the meaning does not hang on the session's language.
        text = pc.replace_substring(plain_text(values, column.type, column.name), " ", "T")
        return pc.binary_join_element_wise("'", text, "'", "")
    if pa.types.is_floating(kind):
        text = plain_text(values, column.type, column.name)
        return pc.if_else(pc.match_substring(text, "e"), text, pc.binary_join_element_wise(text, "e0", ""))
    if pa.types.is_string(kind):
        return _text(values)
    return plain_text(values, column.type, column.name)


def _text(values: pa.Array[Any]) -> pa.Array[Any]:
    quoted = pc.replace_substring(values, "'", "''")
    plain = pc.binary_join_element_wise("N'", quoted, "'", "")
    broken = pc.match_substring_regex(values, "[\r\n\\x00]")
    if not pc.any(broken, min_count=0).as_py():
        return plain
    for character, escape in _ESCAPES:
        quoted = pc.replace_substring(quoted, character, escape)
    zero = pc.match_substring(values, "\x00")
    start = pc.if_else(zero, "REPLACE(" * 4 + _START, "REPLACE(" * 3 + _START)
    end = pc.if_else(zero, _BINARY + _LINES + _ZERO + _TILDE, _BINARY + _LINES + _TILDE)
    return pc.if_else(broken, pc.binary_join_element_wise(start, quoted, end, ""), plain)
