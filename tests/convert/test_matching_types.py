"""Values of unlike types in one expression: dates and numbers, texts that say numbers or dates, GUIDs, NULL."""

from __future__ import annotations

import re

import pytest

from tests.convert.saved import numbers, saved, statement
from tests.convert.scopes import Columns
from wizard.convert.dialect import parse_expression
from wizard.convert.expressions import translate_value
from wizard.convert.literals import read_number
from wizard.convert.typed_sql import Typed
from wizard.definitions import ColumnType
from wizard.messages import ConversionError

COLUMNS = Columns(
    {
        "n": ColumnType.LONG, "d": ColumnType.DATE, "e": ColumnType.DATE, "t": ColumnType.TEXT, "g": ColumnType.GUID,
        "z": ColumnType.BINARY, "f": ColumnType.BOOLEAN,
    }
)  # fmt: skip
DAY_0 = "DATEADD(day, 0, CONVERT(datetime2(0), '18991230', 112))"


def value(expression: str) -> Typed:
    return translate_value(parse_expression(expression), COLUMNS)


def made(sql: str) -> str:
    return re.sub(r"\s+", " ", statement(saved({"q": sql}), "q"))


@pytest.mark.parametrize(
    ("expression", "kind", "holds"),
    [
        ("Nz([d], 0)", ColumnType.DATE, f"COALESCE([d], {DAY_0})"),
        ("IIf([f], [d], 0)", ColumnType.DATE, f"ELSE {DAY_0}"),
        ("Choose([n], [d], 0)", ColumnType.DATE, f"CHOOSE([n], [d], {DAY_0})"),
        ("Year(Nz([d], 0))", ColumnType.LONG, f"YEAR(COALESCE([d], {DAY_0}))"),
        ("Format(Nz([d], 0), 'yyyy')", ColumnType.TEXT, DAY_0),
        ("IIf([f], [d], 0) + 1", ColumnType.DATE, "DATEADD(day, 1,"),
        ("#2024-03-01# - Nz([d], 0)", ColumnType.DOUBLE, "DATEDIFF_BIG"),
        ("Nz([d], 0) > Nz([e], 0)", ColumnType.BOOLEAN, f"(COALESCE([d], {DAY_0}) > COALESCE([e], {DAY_0}))"),
        ("Nz([n], [d])", ColumnType.DATE, "COALESCE(CASE WHEN [n] >= -657434 AND [n] < 2958466 THEN DATEADD(day, [n]"),
    ],
)
def test_a_number_among_dates_is_a_date(expression: str, kind: ColumnType, holds: str) -> None:
    found = value(expression)
    assert found.type is kind
    assert holds in str(found.node)


def test_where_it_is_shown_the_number_stays() -> None:
    assert "N'0')" in str(value("Nz([d], 0) & ''").node)
    assert "COALESCE(CASE WHEN" in made("SELECT Nz(Placed, 0) AS v FROM Orders")
    assert DAY_0 in made("SELECT Nz(Placed, 0) AS v FROM Orders GROUP BY Nz(Placed, 0)")


def test_a_text_is_read_as_a_date_row_by_row() -> None:
    found = str(value("CDate([t])").node)
    assert "THEN -2" in found  # a clock time alone is on 1899-12-30
    assert found.index(", 101)") < found.index(", 103)")  # month first where that can be
    assert "NULLIF([t], N'')" in found
    assert "(CONVERT" not in found.replace("TRY_CONVERT", "")
    named, _, number = found.partition(" THEN ")[2].partition(" ELSE DATEADD")
    assert "TRY_CONVERT(int" in number  # figures alone are the number of a date, which is none to IsDate
    assert named in str(value("IsDate([t])").node)


@pytest.mark.parametrize(("written", "read"), [("13/1/2024", 1), ("1/13/2024", 1), ("31/31/2024", 0), ("", 0)])
def test_isdate_reads_as_cdate_does(written: str, read: int) -> None:
    assert str(value(f"IsDate('{written}')").node) == f"CONVERT(bit, {read})"


