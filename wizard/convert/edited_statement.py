"""A statement written by hand: parsed, and its names looked for among what the conversion makes.

What a server alone can say (objects that were there before, its own functions) is not held against it: every finding is
a message, and the statement stays as it was written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import sqlglot
from sqlglot import exp, parse_one
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify

from wizard.convert.names import SYSTEM_SCHEMAS
from wizard.messages import Message, Place
from wizard.objects import Conversion, ServerModule

_DIALECT: Final = "tsql"
LONGEST_READ: Final = 250_000
"""characters of a statement that is parsed: each costs up to 700 bytes"""


def check_statement(sql: str, module: ServerModule, conversion: Conversion, place: Place) -> tuple[Message, ...]:
    """What is to be said of a statement that stands for a module of the conversion; nothing where all is well."""
    if len(sql) > LONGEST_READ:
        return (Message.of(3195, place, length=len(sql), limit=LONGEST_READ),)
    try:
        return _checked(sql, module, conversion, place)
    except SqlglotError as e:
        return (Message.of(3180, place, reason=_reason(e)),)
    except RecursionError:
        return (Message.of(3180, place, reason="it is nested too deeply"),)


def _checked(sql: str, module: ServerModule, conversion: Conversion, place: Place) -> tuple[Message, ...]:
    made, listed, query = _parts(sql)
    tree = parse_one(query, dialect=_DIALECT) if query and not module.returns else None
    found = list(_name(made, module, place))
    if not isinstance(tree, exp.Query):
        return (*found, Message.of(3181, place))
    return (*found, *_shape(tree, listed, place), *_names(tree, conversion, place))


_LONGEST: Final = 200
"""characters of a parser's reason"""


def _reason(error: SqlglotError) -> str:
    """What the parser says, without the colours that it marks the place with for a terminal."""
    first: dict[str, object] = next(iter(getattr(error, "errors", ())), {})
    said = "{description} (line {line}, column {col}, at '{highlight}')".format(**first) if first else str(error)
    return " ".join(said.split())[:_LONGEST]


def _parts(sql: str) -> tuple[list[str], list[str], str]:
    """The name that a CREATE gives, part by part; the columns that a view lists behind it; and the query of a view or
    an inline function, else none.

    The head is read token by token: sqlglot takes a CREATE that it does not know for a command of any kind.
    """
    tokens = sqlglot.tokenize(sql, read=_DIALECT)
    words = [t.text.upper() for t in tokens]
    kind = next((n for n, word in enumerate(words[:5]) if word in _KINDS), None)
    if kind is None:
        return [], [], ""
    at, name = kind + 1, [tokens[kind + 1].text] if kind + 1 < len(tokens) else []
    while words[at + 1 : at + 2] == ["."] and at + 2 < len(tokens):
        at += 2
        name.append(tokens[at].text)
    opening = "AS" if words[kind] == "VIEW" else "RETURN"
    start = next((n for n in range(at, len(words)) if words[n] == opening), None)
    if start is None or words[kind].startswith("PROC") or words[start + 1 : start + 2] == ["@"]:
        return name, [], ""
    listed = _listed([t.text for t in tokens[at + 1 : start]]) if opening == "AS" else []
    return name, listed, sql[tokens[start].end + 1 :].strip().rstrip(";").strip()


def _listed(words: list[str]) -> list[str]:
    """The names between the parentheses behind a view's own; none where there are no parentheses."""
    if words[:1] != ["("] or ")" not in words:
        return []
    return [word for word in words[1 : words.index(")")] if word != ","]


_KINDS: Final = ("VIEW", "FUNCTION", "PROC", "PROCEDURE")


def _name(made: list[str], module: ServerModule, place: Place) -> Iterator[Message]:
    """Another name would be another object: nothing that reads the query would find it."""
    full = made if len(made) > 1 else ["dbo", *made]
    if made and [n.casefold() for n in full] != [module.name.schema.casefold(), module.name.name.casefold()]:
        yield Message.of(3182, place, made=".".join(made), wanted=str(module.name))


