"""UNION to T-SQL: one type a column, one ORDER BY at the end."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from wizard.convert.dialect import nodes, to_access
from wizard.convert.expression_types import common_type, mixed
from wizard.convert.functions.aggregates import NUMBERED
from wizard.convert.queries.grouping import note_long_texts
from wizard.convert.queries.query_context import (
    AS_WRITTEN,
    Field,
    QueryContext,
    QueryRows,
    SelectRequest,
    Sort,
    sorted_by,
)
from wizard.convert.queries.selects import select_rows
from wizard.convert.tree import SqlColumn, SqlNode, derived, lines, tsql, union
from wizard.convert.typed_sql import DATES, NULL_NODE, Typed
from wizard.definitions import ColumnType
from wizard.objects import quote


def query_rows(context: QueryContext, node: exp.Expr, request: SelectRequest = AS_WRITTEN) -> QueryRows:
    """Any query that gives rows. Raises ConversionError."""
    if isinstance(node, exp.Subquery):
        return query_rows(context, node.this, request)
    if isinstance(node, nodes.TableQuery):
        node = nodes.AccessSelect(expressions=[exp.Star()], sources=[node.this.copy()])
    if isinstance(node, exp.Union):
        return _union(context, node, request)
    if isinstance(node, nodes.AccessSelect):
        return select_rows(context, node, replace(request, typed_nulls=True))
    return context.fail(3121, node)


def ordered_rows(context: QueryContext, node: exp.Expr, request: SelectRequest = AS_WRITTEN) -> QueryRows:
    """The query of a statement in which ORDER BY may stand. Raises ConversionError."""
    if isinstance(node, nodes.AccessSelect):
        return select_rows(context, node, replace(request, keep_order=True))
    return query_rows(context, node, request)


def _union(context: QueryContext, node: exp.Union, request: SelectRequest) -> QueryRows:
    members, words = _union_members(node)

    def translate(types: tuple[ColumnType, ...]) -> list[QueryRows]:
        wanted = SelectRequest(request.parent, types, request.stores, member=True)
        return [query_rows(context, m, wanted) for m in members]

    made = translate(request.types)
    width = len(made[0].fields)
    for member, rows in zip(members, made, strict=True):
        if len(rows.fields) != width:
            context.fail(3122, member, first=width, other=len(rows.fields))
    columns = [tuple(Typed(NULL_NODE, r.fields[i].type) for r in made) for i in range(width)]
    kinds = tuple(common_type(column) for column in columns)
    kinds = tuple(ColumnType.TEXT if kind is ColumnType.UNKNOWN else kind for kind in kinds)
    if any(mixed(kind, column) for column, kind in zip(columns, kinds, strict=True)):
        context.note(3532, node, function="UNION", reason=NUMBERED)
    if "UNION" in words:
        note_long_texts(context, node, [Typed(NULL_NODE, kind) for kind in kinds])
    if not request.types and any(_differ(column, kind) for column, kind in zip(columns, kinds, strict=True)):
        made = translate(kinds)
    first, *others = (_member(context, m, r) for m, r in zip(members, made, strict=True))
    fields = tuple(_field(made, i, kind) for i, kind in enumerate(kinds))
    sorts = _sorting(context, node, fields)
    said = ", ".join(s.at(quote(s.by)).words if isinstance(s, Sort) else s for s in sorts)
    sorting = tuple(s for s in sorts if isinstance(s, Sort))
    unsortable = len(sorting) < len(sorts)
    select = union(first, list(zip(words, others, strict=True)))
    return QueryRows(select, fields, said, unsortable, () if unsortable else sorting)


def _union_members(node: exp.Union) -> tuple[list[exp.Expr], list[str]]:
    members: list[exp.Expr] = []
    words: list[str] = []
    left: exp.Expr = node
    while isinstance(left, exp.Union):
        members.append(left.expression)
        words.append("UNION" if left.args["distinct"] else "UNION ALL")
        left = left.this
    return [left, *reversed(members)], words[::-1]


def _member(context: QueryContext, member: exp.Expr, rows: QueryRows) -> SqlNode:
    """A member with TOP and ORDER BY, or a UNION within, must be a derived table."""
    inner = member.this if isinstance(member, exp.Subquery) else member
    if isinstance(inner, exp.Union) or (isinstance(inner, nodes.AccessSelect) and inner.args.get("top")):
        return lines("SELECT *", tsql("FROM {}", derived(rows.select, context.alias())))
    return rows.select


def _differ(column: tuple[Typed, ...], kind: ColumnType) -> bool:
    """Whether the server would make something else of them: it prefers numbers to text, and True is 1 to it.

    A number among dates is a day two days later there (datetime), or refused (datetime2, error 206).
    Two NULLs make a column of whole numbers there, before a third member is looked at.
    """
    texts = (ColumnType.TEXT, ColumnType.MEMO)
    if {v.type for v in column[:2]} == {ColumnType.UNKNOWN}:
        return True
    others = [v.type for v in column if v.type not in (kind, ColumnType.UNKNOWN)]
    apart = texts if kind in texts else DATES if kind in DATES else ()
    return any(t is ColumnType.BOOLEAN or (apart and t not in apart) for t in others)


def _field(made: list[QueryRows], index: int, kind: ColumnType) -> Field:
    first = made[0].fields[index]
    same = [rows.fields[index] for rows in made]
    lengths = [f.length for f in same]
    length = max(lengths) if all(lengths) else 0
    return Field(first.name, first.server_name, kind, any(f.nullable for f in same), length)


def _sorting(context: QueryContext, node: exp.Union, fields: tuple[Field, ...]) -> list[Sort[str] | str]:
    """What a UNION is sorted by: names or numbers of its output columns, else the words for it.

    Raises ConversionError (3118) for the number of none.
    """
    order = node.args.get("order")
    items: list[Sort[str] | str] = []
    for item in order.expressions if order else ():
        column = nodes.bare(item.this)
        found = None
        if isinstance(column, exp.Literal) and column.name.isdigit():
            if not 1 <= int(column.name) <= len(fields):
                context.fail(3118, column, position=column.name)
            found = fields[int(column.name) - 1]
        elif isinstance(column, exp.Column):
            found = next((f for f in fields if f.name.casefold() == column.name.casefold()), None)
        if found:
            value = Typed(SqlColumn("", found.server_name), found.type, nullable=False)
            sort = sorted_by(value, descending=bool(item.args.get("desc")))
            items.append(sort.at(found.server_name))
        else:
            items.append(to_access(item))
    return items
