"""What forms and code will do on linked tables: each finding where it is true, and not where it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.uses.build import (
    COMBO_BOX,
    SUBFORM,
    TEXT_BOX,
    application,
    control,
    database,
    form,
    module,
    query,
    table,
)
from wizard.access.application import Application
from wizard.assess.application import AssessedApplication, Sent, assess_application
from wizard.convert import convert, convert_loose
from wizard.definitions import Column, ColumnType, Database, Query, QueryKind, Table
from wizard.objects import Conversion, Converted
from wizard.settings import Options, Target

ORDERS = table("Orders", "ID", "Customer", "Note", rows=50_000, key="ID")
LOG = table("Log", "Text", rows=5_000)
FLAGS = Table("Flags", (Column("Done", ColumnType.BOOLEAN), Column("No", ColumnType.LONG)), rows=10)
DATA = database(ORDERS, LOG, FLAGS, queries=(query("All Orders", "SELECT * FROM Orders"),))


def assessed(app: Application, data: Database = DATA) -> AssessedApplication:
    def judge(queries: list[Query] | tuple[Query, ...]) -> tuple[Converted, ...]:
        return convert_loose(data, queries, source="s", schema="dbo", options=Options(), target=Target())

    conversion = convert(data, source="s", schema="dbo", options=Options(), target=Target())
    return assess_application(data, app, conversion, source="s", judge=judge)  # type: ignore[arg-type]


def told(app: Application, data: Database = DATA) -> list[tuple[int, int]]:
    """Number and line of each finding; what concerns rows sent is asked for by itself."""
    return [(m.number, m.place.line) for m in assessed(app, data).messages if m.number not in (4526, 4527)]


def in_code(*lines: str) -> Application:
    return application(module("\n".join(("Sub A()", *lines, "End Sub"))))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['Set rs = CurrentDb.OpenRecordset("Orders")'], [(4500, 2)]),
        (['Set rs = CurrentDb.OpenRecordset("All Orders", dbOpenDynaset)'], [(4500, 2)]),
        (['Set rs = CurrentDb.OpenRecordset("SELECT Note FROM Orders WHERE ID=" & x)'], [(4500, 2)]),
        (['Set rs = CurrentDb.OpenRecordset("Orders", dbOpenDynaset, dbSeeChanges)'], []),
        (['Set rs = CurrentDb.OpenRecordset("Orders", dbOpenSnapshot)'], []),
        (['Set rs = CurrentDb.OpenRecordset("SELECT Count(*) FROM Orders")'], []),
        (['Set rs = CurrentDb.OpenRecordset("SELECT DISTINCT Customer FROM Orders")'], []),
        (['Set rs = CurrentDb.OpenRecordset("Log")'], []),
        (["Set rs = CurrentDb.OpenRecordset(x)"], [(4503, 2)]),
        (['CurrentDb.Execute "DELETE FROM [" & t & "]"'], [(4503, 2)]),
        (['CurrentDb.Execute "DELETE FROM Temp WHERE x=" & t'], []),
        (["o = o + dbSeeChanges", 'CurrentDb.Execute "DELETE FROM Orders", o'], []),
        (['CurrentDb.Execute "DELETE FROM Orders", Options'], []),
        (['CurrentDb.Execute "DELETE FROM Orders", Options:=dbFailOnError'], [(4501, 2)]),
        (['s = "CREATE INDEX i ON [" & t & "] (a,"', "s = Left$(s, n)", "CurrentDb.Execute s"], []),
        (["Dim cn As ADODB.Connection", 'x = cn.Execute("SELECT @@IDENTITY")(0)'], []),
        (["Dim cn As ADODB.Connection", 'cn.Execute "DELETE FROM Orders"'], []),
        (['CurrentDb.Execute "DELETE FROM Orders", dbFailOnError'], [(4501, 2)]),
        (['CurrentDb.Execute "INSERT INTO Orders (Note) VALUES (\'x\')"'], [(4501, 2)]),
        (['CurrentDb.Execute "DELETE FROM Orders", dbFailOnError + dbSeeChanges'], []),
        (["Dim db As DAO.Database", 's = "UPDATE Orders SET Note = 1"', "db.Execute s"], [(4501, 4)]),
        (['CurrentDb.Execute "DELETE FROM Log"'], []),
        (['DoCmd.RunSQL "UPDATE Orders SET Note = 1"'], [(4502, 2)]),
        (['DoCmd.RunSQL "ALTER TABLE Orders ADD COLUMN x LONG"'], [(4510, 2)]),
        (['CurrentDb.Execute "DROP TABLE Orders"'], [(4510, 2)]),
        (['CurrentDb.Execute "DROP TABLE Temp"'], []),
        (['CurrentDb.Execute "CREATE TABLE Temp (a LONG)"'], [(4509, 2)]),
        (['DoCmd.RunSQL "SELECT * INTO Orders FROM Log"'], [(4540, 2)]),
        (['DoCmd.RunSQL "SELECT * INTO Temp FROM Log"'], []),
        (['CurrentDb.TableDefs("Orders").Fields.Delete "Note"'], [(4538, 2)]),
        (['Set t = CurrentDb.TableDefs("Orders")', "With t.Indexes", ".Append i", "End With"], [(4538, 4)]),
        (['CurrentDb.TableDefs("Temp").Fields.Append f'], []),
        (['CurrentDb.TableDefs.Delete "Orders"'], [(4539, 2)]),
        (['DoCmd.DeleteObject acTable, "Orders"', 'DoCmd.DeleteObject acQuery, "Orders"'], [(4539, 2)]),
        (['CurrentDb.TableDefs.Delete "Orders"', "t.Connect = c"], []),
        (['CurrentDb.QueryDefs("All Orders").OpenRecordset'], [(4541, 2)]),
        (['Set r = CurrentDb.QueryDefs("All Orders").OpenRecordset(dbOpenSnapshot)'], []),
        (['Set q = CurrentDb.CreateQueryDef("", "DELETE FROM Orders")', "q.Execute"], [(4541, 3)]),
        (['Set q = CurrentDb.QueryDefs("All Orders")', "q.Execute dbSeeChanges"], []),
        (['CurrentDb.Execute "DELETE FROM [All Orders]"'], [(4501, 2)]),
        (['Set rs = CurrentDb.OpenRecordset("Orders", dbOpenTable)'], [(4504, 2)]),
        (['Set rs = CurrentDb.OpenRecordset("SELECT @@IDENTITY")'], [(4508, 2)]),
        (['x = CurrentProject.Connection.Execute("SELECT @@IDENTITY")(0)'], [(4508, 2)]),
        (
            ['Set rs = CurrentDb.OpenRecordset("Log", dbOpenDynaset)', 'rs.Index = "PrimaryKey"', 'rs.Seek "=", 1'],
            [(4506, 3), (4505, 4)],
        ),
        (["x.Index = 3", "Seek #1, 5"], []),
        (["For i = 1 To 9", 'x = DLookup("Note", "Orders", "ID=" & i)', "Next"], [(4513, 3)]),
        (['x = DLookup("Note", "Orders", "ID=1")'], []),
        (["Do While Not rs.EOF", 'x = DLookup("a", "Elsewhere")', "Loop"], []),
        (['x = Eval(t)', 'y = Eval("1+1")', "z = script.Eval(t)"], [(4518, 2)]),
        (['x = Eval("MsgBox(\'" & t & "\'," & n & ")")', 'x = Eval("f(" & t & ")")'], [(4518, 3)]),
        (['s = "Provider=Microsoft.ACE.OLEDB.12.0;Data Source=" & f'], [(4525, 2)]),
        (['s = "Provider=Microsoft.ACE.OLEDB.12.0;Extended Properties=\'Excel 12.0\';Data Source=" & f'], []),
        (['CurrentDb.Execute "UPDATE Flags SET No = 2 WHERE Done = -1"'], [(4516, 2)]),
        (['CurrentDb.Execute "UPDATE Flags SET No = 1 WHERE Done = True AND No = 1"'], []),
    ],
)  # fmt: skip
def test_calls(lines: list[str], expected: list[tuple[int, int]]) -> None:
    assert told(in_code(*lines)) == expected


OPEN = 'Set rs = CurrentDb.OpenRecordset("Orders", dbOpenDynaset, dbSeeChanges)'


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["rs.AddNew", "rs!Note = 1", "k = rs!ID", "rs.Update"], [(4507, 5)]),
        (["With rs", ".AddNew", 'k = .Fields("ID")', ".Update", "End With"], [(4507, 5)]),
        (
            ['With CurrentDb.OpenRecordset("Orders", dbOpenDynaset, dbSeeChanges)', ".AddNew", "k = !ID", ".Update",
             'j = .Fields("ID")', "End With"],
            [(4507, 5)],
        ),
        (["rs.AddNew", "rs!Note = 1", "rs.Update", "rs.Bookmark = rs.LastModified", "k = rs!ID"], []),
        (["rs.AddNew", "k = rs!Note", "rs.Update"], []),
        (["rs.Edit", "k = rs!ID", "rs.Update"], []),
        (['rs.FindFirst "Note = 1"'], [(4512, 3)]),
    ],
)  # fmt: skip
def test_recordsets(lines: list[str], expected: list[tuple[int, int]]) -> None:
    assert told(in_code(OPEN, *lines)) == expected


def test_a_search_in_a_few_rows_is_none() -> None:
    few = 'Set rs = CurrentDb.OpenRecordset("SELECT * FROM Orders WHERE Customer=1", dbOpenDynaset, dbSeeChanges)'
    assert told(in_code(few, 'rs.FindFirst "Note = 1"')) == []


def test_transactions_and_designs() -> None:
    assert told(in_code("BeginTrans", 'CurrentDb.Execute "DELETE FROM Log"', "CommitTrans")) == [(4511, 2)]
    assert told(in_code("Set t = CurrentDb.CreateTableDef(n)", "t.Fields.Append t.CreateField(f)")) == [
        (4509, 2),
    ]
    relation = in_code('Set r = CurrentDb.CreateRelation(n, "Orders", "Log", 0)', "r.Fields.Append r.CreateField(f)")
    assert told(relation) == [(4509, 2)]
    assert told(in_code('Set t = CurrentDb.CreateTableDef(n, 0, "T", c)')) == []
    linking = in_code("Set t = CurrentDb.CreateTableDef(n)", "t.Connect = c", "CurrentDb.TableDefs.Append t")
    assert told(linking) == []


def test_other_databases_are_none_of_ours() -> None:
    lines = ("Set d = OpenDatabase(f)", "With d", "Set t = .CreateTableDef(n)", "t.CreateField x", "End With")
    assert told(in_code(*lines, 'd.Execute "DELETE FROM Orders"', 'Set r = d.OpenRecordset("Orders")')) == []


def test_declares() -> None:
    old, new = 'Declare Sub A Lib "k" ()\n', 'Private Declare PtrSafe Sub A Lib "k" ()\n'
    assert told(application(module(f"{new}{old}"))) == [(4524, 2)]
    assert told(application(module(f"#If VBA7 Then\n{new}#Else\n{old}#End If\n"))) == []
    assert told(application(module(f"#If Mac Then\n#ElseIf Win64 Then\n{new}#Else\n{old}#End If\n"))) == []
    assert told(application(module(f"#If Not VBA7 Then\n{old}#Else\n{old}#End If\n"))) == [(4524, 4)]


def test_what_is_passed_through_is_no_access_sql() -> None:
    app = in_code(
        'Set q = CurrentDb.CreateQueryDef("")', 'q.Connect = "ODBC;DSN=x"',
        "q.SQL = \"SELECT * FROM t WHERE d > #1/2/2020# AND n LIKE 'a*' AND c = Forms!F!C\"",
    )  # fmt: skip
    assert sorted(told(app)) == [(4519, 4), (4528, 4), (4528, 4)]
    saved = replace(DATA, queries=(query("P", "SELECT 1 WHERE n LIKE 'a%'", QueryKind.PASS_THROUGH),))
    assert told(Application(), saved) == []


def findings(app: Application) -> list[tuple[int, str]]:
    return [(m.number, m.place.part) for m in assessed(app).messages if m.number not in (4526, 4527)]


def test_forms_over_whole_tables() -> None:
    assert findings(application(forms=(form("F", "Orders"),))) == [(4520, "")]
    assert findings(application(forms=(form("F", "SELECT Note FROM [All Orders] ORDER BY Note"),))) == [(4520, "")]
    assert findings(application(forms=(form("F", "SELECT Note FROM Orders WHERE ID=1"),))) == []
    assert findings(application(forms=(form("F", "Flags"),))) == []
    assert findings(application(forms=(form("F", "Orders", not_default=("DataEntry",)),))) == []


def test_lists_subforms_and_expressions() -> None:
    sub = form("S", "Log")
    controls = (
        control(COMBO_BOX, "many", RowSource="SELECT Text FROM Log"),
        control(COMBO_BOX, "few", RowSource="SELECT Done FROM Flags"),
        control(COMBO_BOX, "values", RowSource="Log", RowSourceType="Value List"),
        control(SUBFORM, "alone", SourceObject="Form.S"),
        control(SUBFORM, "tied", SourceObject="S", LinkChildFields="Text", LinkMasterFields="No"),
        control(TEXT_BOX, "looked", ControlSource='=DLookup("Text","Log","1=1")'),
        control(TEXT_BOX, "own", ControlSource="=Price([No])"),
        control(TEXT_BOX, "plain", ControlSource="=[No]*2"),
    )
    price = module("Public Function Price(n)\nPrice = n\nEnd Function")
    many = findings(application(price, forms=(form("F", "Flags", *controls), sub)))
    assert many == [(4521, "many"), (4523, "alone"), (4514, "looked"), (4522, "own")]
    single = findings(application(price, forms=(form("F", "Flags", *controls, DefaultView=0), sub)))
    assert (4522, "own") not in single


def test_columns_that_have_another_name_on_the_server() -> None:
    data = database(table("T", "a" * 10 + " ", "b"))
    app = application(forms=(form("F", "T", control(TEXT_BOX, "t", ControlSource="b")),))
    conversion = convert(data, source="s", schema="dbo", options=Options(), target=Target())
    renamed = replace(
        conversion,
        tables=tuple(
            replace(t, columns=tuple(replace(c, name="b_2") if c.source == "b" else c for c in t.columns))
            for t in conversion.tables
        ),
    )
    found = assess_application(data, app, renamed, source="s").messages
    assert [(m.number, m.place.name, m.place.part) for m in found] == [(4517, "F", "t")]
    assert "b_2" in found[0].text
    brought = {"t": renamed.tables[0]}
    assert assess_application(data, app, Conversion(), source="front", shared=brought).messages[0].number == 4517


@pytest.mark.parametrize(
    ("sql", "sent", "rows"),
    [
        ("SELECT * FROM Orders", Sent.WHOLE, 50_000),
        ("SELECT * FROM Orders WHERE ID = 5", Sent.WHOLE, 1),
        ("SELECT Count(*) FROM Orders", Sent.WHOLE, 1),
        ("SELECT Own(Note) FROM Orders WHERE Customer = 'x'", Sent.WHOLE, 50_000),
        ("SELECT * FROM Orders WHERE Own(Note) = 1", Sent.FETCHED, 50_000),
        ("SELECT * FROM Orders WHERE Customer = 'x' AND Own(Note) = 1", Sent.SPLIT, 50_000),
        ("SELECT * FROM Orders WHERE Note = Own(5) AND Customer > Date()", Sent.WHOLE, 50_000),
        ("SELECT TOP 5 * FROM Orders ORDER BY Note", Sent.SPLIT, 50_000),
        ("SELECT Customer, First(Note) FROM Orders GROUP BY Customer", Sent.FETCHED, 50_000),
        ("SELECT IIf(Note='',1,2), Count(*) FROM Orders GROUP BY IIf(Note='',1,2)", Sent.FETCHED, 50_000),
        ("TRANSFORM Count(*) SELECT Customer FROM Orders GROUP BY Customer PIVOT Note", Sent.SPLIT, 50_000),
        ("SELECT * FROM Orders INNER JOIN Log ON Orders.Note = Log.Text", Sent.WHOLE, 50_000),
        ("SELECT * FROM Orders INNER JOIN Log ON Own(Orders.Note) = Log.Text", Sent.FETCHED, 55_000),
        ("SELECT * FROM Orders WHERE Note Like 'a*'", Sent.WHOLE, 50_000),
        ("SELECT * FROM Orders WHERE Note Like '[a-c]#'", Sent.FETCHED, 50_000),
    ],
)
def test_what_access_sends(sql: str, sent: Sent, rows: int) -> None:
    found = assessed(Application(), replace(DATA, queries=(query("Q", sql),))).deliveries
    assert [(d.sent, d.rows) for d in found] == [(sent, rows)]


def test_sql_of_forms_goes_through_the_converter() -> None:
    app = application(
        forms=(
            form("Good", "SELECT Note FROM Orders WHERE ID = Forms!F!C"),
            form("Bad", "SELECT Own(Note) AS x FROM Orders WHERE ID = 1"),
        )
    )
    found = assessed(app)
    assert (found.statements, found.converting) == (2, 1)
    assert [(m.number, m.place.name) for m in found.messages] == [(4530, "Bad")]


def test_a_file_without_application_is_asked_nothing() -> None:
    found = assessed(Application(), database(ORDERS))
    assert found == AssessedApplication()
