"""Each kind of change of code: made where it is certain, told with the reason where it is not, VBA afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.assess.test_application import assessed
from tests.link.answered_code import DATA, ORDERS, changed, differences, linked, made, procedure, refused
from tests.uses.build import application, database, module, query, table
from wizard.definitions import QueryKind
from wizard.link.code_changes import CodeChanges, code_changes
from wizard.messages import Kind, Message, Place

# --- SQL in texts ----------------------------------------------------------------------------------------------------

PASSES = ('Set q = CurrentDb.CreateQueryDef("")', 'q.Connect = "ODBC;DSN=x"')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"SELECT * FROM t WHERE d > #1/2/2020#"', "\"SELECT * FROM t WHERE d > '20200102'\""),
        ('"SELECT 1 FROM t WHERE d = #2020-01-02 10:30#"', "\"SELECT 1 FROM t WHERE d = '2020-01-02T10:30:00'\""),
        (
            "\"SELECT 1 FROM t WHERE n LIKE 'a*b?_#[!x]' AND m LIKE 'a%'\"",
            "\"SELECT 1 FROM t WHERE n LIKE 'a%b_[_][0-9][^x]' AND m LIKE 'a%'\"",
        ),
    ],
)
def test_dates_and_patterns_for_the_server(before: str, after: str) -> None:
    assert differences(procedure(*PASSES, f"q.SQL = {before}")) == [
        f"-     q.SQL = {before}",
        f"+     q.SQL = {after}",
    ]


def test_a_pattern_with_a_value_in_it_is_left() -> None:
    source = procedure(*PASSES, 'q.SQL = "SELECT 1 FROM t WHERE n LIKE \'*" & x & "*\'"')
    assert refused(source) == ["the date or pattern is not whole in one text of the line"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"UPDATE Items SET Line = 2 WHERE Done = -1"', '"UPDATE Items SET Line = 2 WHERE Done = True"'),
        (
            "\"UPDATE Items SET Line = -1 WHERE -1 <> [Items].[Done] AND Code = 'Done = -1'\"",
            "\"UPDATE Items SET Line = -1 WHERE True <> [Items].[Done] AND Code = 'Done = -1'\"",
        ),
    ],
)
def test_minus_one_of_a_yes_no_column(before: str, after: str) -> None:
    assert differences(procedure(f"DoCmd.RunSQL {before}")) == [
        f"-     DoCmd.RunSQL {before}",
        f"+     DoCmd.RunSQL {after}",
    ]


def renamed(line: str) -> CodeChanges:
    """What becomes of a line that uses `Note`, which is `Note_2` on the server."""
    here = linked(database(ORDERS, table("Log", "Text")))
    access, server = here["orders"]
    columns = tuple(replace(c, name="Note_2") if c.source == "Note" else c for c in server.columns)
    facts = {"column": "Note", "table": "Orders", "name": "Note_2"}
    finding = Message.of(4517, Place(Kind.OBJECT, "s", "M", "A", 2), **facts)
    given = {**here, "orders": (access, replace(server, columns=columns))}
    return code_changes((module(procedure(line)),), [finding], linked=given)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "CurrentDb.Execute \"UPDATE Orders SET Note = 'Note' WHERE [Note]='\" & x & \"' AND Orders.Note > 1\"",
            "CurrentDb.Execute \"UPDATE Orders SET [Note_2] = 'Note' WHERE [Note_2]='\" & x"
            ' & "\' AND Orders.[Note_2] > 1"',
        ),
        (
            'DoCmd.RunSQL "INSERT INTO Orders (Customer, Note) VALUES (1, 2)"',
            'DoCmd.RunSQL "INSERT INTO Orders (Customer, [Note_2]) VALUES (1, 2)"',
        ),
    ],
)
def test_a_column_that_has_another_name_on_the_server(before: str, after: str) -> None:
    (change,) = renamed(before).modules[0].changes
    assert change.after == (f"    {after}",)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("x = rs!Note", "who reads the column by its name must change too"),
        ('Set rs = db.OpenRecordset("SELECT Note FROM Orders")', "who reads the column by its name must change too"),
        ('db.Execute "UPDATE Orders SET No" & "te = 1"', "the column's name is not in the line alone"),
        ('db.Execute "DELETE FROM Orders WHERE Note" & x', "the column's name may go on in another text"),
        (
            'db.Execute "INSERT INTO Log SELECT Note FROM Orders"',
            "the column's name is not in the line alone",
        ),
    ],
)
def test_a_column_stays_where_others_know_its_name(line: str, why: str) -> None:
    assert [r.why for r in renamed(line).left] == [why]


def test_one_of_a_yes_no_column_is_another_matter() -> None:
    source = procedure('DoCmd.RunSQL "UPDATE Items SET Line = 2 WHERE Done = 1"')
    assert changed(source) == CodeChanges()
    assert 4529 in [m.number for m in assessed(application(module(source)), DATA).messages]


# --- what is known only at run time ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CurrentDb.Execute s", "CurrentDb.Execute s, dbSeeChanges"),
        ('CurrentDb.Execute "DELETE FROM [" & t & "]"', 'CurrentDb.Execute "DELETE FROM [" & t & "]", dbSeeChanges'),
        (
            'Set rs = CurrentDb.OpenRecordset("SELECT * FROM " & t)',
            'Set rs = CurrentDb.OpenRecordset("SELECT * FROM " & t, dbOpenDynaset, dbSeeChanges)',
        ),
        (
            "Set rs = CurrentDb.OpenRecordset(t, dbOpenDynaset)",
            "Set rs = CurrentDb.OpenRecordset(t, dbOpenDynaset, dbSeeChanges)",
        ),
    ],
)
def test_what_is_known_only_at_run_time_gets_the_option(before: str, after: str) -> None:
    assert differences(procedure(before)) == [f"-     {before}", f"+     {after}"]


QUERIES = database(
    ORDERS,
    queries=(
        query("All", "SELECT * FROM Orders"),
        query("Clear", "DELETE * FROM Orders", QueryKind.DELETE),
    ),
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('CurrentDb.QueryDefs("Clear").Execute', 'CurrentDb.QueryDefs("Clear").Execute dbSeeChanges'),
        (
            'CurrentDb.QueryDefs("Clear").Execute dbFailOnError \' all',
            'CurrentDb.QueryDefs("Clear").Execute dbFailOnError + dbSeeChanges \' all',
        ),
        (
            'Set rs = CurrentDb.QueryDefs("All").OpenRecordset',
            'Set rs = CurrentDb.QueryDefs("All").OpenRecordset(dbOpenDynaset, dbSeeChanges)',
        ),
        (
            'Set rs = CurrentDb.QueryDefs("All").OpenRecordset(dbOpenDynaset)',
            'Set rs = CurrentDb.QueryDefs("All").OpenRecordset(dbOpenDynaset, dbSeeChanges)',
        ),
        (
            'n = CurrentDb.QueryDefs("All").OpenRecordset().Fields(0)',
            'n = CurrentDb.QueryDefs("All").OpenRecordset(dbOpenDynaset, dbSeeChanges).Fields(0)',
        ),
    ],
)
def test_a_query_that_is_run_by_its_definition_gets_the_option(before: str, after: str) -> None:
    assert differences(procedure(before), QUERIES) == [f"-     {before}", f"+     {after}"]


def test_a_name_known_only_at_run_time_keeps_its_type() -> None:
    why = "a name opens a recordset of another type on a local table than on a link"
    assert refused(procedure("Set rs = CurrentDb.OpenRecordset(t)")) == [why]


# --- procedures of Windows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'Private Declare Sub Sleep Lib "kernel32" (ByVal n As Long)',
            'Private Declare PtrSafe Sub Sleep Lib "kernel32" (ByVal n As Long)',
        ),
        (
            'Declare Function GetTickCount Lib "kernel32" () As Long',
            'Declare PtrSafe Function GetTickCount Lib "kernel32" () As Long',
        ),
        (
            'Declare Function Show Lib "User32.dll" Alias "ShowWindow" (ByVal h As Long, ByVal n As Long)',
            'Declare PtrSafe Function Show Lib "User32.dll" Alias "ShowWindow" (ByVal h As LongPtr, ByVal n As Long)',
        ),
        (
            'Declare Function apiGetUserName Lib "advapi32.dll" Alias "GetUserNameA" _\n'
            "    (ByVal b As String, n As Long) As Long ' who",
            'Declare PtrSafe Function apiGetUserName Lib "advapi32.dll" Alias "GetUserNameA" _\n'
            "    (ByVal b As String, n As Long) As Long ' who",
        ),
    ],
)
def test_a_declaration_whose_procedure_is_known(before: str, after: str) -> None:
    source = f"{before}\nSub A()\nEnd Sub"
    assert made(source, changed(source)) == f"{after}\nSub A()\nEnd Sub"


@pytest.mark.parametrize(
    ("declaration", "why"),
    [
        (
            'Declare Function FindWindow Lib "user32" Alias "FindWindowA" (ByVal c$, ByVal w$) As Long',
            "FindWindowA gives a handle, takes a record with pointers in it, or is not known here",
        ),
        (
            'Declare Function Sleep Lib "own.dll" (ByVal n As Long) As Long',
            "Sleep gives a handle, takes a record with pointers in it, or is not known here",
        ),
        (
            'Declare Function IsWindow Lib "user32" (ByVal h&) As Long',
            "a handle or pointer of it is declared in another way",
        ),
        ('Declare Function IsWindow Lib "user32" () As Long', "it has other parameters than the procedure of Windows"),
    ],
)
def test_a_declaration_that_is_not_known_is_left(declaration: str, why: str) -> None:
    assert refused(f"{declaration}\nSub A()\nEnd Sub") == [why]


def test_branches_for_other_machines_stay() -> None:
    old = 'Declare Sub Sleep Lib "kernel32" (ByVal n As Long)'
    new = 'Declare PtrSafe Sub Sleep Lib "kernel32" (ByVal n As Long)'
    assert changed(f"#If VBA7 Then\n{new}\n#Else\n{old}\n#End If\nSub A()\nEnd Sub") == CodeChanges()


# --- text that is no code --------------------------------------------------------------------------------------------


def test_comments_and_odd_names_are_no_code() -> None:
    body = (
        "' CurrentDb.Execute \"DELETE FROM Orders\" _", 'and on: CurrentDb.Execute "DELETE FROM Orders"',
        'Rem CurrentDb.Execute "DELETE FROM Orders"', "x = rs![Customer's]: CurrentDb.Execute \"DELETE FROM Orders\"",
        'If d = #10:30:00 AM# Then CurrentDb.Execute "DELETE FROM Orders" Else Beep',
    )  # fmt: skip
    after = [line for m in changed(procedure(*body)).modules for c in m.changes for line in c.after]
    assert after == [
        '    x = rs![Customer\'s]: CurrentDb.Execute "DELETE FROM Orders", dbSeeChanges',
        '    If d = #10:30:00 AM# Then CurrentDb.Execute "DELETE FROM Orders", dbSeeChanges Else Beep',
    ]


def test_both_branches_of_a_condition_are_changed() -> None:
    one, other = 'CurrentDb.Execute "DELETE FROM Orders"', 'CurrentDb.Execute "DELETE FROM Items"'
    body = ("#If Win64 Then", one, "#Else", other, "#End If")
    assert len(changed(procedure(*body)).modules[0].changes) == 2


def test_a_line_that_is_no_vba_is_left() -> None:
    assert refused(procedure('CurrentDb.Execute "DELETE FROM Orders WHERE ID=" & "x')) == ["a text in it does not end"]
