"""`jetferry estate` as a person or a script uses it."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli import conftest as command
from tests.cli.conftest import Jetferry
from tests.estate.trees import BACK, OFFICE, SALES, put

jetferry = command.jetferry


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "share"
    for name in (BACK, SALES, OFFICE):
        put(root / "shop", name)
    return root


def test_scan_and_export(jetferry: Jetferry, tree: Path, tmp_path: Path) -> None:
    put(tree, BACK, as_name="=cmd|' !A1.mdb")
    done = jetferry("estate", "scan", tree, "--estate", "ours", "--workers", "1", cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "ours.jetferry-estate"))
    assert "4 looked at" in done.stderr
    again = jetferry("estate", "scan", "--estate", "ours", "--json", cwd=tmp_path)
    assert "0 looked at" in again.stderr
    found = json.loads(again.stdout)
    assert (found["found"], found["looked_at"], found["stopped"]) == (4, 0, False)
    made = json.loads(jetferry("estate", "export", "-e", "ours", "--out", "csv", "--json", cwd=tmp_path).stdout)
    assert {"path": "csv/database.csv", "rows": 4} in made["files"]
    path = tmp_path / "csv" / "database.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert {r["name"] for r in rows} == {BACK, SALES, OFFICE, "'=cmd|' !A1.mdb"}  # no cell is a formula
    assert jetferry("estate", "export", "-e", "ours", "--out", "pq", "-f", "parquet", cwd=tmp_path).returncode == 0
    table = pq.read_table(tmp_path / "pq" / "database.parquet")
    assert table.num_rows == 4
    assert str(table.schema.field("rows").type) == "int64"


def test_wrong_use_is_told(jetferry: Jetferry, tmp_path: Path) -> None:
    assert jetferry("estate", "scan", tmp_path / "none", "-e", "ours", cwd=tmp_path).returncode == 2
    assert jetferry("estate", "scan", "-e", "ours", cwd=tmp_path).returncode == 2, "no folder was ever given"
    assert list(tmp_path.iterdir()) == [], "no empty estate is left"
    assert jetferry("estate", "export", "-e", "none", "--out", "x", cwd=tmp_path).returncode == 2
    assert "--format" in jetferry("estate", "export", "--out", "x", "-f", "xml", cwd=tmp_path).stderr
    assert "--map" in jetferry("estate", "scan", tmp_path, "--map", "a", cwd=tmp_path).stderr
    assert "--megabytes" in jetferry("estate", "scan", tmp_path, "--megabytes", "1", cwd=tmp_path).stderr


def test_what_could_not_be_read_is_a_status_of_its_own(jetferry: Jetferry, tree: Path, tmp_path: Path) -> None:
    (tree / "torn.mdb").write_bytes(b"\0\1\0\0Standard Jet DB\0" + b"\xff" * 20_000)
    done = jetferry("estate", "scan", tree, "-e", "ours", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 3
    assert "1 damaged" in done.stderr
