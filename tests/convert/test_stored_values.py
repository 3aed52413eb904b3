"""What an action query puts into a column is what Access would leave there, or it is told."""

from __future__ import annotations

import re

import pytest

from tests.convert.cases.listed import Case
from tests.convert.cases.test_cases import converted

ABOUT = {3201, 3202, 3523, 3526, 3548, 3552}


def made(sql: str) -> tuple[set[int], str]:
    """What is told of a statement, and what it becomes."""
    conversion = converted([Case("q", sql, "")])
    told = {m.number for i in conversion.items for m in i.messages} & ABOUT
    return told, re.sub(r"\s+", " ", "".join(m.sql for m in conversion.modules))


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE Orders SET OrderDate = Notes", {3526}),
        ("INSERT INTO Orders (OrderDate) SELECT City FROM Customers", {3526}),
        ("INSERT INTO Moments (ID, d) SELECT ID, t FROM (SELECT * FROM Words) AS w", {3201, 3526}),
        ("UPDATE Orders SET OrderDate = '2/29/2024'", set()),
        ("INSERT INTO Orders (OrderDate) VALUES ('1/1/35')", {3523}),
        ("UPDATE Orders SET OrderDate = ShippedDate", set()),
        ("UPDATE Orders SET Freight = Notes", {3548}),
        ("UPDATE Numbers SET p = x", {3552}),
        ("UPDATE Numbers SET p = p / 3", {3552}),
        ("UPDATE Numbers SET p = n", set()),
        ("INSERT INTO Numbers (ID, p) SELECT ID + 10, p FROM Numbers", set()),
        ("INSERT INTO Words (ID, t) SELECT ID, u FROM Words", set()),
        ("INSERT INTO Words (ID) SELECT OrderID FROM Orders", {3201}),
        ("INSERT INTO Details (OrderID, Quantity) SELECT OrderID, 1 FROM Orders", set()),
        ("INSERT INTO Details (OrderID, ProductID) SELECT OrderID, 1 FROM Orders", {3201}),
        ("INSERT INTO Words SELECT OrderID AS ID FROM Orders WHERE OrderID Not In (SELECT ID FROM Words)", set()),
        ("INSERT INTO Words (ID) VALUES (1)", set()),
        ("INSERT INTO Target (A, B) SELECT OrderID, Notes FROM Orders", {3202}),
        ("INSERT INTO Target (B) SELECT LastName & ', ' & FirstName FROM Employees", {3202}),
        ("INSERT INTO Target (B) SELECT Left(LastName & ', ' & FirstName, 50) FROM Employees", set()),
        ("INSERT INTO Target (B) VALUES ('" + "x" * 51 + "')", {3202}),
        ("UPDATE Target SET B = B & '.'", {3202}),
        ("UPDATE Target SET B = UCase(B), A = A + 1", set()),
        ("UPDATE Target SET B = Trim(B) & ''", set()),
        ("UPDATE Target SET B = 'No. ' & A & ''", set()),
        ("UPDATE Orders SET Notes = Notes & '.'", set()),
    ],
)
def test_what_a_server_may_store_otherwise_is_told(sql: str, told: set[int]) -> None:
    assert made(sql)[0] == told


@pytest.mark.parametrize("value", ["x", "s", "p", "n / 3", "u"])
def test_an_amount_is_rounded_to_the_even_digit(value: str) -> None:
    source = "Words" if value == "u" else "Numbers"
    sql = f"INSERT INTO Target (C) SELECT {value} FROM {source}"
    assert "= 0.25 THEN 1 ELSE 0 END) / 10000)" in made(sql)[1]


@pytest.mark.parametrize("value", ["c", "n", "y", "b", "Null"])
def test_what_has_no_more_decimals_stays_as_it_is(value: str) -> None:
    assert "FLOOR" not in made(f"INSERT INTO Target (C) SELECT {value} FROM Numbers")[1]
