"""What saved queries become in the Access file, and which stay as they are."""

from __future__ import annotations

import pytest

from tests.counting import calls
from tests.uses.build import application, database, form, macro, module, query, table
from wizard.access.application import Application
from wizard.convert import convert
from wizard.definitions import Query, QueryKind
from wizard.link import kit_of
from wizard.link.queries import KitParameter, KitQueries, queries_of
from wizard.settings import Connection, Options, Target
from wizard.uses import read_uses

ORDERS = table("Orders", "ID", "Customer", "Note", key="ID")
CUSTOMERS = table("Customers", "Customer", "Name", key="")
LINES = table("Lines", "LineID", "OrderID", "Item", key="LineID")
LOG = table("Log", "Text")


def planned(*queries: Query, app: Application | None = None) -> KitQueries:
    data = database(ORDERS, CUSTOMERS, LINES, LOG, queries=queries)
    made = convert(data, source="s", schema="dbo", options=Options(add_primary_key=False), target=Target(linked=True))
    return kit_of(data, made, Connection("db"), source="s", application=app).queries


@pytest.mark.parametrize(
    ("sql", "key"),
    [
        ("SELECT ID, Note FROM Orders", ("ID",)),
        ("SELECT * FROM Orders WHERE Note = 'x'", ("ID",)),
        ("SELECT ID AS Number, Note FROM Orders", ("Number",)),
        ("SELECT Lines.LineID, Orders.Note FROM Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID", ("LineID",)),
        ("SELECT Lines.LineID, Orders.ID FROM Orders LEFT JOIN Lines ON Orders.ID = Lines.OrderID", ("LineID", "ID")),
        ("SELECT Lines.*, Orders.Note FROM Lines LEFT JOIN Orders ON Orders.ID = Lines.OrderID", ("LineID",)),
        ("SELECT Note, Count(*) AS N FROM Orders GROUP BY Note", ()),
        ("SELECT DISTINCT Note FROM Orders", ()),
        ("SELECT Count(*) AS N FROM Orders", ()),
    ],
)
def test_a_view_is_linked_with_a_key_where_its_rows_can_be_changed(sql: str, key: tuple[str, ...]) -> None:
    found = planned(query("Q", sql))
    assert [(v.name, v.link, v.local, v.view, set(v.key)) for v in found.views] == [
        ("Q", "Q", "Q_local", "dbo.Q", set(key))
    ]
    assert found.left == ()


def test_a_sum_that_is_joined_makes_rows_that_nobody_can_change() -> None:
    totals = query("Totals", "SELECT OrderID, Count(*) AS N FROM Lines GROUP BY OrderID")
    big = query("Big", "SELECT Orders.Note, Totals.N FROM Orders INNER JOIN Totals ON Orders.ID = Totals.OrderID")
    assert [(v.name, v.key) for v in planned(totals, big).views] == [("Totals", ()), ("Big", ())]


def test_a_query_that_is_read_gives_its_key_on() -> None:
    inner = query("Inner1", "SELECT ID AS N, Note FROM Orders")
    outer = query("Outer1", "SELECT Inner1.N, Inner1.Note FROM Inner1")
    assert [(v.name, v.key) for v in planned(inner, outer).views] == [("Inner1", ("N",)), ("Outer1", ("N",))]


def test_queries_that_read_one_another_twice_are_looked_at_once_each() -> None:
    """Eighteen of them were looked at 262,144 times."""
    chain = [
        query(f"Q{n}", f"SELECT a.ID, b.ID AS ID2 FROM Q{n + 1} AS a INNER JOIN Q{n + 1} AS b ON a.ID = b.ID")
        for n in range(18)
    ]
    data = database(ORDERS, queries=(*chain, query("Q18", "SELECT ID FROM Orders")))
    options = Options(add_primary_key=False)
    made = convert(data, source="s", schema="dbo", options=options, target=Target(linked=True))
    uses = read_uses(data, Application())
    found: list[KitQueries] = []
    assert calls(lambda: found.append(queries_of(data, made, uses, lambda name, suffix: name + suffix))) < 1_000_000
    assert [v.key for v in found[0].views if v.name in ("Q18", "Q0")] == [("ID",)] * 2


