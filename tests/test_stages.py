"""What a person does in the stages: choosing, mapping, editing, stopping; what survives and what becomes stale."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from wizard.events import BatchCommitted, Event, MessageTold, Progress, Stage, StageChanged, Status, TableStarted
from wizard.messages import (
    ConversionError,
    Message,
    MoveError,
    PasswordError,
    ProjectError,
    RowProblem,
    SourceError,
    StageError,
)
from wizard.objects import TableRef
from wizard.options import Preset
from wizard.package import PackageSink
from wizard.project import ProjectFile
from wizard.settings import Repair, RepairRule, SqlVersion, Target, TargetKind, TypeRule
from wizard.sink import Delivery
from wizard.stages import CancellationToken, Migration, RuleLevel, SourceObjectType, SourceState, StoppedError
from wizard.stages.losses import left_out

KEY = "harborbooks"
BOOKS = TableRef(KEY, "Books")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copyfile(SAMPLE, tmp_path / "harborbooks.accdb")
    return tmp_path


@pytest.fixture
def migration(folder: Path) -> Iterator[Migration]:
    with Migration.create(folder / "p") as migration:
        migration.project.confirm()
        migration.sources.add(folder / "harborbooks.accdb")
        yield migration


@pytest.fixture
def converted(migration: Migration) -> Migration:
    migration.prepare()
    migration.one_step(through=Stage.LOAD)
    return migration


def reopened(migration: Migration) -> Migration:
    migration.close()
    opened = Migration.open(migration.path)
    opened.sources.check()
    return opened


# stage 1


def test_an_option_makes_stale_what_it_matters_to_and_nothing_else(converted: Migration) -> None:
    assert converted.project.set_option("batch_size", 500) == ()
    dates = RepairRule(RowProblem.DATE, Repair.NULL)
    assert converted.project.set_repair(dates) == (), "stages 5 and 8 were not run"
    orphans = RepairRule(RowProblem.ORPHANS, Repair.NULL)
    assert converted.project.set_repair(orphans) == (Stage.CONVERT, Stage.LOAD)
    assert converted.project.reset_repair(orphans) == ()
    assert converted.project.set_option("load_attempts", 5) == ()
    assert converted.project.set_option("descriptions", False) == (Stage.CONVERT, Stage.LOAD)
    assert converted.detail(Stage.CONVERT) == "changed since: options"
    assert converted.project.set_option("descriptions", True) == ()
    assert converted.status(Stage.LOAD) is Status.DONE


def test_what_a_change_makes_stale_is_known_before_it_is_made(converted: Migration) -> None:
    changed = replace(converted.data, target=Target(TargetKind.SQL_SERVER, SqlVersion.V2016))
    foretold = converted.effects(changed)
    assert Stage.CONNECT in foretold
    assert converted.status(Stage.CONNECT) is Status.SKIPPED
    assert converted.project.set_target(changed.target) == foretold


def test_presets_and_ranges(migration: Migration) -> None:
    migration.project.use_preset(Preset.FULL)
    assert migration.data.options.check_constraints
    with pytest.raises(ProjectError, match="batch_size"):
        migration.project.set_option("batch_size", 0)
    assert migration.data.options.batch_size == 10_000


def test_type_rules_are_tried_from_the_most_local_and_impossible_ones_refused(migration: Migration) -> None:
    migration.project.set_rules([TypeRule("text", "nvarchar(max)")])
    migration.project.set_rules([TypeRule("text", "nvarchar(100)")], KEY)
    migration.project.set_rules([TypeRule("text", "nvarchar(200)")], KEY, "Books")
    levels = [r.level for r in migration.project.rules(KEY, "Books")][:4]
    assert levels == [RuleLevel.TABLE, RuleLevel.DATABASE, RuleLevel.PROJECT, RuleLevel.DEFAULT]
    assert migration.project.check_rule(TypeRule("text", "int")) is not None
    with pytest.raises(ConversionError):
        migration.project.set_rules([TypeRule("text", "int")])
    migration.project.set_rules([], KEY, "Books")
    assert migration.project.own_rules(KEY, "Books") == ()
    migration.prepare()
    migration.convert.run()
    assert {c.type for c in migration.convert.columns(BOOKS) if c.source_type == "text"} == {"nvarchar(100)"}


# stage 2


def test_objects_are_chosen_by_name_pattern_all_and_none(migration: Migration) -> None:
    sources = migration.sources
    sources.select_none(KEY)
    sources.select(KEY, SourceObjectType.TABLE, ["Books", "publishers"], True)
    assert [t.name for t in sources.open(KEY).definition.tables] == ["Publishers", "Books"]
    assert [r.referenced_table for r in sources.open(KEY).definition.relationships] == ["Publishers"]
    sources.select_matching(KEY, "order*", True)
    names = {o.name for o in sources.objects(KEY) if o.chosen}
    assert names == {"Books", "Publishers", "Orders", "Order Details", "Order Totals", "Orders By Customer"} | {
        "Orders For Form"
    }
    assert {o.name for o in sources.objects(KEY, "order d")} == {"Order Details"}
    sources.select_all(KEY)
    assert all(o.chosen for o in sources.objects(KEY) if o.selectable)
    with reopened(migration) as again:
        assert again.data == migration.data


def test_nothing_chosen_is_said_and_stage_2_is_not_done(migration: Migration) -> None:
    migration.sources.select_none(KEY)
    with pytest.raises(StageError, match="JF8105"):
        migration.sources.confirm()
    assert migration.status(Stage.SOURCES) is Status.FAILED


def test_rows_are_shown_a_page_at_a_time(migration: Migration) -> None:
    seen: list[tuple[str | None, ...]] = []
    start: int | None = 0
    while start is not None:
        page = migration.sources.preview(KEY, "Orders", start=start, rows=250)
        seen += page.rows
        start = page.next
    assert len(seen) == len({row[0] for row in seen}) == migration.sources.row_count(KEY, "Orders") == 600


def test_the_same_file_is_no_second_source_and_a_wrong_file_none(migration: Migration, folder: Path) -> None:
    with pytest.raises(SourceError, match="JF8203"):
        migration.sources.add(folder / "." / "harborbooks.accdb")
    (folder / "notes.mdb").write_text("not a database at all" * 500, encoding="utf-8")
    with pytest.raises(SourceError, match=r"notes\.mdb"):
        migration.sources.add(folder / "notes.mdb")
    assert [s.key for s in migration.data.sources] == [KEY]


def test_a_password_is_asked_for_checked_and_never_written(tmp_path: Path, shared: Path) -> None:
    shutil.copyfile(next((shared / "corpus").rglob("V2000_with-password.mdb")), tmp_path / "locked.mdb")
    with Migration.create(tmp_path / "p") as migration:
        migration.project.confirm()
        with pytest.raises(PasswordError):
            migration.sources.add(tmp_path / "locked.mdb")
        with pytest.raises(PasswordError):
            migration.sources.add(tmp_path / "locked.mdb", password="wrong")
        migration.sources.add(tmp_path / "locked.mdb", password="password")
    with Migration.open(tmp_path / "p") as again:
        (entry,) = again.sources.entries()
        assert entry.state is SourceState.LOCKED
        with pytest.raises(StageError, match="locked"):
            again.sources.confirm()
        assert again.sources.set_password("locked", "password").state is SourceState.READY
        again.sources.confirm()
        assert '"password"' not in again.path.read_text(encoding="utf-8")


def test_moved_touched_and_replaced_files_are_told_apart(converted: Migration, folder: Path) -> None:
    file = folder / "harborbooks.accdb"
    os.utime(file, (1, 1))
    assert converted.sources.entry(KEY).state is SourceState.TOUCHED
    assert converted.status(Stage.CONVERT) is Status.DONE
    file.rename(folder / "elsewhere.accdb")
    assert converted.sources.entry(KEY).state is SourceState.MISSING
    assert converted.status(Stage.CONVERT) is Status.STALE
    converted.sources.relocate(KEY, folder / "elsewhere.accdb")
    assert converted.sources.entry(KEY).state is SourceState.TOUCHED
    assert converted.status(Stage.CONVERT) is Status.DONE
    converted.sources.confirm()
    assert converted.sources.entry(KEY).state is SourceState.READY


def test_a_file_put_in_anothers_place_is_noticed(converted: Migration, folder: Path, shared: Path) -> None:
    other = next(p for p in (shared / "corpus").rglob("*.accdb") if "testV2010" in p.name or "V2010" in p.name)
    if "password" in other.name.casefold():
        other = next((shared / "sample").glob("*.mdb"))
    shutil.copyfile(other, folder / "harborbooks.accdb")
    assert converted.sources.entry(KEY).state is SourceState.CHANGED
    assert converted.status(Stage.SOURCES) is Status.STALE
    assert converted.status(Stage.CONVERT) is Status.STALE
    assert converted.status(Stage.LOAD) is Status.STALE


def test_linked_back_ends_are_found_or_asked_for_and_read_as_ones_own(tmp_path: Path, shared: Path) -> None:
    corpus = shared / "corpus"
    front = next(p for p in corpus.rglob("*") if p.name == "linkerTestV2007.accdb")
    back = next(p for p in corpus.rglob("*") if p.name == "linkeeTest.accdb")
    shutil.copyfile(front, tmp_path / front.name)
    with Migration.create(tmp_path / "p") as migration:
        migration.project.confirm()
        key = migration.sources.add(tmp_path / front.name).key
        (asked,) = [b for b in migration.sources.back_ends(key) if b.path is None]
        linked = asked.tables[0]
        assert asked.message is not None
        assert not next(o for o in migration.sources.objects(key) if o.name == linked).selectable
        migration.sources.resolve(key, asked.named, back)
        assert next(o for o in migration.sources.objects(key) if o.name == linked).chosen
        assert migration.sources.preview(key, linked).rows
        migration.prepare()
        migration.one_step()
        (moved,) = [t for t in migration.migrate.result.tables if t.source.endswith(f".{linked}")]  # type: ignore[union-attr]
        assert moved.migrated == migration.sources.row_count(key, linked) > 0
    # below the front end's folder it is found by the tail of its Windows path, in whatever case, and not asked for
    (tmp_path / "jackcess_test").mkdir()
    shutil.copyfile(back, tmp_path / "jackcess_test" / "LINKEETEST.accdb")
    with Migration.create(tmp_path / "q") as migration:
        key = migration.sources.add(tmp_path / front.name).key
        (found,) = migration.sources.back_ends(key)
        assert (found.path, found.message) == (tmp_path / "jackcess_test" / "LINKEETEST.accdb", None)
        assert migration.sources.preview(key, linked).rows


def test_a_damaged_file_is_refused_or_gives_what_can_be_read_and_says_what_not(folder: Path) -> None:
    whole = (folder / "harborbooks.accdb").read_bytes()
    (folder / "cut.accdb").write_bytes(whole[: len(whole) * 9 // 10])
    with Migration.create(folder / "p") as migration:
        migration.project.confirm()
        with pytest.raises(SourceError, match="--salvage"):
            migration.sources.add(folder / "cut.accdb")
        migration.sources.add(folder / "cut.accdb", salvage=True)
        migration.prepare()
        migration.one_step()
        assert migration.migrate.result is not None
        assert sum(t.migrated for t in migration.migrate.result.tables) > 2000
        assert any("JF1021" in line for line in left_out(migration))


def test_a_file_added_without_its_password_is_read_once_it_is_given(folder: Path, shared: Path) -> None:
    path = next((shared / "corpus").rglob("V2010_with-password.accdb"))
    with Migration.create(folder / "given") as given:
        given.sources.add(path, password="password")
        wanted = given.data.sources
    with Migration.create(folder / "later") as later:
        entry = later.sources.add_locked(path)
        assert entry.state is SourceState.LOCKED
        later.project.confirm()
        with pytest.raises(StageError, match="password"):
            later.sources.confirm()
        assert later.sources.set_password(entry.key, "wrong").state is SourceState.LOCKED
        assert later.sources.set_password(entry.key, "password").state is SourceState.READY
        assert later.data.sources == wanted


# stage 4


def test_names_of_two_sources_that_would_meet_are_found(migration: Migration, folder: Path) -> None:
    shutil.copyfile(SAMPLE, folder / "second.accdb")
    migration.sources.add(folder / "second.accdb")
    assert [(r.schema, r.collisions) for r in migration.map.rows()] == [("dbo", ()), ("second", ())]
    migration.map.set("second", "dbo")
    assert "Books" in migration.map.rows()[1].collisions
    with pytest.raises(StageError, match="JF8111"):
        migration.prepare()
    migration.map.reset("second")
    migration.prepare()
    migration.one_step()
    assert len(migration.convert.conversion.tables) == 20
    assert migration.status(Stage.MIGRATE) is Status.DONE


# stage 6


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


def test_both_sides_of_every_object_can_be_read(converted: Migration) -> None:
    for item in converted.convert.items():
        sides = converted.convert.sides(item.ref)
        assert sides.source.strip()
        assert sides.target.strip()


def test_a_statement_kept_for_review_is_shown_as_such(converted: Migration) -> None:
    shown = converted.convert.sides(TableRef(KEY, "Make Log Table")).target
    assert shown.startswith("-- For review")
    assert "CREATE TABLE" in shown


# stopping, failing, events


@pytest.mark.parametrize("stage", [Stage.ASSESS, Stage.CONVERT, Stage.LOAD, Stage.MIGRATE])
def test_a_stage_cancelled_between_units_loses_nothing(migration: Migration, stage: Stage) -> None:
    migration.prepare()
    if stage.number > Stage.CONVERT.number:
        migration.one_step(through=list(Stage)[stage.number - 2])
    cancel = CancellationToken()

    def stop(event: Event) -> None:
        if isinstance(event, StageChanged) and event.stage is stage and event.status is Status.RUNNING:
            cancel.cancel("test")

    ended = migration.listen(stop)
    work = {Stage.ASSESS: migration.assess.run, Stage.CONVERT: migration.convert.run, Stage.LOAD: migration.load.run}
    with pytest.raises(StoppedError):
        work.get(stage, migration.migrate.run)(cancel)
    ended()
    assert migration.status(stage) is Status.READY
    migration.one_step()
    assert migration.status(Stage.MIGRATE) is Status.DONE


def stopped_at(migration: Migration, kind: type[Event], work: Callable[[CancellationToken], object]) -> None:
    """Do work that is stopped at the first event of a kind."""
    cancel = CancellationToken()
    ended = migration.listen(lambda event: cancel.cancel("test") if isinstance(event, kind) else None)
    with pytest.raises(StoppedError):
        work(cancel)
    ended()


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


@pytest.fixture
def narrow(converted: Migration) -> Migration:
    """Before stage 8, with publishers whose names do not all fit; rows move a table and a few at a time."""
    converted.project.set_options(replace(converted.data.options, batch_size=100, parallel_tables=1))
    converted.convert.edit_type(TableRef(KEY, "Publishers"), "Name", "nvarchar(12)")
    converted.load.run()
    return converted


def widened(migration: Migration) -> None:
    """The cause mended, as stages 6 and 7 do it."""
    migration.convert.edit_type(TableRef(KEY, "Publishers"), "Name", "nvarchar(60)")
    migration.load.run()


def test_rejected_rows_wait_until_all_rows_were_sent_once(narrow: Migration) -> None:
    with pytest.raises(StageError, match="JF8124"):
        narrow.migrate.retry_rejects()
    stopped_at(narrow, BatchCommitted, narrow.migrate.run)
    before = {t.table: t.done for t in narrow.migrate.lines()}
    with pytest.raises(StageError, match="JF8124"):
        narrow.migrate.retry_rejects()
    assert {t.table: t.done for t in narrow.migrate.lines()} == before
    assert narrow.status(Stage.MIGRATE) is Status.READY
    assert narrow.data.stages.get(Stage.MIGRATE) is None
    narrow.migrate.run()
    assert narrow.status(Stage.MIGRATE) is Status.LOSSES


def test_a_retry_of_nothing_leaves_the_stage_as_it_was(narrow: Migration) -> None:
    narrow.migrate.run()
    record = narrow.data.stages[Stage.MIGRATE]
    with pytest.raises(StageError, match="JF8113"):
        narrow.migrate.retry_rejects(["dbo.Publishers", "dbo.Nosuch"])
    assert narrow.data.stages[Stage.MIGRATE] == record
    assert narrow.migrate.retry_rejects(["dbo.books"]).tables == ()
    assert narrow.data.stages[Stage.MIGRATE] == record
    assert narrow.detail(Stage.MIGRATE).endswith("verified")


def test_rejected_rows_sent_again_leave_a_stage_done_that_only_their_remedy_made_stale(narrow: Migration) -> None:
    narrow.migrate.run()
    widened(narrow)
    assert narrow.status(Stage.MIGRATE) is Status.STALE
    narrow.migrate.retry_rejects()
    assert narrow.status(Stage.MIGRATE) is Status.DONE
    assert narrow.detail(Stage.MIGRATE).endswith("in 10 tables, verified")
    assert narrow.migrate.verify().equal


def test_a_retry_prepares_its_tables_and_writes_certificate_and_manifest_anew(
    narrow: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow.migrate.run()
    reports, package = narrow.folder / "reports", narrow.folder / "package"
    former = json.loads((reports / "certificate.json").read_text())
    assert (former["verdict"], former["rejected"]) == ("losses", 4)
    assert json.loads((package / "manifest.json").read_text())["rejected"] == 4
    widened(narrow)
    assert narrow.migrate.mended() == {"dbo.Publishers": 4}
    prepared: list[list[str]] = []
    prepare = PackageSink.prepare

    def seen(sink: PackageSink, deliveries: Sequence[Delivery]) -> list[Message]:
        prepared.append([d.table.name.name for d in deliveries])
        return prepare(sink, deliveries)

    monkeypatch.setattr(PackageSink, "prepare", seen)
    narrow.migrate.retry_rejects()
    assert prepared == [["Publishers"]]
    assert json.loads((reports / "certificate.json").read_text())["verdict"] == "equal"
    assert json.loads((package / "manifest.json").read_text())["rejected"] == 0
    assert narrow.migrate.mended() == {}


def test_there_is_no_certificate_of_what_is_being_changed(narrow: Migration) -> None:
    narrow.migrate.run()
    assert narrow.migrate.certificate is not None
    stopped_at(narrow, TableStarted, lambda cancel: narrow.migrate.reload(None, cancel))
    assert narrow.migrate.certificate is None
    assert not (narrow.folder / "package" / "manifest.json").exists(), "the package is not whole"
    narrow.migrate.run()
    assert narrow.migrate.certificate is not None
    assert (narrow.folder / "package" / "manifest.json").exists()


def test_a_retry_that_was_stopped_says_so_and_does_not_end_the_stage(narrow: Migration) -> None:
    narrow.migrate.run()
    widened(narrow)
    stopped_at(narrow, TableStarted, lambda cancel: narrow.migrate.retry_rejects(None, cancel))
    assert narrow.status(Stage.MIGRATE) is Status.READY
    assert narrow.migrate.retry_rejects().tables[0].status == "migrated"
    assert narrow.status(Stage.MIGRATE) is Status.READY, "stage 8 was not done when it began"
    assert [m.number for m in narrow.messages(Stage.MIGRATE)][-1] == 8125
    narrow.migrate.run()
    assert narrow.status(Stage.MIGRATE) is Status.DONE
    assert narrow.migrate.verify().equal


def test_a_limit_of_rejects_fails_the_stage_and_says_why(narrow: Migration) -> None:
    narrow.project.set_option("max_rejects", 1)
    with pytest.raises(MoveError, match="JF6002"):
        narrow.migrate.run()
    assert narrow.status(Stage.MIGRATE) is Status.FAILED
    assert "option 'max_rejects'" in narrow.detail(Stage.MIGRATE)
    assert {t.table: t.status for t in narrow.migrate.lines()}["dbo.Publishers"] == "failed"
    assert narrow.migrate.rehearsals()[0][0].endswith(" failed")


def test_stopped_runs_are_kept_and_their_time_counts(narrow: Migration) -> None:
    narrow.project.set_option("batch_size", 100)
    for count in range(1, 3):
        cancel = CancellationToken()
        seen: list[Event] = []

        def slow(event: Event, cancel: CancellationToken = cancel, seen: list[Event] = seen) -> None:
            if isinstance(event, BatchCommitted) and event.table == "dbo.Stock Movements":
                time.sleep(0.2)
                cancel.cancel("test")
            if isinstance(event, BatchCommitted | TableStarted):
                seen.append(event)

        ended = narrow.listen(slow)
        with pytest.raises(StoppedError):
            narrow.migrate.run(cancel)
        ended()
        assert len(narrow.migrate.rehearsals()[0]) == count
    narrow.migrate.run()
    began, compared = narrow.migrate.rehearsals()
    assert [b.endswith(" stopped") for b in began] == [True, True, False]
    found = {c.table: c.seconds for c in compared}["dbo.Stock Movements"]
    assert found[:2] == (None, None)
    assert found[2] is not None
    assert found[2] > 0.4
    made = json.loads((narrow.folder / "reports" / "certificate.json").read_text(encoding="utf-8"))
    lines = [t for r in made["runs"] for t in r["tables"] if t["table"] == "dbo.Stock Movements"]
    assert [t["status"] for t in lines] == ["cancelled", "cancelled", "migrated"]
    assert sum(t["migrated"] for t in lines) == lines[-1]["arrived"] == 2_000
    assert all(0 < t["migrated"] < 2_000 for t in lines)
    assert sum(t["seconds"] for t in lines) == pytest.approx(lines[-1]["seconds_in_all"])
    whole = next(t for t in made["tables"] if t["table"] == "dbo.Stock Movements")
    assert whole["seconds"] == lines[-1]["seconds_in_all"]


def test_a_full_disk_at_the_end_does_not_hide_what_went_wrong(
    converted: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ProjectError(8007, path="p", what="No space left on device")

    def fails() -> None:
        with converted.session.run(Stage.MIGRATE):
            monkeypatch.setattr(ProjectFile, "save", full)
            raise StageError(8118, what="the cause")

    told: list[Event] = []
    converted.listen(told.append)
    with pytest.raises(StageError, match="JF8118"):
        fails()
    assert [e.message.number for e in told if isinstance(e, MessageTold)] == [8007]


def test_a_listener_hears_everything_and_can_leave(migration: Migration) -> None:
    told: list[Event] = []
    ended = migration.listen(told.append)
    migration.prepare()
    ended()
    count = len(told)
    migration.convert.run()
    assert len(told) == count
    assert any(isinstance(e, Progress) for e in told)
    last = {e.stage: e.status for e in told if isinstance(e, StageChanged)}
    assert last[Stage.MAP] is Status.DONE


def test_handing_over_and_taking_back(migration: Migration) -> None:
    migration.prepare()
    migration.release()
    with pytest.raises(ProjectError, match="JF8011"):
        migration.project.set_name("other")
    with Migration.open(migration.path, what="worker") as worker:
        worker.one_step()
    migration.take_back()
    assert migration.status(Stage.MIGRATE) is Status.DONE
    assert migration.convert.conversion.tables


def test_hidden_queries_of_forms_are_told_and_not_counted_as_chosen(tmp_path: Path, shared: Path) -> None:
    shutil.copyfile(shared / "corpus" / "ASampleDatabase.accdb", tmp_path / "assets.accdb")
    with Migration.create(tmp_path / "p") as migration:
        migration.project.confirm()
        entry = migration.sources.add(tmp_path / "assets.accdb")
        hidden = [q for q in migration.sources.definition(entry.key).queries if q.hidden]
        migration.prepare()
        migration.convert.run()
        told = [m for m in migration.convert.conversion.messages if m.number == 3171]
    assert hidden
    assert entry.chosen == entry.tables + entry.queries - len(hidden)
    assert len(told) == 1
    assert f"{len(hidden)} hidden" in told[0].text
