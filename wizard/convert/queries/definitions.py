"""Data definition to T-SQL, for a person to read: it is never run here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.expressions import translate_condition, translate_value
from wizard.convert.names import NameRegister, legal
from wizard.convert.queries import alter_column
from wizard.convert.queries.defined_tables import (
    DefinedTable,
    KnownColumn,
    check_key,
    constraint_name,
    defined_table,
    dropped_constraint,
    dropped_index,
    index_name,
    made_required,
    on_delete,
)
from wizard.convert.queries.query_context import Field, QueryContext, SelectRequest
from wizard.convert.queries.scope import QueryScope
from wizard.convert.queries.type_names import UNLIMITED, access_type, server_type
from wizard.convert.tree import SqlColumn, listed
from wizard.convert.typed_sql import ExpressionUse, Typed
from wizard.definitions import ColumnType
from wizard.objects import Name, ObjectKind, Statement, quote

_COUNTERS: Final = ("COUNTER", "AUTOINCREMENT", "IDENTITY")


class _ColumnScope(QueryScope):
    """Names in a default are columns of the table that is being made; SQL Server takes no sub-query there."""

    @property
    def use(self) -> ExpressionUse:
        """A default's."""
        return ExpressionUse.DEFAULT

    def column(self, node: exp.Column) -> Typed:
        return Typed(SqlColumn("", legal(node.name)), ColumnType.UNKNOWN)


class _CheckScope(_ColumnScope):
    """Likewise in a CHECK."""

    @property
    def use(self) -> ExpressionUse:
        """A rule's."""
        return ExpressionUse.CHECK


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
    constraints = node.args.get("constraints") or ()
    keyed = {legal(c.name) for k in constraints if k.args["kind"] == "PRIMARY KEY" for c in k.args["columns"]}
    columns = [_known_column(context, c, keyed) for c in node.args["columns"]]
    table = DefinedTable(node.this.name, name, {}).having(columns)
    items = [_column(context, c, table) for c in node.args["columns"]]
    items += [_constraint(context, c, table) for c in constraints]
    return Statement(ObjectKind.TABLE, name, f"CREATE TABLE {name} (\n{listed(items)}\n);")


def created_fields(columns: Iterable[exp.Expr]) -> tuple[Field, ...]:
    """The columns of CREATE TABLE."""
    found: list[Field] = []
    names = NameRegister()
    for column in columns:
        kind, length = access_type(column.args["kind"]) or (ColumnType.UNKNOWN, 0)
        nullable = kind is not ColumnType.BOOLEAN and not column.args.get("not_null")
        name, counter = column.this.name, column.args["kind"].args["this"] in _COUNTERS
        found.append(Field(name, names.take(legal(name)), kind, nullable, length, counter=counter))
    return tuple(found)


def _known_column(context: QueryContext, node: exp.Expr, keyed: Collection[str] = ()) -> KnownColumn:
    """A column of CREATE TABLE or ALTER TABLE; those in `keyed` are of the primary key."""
    made, kind = _known_type(context, node)
    name, truth = legal(node.this.name), kind is ColumnType.BOOLEAN
    nullable = not (node.args.get("not_null") or truth or name in keyed or _is_key(node))
    return KnownColumn(name, made, nullable, unlimited=kind in UNLIMITED)


def _is_key(node: exp.Expr) -> bool:
    return any(c.args["kind"] == "PRIMARY KEY" for c in node.args.get("constraints") or ())


def _column(context: QueryContext, node: exp.Expr, table: DefinedTable) -> str:
    kind, access = _known_type(context, node)
    truth = access is ColumnType.BOOLEAN
    default = _default(context, node.args.get("default")) or ("0" if truth else "")
    parts = (
        quote(legal(node.this.name)),
        kind,
        f"DEFAULT {default}" if default else "",
        "NOT NULL" if node.args.get("not_null") or truth else "",
        *[_constraint(context, c, table, legal(node.this.name)) for c in node.args.get("constraints") or ()],
    )
    return " ".join(p for p in parts if p)


def _known_type(context: QueryContext, node: exp.Expr) -> tuple[str, ColumnType]:
    """The column's type on the server and in Access. A Yes/No is No where nothing is said, and never NULL.

    Raises ConversionError (3150) where Access knows no such type.
    """
    kind = node.args["kind"]
    found = access_type(kind)
    if found is None:
        context.fail(3150, node, type=kind.args["this"])
    return _type(kind, *found), found[0]


def _type(name: exp.Expr, kind: ColumnType, length: int) -> str:
    sizes = name.args.get("sizes") or []
    if name.args["this"] in _COUNTERS:
        return f"int IDENTITY({', '.join([*sizes, '1', '1'][:2]) if len(sizes) != 1 else f'{sizes[0]}, 1'})"
    if kind is ColumnType.DECIMAL:
        return f"decimal({', '.join([*sizes, '0'][:2])})" if sizes else "decimal(18, 0)"
    if kind is ColumnType.BINARY and sizes:
        return f"varbinary({sizes[0]})"
    return server_type(kind, length)


