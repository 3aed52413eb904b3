"""What is known of a function's variables at one place of its code, and the types that they take on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from wizard.convert.expression_types import common_type
from wizard.convert.own.values import FAMILIES, TYPES, Value
from wizard.convert.tree import SqlNode, Variable
from wizard.convert.typed_sql import INTEGERS, TEXTS, Typed
from wizard.convert.vba import UnsupportedVbaError
from wizard.definitions import ColumnType

LONGEST: Final = 4000
_SHORT: Final = 255
_SQL: Final = {
    ColumnType.BOOLEAN: "bit", ColumnType.BIGINT: "bigint", ColumnType.SINGLE: "real", ColumnType.DOUBLE: "float",
    ColumnType.CURRENCY: "money", ColumnType.DATE: "datetime2(0)",
}  # fmt: skip


def sql_type(kind: ColumnType, length: int) -> str:
    """What a variable, parameter or result is declared as. Whole numbers are `int`: VBA's limits are asked apart."""
    if kind in INTEGERS and kind is not ColumnType.BIGINT:
        return "int"
    if kind in TEXTS:
        limit = _SHORT if 0 < length <= _SHORT else LONGEST
        return f"nvarchar({limit})" if kind is ColumnType.TEXT and 0 < length <= LONGEST else "nvarchar(max)"
    return _SQL[kind]


@dataclass
class Slot:
    """A variable, parameter or result. `fixed` is the type it is declared with; None for a Variant."""

    label: str
    name: str
    fixed: ColumnType | None
    parameter: bool = False
    kind: ColumnType = ColumnType.UNKNOWN
    """of a Variant: what all its values have been so far"""
    length: int = 0
    nullable: bool = False
    low: int | None = None
    high: int | None = None
    mixed: bool = False
    """its values are of several kinds: it may be given but not read"""

    @property
    def type(self) -> ColumnType:
        """The type that it has on the server, as far as it is known."""
        if self.fixed in TEXTS and 0 < self.length <= LONGEST:
            return ColumnType.TEXT
        return self.fixed or self.kind

    @property
    def declaration(self) -> str:
        """Its name and type, as DECLARE has them."""
        return f"{self.name} {sql_type(self.type, self.length)}"

    def read(self, *, nullable: bool) -> Value:
        """Its value. Raises RefusedError."""
        if self.mixed:
            raise UnsupportedVbaError(f"{self.label} has values of several types, and is read")
        typed = Typed(Variable(self.name), self.type, nullable, self.length if self.type in TEXTS else 0)
        return Value(typed, self.fixed is None, self.low, self.high)

    def take(self, value: Value) -> None:
        """Note a value that it is given."""
        if value.typed.is_null:
            self.nullable = True
            return
        self.nullable = self.nullable or value.nullable
        known, kind = self.kind, value.type
        if kind in TEXTS:
            self.length = max(self.length, 1 if value.typed.constant == "" else value.typed.length or LONGEST + 1)
        if self.fixed is None:
            self._widen(known, kind)
        self._bound(value, first=self.fixed is None and known is ColumnType.UNKNOWN)

    def _widen(self, known: ColumnType, kind: ColumnType) -> None:
        if kind not in FAMILIES and known not in (ColumnType.UNKNOWN, kind):
            raise UnsupportedVbaError(f"{self.label} has values of several types")
        if known is ColumnType.UNKNOWN:
            self.kind = kind
            return
        booleans = (known is ColumnType.BOOLEAN) is not (kind is ColumnType.BOOLEAN)
        if FAMILIES.get(known) != FAMILIES.get(kind) or booleans:
            self.mixed = True
        if known is not kind and ColumnType.SINGLE in (known, kind):
            raise UnsupportedVbaError(f"{self.label} has values of type Single and others")
        self.kind = common_type((Typed(Variable(""), known), Typed(Variable(""), kind)))

    def _bound(self, value: Value, *, first: bool) -> None:
        if value.type not in INTEGERS:
            self.low = self.high = None
            return
        low, high = value.bounds
        if first:
            self.low, self.high = low, high
        elif self.low is not None and self.high is not None:
            self.low, self.high = min(self.low, low), max(self.high, high)


def fixed_type(name: str, *, enumeration: bool) -> ColumnType | None:
    """The type of a variable by VBA's name, None for Variant. Raises RefusedError for objects and what else it is."""
    if name == "variant":
        return None
    found = TYPES.get(name)
    if found is None and not enumeration:
        raise UnsupportedVbaError(f"it has a value of type {name}")
    return found or ColumnType.LONG


@dataclass
class State:
    """Of case-folded names: which have a value, and which of those are not Null. `dead`: nothing comes here."""

    given: set[str] = field(default_factory=set)
    not_null: set[str] = field(default_factory=set)
    dead: bool = False

    def copy(self) -> State:
        """The same, to be changed on one of two ways."""
        return State(set(self.given), set(self.not_null), self.dead)

    def joined(self, other: State) -> State:
        """What is known after either."""
        if self.dead or other.dead:
            return (other if self.dead else self).copy()
        return State(self.given & other.given, self.not_null & other.not_null)


def mentions(node: SqlNode, name: str) -> bool:
    """Whether a variable stands somewhere in the T-SQL."""
    return any(isinstance(n, Variable) and n.name == name for n in node.walk())
