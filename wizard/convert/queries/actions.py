"""UPDATE, DELETE, INSERT and SELECT INTO to statements for a stored procedure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.dialect.multivalued import SHOWN
from wizard.convert.draft import TableDraft
from wizard.convert.expressions import translate_condition, translate_value
from wizard.convert.names import legal
from wizard.convert.queries.functional_dependencies import FunctionalDependencies
from wizard.convert.queries.grouping import refuse_aggregates
from wizard.convert.queries.query_context import BoundSource, Field, QueryContext, Relation, SelectRequest
from wizard.convert.queries.scope import QueryScope
from wizard.convert.queries.sources import read_sources
from wizard.convert.queries.storing import note_cut, note_duplicates, stored
from wizard.convert.queries.type_names import server_type
from wizard.convert.queries.unions import ordered_rows
from wizard.convert.tree import As, SqlColumn, SqlNode, called, lines, listed, named, spread, tsql
from wizard.convert.typed_sql import Typed
from wizard.definitions import ColumnType
from wizard.messages import ConversionError
from wizard.objects import Name, literal, quote


def update_sql(context: QueryContext, node: nodes.UpdateQuery) -> SqlNode:
    """Raises ConversionError, among others where columns of more than one table are set."""
    _inside(context, node)
    source, bounds = read_sources(context, node.args["sources"], None)
    scope = QueryScope(context, bounds)
    targets: list[tuple[BoundSource, Field, exp.Expr]] = []
    for assignment in node.args["assignments"]:
        found = scope.find(assignment.this)
        if found is None:
            context.fail(3130, assignment, name=".".join(p.name for p in assignment.this.parts))
        context.hints[id(assignment.expression)] = (found[1].type, found[1].length)
        targets.append((*found, assignment.expression))
    _changeable(context, node, [(bound, found) for bound, found, _ in targets])
    changed = {bound.alias: bound for bound, _, _ in targets}
    for bound in changed.values():
        if bound.outer and not _adds(changed, bound):
            context.note(3132, node, name=bound.alias)
        _check_once(context, node, scope, bound, [v for b, _, v in targets if b is bound])
    values = [(bound, f, _fitted(value, scope, f)) for bound, f, value in targets]
    _once(context, node, [f"{bound.alias}.{f.name}" for bound, f, _ in targets])
    refuse_aggregates(context, "SET", [value for _, _, value in targets])
    where, read = _where(node, scope), source and tsql("FROM {}", source)
    bound = values[0][0]
    adds = _adds(changed, bound)
    numbers = [f for _, f, _ in values if _is_identity(context, f)]
    if numbers and not adds:
        context.fail(3175, node, name=numbers[0].name)
    if len(changed) > 1:
        return _update_several(context, node, lines(read, where), values)
    updates = [(f, value) for _, f, value in values if f not in numbers]
    sets = listed(tsql("{} = {}", quote(f.server_name), value) for f, value in updates)
    update = tsql("{};", lines(tsql("UPDATE {}", quote(bound.server_alias)), tsql("SET\n{}", sets), read, where))
    if not adds or source is None:
        return update
    context.note(3176, node, name=bound.alias)
    condition = tsql("{} IS NULL", bound.column(bound.relation.key[0]))
    if node.args.get("where"):
        condition = tsql("{} AND ({})", condition, translate_condition(node.args["where"].this, scope))
    return lines(update if updates else None, _added(bound, values, source, condition, identity=bool(numbers)))


def _adds(changed: Mapping[str, BoundSource], bound: BoundSource) -> bool:
    """Whether rows are added where the join has none: those of the one changed table, known by its key."""
    return bound.outer and len(changed) == 1 and bool(bound.relation.key)


def _changeable(context: QueryContext, node: exp.Expr, targets: list[tuple[BoundSource, Field]]) -> None:
    """Raises ConversionError for what neither Access nor a server changes (4403, 4406, 4416), nor a server (4405).

    Source: "CREATE VIEW", updatable views.
    """
    tables: dict[str, set[tuple[str, ...]]] = {}
    for bound, found in targets:
        if found.origin is None and bound.relation.name in {d.name for d in context.catalog.drafts.values()}:
            context.fail(3136, node, name=f"{bound.alias}.{found.name}")
        if found.origin is None:
            context.fail(3192, node, query=bound.alias, name=found.name)
        tables.setdefault(bound.alias, set()).add(found.origin.path)
        if len(tables[bound.alias]) > 1:
            context.fail(3193, node, query=bound.alias)


def _is_identity(context: QueryContext, found: Field) -> bool:
    of = found.origin
    drafts = (d for d in context.catalog.drafts.values() if of and d.name == of.table)
    return any(c.identity and of and c.name == of.column for d in drafts for c in d.columns.values())


def _added(
    bound: BoundSource,
    values: list[tuple[BoundSource, Field, Typed]],
    source: SqlNode,
    condition: SqlNode,
    *,
    identity: bool,
) -> SqlNode:
    """Access's update of the outer side of a join adds a row where there is none: people merge tables so."""
    target = str(bound.relation.name)
    into = called(f"{target} ", *(quote(f.server_name) for _, f, _ in values))
    rows = lines("SELECT", listed(v for _, _, v in values), tsql("FROM {}", source), tsql("WHERE {}", condition))
    statement = lines(tsql("INSERT INTO {}", into), tsql("{};", rows))
    if not identity:
        return statement
    return lines(f"SET IDENTITY_INSERT {target} ON;", statement, f"SET IDENTITY_INSERT {target} OFF;")


