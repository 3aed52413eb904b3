"""What Access does otherwise than a server can, or than people expect, is told where it may matter, and only there."""

from __future__ import annotations

import pytest

from tests.convert.saved import numbers, saved

TOP_ROWS = "SELECT DISTINCTROW TOP 2 Customer FROM Orders INNER JOIN Lines ON Orders.ID=Lines.OrderID"


@pytest.mark.parametrize(
    ("sql", "number", "told"),
    [
        ("SELECT Nz(Amount, 0) AS v FROM Orders ORDER BY Nz(Amount, 0)", 3547, True),
        ("SELECT Nz(Amount, 0) AS v FROM Orders ORDER BY 1", 3547, True),
        ("SELECT Nz(Placed, #1/1/2024#) AS v FROM Orders ORDER BY v DESC", 3547, True),
        ("SELECT Nz(Customer, '') AS v FROM Orders ORDER BY 1", 3547, False),
        ("SELECT Nz(Amount, 0) + 0 AS v FROM Orders ORDER BY 1", 3547, False),
        ("SELECT Min(Customer) AS v FROM Orders", 3532, True),
        ("SELECT Max(Customer) AS v, Min(Amount) AS w FROM Orders", 3532, False),
        ("SELECT Year(CDate('1/1/35')) AS v FROM Orders", 3523, True),
        ("SELECT DateSerial(35, 1, 1) AS v FROM Orders", 3523, True),
        ("SELECT DateSerial(2035, 1, 1) AS v, CDate('1/1/2035') AS w FROM Orders", 3523, False),
        ("SELECT DateValue(Amount) AS v FROM Orders", 3529, True),
        ("SELECT DateValue(Placed) AS v FROM Orders", 3529, False),
        ("SELECT Max(Nz(Placed, 0)) AS v FROM Orders", 3532, True),
        ("SELECT Max(Nz(Placed, #1/1/2024#)) AS v FROM Orders", 3532, False),
        ("SELECT Placed FROM Orders UNION SELECT 0 FROM Orders", 3532, True),
        ("SELECT Placed FROM Orders UNION SELECT Null FROM Orders", 3532, False),
        ('SELECT DLookup("Placed", "Orders", "Amount=" & Amount) AS v FROM Orders', 3532, True),
        ('SELECT DLookup("Placed", "Orders", "Customer=\'" & Customer & "\'") AS v FROM Orders', 3532, False),
        ("SELECT ID FROM Orders UNION ALL SELECT Age FROM People ORDER BY Age", 3169, True),
        ("SELECT ID FROM Orders UNION ALL SELECT Age FROM People ORDER BY Len(ID), ID", 3169, True),
        ("SELECT ID FROM Orders UNION ALL SELECT Age FROM People ORDER BY ID, 1", 3169, False),
        ("SELECT ID FROM Orders UNION ALL SELECT Age FROM People ORDER BY 2", 3118, True),
        ("SELECT Choose(Int(Rnd()*2)+1, 'a', 'b') AS v FROM Orders", 3553, True),
        ("SELECT Partition(Rnd()*99, 0, 99, 10) AS v FROM Orders", 3553, True),
        ("SELECT CDate(45000 + Rnd()*100) AS v FROM Orders", 3553, True),
        ("UPDATE Orders SET Placed = #1/1/2024# + Rnd()*9", 3553, True),
        ("SELECT CInt(Rnd()*9) AS v, Switch(Rnd()<0.5, 'a', Rnd()<0.5, 'b') AS w FROM Orders", 3553, False),
        ("SELECT TOP 2 ID FROM Orders WHERE Rnd()<0.5 ORDER BY Rnd(ID)", 3553, False),
        ("SELECT DISTINCT Customer, Note FROM Orders", 3200, True),
        ("SELECT Note FROM Orders GROUP BY Note", 3200, True),
        ("SELECT Customer & Note AS v FROM Orders UNION SELECT Name FROM People", 3200, True),
        ("SELECT Note FROM Orders UNION ALL SELECT Name FROM People", 3200, False),
        ("SELECT Customer, First(Note) AS v FROM Orders GROUP BY Customer", 3200, False),
        ("SELECT DISTINCT Left(Note, 50) AS v FROM Orders", 3200, False),
        (f"{TOP_ROWS} ORDER BY Customer", 3120, False),
        (f"{TOP_ROWS} ORDER BY Qty", 3120, True),
    ],
)
def test_it_is_told_where_it_matters(sql: str, number: int, told: bool) -> None:
    assert (number in numbers(saved({"Q": sql}), "Q")) is told


def test_what_cannot_stand_in_an_expression_is_shown_as_it_is_written() -> None:
    conversion = saved({"Q": "SELECT Max(Orders.*) AS v FROM Orders"})
    assert [m.text for m in conversion.messages if m.number == 3502] == [
        "“*” cannot be part of an expression on a server. Rewrite the expression without it."
    ]
