"""Stage 8 done once: its runs side by side, its certificate's place, and one table filled or sent again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from screens.app import WizardApp
from screens.migrate_columns import figure
from screens.rejects import RejectsDialog
from screens.run_report import ReportDialog
from screens.widgets.grid import Grid
from screens.worker_watch import WorkerWatch
from tests.conftest import SAMPLE
from tests.once import Once
from tests.screens import stand_ins
from tests.screens.conftest import Driver, drive
from wizard.events import BatchCommitted, Stage, StageChanged, Status, TableStarted
from wizard.stages import Migration
from wizard.stages.migrate import MigrateStage
from wizard.worker import WorkerTask

SQLCMD = """#!/usr/bin/env -S python3 -S -E
import json, os, sys
if "-?" in sys.argv: sys.exit(print("[-f codepage] [-x]"))
file = sys.argv[sys.argv.index("-i") + 1]
if os.environ.get("FAIL") == file: sys.exit(print("Msg 2714, Level 16, There is already an object named T") or 1)
if file.endswith(".count.sql"):
    tables = [t for t in json.load(open("manifest.json"))["tables"] if t["files"]]
    print(tables[int(file.split("/")[1][:3]) - 1]["rows"])
"""
"""it does nothing, may fail at one script, and says that all rows are there"""


def _make(folder: Path) -> None:
    shutil.copy(SAMPLE, folder)
    with Migration.create(folder / "p") as m:
        m.sources.add(folder / SAMPLE.name)
        m.prepare()
        m.one_step()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Once:
    return Once(tmp_path_factory.mktemp("done"), _make)


@pytest.fixture
def project(home: Path, made: Once) -> Path:
    return made.again() / "p"


async def _migrate(d: Driver) -> None:
    await d.until(lambda: d.stage is not None)
    d.app.go(Stage.MIGRATE)
    await d.goes_to(Stage.MIGRATE)


def test_the_report_leads_to_all_runs_and_says_where_the_certificate_is(project: Path) -> None:
    async def walk(d: Driver) -> None:
        await _migrate(d)
        await d.click("#report")
        assert "Certificate: " in d.text
        await d.click("#runs")
        table = d.app.screen.query_one(Grid)
        assert len(table.columns) == 1 + 2, "seconds and rejects of the one run"
        assert len(table.rows) == 10
        assert "dbo.Orders" in d.text

    drive(WizardApp(project), walk, size=(120, 40))


def _deploy(package: Path, tools: Path, **environment: str) -> int:
    tools.mkdir(exist_ok=True)
    for name in ("sqlcmd", "bcp"):
        (tools / name).write_text(SQLCMD)
        (tools / name).chmod(0o755)
    given = {
        "PATH": f"{tools}:{os.environ['PATH']}", "JETFERRY_SERVER": "db,1433", "JETFERRY_DATABASE": "ferry",
        "JETFERRY_USER": "me", "JETFERRY_PASSWORD": "p", "JETFERRY_BCP_PASSWORD": "argument", **environment,
    }  # fmt: skip
    return subprocess.run(["bash", package / "deploy.sh"], env=given, capture_output=True, check=False).returncode


@pytest.mark.skipif(os.name == "nt", reason="deploy.sh needs a shell")
def test_what_became_of_the_package_is_seen_where_it_was_made(project: Path, tmp_path: Path) -> None:
    """Deployed from outside while the wizard is closed: a failed deployment, one that ended well, and a former one."""
    package = project.with_name("p.jetferry") / "package"

    async def failed(d: Driver) -> None:
        await _migrate(d)
        await d.until(lambda: "The deployment to db,1433, database ferry failed at 010-tables.sql" in d.text)
        await d.click("#report")
        assert "failed at 010-tables.sql" in d.words
        assert "There is already an object named T" in d.words

    async def done(d: Driver) -> None:
        await _migrate(d)
        await d.until(lambda: "Deployed to db,1433, database ferry" in d.text)
        await d.click("#report")
        assert "4,458 rows in 10 tables" in d.words

    async def former(d: Driver) -> None:
        await _migrate(d)
        await d.until(lambda: "The package was written again since" in d.text)

    assert _deploy(package, tmp_path / "tools", FAIL="010-tables.sql") == 1
    drive(WizardApp(project), failed, size=(200, 50))
    assert _deploy(package, tmp_path / "tools") == 0
    drive(WizardApp(project), done, size=(200, 50))
    with (package / "SHA256SUMS").open("a") as sums:
        sums.write("\n")
    drive(WizardApp(project), former, size=(200, 50))


def test_one_table_is_filled_again_where_only_that_is_asked(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[WorkerTask, tuple[str, ...]]] = []
    monkeypatch.setattr(WizardApp, "start_work", lambda _app, what, tables=(): asked.append((what, tables)))

    async def walk(d: Driver) -> None:
        await _migrate(d)
        name = d.app.screen._order[2]
        await d.click("#tables", row=2)
        await d.keys("escape")
        for answer in ("no", "one", "all"):
            await d.click("#reload")
            assert f"under the cursor: {name}" in d.text
            await d.click(f"#answer-{answer}")
        assert asked == [(WorkerTask.RELOAD, (name,)), (WorkerTask.RELOAD, ())]

    drive(WizardApp(project), walk)


def test_only_tables_whose_rows_changed_in_access_are_filled_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[WorkerTask, tuple[str, ...]]] = []
    monkeypatch.setattr(WizardApp, "start_work", lambda _app, what, tables=(): asked.append((what, tables)))
    monkeypatch.setattr(MigrateStage, "to_reload", lambda *_: ("dbo.Orders",))

    async def walk(d: Driver) -> None:
        await _migrate(d)
        await d.click("#reload")
        assert "Only what changed in the Access files" in d.text
        await d.click("#answer-changed")
        assert asked == [(WorkerTask.RELOAD, ("dbo.Orders",))]

    drive(WizardApp(project), walk)


def test_a_verification_that_finds_a_difference_says_where(project: Path) -> None:
    data = next((project.parent / "p.jetferry" / "package" / "data").glob("*Books.dat"))
    data.write_bytes(data.read_bytes().replace(b"Volume", b"volume", 1))

    async def walk(d: Driver) -> None:
        await _migrate(d)
        await d.work("v")
        assert "What is safe" in d.text
        assert "not the same on both sides: dbo.Books" in d.words
        assert "'jetferry run --reload' (Refill in stage 8)" in d.words
        assert "Comparing changed nothing" in d.words
        assert "button" not in d.words, "there is none that goes on"
        await d.keys("enter", "f2")
        assert "JF8122" in d.text
        assert "JF8121" in d.text

    drive(WizardApp(project), walk, size=(120, 40))


def test_the_palette_has_the_buttons_of_the_stage(project: Path) -> None:
    def commands(d: Driver) -> dict[str, Callable[[], object]]:
        return {c.title: c.callback for c in d.app.get_system_commands(d.app.screen)}

    async def walk(d: Driver) -> None:
        await _migrate(d)
        found = commands(d)
        assert {"Rejects", "Report", "Refill", "Verify"} <= found.keys()
        assert "Stop" not in found, "nothing is at work"
        assert len([c.title for c in d.app.get_system_commands(d.app.screen)]) == len(found), "each once"
        found["Report"]()
        await d.settle()
        assert isinstance(d.app.screen, ReportDialog)
        await d.keys("escape")
        d.app.attached(WorkerWatch(stand_ins.Worker(stand_ins.MIGRATING)))  # type: ignore[arg-type]
        await d.pilot.pause(0.3)
        assert {"Stop", "Pause"} <= commands(d).keys()
        d.app.let_go()

    drive(WizardApp(project), walk)


def test_large_figures_are_whole_and_the_times_of_a_table_and_of_all_agree(project: Path) -> None:
    history = (
        StageChanged(1.0, Stage.MIGRATE, Status.RUNNING),
        TableStarted(1.0, "dbo.Orders", 9_000_000, done=2_000_000),
        BatchCommitted(2.0, "dbo.Orders", 2_123_456, 101_500, 9_000_000, 40_000_000, 1.0),
    )

    async def walk(d: Driver) -> None:
        await _migrate(d)
        d.app.attached(WorkerWatch(stand_ins.Worker(history)))  # type: ignore[arg-type]
        await d.until(lambda: "123,456 rows/s" in d.text)
        line = next(x for x in d.text.splitlines() if "▶ Orders" in x)
        assert line.split("2,123,456")[1].split() == ["123,456", "55", "s", "101,500"]
        assert "about 55 s left" in d.text
        d.app.let_go()

    drive(WizardApp(project), walk)
    assert [figure(n) for n in (0, 999_999, 1_576_581)] == ["", "999,999", "1.6M"]


def test_a_table_filled_again_alone_is_whole(project: Path) -> None:
    with Migration.open(project) as m:
        before = {t.table: t.done for t in m.migrate.lines()}
        result = m.migrate.reload(["dbo.Books"])
        assert [t.status for t in result.tables if t.table == "dbo.Books"] == ["migrated"]
        assert {t.table: t.done for t in m.migrate.lines()} == before


def test_rejected_rows_of_one_table_or_of_all_are_sent_again(project: Path) -> None:
    answers: list[tuple[str, ...] | None] = []

    async def walk(d: Driver) -> None:
        await _migrate(d)
        for button in ("#again", "#again-all", "#close"):
            d.app.push_screen(RejectsDialog(d.app.migration, "dbo.Orders"), answers.append)
            await d.settle()
            await d.click(button)
        assert answers == [("dbo.Orders",), (), None]

    drive(WizardApp(project), walk)
