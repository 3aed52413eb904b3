"""Columns with several values in queries: `Table.Column.Value`, `.FileName` and the like become joined columns.

Such a column's values are rows of a hidden table. Where a query names what is in it, Access gives a row for each value,
and one with NULL for a record without values (Microsoft's "Guide to multivalued fields", on the Value property). That
is a LEFT JOIN beside the table, made once however often the values are named. It is made here, in the tree of Access
SQL, so that all who read trees read the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.definitions import Column, Database, Table

HIDDEN: Final = "hidden"
"""marks, in a Table's `meta`, one that Access joins unseen: no star shows it and no bare name means its columns"""
NUMBER: Final = "number"
"""marks, in a Column's `meta`, a complex column read as the number that leads to its values"""
SHOWN: Final = "shown"
"""in a Column's `meta`, the name that Access gives it in an output"""

TreeT = TypeVar("TreeT", bound=exp.Expression)
_Statement = nodes.AccessSelect | nodes.UpdateQuery | nodes.DeleteQuery


@dataclass
class _Joined:
    """The values of one column, under the name they have in FROM."""

    column: Column
    values: Table
    alias: str
    side: str


@dataclass
class _Source:
    """An item of FROM under its alias; `table` where it is one of the database."""

    alias: str
    node: exp.Table | None
    table: Table | None
    joined: dict[str, _Joined] = field(default_factory=dict)
    """by case-folded column"""


def joined(tree: TreeT, database: Database) -> TreeT:
    """The tree with the tables of values joined that it names; the same tree, changed. Nothing is raised."""
    if any(t.child_of for t in database.tables):
        _Joiner(database).whole(tree)
    return tree


class _Joiner:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.made: list[_Source] = []
        self.stored = {t.child_of.stored.casefold(): t for t in database.tables if t.child_of and t.child_of.stored}

    def whole(self, tree: exp.Expression) -> None:
        self.visit(tree, ())
        for source in self.made:
            if source.joined and source.node is not None:
                _replace(source)

    def visit(self, node: exp.Expr, around: Sequence[list[_Source]]) -> None:
        if isinstance(node, nodes.Transform):
            own = self.statement(node.args["query"], around)
            for part in (node.this, node.args["pivot"]):
                self.visit(part, own)
        elif isinstance(node, _Statement):
            self.statement(node, around)
        elif isinstance(node, exp.Column):
            self.column(node, around, "LEFT")
        else:
            for child in list(node.iter_expressions()):
                self.visit(child, around)

    def statement(self, node: exp.Expr, around: Sequence[list[_Source]]) -> Sequence[list[_Source]]:
        """Visit a statement; what its names can mean is given back."""
        if not isinstance(node, _Statement):
            self.visit(node, around)
            return around
        sources: list[_Source] = []
        own = (*around, sources)
        items = node.args.get("sources") or []
        conditions = [c for item in items for c in self.sources(item, sources, around)]
        for condition in conditions:
            self.visit(condition, own)
        for assignment in node.args.get("assignments") or ():
            if isinstance(assignment.this, exp.Column):  # Access changes the values that there are
                self.column(assignment.this, (sources,), "INNER")
        for key, value in node.args.items():
            if key != "sources":
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, exp.Expression):
                        self.visit(child, own)
        return own

    def sources(self, item: exp.Expr, made: list[_Source], around: Sequence[list[_Source]]) -> Iterable[exp.Expr]:
        """Note the sources of an item of FROM; the conditions of its joins are given back."""
        if isinstance(item, nodes.SourceJoin):
            left = list(self.sources(item.this, made, around))
            return [*left, *self.sources(item.expression, made, around), item.args["on"]]
        if isinstance(item, exp.Paren):
            return self.sources(item.this, made, around)
        if isinstance(item, exp.Table):
            table = None if item.args.get("db") else self.table(item)
            made.append(_Source(item.alias or item.name, item, table))
            self.made.append(made[-1])
        else:
            self.visit(item, around)
            made.append(_Source(item.alias, None, None))
        return []

    def table(self, item: exp.Table) -> Table | None:
        """The table that an item of FROM names; one of values by its own name in the file too, which it then keeps."""
        name = item.name.casefold()
        found = self.database.tables_by_name.get(name) or self.stored.get(name)
        if found and name in self.stored:
            if not item.alias:
                item.set("alias", exp.TableAlias(this=exp.to_identifier(item.name, quoted=True)))
            item.set("this", exp.to_identifier(found.name, quoted=True))
        return found

    def column(self, node: exp.Column, around: Sequence[list[_Source]], side: str) -> None:
        for sources in reversed(around):
            known, found = _meant(node, sources, self.database)
            if found:
                self.join(node, *found, side)
            if known:
                return

    def join(self, node: exp.Column, source: _Source, column: Column, part: str, side: str) -> None:
        values = self.database.tables_by_name[column.child_table.casefold()]
        entry = source.joined.get(column.name.casefold())
        if entry is None:
            entry = _Joined(column, values, f"{source.alias}.{column.name}", side)
            source.joined[column.name.casefold()] = entry
        title = values.by_name[part.casefold()].name
        named = exp.to_identifier(title, quoted=True)
        line, begins = nodes.position(node)
        node.set("this", named)
        node.set("table", exp.to_identifier(entry.alias, quoted=True))
        node.set("db", None)
        node.set("catalog", None)
        node.meta[SHOWN] = f"{column.name}.{title}"
        if line:
            nodes.place(node, line, begins)


