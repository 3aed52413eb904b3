"""Complex columns: attachments, multi-valued fields and version histories, and the hidden tables with their values.

MSysComplexColumns says for each complex column which table holds it, which *flat table* holds its values and which
*type table* describes them. A flat table has the type table's columns and two more: its own AutoNumber, and the key
that equals the number in the parent's column. Sources: Jackcess' complex columns, and the corpus.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from wizard.access.diagnostics import Report
from wizard.access.memory_limits import BATCH_BYTES, LARGEST_NAME, largest
from wizard.access.reader import Batch
from wizard.access.spans import bitmap
from wizard.access.tables import RawColumn, TableDefinition
from wizard.arrow_buffers import buffer_of
from wizard.definitions import ComplexKind

SYSTEM_COLUMNS: Final[Mapping[str, type]] = {
    "ColumnName": str,
    "ComplexTypeObjectID": int,
    "FlatTableID": int,
    "ConceptualTableID": int,
}
"""of MSysComplexColumns"""

FILE_DATA: Final = "FileData"
FILE_NAME: Final = "FileName"
VALUE: Final = "Value"
"""columns of type tables"""

_RAW: Final = 0
_DEFLATED: Final = 1
_WRAPPER: Final = 8
_PIECE: Final = 1 << 20
"""bytes inflated at once"""


class AttachmentError(ValueError):
    """An attachment's wrapper contradicts itself; the text says how."""


@dataclass(frozen=True, slots=True)
class FlatTable:
    """Where a complex column's values are."""

    column: str
    kind: ComplexKind
    key: str
    """the flat table's column that equals the number in the parent's column"""


def flat_table(column: str, flat: TableDefinition, type_columns: Iterable[RawColumn]) -> FlatTable | None:
    """What a flat table holds; None where it is none."""
    described = {c.name.casefold() for c in type_columns}
    own = [c for c in flat.columns if c.name.casefold() not in described]
    keys = [c.name for c in own if not c.auto_long]
    if len(keys) != 1:
        return None
    return FlatTable(column, _kind(described), keys[0])


def _kind(described: set[str]) -> ComplexKind:
    if {FILE_DATA.casefold(), FILE_NAME.casefold()} <= described:
        return ComplexKind.ATTACHMENT
    return ComplexKind.MULTI_VALUE if described == {VALUE.casefold()} else ComplexKind.VERSION_HISTORY


def attached_file(stored: bytes | memoryview) -> memoryview:
    """The content of an attachment, out of its wrapper (`FileData`).

    The wrapper is the kind (0 as it is, 1 deflated) and the length of what follows; then, deflated or not, a header
    (its own length, 1, the length of the extension, the extension in UTF-16) and the file. No more is inflated than
    the wrapper claims, and nothing where it claims more than `limits.largest()`.

    Raises:
        AttachmentError: the wrapper cannot be, or the file is too large.
    """
    if len(stored) < _WRAPPER:
        raise AttachmentError(f"it is only {len(stored)} bytes long")
    kind, length = struct.unpack_from("<II", stored)
    if kind not in (_RAW, _DEFLATED):
        raise AttachmentError(f"its wrapper is of kind {kind} with {length} bytes")
    if kind == _DEFLATED and length > largest():
        raise AttachmentError(f"it says that it becomes {length} bytes, and {largest()} are held: see {LARGEST_NAME}")
    rest = memoryview(stored)[_WRAPPER:]
    content = _inflated(rest, length) if kind == _DEFLATED else rest[:length]
    if len(content) < max(length, 4):
        raise AttachmentError(f"{len(content)} bytes are there of {length}")
    header = struct.unpack_from("<I", content)[0]
    if not 4 <= header <= length:
        raise AttachmentError(f"its header says that it is {header} bytes long, of {length}")
    return content[header:]


def with_files(batches: Iterator[Batch], report: Report) -> Iterator[Batch]:
    """Batches of a table with attachments, `FileData` holding the files themselves, in as many batches as they need.

    What cannot be taken out of its wrapper stays as it is stored, with a message in `report`.
    """
    for batch in batches:
        at = batch.rows.schema.get_field_index(FILE_DATA)
        if at < 0:
            yield batch
        else:
            yield from _with_files(batch, at, report)


def _with_files(batch: Batch, at: int, report: Report) -> Iterator[Batch]:
    stored, positions = batch.rows.column(at), batch.positions.tolist()
    files: list[memoryview | None] = []
    begin = size = 0
    for row, position in enumerate(positions):
        kept = stored[row].as_buffer() if stored[row].is_valid else None
        file = None if kept is None else memoryview(kept)
        try:
            found = None if file is None else attached_file(file)
        except AttachmentError as e:
            found = file
            report.findings.count(1518, report.place(FILE_DATA), np.array([position]), reason=e)
        more = 0 if found is None else len(found)
        if files and size + more > BATCH_BYTES:
            yield _part(batch, at, begin, files)
            begin, size, files = row, 0, []
        files.append(found)
        size += more
        del found, file, kept
    yield _part(batch, at, begin, files)


def _part(batch: Batch, at: int, begin: int, files: list[memoryview | None]) -> Batch:
    """The rows from `begin` on, as many as there are files."""
    end = begin + len(files)
    rows = batch.rows.slice(begin, end - begin)
    following = batch.next if end == len(batch.positions) else int(batch.positions[end])
    rows = rows.set_column(at, rows.schema.field(at), binary_array(files))
    return Batch(rows, batch.positions[begin:end], following, batch.unread)


def binary_array(values: Sequence[memoryview | None]) -> pa.Array[Any]:
    """The values as Arrow binary; a single one is not copied."""
    ends = np.cumsum([0, *(0 if v is None else len(v) for v in values)]).astype(np.int32)
    there = [v for v in values if v is not None]
    data = pa.py_buffer(there[0] if len(there) == 1 else b"".join(there))
    valid = np.array([v is not None for v in values], np.bool_)
    return pa.Array.from_buffers(pa.binary(), len(values), [bitmap(valid), buffer_of(ends), data])


def _inflated(data: memoryview, length: int) -> memoryview:
    """At most `length` bytes, in room that is made once."""
    out = np.empty(length, np.uint8)
    work = zlib.decompressobj()
    at, given = 0, 0
    try:
        while at < length and not work.eof:
            piece = work.unconsumed_tail or data[given : given + _PIECE]
            if not work.unconsumed_tail:
                given += len(piece)
            found = work.decompress(piece, min(_PIECE, length - at))
            if not found and not piece:
                break
            out[at : at + len(found)] = np.frombuffer(found, np.uint8)
            at += len(found)
    except zlib.error as e:
        raise AttachmentError(f"it cannot be inflated ({e})") from e
    return memoryview(out.data)[:at]
