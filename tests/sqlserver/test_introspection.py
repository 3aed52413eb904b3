"""What a server cannot list is told, and known by its kind rather than taken for absent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sqlserver.doubles import AnswersTogether, RefusedError
from wizard.convert.alter import alter_table
from wizard.objects import CheckConstraint, Name, ObjectKind, ServerColumn, ServerTable, ServerType
from wizard.sqlserver.checkpoints import JOURNAL
from wizard.sqlserver.introspection import existing_objects


class Server(AnswersTogether):
    """Has one table without columns, and no such catalogue view as `lacks`."""

    server = "stand-in"

    def __init__(self, lacks: str) -> None:
        self.lacks = lacks

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        if self.lacks in sql:
            raise RefusedError("42S02", "Invalid object name")
        return [(1, "dbo", "Books")] if sql.startswith("SELECT t.object_id") else []


@pytest.mark.parametrize(
    ("view", "unseen"),
    [
        ("sys.indexes", {ObjectKind.INDEX}),
        ("sys.foreign_keys", {ObjectKind.FOREIGN_KEY}),
        ("sys.check_constraints", {ObjectKind.CHECK}),
        ("sys.extended_properties", set()),
        ("sys.nothing", set()),
    ],
)
def test_kinds_that_cannot_be_listed_are_named(view: str, unseen: set[ObjectKind]) -> None:
    there = existing_objects(Server(view), ["dbo"])  # type: ignore[arg-type]
    assert [t.name.name for t in there.tables] == ["Books"]
    assert there.unseen == unseen
    assert [m.number for m in there.messages] == ([] if view == "sys.nothing" else [5104])


class Disabling(Server):
    """Its table has two checks and an index, all disabled; of one check and the index a load has noted it."""

    def __init__(self) -> None:
        super().__init__("nothing of this")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.run(sql)

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        rows: dict[str, list[tuple[Any, ...]]] = {
            "SELECT t.object_id": [(1, "dbo", "Books"), (2, "dbo", JOURNAL)],
            "SELECT table_name, part": [("Books", "off constraint 1", "CK_ours"), ("Books", "off index 2", "IX_ours")],
        }
        for start, found in rows.items():
            if sql.startswith(start):
                return found
        if "sys.check_constraints" in sql:
            return [(1, "CK_ours", "([a]>(0))", None, True), (1, "CK_theirs", "([b]>(0))", None, True)]
        if "sys.indexes" in sql:
            return [(1, 2, "IX_ours", 2, False, False, False, None, "a", False, True)]
        return []


def test_what_a_load_has_disabled_for_its_time_counts_as_enabled() -> None:
    books = existing_objects(Disabling(), ["dbo"]).tables[0]  # type: ignore[arg-type]
    assert {c.name: c.disabled for c in books.checks} == {"CK_ours": False, "CK_theirs": True}
    assert [i.disabled for i in books.indexes] == [False]


class Hiding(Server):
    """Shows the account that there are a default and a check, and not what they say."""

    def __init__(self) -> None:
        super().__init__("nothing of this")

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        if "sys.default_constraints" in sql:
            return [(1, 1, "DF_a", None)]
        if "sys.check_constraints" in sql:
            return [(1, "CK_a", None, None, False)]
        if "TYPE_NAME" in sql:
            return [(1, 1, "a", "int", 4, 10, 0, True, None)]
        return super().run(sql)


def test_definitions_that_the_account_may_not_see_are_not_taken_for_others() -> None:
    """A catalogue view gives NULL in their place where VIEW DEFINITION is not granted."""
    there = existing_objects(Hiding(), ["dbo"])  # type: ignore[arg-type]
    assert there.unseen == {ObjectKind.CHECK}
    assert "VIEW DEFINITION" in there.messages[0].text
    wanted = ServerTable(
        Name("dbo", "Books"),
        (ServerColumn("a", ServerType("int"), default="0", default_name="DF_a"),),
        checks=(CheckConstraint("CK_a", "[a] > 0"),),
    )
    assert not alter_table(wanted, there.tables[0], wanted, there.unseen).details
