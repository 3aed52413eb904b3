"""Parameters that nobody declared take the type that all their uses allow; a declared one is nothing else."""

from __future__ import annotations

import re

import pytest

from tests.convert.saved import saved, statement


def made(sql: str) -> str:
    return re.sub(r"\s+", " ", statement(saved({"q": sql}), "q"))


@pytest.mark.parametrize(
    "where",
    [
        "[Forms]![F]![c]='All' Or ID=[Forms]![F]![c]",
        "ID=[Forms]![F]![c] Or [Forms]![F]![c]='All'",
        "ID=IIf([Forms]![F]![c]='All', ID, [Forms]![F]![c])",
        "[Forms]![F]![c] In ('All', '*') Or ID=[Forms]![F]![c]",
    ],
)
def test_one_met_by_words_and_by_numbers_is_text_and_converted_where_it_meets_them(where: str) -> None:
    found = made(f"SELECT ID FROM Orders WHERE {where}")
    assert "@Forms_F_c nvarchar(255)" in found
    assert "TRY_CONVERT(float" in found


def test_one_met_by_nothing_and_by_dates_is_text() -> None:
    found = made("SELECT ID FROM Orders WHERE [from]='' Or Placed>=[from]")
    assert "@from nvarchar(255)" in found
    assert "TRY_CONVERT(datetime2(0), NULLIF(@from, N''), 101)" in found


def test_a_number_in_quotes_says_nothing() -> None:
    assert "@n int" in made("SELECT ID FROM Orders WHERE ID=[n] Or [n]='0'")


def test_a_declared_parameter_wins_over_an_alias_of_its_name() -> None:
    found = made("PARAMETERS who Text; SELECT [who] AS Who, Who & '-' & Customer AS L FROM Orders")
    assert "CONCAT(@who, N'-', [Orders].[Customer]) AS [L]" in found
    assert "APPLY" not in found


def test_a_query_that_nobody_named_is_known_by_the_names_within() -> None:
    found = made("SELECT Count(*) AS n FROM (SELECT DISTINCT Customer FROM Orders AS o) WHERE o.Customer > 'a'")
    assert "WHERE [made 1].[Customer] > N'a'" in found


def test_forms_that_a_text_names_are_told_apart() -> None:
    found = made("SELECT ID FROM Orders WHERE ID=Forms(\"A\")!c Or ID=Forms('B')!c Or ID=[Forms]![A]![c]")
    assert "@Forms_A_c int, @Forms_B_c int )" in found
