"""Options, rules, choices, templates, events and completion, as the command takes them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Jetferry
from tests.conftest import SAMPLE
from wizard.cli import arguments, output, progress_output
from wizard.events import Stage, decode
from wizard.messages import ProjectError
from wizard.settings import Options, TypeRule, declarations
from wizard.stages import Migration
from wizard.stages.written_settings import read_option, read_rule, shown, values, with_options


@pytest.fixture(autouse=True)
def no_own_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of configurations of this test's own."""
    folder = tmp_path / "configurations"
    for module in ("wizard.stages.templates",):
        monkeypatch.setattr(f"{module}.user_config_path", lambda _name: folder / "jetferry")
    return folder / "jetferry"


@pytest.fixture
def run(jetferry: Jetferry) -> Jetferry:
    return jetferry


@pytest.mark.parametrize("name", list(declarations()))
def test_every_option_can_be_written_as_it_is_shown(name: str) -> None:
    assert read_option(f"{name}={shown(getattr(Options(), name))}") == (name, getattr(Options(), name))
    assert values(name)


@pytest.mark.parametrize("setting", ["views", "views=perhaps", "batch_size=0", "batch_size=many", "no_such=1", "=", ""])
def test_a_setting_that_is_none_is_refused(setting: str) -> None:
    with pytest.raises(ProjectError):
        with_options(Options(), [setting])


def test_settings_are_read_as_people_write_them() -> None:
    made = with_options(Options(), ["batch-size = 5,000", "views=No", "nullable_key=ERROR"])
    assert (made.batch_size, made.views, made.nullable_key) == (5000, False, "error")


def test_type_rules_are_read_with_and_without_lengths() -> None:
    assert read_rule("text:1-50=nvarchar(50)") == TypeRule("text", "nvarchar(50)", 1, 50)
    assert read_rule("memo = nvarchar(max)") == TypeRule("memo", "nvarchar(max)")
    assert read_rule("text:256-=nvarchar(max)") == TypeRule("text", "nvarchar(max)", 256, None)
    with pytest.raises(ProjectError):
        read_rule("text nvarchar")
    with pytest.raises(ProjectError, match="JF2000"):
        read_rule("memo=int")


@pytest.mark.parametrize(("written", "stage"), [("7", Stage.LOAD), ("migrate", Stage.MIGRATE), ("1", Stage.PROJECT)])
def test_a_stage_is_named_or_numbered(written: str, stage: Stage) -> None:
    assert arguments.read_stage(written) is stage


