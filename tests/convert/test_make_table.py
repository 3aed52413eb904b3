"""Queries that read a table which another query of the database makes: procedures, with the columns it will have."""

from __future__ import annotations

import pytest

from tests.convert.interpreter.rows import Data
from tests.convert.saved import ORDERS, numbers, saved, statement
from wizard.convert.interpreter import QueryError, UnsupportedError
from wizard.objects import Conversion, ObjectKind, Outcome

MAKER = "SELECT Customer, Sum(Amount) AS Total, Count(*) AS n INTO Summary FROM Orders GROUP BY Customer"
LOG = "CREATE TABLE Log (ID COUNTER, What TEXT(20) NOT NULL, Sent BIT)"


def converted(**queries: str) -> Conversion:
    """The queries come before what makes their tables: the order does not count."""
    return saved({**queries, "maker": MAKER, "creates": LOG})


def made(sql: str) -> str:
    return " ".join(statement(converted(q=sql), "q").split())


def test_what_reads_it_is_a_procedure_that_sorts() -> None:
    conversion = converted(q="SELECT Customer, Total FROM Summary WHERE Total > [least] ORDER BY Total DESC")
    (module,) = [m for m in conversion.modules if m.source and m.source.table == "q"]
    assert module.kind is ObjectKind.PROCEDURE
    assert [p.type for p in module.parameters] == ["money"]
    assert " ".join(module.sql.split()).endswith("ORDER BY [Summary].[Total] DESC; END;")
    assert numbers(conversion, "q") == [3146, 3111]
    assert not [t for t in conversion.tables if t.name.name == "Summary"]


def test_columns_are_those_of_the_query_that_makes_it() -> None:
    assert "SELECT [Summary].[Customer], [Summary].[Total], [Summary].[n] FROM" in made("SELECT * FROM Summary")
    assert "SELECT [Log].[ID], [Log].[What], [Log].[Sent] FROM" in made("SELECT * FROM Log WHERE Not Sent")
    assert "CONVERT(nvarchar(2), (-1 * [Log].[Sent]))" in made("SELECT 'x' & Sent AS s FROM Log")
    assert 3111 in numbers(converted(q="SELECT Missing FROM Summary"), "q")


def test_what_reads_such_a_query_takes_it_in() -> None:
    conversion = converted(
        low="PARAMETERS [least] Currency; SELECT Customer FROM Summary WHERE Total < [least]",
        q="SELECT Name FROM People INNER JOIN low ON low.Customer = People.Name",
    )
    sql = " ".join(statement(conversion, "q").split())
    assert sql.startswith("CREATE PROCEDURE [dbo].[q] @least money AS")
    assert "INNER JOIN ( SELECT [Summary].[Customer] FROM [dbo].[Summary]" in sql
    assert "[dbo].[low]" not in sql


def test_a_union_and_a_crosstab_over_it() -> None:
    assert made("SELECT Customer FROM Summary UNION SELECT Name FROM People ORDER BY 1").endswith(
        "ORDER BY [Customer]; END;"
    )
    assert "CREATE PROCEDURE" in made("TRANSFORM Sum(Total) SELECT n FROM Summary GROUP BY n PIVOT Customer IN ('a')")


def test_what_cannot_be_told_is_refused_by_name() -> None:
    conversion = converted(
        low="SELECT Customer FROM Summary",
        looks="SELECT DLookup('Customer', 'low') AS c FROM People",
        Broken="SELECT Nothing.x INTO Odd FROM Nowhere",
        reads="SELECT * FROM Odd",
        own="SELECT * INTO Own FROM Own",
        lost="SELECT * FROM Missing",
    )
    failed = {i.source.table for i in conversion.items if i.outcome is Outcome.FAILED}
    assert failed == {"looks", "Broken", "reads", "own", "lost"}
    assert numbers(conversion, "looks") == [3147]
    assert numbers(conversion, "reads") == [3108]
    assert numbers(conversion, "own") == [3107]
    assert numbers(conversion, "lost") == [3104]


def test_the_interpreter_says_that_it_is_not_there_yet() -> None:
    data = Data((ORDERS, []), queries={"maker": MAKER})
    with pytest.raises(UnsupportedError, match="Summary is there once a query has made it"):
        data.sql("SELECT * FROM Summary")
    with pytest.raises(QueryError):
        data.sql("SELECT * FROM Nowhere")


NEW = {
    "make": "SELECT ID, Customer, Paid, '' AS Remark, 0 AS n, Null AS x, Amount>5 AS Late INTO Fresh FROM Orders",
}


def test_a_table_is_made_with_room_and_with_no_for_yes_no() -> None:
    made_of = " ".join(statement(saved(NEW), "make").split())
    assert "[Orders].[ID], [Orders].[Customer], [Orders].[Paid], CONVERT(nvarchar(255), N'') AS [Remark]" in made_of
    assert "CONVERT(int, 0) AS [n], CONVERT(nvarchar(255), NULL) AS [x], COALESCE(CASE" in made_of
    assert "ADD DEFAULT 0 FOR [Paid]; ALTER TABLE [dbo].[Fresh] ADD DEFAULT 0 FOR [Late];" in made_of


def test_rows_are_appended_to_it_by_its_columns() -> None:
    every = "INSERT INTO Fresh (ID, Customer, n) SELECT ID+9, Customer, 2.5 FROM Orders"
    conversion = saved(
        {**NEW, "every": every, "some": "INSERT INTO Fresh SELECT Customer, 'long' AS Remark FROM Orders"}
    )
    sql = " ".join(statement(conversion, "every").split())
    counts = "IF OBJECTPROPERTY(OBJECT_ID(N'[dbo].[Fresh]'), N'TableHasIdentity') = 1 SET IDENTITY_INSERT [dbo].[Fresh]"
    assert f"{counts} ON; INSERT INTO [dbo].[Fresh] ([ID], [Customer], [n]) SELECT ([Orders].[ID] + 9)" in sql
    assert f"[Orders].[Customer], 2 AS [Expr1002] FROM [dbo].[Orders] AS [Orders]; {counts} OFF;" in sql
    assert numbers(conversion, "every") == [3146]
    assert "IDENTITY" not in statement(conversion, "some")
    assert numbers(saved({"q": "INSERT INTO Fresh (a) SELECT ID FROM Orders"}), "q") == [3140]
