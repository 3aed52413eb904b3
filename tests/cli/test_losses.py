"""Loss on the command line: states, exit statuses, the closing table, and what is said once only."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import pytest

from tests.cli.conftest import Jetferry
from tests.conftest import SAMPLE
from tests.old_rows import OLD_ROWS, Value, written
from wizard.cli import output
from wizard.cli.closing_table import closing_table
from wizard.migrate.run_result import RunResult, TableResult
from wizard.objects import TableRef
from wizard.outcomes import TableState
from wizard.stages import Migration


@pytest.fixture(scope="module")
def narrowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which some publishers and all users will not fit, not yet run."""
    folder = tmp_path_factory.mktemp("lossy")
    shutil.copy(SAMPLE, folder)
    with Migration.create(folder / "p") as m:
        m.sources.add(folder / SAMPLE.name)
        m.prepare()
        m.assess.run()
        m.convert.run()
        m.convert.edit_type(TableRef("harborbooks", "Publishers"), "Name", "nvarchar(12)")
        m.convert.edit_type(TableRef("harborbooks", "User"), "Group", "nvarchar(1)")
    return folder / "p"


@pytest.fixture(scope="module")
def lossy(narrowed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package that some publishers did not come to, and no user."""
    project = tmp_path_factory.mktemp("run") / "copy" / "p"
    shutil.copytree(narrowed.parent, project.parent)
    with Migration.open(project) as m:
        m.one_step()
    return project


def test_status_tells_losses_to_people_and_to_programs(jetferry: Jetferry, lossy: Path) -> None:
    text = jetferry("status", lossy).stdout
    assert (
        "8 Migrate  done with losses  4,451 of 4,458 rows arrived in 10 tables (1 without any row), 7 rejected, "
        "1 constraint or index not made or trusted, the rest verified"
    ) in text
    assert "Not made or trusted: JF6311 error: " in text
    assert "± done with losses" in text
    assert "∅ missing" in text
    found = json.loads(jetferry("status", lossy, "--json").stdout)
    assert found["stages"][7]["status"] == "done with losses"
    (unmade,) = found["unmade"]
    assert "leaves foreign key FK_Books_Publishers" in unmade
    tables = {t["table"]: t for t in found["tables"]}
    assert [tables["dbo.User"][k] for k in ("state", "done", "rejected", "equal")] == ["missing", 0, 3, None]
    assert [tables["dbo.Publishers"][k] for k in ("state", "equal")] == ["done with losses", None]
    assert [tables["dbo.Books"][k] for k in ("state", "equal")] == ["done", True]


def test_status_tells_repaired_values_and_a_run_after_mending_only_what_it_does(
    jetferry: Jetferry, lossy: Path, tmp_path: Path
) -> None:  # fmt: skip
    shutil.copytree(lossy.parent, tmp_path / "copy")
    project = tmp_path / "copy" / "p"
    assert "repaired values" in jetferry("status", project).stdout
    assert jetferry("repair", project, "does_not_fit", "nearest", "--table", "Publishers").returncode == 0
    run = jetferry("run", project)
    assert "dbo.Publishers: done" in run.stderr
    assert "done before" not in run.stderr
    assert "4 values repaired" in run.stdout
    assert [line for line in run.stderr.splitlines() if "dbo.Books" in line] == []
    found = {t["table"]: t for t in json.loads(jetferry("status", project, "--json").stdout)["tables"]}
    publishers = found["dbo.Publishers"]
    assert [publishers[k] for k in ("state", "rejected", "repaired", "damaged")] == ["done", 0, 4, 0]
    (line,) = [s for s in jetferry("status", project).stdout.splitlines() if s.startswith("dbo.Publishers")]
    assert line.split()[-2:] == ["0", "4"]
    assert (project.parent / "p.jetferry" / "repairs" / "dbo.Publishers.csv").is_file()


def test_nothing_to_do_is_no_success_where_rows_stayed_behind(jetferry: Jetferry, lossy: Path) -> None:
    again = jetferry("run", lossy)
    assert again.returncode == 3
    assert "left out: table dbo.User: 0 of 3 rows arrived, 3 rejected" in again.stderr
    verified = jetferry("verify", lossy, "--json")
    assert verified.returncode == 3
    found = json.loads(verified.stdout)
    assert (found["verdict"], found["equal"]) == ("missing", False)
    assert [t["state"] for t in found["tables"] if not t["equal"]] == ["done with losses", "missing"]


@pytest.mark.parametrize("how", ["--progress=plain", "--progress=none", "--progress=bar", "--quiet", "--json"])
def test_what_was_said_of_a_loss_is_not_said_again_at_the_end(
    jetferry: Jetferry, narrowed: Path, tmp_path: Path, how: str
) -> None:
    shutil.copytree(narrowed.parent, tmp_path / "copy")
    run = jetferry("run", tmp_path / "copy" / "p", how)
    assert run.returncode == 3
    _, closing = run.stderr.split("on [dbo].[Books] unchecked", maxsplit=1)
    assert closing.splitlines()[-3:] == [
        "left out: table dbo.Publishers: 3 of 7 rows arrived, 4 rejected",
        "left out: table dbo.User: 0 of 3 rows arrived, 3 rejected",
        "not made or trusted: [dbo].[Books].FK_Books_Publishers (JF6311)",
    ]
    told = [line for line in run.stderr.splitlines() if line.startswith("JF")]
    assert sorted(told) == sorted(set(told))
    if how == "--json":
        ended = json.loads(run.stdout.splitlines()[-1])
        assert ended["detail"].endswith("; not made or trusted: [dbo].[Books].FK_Books_Publishers (JF6311)")
    again = jetferry("run", tmp_path / "copy" / "p").stderr.splitlines()
    assert again[-1].startswith("not made or trusted: [dbo].[Books].FK_Books_Publishers: The package leaves")


def test_who_attaches_late_reads_of_each_loss_once(jetferry: Jetferry, narrowed: Path, tmp_path: Path) -> None:
    shutil.copytree(narrowed.parent, tmp_path / "copy")
    assert jetferry("run", tmp_path / "copy" / "p", "--detach").returncode == 0
    watched = jetferry("attach", tmp_path / "copy" / "p")
    assert watched.returncode == 3
    assert watched.stderr.count("unchecked, as 60 rows refer to rows") == 1
    assert watched.stderr.splitlines()[-1] == "not made or trusted: [dbo].[Books].FK_Books_Publishers (JF6311)"
    (tmp_path / "copy" / SAMPLE.name).unlink()
    without_its_source = jetferry("attach", tmp_path / "copy" / "p")
    assert without_its_source.returncode == 3
    assert without_its_source.stderr.splitlines()[-1] == (
        "table dbo.Publishers: 3 of 7 rows arrived, 4 rejected; table dbo.User: 0 of 3 rows arrived, 3 rejected; "
        "not made or trusted: [dbo].[Books].FK_Books_Publishers (JF6311)"
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("date value --value abc", "'abc' is no date"),
        ("date value", "needs the value"),
        ("not_a_number value --value abc", "no number"),
        ("does_not_fit value --value many --table Books --part Rating", "no number"),
        ("does_not_fit value --value much_too_long --table Publishers --part Name", "which is nvarchar(12)"),
        ("date null --table Nowhere", "no table named 'Nowhere' in harborbooks"),
        ("date null --table Books --part Nowhere", "no column named 'Nowhere' in Books"),
        ("duplicates reject --table Nowhere", "no table named 'Nowhere'"),
        ("duplicates reject --table Books --part Nowhere", "no unique index named 'Nowhere' in Books"),
        ("orphans null --table Books --part Nowhere", "no relationship named 'Nowhere' in Books"),
        ("date null --source nowhere", "no source named 'nowhere'"),
    ],
)
def test_a_repair_rule_that_could_do_nothing_is_refused(
    jetferry: Jetferry, lossy: Path, given: str, told: str
) -> None:  # fmt: skip
    refused = jetferry("repair", lossy, *given.split())
    assert refused.returncode == 2, refused.stderr
    assert told in refused.stderr
    with Migration.open(lossy, hold=False) as migration:
        assert migration.data.repairs == ()


def test_a_repair_rule_that_can_do_something_is_taken(jetferry: Jetferry, lossy: Path, tmp_path: Path) -> None:
    shutil.copytree(lossy.parent, tmp_path / "copy")
    project = tmp_path / "copy" / "p"
    for given in (
        ["date", "value", "--value", "1900-01-01"],
        ["no_value", "value", "--table", "publishers", "--part", "NAME"],  # empty text
        ["does_not_fit", "value", "--value", "2.5", "--table", "Books", "--part", "Rating"],
        ["orphans", "null", "--table", "Books", "--part", "PublishersBooks"],
        ["orphans", "null", "--table", "Books", "--part", "FK_Books_Publishers"],  # as the server will have it
        ["duplicates", "reject", "--table", "Books", "--part", "PK_Books"],
    ):
        taken = jetferry("repair", project, *given)
        assert taken.returncode == 0, taken.stderr


def test_an_assessment_that_foresees_losses_says_so_and_ends_with_status_3(
    jetferry: Jetferry, lossy: Path, tmp_path: Path
) -> None:  # fmt: skip
    shutil.copytree(lossy.parent, tmp_path / "copy")
    project = tmp_path / "copy" / "p"
    told = jetferry("assess", project)
    assert told.returncode == 3
    assert "7 rows will be lost, all of 1 table among them" in " ".join(told.stdout.split())
    (found,) = json.loads(jetferry("assess", project, "--json").stdout)
    assert (found["rows_lost"], found["left_out"]) == (7, True)


def test_what_is_less_guarded_is_foretold_and_named_by_verify(jetferry: Jetferry, tmp_path: Path) -> None:
    project, old = tmp_path / "p", written(tmp_path / "old.accdb", *OLD_ROWS)
    assert jetferry("new", project, "--source", old).returncode == 0
    told = jetferry("assess", project)
    assert told.returncode == 3
    assert "2 keys or indexes less than in Access; " in " ".join(told.stdout.split())
    assert jetferry("run", project).returncode == 3
    verified = jetferry("verify", project)
    assert verified.returncode == 3
    named = [line for line in verified.stderr.splitlines() if line.startswith("less guarded: old.")]
    assert sorted(line[-9:].strip() for line in named) == ["(JF2094)", "(JF2095)"]


@pytest.mark.corpus
@pytest.mark.parametrize("salvage", [(), ("--salvage",)])
def test_an_attachment_in_its_wrapper_is_told_alike_by_all_commands(
    jetferry: Jetferry, tmp_path: Path, shared: Path, salvage: tuple[str, ...]
) -> None:
    project = tmp_path / "p"
    given = ("--source", shared / "hostile" / "att1.accdb", *salvage)
    assert jetferry("new", project, *given).returncode == 0
    assert jetferry("run", project).returncode == 3
    verified = jetferry("verify", project)
    assert verified.returncode == 3
    assert next(line for line in verified.stderr.splitlines() if "JF1518" in line).startswith("as stored: ")
    told = json.loads(jetferry("status", project, "--json").stdout)
    (migrate,) = [s for s in told["stages"] if s["stage"] == "migrate"]
    assert migrate["status"] == "done with losses"
    assert "values of 1 column as they are stored" in migrate["detail"]
    assert ["JF1518" in m for m in told["as_stored"]] == [True]


def test_so_does_that_of_a_file_by_itself(jetferry: Jetferry, tmp_path: Path) -> None:
    whole = jetferry("assess", SAMPLE)
    assert (whole.returncode, "will be" in whole.stdout.partition("Messages")[0]) == (0, False)
    none = struct.pack("<d", float("nan"))
    broken = written(tmp_path / "numbers.accdb", *(Value("Books", row, "Rating", none) for row in (1, 2)))
    told = jetferry("assess", broken)
    assert told.returncode == 3
    assert "; 2 rows will be lost; 100% of the objects convert;" in " ".join(told.stdout.split())


def test_after_an_edit_status_tells_of_earlier_rejects_and_they_are_sent_again(
    jetferry: Jetferry, lossy: Path, tmp_path: Path
) -> None:  # fmt: skip
    shutil.copytree(lossy.parent, tmp_path / "copy")
    project = tmp_path / "copy" / "p"
    assert "JF6092" not in jetferry("status", project).stdout
    with Migration.open(project) as m:
        m.convert.edit_type(TableRef("harborbooks", "Publishers"), "Name", "nvarchar(80)")
    told = " ".join(jetferry("status", project).stdout.split())
    assert "7 earlier rejects; the cause may be mended: send them again with 'jetferry retry-rejects" in told
    assert any("JF6092" in m for m in json.loads(jetferry("status", project, "--json").stdout)["messages"])
    again = jetferry("retry-rejects", project, "dbo.Publishers")
    assert again.returncode == 3, again.stderr
    assert "JF8101" not in again.stderr
    lines = {t["table"]: t for t in json.loads(jetferry("status", project, "--json").stdout)["tables"]}
    assert [lines["dbo.Publishers"][k] for k in ("status", "done", "rejected", "equal")] == ["migrated", 7, 0, True]
    assert lines["dbo.User"]["rejected"] == 3
    assert "JF6092" not in jetferry("status", project).stdout


def test_retries_with_nothing_left_and_proof_of_a_package_say_so(
    jetferry: Jetferry, lossy: Path, tmp_path: Path
) -> None:  # fmt: skip
    nothing = jetferry("retry-rejects", lossy, "dbo.Books")
    assert "No rejected row is left" in nothing.stderr
    proof = jetferry("proof", lossy)
    assert proof.returncode == 2
    assert "JF8114" in proof.stderr
    assert "offline package" in proof.stderr


def test_an_error_is_told_once(jetferry: Jetferry, tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path)
    server = ("--target", "sqlserver", "--server", "127.0.0.1,1", "--database", "b", "--user", "u")
    assert jetferry("new", tmp_path / "p", "--source", tmp_path / SAMPLE.name, *server).returncode == 0
    for loud in ((), ("--quiet",), ("--verbose",)):
        ended = jetferry("run", tmp_path / "p", "--yes", *loud, JETFERRY_PASSWORD="secret")
        assert ended.returncode != 0
        assert ended.stderr.count("refuses connections on port 1") == 1, ended.stderr


def test_the_closing_table_has_totals_pace_and_time_and_fits_the_terminal() -> None:
    tables = (
        TableResult("dbo.A", "src.A", TableState.DONE, 2_000_000, 2_000_000, 0, 8.0, 96_000_000, moved=2_000_000),
        TableResult("dbo.B", "src.B", TableState.LOSSES, 10, 1, 9, 0.5, 1_000, moved=1),
        TableResult("dbo." + "Long" * 20, "src." + "Long" * 20, TableState.THERE, 5, 5, 0, 0.0),
    )
    result = RunResult(tables, (), 10.0, 0.0)
    whole = closing_table(result, 0)
    assert " ".join(whole[0].split()) == "state from to rows arrived rejected ratio MB rows/s seconds"
    assert whole[1].split()[-5:] == ["0", "100.0%", "96.0", "250,000", "8.0"]
    assert whole[3].split()[-2:] == ["100.0%", "0.0"], "nothing moved: no pace"
    total = whole[-3]
    assert total.startswith("± done with losses  in all")
    assert total.split()[-7:] == ["2,000,015", "2,000,006", "9", "99.9%", "96.0", "200,000", "10.0"], (
        "all but nine is not all"
    )
    told = "In all 2,000,006 of 2,000,015 rows arrived, 9 rejected: 96.0 MB, 200,000 rows/s, 10.0 s."
    assert whole[-1] == told
    for width in (70, 80, 100, 140):
        lines = closing_table(result, width)
        assert max(map(len, lines)) <= width
        assert any(line.startswith("± done with losses ") for line in lines), "the state is not cut"
        assert {"rows", "arrived", "rejected", "seconds"} <= set(lines[0].split())
        assert " ".join(lines[lines.index("") + 1 :]) == told


def test_the_whole_is_missing_only_where_nothing_arrived() -> None:
    lost = TableResult("dbo.A", "src.A", TableState.MISSING, 3, 0, 3, 0.5)
    there = TableResult("dbo.B", "src.B", TableState.DONE, 3_000, 3_000, 0, 0.5, moved=3_000)
    for tables, begins in (((lost, there), "± done with losses"), ((lost,), "∅ missing")):
        total = closing_table(RunResult(tables, (), 1.0, 0.0), 0)[-3]
        assert total.startswith(f"{begins} "), total


def test_a_table_wider_than_any_terminal_is_cut_no_further_than_can_be_read() -> None:
    lines = output.table(("name", "rows"), [("x" * 100, "1")], most=5)
    assert lines[1] == "x" * 7 + "…  " + "   1"
