"""TRANSFORM … PIVOT to conditional aggregation: a cell is its aggregate over the rows of its heading.

PIVOT of T-SQL would take one aggregate of one column and no row totals; Access takes any expression of aggregates.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.expressions import translate_value
from wizard.convert.interpreter import CellError, text_of
from wizard.convert.interpreter.crosstabs import NULL_HEADING
from wizard.convert.literals import read_number
from wizard.convert.names import LONGEST
from wizard.convert.queries.expression_names import aggregates
from wizard.convert.queries.first_last import CELL
from wizard.convert.queries.query_context import AS_WRITTEN, Parameter, QueryContext, QueryRows, SelectRequest
from wizard.convert.queries.scope import QueryScope
from wizard.convert.queries.selects import select_rows
from wizard.convert.queries.sources import read_sources
from wizard.convert.tree import (
    As,
    Clauses,
    SqlColumn,
    SqlNode,
    SqlSelect,
    Variable,
    aggregate,
    around,
    derived,
    lines,
    tsql,
    written_around,
)
from wizard.convert.typed_sql import DATES, NUMBERS, TEXTS, Typed
from wizard.definitions import ColumnType
from wizard.objects import literal
from wizard.settings import SqlVersion

HEADING: Final = "heading of a cell"
"""the prompt under which a procedure's cells know their heading"""
_CELL: Final = "cell of a heading"


def fixed_headings(tree: nodes.Transform) -> tuple[object, ...]:
    """The headings that the query itself lists, as Python values."""
    return tuple(_constant(node) for node in tree.args.get("headings") or ())


def crosstab_rows(context: QueryContext, tree: nodes.Transform, headings: Sequence[object]) -> QueryRows:
    """The crosstab with one column for each heading. Raises ConversionError."""
    kind = _pivot_type(context, tree)
    select = tree.args["query"].copy()
    for heading in dict.fromkeys(headings):
        shown = shown_heading(heading)
        if _is_none_of(heading, kind):
            context.note(3210, tree, text=shown)
        node = _cell(tree, _test(tree.args["pivot"], heading, kind))
        select.append("expressions", exp.Alias(this=node, alias=exp.to_identifier(shown, quoted=True)))
    return select_rows(context, select, SelectRequest(pivot=tree.args["pivot"]))


def shown_heading(value: object) -> str:
    """The name Access gives to the column of a value."""
    return NULL_HEADING if value is None else _text(value).replace(".", "_")


def _text(value: object) -> str:
    try:
        return text_of(value)
    except CellError:  # a value without a text
        return str(value)


def crosstab_procedure(context: QueryContext, tree: nodes.Transform) -> tuple[SqlNode, tuple[Parameter, ...]]:
    """The body of a procedure that finds the headings when it runs, and its parameters. Raises ConversionError."""
    pivot = exp.DPipe(this=exp.Paren(this=tree.args["pivot"].copy()), expression=exp.Literal.string(""))
    heading = context.add_parameter(HEADING, ColumnType.TEXT)
    test = exp.EQ(this=pivot, expression=exp.Column(this=exp.to_identifier(HEADING, quoted=True)))
    finder = tree.args["query"].copy()
    columns = {"heading": pivot, "value": tree.args["pivot"]}
    if _pivot_type(context, tree) not in NUMBERS | DATES:  # which sort otherwise than their text
        del columns["value"]
    named = [exp.Alias(this=n.copy(), alias=exp.to_identifier(c, quoted=True)) for c, n in columns.items()]
    finder.set("expressions", named)
    finder.set("distinct", exp.Distinct())
    for key in ("group", "having", "order"):
        finder.set(key, None)
    found = select_rows(context, finder, AS_WRITTEN)
    select = tree.args["query"].copy()
    select.append("expressions", exp.Alias(this=_cell(tree, test), alias=exp.to_identifier(_CELL, quoted=True)))
    sorted_by = "value" if "value" in columns else "heading"
    rows = select_rows(context, select, SelectRequest(keep_order=True, pivot=tree.args["pivot"]))
    assert isinstance(rows.select, SqlSelect)  # noqa: S101  # that of a crosstab has no DISTINCTROW
    before, cell, after = around(rows.select, len(rows.fields) - 1)
    cells, statement = context.variable("columns"), context.variable("statement")
    pieces = written_around(cell, Variable(heading.name))
    parameters = tuple(p for p in context.parameters if p is not heading)
    passed = "".join(f", {p.name}" for p in parameters)
    declared = f", {literal(', '.join(p.declaration for p in parameters))}" if parameters else ""
    headings = Clauses(
        (SqlColumn("", "heading"), As(aggregate("MIN({})", SqlColumn("", sorted_by)), "sorted")),
        derived(found.select, "found"),
        group=(SqlColumn("", "heading"),),
        into="#headings",
    )
    body = lines(
        tsql("{};", SqlSelect(headings)),
        f"DECLARE {cells} nvarchar(max) = COALESCE({_collected(pieces, context.task.target.version)}, N'');",
        f"DECLARE {statement} nvarchar(max) = {literal(str(before))} + {cells} + {literal(str(after))};",
        f"EXEC sys.sp_executesql {statement}{declared}{passed};",
    )
    return body, parameters


