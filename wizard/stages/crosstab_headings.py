"""The headings of crosstabs that list none, found in the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from wizard.assess.assessed_file import AssessedFile
from wizard.convert.queries.crosstab_headings import Headings, found_headings, heading_sources
from wizard.definitions import Database
from wizard.messages import ConversionError, Message
from wizard.settings import CrosstabOption, Options


def _nothing() -> None:
    return None


def headings_in(
    file: AssessedFile, visible: Database, key: str, options: Options, between: Callable[[], None] = _nothing
) -> tuple[dict[str, Headings], tuple[Message, ...]]:
    """By query, where the options ask for a view with them, and what could not be found.

    `visible` is what the queries of the file see; `between` is called between two batches, and may raise to stop.
    Raises SourceError.
    """
    found: dict[str, Headings] = {}
    problems: list[Message] = []
    if not options.crosstabs or options.crosstab_headings is not CrosstabOption.HEADINGS:
        return found, ()
    for wanted in heading_sources(visible):
        try:
            headings = found_headings(wanted, partial(_rows, file, between), between=between)
            if headings:
                found[wanted.query] = headings
        except ConversionError as e:
            problems.append(replace(e.message, place=replace(e.message.place, source=key)))
    return found, tuple(problems)


def _rows(
    file: AssessedFile, between: Callable[[], None], table: str, columns: Sequence[str]
) -> Iterator[tuple[object, ...]]:
    """Some columns of a table's rows."""
    for batch in file.read(table, columns=columns):
        between()
        yield from zip(*(a.to_pylist() for a in batch.rows.columns), strict=True)
