"""Figures taken while rows move are those of a second reading, and stand for nothing but the rows that arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.migrate.compared import MemoryCheck
from tests.migrate.fakes import Batch, MemorySink, Rows, column, job, server_table
from tests.migrate.runs import reload, run, verify
from wizard.cancellation import CancellationToken
from wizard.definitions import BATCH_ROWS
from wizard.events import BatchCommitted
from wizard.migrate import Job, TableComparison, partitioning
from wizard.migrate.source_sums import SourceSums
from wizard.settings import Options
from wizard.sqlserver.column_sums import Hashing

OPTIONS = Options(batch_size=40, parallel_tables=1)
TABLE = server_table(
    "Things", column("ID", "int", nullable=False), column("Name", "nvarchar", 9), column("Much", "float"), key="ID"
)
LONG = "longer than nine"


class CountedRows(Rows):
    """Counts how many readings of a table were begun."""

    begun = 0

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        start: int = 0,
        batch_rows: int = BATCH_ROWS,
        stop: int | None = None,
    ) -> Iterator[Batch]:
        self.begun += 1
        return super().read(table, columns=columns, start=start, batch_rows=batch_rows, stop=stop)


def things(names: Sequence[str | None]) -> CountedRows:
    numbers = pa.array(range(len(names)), pa.int32())
    much = pa.array([None if n % 7 == 3 else n / 3 for n in range(len(names))], pa.float64())
    return CountedRows({"Things": pa.table({"ID": numbers, "Name": pa.array(names, pa.string()), "Much": much})})


def plain(count: int) -> list[str | None]:
    return [None if n % 5 == 2 else f"é{n}" for n in range(count)]


@pytest.fixture(params=list(Hashing))
def sums(request: pytest.FixtureRequest) -> SourceSums:
    return SourceSums(request.param)


def check(sink: MemorySink, sums: SourceSums) -> MemoryCheck:
    found = MemoryCheck(sink)
    found.hashing = sums.hashing
    return found


def both(
    of: Job, sink: MemorySink, folder: Path, sums: SourceSums, options: Options = OPTIONS
) -> tuple[TableComparison, TableComparison]:
    """Verified with the sums of the run, and by reading the source."""
    (taken,) = verify([of], check(sink, sums), sink, folder, options, sums=sums)
    (read,) = verify([of], check(sink, sums), sink, folder, options)
    assert not read.read_once
    return taken, read


def same(taken: TableComparison, read: TableComparison) -> bool:
    return replace(taken, seconds=0, read_once=False) == replace(read, seconds=0)


def test_the_source_is_read_once_and_its_figures_are_those_of_a_second_reading(
    tmp_path: Path, sums: SourceSums
) -> None:
    source, sink = things(plain(300)), MemorySink()
    of = job(TABLE, source)
    run([of], sink, tmp_path, OPTIONS, sums=sums)
    assert source.begun == 1
    taken, read = both(of, sink, tmp_path, sums)
    assert taken.read_once
    assert source.begun == 2, "the one by reading"
    assert taken.source_figures == read.source_figures
    assert taken.content == read.content
    assert taken.equal
    assert same(taken, read)


@settings(max_examples=25)
@given(
    st.lists(st.none() | st.text(max_size=9).map(lambda t: t[:4]), max_size=120),
    st.integers(1, 50),
    st.sampled_from(list(Hashing)),
)
def test_whatever_the_values_and_the_batches(
    tmp_path_factory: pytest.TempPathFactory, names: list[str | None], size: int, hashing: Hashing
) -> None:
    names = [n if n is None else n.replace("\0", "").encode("utf-8", "ignore").decode() for n in names]
    folder, sink, sums = tmp_path_factory.mktemp("sums"), MemorySink(), SourceSums(hashing)
    of, options = job(TABLE, things(names)), replace(OPTIONS, batch_size=size)
    run([of], sink, folder, options, sums=sums)
    taken, read = both(of, sink, folder, sums, options)
    assert (taken.read_once, taken.source_figures, taken.content) == (True, read.source_figures, read.content)


def test_partitions_add_up(tmp_path: Path, sums: SourceSums, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitioning, "LARGE", 100)
    monkeypatch.setattr(partitioning, "PARTITION_ROWS", 50)
    source, sink, options = things(plain(700)), MemorySink(), replace(OPTIONS, parallel_tables=3)
    of = job(TABLE, source)
    run([of], sink, tmp_path, options, sums=sums)
    assert source.begun > 5
    taken, read = both(of, sink, tmp_path, sums, options)
    assert (taken.read_once, taken.source_figures, taken.content) == (True, read.source_figures, read.content)


def test_what_the_target_holds_is_asked_as_ever(tmp_path: Path, sums: SourceSums) -> None:
    source, sink = things(plain(300)), MemorySink()
    of = job(TABLE, source)
    run([of], sink, tmp_path, OPTIONS, sums=sums)
    sink.stored[TABLE.name].rows[123]["Name"] = "other"
    (proof,) = verify([of], check(sink, sums), sink, tmp_path, OPTIONS, sums=sums)
    assert not proof.equal
    (told,) = [m for m in proof.messages if m.number == 6207]
    assert "123" in told.text


@pytest.mark.parametrize(
    ("names", "refuse"),
    [
        ([LONG if n == 150 else name for n, name in enumerate(plain(300))], lambda row: None),
        (plain(300), lambda row: "not this one" if row["ID"] == 150 else None),
    ],
    ids=["by the checks", "by the target"],
)
def test_a_table_with_a_rejected_row_is_read_again(
    tmp_path: Path,
    sums: SourceSums,
    names: list[str | None],
    refuse: Callable[[dict[str, object]], str | None],
) -> None:
    source, sink = things(names), MemorySink(refuse)
    of = job(TABLE, source)
    run([of], sink, tmp_path, OPTIONS, sums=sums)
    taken, read = both(of, sink, tmp_path, sums)
    assert not taken.read_once
    assert same(taken, read)
    assert (taken.source_rows, taken.rejected) == (299, 1)


def test_a_table_that_an_earlier_run_began_is_read_again(tmp_path: Path, sums: SourceSums) -> None:
    source, sink, control = things(plain(300)), MemorySink(), CancellationToken()
    of = job(TABLE, source)

    def stop(event: object) -> None:
        if isinstance(event, BatchCommitted):
            control.cancel()

    run([of], sink, tmp_path, OPTIONS, sums=sums, control=control, listener=stop)
    assert 0 < len(sink.rows(TABLE)) < 300
    run([of], sink, tmp_path, OPTIONS, sums=sums)
    assert len(sink.rows(TABLE)) == 300
    taken, read = both(of, sink, tmp_path, sums)
    assert not taken.read_once
    assert same(taken, read)


def test_a_table_that_was_there_is_read_again(tmp_path: Path, sums: SourceSums) -> None:
    of, sink = job(TABLE, things(plain(30))), MemorySink()
    run([of], sink, tmp_path, OPTIONS)
    run([of], sink, tmp_path, OPTIONS, sums=sums)
    taken, _ = both(of, sink, tmp_path, sums)
    assert not taken.read_once


def test_of_a_file_that_changed_since_the_rows_are_read(tmp_path: Path, sums: SourceSums) -> None:
    sink = MemorySink()
    run([job(TABLE, things(plain(300)))], sink, tmp_path, OPTIONS, sums=sums)
    now = job(TABLE, things([*plain(299), "new"]), fingerprint="two")
    (proof,) = verify([now], check(sink, sums), sink, tmp_path, OPTIONS, sums=sums)
    assert not proof.read_once
    assert not proof.equal


def test_a_table_that_is_filled_again_has_the_sums_of_its_last_run(tmp_path: Path, sums: SourceSums) -> None:
    of, sink = job(TABLE, things(plain(300))), MemorySink()
    run([of], sink, tmp_path, OPTIONS, sums=sums)
    reload([of], sink, tmp_path)
    run([of], sink, tmp_path, OPTIONS, sums=sums)
    taken, read = both(of, sink, tmp_path, sums)
    assert (taken.read_once, taken.source_figures, taken.content) == (True, read.source_figures, read.content)
