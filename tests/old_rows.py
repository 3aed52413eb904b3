"""The sample with rows as Access lets them stand when a rule comes later, made by changing its bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import SAMPLE
from wizard.access import AccessFile
from wizard.access.columns import SIZES

PAGE = 4096


@dataclass(frozen=True, slots=True)
class Value:
    """A value to be written over the one that stands in row `row` (from 0); None takes it away."""

    table: str
    row: int
    column: str
    new: bytes | None


def currency(value: int) -> bytes:
    return struct.pack("<q", value * 10_000)


def text(value: str) -> bytes:
    return value.encode("utf-16-le")


OLD_ROWS = (
    Value("Authors", 2, "Last Name", None),  # required
    Value("Books", 3, "Price", currency(-5)),  # >=0
    Value("Books", 4, "Pages", struct.pack("<h", 0)),  # the table's rule
    Value("Orders", 5, "CustomerID", text("C9999")),  # no such customer
    Value("Orders", 6, "CustomerID", text("C9998")),
    Value("Customers", 2, "Tax Number", text("T1001")),  # another customer's, and the index is unique
)
"""rows that break a rule which Access asks of new rows only"""


def written(database: Path, *values: Value) -> Path:
    """Write values into a copy of the sample that a path is for; gives the path."""
    data = bytearray(SAMPLE.read_bytes())
    with AccessFile.open(SAMPLE) as file:
        for value in values:
            _write(data, file, value)
    database.write_bytes(data)
    return database


def _write(data: bytearray, file: AccessFile, value: Value) -> None:
    reader = file.reader(value.table)
    rows = next(iter(reader._located(0, 10_000)))
    _, layout = reader._affordable(rows, reader.plans, damaged=False)
    plan = next(p for p in reader.plans if p.name == value.column)
    start, end = int(rows.start[value.row]), int(rows.end[value.row])
    page = int(rows.positions[value.row]) >> 12
    here = data.index(rows.buffer[start:end].tobytes(), page * PAGE, (page + 1) * PAGE)
    if value.new is None:
        mask = here + (end - start) - (len(reader.plans) + 7) // 8
        assert data[mask + plan.raw.number // 8] & 1 << plan.raw.number % 8
        data[mask + plan.raw.number // 8] &= ~(1 << plan.raw.number % 8)
        return
    spans = layout.fixed(plan.raw, SIZES[plan.type]) if plan.raw.is_fixed else layout.variable(plan.raw)
    at = here + int(spans.start[value.row]) - start
    assert len(value.new) == int(spans.length[value.row])
    data[at : at + len(value.new)] = value.new
