"""Every table of the corpus, value by value, as an independent reader sees it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.access.oracle import PASSWORD, actual, expected
from tests.conftest import load_oracle, oracle_cases
from wizard.access import AccessFile
from wizard.definitions import ColumnType

CASES = oracle_cases()


@pytest.fixture(params=CASES or [None], ids=[d.name for d, _ in CASES] or ["absent"])
def case(request: pytest.FixtureRequest, shared: Path) -> tuple[Path, dict[str, Any]]:
    database, oracle = request.param
    return database, load_oracle(oracle)


def tables_of(oracle: dict[str, Any]) -> list[dict[str, Any]]:
    """Local tables that the oracle could read."""
    return [t for t in oracle["tables"] if "linked" not in t and not t.get("error")]


def test_every_value_is_equal(case: tuple[Path, dict[str, Any]]) -> None:
    database, oracle = case
    with AccessFile.open(database, PASSWORD) as file:
        for table in tables_of(oracle):
            columns = file.definition.tables_by_name[table["name"].casefold()].by_name
            places = {c["name"]: i for i, c in enumerate(table["columns"])}
            plain = [n for n in places if columns[n.casefold()].type is not ColumnType.COMPLEX]
            rows = [r for b in file.read(table["name"], columns=plain) for r in b.rows.to_pylist()]
            want = [{n: expected(row[places[n]]) for n in plain} for row in table["rows"]]
            have = [{n: actual(row[n], w[n]) for n in plain} for row, w in zip(rows, want, strict=True)]
            assert have == want, table["name"]


def test_row_counts_are_exact_and_columns_complete(case: tuple[Path, dict[str, Any]]) -> None:
    database, oracle = case
    with AccessFile.open(database, PASSWORD) as file:
        for table in tables_of(oracle):
            assert file.row_count(table["name"]) == len(table["rows"])
            have = [c.name for c in file.definition.tables_by_name[table["name"].casefold()].columns]
            assert sorted(have) == sorted(c["name"] for c in table["columns"])


def test_reading_goes_on_where_it_stopped(case: tuple[Path, dict[str, Any]]) -> None:
    """Any `next` is a place to start from, and batch sizes change neither rows nor positions."""
    database, oracle = case
    with AccessFile.open(database, PASSWORD) as file:
        for table in tables_of(oracle):
            whole = [
                (p, r) for b in file.read(table["name"]) for p, r in zip(b.positions, b.rows.to_pylist(), strict=True)
            ]
            size = max(2, len(whole) // 40)
            small = list(file.read(table["name"], batch_rows=size))
            again = [(p, r) for b in small for p, r in zip(b.positions, b.rows.to_pylist(), strict=True)]
            assert repr(again) == repr(whole)
            assert all(b.rows.num_rows <= size for b in small)
            done = 0
            for batch in small:
                done += batch.rows.num_rows
                following = next(iter(file.read(table["name"], start=batch.next, batch_rows=3)), None)
                assert (following is None) == (done == len(whole))
                if following is not None:
                    assert repr(following.rows.to_pylist()[0]) == repr(whole[done][1])


def test_a_calculated_decimal_keeps_the_scale_of_each_value(shared: Path) -> None:
    with AccessFile.open(shared / "corpus" / "calcFieldTestV2010.accdb") as file:
        (batch,) = file.read("Table1", columns=["BigNumTest", "DecimalTest"])
    assert batch.rows.schema.types == [pa.decimal256(56, 28)] * 2
    assert batch.rows.slice(0, 1).to_pylist() == [
        {"BigNumTest": Decimal("56505085819.42479129657228018"), "DecimalTest": Decimal("50.325")}
    ]
