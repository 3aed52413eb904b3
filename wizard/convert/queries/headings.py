"""The column headings of crosstabs that list none, found in the rows of the table that they come from.

For pivots such as `Status`, `Year([Order Date])` or `"Q" & Format(d, "q")`: whatever is made of one column of one
table by functions that are known here. Rows that the query leaves out give headings too: their columns stay empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.definitions import Database, QueryKind, Table
from wizard.messages import ConversionError, Kind, Place

MOST: Final = 254
"""headings: Access's tables and queries have at most 255 columns"""

Evaluation = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class HeadingSource:
    """Every value of `column` of `table` makes, through `heading`, a heading of the crosstab `query`."""

    query: str
    table: str
    column: str
    heading: Evaluation


def heading_sources(database: Database) -> tuple[HeadingSource, ...]:
    """Where to look for the headings of each crosstab without fixed ones; of those not given here nothing is known."""
    found = []
    for query in database.queries:
        if query.hidden or query.kind is QueryKind.PASS_THROUGH or "transform" not in query.sql.casefold():
            continue
        try:
            body = parse_query(query.sql).this
        except ConversionError:
            continue  # converting it says why
        if isinstance(body, nodes.Transform) and not body.args.get("headings"):
            source = _source(database, query.name, body)
            if source:
                found.append(source)
    return tuple(found)


def found_headings(source: HeadingSource, values: Iterable[object]) -> tuple[object, ...]:
    """The headings that these values make, in Access's order. Raises ConversionError (3170) where they are too many."""
    headings: set[object] = set()
    for value in values:
        headings.add(source.heading(value))
        if len(headings) > MOST:
            raise ConversionError(3170, Place(Kind.QUERY, name=source.query), most=MOST)
    return tuple(sorted(headings, key=_rank))


def _rank(value: object) -> tuple[bool, bool, Any]:
    return value is not None, isinstance(value, str), 0 if value is None else value


def _source(database: Database, name: str, body: nodes.Transform) -> HeadingSource | None:
    pivot = body.args["pivot"]
    columns = {tuple(p.name.casefold() for p in c.parts): c for c in pivot.find_all(exp.Column)}
    if len(columns) != 1 or pivot.find(exp.Subquery):
        return None
    found = _table(database, body.args["query"], next(iter(columns.values())))
    evaluation = _evaluation(pivot)
    if found is None or evaluation is None:
        return None
    table, column = found
    return HeadingSource(name, table.name, column, evaluation)


def _table(database: Database, select: exp.Expr, column: exp.Column) -> tuple[Table, str] | None:
    """The table that a column is of, where all that the query reads are tables of this database."""
    sources = [n for s in select.args.get("sources") or () for n in s.find_all(exp.Table, exp.Subquery)]
    tables = {(n.alias or n.name).casefold(): database.tables_by_name.get(n.name.casefold()) for n in sources}
    if column.args.get("table"):
        tables = {k: t for k, t in tables.items() if k == column.table.casefold()}
    hits = [(t, c.name) for t in tables.values() if t and (c := t.by_name.get(column.name.casefold()))]
    return hits[0] if len(hits) == 1 and all(tables.values()) else None


def _evaluation(node: exp.Expr) -> Evaluation | None:
    """A function from the column's value to the node's; None where the node holds something not known here."""
    match node:
        case exp.Column():
            return lambda value: value
        case exp.Paren():
            return _evaluation(node.this)
        case exp.Literal():
            constant = node.name if node.is_string else Decimal(node.name)
            return lambda _: constant
        case exp.DPipe():
            return _joined(_evaluation(node.this), _evaluation(node.expression))
        case exp.Anonymous():
            return _call(node)
    return None


def _joined(left: Evaluation | None, right: Evaluation | None) -> Evaluation | None:
    if left is None or right is None:
        return None
    return lambda value: _text(left(value)) + _text(right(value))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "-1" if value else "0"
    return "" if value is None else str(value)


def _call(node: exp.Anonymous) -> Evaluation | None:
    name = node.name.casefold().removesuffix("$")
    arguments = list(node.expressions)
    if name == "datepart" and len(arguments) == 2:
        arguments.reverse()
    inner = _evaluation(arguments[0]) if arguments else None
    if inner is None:
        return None
    made: Callable[[Any], object] | None = None
    if len(arguments) == 1:
        made = _FUNCTIONS.get(name)
    elif len(arguments) == 2 and isinstance(arguments[1], exp.Literal):
        made = _with_constant(name, arguments[1])
    if made is None:
        return None
    return lambda value: None if (found := inner(value)) is None else made(found)


def _with_constant(name: str, argument: exp.Literal) -> Callable[[Any], object] | None:
    if name in ("format", "datepart"):
        part = _PARTS.get((name, argument.name.casefold()))
        return (lambda value: part(value) if isinstance(value, datetime) else _text(value)) if part else None
    if name in ("left", "right") and argument.name.isdigit():
        count = int(argument.name)
        return lambda value: _text(value)[:count] if name == "left" else _text(value)[-count:] if count else ""
    return None


_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_FUNCTIONS: Final[dict[str, Callable[[Any], object]]] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "hour": lambda value: value.hour,
    "ucase": lambda value: _text(value).upper(),
    "lcase": lambda value: _text(value).lower(),
    "trim": lambda value: _text(value).strip(" "),
    "cstr": _text,
}
_PARTS: Final[dict[tuple[str, str], Callable[[datetime], object]]] = {
    ("format", "yyyy"): lambda d: f"{d.year:04d}",
    ("format", "yy"): lambda d: f"{d.year % 100:02d}",
    ("format", "m"): lambda d: str(d.month),
    ("format", "mm"): lambda d: f"{d.month:02d}",
    ("format", "mmm"): lambda d: _MONTHS[d.month - 1][:3],
    ("format", "mmmm"): lambda d: _MONTHS[d.month - 1],
    ("format", "q"): lambda d: str((d.month + 2) // 3),
    ("format", "d"): lambda d: str(d.day),
    ("format", "dd"): lambda d: f"{d.day:02d}",
    ("format", "yyyy-mm"): lambda d: f"{d.year:04d}-{d.month:02d}",
    ("format", "yyyy-mm-dd"): lambda d: f"{d.year:04d}-{d.month:02d}-{d.day:02d}",
    ("datepart", "yyyy"): lambda d: d.year,
    ("datepart", "q"): lambda d: (d.month + 2) // 3,
    ("datepart", "m"): lambda d: d.month,
    ("datepart", "d"): lambda d: d.day,
    ("datepart", "h"): lambda d: d.hour,
}
