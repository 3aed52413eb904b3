"""Whole queries: saved ones, crosstabs, parameters, errors of cells, bounds, and what is refused."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.convert.interpreter.rows import NOW, Data, table
from tests.sqlserver import battery
from wizard.convert.interpreter import (
    Bounds,
    BoundsError,
    ErrorValue,
    Interpreter,
    InterpreterError,
    ParameterError,
    QueryError,
    UnsupportedError,
)
from wizard.definitions import ColumnType, Database, LinkedTable, LinkKind
from wizard.definitions import ColumnType as T

SALES = (
    table("Sales", ID=T.LONG, Who=T.TEXT, Day=T.DATE, Amount=T.CURRENCY, Paid=T.BOOLEAN),
    [
        (1, "Ann", datetime(2024, 1, 5), Decimal("10.5000"), True),
        (2, "ann ", datetime(2024, 2, 5), Decimal("4.0000"), False),
        (3, "Bob", datetime(2024, 1, 9), None, True),
        (4, None, None, Decimal("7.2500"), False),
    ],
)
QUERIES = {
    "Big": "SELECT ID, Who, Amount * 2 AS Twice FROM Sales WHERE Amount > 5 ORDER BY ID DESC",
    "Bigger": "SELECT Who, Twice FROM Big WHERE Twice > [least]",
    "Declared": "PARAMETERS [from] DateTime; SELECT ID FROM Sales WHERE Day >= [from] ORDER BY ID",
    "Faulty": "SELECT ID, 1 / (ID - 2) AS r FROM Sales",
    "Round": "SELECT * FROM Around",
    "Around": "SELECT * FROM Round",
}
DATA = Data(SALES, queries=QUERIES)


def test_saved_queries_read_saved_queries_in_their_order() -> None:
    found = DATA.interpreter().saved("big")
    assert found.columns == ("ID", "Who", "Twice")
    assert found.rows == [(4, None, Decimal("14.5000")), (1, "Ann", Decimal("21.0000"))]
    assert DATA.interpreter(least=15).saved("Bigger").rows == [("Ann", Decimal("21.0000"))]
    assert DATA.sql("SELECT TOP 1 ID FROM Big") == [(4,)]
    assert DATA.sql("SELECT First(ID) FROM Big") == [(4,)]


def test_a_parameter_without_a_value_is_named() -> None:
    with pytest.raises(ParameterError) as found:
        DATA.interpreter().saved("Bigger")
    assert found.value.prompt == "least"
    with pytest.raises(ParameterError) as found:
        DATA.sql("SELECT ID FROM Sales WHERE Who = [Forms]![F]![Who]")
    assert found.value.prompt == "Forms!F!Who"


def test_a_declared_parameter_has_its_type() -> None:
    for given in ("2024-01-09", datetime(2024, 1, 9), 45300):
        assert DATA.interpreter(**{"From": given}).saved("Declared").rows == [(2,), (3,)]
    with pytest.raises(QueryError, match="declares"):
        DATA.interpreter(**{"From": "soon"}).saved("Declared")


def test_a_declared_parameter_wins_over_an_output_column_of_its_name() -> None:
    assert DATA.sql("PARAMETERS park Long; SELECT park AS park FROM Sales", park=7) == [(7,)] * 4


def test_an_error_is_the_cells_own() -> None:
    rows = DATA.interpreter().saved("Faulty").rows
    assert [isinstance(r, ErrorValue) for _, r in rows] == [False, True, False, False]
    rows = DATA.sql("SELECT ID, r & '!' AS s, Nz(r, 0) AS t, IsError(r) AS e FROM Faulty")
    assert [repr(v) for v in rows[1]] == ["2", "#Error", "#Error", "True"]
    assert repr(DATA.sql("SELECT Sum(r), Count(*) FROM Faulty")) == "[(#Error, 4)]"
    with pytest.raises(QueryError, match="division by zero"):
        DATA.sql("SELECT ID FROM Sales WHERE 1 / (ID - 2) > 0")


def test_crosstabs_have_a_column_for_each_heading() -> None:
    sql = "TRANSFORM Sum(Amount) SELECT Paid, Count(*) AS n FROM Sales GROUP BY Paid PIVOT Who"
    found = DATA.interpreter().sql(sql)
    assert found.columns == ("Paid", "n", "<>", "Ann", "Bob")
    assert found.rows == [
        (True, 2, None, Decimal("10.5000"), None),
        (False, 2, Decimal("7.2500"), Decimal("4.0000"), None),
    ]
    fixed = DATA.interpreter().sql(f"{sql} IN ('Bob', 'Cy')")
    assert fixed.columns == ("Paid", "n", "Bob", "Cy")
    zeros = DATA.interpreter().sql("TRANSFORM Nz(Count(ID), 0) SELECT Who FROM Sales GROUP BY Who PIVOT Month(Day)")
    assert zeros.columns == ("Who", "<>", "1", "2")
    assert zeros.rows == [(None, 1, 0, 0), ("Ann", 0, 1, 1), ("Bob", 0, 1, 0)]


def test_distinctrow_counts_rows_of_the_sources_that_give_columns() -> None:
    lines = table("Lines", SaleID=T.LONG), [(1,), (1,), (3,)]
    data = Data(SALES, lines)
    joined = "Who FROM Sales INNER JOIN Lines ON Sales.ID = Lines.SaleID"
    assert data.sql(f"SELECT DISTINCTROW {joined}") == [("Ann",), ("Bob",)]
    assert data.sql(f"SELECT {joined}") == [("Ann",), ("Ann",), ("Bob",)]


def test_what_a_query_depends_on_is_told() -> None:
    assert DATA.interpreter().sql("SELECT Now() FROM Sales").uses == {"clock"}
    assert DATA.interpreter().sql("SELECT ID FROM Sales ORDER BY Rnd(ID)").uses == {"random"}
    assert DATA.interpreter().sql("SELECT CurrentUser() FROM Sales").uses == {"user"}
    assert DATA.interpreter(p=1).sql("SELECT [p] FROM Sales").uses == {"parameters"}
    assert DATA.interpreter().sql("SELECT TOP 1 ID FROM Sales").uses == {"order"}
    assert DATA.interpreter().sql("SELECT Last(ID) FROM Sales").uses == {"order"}
    assert DATA.interpreter().sql("SELECT TOP 1 ID FROM Sales ORDER BY ID").uses == frozenset()
    assert DATA.interpreter().sql("SELECT TOP 1000 ID FROM Sales").uses == frozenset(), "all of them"
    assert DATA.sql("SELECT DISTINCT Now() FROM Sales") == [(NOW,)]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT * FROM Nowhere", QueryError), ("SELECT * FROM Round", QueryError), ("SELECT", QueryError),
        ("SELECT ID FROM Sales AS a, Sales AS b", QueryError), ("SELECT 1 FROM Sales AS a, Sales AS A", QueryError),
        ("SELECT Left(Who) FROM Sales", QueryError), ("SELECT ID FROM Sales WHERE Sum(Amount) > 1", QueryError),
        ("SELECT ID FROM Sales UNION SELECT ID, Who FROM Sales", QueryError),
        ("SELECT a + 1 AS b, b + 1 AS a FROM Sales", QueryError), ("SELECT Mine(ID) FROM Sales", UnsupportedError),
        ("SELECT MsgBox('x') FROM Sales", UnsupportedError), ("SELECT * FROM Far", UnsupportedError),
        ("SELECT * FROM Sales IN 'x.mdb'", UnsupportedError), ("DELETE FROM Sales", UnsupportedError),
        ("SELECT (SELECT ID FROM Sales) FROM Sales", QueryError),
    ],
)  # fmt: skip
def test_what_gives_no_rows_says_why(sql: str, error: type[Exception]) -> None:
    far = LinkedTable("Far", LinkKind.ACCESS, "", "far.mdb", "Far")
    database = Database("x", "x", tables=DATA.database.tables, linked_tables=(far,), queries=DATA.database.queries)
    with pytest.raises(error):
        Interpreter(database, DATA.read, NOW).sql(sql)


@pytest.mark.parametrize(
    ("bounds", "bound"),
    [
        (Bounds(rows=3), "rows"), (Bounds(steps=3), "steps"), (Bounds(memory=100), "bytes of memory"),
        (Bounds(seconds=-1), "seconds"),
    ],
)  # fmt: skip
def test_bounds_are_kept(bounds: Bounds, bound: str) -> None:
    with pytest.raises(BoundsError) as found:
        DATA.interpreter(bounds).sql("SELECT a.ID FROM Sales AS a, Sales AS b ORDER BY a.ID")
    assert found.value.bound == bound


def test_what_is_called_between_can_end_a_run() -> None:
    class EndedError(Exception):
        pass

    def end() -> None:
        raise EndedError

    with pytest.raises(EndedError):
        Interpreter(DATA.database, DATA.read, NOW, between=end).sql("SELECT * FROM Sales")


def test_a_table_is_read_once_for_all_rows_that_ask() -> None:
    data = Data(SALES)
    data.sql("SELECT ID, (SELECT Count(*) FROM Sales AS s WHERE s.ID < Sales.ID) AS n FROM Sales")
    data.sql("SELECT ID, DCount('*', 'Sales', 'ID<' & ID) AS n FROM Sales")
    assert len(data.reads) == 4


def _read(database: Database, name: str, columns: Sequence[str]) -> Any:
    values: dict[ColumnType, tuple[Any, ...]] = {
        T.LONG: (1, -2, None, 70_000), T.INTEGER: (1, None, -3, 2), T.BYTE: (1, 200, None, 0),
        T.DOUBLE: (1.5, None, -2.25, 0.0), T.SINGLE: (0.5, None, 1.25, 3.0), T.TEXT: ("a", "12", None, ""),
        T.CURRENCY: (Decimal("1.2500"), None, Decimal(0), Decimal("-3.0000")), T.BOOLEAN: (True, False, True, False),
        T.DATE: (datetime(2024, 2, 29, 13), None, datetime(1899, 12, 29, 6), datetime(100, 1, 1)),
        T.GUID: ("{11111111-1111-1111-1111-111111111111}", None) * 2, T.BINARY: (b"ab", None, b"", b"\0"),
    }  # fmt: skip
    kinds = [database.tables_by_name[name.casefold()].by_name[c.casefold()].type for c in columns]
    return [tuple(values.get(k, (None,) * 4)[i] for k in kinds) for i in range(4)]


def test_every_function_and_operator_with_every_type_gives_a_value_or_a_reason() -> None:
    database, random, given = battery.database([]), Random(5), 0
    for case in itertools.islice(battery.cases(5), 0, 6_000, 7):
        parameters: dict[str, Any] = {}
        while True:
            interpreter = Interpreter(
                database, lambda n, c: _read(database, n, c), NOW, parameters, Bounds(steps=200_000)
            )
            try:
                interpreter.sql(case.sql)
                given += 1
            except ParameterError as e:
                if e.prompt not in parameters:
                    parameters[e.prompt] = random.choice([1, "a", None, datetime(2024, 1, 1)])
                    continue
            except InterpreterError:
                pass
            break
    assert given > 400
