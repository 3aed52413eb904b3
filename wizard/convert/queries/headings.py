"""The column headings of crosstabs that list none, found in the rows of the tables that they come from.

Access shows a column for each value that the pivot takes over the rows of the query's FROM and WHERE: these are worked
through (`wizard.convert.queries.rowsets`) by way of joins, sub-queries and saved queries. Of what a query leaves out
by a parameter, or by a condition that only a server can know, the headings are found too, and this is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from wizard.convert.dialect import nodes, parse_query
from wizard.convert.guard import one_item
from wizard.convert.queries.evaluate import Row, equal_key
from wizard.convert.queries.evaluated import UnknowableError
from wizard.convert.queries.pairing import Read, Rows, Run
from wizard.convert.queries.rowsets import RowSets
from wizard.definitions import Database, QueryKind
from wizard.messages import ConversionError, Kind, Place

MOST: Final = 254
"""headings: Access's tables and queries have at most 255 columns"""


@dataclass(frozen=True, slots=True)
class Headings:
    """Values of a pivot, in Access's order, NULL first. `exact`: the query has rows for each of them."""

    values: tuple[object, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class HeadingSource:
    """The crosstab `query`, whose headings can be found."""

    query: str
    pivot: Rows


def heading_sources(database: Database) -> tuple[HeadingSource, ...]:
    """The crosstabs without fixed headings whose pivots can be computed; of those not given here nothing is known."""
    found = []
    for query in database.queries:
        if query.hidden or query.kind is QueryKind.PASS_THROUGH or "transform" not in query.sql.casefold():
            continue
        try:
            with one_item(Place(Kind.QUERY, name=query.name)):
                body = parse_query(query.sql).this
                if isinstance(body, nodes.Transform) and not body.args.get("headings"):
                    pivot = RowSets(database).values(body.args["query"], [body.args["pivot"]])
                    found.append(HeadingSource(query.name, pivot))
        except ConversionError:
            continue  # converting it says why, or makes a procedure of it
    return tuple(found)


def found_headings(source: HeadingSource, read: Read) -> Headings | None:
    """The headings in the rows that `read` gives; None where a value cannot be known here, or the rows are too many.

    Raises ConversionError (3170) where the headings are too many, and whatever `read` raises.
    """
    run = Run(read)
    try:
        values = _different(source, source.pivot(run))
    except (UnknowableError, RecursionError, ArithmeticError, TypeError, ValueError):
        return None  # a value that cannot be worked out here, be it for its size
    return Headings(tuple(sorted(values, key=_rank)), run.exact)


def _different(source: HeadingSource, rows: Iterable[Row]) -> list[object]:
    """One of all values that are the same heading: text in whatever case, empty text and NULL."""
    found: dict[object, object] = {}
    for (value,) in rows:
        heading = None if value == "" else value
        key = equal_key(heading.rstrip(" ") if isinstance(heading, str) else heading)
        if key not in found and len(found) >= MOST:
            raise ConversionError(3170, Place(Kind.QUERY, name=source.query), most=MOST)
        before = found.get(key, heading)
        found[key] = min(before, heading) if isinstance(before, str) and isinstance(heading, str) else before
    return list(found.values())


def _rank(value: object) -> tuple[int, Any]:
    """NULL, numbers (True is -1), dates, texts."""
    if value is None:
        return 0, 0
    if isinstance(value, datetime):
        return 2, value
    return (3 if isinstance(value, str) else 1), equal_key(value)
