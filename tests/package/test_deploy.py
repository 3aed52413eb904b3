"""The deployment commands: their syntax, what they call and in which order, where they stop."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests import powershell
from tests.package.files import batch, fill, sink, table
from wizard.escaping import for_terminal
from wizard.messages import TargetError
from wizard.objects import CheckConstraint, Name, ObjectKind, ServerTable, Statement
from wizard.package import claim
from wizard.package.deployment import DeploymentState, read_deployment
from wizard.package.scripts import batch as script_batch
from wizard.package.scripts import scripts
from wizard.settings import Constraints, Options
from wizard.stages.verification import changed_files

NASTY = "a'b”$(x)`; ]é"

FAKE_SQLCMD = """#!/usr/bin/env -S python3 -S -E
import os, pathlib, sys
log = pathlib.Path(os.environ["LOG"])
if "-?" in sys.argv: sys.exit(print("[-f codepage] [-x]"))
file = sys.argv[sys.argv.index("-i") + 1]
with log.open("a") as f: f.write(f"sqlcmd {file} {' '.join(sys.argv[1:])} env={os.environ.get('SQLCMDPASSWORD')}\\n")
signal, _, where = os.environ.get("SIGNAL", "").partition(" ")
if where and where in file:
    import signal as signals
    os.killpg(0, getattr(signals, "SIG" + signal))
if os.environ.get("FAIL") and os.environ["FAIL"] in file: sys.exit(print(os.environ.get("SAYS", "")) or 1)
if file.endswith(".count.sql"):
    loaded = [l for l in log.read_text().splitlines() if l.startswith("bcp") or ("data/" in l and "count" not in l)]
    number = file.split("/")[1][:3]
    mine = [l for l in loaded if f"data/{number}" in l]
    print(os.environ.get("THERE") or (2 if mine else 0))
"""
FAKE_BCP = """#!/usr/bin/env -S python3 -S -E
import os, sys
if "-?" in sys.argv: sys.exit(print("[-C code page] [-h hints]"))
with open(os.environ["LOG"], "a") as f: f.write("bcp " + repr(sys.argv[1:]) + "\\n")
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    orders, lines = table("Orders", ("id", "text")), table(NASTY, ("id", "text"))
    target = sink(tmp_path, orders, lines)
    fill(target, orders, [batch(orders, [(1, "a"), (2, "b")])])
    fill(target, lines, [batch(lines, [(1, "a\tb"), (2, "\0")])])
    target.finish([])
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in (("sqlcmd", FAKE_SQLCMD), ("bcp", FAKE_BCP)):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    return tmp_path / "package"


