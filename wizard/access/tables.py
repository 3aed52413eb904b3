"""Table definitions: what the pages of type 2 say of a table's columns, indexes and pages.

Head and records are read with the layouts of `format`. Names are those of mdbtools' HACKING notes where these name a
field.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wizard.access import format as fmt
from wizard.access.column_flags import ColumnFlag, ExtraFlag, says
from wizard.access.pages import PageFile
from wizard.access.usage import owned_pages
from wizard.messages import DamagedFileError, SourceError

_MOST_COLUMNS: Final = 255
_MOST_INDEXES: Final = 1000
"""far above Access' 32 and the logical ones that relationships add"""
_HIGHEST_NUMBER: Final = 2047
"""of a column, deleted ones included: far above what Access lets one reach before it asks to compact"""
_NO_COLUMN: Final = 0xFFFF
_SYSTEM: Final = 0x53
_SECOND_BYTE: Final = 1
"""of the first page"""
_NEXT_AT: Final = 4
_SIZE_AT: Final = 8
_CONTINUED_AT: Final = 8
"""where the rest of a definition starts on its further pages"""


@dataclass(frozen=True, slots=True)
class RawColumn:
    """A column as the file keeps it."""

    name: str
    type: int
    """the type byte: `columns.TYPES` names them"""
    number: int
    """the column's bit in a row's null mask; deleted columns keep theirs"""
    variable: int
    """its place among a row's variable offsets"""
    fixed: int
    """offset of its value in a row's fixed part"""
    length: int
    """bytes; 0 for long values"""
    flags: int
    extra: int
    """both in `flags`"""
    precision: int = 0
    scale: int = 0
    collation: int = 0
    """sort order (LCID)"""
    collation_version: int = 0
    complex_id: int = 0
    """for complex columns: what MSysComplexColumns calls ComplexID"""

    @property
    def is_fixed(self) -> bool:
        """Whether its values lie in the fixed part of a row."""
        return says(self.flags, ColumnFlag.FIXED, self.type)

    @property
    def auto_long(self) -> bool:
        """Whether it is an AutoNumber."""
        return not self.calculated and says(self.flags, ColumnFlag.AUTO_LONG, self.type)

    @property
    def auto_guid(self) -> bool:
        """Whether it is an AutoNumber that is a replication ID."""
        return not self.calculated and says(self.flags, ColumnFlag.AUTO_GUID, self.type)

    @property
    def hyperlink(self) -> bool:
        """Whether its texts are hyperlinks."""
        return says(self.flags, ColumnFlag.HYPERLINK, self.type)

    @property
    def calculated(self) -> bool:
        """Whether Access computes its values."""
        return bool(self.extra & ExtraFlag.CALCULATED)


@dataclass(frozen=True, slots=True)
class RawIndexColumn:
    """A column of an index, by its number in the table definition."""

    number: int
    """of the column, as in RawColumn.number"""
    ascending: bool


@dataclass(frozen=True, slots=True)
class PhysicalIndex:
    """The tree behind one or more logical indexes."""

    columns: tuple[RawIndexColumn, ...]
    flags: int
    """1 unique, 2 ignore nulls, 8 required"""
    root: int
    """page of the tree's root"""
    rows: int


@dataclass(frozen=True, slots=True)
class LogicalIndex:
    """An index as a person or a relationship made it."""

    name: str
    number: int
    physical: int
    """place in the list of physical indexes"""
    kind: int
    """0 plain, 1 primary key, 2 made for a relationship"""
    other_side: int
    """for relationships: 1 where this table is the referenced one"""
    other_index: int
    """for relationships: `number` of the other table's index, else -1"""
    other_table: int
    """for relationships: page of the other table's definition"""
    cascade_update: int
    cascade_delete: int


@dataclass(frozen=True)
class TableDefinition:
    """A table's definition. `columns` are in the order of the definition, which is the order Access shows."""

    page: int
    rows: int
    """the header's count: a hint"""
    system: bool
    next_auto_number: int
    columns: tuple[RawColumn, ...]
    physical_indexes: tuple[PhysicalIndex, ...]
    logical_indexes: tuple[LogicalIndex, ...]
    variable_columns: int
    usage_map: int
    """pointer to the map of owned pages: row in the low byte, page above"""

    @cached_property
    def by_number(self) -> dict[int, RawColumn]:
        """Its columns by their number, which deleted ones leave gaps in."""
        return {c.number: c for c in self.columns}


def read_definition(pages: PageFile, number: int, name: str = "") -> TableDefinition:
    """The definition that starts on page `number`. `name` is for error messages.

    Raises SourceError 1013 where the page is none, or what it says cannot be.
    """
    reading = f"the definition of table {name!r}" if name else f"the table definition on page {number}"
    try:
        return _DefinitionReader(pages, number, reading).definition()
    except (struct.error, ValueError, IndexError) as error:
        raise DamagedFileError(1013, pages.place, page=number, reading=reading, what="it ends too early") from error


