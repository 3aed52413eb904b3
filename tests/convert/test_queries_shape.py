"""The shape of converted queries: output, names, order, dependencies, parameters, what is changed and what refused."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.convert.saved import numbers, saved, statement
from wizard.convert import convert
from wizard.convert.tree import As, Clauses, Indented, SqlColumn, SqlSelect, Text, node_of
from wizard.definitions import Database, Query, QueryKind
from wizard.messages import Severity
from wizard.objects import ObjectKind, Outcome
from wizard.settings import CrosstabOption, Options, SqlVersion, Target


def spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def made(sql: str, headings: tuple[object, ...] = ()) -> str:
    """What one query becomes, on one line."""
    return spaced(statement(saved({"q": sql}, {"q": headings} if headings else None), "q"))


def told(sql: str, **others: str) -> list[int]:
    return numbers(saved({"q": sql, **others}), "q")


VIEWS = {
    "SELECT ID, Customer AS Who FROM Orders": """
        SELECT [Orders].[ID], [Orders].[Customer] AS [Who] FROM [dbo].[Orders] AS [Orders];
        """,
    "SELECT o.* FROM Orders AS o": """
        SELECT [o].[ID], [o].[Customer], [o].[Placed], [o].[Amount], [o].[Paid], [o].[Note] FROM
        [dbo].[Orders] AS [o];
        """,
    "SELECT Orders.ID, p.ID FROM Orders, People AS p": """
        SELECT [Orders].[ID] AS [Orders.ID], [p].[ID] AS [p.ID] FROM [dbo].[Orders] AS [Orders] CROSS JOIN
        [dbo].[People] AS [p];
        """,
    "SELECT Customer, Count(*), Sum(Amount) FROM Orders GROUP BY Customer": """
        SELECT [Orders].[Customer], COUNT(*) AS [Expr1001], SUM([Orders].[Amount]) AS [Expr1002] FROM
        [dbo].[Orders] AS [Orders] GROUP BY [Orders].[Customer];
        """,
    "SELECT Customer, Sum(Amount * DLookup('Age', 'People', 'ID=' & Orders.ID)) AS s FROM Orders GROUP BY Customer": """
        SELECT [Orders].[Customer], SUM(([Orders].[Amount] * [made 1].[value])) AS [s] FROM
        [dbo].[Orders] AS [Orders] CROSS APPLY (SELECT (SELECT TOP (1) [People].[Age] FROM [dbo].[People] AS [People]
        WHERE ([People].[ID] = [Orders].[ID])) AS [value]) AS [made 1] GROUP BY [Orders].[Customer];
        """,
    "SELECT Max(IIf(ID In (SELECT OrderID FROM Lines), 1, 0)) AS m FROM Orders": """
        SELECT MAX(CASE WHEN ([made 1].[value] = 1) THEN 1 ELSE 0 END) AS [m] FROM [dbo].[Orders] AS [Orders]
        CROSS APPLY (SELECT CASE WHEN ([Orders].[ID] IN ( SELECT [Lines].[OrderID] FROM [dbo].[Lines] AS [Lines] ))
        THEN CONVERT(bit, 1) WHEN ([Orders].[ID] NOT IN ( SELECT [Lines].[OrderID] FROM [dbo].[Lines] AS [Lines] ))
        THEN CONVERT(bit, 0) END AS [value]) AS [made 1];
        """,
    "SELECT TOP 2 ID FROM Orders ORDER BY 1 DESC": """
        SELECT TOP (2) WITH TIES [Orders].[ID] FROM [dbo].[Orders] AS [Orders] ORDER BY [Orders].[ID] DESC;
        """,
    "SELECT TOP 2 ID FROM Orders ORDER BY ID, Orders.ID": """
        SELECT TOP (2) WITH TIES [Orders].[ID] FROM [dbo].[Orders] AS [Orders] ORDER BY [Orders].[ID];
        """,
    "SELECT 1 AS a, a+1 AS b": """
        SELECT 1 AS [a], (1 + 1) AS [b];
        """,
    "TABLE People UNION ALL SELECT * FROM People": """
        SELECT [People].[Name], [People].[Age], [People].[ID] FROM [dbo].[People] AS [People] UNION ALL
        SELECT [People].[Name], [People].[Age], [People].[ID] FROM [dbo].[People] AS [People];
        """,
    """
        SELECT a.ID FROM (People AS a LEFT JOIN Orders AS b ON a.ID=b.ID) INNER JOIN Lines AS c ON
        b.ID=c.OrderID
        """: """
        SELECT [a].[ID] FROM ( [dbo].[People] AS [a] LEFT JOIN [dbo].[Orders] AS [b] ON [a].[ID] = [b].[ID]
        ) INNER JOIN [dbo].[Lines] AS [c] ON [b].[ID] = [c].[OrderID];
        """,
    """
        SELECT ID FROM Orders WHERE Amount > (SELECT Avg(o.Amount) FROM Orders AS o WHERE o.Customer =
        Orders.Customer)
        """: """
        SELECT [Orders].[ID] FROM [dbo].[Orders] AS [Orders] WHERE [Orders].[Amount] > ( SELECT
        CONVERT(money, AVG(CONVERT(decimal(38, 10), [o].[Amount]))) AS [Expr1000] FROM [dbo].[Orders] AS [o] WHERE
        [o].[Customer] = [Orders].[Customer] );
        """,
}


@pytest.mark.parametrize(("sql", "expected"), VIEWS.items())
def test_views(sql: str, expected: str) -> None:
    assert made(sql) == f"CREATE VIEW [dbo].[q] AS {spaced(expected)}"


def test_every_statement_is_transact_sql_to_another_parser() -> None:
    for sql in VIEWS:
        assert sqlglot.parse(made(sql), dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE)


def test_a_column_of_a_join_is_found_again_by_its_full_name() -> None:
    queries = {
        "both": "SELECT Orders.ID, People.ID FROM Orders, People",
        "q": "SELECT both.Orders.ID AS a, [People.ID] AS b FROM both",
    }
    sql = statement(saved(queries), "q")
    assert "[both].[Orders.ID] AS [a]" in sql
    assert "[both].[People.ID] AS [b]" in sql


def test_an_alias_is_computed_once_and_in_order() -> None:
    sql = made("SELECT Twice + 1 AS More, Amount * 2 AS Twice FROM Orders")
    assert sql.count("CROSS APPLY") == 1
    assert "SELECT ([made 1].[Twice] + 1) AS [More], [made 1].[Twice] FROM" in sql


def test_an_alias_of_an_aggregate_is_repeated() -> None:
    sql = made("SELECT Customer, Sum(Amount) AS s, s * 2 AS d FROM Orders GROUP BY Customer")
    assert "APPLY" not in sql
    assert "SUM([Orders].[Amount])) * 2) AS [d]" in sql


def test_what_is_grouped_may_be_written_differently() -> None:
    sql = made(
        "SELECT UCase(Format([Placed],'yyyy')) & Customer AS x, Sum(Amount) + [p] FROM Orders"
        ' GROUP BY (format(Orders.Placed,"yyyy")), Orders.Customer HAVING Max(ID) > Count(*) AND customer <> "x"'
    )
    assert "GROUP BY" in sql


def test_modules_come_in_the_order_in_which_they_refer_to_each_other() -> None:
    conversion = saved({"a": "SELECT * FROM b", "b": "SELECT * FROM c", "c": "SELECT ID FROM Orders"})
    assert [m.name.name for m in conversion.modules] == ["c", "b", "a"]
    assert [d.name for m in conversion.modules for d in m.depends_on] == ["Orders", "c", "b"]


def test_a_module_keeps_its_source() -> None:
    module = saved({"q": "SELECT ID FROM Orders;"}).modules[0]
    assert module.source_sql == "SELECT ID FROM Orders;"
    assert module.source
    assert module.source.table == "q"


def test_a_circle_of_queries_is_named_in_each() -> None:
    conversion = saved({"a": "SELECT * FROM b", "b": "SELECT * FROM c", "c": "SELECT * FROM a"})
    assert not conversion.modules
    for name in "abc":
        message = next(m for i in conversion.items if i.source.table == name for m in i.messages)
        assert message.number == 3107
        assert "a → b → c → a" in message.text
        assert message.place.name == name


def test_what_reads_a_failed_query_says_why() -> None:
    conversion = saved({"a": "SELECT * FROM b", "b": "SELECT * FROM Far"})
    message = next(m for i in conversion.items if i.source.table == "a" for m in i.messages)
    assert message.number == 3108
    assert "Far" in message.text


REFUSED = {
    "SELECT ID FROM Orders, People": (3101, "column 8"),
    "SELECT 1 FROM Orders, Orders": (3102, "Orders"),
    "SELECT * FROM Far": (3103, "far.mdb"),
    "SELECT * FROM Nowhere": (3104, "Nowhere"),
    "SELECT * FROM Orders IN 'other.mdb'": (3105, "other.mdb"),
    "SELECT ID FROM Orders WHERE Sum(Amount) > 3": (3106, "Sum"),
    "SELECT Count(*) FROM Orders GROUP BY Max(ID)": (3106, "GROUP BY"),
    "SELECT ID FROM Orders WHERE Tags = 'x'": (3109, "Tags"),
    "SELECT Orders.Tags.Nothing FROM Orders": (3109, "Tags"),
    "SELECT People.* FROM Orders": (3113, "People"),
    "SELECT b + 1 AS a, a + 1 AS b FROM Orders": (3117, "column"),
    "SELECT ID FROM Orders ORDER BY 2": (3118, "2"),
    "SELECT Customer, Sum(Amount) FROM Orders": (3125, "Customer"),
    "SELECT Year(Placed), Month(Placed), Sum(Amount) FROM Orders GROUP BY Year(Placed)": (3125, "Placed"),
    "SELECT * FROM Orders GROUP BY ID": (3125, "Orders.Customer"),
    "SELECT ID FROM Orders UNION SELECT ID, Amount FROM Orders": (3122, "1 and 2"),
    "UPDATE Orders SET Nothing = 1": (3130, "Nothing"),
    "UPDATE Orders, both SET Orders.Paid = True, both.Qty = 1": (3131, "Orders, both"),
    "DELETE * FROM Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID": (3133, "Orders, Lines"),
    "INSERT INTO Lines (Qty) SELECT ID, Amount FROM Orders": (3134, "1 column is to take 2 values"),
    "INSERT INTO Lines SELECT Customer FROM Orders": (3135, "Customer"),
    "INSERT INTO Lines (Qty, Qty) SELECT ID, ID FROM Orders": (3138, "Qty"),
    "CREATE TABLE t (a WHATEVER)": (3150, "WHATEVER"),
    "SELECT MyFunction(ID) FROM Orders": (3503, "MyFunction"),
    "SELECT FROM Orders": (3001, "FROM"),
}


@pytest.mark.parametrize(("sql", "expected"), REFUSED.items())
def test_what_cannot_be_converted_is_a_message(sql: str, expected: tuple[int, str]) -> None:
    conversion = saved({"q": sql, "both": "SELECT Qty FROM Lines"})
    item = next(i for i in conversion.items if i.source.table == "q")
    assert item.outcome is Outcome.FAILED
    assert [m.name.name for m in conversion.modules] == ["both"]
    message = next(m for m in item.messages if m.severity is Severity.ERROR)
    assert message.number == expected[0]
    assert expected[1] in str(message)
    assert message.effort_minutes > 0


def test_parameters_have_the_type_of_what_they_meet() -> None:
    sql = made(
        "PARAMETERS [n] Long; SELECT ID FROM Orders WHERE Placed > [since] AND Paid = [settled] AND ID < [n]"
        " AND Amount Between [lo] And [hi] AND Customer Like [c] AND Year([y]) = 2024 AND [free] Is Null"
    )
    declared = sql[sql.index("(") : sql.index(") RETURNS") + 1]
    assert declared == (
        "( @n int, @since datetime2(0), @settled bit, @lo money, @hi money, @c nvarchar(255), @y datetime2(0),"
        " @free nvarchar(255) )"
    )


def test_a_parameter_keeps_one_name_wherever_it_is_named() -> None:
    sql = made("SELECT ID FROM Orders WHERE Customer = [Which one?] OR [which ONE?] Is Null")
    assert sql.count("@Which_one nvarchar(255)") == 1
    assert sql.count("@Which_one") == 3


def test_parameters_of_a_query_are_passed_on_to_it() -> None:
    queries = {"base": "SELECT ID FROM Orders WHERE Customer = [who]", "q": "SELECT Count(*) AS n FROM base"}
    conversion = saved(queries)
    assert "FROM [dbo].[base](@who) AS [base]" in statement(conversion, "q")
    assert {m.kind for m in conversion.modules} == {ObjectKind.FUNCTION}


def test_order_left_out_is_told_in_the_names_of_the_output() -> None:
    conversion = saved({"q": "SELECT Customer AS Who FROM Orders ORDER BY Customer DESC"})
    message = next(m for i in conversion.items if i.source.table == "q" for m in i.messages)
    assert message.number == 3165
    assert "ORDER BY [Who] DESC" in message.text
    assert told("SELECT Customer FROM Orders ORDER BY Placed") == [3169]


def test_an_update_rounds_and_converts_as_access_does() -> None:
    sql = made("UPDATE Lines SET Qty = Price / 3, Price = True")
    assert "[Qty] = CONVERT(int, (FLOOR(" in sql
    assert "[Price] = -1" in sql


def test_an_update_that_adds_up_over_a_join_is_told() -> None:
    join = "UPDATE Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID SET"
    assert told(f"{join} Orders.Amount = Orders.Amount + Lines.Price") == [3141]
    assert told(f"{join} Lines.Price = Lines.Price + Orders.Amount") == []
    assert told(f"{join} Orders.Paid = True") == []


def test_what_is_appended_is_converted_as_access_does() -> None:
    assert "CONVERT(int, (FLOOR(" in made("INSERT INTO Lines (Qty) SELECT Price FROM Lines")
    assert "CONVERT(int, (FLOOR(" in made("INSERT INTO Lines SELECT Price AS Qty FROM Lines")


def test_action_queries_run_in_a_transaction() -> None:
    sql = made("DELETE FROM Orders WHERE Paid")
    assert sql == (
        "CREATE PROCEDURE [dbo].[q] AS BEGIN SET XACT_ABORT ON; BEGIN TRANSACTION; DELETE [Orders] "
        "FROM [dbo].[Orders] AS [Orders] WHERE [Orders].[Paid] = 1; COMMIT TRANSACTION; END;"
    )


def test_autonumber_values_are_appended_as_they_are() -> None:
    assert "SET IDENTITY_INSERT [dbo].[Orders] ON; INSERT" in made("INSERT INTO Orders (ID) VALUES (7)")
    assert "IDENTITY_INSERT" not in made("INSERT INTO Orders (Customer) VALUES ('x')")


def test_a_table_that_is_not_there_yet_can_be_appended_to() -> None:
    assert "INSERT INTO [dbo].[Later] VALUES ( 1 );" in made("INSERT INTO Later VALUES (1)")
    assert told("INSERT INTO Later (a) SELECT ID FROM Orders") == [3140]


def test_true_is_minus_one_beside_numbers_of_a_union() -> None:
    assert "(-1 * [Orders].[Paid])" in made("SELECT Paid FROM Orders UNION SELECT ID FROM Orders")


def test_a_number_is_a_day_beside_dates_of_a_union() -> None:
    """SQL Server counts days from another day than Access, and refuses a number among datetime2 (206)."""
    assert "DATEADD(day, [Orders].[ID]" in made(
        "SELECT ID FROM Orders UNION SELECT Null FROM Orders UNION SELECT Placed FROM Orders"
    )


def test_a_value_to_append_has_the_type_of_its_column() -> None:
    assert "@when datetime2(0)" in made("INSERT INTO Orders (Placed) VALUES ([when])")


def test_crosstab_headings() -> None:
    query = "TRANSFORM Count(*) SELECT Customer FROM Orders GROUP BY Customer PIVOT "
    fixed = made(query + "Paid IN (True, False)")
    assert "AS [-1]" in fixed
    assert "AS [0]" in fixed
    found = made(query + "Customer", ("x", "it's", None))
    assert "= N'it''s'" in found
    assert "AS [<>]" in found
    assert "IS NULL" in found
    assert "sp_executesql" in made(query + "Customer")


def test_crosstab_with_headings_by_procedure_when_asked() -> None:
    options = Options(crosstab_headings=CrosstabOption.PROCEDURE)
    query = (
        "PARAMETERS s DateTime; TRANSFORM Sum(Amount) SELECT Customer FROM Orders WHERE Placed > s GROUP BY Customer"
    )
    conversion = saved({"q": f"{query} PIVOT Paid"}, {"q": (True,)}, options)
    sql = statement(conversion, "q")
    assert "EXEC sys.sp_executesql @statement, N'@s datetime2(0)', @s;" in sql
    assert "STRING_AGG" in sql


def test_a_crosstab_of_fixed_headings_is_a_view_whatever_the_option() -> None:
    options = Options(crosstab_headings=CrosstabOption.PROCEDURE)
    query = "TRANSFORM Sum(Amount) SELECT Customer FROM Orders GROUP BY Customer PIVOT Paid IN (True)"
    assert statement(saved({"q": query}, None, options), "q").startswith("CREATE VIEW")


KINDS = {
    "views": "SELECT ID FROM Orders",
    "functions": "SELECT ID FROM Orders WHERE ID = [x]",
    "crosstabs": "TRANSFORM Sum(Amount) SELECT Customer FROM Orders GROUP BY Customer PIVOT Paid IN (True)",
    "procedures": "DELETE FROM Orders",
}


@pytest.mark.parametrize(("option", "sql"), KINDS.items())
def test_each_kind_is_optional(option: str, sql: str) -> None:
    conversion = saved({"q": sql}, None, replace(Options(warn_renamed=False), **{option: False}))
    assert not conversion.modules
    assert 3162 in numbers(conversion, "q")


def test_pass_through_and_data_definition_are_for_review() -> None:
    conversion = saved({"q": "EXEC something @weird"}, kind=QueryKind.PASS_THROUGH)
    assert [s.sql for s in conversion.review] == ["EXEC something @weird"]
    assert not conversion.modules
    conversion = saved({"q": "CREATE UNIQUE INDEX i ON Orders (Customer, Placed DESC) WITH IGNORE NULL"})
    assert conversion.review[0].sql == (
        "CREATE UNIQUE INDEX [i] ON [dbo].[Orders] ([Customer], [Placed] DESC)\n"
        "WHERE [Customer] IS NOT NULL AND [Placed] IS NOT NULL;"
    )


def test_only_lines_outside_names_and_texts_are_indented() -> None:
    select = SqlSelect(Clauses((As(Text("a\nb"), "c\nd"), SqlColumn("x\ny", "it's")), node_of("t")))
    assert str(Indented(select)) == (
        "    SELECT\n        (N'a' + NCHAR(10) + N'b') AS [c\nd],\n        [x\ny].[it's]\n    FROM t"
    )


def test_2016_needs_no_string_agg() -> None:
    query = "TRANSFORM Sum(Amount) SELECT Customer FROM Orders GROUP BY Customer PIVOT Paid"
    conversion = saved({"q": query}, version=SqlVersion.V2016)
    assert "STRING_AGG" not in conversion.modules[0].sql
    assert "FOR XML PATH" in conversion.modules[0].sql


_PIECES = """
    SELECT ID Customer Amount Placed Paid Orders Lines People q . , * ( ) FROM WHERE GROUP BY ORDER HAVING AS x INNER
    JOIN ON = > + & Sum( Count(*) Nz( 'a' 1 #1/1/2024# [p] And Not Like Is Null UNION TOP 3 DISTINCT UPDATE SET DELETE
    INSERT INTO VALUES TRANSFORM PIVOT IN
"""
PIECES = _PIECES.split()


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_no_query_stops_the_conversion_of_the_others(sql: str) -> None:
    conversion = saved({"q": sql, "other": "SELECT ID FROM Orders"})
    assert statement(conversion, "other")
    assert any(i.source.table == "q" for i in conversion.items)


def test_an_aggregate_within_a_domain_function_is_over_no_other_domain_function() -> None:
    assert told("SELECT DSum('Qty * DMax(\"Age\", \"People\")', 'Lines') AS s") == [3530]


def test_hidden_queries_are_counted_in_one_message_that_names_their_forms() -> None:
    hidden = [
        Query(f"~sq_{name}", QueryKind.SELECT, "SELECT 1", hidden=True, owner_object=owner)
        for name, owner in (("fOrders", "Orders"), ("cOrders~sq_cCity", "Orders"), ("rSales", "Sales"), ("d", ""))
    ]
    database = Database("x.accdb", "Access", queries=(Query("q", QueryKind.SELECT, "SELECT 1"), *hidden))
    made = convert(database, source="s", schema="dbo", options=Options(), target=Target())
    assert [i.source.table for i in made.items] == ["q"]
    [message] = [m for m in made.messages if m.number == 3171]
    assert message.place.source == "s"
    assert "4 hidden queries" in message.text
    assert "Orders, Sales" in message.text


def test_without_hidden_queries_nothing_is_said_of_them() -> None:
    assert 3171 not in [m.number for m in saved({"q": "SELECT 1"}).messages]