@pytest.mark.parametrize(
    ("sql", "order"),
    [
        ("SELECT ID, Note FROM Orders ORDER BY Note, ID DESC", "[Note], [ID] DESC"),
        ("SELECT ID, Note AS Said FROM Orders ORDER BY Orders.Note", "[Said]"),
    ],
)
def test_a_query_that_sorts_goes_on_sorting(sql: str, order: str) -> None:
    (view,) = planned(query("Q", sql)).views
    assert (view.link, view.sql) == ("Q_view", f"SELECT * FROM [Q_view] ORDER BY {order};")


def test_a_query_that_is_opened_as_one_stays_one() -> None:
    (view,) = planned(
        query("Q", "SELECT * FROM Orders"), app=application(macros=(macro("m", ("OpenQuery", "Q")),))
    ).views
    assert (view.link, view.sql) == ("Q_view", "SELECT * FROM [Q_view];")


@pytest.mark.parametrize(
    ("sql", "code", "why"),
    [
        ("SELECT Note FROM Orders", "", "no columns of it tell its rows apart"),
        ("SELECT Name FROM Customers", "", "no columns of it tell its rows apart"),
        ("SELECT ID FROM Orders ORDER BY Note", "", "it sorts by what is no column of it"),
        ("SELECT * FROM Orders", 'CurrentDb.QueryDefs("Q").SQL = s', "code takes hold of its definition"),
    ],
)
def test_a_query_that_could_not_go_on_is_left(sql: str, code: str, why: str) -> None:
    found = planned(query("Q", sql), app=application(module(f"Sub A()\n{code}\nEnd Sub")))
    assert found.views == ()
    assert [q.name for q in found.left] == ["Q"]
    assert found.left[0].why.startswith(why)


def test_action_queries_run_their_procedures() -> None:
    change = query("Change", "UPDATE Orders SET [Note] = 'x'", QueryKind.UPDATE)
    made = query("Make", "SELECT * INTO Copy FROM Orders", QueryKind.MAKE_TABLE)
    found = planned(change, made)
    assert [(p.name, p.sql, p.returns_records, p.parameters) for p in found.passes] == [
        ("Change", "EXEC [dbo].[Change]", False, ())
    ]
    assert [q.name for q in found.left] == ["Make"]


ASKING = query(
    "Q",
    "PARAMETERS [Since] DateTime; SELECT * FROM Orders WHERE ID = [Forms]![F]![C] AND [Since] < Date() ORDER BY Note",
)


def test_parameters_come_from_forms_or_are_asked() -> None:
    (found,) = planned(ASKING).passes
    assert found.sql == "SELECT * FROM [dbo].[Q]($(1), $(2)) ORDER BY [Note]"
    assert found.returns_records
    assert set(found.parameters) == {
        KitParameter("Since", True, "date"),
        KitParameter("[Forms]![F]![C]", False, "number"),
    }
    (action,) = planned(query("D", "DELETE FROM Orders WHERE Note = [Which]", QueryKind.DELETE)).passes
    assert action.sql.startswith("EXEC [dbo].[D] @")
    assert action.sql.endswith(" = $(1)")


def test_code_that_runs_a_parameter_query_fills_it_before() -> None:
    code = application(module('Sub A()\n    DoCmd.OpenQuery "Q"\nEnd Sub'))
    (found,) = planned(ASKING, app=code).passes
    assert found.called == (("M", 2),)


@pytest.mark.parametrize(
    "app",
    [
        application(forms=(form("F", "Q"),)),
        application(macros=(macro("m", ("OpenQuery", "Q")),)),
        application(module('Sub A()\nx = DLookup("Note", "Q")\nEnd Sub')),
    ],
    ids=["form", "macro", "domain"],
)
def test_a_parameter_query_is_left_where_nobody_could_fill_it(app: Application) -> None:
    found = planned(ASKING, app=app)
    assert found.passes == ()
    assert "could not give its parameters" in found.left[0].why


def test_names_that_the_kit_takes_are_free_and_its_own() -> None:
    queries = [
        query(n, "SELECT ID, Note FROM Orders ORDER BY Note") for n in ("Q", "q_view", "Q_local", "Orders_local")
    ]
    data = database(ORDERS, LOG, queries=tuple(queries))
    made = convert(data, source="s", schema="dbo", options=Options(), target=Target(linked=True))
    kit = kit_of(data, made, Connection("db"), source="s")
    former = [t.name for t in data.tables] + [q.name for q in data.queries]
    taken = [t.local for t in kit.tables] + [n for v in kit.queries.views for n in (v.local, v.link)]
    folded = [n.casefold() for n in (*former, *taken)]
    assert len(folded) == len(set(folded)) == 6 + 2 + 8
