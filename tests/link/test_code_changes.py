"""Findings with a mechanical answer become changes of lines; what is not plain is left, and the text is compared."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.assess.test_application import DATA, assessed
from tests.counting import calls
from tests.uses.build import application, module
from wizard.convert.vba.code import shown_lines
from wizard.link.code_changes import CodeChanges, checksum, code_changes
from wizard.messages import Kind, Message, Place


def changed(*lines: str) -> CodeChanges:
    """The changes that stage 5's own findings of a procedure lead to."""
    app = application(module("\n".join(("Sub A()", *lines, "End Sub"))))
    return code_changes(app.modules, assessed(app, DATA).messages)


def after(found: CodeChanges) -> list[str]:
    return [line for m in found.modules for c in m.changes for line in c.after]


DYNASET = "dbOpenDynaset, dbSeeChanges"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('Set rs = CurrentDb.OpenRecordset("Orders")', f'Set rs = CurrentDb.OpenRecordset("Orders", {DYNASET})'),
        (
            'Set rs = CurrentDb.OpenRecordset("Orders", dbOpenDynaset, dbConsistent) \' "why"',
            'Set rs = CurrentDb.OpenRecordset("Orders", dbOpenDynaset, dbConsistent + dbSeeChanges) \' "why"',
        ),
        (
            'Set rs = CurrentDb.OpenRecordset("Orders", dbOpenTable)',
            f'Set rs = CurrentDb.OpenRecordset("Orders", {DYNASET})',
        ),
        ('CurrentDb.Execute "DELETE FROM Orders"', 'CurrentDb.Execute "DELETE FROM Orders", dbSeeChanges'),
        ('CurrentDb.Execute ("DELETE FROM Orders")', 'CurrentDb.Execute ("DELETE FROM Orders"), dbSeeChanges'),
        (
            'Call CurrentDb.Execute("DELETE FROM Orders", dbFailOnError)',
            'Call CurrentDb.Execute("DELETE FROM Orders", dbFailOnError + dbSeeChanges)',
        ),
        (
            'If x Then CurrentDb.Execute "DELETE FROM Orders" Else Beep',
            'If x Then CurrentDb.Execute "DELETE FROM Orders", dbSeeChanges Else Beep',
        ),
        (
            'n = CurrentDb.OpenRecordset("Orders").Fields(0)',
            f'n = CurrentDb.OpenRecordset("Orders", {DYNASET}).Fields(0)',
        ),
        (
            'CurrentDb.Execute "UPDATE Orders SET Note = \'a, b\' WHERE ID = " & f(1, "x"): Beep',
            'CurrentDb.Execute "UPDATE Orders SET Note = \'a, b\' WHERE ID = " & f(1, "x"), dbSeeChanges: Beep',
        ),
    ],
)
def test_the_option_is_added_where_it_belongs(line: str, expected: str) -> None:
    found = changed(line)
    assert after(found) == [expected]
    app = application(module("\n".join(("Sub A()", expected, "End Sub"))))
    assert not [m for m in assessed(app, DATA).messages if m.number in (4500, 4501, 4504)], "the finding is gone"


def test_continued_lines_stay_continued() -> None:
    found = changed('CurrentDb.Execute "DELETE FROM Orders " & _', '    "WHERE ID = 1", _', "    dbFailOnError")
    (change,) = found.modules[0].changes
    assert (change.line, len(change.before)) == (2, 3)
    assert change.after == (
        'CurrentDb.Execute "DELETE FROM Orders " & _', '    "WHERE ID = 1", dbFailOnError + dbSeeChanges',
    )  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        ('Set rs = CurrentDb.OpenRecordset("Orders", dbOpenTable)', 'rs.Index = "x"'),
        ('Set rs = CurrentDb.OpenRecordset("Orders", dbOpenTable)', "n = rs.RecordCount"),
        ('db2.Execute "x": CurrentDb.Execute "DELETE FROM Orders"',),
        ('x = "PWD=secret;"', 'CurrentDb.Execute "DELETE FROM Orders"'),
    ],
    ids=["seek", "count", "two", "secret"],
)
def test_what_is_not_plain_is_left_and_told(lines: tuple[str, ...]) -> None:
    found = changed(*lines)
    assert found.modules == ()
    assert {r.module for r in found.left} == {"M"}
    assert [r.code for r in found.left] in (["JF4501"], ["JF4504"], ["JF4506", "JF4504"])
    assert all(r.why for r in found.left)


