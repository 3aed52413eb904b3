"""DLookup and the other domain functions: sub-queries over a table or query that a text names, with criteria in a text.

Criteria are often put together: `"ID=" & [CustomerID]`, `"Name='" & [N] & "'"`. `criteria` reads them; each part that
is not written out stands in them as a column of its own, which the scope then resolves to the value of that part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import parse_expression
from wizard.convert.dialect.nodes import Bang
from wizard.convert.expression_types import as_text
from wizard.convert.functions.choose_calls import distributed
from wizard.convert.functions.criteria import Criteria, CriteriaChoice, read_criteria
from wizard.convert.functions.registry import FUNCTIONS, FunctionCall, Handler, function
from wizard.convert.tree import Clauses, SqlNode, SqlSelect, SqlSubquery, case, guarded, spread, tsql, with_reasons
from wizard.convert.typed_sql import Condition, ExpressionUse, GroupEdge, NameScope, Typed, Walker
from wizard.messages import ConversionError, Place

AREA: Final = "domains"


@dataclass(frozen=True)
class _Inside:
    """The scope within a domain function: the named table's columns, and the parts that came from outside."""

    table: NameScope
    parts: dict[str, Typed]

    @property
    def use(self) -> ExpressionUse:
        return ExpressionUse.QUERY

    @property
    def names(self) -> frozenset[str]:
        return self.table.names

    def column(self, node: exp.Column) -> Typed:
        return self.parts.get(node.name) or self.table.column(node)

    def parameter(self, node: Bang) -> Typed:
        return self.table.parameter(node)

    def rows(self, query: exp.Expr) -> Typed:
        return self.table.rows(query)

    def domain(self, name: str) -> tuple[Callable[[], SqlNode], NameScope]:
        return self.table.domain(name)

    def row_order(self, node: exp.Anonymous, *, last: bool) -> tuple[SqlNode, ...]:
        return self.table.row_order(node, last=last)

    def beside(self, value: Typed, node: exp.Expr) -> Typed:
        return self.table.beside(value, node)

    def reads_outer(self, node: SqlNode) -> bool:
        return self.table.reads_outer(node)

    def known(self, node: exp.Expr, *, aggregated: bool) -> Typed | None:
        return self.table.known(node, aggregated=aggregated)

    def own(self, node: exp.Anonymous, walker: Walker) -> Typed | None:
        return self.table.own(node, walker)

    def edge(self, node: exp.Expr, *, last: bool) -> GroupEdge:  # noqa: ARG002  # the protocol's signature
        return GroupEdge()

    def place(self, node: exp.Expr) -> Place:
        return self.table.place(node)

    def note(self, number: int, node: exp.Expr, **facts: Any) -> None:
        self.table.note(number, node, **facts)


def _written(call: FunctionCall, number: int) -> str:
    found = call.text(number).constant
    if not isinstance(found, str):
        if isinstance(call.node, exp.Anonymous) and (made := distributed(call.node, number)) is not None:
            raise CriteriaChoice(made)
        call.fail(f"argument {number + 1} must be a text that is written out")
    return found


@dataclass(frozen=True)
class _Domain:
    """FROM and WHERE of the sub-query, and the call with its first argument parsed within it."""

    source: Callable[[], SqlNode]
    table: NameScope
    where: SqlNode | None
    call: FunctionCall
    needed: tuple[Typed, ...] = ()
    """values without which Access cannot read the criteria"""
    errors: tuple[SqlNode, ...] = ()
    """conditions on which they are an error"""

    def value(self, value: Typed, head: str = "", order: tuple[SqlNode, ...] = ()) -> SqlNode:
        """The sub-query that gives a value."""
        source, sources = self.source(), self.table.names
        clauses = Clauses((value.node,), source, (), self.where, order=order, head=head, sources=sources, inline=True)
        found = SqlSubquery(SqlSelect(clauses), inline=True)
        there = [tsql("{} IS NOT NULL", v) for v in self.needed]
        read = case((spread(" AND ", there), found)) if there else found
        return with_reasons(guarded(read, self.errors) if self.errors else read, value.node, self.where)


def _read(call: FunctionCall) -> _Domain:
    if call.walker.scope.use is not ExpressionUse.QUERY:
        call.fail("SQL Server allows no sub-query in a rule, a default or a computed column")
    source, table = call.walker.scope.domain(_written(call, 1).strip("[]"))
    criteria = read_criteria(call, 2, table) if call.has(2) else Criteria(None)
    if any(part.node.facts.aggregate for part in criteria.parts.values()):  # message 147
        call.fail(
            "an aggregate stands in its criteria, where SQL Server allows none; save the query that groups without it, "
            "and look up from that one's rows"
        )
    inside = call.walker.within(_Inside(table, criteria.parts))
    where = inside.condition(criteria.tree).node if criteria.tree is not None else None
    written = _written(call, 0).strip()
    argument = exp.Star() if written == "*" else _parsed(call, written)
    inner = FunctionCall(call.node, call.function, (argument,), inside)
    return _Domain(source, table, where, inner, _needed(call, criteria), criteria.errors)


