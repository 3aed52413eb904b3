"""Which SQL Server type holds an Access column: the default mapping, and rules that change it.

The names and limits of SQL Server's types are those of Microsoft's reference ("Data types (Transact-SQL)").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wizard.coercion.type_ranges import LENGTHS, WHOLE
from wizard.definitions import AutoNumber, Column, ColumnProfile, ColumnType
from wizard.linked_dates import DATETIME, rule_of
from wizard.messages import ConversionError, Kind, Message, Place
from wizard.objects import MAX, ServerType
from wizard.settings import Target, TypeMap, TypeRule

AUTONUMBER: Final = "autonumber"
REPLICATION_ID: Final = "replication_id_autonumber"
HYPERLINK: Final = "hyperlink"

DEFAULT_RULES: Final[tuple[TypeRule, ...]] = (
    TypeRule(HYPERLINK, "nvarchar(max)"),
    TypeRule(AUTONUMBER, "int"),
    TypeRule(REPLICATION_ID, "uniqueidentifier"),
    TypeRule("boolean", "bit"),
    TypeRule("byte", "tinyint"),
    TypeRule("integer", "smallint"),
    TypeRule("long", "int"),
    TypeRule("bigint", "bigint"),
    TypeRule("single", "real"),
    TypeRule("double", "float"),
    TypeRule("currency", "money"),
    TypeRule("decimal", "decimal(*,*)"),
    TypeRule("date", "datetime2(0)"),
    TypeRule("date_extended", "datetime2(7)"),
    TypeRule("text", "nvarchar(*)"),
    TypeRule("memo", "nvarchar(max)"),
    TypeRule("guid", "uniqueidentifier"),
    TypeRule("binary", "varbinary(*)"),
    TypeRule("longbinary", "varbinary(max)"),
    TypeRule("complex", "int"),
)
"""What a column becomes where no rule says otherwise; for dates `choose` looks at the values too."""

_INTEGERS: Final = ("tinyint", "smallint", "int", "bigint")
_EXACT: Final = ("decimal", "numeric", "money", "smallmoney")
_FLOATS: Final = ("real", "float")
_TEXTS: Final = ("nvarchar", "nchar", "varchar", "char")
_DATES: Final = ("datetime2", "datetime", "smalldatetime", "date")

POSSIBLE: Final[dict[str, tuple[str, ...]]] = {
    "boolean": ("bit", *_INTEGERS),
    "byte": (*_INTEGERS, *_EXACT, *_FLOATS),
    "integer": (*_INTEGERS, *_EXACT, *_FLOATS),
    "long": (*_INTEGERS, *_EXACT, *_FLOATS),
    "bigint": (*_INTEGERS, *_EXACT, "float"),
    "single": (*_FLOATS, "decimal", "numeric"),
    "double": (*_FLOATS, "decimal", "numeric"),
    "currency": (*_EXACT, "float"),
    "decimal": (*_EXACT, "float"),
    "date": _DATES,
    "date_extended": _DATES,
    "text": _TEXTS,
    "memo": _TEXTS,
    HYPERLINK: _TEXTS,
    "guid": ("uniqueidentifier", *_TEXTS),
    REPLICATION_ID: ("uniqueidentifier",),
    "binary": ("varbinary", "binary"),
    "longbinary": ("varbinary",),
    AUTONUMBER: (*_INTEGERS, "decimal", "numeric"),
    "complex": ("int", "bigint"),
}
"""The types a rule may name, by source."""

_OLD: Final = {"text": "nvarchar(max)", "ntext": "nvarchar(max)", "image": "varbinary(max)"}
_KNOWN: Final = frozenset(t for types in POSSIBLE.values() for t in types)
_SOURCES_WITH_LENGTH: Final = frozenset({"text", "binary", "decimal", "memo", HYPERLINK, "longbinary"})
_WRITTEN = re.compile(r"\s*(\w+)\s*(?:\(\s*([0-9]+|\*|max)\s*(?:,\s*([0-9]+|\*)\s*)?\))?\s*", re.IGNORECASE)

_TEXT_DEFAULT = 255
_BINARY_DEFAULT = 510
_DECIMAL_DEFAULT = 18


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """The type of a column on the server, and what there is to say of it."""

    type: ServerType
    messages: tuple[Message, ...] = ()


def source_of(column: Column) -> str:
    """The name under which rules speak of the column's type: a `ColumnType`'s value, or one of the three others."""
    if column.complex_kind is not None or column.type is ColumnType.COMPLEX:
        return ColumnType.COMPLEX.value
    if column.hyperlink:
        return HYPERLINK
    if column.auto is AutoNumber.REPLICATION:
        return REPLICATION_ID
    if column.auto is not AutoNumber.NONE:
        return AUTONUMBER
    return column.type.value


def check_rule(rule: TypeRule) -> None:
    """Raises ConversionError with the reason where a rule cannot be: a type that is none, or cannot hold the source."""
    if rule.source not in POSSIBLE:
        raise _refused(rule, f"there is no source type '{rule.source}'; there are {', '.join(POSSIBLE)}")
    if (rule.low is not None or rule.high is not None) and rule.source not in _SOURCES_WITH_LENGTH:
        raise _refused(rule, f"a column of type {rule.source} has no length that a range could speak of")
    if rule.low is not None and rule.high is not None and rule.low > rule.high:
        raise _refused(rule, f"the range {rule.low} to {rule.high} is empty")
    sample = Column("", _type_of(rule.source), length=1, precision=1)
    written = _parse(rule)
    if written.name not in POSSIBLE[rule.source]:
        raise _refused(rule, f"{written.name} cannot hold {rule.source}; possible are {_possible(rule.source)}")
    if rule.source == AUTONUMBER and written.scale:
        raise _refused(rule, "an identity column has no decimals")
    _resolve(rule, sample)


def rules_for(type_map: TypeMap, source: str, table: str) -> tuple[TypeRule, ...]:
    """All rules that speak of a table, the most local first, the defaults last."""
    tables = {(s, t.casefold()): rules for (s, t), rules in type_map.tables.items()}
    local = tables.get((source, table.casefold()), ())
    return (*local, *type_map.databases.get(source, ()), *type_map.project, *DEFAULT_RULES)


def choose(
    column: Column,
    rules: Iterable[TypeRule],
    target: Target,
    facts: ColumnProfile | None = None,
    place: Place | None = None,
) -> TypeChoice | None:
    """The column's type on the server; None where no rule speaks of it (a type Jetferry does not know)."""
    source = source_of(column)
    rule = next((r for r in rules if r.source == source and _covers(r, column)), None)
    if rule is None:
        return None
    default = any(rule is one for one in DEFAULT_RULES)  # one given in the same words is given all the same
    if source == ColumnType.DATE and default:
        return _date(target, facts, place)
    chosen = _resolve(rule, column)
    if default and chosen.length not in (None, MAX) and facts and facts.max_length > (chosen.length or 0):
        wide = ServerType(chosen.name, facts.max_length if facts.max_length <= LENGTHS[chosen.name] else MAX)
        return TypeChoice(
            wide, (Message.of(2098, place, type=str(wide), length=column.length, longest=facts.max_length),)
        )
    if default or not _narrower(column, chosen, facts):
        return TypeChoice(chosen)
    return TypeChoice(chosen, (Message.of(2010, place, type=str(chosen), source=source),))


