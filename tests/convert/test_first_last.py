"""First and Last: exact where all rows of a group have one value or the source has an order, else told."""

from __future__ import annotations

import pytest

from tests.convert.making import index
from tests.convert.saved import LINES, ORDERS, numbers, saved, statement
from wizard.convert import convert
from wizard.definitions import Column, ColumnType, Database, Query, QueryKind, Table
from wizard.settings import Options, Target

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
    "SELECT ID, First(OrderID) AS c FROM Orders LEFT JOIN Lines ON OrderID = ID GROUP BY Customer, ID, Paid",
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
    "SELECT ID, First([Number]) AS c FROM Orders LEFT JOIN Lines ON OrderID = ID GROUP BY Customer, ID, Paid",
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


QUERIES = {
    "byDay": "SELECT Orders.ID, Customer, Placed, Qty FROM " + JOIN + " ORDER BY Placed",
    "byKey": "SELECT Orders.ID, Customer, Placed, Qty, Lines.[Number] FROM " + JOIN + " ORDER BY Placed, Orders.ID,"
    " Lines.[Number] DESC",
    "byOther": "SELECT ID AS Code, Customer FROM Orders ORDER BY Placed, ID",
    "through": "SELECT Customer AS c, Qty AS q, Placed, ID, [Number] AS n FROM byKey WHERE Qty > 1",
    "together": "SELECT Customer, ID FROM Orders UNION ALL SELECT Name, ID FROM People ORDER BY 2 DESC",
}
"""saved queries to read from"""
ORDER = "[byKey].[Placed], [byKey].[ID], [byKey].[Number] DESC"
REVERSED = "[byKey].[Placed] DESC, [byKey].[ID] DESC, [byKey].[Number]"


def read(sql: str) -> tuple[str, list[int]]:
    """The statement of a query that reads those of QUERIES, and what is told of it."""
    conversion = saved({**QUERIES, "q": sql})
    return statement(conversion, "q"), numbers(conversion, "q")


def test_over_an_ordered_query_the_first_row_gives_the_value() -> None:
    sql, told = read("SELECT Customer, First(Qty) AS f, Sum(Qty) AS s FROM byKey GROUP BY Customer")
    assert told == []
    assert f"ROW_NUMBER() OVER (PARTITION BY [byKey].[Customer] ORDER BY {ORDER}) AS [first row]" in sql
    assert "MAX(CASE WHEN [byKey].[first row] = 1 THEN [byKey].[Qty] END) AS [f]" in sql
    assert "SUM(CONVERT(bigint, [byKey].[Qty])) AS [s]" in sql


def test_last_takes_the_order_backwards_and_each_way_is_numbered_once() -> None:
    sql, told = read("SELECT First(Qty) AS a, Last(Qty) AS b, Last(Placed) AS c FROM byKey")
    assert told == []
    assert f"ROW_NUMBER() OVER (ORDER BY {REVERSED}) AS [last row]" in sql
    assert sql.count("ROW_NUMBER") == 2
    assert "MAX(CASE WHEN [byKey].[last row] = 1 THEN [byKey].[Placed] END) AS [c]" in sql


def test_rows_left_out_are_not_numbered() -> None:
    sql, _ = read("SELECT Customer FROM byKey WHERE Qty > 1 GROUP BY Customer HAVING First(Qty) > 2")
    inner, outer = sql.split(") AS [byKey]")
    assert "WHERE [byKey].[Qty] > 1" in inner
    assert "WHERE" not in outer
    assert "HAVING MAX(CASE WHEN [byKey].[first row] = 1 THEN [byKey].[Qty] END) > 2" in outer


def test_a_sub_query_gives_what_it_sorts_by_too() -> None:
    sql, told = read(
        "SELECT c, First(ID) AS i FROM (SELECT Customer AS c, ID FROM Orders ORDER BY Placed, ID) GROUP BY c"
    )
    assert told == []
    assert "[Orders].[Placed] AS [order 1]" in sql
    assert "ORDER BY [made 1].[order 1], [made 1].[ID])" in sql


