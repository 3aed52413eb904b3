"""Functions as people write them (`modUtilities.bas`), calls of them, and what VBA gives for them.

A case is a call over the columns of a table of one row, the row's values, and the value that Access shows; ERROR stands
for #Error. The values follow from the VBA language reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from wizard.convert import convert
from wizard.definitions import CodeModule, Column, ColumnType, Database, Query, QueryKind, Table
from wizard.objects import Conversion
from wizard.settings import Options, Target, TargetKind

SOURCE = Path(__file__).with_name("modUtilities.bas").read_text(encoding="utf-8")
ERROR = "#Error"
COLUMNS = {
    "n": ColumnType.LONG, "k": ColumnType.LONG, "i": ColumnType.INTEGER, "x": ColumnType.DOUBLE,
    "y": ColumnType.DOUBLE, "c": ColumnType.CURRENCY, "t": ColumnType.TEXT, "u": ColumnType.TEXT,
    "m": ColumnType.MEMO, "d": ColumnType.DATE, "e": ColumnType.DATE, "b": ColumnType.BOOLEAN,
}  # fmt: skip
TABLE = Table("T", tuple(Column(n, k, 50 if k is ColumnType.TEXT else 0) for n, k in COLUMNS.items()))
D = datetime
Case = tuple[str, Mapping[str, Any], Any]

CASES: tuple[Case, ...] = (
    ("NullToZero(n)", {"n": None}, 0),
    ("NullToZero(n)", {"n": 7}, 7),
    ("NullToZero(c)", {"c": Decimal("1.25")}, Decimal("1.25")),
    ("NullToZero(x)", {"x": None}, 0),
    ("NZ2(n)", {"n": None}, 0),
    ("NZ2(n, 5)", {"n": None}, 5),
    ('NZ2(t, "none")', {"t": None}, "none"),
    ('NZ2(t, "none")', {"t": "some"}, "some"),
    ("NullToText(t)", {"t": None}, ""),
    ("NullToText(b)", {"b": True}, "True"),
    ("NullToText(d)", {"d": D(2024, 2, 29, 13, 5)}, "2/29/2024 1:05:00 PM"),
    ("NullToText(x)", {"x": 0.1}, "0.1"),
    ("MaxOf2(n, i)", {"n": 3, "i": 5}, 5),
    ("MaxOf2(n, i)", {"n": None, "i": 5}, 5),
    ("MaxOf2(n, i)", {"n": None, "i": None}, None),
    ("MaxOf2(d, e)", {"d": D(2024, 1, 1), "e": D(2023, 1, 1)}, D(2024, 1, 1)),
    ("MaxOf2(t, u)", {"t": "a", "u": "B"}, "B"),
    ("MaxOf2(t, u)", {"t": "a ", "u": "A"}, "a "),
    ("MinOf2(x, n)", {"x": 2.5, "n": 2}, 2.0),
    ("MinOf2(x, n)", {"x": None, "n": 2}, ERROR),
    ("FullName(t, u)", {"t": "Ann", "u": "Lee"}, "Ann Lee"),
    ("FullName(t, u)", {"t": None, "u": "Lee"}, "Lee"),
    ("FullName(t, u)", {"t": "Ann", "u": None}, "Ann"),
    ("FullName(t, u)", {"t": None, "u": None}, None),
    ("LastFirst(t, u)", {"t": "Lee", "u": "Ann"}, "Lee, Ann"),
    ("LastFirst(t, u)", {"t": "Lee", "u": None}, "Lee"),
    ("LastFirst(t, u)", {"t": None, "u": None}, ERROR),
    ("FirstOfMonth(d)", {"d": D(2024, 2, 29, 5)}, D(2024, 2, 1)),
    ("FirstOfMonth(d)", {"d": None}, ERROR),
    ("EndOfMonth(d)", {"d": D(2024, 2, 3)}, D(2024, 2, 29)),
    ("EndOfMonth(d)", {"d": D(2023, 12, 31)}, D(2023, 12, 31)),
    ("EndOfMonth(d)", {"d": None}, None),
    ("DaysInMonth(d)", {"d": D(2023, 2, 1)}, 28),
    ("Age(d, e)", {"d": D(2000, 2, 29), "e": D(2024, 2, 28)}, 23),
    ("Age(d, e)", {"d": D(2000, 2, 29), "e": D(2024, 2, 29)}, 24),
    ("Age(d, e)", {"d": None, "e": D(2024, 2, 29)}, None),
    ("AgeNow(d, e)", {"d": D(2000, 2, 29), "e": D(2024, 3, 1)}, 24),
    ("FiscalYear(d)", {"d": D(2024, 7, 1)}, 2025),
    ("FiscalYear(d)", {"d": D(2024, 6, 30)}, 2024),
    ("FiscalYear(d, 4)", {"d": D(2024, 4, 1)}, 2025),
    ("FiscalYear(d)", {"d": None}, None),
    ("FiscalQuarter(d)", {"d": D(2024, 7, 1)}, 1),
    ("FiscalQuarter(d)", {"d": D(2024, 6, 1)}, 4),
    ("WeekStart(d)", {"d": D(2024, 1, 7)}, D(2024, 1, 1)),
    ("IsWeekend(d)", {"d": D(2024, 1, 7)}, True),
    ("IsWeekend(d)", {"d": D(2024, 1, 8)}, False),
    ("TaxFor(c)", {"c": Decimal("-5")}, Decimal("0")),
    ("TaxFor(c)", {"c": Decimal("1000")}, Decimal("100")),
    ("TaxFor(c)", {"c": Decimal("2000")}, Decimal("290")),
    ("TaxFor(c)", {"c": Decimal("6000")}, Decimal("1110")),
    ("AgeBracket(n)", {"n": 17}, "Child"),
    ("AgeBracket(n)", {"n": 64}, "Adult"),
    ("AgeBracket(n)", {"n": 65}, "Senior"),
    ("AgeBracket(n)", {"n": None}, "Unknown"),
    ("Bucket(n)", {"n": 37}, "30-39"),
    ("Bucket(n, 25)", {"n": 37}, "25-49"),
    ("Bucket(n, k)", {"n": 37, "k": 0}, ERROR),
    ("YesNoText(b)", {"b": True}, "Yes"),
    ("YesNoText(n)", {"n": 3}, "Yes"),
    ("StripSpaces(t)", {"t": " a b "}, "ab"),
    ("StripSpaces(t)", {"t": None}, None),
    ("ParseFirst(t)", {"t": "Ann Mary Lee"}, "Ann"),
    ("ParseFirst(t)", {"t": "Ann"}, "Ann"),
    ("ParseFirst(t)", {"t": None}, ""),
    ("ParseLast(t)", {"t": "Ann Mary Lee"}, "Lee"),
    ("SafeDivide(n, i)", {"n": 1, "i": 4}, 0.25),
    ("SafeDivide(n, i)", {"n": 1, "i": 0}, None),
    ("SafeDivide(c, x)", {"c": Decimal("3"), "x": 2.0}, 1.5),
    ("Percent(x, y)", {"x": 1.0, "y": 3.0}, 33.3),
    ("Percent(x, y)", {"x": 1.0, "y": 0.0}, ERROR),
    ("PadLeft(t, 5)", {"t": "42"}, "00042"),
    ("PadLeft(t, 5)", {"t": "123456"}, "123456"),
    ('PadLeft(n, 4, "*")', {"n": 42}, "**42"),
    ("Initials(t, u)", {"t": "ann", "u": None}, "A?"),
    ("IsBlank(t)", {"t": None}, True),
    ("IsBlank(t)", {"t": "  "}, True),
    ("IsBlank(n)", {"n": 0}, False),
    ("Grade(x)", {"x": 90.0}, "A"),
    ("Grade(x)", {"x": 89.9}, "B"),
    ("Grade(i)", {"i": None}, ERROR),
    ("NextDue(d, t)", {"d": D(2024, 1, 31), "t": "Monthly"}, D(2024, 2, 29)),
    ("NextDue(d, t)", {"d": D(2024, 1, 31), "t": "annual"}, D(2025, 1, 31)),
    ("NextDue(d, t)", {"d": D(2024, 1, 31), "t": "never"}, None),
    ("NextDue(d, t)", {"d": D(9999, 12, 31), "t": "monthly"}, ERROR),
    ("RoundTo(x, 2)", {"x": 1.005}, 1.0),
    ("RoundTo(x, 1)", {"x": 2.25}, 2.3),
    ("Overflowing(i)", {"i": 327}, 32700),
    ("Overflowing(i)", {"i": 328}, ERROR),
    ("Net(c)", {"c": Decimal("119")}, 100.0),
    ("Label(n)", {"n": None}, "0 pcs"),
    ("Label(n)", {"n": 12}, "12 pcs"),
    ("SameText(t, u)", {"t": "Abc", "u": "aBC"}, True),
    ("SameText(t, u)", {"t": "abc", "u": "abc "}, False),
    ("SameText(t, u)", {"t": None, "u": ""}, True),
    ("Letter(t)", {"t": "mike"}, "A-M"),
    ("Letter(t)", {"t": "nina"}, "N-Z"),
    ("Letter(t)", {"t": None}, "none"),
    ("Looks(t)", {"t": "b12x"}, True),
    ("Looks(t)", {"t": "D12"}, False),
    ("Looks(t)", {"t": None}, ERROR),
    ("Tidy(t)", {"t": "  aNN lee "}, "Ann lee"),
    ("Tidy(t)", {"t": None}, ERROR),
    ("Tier(c)", {"c": Decimal("100")}, "silver"),
    ("Tier(c)", {"c": Decimal("99.99")}, "bronze"),
    ("Tier(c)", {"c": Decimal("1000")}, "gold"),
    ("Sign(x)", {"x": -0.5}, -1),
    ("Half(n)", {"n": 5}, 2),
    ("Half(n)", {"n": 7}, 4),
    ("Both(b, n)", {"b": True, "n": 3}, True),
    ("Both(b, n)", {"b": True, "n": 0}, False),
)
"""halves are rounded to even; text is compared without case, and with the blanks at its end"""


def database(source: str, queries: Mapping[str, str], *others: CodeModule) -> Database:
    """A database with one table, a module and queries by name."""
    saved = tuple(Query(name, QueryKind.SELECT, sql) for name, sql in queries.items())
    modules = (CodeModule("modUtilities", source), *others)
    return Database("x.accdb", "Access", tables=(TABLE,), queries=saved, code=lambda: modules)


def converted(base: Database, schema: str = "dbo") -> Conversion:
    return convert(
        base, source="s", schema=schema, options=Options(warn_renamed=False),
        target=Target(TargetKind.SQL_SERVER, linked=False),
    )  # fmt: skip


def row(values: Mapping[str, Any]) -> tuple[Any, ...]:
    """The row of a case: what it does not name is NULL, a Yes/No column False."""
    return tuple(values.get(name, False if kind is ColumnType.BOOLEAN else None) for name, kind in COLUMNS.items())