def _date(target: Target, facts: ColumnProfile | None, place: Place | None) -> TypeChoice:
    """datetime where Access goes on and every value fits (`wizard.linked_dates` says why), else datetime2.

    datetime keeps 1/300 of a second only, so that values with fractions of a second do not fit it.
    """
    fraction = facts is not None and facts.fraction_of_second
    wide = ServerType("datetime2", scale=3 if fraction else 0)
    if not target.linked:
        return TypeChoice(wide)
    why = DATETIME.lacks(facts.minimum if facts else None, fraction)
    if not why:
        return TypeChoice(ServerType(DATETIME.type))
    return TypeChoice(wide, (Message.of(2011, place, type=str(wide), why=why),))


def _covers(rule: TypeRule, column: Column) -> bool:
    size = column.precision if column.type is ColumnType.DECIMAL else column.length
    return (rule.low is None or size >= rule.low) and (rule.high is None or size <= rule.high)


def _type_of(source: str) -> ColumnType:
    special = {AUTONUMBER: ColumnType.LONG, REPLICATION_ID: ColumnType.GUID, HYPERLINK: ColumnType.MEMO}
    return special.get(source) or ColumnType(source)


def _parse(rule: TypeRule) -> ServerType:
    """The rule's type with -2 where it says `*`. Raises ConversionError."""
    found = _WRITTEN.fullmatch(rule.target)
    if not found:
        raise _refused(rule, f"'{rule.target}' is not written as a type, such as nvarchar(50) or decimal(18,4)")
    name = found[1].lower()
    if name in _OLD:
        raise _refused(rule, f"{name} is deprecated in SQL Server; use {_OLD[name]}")
    if name not in _KNOWN:
        raise _refused(rule, f"{name} is not a type that Jetferry can fill; possible are {_possible(rule.source)}")
    first, second = (_number(found[2]), _number(found[3]))
    if name in LENGTHS:
        if first is None or second is not None:
            raise _refused(rule, f"{name} needs a length, such as {name}(50)")
        return ServerType(name, first)
    if name in ("decimal", "numeric"):
        return ServerType("decimal", precision=_DECIMAL_DEFAULT if first is None else first, scale=second or 0)
    if name == "datetime2" and second is None:
        return ServerType(name, scale=7 if first is None else first)
    if name == "float" and second is None and first in (None, 53):
        return ServerType(name)
    if first is not None:
        raise _refused(rule, f"{name} takes no length")
    return ServerType(name)


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    return {"*": -2, "max": MAX}.get(text.lower()) or int(text)


