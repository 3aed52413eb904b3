"""Types of calls of built-in functions and of their arguments.

Source: the pages of "Transact-SQL functions", each function's *Arguments* and *Return types*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.sqlserver.oracle.lint.base import Base
from tests.sqlserver.oracle.lint.sqltypes import (
    APPROX,
    BYTES,
    DATES,
    INTS,
    MAX,
    NULL,
    NUMBERS,
    SINCE,
    TEXTS,
    Type,
)
from tests.sqlserver.oracle.lint.trees import Scope

_TIMES: Final = frozenset(("hour", "hh", "minute", "mi", "n", "second", "ss", "s", "millisecond"))
"""parts that a date has not"""
_WITH_PART: Final = frozenset(("DATEADD", "DATEDIFF", "DATEPART", "DATENAME", "DATEDIFF_BIG"))
_RANKS: Final = ("ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE")
_PAGES: Final = {
    "summed": "SUM AVG STDEV STDEVP VAR VARP",
    "extreme": "MIN MAX",
    "cut": "UPPER LOWER LTRIM RTRIM TRIM REVERSE REPLACE STUFF SUBSTRING REPLICATE",
    "formatted": "FORMAT",
    "character": "SPACE CHAR NCHAR",
    "digits": "STR SIGN",
    "measured": "LEN DATALENGTH CHARINDEX PATINDEX ASCII UNICODE",
    "parted": "YEAR MONTH DAY DATEPART",
    "difference": "DATEDIFF",
    "moved": "DATEADD",
    "composed": "SYSDATETIME SYSUTCDATETIME DATETIME2FROMPARTS DATETIMEFROMPARTS",
    "rounded": "ABS FLOOR CEILING ROUND POWER",
    "computed": "EXP LOG LOG10 SQRT SQUARE SIN COS TAN COT ATAN ASIN ACOS ATN2 PI RAND DEGREES RADIANS",
    "replaced": "ISNULL",
    "chosen": "CHOOSE",
    "same": "LAG LEAD FIRST_VALUE LAST_VALUE GREATEST LEAST",
}
"""by method, the functions it knows"""
_METHODS: Final = {name: method for method, names in _PAGES.items() for name in names.split()}
_TEXT_OF: Final = (
    "CONCAT CONCAT_WS STRING_AGG QUOTENAME SUSER_SNAME USER_NAME DB_NAME HOST_NAME APP_NAME DATENAME TRANSLATE "
    "STRING_ESCAPE OBJECT_NAME SCHEMA_NAME"
)
_INT_OF: Final = "COUNT ISNUMERIC ISDATE CHECKSUM BINARY_CHECKSUM OBJECT_ID DIFFERENCE COLUMNPROPERTY DB_ID SCHEMA_ID"
_RESULTS: Final[dict[str, Type]] = {
    **dict.fromkeys(_TEXT_OF.split(), ("nvarchar", None)),
    **dict.fromkeys(_INT_OF.split(), ("int",)),
    **dict.fromkeys(("COUNT_BIG", "DATEDIFF_BIG", *_RANKS), ("bigint",)),
    **dict.fromkeys(("GETDATE", "GETUTCDATE"), ("datetime",)),
    **dict.fromkeys(("DATEFROMPARTS", "EOMONTH"), ("date",)),
    **dict.fromkeys(("NEWID", "NEWSEQUENTIALID"), ("uniqueidentifier",)),
    **dict.fromkeys(("HASHBYTES", "COMPRESS"), ("varbinary", 8000)),
    **dict.fromkeys(("SCOPE_IDENTITY", "IDENT_CURRENT"), ("decimal", 38, 0)),
    "TIMEFROMPARTS": ("time",),
}
"""the type of functions that take anything"""


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its fragment, name, arguments and their types."""

    node: Any
    name: str
    arguments: list[Any]
    types: list[Type]

    @property
    def low(self) -> str:
        return self.name.lower()

    def type(self, number: int) -> Type:
        """The type of an argument, counted from 0; None where it is absent or not known."""
        return self.types[number] if number < len(self.types) else None


