"""Rows of two sides are the same where Access and a server show the same, and the first that differs is named."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.migrate.query_comparison import ERROR, ProofVerdict, QueryProof, compared, multiset, records

GUID = "12345678-9ABC-DEF0-1234-56789ABCDEF0"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (True, True), (True, -1), (False, 0), (5, Decimal("5.0000")), (Decimal("1.5000"), Decimal("1.50")),
        (0.1 + 0.2, 0.3), (1 / 3, 0.333333333334), (1e300, 1e300 * (1 + 1e-12)), (Decimal("0.1"), 0.1),
        (datetime(2024, 1, 2), date(2024, 1, 2)), (datetime(1899, 12, 30, 5), time(5)),
        (datetime(2024, 1, 2, 3, 4, 5, 600_000), datetime(2024, 1, 2, 3, 4, 6)), (datetime(2024, 3, 1), 45352),
        (5, "5"), (Decimal("5.2500"), "5.25"), (2.5, "2.5"), (GUID, UUID(GUID)), (b"ab", bytearray(b"ab")),
        (ERROR, None), (ERROR, 7), (None, None), ("a", "A  "),
        (datetime(2024, 12, 31), "12/31/2024"), (datetime(1899, 12, 30, 13, 5), "1:05:00 PM"),
        (datetime(1899, 12, 30), "12:00:00 AM"), (datetime(1899, 12, 29, 6), -1.25), (datetime(1899, 12, 31, 6), 1.25),
    ],
)  # fmt: skip
def test_values_are_the_same(ours: Any, theirs: Any) -> None:
    assert compared([(1, ours)], [(1, theirs)], ["n", "v"]).same


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (1, 2), (Decimal("1234567.8912"), Decimal("1234567.8913")), (0.1, 0.1001), ("a", "b"), ("", None), (None, 0),
        (datetime(2024, 1, 2), datetime(2024, 1, 3)), ("é", "e"), (b"a", b"b"), (2**62, 2**62 + 1),
        (datetime(2024, 1, 2, 0, 0, 0, 1000), datetime(2024, 1, 2, 0, 0, 0, 2000)),
    ],
)  # fmt: skip
def test_values_differ(ours: Any, theirs: Any) -> None:
    found = compared([(1, ours), (2, None)], [(2, None), (1, theirs)], ["n", "v"])
    assert not found.same
    assert "only Access gives (n = 1, v = " in found.detail
    assert "only the server gives (n = 1, v = " in found.detail


def test_rows_are_counted() -> None:
    found = compared([(1,), (1,), (2,)], [(1,), (2,), (2,)], ["n"])
    assert found.detail == "only Access gives (n = 1); only the server gives (n = 2)"
    found = compared([(1,), (1,)], [(1,)], ["n"])
    assert found.detail == "Access gives 2 rows, the server 1; only Access gives (n = 1)"
    assert compared([], [], ["n"]).same


def test_what_is_the_same_but_not_to_the_letter_is_told() -> None:
    found = compared([("Ada", 1), (ERROR, 2)], [("ADA", 1), (None, 2)], ["s", "n"])
    assert (found.same, found.errors) == (True, 1)
    assert "case" in found.detail
    assert compared([("Ada", ERROR)], [("Ada", 5)], ["s", "n"]).detail == ""


VALUES = st.one_of(st.none(), st.integers(-5, 5), st.booleans(), st.floats(-9, 9), st.sampled_from(["a", "b", "B "]))


@given(st.lists(st.tuples(VALUES, VALUES), max_size=12), st.randoms())
def test_order_does_not_matter_and_a_row_more_does(rows: list[tuple[Any, Any]], order: Any) -> None:
    mixed = list(rows)
    order.shuffle(mixed)
    assert compared(rows, mixed, ["a", "b"]).same
    assert not compared([*rows, ("z", "z")], mixed, ["a", "b"]).same
    assert not compared(rows, [*mixed, ("z", "z")], ["a", "b"]).same


def test_proofs_are_summed_in_a_line() -> None:
    def of(verdict: ProofVerdict) -> QueryProof:
        return QueryProof("q", "s", "[dbo].[q]", "view", verdict)

    same, other, none = map(of, (ProofVerdict.SAME, ProofVerdict.DIFFERENT, ProofVerdict.NOT_PROVEN))
    assert multiset([same] * 27) == "queries: 27 of 27 give the same rows"
    assert multiset([same, other, none]) == "queries: 1 of 3 give the same rows, 1 differs, 1 not proven"
    assert multiset([other, other]) == "queries: 0 of 2 give the same rows, 2 differ"
    (record,) = records([same])
    assert (record["query"], record["verdict"]) == ("q", "same")
