"""Odd ways to write queries, as Access's designer and people write them, and what they must become."""

from __future__ import annotations

import re

import pytest

from tests.convert.saved import numbers, saved, statement

JOINED = "Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID"


def made(sql: str, **others: str) -> str:
    """What a query becomes, on one line."""
    return re.sub(r"\s+", " ", statement(saved({"q": sql, **others}), "q"))


HOLDS = {
    # True is -1 and comes before False, in comparisons and in every order
    "SELECT ID FROM Orders WHERE Paid > -1": "WHERE (-1 * [Orders].[Paid]) > -1",
    "SELECT ID FROM Orders WHERE Paid < False": "WHERE (-1 * [Orders].[Paid]) < 0",
    "SELECT o.ID FROM Orders AS o, Orders AS p WHERE o.Paid <= p.Paid": "(-1 * [o].[Paid]) <= (-1 * [p].[Paid])",
    "SELECT ID FROM Orders WHERE Paid <> False": "WHERE [Orders].[Paid] <> 0",
    "SELECT TOP 1 ID FROM Orders ORDER BY Paid, ID": "ORDER BY [Orders].[Paid] DESC, [Orders].[ID]",
    "SELECT TOP 1 ID FROM Orders ORDER BY Paid DESC": "ORDER BY [Orders].[Paid];",
    "SELECT TOP 1 o.Paid FROM Lines LEFT JOIN Orders AS o ON o.ID = Lines.OrderID ORDER BY o.Paid":
        "ORDER BY (-1 * [o].[Paid])",
    # the designer writes what is only tested beside the star
    f"DELETE Orders.*, Lines.Qty FROM {JOINED} WHERE Lines.Qty > 3": "DELETE [Orders] FROM",
    f"DELETE Orders.*, Lines.Qty, Lines.Price FROM {JOINED}": "DELETE [Orders] FROM",
    f"DELETE Lines.Qty, Lines.Price FROM {JOINED}": "DELETE [Lines] FROM",
    "DELETE o.*, l.Qty FROM Orders AS o INNER JOIN Lines AS l ON o.ID = l.OrderID": "DELETE [o] FROM",
}  # fmt: skip


@pytest.mark.parametrize(("sql", "part"), HOLDS.items())
def test_what_a_query_becomes(sql: str, part: str) -> None:
    assert part in made(sql)


def test_two_stars_do_not_say_from_which_table_to_delete() -> None:
    assert numbers(saved({"q": f"DELETE Orders.*, Lines.* FROM {JOINED}"}), "q") == [3133]


MISPLACED = [
    "SELECT Orders.ID FROM Orders INNER JOIN Lines ON Sum(Orders.ID) = Lines.OrderID",
    "SELECT Max(Sum(Amount)) AS m FROM Orders",
    "SELECT Sum(Amount) AS s, Max(s) AS m FROM Orders",
    "SELECT Customer FROM Orders GROUP BY Customer ORDER BY Max(Count(*))",
]


@pytest.mark.parametrize("sql", MISPLACED)
def test_aggregates_where_none_can_be_are_refused(sql: str) -> None:
    assert numbers(saved({"q": sql}), "q") == [3106]


def test_what_is_the_same_in_every_row_neither_groups_nor_sorts() -> None:
    sql = "SELECT [Forms]![F]![x] AS p, Customer, Sum(Amount) AS s FROM Orders GROUP BY [Forms]![F]![x], Customer"
    assert "GROUP BY [Orders].[Customer] )" in made(sql)
    assert "HAVING COUNT(*) > 0 )" in made("SELECT [p] AS x, Count(*) AS n FROM Orders GROUP BY [p]")
    assert "WITH TIES" not in made("SELECT TOP 1 ID FROM Orders ORDER BY [p], Null")
    assert "ORDER BY [Orders].[ID] )" in made("SELECT TOP 1 ID FROM Orders WHERE ID > [p] ORDER BY [p] + 1, ID")
    assert "ORDER BY COUNT(*)" in made("SELECT TOP 1 Customer FROM Orders GROUP BY Customer ORDER BY Count(*)")
    assert "NEWID" in made("SELECT TOP 1 ID FROM Orders ORDER BY Rnd(ID)").split("ORDER BY")[1]


