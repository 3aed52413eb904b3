"""Modules are read as the VBA editor shows them: lines, declarations, the functions and their statements."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.counting import calls
from wizard.convert.dialect import to_access
from wizard.convert.vba import Assign, Compare, If, Library, Procedure, Select, UnsupportedVbaError, VbaExit
from wizard.convert.vba.code import cut, lines_of
from wizard.convert.vba.expressions import expression
from wizard.convert.vba.reader import VbaModule, read_module
from wizard.definitions import CodeModule

HEAD = 'Attribute VB_Name = "M"\nOption Compare Text\nOption Explicit\n'


def read(body: str, name: str = "f") -> Procedure:
    return read_module("M", HEAD + body).procedure(name)


@pytest.mark.parametrize(
    ("source", "statements"),
    [
        ("a = 1: b = 2 ' c = 3", [(1, ("a = 1", "b = 2"), "")]),
        ('a = "x: y\'s ""z""": b', [(1, ('a = "x: y\'s ""z"""', "b"), "")]),
        ("a = #12:30:00 PM#: b", [(1, ("a = #12:30:00 PM#", "b"), "")]),
        ("Here: a = 1\nElse: b", [(1, ("a = 1",), "Here"), (2, ("Else", "b"), "")]),
        ("10 a = 1", [(1, ("a = 1",), "10")]),
        ("a = _\n  1 + _\n  2\nb", [(1, ("a =   1 +   2",), ""), (4, ("b",), "")]),
        ("Rem all of it: a = 1\n' and _\n that\nb", [(4, ("b",), "")]),
        ("f x:=1", [(1, ("f x:=1",), "")]),
        ("Attribute f.VB_Description = \"x\"\na", [(1, ("a",), "")]),
        ("\n \n", []),
    ],
)  # fmt: skip
def test_logical_lines(source: str, statements: list[tuple[int, tuple[str, ...], str]]) -> None:
    found = [(line.number, tuple(" ".join(s.split()) if "+" not in s else s for s in line.statements), line.label)
             for line in lines_of(source)]  # fmt: skip
    assert found == statements


@pytest.mark.parametrize(
    ("text", "access"),
    [
        ("Yes & [No]", "[Yes] & [No]"),
        ("Left$(order, 2)", "Left$([order], 2)"),
        ("1# + 2& * 3!", "CDbl(1) + CLng(2) * CSng(3)"),
        ("&HFF", "255"),
        ("&HFFFF", "(-1)"),
        ("1.5D2", "1.5E2"),
        ("a Mod b \\ c ^ -d", "a Mod b \\ c ^ -d"),
        ("Not a Like b Or c <> d", "a Not Like b Or c <> d"),
        ("VBA.Trim(x)", "VBA.Trim(x)"),
        ("#1/2/2024#", "#1/2/2024#"),
    ],
)
def test_expressions_are_those_of_access_with_vba_s_names(text: str, access: str) -> None:
    assert to_access(expression(text)) == access


@pytest.mark.parametrize(
    "text", ["a!b", "New Thing", "x Is Nothing", "f(a:=1)", ".Name", "n% + 1", "a +", "#99/99/2024#", "AddressOf f"]
)
def test_what_is_no_plain_expression_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedVbaError):
        expression(text)


def test_declarations() -> None:
    module = read_module(
        "M",
        HEAD + 'Public Const A As Long = 5, B = "x"\nPrivate Const C = A * 2\nPublic g As String, h\nDim k(3) As Long\n'
        "Private Enum Kind\n  first\n  second = 7\n  third\nEnd Enum\n"
        'Private Declare PtrSafe Function Api Lib "k" (ByVal x As Long) As Long\n'
        "Type T\n  x As Long\nEnd Type\n"
        "Sub S()\nEnd Sub\nPrivate Function p(): End Function\nPublic Function q(): End Function\n",
    )
    assert module.compare is Compare.TEXT
    assert set(module.constants) == {"a", "b", "c", "first", "second", "third"}
    assert [module.constants[n].public for n in ("a", "c")] == [True, False]
    assert (third := module.constant("third"))
    assert to_access(third.value) == "(7) + 1"
    assert module.variables >= {"g", "h", "k"}
    assert module.enumerations == {"kind"}
    assert [module.has(n, public=True) for n in ("s", "p", "q", "api")] == [False, False, True, False]
    assert module.has("p", public=False)


def test_a_function_s_head() -> None:
    found = read(
        "Public Function f(ByVal a As Integer, b$, Optional c As Date = #1/2/2024#, _\n"
        '    Optional ByRef d = "x, y") As String\nf = a\nEnd Function'
    )
    assert (found.line, found.returns, found.public) == (3, "string", True)
    assert [(p.name, p.type, p.optional, p.by_value) for p in found.parameters] == [
        ("a", "integer", False, True), ("b", "string", False, False),
        ("c", "date", True, False), ("d", "variant", True, False),
    ]  # fmt: skip
    assert found.parameters[2].default is not None
    assert found.parameters[2].default.moment == datetime(2024, 1, 2)
    assert found.source.startswith("Public Function f(")
    assert found.source.endswith("End Function")
    assert read("Function f&()\nf = 1\nEnd Function").returns == "long"


