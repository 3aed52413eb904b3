"""Data definition to T-SQL, for a person to read: it is never run here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlglot import exp

from wizard.convert.create import text
from wizard.convert.dialect import nodes
from wizard.convert.expressions import translate_condition, translate_value
from wizard.convert.names import Names, legal
from wizard.convert.queries.scope import QueryScope
from wizard.convert.queries.typenames import access_type, server_type
from wizard.convert.queries.work import Field, Work
from wizard.convert.tree import Column, listed
from wizard.convert.typed import Typed
from wizard.definitions import ColumnType
from wizard.objects import Name, ObjectKind, Statement, quote

_COUNTERS: Final = ("COUNTER", "AUTOINCREMENT", "IDENTITY")


class _ColumnScope(QueryScope):
    """Names in a CHECK are columns of the table that is being made."""

    def column(self, node: exp.Column) -> Typed:
        return Typed(Column("", legal(node.name)), ColumnType.UNKNOWN)


def definition_statement(work: Work, node: exp.Expr) -> Statement:
    """The statement in T-SQL. Raises ConversionError for what has no counterpart."""
    made = _MAKERS.get(type(node))
    if made is None:
        work.fail(3151, node)
    return made(work, node)


def _target(work: Work, table: exp.Expr) -> Name:
    if table.args.get("db"):
        work.fail(3105, table, name=table.name, file=table.args["db"].name)
    draft = work.catalog.drafts.get(table.name.casefold())
    return draft.name if draft else Name(work.task.schema, legal(table.name, temporary=True))


def _create_table(work: Work, node: exp.Expr) -> Statement:
    name = _target(work, node.this)
    if node.args.get("temporary"):
        work.tell(3152, node)
    items = [_column(work, c) for c in node.args["columns"]]
    items += [_constraint(work, c) for c in node.args.get("constraints") or ()]
    return Statement(ObjectKind.TABLE, name, f"CREATE TABLE {name} (\n{listed(items)}\n);")


def created_fields(columns: Iterable[exp.Expr]) -> tuple[Field, ...]:
    """The columns of CREATE TABLE."""
    found: list[Field] = []
    names = Names()
    for column in columns:
        kind, length = access_type(column.args["kind"]) or (ColumnType.UNKNOWN, 0)
        nullable = kind is not ColumnType.BOOLEAN and not column.args.get("not_null")
        found.append(Field(column.this.name, names.take(legal(column.this.name)), kind, nullable, length))
    return tuple(found)


def _column(work: Work, node: exp.Expr, *, altered: bool = False) -> str:
    """A column's definition; that of an altered one has no default, which T-SQL sets by a statement of its own."""
    kind = node.args["kind"]
    found = access_type(kind)
    if found is None:
        work.fail(3150, node, type=kind.args["this"])
    truth = found[0] is ColumnType.BOOLEAN  # Access's Yes/No is No where nothing is said, and never NULL
    value = _default(work, node) or ("0" if truth else "")
    parts = (
        quote(legal(node.this.name)),
        _type(kind, *found),
        f"DEFAULT {value}" if value and not altered else "",
        "NOT NULL" if node.args.get("not_null") or truth else "",
        *[_constraint(work, c) for c in node.args.get("constraints") or ()],
    )
    return " ".join(p for p in parts if p)


def _default(work: Work, node: exp.Expr) -> str:
    default = node.args.get("default")
    return str(translate_value(default, _ColumnScope(work)).node) if default else ""


def _type(name: exp.Expr, kind: ColumnType, length: int) -> str:
    sizes = [s.strip() for s in (name.args.get("sizes") or "").split(",") if s.strip()]
    if name.args["this"] in _COUNTERS:
        return f"int IDENTITY({', '.join([*sizes, '1', '1'][:2]) if len(sizes) != 1 else f'{sizes[0]}, 1'})"
    if kind is ColumnType.DECIMAL:
        return f"decimal({', '.join([*sizes, '0'][:2])})" if sizes else "decimal(18, 0)"
    if kind is ColumnType.BINARY and sizes:
        return f"varbinary({sizes[0]})"
    return server_type(kind, length)


