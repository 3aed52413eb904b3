"""Converting a query takes time that grows with its length and no more, and no depth that is accepted is too deep."""

from __future__ import annotations

import time

import pytest

from tests.convert.saved import numbers, saved

BIG = {
    "values": "SELECT ID FROM Orders WHERE ID In (" + ", ".join(map(str, range(15_000))) + ")",
    "alternatives": "SELECT ID FROM Orders WHERE " + " Or ".join(f"ID={i}" for i in range(9_000)),
    "texts": "SELECT " + " & ".join(["[Customer]"] * 5_000) + " AS x FROM Orders",
    "parameter": "SELECT ID FROM Orders WHERE " + " Or ".join(["Orders.ID=[p]"] * 5_000),
    "grouped": "SELECT " + " & ".join(["Customer"] * 5_000) + " AS x FROM Orders GROUP BY Customer",
    "groups": "SELECT Count(*) AS n FROM Orders GROUP BY " + ", ".join(f"Amount + {i}" for i in range(5_000)),
    "wanted types": "SELECT ID FROM Orders WHERE " + " Or ".join(["Placed < ([p] + 1)"] * 4_000),
    "firsts": "SELECT "
    + ", ".join(f"First(Amount * {i}) AS [a column of some length {i}]" for i in range(1_000))
    + " FROM (SELECT * FROM Orders ORDER BY Placed) AS x GROUP BY Customer",
    "members": " UNION ALL ".join(["SELECT ID, Customer, Placed, Amount FROM Orders WHERE Paid And ID > 1"] * 390),
}
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


@pytest.mark.parametrize("name", BIG)
def test_a_long_query_takes_less_than_two_seconds(name: str) -> None:
    started = time.process_time()
    conversion = saved({"q": BIG[name]})
    assert time.process_time() - started < 2
    assert conversion.modules


@pytest.mark.parametrize("name", TOO_MUCH)
def test_more_than_a_server_takes_is_refused_in_time(name: str) -> None:
    started = time.process_time()
    conversion = saved({"q": TOO_MUCH[name]})
    assert time.process_time() - started < 2
    assert {3123, 3124} & set(numbers(conversion, "q"))


@pytest.mark.parametrize("name", DEEP)
def test_what_nests_deeply_is_converted(name: str) -> None:
    conversion = saved({"q": DEEP[name]})
    assert conversion.modules, numbers(conversion, "q")
