"""What INSERT and UPDATE leave of a value in a column, and of rows in a table, and what is told of it."""

from __future__ import annotations

from collections.abc import Container

from sqlglot import exp

from wizard.convert.draft import TableDraft
from wizard.convert.expression_types import as_type
from wizard.convert.functions.registry import note_date_text
from wizard.convert.literals import FALSE
from wizard.convert.queries.query_context import Field, QueryContext
from wizard.convert.told import note_faults
from wizard.convert.tree import SqlColumn, coalesced
from wizard.convert.typed_sql import DATES, INTEGERS, TEXTS, NameScope, Typed
from wizard.definitions import ColumnType


def stored(value: Typed, kind: ColumnType, node: exp.Expr, scope: NameScope) -> Typed:
    """The value as Access puts it into a column: rounded where T-SQL cuts, a condition as -1, NULL for Yes/No as No."""
    made = as_type(value, kind)
    note_faults(made.node, node, scope)
    if kind in DATES:
        note_date_text(value, made, node, scope)
    same = value.type in INTEGERS or (value.type is kind and isinstance(value.node, SqlColumn))
    if kind is ColumnType.DECIMAL and value.constant is None and not same:
        scope.note(3552, node)
    if kind is not ColumnType.BOOLEAN or not made.nullable:
        return made
    return FALSE if made.is_null else Typed(coalesced(made, FALSE), kind, nullable=False)


def note_cut(value: Typed | Field, column: Field, node: exp.Expr, context: QueryContext) -> None:
    """Note text that may be longer than a column: Access cuts it, and says nothing.

    Source: Viescas and Conrad, "Microsoft Access 2010 Inside Out", "Troubleshooting action queries".
    """
    if column.type is not ColumnType.TEXT or not column.length:
        return
    known = value.constant if isinstance(value, Typed) else None
    length = len(known) if isinstance(known, str) else value.length
    endless = value.type is ColumnType.MEMO and not length
    if endless or (value.type in TEXTS and length > column.length):
        context.note(3202, node, column=column.name, length=column.length)


def note_duplicates(draft: TableDraft, written: Container[str], node: exp.Expr, context: QueryContext) -> None:
    """Note that a key may refuse rows of a query, which need not look for those that are there.

    Source: Microsoft's article Q293823, "How to configure ADO to ignore duplicates during a bulk insert": DAO does.
    """
    if any(t.name.casefold() == draft.table.name.casefold() for t in node.args["query"].find_all(exp.Table)):
        return
    for index in draft.table.indexes:
        columns = [draft.column(c.name) for c in index.columns]
        if (index.unique or index.primary) and all(c and c.name in written for c in columns):
            names = ", ".join(c.name for c in index.columns)
            context.note(3201, node, table=draft.table.name, columns=names)
            return
