"""Columns with several values in queries: their values' rows are joined, their text is shown, the rest is refused."""

from __future__ import annotations

import pytest

from tests.convert.interpreter.rows import Data
from tests.convert.saved import ORDERS, PEOPLE, TAGS, numbers, saved, statement
from wizard.convert.interpreter import ParameterError, QueryError, UnsupportedError
from wizard.convert.queries import heading_sources
from wizard.settings import SqlVersion

NONE = (None,) * 4
ROWS = Data(
    (ORDERS, [(1, "Ann", *NONE, 11), (2, "Bob", *NONE, 12), (3, "Cy", *NONE, None)]),
    (TAGS, [(11, "red"), (11, "blue"), (12, "red"), (99, "nobody's")]),
    (PEOPLE, [("red", 1, 1), ("green", 2, 2)]),
    queries={
        "Flat": "SELECT Orders.ID, Orders.Tags.Value FROM Orders",
        "Wide": "TRANSFORM Count(ID) SELECT 1 AS one FROM Orders GROUP BY 1 PIVOT Orders.Tags.Value",
    },
)
JOIN = (
    "FROM [dbo].[Orders] AS [Orders] LEFT JOIN [dbo].[Orders_Tags] AS [Orders.Tags]"
    " ON [Orders].[Tags] = [Orders.Tags].[Key]"
)


def made(sql: str, version: SqlVersion = SqlVersion.V2022) -> str:
    return " ".join(statement(saved({"q": sql}, version=version), "q").split())


def test_values_are_rows_of_a_joined_table() -> None:
    sql = made("SELECT ID, Orders.Tags.Value FROM Orders WHERE Tags.Value = 'red' ORDER BY [Tags].[Value]")
    assert f"SELECT [Orders].[ID], [Orders.Tags].[Value] AS [Tags.Value] {JOIN}" in sql
    assert sql.count("LEFT JOIN") == 1
    assert sql.endswith("WHERE [Orders.Tags].[Value] = N'red';")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT ID, Orders.Tags.Value FROM Orders", [(1, "red"), (1, "blue"), (2, "red"), (3, None)]),
        ("SELECT ID FROM Orders WHERE Tags.Value = 'red' ORDER BY ID DESC", [(2,), (1,)]),
        ("SELECT ID FROM Orders WHERE Orders.Tags.Value Is Null", [(3,)]),
        ("SELECT o.Tags.Value, Count(*) FROM Orders AS o GROUP BY o.Tags.Value", [(None, 1), ("blue", 1), ("red", 2)]),
        ("SELECT Name, ID2 FROM People INNER JOIN (SELECT ID AS ID2, Tags.Value AS v FROM Orders) AS d ON d.v = Name",
         [("red", 1), ("red", 2)]),
        ("SELECT Name, Customer FROM People LEFT JOIN Orders ON Orders.Tags.Value = People.Name ORDER BY Age, Customer",
         [("red", "Ann"), ("red", "Bob"), ("green", None)]),
        ("SELECT Name FROM People WHERE EXISTS (SELECT 1 FROM Orders WHERE Orders.Tags.Value = People.Name)",
         [("red",)]),
        ("SELECT ID FROM Orders WHERE EXISTS (SELECT 1 FROM People WHERE People.Name = Orders.Tags.Value)",
         [(1,), (2,)]),
        ("SELECT Flat.ID FROM Flat WHERE Flat.Tags.Value = 'blue'", [(1,)]),
        ("SELECT ID, Tags FROM Orders", [(1, "blue, red"), (2, "red"), (3, None)]),
        ("SELECT DISTINCT Tags.Value FROM Orders", [(None,), ("blue",), ("red",)]),
    ],
)  # fmt: skip
def test_the_interpreter_joins_them_too(sql: str, rows: list[tuple[object, ...]]) -> None:
    assert ROWS.sql(sql) == rows
    conversion = saved({"q": sql, "Flat": ROWS.database.queries[0].sql})
    assert statement(conversion, "q")


def test_no_star_and_no_bare_name_means_the_joined_table() -> None:
    sql = "SELECT *, Tags.Value AS v FROM Orders WHERE Orders.Tags.Value = 'blue'"
    assert ROWS.sql(sql) == [(1, "Ann", *NONE, "blue")]
    assert "[Orders.Tags].[Key] AS" not in made(sql)
    assert numbers(saved({"q": sql}), "q") == [3116]
    assert numbers(saved({"q": "SELECT Value, Tags.Value AS v FROM Orders"}), "q") == [3111]  # as without the join


def test_a_join_stays_within_its_side() -> None:
    sql = made("SELECT Name FROM People RIGHT JOIN Orders ON Orders.Tags.Value = People.Name")
    assert "RIGHT JOIN ( [dbo].[Orders] AS [Orders] LEFT JOIN [dbo].[Orders_Tags]" in sql


def test_headings_come_from_values() -> None:
    (source,) = heading_sources(ROWS.database)
    found = ROWS.interpreter().distinct(source.select, source.pivot)
    assert found.rows == [(None,), ("blue",), ("red",)]
    assert ROWS.interpreter().saved("Wide").columns == ("one", "<>", "blue", "red")


def test_all_values_in_one_text() -> None:
    listing = "STRING_AGG(CONVERT(nvarchar(max), [Orders.Tags].[Value]), N', ') WITHIN GROUP (ORDER BY"
    assert listing in made("SELECT ID, Tags AS t FROM Orders")
    old = made("SELECT ID, Tags AS t FROM Orders", SqlVersion.V2016)
    assert "FOR XML PATH(N''), TYPE).value(N'.', N'nvarchar(max)'), 1, 2, N'') AS [t]" in old
    assert numbers(saved({"q": "SELECT ID, Tags FROM Orders"}), "q") == [3144]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT ID FROM Orders WHERE Tags = 'red'",
        "SELECT ID FROM Orders ORDER BY Tags",
        "SELECT DISTINCT Tags FROM Orders",
        "SELECT Tags, Count(*) FROM Orders GROUP BY Tags",
        "SELECT Orders.Tags.Nothing FROM Orders",
    ],
)
def test_all_values_are_no_value_to_calculate_with(sql: str) -> None:
    assert 3109 in numbers(saved({"q": sql}), "q")
    with pytest.raises((UnsupportedError, QueryError, ParameterError)):
        ROWS.sql(sql)


def test_changes_reach_the_values_alone() -> None:
    changed = made("UPDATE Orders SET Orders.Tags.Value = 'blue' WHERE Orders.Tags.Value = 'red'")
    assert "UPDATE [Orders.Tags] SET [Value] = N'blue'" in changed
    assert "INNER JOIN [dbo].[Orders_Tags]" in changed
    assert "DELETE [Orders.Tags] FROM" in made("DELETE Orders.Tags.Value FROM Orders WHERE Orders.Tags.Value = 'red'")
    assert "DELETE [Orders] FROM" in made("DELETE * FROM Orders WHERE Orders.Tags.Value = 'red'")
    assert numbers(saved({"q": "INSERT INTO Orders (Tags.Value) VALUES ('red')"}), "q") == [3145]
