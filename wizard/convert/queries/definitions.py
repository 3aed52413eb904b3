"""Data definition to T-SQL, for a person to read: it is never run here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.expressions import translate_condition, translate_value
from wizard.convert.names import NameRegister, legal
from wizard.convert.queries import altering
from wizard.convert.queries.query_context import Field, QueryContext, SelectRequest
from wizard.convert.queries.scope import QueryScope
from wizard.convert.queries.type_names import access_type, server_type
from wizard.convert.tree import SqlColumn, listed
from wizard.convert.typed_sql import Typed
from wizard.definitions import ColumnType
from wizard.objects import Name, ObjectKind, Statement, quote

_COUNTERS: Final = ("COUNTER", "AUTOINCREMENT", "IDENTITY")


class _ColumnScope(QueryScope):
    """Names in a CHECK are columns of the table that is being made."""

    def column(self, node: exp.Column) -> Typed:
        return Typed(SqlColumn("", legal(node.name)), ColumnType.UNKNOWN)


def definition_statement(context: QueryContext, node: exp.Expr) -> Statement:
    """The statement in T-SQL. Raises ConversionError for what has no counterpart."""
    made = _MAKERS.get(type(node))
    if made is None:
        context.fail(3151, node)
    return made(context, node)


def _target(context: QueryContext, table: exp.Expr) -> Name:
    if table.args.get("db"):
        context.fail(3105, table, name=table.name, file=table.args["db"].name)
    draft = context.catalog.drafts.get(table.name.casefold())
    return draft.name if draft else Name(context.task.schema, legal(table.name, temporary=True))


def _create_table(context: QueryContext, node: exp.Expr) -> Statement:
    name = _target(context, node.this)
    if node.args.get("temporary"):
        context.note(3152, node)
    items = [_column(context, c) for c in node.args["columns"]]
    items += [_constraint(context, c) for c in node.args.get("constraints") or ()]
    return Statement(ObjectKind.TABLE, name, f"CREATE TABLE {name} (\n{listed(items)}\n);")


def created_fields(columns: Iterable[exp.Expr]) -> tuple[Field, ...]:
    """The columns of CREATE TABLE."""
    found: list[Field] = []
    names = NameRegister()
    for column in columns:
        kind, length = access_type(column.args["kind"]) or (ColumnType.UNKNOWN, 0)
        nullable = kind is not ColumnType.BOOLEAN and not column.args.get("not_null")
        found.append(Field(column.this.name, names.take(legal(column.this.name)), kind, nullable, length))
    return tuple(found)


def _column(context: QueryContext, node: exp.Expr) -> str:
    kind, truth = _known_type(context, node)
    default = _default(context, node.args.get("default")) or ("0" if truth else "")
    parts = (
        quote(legal(node.this.name)),
        kind,
        f"DEFAULT {default}" if default else "",
        "NOT NULL" if node.args.get("not_null") or truth else "",
        *[_constraint(context, c) for c in node.args.get("constraints") or ()],
    )
    return " ".join(p for p in parts if p)


def _known_type(context: QueryContext, node: exp.Expr) -> tuple[str, bool]:
    """The column's type, and whether it is Yes/No, which is No where nothing is said and never NULL.

    Raises ConversionError (3150) where Access knows no such type.
    """
    kind = node.args["kind"]
    found = access_type(kind)
    if found is None:
        context.fail(3150, node, type=kind.args["this"])
    return _type(kind, *found), found[0] is ColumnType.BOOLEAN


def _type(name: exp.Expr, kind: ColumnType, length: int) -> str:
    sizes = [s.strip() for s in (name.args.get("sizes") or "").split(",") if s.strip()]
    if name.args["this"] in _COUNTERS:
        return f"int IDENTITY({', '.join([*sizes, '1', '1'][:2]) if len(sizes) != 1 else f'{sizes[0]}, 1'})"
    if kind is ColumnType.DECIMAL:
        return f"decimal({', '.join([*sizes, '0'][:2])})" if sizes else "decimal(18, 0)"
    if kind is ColumnType.BINARY and sizes:
        return f"varbinary({sizes[0]})"
    return server_type(kind, length)


def _constraint(context: QueryContext, node: exp.Expr, column: str = "") -> str:
    """`column` is the one that the constraint of a column stands on, where it is added to the table."""
    arg = node.args
    name = f"CONSTRAINT {quote(legal(arg['name'].name))}" if arg.get("name") else ""
    kind = "" if arg["kind"] == "REFERENCES" else arg["kind"]
    if column and not kind:
        kind = "FOREIGN KEY"
    condition = arg.get("condition")
    check = f"({translate_condition(condition, _ColumnScope(context))})" if condition else ""
    references = arg.get("references")
    parts = (
        name,
        kind,
        check,
        _names(arg.get("columns")) or (f"({quote(column)})" if column and not check else ""),
        f"REFERENCES {_target(context, references)}" if references else "",
        _names(arg.get("referenced_columns")),
        f"ON UPDATE {arg['on_update']}" if arg.get("on_update") else "",
        f"ON DELETE {arg['on_delete']}" if arg.get("on_delete") else "",
    )
    return " ".join(p for p in parts if p)


def _names(items: list[exp.Expr] | None) -> str:
    return f"({', '.join(quote(legal(i.name)) for i in items)})" if items else ""


def _create_index(context: QueryContext, node: exp.Expr) -> Statement:
    table = _target(context, node.args["table"])
    columns = [quote(legal(c.this.name)) + (" DESC" if c.args.get("desc") else "") for c in node.args["columns"]]
    listing = ", ".join(columns)
    option, name = node.args.get("option"), quote(legal(node.this.name))
    if option == "PRIMARY":
        sql = f"ALTER TABLE {table} ADD CONSTRAINT {name} PRIMARY KEY ({listing});"
        return Statement(ObjectKind.PRIMARY_KEY, table, sql, part=node.this.name)
    where = ""
    if option == "IGNORE NULL":
        tests = [f"{c.removesuffix(' DESC')} IS NOT NULL" for c in columns]
        where = f"\nWHERE {' AND '.join(tests)}"
    if option == "DISALLOW NULL":
        context.note(3153, node)
    unique = "UNIQUE " if node.args.get("unique") else ""
    return Statement(
        ObjectKind.INDEX, table, f"CREATE {unique}INDEX {name} ON {table} ({listing}){where};", part=node.this.name
    )


def _alter_table(context: QueryContext, node: exp.Expr) -> Statement:
    table, items, action = _target(context, node.this), node.args["items"], node.args["action"]
    if node.args.get("constraint"):
        text = _constraint(context, items[0]) if action == "ADD" else f"CONSTRAINT {quote(legal(items[0].name))}"
        return Statement(ObjectKind.TABLE, table, f"ALTER TABLE {table} {action} {text};")
    if action == "ADD":
        lines = [f"ALTER TABLE {table} ADD {', '.join(_column(context, i) for i in items)};"]
    elif action == "DROP":
        lines = [altering.dropping(table, [legal(i.name) for i in items])]
    else:  # T-SQL alters one column a statement
        lines = [_altered(context, table, i, n) for n, i in enumerate(items, 1)]
    return Statement(ObjectKind.TABLE, table, "\n".join(lines))


def _altered(context: QueryContext, table: Name, node: exp.Expr, number: int) -> str:
    column = legal(node.this.name)
    if isinstance(node, nodes.Default):
        found, value = altering.dropping_default(table, column, number), node.args.get("expression")
        return f"{found}\n{altering.adding_default(table, column, _default(context, value))}" if value else found
    if node.args["kind"].args["this"] in _COUNTERS:
        context.fail(3154, node, name=node.this.name)
    kind, truth = _known_type(context, node)
    nullable = False if node.args.get("not_null") or truth else None
    change = altering.Change(column, kind, nullable, _default(context, node.args.get("default")))
    added = [f"ALTER TABLE {table} ADD {_constraint(context, c, column)};" for c in node.args.get("constraints") or ()]
    return "\n".join([altering.changing(table, change, number), *added])


def _default(context: QueryContext, value: exp.Expr | None) -> str:
    return str(translate_value(value, _ColumnScope(context)).node) if value else ""


def _drop(context: QueryContext, node: exp.Expr) -> Statement:
    kind = node.args["kind"]
    name = _target(context, node.this)
    if kind == "INDEX":
        table = _target(context, node.args["table"])
        return Statement(ObjectKind.INDEX, table, f"DROP INDEX {quote(legal(node.this.name))} ON {table};")
    return Statement(ObjectKind[kind], name, f"DROP {kind} {name};")


def _create_query(context: QueryContext, node: exp.Expr) -> Statement:
    query = node.args["query"]
    if not isinstance(query, exp.Query):
        context.fail(3151, node)
    rows = context.rows(context, query, SelectRequest(QueryScope(context)))
    if context.parameters:  # which a view of Access cannot have
        context.fail(3151, node)
    name, columns = _target(context, node.this), _names(node.args.get("columns"))
    return Statement(ObjectKind.VIEW, name, f"CREATE VIEW {name} {columns}\nAS\n{rows.select};")


_MAKERS: Final[dict[type[exp.Expr], Callable[[QueryContext, exp.Expr], Statement]]] = {
    nodes.CreateTable: _create_table,
    nodes.CreateIndex: _create_index,
    nodes.AlterTable: _alter_table,
    nodes.DropObject: _drop,
    nodes.CreateQuery: _create_query,
}
