"""Parsing data definition: tables, indexes, views and procedures; and the parameters that queries declare."""

from __future__ import annotations

from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from wizard.convert.dialect import nodes
from wizard.convert.dialect.expressions import CONCATENATION
from wizard.convert.dialect.selects import SelectParser

_TWO_WORDS: Final = {
    "DOUBLE": ("PRECISION",),
    "CHARACTER": ("VARYING",),
    "CHAR": ("VARYING",),
    "NCHAR": ("VARYING",),
    "NATIONAL": ("CHAR", "CHARACTER", "TEXT"),
    "BINARY": ("VARYING",),
    "BIT": ("VARYING",),
    "LONG": ("TEXT", "BINARY"),
}


class DefinitionParser(SelectParser):
    """Parses CREATE, ALTER, DROP and PARAMETERS."""

    def definition(self) -> exp.Expression:
        """CREATE, ALTER or DROP of something."""
        token = self.token
        verb = self.advance().text.upper()
        if verb == "ALTER":
            self.expect("TABLE")
            return self.placed(self.alter_table(), token)
        if verb == "DROP":
            return self.placed(self.drop(), token)
        if self.at("TEMPORARY", "TABLE") or self.word == "TABLE":
            return self.placed(self.create_table(), token)
        if self.word in ("UNIQUE", "INDEX"):
            return self.placed(self.create_index(), token)
        if self.word in ("VIEW", "PROCEDURE", "PROC"):
            return self.placed(self.create_query(), token)
        if self.word in ("USER", "GROUP"):
            self.refuse(3008, word=f"{verb} {self.word}")
        return self.fail("TABLE, INDEX, VIEW or PROCEDURE")

    def create_table(self) -> nodes.CreateTable:
        """CREATE TABLE, after that word."""
        temporary = self.accept("TEMPORARY")
        self.expect("TABLE")
        node = nodes.CreateTable(this=self.table_name(), temporary=temporary, columns=[])
        self.expect("(")
        while True:
            if self.word in ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
                node.append("constraints", self.constraint())
            else:
                node.append("columns", self.column_definition())
            if not self.accept(","):
                break
        self.expect(")")
        return node

    def column_definition(self) -> nodes.ColumnDefinition:
        """A column with its type and constraints."""
        token = self.token
        name = self.name("the name of a column")
        node = self.placed(nodes.ColumnDefinition(this=name, kind=self.type_name()), token)
        while True:
            if self.accept("NOT", "NULL"):
                node.set("not_null", True)
            elif self.accept("NULL"):
                pass
            elif self.accept("DEFAULT"):
                node.set("default", self.expression(CONCATENATION))
            elif self.word == "WITH" and self.ahead() in ("COMPRESSION", "COMP"):
                self.advance()
                self.advance()
                node.set("compression", True)
            elif self.word in ("CONSTRAINT", "PRIMARY", "UNIQUE", "REFERENCES", "CHECK"):
                node.append("constraints", self.constraint())
            else:
                return node

    def type_name(self) -> nodes.TypeName:
        """A type, with its size where it has one."""
        if self.token.token_type is not TokenType.VAR:
            self.fail("the type of a column")
        word = self.advance().text.upper()
        while self.word in _TWO_WORDS.get(word.split()[-1], ()):
            word += " " + self.advance().text.upper()
        sizes: list[str] = []
        if self.accept("("):
            sizes = [self.size()]
            while self.accept(","):
                sizes.append(self.size())
            self.expect(")")
        return nodes.TypeName(this=word, sizes=sizes)

    def size(self) -> str:
        """A number with its sign."""
        sign = "-" if self.accept("-") else ""
        return sign + self.number("a number").name

    def constraint(self) -> nodes.TableConstraint:
        """A constraint of a column or a table, named or not."""
        token = self.token
        name = self.name("the name of a constraint") if self.accept("CONSTRAINT") else None
        node = self.placed(nodes.TableConstraint(kind="", name=name), token)
        if self.accept("PRIMARY"):
            self.expect("KEY")
            node.set("kind", "PRIMARY KEY")
        elif self.accept("UNIQUE"):
            node.set("kind", "UNIQUE")
        elif self.accept("NOT", "NULL"):
            node.set("kind", "NOT NULL")
        elif self.accept("CHECK"):
            node.set("kind", "CHECK")
            self.expect("(")
            node.set("condition", self.expression())
            self.expect(")")
        elif self.accept("FOREIGN"):
            self.expect("KEY")
            self.accept("NO", "INDEX")
            node.set("kind", "FOREIGN KEY")
        elif self.word == "REFERENCES":
            node.set("kind", "REFERENCES")
        else:
            self.fail("PRIMARY KEY, UNIQUE, NOT NULL, FOREIGN KEY, REFERENCES or CHECK")
        if self.word == "(":
            node.set("columns", self.names())
        if self.accept("REFERENCES"):
            self.references(node)
        return node

    def references(self, node: nodes.TableConstraint) -> None:
        """What a foreign key refers to, into its node."""
        node.set("references", self.table_name())
        if self.word == "(":
            node.set("referenced_columns", self.names())
        while self.accept("ON"):
            if self.word not in ("UPDATE", "DELETE"):
                self.fail("UPDATE or DELETE")
            event = "on_" + self.advance().text.lower()
            if self.accept("CASCADE"):
                node.set(event, "CASCADE")
            elif self.accept("SET", "NULL"):
                node.set(event, "SET NULL")
            elif self.accept("NO", "ACTION"):
                node.set(event, "NO ACTION")
            else:
                self.fail("CASCADE, SET NULL or NO ACTION")

    def names(self) -> list[exp.Expression]:
        """Names in parentheses."""
        self.expect("(")
        items: list[exp.Expression] = [self.name("the name of a column")]
        while self.accept(","):
            items.append(self.name("the name of a column"))
        self.expect(")")
        return items

    def create_index(self) -> nodes.CreateIndex:
        """CREATE INDEX, after CREATE."""
        unique = self.accept("UNIQUE")
        self.expect("INDEX")
        name = self.name("the name of an index")
        self.expect("ON")
        node = nodes.CreateIndex(this=name, unique=unique, table=self.table_name(), columns=[])
        self.expect("(")
        while True:
            node.append("columns", self.ordered())
            if not self.accept(","):
                break
        self.expect(")")
        if self.accept("WITH"):
            if self.accept("PRIMARY"):
                node.set("option", "PRIMARY")
            elif self.word in ("DISALLOW", "IGNORE"):
                node.set("option", f"{self.advance().text.upper()} NULL")
                self.expect("NULL")
            else:
                self.fail("PRIMARY, DISALLOW NULL or IGNORE NULL")
        return node

    def alter_table(self) -> nodes.AlterTable:
        """ALTER TABLE, after those words."""
        table = self.table_name()
        if self.word not in ("ADD", "ALTER", "DROP"):
            self.fail("ADD, ALTER or DROP")
        action = self.advance().text.upper()
        if action == "ADD" and self.word in ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
            return nodes.AlterTable(this=table, action=action, items=[self.constraint()], constraint=True)
        if action == "DROP" and self.accept("CONSTRAINT"):
            name = self.name("the name of a constraint")
            return nodes.AlterTable(this=table, action=action, items=[name], constraint=True)
        self.accept("COLUMN")
        node = nodes.AlterTable(this=table, action=action, items=[self.altered(action)])
        while self.accept(","):
            self.accept("COLUMN")
            node.append("items", self.altered(action))
        return node

    def altered(self, action: str) -> exp.Expression:
        """A column that is added, altered or dropped."""
        if action == "DROP":
            return self.name("the name of a column")
        if action == "ALTER" and (self.ahead(), self.ahead(2)) in (("SET", "DEFAULT"), ("DROP", "DEFAULT")):
            token, column = self.token, self.name("the name of a column")
            sets = self.advance().text.upper() == "SET"
            self.advance()
            node = nodes.Default(this=column, expression=self.expression(CONCATENATION) if sets else None)
            return self.placed(node, token)
        return self.column_definition()

    def drop(self) -> nodes.DropObject:
        """DROP, after that word."""
        if self.word not in ("TABLE", "INDEX", "VIEW", "PROCEDURE", "PROC"):
            self.fail("TABLE, INDEX, VIEW or PROCEDURE")
        kind = self.advance().text.upper()
        node = nodes.DropObject(kind="PROCEDURE" if kind == "PROC" else kind, this=self.table_name())
        if kind == "INDEX":
            self.expect("ON")
            node.set("table", self.table_name())
        return node

    def create_query(self) -> nodes.CreateQuery:
        """CREATE VIEW or PROCEDURE, after CREATE."""
        kind = self.advance().text.upper()
        node = nodes.CreateQuery(kind="VIEW" if kind == "VIEW" else "PROCEDURE", this=self.table_name())
        if self.word == "(":
            if kind == "VIEW":
                node.set("columns", self.names())
            else:
                self.advance()
                node.set("parameters", self.declared())
                self.expect(")")
        self.expect("AS")
        node.set("query", self.body())
        return node

    def body(self) -> exp.Expression:
        """What a procedure does; whole statements know more of it."""
        return self.query()

    def parameters(self) -> list[exp.Expression]:
        """`PARAMETERS name type, …;`"""
        self.expect("PARAMETERS")
        items = self.declared()
        self.expect(";")
        return items

    def declared(self) -> list[exp.Expression]:
        """What PARAMETERS declares."""
        items = [self.parameter()]
        while self.accept(","):
            items.append(self.parameter())
        return items

    def parameter(self) -> exp.Expression:
        """A name and a type. Access stores the name without brackets, spaces and all: the last word is the type."""
        token = self.token
        if token.token_type is TokenType.IDENTIFIER or self.ahead() == "!":
            name = self.reference()
            this = name.this if isinstance(name, exp.Column) else name
        else:
            if token.token_type is not TokenType.VAR:
                self.fail("the name of a parameter")
            last = self.advance()
            while self.token.token_type is TokenType.VAR and self.ahead() not in (",", ";", "(", ")", ""):
                last = self.advance()
            text = self.sql[token.start : last.end + 1]
            this = self.placed(exp.Identifier(this=text, quoted=True), token)
        return self.placed(nodes.ParameterDefinition(this=this, kind=self.type_name()), token)
