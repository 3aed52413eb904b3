"""What waits for the rows is made in stage 8, but for what the server has already, whatever it is called there."""

from __future__ import annotations

from typing import Any

from tests.convert.making import KEY, converted, index, refers, table
from tests.sqlserver.doubles import AnswersTogether
from wizard.definitions import Column, ColumnType
from wizard.objects import ObjectKind, ServerTable
from wizard.settings import Connection, Constraints
from wizard.stages.databases import DatabaseScope
from wizard.stages.load import later

PARENT = table("Parent", Column("Name", ColumnType.TEXT, length=20))
CHILD = table(
    "Child",
    Column("ParentID", ColumnType.LONG),
    Column("Price", ColumnType.CURRENCY, validation_rule=">=0", validation_text="No gifts"),
    indexes=(KEY, index("Price", "Price")),
)


class Catalogue(AnswersTogether):
    """A server that has the tables, and on Child what somebody made without naming it."""

    server = "stand-in"

    def __init__(self, tables: tuple[ServerTable, ...], *, bare: bool = False) -> None:
        self._numbers = {t.name: n for n, t in enumerate(tables, 1)}
        self._tables, self._bare = tables, bare

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        child = next(n for t, n in self._numbers.items() if t.name == "Child")
        if sql.startswith("SELECT t.object_id"):
            return [(n, t.schema, t.name) for t, n in self._numbers.items()]
        if self._bare:
            return []
        if "sys.indexes" in sql:
            return [(child, 2, "their index", 2, False, False, False, None, "Price", False, False)]
        if "sys.foreign_keys" in sql:
            key = (9, child, "FK__Child__ParentID__3C69FB99", "dbo", "Parent", "CASCADE", "NO_ACTION")
            return [(*key, "ParentID", "ID", False)]
        if "sys.check_constraints" in sql:
            return [(child, "CK__Child__Price__3D5E1FD2", "([Price]>=(0))", "Price", False)]
        return []

    query = run


def waiting(*, bare: bool) -> list[tuple[ObjectKind, str]]:
    made = converted(PARENT, CHILD, relationships=(refers("Child", "ParentID", "Parent", delete=True),))
    asked = later(DatabaseScope("", Connection(), made), Constraints.AFTER)
    statements = asked(Catalogue(made.tables, bare=bare))  # type: ignore[arg-type]
    return [(s.kind, s.part) for s in statements]


def test_nothing_is_made_that_the_server_has_under_a_name_of_its_own() -> None:
    assert waiting(bare=False) == []


def test_all_is_made_where_nothing_of_it_is_there() -> None:
    assert [kind for kind, _ in waiting(bare=True)] == [
        ObjectKind.INDEX,
        ObjectKind.FOREIGN_KEY,
        ObjectKind.CHECK,
        ObjectKind.DESCRIPTION,
    ]
