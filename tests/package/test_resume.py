"""Killed at any moment and started again, the package ends as if nothing had happened, byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.package.files import batch, delivery, fill, sink, table, tree
from wizard.messages import TargetError
from wizard.objects import Name
from wizard.package import PackageSink
from wizard.settings import Options
from wizard.sink import Checkpoint, SupersededError
from wizard.stages.verification import changed_files

OF = table(kinds=("id", "text", "blob"))
ROWS = [
    [(1, "a", b"x"), (2, None, b"")],
    [(3, "tab\there", None)],
    [(4, "nul\0", b"\1"), (5, "~1f", b"\2")],
    [(6, "plain", None)],
]


def move(folder: Path) -> PackageSink:
    target = sink(folder, OF)
    target.prepare([delivery(OF)])
    fill(target, OF, [batch(OF, r) for r in ROWS])
    target.finish([OF])
    return target


class Killed(BaseException):
    """Not an Exception: nothing in the engine may catch it."""


@pytest.fixture
def crash_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Makes the n-th touch of the disk (flush, rename, removal) the last one."""
    left = [0]

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def touch(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return real(*args, **kwargs)

        return touch

    monkeypatch.setattr(os, "fsync", counting(os.fsync))
    monkeypatch.setattr(Path, "replace", counting(Path.replace))
    monkeypatch.setattr(Path, "unlink", counting(Path.unlink))
    yield lambda n: left.__setitem__(0, n)
    left[0] = 0


def test_a_crash_at_every_touch_of_the_disk(tmp_path: Path, crash_at: Callable[[int], None]) -> None:
    move(tmp_path / "whole")
    wanted = tree(tmp_path / "whole/package")
    for number in range(1, 1000):
        folder = tmp_path / str(number)
        crash_at(number)
        try:
            move(folder)
        except Killed:
            crash_at(0)
        else:
            crash_at(0)
            break
        for path in (folder / "package").rglob("*"):
            assert path.is_dir() or path.suffix != ".dat" or path.read_bytes() == wanted["data/001-Orders.dat"]
        assert move(folder).count(OF.name) == 6
        assert tree(folder / "package") == wanted
    assert number > 40


def test_bytes_beyond_the_mark_do_not_count(tmp_path: Path) -> None:
    target = sink(tmp_path, OF)
    writer = target.open(delivery(OF))
    writer.write(batch(OF, [(1, "a", None)]), Checkpoint(1, 1, 0, False, "f1"))
    part = next((tmp_path / "work").glob("*.0.part"))
    part.write_bytes(part.read_bytes() + b"2\tcut off in the mid")
    again = sink(tmp_path, OF)
    assert again.checkpoint(OF.name) == Checkpoint(1, 1, 0, False, "f1")
    assert again.count(OF.name) == 1
    again.open(delivery(OF)).write(batch(OF, [(2, "b", None)]), Checkpoint(2, 2, 0, True, "f1"))
    assert (tmp_path / "package/data/001-Orders.dat").read_bytes() == b"1\ta\t\n2\tb\t\n"


def test_lost_bytes_are_noticed(tmp_path: Path) -> None:
    target = move(tmp_path)
    (tmp_path / "package/data/001-Orders.dat").write_bytes(b"1")
    assert target.checkpoint(OF.name) is None
    assert any(m.number == 5605 for m in target.finish([OF]))
    assert target.open(delivery(OF)).checkpoint == Checkpoint(source="f1")


def test_statements_changed_while_it_stood_still_are_noticed(tmp_path: Path) -> None:
    alone = Options(package_inserts=True)
    sink(tmp_path, OF, options=alone).open(delivery(OF)).write(
        batch(OF, [(1, "a", None)]), Checkpoint(1, 1, 0, False, "f1")
    )
    part = next((tmp_path / "work").glob("*.sql.part"))
    written = part.read_bytes()
    part.write_bytes(written.replace(b"N'a'", b"N'b'"))
    more = batch(OF, [(2, "b", None)]), Checkpoint(2, 2, 0, True, "f1")
    with pytest.raises(TargetError, match=r"JF5604.*its content differs"):
        sink(tmp_path, OF, options=alone).open(delivery(OF)).write(*more)
    part.write_bytes(written)
    again = sink(tmp_path, OF, options=alone)
    again.open(delivery(OF)).write(*more)
    again.finish([OF])
    assert changed_files(tmp_path / "package") == []


def test_bytes_changed_while_it_stood_still_are_noticed(tmp_path: Path) -> None:
    sink(tmp_path, OF).open(delivery(OF)).write(batch(OF, [(1, "a", None)]), Checkpoint(1, 1, 0, False, "f1"))
    next((tmp_path / "work").glob("*.0.part")).write_bytes(b"1\tb\t\n")
    with pytest.raises(TargetError, match="JF5604"):
        sink(tmp_path, OF).open(delivery(OF)).write(batch(OF, [(2, "b", None)]), Checkpoint(2, 2, 0, True, "f1"))


def test_the_manifest_tells_what_was_written_whatever_lies_there_now(tmp_path: Path) -> None:
    target = move(tmp_path)
    sums = (tmp_path / "package/SHA256SUMS").read_text()
    data = tmp_path / "package/data/001-Orders.dat"
    assert f"{hashlib.sha256(data.read_bytes()).hexdigest()}  data/001-Orders.dat\n" in sums
    data.write_bytes(data.read_bytes().replace(b"plain", b"plane"))
    target.finish([OF])
    assert (tmp_path / "package/SHA256SUMS").read_text() == sums


def test_a_forgotten_writer_writes_nothing(tmp_path: Path) -> None:
    first = sink(tmp_path, OF).open(delivery(OF))
    first.write(batch(OF, [(1, "a", None)]), Checkpoint(1, 1, 0, False, "f1"))
    second = sink(tmp_path, OF).open(delivery(OF))
    with pytest.raises(SupersededError):
        first.write(batch(OF, [(2, "b", None)]), Checkpoint(2, 2, 0, False, "f1"))
    second.write(batch(OF, [(2, "b", None)]), Checkpoint(2, 2, 0, True, "f1"))
    assert sink(tmp_path, OF).count(OF.name) == 2


def test_another_state_of_the_source_is_not_mixed_in(tmp_path: Path) -> None:
    sink(tmp_path, OF).open(delivery(OF)).write(batch(OF, [(1, "a", None)]), Checkpoint(1, 1, 0, False, "f1"))
    with pytest.raises(TargetError, match="JF5606"):
        sink(tmp_path, OF).open(delivery(OF, source="f2"))


def test_a_changed_column_starts_the_table_anew(tmp_path: Path) -> None:
    move(tmp_path)
    changed = table(kinds=("id", "text"))
    assert sink(tmp_path, changed).open(delivery(changed)).checkpoint.rows == 0


def test_rejects_sent_again_are_a_file_of_their_own(tmp_path: Path) -> None:
    target = move(tmp_path)
    writer = target.open(delivery(OF, part="retry 1"))
    writer.write(batch(OF, [(9, "late", None)]), Checkpoint(1, 1, 0, True, "f1"))
    target.finish([OF])
    assert (tmp_path / "package/data/001-Orders.retry_1.dat").read_bytes() == b"9\tlate\t\n"
    assert target.count(OF.name) == 7
    deploy = (tmp_path / "package/deploy.sh").read_text()
    assert deploy.index("001-Orders.dat") < deploy.index("001-Orders.retry_1.dat")


def test_a_complete_table_may_get_more_rows(tmp_path: Path) -> None:
    target = move(tmp_path)
    writer = target.open(delivery(OF))
    writer.write(batch(OF, [(7, "more", b"")]), Checkpoint(9, 7, 0, True, "f1"))
    assert target.count(OF.name) == 7
    assert (tmp_path / "package/data/001-Orders.sql").read_text().count("COMMIT") == 1


def test_emptied_and_filled_again(tmp_path: Path) -> None:
    target = move(tmp_path)
    wanted = tree(tmp_path / "package")
    target.empty(OF.name)
    assert target.checkpoint(OF.name) is None
    assert target.count(OF.name) == 0
    with pytest.raises(TargetError, match="JF5205"):
        target.empty(OF.name)
    move(tmp_path)
    assert tree(tmp_path / "package") == wanted


def test_a_damaged_record_is_told_and_can_be_reloaded(tmp_path: Path) -> None:
    target = move(tmp_path)
    next((tmp_path / "work").glob("*.json")).write_text('{"mark": ')
    with pytest.raises(TargetError, match="JF5602"):
        target.open(delivery(OF))
    target.empty(OF.name)
    assert target.open(delivery(OF)).checkpoint == Checkpoint(source="f1")


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package/thesis.docx").write_bytes(b"precious")
    with pytest.raises(TargetError, match=r"JF5601.*thesis\.docx"):
        sink(tmp_path, OF).prepare([delivery(OF)])


def test_rejects_sent_again_are_counted_once(tmp_path: Path) -> None:
    target = sink(tmp_path, OF)

    def send(part: str, rows: list[tuple[Any, ...]], rejected: int) -> list[str]:
        writer = target.open(delivery(OF, part=part))
        writer.write(batch(OF, rows), Checkpoint(9, len(rows), rejected, True, "f1"))
        writer.close()
        target.finish([OF])
        entry = json.loads((tmp_path / "package/manifest.json").read_text())["tables"][0]
        line = next(x for x in (tmp_path / "package/README.md").read_text().splitlines() if "[Orders]" in x)
        assert line.startswith(f"| [dbo].[Orders] | {entry['rows']} | {entry['rejected']} |")
        return [entry["rows"], entry["rejected"]]

    assert send("", [(1, "a", None)], 4) == [1, 4]
    assert send("retry-1", [], 4) == [1, 4]
    assert send("retry-2", [(2, "b", None)], 3) == [2, 3]
    assert send("retry-3", [(n, "c", None) for n in (3, 4, 5)], 0) == [5, 0]


def test_insert_statements_only(tmp_path: Path) -> None:
    target = sink(tmp_path, OF, options=Options(package_inserts=True))
    fill(target, OF, [batch(OF, r) for r in ROWS])
    target.finish([OF])
    assert not (tmp_path / "package/data/001-Orders.dat").exists()
    assert (tmp_path / "package/data/001-Orders.sql").read_text().count("INSERT INTO") == 6


_PROCESS = """
import sys
from pathlib import Path
import tests.package.test_resume as t
rows = [[(n * 50 + i, "text\\t" * (i % 3) if n > 20 else "x", b"") for i in range(50)] for n in range(60)]
t.ROWS[:] = rows
t.move(Path(sys.argv[1]))
"""


def test_kill_nine_at_random_moments(tmp_path: Path) -> None:
    def start(folder: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", _PROCESS, str(folder)], cwd=Path(__file__).parents[2])

    assert start(tmp_path / "whole").wait() == 0
    chance = random.Random(7)
    kills = 0
    for _ in range(30):
        process = start(tmp_path / "killed")
        while not (tmp_path / "killed/work").exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.12))
        if kills == 5:
            break
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    assert process.wait() == 0
    assert kills
    assert tree(tmp_path / "killed/package") == tree(tmp_path / "whole/package")


