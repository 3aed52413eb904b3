"""All that differs between Jet and ACE formats, in one table of constants.

Facts from mdbtools' HACKING notes, Jackcess' JetFormat, and the corpus. Offsets and sizes are in bytes. Nothing
outside this module tests for a version.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from wizard.messages import Kind, Place, SourceError

SORT_ORDER_AT: Final = 0x3A
CODE_PAGE_AT: Final = 0x3C
"""in page 0 once its mask is off; of meaning in Jet 3 only"""
ROW_DELETED: Final = 0x8000
ROW_ELSEWHERE: Final = 0x4000
ROW_OFFSET: Final = 0x1FFF
DATA_PAGE: Final = 1
TABLE_PAGE: Final = 2
USAGE_PAGE: Final = 5
LONG_VALUE_OWNER: Final = int.from_bytes(b"LVAL", "little")
NULL_MASK_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One file format: sizes, offsets and record layouts."""

    label: str
    """for people"""
    engine: int
    """3 for Jet 3; 4 for Jet 4 and everything after it"""
    page_size: int
    rows_on_page: int = 12
    """where a data page counts its rows; the row offsets follow"""
    head: np.dtype[np.void] = field(default_factory=lambda: np.dtype([]))
    """how a table definition begins"""
    column: np.dtype[np.void] = field(default_factory=lambda: np.dtype([]))
    """a column's record in a table definition"""
    physical_index: np.dtype[np.void] = field(default_factory=lambda: np.dtype([]))
    logical_index: np.dtype[np.void] = field(default_factory=lambda: np.dtype([]))
    index_rows: int = 12
    """size of an entry in the block between header and columns of a table definition"""
    name_length: str = "<u2"
    """how a name's length in bytes is kept"""
    count_size: int = 2
    """size of the counts and offsets in a row"""
    jump_table: bool = False
    """rows keep variable offsets in one byte, with a table of where they pass a multiple of 256"""
    code_page: bool = False
    """text is kept in a code page instead of UTF-16"""

    @property
    def row_offsets(self) -> int:
        """Where a data page's row offsets start."""
        return self.rows_on_page + 2


def _record(size: int, **fields: tuple[str, int]) -> np.dtype[np.void]:
    """A little-endian record of `size` bytes from name=(type, offset)."""
    return np.dtype(
        {
            "names": list(fields),
            "formats": [kind for kind, _ in fields.values()],
            "offsets": [offset for _, offset in fields.values()],
            "itemsize": size,
        }
    )


def _head(rows: int, auto_number: int, counts: int) -> np.dtype[np.void]:
    """A table definition's head, by where it has the number of rows, the next AutoNumber, and its counts."""
    return _record(
        counts + 23,
        rows=("<u4", rows),
        auto_number=("<u4", auto_number),
        kind=("u1", counts),
        variable_columns=("<u2", counts + 3),
        columns=("<u2", counts + 5),
        indexes=("<u4", counts + 7),
        trees=("<u4", counts + 11),
        usage_map=("<u4", counts + 15),
    )


_INDEX_COLUMN = np.dtype([("number", "<u2"), ("order", "u1")])
_INDEX_COLUMNS = np.dtype((_INDEX_COLUMN, (10,)))


def _indexes(lead: int, flags: int, physical: int, logical: int) -> dict[str, np.dtype[np.void]]:
    """Both index records: `lead` unknown bytes before each, `flags` the place of a physical index's flags."""
    return {
        "physical_index": np.dtype(
            {
                "names": ["columns", "usage", "root", "flags"],
                "formats": [_INDEX_COLUMNS, "<u4", "<u4", "u1"],
                "offsets": [lead, lead + 30, lead + 34, flags],
                "itemsize": physical,
            }
        ),
        "logical_index": _record(
            logical,
            number=("<u4", lead),
            physical=("<u4", lead + 4),
            other_side=("u1", lead + 8),
            other_index=("<i4", lead + 9),
            other_table=("<u4", lead + 13),
            cascade_update=("u1", lead + 17),
            cascade_delete=("u1", lead + 18),
            kind=("u1", lead + 19),
        ),
    }