def test_midnight_without_a_day_is_a_time() -> None:
    shown = str(value("[d] & ''").node)
    assert shown.index("CONVERT(date, [d]) = '18991230'") < shown.index("CONVERT(time(0), [d]) = '00:00:00'")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,234.5", 1234.5), ("$5", 5), ("-$1,000", -1000), ("(5)", -5), ("($1,234.50)", -1234.5), ("&HFF", 255),
        ("&O17", 15), ("1e3", 1000), (" 7 ", 7), ("5-", -5), ("1.5D2", 150), ("&HFFFF", 65535), ("&HFFFF&", 65535),
    ],
)  # fmt: skip
def test_a_text_says_a_number_as_access_reads_it(written: str, number: float) -> None:
    found = read_number(written)
    assert found is not None
    assert found.constant == number


@pytest.mark.parametrize(
    "written", ["1_000", "\uff11\uff12", "", "x", "1.2.3", "((5))", "()", "0x10", "-5-", "inf", "nan"]
)
def test_what_python_takes_for_a_number_and_access_does_not(written: str) -> None:
    assert read_number(written) is None


def test_a_text_that_says_no_number_ends_no_query() -> None:
    found = value("[t] + 1")
    assert found.nullable
    assert "TRY_CONVERT(float, NULLIF([t], N''))" in str(found.node)
    assert str(value("CDbl('1,234.5')").node) == "CONVERT(float, 1234.5E0)"


@pytest.mark.parametrize(
    "expression",
    ["[g] + 1", "[g] = 5", "[z] * 2", "[z] > #2024-01-01#", "CDate([g])", "Year([z])", "Sum([g])", "[g] = '1/2/2024'"],
)
def test_guids_and_bytes_are_no_numbers(expression: str) -> None:
    with pytest.raises(ConversionError) as refused:
        value(expression)
    assert refused.value.message.number in (3536, 3508)


@pytest.mark.parametrize("column", ["d", "t", "n", "z"])
def test_what_is_no_guid_has_no_text_of_a_guid(column: str) -> None:
    with pytest.raises(ConversionError, match="its argument is no GUID"):
        value(f"StringFromGUID([{column}])")
    assert "CONVERT(nchar(36), [g])" in str(value("StringFromGUID([g])").node)
    assert "CONVERT(nchar(36), CONVERT(uniqueidentifier, NULL))" in str(value("StringFromGUID(Null)").node)


@pytest.mark.parametrize("written", ["{guid {%s}}", "{%s}", "%s"])
def test_a_text_names_a_guid_in_any_of_its_forms(written: str) -> None:
    guid = "80C849AF-C864-40B4-9804-213E2853E308"
    assert str(value(f"[g] = '{written % guid.lower()}'").node).startswith(f"CASE WHEN ([g] = N'{guid}')")


def test_a_query_of_numbers_is_matched_with_dates_as_numbers() -> None:
    assert "DATEADD(day, [Orders].[ID]" in made("SELECT ID FROM Orders WHERE ID IN (SELECT Placed FROM Orders AS o)")
    assert "DATEDIFF(day, '18991230'" in made("SELECT ID FROM Orders WHERE Placed IN (SELECT ID FROM Orders AS o)")


def test_a_null_that_is_written_out_is_a_text_where_nothing_else_says_more() -> None:
    assert "CONVERT(nvarchar(255), NULL) AS [D]" in made("SELECT ID, Null AS D FROM Orders")
    assert "CONVERT(nvarchar(255), NULL)" in made(
        "SELECT ID, Null AS D FROM Orders UNION ALL SELECT ID, Null FROM Lines, Orders"
    )
    assert "CONVERT(nvarchar(255), NULL) AS [D]" in made("SELECT ID, Null AS D INTO T2 FROM Orders")
    typed = made("SELECT Null AS D FROM Orders UNION ALL SELECT Amount FROM Orders")
    assert "nvarchar" not in typed


