"""Rows of a data file are cut into fields alike, whichever way their terminators allow."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wizard.package import bcp_fields
from wizard.package.bcp_fields import split
from wizard.package.bcp_rows import terminators

FIELD = st.text(st.characters(exclude_characters="\t\n\r", exclude_categories=["Cs"]), max_size=8).map(str.encode)
FIELDS = FIELD | st.sampled_from([b"", b"\0", b'"', b'"a"', b"\\N", b"NULL", b"nan", b"#", b"\xff\xfe", b" ", b"'"])
ROWS = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(FIELDS, min_size=n, max_size=n), min_size=1, max_size=6))


@given(ROWS, st.sampled_from([0, 1]))
@example([[b""], [b""]], 0)
@example([[b"", b""], [b'"', b'"']], 0)
def test_fields_are_what_stands_between_terminators(rows: list[list[bytes]], generation: int) -> None:
    ends = terminators(generation)
    chunk = b"".join(ends.field.join(row) + ends.row for row in rows)
    if generation and not ends.clean(chunk, len(rows), len(rows[0])):
        return
    assert [f.to_pylist() for f in split(chunk, ends, len(rows[0]), 0)] == [list(c) for c in zip(*rows, strict=True)]


@pytest.mark.parametrize(
    ("chunk", "row"), [(b"a\tb\nc\n", 12), (b"a\tb\nc\td\te\n", 12), (b"a\n", 11), (b"a\tb\n\nc\td\n", 12), (b"\n", 11)]
)
def test_a_row_of_another_number_of_fields_is_named(chunk: bytes, row: int) -> None:
    with pytest.raises(ValueError, match=f"^row {row} has . fields, not 2$"):
        split(chunk, terminators(0), 2, 10)


def test_a_carriage_return_ends_no_line() -> None:
    assert [f.to_pylist() for f in split(b"a\r\n1\r2\n", terminators(0), 1, 0)] == [[b"a\r", b"1\r2"]]


def test_what_arrow_cannot_take_at_once_is_cut_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bcp_fields, "_LONGEST", 3)
    monkeypatch.setattr(bcp_fields, "_split_lines", None)
    assert [f.to_pylist() for f in split(b"a\tb\n", terminators(0), 2, 0)] == [[b"a"], [b"b"]]