def test_an_order_holds_through_a_query_that_only_chooses() -> None:
    sql, told = read("SELECT c, First(q) AS f FROM through GROUP BY c")
    assert told == []
    assert "ORDER BY [through].[Placed], [through].[ID], [through].[n] DESC)" in sql
    sql, told = read(
        "SELECT First(x) AS f FROM (SELECT x FROM (SELECT ID AS x FROM Orders ORDER BY Placed, ID) AS a) AS b"
    )
    assert told == []
    assert "ORDER BY [b].[order 1], [b].[x])" in sql


def test_a_yes_no_column_sorts_true_first() -> None:
    sql, _ = read("SELECT First(ID) AS f, Last(Paid) AS p FROM (SELECT ID, Paid FROM Orders ORDER BY Paid, ID) AS a")
    assert "ORDER BY [a].[Paid] DESC, [a].[ID]) AS [first row]" in sql
    assert "CONVERT(bit, MAX((-1 * CASE WHEN [a].[last row] = 1 THEN [a].[Paid] END))) AS [p]" in sql


def test_a_cell_of_a_crosstab_has_its_own_first_row() -> None:
    tail = "SELECT Customer, First(Qty) AS f FROM byKey GROUP BY Customer PIVOT Year(Placed)"
    sql, told = read(f"TRANSFORM First(Qty) {tail} IN (2023, 2024)")
    assert told == []
    assert f"OVER (PARTITION BY [byKey].[Customer], YEAR([byKey].[Placed]) ORDER BY {ORDER}) AS [first row_2]" in sql
    assert (
        "MAX(CASE WHEN [byKey].[first row_2] = 1 THEN CASE WHEN (YEAR([byKey].[Placed]) = 2024) THEN [byKey].[Qty]"
        " ELSE NULL END END) AS [2024]"
    ) in sql
    assert "MAX(CASE WHEN [byKey].[first row] = 1 THEN [byKey].[Qty] END) AS [f]" in sql
    sql, told = read(f"TRANSFORM Last(Qty) {tail}")
    assert told == [3168]
    assert "[last row] = 1 THEN CASE WHEN" in sql


def test_cells_agree_in_the_heading_too() -> None:
    sql, told = read(
        "TRANSFORM First(Placed) SELECT Customer FROM Orders GROUP BY Customer PIVOT Placed IN (#1/1/2024#)"
    )
    assert told == []
    assert "MIN(CASE WHEN ([Orders].[Placed] = " in sql
    assert 3521 in read("TRANSFORM First(ID) SELECT Paid FROM Orders GROUP BY Paid PIVOT Customer IN ('a')")[1]


TIES = [
    "SELECT Customer, First(Qty) AS f FROM byDay GROUP BY Customer",
    "SELECT First(Qty) AS f FROM (SELECT Qty FROM Lines ORDER BY OrderID) AS x",
    "SELECT ID, First(Customer) AS f FROM together GROUP BY ID",
]
NO_TIES = [
    "SELECT First((SELECT Max(Age) FROM People WHERE People.ID = x.ID)) AS m FROM (SELECT ID, Qty, OrderID"
    " FROM Lines, Orders WHERE Orders.ID = OrderID ORDER BY Qty, OrderID, [Number]) AS x",
    "SELECT ID, First(Qty) AS f FROM byKey GROUP BY ID",
    "SELECT ID, First(Customer) AS c FROM byDay GROUP BY ID",
    "SELECT Customer, Last(Placed) AS p FROM byDay GROUP BY Customer",
    "SELECT First(n) AS f FROM (SELECT Paid, Count(*) AS n FROM Orders GROUP BY Paid ORDER BY Paid) AS x",
    "SELECT First(c) AS f FROM (SELECT Customer AS c, Count(*) AS n FROM Orders GROUP BY Customer ORDER BY 2, 1) AS x",
    "SELECT First(Amount) AS f FROM (SELECT Amount FROM Orders ORDER BY ID) AS x",
]


@pytest.mark.parametrize("sql", TIES)
def test_ties_that_may_matter_are_told(sql: str) -> None:
    made, told = read(sql)
    assert told == [3128]
    assert "ROW_NUMBER" in made


@pytest.mark.parametrize("sql", NO_TIES)
def test_of_ties_that_cannot_matter_nothing_is_told(sql: str) -> None:
    assert read(sql)[1] == []


