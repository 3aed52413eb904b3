"""Values that can no longer be read: the row is rejected, or arrives with the value repaired, as stage 5 foresees."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.losing import foreseen, rejected
from wizard.access import AccessFile
from wizard.cli.projects import NewProject, fill
from wizard.events import Stage, Status
from wizard.messages import RowProblem, Severity
from wizard.objects import TableRef
from wizard.outcomes import TableState, Verdict
from wizard.settings import Connection, Repair, RepairRule, TargetKind
from wizard.stages import Migration
from wizard.stages.losses import left_out
from wizard.stages.repair_rules import about
from wizard.stages.views import SourceObjectType

PAGE = 4096
DATE = 2
"""row of Books with an impossible date"""


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a date that is none and a long value whose place is nowhere, in two rows of Books."""
    data = bytearray(SAMPLE.read_bytes())
    with AccessFile.open(SAMPLE) as file:
        batch = next(iter(file.read("Books", columns=["Published", "Cover"])))
        dates, covers = (column.to_pylist() for column in batch.rows.columns)
        reader = file.reader("Books")
        cover = next(p.raw for p in reader.plans if p.name == "Cover")
        rows = next(iter(reader._located(0, 10_000)))
        _, layout = reader._affordable(rows, reader.plans, damaged=False)
        heads = layout.variable(cover)
        row = next(n for n, c in enumerate(covers) if c and n != DATE and heads.take("<u4")[n] >> 30 < 2)
        at, page = int(heads.start[row]), int(batch.positions[row]) >> 12
        place = data.index(rows.buffer[at : at + 12].tobytes(), page * PAGE, (page + 1) * PAGE)
        struct.pack_into("<I", data, place + 4, 0x00FF_FF00)
    days = (dates[DATE] - datetime(1899, 12, 30)).total_seconds() / 86_400
    page = int(batch.positions[DATE]) >> 12
    place = data.index(struct.pack("<d", days), page * PAGE, (page + 1) * PAGE)
    struct.pack_into("<d", data, place, 1e300)
    path = tmp_path_factory.mktemp("damaged") / "damaged.accdb"
    path.write_bytes(data)
    return path


@contextmanager
def salvaged(path: Path, database: Path) -> Iterator[Migration]:
    with Migration.create(path) as migration:
        migration.project.set_target(replace(migration.data.target, kind=TargetKind.PACKAGE))
        fill(migration, NewProject(path, (database,), TargetKind.PACKAGE, salvage=True), Connection())
        migration.sources.select_all(migration.data.sources[0].key)
        migration.prepare()
        yield migration


def test_rows_with_a_value_that_cannot_be_read_are_rejected_as_foreseen(tmp_path: Path, damaged: Path) -> None:
    with salvaged(tmp_path / "p", damaged) as migration:
        migration.assess.run()
        announced = foreseen(migration)
        assert [(t, n) for t, _, n in announced] == [("dbo.Books", 6111)] * 2
        (told,) = [m for m in migration.messages(Stage.ASSESS) if m.number == 4064]
        rule = about(told)
        assert rule
        assert (rule.trouble, rule.table) == (RowProblem.UNREADABLE, "Books"), "a rule is offered where it is told"
        migration.one_step()
        assert rejected(migration) == announced
        reasons = {r.column: r.reason for r in migration.migrate.rejects("dbo.Books", limit=9)}
        assert set(reasons) == {"Published", "Cover"}
        assert "long value is not where" in reasons["Cover"] or "chain of pages" in reasons["Cover"]
        assert "outside of the years 100 to 9999" in reasons["Published"]
        assert migration.migrate.verify().equal
        (line,) = [line for line in left_out(migration) if line.startswith("table dbo.Books:")]
        assert "118 of 120 rows arrived, 2 rejected" in line
        others = [line for line in left_out(migration) if "Books" in line and not line.startswith("table ")]
        assert any("JF6311" in other for other in others), "a key of rows whose parents were rejected"
        table = next(t for t in migration.convert.conversion.tables if t.name.name == "Books")
        assert not [c for c in table.checks if c.tightens], "an unreadable value is no old NULL"


