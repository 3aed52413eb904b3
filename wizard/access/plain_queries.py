"""Queries as plain data: what the rows of MSysQueries and a query's properties say together."""

from __future__ import annotations

from wizard.access.properties import Properties
from wizard.access.queries import Composed
from wizard.access.redaction import without_secrets
from wizard.definitions import Query, QueryKind


def query(name: str, composed: Composed, properties: Properties) -> Query:
    """A saved query."""
    return Query(
        name=name,
        kind=composed.kind,
        sql=composed.sql,
        stored=composed.stored,
        hidden=name.startswith("~"),
        owner_object=_owner(name),
        connect=without_secrets(composed.connect),
        returns_records=_returns_records(composed, properties),
        properties=properties,
    )


def _returns_records(composed: Composed, properties: Properties) -> bool:
    if composed.kind is QueryKind.PASS_THROUGH:
        return not composed.silent and properties.get("ReturnsRecords") is not False
    return composed.kind in (QueryKind.SELECT, QueryKind.UNION, QueryKind.CROSSTAB)


def _owner(name: str) -> str:
    """`~sq_fOrders` is form Orders' own, `~sq_cOrders~sq_cCity` that of a control on it."""
    start = name.removeprefix("~sq_")
    return start[1:].split("~sq_")[0] if start != name else ""
