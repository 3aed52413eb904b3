"""Commands that make projects: new, demo."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Jetferry
from tests.conftest import SAMPLE
from tests.sqlserver.doubles import Server


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


def new(jetferry: Jetferry, project: Path, kind: str, *more: str | Path) -> Done:
    """A project of the sample on a server."""
    wanted = ("--server", "db", "--user", "sa", "--target", kind)
    return jetferry("new", project, "--source", SAMPLE, *wanted, *more, JETFERRY_PASSWORD="p")


def test_the_database_is_made_with_the_tier_that_azure_is_asked_for_unless_it_is_there(
    jetferry: Jetferry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    double = Server(lambda sql: [("There",)] if sql.startswith("SELECT name FROM sys.databases") else None)
    double.installed(monkeypatch)
    tier = ("--azure-edition", "GeneralPurpose", "--azure-objective", "GP_S_Gen5_1", "--azure-size", "32 GB")
    azure = ("azure-sql-database", "--create-database", *tier)
    made = new(jetferry, tmp_path / "a", *azure, "--database", "New")
    assert (made.returncode, "The database New was made." in made.stderr) == (0, True)
    there = new(jetferry, tmp_path / "b", *azure, "--database", "there")
    assert (there.returncode, "The database there is there already." in there.stderr) == (0, True)
    like = new(jetferry, tmp_path / "c", "sqlserver", "--create-database", "--like", tmp_path / "a.jetferry.toml")
    assert like.returncode == 0, like.stderr
    assert [s for s in double.statements if s.startswith("CREATE")] == [
        "CREATE DATABASE [New] (EDITION = 'GeneralPurpose', SERVICE_OBJECTIVE = 'GP_S_Gen5_1', MAXSIZE = 32 GB)",
        "CREATE DATABASE [New]",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sqlserver", "--create-database", "--azure-edition", "Standard"), "--target azure-sql-database"),
        (("azure-sql-database", "--azure-objective", "S0"), "need --create-database"),
        (("azure-sql-database", "--create-database", "--azure-size", "big"), "such as 500 MB or 2 GB"),
        (("sqlserver", "--connection-option", "PWD=hidden"), "a password has no place here"),
        (("sqlserver", "--connection-option", "ApplicationIntent"), "KEY=VALUE"),
    ],
)
def test_an_option_that_cannot_be_meant_makes_no_project_and_is_told(
    jetferry: Jetferry, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = new(jetferry, tmp_path / "p", *words, "--database", "d")
    told = " ".join(done.stderr.replace("│", " ").split())
    assert (done.returncode, said in told, "hidden" in told) == (2, True, False), told
    assert not list(tmp_path.glob("p*"))
