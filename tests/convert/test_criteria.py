"""Criteria of domain functions, put together from texts and values as people do it."""

from __future__ import annotations

import re

import pytest

from tests.convert.cases.listed import database
from tests.convert.saved import numbers, saved, statement
from wizard.convert import convert
from wizard.convert.dialect import parse_criteria, parse_expression
from wizard.definitions import Query, QueryKind
from wizard.messages import ConversionError
from wizard.settings import Options, Target, TargetKind


def counted(criteria: str) -> str:
    """The condition that a DCount over Orders, read for each row of Orders, counts by."""
    made = saved({"q": f"SELECT DCount('*', 'Orders', {criteria}) AS n FROM Orders"})
    return re.sub(r"\s+", " ", statement(made, "q").partition("WHERE ")[2].partition(") AS [n]")[0])


def numbered(criteria: str) -> list[int]:
    return numbers(saved({"q": f"SELECT DCount('*', 'Orders', {criteria}) AS n FROM Orders"}), "q")


OWN, OUTER = "[Orders_2]", "[Orders]"
HOLDS = {
    # a value of its own
    "'ID=' & [ID]": f"({OWN}.[ID] = {OUTER}.[ID])",
    "'ID=' & [ID]+1": f"({OWN}.[ID] = ({OUTER}.[ID] + 1))",
    "'ID=(' & [ID] & ')'": f"({OWN}.[ID] = {OUTER}.[ID])",
    "'ID=' + CStr([ID])": f"({OWN}.[ID] = {OUTER}.[ID])",
    "'Amount>' & Trim(Str([Amount]))": f"({OWN}.[Amount] > {OUTER}.[Amount])",
    "'Amount>' & Replace([Amount], ',', '.')": f"({OWN}.[Amount] > {OUTER}.[Amount])",
    # a stretch of a text
    '"Customer=\'" & [Customer] & "\'"': f"({OWN}.[Customer] = ISNULL({OUTER}.[Customer], N''))",
    '"Customer=""" & [Customer] & """"': f"({OWN}.[Customer] = ISNULL({OUTER}.[Customer], N''))",
    "'Customer=' & Chr(34) & [Customer] & Chr(34)": f"({OWN}.[Customer] = ISNULL({OUTER}.[Customer], N''))",
    '"Customer=\'" & Replace([Customer], "\'", "\'\'") & "\'"': f"({OWN}.[Customer] = ISNULL({OUTER}.[Customer], N''))",
    '"Customer=\'N" & [ID] & "\'"': f"({OWN}.[Customer] = CONCAT(N'N', CONVERT(nvarchar(20), {OUTER}.[ID])))",
    '"Customer=\'" & [Customer] & " " & [ID] & "\'"':
        f"({OWN}.[Customer] = CONCAT({OUTER}.[Customer], N' ', CONVERT(nvarchar(20), {OUTER}.[ID])))",
    '"Customer Like \'*" & [Customer] & "*\'"': f"CONCAT(N'*', {OUTER}.[Customer], N'*')",
    '"Customer Not Like \'" & Left([Customer], 1) & "*\'"': f"CONCAT(LEFT({OUTER}.[Customer], 1), N'*')",
    '"Customer=\'" & [Customer] & "\'" & Chr(13) & Chr(10) & " And ID>2"':
        f"(({OWN}.[Customer] = ISNULL({OUTER}.[Customer], N'')) AND ({OWN}.[ID] > 2))",
    # a date, or a stretch of one
    '"Placed=#" & Format([Placed], "mm\\/dd\\/yyyy") & "#"':
        f"({OWN}.[Placed] = CONVERT(datetime2(0), CONVERT(date, {OUTER}.[Placed])))",
    '"Placed=#" & [Placed] & "#"': f"({OWN}.[Placed] = {OUTER}.[Placed])",
    '"Placed>#1/1/" & Year([Placed]) & "#"': f"DATETIME2FROMPARTS(YEAR({OUTER}.[Placed]), 1, 1, 0, 0, 0, 0, 0)",
    '"Placed>#" & Year([Placed]) & "-01-01#"': f"DATETIME2FROMPARTS(YEAR({OUTER}.[Placed]), 1, 1, 0, 0, 0, 0, 0)",
    # one of several texts
    "IIf([Paid], 'ID=1', 'ID=2')": f"({OWN}.[ID] = 1)",
    "'Paid' & IIf([Paid], '=True', '=False')": f"({OWN}.[Paid] = 1)",
    # a value from a form, met by a number and by a text
    "'ID=' & [Forms]![F]![c]": f"({OWN}.[ID] = ",
    '"Customer=\'" & [Forms]![F]![c] & "\'"': f"({OWN}.[Customer] = ISNULL(@Forms_F_c, N''))",
}  # fmt: skip


@pytest.mark.parametrize(("criteria", "condition"), HOLDS.items())
def test_a_part_is_what_it_is_where_it_stands(criteria: str, condition: str) -> None:
    assert condition in counted(criteria)
    assert "~part" not in counted(criteria)


