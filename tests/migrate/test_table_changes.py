"""A source that changed since is told table by table: where rows changed, and that a file changed without any."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import SAMPLE
from tests.migrate.fakes import NUMBERS, MemorySink, Rows, job, numbers, server_table
from tests.migrate.runs import changes, run
from wizard.access import AccessFile
from wizard.cancellation import CancellationToken
from wizard.events import Event, MessageTold, Stage
from wizard.messages import StageError
from wizard.migrate import Job
from wizard.migrate.row_fingerprints import FingerprintSum, RowFingerprint, RowFingerprints, fingerprint_of
from wizard.migrate.table_changes import TableVerdict, change_messages, undisturbed, with_children
from wizard.objects import ForeignKey, Name
from wizard.run_files import RunFiles
from wizard.settings import Options
from wizard.stages import Migration, SourceObjectType

KEY = "harborbooks"
PAGE = 4096
ROWS = st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.text("ab\0é", max_size=3)), max_size=6)
SCHEMA = pa.schema([("n", pa.int32()), ("t", pa.string())])


def summed(*parts: list[tuple[int | None, str | None]]) -> RowFingerprint:
    summing = FingerprintSum()
    for rows in parts:
        summing.add(pa.RecordBatch.from_pylist([{"n": n, "t": t} for n, t in rows], schema=SCHEMA))
    return summing.content


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.integers(0, 6), st.randoms(use_true_random=False))
def test_a_fingerprint_is_of_the_rows_whatever_their_order(
    one: list[tuple[int | None, str | None]], other: list[tuple[int | None, str | None]], at: int, chance: Random
) -> None:
    mixed = list(one)
    chance.shuffle(mixed)
    assert summed(mixed[:at], mixed[at:]) == summed(one)
    alike = sorted(one, key=repr) == sorted(other, key=repr)
    assert (summed(one) == summed(other)) == alike


def test_values_exchanged_between_rows_or_columns_change_it() -> None:
    first = summed([(1, "a"), (2, "b")])
    assert first != summed([(1, "b"), (2, "a")])
    texts = [pa.RecordBatch.from_pydict({"x": [a], "y": [b]}) for a, b in (("ab", "c"), ("a", "bc"), ("", "abc"))]
    found = set()
    for batch in texts:
        summing = FingerprintSum()
        summing.add(batch)
        found.add(summing.content.digest)
    assert len(found) == 3


def known(of: Job, sink: MemorySink, folder: Path) -> None:
    content = fingerprint_of(of, CancellationToken())
    checkpoint = sink.checkpoint(of.table.name)
    assert content is not None
    assert checkpoint is not None
    kept = RowFingerprints(RunFiles(folder).fingerprints)
    kept.keep(of, checkpoint.source, content)
    kept.save()


def test_an_undisturbed_table_counts_as_filled_from_the_file_as_it_is(tmp_path: Path) -> None:
    sink, options = MemorySink(), Options()
    of = job(NUMBERS, Rows({"Numbers": numbers(50)}))
    run([of], sink, tmp_path, options)
    known(of, sink, tmp_path)
    moved = Rows({"Numbers": numbers(50).take(list(reversed(range(50))))})
    later = job(NUMBERS, moved, fingerprint="compacted")
    found = changes([later], sink, tmp_path)
    assert [(c.name, c.verdict) for c in found] == [("dbo.Numbers", TableVerdict.SAME)]
    assert [m.number for m in change_messages(found)] == [6030]
    assert "no row of that" in change_messages(found)[0].text, "of the others, filled since, it says nothing"
    said: list[Event] = []
    run(undisturbed([later], found), sink, tmp_path, options, listener=said.append)
    assert [e.message.number for e in said if isinstance(e, MessageTold)] == [6006]
    moved.tables.clear()  # once for each state of a file: it is not read again
    assert changes([later], sink, tmp_path) == found


def test_nothing_is_said_of_a_table_of_which_nothing_was_kept_but_that(tmp_path: Path) -> None:
    sink = MemorySink()
    of = job(NUMBERS, Rows({"Numbers": numbers(50)}))
    run([of], sink, tmp_path, Options())
    later = job(NUMBERS, Rows({"Numbers": numbers(50)}), fingerprint="later")
    found = changes([later], sink, tmp_path)
    assert [c.verdict for c in found] == [TableVerdict.UNKNOWN]
    assert [m.number for m in change_messages(found)] == [6032]


def test_tables_that_refer_to_a_changed_one_are_filled_with_it() -> None:
    def referring(name: str, to: str) -> Job:
        key = ForeignKey(f"FK_{name}", ("ID",), Name("dbo", to), ("ID",))
        return job(replace(server_table(name, *NUMBERS.columns, key="ID"), foreign_keys=(key,)), Rows({}))

    found = [job(NUMBERS, Rows({})), referring("Child", "Numbers"), referring("Grandchild", "Child")]
    found.append(job(server_table("Other", *NUMBERS.columns, key="ID"), Rows({})))
    assert with_children(found, ["dbo.Numbers"]) == ["dbo.Numbers", "dbo.Child", "dbo.Grandchild"]
    assert with_children(found, ["dbo.Grandchild"]) == ["dbo.Grandchild"]


# a real file, changed in a copy


@pytest.fixture
def migration(tmp_path: Path) -> Iterator[Migration]:
    shutil.copyfile(SAMPLE, tmp_path / "harborbooks.accdb")
    with Migration.create(tmp_path / "p") as migration:
        migration.project.confirm()
        migration.sources.add(tmp_path / "harborbooks.accdb")
        migration.sources.select_none(KEY)
        tables = ["Publishers", "Authors", "Stock Movements"]
        migration.sources.select(KEY, SourceObjectType.TABLE, tables, True)
        migration.prepare()
        migration.one_step(through=Stage.MIGRATE)
        yield migration


def pages_of(file: Path, table: str) -> list[int]:
    with AccessFile.open(file) as opened:
        found: list[int] = opened.reader(table).page_numbers.tolist()
        return found


def rewrite(file: Path, data: bytes) -> None:
    """As another program does it: other bytes, another time."""
    file.write_bytes(data)
    later = file.stat().st_mtime_ns + 5_000_000_000
    os.utime(file, ns=(later, later))


def messages(migration: Migration) -> list[int]:
    return [m.number for m in migration.session.messages_of(Stage.MIGRATE) if 6000 < m.number < 6100]


def test_a_changed_value_is_told_of_its_table_alone_and_only_that_is_filled_again(
    migration: Migration, tmp_path: Path
) -> None:
    file = tmp_path / "harborbooks.accdb"
    data = bytearray(file.read_bytes())
    name = "Jansson".encode("utf-16-le")
    at = data.index(name)
    assert at // PAGE in pages_of(file, "Authors")
    data[at : at + len(name)] = "Janssen".encode("utf-16-le")
    rewrite(file, bytes(data))
    migration.sources.check()

    assert [(c.name, c.verdict.value) for c in migration.migrate.changed()] == [
        ("dbo.Publishers", "same"),
        ("dbo.Authors", "changed"),
        ("dbo.Stock Movements", "same"),
    ]
    with pytest.raises(StageError, match=r"JF8122.*dbo\.Authors\."):
        migration.one_step(through=Stage.MIGRATE)
    said = [m.text for m in migration.session.messages_of(Stage.MIGRATE) if m.number == 6031]
    assert len(said) == 1
    assert "1 of 3 tables: dbo.Authors (8 rows as before, others in them)" in said[0]

    tables = migration.migrate.to_reload()
    assert tables == ("dbo.Authors",)
    result = migration.migrate.reload(tables)
    assert [(t.table, t.status) for t in result.tables if t.status == "migrated"] == [("dbo.Authors", "migrated")]
    assert migration.over(Stage.MIGRATE)
    assert 6008 not in messages(migration)  # what was emptied on purpose is no disagreement with the journal
    assert b"Janssen" in next((migration.session.folder / "package/data").glob("*Authors.dat")).read_bytes()
    assert migration.migrate.to_reload() == ()


def test_a_file_whose_bytes_changed_and_no_row_is_told_as_such(migration: Migration, tmp_path: Path) -> None:
    file = tmp_path / "harborbooks.accdb"
    data = bytearray(file.read_bytes())
    first, *_, last = pages_of(file, "Stock Movements")
    one, other = (slice(n * PAGE, (n + 1) * PAGE) for n in (first, last))
    data[one], data[other] = data[other], data[one]  # as compacting does, rows come to lie elsewhere
    data[PAGE - 8] ^= 0xFF  # and the first page is written whenever Access opens a file
    rewrite(file, bytes(data))
    migration.sources.check()

    assert {c.verdict for c in migration.migrate.changed()} == {TableVerdict.SAME}
    migration.one_step(through=Stage.MIGRATE)
    assert messages(migration) == [6030, 6006, 6006, 6006]
    assert migration.migrate.to_reload() == ()