UNGROUPED = [
    "SELECT TOP 2 ID FROM Orders ORDER BY Max(Amount)",
    "SELECT p.ID, Count(*) AS n FROM Orders AS o, People AS p GROUP BY o.ID",
    "SELECT a.Customer & b.Customer AS x, Count(*) AS n FROM Orders AS a, Orders AS b GROUP BY b.Customer & a.Customer",
]


@pytest.mark.parametrize("sql", UNGROUPED)
def test_columns_of_one_name_are_not_one_column(sql: str) -> None:
    assert numbers(saved({"q": sql}), "q") == [3125]


def test_a_column_is_grouped_by_whether_its_table_is_named_or_not() -> None:
    assert "GROUP BY" in made("SELECT Orders.customer AS c, UCase([Customer]) AS u FROM Orders GROUP BY [Customer]")


def test_a_message_about_division_comes_once_for_each_place() -> None:
    sql = "SELECT Customer, Sum(Amount)/Count(*) AS a, a * 2 AS b, a & '' AS c FROM Orders GROUP BY Customer"
    assert numbers(saved({"q": sql}), "q").count(3520) == 1
    assert numbers(saved({"q": "SELECT Amount/ID AS a, ID/Amount AS b FROM Orders"}), "q") == [3520, 3520]


PARAMETERS = {
    "Placed < [p] + 1": "datetime2(0)",
    "Placed >= [p] - 7 And Placed < [p]": "datetime2(0)",
    "Placed - [p] > 3": "datetime2(0)",
    "ID + [p] > 5": "float",
    "ID * [p] > 5": "float",
    "Amount / [p] > 5": "float",
    "Placed + [p] > Date()": "float",
    "Placed > Date() - [p]": "float",
    "DCount('*', 'Orders', 'Paid=' & [p]) = 1": "bit",
    "DCount('*', 'Orders', 'Amount>(' & [p] & ')') = 1": "money",
    "DCount('*', 'Orders', 'ID=' & [p]) = 1 And [p] <> 'All'": "nvarchar(255)",
    "Month(Placed) = [p]": "int",
    "[p] = Year(Placed)": "int",
    "DateAdd('m', [p], Placed) > Date()": "int",
    "Placed > DateAdd('m', -1, [p])": "datetime2(0)",
    "Left(Customer, [p]) = 'a'": "int",
    "Amount * 2 > [p]": "money",
    "Placed >= Nz([p], #1/1/1900#)": "datetime2(0)",
    "ID = IIf([p] Is Null, ID, [p])": "int",
    "Nz([p], 0) = 0": "float",
    "UCase(Customer) Like [p] & '*'": "nvarchar(255)",
    "(Amount > 5) = [p]": "bit",
    "ID = (SELECT Max(OrderID) FROM Lines WHERE Qty = [p])": "smallint",
    "Placed Between [Forms]![f]![p] And Date()": "datetime2(0)",
    "(([p])) = (ID)": "int",
    "[p] + 1 > 5 And ID = [p]": "int",
    "IIf([p], True, Paid)": "bit",
    "[p] Or Paid": "bit",
    "Not [p]": "bit",
    "Not [p] And ID = [p]": "int",
    "InStr(Customer, [p]) > 0": "nvarchar(255)",
    "InStr([p], Customer, 'a') > 0": "int",
    "Replace(Customer, [p], '') = 'a'": "nvarchar(255)",
    "Pmt([p], 12, Amount) < 0": "float",
    "Amount = CInt([p])": "nvarchar(255)",
}
"""conditions, and the type that a parameter has in each: nobody declared one"""


@pytest.mark.parametrize(("condition", "kind"), PARAMETERS.items())
def test_a_parameter_has_the_type_of_what_it_meets(condition: str, kind: str) -> None:
    head = made(f"SELECT ID FROM Orders WHERE {condition}").split(" RETURNS")[0]
    assert re.findall(r"@\w*p (\S+)", head) == [kind]