def test_a_file_that_stands_under_the_number_of_another_table_of_that_name_is_not_its_own(tmp_path: Path) -> None:
    """Of two sources with equal tables, which go to schemas of their own, the first is taken away: the second's tables
    get the numbers, and thus the files' names, that the first one's had."""
    first, second = (replace(OF, name=Name(schema, "Orders")) for schema in ("north", "south"))
    both = sink(tmp_path, first, second)
    both.prepare([delivery(first), delivery(second)])
    fill(both, first, [batch(OF, r) for r in ROWS])
    fill(both, second, [batch(OF, r) for r in ROWS[:2]])
    both.finish([first, second])
    alone = sink(tmp_path, second)
    assert alone.checkpoint(second.name) is None, "001-Orders.dat is the first one's, and long enough"
    fill(alone, second, [batch(OF, r) for r in ROWS[:2]])
    alone.finish([second])
    assert alone.count(second.name) == sum(map(len, ROWS[:2]))
    assert not changed_files(tmp_path / "package")
    assert sink(tmp_path, second).checkpoint(second.name) is not None, "it is there"
    back = sink(tmp_path, first)
    assert back.checkpoint(first.name) is None, "its file went, and what was known of it too"


def test_a_table_that_was_stopped_goes_on_under_another_number(tmp_path: Path) -> None:
    other = table("Before", kinds=("id",))
    writer = sink(tmp_path, OF).open(delivery(OF))
    writer.write(batch(OF, ROWS[0]), Checkpoint(1, len(ROWS[0]), 0, False, "f1"))
    writer.close()
    later = sink(tmp_path, other, OF)
    found = later.checkpoint(OF.name)
    assert found is not None
    assert found.rows == len(ROWS[0])
    fill(later, OF, [batch(OF, r) for r in ROWS])
    fill(later, other, [batch(other, [(1,)])])
    later.finish([other, OF])
    assert later.count(OF.name) == sum(map(len, ROWS))
    assert not changed_files(tmp_path / "package")
