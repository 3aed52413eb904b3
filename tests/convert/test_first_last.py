"""First and Last: told unless all rows of a group have the same value for certain."""

from __future__ import annotations

import pytest

from tests.convert.saved import numbers, saved, statement

JOIN = "Lines INNER JOIN Orders ON Lines.OrderID = Orders.ID"
DETERMINED = [
    "SELECT First(Customer) AS c FROM Orders GROUP BY ID",
    "SELECT ID, Last(Amount * 2) AS c FROM Orders GROUP BY ID",
    "SELECT First(Customer) AS c FROM Orders GROUP BY Customer",
    "SELECT First(Year(Placed)) AS y FROM Orders GROUP BY Year(Placed)",
    "SELECT First(UCase(Customer & Paid)) AS c FROM Orders GROUP BY Customer, Paid",
    "SELECT First(Amount) AS c FROM Orders WHERE ID = 5",
    "SELECT First(5) AS c FROM Orders",
    f"SELECT OrderID, First(Orders.Customer) AS c, Sum(Qty) AS q FROM {JOIN} GROUP BY OrderID",
    f"SELECT Orders.ID, Last(Orders.Amount) AS c FROM {JOIN} GROUP BY Orders.ID",
    "SELECT OrderID, First(Customer) AS c FROM Lines, Orders WHERE OrderID = ID AND Qty > 2 GROUP BY OrderID",
    "SELECT OrderID, First(Customer) AS c FROM Lines LEFT JOIN Orders ON OrderID = ID GROUP BY OrderID",
    "SELECT OrderID, First(Customer) AS c FROM Orders RIGHT JOIN Lines ON OrderID = ID GROUP BY OrderID",
    "SELECT First(Qty) AS q FROM Lines GROUP BY OrderID, [Number]",
    "SELECT First(Qty) AS q FROM Lines WHERE [Number] = 1 GROUP BY OrderID",
]
TOLD = [
    "SELECT First(Customer) AS c FROM Orders",
    "SELECT First(Customer) AS c FROM Orders GROUP BY Paid",
    "SELECT First(Customer & ID) AS c FROM Orders GROUP BY Customer",
    "SELECT Last(Qty) AS q FROM Lines GROUP BY OrderID",
    f"SELECT Orders.ID, First(Qty) AS c FROM {JOIN} GROUP BY Orders.ID",
    "SELECT First(Age) AS a FROM People GROUP BY ID",
    "SELECT First(Amount) AS c FROM Orders WHERE ID = 5 OR Paid",
    "SELECT First(Amount) AS c FROM Orders WHERE ID > 5",
    "SELECT First(Amount) AS c FROM Orders WHERE ID = Amount",
    "SELECT First(Rnd()) AS r FROM Orders GROUP BY ID",
    "SELECT OrderID, First(Customer) AS c FROM Lines LEFT JOIN Orders ON OrderID = ID AND Amount = Price"
    " GROUP BY OrderID",
    "SELECT ID, First(OrderID) AS c FROM Orders LEFT JOIN Lines ON OrderID = ID GROUP BY Customer, ID, Paid",
    "SELECT First((SELECT Max(Qty) FROM Lines WHERE OrderID = Orders.ID)) AS m FROM Orders GROUP BY Customer",
]


@pytest.mark.parametrize("sql", DETERMINED)
def test_where_all_rows_of_a_group_agree_nothing_is_told(sql: str) -> None:
    conversion = saved({"q": sql})
    assert 3521 not in numbers(conversion, "q")
    assert "MIN(" in statement(conversion, "q") or "MAX(" in statement(conversion, "q")


@pytest.mark.parametrize("sql", TOLD)
def test_where_rows_may_differ_it_is_told(sql: str) -> None:
    assert 3521 in numbers(saved({"q": sql}), "q")
