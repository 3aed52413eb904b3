"""SELECT to T-SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.expressions import translate_condition, translate_value
from wizard.convert.queries.agreement import Agreement
from wizard.convert.queries.grouping import check_grouped
from wizard.convert.queries.outputs import Output, aggregates, expand, own_columns
from wizard.convert.queries.scope import Bound, QueryScope
from wizard.convert.queries.sources import read_sources
from wizard.convert.queries.text import clauses, indented, listed
from wizard.convert.queries.work import Field, Rows, Work, field_of
from wizard.convert.typed import Typed
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
) -> Rows:
    """Translate a SELECT; `into` names a table to make; `types` are those that a UNION wants of its columns.

    `keep_order` is for statements in which ORDER BY may stand without TOP. Raises ConversionError.
    """
    return _Select(work, node, parent).rows(into, keep_order, types)


class _Select:
    def __init__(self, work: Work, node: nodes.AccessSelect, parent: QueryScope | None) -> None:
        if node.args.get("external"):
            work.fail(3105, node.args["external"], name="FROM", file=node.args["external"].args["this"])
        self.work = work
        self.node = node
        self.source_sql, bounds = read_sources(work, node.args.get("sources") or [], parent)
        self.scope = QueryScope(work, bounds, parent)
        self.outputs = expand(work, node, self.scope)
        group = node.args.get("group")
        self.group: list[exp.Expr] = group.expressions if group else []
        having = node.args.get("having")
        self.aggregated = bool(self.group or having or any(aggregates(o.node) for o in self.outputs))
        self.values: dict[str, Typed] = {}
        self.computing: list[str] = []
        self.applied: list[str] = []
        self.grouped: dict[str, str] = {}
        self.lifted: dict[str, str] = {}
        self.with_aliases = QueryScope(work, bounds, parent, self.alias_value, self.lift, self.agrees)

    def rows(self, into: str, keep_order: bool, types: Sequence[ColumnType]) -> Rows:
        arg, work = self.node.args, self.work
        wanted = self.wanted_aliases()
        where = arg.get("where")
        for clause, inner in (("WHERE", [where and where.this]), ("GROUP BY", self.group)):
            for call in (c for node in inner for c in aggregates(node)):
                work.fail(3106, call, name=call.name, clause=clause)
        if self.aggregated:
            order = self.node.args.get("order")
            sorting = [o.this for o in order.expressions] if order and arg.get("top") else []
            check_grouped(self.scope, self.group, [*self.output_nodes(), arg.get("having"), *sorting])
        group = [sql for sql in map(self.group_item, self.group) if sql]
        made = [self.output(o, wanted) for o in self.outputs]
        made = [replace(v, sql=self.grouped.get(v.sql, v.sql)) for v in made]
        if types:
            made = [as_type(value, kind) for value, kind in zip(made, types, strict=True)]
        condition = translate_condition(where.this, self.scope) if where else ""
        having = translate_condition(arg["having"].this, self.with_aliases) if arg.get("having") else ""
        order = self.order(made)
        top = self.top(bool(order))
        kept = bool(order) and (bool(top) or keep_order)
        fields = tuple(field_of(o.name, o.server_name, v) for o, v in zip(self.outputs, made, strict=True))
        columns = listed(self.column(o, v) for o, v in zip(self.outputs, made, strict=True))
        distinct = " DISTINCT" if arg.get("distinct") else ""
        key = self.distinctrow_key() if arg.get("distinctrow") else ()
        if key:
            columns, distinct = listed([columns.lstrip(), *key]), " DISTINCT"
        sql = clauses(
            f"SELECT{distinct}{top}\n{columns}",
            f"INTO {into}" if into and not key else "",
            f"FROM {self.source_sql}" if self.source_sql else self.nothing(),
            *self.applied,
            f"WHERE {condition}" if condition else "",
            f"GROUP BY\n{listed(group)}" if group else "",
            f"HAVING {having}" if having else "",
            f"ORDER BY {', '.join(order)}" if kept and not key else "",
        )
        if key:
            sql = self.without_key(sql, fields, into)
        said, unsortable = ("", False) if kept else self.outer_order(order, made)
        return Rows(sql, fields, said, unsortable)

    def outer_order(self, order: list[str], made: list[Typed]) -> tuple[str, bool]:
        """What to sort by, as those can say it who read the rows; and whether it is not all in the output."""
        names = {v.sql: quote(o.server_name) for o, v in zip(self.outputs, made, strict=True)}
        items = [(item.removesuffix(" DESC"), " DESC" if item.endswith(" DESC") else "") for item in order]
        said = ", ".join(names.get(sql, sql) + direction for sql, direction in items)
        return said, any(sql not in names for sql, _ in items)

    def nothing(self) -> str:
        """Without FROM, what is applied needs a row to be applied to."""
        return "FROM (SELECT 1 AS [one]) AS [nothing]" if self.applied else ""

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
            if len(value.sql) > _LONGEST:
                self.work.fail(3007, node, limit=_LONGEST)
            value = Typed(f"({value.sql})", value.type, value.nullable, value.length, value.constant)
        elif value.constant is None:
            table = self.work.alias()
            self.applied.append(f"    CROSS APPLY (SELECT {value.sql} AS {quote(output.server_name)}) AS {table}")
            value = Typed(f"{table}.{quote(output.server_name)}", value.type, value.nullable, value.length)
        self.values[folded] = value
        return value

    def column(self, output: Output, value: Typed) -> str:
        name = quote(output.server_name)
        bare = value.sql.startswith("[") and value.sql.endswith("." + name) and value.sql.count("].[") == 1
        return value.sql if bare else f"{value.sql} AS {name}"

    def group_item(self, node: exp.Expr) -> str:
        """A value to group by. A constant groups nothing and T-SQL forbids it; a sub-query must be computed beside."""
        value = translate_value(node, self.scope)
        if value.constant is not None:
            return ""
        if "SELECT" not in value.sql:
            return value.sql
        return self.apply(value.sql, self.grouped)

    @cached_property
    def agreement(self) -> Agreement:
        where = self.node.args.get("where")
        return Agreement(self.scope, self.group, self.node.args.get("sources") or [], where and where.this)

    def agrees(self, node: exp.Expr) -> bool:
        return self.agreement.covers(node)

    def lift(self, value: Typed) -> Typed:
        """A sub-query that an aggregate is over, which T-SQL forbids: computed beside the sources, read as a column."""
        return replace(value, sql=self.apply(value.sql, self.lifted))

    def apply(self, sql: str, known: dict[str, str]) -> str:
        """The column that holds the value, which is computed once for each row of the sources."""
        if sql not in known:
            table = self.work.alias()
            self.applied.append(f"    CROSS APPLY (SELECT {sql} AS [value]) AS {table}")
            known[sql] = f"{table}.[value]"
        return known[sql]

    def order(self, made: list[Typed]) -> list[str]:
        """What to sort by, each thing once."""
        order = self.node.args.get("order")
        items: dict[str, str] = {}
        for item in order.expressions if order else ():
            number = item.this
            if isinstance(number, exp.Literal) and not number.is_string and number.name.isdigit():
                if not 1 <= int(number.name) <= len(made):
                    self.work.fail(3118, number, position=number.name)
                value = made[int(number.name) - 1]
            else:
                value = translate_value(number, self.with_aliases)
            if value.constant is None:
                items.setdefault(value.sql, f"{value.sql} DESC" if item.args.get("desc") else value.sql)
        return list(items.values())

    def top(self, ordered: bool) -> str:
        """TOP, which in Access gives all rows that tie with the last."""
        top = self.node.args.get("top")
        if not top:
            return ""
        percent = " PERCENT" if top.args.get("percent") else ""
        if not ordered:
            self.work.tell(3119, top)
        return f" TOP ({top.this.name}){percent}{' WITH TIES' if ordered else ''}"

    def distinctrow_key(self) -> tuple[str, ...]:
        """What makes DISTINCTROW's rows distinct: the keys of the sources that give columns, where others give none."""
        if self.aggregated or len(self.scope.sources) < 2:
            return ()
        giving = [s for s in self.scope.sources if self.gives(s)]
        if not giving or len(giving) == len(self.scope.sources):
            return ()
        if self.node.args.get("top") or not all(s.relation.key for s in giving):
            self.work.tell(3120, self.node)
            return ()
        keys = [f"{s.sql}.{quote(column)}" for s in giving for column in s.relation.key]
        return tuple(f"{sql} AS {quote(f'key {number}')}" for number, sql in enumerate(keys, start=1))

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

    def without_key(self, sql: str, fields: tuple[Field, ...], into: str) -> str:
        columns = listed(quote(f.server_name) for f in fields)
        start = f"SELECT\n{columns}" + (f"\nINTO {into}" if into else "")
        return f"{start}\nFROM (\n{indented(sql)}\n) AS [distinct rows]"
