"""Columns as plain data: what the file's records and its properties say together."""

from __future__ import annotations

from typing import Final

from wizard.access.columns import TYPES
from wizard.access.complex_columns import FlatTable
from wizard.access.properties import Properties
from wizard.access.tables import RawColumn
from wizard.definitions import AutoNumber, Column, ColumnType

_CALCULATED_EXTRA: Final = 23
"""bytes that wrap a calculated column's value and count in its length"""
_AUTO_DECIMALS: Final = 255
_CALCULATED_DECIMAL: Final = (38, 18)
"""precision and scale given to calculated Decimal columns: the file has none for them, and each of their values has a
scale of its own, so the type must leave room on both sides of the point"""


def column(raw: RawColumn, properties: Properties, *, unit: int, flat: FlatTable | None, child_table: str) -> Column:
    """A column.

    Args:
        unit: bytes of a character of short text.
        flat: for complex columns, what is known of its values.
        child_table: the name under which those are listed.
    """
    kind = _type(raw, properties)
    default = text(properties, "DefaultValue").removeprefix("=")
    zero_length = properties.get("AllowZeroLength")
    decimals = properties.get("DecimalPlaces")
    precision, scale = _decimal(raw) if kind is ColumnType.DECIMAL else (0, 0)
    return Column(
        name=raw.name,
        type=kind,
        length=_length(raw, kind, unit),
        precision=precision,
        scale=scale,
        auto=_auto(raw, kind, default),
        required=bool(properties.get("Required")),
        default=default,
        validation_rule=text(properties, "ValidationRule"),
        validation_text=text(properties, "ValidationText"),
        allow_zero_length=None if zero_length is None else bool(zero_length),
        description=text(properties, "Description"),
        format=text(properties, "Format"),
        caption=text(properties, "Caption"),
        input_mask=text(properties, "InputMask"),
        decimal_places=decimals if isinstance(decimals, int) and decimals != _AUTO_DECIMALS else None,
        hyperlink=raw.hyperlink,
        calculated=text(properties, "Expression") if raw.calculated else "",
        complex_kind=flat.kind if flat else None,
        child_table=child_table,
        properties=properties,
    )


def text(properties: Properties, name: str) -> str:
    """A property that is text; empty where it is absent or something else."""
    value = properties.get(name)
    return value if isinstance(value, str) else ""


def _type(raw: RawColumn, properties: Properties) -> ColumnType:
    """The type; of a calculated column, the type of its result, which only a property has."""
    kept = TYPES.get(raw.type, ColumnType.UNKNOWN)
    result = properties.get("ResultType")
    return TYPES.get(result, kept) if raw.calculated and isinstance(result, int) else kept


def _decimal(raw: RawColumn) -> tuple[int, int]:
    return _CALCULATED_DECIMAL if raw.calculated else (raw.precision, raw.scale)


def _length(raw: RawColumn, kind: ColumnType, unit: int) -> int:
    size = raw.length - _CALCULATED_EXTRA if raw.calculated else raw.length
    if kind is ColumnType.TEXT:
        return max(size, 0) // unit
    return max(size, 0) if kind is ColumnType.BINARY else 0


def _auto(raw: RawColumn, kind: ColumnType, default: str) -> AutoNumber:
    if kind is ColumnType.COMPLEX:
        return AutoNumber.NONE  # numbered by Access too, but nobody's AutoNumber
    if raw.auto_guid:
        return AutoNumber.REPLICATION
    if raw.auto_long:
        return AutoNumber.RANDOM if default.casefold() == "genuniqueid()" else AutoNumber.INCREMENT
    return AutoNumber.NONE