def test_statements_in_blocks() -> None:
    found = read(
        "Function f(x)\nDim a, b As Long, c$\nConst K = 3\nIf x = 1 Then\n  f = 1\nElseIf x = 2 Then f = 2\n"
        "Else\n  f = 3: Exit Function\nEnd If\n"
        "If x Then f = 4: a = 5 Else If a Then f = 6 Else f = 7\n"
        "Select Case x\nCase 1, 2 To 3\n  f = 8\nCase Is >= K: f = 9\nCase Else\n  f = 10\nEnd Select\n"
        'Let f = 11\nDebug.Print "done"; f\nEnd Function'
    )
    assert dict(found.locals) == {"a": "variant", "b": "long", "c": "string"}
    assert set(found.constants) == {"k"}
    block, line, select, last = found.body
    assert isinstance(block, If)
    (other,) = block.otherwise
    assert isinstance(other, If)
    assert [type(s) for s in other.otherwise] == [Assign, VbaExit]
    assert [s.line for s in other.otherwise] == [10, 10]
    assert isinstance(line, If)
    assert len(line.then) == 2
    (inner,) = line.otherwise
    assert isinstance(inner, If)
    assert len(inner.then) == len(inner.otherwise) == 1
    assert isinstance(select, Select)
    assert [[(t.sign, t.high is not None) for t in c.tests] for c in select.cases] == [
        [("=", False), ("=", True)], [(">=", False)]
    ]  # fmt: skip
    assert len(select.otherwise) == 1
    assert isinstance(last, Assign)


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        ("Function f(x)\nf = 1\nWhile x\nWend\nEnd Function", 5, "loop"),
        ("Function f(x)\nIf x Then\nf = 1\nEnd Function", 5, "End If is missing"),
        ("Function f(x)\nf = 1\nEnd If\nEnd Function", 5, "ends no block"),
        ("Function f(x)\nIf x Then f = 1 Else f = 2 Else f = 3\nEnd Function", 4, "Else"),
        ("Function f(x)\nSelect Case x\nCase 1\nf = a!b\nEnd Select\nEnd Function", 6, "a field or a control"),
        ("Function f(x)\nSet r = x\nf = r!a\nEnd Function", 4, "Set"),
        ("Function f(x)\nOn Error GoTo e\nf = x\ne:\nf = 2\nEnd Function", 6, "runs into its error handler"),
        ("Function f(x) As String()\nf = x\nEnd Function", 3, "returns an array"),
        ("Static Function f(x)\nf = x\nEnd Function", 3, "Static"),
    ],
)
def test_what_does_more_is_refused_at_its_line(body: str, line: int, reason: str) -> None:
    with pytest.raises(UnsupportedVbaError) as caught:
        read(body)
    assert reason in caught.value.refusal.reason
    assert caught.value.refusal.line == line


def test_names_of_several_modules() -> None:
    library = Library(
        (CodeModule("A", "Public Const K = 1\nFunction f()\nf = 1\nEnd Function\nPrivate Function g()\nEnd Function"),
         CodeModule("B", "Private Const L = 2\nPublic v\nFunction g()\nEnd Function\nSub h()\nEnd Sub"))
    )  # fmt: skip
    a, b = library.modules["a"], library.modules["b"]
    assert library.function("F") == (a, "f")
    assert library.function("g") == (b, "g"), "the private one is not seen"
    assert library.function("g", a) == (a, "g"), "code sees its own first"
    assert library.function("B.g") == (b, "g")
    assert library.function("h") is None
    assert library.constant(b, "k") == (a, a.constant("k"))
    assert library.constant(a, "l") is None
    assert library.variable(a, "v")


def test_members_of_an_enumeration_cost_nothing_until_they_are_asked_for() -> None:
    """Each was an expression around the one before: some hundred took minutes."""
    members = "\n".join(f"m{n}" for n in range(2_000))
    made: list[VbaModule] = []
    assert calls(lambda: made.append(read_module("M", f"Enum E\n{members}\nEnd Enum\n"))) < 200_000
    assert (last := made[0].constant("m1999"))
    assert to_access(last.value) == "(-1) + 2000"


def test_a_line_longer_than_vba_takes_is_not_cut_and_refuses_its_function() -> None:
    source = "Function f()\nf = 1\n" + "a:" * 13_000 + "\nEnd Function\n"
    assert calls(lambda: read_module("M", source)) < 1_000
    with pytest.raises(UnsupportedVbaError, match="a line of it is longer than VBA takes"):
        read_module("M", source).procedure("f")


def test_signs_of_dates_that_are_none_are_no_depth() -> None:
    assert cut("#a" * 10_000 + ": b") == ["#a" * 10_000, "b"]


def test_queries_that_call_more_code_than_is_read_are_refused() -> None:
    body = "\n".join(f"f = f + {n}" for n in range(1_000))
    library = Library(tuple(CodeModule(f"M{n}", f"Function f{n}()\n{body}\nEnd Function") for n in range(3)))
    library.left = 2 * library.modules["m0"].size_of("f0")
    for n in range(2):
        assert library.procedure(library.modules[f"m{n}"], f"f{n}").name == f"f{n}"
    with pytest.raises(UnsupportedVbaError, match="more code than is read"):
        library.procedure(library.modules["m2"], "f2")


def test_a_module_of_more_statements_than_are_read_has_no_functions() -> None:
    module = read_module("M", "Function f()\nf = 1\nEnd Function\n" + ("1:" * 12_000 + "\n") * 34)
    with pytest.raises(UnsupportedVbaError, match="more than 400,000 statements"):
        module.procedure("f")
