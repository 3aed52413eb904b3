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

from wizard.access.complex import FILE_DATA, FILE_NAME, VALUE
from wizard.access.file import AccessFile
from wizard.access.jsonlines import attached, cell
from wizard.definitions import Column, ColumnType, ComplexKind, Table

_VERSION_MARK: Final = "ver:"
"""before the text of each version of a field with history"""
_MOST_ATTACHMENTS: Final = 8
"""in memory at once, give or take those of one row"""


class Nested:
    """The lists of one table's complex columns. A context manager that lets go of them."""

    def __init__(self, file: AccessFile, table: Table) -> None:
        children = file.definition.tables_by_name
        self._columns = [
            (i, _Values(file, children[column.child_table.casefold()], column))
            for i, column in enumerate(table.columns)
            if column.child_table
        ]
        self._plain = [
            i for i, column in enumerate(table.columns) if column.type is ColumnType.COMPLEX and not column.child_table
        ]

    def parts(self, batch: pa.RecordBatch) -> Iterator[tuple[pa.RecordBatch, dict[int, Sequence[object]]]]:
        """The batch in parts that hold few attachments each, with their lists.

        The lists are, for each complex column by position, a list of values for every row; empty where the values
        cannot be found.
        """
        start = 0
        for stop in self._stops(batch):
            part = batch.slice(start, stop - start)
            lists: dict[int, Sequence[object]] = {i: [[]] * part.num_rows for i in self._plain}
            lists |= {i: [values.of(key) for key in part.column(i).to_pylist()] for i, values in self._columns}
            yield part, lists
            start = stop

    def _stops(self, batch: pa.RecordBatch) -> Iterator[int]:
        attachments = [(batch.column(i).to_pylist(), v) for i, v in self._columns if v.kind is ComplexKind.ATTACHMENT]
        count = 0
        for row in range(batch.num_rows) if attachments else ():
            count += sum(values.count(keys[row]) for keys, values in attachments)
            if count >= _MOST_ATTACHMENTS and row + 1 < batch.num_rows:
                count = 0
                yield row + 1
        yield batch.num_rows

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

    def of(self, key: int | None) -> list[object]:
        """The values of a number."""
        found = [] if key is None else self._by_number().get(key, [])
        return [self._attachment(place) for place in found] if self.kind is ComplexKind.ATTACHMENT else found

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
            for key, position in zip(batch.rows.column(0).to_pylist(), batch.positions.tolist(), strict=True):
                known.setdefault(key, []).append(position)
        return known

    def _attachment(self, position: int) -> dict[str, str | None]:
        columns = [FILE_NAME, FILE_DATA]
        batch = next(self.file.read(self.child.name, columns=columns, start=position, batch_rows=1))
        row = batch.rows.slice(0, 1).to_pylist()[0]
        return attached(row[FILE_NAME], row[FILE_DATA])

    def _all(self) -> dict[int, list[Any]]:
        known: dict[int, list[Any]] = {}
        for batch in self.file.read(self.child.name, columns=[self._key(), self._value_column()]):
            for key, value in zip(batch.rows.column(0).to_pylist(), self._values(batch.rows.column(1)), strict=True):
                known.setdefault(key, []).append(value)
        return known

    def _value_column(self) -> str:
        """`Value`, or the text of a version: the first Long Text column."""
        names = [c.name for c in self.child.columns if c.name == VALUE]
        names += [c.name for c in self.child.columns if c.type is ColumnType.MEMO]
        return names[0] if names else self._key()

    def _values(self, column: pa.Array) -> list[Any]:
        if self.kind is ComplexKind.VERSION_HISTORY:
            return [_VERSION_MARK + (v or "") for v in column.to_pylist()]
        return [None if text is None else json.loads(text) for text in cell(column).to_pylist()]
