"""Nodes of Access SQL's syntax tree for which sqlglot has no class of its own, and what its own stand for here.

Of sqlglot's classes the parser uses, with their usual meaning: Column (table, db: the parts before the name),
Identifier (always quoted; the name without brackets), Literal, Boolean, Null, Star, Paren, Neg, Not, And, Or, Xor, the
comparisons, Between, In, Is, Like (Access's wildcards), Exists, Any, All, Subquery, Alias, Table, TableAlias, Union,
Where, Group, Having, Order, Ordered, Add, Sub, Mul, Div, IntDiv (the backslash), Mod, Pow. `&` is DPipe. Every
function and aggregate is Anonymous under the name as written: Access's functions are not those of other dialects.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlglot import exp

Node = TypeVar("Node", bound=exp.Expression)


class Eqv(exp.Expression, exp.Connector):
    """`a Eqv b`: both true or both false."""


class Imp(exp.Expression, exp.Connector):
    """`a Imp b`: a implies b."""


class ALike(exp.Expression, exp.Binary, exp.Predicate):
    """`a ALike b`: Like with the wildcards of ANSI SQL."""


class DateLiteral(exp.Expression, exp.Condition):
    """`#…#`; `this` is the moment in ISO form, a time alone being of 1899-12-30."""

    _hash_raw_args = True

    @property
    def moment(self) -> datetime:
        """The date and time it means."""
        return datetime.fromisoformat(self.args["this"])


class Radix(exp.Expression, exp.Condition):
    """`&HFF` or `&O17`; `this` is the text as written, in capitals."""

    _hash_raw_args = True

    @property
    def value(self) -> int:
        """As VBA reads it: what fits 16 bits is an Integer, what fits 32 is a Long, both signed."""
        text: str = self.args["this"]
        long = text.endswith("&")
        digits = text.removesuffix("&")
        number = int(digits[2:], 16) if digits[1] == "H" else int(digits.lstrip("&O") or "0", 8)
        if 0x8000 <= number <= 0xFFFF and not long:
            return number - 0x1_0000
        return number - 0x1_0000_0000 if 0x8000_0000 <= number <= 0xFFFF_FFFF else number


class GuidLiteral(exp.Expression, exp.Condition):
    """`{guid {…}}`; `this` is the 36 characters in capitals."""

    _hash_raw_args = True


class Omitted(exp.Expression):
    """An argument left out: the second of `f(a,,b)`."""

    arg_types = {}  # noqa: RUF012  # declared so throughout sqlglot


class Bang(exp.Expression, exp.Condition):
    """A reference out of the query: `[Forms]![F]![C]`. `expressions` are its parts, `separators` what is between."""

    arg_types = {"expressions": True, "separators": True}  # noqa: RUF012

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts; of a call the function's and what it is given: `Forms("F")!C` is `Forms!F!C`."""
        named = ((part, *part.expressions) if isinstance(part, exp.Anonymous) else (part,) for part in self.expressions)
        return tuple(one.name for part in named for one in part)

    @property
    def prompt(self) -> str:
        """One name for what is referred to, the same however it was written: `Forms!F!C`."""
        return "!".join(self.parts)


class AccessSelect(exp.Select):
    """A SELECT. `sources` are the items of FROM: Table, Subquery, SourceJoin, Paren of one; `into` a Table."""

    arg_types = {  # noqa: RUF012
        "expressions": True,
        "distinct": False,
        "distinctrow": False,
        "top": False,
        "into": False,
        "into_external": False,
        "sources": False,
        "external": False,
        "where": False,
        "group": False,
        "having": False,
        "order": False,
    }


class Top(exp.Expression):
    """TOP n, with or without PERCENT."""

    arg_types = {"this": True, "percent": False}  # noqa: RUF012


class SourceJoin(exp.Expression):
    """`this` INNER, LEFT or RIGHT (`side`) JOIN `expression` ON `on`."""

    arg_types = {"this": True, "expression": True, "side": True, "on": True}  # noqa: RUF012


def members(sources: Iterable[exp.Expr]) -> Iterator[exp.Expr]:
    """The tables and sub-queries of a FROM clause, in their order, whatever joins and parentheses they stand in."""
    waiting = list(sources)
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, SourceJoin):
            waiting[:0] = [item.this, item.expression]
        elif isinstance(item, exp.Paren):
            waiting.insert(0, item.this)
        else:
            yield item


class External(exp.Expression):
    """`IN 'other.mdb' [connect]`."""

    arg_types = {"this": True, "connect": False}  # noqa: RUF012
    _hash_raw_args = True


class TableQuery(exp.Expression):
    """`TABLE t`, a member of a UNION; `by_name`: a saved query's or a table's name alone."""

    arg_types = {"this": True, "by_name": False}  # noqa: RUF012


class Transform(exp.Expression):
    """A crosstab: `this` aggregated, `query` the SELECT of its rows, `pivot` the columns, `headings` fixed ones."""

    arg_types = {"this": True, "query": True, "pivot": True, "headings": False}  # noqa: RUF012


BEFORE: Final = "before"
"""in the `meta` of a column to append to, the name that stands before it: its table's, or a complex column's"""


class Append(exp.Expression):
    """INSERT INTO `this` (`columns`) `query`, or one row of `values`."""

    arg_types = {"this": True, "columns": False, "external": False, "query": False, "values": False}  # noqa: RUF012


class Assignment(exp.Expression):
    """`this` = `expression` after SET."""

    arg_types = {"this": True, "expression": True}  # noqa: RUF012


