"""SELECT … INTO to statements for a stored procedure."""

from __future__ import annotations

from sqlglot import exp

from wizard.convert.names import legal
from wizard.convert.queries.query_context import QueryContext, SelectRequest
from wizard.convert.queries.unions import ordered_rows
from wizard.convert.tree import SqlNode, lines, tsql
from wizard.definitions import ColumnType
from wizard.objects import Name, literal, quote


def make_table_sql(context: QueryContext, node: exp.Expr) -> SqlNode:
    """SELECT INTO: what is there under that name goes first, as Access has it; Yes/No is No where it gets no value.

    Raises ConversionError.
    """
    into = node.args["into"]
    if node.args.get("into_external") or into.args.get("db"):
        context.fail(3105, into, name=into.name, file=(node.args.get("into_external") or into.args["db"]).args["this"])
    draft = context.catalog.drafts.get(into.name.casefold())
    target = draft.name if draft else Name(context.task.schema, legal(into.name, temporary=True))
    rows = ordered_rows(context, node, SelectRequest(into=str(target)))
    context.made = rows.fields
    context.note(3137, into, name=into.name)
    there = SqlNode((f"IF OBJECT_ID({literal(str(target))}, N'U') IS NOT NULL",))
    truths = (f for f in rows.fields if f.type is ColumnType.BOOLEAN)
    defaults = [SqlNode((f"ALTER TABLE {target} ADD DEFAULT 0 FOR {quote(f.server_name)};",)) for f in truths]
    return lines(there, f"    DROP TABLE {target};", tsql("{};", rows.select), *defaults)
