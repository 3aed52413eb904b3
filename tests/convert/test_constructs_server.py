"""What constructs mean, shown on a server with rows whose answers are known."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.convert.loading import cleared, shown
from tests.convert.saved import saved, statement
from wizard.convert import script
from wizard.objects import Conversion, ObjectKind
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession

pytestmark = pytest.mark.server

ROWS = """
INSERT INTO [dbo].[Orders] ([Customer], [Placed], [Amount], [Paid], [Note], [Tags]) VALUES
    (N'Ada', CONVERT(datetime2(0), '2023-01-15T00:00:00', 126), 10.5, 1, N'first', 1),
    (N'Ada', CONVERT(datetime2(0), '2023-02-15T00:00:00', 126), 20, 0, NULL, 2),
    (N'Bob', CONVERT(datetime2(0), '2024-02-29T00:00:00', 126), 20, 1, N'50% off [a]', 3),
    (NULL, NULL, NULL, 0, N'', 4);
INSERT INTO [dbo].[Orders_Tags] ([Key], [Value]) VALUES (1, N'red'), (1, N'blue'), (3, N'red');
INSERT INTO [dbo].[Lines] ([OrderID], [Number], [Qty], [Price]) VALUES
    (1, 1, 5, 2.5E0), (1, 2, 7, 1E0), (2, 1, 1, 20E0), (9, 1, 3, 3E0);