def _collected(pieces: Sequence[str], version: SqlVersion) -> str:
    """A cell for each heading, which stands between the pieces of its text.

    The server quotes the headings, which become constants of the statement, itself.
    """
    constant = "N'N''' + REPLACE([heading], N'''', N'''''') + N''''"
    cell = f" + {constant} + ".join(map(literal, pieces))
    shown = f"CASE [heading] WHEN N'' THEN N'{NULL_HEADING}' ELSE REPLACE([heading], N'.', N'_') END"
    name = f"QUOTENAME(CONVERT(nvarchar({LONGEST}), {shown}))"
    column = f"CONVERT(nvarchar(max), N',') + NCHAR(10) + N'    ' + {cell} + N' AS ' + {name}"
    if version is SqlVersion.V2016:  # which has no STRING_AGG
        rows = f"SELECT {column} FROM #headings ORDER BY [sorted] FOR XML PATH(N''), TYPE"
        return f"({rows}).value(N'.', N'nvarchar(max)')"
    listing = f"STRING_AGG({column}, N'') WITHIN GROUP (ORDER BY [sorted])"
    return f"(SELECT {listing} FROM #headings)"


def _cell(tree: nodes.Transform, test: exp.Expr) -> exp.Expr:
    """The value with every aggregate limited to the rows that pass the test; a count is empty where no row does."""
    value = tree.this.unalias().copy() if isinstance(tree.this, exp.Alias) else tree.this.copy()
    root = exp.Paren(this=value)
    for call in aggregates(root):
        if not call.expressions:
            continue  # translating it says what is missing
        argument = call.expressions[0]
        if isinstance(argument, exp.Star):
            argument = exp.Literal.number(1)
        cell = _limited(call.name, test, argument)
        if call.name.casefold() == "count":  # rows without a value are a count of 0
            empty = exp.EQ(this=_limited(call.name, test, exp.Literal.number(1)), expression=exp.Literal.number(0))
            cell = exp.Anonymous(this="IIf", expressions=[empty, exp.Null(), cell])
        call.replace(cell)
    made = root.this
    assert isinstance(made, exp.Expr)  # noqa: S101  # for the type checker
    return made


def _limited(name: str, test: exp.Expr, argument: exp.Expr) -> exp.Anonymous:
    """The aggregate over the rows that pass the test."""
    limited = exp.Anonymous(this="IIf", expressions=[test.copy(), argument.copy(), exp.Null()])
    limited.meta[CELL] = True
    return exp.Anonymous(this=name, expressions=[limited])


def _test(pivot: exp.Expr, heading: object, kind: ColumnType) -> exp.Expr:
    """Whether a row belongs to a heading."""
    left: exp.Expr = exp.Paren(this=pivot.copy())
    if heading is None or heading == NULL_HEADING:
        null = exp.Is(this=left, expression=exp.Null())
        if kind not in TEXTS:
            return null
        return exp.Or(this=null, expression=exp.EQ(this=left.copy(), expression=exp.Literal.string("")))
    if _is_none_of(heading, kind):  # headings are compared as text
        left = exp.DPipe(this=left, expression=exp.Literal.string(""))
    return exp.EQ(this=left, expression=_literal(heading, kind))


def _is_none_of(heading: object, kind: ColumnType) -> bool:
    """Whether a heading is a text that no value of the pivot's type has."""
    return kind in (*NUMBERS, ColumnType.BOOLEAN) and isinstance(heading, str) and not read_number(heading)


def _literal(heading: object, kind: ColumnType) -> exp.Expr:
    """The heading as a constant of the pivot's type: the lists in queries quote what they like."""
    if isinstance(heading, bool):
        return exp.Boolean(this=heading)
    if isinstance(heading, int | float | Decimal) and kind in (*NUMBERS, ColumnType.BOOLEAN):
        return exp.Literal.number(heading)
    if kind in (*NUMBERS, ColumnType.BOOLEAN):
        written = str(heading).strip()
        if read_number(written):
            return exp.Literal.number(Decimal(written))
    if hasattr(heading, "isoformat"):
        return nodes.DateLiteral(this=heading.isoformat())
    return exp.Literal.string(_text(heading))


def _constant(node: exp.Expr) -> object:
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, nodes.DateLiteral):
        return node.moment
    if isinstance(node, exp.Neg):
        inner = _constant(node.this)
        return -inner if isinstance(inner, int | Decimal) else inner
    if isinstance(node, exp.Literal) and not node.is_string:
        return int(node.name) if node.name.isdigit() else Decimal(node.name)
    return node.name


def _pivot_type(context: QueryContext, tree: nodes.Transform) -> ColumnType:
    sources = tree.args["query"].args.get("sources") or []
    _, bounds = read_sources(context, sources, None)
    value: Typed = translate_value(tree.args["pivot"], QueryScope(context, bounds))
    return value.type
