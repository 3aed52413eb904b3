"""Expressions held against a server's wording of them (sys.check_constraints, sys.default_constraints)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.convert.equivalence import same_expression, says_the_same
from wizard.convert.normal_forms import form, plain

WORDED = [
    ("0", "((0))"),
    ("-1", "((-1))"),
    ("1.5E0", "((1.5000000000000000e+000))"),
    ("2147483648", "((2147483648.))"),
    ("N'it''s'", "(N'it''s')"),
    ("GETDATE()", "(getdate())"),
    ("CONVERT(bit, 1)", "(CONVERT([bit],(1)))"),
    ("CONVERT(datetime2(0), '20240101', 112)", "(CONVERT([datetime2](0),'20240101',(112)))"),
    ("CAST([x] AS int) > 3", "(CONVERT([int],[x],(0))>(3))"),
    ("[Price] >= 0", "([Price]>=(0))"),
    ("[price]>=0 and [X] is not null", "([Price]>=(0) AND [x] IS NOT NULL)"),
    ("[x] BETWEEN 1 AND 5 OR [y] LIKE N'a%'", "([x]>=(1) AND [x]<=(5) OR [y] like N'a%')"),
    ("[x] NOT BETWEEN 1 AND 5", "([x]<(1) OR [x]>(5))"),
    ("[x] IN (1, 2, 3)", "([x]=(3) OR [x]=(2) OR [x]=(1))"),
    ("[x] NOT IN (1, 2)", "([x]<>(2) AND [x]<>(1))"),
    ("NOT ([a] = 1 AND [b] = 2)", "(NOT ([a]=(1) AND [b]=(2)))"),
    ("NOT ([a] = 1 AND [b] = 2)", "([a]<>(1) OR [b]<>(2))"),
    ("LEN([x]) > 2", "(len([x])>(2))"),
    ("IIF([a] = 1, 2, 3) = 2", "(case when [a]=(1) then (2) else (3) end=(2))"),
    ("([a] + [b]) * 2 > 0", "((([a]+[b])*(2))>(0))"),
    ("DATEPART(year, [d]) = 2024", "(datepart(year,[d])=(2024))"),
]
OTHERS = [
    ("0", "((1))"),
    ("1", "((1.0))"),
    ("N'a'", "(N'A')"),
    ("[a] > 0", "([b]>(0))"),
    ("[a] > 0", "([a]>=(0))"),
    ("([a] = 1 OR [b] = 1) AND [c] = 1", "([a]=(1) OR [b]=(1) AND [c]=(1))"),
    ("[a] - ([b] - 1) > 0", "((([a]-[b])-(1))>(0))"),
    ("[a] / 2 > 1", "([a]/(2.0)>(1))"),
    ("[x] LIKE N'a%'", "(NOT [x] like N'a%')"),
    ("[x] IN (1, 2)", "([x]=(1) OR [x]=(3))"),
]


@pytest.mark.parametrize(("ours", "theirs"), WORDED)
def test_what_a_server_makes_of_an_expression_is_known_for_it(ours: str, theirs: str) -> None:
    assert form(ours) is not None
    assert form(ours) == form(theirs)
    assert says_the_same(ours, theirs)


@pytest.mark.parametrize(("ours", "theirs"), OTHERS)
def test_expressions_that_say_something_else_differ(ours: str, theirs: str) -> None:
    assert not says_the_same(ours, theirs)
    assert not same_expression(ours, theirs, None), "whatever was loaded last, or nothing"
    assert not same_expression(ours, theirs, ours)


def test_where_a_server_may_have_rewritten_more_the_last_one_loaded_decides() -> None:
    ours, theirs = "CHOOSE([a], 1, 2) > 1", "(case when [a]=(1) then (1) when [a]=(2) then (2) end>(1))"
    assert not plain(ours)
    assert same_expression(ours, theirs, None)
    assert same_expression(ours, theirs, ours)
    assert not same_expression(ours, theirs, "CHOOSE([a], 1, 3) > 1")


@pytest.mark.parametrize("odd", ["", "(1", "SELECT 1", "'", "[a] ==", "(" * 3_000 + "1" + ")" * 3_000])
def test_what_cannot_be_read_has_no_form(odd: str) -> None:
    assert form(odd) is None
    assert not plain(odd)


_VALUES = st.one_of(
    st.sampled_from([("[a]", "[A]"), ("[b c]", "[b c]"), ("[d]]e]", "[d]]e]")]),
    st.integers(-5, 5).map(lambda n: (str(n), f"({n})")),
    st.sampled_from(["x", "it''s", "[0-9] AND", ""]).map(lambda t: (f"N'{t}'", f"N'{t}'")),
)
_SUMS = st.recursive(
    _VALUES,
    lambda below: st.tuples(below, st.sampled_from("+-*/%&"), below).map(
        lambda t: (f"({t[0][0]} {t[1]} {t[2][0]})", f"({t[0][1]}{t[1]}{t[2][1]})")
    ),
    max_leaves=4,
)
_TESTS = st.one_of(
    st.tuples(_SUMS, st.sampled_from(["=", "<>", "<", ">="]), _SUMS).map(
        lambda t: (f"{t[0][0]} {t[1]} {t[2][0]}", f"{t[0][1]}{t[1]}{t[2][1]}")
    ),
    st.tuples(_SUMS, _VALUES, _VALUES).map(
        lambda t: (f"{t[0][0]} BETWEEN {t[1][0]} AND {t[2][0]}", f"({t[0][1]}>={t[1][1]} AND {t[0][1]}<={t[2][1]})")
    ),
    st.tuples(_SUMS, _VALUES, _VALUES).map(
        lambda t: (f"{t[0][0]} IN ({t[1][0]}, {t[2][0]})", f"({t[0][1]}={t[2][1]} OR {t[0][1]}={t[1][1]})")
    ),
    _SUMS.map(lambda t: (f"{t[0]} IS NULL", f"{t[1]} IS NULL")),
)
_RULES = st.recursive(
    _TESTS,
    lambda below: st.one_of(
        st.tuples(below, st.sampled_from(["AND", "OR"]), below).map(
            lambda t: (f"({t[0][0]}) {t[1]} ({t[2][0]})", f"(({t[0][1]}) {t[1]} ({t[2][1]}))")
        ),
        below.map(lambda t: (f"NOT ({t[0]})", f"(NOT ({t[1]}))")),
    ),
    max_leaves=4,
)


@given(_RULES)
def test_any_rule_is_known_in_a_servers_words(rule: tuple[str, str]) -> None:
    ours, theirs = rule
    assert form(ours) is not None
    assert says_the_same(ours, f"({theirs})")


@given(_RULES)
def test_a_rule_turned_round_is_another(rule: tuple[str, str]) -> None:
    assert not says_the_same(rule[0], f"(NOT ({rule[1]}))")
