"""INSERT statements of a package read back as rows, to verify what `insert_statements` wrote.

A statement is a line, and a value one of: NULL, a binary literal, a number, quoted text without or with N, or such
text with the escapes of line ends and NUL turned back by REPLACE, the innermost first, as the server does it; or a long
value that was put together of such before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from wizard.objects import Name, ServerColumn
from wizard.package import long_row_inserts

_ROWS: Final = 2_000
_LENGTH: Final = 4 << 20
"""characters of statements read at once, about, so that memory does not grow with the length of rows"""
_TEXT: Final = r"N?'[^']*(?:''[^']*)*'"
_VALUE: Final = re.compile(
    rf"(?P<null>NULL)|0x(?P<binary>[0-9A-F]*)|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<text>{_TEXT})"
    rf"|(?:REPLACE\()+CAST\((?P<escaped>{_TEXT}) AS nvarchar\(max\)\) COLLATE Latin1_General_BIN2"
    rf"(?P<turned>(?:, N'~.', (?:NCHAR\([0-9]+\)|N'~')\))+)|{long_row_inserts.VALUE}"
)
_TURN: Final = re.compile(r", N'(~.)', (?:NCHAR\(([0-9]+)\)|N'~')\)")


def batches(
    lines: Iterable[str], table: Name, columns: Sequence[ServerColumn], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """The rows of all INSERT statements among the lines, in columns of the schema. Raises ValueError."""
    start = long_row_inserts.insert_start(table, columns)
    done = 0
    for group in _groups(long_row_inserts.rows(lines)):
        rows = [_row(one, start, schema, done + n) for n, one in enumerate(group, 1)]
        done += len(group)
        arrays = [pa.array(values, f.type) for values, f in zip(zip(*rows, strict=True), schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _groups(rows: Iterable[long_row_inserts.Row]) -> Iterator[list[long_row_inserts.Row]]:
    """The statements, some at a time."""
    group, length = list[long_row_inserts.Row](), 0
    for row in rows:
        group.append(row)
        length += len(row.statement) + sum(len(p) for pieces in row.pieces.values() for p in pieces)
        if len(group) == _ROWS or length >= _LENGTH:
            yield group
            group, length = [], 0
    if group:
        yield group


def _row(row: long_row_inserts.Row, start: str, schema: pa.Schema, number: int) -> list[Any]:
    line = row.statement
    if not line.startswith(start):
        raise ValueError(f"statement {number} does not begin as it must")
    at, values = len(start), []
    for place, field in enumerate(schema):
        if place:
            at = line.index(", ", at) + 2 if line.startswith(", ", at) else -1
        found = _VALUE.match(line, at) if at >= 0 else None
        if found is None:
            raise ValueError(f"statement {number} has no value for {field.name}")
        values.append(_joined(row, found, field.type) if found["long"] else _value(found, field.type))
        at = found.end()
    if line[at:].rstrip("\n") != ");":
        raise ValueError(f"statement {number} does not end as it must")
    return values


def _joined(row: long_row_inserts.Row, found: re.Match[str], kind: pa.DataType) -> Any:
    """A long value of its pieces."""
    pieces = [_VALUE.fullmatch(piece) for piece in row.pieces.get(int(found["long"]), ())]
    if not pieces or None in pieces:
        raise ValueError(f"the pieces of value {found['long']} are not as they must be")
    empty: str | bytes = b"" if pa.types.is_binary(kind) else ""
    return empty.join(_value(piece, kind) for piece in pieces if piece)


def _value(found: re.Match[str], kind: pa.DataType) -> Any:
    if found["null"]:
        return None
    if found["binary"] is not None:
        return bytes.fromhex(found["binary"])
    if found["number"]:
        return _number(found["number"], kind)
    quoted = found["text"] or found["escaped"]
    text = quoted[quoted.index("'") + 1 : -1].replace("''", "'")
    for escape, code in _TURN.findall(found["turned"] or ""):
        text = text.replace(escape, chr(int(code)) if code else "~")
    return _READERS.get(kind.id, str)(text.replace("T", " ", 1) if not quoted.startswith("N") else text)


def _number(text: str, kind: pa.DataType) -> Any:
    if pa.types.is_decimal(kind):
        return Decimal(text)
    if pa.types.is_floating(kind):
        return float(text)
    return bool(int(text)) if pa.types.is_boolean(kind) else int(text)


_READERS: Final[dict[int, Callable[[str], Any]]] = {
    pa.timestamp("us").id: datetime.fromisoformat,
    pa.date32().id: date.fromisoformat,
}
