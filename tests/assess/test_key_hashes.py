"""Keys hash alike exactly where the server takes them for equal."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.assess import key_hashes

DAY = dt.datetime(2020, 1, 1)
TEXT = st.text(st.sampled_from("aAbBß é\t"), max_size=4)


def equal_form(value: Any) -> Any:
    return value.rstrip(" ").lower().replace("ß", "ss") if isinstance(value, str) else value


@settings(deadline=None)
@given(st.lists(st.tuples(st.none() | TEXT, st.none() | st.integers(-3, 3)), min_size=1, max_size=40))
def test_two_columns(rows: list[tuple[str | None, int | None]]) -> None:
    columns = [pa.array([r[0] for r in rows], pa.string()), pa.array([r[1] for r in rows], pa.int16())]
    found = key_hashes.hashes(columns)
    forms = [tuple(map(equal_form, r)) for r in rows]
    for i, one in enumerate(forms):
        for j, other in enumerate(forms):
            assert (found[i] == found[j]) == (one == other)
    assert key_hashes.complete(columns).tolist() == [None not in r for r in rows]
    sliced = key_hashes.hashes([c.slice(1) for c in columns])
    assert sliced.tolist() == found[1:].tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([7], pa.int16()), pa.array([7], pa.int64())),
        (pa.array([Decimal("100")], pa.decimal128(5, 0)), pa.array([Decimal("100.0000")], pa.decimal128(19, 4))),
        (pa.array([1.5], pa.float32()), pa.array([1.5], pa.float64())),
        (pa.array([0.0]), pa.array([-0.0])),
        (pa.array([DAY], pa.timestamp("s")), pa.array([DAY], pa.timestamp("ms"))),
    ],
)
def test_the_same_value_in_another_type(one: pa.Array, other: pa.Array) -> None:
    assert key_hashes.hashes([one])[0] == key_hashes.hashes([other])[0]


@given(st.lists(st.integers(0, 12), max_size=40))
def test_repeated(numbers: list[int]) -> None:
    keys = key_hashes.HashedKeys()
    keys.add(np.array(numbers, dtype=np.uint64), np.arange(len(numbers), dtype=np.int64))
    groups, rows, samples = key_hashes.repeated(*keys.sorted())
    several = {n: c for n, c in Counter(numbers).items() if c > 1}
    assert (groups, rows) == (len(several), sum(several.values()))
    assert all(numbers[a] == numbers[b] and a < b for a, b in samples)


@given(st.lists(st.integers(0, 12)), st.lists(st.integers(0, 12)))
def test_absent(numbers: list[int], among: list[int]) -> None:
    found = key_hashes.absent(np.array(numbers, dtype=np.uint64), np.array(sorted(among), dtype=np.uint64))
    assert found.tolist() == [n not in among for n in numbers]
