"""Types of calls of built-in functions and of their arguments.

Source: the pages of "Transact-SQL functions", each function's *Arguments* and *Return types*.
"""

from __future__ import annotations

from typing import Any

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
        low = name.lower()
        params = list(e.Parameters)
        if SINCE.get(name, 0) > self.version:
            self.tell(e, 195, f"{name} is there since version {SINCE[name]}, not in {self.version}: {self.short(e)}")
        if name in ("DATEADD", "DATEDIFF", "DATEPART", "DATENAME", "DATEDIFF_BIG"):
            types = [None] + [self.type(p, scope) for p in params[1:]]
        elif (
            name in ("COUNT", "COUNT_BIG")
            and len(params) == 1
            and type(params[0]).__name__ == "ColumnReferenceExpression"
            and params[0].MultiPartIdentifier is None
        ):
            types = [None]
        else:
            types = [self.type(p, scope) for p in params]
        t = types[0] if types else None
        if e.OverClause is not None:
            for p in e.OverClause.Partitions:
                self.type(p, scope)
            if e.OverClause.OrderByClause is not None:
                for o in e.OverClause.OrderByClause.OrderByElements:
                    self.type(o.Expression, scope)
                    if self.constant(o.Expression):
                        self.tell(o, 5309, "a constant in ORDER BY of OVER")
            elif name in ("ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE"):
                self.tell(e, 4112, f"{name} must have ORDER BY")
        if name in ("SUM", "AVG", "STDEV", "STDEVP", "VAR", "VARP"):
            if t and (t == NULL or t[0] not in NUMBERS):
                self.tell(e, 8117, f"operand type {t[0]} is invalid for {low}: {self.short(e)}")
            if name in ("SUM", "AVG") and t and t != NULL:
                if name == "SUM" and t[0] in ("tinyint", "smallint", "int"):
                    self.tell(e, 8115, f"SUM of {t[0]} overflows past 2,147,483,647: {self.short(e)}", "warning")
                return {
                    "tinyint": ("int",),
                    "smallint": ("int",),
                    "real": ("float",),
                    "smallmoney": ("money",),
                    "decimal": ("decimal", 38, t[2] if len(t) > 2 else 0),
                }.get(t[0], t)
            return ("float",)
        if name in ("MIN", "MAX"):
            if t and (t == NULL or t[0] in ("bit", "xml", "text", "ntext", "image")):
                self.tell(e, 8117, f"operand type {t[0]} is invalid for {low}: {self.short(e)}")
            return t
        if name == "COUNT":
            return ("int",)
        if name in ("COUNT_BIG", "ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "DATEDIFF_BIG"):
            return ("bigint",)
        if name in (
            "UPPER",
            "LOWER",
            "LTRIM",
            "RTRIM",
            "TRIM",
            "REVERSE",
            "REPLACE",
            "STUFF",
            "SUBSTRING",
            "REPLICATE",
        ):
            if types:
                self.textual(e, t, low, 1)
                if name == "SUBSTRING":
                    if t and t != NULL and t[0] not in TEXTS + BYTES + ("text", "ntext", "image"):
                        self.tell(e, 8116, f"argument 1 of substring is {t[0]}: {self.short(e)}")
                    for n in (1, 2):
                        self.whole(e, types[n] if len(types) > n else None, low, n + 1)
                if name == "REPLICATE":
                    self.whole(e, types[1] if len(types) > 1 else None, low, 2)
                if name == "STUFF":
                    for n in (1, 2):
                        self.whole(e, types[n] if len(types) > n else None, low, n + 1)
            if t and t != NULL and t[0] in BYTES and name == "SUBSTRING":
                return ("varbinary", t[1] if len(t) > 1 else None)
            n = t[1] if t and t[0] in TEXTS and name not in ("REPLACE", "STUFF", "REPLICATE") else None
            wide = t is None or t == NULL or t[0] not in TEXTS or t[0][0] == "n" or t[0] == "sysname"
            return ("nvarchar" if wide else "varchar", n)
        if name in (
            "CONCAT",
            "CONCAT_WS",
            "FORMAT",
            "STRING_AGG",
            "QUOTENAME",
            "SUSER_SNAME",
            "USER_NAME",
            "DB_NAME",
            "HOST_NAME",
            "APP_NAME",
            "DATENAME",
            "TRANSLATE",
            "STRING_ESCAPE",
            "OBJECT_NAME",
            "SCHEMA_NAME",
        ):
            if name == "FORMAT" and t and t[0] not in NUMBERS + DATES and t != NULL:
                self.tell(e, 8116, f"argument 1 of format is {t[0]}: {self.short(e)}")
            return ("nvarchar", None)
        if name in ("SPACE",):
            self.whole(e, t, low, 1)
            return ("varchar", None)
        if name in ("CHAR", "NCHAR"):
            self.whole(e, t, low, 1)
            return ("nchar" if name == "NCHAR" else "char", 1)
        if name == "STR":
            self.number(e, t, low, 1)
            return ("varchar", 10)
        if name in (
            "LEN",
            "DATALENGTH",
            "CHARINDEX",
            "PATINDEX",
            "ASCII",
            "UNICODE",
            "YEAR",
            "MONTH",
            "DAY",
            "DATEPART",
            "DATEDIFF",
            "ISNUMERIC",
            "ISDATE",
            "CHECKSUM",
            "BINARY_CHECKSUM",
            "OBJECT_ID",
            "DIFFERENCE",
            "SIGN",
            "COLUMNPROPERTY",
            "DB_ID",
            "SCHEMA_ID",
        ):
            if name in ("LEN", "ASCII", "UNICODE"):
                self.textual(e, t, low, 1)
            if name == "CHARINDEX":
                for n in (0, 1):
                    self.textual(e, types[n], low, n + 1)
                self.whole(e, types[2] if len(types) > 2 else None, low, 3)
            if name in ("YEAR", "MONTH", "DAY") and t and (t[0] == "uniqueidentifier" or t[0] == "time"):
                self.tell(e, 8116, f"argument 1 of {low} is {t[0]}: {self.short(e)}")
            if name in ("DATEPART",) and len(types) > 1 and types[1]:
                self.part(e, params[0], types[1], low)
            if name == "DATEDIFF" and len(types) > 2:
                for n in (1, 2):
                    if types[n]:
                        self.part(e, params[0], types[n], low)
                unit = self.bare(params[0]).lower()
                first, second = self.bare(params[1]), self.bare(params[2])
                if unit in ("second", "ss", "s", "millisecond", "ms") and first not in (
                    f"convert date , {second}",
                    f"convert datetime , convert date , {second}",
                ):
                    self.tell(
                        e, 535, f"DATEDIFF({unit}) overflows past 68 years (ms: 24 days): {self.short(e)}", "warning"
                    )
            if name == "SIGN":
                self.number(e, t, low, 1)
                return t
            if (
                name in ("LEN", "CHARINDEX", "PATINDEX", "DATALENGTH")
                and t
                and len(t) > 1
                and t[0] in TEXTS
                and t[1] == MAX
            ):
                return ("bigint",)
            return ("int",)
        if name == "DATEADD":
            if len(types) > 2:
                n, d = types[1], types[2]
                if n and n[0] in (*DATES, "uniqueidentifier"):
                    self.tell(e, 8116, f"argument 2 of dateadd is {n[0]}: {self.short(e)}")
                if n and n[0] in TEXTS:
                    self.tell(e, 245, f"argument 2 of dateadd is text: {self.short(e)}", "warning")
                unit = self.bare(params[0]).lower()
                if (
                    d
                    and d[0] == "date"
                    and unit in ("hour", "hh", "minute", "mi", "n", "second", "ss", "s", "millisecond")
                ):
                    self.tell(e, 9810, f"dateadd({unit}) of date: {self.short(e)}")
                if d and ((d[0] in NUMBERS and d[0] not in INTS) or d[0] == "uniqueidentifier"):
                    self.tell(e, 8116, f"argument 3 of dateadd is {d[0]}: {self.short(e)}")
                if d and d[0] in DATES:
                    return d
            return ("datetime",)
        if name in ("GETDATE", "GETUTCDATE"):
            return ("datetime",)
        if name in ("SYSDATETIME", "SYSUTCDATETIME", "DATETIME2FROMPARTS", "DATETIMEFROMPARTS"):
            for n, ty in enumerate(types):
                if ty and (ty[0] in (*DATES, "uniqueidentifier")):
                    self.tell(e, 206, f"argument {n + 1} of {low} is {ty[0]}: {self.short(e)}")
            return ("datetime2",) if name != "DATETIMEFROMPARTS" else ("datetime",)
        if name in ("DATEFROMPARTS", "EOMONTH"):
            return ("date",)
        if name in ("TIMEFROMPARTS",):
            return ("time",)
        if name in ("ABS", "FLOOR", "CEILING", "ROUND", "POWER"):
            self.number(e, t, low, 1)
            if name == "ROUND":
                for n in (1, 2):
                    self.whole(e, types[n] if len(types) > n else None, low, n + 1)
            if t and t[0] in ("real",):
                return ("float",) if name != "ABS" else t
            if t and t[0] in ("tinyint", "smallint") and name != "ABS":
                return ("int",)
            if t and t[0] in TEXTS:
                return ("float",)
            return t
        if name in (
            "EXP",
            "LOG",
            "LOG10",
            "SQRT",
            "SQUARE",
            "SIN",
            "COS",
            "TAN",
            "COT",
            "ATAN",
            "ASIN",
            "ACOS",
            "ATN2",
            "PI",
            "RAND",
            "DEGREES",
            "RADIANS",
        ):
            for n, ty in enumerate(types):
                if ty and ty[0] in (*DATES, "uniqueidentifier"):
                    self.tell(e, 8116, f"argument {n + 1} of {low} is {ty[0]}: {self.short(e)}")
                elif ty and ty[0] in TEXTS:
                    self.tell(e, 8114, f"argument {n + 1} of {low} is text: {self.short(e)}", "warning")
            return ("float",)
        if name == "ISNULL":
            if len(types) > 1:
                self.both(e, t, types[1], lambda: f"ISNULL {self.short(e)}")
            return t if t != NULL else types[1] if len(types) > 1 else None
        if name == "CHOOSE":
            out = types[1] if len(types) > 1 else None
            for ty in types[2:]:
                out = self.both(e, out, ty, lambda: f"CHOOSE {self.short(e)}")
            if t and (t[0] in DATES or t[0] == "uniqueidentifier"):
                self.tell(e, 8116, f"argument 1 of choose is {t[0]}: {self.short(e)}")
            return out
        if name in ("NEWID", "NEWSEQUENTIALID"):
            return ("uniqueidentifier",)
        if name in ("HASHBYTES", "COMPRESS"):
            return ("varbinary", 8000)
        if name in ("SCOPE_IDENTITY", "IDENT_CURRENT"):
            return ("decimal", 38, 0)
        if name in ("LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE", "GREATEST", "LEAST"):
            return t
        self.kinds[f"{name}()"] = self.kinds.get(f"{name}()", 0) + 1
        return None

    def part(self, e: Any, unit: Any, ty: Type, low: str) -> None:
        u = self.bare(unit).lower()
        if (
            ty[0] == "date"
            and u in ("hour", "hh", "minute", "mi", "n", "second", "ss", "s", "millisecond", "ms")
            and low == "datepart"
        ):
            self.tell(e, 9810, f"{low}({u}) of date: {self.short(e)}")
        if ty[0] == "time" and u in ("year", "month", "day", "week", "weekday", "quarter", "iso_week", "dayofyear"):
            self.tell(e, 9810, f"{low}({u}) of time: {self.short(e)}")
        if ty[0] == "uniqueidentifier":
            self.tell(e, 8116, f"{low} of uniqueidentifier: {self.short(e)}")
        if ty[0] in (*APPROX, "decimal", "money") and low == "datepart":
            self.tell(e, 8116, f"{low} of {ty[0]}: {self.short(e)}", "warning")
