"""Whether a type holds every value of another one, unchanged: what rows that are there already ask of a new type.

Only what is certain counts: where there is doubt, a type does not hold what the other one holds. Source: Microsoft's
documentation, "Data types (Transact-SQL)".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from wizard.coercion.type_ranges import MONEY, WHOLE
from wizard.objects import MAX, ServerColumn, ServerType

_LONGEST: Final = 1 << 31
"""in the place of `max`"""
_NAMES: Final = {"numeric": "decimal", "timestamp": "rowversion"}
_OTHERWISE: Final = {
    "text": ServerType("varchar", MAX),
    "ntext": ServerType("nvarchar", MAX),
    "image": ServerType("varbinary", MAX),
    "sysname": ServerType("nvarchar", 128),
}
"""types that hold what others do"""
_EXACT_IN: Final = {"real": 2**24, "float": 2**53}
"""up to where such a number holds every whole one"""
_DIGITS: Final = 7
"""of a second, where a type does not say how many"""


@dataclass(frozen=True, slots=True)
class FilledColumn:
    """A column with the type that its values were made for."""

    name: str
    source: str
    """the Access column whose values they are"""
    type: ServerType


@dataclass(frozen=True, slots=True)
class _Sized:
    """Characters or bytes."""

    kind: str
    """`char`, `nchar` or `binary`"""
    fixed: bool
    length: int


def filled(columns: Iterable[ServerColumn]) -> tuple[FilledColumn, ...]:
    """The columns as they are filled now."""
    return tuple(FilledColumn(c.name, c.source, c.type) for c in columns)


def narrowed(now: Sequence[ServerColumn], then: Iterable[FilledColumn]) -> dict[str, ServerType]:
    """Columns whose type does not hold all that they were filled with any more, by name, each with its former type.

    A column that was renamed is known by its source; one that is there no more is nobody's loss here.
    """
    by_name = {c.name.casefold(): c for c in now}
    by_source = {c.source.casefold(): c for c in now if c.source}
    found: dict[str, ServerType] = {}
    for former in then:
        column = by_name.get(former.name.casefold()) or by_source.get(former.source.casefold())
        if column is not None and not holds_all(column.type, former.type):
            found.setdefault(column.name, former.type)
    return found


def held_too(then: Iterable[FilledColumn], more: Iterable[FilledColumn]) -> tuple[FilledColumn, ...]:
    """What columns were filled with, after more rows of other types came to those that were there."""
    return tuple(dict.fromkeys((*then, *more)))


def holds_all(new: ServerType, old: ServerType) -> bool:
    """Whether it is certain that every value of the old type is a value of the new one, unchanged."""
    new, old = _plain(new), _plain(old)
    if new == old:
        return True
    numbers = _number(new), _number(old)
    if numbers[0] and numbers[1]:
        return _within(numbers[0], numbers[1])
    if numbers[1] or old.name in _EXACT_IN:
        return _float_holds(new, old, numbers[1])
    texts = _text(new), _text(old)
    if texts[0] and texts[1]:
        return _longer(texts[0], texts[1])
    return _later(new, old)


def _plain(type_: ServerType) -> ServerType:
    """The type by one name, with all that SQL Server adds to what is not said."""
    name = type_.name.casefold()
    name = _NAMES.get(name, name)
    if name == "decimal":
        return ServerType(name, precision=18 if type_.precision is None else type_.precision, scale=type_.scale or 0)
    if name in ("datetime2", "time", "datetimeoffset"):
        return ServerType(name, scale=_DIGITS if type_.scale is None else type_.scale)
    if _kind(name):
        return ServerType(name, 1 if type_.length is None else type_.length)
    if name == "float" and 0 < (type_.precision or type_.length or 53) <= 24:
        return ServerType("real")
    return _OTHERWISE.get(name, ServerType(name))


def _number(type_: ServerType) -> tuple[Decimal, Decimal, int] | None:
    """Lowest and highest value of an exact number, and its decimals."""
    if type_.name in WHOLE:
        return Decimal(WHOLE[type_.name][0]), Decimal(WHOLE[type_.name][1]), 0
    if type_.name in MONEY:
        return *MONEY[type_.name], 4
    if type_.name == "decimal":
        precision, scale = type_.precision or 0, type_.scale or 0
        high = Decimal((0, (9,) * precision, -scale))
        return high.copy_negate(), high, scale
    return None


def _within(new: tuple[Decimal, Decimal, int], old: tuple[Decimal, Decimal, int]) -> bool:
    return new[0] <= old[0] and new[1] >= old[1] and new[2] >= old[2]


def _float_holds(new: ServerType, old: ServerType, exact: tuple[Decimal, Decimal, int] | None) -> bool:
    """Whether a type holds a number: of those that are not exact only a longer one, and whole numbers up to a size."""
    if new.name not in _EXACT_IN:
        return False
    if exact is None:
        return (new.name, old.name) == ("float", "real")
    return exact[2] == 0 and max(exact[1], -exact[0]) <= _EXACT_IN[new.name]


def _kind(name: str) -> str:
    """The kind of characters that a type holds, or bytes; empty where it holds others."""
    bare = name.replace("var", "")
    return bare if bare in ("char", "nchar", "binary") else ""


def _text(type_: ServerType) -> _Sized | None:
    kind = _kind(type_.name)
    if not kind:
        return None
    length = type_.length or 1
    return _Sized(kind, "var" not in type_.name, _LONGEST if length == MAX else length)


def _longer(new: _Sized, old: _Sized) -> bool:
    """A fixed length is filled up with blanks or zeros, so that only the same one changes nothing."""
    if new.fixed:
        return False
    return (new.kind == old.kind or (new.kind, old.kind) == ("nchar", "char")) and new.length >= old.length


def _later(new: ServerType, old: ServerType) -> bool:
    """Of dates and times."""
    if new.name == old.name and new.name in ("datetime2", "time", "datetimeoffset"):
        return (new.scale or 0) >= (old.scale or 0)
    if new.name == "datetime2" and old.name in ("date", "smalldatetime"):
        return True
    return (new.name, old.name) == ("datetime", "smalldatetime")