def test_rows_are_appended_in_the_order_of_the_query_they_come_from() -> None:
    sorted_query = "SELECT Customer AS Name, ID FROM Orders ORDER BY Customer DESC"
    assert "ORDER BY [p].[Name] DESC; COMMIT" in made("INSERT INTO People SELECT * FROM p", p=sorted_query)
    assert "ORDER BY" not in made("INSERT INTO People SELECT Name, Sum(ID) AS ID FROM p GROUP BY Name", p=sorted_query)


CROSSTAB = "TRANSFORM Count(*) SELECT Customer FROM Orders GROUP BY Customer ORDER BY Customer DESC PIVOT "


@pytest.mark.parametrize(("pivot", "sorted_by"), [("Month(Placed)", "value"), ("Placed", "value"), ("Note", "heading")])
def test_a_crosstab_procedure_sorts_its_headings_as_what_they_are(pivot: str, sorted_by: str) -> None:
    sql = made(CROSSTAB + pivot)
    assert f"SELECT [heading], MIN([{sorted_by}]) AS [sorted] INTO #headings" in sql
    assert "WITHIN GROUP (ORDER BY [sorted])" in sql


def test_a_crosstab_procedure_keeps_the_order_of_its_rows() -> None:
    assert "ORDER BY [Orders].[Customer] DESC'; EXEC sys.sp_executesql" in made(CROSSTAB + "Paid")


def test_a_crosstab_procedure_is_cut_at_its_cell_and_at_nothing_that_looks_like_it() -> None:
    """A sub-query within the cell has columns of its own, and a text may hold the name of what stands for a heading."""
    sql = made(
        "PARAMETERS [columns] Long; TRANSFORM Sum(Amount) + [columns] + (SELECT Max(Qty) FROM Lines) &"
        " '@heading_of_a_cell' SELECT Customer FROM Orders GROUP BY Customer PIVOT Note"
    )
    assert "= N'SELECT [Orders].[Customer]' + @columns_2 + N' FROM [dbo].[Orders] AS [Orders] GROUP BY" in sql
    assert "N'CONCAT(" in sql
    assert "N''@heading_of_a_cell'')' + N' AS ' + QUOTENAME(" in sql
    assert sql.count("REPLACE([heading], N''''") == 1, "one place for the heading, in the test of its rows"
    assert sql.endswith("N'@columns int', @columns; END;")


def test_a_condition_that_may_be_unknown_sorts_true_first_and_null_before() -> None:
    conversion = saved({"q": "SELECT Amount > 15 AS big FROM Orders ORDER BY Amount > 15 DESC"})
    [message] = [m for i in conversion.items if i.source.table == "q" for m in i.messages]
    assert message.number == 3165
    assert "ORDER BY (-1 * [big]) DESC" in message.text
    sql = made("SELECT First(big) AS f FROM p", p="SELECT Amount > 15 AS big, ID FROM Orders ORDER BY 1 DESC, ID")
    assert "ORDER BY (-1 * [p].[big]) DESC, [p].[ID])" in sql


ALIASES = {
    "SELECT Orders.Amount AS Qty, Qty * 2 AS Twice FROM Orders INNER JOIN Lines ON ID = OrderID": "[made 1].[Qty] * 2",
    "SELECT Nz(Orders.Amount, 0) AS Amount, Amount + 1 AS More FROM Orders": "[made 1].[Amount] + 1",
    "SELECT Customer, Sum(Orders.Amount) AS Amount, Amount / 2 AS Half FROM Orders GROUP BY Customer":
        "CONVERT(float, (SUM([Orders].[Amount]))) / 2",
}  # fmt: skip


@pytest.mark.parametrize(("sql", "part"), ALIASES.items())
def test_a_name_means_the_output_column_before_that_of_a_source(sql: str, part: str) -> None:
    assert part in made(sql)
    assert 3129 in numbers(saved({"q": sql}), "q")


