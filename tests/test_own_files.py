"""Files are whole or absent, their owner's where they hold rows or passwords, and never where a name leads astray."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.faulty_disk import command
from wizard import crash_report, file_writing, worker
from wizard.file_writing import left_by_another, replacing, write_whole
from wizard.link import write_kit
from wizard.link.kit import Kit
from wizard.messages import ProjectError
from wizard.objects import Conversion
from wizard.settings import Auth, Connection
from wizard.stages import Migration
from wizard.stages.databases import DatabaseScope
from wizard.worker import WorkerTask

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes of files are POSIX's")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o022, 0o077, 0o002], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    former = os.umask(request.param)
    yield request.param
    os.umask(former)


def test_a_new_file_has_what_the_umask_leaves_a_replaced_one_its_own_mode(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "new" / "file"
    write_whole(path, "1")
    assert mode(path) == 0o666 & ~umask
    path.chmod(0o640)
    write_whole(path, b"2")
    assert (mode(path), path.read_text()) == (0o640, "2")
    write_whole(path, "3", private=True)
    assert mode(path) == 0o600
    write_whole(tmp_path / "run", "", executable=True)
    assert mode(tmp_path / "run") == 0o777 & ~umask
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_a_device_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    if not Path("/dev/full").is_char_device():
        pytest.skip("no /dev/full here")
    write_whole(Path("/dev/null"), "x")
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_whole(Path("/dev/full"), "x")
    assert Path("/dev/null").is_char_device()
    assert Path("/dev/full").is_char_device()
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE, text=True) as reader:
        write_whole(tmp_path / "pipe", "through")
        assert reader.communicate()[0] == "through"
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    real, link = tmp_path / "far" / "real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    write_whole(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_what_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match=re.escape(str(path))):
        fail()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "old")]


def test_a_command_writes_its_page_through_a_device_or_says_why_not(tmp_path: Path) -> None:
    code = "from wizard.cli import main; main()"
    command = [sys.executable, "-c", code, "assess", str(SAMPLE), "--html"]
    done = subprocess.run([*command, "/dev/full"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "JF8031 error: /dev/full: No space left on device" in done.stderr
    assert Path("/dev/full").is_char_device()
    out = subprocess.run([*command, "/dev/stdout"], capture_output=True, text=True, check=False)
    assert "<!DOCTYPE html>" in out.stdout


def test_a_projects_folder_and_its_lock_are_its_owners_alone(tmp_path: Path, umask: int) -> None:
    with Migration.create(tmp_path / "p") as migration:
        assert mode(migration.folder) == 0o700
        assert mode(migration.folder / "lock") == 0o600
        assert mode(migration.path) == 0o666 & ~umask
    (tmp_path / "p.jetferry" / "lock").touch()
    (tmp_path / "p.jetferry" / "lock").chmod(0o666)  # of a former version
    with Migration.open(tmp_path / "p") as migration:
        assert mode(migration.folder / "lock") == 0o600


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("what", ["folder", "file", "link"])
def test_what_another_left_in_a_shared_folder_is_not_used(tmp_path: Path, what: str) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    folder, file = shared / "p.jetferry", shared / "p.jetferry.toml"
    if what == "file":
        with Migration.create(shared / "p"):
            pass
        os.chown(file, 1234, -1)
        with pytest.raises(ProjectError, match="JF8035"):
            Migration.open(shared / "p")
    else:
        (tmp_path / "elsewhere").mkdir()
        folder.mkdir() if what == "folder" else folder.symlink_to(tmp_path / "elsewhere")
        os.chown(folder, 1234, -1, follow_symlinks=False)
        with pytest.raises(ProjectError, match="JF8035"):
            Migration.create(shared / "p")
        assert not file.exists()
        assert list((tmp_path / "elsewhere").iterdir()) == []
    shared.chmod(0o755)
    assert not left_by_another(folder)  # where only its owner puts things, another's things are somebody's intent


def test_a_lock_that_is_a_link_is_refused_and_nothing_behind_it_touched(tmp_path: Path) -> None:
    with Migration.create(tmp_path / "p") as migration:
        folder = migration.folder
    (tmp_path / "victim").write_text("precious")
    (folder / "lock").unlink(missing_ok=True)
    (folder / "lock").symlink_to(tmp_path / "victim")
    with pytest.raises(ProjectError, match="JF8035"):
        Migration.open(tmp_path / "p")
    assert (tmp_path / "victim").read_text() == "precious"


@pytest.mark.parametrize("where", ["", "jetferry.log", "worker/output.log", "package/data/x.dat", "runs"])
@pytest.mark.parametrize("what", ["link", "loop", "pipe", "far"])
def test_a_project_folder_with_links_and_pipes_is_refused_and_nothing_behind_them_touched(
    tmp_path: Path, where: str, what: str
) -> None:
    """As an archive may bring it: a log that leads to a start-up file would be written to with names of the source."""
    with Migration.create(tmp_path / "p") as migration:
        folder = migration.folder
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "file").write_text("precious")
    odd = folder / where
    if not where:
        folder.rename(tmp_path / "former")
    odd.parent.mkdir(parents=True, exist_ok=True)
    odd.unlink(missing_ok=True) if where else None
    if what == "pipe":
        os.mkfifo(odd)
    else:
        odd.symlink_to({"link": victim / "file", "loop": odd, "far": victim}[what])
    for start in (lambda: Migration.open(tmp_path / "p"), lambda: worker.start(tmp_path / "p", WorkerTask.RUN)):
        with pytest.raises(ProjectError) as refused:
            start()
        assert refused.value.message.number in (8035, 8007)  # a pipe or a loop in place of the folder is no folder
    assert [(p.name, p.read_text()) for p in victim.iterdir()] == [("file", "precious")]


@pytest.mark.parametrize("what", ["link", "pipe"])
@pytest.mark.parametrize("where", ["worker/events-1.jsonl", "worker/seen.json", "package/deployed.json", "lock"])
def test_commands_that_only_look_refuse_such_a_folder_too(tmp_path: Path, where: str, what: str) -> None:
    """They take no lock. A pipe was waited for without end, and what a link leads to was written over."""
    with Migration.create(tmp_path / "p") as migration:
        folder = migration.folder
    state = {"pid": 1, "host": "h", "since": "2026-11-30T00:00:00+00:00", "work": "run"}
    (folder / "worker").mkdir()
    (folder / "worker" / "state.json").write_text(json.dumps(state))
    ended = '{"event": "WorkEnded", "at": 1.0, "exit_status": 0}\n'
    (folder / "worker" / "events-1.jsonl").write_text(ended)
    victim, odd = tmp_path / "victim", folder / where
    victim.write_text("precious")
    odd.parent.mkdir(exist_ok=True)
    odd.unlink(missing_ok=True)
    os.mkfifo(odd) if what == "pipe" else odd.symlink_to(victim)
    for words in (
        ("status",),
        ("status", "--json"),
        ("options",),
        ("rehearsals",),
        ("repair",),
        ("attach",),
        ("stop",),
    ):
        said = command(words[0], tmp_path / "p", *words[1:])
        assert (said.status, "JF8035 error" in said.err) == (2, True), words
    assert victim.read_text() == "precious"


def test_a_folder_that_everybody_may_write_to_is_closed(tmp_path: Path) -> None:
    with Migration.create(tmp_path / "p") as migration:
        folder = migration.folder
    folder.chmod(0o777)
    with Migration.open(tmp_path / "p"):
        assert mode(folder) == 0o700


def test_files_of_a_former_project_are_not_taken_and_never_removed(tmp_path: Path) -> None:
    kept = tmp_path / "p.jetferry" / "package" / "rows"
    kept.parent.mkdir(parents=True)
    kept.write_text("precious")
    said = command("new", tmp_path / "p", "--source", tmp_path / "absent.accdb", "--target", "package")
    assert said.status == 2
    assert "JF8037 error" in said.err
    assert "package" in said.err
    assert kept.read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["p.jetferry"]


def test_a_project_that_could_not_be_made_leaves_nothing_and_can_be_made_again(tmp_path: Path) -> None:
    words = ("new", tmp_path / "p", "--source", tmp_path / "a.accdb", "--target", "package")
    assert "JF8200" in command(*words).err
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a.accdb").write_bytes(SAMPLE.read_bytes())
    assert command(*words).status == 0


def test_a_kit_with_a_password_is_its_owners_alone(tmp_path: Path) -> None:
    connection = Connection.at("h", database="d", auth=Auth.SQL, user="u")
    kit = Kit("s", "s.accdb", (), (), connection, Auth.WINDOWS)
    paths = write_kit(tmp_path / "plain", kit)
    write_kit(tmp_path / "plain", kit, password="planted", accept_password_risk=True)  # over files that all may read
    assert [mode(p) for p in paths] == [0o600] * 5
    assert any("planted" in p.read_text(encoding="utf-8-sig") for p in paths)


@pytest.mark.parametrize(
    "key",
    ["../../escaped", "..", ".", "a/b", "a\\b", "/tmp/x", "C:x", "nul", "COM1.x", "a\x1bb", "", " a", "a.", "x" * 250],
)
def test_a_key_that_leads_elsewhere_is_refused_with_its_line(tmp_path: Path, key: str) -> None:
    with Migration.create(tmp_path / "p") as migration:
        path = migration.path
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n[sources.{json.dumps(key)}]\npath = {json.dumps(str(SAMPLE))}\n", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"JF8004.*line \d+.*cannot be the key of a source"):
        Migration.open(tmp_path / "p")


@pytest.mark.parametrize(
    "name", ["nul.accdb", "..accdb", "a b (2).accdb", "ü.accdb", "CON.x.accdb", "-.accdb", "x" * 120]
)
def test_a_source_gets_a_key_that_is_one_whatever_its_file_is_called(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(SAMPLE.read_bytes())
    with Migration.create(tmp_path / "p") as migration:
        migration.sources.add(file)
        key = migration.data.sources[0].key
    with Migration.open(tmp_path / "p") as migration:
        assert migration.data.sources[0].key == key


def test_a_report_of_an_error_holds_no_value_and_cannot_be_foreseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def fail(row: str) -> None:
        try:
            int(row)
        except ValueError as e:
            raise KeyError(row) from e

    for _ in range(crash_report.KEPT + 3):
        try:
            fail("".join(("plan", "ted")))
        except KeyError as e:
            path = crash_report.write(e, "run")
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert "planted" not in text
    assert all(word in text for word in ("ValueError", "KeyError", "in fail", "doing: run"))
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700
    assert re.fullmatch(r"error-\d{8}-\d{6}-[0-9a-f]{16}\.txt", path.name)
    assert len(list(path.parent.iterdir())) == crash_report.KEPT


def test_a_report_that_cannot_be_written_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_text("in the way")
    assert crash_report.write(ValueError("x")) is None
    assert file_writing.PRIVATE == 0o700


@pytest.mark.parametrize("database", ["../../escaped", "/tmp/x", "..", "a/b", "nul", "sales", "ünï"])
def test_a_database_of_any_name_gets_a_folder_in_the_projects(tmp_path: Path, database: str) -> None:
    part = DatabaseScope(database, Connection(), Conversion())
    folder = part.folder(tmp_path)
    assert folder.parent == tmp_path
    assert folder.name not in ("..", ".", "nul")
