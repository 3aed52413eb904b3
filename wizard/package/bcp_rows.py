"""Rows of a data file: columns joined with terminators that are proven not to occur in the data.

A generation of terminators is a pair. Generation 0 is tab and line feed, bcp's own; it serves where no text holds
a tab, line feed or carriage return (a carriage return alone would do no harm to bcp, but to whatever else a file
passes through on its way). Later generations are three or more printable characters, which bcp takes on every
system; none can overlap with itself. The generation that a table ends with is the first that none of its rows
forbids: it depends on the data alone, not on how the rows came in batches. There is always one, as there are more
generations than data. Sources: "Specify field and row terminators (SQL Server)", "bcp utility".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wizard.arrow_buffers import numbers_in
from wizard.objects import Name, ServerColumn
from wizard.package.bcp_columns import NUL, bcp_text
from wizard.sink import Delivery

BOM: Final = "\ufeff"
_LEADS: Final = "~@#=+_:,"
_NOTHING: Final = pa.scalar("", pa.string())
_ZERO: Final = pa.scalar(0, pa.int32())


@dataclass(frozen=True, slots=True)
class Terminators:
    """What ends a field and a row of a data file."""

    field: bytes
    row: bytes
    strict: bool = True
    """also refuse values that end in the beginning of a terminator: a reader that looks at one byte after the
    other without going back would miss the terminator there (bcp itself looks for the first occurrence)"""

    def clean(self, data: bytes, rows: int, fields: int) -> bool:
        """Whether `data`, made of `rows` rows of `fields` fields with these terminators, holds them nowhere else.

        Not for the first generation: `tabular` says that of rows before they are joined, for a tenth of the time.
        """
        if data.count(self.field) != rows * (fields - 1) or data.count(self.row) != rows:
            return False
        return not self.strict or not any(t[:n] + t in data for t in (self.field, self.row) for n in range(1, len(t)))


def terminators(generation: int) -> Terminators:
    """The pair of that generation."""
    if generation == 0:
        return Terminators(b"\t", b"\n")
    lead = _LEADS[(generation - 1) % len(_LEADS)].encode()
    return Terminators(lead + b"%df" % generation, lead + b"%dr" % generation, strict=generation <= len(_LEADS))


@dataclass(frozen=True)
class Layout:
    """Which field of a batch fills which field of the file; None for one that stays empty.

    bcp's character format wants a field for every column of the table, in the table's order; for computed,
    rowversion and new identity columns the field stays empty, and the server pays no heed to it. Where another
    column has no values here (a new key with a default), the file has fields for the columns with values alone, and
    a format file says which they are.
    """

    columns: tuple[ServerColumn, ...]
    fields: tuple[int | None, ...]
    partial: bool
    """the file has fields for some of the table's columns only"""

    @classmethod
    def of(cls, delivery: Delivery) -> Layout:
        """The layout of a delivery's file."""
        places = {c.name.casefold(): i for i, c in enumerate(delivery.columns)}
        columns = delivery.table.columns
        fields = tuple(places.get(c.name.casefold()) for c in columns)
        whole = all(
            place is not None or c.identity or c.computed or c.type.name.casefold() in ("rowversion", "timestamp")
            for c, place in zip(columns, fields, strict=True)
        )
        if whole:
            return cls(columns, fields, False)
        return cls(delivery.columns, tuple(range(len(delivery.columns))), True)

    def texts(self, batch: pa.RecordBatch) -> list[pa.Array[Any] | pa.Scalar[Any]]:
        """The table's columns as bcp's text, in the table's order. Raises RefusedError."""
        return [
            _NOTHING if place is None else bcp_text(batch.column(place), column.type, column.name)
            for column, place in zip(self.columns, self.fields, strict=True)
        ]


def nameable(table: Name) -> bool:
    """Whether the name can be given to bcp on a command line of every system, Windows PowerShell's included."""
    return not any(c == '"' or ord(c) < 0x20 for c in str(table))


def unfit(batch: pa.RecordBatch, layout: Layout) -> pa.BooleanArray | None:
    """Rows that bcp's character format cannot carry; None where there are none.

    Text with a NUL inside (which bcp takes for empty text or an end), binary of no length (which has no form of
    its own beside NULL), and text at the start of a row that begins with a byte order mark (which is swallowed at
    the start of a file).
    """
    found: pa.BooleanArray | None = None
    for number, place in enumerate(layout.fields):
        if place is None:
            continue
        values = batch.column(place)
        tests = []
        if pa.types.is_string(values.type):
            if not _lowest(values):
                tests.append(pc.match_substring(values, NUL))
            if number == 0:
                tests.append(pc.starts_with(values, BOM))
        elif pa.types.is_binary(values.type):
            tests.append(pc.equal(pc.binary_length(values), _ZERO))
        for test in tests:
            if pc.any(test, min_count=0).as_py():
                known = pc.fill_null(test, False)
                found = known if found is None else pc.or_(found, known)
    return found


def tabular(batch: pa.RecordBatch, layout: Layout) -> bool:
    """Whether no text that goes into the file holds a tab or a line end: the first generation is enough for it.

    Numbers, dates and binary have none of these in bcp's text.
    """
    texts = [batch.column(p) for p in layout.fields if p is not None and pa.types.is_string(batch.column(p).type)]
    return not any(
        pc.any(pc.match_substring(values, end), min_count=0).as_py()
        for values in texts
        if _lowest(values) <= ord("\r")
        for end in "\t\n\r"
    )


def _lowest(values: pa.Array[Any]) -> int:
    """The smallest byte among the column's text, what stands behind nulls included; 255 where there is none."""
    _, offsets, data = values.buffers()
    if data is None or not len(values):
        return 255
    places = numbers_in(offsets, np.int32, len(values) + 1, values.offset * 4)
    found = numbers_in(data, np.uint8, int(places[-1] - places[0]), int(places[0]))
    return int(found.min(initial=255))


def join(texts: list[pa.Array[Any] | pa.Scalar[Any]], ends: Terminators) -> tuple[memoryview, bytes]:
    """The rows as they stand in a file, in two pieces. Nulls are empty fields; one of `texts` at least is an array."""
    field, row = pa.scalar(ends.field.decode(), pa.string()), pa.scalar(ends.row.decode(), pa.string())
    # The row terminator goes before the first column, mostly the shortest, and is moved to the end as a whole.
    first = pc.binary_join_element_wise(row, texts[0], _NOTHING, null_handling="replace", null_replacement="")
    rows = pc.binary_join_element_wise(first, *texts[1:], field, null_handling="replace", null_replacement="")
    return contents(rows)[len(ends.row) :], ends.row


def contents(strings: pa.Array[Any]) -> memoryview:
    """The bytes of a string array's values, end to end; its values are taken to start at its buffer's start."""
    data = strings.buffers()[2]
    return memoryview(data) if data is not None else memoryview(b"")