def test_a_query_s_parameters_are_filled_before_it_runs() -> None:
    source = 'Sub A()\n    DoCmd.OpenQuery "Q"\n    If x Then DoCmd.OpenQuery "Q"\nEnd Sub'
    found = code_changes((module(source),), (), {"M": [(2, "Q"), (3, "Q")]})
    (change,) = found.modules[0].changes
    assert change.after == ('    JetferryFill "Q"', '    DoCmd.OpenQuery "Q"')
    assert [(r.line, r.code) for r in found.left] == [(3, "Q")]


def applied(lines: list[str], found: CodeChanges, *, back: bool) -> list[str]:
    """As the scripts do it: from the first change to the last, each moved by what those before added."""
    new, offset = list(lines), 0
    for change in found.modules[0].changes:
        old, put = (change.after, change.before) if back else (change.before, change.after)
        at = change.line - 1 + (0 if back else offset)
        assert new[at : at + len(old)] == list(old)
        new[at : at + len(old)] = put
        offset += len(put) - len(old)
    return new


def test_changes_can_be_made_and_taken_back() -> None:
    source = "\n".join(
        ["Sub A()", 'CurrentDb.Execute "DELETE FROM Orders"', 'DoCmd.OpenQuery "Q"', 'CurrentDb.Execute "DELETE " & _',
         '  "FROM Orders", _', "  dbFailOnError", 'DoCmd.OpenQuery "R"', "Dim k As Long, rs As DAO.Recordset",
         'Set rs = CurrentDb.OpenRecordset("Orders", dbOpenDynaset, dbSeeChanges)', "rs.AddNew", "k = rs!ID",
         "rs.Update", 'CurrentDb.Execute "DELETE FROM Orders"', "End Sub"]
    )  # fmt: skip
    app = application(module(source))
    found = code_changes(app.modules, assessed(app, DATA).messages, {"M": [(3, "Q"), (7, "R")]})
    assert () in [c.after for c in found.modules[0].changes]
    before = shown_lines(source)
    made = applied(before, found, back=False)
    change = found.modules[0]
    assert (len(made), checksum(made)) == (change.lines_after, change.checksum_after)
    assert (len(before), checksum(before)) == (change.lines, change.checksum)
    assert applied(made, found, back=True) == before
    assert change.diff.startswith("--- a/M\n+++ b/M\n@@ ")


def test_another_text_has_another_checksum() -> None:
    def sums(*texts: Iterable[str]) -> set[int]:
        return {checksum(t) for t in texts}

    assert len(sums(["a", "b"], ["ab"], ["b", "a"], ["a", "b", ""], ["ä", "b"])) == 5
    assert checksum(["a  "]) == checksum(["a"]) == 97 * 31 + 10


def test_findings_without_a_mechanical_answer_are_passed_over() -> None:
    found = changed('Set rs = CurrentDb.OpenRecordset("SELECT @@IDENTITY")', 'DoCmd.RunSQL "DELETE FROM Orders"')
    assert found == CodeChanges()
    gone = Message.of(4501, Place(Kind.OBJECT, "s", "M", "A", 2), table="Orders", column="ID")
    assert [r.why for r in code_changes((), [gone]).left] == ["the module's text could not be read"]


def test_the_work_for_a_long_module_grows_with_its_lines() -> None:
    """Of thousands of findings the first are answered, and no line is looked at for each of them."""
    source = "\n".join(["Sub A()", *(['CurrentDb.Execute "DELETE FROM Orders"'] * 5_000), "End Sub"])
    facts = {"table": "Orders", "column": "ID"}
    findings = [Message.of(4501, Place(Kind.OBJECT, "s", "M", "A", line), **facts) for line in range(2, 5_002)]

    def work(count: int) -> int:
        return calls(lambda: code_changes((module(source),), findings[:count]))

    found = code_changes((module(source),), findings)
    assert len(found.modules[0].changes) == 1_000
    assert [r.why for r in found.left] == ["the module has more than 1,000 findings"] * 4_000
    assert work(800) < 3 * work(200)