def _resolve(rule: TypeRule, column: Column) -> ServerType:
    """The rule's type with the column's own measures. Raises ConversionError where a measure is out of range."""
    written = _parse(rule)
    if written.precision is not None:
        return _decimal(rule, written, column)
    if written.length is not None:
        return _length(rule, written, column)
    if written.name == "datetime2" and not 0 <= (written.scale or 0) <= 7:
        raise _refused(rule, "datetime2 keeps 0 to 7 decimals of a second")
    return written


def _decimal(rule: TypeRule, written: ServerType, column: Column) -> ServerType:
    own = column.type is ColumnType.DECIMAL
    if -2 in (written.precision, written.scale) and not own:
        raise _refused(rule, f"{rule.source} has no precision that * could stand for")
    precision = (column.precision or _DECIMAL_DEFAULT) if written.precision == -2 else written.precision or 0
    scale = column.scale if written.scale == -2 else written.scale or 0
    if not 1 <= precision <= 38 or not 0 <= scale <= precision:
        raise _refused(rule, "decimal(p,s) needs p from 1 to 38 and s from 0 to p")
    return ServerType("decimal", precision=precision, scale=scale)


def _length(rule: TypeRule, written: ServerType, column: Column) -> ServerType:
    limit = LENGTHS[written.name]
    length = written.length or 0
    if length == -2:
        if rule.source not in ("text", "binary"):
            raise _refused(rule, f"{rule.source} has no length that * could stand for")
        length = column.length or (_TEXT_DEFAULT if rule.source == "text" else _BINARY_DEFAULT)
        length = length if length <= limit else MAX
    if length == MAX and written.name not in ("nvarchar", "varchar", "varbinary"):
        raise _refused(rule, f"{written.name} cannot be max")
    if length != MAX and not 1 <= length <= limit:
        raise _refused(rule, f"{written.name} takes a length from 1 to {limit}, or max where it varies")
    return ServerType(written.name, length)


