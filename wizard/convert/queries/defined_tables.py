"""The table that data definition is about: what is known of its columns, and how its keys and indexes are called here.

Sources: "Database Engine events and errors" (1919: a key over a type without a limit, 1761: SET NULL of columns that
cannot be NULL, 8111: a primary key over columns that can, 2714: two constraints of a schema with one name, 3728 and
3701: nothing of that name to drop).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from wizard.convert.draft import TableDraft
from wizard.convert.names import folded, legal, renamed
from wizard.convert.queries import alter_column
from wizard.convert.queries.query_context import QueryContext
from wizard.objects import MAX, Name, quote


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """A column's name and type in T-SQL, whether it can be NULL, and whether the server calculates it."""

    name: str
    type: str
    nullable: bool
    computed: bool = False
    unlimited: bool = False
    """of a type without a limit, which no key takes"""


@dataclass(frozen=True)
class DefinedTable:
    """`access` is its name in Access; `columns` are by folded name, none where nothing is known of the table."""

    access: str
    name: Name
    columns: Mapping[str, KnownColumn]
    draft: TableDraft | None = None

    def having(self, columns: Iterable[KnownColumn]) -> DefinedTable:
        """The table with columns that the statement adds or changes."""
        return replace(self, columns={**self.columns, **{folded(c.name): c for c in columns}})

    def nullable(self, columns: Iterable[str]) -> list[str]:
        """Those of the columns that can be NULL, or of which nothing is known."""
        return [c for c in columns if (known := self.columns.get(folded(c))) is None or known.nullable]

    def own(self, name: str) -> tuple[str, bool] | None:
        """What a key, index or relationship of the table in Access is called here, and whether it is a constraint."""
        if self.draft is None:
            return None
        key = self.draft.primary_key
        found = [(k.source, k.name, True) for k in (*([key] if key else ()), *self.draft.foreign_keys)]
        found += [(i.source, i.name, i.constraint) for i in self.draft.indexes]
        return next(((made, kind) for source, made, kind in found if source.casefold() == name.casefold()), None)

    def left_out(self, name: str) -> bool:
        """Whether Access's table has an index of that name and the server's none."""
        mine = self.draft.table.indexes if self.draft else ()
        return self.own(name) is None and any(i.name.casefold() == name.casefold() for i in mine)


def defined_table(context: QueryContext, name: Name, access: str) -> DefinedTable:
    """The table as it is converted; nothing is known of one that is made otherwise."""
    draft = context.catalog.drafts.get(access.casefold())
    columns = [*draft.columns.values(), *draft.added] if draft else []
    known = [
        KnownColumn(
            c.name,
            f"{c.type} COLLATE {c.collation}" if c.collation else str(c.type),
            c.nullable,
            bool(c.computed),
            c.type.length == MAX,
        )
        for c in columns
    ]
    return DefinedTable(access, name, {folded(c.name): c for c in known}, draft)


def constraint_name(context: QueryContext, table: DefinedTable, node: exp.Expr) -> str:
    """What a constraint is called in every statement for its table: a schema has each name once, unlike Access."""
    if own := table.own(node.name):
        return own[0]
    key, known = (table.access.casefold(), folded(node.name)), context.catalog.constraints
    if key not in known:
        known[key] = context.task.constraint(node.name)
        if context.task.options.warn_renamed:
            context.messages += renamed(node.name, known[key], context.place(node))
    return known[key]


def dropped_constraint(context: QueryContext, table: DefinedTable, node: exp.Expr) -> str:
    """The statement that drops a constraint or index by its name in Access. Raises ConversionError (3157)."""
    if table.left_out(node.name):
        context.fail(3157, node, name=node.name, table=table.access)
    own = table.own(node.name)
    if own and not own[1]:
        return f"DROP INDEX {quote(own[0])} ON {table.name};"
    return f"ALTER TABLE {table.name} DROP CONSTRAINT {quote(constraint_name(context, table, node))};"


def dropped_index(context: QueryContext, table: DefinedTable, node: exp.Expr) -> str:
    """The same for DROP INDEX, which drops what is a constraint of the server's, too."""
    known = (table.access.casefold(), folded(node.name)) in context.catalog.constraints
    if known or table.own(node.name) or table.left_out(node.name):
        return dropped_constraint(context, table, node)
    return f"DROP INDEX {quote(legal(node.name))} ON {table.name};"


def index_name(table: DefinedTable, node: exp.Expr) -> str:
    """What an index is called: names of indexes are a table's own."""
    own = table.own(node.name)
    return own[0] if own else legal(node.name)


def check_key(context: QueryContext, table: DefinedTable, columns: Sequence[str], node: exp.Expr) -> None:
    """Raises ConversionError (3155) where a column of a key or index has a type that no key takes."""
    for column in columns:
        known = table.columns.get(folded(column))
        if known and known.unlimited:
            context.fail(3155, node, column=column, type=known.type)


def on_delete(
    context: QueryContext, table: DefinedTable, columns: Sequence[str], node: exp.Expr, wanted: str | None
) -> str:
    """The foreign key's action. Where a column cannot be NULL, Access refuses to delete: NO ACTION does so too."""
    if wanted != "SET NULL":
        return wanted or ""
    fixed = [c for c in columns if (known := table.columns.get(folded(c))) and not known.nullable]
    if not fixed:
        return wanted
    context.note(3156, node, columns=", ".join(fixed))
    return "NO ACTION"


def made_required(table: DefinedTable, columns: Sequence[str]) -> list[str]:
    """The statements that make columns NOT NULL before they become a primary key."""
    found = [known for c in columns if (known := table.columns.get(folded(c)))]
    wanted = [known for known in found if known.nullable and not known.computed]
    return [
        alter_column.changing(table.name, alter_column.Change(c.name, c.type, nullable=False), n)
        for n, c in enumerate(wanted, 1)
    ]
