"""Parsing whole statements: what surrounds a query, and what changes rows."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from wizard.convert.dialect import nodes
from wizard.convert.dialect.definitions import DefinitionParser


class StatementParser(DefinitionParser):
    """The whole language. Raises ConversionError 3001, 3002, 3007 or 3008, and nothing else."""

    def statement(self) -> nodes.SavedQuery:
        """One statement and the end of the text after it."""
        parameters = self.parameters() if self.word == "PARAMETERS" else []
        node = nodes.SavedQuery(this=self.body(), parameters=parameters)
        if self.accept("WITH"):
            self.expect("OWNERACCESS", "OPTION")
            node.set("owner_access", True)
        self.end()
        return node

    def whole_expression(self) -> exp.Expression:
        """An expression and the end of the text; an equals sign before it means nothing."""
        if self.implied is None:
            self.accept("=")
        node = self.expression()
        self.end()
        return node

    def end(self) -> None:
        """Nothing more but semicolons. Raises ConversionError."""
        while self.accept(";"):
            pass
        if self.token.token_type is not TokenType.SENTINEL:
            self.fail("the end of the statement")

    def body(self) -> exp.Expression:
        """The statement behind PARAMETERS."""
        parsers: dict[str, Callable[[], exp.Expression]] = {
            "TRANSFORM": self.transform,
            "UPDATE": self.update,
            "DELETE": self.delete,
            "INSERT": self.append,
            **dict.fromkeys(("CREATE", "ALTER", "DROP"), self.definition),
            **dict.fromkeys(("SELECT", "(", "TABLE"), self.query),
        }
        if self.word in ("GRANT", "REVOKE", "ADD", "EXEC", "EXECUTE", "PROCEDURE"):
            self.refuse(3008, word=self.word)
        if self.is_name and self.ahead() == "UNION":
            return self.query()
        if self.word not in parsers:
            self.fail("SELECT, TRANSFORM, INSERT, UPDATE, DELETE, CREATE, ALTER or DROP")
        return parsers[self.word]()

    def update(self) -> nodes.UpdateQuery:
        """UPDATE."""
        token = self.advance()
        node = self.placed(nodes.UpdateQuery(distinctrow=self.accept("DISTINCTROW")), token)
        node.set("sources", self.sources())
        node.set("external", self.external())
        self.expect("SET")
        node.append("assignments", self.assignment())
        while self.accept(","):
            node.append("assignments", self.assignment())
        node.set("where", self.where())
        return node

    def assignment(self) -> nodes.Assignment:
        """`column = value` of an UPDATE."""
        if not self.is_name:
            self.fail("the name of a column")
        token, target = self.token, self.reference()
        if not isinstance(target, exp.Column) or isinstance(target.this, exp.Star):
            self.fail("the name of a column before this")
        self.expect("=")
        return self.placed(nodes.Assignment(this=target, expression=self.expression()), token)

    def delete(self) -> nodes.DeleteQuery:
        """DELETE."""
        token = self.advance()
        node = self.placed(nodes.DeleteQuery(distinctrow=self.accept("DISTINCTROW")), token)
        if self.word != "FROM":
            node.set("targets", self.outputs())
        self.expect("FROM")
        node.set("sources", self.sources())
        node.set("external", self.external())
        node.set("where", self.where())
        return node

    def append(self) -> nodes.Append:
        """INSERT INTO."""
        token = self.advance()
        self.expect("INTO")
        node = self.placed(nodes.Append(this=self.table_name()), token)
        if self.at("(") and self.ahead() != "SELECT":
            self.advance()
            columns = [self.target_column()]
            while self.accept(","):
                columns.append(self.target_column())
            self.expect(")")
            node.set("columns", columns)
        node.set("external", self.external())
        if self.accept("VALUES"):
            self.expect("(")
            node.set("values", self.expressions())
            self.expect(")")
        else:
            node.set("query", self.query())
        return node

    def target_column(self) -> exp.Expression:
        """A column to append to: its name, with or without the table's before it, which `meta` keeps."""
        name = self.name("the name of a column")
        while self.accept("."):
            before, name = name.name, self.identifier()
            name.meta[nodes.BEFORE] = before
        return name