@pytest.mark.parametrize(
    "criteria",
    [
        "[Customer]",
        "'ID In (' & [Customer] & ')'",
        "'Customer=' & [Customer]",
        "'[' & [Customer] & ']=1'",
        "[Customer] & '=1'",
        "'ID=1' & [ID]",
        "'ID=' & [ID] & '0'",
        "'Placed=' & [Placed]",
        "'Placed=#' & Format([Placed], 'dd/mm/yyyy') & '#'",
        "IIf([Paid], [Customer], 'ID=1')",
        '"Customer=\'" & [Customer]',
    ],
)
def test_what_is_known_at_run_time_only_is_refused(criteria: str) -> None:
    assert numbered(criteria) == [3505]


@pytest.mark.parametrize("criteria", ["Null", "''"])
def test_no_criteria_are_all_rows(criteria: str) -> None:
    made = saved({"q": f"SELECT DCount('*', 'Orders', {criteria}) AS n FROM Orders"})
    assert "WHERE" not in statement(made, "q")


UNCHOSEN = {
    "IIf([Paid], 'ID=1')": "IIf([Paid], 'ID=1', Null)",
    "Switch([ID]=1, 'ID=1', [Paid], 'ID=2')": "Switch([ID]=1, 'ID=1', [Paid], 'ID=2', True, Null)",
    "'ID>0' & Switch([ID]=1, ' And Paid')": "'ID>0' & Switch([ID]=1, ' And Paid', True, '')",
    "Switch([ID]=1, 'ID=1') & IIf([Paid], ' ')": "Switch([ID]=1, 'ID=1', True, '') & IIf([Paid], ' ', '')",
}


@pytest.mark.parametrize(("criteria", "same"), UNCHOSEN.items())
def test_where_none_of_several_texts_is_chosen_there_are_no_criteria(criteria: str, same: str) -> None:
    assert selected(criteria) == selected(same)


def test_where_choose_has_no_text_there_are_no_criteria() -> None:
    found = selected("Choose([ID], 'ID=1', 'ID=2')")
    assert (
        "WHEN (CHOOSE([Orders].[ID], 1, 1) IS NULL) THEN (SELECT COUNT(*) FROM [dbo].[Orders] AS [Orders_2])" in found
    )


def test_criteria_that_end_too_early_where_none_is_chosen_are_an_error() -> None:
    assert "ELSE" not in selected("'ID=' & Switch([ID]=1, '1 And Paid')")


ADDED = {
    '"Customer=\'" + [Customer] + "\'"': 'IIf([Customer] Is Null, Null, "Customer=\'" & [Customer] & "\'")',
    '"ID>0" & (" And Customer=\'" + [Customer] + "\'")':
        'IIf([Customer] Is Null, "ID>0", "ID>0" & " And Customer=\'" & [Customer] & "\'")',
    "'ID=1' + Null": "Null",
    "'ID>0' & ' Or' + Null": "'ID>0'",
}  # fmt: skip


@pytest.mark.parametrize(("criteria", "same"), ADDED.items())
def test_what_plus_joins_is_null_where_a_text_of_it_is(criteria: str, same: str) -> None:
    assert selected(criteria) == selected(same)


def test_criteria_that_plus_leaves_unreadable_are_an_error() -> None:
    assert "WHEN ([Orders].[Customer] IS NULL) THEN NULL ELSE" in selected('"Customer=\'" & [Customer] + "\'"')


def test_more_texts_joined_by_plus_than_are_told_apart_are_refused() -> None:
    part = '(" And Customer<>\'" + [Customer] + "\'")'
    assert numbered(f'"ID>0" & {part} & {part} & {part}') == []
    assert numbered(f'"ID>0" & {part} & {part} & {part} & {part}') == [3505]


def selected(criteria: str) -> str:
    made = saved({"q": f"SELECT DCount('*', 'Orders', {criteria}) AS n FROM Orders"})
    return re.sub(r"\s+", " ", statement(made, "q"))


def test_a_mark_in_a_text_is_what_it_was_and_touches_no_word() -> None:
    assert parse_criteria("a = \ue000", "\ue000") == parse_expression("a = [\ue000]")
    assert parse_criteria("a = '\ue000'", "\ue001") == parse_expression("a = '\ue000'")
    for text in ("a = 1\ue000", "a = b\ue000", "a = \ue0002", "a = \ue000b", "a = \ue000\ue000"):
        with pytest.raises(ConversionError):
            parse_criteria(text, "\ue000")


def test_a_guid_as_criteria_write_it_is_that_value() -> None:
    """StringFromGUID gives {guid {…}}, which is how Access's SQL has a GUID written out."""
    sql = 'SELECT DCount("*", "Odd Names 24", "ref=" & StringFromGUID([ref])) AS n FROM [Odd Names 24]'
    source = database(Query("q", QueryKind.SELECT, sql))
    (made,) = convert(source, source="s", schema="dbo", options=Options(), target=Target(TargetKind.SQL_SERVER)).modules
    assert "([Odd Names 24_2].[ref] = [Odd Names 24].[ref])" in made.sql
