"""What follows from single files: families of copies, links, applications, dead ones, columns that look personal."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tests.estate.trees import BACK, OFFICE, SALES, damaged, put, scanned
from wizard.definitions import Column, ColumnType
from wizard.estate.applications import KnownFile, applications
from wizard.estate.browser import Browser
from wizard.estate.families import Kinship, Member, Tables, families
from wizard.estate.fingerprints import KEPT, KeySketch, shared_keys
from wizard.estate.links import Edge, LinkNode, edges
from wizard.estate.model import Readiness
from wizard.estate.personal_data import ColumnSample, by_name, by_values
from wizard.estate.store import Estate

NEW, OLD = 1_790_000_000, 1_200_000_000
"""seconds since 1970"""


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    with Estate.open(tmp_path / "ours", make=True) as opened:
        yield opened


# families


def sketch(keys: range) -> tuple[int, bytes]:
    made = KeySketch(7)
    for first in range(keys.start, keys.stop, 50):
        made.add([pa.array(range(first, min(first + 50, keys.stop)))])
    return len(keys), made.sketch


def test_sketches_tell_about_which_part_of_the_keys_is_shared() -> None:
    def part(mine: range, other: range) -> float:
        (rows, kept), (others, theirs) = sketch(mine), sketch(other)
        return shared_keys(kept, rows, theirs, others)

    assert part(range(10_000), range(10_000)) == 1.0
    assert part(range(1_000), range(5_000, 9_000)) == 0.0
    assert part(range(5_000), range(20_000)) > 0.75
    assert 0.15 < part(range(20_000), range(5_000)) < 0.37
    assert part(range(50), range(40)) == pytest.approx(0.8)  # few keys are compared exactly
    assert part(range(0), range(10)) == 1.0
    assert len(sketch(range(10_000))[1]) == KEPT * 4


def test_a_sketch_depends_on_the_estate_and_not_on_the_order() -> None:
    one, other, salted = KeySketch(1), KeySketch(1), KeySketch(2)
    one.add([pa.array([3, 1, 2])])
    for value in (1, 2, 3):
        other.add([pa.array([value])])
    salted.add([pa.array([1, 2, 3])])
    assert one.sketch == other.sketch != salted.sketch


def member(
    number: int, path: str, content: str, definitions: str, modified: int = 10, rows: int = 100, links: int = 0
) -> Member:
    return Member(number, path, content, definitions, modified, rows, links)


DEFINITIONS = {
    "D": frozenset("abcdef"), "D+": frozenset("abcdefgh"), "D-": frozenset("abcde"), "E": frozenset("xyz"),
    "half": frozenset("abcpq"),
}  # fmt: skip
ROWS: dict[str, Tables] = {
    "new": {"a": sketch(range(1000))}, "old": {"a": sketch(range(700))}, "north": {"a": sketch(range(5000, 6000))},
    "small": {"a": sketch(range(300))},
}  # fmt: skip


def relations(*members: Member) -> dict[str, str]:
    found = families(members, DEFINITIONS, lambda digest: ROWS.get(digest, {}))
    assert len(found) == 1
    return {next(m.path for m in members if m.id == r.file): r.relation.value for r in found[0].members}


def test_copies_of_a_content_are_a_family_whose_master_does_not_look_like_a_copy() -> None:
    assert relations(
        member(1, "/backup/shop.mdb", "c", "D", 99), member(2, "/shop/shop.mdb", "c", "D", 10),
        member(3, "/shop/Kopie von shop.mdb", "c", "D", 50),
    ) == {
        "/backup/shop.mdb": "same content", "/shop/shop.mdb": "master", "/shop/Kopie von shop.mdb": "same content",
    }  # fmt: skip


def test_what_others_link_to_is_the_master() -> None:
    one, other = member(1, "/a/shop.mdb", "c", "D", 99), member(2, "/b/shop_old.mdb", "c", "D", 10, links=3)
    (found,) = families([one, other], DEFINITIONS, lambda _: {})
    assert found.master is other
    assert "3 link to it" in found.why


def test_older_states_parts_and_siblings_are_told_apart() -> None:
    found = relations(
        member(1, "/shop.mdb", "new", "D", 90, 1000, links=1), member(2, "/shop2.mdb", "old", "D", 50, 700),
        member(3, "/north.mdb", "north", "D", 80, 1000), member(4, "/small.mdb", "small", "D", 95, 300),
    )  # fmt: skip
    assert found == {
        "/shop.mdb": "master", "/shop2.mdb": "older state", "/north.mdb": "same definitions, other rows",
        "/small.mdb": "part of the rows",
    }  # fmt: skip


def test_more_and_fewer_definitions_are_told() -> None:
    members = [
        member(1, "/shop.mdb", "new", "D", 90, links=1), member(2, "/more.mdb", "new2", "D+", 50),
        member(3, "/fewer.mdb", "old", "D-", 80), member(4, "/half.mdb", "h", "half", 1), member(5, "/e.mdb", "e", "E"),
    ]  # fmt: skip
    joined = families(members, DEFINITIONS, lambda digest: ROWS.get(digest, {}))
    found = {r.file: r.relation for f in joined for r in f.members}
    assert found == {1: Kinship.MASTER, 2: Kinship.MORE, 3: Kinship.PART}


def test_files_without_definitions_are_a_family_only_where_they_are_the_same() -> None:
    found = families(
        [member(1, "/a.mdb", "x", ""), member(2, "/b.mdb", "y", ""), member(3, "/c.mdb", "x", "")], {}, lambda _: {}
    )
    assert [sorted(r.file for r in f.members) for f in found] == [[1, 3]]


# links


def resolved(files: dict[int, str], links: dict[str, list[tuple[str, str, int]]]) -> list[tuple[int, int | None, str]]:
    nodes = [LinkNode(number, path, path) for number, path in files.items()]
    return [(e.file, e.to, e.state) for e in edges(nodes, links)]


def test_a_link_is_found_by_its_last_parts() -> None:
    files = {1: "/share/sales/fe.mdb", 2: "/share/data/sales/be.mdb", 3: "/share/data/office/be.mdb"}
    links = {
        "/share/sales/fe.mdb": [("access", "\\\\SERVER\\Data\\Office\\BE.MDB", 4), ("access", "Z:\\sales\\be.mdb", 2)]
    }
    assert resolved(files, links) == [(1, 3, "found"), (1, 2, "found")]


def test_of_several_as_good_the_nearest_is_meant_and_else_none() -> None:
    files = {1: "/a/fe.mdb", 2: "/a/be.mdb", 3: "/b/be.mdb", 4: "/c/fe.mdb"}
    link = [("access", "C:\\old\\be.mdb", 1)]
    assert resolved(files, {"/a/fe.mdb": link, "/c/fe.mdb": link}) == [(1, 2, "found"), (4, None, "ambiguous")]


def test_missing_targets_and_those_that_cannot_be_seen_from_here(tmp_path: Path) -> None:
    (tmp_path / "prices.xls").write_text("")
    front = str(tmp_path / "fe.mdb")
    links = {
        front: [
            ("access", "C:\\gone.mdb", 1), ("odbc", "server/db", 1), ("excel", "X:\\prices.xls", 1),
            ("text", "X:\\nothing", 1), ("access", "", 1),
        ]
    }  # fmt: skip
    assert [s for _, _, s in resolved({1: front}, links)] == ["missing", "elsewhere", "found", "missing", "missing"]


# applications, from a tree


def test_front_and_back_ends_are_an_application(estate: Estate, tmp_path: Path) -> None:
    root = tmp_path / "share"
    for name in (BACK, SALES, OFFICE):
        put(root / "shop", name, modified=NEW)
    put(root / "clients" / "anna", SALES, modified=NEW)
    put(root / "alone", BACK, as_name="stock.mdb", modified=NEW)
    with (root / "alone" / "stock.mdb").open("ab") as file:
        file.write(b"\0" * 2048)
    os.utime(root / "alone" / "stock.mdb", (NEW, NEW))
    scanned(estate, root)
    apps = {r["name"]: r for r in estate.ask("SELECT * FROM application")}
    assert (apps["shop_be"]["files"], apps["shop_be"]["back_ends"], apps["shop_be"]["front_ends"]) == (4, 1, 3)
    assert apps["shop_be"]["key"] == str(root / "shop" / BACK)
    assert apps["stock"]["files"] == 1
    assert apps["stock"]["copy_of"] == str(root / "shop" / BACK)
    (front,) = estate.ask("SELECT * FROM database WHERE path = ?", str(root / "clients" / "anna" / SALES))
    assert (front["readiness"], front["effort"], front["errors"]) == ("by itself", 0, 0)  # its back end is there
    told = estate.ask("SELECT * FROM message WHERE digest = ? AND number = 3103", front["digest"])
    assert [(m["severity"], m["effort"]) for m in told] == [("information", 0)]
    assert not any(a["dead"] for a in apps.values())


def test_the_same_front_end_in_many_hands_is_one_piece_of_work() -> None:
    back = KnownFile(1, "/s/be.mdb", 10, NEW, True, "B", 5, 0, 7, 3, Readiness.ITSELF)
    fronts = [KnownFile(n, f"/u{n}/fe.mdb", 10, NEW, True, "F", 0, 9, 50, 4, Readiness.WORK) for n in (2, 3, 4)]
    links = [Edge(n, "access", "X:\\be.mdb", 1, 2, "found") for n in (2, 3, 4)]
    (app,) = applications([back, *fronts], links, {}, now=NEW + 10, dead_months=24)
    assert (app.effort, app.complexity, app.readiness, app.key) == (57, 7, Readiness.WORK, "/s/be.mdb")
    assert [p.role for p in app.parts] == ["back end", "front end", "front end", "front end"]


def test_what_nobody_changed_or_links_to_is_dead(estate: Estate, tmp_path: Path) -> None:
    root = tmp_path / "share"
    put(root / "used", BACK, modified=OLD)
    put(root / "used", SALES, modified=NEW)
    put(root / "dead", BACK, as_name="old.mdb", modified=OLD)
    scanned(estate, root)
    assert [Path(r["path"]).name for r in estate.ask("SELECT path FROM dead")] == ["old.mdb"]
    why = estate.one("SELECT dead_why FROM dead")
    assert why == "no change in 24 months; nothing links to it"


@pytest.mark.parametrize("modified", [NEW, OLD])
def test_a_damaged_file_of_which_nothing_can_be_read_is_not_called_empty(
    estate: Estate, tmp_path: Path, modified: float
) -> None:
    """What it holds is not known: called dead, for it has no rows, it would be thrown away."""
    path = put(tmp_path / "share", BACK)
    path.write_bytes(path.read_bytes()[: 3 * 4096])
    os.utime(path, (modified, modified))
    scanned(estate, tmp_path / "share")
    (row,) = estate.ask("SELECT state, tables, rows, dead, dead_why FROM database")
    why = "no change in 24 months; nothing links to it" if modified == OLD else ""
    assert tuple(row) == ("assessed", 0, 0, modified == OLD, why)


def test_missing_back_ends_are_told(estate: Estate, tmp_path: Path) -> None:
    put(tmp_path / "share", SALES)
    scanned(estate, tmp_path / "share")
    (row,) = estate.ask("SELECT * FROM missing_targets")
    assert row["target"].endswith(BACK)
    assert row["tables"] == 2
    assert estate.one("SELECT missing FROM application") == 1


def test_what_follows_is_the_same_when_found_again(estate: Estate, tmp_path: Path) -> None:
    for name in (BACK, SALES, OFFICE):
        put(tmp_path / "share", name)
    scanned(estate, tmp_path / "share")
    asked = "SELECT name, key, files, effort FROM application ORDER BY key"
    before = [tuple(r) for r in estate.ask(asked)]
    scanned(estate, tmp_path / "share")
    assert [tuple(r) for r in estate.ask(asked)] == before


def test_the_facts_of_a_database_are_there(estate: Estate, tmp_path: Path, sample: Path) -> None:
    root = tmp_path / "share"
    root.mkdir()
    (root / "harbor.accdb").write_bytes(sample.read_bytes())
    scanned(estate, root)
    (row,) = estate.ask("SELECT * FROM database")
    assert (row["tables"], row["rows"], row["format"]) == (10, 4458, "Access 2010 (ACE 14)")
    assert row["queries"] > 10
    assert row["effort"] > 0
    assert row["readiness"] == "by itself"
    assert row["owner"]
    assert estate.one("SELECT sum(count) FROM message") > 5
    personal = {(r["access_table"], r["column_name"]): r for r in estate.ask("SELECT * FROM personal_columns")}
    assert personal["Customers", "E-mail"]["why"] == "name and values"
    assert personal["Customers", "E-mail"]["confidence"] > 0.9
    assert ("Exchange Rates", "Rate") not in personal
    kept = (estate.folder / "estate.sqlite").read_bytes() + b"".join(
        p.read_bytes() for p in estate.folder.glob("*-wal")
    )
    assert b"@example" not in kept  # values stay where they are


def test_the_facts_of_a_copy_begin_with_what_it_is_in_its_family(estate: Estate, tmp_path: Path) -> None:
    """Of a large family not all members are told."""
    for number in range(20):
        put(tmp_path / "share" / f"{number:02}", SALES)
    scanned(estate, tmp_path / "share")
    master = estate.one("SELECT f.path FROM family JOIN file f ON f.id = master")
    last = max(p for (p,) in estate.ask("SELECT path FROM file") if p != master)
    facts = Browser(estate.folder).facts(estate.one("SELECT id FROM file WHERE path = ?", last))
    first, second, *_ = [text for title, text in facts if title == "Family"]
    assert first.startswith(f"same content: {last}")
    assert second.startswith(f"master: {master}")


# personal columns


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("E-Mail", "e-mail"), ("CustomerEmail", "e-mail"), ("Telefon_privat", "telephone"),
        ("Prénom", "name of a person"), ("Geburtsdatum", "date of birth"), ("data urodzenia", "date of birth"),
        ("Código Postal", "address"), ("PESEL", "national number"), ("IBAN", "bank account"), ("sygnatura", None),
        ("Total", None), ("OrderDate", None), ("Quantity", None), ("Straße", "address"), ("hasło", "sign-in"),
        ("Gehalt", "pay"), ("voornaam", "name of a person"), ("Handynummer", "telephone"),
        ("LName", "name of a person"), ("nr_telefonu", "telephone"), ("data_ur", "date of birth"),
        ("Дата рождения", "date of birth"), ("Мобильный", "telephone"),
    ],
)  # fmt: skip
def test_names_of_columns_in_several_languages(name: str, kind: str | None) -> None:
    known = by_name(name)
    assert (known[0] if known else None) == kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a@b.de", "c.d@example.org", "e@f.co.uk"], "e-mail"),
        (["+49 30 1234567", "030/7654321", "(0221) 4455667"], "telephone"),
        (["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "FR1420041010050500013M02606"], "bank account"),
        (["DE89 3704 0044 0532 0130 01", "GB82WEST12345698765433", "FR1420041010050500013M02607"], None),
        (["44051401359", "02070803628", "90090515836"], "national number"),
        (["12345678Z", "87654321X", "X1234567L"], "national number"),
        (["111222333", "123456782", "999999990"], "national number"),
        (["078-05-1120", "219-09-9999", "457-55-5462"], "national number"),
        (["86095742719", "47036892816", "65929970489"], "national number"),
        (["85.07.30-033.28", "93.05.18-223.61", "00.01.01-003.64"], "national number"),
        (["070761-4285", "010190-1234", "311299-0000"], "national number"),
        (["131052-308T", "131052-308T", "010101-123N", "290275-909X"], "national number"),
        (["111.444.777-35", "529.982.247-25", "123.456.789-09"], "national number"),
        (["111.444.777-36", "529.982.247-26", "123.456.789-10"], None),
        (["(212) 555-0123", "212-555-0134", "1-212-555-0100"], "telephone"),
        (["100-200-3000", "101-200-3001", "102-200-3002"], None),
        (["apple", "pear", "plum"], None),
        (["a@b.de"] * 20, None),
        (["2024-01-01", "2024-02-01", "2023-05-09"], None),
        (["1.2345", "0.8512", "7.4600"], None),
    ],
)  # fmt: skip
def test_values_are_known_by_pattern_and_check_digit(values: list[str], kind: str | None) -> None:
    known = by_values(values)
    assert (known[0] if known else None) == kind


def test_a_name_and_its_values_together_are_surer() -> None:
    def finding(name: str, values: list[object], kind: ColumnType = ColumnType.TEXT) -> tuple[str, float, str] | None:
        made = ColumnSample("T", Column(name, kind), values).finding()
        return (made.kind, made.confidence, made.why) if made else None

    mails: list[object] = ["a@b.de", "c@d.de", "e@f.de"]
    named, seen, both = finding("E-mail", []), finding("Field1", mails), finding("E-mail", mails)
    assert named is not None
    assert seen is not None
    assert both is not None
    assert named[2:] + seen[2:] + both[2:] == ("name", "values", "name and values")
    assert both[1] > max(named[1], seen[1])
    births: list[object] = [datetime.datetime(1930 + 2 * n, 1, 1) for n in range(30)]
    assert finding("Field2", births, ColumnType.DATE) == ("date of birth", 0.35, "values")
    assert finding("Birth", births, ColumnType.LONG) is None
    assert finding("E-mail", [], ColumnType.BOOLEAN) is None


def test_a_damaged_file_does_not_convert_by_itself(estate: Estate, tmp_path: Path) -> None:
    """Its definitions may be whole, and rows of it are not: it needs somebody."""
    damaged(tmp_path / "share")
    put(tmp_path / "whole", BACK)
    scanned(estate, tmp_path / "share", tmp_path / "whole")
    found = {Path(r["folder"]).name: r["readiness"] for r in estate.ask("SELECT folder, readiness FROM database")}
    assert found == {"share": "with work", "whole": "by itself"}
    (told,) = estate.ask("SELECT * FROM message WHERE about = 'reading'")
    assert (told["number"], told["severity"]) == (1021, "warning")
    assert "Orders" in told["places"]