JET3: Final = FileFormat(
    label="Access 97 (Jet 3)",
    engine=3,
    page_size=2048,
    rows_on_page=8,
    head=_head(rows=12, auto_number=16, counts=20),
    column=_record(
        18,
        type=("u1", 0),
        number=("<u2", 1),
        variable=("<u2", 3),
        position=("<u2", 5),
        collation=("<u2", 9),
        code_page=("<u2", 11),
        precision=("u1", 11),
        scale=("u1", 12),
        flags=("u1", 13),
        fixed=("<u2", 14),
        length=("<u2", 16),
    ),
    index_rows=8,
    name_length="<u1",
    count_size=1,
    jump_table=True,
    code_page=True,
    **_indexes(lead=0, flags=38, physical=39, logical=20),
)

_JET4: Final = {
    "engine": 4,
    "page_size": 4096,
    "head": _head(rows=16, auto_number=20, counts=40),
    "column": _record(
        25,
        type=("u1", 0),
        number=("<u2", 5),
        variable=("<u2", 7),
        position=("<u2", 9),
        collation=("<u2", 11),
        precision=("u1", 11),
        scale=("u1", 12),
        complex_id=("<u4", 11),
        collation_version=("u1", 14),
        flags=("u1", 15),
        extra=("u1", 16),
        fixed=("<u2", 21),
        length=("<u2", 23),
    ),
    **_indexes(lead=4, flags=46, physical=52, logical=28),
}


def _jet4(label: str) -> FileFormat:
    return FileFormat(label=label, **_JET4)  # type: ignore[arg-type]  # a dictionary's values have one type


JET4: Final = _jet4("Access 2000-2003 (Jet 4)")
_ACE: Final = {
    2: _jet4("Access 2007 (ACE 12)"),
    3: _jet4("Access 2010 (ACE 14)"),
    4: _jet4("Access 2013 (ACE 15)"),
    5: _jet4("Access 2016 (ACE 16)"),
    6: _jet4("Access 2019 (ACE 17)"),
}
NEWER: Final = _jet4("Access, later than 2019 (ACE)")
_BY_ENGINE: Final = {"Standard Jet DB": {0: JET3, 1: JET4}, "Standard ACE DB": _ACE}


_SIGNATURE: Final = b"\0\1\0\0"
_REST_OF_HEADER: Final = 130
"""bytes behind the engine's name: the version, and what is masked"""
_OLD_VERSION_AT: Final = 0x40A
_OLD_VERSIONS: Final = {7: "1.0", 8: "1.1", 9: "2.0"}
"""what files before Jet 3 say of themselves there; zero in files of Jet 3"""


def detect(path: str, header: bytes) -> FileFormat:
    """The format of a file from its first 2048 bytes. Raises SourceError where it is none we read.

    Templates (.accdt) are none: they hold no pages but parts of XML and text, from which Access makes a database
    (MS-ACCDT 2.1). A file of that name that is a database all the same is read.
    """
    place = Place(Kind.FILE, path)
    if not header:
        raise SourceError(1001, place)
    if header.startswith(b"PK\3\4"):
        raise SourceError(1029, place)
    name, end, rest = header.removeprefix(_SIGNATURE).partition(b"\0")
    if not header.startswith(_SIGNATURE) or not end or len(rest) < _REST_OF_HEADER or not name.isascii():
        raise SourceError(1002, place)
    engine, version = name.decode(), rest[0]  # one byte: the three after it are flags (testV2010.accdb has 01 there)
    if engine not in _BY_ENGINE:
        raise SourceError(1003, place, engine=engine[:40])
    found = _BY_ENGINE[engine].get(version)
    if found is None and engine == "Standard ACE DB" and version > max(_ACE):
        found = NEWER
    if found is JET3 and len(header) > _OLD_VERSION_AT and (old := _OLD_VERSIONS.get(header[_OLD_VERSION_AT])):
        raise SourceError(1028, place, version=old)
    if found is None:
        raise SourceError(1004, place, engine=engine, version=version)
    return found