def _check_once(
    context: QueryContext, node: exp.Expr, scope: QueryScope, target: BoundSource, values: list[exp.Expr]
) -> None:
    """Add a message where a row may meet several of another source, and so take one of several values.

    If its new value builds on its old one, Access changes such a row once for each, one on top of the other; T-SQL
    does it once.
    """
    read = [f for v in values for c in v.find_all(exp.Column) if (f := scope.find(c))]
    if target not in [bound for bound, _ in read]:
        own = [(target.alias.casefold(), f.server_name) for f in target.relation.fields]
        known = FunctionalDependencies(
            scope, [], node.args["sources"], (node.args.get("where") or exp.Where()).this, own
        )
        others = {b.alias: b for b, f in read if not known.knows(b, f)}
        for alias in others:
            context.note(3142, node, table=target.alias, other=alias)
        return
    equated: dict[str, set[str]] = {}
    for source in node.args["sources"]:
        for comparison in source.find_all(exp.EQ):
            for side in (comparison.left.unnest(), comparison.right.unnest()):
                found = scope.find(side) if isinstance(side, exp.Column) else None
                if found:
                    equated.setdefault(found[0].alias, set()).add(found[1].server_name)
    for source in scope.sources:
        key = set(source.relation.key)
        if source is not target and not (key and key <= equated.get(source.alias, set())):
            context.note(3141, node, table=target.alias, other=source.alias)


def _update_several(
    context: QueryContext, node: exp.Expr, rows: SqlNode, values: list[tuple[BoundSource, Field, Typed]]
) -> SqlNode:
    """Columns of several tables: the new values are collected first, so that no change is seen by another."""
    tables = list({bound.alias: bound for bound, _, _ in values}.values())
    if not all(bound.relation.key for bound in tables):
        context.fail(3131, node, tables=", ".join(b.alias for b in tables))
    changes = context.free_alias("changes")
    collected: list[SqlNode] = []
    updates: list[SqlNode] = []
    for number, bound in enumerate(tables, start=1):
        keys = {f"key {number}.{i}": column for i, column in enumerate(bound.relation.key, start=1)}
        collected += [As(bound.column(column), name) for name, column in keys.items()]
        sets: list[SqlNode] = []
        for field_number, (_, field, value) in enumerate((v for v in values if v[0] is bound), start=1):
            name = f"value {number}.{field_number}"
            typed = tsql("CONVERT({}, {})", server_type(field.type, field.length), value)
            collected.append(As(typed if value.type is ColumnType.UNKNOWN else value.node, name))
            sets.append(tsql("{} = {}", quote(field.server_name), SqlColumn(changes, name)))
        same = [tsql("{} = {}", SqlColumn(changes, name), bound.column(column)) for name, column in keys.items()]
        target = named(str(bound.relation.name), bound.server_alias)
        read = named("#changes", changes)
        joined = tsql("FROM {}\n    INNER JOIN {}\n        ON {};", target, read, spread(" AND ", same))
        updates.append(lines(tsql("UPDATE {}", quote(bound.server_alias)), tsql("SET\n{}", listed(sets)), joined))
    return lines("SELECT", listed(collected), "INTO #changes", tsql("{};", rows), *updates)


def _fitted(node: exp.Expr, scope: QueryScope, target: Field) -> Typed:
    value = translate_value(node, scope)
    note_cut(value, target, node, scope.context)
    return stored(value, target.type, node, scope)


def delete_sql(context: QueryContext, node: nodes.DeleteQuery) -> SqlNode:
    """Raises ConversionError where it does not say from which table to delete."""
    _inside(context, node)
    source, bounds = read_sources(context, node.args["sources"], None)
    scope = QueryScope(context, bounds)
    target = _deleted(context, node, scope)
    if not target.relation.deletes:
        context.fail(3194, node, query=target.alias)
    read = source and tsql("FROM {}", source)
    return tsql("{};", lines(tsql("DELETE {}", quote(target.server_alias)), read, _where(node, scope)))


