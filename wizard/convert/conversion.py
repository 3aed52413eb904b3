"""A database's definitions to SQL Server's: tables, queries, and queries that are not saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from wizard.convert.draft import ConversionTask, GivenTable, given_draft
from wizard.convert.names import NameRegister
from wizard.convert.queries import Headings, convert_queries
from wizard.convert.schema import convert_tables
from wizard.convert.type_rules import check_rule
from wizard.definitions import Database, Query, TableProfile
from wizard.messages import Topic
from wizard.objects import Conversion, Converted
from wizard.settings import Options, Target, TargetKind, TypeMap

AZURE: Final = (TargetKind.AZURE_SQL_DATABASE, TargetKind.AZURE_SQL_MANAGED_INSTANCE)


def convert(
    database: Database,
    *,
    source: str,
    schema: str,
    options: Options,
    target: Target,
    type_map: TypeMap | None = None,
    facts: Mapping[str, TableProfile] | None = None,
    headings: Mapping[str, Headings] | None = None,
    taken: Iterable[str] = (),
    given: Mapping[str, GivenTable] | None = None,
) -> Conversion:
    """Convert the definitions of `database`, known to the project as `source`, into `schema`.

    `facts` (by table name) is what a look at the data showed; with it types are chosen that hold every value.
    `headings` (by query name) are the column headings found in the data for crosstabs that list none.
    `taken` are names that other sources have put into the schema already (`names_of` their conversions).
    `given` are tables that other sources bring, by the name they have here: queries read them, and foreign keys of
    this source's tables refer to them.
    Raises ConversionError where a rule of the type map cannot be; all else that is amiss is in the result's messages.
    """
    task = ConversionTask(
        database, source, schema, options, target, type_map or TypeMap(), facts or {}, NameRegister(tuple(taken))
    )
    for level in (task.type_map.project, *task.type_map.databases.values(), *task.type_map.tables.values()):
        for rule in level:
            check_rule(rule)
    elsewhere = {name.casefold(): given_draft(name, table) for name, table in (given or {}).items()}
    tables, items, drafts = convert_tables(task, elsewhere)
    queries = convert_queries(task, elsewhere | drafts, headings)
    found = tuple(_for_target(task, i) for i in (*items, *queries.items))
    return Conversion(
        tables=tables,
        modules=tuple(queries.modules),
        items=found,
        messages=(*(m for i in found for m in i.messages), *queries.messages),
        review=tuple(queries.review),
    )


def convert_loose(
    database: Database,
    queries: Sequence[Query],
    *,
    source: str,
    schema: str,
    options: Options,
    target: Target,
    type_map: TypeMap | None = None,
    facts: Mapping[str, TableProfile] | None = None,
    given: Mapping[str, GivenTable] | None = None,
) -> tuple[Converted, ...]:
    """What would become of queries that are not saved, such as the SQL of a form, beside those of `database`.

    The other arguments are those of `convert`.
    """
    beside = replace(database, queries=(*database.queries, *queries))
    task = ConversionTask(beside, source, schema, options, target, type_map or TypeMap(), facts or {}, NameRegister())
    elsewhere = {name.casefold(): given_draft(name, table) for name, table in (given or {}).items()}
    drafts = convert_tables(task, elsewhere)[2]
    names = {q.name for q in queries}
    found = convert_queries(task, elsewhere | drafts, only=names)
    return tuple(i for i in found.items if i.source.table in names)


def names_of(conversion: Conversion) -> tuple[str, ...]:
    """The names of everything that shares a schema's names: tables, modules and constraints."""
    found = [m.name.name for m in conversion.modules]
    for table in conversion.tables:
        found.append(table.name.name)
        found += [k.name for k in table.foreign_keys] + [c.name for c in table.checks]
        found += [table.primary_key.name] if table.primary_key else []
        found += [c.default_name for c in table.columns if c.default_name]
    return tuple(found)


def _for_target(task: ConversionTask, item: Converted) -> Converted:
    """What is said of the server's clock matters in Azure only, whose servers know no local time."""
    if task.target.kind in AZURE:
        return item
    return replace(item, messages=tuple(m for m in item.messages if m.topic is not Topic.CLOCK))
