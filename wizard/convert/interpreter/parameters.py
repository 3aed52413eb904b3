"""The parameters of a query: what Access would ask for, and given values in the types that were declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.convert.interpreter.values import (
    Byte,
    Integer,
    bool_of,
    currency_of,
    date_of,
    decimal_of,
    double_of,
    single_of,
    text_of,
    whole_of,
)
from wizard.definitions import Database
from wizard.messages import ConversionError

_MAKERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("BIT", "BOOLEAN", "LOGICAL", "LOGICAL1", "YESNO"), bool_of),
    **dict.fromkeys(("BYTE", "INTEGER1"), lambda v: Byte(whole_of(v, Byte))),
    **dict.fromkeys(("SHORT", "SMALLINT", "INTEGER2"), lambda v: Integer(whole_of(v, Integer))),
    **dict.fromkeys(("LONG", "INT", "INTEGER", "INTEGER4", "COUNTER"), whole_of),
    **dict.fromkeys(("SINGLE", "REAL", "FLOAT4", "IEEESINGLE"), single_of),
    **dict.fromkeys(("DOUBLE", "FLOAT", "FLOAT8", "IEEEDOUBLE", "NUMBER", "NUMERIC", "DOUBLE PRECISION"), double_of),
    **dict.fromkeys(("CURRENCY", "MONEY"), currency_of),
    **dict.fromkeys(("DECIMAL", "DEC"), decimal_of),
    **dict.fromkeys(("DATETIME", "DATE", "TIME", "TIMESTAMP"), date_of),
    **dict.fromkeys(("TEXT", "CHAR", "VARCHAR", "STRING", "LONGTEXT", "MEMO", "NOTE", "LONGCHAR"), text_of),
}
"""by the name of a declared type"""


def declared_values(
    given: Mapping[str, Any], tree: nodes.SavedQuery, database: Database, now: datetime
) -> dict[str, Any]:
    """Values by case-folded prompt, each in the type that this query, or one that it reads, declares.

    Raises CellError where a value cannot be of its type.
    """
    made = dict(given)
    for definition in _definitions(tree, database):
        prompt = _prompt(definition).casefold()
        make = _MAKERS.get(definition.args["kind"].args["this"])
        if make is not None and made.get(prompt) is not None:
            made[prompt] = date_of(made[prompt], now) if make is date_of else make(made[prompt])
    return made


def prompts(tree: nodes.SavedQuery, database: Database) -> tuple[str, ...]:
    """The parameters that a query and those it reads declare; undeclared ones show when it is run."""
    found = {_prompt(d).casefold(): _prompt(d) for d in _definitions(tree, database)}
    return tuple(found.values())


def _prompt(definition: exp.Expr) -> str:
    name = definition.this
    return name.prompt if isinstance(name, nodes.Bang) else str(name.name)


def _definitions(tree: nodes.SavedQuery, database: Database) -> Iterator[exp.Expr]:
    queries = {q.name.casefold(): q.sql for q in database.queries}
    seen: set[str] = set()
    left = [tree]
    while left:
        found = left.pop()
        yield from found.args.get("parameters") or ()
        for table in found.find_all(exp.Table):
            name = table.name.casefold()
            if name in queries and name not in seen:
                seen.add(name)
                try:
                    left.append(parse_query(queries[name]))
                except ConversionError:
                    continue
