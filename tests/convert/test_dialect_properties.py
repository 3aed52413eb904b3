"""What holds of any text: generated Access SQL round-trips, only the dialect's own error is raised, time is linear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.counting import calls
from wizard.convert.dialect import parse_expression, parse_query, to_access
from wizard.messages import ConversionError

NAMES = st.one_of(
    st.sampled_from(
        ["a", "Preis", "größe", "[Order Date]", "[E-mail]", "`x y`", "t.a", "[t].[b c]", "t!c", "Name", "Date"]
    ),
    st.sampled_from(["[Forms]![F]![C]", "Forms!F!C.Value", "[Enter the country:]"]),
)
LITERALS = st.one_of(
    st.integers(0, 10**12).map(str),
    st.floats(0, 1e300, allow_nan=False).map(repr),
    st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), max_size=8).map(lambda t: f'"{t}"'),
    st.text("ab'*?# ", max_size=5).map(lambda t: "'" + t.replace("'", "''") + "'"),
    st.datetimes().filter(lambda d: d.year >= 100).map(lambda d: f"#{d.month}/{d.day}/{d.year:04d} {d:%H:%M:%S}#"),
    st.sampled_from(["Null", "True", "No", "&HFF", "&O17", "#1:30 PM#", "#2024-02-29#"]),
)
OPERATORS = [*"^*/\\+-&=<>", "<>", "<=", ">=", "Mod", "Like", "ALike", "And", "Or", "Xor", "Eqv", "Imp"]


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(" ".join),
        inner.map(lambda e: f"({e})"),
        inner.map(lambda e: f"- {e}"),
        inner.map(lambda e: f"Not {e}"),
        inner.map(lambda e: f"{e} Is Not Null"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]}) Between ({t[1]}) And ({t[2]})"),
        st.tuples(inner, st.lists(inner, min_size=1, max_size=3)).map(lambda t: f"{t[0]} Not In ({', '.join(t[1])})"),
        st.tuples(st.sampled_from(["IIf", "Left$", "Nz", "Sum", "My Function"]), st.lists(inner, max_size=3)).map(
            lambda t: f"[{t[0]}]({', '.join(t[1])})" if " " in t[0] else f"{t[0]}({', '.join(t[1])})"
        ),
        inner.map(lambda e: f"(SELECT {e} FROM t WHERE {e})"),
    )


EXPRESSIONS = st.recursive(st.one_of(NAMES, LITERALS), combined, max_leaves=12)
SOURCES = st.recursive(
    st.sampled_from(["t", "[Order Details]", "t AS u", "(SELECT a FROM t) AS q", "[SELECT a FROM [b c]]. AS q"]),
    lambda inner: st.tuples(inner, st.sampled_from(["INNER", "LEFT", "RIGHT OUTER"]), inner).map(
        lambda t: f"({t[0]}) {t[1]} JOIN ({t[2]}) ON t.a = u.a" if "SELECT" not in t[0] + t[2] else t[0]
    ),
    max_leaves=4,
)


@st.composite
def selects(draw: st.DrawFn) -> str:
    outputs = draw(
        st.lists(EXPRESSIONS.flatmap(lambda e: st.sampled_from([e, f"{e} AS [x y]"])), min_size=1, max_size=4)
    )
    parts = [
        draw(st.sampled_from(["", "PARAMETERS Which One Text, [n] Long; "])),
        "SELECT ",
        draw(st.sampled_from(["", "DISTINCT ", "DISTINCTROW ", "TOP 5 ", "TOP 5 PERCENT "])),
        ", ".join(outputs),
        " FROM " + ", ".join(draw(st.lists(SOURCES, min_size=1, max_size=2))),
    ]
    for clause in ("WHERE", "GROUP BY", "HAVING", "ORDER BY"):
        if draw(st.booleans()):
            parts.append(f"\n{clause} {draw(EXPRESSIONS)}")
    return "".join(parts) + draw(st.sampled_from(["", ";", ";\n;"]))


@given(EXPRESSIONS)
@settings(max_examples=150, deadline=None)
def test_generated_expressions_round_trip(text: str) -> None:
    tree = parse_expression(text)
    written = to_access(tree)
    assert parse_expression(written) == tree
    assert to_access(parse_expression(written)) == written


@given(selects())
@settings(max_examples=100, deadline=None)
def test_generated_queries_round_trip(text: str) -> None:
    tree = parse_query(text)
    assert parse_query(to_access(tree)) == tree


_WORDS = """
    SELECT FROM WHERE INNER JOIN ON ( ) , . ! ; [ ] ' " # & = AND NOT IN BETWEEN LIKE TRANSFORM PIVOT UNION UPDATE SET
    DELETE INSERT INTO VALUES CREATE TABLE a b.c [x y] 'it' 12 #1/1/2024# {guid * IS NULL AS TOP PARAMETERS `
"""
WORDS = _WORDS.split()


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join)))
@settings(max_examples=400, deadline=None)
def test_any_text_gives_a_tree_or_the_dialects_own_error(text: str) -> None:
    for parse in (parse_query, parse_expression):
        found = None
        try:
            tree = parse(text)
        except ConversionError as error:
            found = error.message
        if found:
            assert found.number in range(3001, 3009)
            assert found.place.line >= 1
        else:
            assert parse(to_access(tree)) == tree


GROWING: Final[dict[str, Callable[[int], str]]] = {
    "values": lambda n: "SELECT a FROM t WHERE a In (" + ", ".join(map(str, range(15 * n))) + ")",
    "alternatives": lambda n: "SELECT a FROM t WHERE " + " Or ".join(f"a={i}" for i in range(12 * n)),
    "calls": lambda n: "SELECT " + ", ".join(f"IIf(a>{i}, Left(b,{i}), Null)" for i in range(3 * n)) + " FROM t",
}


@pytest.mark.parametrize("name", GROWING)
def test_a_query_of_100_kb_is_read_and_written(name: str) -> None:
    text = GROWING[name](1_000)
    assert len(text) > 80_000
    assert len(to_access(parse_query(text))) > 80_000


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_length_takes_twice_the_work(name: str) -> None:
    short, long = (calls(lambda n=n: to_access(parse_query(GROWING[name](n)))) for n in (100, 200))
    assert long < 2.3 * short


DEEP = {
    "parentheses": "SELECT " + "(" * 50_000,
    "closed parentheses": "(" * 20_000 + "1" + ")" * 20_000,
    "calls": "SELECT " + "f(" * 30_000,
    "signs": "SELECT " + "- " * 50_000 + "1",
    "negations": "SELECT " + "Not " * 25_000 + "1",
    "joins": "SELECT a FROM " + "(" * 50_000,
    "joins without end": "SELECT a FROM t" + " INNER JOIN t" * 8_000,
    "sub-queries": "SELECT a FROM (" * 7_000,
    "old sub-queries": "SELECT a FROM [" * 7_000,
    "sums": "SELECT " + "+".join(["a"] * 50_000),
    "unions": " UNION ".join(["SELECT a FROM t"] * 5_000),
    "quotes": "SELECT " + "'" * 99_999,
    "hashes": "#" * 99_999,
    "brackets": "[" * 100_000,
    "conditions": "SELECT a WHERE " + "(a=1 And (b=2 Or " * 5_000,
}


@pytest.mark.parametrize("name", DEEP)
def test_nesting_without_end_is_refused_before_long(name: str) -> None:
    def refused() -> None:
        with pytest.raises(ConversionError):
            parse_query(DEEP[name])

    assert calls(refused) < 40 * len(DEEP[name])