def deploy(package: Path, *arguments: str, **environment: str) -> tuple[int, str, list[str]]:
    log = package.parent / "log"
    log.write_text("")
    given = {
        "PATH": f"{package.parent / 'tools'}:{os.environ['PATH']}",
        "LOG": str(log),
        "JETFERRY_SERVER": "db,1433",
        "JETFERRY_DATABASE": "ferry",
        "JETFERRY_USER": "me",
        "JETFERRY_PASSWORD": "s3 cret'",
        "JETFERRY_BCP_PASSWORD": "argument",
        **environment,
    }
    done = subprocess.run(
        ["bash", str(package / "deploy.sh"), *arguments],
        env=given,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    return done.returncode, done.stdout + done.stderr, log.read_text().splitlines()


def test_scripts_data_and_checks_in_order(package: Path) -> None:
    status, said, log = deploy(package)
    assert status == 0, said
    steps = [x.split()[1] if x.startswith("sqlcmd") else "bcp " + x.split("'")[3] for x in log]
    assert next(s for s in steps if ".count." not in s) == "000-version.sql"
    assert steps[steps.index("000-version.sql") + 1] == "010-tables.sql"
    assert steps[-1] == "900-check-constraints.sql"
    loads = [x for x in log if x.startswith("bcp")]
    assert loads[0].startswith(
        r"bcp ['[dbo].[Orders]', 'in', 'data/001-Orders.dat', '-c', '-t', '\\t', '-r', '\\n', '-E'"
    )
    assert "'-C', '65001'" in loads[0]
    assert "'-k'" in loads[0]
    assert "'-h', 'TABLOCK'" in loads[0]
    assert f"[dbo].[{NASTY.replace(']', ']]')}]" in eval(loads[1][4:])[0]
    assert "'-t', '~1f', '-r', '~1r'" in loads[1]
    assert any("data/002-a_b_x.sql" in s for s in steps)


def test_the_password_is_on_no_command_line_of_sqlcmd(package: Path) -> None:
    _, _, log = deploy(package)
    calls = [x for x in log if x.startswith("sqlcmd")]
    assert calls
    assert all(x.endswith("env=s3 cret'") and x.count("s3 cret'") == 1 for x in calls)


def test_bcp_gets_the_password_as_an_argument_only_when_told(package: Path) -> None:
    status, said, log = deploy(package, JETFERRY_BCP_PASSWORD="")
    assert (status, log) == (1, [])
    assert "JETFERRY_BCP_PASSWORD" in said
    status, _, log = deploy(package, JETFERRY_AUTH="windows", JETFERRY_BCP_PASSWORD="")
    assert status == 0
    assert all("'-T'" in x and "s3 cret" not in x for x in log if x.startswith("bcp"))


def test_it_stops_at_the_first_error(package: Path) -> None:
    status, said, log = deploy(package, FAIL="010-tables")
    assert status == 1
    assert "010-tables.sql stopped" in said
    assert len(log) == 2


def test_an_older_server_stops_it_before_anything_is_made(package: Path) -> None:
    status, said, log = deploy(package, FAIL="000-version")
    assert status == 1
    assert "000-version.sql stopped" in said
    assert len(log) == 1
    assert "Invoke-ScriptStep '000-version.sql'" in (package / "deploy.ps1").read_text("utf-8-sig")


def test_filled_tables_are_skipped_and_others_rows_respected(package: Path) -> None:
    status, _, log = deploy(package, THERE="2")
    assert status == 0
    assert not [x for x in log if x.startswith("bcp")]
    status, said, log = deploy(package, THERE="1")
    assert status == 1
    assert "holds 1 rows, neither none nor the 2" in said


def test_a_changed_file_is_noticed(package: Path) -> None:
    assert deploy(package, "--check-files")[:2] == (0, "All files are as they were written.\n")
    (package / "data/001-Orders.dat").write_bytes(b"1\tz\n")
    status, said, log = deploy(package)
    assert (status, log) == (1, [])
    assert "not as it was written" in said


def test_powershell_parses_and_quotes(package: Path) -> None:
    text = (package / "deploy.ps1").read_text("utf-8-sig")
    assert powershell.mistakes(text) == []
    assert powershell.mistakes(text + "\nif (1 {") != []
    wanted = f"[dbo].[{NASTY.replace(']', ']]')}]"
    assert f"'{wanted.replace(chr(39), chr(39) * 2)}'" in text
    assert "'0x0A'" in text


def test_powershell_leaves_the_session_as_it_was(package: Path) -> None:
    """A script runs in the process of the shell that calls it, which keeps its folder and its environment."""
    before, work = (package / "deploy.ps1").read_text("utf-8-sig").split("\ntry {\n    if ($Auth")
    assert "Set-Location" not in before + work
    assert "$formerPassword = $env:SQLCMDPASSWORD" in before
    assert "$env:SQLCMDPASSWORD = $password" not in before, "what ends before the finally leaves no password"
    assert before.endswith("Push-Location -LiteralPath $PSScriptRoot")
    end = work.split("} finally {")[1].split("\n}")[0]
    assert ["$env:SQLCMDPASSWORD = $formerPassword" in end, "Pop-Location" in end] == [True, True]


def test_powershell_hands_double_quotes_on(package: Path) -> None:
    """Windows PowerShell passes `a"b` on as `ab` (about_Parsing, "Passing arguments that contain quote characters")."""
    text = (package / "deploy.ps1").read_text("utf-8-sig")
    called = re.findall(r"Get-Argument (\$\w+)\)", text)
    assert set(called) == {"$Server", "$Database", "$User", "$password", "$Table"}
    assert not re.search(r"'-[SdUP]', \$", text)


def test_manifest_names_every_file(package: Path) -> None:
    manifest = json.loads((package / "manifest.json").read_bytes())
    named = {s["path"] for s in manifest["scripts"]} | {f["path"] for t in manifest["tables"] for f in t["files"]}
    others = {o["path"]: o["sha256"] for o in manifest["others"]}
    helpers = {"data/001-Orders.count.sql", "data/002-a_b_x.count.sql"}
    assert others.keys() == {"deploy.sh", "deploy.ps1", "README.md", *helpers}
    assert others["deploy.sh"] == hashlib.sha256((package / "deploy.sh").read_bytes()).hexdigest()
    there = {p.relative_to(package).as_posix() for p in package.rglob("*") if p.is_file()}
    assert there == named | others.keys() | {"SHA256SUMS", "manifest.json"}
    assert manifest["complete"] is True


def statement(kind: ObjectKind, name: str, *needs: str) -> Statement:
    sql = f"CREATE {kind} [{name}]"
    return Statement(kind, Name("dbo", name), sql, depends_on=tuple(Name("dbo", n) for n in needs))


def test_modules_come_after_what_they_refer_to() -> None:
    made = scripts(
        [
            statement(ObjectKind.VIEW, "v1"),
            statement(ObjectKind.VIEW, "v2", "f1"),
            statement(ObjectKind.VIEW, "v3", "v2", "v1"),
            statement(ObjectKind.FUNCTION, "f1", "v1"),
            statement(ObjectKind.PROCEDURE, "p1", "v3"),
        ],
        [],
        Options(),
    )
    assert [s.path for s in made] == [
        "010-views.sql", "020-functions.sql", "030-views.sql", "040-procedures.sql", "900-check-constraints.sql",
    ]  # fmt: skip


def test_modules_in_a_circle_are_all_written() -> None:
    made = scripts([statement(ObjectKind.VIEW, "a", "b"), statement(ObjectKind.VIEW, "b", "a")], [], Options())
    assert made[0].statements == 2


@pytest.mark.parametrize(("constraints", "after"), [(Constraints.AFTER, True), (Constraints.KEEP, False)])
def test_constraints_wait_for_the_data_unless_kept(constraints: Constraints, after: bool) -> None:
    made = scripts([statement(ObjectKind.CHECK, "t")], [], Options(constraints=constraints))
    assert made[0].after_data is after


@pytest.mark.parametrize(
    ("constraints", "order"),
    [
        (Constraints.AFTER, ["primary-keys", "added-keys*", "indexes*"]),
        (Constraints.KEEP, ["primary-keys", "indexes"]),
    ],
)
def test_a_key_that_jetferry_added_is_made_after_the_data_and_others_before(
    constraints: Constraints, order: list[str]
) -> None:
    keys = [statement(ObjectKind.PRIMARY_KEY, "own"), replace(statement(ObjectKind.PRIMARY_KEY, "added"), waits=True)]
    index = replace(statement(ObjectKind.INDEX, "plain"), waits=True)
    made = scripts([*keys, index], [], Options(constraints=constraints))[:-1]
    assert [s.title + "*" * s.after_data for s in made] == order
    assert sum(s.statements for s in made) == 3


def test_a_line_that_looks_like_a_command_stays_text() -> None:
    text = script_batch("SELECT N'one\nGO 5\n:r x''\r\nquit';")
    assert [x for x in text.splitlines() if x.strip().upper().startswith(("GO", ":", "QUIT"))] == []
    assert "N'GO 5'" in text
    assert "NCHAR(13) + NCHAR(10)" in text
    assert script_batch("SELECT 'GO';") == "SELECT 'GO';"


def test_the_last_script_checks_every_constraint() -> None:
    of = ServerTable(Name("dbo", "T"), table().columns, checks=(CheckConstraint("CK_T", "[id] > 0"),))
    last = scripts([], [of], Options())[-1].text
    assert "ALTER TABLE [dbo].[T] WITH CHECK CHECK CONSTRAINT ALL;" in last
    assert "is_not_trusted = 1" in last
    assert "DBCC CHECKIDENT(N'[dbo].[T]', RESEED)" in last


def test_the_result_says_where_when_and_what_was_done(package: Path) -> None:
    assert read_deployment(package) is None
    status, said, _ = deploy(package, JETFERRY_SERVER='db\\"x,1433', JETFERRY_DATABASE="fé rry")
    assert status == 0, said
    text = (package / "deployed.json").read_text("utf-8")
    found = read_deployment(package)
    assert found is not None
    assert (found.server, found.database, found.user) == ('db\\"x,1433', "fé rry", "me")
    assert (found.state, found.stopped_at, found.current) == (DeploymentState.DONE, None, True)
    assert found.started <= found.ended
    assert datetime.fromisoformat(found.ended).tzinfo is not None
    names = [s.name for s in found.steps]
    assert names[0] == "SHA256SUMS"
    assert names[1:3] == ["000-version.sql", "010-tables.sql"]
    assert names[-1] == "900-check-constraints.sql"
    tables = {s.name: s.rows for s in found.filled}
    assert tables == {"[dbo].[Orders]": 2, for_terminal(f"[dbo].[{NASTY.replace(']', ']]')}]"): 2}
    assert found.summary.endswith("4 rows in 2 tables")
    assert "s3 cret" not in text
    # its presence changes nothing of the package
    assert deploy(package, "--check-files")[0] == 0
    assert changed_files(package) == []
    claim(package)


def test_the_result_says_where_it_stopped(package: Path) -> None:
    status, _, _ = deploy(package, FAIL="010-tables", SAYS='Msg 2714: "T" \\ is there\nalready')
    found = read_deployment(package)
    assert status == 1
    assert found is not None
    assert found.state is DeploymentState.FAILED
    assert found.stopped_at is not None
    assert (found.stopped_at.name, found.stopped_at.state) == ("010-tables.sql", DeploymentState.FAILED)
    assert "010-tables.sql stopped" in found.stopped_at.error
    assert 'Msg 2714: "T" \\ is there already' in found.summary
    deploy(package, THERE="1")
    found = read_deployment(package)
    assert found is not None
    assert "[dbo].[Orders] holds 1 rows" in found.summary
    (package / "data/001-Orders.dat").write_bytes(b"1\tz\n")
    deploy(package)
    found = read_deployment(package)
    assert found is not None
    assert found.stopped_at is not None
    assert found.stopped_at.kind == "files"


def test_an_interrupted_or_killed_deployment_leaves_a_whole_result(package: Path) -> None:
    for name, state in (("TERM", DeploymentState.INTERRUPTED), ("KILL", DeploymentState.RUNNING)):
        deploy(package, SIGNAL=f"{name} 010-tables")
        found = read_deployment(package)
        assert found is not None
        assert found.state is state
        assert found.stopped_at is not None
        assert found.stopped_at.name == "010-tables.sql"
    assert "has not ended" in found.summary
    assert deploy(package)[0] == 0
    assert not [p for p in package.iterdir() if p.name.endswith(".tmp")]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="an administrator may write everywhere")