INSERT INTO [dbo].[People] ([Name], [Age], [ID]) VALUES (N'Ada', 36, 1), (N'Cy', NULL, 2), (N'Ada', 36, 3);
"""

QUERIES: dict[str, tuple[str, list[list[Any]]]] = {
    "columns named again": (
        "SELECT Amount * 2 AS Twice, Twice + 1 AS More FROM Orders WHERE ID = 1",
        [["21", "22"]],
    ),
    "aggregates named again": (
        "SELECT Customer, Sum(Amount) AS s, Count(*) AS n, s / n AS mean FROM Orders WHERE Customer Is Not Null"
        " GROUP BY Customer",
        [["Ada", "30.5", "2", "15.25"], ["Bob", "20", "1", "20"]],
    ),
    "distinctrow": (
        "SELECT DISTINCTROW Orders.Customer FROM Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID",
        [["Ada"], ["Ada"]],
    ),
    "values of columns with several": (
        "SELECT ID, Orders.Tags.Value FROM Orders WHERE ID < 3 ORDER BY ID, Orders.Tags.Value",
        [["1", "blue"], ["1", "red"], ["2", None]],
    ),
    "rows with a value": ("SELECT ID FROM Orders WHERE Orders.Tags.Value = 'red'", [["1"], ["3"]]),
    "all values of a column": ("SELECT ID, Tags FROM Orders WHERE ID < 3", [["1", "blue, red"], ["2", None]]),
    "union of kinds": (
        "SELECT Customer FROM Orders WHERE ID = 3 UNION SELECT Qty FROM Lines WHERE OrderID = 2",
        [["1"], ["Bob"]],
    ),
    "outer join": (
        "SELECT Orders.ID, Lines.Qty FROM Orders LEFT JOIN Lines ON Orders.ID = Lines.OrderID WHERE Lines.Qty Is Null",
        [["3", None], ["4", None]],
    ),
    "nested joins": (
        "SELECT o.ID FROM People INNER JOIN (Orders AS o LEFT JOIN Lines ON o.ID = Lines.OrderID)"
        " ON People.Name = o.Customer WHERE People.ID = 1",
        [["1"], ["1"], ["2"]],
    ),
    "sub-queries": (
        "SELECT ID FROM Orders WHERE Exists (SELECT * FROM Lines WHERE OrderID = Orders.ID) And Amount >= All"
        " (SELECT Amount FROM Orders AS o WHERE o.Customer = Orders.Customer)",
        [["2"]],
    ),
    "domain functions": (
        'SELECT DLookup("Age", "People", "Name = \'Ada\'") AS a, DCount("*", "Lines", "Qty > 4") AS n,'
        ' DSum("Qty","Lines") AS s',
        [["36", "2", "16"]],
    ),
    "like": ('SELECT ID FROM Orders WHERE Note Like "*[%]*[[]a]"', [["3"]]),
    "null in text": ('SELECT Customer & "!" AS x, Customer + "!" AS y FROM Orders WHERE ID = 4', [["!", None]]),
    "crosstab": (
        "TRANSFORM Sum(Amount) SELECT Customer, Count(ID) AS n FROM Orders GROUP BY Customer"
        " PIVOT Year(Placed) IN (2023, 2024)",
        [[None, "1", None, None], ["Ada", "2", "30.5", None], ["Bob", "1", None, "20"]],
    ),
    "crosstab count": (
        "TRANSFORM Count(*) SELECT Paid FROM Orders GROUP BY Paid PIVOT Customer IN ('Ada', 'Bob')",
        [[0, "1", None], [1, "1", "1"]],
    ),
    "group by a sub-query": (
        "SELECT (SELECT Count(*) FROM Lines WHERE OrderID = Orders.ID) AS n, Count(*) AS c FROM Orders"
        " GROUP BY (SELECT Count(*) FROM Lines WHERE OrderID = Orders.ID)",
        [["0", "2"], ["1", "1"], ["2", "1"]],
    ),
    "aggregate over sub-queries": (
        "SELECT Paid, Sum(DCount('*', 'Lines', 'OrderID=' & Orders.ID)) AS n,"
        " Max((SELECT Max(Qty) FROM Lines WHERE OrderID = Orders.ID)) AS m,"
        " Sum(IIf(Exists (SELECT * FROM Lines WHERE OrderID = Orders.ID), 1, 0)) AS e FROM Orders GROUP BY Paid",
        [[0, "1", "1", "1"], [1, "2", "7", "1"]],
    ),
    "expression without name": ("SELECT ID, Amount * 2 FROM Orders WHERE ID = 3", [["3", "40"]]),
    "comma join": (
        "SELECT Orders.ID FROM Orders, Lines INNER JOIN People ON Lines.OrderID = People.ID WHERE Orders.ID = 3",
        [["3"], ["3"], ["3"]],
    ),
    "first and last": (
        "SELECT Customer, First(ID) AS f, Last(Amount) AS l, Count(*) AS n"
        " FROM (SELECT * FROM Orders ORDER BY Placed DESC, ID) AS x GROUP BY Customer",
        [[None, "4", None, "1"], ["Ada", "2", "10.5", "2"], ["Bob", "3", "20", "1"]],
    ),
    "last of cells": (
        "TRANSFORM Last(Qty) SELECT OrderID FROM (SELECT OrderID, Qty FROM Lines ORDER BY Price, OrderID) AS x"
        " GROUP BY OrderID PIVOT Qty > 2 IN (True, False)",
        [["1", "5", None], ["2", None, "1"], ["9", "3", None]],
    ),
    "first may be null": ("SELECT First(Amount) AS a FROM (SELECT Amount FROM Orders ORDER BY Placed) AS x", [[None]]),
    "true comes first": (
        "SELECT First(ID) AS a, Last(ID) AS b, Last(Paid) AS p"
        " FROM (SELECT ID, Paid FROM Orders WHERE Paid < 1 ORDER BY Paid, ID) AS x",
        [["1", "4", 0]],
    ),
    "top in the source's order": (
        "SELECT TOP 1 x.ID FROM (SELECT ID, Note FROM Orders WHERE Paid <= True ORDER BY Placed DESC) AS x",
        [["3"]],
    ),
    "reads another": ("SELECT ID FROM [outer join] WHERE ID > 3", [["4"]]),
    "true and false": ("SELECT ID, Paid, Not Paid AS unpaid, Paid + 1 AS sum FROM Orders WHERE ID < 3", [
        ["1", 1, 0, "0"], ["2", 0, 1, "1"],
    ]),
}  # fmt: skip


@pytest.fixture(scope="module")
def built() -> Iterator[tuple[ServerSession, Conversion]]:
    string = os.environ.get("JETFERRY_TEST_SERVER", "")
    if not string:
        pytest.skip("needs JETFERRY_TEST_SERVER, an ODBC-style connection string")
    connection, password = connection_string.settings(string)
    with ServerSession.open(replace(connection, database="master"), password) as master:
        if not master.value("SELECT 1 FROM sys.databases WHERE name = 'jf_queries'"):
            master.execute("CREATE DATABASE jf_queries")
    conversion = saved({name: sql for name, (sql, _) in (QUERIES | PROCEDURES).items()} | ACTIONS)
    with ServerSession.open(replace(connection, database="jf_queries"), password) as session:
        cleared(session, "dbo")
        for made in script.statements(conversion):
            if made.kind is not ObjectKind.DESCRIPTION:
                session.execute(made.sql)
        session.execute(ROWS)
        yield session, conversion


@pytest.mark.parametrize("name", QUERIES)
def test_a_view_gives_the_rows_that_access_gives(name: str, built: tuple[ServerSession, Conversion]) -> None:
    session, conversion = built
    assert statement(conversion, name).startswith("CREATE VIEW")
    rows = [[shown(v) for v in row] for row in session.query(f"SELECT * FROM [dbo].[{name}]")]
    assert sorted(rows, key=repr) == sorted(QUERIES[name][1], key=repr)


PROCEDURES = {
    "by number": (
        "TRANSFORM Max(ID) SELECT Paid FROM Orders GROUP BY Paid PIVOT ID * 5",
        [[0, None, "2", None, "4"], [1, "1", None, "3", None]],
    ),
    "by day": (
        "TRANSFORM Last(ID) SELECT Customer FROM (SELECT * FROM Orders ORDER BY ID) AS x WHERE ID <> 3"
        " GROUP BY Customer ORDER BY Customer DESC PIVOT Placed",
        [["Ada", None, "1", "2"], [None, "4", None, None]],
    ),
}  # fmt: skip
"""crosstabs that find their headings when run: their columns in the order of these values, their rows as sorted"""

ACTIONS = {
    "price up": "UPDATE Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID SET Orders.Amount = Orders.Amount + [by]"
    " WHERE Lines.Qty < 2",
    "both": "UPDATE Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID SET Orders.Amount = Lines.Price,"
    " Lines.Price = Orders.Amount, Orders.Placed = Null WHERE Orders.ID = 2",
    "round": "UPDATE Lines SET Qty = Price / 2 WHERE OrderID = 1 AND Number = 1",
    "drop lines": "DELETE Lines.* FROM Lines LEFT JOIN Orders ON Orders.ID = Lines.OrderID WHERE Orders.ID Is Null",
    "add": "INSERT INTO People (Name, Age) VALUES ([who], [age in years])",
    "copy": "INSERT INTO People SELECT Customer AS Name, ID FROM Orders WHERE Paid",
    "keep": "SELECT Name, Count(*) AS n INTO Kept FROM People GROUP BY Name",
}


def test_a_crosstab_procedure_gives_its_columns_in_order(built: tuple[ServerSession, Conversion]) -> None:
    session, _ = built
    for name, (sql, rows) in PROCEDURES.items():
        made = [[shown(v) for v in row] for row in session.query(f"EXEC [dbo].[{name}]")]
        assert (made if "ORDER BY Customer" in sql else sorted(made, key=repr)) == rows


def test_procedures_change_what_access_would_change(built: tuple[ServerSession, Conversion]) -> None:
    session, _ = built
    session.execute("EXEC [dbo].[price up] @by = 1.25")
    assert session.value("SELECT [Amount] FROM [dbo].[Orders] WHERE [ID] = 2") == Decimal("21.25")
    session.execute("EXEC [dbo].[both]")
    assert session.query("SELECT [Amount], [Placed] FROM [dbo].[Orders] WHERE [ID] = 2") == [(Decimal(20), None)]
    assert session.value("SELECT [Price] FROM [dbo].[Lines] WHERE [OrderID] = 2") == 21.25
    session.execute("EXEC [dbo].[round]")
    assert session.value("SELECT [Qty] FROM [dbo].[Lines] WHERE [OrderID] = 1 AND [Number] = 1") == 1
    session.execute("EXEC [dbo].[drop lines]")
    assert session.value("SELECT COUNT(*) FROM [dbo].[Lines]") == 3
    session.execute("EXEC [dbo].[add] @who = N'Di', @age_in_years = 40")
    session.execute("EXEC [dbo].[copy]")
    assert session.query("SELECT [Name], [Age], [ID] FROM [dbo].[People] WHERE [Name] IN (N'Di', N'Bob')") == [
        ("Di", 40, None),
        ("Bob", None, 3),
    ]
    session.execute("EXEC [dbo].[keep]")
    assert session.query("SELECT [Name], [n] FROM [dbo].[Kept] ORDER BY [Name]") == [
        ("Ada", 3), ("Bob", 1), ("Cy", 1), ("Di", 1),
    ]  # fmt: skip
