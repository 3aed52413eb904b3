"""Validation rules mean here what they mean in Access and in the check constraint."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.assess.rules import UntoldError, rule_of

NUMBERS = pa.array([None, -1, 0, 3, 5, 6], pa.int32())
TEXTS = pa.array([None, "Hardcover", "ebook", "", "A1 ", "it's"])
DATES = pa.array([None, dt.datetime(2020, 1, 1), dt.datetime(1999, 12, 31)], pa.timestamp("ms"))


@pytest.mark.parametrize(
    ("rule", "values", "wanted"),
    [
        (">=0", NUMBERS, [None, False, True, True, True, True]),
        ("Between 0 And 5 Or Is Null", NUMBERS, [True, False, True, True, True, False]),
        ("<>3 And <6", NUMBERS, [None, True, True, False, True, False]),
        ("Not In (0, 5)", NUMBERS, [None, True, False, True, False, True]),
        ("[Column]>-1", NUMBERS, [None, False, True, True, True, True]),
        ("(3)", NUMBERS, [None, False, False, True, False, False]),
        ('In ("Hardcover","Paperback","Ebook")', TEXTS, [None, True, True, False, False, False]),
        ("Is Not Null", TEXTS, [False, True, True, True, True, True]),
        ('Like "[a-z]#*"', TEXTS, [None, False, False, False, True, False]),
        ("='it''s'", TEXTS, [None, False, False, False, False, True]),
        ("=\"a1\"", TEXTS, [None, False, False, False, True, False]),
        (">=#1/1/2000#", DATES, [None, True, False]),
        ("=True", pa.array([True, False, None]), [True, False, None]),
        (">0.5", pa.array([Decimal("0.50"), Decimal("0.51")]), [False, True]),
    ],
)  # fmt: skip
def test_rules(rule: str, values: pa.Array, wanted: list[bool | None]) -> None:
    found = rule_of(rule, "Column")
    assert found.columns == {"column"}
    assert found.test({"column": values}).to_pylist() == wanted


@pytest.mark.parametrize("rule", ["<=Date()", "[a]+1>2", "Len([x])>3", ">", 'DLookUp("a","b")=1', ">1 )", "Like [b]"])
def test_what_is_not_easily_told_is_not_told(rule: str) -> None:
    with pytest.raises(UntoldError):
        rule_of(rule, "x")


def test_a_rule_of_a_table_names_its_columns() -> None:
    found = rule_of("[Pages]>0 Or [Pages] Is Null And [Size]<9")
    assert found.columns == {"pages", "size"}
    with pytest.raises(UntoldError):
        rule_of(">0")


@given(st.text(max_size=30))
def test_any_text_is_a_rule_or_untold(text: str) -> None:
    try:
        rule_of(text, "x")
    except UntoldError:
        return


def test_unlike_kinds_are_untold() -> None:
    with pytest.raises(UntoldError):
        rule_of("='a'", "x").test({"x": pa.array([1])})
    values: Any = pa.array(["a"])
    with pytest.raises(UntoldError):
        rule_of(">1", "x").test({"x": values})
