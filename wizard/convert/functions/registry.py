"""The table of Access's functions: what each becomes, with a sample that tests and the README are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

from sqlglot import exp

from wizard.convert.dialect.date_texts import lacks_year
from wizard.convert.dialect.dates import TURN
from wizard.convert.dialect.nodes import Omitted
from wizard.convert.expression_types import SHORTEST, as_date, as_integer, as_number, as_text, needs_format
from wizard.convert.literals import DATE_SQL
from wizard.convert.tree import enclosed, tsql
from wizard.convert.typed_sql import TEXTS, Condition, ExpressionUse, NameScope, Typed, Walker
from wizard.definitions import ColumnType
from wizard.messages import ConversionError

ANY: Final = "*"
"""a parameter that takes a value as it is"""


def null_as(value: Typed, sql_type: str, kind: ColumnType) -> Typed:
    """A NULL that is written out has no type, which most functions and aggregates of T-SQL refuse (8117)."""
    return Typed(tsql("CONVERT({}, NULL)", sql_type), kind) if value.is_null else value


def note_date_text(
    value: Typed, made: Typed, node: exp.Expr, scope: NameScope, reader: str = "A text for a date"
) -> None:
    """Note how a server may read a text otherwise than Access, where `made`, the date, is what it says."""
    if value.type in TEXTS and value.constant is None:
        scope.note(3526, node)
    if isinstance(value.constant, str) and lacks_year(value.constant):
        scope.note(3546, node, text=value.constant)
    if isinstance(value.constant, str) and isinstance(made.constant, datetime):
        _note_century(made.constant.year, value.constant, node, scope, reader)


def _note_century(year: int, written: str, node: exp.Expr, scope: NameScope, reader: str) -> None:
    """Note that Windows takes a year of two digits for one of this century or, before 2019, of the last."""
    if 2030 <= year < 2000 + TURN and str(year) not in written:
        scope.note(3523, node, function=reader)


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """One call of a function under translation."""

    node: exp.Expr
    function: SqlFunction
    arguments: tuple[exp.Expr, ...]
    walker: Walker

    def __getitem__(self, number: int) -> Typed:
        """An argument as the registry says that the function takes it."""
        kind = self.function.kind(number, len(self.arguments))
        return {"t": self.text, "n": self.number, "i": self.integer, "d": self.date, ANY: self.any}[kind](number)

    def has(self, number: int) -> bool:
        """Whether an argument was given."""
        return number < len(self.arguments) and not isinstance(self.arguments[number], Omitted)

    def any(self, number: int) -> Typed:
        """An argument as it is."""
        return self.walker.value(self.arguments[number])

    def text(self, number: int) -> Typed:
        """An argument as text."""
        value = self.any(number)
        if needs_format(value):
            self.note(3522, picture=SHORTEST)
        return as_text(value)

    def number(self, number: int) -> Typed:
        """An argument as a number."""
        return null_as(as_number(self.any(number)), "int", ColumnType.LONG)

    def integer(self, number: int) -> Typed:
        """An argument as a whole number, halves rounded to even."""
        return null_as(as_integer(self.any(number), guarded=self.guarded), "int", ColumnType.LONG)

    def date(self, number: int) -> Typed:
        """An argument as a date and time."""
        value = self.any(number)
        made = as_date(value)
        note_date_text(value, made, self.node, self.walker.scope, self.function.name)
        return null_as(made, DATE_SQL, ColumnType.DATE)

    def note_century(self, year: int, written: str) -> None:
        """See `_note_century`."""
        _note_century(year, written, self.node, self.walker.scope, self.function.name)

    @property
    def guarded(self) -> bool:
        """Whether what Access shows as an error in one row is to be NULL. A rule keeps the error: NULL would pass."""
        return self.walker.scope.use is not ExpressionUse.CHECK

    def condition(self, number: int) -> Condition:
        """An argument as a condition."""
        return self.walker.condition(self.arguments[number])

    def constant_integer(self, number: int, default: int) -> int:
        """A whole number that must be known now (a first day, a way of comparing). Raises ConversionError."""
        if not self.has(number):
            return default
        found = self.integer(number).constant
        if not isinstance(found, int):
            self.fail(f"argument {number + 1} must be a number written out")
        return found

    def note(self, number: int, **facts: Any) -> None:
        """Note a message about the call."""
        self.walker.scope.note(number, self.node, **({"function": self.function.name} | facts))

    def fail(self, reason: str) -> NoReturn:
        """Give the call up. Raises ConversionError."""
        place = self.walker.scope.place(self.node)
        raise ConversionError(3505, place, function=self.function.name, reason=reason)


Handler = Callable[[FunctionCall], Typed | Condition]


@dataclass(frozen=True, slots=True)
class Sample:
    """An Access expression without columns, the value that Access gives it, and why a server may not be asked."""

    expression: str
    value: object
    untestable: str = ""
    """why the value cannot be held against any server (it is the time, it is random)"""
    stand_in: str = ""
    """why Babelfish, which stands in for SQL Server in tests, cannot give it"""


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """A function of Access. `least` and `most` are the numbers of arguments it takes."""

    name: str
    area: str
    least: int
    most: int
    handler: Handler
    becomes: str
    """what it is on the server, for people"""
    samples: tuple[Sample, ...] = ()
    note: str = ""
    aggregate: bool = False
    written: tuple[int, ...] = ()
    """arguments that must be known now: a choice among known ones becomes a choice among calls"""
    takes: str = ""
    """a letter for the type of each argument: text, number, integer, date, b for Yes/No; `*`, and all beyond: any"""
    leading: int = 0
    """with how many arguments the first of `takes` is there, where it may be left out"""
    hides: bool | None = None
    """whether it gives a value for NULL; None: where its result is never NULL"""

    def kind(self, number: int, count: int) -> str:
        """The letter for an argument of a call with so many."""
        place = number + (1 if count < self.leading else 0)
        return self.takes[place] if place < len(self.takes) else ANY


FUNCTIONS: Final[dict[str, SqlFunction]] = {}
"""by case-folded name; a name's `$` form is the same function where it has no entry of its own"""


