"""Files that Jetferry keeps beside a project, damaged in whatever way: one is left out or told, the rest goes on."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.migrate.runs import records
from wizard.events import decode
from wizard.file_writing import MOST_KEPT, read_json
from wizard.messages import MoveError, ProjectError
from wizard.migrate import checksummed_lines
from wizard.migrate.rejects import RejectLog
from wizard.migrate.run_history import run_record, side_by_side
from wizard.migrate.run_result import RunResult, TableResult
from wizard.objects import Name
from wizard.outcomes import TableState
from wizard.project.file import ProjectFile
from wizard.project.lock import ProjectLock
from wizard.stages.table_history import run_heading, since_begun, with_table_runs

TABLE = {
    "table": "dbo.t",
    "source": "a.t",
    "status": "migrated",
    "rows": 1,
    "migrated": 1,
    "rejected": 0,
    "seconds": 0.5,
}
RECORD: dict[str, Any] = {
    "started": "2026-11-28T10:00:00+00:00",
    "seconds": 1.5,
    "cancelled": False,
    "retries": 0,
    "tables": [TABLE],
    "messages": [],
}


def without(name: str) -> bytes:
    return json.dumps({k: v for k, v in RECORD.items() if k != name}).encode()


def with_table(**changed: object) -> bytes:
    return json.dumps({**RECORD, "tables": [{**TABLE, **changed}]}).encode()


DAMAGE = [
    b"", b"\0" * 100, b"\xff\xfe{}", b"{", b"[]", b"{}", b"null", b"7", b'"x"', b"[" * 200_000, b'{"tables": 7}',
    b"9" * 5000, json.dumps(RECORD).encode()[:-40], without("started"), without("tables"), without("seconds"),
    with_table(status=7), with_table(rows="many"), with_table(table=None), with_table(seconds=None),
    json.dumps({**RECORD, "started": "yesterday"}).encode(), json.dumps({**RECORD, "tables": [7]}).encode(),
    json.dumps({**RECORD, "tables": [{}]}).encode(),
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda d: ascii(d[:12]))
def test_a_damaged_record_of_a_run_is_left_out(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "1.json").write_bytes(damage)
    (tmp_path / "runs" / "2.json").write_text(json.dumps(RECORD))
    found = records(tmp_path)
    assert found == [RECORD]
    assert [c.table for c in side_by_side(since_begun(with_table_runs(found, [])))] == ["dbo.t"]
    assert run_heading(found[0]).startswith("2026")


def test_what_a_run_keeps_is_a_record(tmp_path: Path) -> None:
    table = TableResult("dbo.t", "a.t", TableState("migrated"), 5, 4, 1, 0.25)
    (tmp_path / "runs").mkdir()
    made = run_record(RunResult((table,), (), 1.0, 2.0))
    (tmp_path / "runs" / "1.json").write_text(json.dumps(made))
    assert records(tmp_path) == [json.loads(json.dumps(made))]


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """What the work gives; an AssertionError where it hangs."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "it hangs"
    return found[0]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
@pytest.mark.parametrize("kind", ["pipe", "folder", "loop"])
def test_what_is_no_file_is_left_out(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    odd = folder / "1.json"
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "folder":
        odd.mkdir()
    else:
        odd.symlink_to(odd.name)
    (folder / "2.json").write_text(json.dumps(RECORD))
    assert within(20, lambda: records(tmp_path)) == [RECORD]
    with pytest.raises(OSError, match=r"no file|directory|symbolic links"):
        read_json(odd)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda d: ascii(d[:12]))