def test_rows_with_a_value_that_cannot_be_read_arrive_repaired_where_rules_say_so(
    tmp_path: Path, damaged: Path
) -> None:
    with salvaged(tmp_path / "p", damaged) as migration:
        key = migration.data.sources[0].key
        migration.project.set_repair(RepairRule(RowProblem.UNREADABLE, Repair.NULL))
        rule = RepairRule(RowProblem.UNREADABLE, Repair.VALUE, "1900-01-01", key, "Books", "Published")
        migration.project.set_repair(rule)
        migration.assess.run()
        assert foreseen(migration) == []
        assert sum(f.repaired for f in migration.assess.foreseen) == 2
        migration.one_step()
        assert rejected(migration) == []
        assert migration.migrate.verify().equal
        lines = [
            json.loads(line)
            for file in (migration.folder / "repairs").glob("*.jsonl")
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
        text = json.dumps(lines)
        assert len(lines) == 2
        assert text.count("(cannot be read: ") == 2
        assert "1900-01-01" in text
        certificate = (migration.folder / "reports" / "certificate.json").read_text(encoding="utf-8")
        assert '"repaired": 2' in certificate
        assert not [line for line in left_out(migration) if "Books" in line]


def test_rows_rejected_for_a_value_that_cannot_be_read_arrive_once_a_rule_repairs_it(
    tmp_path: Path, damaged: Path
) -> None:
    with salvaged(tmp_path / "p", damaged) as migration:
        migration.one_step()
        assert len(rejected(migration)) == 2
        migration.project.set_repair(RepairRule(RowProblem.UNREADABLE, Repair.NULL))
        migration.one_step()
        assert not list(migration.migrate.rejects("dbo.Books", limit=9))
        assert migration.migrate.verify().equal


def test_an_export_leaves_such_rows_out_as_before(damaged: Path) -> None:
    with AccessFile.open(damaged, salvage=True) as file:
        assert sum(b.rows.num_rows for b in file.read("Books")) == 119
        assert {m.number for m in file.messages} >= {1020, 1024}
    with AccessFile.open(damaged, salvage=True) as file:
        batches = list(file.read("Books", damaged=True))
        assert sum(b.rows.num_rows for b in batches) == 120
        assert sorted(u.column for b in batches for u in b.unread) == ["Cover", "Published"]
        assert sorted(m.place.part for m in file.messages if m.number == 1046) == ["Cover", "Published"]


LAST_NAME = "式部"


@pytest.fixture(scope="module")
def garbled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with half a pair of surrogates in one author's name."""
    data = SAMPLE.read_bytes()
    good = LAST_NAME.encode("utf-16-le")
    assert data.count(good) == 1
    path = tmp_path_factory.mktemp("garbled") / "garbled.accdb"
    path.write_bytes(data.replace(good, b"\x00\xd8" + good[2:]))
    return path


@contextmanager
def plain(path: Path, database: Path) -> Iterator[Migration]:
    with Migration.create(path) as migration:
        fill(migration, NewProject(path, (database,), TargetKind.PACKAGE), Connection())
        migration.prepare()
        yield migration


def test_a_text_of_which_bytes_are_no_text_arrives_and_is_told_as_a_loss(tmp_path: Path, garbled: Path) -> None:
    with plain(tmp_path / "p", garbled) as migration:
        migration.assess.run()
        assert foreseen(migration) == []
        assert [f.damaged for f in migration.assess.foreseen] == [1]
        (told,) = [m for m in migration.messages(Stage.ASSESS) if m.number == 4063]
        assert told.severity is Severity.ERROR
        rule = about(told)
        assert rule
        assert (rule.trouble, rule.table) == (RowProblem.TEXT, "Authors")
        migration.one_step()
        assert rejected(migration) == []
        assert migration.status(Stage.MIGRATE) is Status.LOSSES
        found = migration.migrate.verify()
        assert (found.equal, found.verdict) == (True, Verdict.LOSSES)
        (line,) = [t for t in migration.migrate.lines() if t.table == "dbo.Authors"]
        assert (line.state, line.repaired, line.damaged, line.rejected) == (TableState.LOSSES, 1, 1, 0)
        (row,) = (migration.folder / "repairs" / "dbo.Authors.jsonl").read_text(encoding="utf-8").splitlines()
        assert json.loads(row)["old"] == "0x00d8" + LAST_NAME.encode("utf-16-le")[2:].hex()
        assert json.loads(row)["new"] == "\ufffd部"
        (left,) = left_out(migration)
        assert "1 text" in left
        page = (migration.folder / "reports" / "certificate.html").read_text(encoding="utf-8")
        assert 'class="verdict loss"' in page
        assert "\ufffd部" in page
    with Migration.open(tmp_path / "p") as migration:
        migration.migrate.run()
        result = migration.migrate.result
        assert result
        states = {t.table: t.state for t in result.tables}
        assert (states["dbo.Authors"], states["dbo.Books"]) == (TableState.LOSSES, TableState.THERE)


@pytest.mark.parametrize(
    ("repair", "name"), [(Repair.REJECT, None), (Repair.NULL, None), (Repair.VALUE, "unknown")], ids=str
)
def test_what_becomes_of_such_a_text_is_for_a_rule_to_say(
    tmp_path: Path, garbled: Path, repair: Repair, name: str | None
) -> None:
    with plain(tmp_path / "p", garbled) as migration:
        key = migration.data.sources[0].key
        migration.project.set_repair(RepairRule(RowProblem.TEXT, repair, name or "", key, "Authors", "Last Name"))
        migration.convert.run()
        migration.convert.edit_nullable(TableRef(key, "Authors"), "Last Name", nullable=True)
        migration.assess.run()
        announced = foreseen(migration)
        assert announced == [("dbo.Authors", p, 6113) for _, p, _ in announced]
        assert len(announced) == (repair is Repair.REJECT)
        migration.one_step()
        assert rejected(migration) == announced
        assert migration.migrate.verify().equal
        log = migration.folder / "repairs" / "dbo.Authors.jsonl"
        if repair is Repair.REJECT:
            assert not log.exists()
            migration.project.set_repair(RepairRule(RowProblem.TEXT, Repair.REPLACE, "", key, "Authors", "Last Name"))
            migration.one_step()
            assert rejected(migration) == []
            assert migration.migrate.verify().verdict is Verdict.LOSSES
            assert (migration.folder / "repairs" / "dbo.Authors.csv").is_file()
        else:
            assert json.loads(log.read_text(encoding="utf-8"))["new"] == name
            assert migration.migrate.verify().verdict is Verdict.EQUAL


def test_a_date_that_is_none_is_rejected_without_salvage_too(tmp_path: Path) -> None:
    with AccessFile.open(SAMPLE) as file:
        born = next(iter(file.read("Authors", columns=["Born"]))).rows.column(0).to_pylist()
    days = (born[7] - datetime(1899, 12, 30)).total_seconds() / 86_400
    data = SAMPLE.read_bytes()
    assert data.count(struct.pack("<d", days)) == 1
    database = tmp_path / "dates.accdb"
    database.write_bytes(data.replace(struct.pack("<d", days), struct.pack("<d", 1e300)))
    with plain(tmp_path / "p", database) as migration:
        migration.assess.run()
        announced = foreseen(migration)
        assert [(t, n) for t, _, n in announced] == [("dbo.Authors", 6111)]
        migration.one_step()
        assert rejected(migration) == announced
        assert migration.migrate.verify().verdict is Verdict.LOSSES


def test_a_project_without_any_table_is_certified_as_what_stage_eight_says(tmp_path: Path) -> None:
    with plain(tmp_path / "p", SAMPLE) as migration:
        key = migration.data.sources[0].key
        names = [t.name for t in migration.sources.open(key).definition.tables]
        migration.sources.select(key, SourceObjectType.TABLE, names, False)
        migration.one_step()
        assert migration.status(Stage.MIGRATE) is Status.DONE
        assert "no table was chosen" in migration.detail(Stage.MIGRATE)
        assert migration.migrate.verify().verdict is Verdict.NOTHING
        page = (migration.folder / "reports" / "certificate.html").read_text(encoding="utf-8")
        assert "No table was moved" in page
        assert "Not equal" not in page


@pytest.mark.parametrize(("harmed", "batch_rows"), [(1, 1), (1, 20_000), (10_000, 20_000)])
def test_a_batch_of_which_every_row_is_lost_ends_nothing(tmp_path: Path, harmed: int, batch_rows: int) -> None:
    """Rows that claim more columns than there is room for, of a table with columns of every kind."""
    data = bytearray(SAMPLE.read_bytes())
    with AccessFile.open(SAMPLE) as file:
        reader = file.reader("Books")
        whole, pages = reader.row_count(), reader.page_numbers.tolist()
    lost = 0
    for at in (4096 * n for n in pages):
        (count,) = struct.unpack_from("<H", data, at + 12)
        for slot in range(count):
            (offset,) = struct.unpack_from("<H", data, at + 14 + 2 * slot)
            if lost < harmed and not offset & 0xC000:
                struct.pack_into("<H", data, at + (offset & 0x1FFF), 0xFFFF)
                lost += 1
    path = tmp_path / "harmed.accdb"
    path.write_bytes(data)
    with AccessFile.open(path, salvage=True) as file:
        read = sum(b.rows.num_rows for b in file.read("Books", batch_rows=batch_rows))
        assert read == whole - lost
        assert any(m.number == 1020 for m in file.messages)
