"""Access definitions to SQL Server's: plain data in, plain data out; neither files nor servers are touched."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.convert.draft import Task
from wizard.convert.schema import convert_tables
from wizard.definitions import Database, TableFacts
from wizard.objects import Conversion
from wizard.settings import Options, Target, TypeMap


def convert(
    database: Database,
    *,
    source: str,
    schema: str,
    options: Options,
    target: Target,
    type_map: TypeMap | None = None,
    facts: Mapping[str, TableFacts] | None = None,
) -> Conversion:
    """Convert the definitions of `database`, known to the project as `source`, into `schema`.

    `facts` (by table name) is what a look at the data showed; with it types are chosen that hold every value.
    Raises ConversionError where a rule of the type map cannot be; all else that is amiss is in the result's messages.
    """
    task = Task(database, source, schema, options, target, type_map or TypeMap(), facts or {})
    tables, items, _ = convert_tables(task)
    messages = tuple(m for i in items for m in i.messages)
    return Conversion(tables=tables, items=items, messages=messages)


__all__ = ["convert"]
