"""Saved queries to views, table-valued functions and stored procedures that mean the same.

Queries that forms and reports made for themselves (`~sq_…`) stay with those: Access makes them again from the form.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.convert.dialect.multivalued import joined
from wizard.convert.draft import ConversionTask, TableDraft, draft_item
from wizard.convert.expressions import check_depth
from wizard.convert.item_guard import one_item
from wizard.convert.names import legal, needs_quoting, renamed
from wizard.convert.queries.actions import append_sql, delete_sql, update_sql
from wizard.convert.queries.catalog import QueryCatalog
from wizard.convert.queries.crosstab_headings import Headings, HeadingSource, found_headings, heading_sources
from wizard.convert.queries.crosstabs import crosstab_procedure, crosstab_rows, fixed_headings
from wizard.convert.queries.definitions import created_fields, definition_statement
from wizard.convert.queries.make_table import make_table_sql
from wizard.convert.queries.query_context import Field, Parameter, QueryContext, QueryRows, Relation
from wizard.convert.queries.type_names import access_type
from wizard.convert.queries.unions import ordered_rows, query_rows
from wizard.convert.tree import Indented, SqlNode, Volatility, lines, listed, tsql
from wizard.definitions import ColumnType, Query, QueryKind
from wizard.messages import ConversionError, Kind, Message, Place
from wizard.objects import Converted, ModuleParameter, Name, ObjectKind, ServerModule, Statement, TableRef
from wizard.settings import CrosstabOption

_ACTIONS: Final[dict[type[exp.Expr], Callable[[QueryContext, Any], SqlNode]]] = {
    nodes.UpdateQuery: update_sql,
    nodes.DeleteQuery: delete_sql,
    nodes.Append: append_sql,
}
_DEFINITIONS: Final = (nodes.CreateTable, nodes.CreateIndex, nodes.AlterTable, nodes.DropObject, nodes.CreateQuery)


@dataclass
class Queries:
    """What became of the queries: `modules` in the order in which they refer to each other."""

    modules: list[ServerModule] = field(default_factory=list)
    items: list[Converted] = field(default_factory=list)
    review: list[Statement] = field(default_factory=list)
    messages: tuple[Message, ...] = ()
    """about the queries as a whole"""


def convert_queries(
    task: ConversionTask,
    drafts: Mapping[str, TableDraft],
    headings: Mapping[str, Headings] | None = None,
    only: Collection[str] | None = None,
) -> Queries:
    """Convert every saved query of the task's database that is not a form's own; of `only` these and what they read.

    `drafts` are the converted tables by case-folded Access name; `headings` the column headings found in the data
    for crosstabs that list none, by query name. Nothing is raised: what cannot be converted is an item's message.
    """
    converter = _Converter(task, drafts, {k.casefold(): v for k, v in (headings or {}).items()})
    for query in task.database.queries:
        if not query.hidden and (only is None or query.name in only):
            converter.convert(query)
    converter.result.items += converter.catalog.own.refused()
    converter.result.messages = _about_hidden(task)
    return converter.result


_OWNERS_SHOWN: Final = 10


def _about_hidden(task: ConversionTask) -> tuple[Message, ...]:
    """One message about all queries that are left with their forms and reports."""
    hidden = [q for q in task.database.queries if q.hidden]
    if not hidden:
        return ()
    owners = sorted({q.owner_object for q in hidden if q.owner_object}, key=str.casefold)
    shown = ", ".join(owners[:_OWNERS_SHOWN]) + (" …" if len(owners) > _OWNERS_SHOWN else "")
    place = Place(Kind.FILE, task.source)
    return (Message.of(3171, place, count=len(hidden), owners=shown or "objects that are gone"),)


class _Converter:
    def __init__(
        self, task: ConversionTask, drafts: Mapping[str, TableDraft], headings: Mapping[str, Headings]
    ) -> None:
        self.task = task
        self.headings = headings
        self.result = Queries()
        self.catalog = QueryCatalog(task, drafts, self.relation, self.made_by)
        self.made: dict[str, tuple[Field, ...]] = {}
        self.done: dict[str, Relation | ConversionError] = {}
        self.names = {q.name: Name(task.schema, task.names.take(q.name)) for q in task.database.queries if not q.hidden}

    def convert(self, query: Query) -> None:
        """Convert a query once, keeping what became of it."""
        key = query.name.casefold()
        if key in self.done:
            return
        context: QueryContext | None = None
        made: ServerModule | Statement | None = None
        messages: list[Message] = []
        try:
            if query.kind is QueryKind.PASS_THROUGH:
                made = self.pass_through(query, messages)
                self.done[key] = ConversionError(3160, self.place(query))
            else:
                with one_item(self.place(query)):
                    tree = joined(parse_query(query.sql), self.task.database)
                    context = QueryContext(self.task, self.catalog, query, tree, query_rows)
                    made = self.translate(context)
        except ConversionError as error:
            located = _located(error, self.place(query))
            messages.append(located.message)
            self.done[key] = located
        if context:
            messages = [*context.messages, *messages]
        self.own_functions()
        if isinstance(made, ServerModule):
            self.result.modules.append(made)
            messages = [*self.about_name(query, made.name), *messages]
        elif isinstance(made, Statement):
            self.result.review.append(made)
        target = str(made.name) if made else ""
        self.result.items.append(
            draft_item(TableRef(self.task.source, query.name), "queries", "", target, tuple(messages))
        )

    def own_functions(self) -> None:
        """The VBA functions that were made since, which come before what calls them."""
        self.result.modules += self.catalog.own.modules
        self.result.items += self.catalog.own.items
        self.catalog.own.modules.clear()
        self.catalog.own.items.clear()

    def relation(self, query: Query) -> Relation:
        """What the query is to those that read it. Raises ConversionError where it could not be converted."""
        if query.hidden:
            raise ConversionError(3161, self.place(query))
        self.convert(query)
        found = self.done.get(query.name.casefold())
        if isinstance(found, Relation):
            return found
        raise found or ConversionError(3161, self.place(query))

    def made_by(self, query: Query) -> tuple[Field, ...]:
        """The columns of the table that a query makes; none where it could not be converted."""
        self.convert(query)
        return self.made.get(query.name.casefold(), ())

    def place(self, query: Query) -> Place:
        return Place(Kind.QUERY, self.task.source, query.name)

    def about_name(self, query: Query, name: Name) -> list[Message]:
        if not self.task.options.warn_renamed:
            return []
        messages = list(renamed(query.name, name.name, self.place(query)))
        return (
            [*messages, Message.of(2022, self.place(query), name=name.name)] if needs_quoting(name.name) else messages
        )

    def pass_through(self, query: Query, messages: list[Message]) -> Statement | None:
        if not self.task.options.pass_through:
            messages.append(Message.of(3162, self.place(query)))
            return None
        messages.append(Message.of(3163, self.place(query)))
        return Statement(ObjectKind.PROCEDURE, self.names[query.name], query.sql.rstrip("\x00"), part="pass-through")

    def translate(self, context: QueryContext) -> ServerModule | Statement | None:
        """The module or statement for a query; None where an option says not to convert its kind."""
        key, body, options = context.query.name.casefold(), context.tree.this, self.task.options
        self.declare(context)
        if isinstance(body, _DEFINITIONS):
            self.done[key] = ConversionError(3160, context.place())
            if isinstance(body, nodes.CreateQuery) and body.args["kind"] == "PROCEDURE":
                return self.created_query(context, body)
            statement = definition_statement(context, body)
            if isinstance(body, nodes.CreateTable):
                self.made[key] = created_fields(body.args["columns"])
            context.note(3164)
            return statement
        if type(body) in _ACTIONS or body.args.get("into"):
            self.done[key] = ConversionError(3160, context.place())
            return self.action(context, body) if options.procedures else self.unwanted(context)
        if isinstance(body, nodes.Transform) and not options.crosstabs:
            return self.unwanted(context)
        if isinstance(body, nodes.Transform):
            return self.crosstab(context, body)
        rows = query_rows(context, body)
        if context.deferred or _random(context, rows):
            rows = ordered_rows(context, body)  # a procedure may sort
        return self.rows(context, rows)

    def created_query(self, context: QueryContext, body: nodes.CreateQuery) -> Statement:
        """What the query becomes that CREATE PROCEDURE would save: of rows a view or function, else a procedure."""
        if body.this.args.get("db"):
            context.fail(3105, body.this, name=body.this.name, file=body.this.args["db"].name)
        query = replace(context.query, name=body.this.name)
        tree = nodes.SavedQuery(this=body.args["query"], parameters=body.args.get("parameters") or [])
        beside = copy(self)  # the query of that name, if there is one, is another
        beside.done, beside.made = {}, {}
        beside.names = {query.name: Name(self.task.schema, legal(query.name, temporary=True))}
        inner = QueryContext(context.task, context.catalog, query, tree, query_rows, context.messages)
        made = beside.translate(inner)
        if not isinstance(made, ServerModule):
            context.fail(3151, body)
        context.note(3164)
        return Statement(made.kind, made.name, made.sql)

    def unwanted(self, context: QueryContext) -> ServerModule | None:
        """Nothing, as the options say."""
        context.note(3162)
        self.done[context.query.name.casefold()] = ConversionError(3162, context.place())
        return None

    def declare(self, context: QueryContext) -> None:
        for definition in context.tree.args.get("parameters") or ():
            named = definition.this
            prompt = named.prompt if isinstance(named, nodes.Bang) else named.name
            found = access_type(definition.args["kind"])
            if found is None:
                context.fail(3150, definition, type=definition.args["kind"].args["this"])
            context.declared.add(prompt.casefold())
            context.add_parameter(prompt, *found)
        for parameter in context.parameters:
            column = exp.Column(this=exp.to_identifier(parameter.prompt, quoted=True))
            if parameter.type is ColumnType.UNKNOWN and not _mentioned(context, column):
                context.retype(parameter, ColumnType.TEXT, 0)

    def rows(self, context: QueryContext, rows: QueryRows) -> ServerModule | None:
        """A view; where there are parameters a function, or a procedure where random values are drawn too."""
        name, parameters = self.names[context.query.name], _typed(context)
        check_depth(rows.select, context.place())
        if _random(context, rows):
            self.done[context.query.name.casefold()] = ConversionError(3174, context.place())
            context.note(3173)
            return self.procedure(context, tsql("{};", rows.select), parameters)
        wanted = self.task.options.functions if parameters else self.task.options.views
        if not wanted or (context.deferred and not self.task.options.procedures):
            return self.unwanted(context)
        if rows.order and not context.deferred:
            context.note(3169 if rows.unsortable else 3165, order=rows.order)
        self.done[context.query.name.casefold()] = Relation(
            context.query.name,
            name,
            rows.fields,
            parameters=parameters,
            order=rows.sorting,
            lost=rows.unsortable,
            deferred=context.deferred,
            closure=rows.closure,
            level=context.level + 1,
            deletes=rows.deletes,
        )
        if context.deferred:
            return self.procedure(context, _sorted(context, rows), parameters)
        if not parameters:
            return self.module(context, ObjectKind.VIEW, lines(f"CREATE VIEW {name}", "AS", tsql("{};", rows.select)))
        declared = listed(p.declaration for p in parameters)
        head = lines(f"CREATE FUNCTION {name} (", declared, ")", "RETURNS TABLE", "AS", "RETURN (")
        return self.module(context, ObjectKind.FUNCTION, lines(head, Indented(rows.select), ");"), parameters)

    def crosstab(self, context: QueryContext, tree: nodes.Transform) -> ServerModule | None:
        fixed = fixed_headings(tree)
        found = self.headings.get(context.query.name.casefold(), Headings(()))
        headings = fixed or found.values
        if headings and (fixed or self.task.options.crosstab_headings is CrosstabOption.HEADINGS):
            if not fixed:
                context.note(3166 if found.exact else 3172, count=len(headings))
            return self.rows(context, crosstab_rows(context, tree, headings))
        self.done[context.query.name.casefold()] = ConversionError(3167, context.place())
        context.note(3168)
        body, parameters = crosstab_procedure(context, tree)
        return self.procedure(context, body, parameters)

    def action(self, context: QueryContext, body: exp.Expr) -> ServerModule:
        maker = _ACTIONS.get(type(body), make_table_sql)
        changes = maker(context, body)
        self.made[context.query.name.casefold()] = context.made
        statements = lines("SET XACT_ABORT ON;", "BEGIN TRANSACTION;", changes, "COMMIT TRANSACTION;")
        return self.procedure(context, statements, _typed(context))

    def procedure(self, context: QueryContext, body: SqlNode, parameters: tuple[Parameter, ...]) -> ServerModule:
        declared = ",".join(f"\n    {p.declaration}" for p in parameters)
        head = f"CREATE PROCEDURE {self.names[context.query.name]}{declared}"
        whole = lines(head, "AS", "BEGIN", Indented(body), "END;")
        return self.module(context, ObjectKind.PROCEDURE, whole, parameters)

    def module(
        self, context: QueryContext, kind: ObjectKind, sql: SqlNode, parameters: Sequence[Parameter] = ()
    ) -> ServerModule:
        check_depth(sql, context.place())
        name = self.names[context.query.name]
        source = TableRef(self.task.source, context.query.name)
        depends = tuple(n for n in context.depends_on if n != name)
        asked = tuple(ModuleParameter(p.name, p.prompt, p.server_type) for p in parameters)
        return ServerModule(name, kind, str(sql), depends, source, context.query.sql, asked)


def _random(context: QueryContext, rows: QueryRows) -> bool:
    """Whether random values are drawn by what would be a function, which no function of a server may (443)."""
    return bool(context.parameters) and rows.select.facts.volatility is Volatility.ROW


def _sorted(context: QueryContext, rows: QueryRows) -> SqlNode:
    """The statement of a procedure; a UNION sorts by columns of its output."""
    if not rows.order or any(s.negative for s in rows.sorting):
        if rows.order:
            context.note(3165, order=rows.order)
        return tsql("{};", rows.select)
    return lines(rows.select, tsql("ORDER BY {};", rows.order))


def _typed(context: QueryContext) -> tuple[Parameter, ...]:
    """The parameters; one of which nothing was found out is text."""
    for parameter in context.parameters:
        if parameter.type is ColumnType.UNKNOWN:
            context.retype(parameter, ColumnType.TEXT, 0)
    return context.parameters


def _mentioned(context: QueryContext, column: exp.Column) -> bool:
    return any(c.name.casefold() == column.name.casefold() for c in context.tree.find_all(exp.Column))


def _located(error: ConversionError, place: Place) -> ConversionError:
    """The error as one of this query: the dialect knows but the text, and a circle was found in another query."""
    inner = error.message.place
    if inner.name == place.name:
        return error
    if not inner.name:
        place = replace(place, line=inner.line, column=inner.column)
    return type(error).of(replace(error.message, place=place))


__all__ = ["HeadingSource", "Headings", "Queries", "convert_queries", "found_headings", "heading_sources"]