def _meant(
    node: exp.Column, sources: Sequence[_Source], database: Database
) -> tuple[bool, tuple[_Source, Column, str] | None]:
    """Whether a name is one of these sources', and the part of a column with several values that it means."""
    parts = [p.name for p in node.parts]
    source = next((s for s in sources if s.alias.casefold() == parts[0].casefold()), None)
    if source is not None and len(parts) > 1:
        found = _part(source, parts[1], parts[2], database) if len(parts) == 3 else None
        if found or len(parts) > 2 or source.table is None or parts[1].casefold() in source.table.by_name:
            return True, found
    if len(parts) != 2:
        return False, None
    hits = [h for s in sources if (h := _part(s, parts[0], parts[1], database))]
    return bool(hits), hits[0] if len(hits) == 1 else None


def _part(source: _Source, name: str, part: str, database: Database) -> tuple[_Source, Column, str] | None:
    column = source.table.by_name.get(name.casefold()) if source.table else None
    values = database.tables_by_name.get(column.child_table.casefold()) if column and column.child_table else None
    if column is None or values is None or values.child_of is None or part.casefold() not in values.by_name:
        return None
    return None if part.casefold() == values.child_of.key.casefold() else (source, column, part)


def _replace(source: _Source) -> None:
    """Put the tables of values beside the table, within the join that it stands in."""
    node = source.node
    assert node is not None  # noqa: S101  # who calls it has looked
    item: exp.Expr = node.copy()
    for entry in source.joined.values():
        assert entry.values.child_of is not None  # noqa: S101  # `_part` has looked
        hidden = exp.Table(
            this=exp.to_identifier(entry.values.name, quoted=True),
            alias=exp.TableAlias(this=exp.to_identifier(entry.alias, quoted=True)),
        )
        hidden.meta[HIDDEN] = True
        number = exp.column(entry.column.name, source.alias, quoted=True)
        number.meta[NUMBER] = True
        key = exp.column(entry.values.child_of.key, entry.alias, quoted=True)
        on = exp.EQ(this=number, expression=key)
        item = nodes.SourceJoin(this=item, expression=hidden, side=entry.side, on=on)
    node.replace(exp.Paren(this=item) if isinstance(node.parent, nodes.SourceJoin) else item)