def table_pages(pages: PageFile, definition: TableDefinition, reading: str) -> NDArray[np.int64]:
    """The pages that hold the table's rows, in ascending order."""
    return owned_pages(pages, definition.usage_map, reading)


class _DefinitionReader:
    """Reads one definition from beginning to end."""

    def __init__(self, pages: PageFile, number: int, reading: str) -> None:
        self.pages, self.number, self.reading = pages, number, reading
        self.layout = pages.layout
        self.data = self._whole()
        self.at = 0

    def _fail(self, what: str) -> SourceError:
        return DamagedFileError(1013, self.pages.place, page=self.number, reading=self.reading, what=what)

    def _whole(self) -> bytes:
        """The definition put together from all its pages."""
        parts: list[bytes] = []
        seen: set[int] = set()
        number = self.number
        while number:
            page = self.pages.page(number, self.reading)
            if page[0] != fmt.TABLE_PAGE:
                raise self._fail(f"page {number} is of type {page[0]}, not a table definition")
            if number in seen:
                raise self._fail(f"its pages form a circle at page {number}")
            seen.add(number)
            parts.append(bytes(page[_CONTINUED_AT:]) if parts else bytes(page))
            (number,) = struct.unpack_from("<I", page, _NEXT_AT)
        return b"".join(parts)

    def definition(self) -> TableDefinition:
        if self.data[1] != _SECOND_BYTE:
            raise self._fail(f"its second byte is {self.data[1]}, not {_SECOND_BYTE}")
        head = _values(self._records(self.layout.head, 1)[0])
        columns, indexes, trees = head["columns"], head["indexes"], head["trees"]
        if columns > _MOST_COLUMNS or indexes > _MOST_INDEXES or trees > _MOST_INDEXES:
            raise self._fail(f"it claims {columns} columns, {indexes} indexes and {trees} index trees")
        counts = self._records(np.dtype((np.void, self.layout.index_rows)), trees)
        records = self._records(self.layout.column, columns)
        if columns and int(records["number"].max()) > _HIGHEST_NUMBER:
            raise self._fail(f"it numbers a column {int(records['number'].max())}")
        names = [self._name() for _ in range(columns)]
        physical = self._records(self.layout.physical_index, trees)
        logical = self._records(self.layout.logical_index, indexes)
        index_names = [self._name() for _ in range(indexes)]
        return TableDefinition(
            page=self.number,
            rows=head["rows"],
            system=head["kind"] == _SYSTEM,
            next_auto_number=head["auto_number"],
            columns=tuple(_column(n, r) for n, r in zip(names, records, strict=True)),
            physical_indexes=tuple(_physical(r, c.tobytes()) for r, c in zip(physical, counts, strict=True)),
            logical_indexes=tuple(_logical(n, r) for n, r in zip(index_names, logical, strict=True)),
            variable_columns=head["variable_columns"],
            usage_map=head["usage_map"],
        )

    def _records(self, kind: np.dtype[np.void], count: int) -> NDArray[np.void]:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += count * kind.itemsize
        return found

    def _name(self) -> str:
        kind = np.dtype(self.layout.name_length)
        size = int(np.frombuffer(self.data, kind, 1, self.at)[0])
        self.at += kind.itemsize
        raw = self.data[self.at : self.at + size]
        if len(raw) < size:
            raise self._fail("a name is longer than the definition")
        self.at += size
        return raw.decode(self.pages.code_page or "utf-16-le", "replace")


def _values(record: np.void) -> dict[str, int]:
    """A record of plain numbers."""
    return dict(zip(record.dtype.names or (), record.item(), strict=True))


def _column(name: str, record: np.void) -> RawColumn:
    known = _values(record)
    return RawColumn(
        name=name,
        type=known["type"],
        number=known["number"],
        variable=known["variable"],
        fixed=known["fixed"],
        length=known["length"],
        flags=known["flags"],
        extra=known.get("extra", 0),
        precision=known["precision"],
        scale=known["scale"],
        collation=known["collation"],
        collation_version=known.get("collation_version", 0),
        complex_id=known.get("complex_id", 0),
    )


def _physical(record: np.void, counts: bytes) -> PhysicalIndex:
    used = record["columns"][record["columns"]["number"] != _NO_COLUMN]
    return PhysicalIndex(
        columns=tuple(RawIndexColumn(int(c["number"]), bool(c["order"] & 1)) for c in used),
        flags=int(record["flags"]),
        root=int(record["root"]),
        rows=struct.unpack_from("<I", counts, 4)[0],
    )


def _logical(name: str, record: np.void) -> LogicalIndex:
    return LogicalIndex(name=name, **_values(record))