@pytest.mark.parametrize("function", ["Max", "Min", "First", "Last", "Count"])
def test_aggregates_of_null(function: str) -> None:
    assert "CONVERT(int, NULL)" in made(f"SELECT Customer, {function}(Null) AS v FROM Orders GROUP BY Customer")


@pytest.mark.parametrize(
    ("expression", "made_of"),
    [
        ("CDate(Null) + 1", "DATEADD(day, 1, CONVERT(datetime2(0), NULL))"),
        ("CDate(Null) > 3", "> DATEADD(day, 3, "),
        ("Sum(CDate(Null))", "SUM((DATEDIFF(day, '18991230', CONVERT(datetime2(0), NULL))"),
        ("Avg(DateAdd('d', 1, Null))", "AVG(CONVERT(float, (DATEDIFF(day"),
        ("Max(Null) = Max([d])", "MAX(CONVERT(int, NULL)) = (DATEDIFF(day, '18991230', MAX([d]))"),
        ("Nz(Min(Null), Max([d]))", "THEN DATEADD(day, MIN(CONVERT(int, NULL)), "),
        ("Int(Null) + [d]", "DATEADD(day, CONVERT(int, NULL), [d])"),
    ],
)
def test_what_is_made_of_a_null_that_is_written_out_has_the_type_of_what_makes_it(
    expression: str, made_of: str
) -> None:
    """Message 206 and 8117 of the server: a date that is NULL met numbers as it was, and was summed as it was."""
    assert made_of in str(value(expression).node)


def test_yes_no_columns_take_null_for_no() -> None:
    assert "[Paid] = CONVERT(bit, 0)" in made("UPDATE Orders SET Paid = Null")
    assert "COALESCE(CASE" in made("UPDATE Orders SET Paid = Amount > 5")
    insert = made("INSERT INTO Orders (Customer, Paid) SELECT l.Qty, l.Qty > 5 FROM Lines AS l")
    assert ", CONVERT(bit, 0))" in insert


def test_an_autonumber_is_not_updated() -> None:
    assert numbers(saved({"q": "UPDATE Orders SET ID = ID + 1"}), "q") == [3175]


def test_an_update_of_the_outer_side_adds_what_is_not_there() -> None:
    joined = "People LEFT JOIN Orders ON People.ID = Orders.ID"
    sql = f"UPDATE {joined} SET Orders.ID = People.ID, Orders.Customer = People.Name"
    found = made(sql)
    assert "UPDATE [Orders] SET [Customer] = [People].[Name]" in found
    assert "SET IDENTITY_INSERT [dbo].[Orders] ON; INSERT INTO [dbo].[Orders] ([ID], [Customer])" in found
    assert "WHERE [Orders].[ID] IS NULL" in found
    assert 3176 in numbers(saved({"q": sql}), "q")


def test_bitwise_words() -> None:
    assert str(value("[n] BAND 1").node) == "([n] & 1)"
    assert str(value("[n] BOR 4 BXOR BNOT [n]").node) == "(([n] | 4) ^ (~ [n]))"


@pytest.mark.parametrize(
    "expression",
    [
        "[d] Between [n] And [e]",
        "[d] In ([n], [e])",
        "Not [d] In (1, [n], [e])",
        "[t] Between [n] And [t]",
        "[t] In ([n], 'a', [d])",
        "Choose([n], Date()) Between [n] And Choose([n], Date())",
    ],
)
def test_each_member_meets_the_value_in_a_form_that_both_have(expression: str) -> None:
    """A value that is a number beside one bound and a date beside the other is compared with each by itself."""
    found = str(value(expression).node)
    assert " IN (" not in found
    assert " BETWEEN " not in found
    signs = len(re.findall(r" (?:=|<>|>=|<=) ", found))
    assert signs >= 2


def test_members_of_one_form_stay_together() -> None:
    assert "[d] IN ([e], " in str(value("[d] In ([e], 2)").node)
    assert "[d] BETWEEN [e] AND " in str(value("[d] Between [e] And 2").node)