def _constraint(
    context: QueryContext, node: exp.Expr, table: DefinedTable, column: str = "", *, added: bool = False
) -> str:
    """`column` is the one that the constraint of a column stands on; `added`: it is added to the table."""
    arg = node.args
    name = f"CONSTRAINT {quote(constraint_name(context, table, arg['name']))}" if arg.get("name") else ""
    kind = "" if arg["kind"] == "REFERENCES" else arg["kind"]
    if added and not kind:
        kind = "FOREIGN KEY"
    condition = arg.get("condition")
    check = f"({translate_condition(condition, _CheckScope(context))})" if condition else ""
    references = arg.get("references")
    columns = [legal(c.name) for c in arg.get("columns") or ()] or ([column] if column else [])
    if not check and kind != "NOT NULL":
        check_key(context, table, columns, node)
    if kind == "UNIQUE" and (nullable := table.nullable(columns)):
        context.note(3158, node, columns=", ".join(nullable))
    action = on_delete(context, table, columns, node, arg.get("on_delete"))
    parts = (
        name,
        kind,
        check,
        _names(arg.get("columns")) or (f"({quote(column)})" if added and not check else ""),
        f"REFERENCES {_target(context, references)}" if references else "",
        _names(arg.get("referenced_columns")),
        f"ON UPDATE {arg['on_update']}" if arg.get("on_update") else "",
        f"ON DELETE {action}" if action else "",
    )
    return " ".join(p for p in parts if p)


def _names(items: list[exp.Expr] | None) -> str:
    return f"({', '.join(quote(legal(i.name)) for i in items)})" if items else ""


def _create_index(context: QueryContext, node: exp.Expr) -> Statement:
    table = _target(context, node.args["table"])
    about = defined_table(context, table, node.args["table"].name)
    names = [legal(c.this.name) for c in node.args["columns"]]
    check_key(context, about, names, node)
    columns = [
        quote(n) + (" DESC" if c.args.get("desc") else "") for n, c in zip(names, node.args["columns"], strict=True)
    ]
    listing = ", ".join(columns)
    option = node.args.get("option")
    if option == "PRIMARY":
        name = constraint_name(context, about, node.this)
        sql = f"ALTER TABLE {table} ADD CONSTRAINT {quote(name)} PRIMARY KEY ({listing});"
        return Statement(
            ObjectKind.PRIMARY_KEY, table, "\n".join([*made_required(about, names), sql]), part=node.this.name
        )
    if option == "DISALLOW NULL":
        context.note(3153, node)
    unique = "UNIQUE " if node.args.get("unique") else ""
    wanted = option != "DISALLOW NULL" if unique else option == "IGNORE NULL" and len(names) == 1
    tests = [f"{quote(n)} IS NOT NULL" for n in about.nullable(names) if wanted]
    where = f"\nWHERE {' AND '.join(tests)}" if tests else ""
    sql = f"CREATE {unique}INDEX {quote(index_name(about, node.this))} ON {table} ({listing}){where};"
    return Statement(ObjectKind.INDEX, table, sql, part=node.this.name)


def _alter_table(context: QueryContext, node: exp.Expr) -> Statement:
    table, items, action = _target(context, node.this), node.args["items"], node.args["action"]
    about = defined_table(context, table, node.this.name)
    if node.args.get("constraint"):
        made = _added(context, items[0], about) if action == "ADD" else dropped_constraint(context, about, items[0])
        return Statement(ObjectKind.TABLE, table, made)
    if action == "DROP":
        return Statement(ObjectKind.TABLE, table, alter_column.dropping(table, [legal(i.name) for i in items]))
    about = about.having(_known_column(context, i) for i in items if isinstance(i, nodes.ColumnDefinition))
    if action == "ADD":
        lines = [f"ALTER TABLE {table} ADD {', '.join(_column(context, i, about) for i in items)};"]
    else:  # T-SQL alters one column a statement
        lines = [_altered(context, about, i, n) for n, i in enumerate(items, 1)]
    return Statement(ObjectKind.TABLE, table, "\n".join(lines))


def _added(context: QueryContext, node: exp.Expr, about: DefinedTable) -> str:
    """A constraint added to a table, behind what makes the columns of a primary key NOT NULL."""
    made = f"ALTER TABLE {about.name} ADD {_constraint(context, node, about)};"
    keyed = [legal(c.name) for c in node.args["columns"]] if node.args["kind"] == "PRIMARY KEY" else []
    return "\n".join([*made_required(about, keyed), made])


def _altered(context: QueryContext, about: DefinedTable, node: exp.Expr, number: int) -> str:
    table, column = about.name, legal(node.this.name)
    if isinstance(node, nodes.Default):
        found, value = alter_column.dropping_default(table, column, number), node.args.get("expression")
        return f"{found}\n{alter_column.adding_default(table, column, _default(context, value))}" if value else found
    if node.args["kind"].args["this"] in _COUNTERS:
        context.fail(3154, node, name=node.this.name)
    kind, access = _known_type(context, node)
    truth = access is ColumnType.BOOLEAN
    nullable = False if node.args.get("not_null") or truth or _is_key(node) else None
    change = alter_column.Change(column, kind, nullable, _default(context, node.args.get("default")))
    constraints = node.args.get("constraints") or ()
    added = [f"ALTER TABLE {table} ADD {_constraint(context, c, about, column, added=True)};" for c in constraints]
    return "\n".join([alter_column.changing(table, change, number), *added])


def _default(context: QueryContext, value: exp.Expr | None) -> str:
    return str(translate_value(value, _ColumnScope(context)).node) if value else ""


def _drop(context: QueryContext, node: exp.Expr) -> Statement:
    kind = node.args["kind"]
    name = _target(context, node.this)
    if kind == "INDEX":
        table = _target(context, node.args["table"])
        about = defined_table(context, table, node.args["table"].name)
        return Statement(ObjectKind.INDEX, table, dropped_index(context, about, node.this))
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
