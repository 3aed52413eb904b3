"""Everything a query can read: tables, and other queries, converted when first read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from wizard.convert.dialect import parse_query
from wizard.convert.dialect.make_table import makers
from wizard.convert.dialect.multivalued import joined
from wizard.convert.draft import ConversionTask, TableDraft
from wizard.convert.names import legal
from wizard.convert.own import OwnFunctions
from wizard.convert.queries.query_context import LEVELS, Field, Origin, QueryContext, Relation
from wizard.convert.tree import SqlNode, Variable, named
from wizard.convert.typed_sql import Typed, Walker
from wizard.convert.vba import UnsupportedVbaError
from wizard.definitions import ColumnType, Query
from wizard.messages import CircularQueryError, ConversionError
from wizard.objects import Name


@dataclass
class QueryCatalog:
    """`convert` converts a query and gives what it is to those that read it, or raises ConversionError.

    `made` converts a query that makes a table and gives that table's columns, none where it could not be converted.
    """

    task: ConversionTask
    drafts: Mapping[str, TableDraft]
    convert: Callable[[Query], Relation]
    made: Callable[[Query], tuple[Field, ...]]
    own: OwnFunctions = field(init=False)
    """VBA functions that the queries call"""
    constraints: dict[tuple[str, str], str] = field(default_factory=dict)
    """those that data definition names, by table and name in Access, with their names here"""
    _queries: dict[str, Query] = field(init=False)
    _makers: Mapping[str, Query] | None = None
    _tables: dict[str, Relation] = field(default_factory=dict)
    _under_way: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.own = OwnFunctions(self.task)
        self._queries = {q.name.casefold(): q for q in self.task.database.queries}

    def relation(self, context: QueryContext, name: exp.Identifier) -> Relation:
        """The table or query of that name. Raises ConversionError (3103 to 3108) where there is none to read."""
        folded = name.name.casefold()
        relation = self.table(name.name)
        if relation is None:
            linked = next((t for t in self.task.database.linked_tables if t.name.casefold() == folded), None)
            if linked:
                context.fail(
                    3103, name, name=linked.name, where=linked.database or linked.connect or "another database"
                )
            if folded.startswith("msys"):
                context.fail(3110, name, name=name.name)
            if folded not in self._queries:
                return self._made(context, name)
            relation = self._query(context, self._queries[folded], name)
        if relation.name.schema and not relation.taken_in:
            context.depends_on[relation.name] = None
            context.level = max(context.level, relation.level)
        return relation

    def makes(self, name: str) -> bool:
        """Whether a query of the database makes the table of that name."""
        return self._maker(name) is not None

    def tree(self, name: str) -> exp.Expr:
        """The SELECT of a query that has been converted."""
        found: exp.Expr = joined(parse_query(self._queries[name.casefold()].sql), self.task.database).this
        return found

    def source(self, context: QueryContext, relation: Relation, alias: str) -> SqlNode:
        """What stands for it in FROM: a function's parameters become those of the query that reads it."""
        if relation.deferred:
            context.fail(3147, name=relation.label)
        if relation.taken_in:
            context.fail(3187, name=relation.label, most=LEVELS)
        passed = [context.add_parameter(p.prompt, p.type, p.length) for p in relation.parameters]
        return named(str(relation.name), alias, [Variable(p.name) for p in passed])

    def listed(self, name: str) -> str:
        """The name that a table has here: those of a column's values may be named as the file has them."""
        values = ((d.table.name, d.table.child_of) for d in self.drafts.values())
        stored = {child.stored.casefold(): own for own, child in values if child is not None}
        return stored.get(name.casefold(), name)

    def table(self, name: str) -> Relation | None:
        """The table of that name."""
        draft = self.drafts.get(name.casefold())
        if draft is None:
            return None
        if name.casefold() not in self._tables:
            self._tables[name.casefold()] = _relation(draft)
        return self._tables[name.casefold()]

    def own_call(self, context: QueryContext, node: exp.Anonymous, walker: Walker) -> Typed | None:
        """A call of a VBA function; None where the modules have none. Raises ConversionError (3540)."""
        try:
            made = self.own.call(node, walker, context.query.name)
        except UnsupportedVbaError:
            self.own.note_others(context.tree, context.query.name)
            context.fail(3540, node, function=node.name)
        if made is None:
            return None
        context.depends_on[made[1]] = None
        return made[0]

    def own_type(self, name: str, index: int) -> ColumnType | None:
        """The type that a VBA function wants of an argument; None where any will do, or there is none."""
        return self.own.type_of(name, index)

    def _made(self, context: QueryContext, node: exp.Identifier) -> Relation:
        """A table that a query of this database makes. Raises ConversionError (3104, 3107, 3108).

        Access looks for such a table when a query runs. SQL Server does so for procedures ("deferred name
        resolution"), but makes no view or function over a table that is missing. So what reads one is a procedure,
        which works as soon as that of the make-table query has run, and fails before that, as the query does in Access.
        An empty table made beforehand would give no rows where Access says that something is missing, and would not be
        what SELECT INTO makes.
        """
        query = self._maker(node.name)
        if query is None:
            context.fail(3104, node, name=node.name)
        path = [*self._under_way, context.query.name.casefold()]
        if query.name.casefold() in path:
            raise CircularQueryError(3107, context.place(node), circle=f"{query.name} → {node.name} → {query.name}")
        self._under_way.append(context.query.name.casefold())
        try:
            fields = self.made(query)
        finally:
            self._under_way.pop()
        if not fields:
            context.fail(3108, node, name=query.name, reason=f"it makes {node.name}, whose columns are not known")
        context.deferred = True
        context.note(3146, node, name=node.name, query=query.name)
        table = Name(self.task.schema, legal(node.name, temporary=True))
        fields = tuple(
            replace(f, origin=Origin(table, f.server_name), counter=f.counter or self._counts(f.origin)) for f in fields
        )
        return Relation(node.name, table, fields, deletes=True)

    def _maker(self, table: str) -> Query | None:
        if self._makers is None:
            self._makers = makers(self.task.database)
        return self._makers.get(table.casefold())

    def _counts(self, origin: Origin | None) -> bool:
        """Whether a table's column numbers its rows, so that SELECT INTO may make another that does."""
        drafts = (d for d in self.drafts.values() if origin and d.name == origin.table)
        return any(c.identity and origin and c.name == origin.column for d in drafts for c in d.columns.values())

    def _query(self, context: QueryContext, query: Query, node: exp.Identifier) -> Relation:
        name = query.name.casefold()
        path = [*self._under_way, context.query.name.casefold()]
        if name in path:
            circle = [self._queries[n].name for n in (*path[path.index(name) :], name)]
            raise CircularQueryError(3107, context.place(node), circle=" → ".join(circle))
        self._under_way.append(context.query.name.casefold())
        try:
            return self.convert(query)
        except CircularQueryError:
            raise
        except ConversionError as error:
            if function := self.own.needed(query.name, context.query.name):
                context.fail(3540, node, function=function)
            context.fail(3108, node, name=query.name, reason=error.message.text)
        finally:
            self._under_way.pop()


def _relation(draft: TableDraft) -> Relation:
    key = tuple(c.name for c in draft.primary_key.columns) if draft.primary_key else ()
    required = {c.name for c in (*draft.columns.values(), *draft.added) if not c.nullable}
    unique = [frozenset(c.name for c in i.columns) for i in draft.indexes if i.unique]
    keys = [u for u in unique if u <= required] + ([frozenset(key)] if key else [])
    fields = []
    for column in draft.table.columns:
        made = draft.column(column.name)
        if made is None:
            continue
        kind = ColumnType.COMPLEX if column.complex_kind else column.type
        nullable = made.nullable and kind is not ColumnType.BOOLEAN
        length = column.length if kind is ColumnType.TEXT else 0
        origin = None if made.computed else Origin(draft.name, made.name)
        fields.append(Field(column.name, made.name, kind, nullable, length, made.type, origin))
    every = frozenset(f.server_name for f in fields)

    def closure(given: frozenset[str]) -> frozenset[str]:
        """Rows that agree in a unique key are one row."""
        return every | given if any(k <= given for k in keys) else given

    return Relation(draft.table.name, draft.name, tuple(fields), key, closure=closure, deletes=True)
