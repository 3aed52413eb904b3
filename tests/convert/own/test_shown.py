"""VBA functions are shown as a kind of their own: both sides, counts, scripts, what differs from a server."""

from __future__ import annotations

import pytest

from tests.convert.own.cases import SOURCE, converted, database
from wizard.assess.assessment import counts
from wizard.convert import script
from wizard.convert.edited_statement import check_statement
from wizard.convert.schema_diff import SchemaDifference, SyncChoice, compare, plan
from wizard.messages import Place, StageError
from wizard.objects import Conversion, ObjectKind, TableRef
from wizard.stages.side_by_side import side_by_side

BASE = database(SOURCE, {"grades": "SELECT Grade(x) AS v FROM T", "labels": "SELECT Label(n) AS v FROM T",
                         "talks": "SELECT Talks(x) AS v FROM T"})  # fmt: skip
CONVERSION = converted(BASE)


def test_both_sides_of_a_function() -> None:
    found = side_by_side(BASE, CONVERSION, TableRef("s", "modUtilities.Grade"))
    assert found.source.startswith("Public Function Grade(score As Double) As String\n")
    assert found.source.endswith("End Function")
    assert found.target.startswith("CREATE FUNCTION [dbo].[Grade] (")
    refused = side_by_side(BASE, CONVERSION, TableRef("s", "modUtilities.Talks"))
    assert "MsgBox" in refused.source
    assert refused.target.startswith("-- not converted\n-- JF3541 ")
    with pytest.raises(StageError):
        side_by_side(BASE, CONVERSION, TableRef("s", "modUtilities.Nowhere"))


def test_they_are_counted_apart() -> None:
    (count,) = [c for c in counts(CONVERSION.items) if c.category == "functions"]
    assert (count.title, count.converted, count.failed) == ("VBA functions", 4, 1)


def test_they_are_made_before_what_calls_them_and_altered_in_place() -> None:
    names = [s.name.name for s in script.statements(CONVERSION) if s.kind in (ObjectKind.VIEW, ObjectKind.FUNCTION)]
    assert names == ["Grade", "NullToZero", "MaxOf2", "Label", "grades", "labels"]
    assert all(
        c.difference is SchemaDifference.SAME for c in compare(CONVERSION, CONVERSION.tables, CONVERSION.modules)
    )
    other = converted(database(SOURCE.replace("score >= 90", "score >= 95"), {"grades": "SELECT Grade(x) AS v FROM T"}))
    changed = [
        c for c in compare(other, CONVERSION.tables, CONVERSION.modules) if c.difference is not SchemaDifference.SAME
    ]
    assert [c.name.name for c in changed] == ["Grade"]
    (statement,) = [
        s for s, _ in plan(other, changed, {changed[0].name: SyncChoice.ALTER}) if s.kind is ObjectKind.FUNCTION
    ]
    assert "ALTER FUNCTION [dbo].[Grade] (" in statement.sql
    assert "DROP" not in statement.sql


def test_a_function_on_an_empty_server_comes_before_views() -> None:
    steps = plan(CONVERSION, compare(CONVERSION, ()), {m.name: SyncChoice.CREATE for m in CONVERSION.modules})
    kinds = [s.kind for s, _ in steps if s.kind in (ObjectKind.VIEW, ObjectKind.FUNCTION)]
    assert kinds == [ObjectKind.FUNCTION] * 4 + [ObjectKind.VIEW] * 2


def test_one_written_by_hand_is_left_to_the_server() -> None:
    module = next(m for m in CONVERSION.modules if m.name.name == "Grade")
    assert [m.number for m in check_statement(module.sql, module, CONVERSION, Place())] == [3181]
    renamed = module.sql.replace("[Grade]", "[Mark]", 1)
    assert [m.number for m in check_statement(renamed, module, CONVERSION, Place())] == [3182, 3181]


def test_a_conversion_keeps_what_they_return() -> None:
    assert {m.name.name: m.returns for m in CONVERSION.modules if m.returns} == {
        "Grade": "nvarchar(255)", "NullToZero": "int", "MaxOf2": "int", "Label": "nvarchar(255)"
    }  # fmt: skip
    assert isinstance(CONVERSION, Conversion)
