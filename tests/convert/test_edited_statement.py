"""A statement written by hand is parsed and its names are looked for; what cannot be checked says so."""

from __future__ import annotations

import tracemalloc

import pytest

from tests.convert.saved import saved
from wizard.convert.edited_statement import check_statement
from wizard.messages import Kind, Place

CONVERSION = saved({"q": "SELECT ID FROM Orders", "r": "SELECT ID FROM q"})
MODULE = next(m for m in CONVERSION.modules if m.name.name == "q")


def found(sql: str) -> list[int]:
    return [m.number for m in check_statement(sql, MODULE, CONVERSION, Place(Kind.QUERY, "s", "q"))]


@pytest.mark.parametrize(
    ("sql", "numbers"),
    [
        ("CREATE VIEW [dbo].[q] AS SELECT ID, Customer FROM [dbo].[Orders]", []),
        ("CREATE VIEW dbo.q AS SELECT o.id FROM Orders AS o INNER JOIN dbo.Lines AS l ON l.OrderID = o.ID", []),
        ("CREATE VIEW dbo.q AS WITH big AS (SELECT ID FROM dbo.Orders WHERE Amount > 5) SELECT ID FROM big", []),
        ("CREATE VIEW dbo.q AS SELECT SELECT FROM (dbo.Orders", [3180]),
        ("CREATE FUNCTION dbo.q (@a int) RETURNS TABLE AS RETURN (SELECT ID FROM dbo.Orders WHERE ID = @a)", []),
        ("CREATE FUNCTION dbo.q (@a int) RETURNS TABLE AS RETURN (SELECT ID FROM dbo.Gone)", [3183]),
        ("CREATE PROCEDURE dbo.q AS BEGIN SELECT 1; END", [3181]),
        ("CREATE VIEW dbo.other AS SELECT ID FROM dbo.Orders", [3182]),
        ("CREATE VIEW dbo.q AS SELECT ID FROM dbo.Gone", [3183]),
        ("CREATE VIEW dbo.q AS SELECT o.Gone FROM dbo.Orders AS o", [3185]),
        ("CREATE VIEW dbo.q AS SELECT ID FROM dbo.r", [3184]),
        ("CREATE VIEW dbo.q AS SELECT name FROM sys.objects", [3184]),
        ("CREATE VIEW dbo.q AS SELECT ID, Customer AS id FROM dbo.Orders", [3189]),
        ("CREATE VIEW dbo.q (a, b) AS SELECT ID, ID FROM dbo.Orders", []),
        ("CREATE VIEW dbo.q ([a b], [A B]) WITH SCHEMABINDING AS SELECT ID, Customer FROM dbo.Orders", [3189]),
        ("CREATE VIEW dbo.q (a, b) AS SELECT ID FROM dbo.Orders", [3197]),
        ("CREATE VIEW dbo.q (a) AS SELECT CAST(ID AS bigint) FROM dbo.Orders", []),
        ("CREATE VIEW dbo.q AS SELECT ID, CAST(ID AS bigint), Amount + 1 FROM dbo.Orders", [3198]),
        ("CREATE VIEW dbo.q AS SELECT (ID), x = Amount + 1, (SELECT 1) AS y FROM dbo.Orders", []),
        ("CREATE FUNCTION dbo.q (@a int) RETURNS TABLE AS RETURN (SELECT COUNT(*) FROM dbo.Orders)", [3198]),
        ("CREATE VIEW dbo.q AS SELECT ID FROM dbo.Orders ORDER BY ID", [3190]),
        ("CREATE VIEW dbo.q AS SELECT TOP (5) ID FROM dbo.Orders ORDER BY ID", []),
        ("CREATE VIEW dbo.q AS SELECT dbo.nofn(ID) AS x FROM dbo.Orders", [3183]),
        ("CREATE VIEW dbo.q AS SELECT ID FROM other.dbo.Orders", [3191]),
    ],
)
def test_what_is_said(sql: str, numbers: list[int]) -> None:
    assert found(sql) == numbers


@pytest.mark.parametrize("module", CONVERSION.modules, ids=lambda m: m.name.name)
def test_what_conversion_wrote_is_right(module: object) -> None:
    assert [
        m.number for m in check_statement(module.sql, module, CONVERSION, Place(Kind.QUERY)) if m.number != 3184
    ] == []  # type: ignore[attr-defined]


def test_what_the_parser_says_has_no_colours_of_a_terminal() -> None:
    said = check_statement("CREATE VIEW dbo.q AS SELECT SELECT FROM (dbo.Orders", MODULE, CONVERSION, Place())
    assert [m.number for m in said] == [3180]
    assert "\x1b" not in said[0].text
    assert "line 1" in said[0].text


def test_a_statement_of_megabytes_is_not_parsed() -> None:
    """It took a gigabyte."""
    long = "CREATE VIEW dbo.q AS SELECT 1" + "+1" * 4_000_000 + " AS a FROM (("
    tracemalloc.start()
    try:
        assert found(long) == [3195]
        assert tracemalloc.get_traced_memory()[1] < 50 << 20
    finally:
        tracemalloc.stop()
