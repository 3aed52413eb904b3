"""Converting a query takes time that grows with its length and no more, and no depth that is accepted is too deep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from tests.convert.saved import numbers, saved
from tests.counting import calls

GROWING: Final[dict[str, Callable[[int], str]]] = {
    "values": lambda n: "SELECT ID FROM Orders WHERE ID In (" + ", ".join(map(str, range(15 * n))) + ")",
    "alternatives": lambda n: "SELECT ID FROM Orders WHERE " + " Or ".join(f"ID={i}" for i in range(9 * n)),
    "texts": lambda n: "SELECT " + " & ".join(["[Customer]"] * (5 * n)) + " AS x FROM Orders",
    "parameter": lambda n: "SELECT ID FROM Orders WHERE " + " Or ".join(["Orders.ID=[p]"] * (5 * n)),
    "grouped": lambda n: "SELECT " + " & ".join(["Customer"] * (5 * n)) + " AS x FROM Orders GROUP BY Customer",
    "groups": lambda n: "SELECT Count(*) AS n FROM Orders GROUP BY " + ", ".join(f"Amount + {i}" for i in range(5 * n)),
    "wanted types": lambda n: "SELECT ID FROM Orders WHERE " + " Or ".join(["Placed < ([p] + 1)"] * (4 * n)),
    "firsts": lambda n: (
        "SELECT "
        + ", ".join(f"First(Amount * {i}) AS [a column of some length {i}]" for i in range(n))
        + " FROM (SELECT * FROM Orders ORDER BY Placed) AS x GROUP BY Customer"
    ),
    "members": lambda n: " UNION ALL ".join(
        ["SELECT ID, Customer, Placed, Amount FROM Orders WHERE Paid And ID > 1"] * (n // 4)
    ),
}
"""a query of about 100 KB for 1,000, and shorter in proportion"""
TOO_MUCH = {
    "columns": "SELECT " + ", ".join(["ID"] * 8_000) + " FROM Orders",
    "parameters": "SELECT ID FROM Orders WHERE " + " Or ".join(f"ID=[p{i}]" for i in range(6_000)),
}
DEEP = {
    "parentheses": "SELECT " + "(" * 95 + "ID" + ")" * 95 + " FROM Orders",
    "conditions": "SELECT " + "IIf(ID>1, " * 90 + "1" + ", 2)" * 90 + " FROM Orders",
    "calls": "SELECT " + "UCase(" * 90 + "Customer" + ")" * 90 + " FROM Orders",
    "sums": "SELECT " + " - ".join(["ID"] * 290) + " FROM Orders",
    "sub-queries": "SELECT ID FROM " + "(SELECT ID FROM " * 90 + "Orders" + ") AS q" * 90,
    "joins": "SELECT a0.ID FROM " + "(" * 60 + "Orders AS a0"
    + "".join(f" INNER JOIN Orders AS a{i} ON a0.ID = a{i}.ID)" for i in range(1, 61)),
}  # fmt: skip


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_length_takes_twice_the_work(name: str) -> None:
    short, long = (calls(lambda n=n: saved({"q": GROWING[name](n)})) for n in (100, 200))
    assert long < 2.3 * short


@pytest.mark.parametrize("name", GROWING)
def test_a_query_of_100_kb_is_converted(name: str) -> None:
    assert saved({"q": GROWING[name](1_000)}).modules


@pytest.mark.parametrize("name", TOO_MUCH)
def test_more_than_a_server_takes_is_refused(name: str) -> None:
    conversion = saved({"q": TOO_MUCH[name]})
    assert {3123, 3124} & set(numbers(conversion, "q"))


@pytest.mark.parametrize("name", DEEP)
def test_what_nests_deeply_is_converted(name: str) -> None:
    conversion = saved({"q": DEEP[name]})
    assert conversion.modules, numbers(conversion, "q")
