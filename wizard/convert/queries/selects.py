"""SELECT to T-SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from sqlglot import exp

from wizard.convert.dialect import nodes, to_access
from wizard.convert.expression_types import as_type
from wizard.convert.expressions import translate_condition, translate_value
from wizard.convert.queries.distinct import made_distinct, row_key, sorted_after
from wizard.convert.queries.expression_names import ExpressionNumbers, GroupBy, aggregates
from wizard.convert.queries.first_last import CELL, NumberedRows, asks_for_edges
from wizard.convert.queries.functional_dependencies import FunctionalDependencies, ReadColumn
from wizard.convert.queries.grouping import note_long_texts, refuse_misplaced, ungrouped, within_subqueries
from wizard.convert.queries.multivalued import shown_values
from wizard.convert.queries.order_by import by_columns, by_nz, inherited, outside
from wizard.convert.queries.outputs import (
    OutputColumn,
    as_made,
    as_shown,
    expand,
    expressions,
    mark_outputs,
    origin,
    reads_one_table,
    typed_null,
    wanted_aliases,
)
from wizard.convert.queries.query_context import (
    Closure,
    QueryContext,
    QueryRows,
    SelectRequest,
    Sort,
    field_of,
    sorted_by,
)
from wizard.convert.queries.scope import QueryScope
from wizard.convert.queries.sources import CrossApply, read_sources
from wizard.convert.queries.storing import stored
from wizard.convert.tree import As, Clauses, Enclosed, SqlNode, SqlSelect, Volatility, aggregate, node_of, tsql
from wizard.convert.typed_sql import TEXTS, GroupEdge, Typed
from wizard.definitions import ColumnType

_LONGEST = 200_000
"""characters of one output that others repeat"""


def select_rows(context: QueryContext, node: nodes.AccessSelect, request: SelectRequest) -> QueryRows:
    """Translate a SELECT. Raises ConversionError."""
    return _Select(context, node, request).rows()


class _Select:
    def __init__(self, context: QueryContext, node: nodes.AccessSelect, request: SelectRequest) -> None:
        if external := node.args.get("external"):
            names = ", ".join(t.name for s in node.args.get("sources") or () for t in s.find_all(exp.Table))
            context.fail(3105, external, name=names, file=external.args["this"] or external.args.get("connect"))
        if node.args.get("into") and not request.into:  # of a UNION, a sub-query, an append query
            context.fail(3121, node)
        self.context, self.node, self.request = context, node, request
        parent, self.pivot = request.parent, request.pivot
        self.sources: list[exp.Expr] = node.args.get("sources") or []
        order = node.args.get("order")
        ordering = request.sortable or asks_for_edges((*node.expressions, node.args.get("having"), order))
        ordering = ordering or bool(node.args.get("top") and not order)
        self.source, bounds = read_sources(context, self.sources, parent, sortable=ordering)
        self.numbered = NumberedRows(bounds[0]) if len(bounds) == 1 and bounds[0].relation.order else None
        self.scope = QueryScope(context, bounds, parent)
        self.outputs = expand(context, node, self.scope)
        if (
            self.pivot is None
        ):  # headings of a crosstab may have the names of columns, but are no names in its expressions
            mark_outputs(context, self.scope, self.outputs)
        group = node.args.get("group")
        self.group: list[exp.Expr] = group.expressions if group else []
        having = node.args.get("having")
        self.aggregated = bool(self.group or having or any(aggregates(n) for n in (*expressions(self.outputs), order)))
        self.values: dict[str, Typed] = {}
        self.computing: list[str] = []
        self.partition: list[SqlNode] = []
        self.sorted: dict[SqlNode, exp.Expr | ReadColumn] = {}
        self.beside = CrossApply(context, {bound.server_alias for bound in bounds})
        self.grouped_beside = False
        self.essences = ExpressionNumbers(self.scope.meant)
        self.groups = GroupBy(self.essences)
        self.dependencies: dict[tuple[bool, bool], FunctionalDependencies] = {}
        self.with_aliases = QueryScope(
            context, bounds, parent, self.alias_value, self.lift, self.edge, own_names=self.beside.names
        )

    def rows(self) -> QueryRows:
        arg, request = self.node.args, self.request
        distinct = " DISTINCT" if arg.get("distinct") else ""
        where = arg.get("where")
        refuse_misplaced(self.scope, self.essences, self.node, self.outputs, self.group, aggregated=self.aggregated)
        group = self.partition = list(self.group_items())
        made = self.outputs_made(plain=bool(self.aggregated or distinct))
        if distinct:
            note_long_texts(self.context, self.node, made)
        condition = translate_condition(where.this, self.scope) if where else None
        having = translate_condition(arg["having"].this, self.with_aliases) if arg.get("having") else None
        order = self.order(made)
        group, made, having, order = self.found_again(group, made, having, order, sorts=bool(arg.get("top")))
        given = [] if order or self.aggregated or distinct else self.inherited()
        top = self.top(order, given)
        kept = bool(order) and (bool(top) or request.keep_order)
        whole = not (self.aggregated or distinct or arg.get("distinctrow"))
        fields = tuple(
            field_of(o.name, o.server_name, v, origin(self.scope, v) if whole else None)
            for o, v in zip(self.outputs, made, strict=True)
        )
        columns: list[SqlNode] = [As(v.node, o.server_name) for o, v in zip(self.outputs, made, strict=True)]
        by_row = arg.get("distinctrow") and not self.aggregated
        key = row_key(self.scope, self.node, self.outputs, order or given) if by_row else ()
        distinct = " DISTINCT" if key else distinct
        names = self.named(made)
        sorting, hidden = by_columns(order or given, names, more=self.request.sortable and not distinct)
        columns += [As(node, name) for node, name in hidden.items()]
        source = self.source
        if self.numbered and source:
            source, condition = self.numbered.numbered(source, condition)
        sorts = order if kept else given if top or request.keep_order else []
        clauses = Clauses(
            tuple(columns),
            source or self.nothing(),
            tuple(self.beside.applied),
            condition,
            tuple(group),
            having if having or group or not self.group else tsql("{} > 0", aggregate("COUNT(*)")),
            tuple(s.node for s in sorts if not key),
            head=distinct + top,
            into=request.into,
            sources=frozenset(self.beside.names),
        )
        select = SqlSelect(clauses)
        if key:
            select = made_distinct(clauses, [f.server_name for f in fields], key, sorts if top else (), top)
        if sorts and distinct and not key:
            select = self.sorted_distinct(clauses, top, sorts, made) or select
        said, unsortable = ("", False) if kept else outside(order, names)
        return QueryRows(
            select,
            fields,
            said,
            unsortable,
            sorting,
            self.closure(hidden),
            whole and reads_one_table(self.scope) and not self.beside.applied,
        )

    def outputs_made(self, *, plain: bool) -> list[Typed]:
        """The values of the output, of the types that are asked for. `plain`: rows are told apart by them."""
        request = self.request
        wanted = wanted_aliases(self.scope, self.outputs, self.node.args.get("order"))
        made = [self.output(o, wanted) for o in self.outputs]
        if not request.types:
            if request.into and not self.node.args.get("distinct"):
                made = [as_made(self.scope, v) for v in made]
            return made if request.member else [as_shown(v, plain=plain) for v in made]
        if request.stores:
            nodes_ = [self.node if o.node is None else o.node for o in self.outputs]
            made = [stored(v, k, n, self.scope) for v, k, n in zip(made, request.types, nodes_, strict=True)]
        else:
            made = [as_type(value, kind) for value, kind in zip(made, request.types, strict=True)]
        if request.typed_nulls:
            made = [typed_null(kind) if v.is_null else v for v, kind in zip(made, request.types, strict=True)]
        return made

    def sorted_distinct(
        self, clauses: Clauses, top: str, sorts: Sequence[Sort[SqlNode]], made: list[Typed]
    ) -> SqlSelect | None:
        """None where the SELECT may sort as it is. Raises ConversionError (3143) for what Access refuses."""
        names = [(v.node, o.server_name) for o, v in zip(self.outputs, made, strict=True)]
        found = {node for node, _ in names}
        if all(s.by in found and not s.negative and s.by.facts.volatility is not Volatility.ROW for s in sorts):
            return None
        select = sorted_after(clauses, top, sorts, names)
        if select is None and top:
            missing = [self.sorted[s.by] for s in sorts if s.by not in found]
            shown = ", ".join(to_access(n) if isinstance(n, exp.Expr) else n[1] for n in missing)
            self.context.fail(3143, self.node, order=shown)
        return select or SqlSelect(replace(clauses, order=()))

    def found_again(
        self,
        group: list[SqlNode],
        made: list[Typed],
        having: SqlNode | None,
        order: list[Sort[SqlNode]],
        *,
        sorts: bool,
    ) -> tuple[list[SqlNode], list[Typed], SqlNode | None, list[Sort[SqlNode]]]:
        """The clauses with what is grouped by computed beside the sources where a server would not find it again.

        `sorts`: whether ORDER BY stays. Raises ConversionError (3125) for a column that is not grouped by.
        """
        if not self.aggregated:
            return group, made, having, order
        used = [*(v.node for v in made), *([having] if having else []), *(s.by for s in order)]
        beside: dict[SqlNode, SqlNode] = {item: self.beside.once(item) for item in within_subqueries(used, group)}
        group = [beside.get(item, item) for item in group]
        self.sorted = {node.replaced(beside): read for node, read in self.sorted.items()}
        for tree in used if sorts or self.request.sortable else used[: len(used) - len(order)]:
            column = ungrouped(tree.replaced(beside), group, frozenset(self.beside.names))
            if column:
                self.context.fail(3125, self.node, name=f"{column.source}.{column.name}")
        return (
            group,
            [replace(v, node=v.node.replaced(beside)) for v in made],
            having and having.replaced(beside),
            [s.at(s.by.replaced(beside), s.said) for s in order],
        )

    def varies(self, node: SqlNode) -> bool:
        """Whether a value can differ from row to row: T-SQL neither groups nor sorts by parameters and constants."""
        return any(source in self.beside.names for source, _ in node.facts.columns)

    def named(self, made: list[Typed]) -> dict[SqlNode, str]:
        """The name in the output of each value there."""
        return {v.node: o.server_name for o, v in zip(self.outputs, made, strict=True)}

    def inherited(self) -> list[Sort[SqlNode]]:
        """The order of the one source: rows come in it where nothing else is said."""
        if len(self.scope.sources) != 1:
            return []
        bound = self.scope.sources[0]
        self.sorted |= {bound.column(s.by): (bound.alias.casefold(), s.by) for s in bound.relation.order}
        return inherited(bound)

    def nothing(self) -> SqlNode | None:
        """Without FROM, what is applied needs a row to be applied to."""
        return node_of("(SELECT 1 AS [one]) AS [nothing]") if self.beside.applied else None

    def output(self, output: OutputColumn, wanted: set[str]) -> Typed:
        bare = output.node.unnest() if output.node is not None else None
        several = self.scope.find(bare) if isinstance(bare, exp.Column) else None
        if bare is not None and several and several[1].type is ColumnType.COMPLEX and not self.one_value:
            return shown_values(self.context, *several, bare)
        if output.read and (output.node is None or isinstance(output.node, exp.Column)):
            bound, found = output.read
            return self.scope.column(output.node) if output.node is not None else bound.typed(found)
        assert output.node is not None  # noqa: S101  # expand gives either what is read or an expression
        if output.alias and output.name.casefold() in wanted:
            value = self.alias_value(output.name, output.node)
            if value:
                return value
        return translate_value(output.node, self.with_aliases)

    @property
    def one_value(self) -> bool:
        """Whether rows are grouped or made distinct by their values, which Access refuses for columns with several."""
        return self.aggregated or bool(self.node.args.get("distinct"))

    def alias_value(self, name: str, node: exp.Expr) -> Typed | None:
        """Another output column as a value: computed once beside the sources; within aggregates its text again."""
        folded = name.casefold()
        output = next((o for o in self.outputs if o.alias and o.name.casefold() == folded), None)
        if output is None or output.node is None:
            return None
        if folded in self.values:
            return self.values[folded]
        if folded in self.computing:
            self.context.fail(3117, node, name=name)
        self.computing.append(folded)
        value = translate_value(output.node, self.with_aliases)
        self.computing.pop()
        if self.aggregated:
            if value.node.size > _LONGEST:
                self.context.fail(3007, node, limit=_LONGEST)
            value = replace(value, node=Enclosed(value.node))
        elif value.constant is None:
            value = replace(value, node=self.beside.column(value.node, output.server_name))
        self.values[folded] = value
        return value

    def group_items(self) -> Iterator[SqlNode]:
        """What to group by, which is known from now on wherever it is used again."""
        for node in self.group:
            value = self.group_item(node)
            if value:
                note_long_texts(self.context, node, (value,))
                self.groups.add(node, value)
                yield value.node
        self.with_aliases.groups = self.groups if self.groups.any else None

    def group_item(self, node: exp.Expr) -> Typed | None:
        """A value to group by. A constant groups nothing and T-SQL forbids it; a sub-query must be computed beside."""
        value = translate_value(node, self.scope)
        facts = value.node.facts
        beside = facts.subquery or facts.volatility is Volatility.ROW
        if value.constant is not None or not (beside or self.varies(value.node)):
            return None
        if not beside:
            return value
        self.grouped_beside = True
        return replace(value, node=self.beside.once(value.node))

    def dependencies_of(self, group: Sequence[exp.Expr], given: Iterable[ReadColumn] = ()) -> FunctionalDependencies:
        where = self.node.args.get("where")
        return FunctionalDependencies(self.scope, group, self.sources, where and where.this, given)

    def edge(self, node: exp.Expr, last: bool) -> GroupEdge:
        """See `wizard.convert.queries.first_last`."""
        cell = self.pivot is not None and bool(node.meta.get(CELL))
        value = node.expressions[1] if cell else node
        if self.dependencies_in(cell, ordered=False).covers(value):
            return GroupEdge(any=True)
        group = [*self.partition, *(self.partition_of_cells if cell else ())]
        if self.numbered is None or self.grouped_beside:  # whose values are not there yet
            return GroupEdge()
        if not self.dependencies_in(cell, ordered=True).covers(value):
            order = ", ".join(s.words for s in self.numbered.bound.relation.order)
            self.context.note(3128, node, function="Last" if last else "First", order=order)
        return GroupEdge(self.numbered.number(group, last=last))

    @cached_property
    def partition_of_cells(self) -> tuple[SqlNode, ...]:
        pivot = self.group_item(self.pivot) if self.pivot else None
        return (pivot.node,) if pivot else ()

    def dependencies_in(self, cell: bool, *, ordered: bool) -> FunctionalDependencies:
        """What rows of a group (of a crosstab's cell) agree in; `ordered`: those that tie in the source's order."""
        if (cell, ordered) not in self.dependencies:
            group = [*self.group, *([self.pivot] if cell and self.pivot else [])]
            bound = self.numbered.bound if self.numbered and ordered else None
            given = [(bound.alias.casefold(), s.by) for s in bound.relation.order] if bound else []
            self.dependencies[cell, ordered] = self.dependencies_of(group, given)
        return self.dependencies[cell, ordered]

    def closure(self, hidden: dict[SqlNode, str]) -> Closure:
        """What those that read the rows may take as determined by columns of the output, hidden ones included."""
        named = [(o.server_name, n) for o, n in zip(self.outputs, expressions(self.outputs), strict=True) if n]
        behind = {name: self.sorted[node] for node, name in hidden.items()}

        def found(given: frozenset[str]) -> frozenset[str]:
            more = [behind[name] for name in given if name in behind]
            group = [n for name, n in named if name in given] + [n for n in more if isinstance(n, exp.Expr)]
            known = self.dependencies_of(group, [n for n in more if isinstance(n, tuple)])
            if self.aggregated and all(known.covers(n) for n in self.group):
                return given | {name for name, _ in named}
            return given | {name for name, n in named if not aggregates(n) and known.covers(n)}

        return found

    def lift(self, value: Typed) -> Typed:
        """What T-SQL lets no aggregate be over (a sub-query, a query around's column), computed beside the sources."""
        return replace(value, node=self.beside.once(value.node))

    def order(self, made: list[Typed]) -> list[Sort[SqlNode]]:
        """What to sort by, each thing once."""
        order = self.node.args.get("order")
        items: dict[SqlNode, Sort[SqlNode]] = {}
        for item in order.expressions if order else ():
            number = nodes.bare(item.this)
            if isinstance(number, exp.Literal) and not number.is_string and number.name.isdigit():
                if not 1 <= int(number.name) <= len(made):
                    self.context.fail(3118, number, position=number.name)
                value = made[int(number.name) - 1]
            else:
                value = translate_value(number, self.with_aliases)
            if value.type not in TEXTS and by_nz(number, self.outputs):
                self.context.note(3547, number)
            if value.constant is None and self.sorts(value.node):
                sort = sorted_by(value, descending=bool(item.args.get("desc")))
                items.setdefault(value.node, sort)
                self.sorted.setdefault(sort.by, number)
        return list(items.values())

    def sorts(self, node: SqlNode) -> bool:
        """Whether to sort by a value does anything: it varies, or nobody knows."""
        facts = node.facts
        random = facts.volatility is Volatility.ROW
        return self.varies(node) or facts.subquery or facts.aggregate or random

    def top(self, order: Sequence[Sort[SqlNode]], inherited: Sequence[Sort[SqlNode]]) -> str:
        """TOP, which in Access gives all rows that tie with the last in what ORDER BY says."""
        top = self.node.args.get("top")
        if not top:
            return ""
        percent = " PERCENT" if top.args.get("percent") else ""
        if not order and inherited:
            self.context.note(3127, top, order=", ".join(s.words for s in inherited))
        elif not order:
            self.context.note(3119, top)
        return f" TOP ({top.this.name}){percent}{' WITH TIES' if order else ''}"