def _needed(call: FunctionCall, criteria: Criteria) -> tuple[Typed, ...]:
    """The parts whose NULL the sub-query would not show by itself: it finds no row then, which DCount counts."""
    counts = call.function.name.casefold() == "dcount"
    conjuncts = _conjuncts(criteria.tree) if criteria.tree is not None else []
    deciding = {
        c.name for n in conjuncts if isinstance(n, _COMPARED) for c in n.iter_expressions() if isinstance(c, exp.Column)
    }
    found = tuple(value for name, value in criteria.needed.items() if counts or name not in deciding)
    if criteria.needed:
        call.note(3532, reason="where a value that its criteria need is NULL it is NULL, and an error in Access")
    return found


_COMPARED: Final = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    """What And joins, at the top."""
    bare = node.unnest()
    return [*_conjuncts(bare.this), *_conjuncts(bare.expression)] if isinstance(bare, exp.And) else [bare]


def _parsed(call: FunctionCall, written: str) -> exp.Expr:
    try:
        return parse_expression(written)
    except ConversionError as e:
        call.fail(f"'{written}' cannot be read ({e.message.clause})")


def _domain(aggregate: str) -> Handler:
    def handler(call: FunctionCall) -> Typed:
        domain = _read(call)
        made = FUNCTIONS[aggregate].handler(replace(domain.call, walker=domain.call.walker.aggregating()))
        assert isinstance(made, Typed)  # noqa: S101  # aggregates are values
        return Typed(domain.value(made), made.type, aggregate != "count", made.length)

    return handler


def _row_order(call: FunctionCall, domain: _Domain, *, last: bool) -> tuple[SqlNode, ...]:
    assert isinstance(call.node, exp.Anonymous)  # noqa: S101  # a call
    return domain.table.row_order(call.node, last=last)


def _first_row(domain: _Domain, value: Typed, order: tuple[SqlNode, ...]) -> Typed:
    """The value of one row; of dates among numbers its text too."""
    made = Typed(domain.value(value, " TOP (1)", order), value.type, nullable=True, length=value.length)
    return made if value.shown is None else replace(made, shown=domain.value(as_text(value), " TOP (1)", order))


def _lookup(call: FunctionCall) -> Typed:
    domain = _read(call)
    value = domain.call.any(0)
    order = () if value.node.facts.aggregate else _row_order(call, domain, last=False)
    if domain.where is None and not order and not value.node.facts.aggregate:
        call.note(3525, reason="without criteria it gives the value of whatever row comes first")
    return _first_row(domain, value, order)


def _edge(aggregate: str) -> Handler:
    """DFirst and DLast: of a query that is sorted the row at that end."""
    unsorted = _domain(aggregate)

    def handler(call: FunctionCall) -> Typed | Condition:
        domain = _read(call)
        order = _row_order(call, domain, last=aggregate == "last")
        if not order:
            return unsorted(call)
        value = domain.call.any(0)
        return _first_row(domain, value, order)

    return handler


def _by_choice(handler: Handler) -> Handler:
    """Where an argument is one of several texts, the choice of the function's values with each."""

    def handle(call: FunctionCall) -> Typed | Condition:
        try:
            return handler(call)
        except CriteriaChoice as choice:
            return call.walker.walk(choice.call)

    return handle


_NOTE: Final = "criteria may be put together from texts and values"
for _name, _becomes, _handler in (
    ("DLookup", "(SELECT TOP (1) a FROM b WHERE c)", _lookup),
    ("DFirst", "(SELECT MIN(a) FROM b WHERE c)", _edge("first")),
    ("DLast", "(SELECT MAX(a) FROM b WHERE c)", _edge("last")),
    ("DCount", "(SELECT COUNT(a) FROM b WHERE c)", _domain("count")),
    ("DSum", "(SELECT SUM(a) FROM b WHERE c)", _domain("sum")),
    ("DAvg", "(SELECT AVG(a) FROM b WHERE c)", _domain("avg")),
    ("DMin", "(SELECT MIN(a) FROM b WHERE c)", _domain("min")),
    ("DMax", "(SELECT MAX(a) FROM b WHERE c)", _domain("max")),
    ("DStDev", "(SELECT STDEV(a) FROM b WHERE c)", _domain("stdev")),
    ("DStDevP", "(SELECT STDEVP(a) FROM b WHERE c)", _domain("stdevp")),
    ("DVar", "(SELECT VAR(a) FROM b WHERE c)", _domain("var")),
    ("DVarP", "(SELECT VARP(a) FROM b WHERE c)", _domain("varp")),
):
    function(_name, (2, 3), _becomes, area=AREA, note=_NOTE)(_by_choice(_handler))
