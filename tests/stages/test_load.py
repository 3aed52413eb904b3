"""Stage 7: what it says of objects that it left, and what it forgets of tables that it made anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from wizard.cancellation import CancellationToken
from wizard.events import Stage
from wizard.messages import Message
from wizard.objects import Name, ObjectKind, ServerTable, Statement
from wizard.outcomes import LoadOutcome
from wizard.settings import Connection, Target, TargetKind
from wizard.sink import Checkpoint
from wizard.sqlserver.introspection import ExistingObjects
from wizard.sqlserver.statement_runner import StatementResult, described
from wizard.stages import Migration, load, schema_comparison
from wizard.stages.databases import DatabaseScope
from wizard.stages.load import LoadStage
from wizard.stages.losses import left_out
from wizard.stages.views import LoadAction, LoadItem, LoadResult, ObjectDifference


def test_a_table_that_was_gone_is_empty_whatever_the_servers_journal_says(
    converted: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody dropped it, and not the journal, which says still that all its rows are there."""
    filled, new, remade = (Name("dbo", n) for n in ("Filled", "New", "Remade"))
    emptied: list[Name] = []
    sink = SimpleNamespace(
        checkpoint=lambda name: None if name is new else Checkpoint(complete=True),
        empty=emptied.append,
        close=lambda: None,
    )
    opened: list[object] = []

    def open_(*arguments: object) -> SimpleNamespace:
        opened.append(arguments)
        return sink

    monkeypatch.setattr(load, "ServerSink", open_)
    part: Any = SimpleNamespace(connection=None)
    applied = [
        StatementResult(Statement(ObjectKind.TABLE, filled, ""), LoadOutcome.CREATED),
        StatementResult(Statement(ObjectKind.TABLE, filled, "", "Column"), LoadOutcome.CREATED),
        StatementResult(Statement(ObjectKind.TABLE, new, ""), LoadOutcome.CREATED),
        StatementResult(Statement(ObjectKind.VIEW, Name("dbo", "View"), ""), LoadOutcome.CREATED),
    ]
    assert converted.load._forget_rows(part, applied, ()) == ()
    assert not opened, "there is no journal: nobody is asked"
    (forgotten,) = converted.load._forget_rows(part, applied, {"dbo"})
    assert forgotten.startswith("[dbo].[Filled] ")
    assert emptied == [filled]
    again = [StatementResult(Statement(ObjectKind.TABLE, remade, ""), LoadOutcome.RECREATED)]
    assert len(converted.load._forget_rows(part, again, ())) == 1
    assert emptied == [filled, remade]


def test_what_is_left_as_it_is_on_the_server_is_a_loss_unless_somebody_chose_that(converted: Migration) -> None:
    conflict, both = ObjectDifference.CONFLICT, (LoadAction.RECREATE, LoadAction.SKIP)
    items = [
        LoadItem("[dbo].[Authors]", "table", conflict, LoadAction.SKIP, both, "column AuthorID is float"),
        LoadItem("[dbo].[Countries]", "view", conflict, LoadAction.SKIP, both, "on the server it is a procedure"),
        LoadItem("[dbo].[Books]", "table", ObjectDifference.SAME, LoadAction.NOTHING, ()),
    ]
    converted.load.choose("[dbo].[Countries]", LoadAction.SKIP)
    converted.load._emit_left(items)
    (told,) = converted.load.left()
    assert "The table [dbo].[Authors] was left as it is on the server" in told.text
    assert "column AuthorID is float" in told.text
    (line,) = left_out(converted)
    assert line.startswith("[dbo].[Authors]: The table [dbo].[Authors] was left as it is")
    converted.project.set_option("when_exists", "skip")
    converted.load._emit_left(items)
    assert len(converted.load.left()) == 1, "what an option leaves is chosen"