def _narrower(column: Column, chosen: ServerType, facts: ColumnProfile | None) -> bool:
    """Whether values may exist that the chosen type cannot hold as they are."""
    if chosen.length is not None:
        if chosen.name in ("varchar", "char", "nchar", "binary"):
            return True
        size = facts.max_length if facts is not None and facts.rows else column.length
        needed = 38 if column.type is ColumnType.GUID else size
        unlimited = column.type in (ColumnType.MEMO, ColumnType.LONGBINARY) and facts is None
        return chosen.length != MAX and (unlimited or needed > chosen.length)
    source = column.type
    if source in _FINEST:
        return _coarser(source, chosen, facts)
    if chosen.name in WHOLE and source in _INTEGER_SOURCES:
        low, high = WHOLE[chosen.name]
        own_low, own_high = _INTEGER_SOURCES[source]
        if facts is not None and isinstance(facts.minimum, int) and isinstance(facts.maximum, int):
            own_low, own_high = facts.minimum, facts.maximum
        return own_low < low or own_high > high
    return chosen.name not in _HOLDS_ALL.get(source, ()) and not (
        chosen.precision is not None
        and (chosen.precision - (chosen.scale or 0)) >= _DIGITS.get(source, column.precision - column.scale)
        and (chosen.scale or 0) >= _DECIMALS.get(source, column.scale)
        and source not in (ColumnType.SINGLE, ColumnType.DOUBLE)
    )


def _coarser(source: ColumnType, chosen: ServerType, facts: ColumnProfile | None) -> bool:
    """Whether dates may exist that the chosen type cannot hold."""
    if chosen.name == "datetime2" and (chosen.scale or 0) >= _FINEST[source]:
        return False
    rule = rule_of(chosen)
    if facts is None or rule is None or chosen.name not in ("datetime2", "datetime"):
        return True
    return bool(rule.lacks(facts.minimum, facts.fraction_of_second))


_FINEST: Final = {ColumnType.DATE: 3, ColumnType.DATE_EXTENDED: 7}
"""decimals of a second that values of a source are read with"""
_INTEGER_SOURCES: Final = {
    ColumnType.BYTE: (0, 255),
    ColumnType.INTEGER: (-(2**15), 2**15 - 1),
    ColumnType.LONG: (-(2**31), 2**31 - 1),
    ColumnType.BIGINT: (-(2**63), 2**63 - 1),
}
_DIGITS: Final = {
    ColumnType.BYTE: 3,
    ColumnType.INTEGER: 5,
    ColumnType.LONG: 10,
    ColumnType.BIGINT: 19,
    ColumnType.CURRENCY: 15,
}
_DECIMALS: Final = {
    ColumnType.BYTE: 0,
    ColumnType.INTEGER: 0,
    ColumnType.LONG: 0,
    ColumnType.BIGINT: 0,
    ColumnType.CURRENCY: 4,
}
_HOLDS_ALL: Final[dict[ColumnType, tuple[str, ...]]] = {
    ColumnType.BOOLEAN: ("bit", *_INTEGERS),
    ColumnType.BYTE: (*_INTEGERS, "money", "smallmoney", *_FLOATS),
    ColumnType.INTEGER: ("money", "smallmoney", "bigint", *_FLOATS),
    ColumnType.LONG: ("money", "bigint", "float"),
    ColumnType.BIGINT: ("bigint",),
    ColumnType.SINGLE: _FLOATS,
    ColumnType.DOUBLE: ("float",),
    ColumnType.CURRENCY: ("money",),
    ColumnType.GUID: ("uniqueidentifier",),
    ColumnType.COMPLEX: ("int", "bigint"),
}


def _possible(source: str) -> str:
    return ", ".join(POSSIBLE.get(source, ()))


def _refused(rule: TypeRule, reason: str) -> ConversionError:
    place = Place(Kind.OPTION, name=f"{rule.source} -> {rule.target}")
    return ConversionError(2000, place, source=rule.source, target=rule.target, reason=reason)
