"""Searching folders finds the Access files that fit, tells what it could not read, and ends."""

from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from wizard.access.discover import (
    FoundFile,
    Search,
    SearchProgress,
    UnreadableFolder,
    back_ends,
    find_files,
)
from wizard.definitions import LinkedTable, LinkKind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, size in (
        ("orders.accdb", 5000),
        ("a/Old Orders.MDB", 100),
        ("a/b/stock.accde", 9000),
        ("a/b/notes.txt", 1),
        ("c/orders.laccdb", 64),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    old = (datetime.now() - timedelta(days=400)).timestamp()
    os.utime(tmp_path / "a/Old Orders.MDB", (old, old))
    return tmp_path


def names(search: Search) -> list[str]:
    return [f.path.name for f in find_files(search) if isinstance(f, FoundFile)]


def test_all_access_files_below_are_found(folder: Path) -> None:
    assert names(Search([folder])) == ["orders.accdb", "Old Orders.MDB", "stock.accde"]


def test_name_size_and_date_narrow_it(folder: Path) -> None:
    assert names(Search([folder], name_part="ORDER")) == ["orders.accdb", "Old Orders.MDB"]
    assert names(Search([folder], at_least=5000)) == ["orders.accdb", "stock.accde"]
    assert names(Search([folder], modified_since=datetime.now() - timedelta(days=30))) == [
        "orders.accdb",
        "stock.accde",
    ]


def test_progress_ends_with_the_sums(folder: Path) -> None:
    last = list(find_files(Search([folder], at_least=5000)))[-1]
    assert isinstance(last, SearchProgress)
    assert (last.done, last.folders, last.files, last.found) == (True, 4, 3, 2)


def test_links_in_a_circle_end_and_nothing_is_found_twice(folder: Path) -> None:
    (folder / "a" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "again.accdb").symlink_to(folder / "orders.accdb")
    assert len(names(Search([folder, folder / "a"]))) == 3


def test_a_folder_that_cannot_be_read_is_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = list(find_files(Search([folder, folder / "absent"])))
    unreadable = [(f.path.name, f.reason) for f in found if isinstance(f, UnreadableFolder)]
    assert unreadable == [("b", "Permission denied"), ("absent", "No such file or directory")]
    assert "orders.accdb" in [f.path.name for f in found if isinstance(f, FoundFile)]


def test_a_dangling_link_is_listed_and_not_fatal(folder: Path) -> None:
    (folder / "gone.accdb").symlink_to(folder / "nowhere.accdb")
    found = list(find_files(Search([folder])))
    assert [f.path.name for f in found if isinstance(f, UnreadableFolder)] == ["gone.accdb"]


def test_it_stops_when_told(folder: Path) -> None:
    stop = threading.Event()
    found = []
    for finding in find_files(Search([folder]), stop.is_set):
        found.append(finding)
        stop.set()
    assert len([f for f in found if isinstance(f, FoundFile)]) == 1
    assert isinstance(found[-1], SearchProgress)
    assert found[-1].done


def link(name: str, database: str, kind: LinkKind = LinkKind.ACCESS) -> LinkedTable:
    return LinkedTable(name, kind, "", database, name)


@pytest.mark.parametrize(
    ("stored", "place"),
    [
        (r"C:\Data\back.accdb", "back.accdb"),
        (r"\\server\share\Data\BACK.accdb", "back.accdb"),
        (r"..\shared\back.accdb", "shared/back.accdb"),
        (r"Z:\app\data\Back.accdb", "data/back.accdb"),
    ],
)
def test_back_ends_are_looked_for_beside_the_front_end(stored: str, place: str, tmp_path: Path) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_bytes(b"")
    (found,) = back_ends(tmp_path / "front.accdb", [link("A", stored), link("B", stored.upper())])
    assert found.found == tmp_path / place
    assert found.tables == ("A", "B")
    assert found.stored == stored


def test_an_absent_back_end_is_said_and_a_new_place_is_taken(tmp_path: Path) -> None:
    front = tmp_path / "front.accdb"
    links = [link("A", r"C:\x\gone.accdb"), link("T", r"C:\t.txt", LinkKind.TEXT)]
    (absent,) = back_ends(front, links)
    assert absent.found is None
    moved = tmp_path / "elsewhere.accdb"
    moved.write_bytes(b"")
    (there,) = back_ends(front, links, {r"c:\X\Gone.accdb": moved})
    assert there.found == moved
    (tmp_path / "gone.accdb").write_bytes(b"")
    moved.unlink()
    (asked,) = back_ends(front, links, {r"c:\X\Gone.accdb": moved})
    assert asked.found is None, "a file of that name elsewhere is not taken unasked"


def test_a_share_may_be_mounted_above_the_front_end(tmp_path: Path) -> None:
    back = tmp_path / "Office" / "Data" / "back.accdb"
    back.parent.mkdir(parents=True)
    back.write_bytes(b"x")
    front = tmp_path / "Office" / "Apps" / "front.accdb"
    (found,) = back_ends(front, [link("A", r"\\srv\office\data\BACK.accdb")])
    assert found.found == back
    # above the front end's own folder, a file's name alone is too little
    (tmp_path / "back.accdb").write_bytes(b"y")
    (absent,) = back_ends(tmp_path / "x" / "front.accdb", [link("A", r"c:\back.accdb")])
    assert absent.found is None


def test_a_file_at_hand_is_meant_where_its_path_fits_best(tmp_path: Path) -> None:
    one, two = tmp_path / "one" / "back.accdb", tmp_path / "two" / "back.accdb"
    front, far = tmp_path / "fronts" / "front.accdb", tmp_path / "fronts" / "deep"
    (best,) = back_ends(front, [link("A", r"X:\two\back.accdb")], known=[one, two])
    assert best.found == two
    (either,) = back_ends(far, [link("A", r"X:\three\back.accdb")], known=[one, two])
    assert either.found is None
    (none,) = back_ends(far, [link("A", r"X:\three\other.accdb")], known=[one])
    assert none.found is None


def test_a_file_does_not_stand_for_two_of_its_name_in_other_folders(tmp_path: Path) -> None:
    """As a database that is split by years has them, with the same tables in each."""
    links = [link("A", r"N:\2023\data.mdb"), link("B", r"N:\2024\data.mdb")]
    front = tmp_path / "front.mdb"
    (tmp_path / "data.mdb").touch()
    assert [b.found for b in back_ends(front, links)] == [None, None], "either may be meant"
    (tmp_path / "2024").mkdir()
    right = tmp_path / "2024" / "data.mdb"
    right.touch()
    assert [b.found for b in back_ends(front, links)] == [tmp_path / "data.mdb", right], "each has one of its own"
    (tmp_path / "data.mdb").unlink()
    assert [b.found for b in back_ends(front, links)] == [None, right]
    assert [b.found for b in back_ends(tmp_path / "x" / "f.mdb", links, known=[right])] == [None, right]
    moved = {r"N:\2023\data.mdb": right}
    assert [b.found for b in back_ends(front, links, moved)] == [right, right], "a person may say so"


def test_one_file_by_a_share_and_by_a_drive_is_one(tmp_path: Path) -> None:
    links = [link("A", r"\\srv\office\data\back.mdb"), link("B", r"N:\data\back.mdb"), link("C", r"P:\back.mdb")]
    (tmp_path / "back.mdb").touch()
    assert [b.found for b in back_ends(tmp_path / "front.mdb", links)] == [tmp_path / "back.mdb"] * 3
