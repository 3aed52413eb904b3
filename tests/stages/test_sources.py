"""Stage 2: files added, moved, damaged and locked; what of them is chosen."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.stages.conftest import KEY, reopened
from wizard.definitions import Database, Table
from wizard.events import Stage, Status
from wizard.messages import (
    PasswordError,
    SourceError,
    StageError,
)
from wizard.stages import Migration, SourceObjectType, SourceState, source_selection
from wizard.stages.losses import left_out
from wizard.stages.source_selection import leftovers


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


def test_what_access_and_replication_left_behind_is_not_chosen_at_first_and_told(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("Items", "MSysRepInfo", "msysreplicas", "Paste Errors1", "Representatives")
    assert leftovers(Database("r.mdb", "Access 97", tables=tuple(Table(n, ()) for n in names))) == names[1:4]
    monkeypatch.setattr(source_selection, "LEFTOVERS", ("use?",))
    with Migration.create(tmp_path / "p") as migration:
        migration.project.confirm()
        migration.sources.add(folder / "harborbooks.accdb")
        (told,) = [m for m in migration.messages(Stage.SOURCES) if m.number == 8204]
        assert told.text.startswith("User in harborbooks: left unselected")
        tables = [o for o in migration.sources.objects(KEY) if o.type is SourceObjectType.TABLE]
        assert [(o.name, o.selectable) for o in tables if not o.chosen] == [("User", True)]


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
        assert next(o for o in migration.sources.objects(key) if o.name == linked).selectable, "to be left out"
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


def test_files_of_a_project_are_looked_at_together(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look makes the digests of all anew: a thousand looks took minutes."""
    with Migration.create(tmp_path / "p") as migration:
        migration.project.confirm()
        for name in ("a", "b", "c"):
            shutil.copyfile(sample, tmp_path / f"{name}.accdb")
            migration.sources.add(tmp_path / f"{name}.accdb")
        (tmp_path / "c.accdb").unlink()
        looks = list[list[str]]()
        monkeypatch.setattr(migration.sources._session, "observe", lambda seen: looks.append(sorted(seen)))
        migration.sources.check_quickly()
    assert looks == [["a", "b", "c"]]