def test_a_read_only_package_is_deployed_without_a_result(package: Path) -> None:
    package.chmod(0o555)
    try:
        status, said, _ = deploy(package)
    finally:
        package.chmod(0o755)
    assert status == 0
    assert said.count("deployed.json cannot be written") == 1


def test_a_result_of_a_former_package_says_so(package: Path) -> None:
    deploy(package)
    with (package / "SHA256SUMS").open("a") as sums:
        sums.write("\n")
    found = read_deployment(package)
    assert found is not None
    assert not found.current
    assert found.summary.endswith("The package was written again since")


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"[]", b"null", b'{"server": 1}', b"[" * 100_000, b"\xff\xfe{}",
        b'{"server":"s","database":"d","sign_in":"sql","user":"","started":"","ended":"","sums":"","steps":[1],'
        b'"outcome":"done"}',
        b'{"server":"s","database":"d","sign_in":"sql","user":"","started":"","ended":"","sums":"","steps":[],'
        b'"outcome":"splendid"}',
        b'{"server":"s","database":"d","sign_in":"sql","user":"","started":"","ended":"","sums":"",'
        b'"steps":[{"step":"table","name":"t","outcome":"done","rows":true}],"outcome":"done"}',
    ],
)  # fmt: skip
def test_a_damaged_result_is_told(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "deployed.json").write_bytes(text)
    with pytest.raises(TargetError) as told:
        read_deployment(tmp_path)
    assert told.value.message.number == 5608


@pytest.mark.skipif(os.name == "nt", reason="no pipes in folders")
def test_a_result_that_is_a_pipe_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "deployed.json")
    with pytest.raises(TargetError, match="JF5608"):
        read_deployment(tmp_path)


def test_the_package_that_is_deployed_is_the_one_the_command_lies_in(package: Path, tmp_path: Path) -> None:
    """A shell looks for relative folders in those of CDPATH first."""
    decoy = tmp_path / "elsewhere" / package.name
    decoy.mkdir(parents=True)
    (decoy / "SHA256SUMS").write_text(f"{'0' * 64}  nothing\n")
    environment = os.environ | {"CDPATH": str(decoy.parent)}
    done = subprocess.run(
        ["bash", f"{package.name}/deploy.sh", "--check-files"],
        cwd=package.parent, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("All files are as they were written.\n", 0)
