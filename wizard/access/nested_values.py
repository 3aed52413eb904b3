"""The values of complex columns as lists in their parent's rows, as JSON Lines has them.

Multi-valued fields are small and kept whole. Of attachments only names and places are kept; their content is read
when the parent's row is written, so that memory does not grow with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa

from wizard.access.complex_columns import FILE_DATA, FILE_NAME, VALUE
from wizard.access.file import AccessFile
from wizard.access.json_lines import cell, lines
from wizard.access.long_rows import NamedContent, is_long, json_row
from wizard.access.reader import row_at
from wizard.access.two_process_writer import Piece
from wizard.definitions import Column, ColumnType, ComplexKind, Table

_VERSION_MARK: Final = "ver:"
"""before the text of each version of a field with history"""


class Nested:
    """The lists of one table's complex columns. A context manager that closes them."""

    def __init__(self, file: AccessFile, table: Table) -> None:
        children = file.tables
        self._columns = [
            (i, _Values(file, children[column.child_table.casefold()], column))
            for i, column in enumerate(table.columns)
            if column.child_table
        ]
        self._plain = [
            i for i, column in enumerate(table.columns) if column.type is ColumnType.COMPLEX and not column.child_table
        ]

    def pieces(self, batch: pa.RecordBatch) -> Iterator[Piece]:
        """The batch's rows as JSON Lines, those with attachments or other long values in pieces of their own.

        The values of a complex column are a list, empty where they cannot be found.
        """
        start = 0
        for row in self._long(batch):
            yield from self._lines(batch.slice(start, row - start))
            yield from self._row(batch.slice(row, 1))
            start = row + 1
        yield from self._lines(batch.slice(start))

    def _long(self, batch: pa.RecordBatch) -> list[int]:
        """The rows that are written in pieces."""
        if is_long(batch):
            return [0]
        attachments = [(batch.column(i).to_pylist(), v) for i, v in self._columns if v.kind is ComplexKind.ATTACHMENT]
        return [row for row in range(batch.num_rows) if any(v.count(keys[row]) for keys, v in attachments)]

    def _lines(self, batch: pa.RecordBatch) -> Iterator[Piece]:
        if batch.num_rows:
            lists: dict[int, Sequence[object]] = {i: [[]] * batch.num_rows for i in self._plain}
            lists |= {i: [values.of(key) for key in batch.column(i).to_pylist()] for i, values in self._columns}
            yield lines(batch, lists), batch.num_rows

    def _row(self, row: pa.RecordBatch) -> Iterator[Piece]:
        lists: dict[int, Iterator[NamedContent] | str] = dict.fromkeys(self._plain, "[]")
        for i, values in self._columns:
            key = row.column(i)[0].as_py()
            attached = values.kind is ComplexKind.ATTACHMENT
            lists[i] = values.attachments(key) if attached else json.dumps(values.of(key), ensure_ascii=False)
        return json_row(row, lists)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._columns = []


class _Values:
    """The values of one complex column by the parent's number; read when they are first asked for."""

    def __init__(self, file: AccessFile, child: Table, column: Column) -> None:
        self.file, self.child, self.kind = file, child, column.complex_kind
        self.known: dict[int, list[Any]] | None = None

    def count(self, key: int | None) -> int:
        """How many values a number has."""
        return 0 if key is None else len(self._by_number().get(key, ()))

    def of(self, key: int | None) -> list[Any]:
        """The values of a number; none of attachments."""
        found = [] if key is None else self._by_number().get(key, [])
        return [] if self.kind is ComplexKind.ATTACHMENT else found

    def attachments(self, key: int | None) -> Iterator[NamedContent]:
        """The attachments of a number, read one by one. One that cannot be read (salvage counts it) is not there."""
        for position in [] if key is None else self._by_number().get(key, []):
            row = row_at(self.file.read, self.child.name, position, [FILE_NAME, FILE_DATA])
            if row is not None:
                data = row.column(1)[0]
                yield row.column(0)[0].as_py(), memoryview(data.as_buffer() if data.is_valid else b"")

    def _by_number(self) -> dict[int, list[Any]]:
        """Values by number; positions in the place of attachments."""
        if self.known is None:
            self.known = self._places() if self.kind is ComplexKind.ATTACHMENT else self._all()
        return self.known

    def _key(self) -> str:
        return self.child.child_of.key if self.child.child_of else ""

    def _places(self) -> dict[int, list[Any]]:
        """The positions of each number's attachments."""
        known: dict[int, list[Any]] = {}
        for batch in self.file.read(self.child.name, columns=[self._key()]):
            keys: list[Any] = batch.rows.column(0).to_pylist()
            for key, position in zip(keys, batch.positions.tolist(), strict=True):
                known.setdefault(key, []).append(position)
        return known

    def _all(self) -> dict[int, list[Any]]:
        known: dict[int, list[Any]] = {}
        for batch in self.file.read(self.child.name, columns=[self._key(), self._value_column()]):
            keys: list[Any] = batch.rows.column(0).to_pylist()
            for key, value in zip(keys, self._values(batch.rows.column(1)), strict=True):
                known.setdefault(key, []).append(value)
        return known

    def _value_column(self) -> str:
        """`Value`, or the text of a version: the first Long Text column."""
        names = [c.name for c in self.child.columns if c.name == VALUE]
        names += [c.name for c in self.child.columns if c.type is ColumnType.MEMO]
        return names[0] if names else self._key()

    def _values(self, column: pa.Array[Any]) -> list[Any]:
        if self.kind is ComplexKind.VERSION_HISTORY:
            return [_VERSION_MARK + (v or "") for v in column.to_pylist()]
        return [None if text is None else json.loads(text) for text in cell(column).to_pylist()]