def test_a_damaged_line_is_counted(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    good = (checksummed_lines.with_checksum({"a": 1}) + "\n").encode()
    path.write_bytes(good + damage.replace(b"\n", b" ") + b"\n" + good)
    found, damaged = checksummed_lines.read(path)
    assert [r["a"] for r in found] == [1, 1]
    assert damaged == [2]


def test_a_line_that_is_too_long_is_damaged_and_those_after_it_are_read(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    good = checksummed_lines.with_checksum({"a": 1}) + "\n"
    path.write_text(good + checksummed_lines.with_checksum({"a": "x" * 5000}) + "\n" + good + "y" * 5000)
    found, damaged = checksummed_lines.read(path, 100)
    assert [r["a"] for r in found] == [1, 1]
    assert damaged == [2]
    assert len(checksummed_lines.read(path)[0]) == 3


@pytest.mark.parametrize("cut", [b"", b"{", b"x" * 3_000_000])
@pytest.mark.parametrize("whole", [0, 1, 2])
def test_what_a_crash_cut_off_is_taken_away_before_anything_is_added(tmp_path: Path, whole: int, cut: bytes) -> None:
    path = tmp_path / "lines"
    path.write_bytes((checksummed_lines.with_checksum({"a": 1}) + "\n").encode() * whole + cut)
    file = checksummed_lines.ChecksummedFile(path)
    file.append([{"a": 2}])
    file.close()
    assert checksummed_lines.read(path) == ([{"a": 1}] * whole + [{"a": 2}], [])


EVENT = {"event": "BatchCommitted", "at": 1.0, "table": "dbo.t", "done": 1, "rejected": 0, "rows": 1, "bytes": 1}


@pytest.mark.parametrize(
    "changed",
    [{"table": ["t"]}, {"table": {}}, {"rows": "1"}, {"rows": None}, {"rows": True}, {"at": "now"}, {"event": []}],
    ids=str,
)
def test_an_event_with_values_of_another_kind_is_none(changed: dict[str, Any]) -> None:
    assert decode(json.dumps(EVENT | {"seconds": 1}))
    with pytest.raises(ValueError, match="not an event"):
        decode(json.dumps(EVENT | {"seconds": 1} | changed))
    with pytest.raises(ValueError, match="not an event"):
        decode("[" * 100_000)


@pytest.mark.parametrize("changed", [{"position": "3"}, {"values": []}, {"key": None}, {"more": 1}], ids=str)
def test_a_reject_of_another_shape_is_told_though_its_checksum_fits(tmp_path: Path, changed: dict[str, Any]) -> None:
    log = RejectLog(tmp_path, Name("dbo", "t"))
    row = {"position": 3, "key": "ID=3", "column": "a", "number": 6001, "reason": "x", "values": {"a": None}}
    log.path.write_text(checksummed_lines.with_checksum(row) + "\n")
    assert [r.position for r in log.read()] == [3]
    log.path.write_text(checksummed_lines.with_checksum(row | changed) + "\n")
    with pytest.raises(MoveError, match="JF6303"):
        log.read()


def test_a_file_that_is_absurdly_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "load.json").open("wb") as file:
        file.truncate(MOST_KEPT + 1)
    with pytest.raises(ValueError, match="larger than 256 MB"):
        read_json(tmp_path / "load.json")


@pytest.mark.parametrize("damage", [d for d in DAMAGE if d != b"{}"], ids=lambda d: ascii(d[:12]))
def test_a_damaged_lock_names_nobody(damage: bytes, tmp_path: Path) -> None:
    lock = ProjectLock(tmp_path)
    lock._holder.write_bytes(damage)
    assert lock.holder() is None


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_a_project_file_that_is_none_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.jetferry.toml")

    def opening() -> int:
        with pytest.raises(ProjectError) as error:
            ProjectFile.open(tmp_path / "p.jetferry.toml", hold=False)
        return error.value.message.number

    assert within(20, opening) == 8009
    (tmp_path / "q.jetferry.toml").write_bytes(b"a = " + b"[" * 100_000)
    with pytest.raises(ProjectError) as error:
        ProjectFile.open(tmp_path / "q.jetferry.toml", hold=False)
    assert error.value.message.number == 8002
