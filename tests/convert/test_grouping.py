"""What is grouped by is found again wherever it is used, or computed once beside the sources."""

from __future__ import annotations

import pytest

from tests.convert.saved import numbers, saved, statement
from wizard.convert.tree import STEP

APPLY = f"{STEP}CROSS APPLY (SELECT "


def made(sql: str, *, others: dict[str, str] | None = None) -> str:
    conversion = saved({"q": sql, **(others or {})})
    assert not [n for n in numbers(conversion, "q") if n in (3125, 3106)], numbers(conversion, "q")
    return statement(conversion, "q")


def grouped(sql: str) -> str:
    """The one expression of GROUP BY."""
    return sql.split("GROUP BY\n    ", 1)[1].splitlines()[0].rstrip(";")


@pytest.mark.parametrize(
    ("query", "again"),
    [
        ("SELECT Amount > 5 AS big, Count(*) AS n FROM Orders GROUP BY Amount > 5 HAVING Amount > 5", "HAVING {} = 1"),
        ("SELECT IIf(Amount > 5, 'a', 'b') AS x FROM Orders GROUP BY Amount > 5", "CASE WHEN ({} = 1) THEN N'a'"),
        ("SELECT IIf(Not Amount > 5, 'a', 'b') AS x FROM Orders GROUP BY Amount > 5", "CASE WHEN ({} = 0) THEN N'a'"),
        ("SELECT Not IsNull(Note) AS x FROM Orders GROUP BY IsNull(Note)", "CASE WHEN ({} = 0) THEN CONVERT(bit, 1)"),
        ("SELECT Count(*) FROM Orders GROUP BY IsNull(Note) HAVING Not IsNull(Note)", "HAVING {} = 0"),
        ("SELECT Customer & ' ' & Note & Count(*) AS x FROM Orders GROUP BY Customer & ' ' & Note", "CONCAT({}, CONV"),
        ("SELECT Count(*) & (Customer & '-') AS x FROM Orders GROUP BY Customer & '-'", "COUNT(*)), {})"),
        ("SELECT IIf(Count(*) > 1, 0, IIf(Paid, 1, 2)) AS x FROM Orders GROUP BY IIf(Paid, 1, 2)", "ELSE {} END AS"),
        (
            "SELECT Switch(Count(*) > 1, 0, True, IIf(Paid, 1, 2)) AS x FROM Orders GROUP BY IIf(Paid, 1, 2)",
            "{} END AS",
        ),
        ("SELECT Paid And Amount > 5 And Count(*) > 1 AS x FROM Orders GROUP BY Paid And Amount > 5", "(({} = 1) AND"),
        (
            "SELECT TOP 3 Count(*) FROM Orders GROUP BY InStr(Note, 'a') ORDER BY InStr(Note, 'a') * 2",
            "ORDER BY (CONVERT(bigint, {}) * 2)",
        ),
        ("SELECT Count(*) FROM Orders GROUP BY InStr(Note, 'a') HAVING InStr(Note, 'a') > 1", "HAVING {} > 1"),
        ("SELECT (Year([Placed])) + 1 AS x FROM Orders GROUP BY year(Orders.Placed)", "({} + 1) AS [x]"),
    ],
)
def test_the_same_expression_has_the_same_text(query: str, again: str) -> None:
    sql = made(query)
    assert again.format(grouped(sql)) in sql
    assert APPLY not in sql


@pytest.mark.parametrize(
    ("query", "again"),
    [
        ("SELECT {found} & '!' AS x FROM Orders GROUP BY {found}", "CONCAT([made 1].[value], N'!')"),
        ("SELECT Count(*) FROM Orders GROUP BY {found} HAVING {found} > 'a'", "HAVING [made 1].[value] > N'a'"),
        ("SELECT TOP 3 Count(*) FROM Orders GROUP BY {found} ORDER BY {found}", "ORDER BY [made 1].[value]"),
    ],
)
def test_a_sub_query_is_computed_once(query: str, again: str) -> None:
    sql = made(query.format(found="DLookup('Name', 'People', 'ID=' & ID)"))
    assert grouped(sql) == "[made 1].[value]"
    assert again in sql
    assert sql.count("[dbo].[People]") == 1


def test_proper_case_is_computed_once() -> None:
    sql = made("SELECT TOP 3 StrConv(Customer, 3) & '!' AS x FROM Orders GROUP BY StrConv(Customer, 3)"
               " ORDER BY StrConv(Customer, 3)")  # fmt: skip
    assert sql.count("OPENJSON") == 1
    assert sql.endswith("GROUP BY\n    [made 1].[value]\nORDER BY [made 1].[value];")


