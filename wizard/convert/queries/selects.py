"""SELECT to T-SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.expressions import translate_condition, translate_value
from wizard.convert.names import Names
from wizard.convert.queries.agreement import Agreement, Read
from wizard.convert.queries.edges import CELL, NumberedRows, asks_for_edges
from wizard.convert.queries.grouping import check_grouped, refuse_aggregates
from wizard.convert.queries.outputs import Output, aggregates, expand, mark_outputs, own_columns
from wizard.convert.queries.scope import Bound, QueryScope
from wizard.convert.queries.sources import read_sources
from wizard.convert.queries.typenames import server_type
from wizard.convert.queries.work import Agreeing, Field, Rows, Sort, Work, field_of, sorted_by
from wizard.convert.tree import (
    As,
    Clauses,
    Column,
    Enclosed,
    Node,
    Select,
    Volatility,
    aggregate,
    applied,
    derived,
    node_of,
    tsql,
)
from wizard.convert.typed import Edge, Typed
from wizard.convert.values import as_type
from wizard.definitions import ColumnType
from wizard.objects import quote

_LONGEST = 200_000
"""characters of one output that others repeat"""


def select_rows(
    work: Work,
    node: nodes.AccessSelect,
    parent: QueryScope | None = None,
    *,
    into: str = "",
    keep_order: bool = False,
    types: Sequence[ColumnType] = (),
    typed_nulls: bool = False,
    sortable: bool = False,
    pivot: exp.Expr | None = None,
) -> Rows:
    """Translate a SELECT; `into` names a table to make; `types` are those that a UNION wants of its columns.

    `typed_nulls`: a NULL is one of its type. `keep_order` is for statements in which ORDER BY may stand without TOP;
    `sortable` gives what it sorts by as columns; `pivot` is what a crosstab's headings come from.
    Raises ConversionError.
    """
    return _Select(work, node, parent, pivot, sortable=sortable).rows(
        into, types, typed_nulls=typed_nulls, keep_order=keep_order
    )


class _Select:
    def __init__(
        self, work: Work, node: nodes.AccessSelect, parent: QueryScope | None, pivot: exp.Expr | None, *, sortable: bool
    ) -> None:
        if node.args.get("external"):
            work.fail(3105, node.args["external"], name="FROM", file=node.args["external"].args["this"])
        self.work = work
        self.node = node
        self.pivot = pivot
        self.sortable = sortable
        self.sources: list[exp.Expr] = node.args.get("sources") or []
        order = node.args.get("order")
        ordering = sortable or asks_for_edges((*node.expressions, node.args.get("having"), order))
        ordering = ordering or bool(node.args.get("top") and not order)
        self.source, bounds = read_sources(work, self.sources, parent, sortable=ordering)
        self.numbered = NumberedRows(bounds[0]) if len(bounds) == 1 and bounds[0].relation.order else None
        self.scope = QueryScope(work, bounds, parent)
        self.outputs = expand(work, node, self.scope)
        if pivot is None:  # headings of a crosstab may have the names of columns, but are no names in its expressions
            mark_outputs(work, self.scope, self.outputs)
        group = node.args.get("group")
        self.group: list[exp.Expr] = group.expressions if group else []
        having = node.args.get("having")
        self.aggregated = bool(self.group or having or any(aggregates(n) for n in (*self.output_nodes(), order)))
        self.values: dict[str, Typed] = {}
        self.computing: list[str] = []
        self.partition: list[Node] = []
        self.sorted: dict[Node, exp.Expr | Read] = {}
        self.applied: list[Node] = []
        self.own = {bound.alias for bound in bounds}
        self.grouped: dict[Node, Node] = {}
        self.lifted: dict[Node, Node] = {}
        self.agreements: dict[tuple[bool, bool], Agreement] = {}
        self.with_aliases = QueryScope(work, bounds, parent, self.alias_value, self.lift, self.edge)

    def rows(self, into: str, types: Sequence[ColumnType], *, typed_nulls: bool, keep_order: bool) -> Rows:
        arg, work = self.node.args, self.work
        wanted = self.wanted_aliases()
        distinct = " DISTINCT" if arg.get("distinct") else ""
        where = arg.get("where")
        refuse_aggregates(work, "WHERE", [where and where.this])
        refuse_aggregates(work, "GROUP BY", self.group)
        self.refuse_nested_aggregates()
        if self.aggregated:
            order = self.node.args.get("order")
            sorted_nodes = [o.this for o in order.expressions] if order and arg.get("top") else []
            check_grouped(self.scope, self.group, [*self.output_nodes(), arg.get("having"), *sorted_nodes])
        group = self.partition = [item for item in map(self.group_item, self.group) if item]
        made = [self.output(o, wanted) for o in self.outputs]
        made = [replace(v, node=self.grouped.get(v.node, v.node)) for v in made]
        if types:
            made = [as_type(value, kind) for value, kind in zip(made, types, strict=True)]
        if types and typed_nulls:
            made = [_typed_null(v, kind) if v.is_null else v for v, kind in zip(made, types, strict=True)]
        condition = translate_condition(where.this, self.scope) if where else None
        having = translate_condition(arg["having"].this, self.with_aliases) if arg.get("having") else None
        order = self.order(made)
        inherited = [] if order or self.aggregated or distinct else self.inherited()
        top = self.top(order, inherited)
        kept = bool(order) and (bool(top) or keep_order)
        fields = tuple(field_of(o.name, o.server_name, v) for o, v in zip(self.outputs, made, strict=True))
        columns: list[Node] = [As(v.node, o.server_name) for o, v in zip(self.outputs, made, strict=True)]
        key = self.distinctrow_key() if arg.get("distinctrow") else ()
        if key:
            columns, distinct = [*columns, *key], " DISTINCT"
        sorting, hidden = self.sorting(order or inherited, made, more=self.sortable and not distinct)
        columns += [As(node, name) for node, name in hidden.items()]
        source = self.source
        if self.numbered and source:
            source, condition = self.numbered.numbered(source, condition)
        sorts = order if kept else inherited if top or keep_order else []
        if self.group and not group and having is None:
            having = tsql("{} > 0", aggregate("COUNT(*)"))
        clauses = Clauses(
            tuple(columns),
            source or self.nothing(),
            tuple(self.applied),
            condition,
            tuple(group),
            having,
            tuple(s.node for s in sorts if not key),
            head=distinct + top,
            into=into if not key else "",
            sources=frozenset(self.own),
        )
        select = self.without_key(clauses, fields, into) if key else Select(clauses)
        said, unsortable = ("", False) if kept else self.outer_order(order, made)
        return Rows(select, fields, said, unsortable, sorting, self.agreeing(hidden))

    def refuse_nested_aggregates(self) -> None:
        """An aggregate of an aggregate, be it by the name of an output column. Raises ConversionError (3106)."""
        given = {o.name.casefold(): o.node for o in self.outputs if o.alias}
        for node in (*self.output_nodes(), self.node.args.get("having"), self.node.args.get("order")):
            for call in aggregates(node):
                inner = list(call.expressions)
                named = (given.get(c.name.casefold()) for a in inner for c in own_columns(a) if not self.scope.find(c))
                refuse_aggregates(self.work, f"{call.name}(…)", [*inner, *named])

    def varies(self, node: Node) -> bool:
        """Whether a value can differ from row to row: T-SQL neither groups nor sorts by parameters and constants."""
        return any(source in self.own for source, _ in node.facts.columns)

    def outer_order(self, order: Sequence[Sort[Node]], made: list[Typed]) -> tuple[str, bool]:
        """What to sort by, as those can say it who read the rows; and whether it is not all in the output."""
        names = self.named(made)
        said = ", ".join(s.at(quote(names[s.by])).words if s.by in names else s.words for s in order)
        return said, any(s.by not in names for s in order)

    def named(self, made: list[Typed]) -> dict[Node, str]:
        """The name in the output of each value there."""
        return {v.node: o.server_name for o, v in zip(self.outputs, made, strict=True)}

    def inherited(self) -> list[Sort[Node]]:
        """The order of the one source: rows come in it where nothing else is said."""
        if len(self.scope.sources) != 1:
            return []
        bound = self.scope.sources[0]
        found: dict[Node, Sort[str]] = {bound.column(s.by): s for s in bound.relation.order}
        self.sorted |= {node: (bound.alias.casefold(), s.by) for node, s in found.items()}
        return [s.at(node, s.said or quote(s.by)) for node, s in found.items()]

    def sorting(
        self, order: Sequence[Sort[Node]], made: list[Typed], *, more: bool
    ) -> tuple[tuple[Sort[str], ...], dict[Node, str]]:
        """The order by columns of the output, and columns added for it (`more`): T-SQL to name. Empty where unknown."""
        names = self.named(made)
        taken = Names(tuple(names.values()))
        missing = [s.by for s in order if s.by not in names] if more else []
        hidden = {by: taken.take(f"order {number}") for number, by in enumerate(missing, start=1)}
        names |= hidden
        if any(s.by not in names for s in order):
            return (), {}
        said = {s.by: s.said or str(s.by) if s.by in hidden else quote(names[s.by]) for s in order}
        return tuple(s.at(names[s.by], said[s.by]) for s in order), hidden

    def nothing(self) -> Node | None:
        """Without FROM, what is applied needs a row to be applied to."""
        return node_of("(SELECT 1 AS [one]) AS [nothing]") if self.applied else None

    def output_nodes(self) -> list[exp.Expr | None]:
        """The output as expressions, also where a star stood for it."""
        return [
            exp.column(o.read[1].name, o.read[0].alias, quoted=True) if o.read and o.node is None else o.node
            for o in self.outputs
        ]

    def wanted_aliases(self) -> set[str]:
        """The output columns that other expressions of this SELECT name."""
        given = {o.name.casefold() for o in self.outputs if o.alias}
        order = self.node.args.get("order")
        named: set[str] = set()
        for node in (*(o.node for o in self.outputs), order):
            for column in own_columns(node):
                name = column.name.casefold()
                if name in given and not column.args.get("table") and not self.scope.find(column):
                    named.add(name)
        return named

    def output(self, output: Output, wanted: set[str]) -> Typed:
        if output.read and (output.node is None or isinstance(output.node, exp.Column)):
            bound, found = output.read
            return self.scope.column(output.node) if output.node is not None else bound.typed(found)
        assert output.node is not None  # noqa: S101  # expand gives either what is read or an expression
        if output.alias and output.name.casefold() in wanted:
            value = self.alias_value(output.name, output.node)
            if value:
                return value
        return translate_value(output.node, self.with_aliases)

    def alias_value(self, name: str, node: exp.Expr) -> Typed | None:
        """Another output column as a value: computed once beside the sources; within aggregates its text again."""
        folded = name.casefold()
        output = next((o for o in self.outputs if o.alias and o.name.casefold() == folded), None)
        if output is None or output.node is None:
            return None
        if folded in self.values:
            return self.values[folded]
        if folded in self.computing:
            self.work.fail(3117, node, name=name)
        self.computing.append(folded)
        value = translate_value(output.node, self.with_aliases)
        self.computing.pop()
        if self.aggregated:
            if value.node.size > _LONGEST:
                self.work.fail(3007, node, limit=_LONGEST)
            value = replace(value, node=Enclosed(value.node))
        elif value.constant is None:
            value = replace(value, node=self.beside(value.node, output.server_name))
        self.values[folded] = value
        return value

    def beside(self, node: Node, name: str = "value") -> Node:
        """The column that holds a value, which is computed once for each row of the sources."""
        table = self.work.alias()
        self.own.add(table)
        self.applied.append(applied(node, table, name))
        return Column(table, name)

    def group_item(self, node: exp.Expr) -> Node | None:
        """A value to group by. A constant groups nothing and T-SQL forbids it; a sub-query must be computed beside."""
        value = translate_value(node, self.scope)
        subquery = value.node.facts.subquery
        if value.constant is not None or not (subquery or self.varies(value.node)):
            return None
        return self.apply(value.node, self.grouped) if subquery else value.node

    def agreement(self, group: Sequence[exp.Expr], given: Iterable[Read] = ()) -> Agreement:
        where = self.node.args.get("where")
        return Agreement(self.scope, group, self.sources, where and where.this, given)

    def edge(self, node: exp.Expr, last: bool) -> Edge:
        """See `wizard.convert.queries.edges`."""
        cell = self.pivot is not None and bool(node.meta.get(CELL))
        value = node.expressions[1] if cell else node
        if self.agreed(cell, ordered=False).covers(value):
            return Edge(any=True)
        group = [*self.partition, *(self.partition_of_cells if cell else ())]
        if self.numbered is None or self.grouped:  # which are values that are not there yet where rows are numbered
            return Edge()
        if not self.agreed(cell, ordered=True).covers(value):
            order = ", ".join(s.words for s in self.numbered.bound.relation.order)
            self.work.tell(3128, node, function="Last" if last else "First", order=order)
        return Edge(self.numbered.number(group, last=last))

    @cached_property
    def partition_of_cells(self) -> tuple[Node, ...]:
        pivot = self.group_item(self.pivot) if self.pivot else None
        return (pivot,) if pivot else ()

    def agreed(self, cell: bool, *, ordered: bool) -> Agreement:
        """What rows of a group (of a crosstab's cell) agree in; `ordered`: those that tie in the source's order."""
        if (cell, ordered) not in self.agreements:
            group = [*self.group, *([self.pivot] if cell and self.pivot else [])]
            bound = self.numbered.bound if self.numbered and ordered else None
            given = [(bound.alias.casefold(), s.by) for s in bound.relation.order] if bound else []
            self.agreements[cell, ordered] = self.agreement(group, given)
        return self.agreements[cell, ordered]

    def agreeing(self, hidden: dict[Node, str]) -> Agreeing:
        """What those that read the rows may take as determined by columns of the output, hidden ones included."""
        named = [(o.server_name, n) for o, n in zip(self.outputs, self.output_nodes(), strict=True) if n]
        behind = {name: self.sorted[node] for node, name in hidden.items()}

        def found(given: frozenset[str]) -> frozenset[str]:
            more = [behind[name] for name in given if name in behind]
            group = [n for name, n in named if name in given] + [n for n in more if isinstance(n, exp.Expr)]
            agreement = self.agreement(group, [n for n in more if isinstance(n, tuple)])
            if self.aggregated and all(agreement.covers(n) for n in self.group):
                return given | {name for name, _ in named}
            return given | {name for name, n in named if not aggregates(n) and agreement.covers(n)}

        return found

    def lift(self, value: Typed) -> Typed:
        """A sub-query that an aggregate is over, which T-SQL forbids: computed beside the sources, read as a column."""
        return replace(value, node=self.apply(value.node, self.lifted))

    def apply(self, node: Node, known: dict[Node, Node]) -> Node:
        """The column that holds the value."""
        if node not in known:
            known[node] = self.beside(node)
        return known[node]

    def order(self, made: list[Typed]) -> list[Sort[Node]]:
        """What to sort by, each thing once."""
        order = self.node.args.get("order")
        items: dict[Node, Sort[Node]] = {}
        for item in order.expressions if order else ():
            number = item.this
            if isinstance(number, exp.Literal) and not number.is_string and number.name.isdigit():
                if not 1 <= int(number.name) <= len(made):
                    self.work.fail(3118, number, position=number.name)
                value = made[int(number.name) - 1]
            else:
                value = translate_value(number, self.with_aliases)
            if value.constant is None and self.sorts(value.node):
                sort = sorted_by(value, descending=bool(item.args.get("desc")))
                items.setdefault(value.node, sort)
                self.sorted.setdefault(sort.by, number)
        return list(items.values())

    def sorts(self, node: Node) -> bool:
        """Whether to sort by a value does anything: it varies, or nobody knows."""
        facts = node.facts
        random = facts.volatility is Volatility.ROW
        return self.varies(node) or facts.subquery or facts.aggregate or random

    def top(self, order: Sequence[Sort[Node]], inherited: Sequence[Sort[Node]]) -> str:
        """TOP, which in Access gives all rows that tie with the last in what ORDER BY says."""
        top = self.node.args.get("top")
        if not top:
            return ""
        percent = " PERCENT" if top.args.get("percent") else ""
        if not order and inherited:
            self.work.tell(3127, top, order=", ".join(s.words for s in inherited))
        elif not order:
            self.work.tell(3119, top)
        return f" TOP ({top.this.name}){percent}{' WITH TIES' if order else ''}"

    def distinctrow_key(self) -> tuple[Node, ...]:
        """What makes DISTINCTROW's rows distinct: the keys of the sources that give columns, where others give none."""
        if self.aggregated or len(self.scope.sources) < 2:
            return ()
        giving = [s for s in self.scope.sources if self.gives(s)]
        if not giving or len(giving) == len(self.scope.sources):
            return ()
        if self.node.args.get("top") or not all(s.relation.key for s in giving):
            self.work.tell(3120, self.node)
            return ()
        keys = [s.column(column) for s in giving for column in s.relation.key]
        return tuple(As(node, f"key {number}") for number, node in enumerate(keys, start=1))

    def gives(self, bound: Bound) -> bool:
        for output in self.outputs:
            if output.read:
                if output.read[0] is bound:
                    return True
            elif output.node is not None:
                found = (self.scope.find(c) for c in own_columns(output.node))
                if any(f and f[0] is bound for f in found):
                    return True
        return False

    def without_key(self, clauses: Clauses, fields: tuple[Field, ...], into: str) -> Node:
        """The rows without the columns that made them distinct."""
        alias = "distinct rows"
        columns = tuple(Node((quote(f.server_name),)) for f in fields)
        return Select(Clauses(columns, derived(Select(clauses), alias), into=into, sources=frozenset((alias,))))


def _typed_null(value: Typed, kind: ColumnType) -> Typed:
    if kind is ColumnType.UNKNOWN:
        return value
    return Typed(tsql("CONVERT({}, NULL)", server_type(kind)), kind)
