"""DLookup and its kin: sub-queries over a table or query that a text names, with criteria in a text.

Criteria are often put together: `"ID=" & [CustomerID]`, `"Name='" & [N] & "'"`. Each part that is not written out
stands in the criteria as a name of its own, which the scope then resolves to the value of that part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import parse_expression
from wizard.convert.dialect.nodes import Bang
from wizard.convert.functions.registry import FUNCTIONS, Call, Handler, function
from wizard.convert.tree import Clauses, Node, Select, Subquery, tsql
from wizard.convert.typed import Edge, Scope, Typed, Use
from wizard.convert.values import DATE_SQL, TEXTS, as_date, as_text
from wizard.messages import ConversionError, Place

AREA: Final = "domains"
_QUOTES: Final = ("'", '"', "#")


@dataclass(frozen=True)
class _Inside:
    """The scope within a domain function: the named table's columns, and the parts that came from outside."""

    table: Scope
    parts: dict[str, Typed]

    @property
    def use(self) -> Use:
        return Use.QUERY

    @property
    def names(self) -> frozenset[str]:
        return self.table.names

    def column(self, node: exp.Column) -> Typed:
        return self.parts.get(node.name) or self.table.column(node)

    def parameter(self, node: Bang) -> Typed:
        return self.table.parameter(node)

    def rows(self, query: exp.Expr) -> Typed:
        return self.table.rows(query)

    def domain(self, name: str) -> tuple[Node, Scope]:
        return self.table.domain(name)

    def beside(self, value: Typed, node: exp.Expr) -> Typed:
        return self.table.beside(value, node)

    def edge(self, node: exp.Expr, *, last: bool) -> Edge:  # noqa: ARG002  # the protocol's signature
        return Edge()

    def place(self, node: exp.Expr) -> Place:
        return self.table.place(node)

    def tell(self, number: int, node: exp.Expr, **facts: Any) -> None:
        self.table.tell(number, node, **facts)


def _written(call: Call, number: int) -> str:
    found = call.text(number).constant
    if not isinstance(found, str):
        call.fail(f"argument {number + 1} must be a text that is written out")
    return found


def _criteria(call: Call) -> tuple[str, dict[str, Typed]]:
    """The criteria's text with a name in each hole, and the value that each name stands for."""
    made, quote = "", ""
    parts: dict[str, Typed] = {}
    for operand in _operands(call.arguments[2]):
        if isinstance(operand, exp.Literal) and operand.is_string:
            if quote and not operand.name.startswith(quote):
                call.fail("the quotes in the criteria do not close right after the value")
            made += operand.name[len(quote) :]
            quote = ""
            continue
        quote = made[-1:] if made[-1:] in _QUOTES else ""
        made = made[: len(made) - len(quote)]
        value = _part(call, operand, quote)
        name = f"~part {len(parts)}"
        parts[name] = value
        made += f"[{name}]"
    if quote:
        call.fail("the quotes in the criteria do not close right after the value")
    return made, parts


def _part(call: Call, operand: exp.Expr, quote: str) -> Typed:
    """The value of a part between quotes of that kind: a value is put in here, not its text.

    What only makes its text fit for the criteria is therefore left out: quotes doubled by Replace, dates written by
    Format.
    """
    name, arguments = operand.name.casefold(), operand.expressions
    doubled = [a.name for a in arguments[1:] if isinstance(a, exp.Literal)] == [quote, quote * 2]
    if name == "replace" and doubled and len(arguments) == 3 and quote in ("'", '"'):
        return as_text(call.walker.value(arguments[0]))
    if name == "format" and len(arguments) == 2 and isinstance(arguments[1], exp.Literal):
        picture = arguments[1].name.replace("\\", "").replace('"', "").casefold()
        if quote == "#" or (not quote and len(picture) > 2 and picture[0] == picture[-1] == "#"):
            return _moment(call, arguments[0], picture.strip("#"))
    value = call.walker.value(operand)
    if quote == "#" and value.type in TEXTS:
        call.tell(3526)
    return as_date(value) if quote == "#" else as_text(value) if quote else value


