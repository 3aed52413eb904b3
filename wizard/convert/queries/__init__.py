"""Saved queries to views, table-valued functions and stored procedures that mean the same.

Queries that forms and reports made for themselves (`~sq_…`) stay with those: Access makes them anew from the form.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.convert.dialect.complexes import joined
from wizard.convert.draft import Draft, Task, item
from wizard.convert.guard import one_item
from wizard.convert.names import needs_quoting, renamed
from wizard.convert.queries.actions import append_sql, delete_sql, make_table_sql, update_sql
from wizard.convert.queries.catalog import Catalog
from wizard.convert.queries.crosstabs import crosstab_procedure, crosstab_rows, fixed_headings
from wizard.convert.queries.definitions import created_fields, definition_statement
from wizard.convert.queries.headings import Headings, HeadingSource, found_headings, heading_sources
from wizard.convert.queries.typenames import access_type
from wizard.convert.queries.unions import ordered_rows, query_rows
from wizard.convert.queries.work import Field, Parameter, Relation, Rows, Work
from wizard.convert.tree import Indented, Node, Volatility, lines, listed, tsql
from wizard.definitions import ColumnType, Query, QueryKind
from wizard.messages import ConversionError, Kind, Message, Place
from wizard.objects import Converted, ModuleParameter, Name, ObjectKind, ServerModule, Statement, TableRef
from wizard.settings import Crosstab

_ACTIONS: Final[dict[type[exp.Expr], Callable[[Work, Any], Node]]] = {
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
    task: Task,
    drafts: Mapping[str, Draft],
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


def _about_hidden(task: Task) -> tuple[Message, ...]:
    """One message about all queries that are left with their forms and reports."""
    hidden = [q for q in task.database.queries if q.hidden]
    if not hidden:
        return ()
    owners = sorted({q.owner_object for q in hidden if q.owner_object}, key=str.casefold)
    shown = ", ".join(owners[:_OWNERS_SHOWN]) + (" …" if len(owners) > _OWNERS_SHOWN else "")
    place = Place(Kind.FILE, task.source)
    return (Message.of(3171, place, count=len(hidden), owners=shown or "objects that are gone"),)


class _Converter:
    def __init__(self, task: Task, drafts: Mapping[str, Draft], headings: Mapping[str, Headings]) -> None:
        self.task = task
        self.headings = headings
        self.result = Queries()
        self.catalog = Catalog(task, drafts, self.relation, self.made_by)
        self.made: dict[str, tuple[Field, ...]] = {}
        self.done: dict[str, Relation | ConversionError] = {}
        self.names = {q.name: Name(task.schema, task.names.take(q.name)) for q in task.database.queries if not q.hidden}

    def convert(self, query: Query) -> None:
        """Convert a query once, keeping what became of it."""
        key = query.name.casefold()
        if key in self.done:
            return
        work: Work | None = None
        made: ServerModule | Statement | None = None
        messages: list[Message] = []
        try:
            if query.kind is QueryKind.PASS_THROUGH:
                made = self.pass_through(query, messages)
                self.done[key] = ConversionError(3160, self.place(query))
            else:
                with one_item(self.place(query)):
                    tree = joined(parse_query(query.sql), self.task.database)
                    work = Work(self.task, self.catalog, query, tree, query_rows)
                    made = self.translate(work)
        except ConversionError as error:
            located = _located(error, self.place(query))
            messages.append(located.message)
            self.done[key] = located
        if work:
            messages = [*work.messages, *messages]
        self.own_functions()
        if isinstance(made, ServerModule):
            self.result.modules.append(made)
            messages = [*self.about_name(query, made.name), *messages]
        elif isinstance(made, Statement):
            self.result.review.append(made)
        target = str(made.name) if made else ""
        self.result.items.append(item(TableRef(self.task.source, query.name), "queries", "", target, tuple(messages)))

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

    def translate(self, work: Work) -> ServerModule | Statement | None:
        """The module or statement for a query; None where an option says not to convert its kind."""
        key, body, options = work.query.name.casefold(), work.tree.this, self.task.options
        self.declare(work)
        if isinstance(body, _DEFINITIONS):
            self.done[key] = ConversionError(3160, work.place())
            statement = definition_statement(work, body)
            if isinstance(body, nodes.CreateTable):
                self.made[key] = created_fields(body.args["columns"])
            work.tell(3164)
            return statement
        if type(body) in _ACTIONS or body.args.get("into"):
            self.done[key] = ConversionError(3160, work.place())
            return self.action(work, body) if options.procedures else self.unwanted(work)
        if isinstance(body, nodes.Transform) and not options.crosstabs:
            return self.unwanted(work)
        if isinstance(body, nodes.Transform):
            return self.crosstab(work, body)
        rows = query_rows(work, body, None)
        if work.deferred or _random(work, rows):
            rows = ordered_rows(work, body)  # a procedure may sort
        return self.rows(work, rows)

    def unwanted(self, work: Work) -> ServerModule | None:
        """Nothing, as the options say."""
        work.tell(3162)
        self.done[work.query.name.casefold()] = ConversionError(3162, work.place())
        return None

    def declare(self, work: Work) -> None:
        for definition in work.tree.args.get("parameters") or ():
            named = definition.this
            prompt = named.prompt if isinstance(named, nodes.Bang) else named.name
            found = access_type(definition.args["kind"])
            if found is None:
                work.fail(3150, definition, type=definition.args["kind"].args["this"])
            work.declared.add(prompt.casefold())
            work.add_parameter(prompt, *found)
        for parameter in work.parameters:
            column = exp.Column(this=exp.to_identifier(parameter.prompt, quoted=True))
            if parameter.type is ColumnType.UNKNOWN and not _mentioned(work, column):
                work.retype(parameter, ColumnType.TEXT, 0)

    def rows(self, work: Work, rows: Rows) -> ServerModule | None:
        """A view; where there are parameters a function, or a procedure where random values are drawn too."""
        name, parameters = self.names[work.query.name], _typed(work)
        if _random(work, rows):
            self.done[work.query.name.casefold()] = ConversionError(3174, work.place())
            work.tell(3173)
            return self.procedure(work, tsql("{};", rows.select), parameters)
        wanted = self.task.options.functions if parameters else self.task.options.views
        if not wanted or (work.deferred and not self.task.options.procedures):
            return self.unwanted(work)
        if rows.order and not work.deferred:
            work.tell(3169 if rows.unsortable else 3165, order=rows.order)
        self.done[work.query.name.casefold()] = Relation(
            work.query.name,
            name,
            rows.fields,
            parameters=parameters,
            order=rows.sorting,
            lost=rows.unsortable,
            deferred=work.deferred,
            agreeing=rows.agreeing,
        )
        if work.deferred:
            return self.procedure(work, _sorted(work, rows), parameters)
        if not parameters:
            return self.module(work, ObjectKind.VIEW, lines(f"CREATE VIEW {name}", "AS", tsql("{};", rows.select)))
        declared = listed(p.declaration for p in parameters)
        head = lines(f"CREATE FUNCTION {name} (", declared, ")", "RETURNS TABLE", "AS", "RETURN (")
        return self.module(work, ObjectKind.FUNCTION, lines(head, Indented(rows.select), ");"), parameters)

    def crosstab(self, work: Work, tree: nodes.Transform) -> ServerModule | None:
        fixed = fixed_headings(tree)
        found = self.headings.get(work.query.name.casefold(), Headings(()))
        headings = fixed or found.values
        if headings and (fixed or self.task.options.crosstab_headings is Crosstab.HEADINGS):
            if not fixed:
                work.tell(3166 if found.exact else 3172, count=len(headings))
            return self.rows(work, crosstab_rows(work, tree, headings))
        self.done[work.query.name.casefold()] = ConversionError(3167, work.place())
        work.tell(3168)
        body, parameters = crosstab_procedure(work, tree)
        return self.procedure(work, body, parameters)

    def action(self, work: Work, body: exp.Expr) -> ServerModule:
        maker = _ACTIONS.get(type(body), make_table_sql)
        changes = maker(work, body)
        self.made[work.query.name.casefold()] = work.made
        statements = lines("SET XACT_ABORT ON;", "BEGIN TRANSACTION;", changes, "COMMIT TRANSACTION;")
        return self.procedure(work, statements, _typed(work))

    def procedure(self, work: Work, body: Node, parameters: tuple[Parameter, ...]) -> ServerModule:
        declared = ",".join(f"\n    {p.declaration}" for p in parameters)
        head = f"CREATE PROCEDURE {self.names[work.query.name]}{declared}"
        whole = lines(head, "AS", "BEGIN", Indented(body), "END;")
        return self.module(work, ObjectKind.PROCEDURE, whole, parameters)

    def module(self, work: Work, kind: ObjectKind, sql: Node, parameters: Sequence[Parameter] = ()) -> ServerModule:
        name = self.names[work.query.name]
        source = TableRef(self.task.source, work.query.name)
        depends = tuple(n for n in work.depends_on if n != name)
        asked = tuple(ModuleParameter(p.name, p.prompt, p.declaration.partition(" ")[2]) for p in parameters)
        return ServerModule(name, kind, str(sql), depends, source, work.query.sql, asked)


def _random(work: Work, rows: Rows) -> bool:
    """Whether random values are drawn by what would be a function, which no function of a server may (443)."""
    return bool(work.parameters) and rows.select.facts.volatility is Volatility.ROW


def _sorted(work: Work, rows: Rows) -> Node:
    """The statement of a procedure; a UNION sorts by columns of its output."""
    if not rows.order or any(s.negative for s in rows.sorting):
        if rows.order:
            work.tell(3165, order=rows.order)
        return tsql("{};", rows.select)
    return lines(rows.select, tsql("ORDER BY {};", rows.order))


def _typed(work: Work) -> tuple[Parameter, ...]:
    """The parameters; one of which nothing was found out is text."""
    for parameter in work.parameters:
        if parameter.type is ColumnType.UNKNOWN:
            work.retype(parameter, ColumnType.TEXT, 0)
    return work.parameters


def _mentioned(work: Work, column: exp.Column) -> bool:
    return any(c.name.casefold() == column.name.casefold() for c in work.tree.find_all(exp.Column))


def _located(error: ConversionError, place: Place) -> ConversionError:
    """The error as one of this query: the dialect knows but the text, and a circle was found in another query."""
    inner = error.message.place
    if inner.name == place.name:
        return error
    if not inner.name:
        place = replace(place, line=inner.line, column=inner.column)
    return type(error).of(replace(error.message, place=place))


__all__ = ["HeadingSource", "Headings", "Queries", "convert_queries", "found_headings", "heading_sources"]
