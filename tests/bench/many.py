"""Databases that are large in one way: many tables, wide ones. For benchmarks; not a test.

    python -m tests.bench.many TABLES FILE

The tables have 0 to 1,000 rows of a number, a text, a date, an amount and a bit, the same each time.
"""

from __future__ import annotations

import random
import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.access.build import (
    BINARY,
    BOOLEAN,
    CURRENCY,
    DATE,
    DOUBLE,
    INTEGER,
    LONG,
    MEMO,
    OLE,
    TEXT,
    Builder,
    Column,
    row,
)
from wizard.access import format as fmt

CATALOG = (
    Column("Id", LONG, 4), Column("ParentId", LONG, 4), Column("Name", TEXT), Column("Type", INTEGER, 2),
    Column("Flags", LONG, 4), Column("Owner", BINARY), Column("Database", MEMO), Column("Connect", MEMO),
    Column("ForeignName", TEXT), Column("LvProp", OLE),
)  # fmt: skip
COLUMNS = (
    Column("Number", LONG, 4), Column("Name", TEXT), Column("At", DATE, 8), Column("Amount", CURRENCY, 8),
    Column("Share", DOUBLE, 8), Column("Done", BOOLEAN),
)  # fmt: skip
MOST_ROWS = 1_000


def many_tables(path: Path, count: int, columns: Sequence[Column] = COLUMNS, most: int = MOST_ROWS) -> Path:
    """Write a database of so many tables."""
    chance = random.Random(count)
    builder = Builder(fmt.JET4, 1)
    tables = {}
    for number in range(count):
        rows = [row(fmt.JET4, columns, _values(columns, n, chance)) for n in range(number * most // max(1, count - 1))]
        tables[f"Table {number:03}"] = columns, rows
    catalogue(builder, tables)
    return builder.write(path)


def catalogue(builder: Builder, tables: Mapping[str, tuple[Sequence[Column], Sequence[bytes]]]) -> None:
    """Add tables of these columns and rows, and the catalogue that names them."""
    entries = [_entry(_table(builder, columns, rows), name) for name, (columns, rows) in tables.items()]
    _catalog(builder, entries)


def _values(columns: Sequence[Column], number: int, chance: random.Random) -> list[bytes | bool]:
    found: list[bytes | bool] = []
    for column in columns:
        if column.type == BOOLEAN:
            found.append(number % 2 == 0)
        elif column.type == LONG:
            found.append(struct.pack("<i", number))
        elif column.type == CURRENCY:
            found.append(struct.pack("<q", chance.randrange(10**8)))
        elif column.fixed:
            found.append(struct.pack("<d", float(chance.randrange(20_000, 45_000))))
        else:
            found.append(f"{chance.choice(_WORDS)} {number}".encode("utf-16-le"))
    return found


_WORDS = ("Amber", "Basin", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Haven")


def _table(builder: Builder, columns: Sequence[Column], rows: Sequence[bytes]) -> int:
    """Data pages that name their owner's definition, which follows them; its page."""
    pages, waiting, size = [], list[bytes](), 0
    for one in (*rows, None):
        if one is None or size + len(one) + 2 > builder.room() or len(waiting) >= 250:
            if waiting:
                pages.append(builder.data_page(0, [(0, r) for r in waiting]))
            waiting, size = [], 0
        if one is not None:
            waiting.append(one)
            size += len(one) + 2
    definition = builder.table(columns, pages, len(rows))
    for page in pages:
        data = bytearray(builder.pages[page])
        data[4:8] = struct.pack("<I", definition)
        builder.pages[page] = bytes(data)
    return definition


def _entry(page: int, name: str) -> bytes:
    values = (struct.pack("<i", page), struct.pack("<i", 0), name.encode("utf-16-le"), struct.pack("<h", 1),
              struct.pack("<i", 0), b"\x02\x01", None, None, None, None)  # fmt: skip
    return row(fmt.JET4, CATALOG, values)


def _catalog(builder: Builder, entries: Sequence[bytes]) -> None:
    """MSysObjects, whose definition is where every file has it."""
    definition = _table(builder, CATALOG, entries)
    builder.pages[2] = builder.pages[definition]
    for number, page in enumerate(builder.pages):
        if page[:1] == b"\1" and page[4:8] == struct.pack("<I", definition):
            builder.pages[number] = page[:4] + struct.pack("<I", 2) + page[8:]


if __name__ == "__main__":
    many_tables(Path(sys.argv[2]), int(sys.argv[1]))
