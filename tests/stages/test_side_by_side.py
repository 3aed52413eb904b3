"""An object's source beside its target."""

from __future__ import annotations

from screens.convert import plain_messages
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


def test_what_is_said_of_a_column_or_key_stands_with_its_table(converted: Migration) -> None:
    of_parts = [m for i in converted.convert.conversion.items if i.part for m in i.messages]
    assert {m.place.part for m in of_parts} > {"Born"}
    shown = [m for i in converted.convert.items() for m in i.messages]
    assert [m for m in of_parts if m not in shown] == []
    (authors,) = (i for i in converted.convert.items() if i.ref.table == "Authors")
    for item in converted.convert.items():
        ranks = [m.severity.rank for m in item.messages]
        assert ranks == sorted(ranks), "there is little room on the screen"
    assert "i Born: The column becomes" in plain_messages(authors.messages)
