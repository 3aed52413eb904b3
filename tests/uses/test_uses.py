"""What uses what: each kind of use in a form, a module, a macro and a query is found with its place."""

from __future__ import annotations

import pytest

from tests.uses.build import (
    COMBO_BOX,
    SUBFORM,
    TEXT_BOX,
    application,
    control,
    database,
    form,
    macro,
    module,
    query,
    table,
)
from wizard.access.application import Application
from wizard.definitions import Column, ColumnType, Database, LinkedTable, LinkKind, Table
from wizard.uses import How, Use, UserKind, read_uses
from wizard.uses.descriptions import named

TABLES = (table("Orders", "ID", "Customer", "Total"), table("Customers", "ID", "Company Name"), table("Log", "Text"))
BY_CUSTOMER = query("By Customer", "SELECT Customer AS C, Sum(Total) AS T FROM Orders GROUP BY Customer")


def found(app: Application, name: str, column: str = "", data: Database | None = None) -> list[tuple[str, str, How]]:
    uses = read_uses(data or database(*TABLES, queries=(BY_CUSTOMER,)), app)
    return [(str(u.user), u.column, u.how) for u in uses.of(name, column)]


def in_code(*lines: str) -> Application:
    return application(module("\n".join(("Sub A()", *lines, "End Sub"))))


def test_sources_of_a_form_and_its_controls() -> None:
    app = application(
        forms=(
            form(
                "F",
                "Orders",
                control(TEXT_BOX, "txtTotal", ControlSource="Total"),
                control(TEXT_BOX, "txtName", ControlSource='=DLookup("[Company Name]","Customers","ID=" & [Customer])'),
                control(COMBO_BOX, "cbo", RowSource="SELECT ID, [Company Name] FROM Customers"),
                control(COMBO_BOX, "list", RowSource="Log", RowSourceType="Value List"),
                control(SUBFORM, "sub", SourceObject="Form.G", LinkChildFields="Text", LinkMasterFields="ID"),
                Filter="[Total] > 5",
                OrderBy="Orders.Customer DESC",
            ),
            form("G", "SELECT * FROM Log"),
        )
    )
    assert ("form F, txtTotal", "Total", How.CONTROL_SOURCE) in found(app, "Orders", "Total")
    assert ("form F", "Total", How.FILTER) in found(app, "Orders", "Total")
    assert ("form F", "Customer", How.ORDER_BY) in found(app, "Orders", "Customer")
    assert ("form F, txtName", "Customer", How.CONTROL_SOURCE) in found(app, "Orders", "Customer")
    assert ("form F, sub", "ID", How.LINK_FIELDS) in found(app, "Orders", "ID")
    assert found(app, "Log", "Text") == [("form F, sub", "Text", How.LINK_FIELDS)]
    assert set(found(app, "Customers", "Company Name")) == {
        ("form F, cbo", "Company Name", How.ROW_SOURCE),
        ("form F, txtName", "Company Name", How.DOMAIN),
    }
    assert [u for u in found(app, "Log") if u[0] == "form F, list"] == []


@pytest.mark.parametrize(
    ("lines", "line", "how"),
    [
        (['Set rs = CurrentDb.OpenRecordset("Log")'], 2, How.OPEN_RECORDSET),
        (['s = "DELETE FROM " & _', '  "Log"', "CurrentDb.Execute s, dbFailOnError"], 4, How.EXECUTE),
        (['s = "DELETE "', 's = s & "FROM Log "', 's = s & "WHERE Text=" & x', "DoCmd.RunSQL s"], 5, How.RUN_SQL),
        (['Const cSql = "SELECT Text FROM Log"', "Run cSql"], 3, How.SQL),
        (['s = "SELECT Text FROM Log WHERE " & Filter & Order'], 2, How.SQL),
        (['DoCmd.OpenTable "Log"'], 2, How.OPEN_TABLE),
        (['x = DCount("*", "Log")'], 2, How.DOMAIN),
        (['Me.RecordSource = "Log"'], 2, How.RECORD_SOURCE),
        (['Me!cbo.RowSource = "SELECT Text FROM [Log] ORDER BY Text"'], 2, How.ROW_SOURCE),
        (['With CurrentDb.TableDefs("Log")', "End With"], 2, How.DEFINITION),
        (['DoCmd.TransferText acExportDelim, , "Log", f'], 2, How.TRANSFER),
        (['If Exists("Log") Then Beep'], 2, How.NAMED),
    ],
)
def test_code(lines: list[str], line: int, how: How) -> None:
    assert (f"module M, A, line {line}", "", how) in found(in_code(*lines), "Log")


