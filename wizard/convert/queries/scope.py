"""Resolving the names in a query: columns of what it reads, its own output, parameters, what lies outside."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.dialect.multivalued import NUMBER
from wizard.convert.expressions import translate_value
from wizard.convert.functions import find
from wizard.convert.functions.criteria import MET
from wizard.convert.literals import read_number
from wizard.convert.queries.expression_names import GroupBy, own_columns
from wizard.convert.queries.multivalued import joined_values
from wizard.convert.queries.query_context import BoundSource, Field, OuterScope, QueryContext, SelectRequest, prompt_of
from wizard.convert.text_parsing import names_date
from wizard.convert.tree import SqlNode, SqlSubquery, Variable, spread
from wizard.convert.typed_sql import DATES, NUMBERS, ExpressionUse, GroupEdge, Typed, Walker
from wizard.definitions import ColumnType
from wizard.messages import ConversionError, Place

OUTPUT: Final = "output"
"""marks, in a column's `meta`, a name that means another output column, though a source has a column of that name"""
_LOST: Final = "the query that it reads sorts by what it does not return, so that any of its rows may come first"
_COMPARED: Final = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Like, nodes.ALike)
_KINDS: Final = {
    "b": ColumnType.BOOLEAN, "d": ColumnType.DATE, "t": ColumnType.TEXT, "i": ColumnType.LONG, "n": ColumnType.DOUBLE
}  # fmt: skip
"""what a parameter must be where a function takes such an argument"""
_PASSING: Final = {"nz": 0, "iif": 1}
"""functions that give one of their arguments, and which is the first of these"""
_OPAQUE: Final = (nodes.Bang, exp.Subquery, exp.Select, exp.Union)
_PATTERNS: Final = (exp.Like, nodes.ALike)
_LOGICAL: Final = (exp.And, exp.Or, exp.Not, exp.Xor, exp.Where, exp.Having)
_ARITHMETIC: Final = (exp.Mul, exp.Div, exp.Sub, exp.IntDiv, exp.Mod, exp.Pow, exp.Neg)