class Functions(Base):
    """Calls."""

    def t_LeftFunctionCall(self, e: Any, scope: Scope) -> Type:
        return self.text_part(e, scope, "left")

    def t_RightFunctionCall(self, e: Any, scope: Scope) -> Type:
        return self.text_part(e, scope, "right")

    def text_part(self, e: Any, scope: Scope, name: str) -> Type:
        types = [self.type(p, scope) for p in e.Parameters]
        self.textual(e, types[0], name, 1)
        if len(types) > 1:
            self.whole(e, types[1], name, 2)
        ty = types[0] if types and types[0] and types[0][0] in TEXTS else ("nvarchar", None)
        return ("nvarchar" if ty[0][0] == "n" else "varchar", ty[1])

    def textual(self, e: Any, ty: Type, name: str, n: int, severity: str = "warning") -> None:
        """An argument that has to be text."""
        if ty is None:
            return
        if ty == NULL:
            if name in ("substring", "reverse", "stuff", "left", "right"):
                self.tell(e, 8116, f"argument {n} of {name} is NULL without a type: {self.short(e)}", "warning")
        elif ty[0] in ("uniqueidentifier", "money", "smallmoney"):
            self.tell(e, 8116, f"argument {n} of {name} is {ty[0]}: {self.short(e)}", severity)

    def whole(self, e: Any, ty: Type, name: str, n: int) -> None:
        if ty and (ty[0] in APPROX or ty[0] in ("decimal", "money") or ty[0] in DATES or ty[0] == "uniqueidentifier"):
            self.tell(e, 8116, f"argument {n} of {name} is {ty[0]}: {self.short(e)}")
        elif ty and ty[0] in TEXTS:
            self.tell(e, 245, f"argument {n} of {name} is text: {self.short(e)}", "warning")

    def number(self, e: Any, ty: Type, name: str, n: int) -> None:
        if ty and (ty[0] in DATES or ty[0] == "uniqueidentifier" or ty[0] == "bit" or ty[0] in BYTES):
            self.tell(e, 8116, f"argument {n} of {name} is {ty[0]}: {self.short(e)}")
        elif ty and ty[0] in TEXTS:
            self.tell(e, 8114, f"argument {n} of {name} is text: {self.short(e)}", "warning")
        elif ty == NULL and name in ("round",):
            self.tell(e, 8116, f"argument {n} of {name} is NULL without a type: {self.short(e)}", "warning")

    def t_FunctionCall(self, e: Any, scope: Scope) -> Type:
        name = e.FunctionName.Value.upper()
        if SINCE.get(name, 0) > self.version:
            self.tell(e, 195, f"{name} is there since version {SINCE[name]}, not in {self.version}: {self.short(e)}")
        arguments = list(e.Parameters)
        skipped = 1 if name in _WITH_PART or _counts_rows(name, arguments) else 0
        types = [None] * skipped + [self.type(p, scope) for p in arguments[skipped:]]
        self.window(e, name, scope)
        if name in _RESULTS:
            return _RESULTS[name]
        if name in _METHODS:
            method = getattr(self, f"f_{_METHODS[name]}")
            found: Type = method(Call(e, name, arguments, types))
            return found
        self.kinds[f"{name}()"] = self.kinds.get(f"{name}()", 0) + 1
        return None

    def window(self, e: Any, name: str, scope: Scope) -> None:
        """What stands in OVER."""
        if e.OverClause is None:
            return
        for p in e.OverClause.Partitions:
            self.type(p, scope)
        if e.OverClause.OrderByClause is not None:
            for o in e.OverClause.OrderByClause.OrderByElements:
                self.type(o.Expression, scope)
                if self.constant(o.Expression):
                    self.tell(o, 5309, "a constant in ORDER BY of OVER")
        elif name in _RANKS:
            self.tell(e, 4112, f"{name} must have ORDER BY")

    def refused(self, call: Call, number: int, ty: Type) -> None:
        """8116: an argument, counted from 1, of a type that a function does not take."""
        if ty:
            self.tell(call.node, 8116, f"argument {number} of {call.low} is {ty[0]}: {self.short(call.node)}")

    def f_summed(self, call: Call) -> Type:
        t = call.type(0)
        if t and (t == NULL or t[0] not in NUMBERS):
            self.tell(call.node, 8117, f"operand type {t[0]} is invalid for {call.low}: {self.short(call.node)}")
        if call.name not in ("SUM", "AVG") or not t or t == NULL:
            return ("float",)
        if call.name == "SUM" and t[0] in ("tinyint", "smallint", "int"):
            words = f"SUM of {t[0]} overflows past 2,147,483,647: {self.short(call.node)}"
            self.tell(call.node, 8115, words, "warning")
        wider: dict[str, Type] = {
            "tinyint": ("int",),
            "smallint": ("int",),
            "real": ("float",),
            "smallmoney": ("money",),
        }
        return ("decimal", 38, t[2] if len(t) > 2 else 0) if t[0] == "decimal" else wider.get(t[0], t)

    def f_extreme(self, call: Call) -> Type:
        t = call.type(0)
        if t and (t == NULL or t[0] in ("bit", "xml", "text", "ntext", "image")):
            self.tell(call.node, 8117, f"operand type {t[0]} is invalid for {call.low}: {self.short(call.node)}")
        return t

    def f_cut(self, call: Call) -> Type:
        t, name = call.type(0), call.name
        self.textual(call.node, t, call.low, 1)
        if name == "SUBSTRING" and t and t != NULL and t[0] not in (*TEXTS, *BYTES, "text", "ntext", "image"):
            self.refused(call, 1, t)
        for number in {"SUBSTRING": (1, 2), "STUFF": (1, 2), "REPLICATE": (1,)}.get(name, ()):
            self.whole(call.node, call.type(number), call.low, number + 1)
        if t and t != NULL and t[0] in BYTES and name == "SUBSTRING":
            return ("varbinary", t[1] if len(t) > 1 else None)
        length = t[1] if t and t[0] in TEXTS and name not in ("REPLACE", "STUFF", "REPLICATE") else None
        wide = t is None or t == NULL or t[0] not in TEXTS or t[0][0] == "n" or t[0] == "sysname"
        return ("nvarchar" if wide else "varchar", length)

    def f_formatted(self, call: Call) -> Type:
        t = call.type(0)
        if t and t[0] not in NUMBERS + DATES and t != NULL:
            self.refused(call, 1, t)
        return ("nvarchar", None)

    def f_character(self, call: Call) -> Type:
        self.whole(call.node, call.type(0), call.low, 1)
        return ("varchar", None) if call.name == "SPACE" else (call.low, 1)

    def f_digits(self, call: Call) -> Type:
        self.number(call.node, call.type(0), call.low, 1)
        return ("varchar", 10) if call.name == "STR" else call.type(0)

    def f_measured(self, call: Call) -> Type:
        t = call.type(0)
        if call.name in ("LEN", "ASCII", "UNICODE", "CHARINDEX"):
            self.textual(call.node, t, call.low, 1)
        if call.name == "CHARINDEX":
            self.textual(call.node, call.type(1), call.low, 2)
            self.whole(call.node, call.type(2), call.low, 3)
        long = t and len(t) > 1 and t[0] in TEXTS and t[1] == MAX
        return ("bigint",) if long and call.name not in ("ASCII", "UNICODE") else ("int",)

    def f_parted(self, call: Call) -> Type:
        if call.name == "DATEPART":
            if (ty := call.type(1)) is not None:
                self.part(call.node, call.arguments[0], ty, call.low)
        elif (t := call.type(0)) and t[0] in ("uniqueidentifier", "time"):
            self.refused(call, 1, t)
        return ("int",)

    def f_difference(self, call: Call) -> Type:
        if len(call.arguments) < 3:
            return ("int",)
        for number in (1, 2):
            if (ty := call.type(number)) is not None:
                self.part(call.node, call.arguments[0], ty, call.low)
        unit, first, second = (self.bare(a) for a in call.arguments[:3])
        days = (f"convert date , {second}", f"convert datetime , convert date , {second}")
        if unit.lower() in ("second", "ss", "s", "millisecond", "ms") and first not in days:
            words = f"DATEDIFF({unit.lower()}) overflows past 68 years (ms: 24 days): {self.short(call.node)}"
            self.tell(call.node, 535, words, "warning")
        return ("int",)

    def f_moved(self, call: Call) -> Type:
        if len(call.arguments) < 3:
            return ("datetime",)
        by, date = call.type(1), call.type(2)
        if by and by[0] in (*DATES, "uniqueidentifier"):
            self.refused(call, 2, by)
        if by and by[0] in TEXTS:
            self.tell(call.node, 245, f"argument 2 of dateadd is text: {self.short(call.node)}", "warning")
        unit = self.bare(call.arguments[0]).lower()
        if date and date[0] == "date" and unit in _TIMES:
            self.tell(call.node, 9810, f"dateadd({unit}) of date: {self.short(call.node)}")
        if date and ((date[0] in NUMBERS and date[0] not in INTS) or date[0] == "uniqueidentifier"):
            self.refused(call, 3, date)
        return date if date and date[0] in DATES else ("datetime",)

    def f_composed(self, call: Call) -> Type:
        for number, ty in enumerate(call.types, 1):
            if ty and ty[0] in (*DATES, "uniqueidentifier"):
                self.tell(call.node, 206, f"argument {number} of {call.low} is {ty[0]}: {self.short(call.node)}")
        return ("datetime",) if call.name == "DATETIMEFROMPARTS" else ("datetime2",)

    def f_rounded(self, call: Call) -> Type:
        t = call.type(0)
        self.number(call.node, t, call.low, 1)
        if call.name == "ROUND":
            for number in (1, 2):
                self.whole(call.node, call.type(number), call.low, number + 1)
        if t and t[0] in ("real", "tinyint", "smallint") and call.name != "ABS":
            return ("float",) if t[0] == "real" else ("int",)
        return ("float",) if t and t[0] in TEXTS else t

    def f_computed(self, call: Call) -> Type:
        for number, ty in enumerate(call.types, 1):
            if ty and ty[0] in (*DATES, "uniqueidentifier"):
                self.refused(call, number, ty)
            elif ty and ty[0] in TEXTS:
                words = f"argument {number} of {call.low} is text: {self.short(call.node)}"
                self.tell(call.node, 8114, words, "warning")
        return ("float",)

    def f_replaced(self, call: Call) -> Type:
        t, other = call.type(0), call.type(1)
        if len(call.types) > 1:
            self.both(call.node, t, other, lambda: f"ISNULL {self.short(call.node)}")
        return t if t != NULL else other

    def f_chosen(self, call: Call) -> Type:
        out = call.type(1)
        for ty in call.types[2:]:
            out = self.both(call.node, out, ty, lambda: f"CHOOSE {self.short(call.node)}")
        if (t := call.type(0)) and (t[0] in DATES or t[0] == "uniqueidentifier"):
            self.refused(call, 1, t)
        return out

    def f_same(self, call: Call) -> Type:
        return call.type(0)

    def part(self, e: Any, unit: Any, ty: Type, low: str) -> None:
        """A part of a value that may not have it (9810)."""
        assert ty is not None
        u = self.bare(unit).lower()
        if ty[0] == "date" and (u in _TIMES or u == "ms") and low == "datepart":
            self.tell(e, 9810, f"{low}({u}) of date: {self.short(e)}")
        if ty[0] == "time" and u in ("year", "month", "day", "week", "weekday", "quarter", "iso_week", "dayofyear"):
            self.tell(e, 9810, f"{low}({u}) of time: {self.short(e)}")
        if ty[0] == "uniqueidentifier":
            self.tell(e, 8116, f"{low} of uniqueidentifier: {self.short(e)}")
        if ty[0] in (*APPROX, "decimal", "money") and low == "datepart":
            self.tell(e, 8116, f"{low} of {ty[0]}: {self.short(e)}", "warning")


def _counts_rows(name: str, arguments: list[Any]) -> bool:
    """COUNT(*), whose star is a column without a name to the parser."""
    if name not in ("COUNT", "COUNT_BIG") or len(arguments) != 1:
        return False
    return type(arguments[0]).__name__ == "ColumnReferenceExpression" and arguments[0].MultiPartIdentifier is None
