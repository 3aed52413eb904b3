"""A file that is cut, written to or taken away while it is read: a numbered message, never a crash, never rows of two
states."""

from __future__ import annotations

import gc
import io
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from wizard.access import AccessFile, export
from wizard.access.file_ranges import Ranges
from wizard.access.pages import PageFile
from wizard.messages import Kind, Place, SourceError, UnsteadyFileError


@pytest.fixture
def copy(sample: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(sample, tmp_path / "copy.accdb"))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def written(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"x" * 5000)
    os.utime(path, ns=(1, 1))


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(4096))


def gone(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    other = path.with_name("other")
    shutil.copyfile(path, other)
    other.replace(path)


CHANGES = [cut, empty, written, grown, gone, replaced]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("salvage", [False, True])
def test_a_table_is_not_read_from_two_states(change: Callable[[Path], None], salvage: bool, copy: Path) -> None:
    with AccessFile.open(copy, salvage=salvage) as file:
        table = max(file.definition.tables, key=lambda t: t.rows).name
        batches = file.read(table, batch_rows=3)
        next(batches)
        change(copy)
        with pytest.raises(SourceError) as error:
            list(batches)
        assert isinstance(error.value, UnsteadyFileError)
        with pytest.raises(SourceError) as error:
            file.row_count(table)
        assert isinstance(error.value, UnsteadyFileError)


@pytest.mark.parametrize("change", CHANGES)
def test_definitions_are_not_read_from_two_states(change: Callable[[Path], None], copy: Path) -> None:
    with AccessFile.open(copy, salvage=True) as file:
        change(copy)
        with pytest.raises(SourceError) as error:
            _ = file.definition
        assert isinstance(error.value, UnsteadyFileError)


def test_a_process_that_reads_a_file_cut_under_it_lives(copy: Path) -> None:
    """Mapped, it would end with SIGBUS."""
    work = (
        "import os, sys\n"
        "from wizard.access import AccessFile\n"
        "from wizard.messages import SourceError\n"
        "with AccessFile.open(sys.argv[1]) as file:\n"
        "    file.definition\n"
        "    os.truncate(sys.argv[1], 8192)\n"
        "    try:\n"
        "        for table in file.definition.tables: list(file.read(table.name))\n"
        "    except SourceError as e: print(e.message.code)\n"
    )
    ended = subprocess.run([sys.executable, "-c", work, str(copy)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, "JF1042")


def test_a_disk_that_fails_is_told(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with AccessFile.open(copy, salvage=True) as file:
        table = max(file.definition.tables, key=lambda t: t.rows).name

        def fails(*_arguments: object) -> int:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(Ranges, "_read", fails)
        with pytest.raises(SourceError) as error:
            list(file.read(table))
    assert error.value.message.number == 1041
    assert "Input/output error" in error.value.message.text


def test_after_closing_there_are_no_pages(copy: Path) -> None:
    pages = PageFile(copy)
    pages.close()
    with pytest.raises(SourceError):
        pages.page(2)
    with pytest.raises(SourceError):
        pages.spread(np.array([2]))
    pages.close()


def test_pages_are_the_file_s_however_they_are_asked_for(copy: Path) -> None:
    data = copy.read_bytes()
    random = np.random.default_rng(3)
    with PageFile(copy) as pages:
        for _ in range(60):
            size = int(random.integers(0, 40))
            numbers = random.integers(0, pages.count, size)
            numbers = np.unique(numbers) if random.integers(2) else numbers
            wanted = b"".join(data[n * 4096 : n * 4096 + 4096] for n in numbers.tolist())
            assert pages.gather(numbers).tobytes() == wanted
            found, slots = pages.spread(numbers, 16)
            assert b"".join(found[s * 4096 : s * 4096 + 4096].tobytes() for s in slots.tolist()) == wanted
            assert found[-16:].tobytes() == bytes(16)


def test_systems_without_reading_at_a_place_read_the_same(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has none."""
    monkeypatch.setattr("wizard.access.file_ranges._AT_PLACE", False)
    data = copy.read_bytes()
    ranges = Ranges(copy, Place(Kind.FILE, "x"))
    for at, size in ((0, 10), (5000, 9000), (len(data) - 7, 7)):
        found = bytearray(size)
        ranges.into(at, memoryview(found))
        assert found == data[at : at + size]
    with pytest.raises(SourceError) as error:
        ranges.into(len(data) - 7, memoryview(bytearray(8)))
    assert error.value.message.number == 1042


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.accdb")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "socket.accdb"))
    (tmp_path / "loop.accdb").symlink_to("loop.accdb")
    for path, numbers in {
        tmp_path / "pipe.accdb": {1040},
        tmp_path / "socket.accdb": {1000},
        tmp_path / "loop.accdb": {1000},
        Path("/dev/zero"): {1040},
        Path("/dev/null"): {1040},
        Path("a\0b.accdb"): {1000},
    }.items():
        with pytest.raises(SourceError) as error:
            AccessFile.open(path)
        assert error.value.message.number in numbers
    listening.close()


def test_a_parquet_that_cannot_be_ended_complains_nowhere_and_looks_whole_nowhere(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writer ends a file when it is forgotten, and printed a traceback where that was closed."""
    complaints = list[object]()
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    stream = io.BytesIO()
    with AccessFile.open(copy) as file:
        batch = next(file.read("Books", batch_rows=3)).rows

        def cut_short(*_: object) -> Iterator[pa.RecordBatch]:
            yield batch
            raise SourceError(1041, Place(Kind.FILE), at=1, reason="gone")

        monkeypatch.setattr(export, "_batches", cut_short)
        with pytest.raises(SourceError):
            export.export(file, ["Books"], export.ExportFormat.PARQUET, stream=stream)
        written = stream.getvalue()
        with pytest.raises(SourceError):
            export.export(file, ["Books"], export.ExportFormat.PARQUET, copy.parent / "out")
    stream.close()
    gc.collect()
    assert complaints == []
    assert written.startswith(b"PAR1")
    assert not written[4:].endswith(b"PAR1")
    assert list((copy.parent / "out").iterdir()) == []
