"""Edits by hand of stage 6: kept, undone, refused, and what follows from them."""

from __future__ import annotations

import pytest

from tests.stages.conftest import BOOKS, KEY, reopened
from wizard.events import Stage, Status
from wizard.messages import (
    ConversionError,
    Message,
    StageError,
    TargetError,
)
from wizard.objects import TableRef
from wizard.project import Edit
from wizard.stages import Migration, edits
from wizard.stages.connect import ConnectStage


def test_edits_survive_reopening_and_converting_again(converted: Migration) -> None:
    assert converted.convert.edit_type(BOOKS, "Title", "nvarchar(300)") == (Stage.LOAD,)
    assert converted.status(Stage.CONVERT) is Status.DONE
    converted.convert.edit_nullable(BOOKS, "Title", False)
    index = next(i for i in converted.convert.indexes(BOOKS) if not i.primary)
    converted.convert.edit_index(BOOKS, index.source, "leave out")
    view = TableRef(KEY, "Countries")
    sql = converted.convert.sides(view).target.partition("\nGO\n")[0].replace("SELECT", "SELECT /* mine */", 1)
    converted.convert.edit_statement(view, sql)
    with reopened(converted) as again:
        again.convert.run()
        title = next(c for c in again.convert.columns(BOOKS) if c.source == "Title")
        assert (title.type, title.nullable, title.edited) == ("nvarchar(300)", False, True)
        assert [i.kept for i in again.convert.indexes(BOOKS) if i.source == index.source] == [False]
        assert "/* mine */" in again.convert.sides(view).target
        assert {i.ref for i in again.convert.items() if i.edited} == {BOOKS, view}
        again.convert.reset(BOOKS, "Title")
        again.convert.reset(view)
        assert "/* mine */" not in again.convert.sides(view).target
        again.convert.reset()
        assert again.data.edits == ()
        assert again.status(Stage.LOAD) is Status.DONE


def test_each_change_by_hand_can_be_undone_and_made_again(converted: Migration) -> None:
    convert, view = converted.convert, TableRef(KEY, "Countries")
    assert not convert.can_undo
    assert convert.undo() == ()
    convert.edit_type(BOOKS, "Title", "nvarchar(300)")
    convert.edit_nullable(BOOKS, "Title", False)
    sql = convert.sides(view).target.partition("\nGO\n")[0].replace("SELECT", "SELECT /* mine */", 1)
    convert.edit_statement(view, sql)
    everything = converted.data.edits
    convert.reset()
    assert converted.data.edits == ()
    assert set(convert.undo()) == {BOOKS, view}, "a reset is one step"
    assert converted.data.edits == everything
    assert convert.undo() == (view,)
    assert convert.undo() == (BOOKS,)
    assert [c.type for c in convert.columns(BOOKS) if c.source == "Title"] == ["nvarchar(300)"]
    assert convert.redo() == (BOOKS,)
    convert.edit_type(BOOKS, "Title", "nvarchar(310)")
    assert convert.redo() == (), "what was undone before another change is not made again"
    assert not convert.can_redo


def test_a_reset_of_what_was_not_changed_makes_nothing_stale(migration: Migration) -> None:
    migration.prepare()
    migration.one_step()
    assert migration.status(Stage.MIGRATE).over
    assert migration.convert.reset(BOOKS) == ()
    assert migration.convert.reset() == ()
    assert migration.status(Stage.MIGRATE).over
    assert not migration.convert.can_undo


@pytest.mark.parametrize(
    ("part", "value"), [("Title", "int"), ("Title", "nvarchar(9000)"), ("Title", "x]; DROP"), ("No Such", "int")]
)
def test_an_impossible_edit_is_refused_and_nothing_changes(converted: Migration, part: str, value: str) -> None:
    with pytest.raises((ConversionError, StageError)):
        converted.convert.edit_type(BOOKS, part, value)
    assert converted.data.edits == ()


@pytest.mark.parametrize("sql", ["DROP TABLE x", "CREATE VIEW a AS SELECT 1\nGO\nDROP TABLE x", ""])
def test_a_statement_must_be_one_create(converted: Migration, sql: str) -> None:
    with pytest.raises(StageError, match="JF8118"):
        converted.convert.edit_statement(TableRef(KEY, "Countries"), sql)