def register(function: SqlFunction, *aliases: str) -> None:
    """Raises ValueError where a name is taken."""
    for name in (function.name, *aliases):
        if FUNCTIONS.setdefault(name.casefold(), function) is not function:
            raise ValueError(f"{name} is registered twice")


def find(name: str) -> SqlFunction | None:
    """The function of a name, with or without `$`, in any case; None where there is none."""
    key = name.casefold()
    return FUNCTIONS.get(key) or FUNCTIONS.get(key.removesuffix("$"))


def function(
    name: str, arguments: tuple[int, int], becomes: str, *samples: tuple[str, object] | Sample,
    area: str, note: str = "", aliases: Iterable[str] = (), aggregate: bool = False,
    written: tuple[int, ...] = (), takes: str = "", leading: int = 0, hides: bool | None = None,
) -> Callable[[Handler], Handler]:  # fmt: skip
    """Register the decorated handler."""

    def keep(handler: Handler) -> Handler:
        found = tuple(s if isinstance(s, Sample) else Sample(*s) for s in samples)
        register(
            SqlFunction(
                name, area, *arguments, handler, becomes, found, note, aggregate, written, takes, leading, hides
            ),
            *aliases,
        )
        return handler

    return keep


def simple(
    name: str, kinds: str, pattern: str, result: ColumnType, *samples: tuple[str, object] | Sample,
    area: str, note: str = "", aliases: Iterable[str] = (), parenthesised: bool = False,
) -> None:  # fmt: skip
    """Register a function that is one pattern: `kinds` has a letter per argument: text, number, integer, date.

    What makes a text of one is no longer than that.
    """
    maker = enclosed if parenthesised else tsql

    def handler(call: FunctionCall) -> Typed:
        values = [call[i] for i in range(len(kinds))]
        length = values[0].length if kinds == "t" and result is ColumnType.TEXT else 0
        return Typed(maker(pattern, *values), result, any(v.nullable for v in values), length)

    shown = str(maker(pattern, *"abc"[: len(kinds)]))
    count = (len(kinds), len(kinds))
    function(name, count, shown, *samples, area=area, note=note, aliases=aliases, takes=kinds)(handler)
