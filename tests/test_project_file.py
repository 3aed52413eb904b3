"""The project file: comments survive, damage is told with key and line, one process at a time, never half written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wizard.events import Stage
from wizard.messages import ProjectError
from wizard.options import Preset
from wizard.project import (
    Destination,
    Edit,
    FileFingerprint,
    Project,
    ProjectFile,
    Record,
    Selection,
    Source,
    StageOutcome,
    document,
    is_key,
)
from wizard.project import file as project_file
from wizard.settings import Auth, Connection, Decide, Options, SqlVersion, Target, TargetKind, TypeMap, TypeRule


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ProjectFile.create(tmp_path / "books", Project("books")).close()
    return tmp_path / "books.jetferry.toml"


def refused(path: Path) -> str:
    with pytest.raises(ProjectError) as caught:
        ProjectFile.open(path)
    return str(caught.value)


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
KEYS = st.from_regex(r"\w([\w .\-]{0,10}\w)?", fullmatch=True).filter(is_key)
PROJECTS = st.builds(
    Project,
    name=NAMES,
    target=st.builds(Target, st.sampled_from(TargetKind), st.sampled_from(SqlVersion), st.booleans()),
    preset=st.sampled_from(Preset),
    options=st.builds(Options, batch_size=st.integers(1, 9), add_rowversion=st.sampled_from(Decide)),
    types=st.builds(
        TypeMap,
        st.tuples(st.builds(TypeRule, NAMES, NAMES, st.none() | st.integers(0, 99))),
        st.dictionaries(NAMES, st.tuples(st.builds(TypeRule, NAMES, NAMES)), max_size=2),
        st.dictionaries(st.tuples(NAMES, NAMES), st.tuples(st.builds(TypeRule, NAMES, NAMES)), max_size=2),
    ),
    sources=st.lists(
        st.builds(
            Source,
            KEYS,
            NAMES,
            st.none() | st.builds(FileFingerprint, st.integers(0, 2**60), NAMES, NAMES),
            st.builds(Selection, st.booleans(), st.lists(NAMES, max_size=3).map(tuple)),
            back_ends=st.dictionaries(NAMES, NAMES, max_size=2),
            unwrap=st.dictionaries(NAMES, st.lists(NAMES, max_size=2).map(tuple), max_size=2),
        ),
        max_size=3,
        unique_by=lambda s: s.key,
    ).map(tuple),
    connection=st.builds(Connection, NAMES, st.none() | st.integers(1, 65535), auth=st.sampled_from(Auth), user=NAMES),
    map=st.dictionaries(NAMES, st.builds(Destination, NAMES, NAMES), max_size=2),
    edits=st.lists(st.builds(Edit, NAMES, NAMES, NAMES, NAMES, NAMES), max_size=2).map(tuple),
    actions=st.dictionaries(NAMES, NAMES, max_size=2),
    stages=st.dictionaries(
        st.sampled_from(Stage),
        st.builds(Record, st.sampled_from(StageOutcome), st.dictionaries(NAMES, NAMES, max_size=2), NAMES),
        max_size=2,
    ),
    running=st.none() | st.sampled_from(Stage),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=PROJECTS, second=PROJECTS)
def test_a_project_opened_is_equal_to_the_one_saved(
    tmp_path_factory: pytest.TempPathFactory, first: Project, second: Project
) -> None:
    file = ProjectFile.create(tmp_path_factory.mktemp("p") / "any", first)
    file.reload()
    assert file.project == first
    file.save(second)
    file.reload()
    assert file.project == second
    file.close()


def test_comments_and_order_survive_a_save(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    marked = text.replace("[options]", "# why we do this\n[options]").replace(
        'preset = "default"', 'batch_size = 77 # not more: the line is slow\npreset = "default"'
    )
    path.write_text(marked, encoding="utf-8")
    file = ProjectFile.open(path)
    assert file.project.options.batch_size == 77
    file.save(replace(file.project, name="other", sources=(Source("a", "a.mdb"),)))
    file.close()
    saved = path.read_text(encoding="utf-8")
    assert "# why we do this\n[options]\nbatch_size = 77 # not more: the line is slow\npreset" in saved
    assert 'name = "other"' in saved


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('preset = "default"', "batch_size = 0", 12, ["options.batch_size", "from 1 to"]),
        ('preset = "default"', "batch_sise = 10", 12, ["options.batch_sise", "Did you mean 'batch_size'?"]),
        ('preset = "default"', 'preset = "fast"', 12, ["options.preset", "default, optimistic, full"]),
        ('kind = "package"', 'kind = "oracle"', 7, ["target.kind", "sqlserver"]),
        ("linked = true", 'linked = "yes"', 9, ["target.linked", "true or false"]),
        ('name = "books"', "name = 5", 4, ["'name'", "not text"]),
        (
            'preset = "default"',
            'preset = "default"\n\n[server]\nhost = "h"\npassword = "secret"',
            16,
            ["server.password", "no place"],
        ),
        (
            'preset = "default"',
            'preset = "default"\n[sources.a]\ncode_page = "cp1250"',
            13,
            ["sources.a.path", "missing"],
        ),
        (
            'preset = "default"',
            'preset = "default"\n[[types.rules]]\nsource = "text"\ntarget = "x"\nlow = "a"',
            16,
            ["types.rules.0.low", "whole number"],
        ),
        (
            'preset = "default"',
            'preset = "default"\n\n[effort]\nJF4023 = 7\nJF0007 = 5\nJF9999 = 5',
            16,
            ["effort.JF0007", "no message has the number JF0007 or JF9999"],
        ),
    ],
)
def test_a_hand_edit_that_breaks_a_rule_names_key_and_line(
    path: Path, old: str, new: str, line: int, words: list[str]
) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    message = refused(path)
    assert message.startswith("JF8004")
    assert f"line {line}," in message
    for word in words:
        assert word in message
    assert "secret" not in message


def test_a_file_cut_short_or_garbled_is_told_with_its_place_and_the_former_one_kept(path: Path) -> None:
    file = ProjectFile.open(path)
    file.save(replace(file.project, name="second"))
    file.close()
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("[options]") + 4], encoding="utf-8")
    message = refused(path)
    assert message.startswith("JF8002")
    assert "line 11" in message
    former = path.parent / "books.jetferry" / "former.toml"
    assert str(former) in message
    assert 'name = "books"' in former.read_text(encoding="utf-8")
    path.write_bytes(b"\xff\xfe\x00")
    assert refused(path).startswith("JF8009")


def test_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("schema_version = 2", "schema_version = 99\nnovelty = true")
    path.write_text(text, encoding="utf-8")
    assert refused(path).startswith("JF8003")
    assert path.read_text(encoding="utf-8") == text


def test_an_older_version_is_upgraded_and_kept_until_saved(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(document: MutableMapping[str, Any]) -> None:
        document["name"] = document.pop("title")

    old = path.read_text(encoding="utf-8").replace("name = ", "title = ")
    path.write_text(old, encoding="utf-8")
    monkeypatch.setattr(document, "SCHEMA_VERSION", 3)
    monkeypatch.setattr(project_file, "SCHEMA_VERSION", 3)
    monkeypatch.setattr(document, "UPGRADES", (*document.UPGRADES, rename))
    opened = ProjectFile.open(path)
    assert opened.project.name == "books"
    assert [m.number for m in opened.messages] == [8008]
    assert path.read_text(encoding="utf-8") == old
    opened.save(opened.project)
    opened.close()
    assert 'schema_version = 3\nname = "books"' in path.read_text(encoding="utf-8")
    assert (path.parent / "books.jetferry" / "former.toml").read_text(encoding="utf-8") == old


def test_absent_and_existing_projects_are_told_apart(path: Path) -> None:
    assert refused(path.with_name("nothing.jetferry.toml")).startswith("JF8001")
    with pytest.raises(ProjectError, match="JF8006"):
        ProjectFile.create(path, Project("books"))
    with pytest.raises(ProjectError, match="JF8020"):
        ProjectFile.create(path.with_name("a:b"), Project("x"))


HOLD = """
import sys, time
from pathlib import Path
from wizard.project import ProjectFile
file = ProjectFile.open(Path(sys.argv[1]), what="wizard")
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_process_is_told_who_holds_it_and_a_dead_one_holds_nothing(path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    message = refused(path)
    assert message.startswith("JF8005")
    assert f"process {holder.pid}" in message
    assert "wizard" in message
    assert re.search(r"since \d{4}-\d\d-\d\d \d\d:\d\d UTC\.", message)
    ProjectFile.open(path, hold=False).close()  # looking is allowed
    holder.kill()
    holder.wait()
    ProjectFile.open(path).close()


def test_a_change_made_on_disk_meanwhile_is_not_overwritten(path: Path) -> None:
    file = ProjectFile.open(path)
    edited = path.read_text(encoding="utf-8").replace('"books"', '"edited by hand"')
    path.write_text(edited, encoding="utf-8")
    with pytest.raises(ProjectError, match="JF8010"):
        file.save(replace(file.project, name="other"))
    assert path.read_text(encoding="utf-8") == edited
    file.close()


def test_a_file_of_a_million_names_is_refused_quickly_and_none_is_written(path: Path) -> None:
    """Reading one with its comments kept took a gigabyte and two minutes."""
    before = path.read_text(encoding="utf-8")
    names = ", ".join(f'"T{n}"' for n in range(1_000_000))
    path.write_text(f"{before}\n[sources.s.tables]\nonly = [{names}]\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="JF8038"):
        ProjectFile.open(path)
    path.write_text(before, encoding="utf-8")
    file = ProjectFile.open(path)
    edit = Edit("s", "q", "statement", "", "CREATE VIEW q AS SELECT 1 -- " + "x" * (3 << 20))
    with pytest.raises(ProjectError, match="JF8038"):
        file.save(replace(file.project, edits=(edit,)))
    assert path.read_text(encoding="utf-8") == before
    file.save(replace(file.project, name="other"))
    assert "CREATE VIEW" not in path.read_text(encoding="utf-8")
    file.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(path: Path) -> None:
    file = ProjectFile.open(path)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(ProjectError, match="JF8007"):
            file.save(replace(file.project, name="other"))
    finally:
        path.parent.chmod(0o700)
    file.close()


def test_a_disk_that_fills_while_saving_leaves_the_former_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ProjectFile.open(path)
    before = path.read_text(encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ProjectError, match="No space left"):
        file.save(replace(file.project, name="other"))
    assert path.read_text(encoding="utf-8") == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["books.jetferry", "books.jetferry.toml"]
    assert file.project.name == "books"
    file.close()