_DAY: Final = re.compile(
    r"(m{1,2}([-/. ])d{1,2}\2y{4}|y{4}([-/. ])m{1,2}\3d{1,2}|d{1,2}[-/. ]mmmm?[-/. ]y{4}|short date)"
)
"""pictures of a day that Access reads between # as what it was: month first, year first, or the month by name"""
_CLOCK: Final = re.compile(r"( h{1,2}:[nm]{2}:s{2}( ?am/pm)?)?")


def _moment(call: Call, node: exp.Expr, picture: str) -> Typed:
    """A date that Format writes for the criteria. Raises ConversionError where Access might read another."""
    value = as_date(call.walker.value(node))
    day = _DAY.match(picture)
    if day is None or not _CLOCK.fullmatch(picture, day.end()):
        call.fail(f"Access reads a date between # signs as month/day/year, which '{picture}' does not write")
    if day.end() == len(picture):
        return Typed(tsql("CONVERT({}, CONVERT(date, {}))", DATE_SQL, value), value.type, value.nullable)
    return value


def _operands(node: exp.Expr) -> list[exp.Expr]:
    """What `&` (or `+`) joins, from left to right."""
    node = node.unnest()
    if isinstance(node, exp.DPipe | exp.Add):
        return [*_operands(node.this), *_operands(node.expression)]
    return [node]


@dataclass(frozen=True)
class _Domain:
    """FROM and WHERE of the sub-query, and the call with its first argument parsed within it."""

    source: Node
    sources: frozenset[str]
    where: Node | None
    call: Call

    def value(self, value: Typed, head: str = "") -> Node:
        """The sub-query that gives a value."""
        clauses = Clauses((value.node,), self.source, where=self.where, head=head, sources=self.sources, inline=True)
        return Subquery(Select(clauses), inline=True)


def _read(call: Call) -> _Domain:
    if call.walker.scope.use is not Use.QUERY:
        call.fail("SQL Server allows no sub-query in a rule, a default or a computed column")
    source, table = call.walker.scope.domain(_written(call, 1).strip("[]"))
    text, parts = _criteria(call) if call.has(2) else ("", {})
    inside = call.walker.within(_Inside(table, parts))
    where = inside.condition(_parsed(call, text)).node if text.strip() else None
    written = _written(call, 0).strip()
    argument = exp.Star() if written == "*" else _parsed(call, written)
    inner = Call(call.node, call.function, (argument,), inside)
    return _Domain(source, table.names, where, inner)


def _parsed(call: Call, written: str) -> exp.Expr:
    try:
        return parse_expression(written)
    except ConversionError as e:
        call.fail(f"'{written}' cannot be read ({e.message.text})")


def _domain(aggregate: str) -> Handler:
    def handler(call: Call) -> Typed:
        domain = _read(call)
        made = FUNCTIONS[aggregate].handler(replace(domain.call, walker=domain.call.walker.aggregating()))
        assert isinstance(made, Typed)  # noqa: S101  # aggregates are values
        return Typed(domain.value(made), made.type, aggregate != "count", made.length)

    return handler


def _lookup(call: Call) -> Typed:
    domain = _read(call)
    value = domain.call.any(0)
    if domain.where is None:
        call.tell(3525, reason="without criteria it gives the value of whatever row comes first")
    return Typed(domain.value(value, " TOP (1)"), value.type, nullable=True, length=value.length)


_NOTE: Final = "criteria may be put together from texts and values"
for _name, _becomes, _handler in (
    ("DLookup", "(SELECT TOP (1) a FROM b WHERE c)", _lookup),
    ("DFirst", "(SELECT MIN(a) FROM b WHERE c)", _domain("first")),
    ("DLast", "(SELECT MAX(a) FROM b WHERE c)", _domain("last")),
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
    function(_name, (2, 3), _becomes, area=AREA, note=_NOTE)(_handler)
