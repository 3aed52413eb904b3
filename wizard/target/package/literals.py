"""INSERT statements of a package read back: the way back from `inserts`, by other means.

A statement is a line, and a value one of: NULL, a binary literal, a number, quoted text without or with N, or such
text with the escapes of line ends and NUL turned back by REPLACE, the innermost first, as the server does it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from wizard.objects import Name, ServerColumn, quote

_ROWS: Final = 2_000
_LENGTH: Final = 4 << 20
"""characters of statements read at once, about, so that memory does not grow with the length of rows"""
_TEXT: Final = r"N?'[^']*(?:''[^']*)*'"
_VALUE: Final = re.compile(
    rf"(?P<null>NULL)|0x(?P<binary>[0-9A-F]*)|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<text>{_TEXT})"
    rf"|(?:REPLACE\()+CAST\((?P<escaped>{_TEXT}) AS nvarchar\(max\)\) COLLATE Latin1_General_BIN2"
    r"(?P<turned>(?:, N'~.', (?:NCHAR\([0-9]+\)|N'~')\))+)"
)
_TURN: Final = re.compile(r", N'(~.)', (?:NCHAR\(([0-9]+)\)|N'~')\)")


def batches(
    lines: Iterable[str], table: Name, columns: Sequence[ServerColumn], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """The rows of all INSERT statements among the lines, in columns of the schema. Raises ValueError."""
    start = f"INSERT INTO {table} ({', '.join(quote(c.name) for c in columns)}) VALUES ("
    done = 0
    for group in _groups(line for line in lines if line.startswith("INSERT ")):
        rows = [_row(line, start, schema, done + n) for n, line in enumerate(group, 1)]
        done += len(group)
        arrays = [pa.array(values, f.type) for values, f in zip(zip(*rows, strict=True), schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _groups(statements: Iterable[str]) -> Iterator[list[str]]:
    """The statements, some at a time."""
    group, length = list[str](), 0
    for statement in statements:
        group.append(statement)
        length += len(statement)
        if len(group) == _ROWS or length >= _LENGTH:
            yield group
            group, length = [], 0
    if group:
        yield group


def _row(line: str, start: str, schema: pa.Schema, number: int) -> list[Any]:
    if not line.startswith(start):
        raise ValueError(f"statement {number} does not begin as it must")
    at, values = len(start), []
    for place, field in enumerate(schema):
        if place:
            at = line.index(", ", at) + 2 if line.startswith(", ", at) else -1
        found = _VALUE.match(line, at) if at >= 0 else None
        if found is None:
            raise ValueError(f"statement {number} has no value for {field.name}")
        values.append(_value(found, field.type))
        at = found.end()
    if line[at:].rstrip("\n") != ");":
        raise ValueError(f"statement {number} does not end as it must")
    return values


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
