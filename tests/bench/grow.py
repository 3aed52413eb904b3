"""A larger copy of a database: the pages of its largest table, many times over. For benchmarks; not a test.

The copies' pages are entered in the table's usage map, whose bitmap pages are added as needed; long values are shared
by the copies. Only Jet 4 and later, and a table that has a usage map by reference, as every large one has.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import numpy as np

from wizard.access import AccessFile
from wizard.access.pages import PageFile
from wizard.access.tables import read_definition, table_pages
from wizard.access.usage import row_on_page

PAGE = 4096
BITS = (PAGE - 4) * 8


def grown(source: Path, target: Path, size: int) -> Path:
    """Write a copy of about `size` bytes."""
    with AccessFile.open(source) as file:
        largest = max(file.definition.tables, key=lambda t: t.rows)
        number = file.reader(largest.name).definition.page
    with PageFile(source) as pages:
        definition = read_definition(pages, number)
        own = table_pages(pages, definition, largest.name)
        map_page, map_row = definition.usage_map >> 8, definition.usage_map & 0xFF
        record = bytes(row_on_page(pages, map_page, map_row, largest.name))
        if record[0] != 1:
            raise SystemExit(f"{largest.name} is too small to grow from")
        block = pages.gather(own).tobytes()
        whole = source.read_bytes()
    times = max((size - len(whole)) // len(block), 0)
    with target.open("wb") as out:
        out.write(whole)
        first = len(whole) // PAGE
        for _ in range(times):
            out.write(block)
        following = first + times * len(own)
        bits = np.zeros((following // BITS + 1) * BITS, np.uint8)
        bits[own] = 1
        bits[first:following] = 1
        pointers = []
        for i, part in enumerate(np.split(bits, len(bits) // BITS)):
            out.write(b"\5\1\0\0" + np.packbits(part, bitorder="little").tobytes())
            pointers.append(following + i)
        entry = record[:1] + struct.pack(f"<{len(pointers)}I", *pointers)
        if len(entry) > len(record):
            raise SystemExit("the usage map has no room for so large a file")
        at = map_page * PAGE + whole[map_page * PAGE : (map_page + 1) * PAGE].index(record)
        out.seek(at)
        out.write(entry.ljust(len(record), b"\0"))
        out.seek(number * PAGE + 16)
        out.write(struct.pack("<I", definition.rows * (times + 1)))
    return target


if __name__ == "__main__":
    grown(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) << 20)
