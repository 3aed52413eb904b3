"""A conversion as statements in the order of running, guarded so that they can be run again.

Kinds come in the order of `ObjectKind`, so that a script may have one file per kind; within the modules what is
referred to comes first, and scalar functions, which views call, before views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice

from wizard.convert import create
from wizard.objects import Conversion, Name, ObjectKind, ServerModule, ServerTable, Statement, literal
from wizard.tsql_words import WordKind, pieces


def statements(conversion: Conversion) -> list[Statement]:
    """All that makes the conversion's objects on an empty database, in the order of running."""
    tables = conversion.tables
    names = dict.fromkeys([t.name.schema for t in tables] + [m.name.schema for m in conversion.modules])
    made = [Statement(ObjectKind.SCHEMA, Name(n, n), create.schema(n)) for n in names if n.casefold() != "dbo"]
    for maker in (_tables, _primary_keys, _indexes, _foreign_keys, _checks, _defaults):
        made += [s for t in tables for s in maker(t)]
    made += [Statement(m.kind, m.name, m.sql, depends_on=m.depends_on) for m in in_order(conversion.modules)]
    made += [s for t in tables for s in _table_properties(t)]
    made += [s for m in conversion.modules for s in _module_properties(m)]
    return sorted(made, key=rank(conversion))


def rank(conversion: Conversion) -> Callable[[Statement], float]:
    """By what statements are sorted: their kinds, with scalar functions, which read nothing, before views."""
    scalar = {m.name for m in conversion.modules if m.returns}
    kinds = {kind: number for number, kind in enumerate(ObjectKind)}
    before_views = kinds[ObjectKind.VIEW] - 0.5

    def of(statement: Statement) -> float:
        first = statement.kind is ObjectKind.FUNCTION and statement.name in scalar
        return before_views if first else kinds[statement.kind]

    return of


def in_order(modules: Sequence[ServerModule]) -> list[ServerModule]:
    """Each after those that it refers to; what is in a circle comes last, in the order given."""
    waiting = {m.name: m for m in modules}
    done: list[ServerModule] = []
    while waiting:
        ready = [m for m in waiting.values() if not any(d in waiting and d != m.name for d in m.depends_on)]
        for module in ready or list(waiting.values()):
            done.append(waiting.pop(module.name))
    return done


def headed(sql: str, verb: str) -> str:
    """The statement of a module with another verb: CREATE, ALTER, CREATE OR ALTER; comments before it stay.

    It may be one that a person wrote, or a server's, so that its first words are read.
    """
    code = (w for w in pieces(sql) if w.kind not in (WordKind.BLANK, WordKind.COMMENT))
    first = list(islice(code, 3))
    said = [w.keyword for w in first]
    length = 3 if said == ["CREATE", "OR", "ALTER"] else 1 if said[:1] in (["CREATE"], ["ALTER"]) else 0
    if not length:
        return sql
    return f"{sql[: first[0].start]}{verb} {sql[first[length - 1].end :].lstrip()}"


def guarded(statement: Statement, condition: str = "") -> Statement:
    """The same statement, run only where its object is absent; a module replaces the one of its name.

    `condition` is one more that must hold.
    """
    owner, part, kind = statement.name, statement.part, statement.kind
    if kind in (ObjectKind.VIEW, ObjectKind.FUNCTION, ObjectKind.PROCEDURE):
        return replace(statement, sql=headed(statement.sql, "CREATE OR ALTER"))
    match kind:
        case ObjectKind.TABLE if part:
            absent = create.column_absent(owner, part)
        case ObjectKind.TABLE:
            absent = create.absent(ObjectKind.TABLE, owner)
        case ObjectKind.INDEX:
            absent = create.index_absent(owner, part)
        case ObjectKind.PRIMARY_KEY | ObjectKind.FOREIGN_KEY | ObjectKind.CHECK:
            absent = create.absent(kind, Name(owner.schema, part))
        case ObjectKind.DEFAULT:
            absent = _default_absent(owner, part)
        case _:
            return statement
    guard = f"IF {condition} AND {absent}\n" if condition else f"IF {absent}\n"
    unchecked = statement.unchecked and guard + statement.unchecked
    return replace(statement, sql=guard + statement.sql, unchecked=unchecked)


def _default_absent(owner: Name, column: str) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM sys.default_constraints AS d JOIN sys.columns AS c "
        f"ON c.object_id = d.parent_object_id AND c.column_id = d.parent_column_id "
        f"WHERE d.parent_object_id = OBJECT_ID({literal(str(owner))}) AND c.name = {literal(column)})"
    )


def _tables(table: ServerTable) -> Iterable[Statement]:
    yield Statement(ObjectKind.TABLE, table.name, create.table(table))
    for column in table.columns:
        if column.computed:
            sql = create.add_column(table.name, column)
            yield Statement(ObjectKind.TABLE, table.name, sql, column.name, (table.name,))


def _primary_keys(table: ServerTable) -> Iterable[Statement]:
    if table.primary_key:
        sql = create.primary_key(table.name, table.primary_key)
        name = table.primary_key.name
        yield Statement(ObjectKind.PRIMARY_KEY, table.name, sql, name, (table.name,), waits=table.key_waits)


def _indexes(table: ServerTable) -> Iterable[Statement]:
    for index in table.indexes:
        sql, waits = create.index(table.name, index), not index.unique
        yield Statement(ObjectKind.INDEX, table.name, sql, index.name, (table.name,), waits)


def _foreign_keys(table: ServerTable) -> Iterable[Statement]:
    for key in table.foreign_keys:
        sql = create.foreign_key(table.name, key)
        needed = (table.name, key.referenced)
        unchecked = create.foreign_key(table.name, key, unchecked=True)
        yield Statement(ObjectKind.FOREIGN_KEY, table.name, sql, key.name, needed, waits=True, unchecked=unchecked)


def _checks(table: ServerTable) -> Iterable[Statement]:
    for check in table.checks:
        sql = create.check(table.name, check)
        unchecked = create.check(table.name, check, unchecked=True)
        yield Statement(ObjectKind.CHECK, table.name, sql, check.name, (table.name,), True, check.unchecked, unchecked)


def _defaults(table: ServerTable) -> Iterable[Statement]:
    for column in table.columns:
        if column.default:
            sql = create.default(table.name, column)
            yield Statement(ObjectKind.DEFAULT, table.name, sql, column.name, (table.name,))


def _table_properties(table: ServerTable) -> Iterable[Statement]:
    path: tuple[tuple[str, str], ...] = (("SCHEMA", table.name.schema), ("TABLE", table.name.name))
    wanted = [("", table.description, path)]
    wanted += [(c.name, c.description, (*path, ("COLUMN", c.name))) for c in table.columns]
    made = [(part, create.extended_property(create.DESCRIPTION, value, to)) for part, value, to in wanted if value]
    made += [(check.name, create.rule_text(table.name, check)) for check in table.checks if check.text]
    for part, sql in made:
        yield Statement(ObjectKind.DESCRIPTION, table.name, sql, part, (table.name,))


def _module_properties(module: ServerModule) -> Iterable[Statement]:
    if module.source_sql:
        path = (("SCHEMA", module.name.schema), (module.kind.name, module.name.name))
        sql = create.extended_property(create.SOURCE_SQL, module.source_sql, path)
        yield Statement(ObjectKind.DESCRIPTION, module.name, sql, depends_on=(module.name,))
