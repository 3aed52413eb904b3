"""UPDATE, DELETE and INSERT of queries: what SQL Server changes through a view, and what it refuses."""

from __future__ import annotations

import pytest

from tests.convert.saved import numbers, saved, statement
from wizard.definitions import QueryKind

READ = {
    "plain": "SELECT Customer, Amount, Amount * 2 AS twice FROM Orders WHERE Paid",
    "over": "SELECT Customer, Amount FROM plain",
    "sums": "SELECT Customer, Sum(Amount) AS total FROM Orders GROUP BY Customer",
    "apart": "SELECT DISTINCT Customer, Amount FROM Orders",
    "both": "SELECT Customer, Amount FROM Orders UNION ALL SELECT Name, Age FROM People",
    "across": "TRANSFORM Sum(Amount) SELECT Customer FROM Orders GROUP BY Customer PIVOT Paid IN (True, False)",
    "two": "SELECT Orders.ID, Orders.Customer, Lines.Qty FROM Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID",
    "twice": "SELECT a.Amount AS first, b.Amount AS second FROM Orders AS a INNER JOIN Orders AS b ON a.ID = b.ID",
    "beside": "SELECT Amount * 2 AS d, d + 1 AS e, Customer FROM Orders",
    "joined": "SELECT Orders.Amount, sums.total FROM Orders INNER JOIN sums ON Orders.Customer = sums.Customer",
}


@pytest.mark.parametrize(
    ("sql", "refused"),
    [
        ("UPDATE plain SET Amount = 5", 0),
        ("UPDATE over SET Amount = 5", 0),
        ("UPDATE plain SET twice = 5", 3192),
        ("UPDATE sums SET Customer = 'a'", 3192),
        ("UPDATE apart SET Amount = 5", 3192),
        ("UPDATE both SET Amount = 5", 3192),
        ("UPDATE across SET Customer = 'a'", 3192),
        ("UPDATE two SET Qty = 5", 0),
        ("UPDATE two SET ID = 5", 3175),
        ("UPDATE two SET Customer = 'a', Qty = 5", 3193),
        ("UPDATE twice SET first = 1, second = 2", 3193),
        ("UPDATE twice SET second = 2", 0),
        ("UPDATE beside SET Customer = 'a'", 0),
        ("UPDATE beside SET d = 1", 3192),
        ("UPDATE joined SET Amount = total", 0),
        ("UPDATE joined SET total = Amount", 3192),
        ("UPDATE (SELECT Customer FROM Orders GROUP BY Customer) AS q SET q.Customer = 'a'", 3192),
        ("UPDATE Orders INNER JOIN sums ON Orders.Customer = sums.Customer SET Orders.Amount = sums.total", 0),
        ("DELETE plain.* FROM plain", 0),
        ("DELETE over.* FROM over", 0),
        ("DELETE sums.* FROM sums", 3194),
        ("DELETE apart.* FROM apart", 3194),
        ("DELETE both.* FROM both", 3194),
        ("DELETE two.* FROM two", 3194),
        ("DELETE joined.* FROM joined", 3194),
        ("DELETE beside.* FROM beside", 3194),
        ("DELETE Orders.* FROM Orders INNER JOIN two ON Orders.ID = two.ID", 0),
    ],
)
def test_what_a_server_does_not_change_through_a_query_is_refused(sql: str, refused: int) -> None:
    """Errors 4403, 4405, 4406 and 4416, and 8102 through a view; Access has error 3073 for most."""
    kind = QueryKind.UPDATE if sql.startswith("UPDATE") else QueryKind.DELETE
    conversion = saved(READ | {"q": sql}, kind=kind)
    told = set(numbers(conversion, "q")) & {3175, 3192, 3193, 3194}
    assert told == ({refused} if refused else set())
    if not refused:
        assert sql.split(maxsplit=1)[0] in statement(conversion, "q")


@pytest.mark.parametrize(
    ("sql", "written", "refused"),
    [
        (
            "INSERT INTO plain (Customer, Amount) VALUES ('a', 5)",
            "INSERT INTO [dbo].[Orders] ([Customer], [Amount])",
            0,
        ),
        ("INSERT INTO over SELECT Name AS Customer FROM People", "INSERT INTO [dbo].[Orders] ([Customer])", 0),
        ("INSERT INTO two (OrderID, Qty) VALUES (1, 2)", "", 3130),
        ("INSERT INTO two (Qty) VALUES (2)", "INSERT INTO [dbo].[Lines] ([Qty])", 0),
        ("INSERT INTO two (Customer, Qty) VALUES ('a', 2)", "", 3139),
        ("INSERT INTO plain (twice) VALUES (2)", "", 3192),
        ("INSERT INTO sums (Customer) VALUES ('a')", "", 3192),
        ("INSERT INTO apart (Customer) VALUES ('a')", "", 3192),
        ("INSERT INTO both (Customer) VALUES ('a')", "", 3192),
        ("INSERT INTO plain (Nothing) VALUES ('a')", "", 3130),
        ("INSERT INTO plain SELECT Name FROM People", "", 3135),
    ],
)
def test_rows_are_appended_to_the_table_under_a_query(sql: str, written: str, refused: int) -> None:
    conversion = saved(READ | {"q": sql}, kind=QueryKind.APPEND)
    assert [n for n in numbers(conversion, "q") if n in (3130, 3135, 3139, 3192)] == ([refused] if refused else [])
    if not refused:
        assert written in statement(conversion, "q")
