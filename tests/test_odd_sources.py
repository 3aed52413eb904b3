"""Files with names that are no text, and files that change while a project has them open."""

from __future__ import annotations

import os
import shutil
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