def test_new_takes_options_rules_and_a_choice_of_objects(run: Jetferry, tmp_path: Path) -> None:
    made = run(
        "new", "a", "--source", SAMPLE, "--option", "batch_size=5000", "--type-rule", "text:1-20=nvarchar(20)",
        "--objects", "B*", "--objects", "Orders", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["target"] == "package"
    with Migration.open(tmp_path / "a", hold=False) as project:
        assert project.data.options.batch_size == 5000
        assert project.data.types.project == (TypeRule("text", "nvarchar(20)", 1, 20),)
        chosen = [o.name for o in project.sources.objects(project.data.sources[0].key) if o.selectable and o.chosen]
    assert "Orders" in chosen
    assert all(n[0] == "B" or n == "Orders" for n in chosen)


def test_a_wrong_setting_leaves_no_project_behind(run: Jetferry, tmp_path: Path) -> None:
    for wrong in (("--option", "views=perhaps"), ("--type-rule", "memo=int"), ("--objects", "NoSuchTable")):
        refused = run("new", "a", "--source", SAMPLE, *wrong, cwd=tmp_path)
        assert refused.returncode == 2, "wrong use, as README says"
        assert len([line for line in refused.stderr.splitlines() if "error" in line]) == 1, refused.stderr
        assert not list(tmp_path.glob("a.*"))


@pytest.mark.parametrize("name", ["", ".", "./"])
def test_a_project_without_a_name_is_refused(run: Jetferry, tmp_path: Path, name: str) -> None:
    here = tmp_path / "here"
    here.mkdir()
    refused = run("new", name, "--source", SAMPLE, cwd=here)
    assert (refused.returncode, "JF8020" in refused.stderr) == (2, True)
    assert [p.name for p in tmp_path.iterdir()] == ["here"], "nothing is made beside the folder"


def test_a_code_page_that_there_is_not_is_refused_whatever_the_file(run: Jetferry, tmp_path: Path) -> None:
    refused = run("new", "a", "--source", SAMPLE, "--code-page", "bogus", cwd=tmp_path)
    assert (refused.returncode, "'bogus' is not the name of a code page" in refused.stderr) == (2, True)
    assert not list(tmp_path.glob("a.*"))


def test_a_number_that_is_none_is_refused_in_the_words_of_stage_1(run: Jetferry, tmp_path: Path) -> None:
    refused = run("new", "a", "--source", SAMPLE, "--option", "batch_size=many", cwd=tmp_path)
    assert refused.stderr.strip().endswith("batch_size: 'many' cannot be used: it must be a whole number.")
    assert refused.stderr.count("batch_size") == 1


def test_all_again_and_only_what_changed_cannot_be_asked_for_at_once(run: Jetferry, tmp_path: Path) -> None:
    run("new", "a", "--source", SAMPLE, cwd=tmp_path)
    refused = run("run", "a", "--reload", "--reload-changed", cwd=tmp_path)
    assert (refused.returncode, "choose one of" in refused.stderr) == (2, True)
    refused = run("run", "a", "--reload", "--through", "map", cwd=tmp_path)
    assert (refused.returncode, "filled again by stage 8" in refused.stderr) == (2, True), "it did so unasked"


def test_a_project_begins_like_another_or_like_the_users_defaults(
    run: Jetferry, tmp_path: Path, no_own_defaults: Path
) -> None:
    server = ("--server", "sql.example.com", "--database", "Books", "--user", "u")
    run("new", "a", "--source", SAMPLE, "--target", "sqlserver", *server, "--option", "views=no", cwd=tmp_path)
    assert run("new", "b", "--like", "a", "--source", SAMPLE, "--option", "batch_size=7", cwd=tmp_path).returncode == 0
    with Migration.open(tmp_path / "b", hold=False) as project:
        assert (project.data.target.kind, project.data.connection.host) == ("sqlserver", "sql.example.com")
        assert (project.data.options.views, project.data.options.batch_size) == (False, 7)
        assert len(project.data.sources) == 1
    no_own_defaults.mkdir(parents=True)
    (tmp_path / "a.jetferry.toml").rename(no_own_defaults / "defaults.jetferry.toml")
    assert run("new", "c", "--source", SAMPLE, "--target", "package", cwd=tmp_path).returncode == 0
    with Migration.open(tmp_path / "c", hold=False) as project:
        assert (project.data.target.kind, project.data.connection.host) == ("package", "")
        assert not project.data.options.views
    assert run("new", "d", "--like", "missing", "--source", SAMPLE, cwd=tmp_path).returncode == 2


def test_run_sets_options_and_writes_its_events_as_json_lines(run: Jetferry, tmp_path: Path) -> None:
    run("new", "a", "--source", SAMPLE, cwd=tmp_path)
    done = run("run", "a", "--through", "4", "--option", "views=no", "--all-but", "*", "--json", cwd=tmp_path)
    assert done.returncode == 2  # nothing is left to take
    done = run("run", "a", "--through", "6", "--option", "views=no", "--all-but", "B*", "--json", cwd=tmp_path)
    assert done.returncode in (0, 3), done.stderr
    events = [decode(line) for line in done.stdout.splitlines()]
    assert {"StageChanged", "WorkEnded"} <= {type(e).__name__ for e in events}
    assert type(events[-1]).__name__ == "WorkEnded"
    with Migration.open(tmp_path / "a", hold=False) as project:
        assert not project.data.options.views
        assert project.over(Stage.CONVERT)


def test_options_are_listed_for_people_and_programs(run: Jetferry, tmp_path: Path) -> None:
    run("new", "a", "--source", SAMPLE, "--option", "batch_size=77", cwd=tmp_path)
    (line,) = (x for x in run("options", "a", cwd=tmp_path).stdout.splitlines() if x.startswith("batch_size"))
    assert line.split()[1:3] == ["77", "*"]
    listed = {o["option"]: o for o in json.loads(run("options", "--json").stdout)}
    assert list(listed) == list(declarations())
    assert listed["batch_size"]["values"] == "1 to 1,000,000"


@pytest.mark.parametrize(
    ("form", "kind", "moves"),
    [("none", "ProgressLines", False), ("plain", "ProgressLines", True), ("bar", "ProgressBars", True)],
)
def test_progress_is_shown_as_it_was_asked_for(form: str, kind: str, moves: bool) -> None:
    output.choose_progress(form)
    with progress_output.reporting(progress_output.Loudness.NORMAL) as lines:
        assert type(lines).__name__ == kind
        assert lines._moves is moves
    output.begin()


def test_bars_have_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert progress_output._bars().console.no_color


def _completed(words: str, shell: str, cwd: Path) -> str:
    asked = {
        "_JETFERRY_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": words, "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1), "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": words.rsplit(" ", maxsplit=1)[-1],
    }  # fmt: skip
    command = [sys.executable, "-c", "from wizard.cli import main; main()"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | asked, cwd=cwd, check=False, timeout=100
    )
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_shells_complete_commands_projects_and_values(tmp_path: Path, shell: str) -> None:
    (tmp_path / "reading.jetferry.toml").touch()
    first = _completed("jetferry re", shell, tmp_path)
    for word in ("repair", "retry-rejects", "rehearsals", "reading"):
        assert word in first
    assert "run" not in first.replace("rejects", "").split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_shells_are_given_no_name_that_is_code_to_them(tmp_path: Path, shell: str) -> None:
    """zsh evaluates what it is given; every shell prints it."""
    for name in ("r$(touch pwn)", "r\\$(touch pwn)", "r`id`", "r\x1b]0;x\x07", "r'x", 'r"x', "r\nx", "reading 2.1"):
        (tmp_path / f"{name}.jetferry.toml").touch()
    told = _completed("jetferry status r", shell, tmp_path)
    assert "reading" in told
    assert not re.search(r"touch|\x1b|`id|r'x|r\"x", told)


@pytest.mark.parametrize("asked", [{}, {"COMP_WORDS": "jetferry st", "COMP_CWORD": "x"}], ids=["nothing", "no number"])
def test_a_shell_that_asks_wrongly_gets_nothing(run: Jetferry, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str]) -> None:  # fmt: skip  # noqa: E501
    for name, value in {"_JETFERRY_COMPLETE": "complete_bash", **asked}.items():
        monkeypatch.setenv(name, value)
    done = run()
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@pytest.mark.skipif(os.name == "nt", reason="start-up files of these shells")
@pytest.mark.parametrize(("shell", "name"), [("bash", ".bashrc"), ("zsh", ".zshrc")])
def test_a_start_up_file_that_is_no_utf8_is_told_and_left(
    run: Jetferry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str, name: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / name).write_bytes(b"# f\xfcr mich\n")
    done = run("--install-completion", shell)
    assert done.returncode == 2
    assert "--show-completion" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"# f\xfcr mich\n"


