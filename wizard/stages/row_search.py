"""Rows of a table that hold a text, in the order of a column: looked at in full, as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wizard.cancellation import CancellationToken
from wizard.coercion.value_text import preview_text
from wizard.escaping import csv_line
from wizard.file_writing import write_whole
from wizard.messages import Kind, Place, ProjectError, StageError
from wizard.stages.open_source import OpenSource
from wizard.stages.views import PreviewColumn, RowsFound

BATCH: Final = 2_000
"""rows read at a time"""
SHOWN: Final = 5_000
"""rows that are given to be shown; all are counted, and saved"""
SORTED: Final = 500_000
"""rows that are kept to be put into order; beyond these they stay as they are stored"""


@dataclass(frozen=True, slots=True)
class RowsWanted:
    """What of a table's rows is wanted."""

    text: str = ""
    """part of any value, without case; empty for all"""
    column: str = ""
    """by which they are put into order; empty as they are stored"""
    descending: bool = False


TextRow = tuple[str | None, ...]


def find(opened: OpenSource, table: str, wanted: RowsWanted, cancel: CancellationToken) -> RowsFound:
    """The first of the rows, and how many there are. Raises StageError, SourceError, StoppedError."""
    columns = _columns(opened, table)
    rows: list[TextRow] = []
    read = matching = 0
    if wanted.column:
        found, read = _in_order(opened, table, columns, wanted, cancel)
        rows, matching = found[:SHOWN], len(found)
    else:
        for row, _ in _rows(opened, table, columns, wanted, cancel):
            read += 1
            if row is not None:
                matching += 1
                if len(rows) < SHOWN:
                    rows.append(row)
    return RowsFound(columns, tuple(rows), matching, read)


def save(opened: OpenSource, table: str, wanted: RowsWanted, path: Path, cancel: CancellationToken) -> int:
    """Write the rows as CSV, all of them, whole or not at all; returns how many.

    Raises ProjectError where the file is there already or cannot be written, and what `find` raises.
    """
    if path.exists():
        raise ProjectError(8007, path=path, what="it is there already")
    columns = _columns(opened, table)
    if wanted.column:
        rows, _ = _in_order(opened, table, columns, wanted, cancel)
    else:
        rows = [row for row, _ in _rows(opened, table, columns, wanted, cancel) if row is not None]
    text = "".join([csv_line([c.name for c in columns]), *map(csv_line, rows)])
    try:
        write_whole(path, text)
    except OSError as e:
        raise ProjectError(8007, path=path, what=e.strerror or e) from e
    return len(rows)


def _columns(opened: OpenSource, table: str) -> tuple[PreviewColumn, ...]:
    found = opened.whole.tables_by_name.get(table.casefold())
    if found is None:
        place = Place(Kind.TABLE, source=opened.source.key, name=table)
        raise StageError(8113, place, what="table", name=table, where=opened.source.key)
    return tuple(PreviewColumn(c.name, c.type.value) for c in found.columns)


def _rows(
    opened: OpenSource, table: str, columns: tuple[PreviewColumn, ...], wanted: RowsWanted, cancel: CancellationToken
) -> Iterator[tuple[TextRow | None, Any]]:
    """Every row, None where it is not wanted, with the value to put it into order by."""
    names = [c.name for c in columns]
    text, by = wanted.text.casefold(), names.index(wanted.column) if wanted.column else None
    for batch in opened.read(table, columns=names, batch_rows=BATCH):
        cancel.check()
        values = [c.to_pylist() for c in batch.rows.columns]
        shown = [[preview_text(v) for v in column] for column in values]
        for number, row in enumerate(zip(*shown, strict=True)):
            fits = not text or any(v is not None and text in v.casefold() for v in row)
            yield (row if fits else None), values[by][number] if by is not None else None


def _in_order(
    opened: OpenSource, table: str, columns: tuple[PreviewColumn, ...], wanted: RowsWanted, cancel: CancellationToken
) -> tuple[list[TextRow], int]:
    kept: list[tuple[Any, TextRow]] = []
    read = 0
    for row, value in _rows(opened, table, columns, wanted, cancel):
        read += 1
        if row is not None:
            kept.append((value, row))
    head = kept[:SORTED]
    try:
        head.sort(key=lambda pair: (pair[0] is not None, _folded(pair[0])), reverse=wanted.descending)
    except TypeError:  # values that have no order among themselves
        head.sort(key=lambda pair: (pair[0] is not None, str(pair[0])), reverse=wanted.descending)
    return [row for _, row in head] + [row for _, row in kept[SORTED:]], read


def _folded(value: Any) -> Any:
    """NULL is before everything; text goes without case, as Access has it."""
    return 0 if value is None else (value.casefold() if isinstance(value, str) else value)
