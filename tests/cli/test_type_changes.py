"""Types that change after the rows have arrived."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.cli.conftest import Jetferry
from wizard.events import Stage
from wizard.settings import TypeRule
from wizard.stages import Migration


def manifest(folder: Path) -> Any:
    return json.loads((folder / "harborbooks.jetferry/package/manifest.json").read_text(encoding="utf-8"))


def test_a_type_rule_that_rounds_writes_the_package_anew_and_counts(
    jetferry: Jetferry, migrated: Path, tmp_path: Path
) -> None:
    shutil.copytree(migrated, tmp_path / "d")
    project = tmp_path / "d" / "harborbooks"
    before = manifest(tmp_path / "d")
    run = jetferry("run", project, "--yes", "--type-rule", "double=decimal(9,2)")
    assert run.returncode == 3, run.stderr
    assert "17 values" in run.stdout + run.stderr
    assert "JF6008" not in run.stderr
    with Migration.open(project, hold=False) as migration:
        (told,) = (m for m in migration.messages(Stage.MIGRATE) if m.number == 6043)
    assert "Rating (float, now decimal(9,2))" in told.text
    after = manifest(tmp_path / "d")
    assert after["complete"] is True
    changed = {
        b["name"]
        for b, a in zip(before["tables"], after["tables"], strict=True)
        if [f["sha256"] for f in b["files"]] != [f["sha256"] for f in a["files"]]
    }
    assert changed == {"Books"}
    found = json.loads(jetferry("status", project, "--json").stdout)
    (books,) = (t for t in found["tables"] if t["table"] == "dbo.Books")
    assert (books["state"], books["repaired"]) == ("done with losses", 17)
    again = jetferry("run", project, "--yes")
    assert again.returncode == 3
    assert jetferry("verify", project).returncode == 3


def test_between_scripts_and_rows_the_package_is_not_complete(migrated: Path, tmp_path: Path) -> None:
    shutil.copytree(migrated, tmp_path / "d")
    with Migration.open(tmp_path / "d" / "harborbooks") as migration:
        migration.project.set_rules([TypeRule("double", "decimal(9,2)")])
        migration.convert.run()
        migration.load.run()
        assert manifest(tmp_path / "d")["complete"] is False
        migration.migrate.run()
        assert manifest(tmp_path / "d")["complete"] is True
        (line,) = (t for t in migration.migrate.known_lines() if t.rounded)
        assert (line.table, line.rounded) == ("dbo.Books", 17)


def test_a_wider_type_leaves_the_files_as_they_are(jetferry: Jetferry, migrated: Path, tmp_path: Path) -> None:
    shutil.copytree(migrated, tmp_path / "d")
    project = tmp_path / "d" / "harborbooks"
    before = manifest(tmp_path / "d")
    run = jetferry("run", project, "--yes", "--type-rule", "currency=decimal(19,4)")
    assert run.returncode == 0, run.stderr
    after = manifest(tmp_path / "d")
    assert [t["files"] for t in before["tables"]] == [t["files"] for t in after["tables"]]
