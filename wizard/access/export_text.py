"""Exported text made fit for people: CSV for spreadsheets, and whatever goes to a terminal."""

from __future__ import annotations

import codecs
from typing import IO, Any

import pyarrow as pa

from wizard.escaping import for_terminal, no_formula


def without_formulas(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with text that a spreadsheet would take for a formula marked as text."""
    columns = [
        pa.array([None if v is None else no_formula(v) for v in column.to_pylist()], column.type)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


class OnTerminal:
    """A binary stream on a terminal: what the terminal would obey is written as escapes, line by line."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def write(self, data: Any) -> int:
        """Write what a terminal may show of the bytes; how many were taken."""
        text = self._decoder.decode(bytes(data))
        self._target.write("\n".join(map(for_terminal, text.split("\n"))).encode())
        return len(data)

    def flush(self) -> None:
        """Have the terminal show it."""
        self._target.flush()