def test_completion_is_shown_for_each_shell(run: Jetferry) -> None:
    for shell in ("bash", "zsh", "fish", "powershell", "pwsh"):
        done = run("--show-completion", shell)
        assert done.returncode == 0
        assert "_JETFERRY_COMPLETE" in done.stdout
    assert run("--show-completion", "tcsh").returncode == 2


def test_help_has_a_short_name_everywhere(run: Jetferry) -> None:
    for words in (["-h"], ["run", "-h"], ["estate", "scan", "-h"]):
        assert "Usage: jetferry" in run(*words).stdout


def test_what_a_command_takes_is_named_in_whole_words(run: Jetferry) -> None:
    usage, _, text = run("repair", "-h").stdout.partition("\n\n")
    assert usage == "Usage: jetferry repair [OPTIONS] {PROJECT} [TROUBLE] [REPAIR]"
    assert all(f"{word}," in text or f"{word};" in text for word in ("date", "does_not_fit", "orphans", "placeholder"))


def test_the_last_line_of_json_says_how_it_ended_also_where_it_failed(run: Jetferry, tmp_path: Path) -> None:
    shutil.copyfile(SAMPLE, tmp_path / "a.accdb")
    run("new", "a", "--source", "a.accdb", cwd=tmp_path)
    (tmp_path / "a.accdb").unlink()
    done = run("run", "a", "--json", cwd=tmp_path)
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["event"], last["exit_status"], done.returncode) == ("WorkEnded", 2, 2)
    assert "is not there" in last["detail"]
