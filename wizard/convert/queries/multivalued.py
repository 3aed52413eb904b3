"""A column with several values alone in an output: all its values in one text, as Access's datasheets show them."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from wizard.convert.queries.query_context import BoundSource, Field, QueryContext
from wizard.convert.tree import SqlColumn, SqlNode, aggregate, scalar, tsql
from wizard.convert.typed_sql import Typed
from wizard.convert.values import as_text
from wizard.definitions import AutoNumber, ColumnType, ComplexKind, Table
from wizard.settings import SqlVersion

SEPARATOR: Final = ", "
PARTS: Final = {ComplexKind.ATTACHMENT: "FileName", ComplexKind.MULTI_VALUE: "Value"}
"""what of its values is shown"""


def ordering(values: Table, part: str) -> str:
    """The column of a table of values that tells in which order they were entered; else the values' own order."""
    return next((c.name for c in values.columns if c.auto is AutoNumber.INCREMENT), part)


def shown_values(context: QueryContext, bound: BoundSource, found: Field, node: exp.Expr) -> Typed:
    """The values in one text. Raises ConversionError (3109) where the table of values is not at hand."""
    draft = context.catalog.drafts.get(bound.relation.label.casefold())
    column = draft.table.by_name.get(found.name.casefold()) if draft and draft.name == bound.relation.name else None
    values = context.catalog.drafts.get(column.child_table.casefold()) if column and column.child_table else None
    relation = context.catalog.table(values.table.name) if values else None
    part = PARTS.get(column.complex_kind) if column and column.complex_kind else None
    shown = relation.field(part) if relation and part else None
    child = values.table.child_of if values else None
    key = relation.field(child.key) if relation and child else None
    if not (values and relation and shown and key):
        context.fail(3109, node, name=found.name)
    context.note(3144, node, name=found.name, part=shown.name)
    context.depends_on[relation.name] = None
    alias = context.server_alias(f"{bound.alias}.{found.name}")
    text = as_text(Typed(SqlColumn(alias, shown.server_name), shown.type, shown.nullable, shown.length))
    by = relation.field(ordering(values.table, shown.name)) or shown
    order, same = SqlColumn(alias, by.server_name), SqlColumn(alias, key.server_name)
    source = tsql("{} AS {}", str(relation.name), SqlColumn("", alias))
    condition = tsql("{} = {}", same, bound.column(found.server_name))
    made = _collected(context.task.target.version, text.node, source, condition, order)
    return Typed(made, ColumnType.MEMO)


def _collected(version: SqlVersion, text: SqlNode, source: SqlNode, condition: SqlNode, order: SqlNode) -> SqlNode:
    if version is SqlVersion.V2016:  # which has no STRING_AGG
        rows = "(SELECT N', ' + {} FROM {} WHERE {} ORDER BY {} FOR XML PATH(N''), TYPE)"
        pieces = scalar(rows, text, source, condition, order)
        return tsql("STUFF({}.value(N'.', N'nvarchar(max)'), 1, 2, N'')", pieces)
    listing = aggregate("STRING_AGG(CONVERT(nvarchar(max), {}), N', ') WITHIN GROUP (ORDER BY {})", text, order)
    return scalar("(SELECT {} FROM {} WHERE {})", listing, source, condition)