def _deleted(context: QueryContext, node: nodes.DeleteQuery, scope: QueryScope) -> BoundSource:
    """The table whose rows go: the only one, else that of a star between DELETE and FROM, else that of the columns.

    Access's designer writes columns beside the star for what it only tests: `DELETE Orders.*, Lines.Qty FROM …`.
    """
    targets = [t for t in node.args.get("targets") or () if isinstance(t, exp.Column)]
    values = [t for t in targets if SHOWN in t.meta]
    seen = [s for s in scope.sources if not s.hidden]
    if len(seen) == 1 and not (values and len(values) == len(node.args["targets"])):
        return seen[0]  # else values of a complex column go: `DELETE Orders.Tags.Value FROM Orders …`
    named: dict[str, BoundSource] = {}
    for target in [t for t in targets if isinstance(t.this, exp.Star)] or targets:
        found = scope.source(target.table) if isinstance(target.this, exp.Star) else (scope.find(target) or (None,))[0]
        if found:
            named[found.alias] = found
    if len(named) != 1:
        context.fail(3133, node, tables=", ".join(s.alias for s in scope.sources))
    return next(iter(named.values()))


@dataclass(frozen=True, slots=True)
class _Appended:
    """What rows are appended to, under the name the statement has for it, which may be a query's.

    `draft` is the table; None where there is none yet. `fields` have the statement's names and the table's on the
    server.
    """

    label: str
    draft: TableDraft | None
    fields: tuple[Field, ...] = ()

    @property
    def is_query(self) -> bool:
        return self.draft is None or self.draft.table.name.casefold() != self.label.casefold()


def append_sql(context: QueryContext, node: nodes.Append) -> SqlNode:
    """Raises ConversionError where columns and values do not fit each other."""
    if node.args.get("external"):
        _outside(context, node.args["external"])
    if node.this.args.get("db"):
        context.fail(3105, node, name=node.this.name, file=node.this.args["db"].name)
    to = _appended(context, node)
    draft = to.draft
    target = draft.name if draft else Name(context.task.schema, legal(node.this.name, temporary=True))
    named = [column.name for column in node.args.get("columns") or ()]
    for column in node.args.get("columns") or ():
        before = str(column.meta.get(nodes.BEFORE, ""))
        around = draft.table.by_name.get(before.casefold()) if draft else None
        if around and around.complex_kind:
            context.fail(3145, column, name=around.name, table=around.child_table)
    _once(context, node, named)
    values = node.args.get("values")
    if values:
        columns, body = _one_row(context, node, to, named, values)
    else:
        columns, body = _many_rows(context, node, to, named)
        if draft:
            note_duplicates(draft, columns, node, context)
    context.depends_on[target] = None
    into = called(f"{target} ", *map(quote, columns)) if columns else str(target)
    statement = tsql("INSERT INTO {}\n{};", into, body)
    if draft and any(c.identity for c in draft.columns.values() if c.name in columns):
        return lines(f"SET IDENTITY_INSERT {target} ON;", statement, f"SET IDENTITY_INSERT {target} OFF;")
    if any(f.counter and f.server_name in columns for f in to.fields):  # which SELECT INTO over joins makes plain
        counts = f"IF OBJECTPROPERTY(OBJECT_ID({literal(str(target))}), N'TableHasIdentity') = 1"
        on, off = (f"{counts} SET IDENTITY_INSERT {target} {switch};" for switch in ("ON", "OFF"))
        return lines(SqlNode((on,)), statement, SqlNode((off,)))
    return statement


def _appended(context: QueryContext, node: nodes.Append) -> _Appended:
    """The table, or the one under a query, whose rows Access appends to through it. Raises ConversionError."""
    name = node.this.name
    draft, relation = context.catalog.drafts.get(name.casefold()), context.catalog.table(name)
    if draft or not any(q.name.casefold() == name.casefold() for q in context.task.database.queries):
        if draft is None:
            relation = _made(context, node)
        return _Appended(name, draft, relation.fields if relation else ())
    relation = context.catalog.relation(context, node.this)
    context.depends_on.pop(relation.name, None)  # it is the table that is written
    fields = tuple(replace(f, server_name=f.origin.column) if f.origin else f for f in relation.fields)
    columns = {c.name.casefold() for c in node.args.get("columns") or ()}
    if not columns and node.args.get("query"):  # then values go to the columns of their names
        columns = {f.name.casefold() for f in ordered_rows(context, node.args["query"]).fields}
        columns = columns if columns <= {f.name.casefold() for f in fields} else set()
    origins = [f.origin for f in fields if f.origin and (not columns or f.name.casefold() in columns)]
    tables = {o.table for o in origins}
    under = next((d for d in context.catalog.drafts.values() if d.name in tables), None)
    if len({o.path for o in origins}) > 1 or (tables and under is None):
        context.fail(3139, node, name=name)
    return _Appended(name, under, fields)


