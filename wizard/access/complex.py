"""Complex columns: attachments, multi-valued fields and version histories, and the hidden tables with their values.

MSysComplexColumns says for each complex column which table holds it, which *flat table* holds its values and which
*type table* describes them. A flat table has the type table's columns and two more: its own AutoNumber, and the key
that equals the number in the parent's column.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from wizard.access.findings import Report
from wizard.access.reader import Batch
from wizard.access.tables import RawColumn, TableDefinition
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
_MOST: Final = 1 << 31
"""bytes of an attachment: a file of Access is no larger"""


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


def attached_file(stored: bytes) -> bytes:
    """The content of an attachment, out of its wrapper (`FileData`).

    The wrapper is the kind (0 as it is, 1 deflated) and the length of what follows; then, deflated or not, a header
    (its own length, 1, the length of the extension, the extension in UTF-16) and the file.

    Raises:
        AttachmentError: the wrapper cannot be.
    """
    if len(stored) < _WRAPPER:
        raise AttachmentError(f"it is only {len(stored)} bytes long")
    kind, length = struct.unpack_from("<II", stored)
    if kind not in (_RAW, _DEFLATED) or length > _MOST:
        raise AttachmentError(f"its wrapper is of kind {kind} with {length} bytes")
    content = _inflated(stored[_WRAPPER:], length) if kind == _DEFLATED else stored[_WRAPPER : _WRAPPER + length]
    if len(content) < max(length, 4):
        raise AttachmentError(f"{len(content)} bytes are there of {length}")
    header = struct.unpack_from("<I", content)[0]
    if not 4 <= header <= length:
        raise AttachmentError(f"its header says that it is {header} bytes long, of {length}")
    return content[header:]


def with_files(batches: Iterator[Batch], report: Report) -> Iterator[Batch]:
    """Batches of a table with attachments, `FileData` holding the files themselves.

    What cannot be taken out of its wrapper stays as it is stored, and is told to `report`.
    """
    for batch in batches:
        at = batch.rows.schema.get_field_index(FILE_DATA)
        yield batch if at < 0 else replace(batch, rows=_with_files(batch, at, report))


def _with_files(batch: Batch, at: int, report: Report) -> pa.RecordBatch:
    files: list[bytes | None] = []
    for stored, position in zip(batch.rows.column(at).to_pylist(), batch.positions.tolist(), strict=True):
        try:
            files.append(None if stored is None else attached_file(stored))
        except AttachmentError as e:
            files.append(stored)
            report.findings.count(1518, report.place(FILE_DATA), np.array([position]), reason=e)
    return batch.rows.set_column(at, batch.rows.schema.field(at), pa.array(files, pa.binary()))


def _inflated(data: bytes, length: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, length)
    except zlib.error as e:
        raise AttachmentError(f"it cannot be inflated ({e})") from e
