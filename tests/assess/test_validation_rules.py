"""Validation rules mean here what they mean in Access and in the check constraint."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.assess.validation_rules import BatchRule, UntoldError, rule_of
from wizard.definitions import Column, ColumnType

NUMBERS = pa.array([None, -1, 0, 3, 5, 6, 11], pa.int32())
TEXTS = pa.array([None, "Hardcover", "ebook", "", "A1 ", "it's"])
DATES = pa.array([None, dt.datetime(2020, 1, 1), dt.datetime(1999, 12, 31)], pa.timestamp("ms"))
KINDS = {
    "int32": ColumnType.LONG,
    "string": ColumnType.TEXT,
    "timestamp[ms]": ColumnType.DATE,
    "bool": ColumnType.BOOLEAN,
}
NOW = dt.datetime(2020, 1, 1, 12)


def rule(text: str, columns: dict[str, pa.Array], column: str = "") -> BatchRule:
    known = {n.casefold(): Column(n, KINDS.get(str(v.type), ColumnType.CURRENCY)) for n, v in columns.items()}
    return rule_of(text, known, column, now=NOW)


@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        (">=0", NUMBERS, [None, False, True, True, True, True, True]),
        ("Between 0 And 5 Or Is Null", NUMBERS, [True, False, True, True, True, False, False]),
        ("Between 10 And 1", NUMBERS, [None, False, False, True, True, True, False]),
        ("Not Null", NUMBERS, [False, True, True, True, True, True, True]),
        ("Not Between 10 And 1", NUMBERS, [None, True, True, False, False, False, True]),
        ("<>3 And <6", NUMBERS, [None, True, True, False, True, False, False]),
        ("Not In (0, 5)", NUMBERS, [None, True, False, True, False, True, True]),
        ("[Column]>-1", NUMBERS, [None, False, True, True, True, True, True]),
        ("[Column]+1>4", NUMBERS, [None, False, False, False, True, True, True]),
        ("(3)", NUMBERS, [None, False, False, True, False, False, False]),
        ("-1 Or (3)", NUMBERS, [None, True, False, True, False, False, False]),
        ("3", NUMBERS, [None, False, False, True, False, False, False]),
        ('In ("Hardcover","Paperback","Ebook")', TEXTS, [None, True, True, False, False, False]),
        ("Is Not Null", TEXTS, [False, True, True, True, True, True]),
        ("Len([Column])>3", TEXTS, [None, True, True, False, False, True]),
        ('Like "[a-z]#*"', TEXTS, [None, False, False, False, True, False]),
        ("='it''s'", TEXTS, [None, False, False, False, False, True]),
        ("=\"a1\"", TEXTS, [None, False, False, False, True, False]),
        (">=#1/1/2000#", DATES, [None, True, False]),
        ("<=Date()", DATES, [None, True, True]),
        ("<Date()", DATES, [None, False, True]),
        ("=True", pa.array([True, False]), [True, False]),
        (">0.5", pa.array([Decimal("0.5000"), Decimal("0.5100")], pa.decimal128(19, 4)), [False, True]),
        (">'a'", NUMBERS, [None, False, False, False, False, False, False]),
    ],
)  # fmt: skip
def test_rules(text: str, values: pa.Array, wanted: list[bool | None]) -> None:
    found = rule(text, {"Column": values}, "Column")
    assert found.columns == ("Column",)
    assert found.test({"column": values}).to_pylist() == wanted


@pytest.mark.parametrize(
    "text", [">", 'DLookUp("a","b")=1', ">1 )", "Like", "Mine([x])>1", "[other]>1", "(SELECT 1)=1"]
)
def test_what_cannot_be_told_is_not_told(text: str) -> None:
    with pytest.raises(UntoldError):
        rule(text, {"x": NUMBERS}, "x")


def test_a_rule_of_a_table_names_its_columns() -> None:
    pages, size = pa.array([1, 0, None], pa.int32()), pa.array([9, 9, 8], pa.int32())
    found = rule("[Pages]>0 Or [Pages] Is Null And [Size]<9", {"Pages": pages, "Size": size})
    assert found.columns == ("Pages", "Size")
    assert found.test({"pages": pages, "size": size}).to_pylist() == [True, False, True]
    with pytest.raises(UntoldError):
        rule(">0", {"x": NUMBERS})


def test_a_rule_of_no_column_is_told_of_every_row() -> None:
    values: Any = pa.array([1, 2], pa.int32())
    assert rule("1>2", {"x": values}).test({"x": values}).to_pylist() == [False, False]


@given(st.text(max_size=30))
def test_any_text_is_a_rule_or_untold(text: str) -> None:
    try:
        found = rule(text, {"x": TEXTS}, "x")
    except UntoldError:
        return
    assert len(found.test({"x": TEXTS})) == len(TEXTS)
