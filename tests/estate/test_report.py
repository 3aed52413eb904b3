"""The report and status: what they say, that they need no network, and that names in them are only names."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import json
import re
import shutil
import stat
import subprocess
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.cli import conftest as command
from tests.cli.conftest import Jetferry
from tests.estate.trees import BACK, OFFICE, SALES, put, scanned
from wizard import charts
from wizard.estate import report
from wizard.estate.overview import overview
from wizard.estate.report import as_html, write_report
from wizard.estate.store import Estate

jetferry = command.jetferry
EVIL = "<img src=x onerror=alert(1)>' =cmd|A1 \x1b[31m.mdb"


@pytest.fixture
def estate(tmp_path: Path, sample: Path) -> Iterator[Estate]:
    root = tmp_path / "share"
    for name in (BACK, SALES, OFFICE):
        put(root / "shop", name)
    put(root / "shop", SALES, as_name=EVIL)
    (root / "harbor.accdb").write_bytes(sample.read_bytes())
    with Estate.open(tmp_path / "ours", make=True) as opened:
        scanned(opened, root)
        yield opened


class Page(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def packed(text: str, name: str) -> Any:
    found = re.search(rf'<script type="application/octet-stream" id="{name}">([^<]*)</script>', text)
    assert found
    return json.loads(zlib.decompress(base64.b64decode(found[1]), -15))


def test_the_page_says_what_is_not_foreseen(estate: Estate) -> None:
    assert "Which rows a server would reject or change is not foreseen for all files at once" in as_html(estate)


def test_the_page_needs_no_network_and_runs_no_script_but_its_own(estate: Estate) -> None:
    text = as_html(estate)
    for tag, attributes in Page(text).tags:
        assert tag not in ("link", "img", "iframe", "object", "base", "form"), tag
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
    policy = next(a["content"] for t, a in Page(text).tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    script = text.rpartition("<script>")[2].partition("</script>")[0]
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in html.unescape(policy)


def test_everything_lies_in_a_landmark_that_a_screen_reader_can_go_to(estate: Estate) -> None:
    tags = Page(as_html(estate)).tags
    names = [t for t, _ in tags]
    assert [t for t in names if t in ("header", "nav", "main", "footer")] == ["header", "nav", "main", "footer"]
    assert names.index("main") < names.index("section")
    assert all(a.get("aria-label") for t, a in tags if t == "nav")


def test_names_are_names(estate: Estate) -> None:
    text = as_html(estate)
    assert "<img" not in text
    assert "\x1b" not in text
    assert "&lt;img src=x" in text  # in the picture of its application
    rows = packed(text, "data")["databases"]["rows"]
    assert any(EVIL in r[0] for r in rows)  # as data, which the script writes as text


def test_tables_have_all_that_is_known(estate: Estate) -> None:
    text = as_html(estate)
    data = packed(text, "data")
    assert len(data["databases"]["rows"]) == 5
    assert {len(r) for r in data["databases"]["rows"]} == {len(data["databases"]["columns"]) + 1}  # the digest opens it
    assert data["links"]["rows"]
    assert any(r[3:5] == ["Customers", "E-mail"] for r in data["personal"]["rows"])
    details = packed(text, "details")
    messages, counts, _ = details["of"][data["databases"]["rows"][0][-1]]
    assert messages
    assert counts
    assert all(0 <= m[0] < len(details["titles"]) for m in messages)


def test_files_beside_it_are_written_and_the_owners_alone(estate: Estate, tmp_path: Path) -> None:
    written = write_report(estate, tmp_path / "out" / "all.html")
    assert {p.suffix for p in written} == {".html", ".csv", ".json"}
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in written)
    known = json.loads((tmp_path / "out" / "all-data" / "estate.json").read_text(encoding="utf-8"))
    assert known["databases"] == 5
    assert len(known["database"]) == 5
    with (tmp_path / "out" / "all-data" / "database.csv").open(encoding="utf-8", newline="") as file:
        names = [r["name"] for r in csv.DictReader(file)]
    assert not any(n.startswith(("=", "+", "-", "@")) for n in names)


def test_figures(estate: Estate) -> None:
    found = overview(estate)
    assert (found.databases, found.contents, found.unread) == (5, 4, 0)
    assert (found.applications, found.copies, found.dead) == (2, 1, 0)
    assert found.itself + found.work + found.impossible == 5
    assert found.effort > 0
    assert found.personal >= 1


def test_an_empty_estate_has_a_report(tmp_path: Path) -> None:
    with Estate.open(tmp_path / "none", make=True) as estate:
        text = as_html(estate)
    assert "no whole scan yet" in text


def test_ten_thousand_databases_are_folded(tmp_path: Path) -> None:
    with Estate.open(tmp_path / "many", make=True) as estate:
        estate.db.executemany(
            "INSERT INTO file (path, name, folder, size, modified, first_scan, last_scan, state) "
            "VALUES (?, ?, '/s', 1000, 1500000000000000000, 1, 1, 'damaged')",
            [(f"/share/folder {n % 100}/database {n}.mdb", f"database {n}.mdb") for n in range(10_000)],
        )
        text = as_html(estate)
    assert len(text) < 400_000
    assert text.count("<tr") == 0  # drawn by the page, fifty at a time
    assert len(packed(text, "data")["databases"]["rows"]) == 10_000


@pytest.mark.skipif(not shutil.which("node"), reason="needs node, which runs the page's script")
def test_what_is_empty_stays_last_in_a_sorted_table(tmp_path: Path) -> None:
    """Sorted down, as figures are at first, a column began with the files of which nothing is known."""
    script = (Path(report.__file__).parent / "templates" / "report.js").read_text(encoding="utf-8")
    begin, end = script.index("const collator"), script.index("let details")
    sorted_down = "[3, null, 20, '', 1].sort((a, b) => compare(a, b, true))"
    sorted_up = "['b10', '', 'b9', null].sort((a, b) => compare(a, b, false))"
    (tmp_path / "asked.js").write_text(f"{script[begin:end]};console.log(JSON.stringify([{sorted_down}, {sorted_up}]))")
    told = subprocess.run(["node", tmp_path / "asked.js"], check=True, capture_output=True, text=True).stdout
    assert json.loads(told) == [[20, 3, 1, None, ""], ["b9", "b10", "", None]]


def test_status_tells_it_in_words_and_as_json(jetferry: Jetferry, estate: Estate, tmp_path: Path) -> None:
    told = jetferry("estate", "status", "-e", "ours", "--follow", cwd=tmp_path)
    assert told.returncode == 0
    assert "5 databases (4 that differ), 2 living applications, 1 copy, 0 dead, 0 not read" in told.stdout
    found = json.loads(jetferry("estate", "status", "-e", "ours", "--json", cwd=tmp_path).stdout)
    assert (found["databases"], found["at_work"], found["states"]) == (5, [], {"assessed": 5})
    made = jetferry("estate", "report", "-e", "ours", cwd=tmp_path)
    assert made.stdout.strip() == str(tmp_path / "ours.jetferry-estate" / "report.html")
    written = json.loads(jetferry("estate", "report", "-e", "ours", "--out", "r.html", "--json", cwd=tmp_path).stdout)
    assert {Path(f).name for f in written["files"]} >= {"r.html", "database.csv"}
    assert all((tmp_path / f).is_file() for f in (written["report"], *written["files"]))


def test_pictures_keep_their_proportions() -> None:
    svg = charts.bars("t", [charts.Bar("a", (("size", 10), ("dead", 30))), charts.Bar("b", (("size", 20),))])
    wide = [float(w) for w in re.findall(r'width="([\d.]+)"', svg)]
    assert wide == [pytest.approx(wide[1] / 3, rel=0.01), wide[1], pytest.approx(wide[0] * 2, rel=0.01)]
    nodes = (*((f"f{n}", "front") for n in range(50)), ("be", "back"))
    many = charts.Graph("app", nodes, tuple((n, 50) for n in range(50)))
    drawn = charts.graph(many)
    assert drawn.count('class="edge"') == 14
    assert "and 36 more" in drawn
    assert charts.columns("none", []).startswith("<svg")
