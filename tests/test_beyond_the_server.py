"""What no server holds: keys that an index has no room for, rows that no page has room for, NaN and infinity."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.losing import foreseen, package_of, rejected
from tests.old_rows import Value, written
from wizard.convert import server_limits
from wizard.messages import RowProblem, StageError
from wizard.objects import TableRef
from wizard.outcomes import Verdict
from wizard.settings import Repair, RepairRule
from wizard.stages import SourceObjectType


def test_an_index_that_has_no_room_for_the_rows_is_left_out_and_no_row_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_limits, "KEY", 40)
    with package_of(tmp_path / "p", SAMPLE) as migration:
        migration.assess.run()
        assert foreseen(migration) == []
        migration.one_step()
        assert rejected(migration) == []
        assert migration.migrate.verify().equal
        told = [m for m in migration.convert.conversion.messages if m.number == 2101]
        assert "Books" in [m.place.name for m in told]
        books = next(t for t in migration.convert.conversion.tables if t.name.name == "Books")
        assert "Title" not in [c.name for i in books.indexes for c in i.columns]


def test_rows_that_no_page_has_room_for_are_foreseen_and_rejected(tmp_path: Path) -> None:
    """4,000 characters of fixed length take 8,000 bytes; the biography leaves a pointer, if it is long."""
    with package_of(tmp_path / "p", SAMPLE) as migration:
        ref = TableRef(migration.data.sources[0].key, "Authors")
        migration.convert.run()
        migration.convert.edit_type(ref, "First Name", "nchar(4000)")
        assert [m.number for m in migration.convert.found(ref)] == [2043, 2101]
        with pytest.raises(StageError, match="JF2045"):
            migration.convert.edit_type(ref, "Last Name", "nchar(100)")
        migration.convert.edit_type(ref, "Last Name", "nchar(10)")
        migration.assess.run()
        announced = foreseen(migration)
        assert {(t, n) for t, _, n in announced} == {("dbo.Authors", 6114), ("dbo.Authors", 6101)}
        migration.one_step()
        assert rejected(migration) == announced
        assert migration.migrate.verify().equal
        migration.convert.edit_type(ref, "First Name", "nvarchar(4000)")
        assert 2043 not in [m.number for m in migration.convert.found(ref)]
        migration.one_step()
        assert 6114 not in [n for *_, n in rejected(migration)]


NUMBERS = (
    Value("Books", 1, "Rating", struct.pack("<d", float("nan"))),
    Value("Books", 2, "Rating", struct.pack("<d", float("-inf"))),
    Value("Books", 3, "Weight", struct.pack("<f", float("inf"))),
)


@pytest.mark.parametrize(
    ("repair", "left", "found"),
    [
        (Repair.REJECT, 3, set()),
        (Repair.NULL, 0, {None}),
        (Repair.NEAREST, 1, {"-1.7976931348623157e+308", "3.4028234663852886e+38"}),
        (Repair.VALUE, 0, {"2.5"}),
    ],
    ids=["reject", "null", "nearest", "value"],
)
def test_nan_and_infinity_are_foreseen_and_follow_their_rule(
    tmp_path: Path, repair: Repair, left: int, found: set[str | None]
) -> None:
    with package_of(tmp_path / "p", written(tmp_path / "numbers.accdb", *NUMBERS)) as migration:
        key = migration.data.sources[0].key
        migration.sources.select_none(key)
        migration.sources.select(key, SourceObjectType.TABLE, ["Books"], True)
        migration.project.set_repair(RepairRule(RowProblem.NOT_A_NUMBER, repair, "2.5" * (repair is Repair.VALUE)))
        migration.assess.run()
        announced = foreseen(migration)
        assert [n for *_, n in announced] == [6105] * left
        migration.one_step()
        assert rejected(migration) == announced
        assert migration.migrate.verify().verdict is (Verdict.LOSSES if left else Verdict.EQUAL)
        (line,) = migration.migrate.lines()
        assert (line.repaired, line.damaged) == (3 - left, 0)
        log = migration.folder / "repairs" / "dbo.Books.jsonl"
        rows = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        assert {json.loads(row)["new"] for row in rows} == found
