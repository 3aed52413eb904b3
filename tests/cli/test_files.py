"""Commands on Access files: find, inspect, export."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.conftest import Jetferry
from tests.conftest import SAMPLE


def test_inspect_prints_one_object(jetferry: Jetferry) -> None:
    done = jetferry("inspect", SAMPLE, "--json")
    assert done.returncode == 0
    shown = json.loads(done.stdout)
    assert {"file", "format", "tables", "linked_tables", "relationships", "queries", "other_objects"} <= set(shown)
    assert "Order Details" in jetferry("inspect", SAMPLE).stdout


def test_export_to_standard_output_and_to_a_folder(jetferry: Jetferry, tmp_path: Path) -> None:
    lines = jetferry("export", SAMPLE, "User").stdout.splitlines()
    assert json.loads(lines[0])["table"] == "User"
    assert len(lines) == 4
    done = jetferry("export", SAMPLE, "User", "Books", "--format", "csv", "--out", tmp_path / "out", "--json")
    assert done.returncode == 0
    books = str(tmp_path / "out" / "Books.csv")
    assert [f["table"] for f in json.loads(done.stdout)["files"] if f["path"] == books and f["rows"]] == ["Books"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["Books.csv", "User.csv"]


def test_find_lists_files_and_names_what_it_cannot_read(jetferry: Jetferry, tmp_path: Path) -> None:
    shutil.copyfile(SAMPLE, tmp_path / "a.accdb")
    (tmp_path / "notes.txt").write_text("no database", encoding="utf-8")
    found = json.loads(jetferry("find", tmp_path, "--json").stdout)
    assert [Path(f["path"]).name for f in found] == ["a.accdb"]
    assert jetferry("find", tmp_path, "--name", "zzz").stdout == ""
    assert jetferry("find", tmp_path, "--at-least", "1G").stdout == ""
    missing = jetferry("find", tmp_path / "nowhere")
    assert missing.returncode == 3
    assert "nowhere" in missing.stderr
