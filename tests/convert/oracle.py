"""Definitions made from the oracles of ../shared, so that conversion is tried without the reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conftest import load_oracle
from wizard.definitions import (
    AutoNumber,
    Column,
    ColumnType,
    Database,
    Index,
    IndexColumn,
    Query,
    QueryKind,
    Relationship,
    Table,
)

_TYPES = {
    "BOOLEAN": "boolean", "BYTE": "byte", "INT": "integer", "LONG": "long", "BIG_INT": "bigint", "FLOAT": "single",
    "DOUBLE": "double", "MONEY": "currency", "NUMERIC": "decimal", "SHORT_DATE_TIME": "date",
    "EXT_DATE_TIME": "date_extended", "TEXT": "text", "MEMO": "memo", "GUID": "guid", "BINARY": "binary",
    "OLE": "longbinary", "COMPLEX_TYPE": "complex",
}  # fmt: skip
_KINDS = {
    "CROSS_TAB": "crosstab", "PASSTHROUGH": "pass_through", "DATA_DEFINITION": "data_definition",
    "MAKE_TABLE": "make_table",
}  # fmt: skip


def database(path: Path) -> Database:
    """The database that an oracle describes; complex columns are without their child tables."""
    data = load_oracle(path)
    return Database(
        path=data["file"],
        format=data.get("format", ""),
        tables=tuple(_table(t) for t in data["tables"] if "columns" in t),
        relationships=tuple(_relationship(r) for r in data.get("relationships", [])),
        queries=tuple(_query(q) for q in data.get("queries", [])),
    )


def _table(data: dict[str, Any]) -> Table:
    props = data["props"]
    return Table(
        name=data["name"],
        columns=tuple(_column(c) for c in data["columns"]),
        indexes=tuple(_index(i) for i in data["indexes"]),
        rows=data["row_count"],
        description=props.get("Description", ""),
        validation_rule=props.get("ValidationRule", ""),
        validation_text=props.get("ValidationText", ""),
    )


def _column(data: dict[str, Any]) -> Column:
    props = data["props"]
    kind = ColumnType(_TYPES[data["type"]])
    guid = kind is ColumnType.GUID
    auto = AutoNumber.REPLICATION if guid else AutoNumber.INCREMENT
    return Column(
        name=data["name"],
        type=kind,
        length=data["units"] if kind is ColumnType.TEXT else data["length"] if kind is ColumnType.BINARY else 0,
        precision=data["precision"] if kind is ColumnType.DECIMAL else 0,
        scale=data["scale"] if kind is ColumnType.DECIMAL else 0,
        auto=auto if data["auto"] else AutoNumber.NONE,
        required=bool(props.get("Required", False)),
        default=str(props.get("DefaultValue", "")).removeprefix("="),
        validation_rule=props.get("ValidationRule", ""),
        validation_text=props.get("ValidationText", ""),
        allow_zero_length=props.get("AllowZeroLength"),
        description=props.get("Description", ""),
        hyperlink=data["hyperlink"],
        calculated=props.get("Expression", "") if data["calculated"] else "",
    )


def _index(data: dict[str, Any]) -> Index:
    columns = tuple(IndexColumn(c.removesuffix(" desc"), c.endswith(" desc")) for c in data["columns"])
    return Index(data["name"], columns, data["pk"], data["unique"], data["required"], data["ignore_nulls"], data["fk"])


def _relationship(data: dict[str, Any]) -> Relationship:
    return Relationship(
        data["name"],
        data["to"],
        tuple(data["to_cols"]),
        data["from"],
        tuple(data["from_cols"]),
        data["enforced"],
        data["cascade_update"],
        data["cascade_delete"],
        one_to_one=data["one_to_one"],
    )


def _query(data: dict[str, Any]) -> Query:
    kind = _KINDS.get(data["type"], data["type"].lower())
    return Query(data["name"], QueryKind(kind), data["sql"], hidden=data["hidden"])
