"""Scanning a tree: what is found, what is looked at again, what stays known when a scan is killed."""

from __future__ import annotations

import os
import sqlite3
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.estate.trees import BACK, OFFICE, SALES, Here, data, put, scanned
from wizard.access.file_ranges import Ranges
from wizard.estate import scan as scan_module
from wizard.estate import schema
from wizard.estate.derivation import derive
from wizard.estate.file_scan import scan_file
from wizard.estate.model import FileScan, FileState, ScanOrder, ScanProgress
from wizard.estate.scan import ScanOptions, read_passwords, scan
from wizard.estate.store import Estate, estate_folder
from wizard.messages import ProjectError


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    with Estate.open(tmp_path / "ours", make=True) as opened:
        yield opened


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "share"
    put(root / "shop", BACK)
    put(root / "shop", SALES)
    put(root / "office", OFFICE)
    return root


def states(estate: Estate) -> dict[str, str]:
    return {r["name"]: r["state"] for r in estate.ask("SELECT name, state FROM file WHERE gone = 0")}


def test_files_are_found_by_name_and_by_signature(estate: Estate, tree: Path) -> None:
    put(tree / "odd", BACK, as_name="renamed.dat")
    put(tree / "odd", BACK, as_name="nosuffix")
    (tree / "odd" / "notes.txt").write_text("no database" * 1000)
    (tree / "odd" / "fake.mdb").write_text("no database either" * 1000)
    (tree / "odd" / "shop_be.ldb").write_bytes(data(BACK))
    scanned(estate, tree)
    assert states(estate) == {
        BACK: "assessed", SALES: "assessed", OFFICE: "assessed", "renamed.dat": "assessed", "nosuffix": "assessed",
        "fake.mdb": "no database",
    }  # fmt: skip
    by = {r["name"]: r["found_by"] for r in estate.ask("SELECT name, found_by FROM file")}
    assert (by["renamed.dat"], by["nosuffix"], by[BACK]) == ("signature", "signature", "name")


def test_a_content_is_looked_at_once_however_many_places_it_has(estate: Estate, tree: Path) -> None:
    for number in range(3):
        put(tree / f"copy{number}", BACK)
    scanned(estate, tree)
    assert estate.one("SELECT count(*) FROM content") == 3
    assert estate.one("SELECT count(*) FROM file WHERE state = 'assessed'") == 6


def test_archives_are_listed_and_not_opened(estate: Estate, tree: Path) -> None:
    with zipfile.ZipFile(tree / "old.zip", "w") as archive:
        archive.writestr("deep/orders.mdb", data(BACK))
        archive.writestr("readme.txt", "nothing")
    (tree / "broken.zip").write_bytes(b"PK\3\4 and then nothing" * 1000)
    scanned(estate, tree)
    assert [(r["name"], r["size"]) for r in estate.ask("SELECT name, size FROM archives")] == [
        ("deep/orders.mdb", len(data(BACK)))
    ]
    assert estate.one("SELECT text FROM file WHERE name = 'broken.zip'")
    assert estate.one("SELECT count(*) FROM database") == 3  # an archive is no database