class UpdateQuery(exp.Expression):
    """UPDATE, over a table or joins."""

    arg_types = {"distinctrow": False, "sources": True, "external": False, "assignments": True, "where": False}  # noqa: RUF012


class DeleteQuery(exp.Expression):
    """`targets` is what stands between DELETE and FROM."""

    arg_types = {"distinctrow": False, "targets": False, "sources": True, "external": False, "where": False}  # noqa: RUF012


class TypeName(exp.Expression):
    """A type as SQL text names it: `TEXT(50)`, `COUNTER(1, 1)`; `this` in capitals, `sizes` whole numbers."""

    arg_types = {"this": True, "sizes": False}  # noqa: RUF012
    _hash_raw_args = True


class ParameterDefinition(exp.Expression):
    """A declared parameter: `this` an Identifier or Bang, `kind` a TypeName."""

    arg_types = {"this": True, "kind": True}  # noqa: RUF012


class SavedQuery(exp.Expression):
    """The root of every statement: `this` with what surrounds it."""

    arg_types = {"this": True, "parameters": False, "owner_access": False}  # noqa: RUF012


class ColumnDefinition(exp.Expression):
    """A column in CREATE TABLE or ALTER TABLE."""

    arg_types = {  # noqa: RUF012
        "this": True,
        "kind": True,
        "default": False,
        "not_null": False,
        "compression": False,
        "constraints": False,
    }


class TableConstraint(exp.Expression):
    """`kind` is PRIMARY KEY, UNIQUE, NOT NULL, FOREIGN KEY, REFERENCES or CHECK; `name` may be absent."""

    arg_types = {  # noqa: RUF012
        "kind": True,
        "name": False,
        "columns": False,
        "references": False,
        "referenced_columns": False,
        "on_update": False,
        "on_delete": False,
        "condition": False,
    }


class CreateTable(exp.Expression):
    """CREATE TABLE."""

    arg_types = {"this": True, "temporary": False, "columns": True, "constraints": False}  # noqa: RUF012


class CreateIndex(exp.Expression):
    """`option` is PRIMARY, DISALLOW NULL, IGNORE NULL or absent."""

    arg_types = {"this": True, "unique": False, "table": True, "columns": True, "option": False}  # noqa: RUF012


class AlterTable(exp.Expression):
    """`action` is ADD, ALTER or DROP; `items`: a TableConstraint, ColumnDefinitions, Defaults, Identifiers dropped."""

    arg_types = {"this": True, "action": True, "items": True, "constraint": False}  # noqa: RUF012


class Default(exp.Expression):
    """The column `this` SET DEFAULT `expression`, or DROP DEFAULT where there is none."""

    arg_types = {"this": True, "expression": False}  # noqa: RUF012


class DropObject(exp.Expression):
    """`kind` is TABLE, INDEX, VIEW or PROCEDURE; `table` the table of an index."""

    arg_types = {"kind": True, "this": True, "table": False}  # noqa: RUF012


class CreateQuery(exp.Expression):
    """CREATE VIEW or PROCEDURE (`kind`) `this` (`columns` or `parameters`) AS `query`."""

    arg_types = {"kind": True, "this": True, "columns": False, "parameters": False, "query": True}  # noqa: RUF012


def position(node: exp.Expression) -> tuple[int, int]:
    """Line and column, 1-based, where a node's text begins; zeros where the tree was not parsed from text."""
    found = min(
        ((n.meta["line"], n.meta["col"]) for n in node.walk() if n._meta and "line" in n._meta),
        default=(0, 0),
    )
    return (int(found[0]), int(found[1]))


def place(node: Node, line: int, column: int) -> Node:
    """The node, knowing where its text begins."""
    meta: dict[str, Any] = node.meta
    meta["line"], meta["col"] = line, column
    return node


def bare(node: exp.Expr) -> exp.Expr:
    """An expression without the parentheses about it; a sub-query keeps its own."""
    return node.unnest() if isinstance(node, exp.Paren) else node


_WHOLE: Final[dict[type[exp.Expr], Callable[[int, int], int]]] = {
    exp.Add: operator.add, exp.Sub: operator.sub, exp.Mul: operator.mul
}  # fmt: skip


def beyond_long(node: exp.Expr) -> int | None:
    """The sum, difference or product of whole numbers that are written out, where no Long holds it: T-SQL's int would
    overflow, Access goes on with a Double. None for everything else."""
    found = _whole(node) if type(node) in _WHOLE else None
    return found if found is not None and not -(2**31) <= found < 2**31 else None


def sums_columns(node: exp.Expr) -> bool:
    """Whether it is a column or a parameter, or a sum with one: what a function gives is seldom beyond a Long."""
    plain = node.unnest()
    if isinstance(plain, exp.Add | exp.Sub):
        return sums_columns(plain.this) or sums_columns(plain.expression)
    return sums_columns(plain.this) if isinstance(plain, exp.Neg) else isinstance(plain, exp.Column | Bang)


def _whole(node: exp.Expr) -> int | None:
    node = node.unnest()
    if isinstance(node, exp.Neg):
        inner = _whole(node.this)
        return None if inner is None else -inner
    if isinstance(node, exp.Literal):
        return int(node.name) if not node.is_string and node.name.isdigit() and len(node.name) <= _LONGEST else None
    calculate = _WHOLE.get(type(node))
    if calculate is None:
        return None
    one, other = _whole(node.args["this"]), _whole(node.args["expression"])
    return None if one is None or other is None else calculate(one, other)


_LONGEST: Final = 28
"""digits of a whole number that is read as one"""
