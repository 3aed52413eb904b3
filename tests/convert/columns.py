"""Functions of columns: what they give for the first row of a small table, aggregates for all three of its rows."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from tests.convert.scopes import Columns
from wizard.convert.functions import Sample
from wizard.definitions import ColumnType

COLUMNS: Final = Columns(
    {"n": ColumnType.LONG, "x": ColumnType.DOUBLE, "t": ColumnType.TEXT, "d": ColumnType.DATE, "b": ColumnType.BOOLEAN,
     "c": ColumnType.CURRENCY, "g": ColumnType.GUID, "p": ColumnType.BINARY}
)  # fmt: skip
TABLE: Final = (
    "DROP TABLE IF EXISTS [dbo].[T]",
    "CREATE TABLE [dbo].[T] ([n] int, [x] float, [t] nvarchar(20), [d] datetime2(0), [b] bit, [c] money,"
    " [g] uniqueidentifier, [p] varbinary(5))",
    "INSERT INTO [dbo].[T] VALUES (1, 2.5, N'Ada', '2024-02-29T13:05:09', 1, 10.25,"
    " '11111111-1111-1111-1111-111111111111', NULL), (2, -1.5, N'bob', '2023-12-31T00:00:00', 0, 20.1,"
    " '22222222-2222-2222-2222-222222222222', NULL), (5, 7.25, NULL, NULL, 1, NULL, NULL, NULL)",
)
_DAY: Final = datetime(2024, 2, 29, 13, 5, 9)
_CLOCK: Final = "it is the time"
AGGREGATES: Final = tuple(
    Sample(*s)
    for s in (
        ("Sum([n])", 8), ("Sum([c])", Decimal("30.35")), ("Sum([b])", -2), ("Avg([n])", 8 / 3),
        ("Avg([c])", Decimal("15.175")), ("Count(*)", 3), ("Count([t])", 2), ("Min([b])", -1),
        ("Max([g])", "22222222-2222-2222-2222-222222222222"), ("First([t])", "Ada"), ("Last([d])", _DAY),
        ("StDev([n])", 2.0816659994661326), ("StDevP([n])", 1.699673171197595), ("Var([n])", 13 / 3),
        ("VarP([n])", 26 / 9),
    )
)  # fmt: skip
ROWS: Final = tuple(
    Sample(*s)
    for s in (
        ('DLookup("[t]", "T")', None, "without criteria it gives the value of any row"),
        ('DLookup("t", "T", "n = 5")', None),
        ('DLookup("t", "T", "n=" & [x])', None), ('DLookup("t", "T", "n = 2")', "bob"), ('DCount("*", "T")', 3),
        ("DSum(\"n * c\", \"T\", \"t = '\" & [t] & \"'\")", Decimal("50.45")),
        ('DMin("d", "T", "d > #" & [d] & "#")', None),
        ('DMax("d", "[T]")', _DAY), ('DAvg("n", "T")', 8 / 3), ('DFirst("t", "T")', "Ada"), ('DLast("t", "T")', "bob"),
        ('DStDev("n", "T")', 2.0816659994661326), ('DStDevP("n", "T")', 1.699673171197595), ('DVar("n", "T")', 13 / 3),
        ('DVarP("n", "T")', 26 / 9), ("Round([c], 2)", Decimal("10.25")), ("Round([n], 2)", 1), ("Left([n], 2)", "1"),
        ("Nz([n])", 1), ("Nz([t])", "Ada"), ("Nz([d], Date())", _DAY),
        ('Format([d], "Long Date")', "Thursday, February 29, 2024"), ('Format([n], "0000")', "0001"),
        ('Format([b], "True/False")', "True"), ("Int([c])", Decimal(10)), ("CInt([x])", 2),
        ("IIf([n] > 1, CBool([t]), False)", False),
        ("CDate([x])", datetime(1900, 1, 1, 12)), ("Weekday([d], 2)", 4),
        ("DateDiff(\"ww\", [d], Now(), 2)", None, _CLOCK),
        ("IsNumeric([t])", False), ("IsDate([t])", False), ("IsDate([d])", True),
        ("DateSerial(Year([d]), Month([d]) + 1, 0)", datetime(2024, 2, 29)),
        ("Switch([n] > 1, 1, [n] < 0, [x])", None),
        ("Str([x])", " 2.5"), ("String([n], [t])", "A"), ('Replace([t], "a", "b", 1, 2)', "bdb"),
        ("Replace([t], [t], [t], [n], 2, 0)", "Ada"), ('Format([x], "#,##0.00;(#,##0.00);-;none")', "2.50"),
        ('Format([t], "@@@-@@")', "  A-da"), ('Format([t], "000-0000")', "Ada"), ("Val([t])", 0.0),
        ("Hex([n])", "1", "", "it does not convert binary to hexadecimal text"), ("HyperlinkPart([t], 2)", ""),
        ("TypeName([d])", "Date"),
        ("NPer([x], [x], [c])", -1.932024005752193), ("IPmt([x], [n], [n], [c])", -25.625), ("Left([t], [n])", "A"),
        ("InStrRev([t], [t], [n])", 0), ("FormatNumber([c])", "10.25"), ('[d] & ""', "2/29/2024 1:05:09 PM"),
        ('[x] & "!"', "2.5!"), ("Format([d])", "2/29/2024 1:05:09 PM"),
    )
)  # fmt: skip
