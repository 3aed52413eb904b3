"""Two processes that write one stream write what one would, and fail as one would."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from tests.conftest import SHARED
from wizard.access import AccessFile, two_process_writer
from wizard.access import export as exporting
from wizard.access.diagnostics import SLOT_BITS, Diagnostics
from wizard.access.export import ExportFormat, export
from wizard.access.two_process_writer import Piece, write_in_two_processes
from wizard.messages import Kind, Place, SourceError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

BENCH = SHARED / "bench" / "sales.accdb"
HERE = Place(Kind.TABLE, "x.accdb", "T")


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "may_use_two_processes", lambda: False)


def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine with several cores, for small tables too."""
    monkeypatch.setattr(exporting, "may_use_two_processes", lambda: True)
    monkeypatch.setattr(exporting, "_MANY_PAGES", 2)
    monkeypatch.setattr(exporting, "BATCH_ROWS", 40)


def written(tmp_path: Path, parts: int, make: Callable[[int], Iterator[Piece]], findings: Diagnostics) -> bytes:
    target = tmp_path / "out"
    rows: list[int] = []
    with target.open("wb") as file:
        try:
            write_in_two_processes(file.fileno(), parts, make, rows.append, findings)
        finally:
            (tmp_path / "rows").write_text(repr(rows))
    return target.read_bytes()


@pytest.mark.parametrize("parts", [1, 2, 3, 4, 9])
def test_parts_stand_in_their_order(tmp_path: Path, parts: int) -> None:
    def make(n: int) -> Iterator[Piece]:
        yield f"{n}:{'x' * n}".encode(), n
        yield b"\n", 1

    text = written(tmp_path, parts, make, Diagnostics())
    assert text == b"".join(f"{n}:{'x' * n}\n".encode() for n in range(parts))
    assert (tmp_path / "rows").read_text() == repr([n + 1 for n in range(parts)])


def test_parts_of_any_size_go_through_a_pipe() -> None:
    """More than waits in memory, more than a pipe holds, to a reader that comes late."""
    out, into = os.pipe()
    reader = os.fork()
    if not reader:
        os.close(into)
        seen = b"".join(iter(lambda: os.read(out, 1 << 16), b""))
        os._exit(0 if seen == b"".join(bytes([n]) * (3 << 20) for n in range(3) for _ in range(5)) else 1)
    write_in_two_processes(
        into, 3, lambda n: ((bytes([n]) * (3 << 20), 1) for _ in range(5)), lambda _: None, Diagnostics()
    )
    os.close(into)
    os.close(out)
    assert os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1]) == 0


@pytest.mark.parametrize("bad", [0, 1, 4, 5])
def test_an_error_comes_after_what_stands_before_it(tmp_path: Path, bad: int) -> None:
    def make(n: int) -> Iterator[Piece]:
        yield f"{n}\n".encode(), 1
        if n >= bad:
            raise SourceError(1014, HERE, page=n, reading="a table", what="nothing")
        yield b"-\n", 0

    with pytest.raises(SourceError) as caught:
        written(tmp_path, 8, make, Diagnostics())
    assert f"Page {bad} " in str(caught.value)
    assert (tmp_path / "out").read_bytes() == b"".join(f"{n}\n-\n".encode() for n in range(bad)) + f"{bad}\n".encode()


@pytest.mark.parametrize("parts", [1, 2])
def test_a_reader_that_goes_away_ends_the_writing(parts: int) -> None:
    out, into = os.pipe()
    os.close(out)
    with pytest.raises(BrokenPipeError):
        write_in_two_processes(
            into, parts, lambda n: iter([(b"x" if n == parts - 1 else b"", 1)]), lambda _: None, Diagnostics()
        )
    os.close(into)


@pytest.mark.parametrize("parts", [2, 5])
def test_a_process_that_is_killed_is_told_of(tmp_path: Path, parts: int) -> None:
    here = os.getpid()

    def make(n: int) -> Iterator[Piece]:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        yield b"x", 1

    with pytest.raises(OSError, match="has been killed") as caught:
        written(tmp_path, parts, make, Diagnostics())
    assert not isinstance(caught.value, BrokenPipeError)


def test_what_both_find_is_counted_together(tmp_path: Path) -> None:
    findings = Diagnostics()
    found_before = np.array([5 << SLOT_BITS])
    findings.count(1020, HERE, found_before, what="lost")

    def make(n: int) -> Iterator[Piece]:
        findings.count(1020, HERE, np.arange(10 * n + 10, 10 * n + 13) << SLOT_BITS, what="lost")
        yield b"", 0

    written(tmp_path, 5, make, findings)
    every = [5, *(10 * n + i for n in range(1, 6) for i in range(3))]
    by_one = Diagnostics()
    by_one.count(1020, HERE, np.array(every) << SLOT_BITS, what="lost")
    assert findings.messages == by_one.messages


def to_folder(path: Path, chosen: ExportFormat, out: Path) -> tuple[dict[str, bytes], list[str], list[int]]:
    with AccessFile.open(path) as file:
        rows = [item.rows for item in export(file, None, chosen, out)]
        return {p.name: p.read_bytes() for p in out.iterdir()}, [str(m) for m in file.messages], rows


@pytest.mark.parametrize("chosen", [ExportFormat.CSV, ExportFormat.JSONL])
@pytest.mark.parametrize("name", ["harborbooks.accdb", "harborbooks2000.mdb"])
def test_two_processes_write_what_one_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, chosen: ExportFormat
) -> None:
    path = SHARED / "sample" / name
    if not path.exists():
        pytest.skip("needs ../shared/sample")
    forks = []
    real = two_process_writer.write_in_two_processes
    alone(monkeypatch)
    one = to_folder(path, chosen, tmp_path / "one")
    together(monkeypatch)
    monkeypatch.setattr(exporting, "write_in_two_processes", lambda *a: (forks.append(a[1]), real(*a))[1])
    assert to_folder(path, chosen, tmp_path / "two") == one
    assert max(forks) > 5


def test_a_large_table_is_the_same_by_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not BENCH.exists():
        pytest.skip("needs ../shared/bench")
    alone(monkeypatch)
    one = to_folder(BENCH, ExportFormat.CSV, tmp_path / "one")
    monkeypatch.setattr(exporting, "may_use_two_processes", lambda: True)
    assert to_folder(BENCH, ExportFormat.CSV, tmp_path / "two") == one


def test_a_stream_in_memory_is_written_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    path = SHARED / "sample" / "harborbooks.accdb"
    if not path.exists():
        pytest.skip("needs ../shared/sample")
    together(monkeypatch)
    monkeypatch.setattr(exporting, "write_in_two_processes", None)
    stream: IO[bytes] = io.BytesIO()
    with AccessFile.open(path) as file:
        table = max(file.definition.tables, key=lambda t: t.rows)
        (item,) = export(file, [table.name], ExportFormat.CSV, stream=stream)
    assert item.rows == table.rows