def test_a_column_renamed_is_read_from_its_source() -> None:
    sql = "SELECT ID AS Customer, Customer AS ID, Orders.Amount * 2 AS Amount FROM Orders WHERE Amount > 1"
    assert numbers(saved({"q": sql}), "q") == []
    assert "WHERE [Orders].[Amount] > 1" in made(sql)
    crosstab = "TRANSFORM Sum(Amount) SELECT ID FROM Orders GROUP BY ID PIVOT Customer IN ('Amount', 'x')"
    assert made(crosstab).count("THEN [Orders].[Amount]") == 2


def test_groups_by_a_constant_alone_are_none_where_there_are_no_rows() -> None:
    assert "HAVING COUNT(*) > 0;" in made("SELECT 'All' AS what, Sum(Amount) AS s FROM Orders GROUP BY 'All'")
    assert "HAVING" not in made("SELECT Sum(Amount) AS s FROM Orders")


def test_nulls_at_the_head_of_a_union_have_the_type_of_the_others() -> None:
    sql = "SELECT Null AS x FROM Orders UNION SELECT Null FROM People UNION SELECT {} FROM People"
    assert made(sql.format("Name")).count("CONVERT(nvarchar(255), NULL)") == 2
    assert made(sql.format("#1/1/2024#")).count("CONVERT(datetime2(0), NULL)") == 2
    assert "CONVERT" not in made(
        "SELECT Null AS x FROM Orders UNION SELECT Name FROM People UNION SELECT Null FROM People"
    )


def test_an_update_from_one_of_several_rows_is_told() -> None:
    head = f"UPDATE {JOINED} SET"
    assert numbers(saved({"q": f"{head} Orders.Note = Lines.Price"}), "q") == [3142]
    assert numbers(saved({"q": f"{head} Lines.Price = Orders.Amount"}), "q") == []
    assert numbers(saved({"q": f"{head} Orders.Note = Lines.Price WHERE Lines.[Number] = 1"}), "q") == []
    assert numbers(saved({"q": f"{head} Orders.Note = Lines.OrderID"}), "q") == []


DAY = "[Orders_2].[Placed] <= CONVERT(datetime2(0), CONVERT(date, [Orders].[Placed]))"
OWN_NAME = "[Orders_2].[Customer] = ISNULL([Orders].[Customer], N''))"
CRITERIA = {
    r'"Placed <= #" & Format([Placed], "mm\/dd\/yyyy") & "#"': DAY,
    r'"Placed <= " & Format([Placed], "\#mm\/dd\/yyyy\#")': DAY,
    r'"Placed <= #" & Format([Placed], "yyyy-mm-dd") & "#"': DAY,
    r'"Placed <= #" & Format([Placed], "dd mmm yyyy") & "#"': DAY,
    r'"Placed <= #" & Format([Placed], "Short Date") & "#"': DAY,
    r'"Placed <= " & Format(Orders.Placed, "\#yyyy\-mm\-dd hh\:nn\:ss\#")': "[Orders_2].[Placed] <= [Orders].[Placed])",
    r'"Placed <= #" & [Placed] & "#"': "[Orders_2].[Placed] <= [Orders].[Placed])",
    r'"Placed <= #" & [day] & "#"': "[Orders_2].[Placed] <= @day)",
    '"Customer = \'" & Replace([Customer], "\'", "\'\'") & "\'"': OWN_NAME,
    r'"Customer = """ & Replace([Customer], """", """""") & """"': OWN_NAME,
    '"Customer = \'" & Replace([Customer], "a", "b") & "\'"': "= ISNULL(REPLACE([Orders].[Customer], N'a'",
}


@pytest.mark.parametrize(("criteria", "part"), CRITERIA.items())
def test_criteria_take_values_and_not_their_texts(criteria: str, part: str) -> None:
    assert part in made(f'SELECT ID, DSum("Amount", "Orders", {criteria}) AS s FROM Orders')


def test_criteria_whose_dates_access_would_misread_are_refused() -> None:
    sql = r'SELECT DCount("*", "Orders", "Placed = #" & Format([Placed], "dd\/mm\/yyyy") & "#") AS n FROM Orders'
    assert numbers(saved({"q": sql}), "q") == [3505]