def _constraint(work: Work, node: exp.Expr) -> str:
    arg = node.args
    name = f"CONSTRAINT {quote(legal(arg['name'].name))}" if arg.get("name") else ""
    kind = "" if arg["kind"] == "REFERENCES" else arg["kind"]
    condition = arg.get("condition")
    check = f"({translate_condition(condition, _ColumnScope(work))})" if condition else ""
    references = arg.get("references")
    parts = (
        name,
        kind,
        check,
        _names(arg.get("columns")),
        f"REFERENCES {_target(work, references)}" if references else "",
        _names(arg.get("referenced_columns")),
        f"ON UPDATE {arg['on_update']}" if arg.get("on_update") else "",
        f"ON DELETE {arg['on_delete']}" if arg.get("on_delete") else "",
    )
    return " ".join(p for p in parts if p)


def _names(items: list[exp.Expr] | None) -> str:
    return f"({', '.join(quote(legal(i.name)) for i in items)})" if items else ""


def _create_index(work: Work, node: exp.Expr) -> Statement:
    table = _target(work, node.args["table"])
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
        work.tell(3153, node)
    unique = "UNIQUE " if node.args.get("unique") else ""
    return Statement(
        ObjectKind.INDEX, table, f"CREATE {unique}INDEX {name} ON {table} ({listing}){where};", part=node.this.name
    )


def _alter_table(work: Work, node: exp.Expr) -> Statement:
    table, items, action = _target(work, node.this), node.args["items"], node.args["action"]
    if node.args.get("constraint"):
        text = _constraint(work, items[0]) if action == "ADD" else f"CONSTRAINT {quote(legal(items[0].name))}"
        return Statement(ObjectKind.TABLE, table, f"ALTER TABLE {table} {action} {text};")
    if action == "ADD":
        lines = [f"ALTER TABLE {table} ADD {', '.join(_column(work, i) for i in items)};"]
    elif action == "DROP":
        lines = [f"ALTER TABLE {table} DROP COLUMN {', '.join(quote(legal(i.name)) for i in items)};"]
    else:  # T-SQL alters one column a statement
        lines = [_altered(work, table, i) for i in items]
    return Statement(ObjectKind.TABLE, table, "\n".join(lines))


def _altered(work: Work, table: Name, node: exp.Expr) -> str:
    column, altered, value = legal(node.this.name), "", node.args.get("expression")
    wanted = str(translate_value(value, _ColumnScope(work)).node) if value else ""
    if not isinstance(node, nodes.Default):
        altered, wanted = f"ALTER TABLE {table} ALTER COLUMN {_column(work, node, altered=True)};", _default(work, node)
        if not wanted:
            return altered
        altered = f"\n{altered}"
    found = (
        "DECLARE @default nvarchar(300) = (SELECT QUOTENAME(d.name) FROM sys.default_constraints AS d\n"
        f"    WHERE d.parent_object_id = OBJECT_ID({text(str(table))})\n"
        f"        AND d.parent_column_id = COLUMNPROPERTY(d.parent_object_id, {text(column)}, 'ColumnId'));\n"
        f"IF @default IS NOT NULL EXEC ({text(f'ALTER TABLE {table} DROP CONSTRAINT ')} + @default);"
    )
    return found + altered + (f"\nALTER TABLE {table} ADD DEFAULT {wanted} FOR {quote(column)};" if wanted else "")


def _drop(work: Work, node: exp.Expr) -> Statement:
    kind = node.args["kind"]
    name = _target(work, node.this)
    if kind == "INDEX":
        table = _target(work, node.args["table"])
        return Statement(ObjectKind.INDEX, table, f"DROP INDEX {quote(legal(node.this.name))} ON {table};")
    return Statement(ObjectKind[kind], name, f"DROP {kind} {name};")


def _create_query(work: Work, node: exp.Expr) -> Statement:
    query = node.args["query"]
    if node.args["kind"] != "VIEW" or not isinstance(query, exp.Query):
        work.fail(3151, node)
    rows = work.rows(work, query, QueryScope(work), False)
    name, columns = _target(work, node.this), _names(node.args.get("columns"))
    return Statement(ObjectKind.VIEW, name, f"CREATE VIEW {name} {columns}\nAS\n{rows.select};")


_MAKERS: Final[dict[type[exp.Expr], Callable[[Work, exp.Expr], Statement]]] = {
    nodes.CreateTable: _create_table,
    nodes.CreateIndex: _create_index,
    nodes.AlterTable: _alter_table,
    nodes.DropObject: _drop,
    nodes.CreateQuery: _create_query,
}
