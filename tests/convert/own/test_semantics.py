"""Where VBA's code differs from Access's queries, the function follows VBA: on values, and in what it becomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.convert.own.cases import TABLE, converted, database
from wizard.convert.interpreter import CellError, FunctionRunner
from wizard.convert.interpreter.errors import CellFault
from wizard.objects import ServerModule

NOW = datetime(2024, 6, 30, 13, 5, 9)
BINARY, TEXT = "Option Compare Binary\n", "Option Compare Database\n"


def function(body: str, head: str = "x", returns: str = "", option: str = TEXT) -> str:
    return f"{option}Function F({head}){returns}\n{body}\nEnd Function"


def run(source: str, *arguments: Any) -> Any:
    try:
        return FunctionRunner(database(source, {}), NOW).value("modUtilities.F", arguments)
    except CellError as error:
        return error.fault


def made(source: str, call: str = "F(n)") -> ServerModule:
    conversion = converted(database(source, {"q": f"SELECT {call} AS a FROM T"}))
    return next(m for m in conversion.modules if m.returns)


VALUES: tuple[tuple[str, tuple[Any, ...], Any], ...] = (
    (function("F = x = y", "x, y"), ("a", "A"), True),
    (function("F = x = y", "x, y", option=BINARY), ("a", "A"), False),
    (function("F = x = y", "x, y", option=""), ("a", "A"), False),
    (function("F = x = y", "x, y"), ("a", "a "), False),
    (function("F = x < y", "x, y"), ("a", "a "), True),
    (function('F = InStr(x, "A")'), ("ba",), 2),
    (function('F = InStr(x, "A")', option=BINARY), ("ba",), 0),
    (function('F = Replace(x, "A", "-")'), ("aA",), "a-"),
    (function('F = InStrRev(x, "A")'), ("aAa",), 2),
    (function('F = StrComp(x, "A")'), ("a",), 0),
    (function('F = x Like "A*"', option=BINARY), ("ab",), False),
    (function("F = True & x"), (1,), "True1"),
    (function("F = CStr(x > 0)"), (1,), "True"),
    (function("F = Len(x)"), (None,), None),
    (function("F = Left$(x, 1)"), (None,), CellFault.INVALID_NULL),
    (function("F = Left(x, 1)"), (None,), None),
    (function("F = x * 2", "x As Integer"), (20000,), CellFault.OVERFLOW),
    (function("F = x * 2", "x"), (20000,), 40000),
    (function("F = x + 1"), (2**31 - 1,), 2.0**31),
    (function("F = Abs(x)"), (-(2**31),), 2.0**31),
    (function("F = IIf(x = 0, 0, 1 / x)"), (0,), CellFault.DIVISION_BY_ZERO),
    (function("If x Then F = 1 Else F = 2"), (None,), 2),
    (function("F = 1: If Not (x > 1) Then F = 2"), (None,), 1),
    (function("F = x > 1 Or True"), (None,), True),
    (function("F = x", returns=" As Integer"), (2.5,), 2),
    (function("F = x", returns=" As Long"), (3.5,), 4),
    (function("F = x", returns=" As Byte"), (256,), CellFault.OVERFLOW),
    (function("F = x", returns=" As String"), (None,), CellFault.INVALID_NULL),
    (function("Dim s As String", returns=" As String"), (1,), ""),
    (function("", returns=" As Long"), (1,), 0),
    (function("", returns=" As Date"), (1,), datetime(1899, 12, 30)),
    (function("F = x \\ 4"), (10.5,), 2),
    (function("F = x Mod 4"), (-7,), -3),
    (function("F = -x ^ 2"), (3,), -9.0),
    (function("F = &HFFFF + x"), (1,), 0),
    (function("F = &HFFFF& + x"), (1,), 65536),
    (function("F = #2/29/2024# + x"), (1,), datetime(2024, 3, 1)),
    (function("Const A = 2, B As String = \"b\"\nF = A & B & x"), (1,), "2b1"),
    (function("If x = 1 Then F = 1: Exit Function Else F = 2\nF = F + 10"), (1,), 1),
    (function("If x = 1 Then F = 1: Exit Function Else F = 2\nF = F + 10"), (5,), 12),
    (function("Select Case x\nCase 1, 3 To 5: F = \"a\"\nCase Is > 9: F = \"b\"\nCase Else: F = \"c\"\nEnd Select"),
     (4,), "a"),
    (function("Select Case x\nCase 5 To 3: F = 1\nCase Else: F = 2\nEnd Select"), (4,), 2),
    (function("F = DateSerial(x, 1, 1)"), (29,), datetime(2029, 1, 1)),
    (function("F = DateSerial(x, 1, 1)"), (40000,), CellFault.OVERFLOW),
    (function("F = _\n    x & _\n    \"'\" ' a comment\nRem another: F = 1"), ("a",), "a'"),
)  # fmt: skip


@pytest.mark.parametrize(("source", "arguments", "expected"), VALUES)
def test_the_interpreter_follows_vba(source: str, arguments: tuple[Any, ...], expected: Any) -> None:
    found = run(source, *arguments)
    assert found == expected
    assert type(found) is type(expected)


def test_text_is_compared_with_its_blanks_and_by_the_module_s_option() -> None:
    assert "COLLATE" not in made(function("F = x = y", "x, y"), "F(t, u)").sql
    assert "N'|'" in made(function("F = x = y", "x, y"), "F(t, u)").sql
    assert "COLLATE Latin1_General_BIN2" in made(function("F = x = y", "x, y", option=BINARY), "F(t, u)").sql
    assert "COLLATE" not in made(function('F = x = "12"', option=BINARY), "F(t)").sql, "digits have no case"


def test_what_may_overflow_is_asked_first_and_what_cannot_is_not() -> None:
    assert "NOT BETWEEN" in made(function("F = x * 2", "x As Long")).sql
    assert "NOT BETWEEN" not in made(function("F = Year(x) + 1", "x"), "F(d)").sql
    assert "CONVERT(float, @x)" in made(function("F = x * 2")).sql, "a Variant grows to a Double"


def test_null_for_a_typed_argument_ends_it() -> None:
    assert "IF @x IS NULL RETURN NULL;" in made(function("F = x & 1", "x As String"), "F(t)").sql
    assert "IS NULL RETURN" not in made(function("F = x & 1"), "F(t)").sql


def test_an_argument_that_is_changed_is_a_variable() -> None:
    sql = made(function("If IsNull(x) Then x = 0\nF = x + 0.5"), "F(n)").sql
    assert "DECLARE @x_2" in sql
    assert "SET @x = " not in sql
    assert run(function("If IsNull(x) Then x = 0\nF = x + 0.5"), None) == 0.5


def test_one_function_for_each_kind_of_argument() -> None:
    queries = {"a": "SELECT F(n) AS v FROM T", "b": "SELECT F(i) AS v FROM T", "c": "SELECT F(t) AS v FROM T",
               "e": "SELECT F(Null) AS v FROM T", "g": "SELECT F(c) + F(n) AS v FROM T"}  # fmt: skip
    conversion = converted(database(function("If IsNull(x) Then F = 0 Else F = x"), queries))
    names = [m.name.name for m in conversion.modules if m.returns]
    assert names == ["F", "F_text", "F_null", "F_currency"]
    assert [m.source.table for m in conversion.modules if m.returns and m.source] == [
        "modUtilities.F", "modUtilities.F (text)", "modUtilities.F (null)", "modUtilities.F (currency)"
    ]  # fmt: skip


def test_null_as_a_default_may_become_anything() -> None:
    source = function('If IsNull(y) Then y = #1/1/2024#\nF = DateDiff("d", x, y)', "x, Optional y = Null")
    sql = made(source, "F(d)").sql
    assert "@x datetime2(0)\n)" in sql
    assert "DECLARE @y datetime2(0);" in sql
    assert run(source, datetime(2023, 12, 31)) == 1
    assert run(source, datetime(2023, 12, 31), datetime(2024, 1, 2)) == 2


def test_a_name_that_is_taken_gives_way() -> None:
    conversion = converted(database(function("F = x"), {"F": "SELECT F(n) AS v FROM T"}))
    assert [m.name.name for m in conversion.modules] == ["F_2", "F"]
    assert "[dbo].[F_2]([T].[n])" in conversion.modules[1].sql


def test_a_parameter_takes_the_type_of_the_argument() -> None:
    conversion = converted(database(function("F = Year(x)", "x As Date"), {"q": "SELECT F([Which day]) AS v FROM T"}))
    query = next(m for m in conversion.modules if m.name.name == "q")
    assert [p.type for p in query.parameters] == ["datetime2(0)"]


def test_the_clock_and_the_functions_that_ask_it() -> None:
    source = function('F = DateDiff("d", x, Date)', "x") + "\nFunction G(x)\nG = F(x) + 0\nEnd Function"
    conversion = converted(database(source, {"q": "SELECT G(d) AS v FROM T"}))
    assert [m.name.name for m in conversion.modules] == ["F", "G", "q"]
    assert "GETDATE()" in conversion.modules[0].sql
    assert "WITH SCHEMABINDING" in conversion.modules[0].sql
    assert "WITH SCHEMABINDING" not in conversion.modules[1].sql, "what it calls could not be altered"


def test_a_rule_and_a_default_call_no_vba() -> None:
    column = replace(TABLE.columns[0], default="F(1)", validation_rule="F(1)>0")
    base = replace(database(function("F = x"), {}), tables=(replace(TABLE, columns=(column, *TABLE.columns[1:])),))
    conversion = converted(base)
    assert not conversion.modules
    assert not conversion.tables[0].checks
    assert not conversion.tables[0].columns[0].default


def test_lines_are_those_of_the_editor() -> None:
    source = 'Attribute VB_Name = "m"\nOption Explicit\n\nFunction F(x)\n  F = x _\n    + 1\n  Beep\nEnd Function'
    conversion = converted(database(source, {"q": "SELECT F(n) AS v FROM T"}))
    (message,) = [m for i in conversion.items for m in i.messages if m.number == 3541]
    assert message.place.line == 6
