"""Parsing what returns rows: SELECT, UNION, TRANSFORM, and the tables and joins they read."""

from __future__ import annotations

from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from wizard.convert.dialect import nodes
from wizard.convert.dialect.expressions import ExpressionParser
from wizard.convert.dialect.tokenizer import BRACKET_QUERY, END_BRACKET_QUERY

_SIDES: Final = ("INNER", "LEFT", "RIGHT")
_NO_ALIAS: Final = frozenset({*_SIDES, "JOIN", "OUTER", "PROCEDURE", "TABLE"})


class SelectParser(ExpressionParser):
    """Queries. Raises ConversionError 3001, 3002 or 3007."""

    def query(self) -> exp.Expression:
        """SELECT, or SELECTs joined by UNION, whose ORDER BY belongs to them all."""
        left = self.member()
        while self.word == "UNION" or self.at(";", "UNION"):
            self.accept(";")
            token = self.advance()
            distinct = not self.accept("ALL")
            right = self.member()
            order = right.args.get("order") if isinstance(right, nodes.AccessSelect) else None
            if order:
                order.pop()
            left = exp.Union(this=left, expression=right, distinct=distinct)
            self.placed(left, token)
            if order:
                left.set("order", order)
            elif self.word == "ORDER":
                left.set("order", self.order())
        return left

    def member(self) -> exp.Expression:
        """A member of a UNION: SELECT, TABLE or parentheses around one."""
        if self.word == "SELECT":
            return self.select()
        if self.word == "TABLE":
            token = self.advance()
            return self.placed(nodes.TableQuery(this=exp.Table(this=self.name("the name of a table"))), token)
        if self.is_name:
            token = self.token
            return self.placed(nodes.TableQuery(this=exp.Table(this=self.identifier()), by_name=True), token)
        if self.accept("("):
            node = self.subquery()
            self.expect(")")
            return node
        return self.fail("SELECT")

    def select(self) -> nodes.AccessSelect:
        """SELECT, to its end."""
        node = self.placed(nodes.AccessSelect(), self.token)
        self.expect("SELECT")
        self.predicate(node)
        node.set("expressions", self.outputs())
        if self.accept("INTO"):
            node.set("into", self.table_name())
            node.set("into_external", self.external())
        if self.accept("FROM"):
            node.set("sources", self.sources())
            node.set("external", self.external())
        node.set("where", self.where())
        if self.accept("GROUP"):
            self.expect("BY")
            node.set("group", exp.Group(expressions=self.expressions()))
        if self.accept("HAVING"):
            node.set("having", exp.Having(this=self.expression()))
        if self.word == "ORDER":
            node.set("order", self.order())
        return node

    def predicate(self, node: nodes.AccessSelect) -> None:
        """ALL, DISTINCT, DISTINCTROW and TOP, which Access takes in any order."""
        while True:
            if self.accept("DISTINCT"):
                node.set("distinct", exp.Distinct())
            elif self.accept("DISTINCTROW"):
                node.set("distinctrow", True)
            elif self.word == "TOP" and self.tokens[self.index + 1].token_type is TokenType.NUMBER:
                self.advance()
                count = self.number("a number of rows")
                node.set("top", nodes.Top(this=count, percent=self.accept("PERCENT")))
            elif not (self.word == "ALL" and self.accept("ALL")):
                return

    def outputs(self) -> list[exp.Expression]:
        """The outputs of a SELECT."""
        items = [self.output()]
        while self.accept(","):
            items.append(self.output())
        return items

    def output(self) -> exp.Expression:
        """One output, or a star."""
        if self.word == "*":
            return self.placed(exp.Star(), self.advance())
        return self.aliased(self.expression())

    def aliased(self, node: exp.Expression) -> exp.Expression:
        """An output column with its name, which may be any word where AS stands before it."""
        if not self.accept("AS"):
            return node
        if self.token.token_type is TokenType.STRING:  # some programs write AS 'name'
            token = self.advance()
            return exp.Alias(this=node, alias=self.placed(exp.Identifier(this=token.text, quoted=True), token))
        if self.token.token_type not in (TokenType.VAR, TokenType.IDENTIFIER):
            self.fail("a name")
        return exp.Alias(this=node, alias=self.identifier())

    def expressions(self) -> list[exp.Expression]:
        """Expressions that commas part."""
        items = [self.expression()]
        while self.accept(","):
            items.append(self.expression())
        return items

    def where(self) -> exp.Where | None:
        """WHERE, where there is one."""
        return exp.Where(this=self.expression()) if self.accept("WHERE") else None

    def order(self) -> exp.Order:
        """ORDER BY."""
        self.expect("ORDER", "BY")
        items = [self.ordered()]
        while self.accept(","):
            items.append(self.ordered())
        return exp.Order(expressions=items)

    def ordered(self) -> exp.Ordered:
        """One thing to sort by, with its direction."""
        node = self.expression()
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        return exp.Ordered(this=node, desc=descending)

    def sources(self) -> list[exp.Expression]:
        """What stands after FROM: tables and joins, between commas."""
        items = [self.joins(self.source())]
        while self.accept(","):
            items.append(self.joins(self.source()))
        return items

    def joins(self, left: exp.Expression) -> exp.Expression:
        """`left` with the joins that follow it; a join before the ON of another belongs within that one."""
        while self.word in _SIDES or self.word == "JOIN":
            token = self.token
            side = self.word if self.word in _SIDES else "INNER"
            if self.word != "JOIN":
                self.advance()
                self.accept("OUTER")
            self.expect("JOIN")
            right = self.source()
            if self.word in _SIDES or self.word == "JOIN":
                self.deeper()
                right = exp.Paren(this=self.joins(right))
                self.shallower()
            self.expect("ON")
            join = nodes.SourceJoin(this=left, expression=right, side=side, on=self.expression())
            left = self.placed(join, token)
        return left

    def source(self) -> exp.Expression:
        """A table, a query within parentheses, or joins within parentheses."""
        token = self.token
        if self.word == BRACKET_QUERY:
            self.advance()
            node = self.placed(self.subquery(), token)
            self.expect(END_BRACKET_QUERY)
            return self.with_alias(node)
        if self.word == "(":
            self.advance()
            if self.word == "SELECT":
                node = self.placed(self.subquery(), token)
                self.expect(")")
                return self.with_alias(node)
            self.deeper()
            inner = exp.Paren(this=self.joins(self.source()))
            self.shallower()
            self.expect(")")
            return self.placed(inner, token)
        return self.with_alias(self.table_name())

    def with_alias(self, node: exp.Expression) -> exp.Expression:
        """The source with the alias that follows it."""
        if self.accept("AS") or (self.is_name and self.word not in _NO_ALIAS):
            node.set("alias", exp.TableAlias(this=self.name("another name for the table")))
        return node

    def table_name(self) -> exp.Table:
        """A table's name; what stands before a dot is the file that it is in."""
        token = self.token
        name = self.name("the name of a table or query")
        table = exp.Table(this=name)
        if self.accept("."):
            table = exp.Table(this=self.name("the name of a table"), db=name)
        return self.placed(table, token)

    def external(self) -> nodes.External | None:
        """`IN 'file' [connect]`, the file in quotes or the connection in brackets alone; `IN ''` is this database."""
        if not self.accept("IN"):
            return None
        if self.token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER):
            self.fail("the path of a database")
        bare = self.token.token_type is TokenType.IDENTIFIER
        first = "" if bare else self.advance().text
        connect = ""
        if self.token.token_type in (TokenType.IDENTIFIER, TokenType.STRING):
            connect = self.advance().text
        return nodes.External(this=first, connect=connect) if first or connect.strip("; ") else None

    def transform(self) -> nodes.Transform:
        """A crosstab."""
        token = self.token
        self.expect("TRANSFORM")
        value = self.aliased(self.expression())
        query = self.select()
        self.expect("PIVOT")
        pivot = self.expression()
        headings: list[exp.Expression] = []
        if isinstance(pivot, exp.In):  # the headings have been taken for a test of the value
            headings = pivot.args.get("expressions") or []
            pivot = pivot.this
        return self.placed(nodes.Transform(this=value, query=query, pivot=pivot, headings=headings), token)