def test_a_column_that_cannot_be_changed_is_no_table_that_was_never_made(
    converted: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Name("dbo", "Authors")
    table, column = (Statement(ObjectKind.TABLE, place, "…", part) for part in ("", "First Name"))
    assert (described(table), described(column)) == (
        "table [dbo].[Authors]", "column First Name of [dbo].[Authors]",
    )  # fmt: skip
    refused = Message.of(5101, what=described(column), reason="Cannot insert NULL (error 515)")
    result = load._add(LoadResult(), [], [StatementResult(column, LoadOutcome.FAILED, None, refused)], ())
    monkeypatch.setattr(LoadStage, "result", property(lambda _: result))
    assert converted.migrate.never_made() == ()
    (line,) = left_out(converted)
    assert line.startswith("column First Name of [dbo].[Authors] was not loaded: column First Name of [dbo].[Authors] ")
    result = load._add(LoadResult(), [], [StatementResult(table, LoadOutcome.FAILED, None, refused)], ())
    assert converted.migrate.never_made() == ("[dbo].[Authors]",)


def test_without_a_database_by_name_nothing_is_written_to_the_accounts_own(migration: Migration) -> None:
    """It may be master. A hand edit of the project file can leave it out; a source may have one of its own."""
    migration.project.set_target(Target(TargetKind.SQL_SERVER))
    migration.connect.set(Connection("127.0.0.1", port=9, user="sa"))
    told = [migration.session.machine().blockers.get(s) for s in (Stage.LOAD, Stage.MIGRATE)]
    assert [m.text for m in told if m] == [
        "No database is named for harborbooks: the server would take the account's own, which may be master. Name one "
        "in stage 3 (key 'server.database') or for the source in stage 4."
    ] * 2
    migration.connect.set(Connection("127.0.0.1", port=9, user="sa", database="books"))
    assert Stage.LOAD not in migration.session.machine().blockers
    migration.connect.set(Connection("127.0.0.1", port=9, user="sa"))
    migration.map.set("harborbooks", "dbo", "books")
    assert Stage.LOAD not in migration.session.machine().blockers
    migration.map.set("harborbooks", "dbo")
    migration.session.skip(Stage.CONNECT)
    assert Stage.LOAD not in migration.session.machine().blockers, "scripts name no database"


def test_a_table_made_without_a_part_of_it_has_not_failed() -> None:
    place, other = Name("dbo", "Authors"), Name("dbo", "Books")
    items = [
        LoadItem(str(name), "table", ObjectDifference.CREATE, LoadAction.CREATE, (LoadAction.CREATE,))
        for name in (place, other)
    ]
    column = StatementResult(Statement(ObjectKind.TABLE, place, "…", "Full"), LoadOutcome.FAILED)
    assert load.summary(load._add(LoadResult(), items, [column], ())) == (
        "2 created, 0 altered, 0 unchanged, 0 skipped, 1 of them in part"
    )
    table = StatementResult(Statement(ObjectKind.TABLE, other, "…"), LoadOutcome.FAILED)
    assert load.summary(load._add(LoadResult(), items, [column, table], ())) == (
        "1 created, 0 altered, 0 unchanged, 0 skipped, 1 failed, 1 of them in part"
    )


def test_a_refused_description_is_a_loss_and_that_of_what_was_not_made_none_more(
    converted: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, table = Name("dbo", "Old"), Name("dbo", "Books")
    steps = [
        Statement(ObjectKind.VIEW, view, "…"),
        Statement(ObjectKind.DESCRIPTION, view, "…"),
        Statement(ObjectKind.DESCRIPTION, table, "…", "Price"),
    ]
    applied = [StatementResult(s, LoadOutcome.FAILED, None, Message.of(5101, what=described(s), reason="no"))
               for s in steps]  # fmt: skip
    result = load._add(LoadResult(), [], applied, ())
    monkeypatch.setattr(LoadStage, "result", property(lambda _: result))
    assert [(f.kind, f.name) for f in converted.load.failures()] == [
        ("view", str(view)), ("description", str(table)),
    ]  # fmt: skip
    assert converted.load.missing() == {str(view)}, "a table without a description is there"
    assert len(left_out(converted)) == 2


def there_now(part: DatabaseScope, change: Callable[[ServerTable], ServerTable | None]) -> ExistingObjects:
    """A server that has all of it, but for what was changed."""
    found = (change(t) for t in part.conversion.tables)
    return ExistingObjects(tuple(t for t in found if t is not None), part.conversion.modules[1:], ("dbo",))


def test_what_somebody_took_from_the_server_is_named_an_object_a_message(
    converted: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`verify` certified that both sides are equal after keys and indexes had been dropped."""
    (part,) = converted.load.parts()

    def change(table: ServerTable) -> ServerTable | None:
        match table.name.name:
            case "Orders":
                (key,) = table.foreign_keys
                return replace(table, foreign_keys=(replace(key, disabled=True),), description="")
            case "Authors":
                return replace(table, indexes=(), primary_key=None)
            case "Publishers":
                return None
            case _:
                return table

    monkeypatch.setattr(schema_comparison, "_existing", lambda *_: there_now(part, change))
    gone = part.conversion.modules[0]
    found = {m.place.name: m.text for m in converted.load.changed(part)}
    assert list(found) == ["[dbo].[Authors]", "[dbo].[Orders]", str(gone.name)], (
        "a table that is gone is told with rows"
    )
    assert "the primary key is missing; index IX_Authors_LastFirst is missing." in found["[dbo].[Authors]"]
    assert "foreign key FK_Orders_Customers is disabled on the server." in found["[dbo].[Orders]"]
    assert f"The {gone.kind} {gone.name} is not on the server as it was converted: it is gone." in found[str(gone.name)]
    known = [("[dbo].[Orders]", "FK_Orders_Customers"), (str(gone.name), "")]
    assert [m.place.name for m in converted.load.changed(part, known)] == ["[dbo].[Authors]"]
    converted.load.choose("[dbo].[Authors]", LoadAction.SKIP)
    assert not converted.load.changed(part, known), "a person left it"


@pytest.mark.parametrize("gone", ["IX_Authors_LastFirst", ""])
def test_stage_8_is_done_again_where_stage_7_leaves_something_to_it(
    converted: Migration, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    """An index that was dropped is made after the rows: stage 7 was done again for it, and stage 8 was not."""
    (part,) = converted.load.parts()
    there = ExistingObjects(
        tuple(
            replace(t, indexes=tuple(i for i in t.indexes if i.name != gone)) for t in part.conversion.tables
        ),
        part.conversion.modules,
        ("dbo",),
    )  # fmt: skip
    monkeypatch.setattr(schema_comparison, "_existing", lambda *_: there)
    monkeypatch.setattr(load, "run_statements", lambda *_, **__: [])
    result = converted.load._apply(CancellationToken())
    assert (result.created, result.altered, result.same) == (
        0,
        0,
        len(part.conversion.tables + part.conversion.modules),
    )
    assert bool(result.changed) is bool(gone)
