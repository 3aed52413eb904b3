"""The column headings of crosstabs that list none, found in the rows of the tables that they come from.

Access shows a column for each value that the pivot takes over the rows of the query's FROM and WHERE: these are run by
`wizard.convert.interpreter`. Of what a query leaves out by a parameter, by the clock, or by a condition that only
Access can know, the headings are found too, and this is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.convert.dialect.multivalued import joined
from wizard.convert.interpreter import Bounds, ErrorValue, Interpreter, InterpreterError, ReadRows, heading_key
from wizard.convert.interpreter.comparison import sort_key
from wizard.convert.item_guard import one_item
from wizard.definitions import Database, QueryKind
from wizard.messages import ConversionError, Kind, Place

MOST: Final = 254
"""headings: Access's tables and queries have at most 255 columns"""
BOUNDS: Final = Bounds(rows=500_000, steps=20_000_000, seconds=120)
_NOON: Final = datetime(2000, 1, 1, 12)
"""what asks the clock is left out, so that any moment will do"""


@dataclass(frozen=True, slots=True)
class Headings:
    """Values of a pivot, in Access's order, NULL first. `exact`: the query has rows for each of them."""

    values: tuple[object, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class HeadingSource:
    """The crosstab `query`, whose headings are the values of `pivot` over the rows of `select`."""

    query: str
    database: Database
    select: exp.Expr
    pivot: exp.Expr


def heading_sources(database: Database) -> tuple[HeadingSource, ...]:
    """The crosstabs without fixed headings."""
    found = []
    for query in database.queries:
        if query.hidden or query.kind is QueryKind.PASS_THROUGH or "transform" not in query.sql.casefold():
            continue
        try:
            with one_item(Place(Kind.QUERY, name=query.name)):
                body = joined(parse_query(query.sql), database).this
        except ConversionError:
            continue  # converting it says why
        if isinstance(body, nodes.Transform) and not body.args.get("headings"):
            found.append(HeadingSource(query.name, database, body.args["query"], body.args["pivot"]))
    return tuple(found)


def found_headings(
    source: HeadingSource, read: ReadRows, *, between: Callable[[], None] = lambda: None
) -> Headings | None:
    """The headings in the rows that `read` gives; None where a value cannot be known here, or the rows are too many.

    Raises ConversionError (3170) where the headings are too many, and whatever `read` and `between` raise.
    """
    interpreter = Interpreter(source.database, read, _NOON, bounds=BOUNDS, between=between)
    try:
        found = interpreter.distinct(source.select, source.pivot)
    except InterpreterError:
        return None
    values = [value for (value,) in found.rows]
    if any(isinstance(v, ErrorValue | bytes) for v in values):
        return None
    return Headings(tuple(sorted(_different(source, values), key=sort_key)), found.exact)


def _different(source: HeadingSource, values: Iterable[Any]) -> Sequence[object]:
    """One of all values that are the same heading: text in whatever case, empty text and NULL."""
    found: dict[object, object] = {}
    for value in values:
        heading = None if value == "" else value
        key = heading_key(heading)
        if key not in found and len(found) >= MOST:
            raise ConversionError(3170, Place(Kind.QUERY, name=source.query), most=MOST)
        before = found.get(key, heading)
        found[key] = min(before, heading) if isinstance(before, str) and isinstance(heading, str) else before
    return list(found.values())
