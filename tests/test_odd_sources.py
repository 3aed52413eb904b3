"""Files with names that are no text, and files that change while a project has them open."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wizard.messages import SourceError
from wizard.stages import Migration


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_name_that_is_no_text_is_one_file_s_message(sample: Path, tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/b\xe9\xff.accdb"
    shutil.copyfile(sample, odd)
    shutil.copyfile(sample, tmp_path / "fine.accdb")
    with Migration.create(tmp_path / "p") as migration:
        migration.project.confirm()
        with pytest.raises(SourceError) as error:
            migration.sources.add(Path(os.fsdecode(odd)))
        assert error.value.message.number == 8219
        error.value.message.text.encode()
        migration.sources.add(tmp_path / "fine.accdb")
        assert [s.key for s in migration.data.sources] == ["fine"]


def test_a_file_written_to_since_it_was_opened_is_opened_anew(sample: Path, tmp_path: Path) -> None:
    source = Path(shutil.copyfile(sample, tmp_path / "a.accdb"))
    with Migration.create(tmp_path / "p") as migration:
        migration.project.confirm()
        migration.sources.add(source)
        opened = migration.sources.open("a")
        rows = opened.row_count("Orders")
        assert migration.sources.open("a") is opened
        os.utime(source, ns=(1, 1))
        with pytest.raises(SourceError) as error:
            opened.row_count("Orders")
        assert error.value.message.number == 1043
        assert migration.sources.open("a").row_count("Orders") == rows


def command_of(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    code = "from wizard.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *words], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["~old.accdb", "~nobody-has-this-name"])
def test_a_name_that_begins_as_a_home_folder_does_is_a_name(sample: Path, tmp_path: Path, name: str) -> None:
    shutil.copyfile(sample, tmp_path / name)
    said = command_of(tmp_path, "new", "~p", "--source", name, "--target", "package")
    assert said.returncode == 2  # a project may not be called so
    assert "JF8020" in said.stderr
    said = command_of(tmp_path, "new", "p", "--source", name, "--target", "package")
    assert said.returncode == 0, said.stderr
    assert command_of(tmp_path, "find", "~nobody").returncode == 3


@pytest.mark.skipif(os.name == "nt", reason="links are POSIX's")
@pytest.mark.parametrize(
    "path", ["\0", "a\0b.accdb", "A" * 5_000, "loop", "loop/x.accdb", "~nobody-here/x", "."], ids=lambda p: ascii(p[:9])
)
def test_a_source_where_no_file_can_be_is_one_source_s_trouble(sample: Path, tmp_path: Path, path: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    shutil.copyfile(sample, tmp_path / "fine.accdb")
    with Migration.create(tmp_path / "p") as migration:
        migration.project.confirm()
        migration.sources.add(tmp_path / "fine.accdb")
        with pytest.raises(SourceError):
            migration.sources.add(tmp_path / path if path != "." else tmp_path)
        file = migration.path
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n[sources.odd]\npath = {json.dumps(path)}\n", encoding="utf-8")
    with Migration.open(file) as migration:
        assert [(e.key, e.state.value) for e in migration.sources.entries()] == [("fine", "ready"), ("odd", "missing")]
