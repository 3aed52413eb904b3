"""Pages that are copied for a batch of rows: long values on pages among them are not read again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import SAMPLE
from wizard.access import AccessFile
from wizard.access.file_ranges import Ranges
from wizard.access.pages import PageCopies, PageFile
from wizard.access.reader import TableReader
from wizard.messages import UnsteadyFileError

SIZE = 4096
DATA = SAMPLE.read_bytes()
PAGES = len(DATA) // SIZE
NUMBERS = st.lists(st.integers(0, PAGES - 1), max_size=30)


def page(number: int) -> bytes:
    return DATA[number * SIZE : (number + 1) * SIZE]


def held(copies: PageCopies, slots: Any) -> list[bytes]:
    return [copies.buffer[s * SIZE : (s + 1) * SIZE].tobytes() for s in slots.tolist()]


@given(NUMBERS, st.lists(NUMBERS, max_size=4))
def test_pages_are_the_file_s_whoever_asks_for_them_and_when(first: list[int], more: list[list[int]]) -> None:
    with PageFile(SAMPLE) as pages:
        wanted = np.unique(np.array(first, np.int64))
        copies = PageCopies(pages, wanted, 16)
        assert held(copies, copies.slots) == [page(n) for n in wanted.tolist()]
        for asked in more:
            numbers = np.unique(np.array(asked, np.int64))
            found = copies.also(numbers)
            assert found is None or held(copies, found) == [page(n) for n in numbers.tolist()]
            assert held(copies, copies.slots) == [page(n) for n in wanted.tolist()], "what was there stays"
        assert copies.buffer[-16:].tobytes() == bytes(16)


def test_what_lies_between_or_was_added_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    into = Ranges.into

    def counted(self: Ranges, at: int, target: memoryview) -> None:
        read.append(len(target) // SIZE)
        into(self, at, target)

    with PageFile(SAMPLE) as pages:
        monkeypatch.setattr(Ranges, "into", counted)
        copies = PageCopies(pages, np.array([10, 12, 13, 30]), 0)
        assert read == [4, 1]
        assert copies.also(np.array([11, 30])) is not None
        assert read == [4, 1]
        assert copies.also(np.array([11, 14])) is not None
        assert copies.also(np.array([14])) is not None
        assert read == [4, 1, 1]


def test_more_than_there_is_room_for_is_left_to_who_asks() -> None:
    with PageFile(SAMPLE) as pages:
        copies = PageCopies(pages, np.array([3]), 0)
        assert copies.also(np.arange(40, 140)) is None
        assert copies.also(np.array([4])) is not None


def test_encrypted_pages_are_not_shared() -> None:
    """Those between are as they are in the file."""
    with PageFile(SAMPLE) as pages:
        codec = SimpleNamespace(encrypted=True, decode=lambda _, data: data)
        pages.codec = codec  # type: ignore[assignment]
        assert PageCopies(pages, np.array([3, 5]), 0).also(np.array([4])) is None


def test_rows_are_counted_once_and_a_changed_file_is_still_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copyfile(SAMPLE, tmp_path / "copy.accdb"))
    counts: list[int] = []
    located = TableReader._located

    def counted(self: TableReader, *given: Any, **named: Any) -> Any:
        counts.append(1)
        return located(self, *given, **named)

    with AccessFile.open(copy) as file:
        table = max(file.definition.tables, key=lambda t: t.rows).name
        reader = file.reader(table)
        monkeypatch.setattr(TableReader, "_located", counted)
        assert reader.row_count() == reader.row_count() == sum(b.rows.num_rows for b in reader.batches())
        assert len(counts) == 2, "once for the count, once for the rows"
        os.utime(copy, ns=(1, 1))
        with pytest.raises(UnsteadyFileError):
            reader.row_count()