def test_links_are_not_followed_and_told(estate: Estate, tree: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    put(outside, BACK, as_name="secret.mdb")
    (tree / "out").symlink_to(outside)
    (tree / "file.mdb").symlink_to(outside / "secret.mdb")
    (tree / "round").symlink_to(tree)
    scanned(estate, tree)
    assert "secret.mdb" not in states(estate)
    assert "file.mdb" not in states(estate)
    told = {Path(r["path"]).name for r in estate.ask("SELECT path FROM trouble")}
    assert told == {"out", "file.mdb", "round"}


def test_a_folder_that_cannot_be_read_is_told_and_what_was_known_of_it_stays(
    estate: Estate, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned(estate, tree)
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("office"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = scanned(estate, tree)
    assert found.troubles == 1
    assert found.gone == 0
    assert states(estate)[OFFICE] == "assessed"
    assert estate.ask("SELECT reason FROM trouble")[0]["reason"] == "Permission denied"


def test_only_what_changed_is_looked_at_again(estate: Estate, tree: Path) -> None:
    scanned(estate, tree)
    changed = tree / "shop" / BACK
    changed.write_bytes(data(BACK).replace(b"Customers", b"Kustomers"))
    os.utime(changed, (1_700_000_000, 1_700_000_000))
    (tree / "office" / OFFICE).unlink()
    again = Here()
    found = scanned(estate, tree, engine=again)
    assert again.names == [BACK]
    assert (found.found, found.looked_at, found.gone) == (2, 1, 1)
    assert OFFICE not in states(estate)
    assert estate.one("SELECT count(*) FROM database") == 2


def test_a_scan_without_folders_goes_through_those_of_before(estate: Estate, tree: Path) -> None:
    with pytest.raises(ProjectError) as none:
        scanned(estate)
    assert none.value.message.number == 9006
    scanned(estate, tree)
    put(tree, BACK, as_name="new.mdb")
    assert scanned(estate).looked_at == 1


def test_a_killed_scan_goes_on_with_what_it_had_not_looked_at(
    estate: Estate, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_module, "COMMIT_SECONDS", 0.0)
    looked: list[str] = []

    def dies(order: ScanOrder) -> FileScan:
        if len(looked) == 2:
            raise SystemExit
        looked.append(order.path)
        return scan_file(order)

    with pytest.raises(SystemExit):
        scan(estate, [tree], Here(dies))
    estate.close()
    with Estate.open(estate.folder) as opened:
        second = Here()
        scanned(opened, tree, engine=second)
        assert len(second.looked) == 1
        assert second.looked[0].path not in looked
        assert set(states(opened).values()) == {"assessed"}
        assert opened.one("SELECT count(*) FROM scan WHERE ended IS NULL") == 1


def test_a_file_that_changes_while_it_is_read_is_told_and_looked_at_again(estate: Estate, tree: Path) -> None:
    target = tree / "shop" / BACK

    def meanwhile(order: ScanOrder) -> FileScan:
        if order.path == str(target):
            real = Ranges.check

            def grown(ranges: Ranges) -> None:
                with target.open("ab") as file:
                    file.write(b"\0" * 2048)
                real(ranges)

            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(Ranges, "check", grown)
                return scan_file(order)
        return scan_file(order)

    scanned(estate, tree, engine=Here(meanwhile))
    assert states(estate)[BACK] == FileState.CHANGED
    scanned(estate, tree)
    assert states(estate)[BACK] == "assessed"


def test_a_file_that_vanishes_is_told(estate: Estate, tree: Path) -> None:
    def gone(order: ScanOrder) -> FileScan:
        if order.path.endswith(SALES):
            Path(order.path).unlink()
        return scan_file(order)

    scanned(estate, tree, engine=Here(gone))
    assert states(estate)[SALES] == FileState.VANISHED


def test_a_name_that_is_no_text_is_told(estate: Estate, tree: Path) -> None:
    try:
        (tree / os.fsdecode(b"b\xffd.mdb")).write_bytes(data(BACK))
    except OSError:
        pytest.skip("this file system takes no such name")
    scanned(estate, tree)
    assert states(estate)["b\\udcffd.mdb"] == "unreadable"


def test_damaged_files_are_known_as_far_as_they_can_be_read(estate: Estate, tree: Path) -> None:
    (tree / "cut.mdb").write_bytes(data(BACK)[:5000])
    (tree / "torn.mdb").write_bytes(data(BACK)[:4096] + b"\xff" * 40_000)
    scanned(estate, tree)
    assert (states(estate)["cut.mdb"], states(estate)["torn.mdb"]) == ("damaged", "damaged")
    problems = {r["path"]: r["problem"] for r in estate.ask("SELECT path, problem FROM unreadable")}
    assert all(problems.values())


def test_the_file_and_its_folder_are_the_owners_alone(estate: Estate, tree: Path) -> None:
    scanned(estate, tree)
    assert stat.S_IMODE(estate.folder.stat().st_mode) == 0o700
    for file in estate.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_the_views_answer_with_any_tool(estate: Estate, tree: Path) -> None:
    scanned(estate, tree)
    with sqlite3.connect(estate.folder / "estate.sqlite") as plain:
        names = [r[0] for r in plain.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
        assert len(names) >= 13
        for name in names:
            plain.execute(f"SELECT * FROM {name}").fetchall()
        assert plain.execute("SELECT sum(files) FROM formats").fetchone() == (3,)
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_one_scan_at_a_time(estate: Estate, tree: Path) -> None:
    with estate.lock("scan"), Estate.open(estate.folder) as other, pytest.raises(ProjectError) as busy:
        scanned(other, tree)
    assert busy.value.message.number == 9003


def test_a_newer_estate_is_left_alone(estate: Estate) -> None:
    estate.db.execute("PRAGMA user_version = 99")
    estate.close()
    with pytest.raises(ProjectError) as newer:
        Estate.open(estate.folder)
    assert newer.value.message.number == 9001


def test_what_is_no_estate_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as none:
        Estate.open(tmp_path / "nothing")
    assert none.value.message.number == 9000
    folder = estate_folder(tmp_path / "other")
    folder.mkdir()
    (folder / "estate.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(ProjectError) as damaged:
        Estate.open(folder)
    assert damaged.value.message.number == 9002


def test_a_file_that_is_damaged_while_it_is_used_is_told(tmp_path: Path) -> None:
    """Its first page is whole, so that it opens; what SQLite then finds is a message, not a defect of ours."""
    with Estate.open(tmp_path / "torn", make=True) as made:
        file = made.folder / "estate.sqlite"
    data = file.read_bytes()
    file.write_bytes(data[:4096] + bytes(len(data) - 4096))
    with pytest.raises(ProjectError) as damaged, Estate.open(tmp_path / "torn") as torn:
        torn.ask("SELECT * FROM file")
    assert damaged.value.message.number == 9002


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE file SET state = 'x'", "UPDATE file SET owner = x'ff'", "DELETE FROM content",
        "UPDATE content SET complexity = 'x'", "UPDATE application SET readiness = ''", "DELETE FROM application",
        "DELETE FROM file", "INSERT INTO proposed VALUES ('ours.plan.toml', 'k', '{')",
        "UPDATE about SET value = 'x' WHERE key = 'salt'", "UPDATE about SET value = x'ff' WHERE key = 'dead_months'",
    ],
)  # fmt: skip
def test_a_content_that_jetferry_never_writes_is_told_where_it_misleads(
    estate: Estate, tmp_path: Path, damage: str
) -> None:
    """SQLite keeps any value in any column. What stumbles over one is no defect of ours, and any other error is."""
    tree = tmp_path / "share"
    put(tree, SALES)
    scanned(estate, tree)
    derive(estate)
    estate.remember("dead_months", "24")
    assert schema.unsound(estate.db) == ""
    with pytest.raises(KeyError), Estate.open(estate.folder):
        raise KeyError("a defect")
    with estate.db:
        estate.db.execute(damage)
    with pytest.raises(ProjectError) as told, Estate.open(estate.folder):
        raise KeyError("misled")
    assert told.value.message.number == 9002


def test_a_schema_that_is_no_text_is_told(tmp_path: Path) -> None:
    """SQLite's message then holds the bytes, which Python cannot read as text."""
    with Estate.open(tmp_path / "bytes", make=True) as made:
        file = made.folder / "estate.sqlite"
    file.write_bytes(file.read_bytes().replace(b"CREATE", b"CR\xbe\xbeTE"))
    with pytest.raises(ProjectError) as damaged:
        Estate.open(tmp_path / "bytes")
    assert damaged.value.message.number == 9002


def test_a_full_disk_is_not_taken_for_damage(tmp_path: Path) -> None:
    def fill() -> None:
        with Estate.open(tmp_path / "full", make=True) as made, made.db:
            made.db.execute("PRAGMA max_page_count = 1")
            made.db.execute("CREATE TABLE large AS SELECT zeroblob(9000000) AS b")

    with pytest.raises(ProjectError) as full:
        fill()
    assert full.value.message.number == 9007


def test_progress_is_told(estate: Estate, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "PROGRESS_SECONDS", 0.0)
    told: list[ScanProgress] = []
    scan(estate, [tree], Here(), on_progress=told.append)
    assert [p.phase for p in told][-1] == "done"
    assert (told[-1].found, told[-1].done, told[-1].looked_at) == (3, 3, 3)
    assert any(p.current.endswith("shop") for p in told)


def test_paths_are_told_to_workers_as_they_see_them(estate: Estate, tree: Path) -> None:
    engine = Here(lambda order: FileScan(FileState.UNREADABLE))
    options = ScanOptions(paths=((str(tree), "/mnt/share"),))
    scanned(estate, tree, options=options, engine=engine)
    assert sorted(o.path for o in engine.looked) == [
        f"/mnt/share/office/{OFFICE}", f"/mnt/share/shop/{SALES}", f"/mnt/share/shop/{BACK}",
    ]  # fmt: skip


def test_a_list_of_passwords_is_read(tmp_path: Path) -> None:
    path = tmp_path / "passwords"
    path.write_text("one\n\ntwo words\none\n", encoding="utf-8")
    assert read_passwords(path) == ("one", "two words")
    with pytest.raises(ProjectError) as none:
        read_passwords(tmp_path / "none")
    assert none.value.message.number == 9005


@pytest.mark.corpus
@pytest.mark.parametrize("how", ["list", "command"])
def test_protected_files_open_with_a_given_password_that_is_kept_nowhere(
    estate: Estate, shared: Path, tmp_path: Path, how: str
) -> None:
    tree = tmp_path / "share"
    tree.mkdir()
    for name in ("V2000_with-password.mdb", "office-agile-4.4.accdb"):
        (tree / name).write_bytes((shared / "corpus" / name).read_bytes())
    scanned(estate, tree)
    assert set(states(estate).values()) == {"password"}
    asked = {"passwords": ("wrong", "password")} if how == "list" else {"password_command": ("echo", "password", "-")}
    if how == "command":
        script = tmp_path / "ask.sh"
        script.write_text('#!/bin/sh\ntest -f "$1" && echo password\n')
        script.chmod(0o700)
        asked = {"password_command": (str(script),)}
    scanned(estate, tree, options=ScanOptions(**asked))
    assert set(states(estate).values()) == {"assessed"}
    estate.db.commit()
    kept = b"".join(p.read_bytes() for p in estate.folder.iterdir())
    assert b"wrong" not in kept


@pytest.mark.skipif(os.name == "nt", reason="the commands are POSIX's")
@pytest.mark.corpus
@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("/no/such/command",), "No such file or directory"),
        (("sh", "-c", "echo password; exit 3"), "it ended with status 3"),
        (("true",), "it printed nothing"),
        (("yes",), "it printed more than 64 KB"),
        (("sh", "-c", "sleep 300 & sleep 300"), "it did not end within"),
        (("ba\0d",), "embedded null byte"),
    ],
)
def test_a_password_command_that_gives_none_is_told_of_each_file(
    shared: Path, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...], why: str
) -> None:
    if asked[0] == "sh":
        monkeypatch.setattr("wizard.estate.file_passwords._COMMAND_SECONDS", 0.5)
    path = str(shared / "corpus" / "V2000_with-password.mdb")
    found = scan_file(ScanOrder(path, password_command=asked))
    assert (found.state, found.number) == (FileState.PASSWORD, 9107)
    assert why in found.text
