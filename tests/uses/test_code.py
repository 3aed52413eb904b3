"""VBA: lines, statements, texts and calls are found as the editor shows and as VBA runs them."""

from __future__ import annotations

import pytest

from wizard.access.application import Module
from wizard.access.application.model import ModuleKind
from wizard.uses.code.calls import calls
from wizard.uses.code.statements import VbaStatement, statements
from wizard.uses.code.texts import Texts
from wizard.uses.code.tokens import CodeBudget, logical_lines
from wizard.uses.model import UNKNOWN
from wizard.uses.modules import read_modules


def texts_of(source: str) -> list[list[str]]:
    return [[t.text for t in line] for line in logical_lines(source, CodeBudget())]


def test_lines_count_as_the_editor_counts() -> None:
    source = (
        'Attribute VB_Name = "M"\nOption Compare Database\n\nSub A()\nAttribute A.VB_Description = "x"\n'
        'x = "a" & _\n   "b"\nEnd Sub\n'
    )
    found = list(logical_lines(source, CodeBudget()))
    assert [line[0].line for line in found] == [1, 3, 4, 6]
    assert [t.line for t in found[2]] == [4, 4, 4, 4, 5]


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ('x = "it\'s ""so""" \' a comment', ["x", "=", 'it\'s "so"']),
        ("Rem all of it", []),
        ("d = #1/2/2020#: n = &HFF&", ["d", "=", "#1/2/2020#", ":", "n", "=", "&HFF&"]),
        ("rs![Last Name] = rs!City", ["rs", "!", "Last Name", "=", "rs", "!", "City"]),
        ('s$ = Mid$(t, 1) & "x"', ["s", "=", "Mid", "(", "t", ",", "1", ")", "&", "x"]),
        ('x = "never closed', ["x", "=", "never closed"]),
    ],
)
def test_tokens(line: str, tokens: list[str]) -> None:
    assert texts_of(line) == ([tokens] if tokens else [])


def all_of(source: str) -> list[VbaStatement]:
    return list(statements(source, CodeBudget()))


def test_statements_know_their_procedure_loops_and_with() -> None:
    source = (
        "Private Sub Load()\nFor i = 1 To 3\n  With rs\n    .AddNew: !A = 1\n  End With\nNext\n"
        "If a Then b Else c\nagain: d\nEnd Sub\nx\n"
    )
    found = {s.tokens[-1].text: s for s in all_of(source)}
    assert (found["AddNew"].procedure, found["AddNew"].loops) == ("Load", 1)
    assert [t.text for t in found["AddNew"].with_] == ["rs"]
    assert found["a"].header
    assert [found[n].loops for n in "bcd"] == [0, 0, 0]
    assert found["x"].procedure == ""


def test_declarations_for_old_vba_are_told_apart() -> None:
    old, new = 'Declare Sub A Lib "k" ()\n', 'Declare PtrSafe Sub A Lib "k" ()\n'
    source = f"#If VBA7 Then\n{new}#Else\n{old}#End If\n{old}"
    assert [s.old_vba for s in all_of(source)] == [False, True, False]


def test_calls_have_their_receiver_and_arguments() -> None:
    source = (
        'Sub A()\nWith CurrentDb\n  Set rs = .OpenRecordset("T", dbOpenDynaset, dbSeeChanges)\n'
        "  .Execute (sql), Options:=dbFailOnError\nEnd With\nEnd Sub"
    )
    found = [c for s in all_of(source) for c in calls(s)]
    opened = next(c for c in found if c.name == "openrecordset")
    assert (opened.receiver, opened.line) == ("currentdb", 3)
    assert [t.text for t in opened.argument(2, "options")] == ["dbSeeChanges"]
    executed = next(c for c in found if c.name == "execute")
    assert [t.text for t in executed.argument(1, "options")] == ["dbFailOnError"]
    assert [t.text for t in executed.argument(0)] == ["(", "sql", ")"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"SELECT * " & "FROM T"', "SELECT * FROM T"),
        ('"a=" & x & " AND b=" & f(1, "y")', f"a={UNKNOWN} AND b={UNKNOWN}"),
        ('("a" & "b") & vbCrLf & 3', "ab\r\n3"),
        ('Trim("a" & "b")', "ab"),
        ("cTable", "T"),
        ("Chr(39)", "'"),
        ("", ""),
    ],
)
def test_texts_are_joined_as_far_as_constants_go(expression: str, value: str) -> None:
    tokens = next(iter(logical_lines(expression, CodeBudget())), [])
    assert Texts({"ctable": "T"}).value(tokens) == value


def test_deep_and_long_lines_are_read_or_left_alone() -> None:
    deep = "x = " + "(" * 5_000 + "1" + ")" * 5_000
    assert [s.line for s in all_of(deep)] == [1]
    assert all(list(calls(s)) is not None for s in all_of(deep))
    assert all_of("x = 1 " + "+ 1" * 20_000) == []
    assert all_of("x = _\n" * 100_000) == []


def test_code_beyond_what_vba_takes_is_left_out_and_counted() -> None:
    long = CodeBudget()
    source = "1:" * 13_000 + "\nx = 1\n" + "yyyy _\n" * 7_000
    assert [[t.text for t in line] for line in logical_lines(source, long)] == [["x", "=", "1"]]
    assert long.left_out == 2
    many = CodeBudget()
    assert sum(1 for _ in logical_lines("x\n" * 70_000, many)) == 65_534
    assert many.left_out == 1


def test_a_chain_of_thousands_of_names_is_told_as_far_as_one_is_written() -> None:
    (only,) = all_of("f = " + "a(1)." * 4_000)
    assert max(len(c.chain) for c in calls(only)) == 200


def test_code_is_read_as_far_as_its_budget_goes() -> None:
    """Eight megabytes of `1:1:1:` would take a minute; what is left out is told of (JF4599)."""
    facts = read_modules(
        [Module(n, ModuleKind.STANDARD, ("a:" * 12_000 + "\n") * 40 + "Function f()") for n in "AB"],
        lambda _: False, lambda _: "", CodeBudget(100_000),
    )  # fmt: skip
    assert facts.left_out == 2, "the end of the first, and the second"
    assert not facts.functions