def test_fields_of_a_recordset_are_columns() -> None:
    app = in_code(
        'Set rs = CurrentDb.OpenRecordset("SELECT * FROM Orders")', "x = rs!Total", 'y = rs("Customer")',
        "With rs", "z = ![ID]", "End With",
    )  # fmt: skip
    uses = {(u[0], u[1]) for u in found(app, "Orders") + found(app, "Orders", "Total") + found(app, "Orders", "ID")}
    assert {("module M, A, line 3", "Total"), ("module M, A, line 6", "ID")} <= uses
    assert found(app, "Orders", "Customer")[-1][0] == "module M, A, line 4"


def test_constants_of_other_modules_are_known() -> None:
    constants = module('Public Const cLog As String = "Log"', "Constants")
    app = application(constants, module('Sub A()\nCurrentDb.Execute "DELETE FROM " & cLog\nEnd Sub'))
    assert ("module M, A, line 2", "", How.EXECUTE) in found(app, "Log")


def test_macros() -> None:
    made = macro("Nightly", ("OpenQuery", "By Customer"), ("RunSQL", "UPDATE Log SET Text = 'x'"), ("OpenTable", "Log"))
    uses = found(application(macros=(made,)), "Log")
    assert [(u[0], u[2]) for u in uses] == [
        ("macro Nightly, OpenTable", How.OPEN_TABLE),
        ("macro Nightly, RunSQL", How.RUN_SQL),
    ]
    assert found(application(macros=(made,)), "By Customer") == [("macro Nightly, OpenQuery", "", How.OPEN_QUERY)]


def test_what_uses_a_query_uses_what_it_reads() -> None:
    app = application(forms=(form("F", "By Customer", control(TEXT_BOX, "t", ControlSource="C")),))
    uses = read_uses(database(*TABLES, queries=(BY_CUSTOMER,)), app)
    assert [(str(u.user), u.via) for u in uses.of("Orders")] == [
        ("query By Customer", ()), ("form F", ("By Customer",)), ("form F, t", ("By Customer",)),
    ]  # fmt: skip
    through: list[Use] = [u for u in uses.of("Orders", "Customer") if u.user.kind is UserKind.FORM]
    assert [(u.column, u.via) for u in through] == [("Customer", ("By Customer",))]


def test_what_nothing_uses_is_listed() -> None:
    data = database(*TABLES, queries=(BY_CUSTOMER, query("Old", "SELECT * FROM Log")))
    uses = read_uses(data, application(forms=(form("F", "By Customer"),)))
    assert uses.unused() == ((UserKind.TABLE, "Customers"), (UserKind.QUERY, "Old"))


def test_a_lookup_of_its_own_is_no_use_of_a_table() -> None:
    lookup = {"RowSource": "SELECT Name FROM Kinds", "RowSourceType": "Table/Query"}
    kinds = Table("Kinds", (Column("Name", ColumnType.TEXT, 20, properties=lookup),))
    things = Table("Things", (Column("Kind", ColumnType.TEXT, 20, properties=lookup),))
    assert read_uses(database(kinds), Application()).unused() == ((UserKind.TABLE, "Kinds"),)
    both = read_uses(database(kinds, things), Application())
    assert both.unused() == ((UserKind.TABLE, "Things"),)


def test_columns_of_linked_tables_are_taken_as_they_are_named() -> None:
    link = LinkedTable("Sales", LinkKind.ODBC, "ODBC;", "", "dbo.Sales")
    data = Database("x", "", linked_tables=(link,))
    app = application(forms=(form("F", "Sales", control(TEXT_BOX, "t", ControlSource="Amount")),))
    assert found(app, "Sales", "amount", data) == [("form F, t", "Amount", How.CONTROL_SOURCE)]


def test_a_name_may_have_dots() -> None:
    uses = read_uses(database(table("a.b", "c.d"), table("a", "b")), Application())
    assert named(uses, "a.b") == ("a.b", "")
    assert named(uses, "A.B.C.D") == ("a.b", "c.d")
    assert named(uses, "a.[b]") == ("a", "b")
    assert named(uses, "a.x") is None


def test_queries_in_a_circle_end() -> None:
    circle = (query("A", "SELECT * FROM B"), query("B", "SELECT * FROM A"))
    uses = read_uses(database(queries=circle), Application())
    assert [str(u.user) for u in uses.of("A")] == ["query B", "query A"]


def test_text_without_end_is_bounded() -> None:
    doubling = ['s = "SELECT * FROM Log WHERE x = 1"', *["s = s & s"] * 200, "CurrentDb.Execute s"]
    many = [f'CurrentDb.Execute "DELETE FROM Log WHERE a={i}"' for i in range(300)]
    assert len(found(in_code(*doubling, *many), "Log")) >= 300
