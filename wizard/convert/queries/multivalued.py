"""Columns with several values: alone in an output all values in one text, as Access's datasheets show them.

Their parts in the texts of domain functions are joined here, since those texts are no part of the query's tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from wizard.convert.draft import TableDraft
from wizard.convert.expression_types import as_text
from wizard.convert.queries.query_context import BoundSource, Field, QueryContext
from wizard.convert.tree import SqlColumn, SqlNode, aggregate, scalar, tsql
from wizard.convert.typed_sql import Typed
from wizard.definitions import AutoNumber, Column, ColumnType, ComplexKind, Table
from wizard.settings import SqlVersion

SEPARATOR: Final = ", "
PARTS: Final = {ComplexKind.ATTACHMENT: "FileName", ComplexKind.MULTI_VALUE: "Value"}
"""what of its values is shown"""


def ordering(values: Table, part: str) -> str:
    """The column of a table of values that has the order in which they were entered; else the values' own order."""
    return next((c.name for c in values.columns if c.auto is AutoNumber.INCREMENT), part)


@dataclass(frozen=True)
class JoinedValues:
    """A complex column's values as a source of their own, and how it is joined; `key`: what says whose they are."""

    bound: BoundSource
    join: SqlNode
    key: str


def joined_values(context: QueryContext, bound: BoundSource, column: Field, node: exp.Expr) -> JoinedValues:
    """Raises ConversionError (3109) where the table of values is not at hand."""
    _, values = _values_of(context, bound, column)
    relation = context.catalog.table(values.table.name) if values else None
    child = values.table.child_of if values else None
    key = relation.field(child.key) if relation and child else None
    if not (relation and key):
        context.fail(3109, node, name=column.name)
    alias = f"{bound.alias}.{column.name}"
    context.depends_on[relation.name] = None
    made = BoundSource(alias, relation, context.server_alias(alias), outer=True, hidden=True)
    source = context.catalog.source(context, relation, made.server_alias)
    condition = tsql("{} = {}", bound.column(column.server_name), made.column(key.server_name))
    return JoinedValues(made, tsql("    LEFT JOIN {}\n        ON {}", source, condition), key.name)


def _values_of(context: QueryContext, bound: BoundSource, found: Field) -> tuple[Column | None, TableDraft | None]:
    """The column and the table of its values, as far as they are known."""
    draft = context.catalog.drafts.get(bound.relation.label.casefold())
    column = draft.table.by_name.get(found.name.casefold()) if draft and draft.name == bound.relation.name else None
    values = context.catalog.drafts.get(column.child_table.casefold()) if column and column.child_table else None
    return column, values


def shown_values(context: QueryContext, bound: BoundSource, found: Field, node: exp.Expr) -> Typed:
    """The values in one text. Raises ConversionError (3109) where the table of values is not at hand."""
    column, values = _values_of(context, bound, found)
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
