"""Saved queries come out as the SQL that Access shows, whatever their rows say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.access.plain_queries import query
from wizard.access.queries import QueryRow, UnknownKindError, compose, quoted
from wizard.definitions import QueryKind


def row(
    attribute: int, expression: str = "", flag: int = 0, name1: str = "", name2: str = "", **rest: object
) -> QueryRow:
    return QueryRow(attribute, expression, flag, name1=name1, name2=name2, **rest)  # type: ignore[arg-type]


def kind(number: int, **rest: object) -> QueryRow:
    return row(1, flag=number, **rest)  # type: ignore[arg-type]


def table(name: str, alias: str = "") -> QueryRow:
    return row(5, name1=name, name2=alias)


def halves(first: str, second: str) -> list[QueryRow]:
    """of a union"""
    return [row(5, first, name2="X7YZ_____1"), row(5, second, name2="X7YZ_____2")]


def test_a_select_with_every_clause() -> None:
    composed = compose(
        [
            kind(1),
            row(2, name1="Since When", flag=8),
            row(2, name1="Part", flag=10, extra=255),
            row(3, flag=0x02 | 0x04 | 0x10 | 0x20, name1="5"),
            table("Orders"),
            table("Order Details", "d"),
            row(6, "Orders.City"),
            row(6, "Sum(d.Quantity)", name1="Total Sold"),
            row(7, "Orders.ID = d.OrderID", 2, "Orders", "d"),
            row(8, "((Orders.City) Is Not Null)"),
            row(9, "Orders.City"),
            row(10, "((Sum(d.Quantity))>10)"),
            row(11, "Orders.City", name1="D"),
            row(11, "2"),
        ]
    )
    assert composed.kind is QueryKind.SELECT
    assert composed.sql == (
        "PARAMETERS [Since When] DateTime, Part Text ( 255 );\n"
        "SELECT DISTINCT TOP 5 PERCENT Orders.City, Sum(d.Quantity) AS [Total Sold]\n"
        "FROM Orders LEFT JOIN [Order Details] AS d ON Orders.ID = d.OrderID\n"
        "WHERE ((Orders.City) Is Not Null)\n"
        "GROUP BY Orders.City\n"
        "HAVING ((Sum(d.Quantity))>10)\n"
        "ORDER BY Orders.City DESC, 2\n"
        "WITH OWNERACCESS OPTION;"
    )
    assert composed.oddities == ()


@pytest.mark.parametrize(
    ("rows", "expected", "sql"),
    [
        ([kind(1), row(3, flag=1 | 8), table("T")], QueryKind.SELECT, "SELECT DISTINCTROW *\nFROM T;"),
        (
            [kind(2, name1="New Table"), table("T"), row(6, "T.a")],
            QueryKind.MAKE_TABLE,
            "SELECT T.a INTO [New Table]\nFROM T;",
        ),
        (
            [kind(2, name1="N", name2="c:\\x.mdb"), table("T"), row(6, "a")],
            QueryKind.MAKE_TABLE,
            "SELECT a INTO N IN 'c:\\x.mdb'\nFROM T;",
        ),
        (
            [kind(3, name1="Old"), table("T"), row(6, "T.a", name2="x"), row(6, "T.b", name2="my y")],
            QueryKind.APPEND,
            "INSERT INTO Old ( x, [my y] )\nSELECT T.a, T.b\nFROM T;",
        ),
        (
            [kind(3, name1="Old"), row(6, "1", -0x8000, name2="x"), row(6, "'b'", -0x8000, name2="y")],
            QueryKind.APPEND,
            "INSERT INTO Old ( x, y )\nVALUES (1, 'b');",
        ),
        (
            [kind(4), table("T"), row(6, "[a]+1", name2="T.a"), row(8, "T.a>1")],
            QueryKind.UPDATE,
            "UPDATE T SET T.a = [a]+1\nWHERE T.a>1;",
        ),
        (
            [kind(5), row(3, flag=8), table("T"), row(6, "T.*"), row(8, "T.a>1")],
            QueryKind.DELETE,
            "DELETE DISTINCTROW T.*\nFROM T\nWHERE T.a>1;",
        ),
        (
            [
                kind(6),
                table("T"),
                row(6, "Sum(v)", name1="S"),
                row(6, "T.a", 2),
                row(6, "T.m", 1),
                row(9, "T.a", 2),
                row(9, "T.m", 1),
            ],
            QueryKind.CROSSTAB,
            "TRANSFORM Sum(v) AS S\nSELECT T.a\nFROM T\nGROUP BY T.a\nPIVOT T.m;",
        ),
        (
            [kind(9), *halves("SELECT a FROM T\r\n", "SELECT b FROM U;\0")],
            QueryKind.UNION,
            "SELECT a FROM T\nUNION ALL SELECT b FROM U;",
        ),
        (
            [kind(9), row(3, flag=2), *halves("TABLE T", "TABLE U"), row(11, "a")],
            QueryKind.UNION,
            "TABLE T\nUNION TABLE U\nORDER BY a;",
        ),
        ([kind(8, expression="EXEC sp_who", name1="ODBC;")], QueryKind.PASS_THROUGH, "EXEC sp_who"),
        ([kind(7, expression="DROP TABLE T;\0")], QueryKind.DATA_DEFINITION, "DROP TABLE T;"),
        (
            [kind(1), row(4, "dBASE III;", name1="c:\\data"), table("T"), row(6, "a")],
            QueryKind.SELECT,
            "SELECT a\nFROM T IN 'c:\\data' [dBASE III;];",
        ),
    ],
)  # fmt: skip
def test_each_kind(rows: list[QueryRow], expected: QueryKind, sql: str) -> None:
    composed = compose(rows)
    assert (composed.kind, composed.sql) == (expected, sql)
    assert composed.oddities == ()


def test_the_text_as_stored_is_kept_where_it_is_mended() -> None:
    assert compose([kind(7, expression="DROP TABLE T;\0")]).stored == "DROP TABLE T;\0"
    derived = compose([kind(1), row(5, "SELECT [a b] FROM T", name2="x y"), row(6, "*")])
    assert derived.sql == "SELECT *\nFROM (SELECT [a b] FROM T)  AS [x y];"
    assert derived.stored == "SELECT *\nFROM [SELECT [a b] FROM T]. AS [x y];"
    assert compose([kind(1), table("T"), row(6, "*")]).stored == ""


def test_joins_nest_and_conditions_of_one_pair_come_together() -> None:
    composed = compose(
        [
            kind(1),
            table("A"),
            table("B"),
            table("C"),
            table("D"),
            row(6, "*"),
            row(7, "A.x = B.x", 1, "A", "B"),
            row(7, "A.y = B.y", 1, "A", "B"),
            row(7, "B.z = C.z", 3, "B", "C"),
        ]
    )
    assert composed.sql == (
        "SELECT *\nFROM D, (A INNER JOIN B ON (A.y = B.y) AND (A.x = B.x)) RIGHT JOIN C ON B.z = C.z;"
    )


def test_a_password_in_a_query_is_not_shown() -> None:
    rows = [kind(1), row(4, ";PWD=secret", name1="c:\\x.mdb"), row(5, ";DATABASE=y;PWD=secret", name1="T"), row(6, "*")]
    composed = compose(rows)
    assert "secret" not in composed.sql + composed.stored
    assert "c:\\x.mdb" in composed.sql


def test_rows_are_put_in_their_order() -> None:
    rows = [kind(1), table("T"), row(6, "second", order=b"\2"), row(6, "first", order=b"\1")]
    assert compose(rows).sql == "SELECT first, second\nFROM T;"


def test_the_kind_comes_from_the_catalogue_where_the_rows_are_silent() -> None:
    assert compose([table("T"), row(6, "T.*")], 0x20).kind is QueryKind.DELETE
    assert compose([], 0).sql == "SELECT;"
    with pytest.raises(UnknownKindError, match="0xF0"):
        compose([kind(77)], 0xF0)


def test_a_pass_through_query_may_return_nothing() -> None:
    rows = [kind(8, expression="EXEC p", name1="ODBC;DSN=x;PWD=secret")]
    silent, plain = query("q", compose(rows, 0x90), {}), query("q", compose(rows, 0x70), {})
    assert (silent.kind, silent.returns_records) == (QueryKind.PASS_THROUGH, False)
    assert plain.returns_records
    assert not query("q", compose(rows, 0x70), {"ReturnsRecords": False}).returns_records
    assert plain.connect == "ODBC;DSN=x"


def test_queries_of_forms_know_their_form() -> None:
    composed = compose([kind(1), table("T"), row(6, "*")])
    owners = {n: query(n, composed, {}).owner_object for n in ("~sq_fOrders", "~sq_cOrders~sq_cCity", "Plain", "~TMP")}
    assert owners == {"~sq_fOrders": "Orders", "~sq_cOrders~sq_cCity": "Orders", "Plain": "", "~TMP": ""}
    assert query("~sq_rSales", composed, {}).hidden


def test_what_does_not_fit_together_is_told() -> None:
    two_ways = [kind(1), table("A"), table("B"), row(7, "x", 1, "A", "B"), row(7, "y", 2, "A", "B")]
    assert "two ways" in compose(two_ways).oddities[0]
    assert "unknown way" in compose([kind(1), row(7, "x", 9, "A", "B")]).oddities[0]
    assert "halves" in compose([kind(9)]).oddities[0]
    assert "pivots" in compose([kind(6)]).oddities[0]
    assert "type 99" in compose([kind(1), row(2, name1="p", flag=99)]).oddities[0]
    assert "2 rows" in compose([kind(1), row(8, "a"), row(8, "b")]).oddities[0]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Orders", "Orders"),
        ("Order Details", "[Order Details]"),
        ("Überweisung", "Überweisung"),
        ("2nd", "[2nd]"),
        ("Group", "[Group]"),
        ("T.my col", "T.[my col]"),
        ("[a b]", "[a b]"),
        ("", ""),
    ],
)
def test_names_are_bracketed_where_they_must(name: str, written: str) -> None:
    assert quoted(name) == written


ROWS = st.builds(
    QueryRow,
    attribute=st.integers(0, 12),
    expression=st.text(max_size=8),
    flag=st.integers(-0x8000, 0x7FFF) | st.integers(0, 9),
    extra=st.integers(-5, 300),
    name1=st.sampled_from(["", "A", "B", "C", "a.b", "[", "X7YZ_____1"]),
    name2=st.sampled_from(["", "A", "B", "C", "X7YZ_____1", "X7YZ_____2"]),
    order=st.binary(max_size=3),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ROWS, max_size=14), st.integers(-(2**31), 2**31 - 1))
def test_no_rows_crash_it(rows: list[QueryRow], flags: int) -> None:
    try:
        composed = compose(rows, flags)
    except UnknownKindError:
        return
    assert isinstance(composed.sql, str)


def test_thousands_of_joins_end() -> None:
    rows = [kind(1), *(table(f"T{i}") for i in range(1500))]
    rows += [row(7, "x", 1, f"T{i}", f"T{i + 1}") for i in range(1499)]
    assert compose(rows).sql.count("INNER JOIN") == 1499