def test_within_a_sub_query_it_is_a_column() -> None:
    """Sums of the year to date, as people write them: servers do not look for expressions within sub-queries."""
    sql = made(
        "SELECT Year(Placed) AS y, Month(Placed) AS m, Sum(Amount) AS s, (SELECT Sum(A.Amount) FROM Orders AS A"
        " WHERE A.Placed >= DateSerial(Year(Orders.Placed), 1, 1)"
        " AND A.Placed < DateSerial(Year(Orders.Placed), Month(Orders.Placed) + 1, 1)) AS ytd"
        " FROM Orders GROUP BY Year(Placed), Month(Placed)"
    )
    assert sql.endswith("GROUP BY\n    [made 1].[value],\n    [made 2].[value];")
    assert "DATETIME2FROMPARTS([made 1].[value], 1, 1" in sql
    assert sql.count("YEAR(") == sql.count("MONTH(") == 1


def test_microsofts_running_totals_read_grouped_columns() -> None:
    """DSum over what other output columns group by, as Microsoft's article Q290136 shows it."""
    sql = made(
        "SELECT DatePart('yyyy', [Placed]) AS AYear, DatePart('m', [Placed]) AS AMonth, DSum('Amount', 'Orders',"
        " 'DatePart(''m'', [Placed])<=' & [AMonth] & ' And DatePart(''yyyy'', [Placed])<=' & [AYear] & '') AS RunTot"
        " FROM Orders GROUP BY DatePart('yyyy', [Placed]), DatePart('m', [Placed])"
    )
    assert "DATEPART(month, [Orders_2].[Placed]) <= ([made 2].[value])" in sql
    assert sql.endswith("GROUP BY\n    [made 1].[value],\n    [made 2].[value];")


def test_a_sub_query_in_having_reads_grouped_columns() -> None:
    sql = made(
        "SELECT Year(Placed) AS y FROM Orders GROUP BY Year(Placed) HAVING Sum(Amount) >"
        " (SELECT Avg(Amount) FROM Orders AS o WHERE Year(o.Placed) = Year(Orders.Placed))"
    )
    assert "WHERE YEAR([o].[Placed]) = [made 1].[value]" in sql


def test_a_source_of_that_name_within_a_sub_query_is_another() -> None:
    sql = made("SELECT Year(Placed) AS y, (SELECT Max(ID) FROM Orders WHERE Year(Placed) = 5) AS m FROM Orders"
               " GROUP BY Year(Placed)")  # fmt: skip
    assert "WHERE YEAR([Orders].[Placed]) = 5" in sql
    assert APPLY not in sql


def test_texts_that_differ_are_not_the_same() -> None:
    conversion = saved({"q": "SELECT IIf(Paid, 'X', 'y') AS a FROM Orders GROUP BY IIf(Paid, 'x', 'y')"})
    assert 3125 in numbers(conversion, "q")


def test_a_column_that_only_a_sub_query_reads_must_be_grouped_too() -> None:
    query = "SELECT Customer, (SELECT Max(Qty) FROM Lines WHERE OrderID = Orders.ID) AS m FROM Orders GROUP BY Customer"
    assert 3125 in numbers(saved({"q": query}), "q")
    assert "[Lines]" in made(query + ", ID")


def test_a_parameter_with_the_name_of_a_source_varies_nothing() -> None:
    sql = made("PARAMETERS ask Text; SELECT Count(*) AS n FROM Orders GROUP BY '[Orders].' & [ask]")
    assert "GROUP BY" not in sql
    assert "HAVING COUNT(*) > 0" in sql


def test_distinct_rows_are_sorted_by_what_is_made_of_their_columns() -> None:
    sql = made("SELECT DISTINCT TOP 3 Customer, Amount > 5 AS big FROM Orders ORDER BY Amount > 5")
    assert sql.endswith(") AS [distinct rows]\nORDER BY (-1 * [distinct rows].[big]);")
    assert "SELECT TOP (3) WITH TIES\n" in sql
    assert "SELECT DISTINCT\n" in sql
    plain = made("SELECT DISTINCT TOP 3 Customer FROM Orders ORDER BY Customer")
    assert plain.endswith("FROM [dbo].[Orders] AS [Orders]\nORDER BY [Orders].[Customer];")


