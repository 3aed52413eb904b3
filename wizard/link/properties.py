"""Properties of tables that links lose and get again: how columns are shown, looked up and entered.

Access keeps these as properties of the table and its columns. A new link has none of them. The types are those that
Access itself gives the properties (DAO's DataTypeEnum), read from the property blobs of databases that it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wizard.access.redaction import redacted
from wizard.definitions import Column, Table
from wizard.objects import ServerTable

_BOOLEAN: Final = 1
_BYTE: Final = 2
_INTEGER: Final = 3
_LONG: Final = 4
_TEXT: Final = 10
_MEMO: Final = 12
_OF_COLUMNS: Final[Mapping[str, int]] = {
    "Caption": _TEXT, "Description": _TEXT, "Format": _TEXT, "InputMask": _TEXT, "DecimalPlaces": _BYTE,
    "TextAlign": _BYTE, "TextFormat": _BYTE, "ShowDatePicker": _INTEGER,
    "DisplayControl": _INTEGER, "RowSourceType": _TEXT, "RowSource": _MEMO, "BoundColumn": _INTEGER,
    "ColumnCount": _INTEGER, "ColumnHeads": _BOOLEAN, "ColumnWidths": _TEXT, "ListRows": _INTEGER, "ListWidth": _TEXT,
    "LimitToList": _BOOLEAN, "AllowValueListEdits": _BOOLEAN, "ListItemsEditForm": _TEXT,
    "ShowOnlyRowSourceValues": _BOOLEAN,
    "ColumnOrder": _INTEGER, "ColumnWidth": _INTEGER, "ColumnHidden": _BOOLEAN,
}  # fmt: skip
_OF_TABLES: Final[Mapping[str, int]] = {
    "Description": _TEXT, "OrderBy": _MEMO, "OrderByOn": _BOOLEAN, "OrderByOnLoad": _BOOLEAN, "DefaultView": _BYTE,
    "RowHeight": _LONG,
}  # fmt: skip
_DEFAULTS: Final[Mapping[str, object]] = {
    "DecimalPlaces": 255, "TextAlign": 0, "TextFormat": 0, "ColumnOrder": 0, "ColumnWidth": -1, "ColumnHidden": False,
    "OrderByOn": False, "ShowOnlyRowSourceValues": False, "AllowValueListEdits": False,
}  # fmt: skip
"""what Access takes where the property is absent"""
_WITH_NAMES: Final = ("OrderBy",)
"""it names columns, which may have other names on the server"""
_SUBDATASHEET: Final = "SubdatasheetName"
_LONGEST_TEXT: Final = 255


@dataclass(frozen=True, slots=True)
class LinkProperty:
    """A property of a link or of a column of it."""

    column: str
    """as the link has it; empty for the table's own"""
    name: str
    type: int
    """DAO's number of its type"""
    value: str | int


def properties_of(table: Table, target: ServerTable) -> tuple[LinkProperty, ...]:
    """What the link to `target` gets from the Access table, in a fixed order: the table's own, then by column.

    Subdatasheets are switched off: Access looks for related tables, and on a link asks the server for each row.
    """
    return (*_own(table, target), *_columns(table, target))


def _own(table: Table, target: ServerTable) -> Iterator[LinkProperty]:
    renamed = {c.source.casefold() for c in target.columns if c.source and c.source != c.name}
    yield LinkProperty("", _SUBDATASHEET, _TEXT, "[None]")
    for name, kind in _OF_TABLES.items():
        value = _value(table.properties, name)
        if value is None or (name in _WITH_NAMES and any(r in str(value).casefold() for r in renamed)):
            continue
        yield LinkProperty("", name, _MEMO if kind == _TEXT and _is_long(value) else kind, value)


def _columns(table: Table, target: ServerTable) -> Iterator[LinkProperty]:
    for made in target.columns:
        column = table.by_name.get(made.source.casefold()) if made.source else None
        if column is not None and column.complex_kind is None:
            yield from _of_column(column, made.name)


def _of_column(column: Column, name: str) -> Iterator[LinkProperty]:
    for property_, kind in _OF_COLUMNS.items():
        value = _value(column.properties, property_)
        if value is not None:
            yield LinkProperty(name, property_, _MEMO if kind == _TEXT and _is_long(value) else kind, value)


def _value(properties: Mapping[str, object], name: str) -> str | int | None:
    """The property, where it is there and says more than its absence does; none that looks like a password."""
    value = properties.get(name)
    if isinstance(value, str) and redacted(f'"{value}"') != f'"{value}"':
        return None
    if not isinstance(value, str | int) or value == "" or (name in _DEFAULTS and value == _DEFAULTS[name]):
        return None
    return value


def _is_long(value: str | int) -> bool:
    return isinstance(value, str) and len(value) > _LONGEST_TEXT
