"""What follows from an edit by hand."""

from __future__ import annotations

from dataclasses import replace

from tests.convert.making import KEY, converted, index, one, refers, table
from wizard.convert.edit_effects import settle_edits
from wizard.definitions import Column, ColumnType
from wizard.objects import MAX, Conversion, ServerColumn, ServerTable, ServerType

BEFORE = converted(
    table("P"),
    table(
        "T",
        Column("ParentID", ColumnType.LONG),
        Column("Code", ColumnType.TEXT, length=9),
        indexes=(KEY, index("Code", "Code"), index("One", "ParentID", "Code", unique=True)),
    ),
    relationships=(refers("T", "ParentID", "P"),),
)


def edited(name: str, column: str, **changes: object) -> Conversion:
    def changed(found: ServerTable) -> ServerTable:
        columns = tuple(replace(c, **changes) if c.name == column else c for c in found.columns)  # type: ignore[arg-type]
        return replace(found, columns=columns) if found.name.name == name else found

    return replace(BEFORE, tables=tuple(changed(t) for t in BEFORE.tables))


def told(after: Conversion) -> list[int]:
    return [m.number for m in after.messages[len(BEFORE.messages) :]]


def test_without_an_edit_nothing_changes() -> None:
    assert settle_edits(BEFORE, BEFORE) == BEFORE


def test_a_column_that_becomes_long_text_loses_its_indexes_with_a_message() -> None:
    after = settle_edits(BEFORE, edited("T", "Code", type=ServerType("nvarchar", MAX)))
    assert one(after).indexes == ()
    assert told(after) == [2051, 2051]


def test_a_foreign_key_goes_where_either_side_has_another_type() -> None:
    for name, column in (("T", "ParentID"), ("P", "ID")):
        after = settle_edits(BEFORE, edited(name, column, type=ServerType("bigint")))
        assert one(after).foreign_keys == ()
        assert told(after) == [2064]


def test_a_unique_index_follows_what_may_be_null() -> None:
    assert one(BEFORE).indexes[0].where == "[ParentID] IS NOT NULL AND [Code] IS NOT NULL"
    after = settle_edits(BEFORE, edited("T", "Code", nullable=False))
    assert one(after).indexes[0].where == "[ParentID] IS NOT NULL"


def test_an_index_made_unique_by_hand_lets_rows_be_null() -> None:
    table_ = one(BEFORE)
    unique = tuple(replace(i, unique=True) for i in table_.indexes)
    after = settle_edits(BEFORE, replace(BEFORE, tables=(BEFORE.tables[0], replace(table_, indexes=unique))))
    assert [i.where for i in one(after).indexes if len(i.columns) == 1] == ["[Code] IS NOT NULL"]


def test_columns_added_by_hand_are_kept() -> None:
    table_ = one(BEFORE)
    more = replace(table_, columns=(*table_.columns, ServerColumn("More", ServerType("int"))))
    after = settle_edits(BEFORE, replace(BEFORE, tables=(BEFORE.tables[0], more)))
    assert one(after).columns[-1].name == "More"
