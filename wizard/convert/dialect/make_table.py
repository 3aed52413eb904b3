"""Tables that are not there until a query makes them: SELECT … INTO and CREATE TABLE of the same database."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.convert.item_guard import one_item
from wizard.definitions import Database, Query, QueryKind
from wizard.messages import ConversionError, Kind, Place


def makers(database: Database) -> Mapping[str, Query]:
    """The first query that makes a table, by the table's case-folded name."""
    found: dict[str, Query] = {}
    for query in database.queries:
        text = query.sql.casefold()
        if query.hidden or query.kind is QueryKind.PASS_THROUGH or not ("into" in text or "create" in text):
            continue
        try:
            with one_item(Place(Kind.QUERY, name=query.name)):
                name = made_by(parse_query(query.sql).this)
        except ConversionError:
            continue  # converting it says why
        if name:
            found.setdefault(name.casefold(), query)
    return found


def made_by(body: exp.Expr) -> str:
    """The table of this database that a statement makes; empty where it makes none."""
    if isinstance(body, nodes.CreateTable):
        return str(body.this.name)
    into = body.args.get("into")
    if into is None or body.args.get("into_external") or into.args.get("db"):
        return ""
    return str(into.name)
