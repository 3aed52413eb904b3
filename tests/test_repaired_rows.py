"""Repair rules: what they make of rows that break a key or a type is foreseen, kept in the project and told as such."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.losing import CORPUS, certificate, foreseen, needs_corpus, package_of, rejected
from tests.old_rows import OLD_ROWS, Value, written
from wizard.events import Stage
from wizard.messages import RowProblem, Severity
from wizard.objects import TableRef
from wizard.settings import Repair, RepairRule
from wizard.stages import Migration

BOOKS = [("Authors", "Born", "datetime"), ("Authors", "First Name", "nvarchar(5)")]
"""types by hand that do not hold every value of the sample"""


@pytest.mark.parametrize("name", ["CustomersOrders", "FK_Orders_Customers"], ids=["Access's", "the server's"])
def test_a_rule_for_orphans_counts_by_either_name_of_the_key(tmp_path: Path, name: str) -> None:
    with package_of(tmp_path / "p", written(tmp_path / "old.accdb", *OLD_ROWS)) as migration:
        key = migration.data.sources[0].key
        migration.convert.run()
        migration.project.set_repair(RepairRule(RowProblem.ORPHANS, Repair.NULL, "", key, "Orders", name))
        migration.convert.run()
        orders = next(t for t in migration.convert.conversion.tables if t.name.name == "Orders")
        (plan,) = (p for t, p in migration.convert.plans().items() if t == orders.source)
        assert "FK_Orders_Customers" in {k.name for k in orders.foreign_keys}
        assert [(o.key, len(o.positions)) for o in plan.orphans] == [("FK_Orders_Customers", 2)]


@pytest.mark.parametrize(
    ("repair", "null", "level"),
    [
        (None, True, Severity.ERROR),
        (Repair.NEAREST, True, Severity.WARNING),
        (Repair.NULL, True, Severity.WARNING),
        (Repair.NULL, False, Severity.ERROR),  # NOT NULL takes none
    ],
)
def test_what_a_rule_repairs_is_no_error(tmp_path: Path, repair: Repair | None, null: bool, level: Severity) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        ref = TableRef(migration.data.sources[0].key, "Authors")
        migration.convert.run()
        migration.convert.edit_type(ref, "First Name", "nvarchar(5)")
        if not null:
            migration.convert.edit_nullable(ref, "First Name", False)
        assert [m.severity for m in migration.convert.found(ref) if m.number == 2099] == [Severity.ERROR]
        if repair is not None:
            migration.project.set_repair(RepairRule(RowProblem.UNFIT, repair, "", ref.source, "Authors", "First Name"))
        for _ in ("at once", "converted again"):
            assert [m.severity for m in migration.convert.found(ref) if m.number == 2099] == [level]
            migration.convert.run()
        migration.assess.run()
        found = [m for g in migration.assess.results[ref.source].findings for m in g.messages if m.number == 4003]
        assert [m.severity for m in found] == [level]
        assert any(f.rejected for f in migration.assess.foreseen) is (level is Severity.ERROR)


@pytest.mark.parametrize(
    ("repair", "value", "told"),
    [(Repair.VALUE, "toolongvalue", "'toolongvalue' that the repair rule gives does not fit nvarchar(5) either"),
     (Repair.NULL, "", "The repair rule makes it NULL, which the column does not take")],
)  # fmt: skip
def test_a_reject_says_why_the_repair_rule_did_not_help(tmp_path: Path, repair: Repair, value: str, told: str) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        ref = TableRef(migration.data.sources[0].key, "Authors")
        migration.convert.run()
        migration.convert.edit_type(ref, "First Name", "nvarchar(5)")
        migration.convert.edit_nullable(ref, "First Name", nullable=False)
        migration.project.set_repair(RepairRule(RowProblem.UNFIT, repair, value))
        of_column = RepairRule(RowProblem.UNFIT, Repair.VALUE, "toolongvalue", ref.source, "Authors", "First Name")
        refused = migration.project.check_repair(of_column)
        assert refused is not None
        assert refused.number == 8028
        assert migration.project.check_repair(replace(of_column, value="short")) is None
        migration.assess.run()
        assert [told in " ".join(f.reasons) for f in migration.assess.foreseen if f.rejected] == [True]
        migration.one_step()
        rows = [r for r in migration.migrate.rejects("dbo.Authors") if r.number == 6101]  # one has no name at all
        assert [told in r.reason for r in rows] == [True] * 3


@pytest.mark.parametrize("rules", [(), (Repair.NULL,), (Repair.NEAREST,)], ids=["reject", "null", "nearest"])
def test_types_chosen_by_hand_reject_what_stage_five_foresees(tmp_path: Path, rules: tuple[Repair, ...]) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        key = migration.data.sources[0].key
        migration.convert.run()
        for table, column, type_ in BOOKS:
            migration.convert.edit_type(TableRef(key, table), column, type_)
        for repair in rules:
            migration.project.set_repair(RepairRule(RowProblem.DATE, repair))
            migration.project.set_repair(RepairRule(RowProblem.UNFIT, repair, source=key, table="Authors"))
        migration.assess.run()
        announced = foreseen(migration)
        repaired = sum(f.repaired for f in migration.assess.foreseen)
        migration.one_step()
        assert rejected(migration) == announced
        assert bool(announced) is not bool(rules)
        assert bool(repaired) is bool(rules)
        assert migration.migrate.verify().equal
        lines = [
            line
            for file in (migration.folder / "repairs").glob("*.jsonl")
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
        assert len(lines) == repaired
        certificate = (migration.folder / "reports" / "certificate.json").read_text(encoding="utf-8")
        assert f'"repaired": {repaired}' in certificate


@needs_corpus
@pytest.mark.corpus
def test_duplicates_that_a_rule_rejects_are_foreseen(tmp_path: Path) -> None:
    corrupted = CORPUS["corrupted.accdb"]
    with package_of(tmp_path / "p", corrupted) as migration:
        migration.project.set_repair(RepairRule(RowProblem.DUPLICATES, Repair.REJECT))
        migration.project.set_repair(RepairRule(RowProblem.ORPHANS, Repair.NULL))
        migration.assess.run()
        announced = foreseen(migration)
        assert [(t, n) for t, _, n in announced] == [("dbo.UK", 6110)]
        migration.one_step()
        assert rejected(migration) == announced
        assert migration.migrate.verify().equal


def test_a_project_written_before_there_were_repair_rules_still_opens(tmp_path: Path) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        path = migration.path
    for former, repair in (("null", Repair.NULL), ("nearest", Repair.NEAREST), ("no", Repair.REJECT)):
        text = (
            path.read_text(encoding="utf-8").split("[[repairs]]")[0].replace("schema_version = 2", "schema_version = 1")
        )
        head, options, rest = text.partition("[options]\n")
        path.write_text(f'{head}{options}bad_dates = "{former}"\n{rest}', encoding="utf-8")
        with Migration.open(tmp_path / "p", hold=False) as migration:
            assert migration.data.repairs == (RepairRule(RowProblem.DATE, repair),)
        path.write_text(text, encoding="utf-8")


def test_rules_of_a_project_are_kept_in_its_file(tmp_path: Path) -> None:
    rules = (
        RepairRule(RowProblem.DATE, Repair.VALUE, "1900-01-01"),
        RepairRule(RowProblem.ORPHANS, Repair.NULL, source="harborbooks", table="Books", part="PublishersBooks"),
    )
    with package_of(tmp_path / "p", SAMPLE) as migration:
        for rule in rules:
            migration.project.set_repair(rule)
        migration.project.set_repair(replace(rules[0], value="1800-01-01"))
        migration.project.set_repair(rules[0])
    with Migration.open(tmp_path / "p") as migration:
        assert set(migration.data.repairs) == set(rules)
        migration.project.reset_repair(rules[0])
        assert migration.data.repairs == rules[1:]


@needs_corpus
@pytest.mark.corpus
def test_rows_that_orphans_refer_to_are_added_where_a_rule_says_so(tmp_path: Path) -> None:
    corrupted = CORPUS["corrupted.accdb"]
    with package_of(tmp_path / "p", corrupted) as migration:
        migration.project.set_repair(RepairRule(RowProblem.ORPHANS, Repair.PLACEHOLDER))
        migration.assess.run()
        assert foreseen(migration) == []
        (told,) = [f for f in migration.assess.foreseen if f.repaired]
        migration.one_step()
        assert rejected(migration) == []
        assert migration.migrate.verify().equal
        result = migration.migrate.result
        assert result is not None
        before = {t.name: t.rows for a in migration.assess.results.values() for t in a.tables}
        after = {t.source.partition(".")[2]: t.migrated for t in result.tables}
        assert {n: after[n] - rows for n, rows in before.items() if after[n] != rows} == {
            told.table.table: told.repaired
        }
        kept = [k for t in migration.convert.conversion.tables for k in t.foreign_keys]
        assert any(k.referenced.name == told.table.table for k in kept)
        log = migration.folder / "repairs" / f"{told.name}.csv"
        assert "placeholder" in log.read_text(encoding="utf-8-sig")


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    ("duplicates", "orphans", "number", "told"),
    [
        (Repair.PLAIN, Repair.PLACEHOLDER, 2196, "as 'UX_UK_uk' cannot be unique"),
        (Repair.REJECT, Repair.PLACEHOLDER, 2194, "adds no rows to 'UK' for the foreign key 'FK_UKBaby_UK': a row"),
    ],
)
def test_where_a_rule_for_orphans_does_nothing_a_message_says_why(
    tmp_path: Path, duplicates: Repair, orphans: Repair, number: int, told: str
) -> None:
    with package_of(tmp_path / "p", CORPUS["corrupted.accdb"]) as migration:
        migration.project.set_repair(RepairRule(RowProblem.DUPLICATES, duplicates))
        migration.project.set_repair(RepairRule(RowProblem.ORPHANS, orphans))
        migration.assess.run()
        found = [m for a in migration.assess.results.values() for g in a.findings for m in g.messages]
        assert [(m.place.name, m.place.part) for m in found if m.number == number] == [("UKBaby", "UKUKBaby")]
        migration.convert.run()
        (said,) = [m for m in migration.messages(Stage.CONVERT) if m.number == number]
        assert told in said.text
        assert said in migration.convert.found(TableRef(said.place.source, "UKBaby"))
        migration.project.reset_repair(RepairRule(RowProblem.ORPHANS, orphans))
        assert number not in {m.number for m in migration.convert.conversion.messages}


def test_rows_added_and_values_repaired_are_told_as_such(tmp_path: Path) -> None:
    infinite = Value("Books", 1, "Rating", struct.pack("<d", float("inf")))
    old = written(tmp_path / "old.accdb", *OLD_ROWS, infinite)
    with package_of(tmp_path / "p", old) as migration:
        migration.project.set_repair(RepairRule(RowProblem.ORPHANS, Repair.PLACEHOLDER))
        migration.project.set_repair(RepairRule(RowProblem.NOT_A_NUMBER, Repair.NULL))
        migration.one_step()
        (loosened,) = [m for m in migration.messages(Stage.CONVERT) if m.number == 2192]
        assert (loosened.place.name, loosened.place.part) == ("Customers", "Company Name")
        (told,) = [m for m in migration.messages(Stage.MIGRATE) if m.number == 6023]
        assert told.text.startswith("dbo.Customers: 2 rows that others refer to were added, as a rule says: they have")
        assert "nothing but CustomerID." in told.text
        (repaired,) = [m for m in migration.messages(Stage.MIGRATE) if m.number == 6018]
        assert repaired.place.name == "Books", "rows that were added are no values that were repaired"
        page = certificate(migration)
        assert "every row of the source is in the target." in page, "and others are"
        assert "and no other" not in page
        assert "2 rows of the target are not of the source: they were added, as others refer to them." in page
        assert "1 value arrived as repair rules say." in page
        assert "infinity" in page


def test_a_certificate_of_losses_does_not_call_repaired_rows_as_they_are(tmp_path: Path) -> None:
    infinite = Value("Books", 1, "Rating", struct.pack("<d", float("inf")))
    late = Value("Books", 7, "Published", struct.pack("<d", 1e7))
    with package_of(tmp_path / "p", written(tmp_path / "old.accdb", infinite, late)) as migration:
        migration.project.set_repair(RepairRule(RowProblem.NOT_A_NUMBER, Repair.NULL))
        migration.one_step()
        page = certificate(migration)
        assert "1 row of 4,458 could not go and is listed below." in page
        assert "as they are in the source" not in page
        assert "1 value arrived as repair rules say." in page
