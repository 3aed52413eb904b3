"""Facts of columns are those of all rows, whatever the batches."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.assess.memory import MemoryFile, PartitionedMemoryFile, table
from wizard.access import AccessFile, Batch
from wizard.assess import data_profile, profile_data
from wizard.cancellation import StoppedError
from wizard.definitions import Column, ColumnProfile, ColumnType
from wizard.messages import SourceError

SCHEMA = pa.schema([("n", pa.int32()), ("t", pa.string()), ("f", pa.float64()), ("d", pa.timestamp("ms")), ("b", pa.binary())])  # fmt: skip  # noqa: E501
TABLE = table("T", *(Column(n, ColumnType.TEXT) for n in SCHEMA.names))
DATES = st.datetimes(dt.datetime(100, 1, 1), dt.datetime(9999, 1, 1)).map(
    lambda d: d.replace(microsecond=d.microsecond // 500_000 * 500_000)
)
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**31), 2**31 - 1),
        st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
        st.none() | st.floats(),
        st.none() | DATES,
        st.none() | st.binary(max_size=5),
    ),
    max_size=30,
)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_facts_are_those_of_all_rows(rows: list[tuple[Any, ...]]) -> None:
    found = profile_data(MemoryFile((TABLE, SCHEMA, rows)))["T"]
    assert found.rows == len(rows)
    if not rows:
        return
    columns = [[r[i] for r in rows if r[i] is not None] for i in range(5)]
    for name, values in zip(SCHEMA.names, columns, strict=True):
        assert (found.columns[name].rows, found.columns[name].nulls) == (len(rows), len(rows) - len(values))
    numbers, texts, floats, dates, binaries = columns
    assert found.columns["n"].minimum == min(numbers, default=None)
    assert found.columns["n"].maximum == max(numbers, default=None)
    assert found.columns["t"].max_length == max(map(units, texts), default=0)
    assert found.columns["t"].empty == texts.count("")
    finite = [f for f in floats if f - f == 0]
    assert found.columns["f"].not_finite == len(floats) - len(finite)
    assert found.columns["f"].maximum == max(finite, default=None)
    assert found.columns["d"].minimum == min(dates, default=None)
    assert found.columns["d"].fraction_of_second == any(d.microsecond for d in dates)
    assert found.columns["b"].max_length == max(map(len, binaries), default=0)


@pytest.fixture
def partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three threads, and every table large enough for them."""
    monkeypatch.setattr(pa, "cpu_count", lambda: 3)
    monkeypatch.setattr(data_profile, "LARGE", 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_partitions_side_by_side_know_what_one_pass_knows(partitions: None, rows: list[tuple[Any, ...]]) -> None:
    together = PartitionedMemoryFile((TABLE, SCHEMA, rows))
    assert profile_data(together) == profile_data(MemoryFile((TABLE, SCHEMA, rows)))
    assert len(together.reads) == (len(range(0, len(rows), -(-len(rows) // 3))) if rows else 1)


def stop(asked: bool) -> None:
    if asked:
        raise StoppedError("a person")


def test_partitions_stop_too(partitions: None) -> None:
    file = PartitionedMemoryFile((TABLE, SCHEMA, [(1, "a", 1.0, None, None)] * 300))
    asked = iter([False, False, True])
    seen: list[tuple[int, int, str]] = []
    with pytest.raises(StoppedError):
        profile_data(file, check=lambda: stop(next(asked)), progress=lambda *at: seen.append(at))
    assert seen == [(7, 300, "T"), (14, 300, "T")]
    assert not [t for t in threading.enumerate() if t.name == "reading ahead"]


def test_what_cannot_be_read_in_a_partition_is_told(partitions: None) -> None:
    class Broken(PartitionedMemoryFile):
        def read(self, table: str, *, start: int = 0, **how: Any) -> Iterator[Batch]:
            yield from super().read(table, start=start, **how)
            if start:
                raise SourceError(1016, table=table)

    with pytest.raises(SourceError, match="T"):
        profile_data(Broken((TABLE, SCHEMA, [(1, "a", 1.0, None, None)] * 300)))


def test_it_stops_between_batches() -> None:
    asked = iter([False, True])
    file = MemoryFile((TABLE, SCHEMA, [(1, "a", 1.0, None, None)] * 30))
    seen: list[tuple[int, int, str]] = []
    with pytest.raises(StoppedError):
        profile_data(file, check=lambda: stop(next(asked)), progress=lambda *at: seen.append(at))
    assert seen == [(7, 30, "T")]


def test_the_sample(sample: Any) -> None:
    with AccessFile.open(sample) as file:
        found = profile_data(file, ["Authors", "Stock Movements"])
    assert found["Stock Movements"].rows == 2000
    assert found["Authors"].columns["Born"].minimum == dt.datetime(1564, 4, 26)
    assert found["Authors"].columns["AuthorID"] == ColumnProfile(rows=8, minimum=1, maximum=8)