def _one_row(
    context: QueryContext, node: nodes.Append, to: _Appended, named: list[str], values: Sequence[exp.Expr]
) -> tuple[list[str], SqlNode]:
    fields = _targets(context, node, to, named) or [None] * len(values)
    if len(fields) != len(values):
        context.fail(3134, node, columns=len(fields), values=len(values))
    scope = QueryScope(context)
    made = []
    for target, value in zip(fields, values, strict=True):
        if target:
            context.hints[id(value)] = (target.type, target.length)
        made.append(_fitted(value, scope, target) if target else translate_value(value, scope))
    names = [f.server_name for f in fields if f] or [legal(n) for n in named]
    return names, tsql("VALUES (\n{}\n)", listed(made))


def _many_rows(context: QueryContext, node: nodes.Append, to: _Appended, named: list[str]) -> tuple[list[str], SqlNode]:
    query = node.args["query"]
    fields = _targets(context, node, to, named)
    if isinstance(query, nodes.AccessSelect) and named:
        for target, value in zip(fields, query.expressions, strict=False):
            if target:
                context.hints[id(value.unalias())] = (target.type, target.length)
    rows = ordered_rows(context, query)
    if named:
        if len(named) != len(rows.fields):
            context.fail(3134, node, columns=len(named), values=len(rows.fields))
        columns = fields or [None] * len(named)
    elif not to.fields:
        return [f.server_name for f in rows.fields], rows.select
    else:
        by_name = {f.name.casefold(): f for f in fields if f}
        columns = [by_name.get(f.name.casefold()) for f in rows.fields]
        missing = [f.name for f, column in zip(rows.fields, columns, strict=True) if column is None]
        if missing:
            context.fail(3135, node, names=", ".join(missing), table=to.label)
    types = tuple(c.type if c else f.type for c, f in zip(columns, rows.fields, strict=True))
    pairs = list(zip(rows.fields, types, strict=True))
    if any(f.type is not t or (t is ColumnType.BOOLEAN and f.nullable) for f, t in pairs):
        rows = ordered_rows(context, query, SelectRequest(types=types, stores=bool(types)))
    for field, column in zip(rows.fields, columns, strict=True):
        if column:
            note_cut(field, column, node, context)
    names = [c.server_name if c else legal(n) for c, n in zip(columns, named or [""] * len(columns), strict=True)]
    return names, rows.select


def _targets(context: QueryContext, node: nodes.Append, to: _Appended, named: list[str]) -> list[Field | None]:
    """The columns appended to: those named, else all that take values; nothing is known of an absent table's."""
    if not to.fields:
        return [None] * len(named)
    if not named:
        return [f for f in to.fields if f.origin]
    by_name = {f.name.casefold(): f for f in reversed(to.fields)}
    made: list[Field | None] = []
    for name in named:
        found = by_name.get(name.casefold())
        if found is None:
            context.fail(3130, node, name=f"{to.label}.{name}")
        if found.origin is None and to.is_query:
            context.fail(3192, node, query=to.label, name=name)
        if found.origin is None:
            context.fail(3136, node, name=f"{to.label}.{name}")
        made.append(found)
    return made


def _where(node: exp.Expr, scope: QueryScope) -> SqlNode | None:
    where = node.args.get("where")
    if not where:
        return None
    refuse_aggregates(scope.context, "WHERE", [where.this])
    return tsql("WHERE {}", translate_condition(where.this, scope))


def _once(context: QueryContext, node: exp.Expr, names: list[str]) -> None:
    folded = [n.casefold() for n in names]
    twice = next((n for n, f in zip(names, folded, strict=True) if folded.count(f) > 1), None)
    if twice:
        context.fail(3138, node, name=twice)


def _made(context: QueryContext, node: nodes.Append) -> Relation | None:
    """The table that a query makes; None, which is told, where none does. Raises ConversionError (3103) for a link."""
    name = node.this.name
    linked = next((t for t in context.task.database.linked_tables if t.name.casefold() == name.casefold()), None)
    if linked:
        context.fail(3103, node, name=linked.name, where=linked.database or linked.connect or "another database")
    if context.catalog.makes(name):
        with suppress(ConversionError):  # that query tells what is wrong with it
            return context.catalog.relation(context, node.this)
    context.note(3140, node, name=name)
    return None


def _inside(context: QueryContext, node: exp.Expr) -> None:
    if node.args.get("external"):
        _outside(context, node.args["external"])


def _outside(context: QueryContext, external: exp.Expr) -> None:
    context.fail(
        3105, external, name="this statement's table", file=external.args["this"] or external.args.get("connect")
    )