@dataclass
class QueryScope:
    """The names that one SELECT can see.

    `alias` gives the value of another output column, where there is one; `apply` computes a value beside the sources;
    `edges` says which row of a group is its first or last; `groups` is what the SELECT groups by; `own_names` are the
    names of its sources and of what is computed beside them, as far as `apply` has come.
    """

    context: QueryContext
    sources: list[BoundSource] = field(default_factory=list)
    parent: OuterScope | None = None
    alias: Callable[[str, exp.Expr], Typed | None] | None = None
    apply: Callable[[Typed], Typed] | None = None
    edges: Callable[[exp.Expr, bool], GroupEdge] | None = None
    groups: GroupBy | None = None
    own_names: Collection[str] = ()
    domain_of: str = ""
    """the table or query that a domain function looks into: its texts see no column of the query that calls it"""
    joins: list[SqlNode] = field(default_factory=list)
    """the values of a domain's complex columns that its texts have named so far, as they stand in FROM"""

    @property
    def use(self) -> ExpressionUse:
        """What expressions are translated for."""
        return ExpressionUse.QUERY

    @property
    def names(self) -> frozenset[str]:
        """The aliases of its sources, as T-SQL has them."""
        return frozenset(s.server_alias for s in self.sources)

    def place(self, node: exp.Expr) -> Place:
        """Where a message about a node belongs."""
        return self.context.place(node)

    def note(self, number: int, node: exp.Expr, **facts: Any) -> None:
        """Note a message of the query."""
        self.context.note(number, node, **facts)

    def column(self, node: exp.Column) -> Typed:
        """A column of a source, else of this SELECT's own output, else of a query around it, else a parameter."""
        found = self.find(node)
        if found:
            return self._read(*found, node)
        declared = prompt_of(node).casefold() in self.context.declared
        may_be = self.alias is not None and not declared and not node.args.get("table")
        aliased = self.alias(node.name, node) if self.alias and may_be else None
        if aliased:
            return aliased
        scope: OuterScope = self
        while scope.parent and not scope.domain_of:
            scope = scope.parent
            found = scope.find(node)
            if found:
                return self._read(*found, node)
        if scope.domain_of and not declared:
            self.context.fail(3537, node, name=prompt_of(node), domain=scope.domain_of)
        return self._parameter(prompt_of(node), node)

    def parameter(self, node: nodes.Bang) -> Typed:
        """A reference out of the query becomes a parameter."""
        if self.source(node.parts[0]):
            if len(node.parts) == 2:
                table, column = node.expressions
                return self.column(exp.Column(this=column.copy(), table=table.copy()))
            self.context.fail(3109, node, name=node.prompt)
        return self._parameter(node.prompt, node)

    def rows(self, query: exp.Expr) -> Typed:
        """A sub-query, which sees this scope's names too."""
        rows = self.context.rows(self.context, query, SelectRequest(self))
        first = rows.fields[0]
        return Typed(SqlSubquery(rows.select), first.type, nullable=True, length=first.length)

    def domain(self, name: str) -> tuple[Callable[[], SqlNode], QueryScope]:
        """The table or query that a domain function looks into; its FROM also joins the values its texts name."""
        listed = self.context.catalog.listed(name.strip().strip("[]"))
        relation = self.context.catalog.relation(self.context, exp.to_identifier(listed, quoted=True))
        alias = self._free_alias(relation.label)
        bound = BoundSource(alias, relation, self.context.server_alias(alias))
        source = self.context.catalog.source(self.context, relation, bound.server_alias)
        inside = QueryScope(self.context, [bound], self, domain_of=relation.label)
        return lambda: spread("\n", [source, *inside.joins]), inside

    def row_order(self, node: exp.Anonymous, *, last: bool) -> tuple[SqlNode, ...]:
        """What sorts the rows of a domain, be it a query that is sorted."""
        bound = self.sources[0]
        if bound.relation.lost:
            self.note(3525, node, function=node.name, reason=_LOST)
        sorts = (s.at(bound.column(s.by)) for s in bound.relation.order)
        return tuple(replace(s, descending=s.descending is not last).node for s in sorts)

    def beside(self, value: Typed, node: exp.Expr) -> Typed:
        """The value computed in the FROM, where an aggregate can read it."""
        if self.apply is None:
            self.context.fail(3530, node)
        return self.apply(value)

    def reads_outer(self, node: SqlNode) -> bool:
        """Whether it reads a column of a query around."""
        within = self.parent is not None and self.apply is not None
        return within and any(source not in self.own_names for source, _ in node.facts.columns)

    def known(self, node: exp.Expr, *, aggregated: bool) -> Typed | None:
        """What is grouped by is known by that SELECT's own columns; a query around may group by it too."""
        scope: OuterScope | None = self
        while scope:
            groups = scope.groups
            if groups and groups.may_have(node) and not (aggregated and scope is self) and (v := groups.value(node)):
                return v
            around = scope.parent
            if around is None or not around.grouping or any(scope.find(c) for c in own_columns(node)):
                return None
            scope = around
        return None

    @cached_property
    def grouping(self) -> bool:
        """Whether this SELECT or one around it groups by more than columns."""
        return self.groups is not None or bool(self.parent and self.parent.grouping)

    def edge(self, node: exp.Expr, *, last: bool) -> GroupEdge:
        """Which row of a group is its first or last."""
        return self.edges(node, last) if self.edges else GroupEdge()

    def own(self, node: exp.Anonymous, walker: Walker) -> Typed | None:
        """A function of the database's own modules, made when first called."""
        return self.context.catalog.own_call(self.context, node, walker)

    def _free_alias(self, wanted: str) -> str:
        """An alias that hides no source of this query or one around it, whose columns parts of the criteria may be."""
        taken: set[str] = set()
        scope: OuterScope | None = self
        while scope:
            taken |= {s.alias.casefold() for s in scope.sources}
            scope = scope.parent
        number, alias = 1, wanted
        while alias.casefold() in taken:
            number += 1
            alias = f"{wanted}_{number}"
        return alias

    def source(self, name: str) -> BoundSource | None:
        """The source of that name, or the sub-query that has one of that name within."""
        folded = name.casefold()
        if self.domain_of and folded == self.domain_of.casefold():  # whatever alias it needs beside what is around
            return self.sources[0]
        named = (s for s in self.sources if s.alias.casefold() == folded)
        return next(named, next((s for s in self.sources if folded in s.inner), None))

    def find(self, node: exp.Column) -> tuple[BoundSource, Field] | None:
        """The column a reference means among this scope's own sources. Raises ConversionError where it may be two."""
        if node.meta.get(OUTPUT):
            return None
        names = [part.name for part in node.parts]
        if len(names) > 1:
            bound = self.source(names[0])
            found = bound.relation.field(".".join(names[1:])) if bound else None
            if bound and found:
                return bound, found
            several = bound.relation.field(names[1]) if bound and len(names) > 2 else None
            if bound and several and self.domain_of:
                return self._values(bound, several, ".".join(names[2:]), node)
            if several:
                self.context.fail(3109, node, name=".".join(names))
        name = ".".join(names)
        hits = [(s, f) for s in self.sources if not s.hidden and (f := s.relation.field(name))]
        if len(hits) > 1:
            self.context.fail(3101, node, name=name, sources=", ".join(s.alias for s, _ in hits))
        if not hits and len(names) == 2:
            complex_ = [f for s in self.sources if (f := s.relation.field(names[0])) and f.type is ColumnType.COMPLEX]
            if complex_ and self.domain_of:
                return self._values(self.sources[0], complex_[0], names[1], node)
            if complex_:
                self.context.fail(3109, node, name=complex_[0].name)
        return hits[0] if hits else None

    def _values(self, bound: BoundSource, column: Field, part: str, node: exp.Column) -> tuple[BoundSource, Field]:
        """A part of a domain's complex column, which is joined. Raises ConversionError (3109) for what is no part."""
        joined = joined_values(self.context, bound, column, node)
        known = next((s for s in self.sources if s.alias == joined.bound.alias), None)
        if known is None:
            self.sources.append(joined.bound)
            self.joins.append(joined.join)
        found = joined.bound.relation.field(part)
        if found is None or part.casefold() == joined.key.casefold():
            self.context.fail(3109, node, name=column.name)
        return known or joined.bound, found

    def meant(self, node: exp.Column) -> tuple[str, str] | None:
        """The source's alias and the column's name, case-folded, of a column of this scope's own."""
        found = self.find(node)
        return (found[0].alias.casefold(), found[1].name.casefold()) if found else None

    def _read(self, bound: BoundSource, found: Field, node: exp.Expr) -> Typed:
        if NUMBER in node.meta:
            return Typed(bound.column(found.server_name), ColumnType.LONG, nullable=True)
        if found.type is ColumnType.COMPLEX:
            self.context.fail(3109, node, name=found.name)
        return bound.typed(found)

    def _parameter(self, prompt: str, node: exp.Expr) -> Typed:
        context = self.context
        known = context.parameter(prompt)
        if known is None or known.type is ColumnType.UNKNOWN:
            kind, length = self._guess(prompt, node)
            if known is None:
                known = context.add_parameter(prompt, kind, length)
                number = 3112 if isinstance(node, nodes.Bang) else 3111
                context.note(number, node, prompt=prompt, name=known.name, type=known.server_type)
            else:
                known = context.retype(known, kind, length)
        return Typed(Variable(known.name), known.type, nullable=True, length=known.length)

    def _guess(self, prompt: str, node: exp.Expr) -> tuple[ColumnType, int]:
        """The type of a parameter nobody declared: that of a column it is compared with or assigned to, else text."""
        mentions = (node, *self.context.mentions(prompt))
        if any(map(self._meets_words, mentions)):
            return ColumnType.TEXT, 0  # and is converted wherever it meets another type
        for literals in (False, True):  # a literal tells less than a column
            for occurrence in mentions:
                met = occurrence.meta.get(MET)
                found = (met, 0) if met else self.context.hints.get(id(_unwrapped(occurrence)))
                found = found or self._compared(occurrence, literals=literals)
                if found:
                    return found
        return ColumnType.TEXT, 0

    def _meets_words(self, node: exp.Expr) -> bool:
        """Whether it is compared with a text that no number or date has: `[Forms]![f]![c]="All"`, `[d]=""`."""
        parent = _unwrapped(node).parent
        if not isinstance(parent, exp.EQ | exp.NEQ | exp.In):
            return False
        members = parent.expressions if isinstance(parent, exp.In) else [parent.this, parent.expression]
        texts = [m.name for m in (o.unnest() for o in members) if isinstance(m, exp.Literal) and m.is_string]
        return any(read_number(t) is None and not names_date(t) for t in texts)

    def _compared(self, node: exp.Expr, *, literals: bool = True) -> tuple[ColumnType, int] | None:
        top = _unwrapped(node)
        parent = top.parent
        if isinstance(parent, exp.Anonymous):
            return self._argument(parent, top)
        fixed = _fixed_type(top)
        if fixed:
            return (fixed, 0) if literals or fixed is not ColumnType.BOOLEAN else None
        if not isinstance(parent, (*_COMPARED, *_ARITHMETIC, exp.Add)):
            return None
        siblings = [s for s in parent.iter_expressions() if s is not top]
        siblings = [s for s in siblings if literals or not isinstance(s.unnest(), exp.Literal)]
        beside = [found for s in siblings if (found := self._known_type(s))]
        if isinstance(parent, exp.Add | exp.Sub) and (found := self._moved(parent, beside, literals=literals)):
            return found
        if beside:
            counted = beside[0][0] in NUMBERS and not isinstance(parent, _COMPARED)
            return (ColumnType.DOUBLE, 0) if counted else beside[0]  # a factor of 1.5 is one beside whole numbers too
        return (ColumnType.DOUBLE, 0) if literals and isinstance(parent, _ARITHMETIC) else None

    def _moved(
        self, parent: exp.Expr, beside: list[tuple[ColumnType, int]], *, literals: bool
    ) -> tuple[ColumnType, int] | None:
        """The type of an operand of + or - where that moves a date: it is the date, or the days."""
        around = self._compared(parent, literals=literals)
        to_date = around is not None and around[0] in DATES
        if not any(kind in DATES for kind, _ in beside):
            return around if to_date else None  # `Placed < [last day] + 1`
        days = isinstance(parent, exp.Add) or to_date  # `Placed > Date() - [days back]`
        return (ColumnType.DOUBLE, 0) if days else None

    def _argument(self, call: exp.Anonymous, node: exp.Expr) -> tuple[ColumnType, int] | None:
        """The type of a function's argument; of what is passed on, that of what the call meets, or of the others."""
        name = call.name.casefold().removesuffix("$")
        index = next(i for i, a in enumerate(call.expressions) if a is node)
        if name in _PASSING and index >= _PASSING[name]:
            others = [a for a in call.expressions[_PASSING[name] :] if a is not node]
            return self._compared(call) or next((found for a in others if (found := self._known_type(a))), None)
        called = find(name)
        if called is None:
            wanted = self.context.catalog.own_type(call.name, index)
            return (wanted, 0) if wanted else None
        kind = _KINDS.get(called.kind(index, len(call.expressions)))
        return (kind, 0) if kind else None

    def _known_type(self, node: exp.Expr) -> tuple[ColumnType, int] | None:
        """The type of what a parameter meets, if that is made of nothing but columns, constants and functions."""
        column = node.unnest()
        if isinstance(column, exp.Column):
            found = self.find(column)
            if found and found[1].dated:
                return ColumnType.DATE, 0
            return (found[1].type, found[1].length) if found else None
        if isinstance(column, exp.Literal):
            return (ColumnType.TEXT, 0) if column.is_string else (ColumnType.DOUBLE, 0)
        if any(isinstance(n, _OPAQUE) or (isinstance(n, exp.Column) and not self.find(n)) for n in column.walk()):
            return None
        told = len(self.context.messages)
        try:
            value = translate_value(column, self)
        except ConversionError:
            return None  # translating it in its place says why
        finally:
            del self.context.messages[told:]
        return None if value.type is ColumnType.UNKNOWN else (value.type, value.length)


def _unwrapped(node: exp.Expr) -> exp.Expr:
    """The node with the parentheses around it."""
    while isinstance(node.parent, exp.Paren):
        node = node.parent
    return node


def _fixed_type(node: exp.Expr) -> ColumnType | None:
    """The type that a place asks for, whatever else is there."""
    if isinstance(node.parent, _PATTERNS):
        return ColumnType.TEXT
    if isinstance(node.parent, _LOGICAL):
        return ColumnType.BOOLEAN
    return ColumnType.DATE if _follows_hash(node) else None


def _follows_hash(node: exp.Expr) -> bool:
    """Whether a text that ends with # comes before, as in criteria put together: `"Day = #" & [day] & "#"`."""
    joining = (exp.DPipe, exp.Add)
    while isinstance(node.parent, (*joining, exp.Paren)) and node.parent.this is node:
        node = node.parent
    left = node.parent.this if isinstance(node.parent, joining) else None
    while isinstance(left, (*joining, exp.Paren)):
        left = left.this if isinstance(left, exp.Paren) else left.expression
    return isinstance(left, exp.Literal) and left.is_string and left.name.endswith("#")
