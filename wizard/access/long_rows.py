"""Rows with long values written as text piece by piece, since a value made text as a whole would be in memory several
times.

The pieces together are what `jsonlines.lines` and Arrow's CSV writer make of such a row.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import pyarrow as pa

from wizard.access.arrow_kernels import cast
from wizard.access.json_lines import cell, content

LongPiece = tuple[bytes | bytearray, int]
"""text, and how many rows end with it"""
NamedContent = tuple[str | None, memoryview]
"""name and content"""

LONG: Final = 4 << 20
"""bytes of a row from which on it is written in pieces"""
_SHORT: Final = 1 << 16
"""bytes of a value that is written as a whole"""
_AT_ONCE: Final = 3 << 17
"""bytes of a value made text at once: a multiple of three, as base64 wants it"""


def is_long(batch: pa.RecordBatch) -> bool:
    """Whether the batch is a row that should be written in pieces: such rows are read alone."""
    return bool(batch.num_rows == 1 and batch.nbytes > LONG)


def json_row(row: pa.RecordBatch, lists: Mapping[int, Iterable[NamedContent] | str]) -> Iterator[LongPiece]:
    """A row as a JSON array and a line end. `lists` are attachments, or JSON text, in the place of columns."""

    def texts() -> Iterator[bytes]:
        for i, column in enumerate(row.columns):
            yield b"," if i else b"["
            given = lists.get(i)
            if isinstance(given, str):
                yield given.encode()
            elif given is not None:
                yield from _attachments(given)
            else:
                yield from _json_cell(column)
        yield b"]\n"

    return _collected(texts())


def csv_row(row: pa.RecordBatch, short: Callable[[pa.Array[Any]], bytes]) -> Iterator[LongPiece]:
    """A row as CSV and a line end; `short` writes a column's short value."""

    def texts() -> Iterator[bytes]:
        for i, column in enumerate(row.columns):
            yield b"," if i else b""
            long = column.nbytes > _SHORT and column[0].is_valid
            if long and pa.types.is_binary(column.type):
                yield b'"'
                yield from (p.hex().upper().encode() for p in _parts(_view(column)))
                yield b'"'
            elif long and pa.types.is_string(column.type):
                yield b'"'
                yield from (bytes(p).replace(b'"', b'""') for p in _parts(_view(column)))
                yield b'"'
            else:
                yield short(column)
        yield b"\n"

    return _collected(texts())


def _json_cell(column: pa.Array[Any]) -> Iterator[bytes]:
    long = column.nbytes > _SHORT and column[0].is_valid
    if long and pa.types.is_binary(column.type):
        yield b'{"base64": '
        yield from _base64(_view(column))
        yield b"}"
    elif long and pa.types.is_string(column.type):
        yield b'"'
        for part in _parts(_view(column)):
            yield json.dumps(bytes(part).decode("utf-8", "surrogateescape"), ensure_ascii=False)[1:-1].encode(
                "utf-8", "surrogateescape"
            )
        yield b'"'
    else:
        yield bytes(content(cast(cell(column), pa.large_string()))) or b"null"


def _attachments(given: Iterable[NamedContent]) -> Iterator[bytes]:
    yield b"["
    for i, (name, data) in enumerate(given):
        yield b", " if i else b""
        yield b'{"name": ' + json.dumps(name, ensure_ascii=False).encode() + b', "base64": '
        yield from _base64(data)
        yield b"}"
    yield b"]"


def _base64(data: memoryview) -> Iterator[bytes]:
    yield b'"'
    yield from (base64.b64encode(p) for p in _parts(data))
    yield b'"'


def _parts(data: memoryview) -> Iterator[memoryview]:
    return (data[at : at + _AT_ONCE] for at in range(0, len(data), _AT_ONCE))


def _view(column: pa.Array[Any]) -> memoryview:
    """The bytes of a column's only value."""
    return memoryview(column[0].as_buffer())


def _collected(texts: Iterator[bytes]) -> Iterator[LongPiece]:
    """The texts in pieces of some size, the row counted with the last."""
    gathered = bytearray()
    for text in texts:
        gathered += text
        if len(gathered) >= _AT_ONCE:
            yield gathered, 0
            gathered = bytearray()
    yield gathered, 1
