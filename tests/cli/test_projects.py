"""Commands that make projects: new, demo."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.conftest import Jetferry
from tests.conftest import SAMPLE


def test_the_demo_ends_in_a_package_and_a_report(migrated: Path) -> None:
    package = migrated / "harborbooks.jetferry" / "package"
    assert json.loads((package / "manifest.json").read_text(encoding="utf-8"))
    reports = {p.name for p in (migrated / "harborbooks.jetferry" / "reports").iterdir()}
    assert {"assessment.html", "assessment.json", "certificate.html"} <= reports
    assert list((migrated / "harborbooks.jetferry" / "runs").glob("*.csv"))
    log = (migrated / "harborbooks.jetferry" / "jetferry.log").read_text(encoding="utf-8")
    assert "8 Migrate done: 4,458 rows in 10 tables" in log


def test_the_demo_for_programs_writes_events(jetferry: Jetferry, migrated: Path) -> None:
    done = jetferry("demo", migrated, "--headless", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, events[-1]["event"], events[-1]["exit_status"]) == (0, "WorkEnded", 0)
    wrong = jetferry("demo", migrated, "--json")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "--headless" in wrong.stderr


def test_a_folder_of_files_becomes_one_project_and_what_cannot_be_read_is_named(
    jetferry: Jetferry, tmp_path: Path
) -> None:
    share = tmp_path / "share" / "shop"
    share.mkdir(parents=True)
    for name in ("a.accdb", "b.mdb"):
        shutil.copy(SAMPLE, share / name)
    (share / "broken.mdb").write_bytes(b"no database at all")
    done = jetferry("new", tmp_path / "p", "--source", share / "a.accdb", "-s", share.parent, "--target", "package")
    assert done.returncode == 3
    assert f"left out: {share / 'broken.mdb'}" in done.stderr
    assert "2 sources" in jetferry("status", tmp_path / "p").stdout

    (tmp_path / "empty").mkdir()
    none = jetferry("new", tmp_path / "q", "--source", tmp_path / "empty", "--target", "package")
    assert none.returncode == 2
    assert "no Access file" in none.stderr
    assert not list(tmp_path.glob("q*"))


def test_what_is_left_out_is_named_with_status_3(jetferry: Jetferry, tmp_path: Path) -> None:
    jetferry("new", tmp_path / "p", "--source", SAMPLE, "--target", "package")
    file = tmp_path / "p.jetferry.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text + "\n[[edits]]\nsource = 'harborbooks'\nname = 'Publishers'\nwhat = 'type'\npart = 'Name'\n"
        "value = 'nvarchar(12)'\n",
        encoding="utf-8",
    )
    done = jetferry("run", tmp_path / "p", "--yes")
    assert done.returncode == 3, done.stderr
    assert "left out: table dbo.Publishers:" in done.stderr
    again = jetferry("run", tmp_path / "p", "--yes")
    assert again.returncode == 3
