"""Commands that end in a report: assess, verify."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.conftest import Jetferry
from tests.conftest import SAMPLE
from tests.old_rows import Value, currency, written
from wizard.cli import reports
from wizard.migrate import TableComparison
from wizard.stages import CancellationToken
from wizard.stages.verification import Verification


def test_verify_tells_equal_from_changed(jetferry: Jetferry, migrated: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(migrated, copy)
    assert jetferry("verify", copy / "harborbooks").returncode == 0
    data = next((copy / "harborbooks.jetferry" / "package" / "data").glob("*Books.dat"))
    data.write_bytes(data.read_bytes().replace(b"Volume", b"volume", 1))
    done = jetferry("verify", copy / "harborbooks")
    assert done.returncode == 1
    assert data.name in done.stderr


def test_verify_tells_that_the_source_has_changed_since(jetferry: Jetferry, tmp_path: Path) -> None:
    source = tmp_path / "books.accdb"
    shutil.copy(SAMPLE, source)
    jetferry("new", tmp_path / "p", "--source", source, "--target", "package")
    assert jetferry("run", tmp_path / "p").returncode == 0
    written(source, Value("Books", 3, "Price", currency(5)))
    done = jetferry("verify", tmp_path / "p")
    assert done.returncode == 1, "the two sides differ"
    assert "JF6290" in done.stderr
    assert f"its rows in {source} have changed since the target was filled" in done.stderr
    assert jetferry("run", tmp_path / "p", "--reload-changed", "--yes").returncode == 0
    assert jetferry("verify", tmp_path / "p").returncode == 0


@pytest.mark.parametrize(
    ("name", "damage", "number"),
    [
        ("SHA256SUMS", b"", "JF8121"),
        ("SHA256SUMS", b"\xff\xfe", "JF8121"),
        ("manifest.json", b"\xff\xfe", "JF5607"),
        ("manifest.json", b'{"scripts": [], "tables": [{"schema": "dbo", "name": "Books"}]}', "JF5607"),
    ],
)
def test_verify_tells_of_a_damaged_record_of_the_package(
    name: str, damage: bytes, number: str, jetferry: Jetferry, migrated: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(migrated, copy)
    (copy / "harborbooks.jetferry" / "package" / name).write_bytes(damage)
    done = jetferry("verify", copy / "harborbooks")
    assert done.returncode == 1
    assert number in done.stderr
    assert "JF8000" not in done.stderr


def test_verify_shows_the_rows_of_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    proofs = (
        TableComparison("dbo.All", "src.All", equal=True, source_rows=0, target_rows=0, rejected=2_000),
        TableComparison("dbo.Some", "src.Some", equal=False, source_rows=990, target_rows=600, rejected=10),
    )
    migration: Any = SimpleNamespace(migrate=SimpleNamespace(verify=lambda *_: Verification(proofs)))
    assert reports._verify(migration, CancellationToken(), None, False) == 1
    cells = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [c[1:] for c in cells if "dbo." in c[-4]] == [
        ["src.All", "dbo.All", "2,000", "0", "2,000"],
        ["src.Some", "dbo.Some", "1,000", "600", "10"],
    ]
    reports._verify(migration, CancellationToken(), None, True)
    assert [t["source_rows"] for t in json.loads(capsys.readouterr().out)["tables"]] == [2_000, 1_000]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--database", "books"), "need --server"),
        (("--server", "db1"), "needs --database"),
        (("--server", "db1,x,y", "--database", "books"), "--server: "),
    ],
)
def test_a_server_of_a_deployed_package_is_named_whole(
    jetferry: Jetferry, migrated: Path, words: tuple[str, ...], why: str
) -> None:
    done = jetferry("verify", migrated / "harborbooks", *words)
    assert done.returncode == 2
    assert why in done.stderr


DEPLOYED = {
    "server": "db1,x,y", "database": "books", "sign_in": "windows", "user": "", "started": "2026-11-29T14:13:28Z",
    "ended": "2026-11-29T14:14:01Z", "sums": "", "outcome": "failed",
    "steps": [
        {"step": "script", "name": "010-tables.sql", "outcome": "done"},
        {"step": "table", "name": "[dbo].[Books]", "outcome": "failed", "error": "bcp\x1b[2J stopped"},
    ],
}  # fmt: skip


def test_a_deployment_is_shown_and_its_server_taken(jetferry: Jetferry, migrated: Path, tmp_path: Path) -> None:
    shutil.copytree(migrated, tmp_path / "copy")
    project = tmp_path / "copy" / "harborbooks"
    none = jetferry("verify", project, "--deployed")
    assert none.returncode == 1
    assert "JF5609" in none.stderr
    result = project.with_suffix(".jetferry") / "package" / "deployed.json"
    result.write_text(json.dumps(DEPLOYED))
    shown = jetferry("status", project)
    stopped = "The deployment to db1,x,y, database books failed at [dbo].[Books], 2026-11-29 14:14:01 UTC: bcp"
    assert f"{stopped}\\x1b[2J stopped" in shown.stdout
    plain = json.loads(jetferry("status", project, "--json").stdout)["deployments"]
    assert [s["state"] for s in plain[0]["steps"]] == ["done", "failed"]
    asked = jetferry("verify", project, "--deployed")
    assert asked.returncode == 2
    assert "port's number" in asked.stderr  # the server of the file was taken, and is none
    result.write_text("{")
    damaged = jetferry("status", project)
    assert damaged.returncode == 0
    assert "JF5608" in damaged.stdout


def test_assess_a_file(jetferry: Jetferry, tmp_path: Path) -> None:
    done = jetferry("assess", SAMPLE, "--html", tmp_path / "report.html", "--json")
    assert done.returncode in (0, 3)
    assert json.loads(done.stdout)
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8").casefold()