NO_ORDER = [
    "SELECT byKey.Customer, First(Qty) AS f FROM byKey, People GROUP BY byKey.Customer",
    "SELECT First(c) AS f FROM (SELECT DISTINCT Customer AS c FROM byKey) AS x",
    "SELECT First(c) AS f FROM (SELECT Customer AS c FROM byKey GROUP BY Customer) AS x",
    "SELECT Paid, First(ID) AS f FROM Orders GROUP BY Paid ORDER BY Paid",
    "SELECT a.ID, First(b.ID) AS f FROM Orders AS a, Orders AS b GROUP BY a.ID",
]


@pytest.mark.parametrize("sql", NO_ORDER)
def test_without_an_order_of_the_source_it_is_told(sql: str) -> None:
    made, told = read(sql)
    assert 3521 in told
    assert "ROW_NUMBER" not in made


DEPENDENT = [
    "SELECT ID, First(c) AS f FROM (SELECT ID, Customer AS c FROM Orders) AS x GROUP BY ID",
    f"SELECT o, First(c) AS f FROM (SELECT OrderID AS o, Customer AS c, Qty FROM {JOIN}) AS x GROUP BY o",
    "SELECT Paid, First(n) AS f FROM (SELECT Paid, Count(*) AS n FROM Orders GROUP BY Paid) AS x GROUP BY Paid",
    "SELECT First((SELECT Max(Qty) FROM Lines WHERE OrderID = Orders.ID)) AS m FROM Orders GROUP BY ID, Paid",
    "SELECT First(Paid) AS f FROM (SELECT Paid, Note FROM Orders WHERE Paid = True) AS x",
    "SELECT Lines.OrderID, First(x.c) AS f FROM Lines LEFT JOIN (SELECT ID, Customer AS c FROM Orders) AS x"
    " ON Lines.OrderID = x.ID GROUP BY Lines.OrderID",
]


@pytest.mark.parametrize("sql", DEPENDENT)
def test_what_determines_a_column_in_a_query_determines_it_outside(sql: str) -> None:
    made, told = read(sql)
    assert told == []
    assert "ROW_NUMBER" not in made


@pytest.mark.parametrize(("required", "told"), [(True, []), (False, [3521])])
def test_a_unique_index_without_null_determines_a_row(required: bool, told: list[int]) -> None:
    columns = (Column("Code", ColumnType.TEXT, length=9, required=required), Column("Title", ColumnType.TEXT, length=9))
    table = Table("T", columns, (index("u", "Code", unique=True),))
    query = Query("q", QueryKind.SELECT, "SELECT Code, First(Title) AS t FROM T GROUP BY Code")
    database = Database("x", "x", tables=(table, ORDERS, LINES), queries=(query,))
    made = convert(database, source="s", schema="dbo", options=Options(warn_renamed=False), target=Target())
    assert numbers(made, "q") == told


def test_top_without_order_takes_that_of_its_source() -> None:
    sql, told = read("SELECT TOP 3 Customer FROM byKey")
    assert told == [3127]
    assert "SELECT TOP (3)\n" in sql
    assert f"ORDER BY {ORDER};" in sql
    assert read("SELECT TOP 3 Customer FROM Orders")[1] == [3119]


def test_a_query_whose_view_does_not_give_its_order_is_read_as_a_sub_query() -> None:
    sql, told = read("SELECT Customer, First(Code) AS f FROM byOther AS o GROUP BY Customer")
    assert told == []
    assert "[Orders].[Placed] AS [order 1]" in sql
    assert "ORDER BY [o].[order 1], [o].[Code])" in sql
    divided = "SELECT Amount / ID AS share FROM Orders ORDER BY Placed, ID"
    conversion = saved({"p": divided, "q": "SELECT First(share) AS f FROM p"})
    assert numbers(conversion, "p") == [3520, 3169]
    assert numbers(conversion, "q") == []
    conversion = saved({**QUERIES, "q": "SELECT TOP 1 Code FROM byOther"})
    assert "ORDER BY [byOther].[order 1], [byOther].[Code];" in statement(conversion, "q")
    assert next(m.depends_on for m in conversion.modules if m.name.name == "q")[0].name == "Orders"