def _shape(query: exp.Query, listed: list[str], place: Place) -> Iterator[Message]:
    """What no view and no inline function may be, whatever it reads (a server says 4506, 4511, 8158, 8159, 1033).

    `listed` are the names that a view gives its columns beside its own.
    """
    given = [_column_name(column) for column in query.selects]
    names = Counter(name.casefold() for name in listed or given if name)
    if twice := [name for name, count in names.items() if count > 1]:
        yield Message.of(3189, place, names=", ".join(twice))
    if listed and None not in given and len(listed) != len(given):
        yield Message.of(3197, place, listed=len(listed), given=len(given))
    if not listed and (unnamed := [c.sql(_DIALECT) for c, n in zip(query.selects, given, strict=True) if n == ""]):
        yield Message.of(3198, place, columns=", ".join(unnamed)[:_LONGEST])
    bounds = ("limit", "offset")
    if query.args.get("order") and not any(query.args.get(b) for b in bounds):
        yield Message.of(3190, place)


def _column_name(column: exp.Expr) -> str | None:
    """What a server calls a column of a SELECT: nothing where it is calculated; None for the many of a star."""
    if column.is_star:
        return None
    bare = column.unnest()
    return column.alias or (bare.name if isinstance(bare, exp.Column) else "")


def _functions(query: exp.Query) -> Iterator[tuple[str, str]]:
    """Schema and name of each scalar function that is called with its schema."""
    for dot in query.find_all(exp.Dot):
        if isinstance(dot.expression, exp.Anonymous) and isinstance(dot.this, exp.Identifier):
            yield dot.this.name, str(dot.expression.this)


def _names(query: exp.Query, conversion: Conversion, place: Place) -> Iterator[Message]:
    common = {c.alias.casefold() for c in query.find_all(exp.CTE)}
    known = {(t.name.schema.casefold(), t.name.name.casefold()) for t in conversion.tables}
    known |= {(m.name.schema.casefold(), m.name.name.casefold()) for m in conversion.modules}
    missing: dict[str, None] = {}
    for table in query.find_all(exp.Table):
        plain = isinstance(table.this, exp.Identifier) and not table.name.startswith(("#", "@"))
        if not plain or table.catalog or table.db.casefold() in SYSTEM_SCHEMAS:
            continue
        if (not table.db and table.name.casefold() in common) or table.find_ancestor(exp.Anonymous):
            continue
        if ((table.db or "dbo").casefold(), table.name.casefold()) not in known:
            missing[f"{table.db or 'dbo'}.{table.name}"] = None
    for schema, name in _functions(query):
        if (schema.casefold(), name.casefold()) not in known:
            missing[f"{schema}.{name}"] = None
    if elsewhere := {t.catalog: None for t in query.find_all(exp.Table) if t.catalog}:
        yield Message.of(3191, place, names=", ".join(elsewhere))
    if missing:
        yield Message.of(3183, place, names=", ".join(missing))
    else:
        yield from _columns(query, conversion, place)


def _columns(query: exp.Query, conversion: Conversion, place: Place) -> Iterator[Message]:
    """Columns of a view over tables alone; what reads other views and functions is left to the server."""
    tables = {(t.name.schema.casefold(), t.name.name.casefold()): t for t in conversion.tables}
    common = {c.alias.casefold() for c in query.find_all(exp.CTE)}
    read = [t for t in query.find_all(exp.Table) if t.db or t.name.casefold() not in common]
    if not read or any(((t.db or "dbo").casefold(), t.name.casefold()) not in tables for t in read):
        yield Message.of(3184, place)
        return
    schema: dict[str, object] = {}
    by_schema: dict[str, dict[str, dict[str, str]]] = {}
    for table in tables.values():
        columns = {c.name.casefold(): c.type.name for c in table.columns}
        by_schema.setdefault(table.name.schema.casefold(), {})[table.name.name.casefold()] = columns
    schema.update(by_schema)
    folded = query.copy()
    for name in folded.find_all(exp.Identifier):
        name.set("this", name.name.casefold())
    for table_node in folded.find_all(exp.Table):
        if not table_node.db and table_node.name not in common:
            table_node.set("db", exp.to_identifier("dbo"))
    try:
        qualify(folded, schema=schema, dialect=_DIALECT, quote_identifiers=False)
    except OptimizeError as e:
        yield Message.of(3185, place, reason=str(e)[:_LONGEST])
    except SqlglotError:
        yield Message.of(3184, place)
