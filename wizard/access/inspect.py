"""What `jetferry inspect --json` prints: a database's definitions as one plain object."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from wizard.access.application.inspect import describe as describe_application
from wizard.access.application.model import Application
from wizard.definitions import (
    Column,
    ColumnType,
    Database,
    Index,
    LinkedTable,
    Query,
    Relationship,
    Table,
)
from wizard.messages import SourceError, UnsteadyFileError

_SHOWN_WHERE_SET = (
    ("default", "DefaultValue"),
    ("validation_rule", "ValidationRule"),
    ("validation_text", "ValidationText"),
    ("required", "Required"),
    ("allow_zero_length", "AllowZeroLength"),
    ("description", "Description"),
    ("format", "Format"),
    ("caption", "Caption"),
)
"""keys, and the properties they show as the file has them"""

_KEPT_FOR_CALCULATED = 28, 0
"""precision and scale that Access keeps for calculated Decimal columns, whatever their values have"""


def describe(
    database: Database, row_count: Callable[[str], int] | None = None, application: Application | None = None
) -> dict[str, Any]:
    """The object, ready for `json.dumps`. Child tables of complex columns are listed last and say `child_of`.

    Args:
        row_count: counts a table's rows (`AccessFile.row_count`); without it, and for tables that are damaged, `rows`
            is what the table's header says.
        application: forms, reports, macros and modules, shown as `application`; without it there is no such key.
    """
    shown = {
        "file": PurePath(database.path).name,
        "format": database.format,
        "encrypted": database.encrypted,
        "workgroup": database.workgroup,
        "tables": [_table(t, _rows(t, row_count)) for t in database.tables],
        "linked_tables": [_linked(t) for t in database.linked_tables],
        "relationships": [_relationship(r) for r in database.relationships],
        "queries": [_query(q) for q in database.queries],
        "other_objects": {
            "forms": list(database.other.forms),
            "reports": list(database.other.reports),
            "macros": list(database.other.macros),
            "modules": list(database.other.modules),
        },
    }
    return shown | ({"application": describe_application(application)} if application else {})


def _rows(table: Table, row_count: Callable[[str], int] | None) -> int:
    try:
        return row_count(table.name) if row_count else table.rows
    except UnsteadyFileError:
        raise
    except SourceError:
        return table.rows


def _table(table: Table, rows: int) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": table.name, "rows": rows}
    if table.hidden:
        shown["hidden"] = True
    if table.child_of:
        shown["child_of"] = {
            "table": table.child_of.table,
            "column": table.child_of.column,
            "key": table.child_of.key,
            "kind": str(table.child_of.kind),
        }
    for key in ("description", "validation_rule", "validation_text"):
        if value := getattr(table, key):
            shown[key] = value
    shown["columns"] = [_column(c) for c in table.columns]
    shown["indexes"] = [_index(i) for i in table.indexes]
    return shown


def _column(column: Column) -> dict[str, Any]:
    kept = column.calculated and column.type is ColumnType.DECIMAL
    precision, scale = _KEPT_FOR_CALCULATED if kept else (column.precision, column.scale)
    shown: dict[str, Any] = {
        "name": column.name,
        "type": str(column.type),
        "length": column.length,
        "precision": precision,
        "scale": scale,
        "auto": bool(column.auto) or column.type is ColumnType.COMPLEX,
    }
    optional = {
        "auto_kind": str(column.auto),
        "hyperlink": column.hyperlink,
        "calculated": column.calculated,
        "complex_kind": str(column.complex_kind or ""),
        "child_table": column.child_table,
    }
    shown |= {key: value for key, value in optional.items() if value}
    for key, name in _SHOWN_WHERE_SET:
        value = column.properties.get(name)
        if isinstance(value, (str, bool)) and value != "":
            shown[key] = value
    return shown


def _index(index: Index) -> dict[str, Any]:
    return {
        "name": index.name,
        "primary": index.primary,
        "unique": index.unique,
        "required": index.required,
        "ignore_nulls": index.ignore_nulls,
        "for_relationship": index.for_relationship,
        "columns": [{"name": c.name, "descending": c.descending} for c in index.columns],
    }


def _linked(table: LinkedTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "kind": str(table.kind),
        "connect": table.connect,
        "database": table.database,
        "foreign_name": table.foreign_name,
    }


def _relationship(relationship: Relationship) -> dict[str, Any]:
    return {
        "name": relationship.name,
        "table": relationship.table,
        "columns": list(relationship.columns),
        "referenced_table": relationship.referenced_table,
        "referenced_columns": list(relationship.referenced_columns),
        "enforced": relationship.enforced,
        "cascade_update": relationship.cascade_update,
        "cascade_delete": relationship.cascade_delete,
        "cascade_null": relationship.cascade_null,
        "one_to_one": relationship.one_to_one,
        "join": str(relationship.join),
    }


def _query(query: Query) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": query.name,
        "kind": str(query.kind),
        "sql": query.stored or query.sql,
        "hidden": query.hidden,
    }
    optional = {"owner_object": query.owner_object, "connect": query.connect}
    shown |= {key: value for key, value in optional.items() if value}
    return shown
