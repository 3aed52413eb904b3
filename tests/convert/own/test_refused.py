"""A VBA function that does more than compute, or differs on a server, is told once, with its line and what needs it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.convert.interpreter.rows import NOW
from tests.convert.own.cases import SOURCE, converted, database
from wizard.convert.interpreter import Interpreter, UnsupportedError
from wizard.convert.vba import UnsupportedVbaError
from wizard.convert.vba.expressions import expression
from wizard.definitions import CodeModule
from wizard.messages import Message
from wizard.objects import Conversion, Outcome

REFUSED = {
    "DigitsOnly(t)": ("For i = 1", "it has a loop (For)"),
    "CountCalls()": ("mlngCalls = mlngCalls + 1", "it changes mlngCalls, which is not its own"),
    "Price(n)": ('Price = DLookup("', "it calls DLookup, which is not converted within functions"),
    "Quiet(x)": ("    On Error Resume Next", "it goes on after an error (On Error Resume Next)"),
    "Talks(x)": ('MsgBox "You see', "it shows a message (MsgBox)"),
    "Counter()": ("Static n As Long", "a variable of it is Static, which keeps its value"),
    "Opens(n)": ("Set rs = ", "it works with an object (Set)"),
    "Hidden(n)": ("Private Function Hidden", "it is Private, so that Access finds it in no query"),
    "Factorial(n)": ("If n <= 1 Then", "it calls Factorial (modUtilities): it calls itself"),
}
"""by the call: what stands in the line that is named, and why"""


def line_of(text: str) -> int:
    """As the editor counts: without the attribute line."""
    return next(n for n, line in enumerate(SOURCE.splitlines()[1:], 1) if text in line)


def told(conversion: Conversion, function: str) -> Message:
    (message,) = [m for i in conversion.items if i.category == "functions" for m in i.messages if m.number == 3541
                  and m.place.part == function]  # fmt: skip
    return message


@pytest.fixture(scope="module")
def conversion() -> Conversion:
    queries = {call: f"SELECT {call} AS v FROM T" for call in REFUSED}
    return converted(
        database(SOURCE, {**queries, "reader": "SELECT v FROM [Talks(x)]", "last": "SELECT * FROM reader"})
    )


@pytest.mark.parametrize("call", REFUSED)
def test_it_is_named_with_its_line_and_the_reason(call: str, conversion: Conversion) -> None:
    name = call.partition("(")[0]
    text, reason = REFUSED[call]
    message = told(conversion, name)
    assert message.place.line == line_of(text)
    assert f"{name} (module modUtilities, line {line_of(text)})" in message.text
    assert reason in message.text
    assert call in message.text


def test_what_depends_on_it_is_listed_once_and_points_to_it(conversion: Conversion) -> None:
    message = told(conversion, "Talks")
    assert "3 queries need it: Talks(x), reader, last." in message.text
    for query in ("Talks(x)", "reader", "last"):
        (item,) = [i for i in conversion.items if i.source.table == query]
        assert item.outcome is Outcome.FAILED
        assert [m.number for m in item.messages] == [3540]
        assert "Talks" in item.messages[0].text
        assert item.messages[0].effort_minutes < message.effort_minutes


def test_a_query_that_needs_two_is_listed_with_both() -> None:
    made = converted(database(SOURCE, {"q": "SELECT Talks(x) AS a, Quiet(x) AS b FROM T"}))
    assert "1 query needs it: q." in told(made, "Talks").text
    assert "1 query needs it: q." in told(made, "Quiet").text


def test_a_function_that_no_module_has_stays_unknown() -> None:
    made = converted(database(SOURCE, {"q": "SELECT Nowhere(x) AS a FROM T"}))
    assert [m.number for i in made.items if i.source.table == "q" for m in i.messages] == [3503]
    assert not [i for i in made.items if i.category == "functions"]


def test_modules_are_only_read_where_a_query_calls_what_is_unknown() -> None:
    def unread() -> tuple[CodeModule, ...]:
        raise AssertionError("no query calls a function that is not Access's own")

    base = replace(database("", {"q": "SELECT Nz(n, 0) AS a FROM T"}), code=unread)
    assert [m.name.name for m in converted(base).modules] == ["q"]


def test_two_modules_with_one_name_are_neither() -> None:
    other = CodeModule("modOther", "Function Twice(x)\nTwice = x\nEnd Function")
    made = converted(
        database("Function Twice(x)\nTwice = x\nEnd Function", {"q": "SELECT Twice(n) AS a FROM T"}, other)
    )
    assert "modUtilities and modOther have a function of that name" in told(made, "Twice").text
    named = converted(database("Function Twice(x)\nTwice = x\nEnd Function",
                               {"q": "SELECT modOther.Twice(n) AS a FROM T"}, other))  # fmt: skip
    assert [m.name.name for m in named.modules] == ["Twice", "q"]


BODIES = {
    "Function F(x)\nF = x & Forms!A!B\nEnd Function": "object",
    "Function F(x)\nF = CurrentDb.Name\nEnd Function": "CurrentDb.Name, a property of an object",
    "Function F(x As Object)\nF = 1\nEnd Function": "a value of type object",
    "Function F(ParamArray x())\nF = 1\nEnd Function": "is an array",
    "Function F(x)\nDim a(3) As Long\nF = x\nEnd Function": "array",
    "Function F(x)\nF = Unheard(x)\nEnd Function": "Unheard, which is no function that is known",
    "Function F(x)\nF = y\nEnd Function": "the name y is not known",
    "Function F(x)\nDim y\nF = y\nEnd Function": "y is read before it is given a value",
    "Function F(x)\nF = x / 0\nEnd Function": "it divides by 0",
    "Function F(x)\nIf x > 1 Then\nF = 1\nEnd Function": "End If is missing",
    "Function F(x)\nF = VBA.Rnd(x)\nEnd Function": "Rnd",
    "Function F(x)\nGoTo Here\nHere:\nF = x\nEnd Function": "it jumps (GoTo)",
    "Function F(x)\n#If VBA7 Then\nF = x\n#End If\nEnd Function": "conditional compilation",
    "#If VBA7 Then\nFunction F(x)\nF = x\nEnd Function\n#End If": "conditional compilation",
    "Function F(x As Date)\nF = CDate(\"1/2/3\") + x\nEnd Function": "country settings",
    "DefInt A-Z\nFunction F(x)\nF = x\nEnd Function": "DefInt",
    "Function F(x)\nIf x Then F = 1 Else F = G(x)\nEnd Function\nFunction G(x)\nMsgBox x\nEnd Function":
        "it calls G (modUtilities, line 5): it shows a message",
    "Function F(x)\nDim y\ny = 1\nF = G(y)\nEnd Function\nFunction G(x)\nx = x + 1\nG = x\nEnd Function":
        "it calls G, which changes its argument x",
    "Function F(x)\nOn Error GoTo Bad\nF = 1 / x\nExit Function\nBad:\nF = -1\nEnd Function": "error handler",
    "Function F(x)\nF = x\nIf F > 1 Then F = \"many\"\nEnd Function": "values of several types, and is read",
    "Function F(x)\nF = IIf(x > 1, \"many\", 0)\nEnd Function": "values of several types",
    "Function F(x) As String\nF = x = \"1\"\nEnd Function": "",
    "Function F(x)\nF = x & 100& + 1\nEnd Function": "",
}  # fmt: skip


@pytest.mark.parametrize("source", BODIES)
def test_reasons(source: str) -> None:
    made = converted(
        database(source, {"q": "SELECT F(n) AS a FROM T" if "Date" not in source else "SELECT F(d) AS a FROM T"})
    )
    reason = BODIES[source]
    if reason:
        assert reason in told(made, "F").text
    else:
        assert [m.name.name for m in made.modules] == ["F", "q"]


def test_the_interpreter_does_not_run_it_either() -> None:
    runner = Interpreter(database(SOURCE, {}), lambda *_: iter([(3,)]), NOW)
    for call in ("DigitsOnly(n)", "Talks(n)", "Opens(n)", "CountCalls()", "Factorial(n)", "Hidden(n)"):
        with pytest.raises(UnsupportedError):
            runner.sql(f"SELECT {call} AS v FROM T")


def test_a_line_longer_than_vba_takes_is_refused_unread() -> None:
    """Eight million parentheses would take a minute."""
    with pytest.raises(UnsupportedVbaError, match="more than VBA takes"):
        expression("(" * 8_000_000)


def test_one_that_nests_choices_deeper_than_a_server_takes_is_refused() -> None:
    """CASE stands ten deep (Msg 125), in functions as in queries."""
    body = "n"
    for level in range(11):
        body = f"IIf(n > {body}, {level}, n)"
    module = f"Public Function Deep(n As Long) As Long\nDeep = {body}\nEnd Function\n"
    message = told(converted(database(module, {"q": "SELECT Deep(n) AS v FROM T"})), "Deep")
    assert "it becomes CASE within CASE, and SQL Server takes 10 levels" in message.text
