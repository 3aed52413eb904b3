"""An object's source beside its target."""

from __future__ import annotations

from tests.stages.conftest import KEY
from wizard.objects import TableRef
from wizard.stages import Migration


def test_both_sides_of_every_object_can_be_read(converted: Migration) -> None:
    for item in converted.convert.items():
        sides = converted.convert.sides(item.ref)
        assert sides.source.strip()
        assert sides.target.strip()


def test_a_statement_kept_for_review_is_shown_as_such(converted: Migration) -> None:
    shown = converted.convert.sides(TableRef(KEY, "Make Log Table")).target
    assert shown.startswith("-- For review")
    assert "CREATE TABLE" in shown