def test_distinct_rows_sorted_by_what_they_do_not_give_are_refused() -> None:
    conversion = saved({"q": "SELECT DISTINCT TOP 3 Customer FROM Orders ORDER BY Amount > 5"})
    assert numbers(conversion, "q") == [3143]
    assert "Amount > 5" in conversion.items[-1].messages[0].text


def test_a_count_can_be_sorted_by() -> None:
    assert made("SELECT TOP 2 Customer, Count(*) AS n FROM Orders GROUP BY Customer ORDER BY 2").endswith(
        "ORDER BY COUNT(*);"
    )


@pytest.mark.parametrize("random", ["Rnd(ID)", "GenGUID()"])
def test_random_values_and_parameters_make_a_procedure(random: str) -> None:
    conversion = saved({
        "q": f"SELECT TOP 2 ID FROM Orders WHERE Customer = [r] ORDER BY {random}",
        "reader": "SELECT ID FROM q",
        "plain": f"SELECT TOP 2 ID FROM Orders ORDER BY {random}",
    })  # fmt: skip
    assert statement(conversion, "q").startswith("CREATE PROCEDURE [dbo].[q]\n    @r nvarchar(255)\nAS")
    assert "ORDER BY " in statement(conversion, "q")
    assert 3173 in numbers(conversion, "q")
    assert 3108 in numbers(conversion, "reader")
    assert statement(conversion, "plain").startswith("CREATE VIEW")


def test_random_values_within_what_is_read_make_a_procedure_too() -> None:
    conversion = saved({"q": "SELECT x.r FROM (SELECT Rnd(ID) AS r FROM Orders WHERE Customer = [who]) AS x"})
    assert statement(conversion, "q").startswith("CREATE PROCEDURE")


@pytest.mark.parametrize(
    ("inner", "around"),
    [
        ("(SELECT Sum(IIf(o.Placed <= Orders.Placed, o.Amount, 0)) FROM Orders AS o)", "[Orders].[Placed]"),
        ("(SELECT Sum(Orders.Amount) FROM Orders AS o WHERE o.Paid)", "[Orders].[Amount]"),
        ("(SELECT First(o.Note & Orders.Note) FROM Orders AS o)", "[Orders].[Note]"),
        ("(SELECT Count(*) FROM Orders AS o HAVING Avg(o.Amount - Orders.Amount) > 1)", "[Orders].[Amount]"),
    ],
)
def test_an_aggregate_reads_columns_of_a_query_around_beside_its_sources(inner: str, around: str) -> None:
    """Else a server refuses it (8124), or takes it for an aggregate of the query around (147, 8120)."""
    sql = made(f"SELECT Customer, {inner} AS x FROM Orders")
    assert f"CROSS APPLY (SELECT {around} AS [value]) AS [made 1]" in sql
    aggregate = next(line for line in sql.splitlines() if any(f"{a}(" in line for a in ("SUM", "MIN", "AVG")))
    assert "[Orders]." not in aggregate
    assert "[made 1].[value]" in aggregate


def test_what_is_computed_for_a_query_around_is_read_so_too() -> None:
    sql = made(
        "SELECT Year(Orders.Placed) AS j, (SELECT Sum(IIf(Year(o.Placed) <= Year(Orders.Placed), 1, 0)) "
        "FROM Orders AS o) AS n FROM Orders GROUP BY Year(Orders.Placed)"
    )
    assert "CROSS APPLY (SELECT [made 2].[value]) AS [made 1]" in sql
    assert grouped(sql) == "[made 2].[value]"


@pytest.mark.parametrize("criteria", ['"Amount <= " & Count(*)', '"Placed <= #" & Max(Placed) & "#"'])
def test_criteria_with_an_aggregate_are_refused(criteria: str) -> None:
    conversion = saved(
        {"q": f'SELECT Customer, DSum("Amount", "Orders", {criteria}) AS x FROM Orders GROUP BY Customer'}
    )
    assert 3505 in numbers(conversion, "q")


def test_distinct_rows_are_sorted_by_the_number_that_was_drawn() -> None:
    """Rnd in ORDER BY would be another draw than the one in the select list, which a server may refuse (145)."""
    sql = made("SELECT DISTINCT TOP 3 Customer, Rnd(ID) AS r FROM Orders ORDER BY Rnd(ID) DESC")
    assert sql.count("RAND(") == 1
    assert sql.rstrip(";").endswith("ORDER BY [distinct rows].[r] DESC")
