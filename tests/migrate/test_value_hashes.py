"""Hashes of values tell any two apart, however the values come in arrays; hashes of rows tell whose value is whose."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.coercion import value_hashes as value_hashes_module
from wizard.coercion.value_hashes import RecentHashes, row_hashes, value_hashes

BYTES = st.binary(max_size=40) | st.sampled_from([b"", b"\0", b"\0" * 8, b"\0" * 9, b"a" * 8, b"a" * 16])
VALUES = [
    (pa.string(), ["", " ", "a", "a ", " a", "ab", "ba", "abcdefgh", "abcdefgh\0", "abcdefghi", "é", "😀", "x" * 40_000,
                   "x" * 40_001, "y" + "x" * 39_999]),
    (pa.binary(), [b"", b"\0", b"\0\0", b"\0" * 8, b"\0" * 16, b"\1" + b"\0" * 15, b"\0" * 15 + b"\1"]),
    (pa.int64(), [0, 1, -1, 2**32, 2**63 - 1, -(2**63)]),
    (pa.int16(), [0, 1, -1, 256, -256]),
    (pa.uint8(), [0, 1, 255]),
    (pa.bool_(), [True, False]),
    (pa.float64(), [0.0, 1.0, -1.0, 1e-300]),
    (pa.float32(), [0.0, 1.0, -1.0]),
    (pa.decimal128(38, 4), [Decimal(0), Decimal("0.0001"), Decimal("-0.0001"), Decimal(2**64), Decimal(2**65)]),
    (pa.timestamp("us"), [dt.datetime(1899, 12, 30), dt.datetime(1900, 1, 1), dt.datetime(2024, 2, 29, 1, 2, 3)]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=[str(k) for k, _ in VALUES])
def test_values_that_differ_have_hashes_that_do_and_null_is_another(kind: pa.DataType, values: list[Any]) -> None:
    found = value_hashes(pa.array([*values, None], kind)).tolist()
    assert len(set(found)) == len(values) + 1


@settings(deadline=None)
@given(st.lists(st.none() | BYTES, max_size=30))
def test_a_value_has_one_hash_wherever_it_lies(values: list[bytes | None]) -> None:
    whole = pa.array(values, pa.binary())
    found = value_hashes(whole).tolist()
    assert found == [value_hashes(whole.slice(n, 1)).tolist()[0] for n in range(len(values))]
    for (one, a), (other, b) in combinations(zip(values, found, strict=True), 2):
        assert (one == other) == (a == b)


def test_long_values_have_one_hash_in_whatever_steps_their_words_are_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    values = pa.array([bytes(range(256)) * n for n in (1, 3, 40, 200, 0)] + [b"a" * n for n in range(60, 140)])
    whole = value_hashes(values).tolist()
    for at_once in (1, 100, 5_000):
        monkeypatch.setattr(value_hashes_module, "_AT_ONCE", at_once)
        assert value_hashes(values).tolist() == whole


def rows(*columns: list[Any]) -> list[tuple[int, ...]]:
    batch = pa.RecordBatch.from_arrays([pa.array(c) for c in columns], names=[f"c{n}" for n in range(len(columns))])
    return [tuple(r) for r in row_hashes(batch).tolist()]


def test_values_exchanged_between_rows_or_columns_are_other_rows() -> None:
    whole = {*rows(["a", "b"], ["c", "d"]), *rows(["a", "b"], ["d", "c"]), *rows(["c", "d"], ["a", "b"])}
    assert len(whole) == 6
    sums = {tuple(map(sum, zip(*r, strict=True))) for r in (rows([1, 2], [3, 4]), rows([1, 2], [4, 3]))}
    assert len(sums) == 2


def test_what_was_hashed_just_now_is_not_hashed_again() -> None:
    recent, values = RecentHashes(), pa.array(["a", "b", None])
    assert recent.of(values) is recent.of(values)
    assert recent.of(values.slice(1)).tolist() == value_hashes(values).tolist()[1:]
    recent.forget()
    assert recent.of(values).tolist() == value_hashes(values).tolist()
