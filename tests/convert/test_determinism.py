"""Which expressions SQL Server takes for deterministic: an indexed computed column is persisted only where it is."""

from __future__ import annotations

import pytest

from tests.convert.making import KEY, converted, index, numbers, one, table
from wizard.convert.determinism import undetermined
from wizard.definitions import Column, ColumnType
from wizard.objects import ServerType

COLUMNS = {"d": ServerType("datetime2", scale=0), "t": ServerType("nvarchar", 20), "n": ServerType("int")}


@pytest.mark.parametrize(
    "expression",
    [
        "[n] + 1",
        "YEAR([d]) * 100 + MONTH([d])",
        "CONVERT(int, YEAR([d]))",
        "CONVERT(nvarchar(4), YEAR([d]))",
        "CONVERT(nvarchar(8), [d], 112)",
        "CONVERT(datetime2(0), '2024-01-02T00:00:00', 126)",
        "DATEADD(day, 1, [d])",
        "DATEPART(quarter, [d])",
        "UPPER([t])",
        "CONVERT(date, [d])",
        "CONVERT(nvarchar(4), YEAR(DATEADD(day, [n], [d])))",
        "CONVERT(nvarchar(8), DATEFROMPARTS([n], 1, 1), 112)",
        "CONCAT(N'RAND(', [t])",
        "CONCAT([GETDATE()]]], N'x')",
        "CONCAT(N'it''s ''20240101''', [t])",
        "CONCAT(N'CONVERT(nvarchar(9), [d])', [t])",
    ],
)
def test_what_no_session_changes_is_deterministic(expression: str) -> None:
    assert undetermined(expression, COLUMNS) == ""


@pytest.mark.parametrize(
    "expression",
    [
        "DATEDIFF(day, '18991230', [d])",
        "CASE WHEN CONVERT(time(0), [d]) = '00:00:00' THEN 1 END",
        "FORMAT([n], N'0')",
        "DATENAME(month, [d])",
        "DATEPART(weekday, [d])",
        "CONVERT(datetime2(0), [t])",
        "CONVERT(datetime, N'1/2/2024')",
        "CONVERT(nvarchar(30), [d])",
        "CONVERT(nvarchar(30), [d], 100)",
        "CONVERT(nvarchar(max), DATEADD(day, YEAR([d]), [d]))",
        "CONVERT(nvarchar(30), CONVERT(datetime2(0), '2024-01-02T00:00:00', 126))",
        "CONVERT(nchar(36), DATEADD(day, [n], CONVERT(datetime2(0), '18991230', 112)))",
        "CONVERT(nvarchar(max), DATETIME2FROMPARTS([n], 1, 1, 0, 0, 0, 0, 0))",
        "GETDATE()",
    ],
)
def test_what_a_session_changes_is_not(expression: str) -> None:
    assert undetermined(expression, COLUMNS)


@pytest.mark.parametrize(("formula", "stored"), [("Year([d])", True), ("[d] - [n]", True), ("CDbl([d])", False)])
def test_an_indexed_calculated_column_is_persisted_or_kept_as_it_was(formula: str, stored: bool) -> None:
    """Message 4936 and 2729 of the server: the text of a date in DATEDIFF was persisted, and refused."""
    kind = ColumnType.DATE if "-" in formula else ColumnType.DOUBLE
    source = table(
        "T", Column("d", ColumnType.DATE), Column("n", ColumnType.LONG), Column("c", kind, calculated=formula),
        indexes=(KEY, index("c", "c")),
    )  # fmt: skip
    conversion = converted(source)
    made = one(conversion).column("c")
    assert made is not None
    assert (made.persisted, bool(made.computed)) == (stored, stored)
    assert (2082 in numbers(conversion)) is not stored
