"""Joins, groups, logic and sorting against the same done plainly in Python."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.convert.interpreter.rows import Data, table, value
from wizard.convert.interpreter.comparison import compared, equal_key, fold, pattern_of, sort_key
from wizard.convert.interpreter.values import moment_of, serial_of
from wizard.definitions import ColumnType as T

TRUTHS = {"True": True, "False": False, "Null": None}
COMBINED = {
    "And": lambda a, b: False if a is False or b is False else None if a is None or b is None else True,
    "Or": lambda a, b: True if a is True or b is True else None if a is None or b is None else False,
    "Xor": lambda a, b: None if a is None or b is None else a is not b,
    "Eqv": lambda a, b: None if a is None or b is None else a is b,
    "Imp": lambda a, b: True if a is False or b is True else None if a is None or b is None else False,
}


@pytest.mark.parametrize(("left", "right"), itertools.product(TRUTHS, TRUTHS))
def test_logic_is_of_three_values(left: str, right: str) -> None:
    for word, combine in COMBINED.items():
        assert value(f"({left}) {word} ({right})") is combine(TRUTHS[left], TRUTHS[right]), word


NUMBERS = st.one_of(st.none(), st.integers(-3, 3))
TEXTS = st.one_of(st.none(), st.sampled_from(["a", "A", "b", "", "a ", "é"]))
ROWS = st.lists(st.tuples(NUMBERS, TEXTS), max_size=8)
A = table("A", x=T.LONG, s=T.TEXT)
B = table("B", y=T.LONG, t=T.TEXT)
C = table("C", z=T.LONG, u=T.TEXT)


def as_set(rows: Any) -> Counter[Any]:
    return Counter(tuple(rows_) for rows_ in rows)


def same(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return False
    return fold(a) == fold(b) if isinstance(a, str) else bool(a == b)


CONDITIONS = {
    "A.x = B.y": lambda a, b: same(a[0], b[0]),
    "A.s = B.t": lambda a, b: same(a[1], b[1]),
    "A.x = B.y AND A.s = B.t": lambda a, b: same(a[0], b[0]) and same(a[1], b[1]),
    "A.x < B.y": lambda a, b: a[0] is not None and b[0] is not None and a[0] < b[0],
    "A.x = B.y AND A.x > 0": lambda a, b: same(a[0], b[0]) and a[0] > 0,
    "A.x = B.y OR A.s = B.t": lambda a, b: same(a[0], b[0]) or same(a[1], b[1]),
}


@given(ROWS, ROWS, st.sampled_from(sorted(CONDITIONS)), st.sampled_from(["INNER", "LEFT", "RIGHT"]))
@settings(deadline=None, max_examples=50)
def test_joins_are_nested_loops(left: Any, right: Any, condition: str, side: str) -> None:
    data, test = Data((A, left), (B, right)), CONDITIONS[condition]
    wanted = [a + b for a in left for b in right if test(a, b)]
    if side == "LEFT":
        wanted += [(*a, None, None) for a in left if not any(test(a, b) for b in right)]
    if side == "RIGHT":
        wanted += [(None, None, *b) for b in right if not any(test(a, b) for a in left)]
    assert as_set(data.sql(f"SELECT * FROM A {side} JOIN B ON {condition}")) == as_set(wanted)
    if side == "INNER":
        assert as_set(data.sql(f"SELECT * FROM A, B WHERE {condition}")) == as_set(wanted)


@given(ROWS, ROWS, ROWS)
@settings(deadline=None, max_examples=50)
def test_joins_lie_within_joins(first: Any, second: Any, third: Any) -> None:
    data = Data((A, first), (B, second), (C, third))
    inner = [b + c for b in second for c in third if same(b[1], c[1])]
    wanted = [a + bc for a in first for bc in inner if same(a[0], bc[0])]
    wanted += [(*a, *[None] * 4) for a in first if not any(same(a[0], bc[0]) for bc in inner)]
    found = data.sql("SELECT * FROM A LEFT JOIN (B INNER JOIN C ON B.t = C.u) ON A.x = B.y")
    assert as_set(found) == as_set(wanted)


@given(ROWS)
@settings(deadline=None, max_examples=50)
def test_groups_are_pythons(rows: Any) -> None:
    found = Data((A, rows)).sql(
        "SELECT s, Count(*), Count(x), Sum(x), Min(x), Max(x), Avg(x), VarP(x) FROM A GROUP BY s"
    )
    groups: dict[Any, list[Any]] = {}
    for x, s in rows:
        groups.setdefault(equal_key(s), []).append(x)
    assert len(found) == len(groups)
    for s, count, filled, total, least, most, mean, variance in found:
        values = groups[equal_key(s)]
        some = [v for v in values if v is not None]
        assert (count, filled) == (len(values), len(some))
        assert (total, least, most) == ((sum(some), min(some), max(some)) if some else (None, None, None))
        assert mean == (sum(some) / len(some) if some else None)
        if some:
            assert math.isclose(variance, sum((v - mean) ** 2 for v in some) / len(some), abs_tol=1e-9)


@given(ROWS, ROWS)
@settings(deadline=None, max_examples=50)
def test_sub_queries_are_asked_of_each_row(left: Any, right: Any) -> None:
    data = Data((A, left), (B, right))
    many = [sum(same(a[0], b[0]) for b in right) for a in left]
    assert [n for (n,) in data.sql("SELECT (SELECT Count(*) FROM B WHERE B.y = A.x) FROM A")] == many
    assert [n for (n,) in data.sql("SELECT DCount('*', 'B', 'y=' & Nz(x, 'Null')) FROM A")] == many
    exists = [a for a, n in zip(left, many, strict=True) if n]
    assert data.sql("SELECT * FROM A WHERE EXISTS (SELECT * FROM B WHERE B.y = A.x)") == exists
    assert data.sql("SELECT * FROM A WHERE x IN (SELECT y FROM B)") == exists
    others = [b[0] for b in right]
    without = [a for a in left if not right or not (a[0] is None or None in others or a[0] in others)]
    assert data.sql("SELECT * FROM A WHERE x NOT IN (SELECT y FROM B)") == without
    above = [a for a in left if a[0] is not None and any(b[0] is not None and a[0] > b[0] for b in right)]
    assert data.sql("SELECT * FROM A WHERE x > ANY (SELECT y FROM B)") == above
    over = [a for a in left if not right or (a[0] is not None and all(b[0] is not None and a[0] > b[0] for b in right))]
    assert data.sql("SELECT * FROM A WHERE x > ALL (SELECT y FROM B)") == over


@given(ROWS, ROWS)
@settings(deadline=None, max_examples=50)
def test_unions_have_each_row_once(left: Any, right: Any) -> None:
    data = Data((A, left), (B, right))
    both = data.sql("SELECT * FROM A UNION ALL SELECT * FROM B")
    assert both == [*left, *right]
    once = {tuple(map(equal_key, row)) for row in both}
    whole = "(SELECT * FROM A UNION ALL TABLE B)"
    for sql in ("SELECT * FROM A UNION SELECT * FROM B", f"SELECT DISTINCT * FROM {whole} AS q"):
        found = data.sql(sql)
        assert len(found) == len(once)
        assert {tuple(map(equal_key, row)) for row in found} == once


@given(ROWS, st.integers(1, 9), st.booleans())
@settings(deadline=None, max_examples=50)
def test_top_gives_all_that_tie(rows: Any, count: int, down: bool) -> None:
    order = "DESC" if down else ""
    found = Data((A, rows)).sql(f"SELECT TOP {count} x, s FROM A ORDER BY x {order}")
    keys = sorted((sort_key(x) for x, _ in rows), reverse=down)
    wanted = [k for k in keys if count >= len(keys) or (k >= keys[count - 1] if down else k <= keys[count - 1])]
    assert [sort_key(x) for x, _ in found] == wanted


@given(st.integers(-657_434, 2_958_465), st.integers(0, 86_399))
def test_dates_are_their_numbers(day: int, second: int) -> None:
    moment = moment_of(day - second / 86_400 if day < 0 else day + second / 86_400)
    assert moment_of(serial_of(moment)) == moment
    assert moment.hour * 3600 + moment.minute * 60 + moment.second == second


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
def test_texts_are_in_one_order(a: str, b: str, c: str) -> None:
    assert compared(a, b) == -compared(b, a)
    assert (compared(a, b) == 0) is (fold(a) == fold(b))
    if compared(a, b) <= 0 and compared(b, c) <= 0:
        assert compared(a, c) <= 0


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8))
def test_a_text_is_like_itself_where_its_signs_are_in_brackets(text: str) -> None:
    assert pattern_of("".join(f"[{c}]" if c in "*?#[" else c for c in text))(text)
    assert pattern_of("*" + "?" * len(text))(text)
