"""Writing Access SQL back from the tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Final

from sqlglot import exp
from sqlglot.generator import Generator

from wizard.convert.dialect import nodes
from wizard.convert.dialect.dates import write_date
from wizard.convert.dialect.expressions import BINARY
from wizard.convert.dialect.token_cursor import RESERVED

_PLAIN: Final = re.compile(r"[^\W\d]\w*\$?\Z")
_OTHERS = """
    TRUE FALSE YES NO ON OFF NULL ANY SOME ALL LEFT RIGHT JOIN OUTER TOP TABLE PERCENT PRIMARY UNIQUE
    FOREIGN CONSTRAINT CHECK COLUMN PROCEDURE OWNERACCESS DEFAULT REFERENCES INDEX VIEW PROC TEMPORARY
    """
_NEEDS_BRACKETS: Final = RESERVED | frozenset(_OTHERS.split())
_OPERATORS: Final[dict[type[exp.Expr], str]] = {
    **{kind: word.title() if word.isalpha() else word for word, kind in BINARY.items()},
    nodes.ALike: "ALike",
    exp.BitwiseAnd: "BAnd",
    exp.BitwiseOr: "BOr",
    exp.BitwiseXor: "BXor",
}


class AccessGenerator(Generator):
    """Access SQL on one line; names in brackets where they need them, one spelling of everything else."""

    TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
        **{kind: lambda self, node: self.operation(node) for kind in _OPERATORS},
        exp.Identifier: lambda _, node: write_name(node.name),
        exp.Anonymous: lambda self, node: f"{write_call(node.name)}({self.listed(node.expressions)})",
        exp.Alias: lambda self, node: f"{self.sql(node, 'this')} AS {self.sql(node, 'alias')}",
        exp.Boolean: lambda _, node: "True" if node.this else "False",
        exp.Null: lambda _, __: "Null",
        exp.Star: lambda _, __: "*",
        exp.Paren: lambda self, node: f"({self.sql(node, 'this')})",
        exp.Neg: lambda self, node: self.negative(node),
        exp.Not: lambda self, node: self.negation(node),
        exp.BitwiseNot: lambda self, node: f"BNot {self.sql(node, 'this')}",
        exp.Is: lambda self, node: f"{self.sql(node, 'this')} Is Null",
        exp.In: lambda self, node: self.membership(node, ""),
        exp.Between: lambda self, node: self.between(node, ""),
        exp.Exists: lambda self, node: f"Exists {self.sql(node, 'this')}",
        exp.Any: lambda self, node: f"Any {self.sql(node, 'this')}",
        exp.All: lambda self, node: f"All {self.sql(node, 'this')}",
        exp.Literal: lambda _, node: write_text(node.name) if node.is_string else node.name,
        exp.Column: lambda self, node: ".".join(self.sql(part) for part in node.parts),
        exp.Table: lambda self, node: self.table(node),
        exp.TableAlias: lambda self, node: self.sql(node, "this"),
        exp.Subquery: lambda self, node: self.named(f"({self.sql(node, 'this')})", node),
        exp.Union: lambda self, node: self.union(node),
        exp.Ordered: lambda self, node: self.sql(node, "this") + (" DESC" if node.args.get("desc") else ""),
        exp.Order: lambda self, node: f"ORDER BY {self.listed(node.expressions)}",
        nodes.DateLiteral: lambda _, node: write_date(node.moment),
        nodes.Radix: lambda _, node: node.args["this"],
        nodes.GuidLiteral: lambda _, node: f"{{guid {{{node.args['this']}}}}}",
        nodes.Omitted: lambda _, __: "",
        nodes.Bang: lambda self, node: self.bang(node),
        nodes.AccessSelect: lambda self, node: self.select(node),
        nodes.Top: lambda self, node: f"TOP {self.sql(node, 'this')}{' PERCENT' if node.args.get('percent') else ''}",
        nodes.SourceJoin: lambda self, node: self.source_join(node),
        nodes.External: lambda _, node: write_external(node),
        nodes.TableQuery: lambda self, node: ("" if node.args.get("by_name") else "TABLE ") + self.sql(node, "this"),
        nodes.Transform: lambda self, node: self.transform_query(node),
        nodes.Append: lambda self, node: self.append(node),
        nodes.Assignment: lambda self, node: f"{self.sql(node, 'this')} = {self.sql(node, 'expression')}",
        nodes.UpdateQuery: lambda self, node: self.update(node),
        nodes.DeleteQuery: lambda self, node: self.delete(node),
        nodes.TypeName: lambda _, node: _sized(node.args["this"], node.args["sizes"]),
        nodes.ParameterDefinition: lambda self, node: f"{self.bracketed(node.this)} {self.sql(node, 'kind')}",
        nodes.SavedQuery: lambda self, node: self.saved(node),
        nodes.ColumnDefinition: lambda self, node: self.column_definition(node),
        nodes.TableConstraint: lambda self, node: self.constraint(node),
        nodes.CreateTable: lambda self, node: self.create_table(node),
        nodes.CreateIndex: lambda self, node: self.create_index(node),
        nodes.AlterTable: lambda self, node: self.alter_table(node),
        nodes.Default: lambda self, node: self.default(node),
        nodes.DropObject: lambda self, node: self.drop(node),
        nodes.CreateQuery: lambda self, node: self.create_query(node),
    }  # fmt: skip

    def generate(self, expression: exp.Expr, copy: bool = True) -> str:  # noqa: ARG002  # nothing here changes the tree
        """The Access SQL of a tree: what sqlglot calls, without its copy and its comments."""
        return self.sql(expression)

    def listed(self, items: Iterable[exp.Expr]) -> str:
        """Items with commas between them."""
        return ", ".join([self.sql(item) for item in items])

    def joined(self, *parts: str | None) -> str:
        """The parts that are there, with blanks between them."""
        return " ".join([part for part in parts if part])

    def named(self, text: str, node: exp.Expr) -> str:
        """`text AS alias`, where the node has an alias."""
        alias = node.args.get("alias")
        return f"{text} AS {self.sql(alias)}" if alias else text

    def table(self, node: exp.Table) -> str:
        """A name in FROM, with its database and its alias."""
        return self.named(".".join([self.sql(part) for part in (node.args.get("db"), node.this) if part]), node)

    def operation(self, node: exp.Binary) -> str:
        """Operands and operators of a chain, without going deeper for its left side, which may be long."""
        parts: list[str] = []
        stack: list[exp.Expr | str] = [node]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                parts.append(item)
            elif type(item) in _OPERATORS:
                stack += [item.args["expression"], _OPERATORS[type(item)], item.this]
            else:
                parts.append(self.sql(item))
        return " ".join(parts)

    def negative(self, node: exp.Neg) -> str:
        """Two signs in a row would begin a comment."""
        operand = self.sql(node, "this")
        return f"- {operand}" if operand.startswith("-") else f"-{operand}"

    def negation(self, node: exp.Not) -> str:
        """`x Not Like y` where it means the same; as an operand that binds tighter, `Not x Like y`."""
        operand, parent = node.this, node.parent
        inside = isinstance(parent, exp.Binary | exp.Between) and not isinstance(parent, exp.Connector)
        if isinstance(parent, exp.Neg) or (inside and node.arg_key != "this"):
            return f"Not {self.sql(operand)}"
        match operand:
            case exp.Is():
                return f"{self.sql(operand, 'this')} Is Not Null"
            case exp.In():
                return self.membership(operand, "Not ")
            case exp.Between():
                return self.between(operand, "Not ")
            case exp.Like() | nodes.ALike():
                word = _OPERATORS[type(operand)]
                return f"{self.sql(operand, 'this')} Not {word} {self.sql(operand, 'expression')}"
        return f"Not {self.sql(operand)}"

    def membership(self, node: exp.In, negation: str) -> str:
        """`x In (…)`, of a list or of a query; `negation` is `Not ` or nothing."""
        query = node.args.get("query")
        items = self.sql(query) if query else f"({self.listed(node.expressions)})"
        return f"{self.sql(node, 'this')} {negation}In {items}"

    def between(self, node: exp.Between, negation: str) -> str:
        """`x Between a And b`; `negation` is `Not ` or nothing."""
        return f"{self.sql(node, 'this')} {negation}Between {self.sql(node, 'low')} And {self.sql(node, 'high')}"

    def bang(self, node: nodes.Bang) -> str:
        """`[Forms]![Orders].[Id]`, with the signs between the names as they were."""
        parts = [self.bracketed(part) for part in node.expressions]
        return parts[0] + "".join(s + p for s, p in zip(node.args["separators"], parts[1:], strict=True))

    def bracketed(self, node: exp.Expr) -> str:
        """A name in brackets, whether it needs them or not; all else as it is."""
        return f"[{node.name}]" if isinstance(node, exp.Identifier) else self.sql(node)

    def select(self, node: nodes.AccessSelect) -> str:
        """SELECT with all its clauses, in Access's order."""
        arg = node.args
        into = arg.get("into")
        having = arg.get("having")
        group = arg.get("group")
        return self.joined(
            "SELECT",
            "DISTINCT" if arg.get("distinct") else "",
            "DISTINCTROW" if arg.get("distinctrow") else "",
            self.sql(arg.get("top")),
            self.listed(node.expressions),
            into and self.joined("INTO", self.sql(into), self.sql(arg.get("into_external"))),
            self.sources(node),
            self.where(node),
            group and f"GROUP BY {self.listed(group.expressions)}",
            having and f"HAVING {self.sql(having.this)}",
            self.sql(arg.get("order")),
        )

    def sources(self, node: exp.Expr) -> str:
        """`FROM a, b IN …`, or nothing."""
        sources = node.args.get("sources")
        return self.joined("FROM", self.listed(sources), self.sql(node.args.get("external"))) if sources else ""

    def where(self, node: exp.Expr) -> str:
        """`WHERE …`, or nothing."""
        where = node.args.get("where")
        return f"WHERE {self.sql(where.this)}" if where else ""

    def source_join(self, node: nodes.SourceJoin) -> str:
        """Joins in FROM, from the left, without going deeper for a left side, which may be long."""
        parts: list[str] = []
        left: exp.Expr = node
        while isinstance(left, nodes.SourceJoin):
            parts.append(f"{left.args['side']} JOIN {self.sql(left.expression)} ON {self.sql(left.args['on'])}")
            left = left.this
        return " ".join([self.sql(left), *reversed(parts)])

    def union(self, node: exp.Union) -> str:
        """SELECTs with UNION between them, from the left in the same way."""
        parts: list[str] = []
        left: exp.Expr = node
        while isinstance(left, exp.Union):
            word = "UNION" if left.args["distinct"] else "UNION ALL"
            parts.append(self.joined(word, self.sql(left.expression), self.sql(left.args.get("order"))))
            left = left.this
        return " ".join([self.sql(left), *reversed(parts)])

    def transform_query(self, node: nodes.Transform) -> str:
        """`TRANSFORM … SELECT … PIVOT … IN (…)`."""
        headings = node.args.get("headings")
        fixed = f"IN ({self.listed(headings)})" if headings else ""
        pivot = self.sql(node, "pivot")
        return self.joined("TRANSFORM", self.sql(node, "this"), self.sql(node, "query"), "PIVOT", pivot, fixed)

    def append(self, node: nodes.Append) -> str:
        """`INSERT INTO …`, of values or of a query."""
        columns = node.args.get("columns")
        values = node.args.get("values")
        return self.joined(
            "INSERT INTO",
            self.sql(node, "this"),
            columns and f"({self.listed(columns)})",
            self.sql(node, "external"),
            f"VALUES ({self.listed(values)})" if values else self.sql(node, "query"),
        )

    def update(self, node: nodes.UpdateQuery) -> str:
        """`UPDATE … SET … WHERE …`."""
        return self.joined(
            "UPDATE",
            "DISTINCTROW" if node.args.get("distinctrow") else "",
            self.sources(node).removeprefix("FROM "),
            f"SET {self.listed(node.args['assignments'])}",
            self.where(node),
        )

    def delete(self, node: nodes.DeleteQuery) -> str:
        """`DELETE … FROM … WHERE …`."""
        return self.joined(
            "DELETE",
            "DISTINCTROW" if node.args.get("distinctrow") else "",
            self.listed(node.args.get("targets") or ()),
            self.sources(node),
            self.where(node),
        )

    def saved(self, node: nodes.SavedQuery) -> str:
        """A saved query: its PARAMETERS, the statement, and WITH OWNERACCESS OPTION."""
        parameters = node.args.get("parameters")
        return self.joined(
            f"PARAMETERS {self.listed(parameters)};" if parameters else "",
            self.sql(node, "this"),
            "WITH OWNERACCESS OPTION" if node.args.get("owner_access") else "",
        )

    def column_definition(self, node: nodes.ColumnDefinition) -> str:
        """A column of CREATE TABLE or ALTER TABLE."""
        default = node.args.get("default")
        return self.joined(
            self.sql(node, "this"),
            self.sql(node, "kind"),
            "WITH COMPRESSION" if node.args.get("compression") else "",
            "NOT NULL" if node.args.get("not_null") else "",
            default and f"DEFAULT {self.sql(default)}",
            *[self.sql(constraint) for constraint in node.args.get("constraints") or ()],
        )

    def constraint(self, node: nodes.TableConstraint) -> str:
        """`CONSTRAINT …` of a table or a column."""
        arg = node.args
        kind, name, condition, references = arg["kind"], arg.get("name"), arg.get("condition"), arg.get("references")
        return self.joined(
            name and f"CONSTRAINT {self.sql(name)}",
            kind if kind != "REFERENCES" else "",
            condition and f"({self.sql(condition)})",
            self.in_parentheses(arg.get("columns")),
            references and f"REFERENCES {self.sql(references)}",
            self.in_parentheses(arg.get("referenced_columns")),
            arg.get("on_update") and f"ON UPDATE {arg['on_update']}",
            arg.get("on_delete") and f"ON DELETE {arg['on_delete']}",
        )

    def in_parentheses(self, items: list[exp.Expr] | None) -> str:
        """`(a, b)`, or nothing where there are no items."""
        return f"({self.listed(items)})" if items else ""

    def create_table(self, node: nodes.CreateTable) -> str:
        """`CREATE TABLE name (…)`."""
        kind = "CREATE TEMPORARY TABLE" if node.args.get("temporary") else "CREATE TABLE"
        items = [*node.args["columns"], *(node.args.get("constraints") or ())]
        return f"{kind} {self.sql(node, 'this')} ({self.listed(items)})"

    def create_index(self, node: nodes.CreateIndex) -> str:
        """`CREATE INDEX name ON table (…) WITH …`."""
        option = node.args.get("option")
        return self.joined(
            "CREATE UNIQUE INDEX" if node.args.get("unique") else "CREATE INDEX",
            f"{self.sql(node, 'this')} ON {self.sql(node, 'table')} ({self.listed(node.args['columns'])})",
            option and f"WITH {option}",
        )

    def alter_table(self, node: nodes.AlterTable) -> str:
        """`ALTER TABLE name ADD, ALTER or DROP …`."""
        action, constraint = node.args["action"], bool(node.args.get("constraint"))
        word = "COLUMN" if not constraint else "CONSTRAINT" if action == "DROP" else ""
        return self.joined("ALTER TABLE", self.sql(node, "this"), action, word, self.listed(node.args["items"]))

    def default(self, node: nodes.Default) -> str:
        """`column SET DEFAULT value`, or `column DROP DEFAULT`."""
        value = node.args.get("expression")
        return f"{self.sql(node, 'this')} " + (f"SET DEFAULT {self.sql(value)}" if value else "DROP DEFAULT")

    def drop(self, node: nodes.DropObject) -> str:
        """`DROP TABLE name`, and so on; `ON table` of an index."""
        table = node.args.get("table")
        return self.joined("DROP", node.args["kind"], self.sql(node, "this"), table and f"ON {self.sql(table)}")

    def create_query(self, node: nodes.CreateQuery) -> str:
        """`CREATE VIEW` or `CREATE PROCEDURE name (…) AS query`."""
        items = node.args.get("columns") or node.args.get("parameters")
        head = self.joined("CREATE", node.args["kind"], self.sql(node, "this"), self.in_parentheses(items))
        return f"{head} AS {self.sql(node, 'query')}"


def write_name(name: str) -> str:
    """A name, in brackets where Access needs them."""
    return name if _PLAIN.match(name) and name.upper() not in _NEEDS_BRACKETS else f"[{name}]"


def write_call(name: str) -> str:
    """A function's name may be of several parts, and may be a word that is no name of a column."""
    return ".".join(part if _PLAIN.match(part) else f"[{part}]" for part in name.split("."))


def write_text(text: str) -> str:
    """A text literal."""
    return '"' + text.replace('"', '""') + '"'


def write_external(node: nodes.External) -> str:
    """IN, with another database."""
    path, connect = node.args["this"], node.args.get("connect")
    return "IN " + " ".join(
        p for p in (write_text(path) if path or not connect else "", f"[{connect}]" if connect else "") if p
    )


def _sized(name: str, sizes: Sequence[str]) -> str:
    return f"{name}({','.join(sizes)})" if sizes else name