def test_what_a_server_said_of_a_statement_is_told_while_that_statement_stands(
    converted: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stayed where the statement was undone or reset; a server that was away was an error, and the edit stood."""
    away = TargetError(5000, what="nobody is there")

    def ask(_: ConnectStage, sql: str) -> str:
        if "away" in sql:
            raise away
        return "wrong" if "bad" in sql else ""

    monkeypatch.setattr(ConnectStage, "unreadable", ask)
    monkeypatch.setattr(ConnectStage, "is_offline", False)
    convert, view = converted.convert, TableRef(KEY, "Countries")
    sql = convert.sides(view).target.partition("\nGO\n")[0]

    def said() -> list[int]:
        return [m.number for m in convert.found(view) if m.number in (3186, 3199)]

    def write(word: str) -> None:
        convert.edit_statement(view, sql.replace("SELECT", f"SELECT /* {word} */", 1))

    write("bad")
    assert said() == [3186]
    convert.undo()
    assert said() == []
    convert.redo()
    assert said() == [3186], "it was said of this one"
    convert.reset(view)
    assert said() == []
    write("away")
    assert said() == [3199]
    assert away.message.text in next(m.text for m in convert.found(view) if m.number == 3199)
    write("good")
    assert said() == []


BACK_AGAIN = [
    ("Customers", "CustomerID", "nvarchar(10)", {"FK_Orders_Customers"}),
    ("Books", "PublisherID", "bigint", {"FK_Books_Publishers"}),
    ("Books", "ISBN", "nvarchar(max)", {"FK_Book Authors_Books", "FK_Order Details_Books"}),
    ("Books", "ISBN", "varchar(13)", {"FK_Book Authors_Books", "FK_Order Details_Books"}),
]
"""a type that what stands on the column cannot have, and what is left out then"""


@pytest.mark.parametrize(("table", "column", "type_", "lost"), BACK_AGAIN)
def test_a_type_changed_and_changed_back_makes_again_what_stood_on_the_column(
    converted: Migration, table: str, column: str, type_: str, lost: set[str]
) -> None:
    def made() -> tuple[dict[str, object], list[Message]]:
        conversion = converted.convert.conversion
        parts: dict[str, object] = {}
        for t in conversion.tables:
            parts |= {f"{t.name} {p.name}": p for p in (*t.foreign_keys, *t.indexes)}
            if t.primary_key is not None:
                parts[f"{t.name} {t.primary_key.name}"] = t.primary_key
        return parts, list(conversion.messages)

    parts, told = made()
    (former,) = (
        str(c.type)
        for t in converted.convert.conversion.tables
        for c in t.columns
        if (t.source, c.source) == (TableRef(KEY, table), column)
    )
    converted.convert.edit_type(TableRef(KEY, table), column, type_)
    changed, why = made()
    gone = parts.keys() - changed.keys()
    assert all(any(name in g for g in gone) for name in lost), gone
    assert {m.number for m in why if m not in told} >= {2064}
    converted.convert.edit_type(TableRef(KEY, table), column, former)
    assert made() == (parts, told)


BY_HAND = [
    (Edit(KEY, "Books", "nullable", "Title", "maybe"), 8116),
    (Edit(KEY, "Books", "colour", "Title", "red"), 8116),
    (Edit(KEY, "Books", "index", "PrimaryKey", "?"), 8116),
    (Edit(KEY, "Countries", "statement", "", "DROP TABLE [dbo].[Books]"), 8118),
    (Edit(KEY, "Countries", "statement", "", "CREATE VIEW [dbo].[Countries] AS SELECT 1 AS a\nGO\nDROP TABLE x"), 8118),
    (Edit(KEY, "Countries", "statement", "", "/**/" * 1000 + "DROP TABLE x"), 8118),
]


@pytest.mark.parametrize(("edit", "number"), BY_HAND, ids=lambda e: getattr(e, "value", "")[:12])
def test_an_edit_of_the_project_file_keeps_to_what_the_screen_lets_choose(
    converted: Migration, edit: Edit, number: int
) -> None:
    """A statement that drops a table was one of the scripts, and `maybe` was NOT NULL."""
    made, databases = converted.convert.conversion, {KEY: converted.sources.open(KEY).definition}
    changed = edits.apply(made, [edit], databases, converted.data.target)
    assert (changed.tables, changed.modules) == (made.tables, made.modules)
    assert [m.number for m in changed.messages if m not in made.messages] == [number]


def test_a_statement_that_is_nested_too_deeply_to_be_read_is_told(converted: Migration) -> None:
    deep = "CREATE VIEW [dbo].[Countries] AS SELECT " + "(1+" * 20_000 + "1" + ")" * 20_000 + " AS a"
    made, edit = converted.convert.conversion, Edit(KEY, "Countries", "statement", "", deep)
    changed = edits.apply(made, [edit], {}, converted.data.target)
    assert [m.number for m in changed.messages if m not in made.messages] == [3180]
