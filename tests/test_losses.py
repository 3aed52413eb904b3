"""What stage 5 announces is what stage 8 does, row for row; and nothing is lost by default."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.losing import CORPUS, certificate, needs_corpus, package_of, rejected
from tests.old_rows import OLD_ROWS, Value, written
from wizard.access import AccessFile
from wizard.assess.summary import summary
from wizard.cli.closing_table import closing_table
from wizard.events import Stage, Status
from wizard.messages import RowProblem
from wizard.objects import Outcome, TableRef
from wizard.outcomes import Exit, Role, TableState, Verdict
from wizard.settings import Options, Repair, RepairRule, TypeRule
from wizard.stages import Migration, access_files
from wizard.stages.losses import left_out

CUT = [
    ("Orders", "Order Date", "date", 575),
    ("Books", "Rating", "real", 72),
    ("Books", "Weight", "decimal(5,1)", 17),
]
"""types by hand that round, and how many values of the sample"""


@pytest.mark.parametrize(("table", "column", "type_", "count"), CUT)
def test_what_a_type_rounds_is_a_loss_and_foreseen(
    tmp_path: Path, table: str, column: str, type_: str, count: int
) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        ref = TableRef(migration.data.sources[0].key, table)
        migration.convert.run()
        migration.convert.edit_type(ref, column, type_)
        (told,) = migration.convert.found(ref)
        assert told.number == 2103
        migration.assess.run()
        (foreseen_,) = (f for f in migration.assess.foreseen if f.rounded)
        assert (foreseen_.table, foreseen_.rejected) == (ref, 0)
        assert foreseen_.rounded == count
        assert told.text.startswith(f"{foreseen_.rounded} of ")
        found = [m for group in migration.assess.results[ref.source].findings for m in group.messages]
        assert [m.text.split(" of ")[0] for m in found if m.number == 4069] == [str(foreseen_.rounded)]
        assert 4008 not in {m.number for m in found}
        migration.one_step()
        assert rejected(migration) == []
        (line,) = (t for t in migration.migrate.known_lines() if t.rounded)
        assert (line.rounded, line.repaired, line.state) == (foreseen_.rounded, foreseen_.rounded, TableState.LOSSES)
        verified = migration.migrate.verify()
        assert (verified.verdict, verified.losses) == (Verdict.LOSSES, foreseen_.rounded)
        assert [f"{foreseen_.rounded:,} value" in lost for lost in left_out(migration)] == [True]
        page = migration.migrate.certificate
        assert page is not None
        assert f"{foreseen_.rounded} values lost digits or a time of day" in page.read_text(encoding="utf-8")


def test_keys_that_give_way_to_old_rows_are_told_in_a_colour_of_their_own(tmp_path: Path) -> None:
    with package_of(tmp_path / "p", written(tmp_path / "old.accdb", *OLD_ROWS)) as migration:
        migration.assess.run()
        assert migration.detail(Stage.ASSESS).startswith("2 keys or indexes less than in Access; ")
        page = (migration.files.reports / "assessment.html").read_text(encoding="utf-8")
        assert "2 foreign keys or unique indexes of Access will be left out or made plain" in page
        migration.one_step()
        assert migration.status(Stage.MIGRATE) is Status.WEAKER
        assert "2 keys or indexes less than in Access, verified" in migration.detail(Stage.MIGRATE)
        assert sorted(m.number for m in migration.migrate.weaker()) == [2094, 2095]
        lines = sorted(left_out(migration), key=lambda line: line[-7:])
        assert [line.startswith("less guarded: old.") for line in lines] == [True, True], "the fact first"
        assert [line[-8:] for line in lines] == ["(JF2094)", "(JF2095)"]
        found = migration.migrate.verify()
        assert (found.verdict, found.verdict.role, found.losses) == (Verdict.WEAKER, Role.WEAKER, 0)
        assert found.verdict.exit_status is Exit.LEFT_OUT
        assert {p.state for p in found.proofs} == {TableState.DONE}, "no row is lost"
        page = migration.migrate.certificate
        assert page is not None
        text = page.read_text(encoding="utf-8")
        assert 'class="verdict weaker"' in text
        assert "Equal, less guarded" in text
        assert text.count("JF2094") == 1
        result = migration.migrate.result
        assert result is not None
        assert "2 keys or indexes less than in Access" in closing_table(result, 0, weaker=2)[-1]
        package = migration.files.package
        told = json.loads((package / "manifest.json").read_text(encoding="utf-8"))["less_guarded"]
        assert [(m["code"], m["table"]) for m in told] == [(m.code, m.place.name) for m in migration.migrate.weaker()]
        readme = (package / "README.md").read_text(encoding="utf-8")
        assert "So 2 foreign keys or unique indexes were left out or made plain; `tighten.sql` has" in readme
        assert readme.count("- Orders: ") == sum(m["table"] == "Orders" for m in told)
        for name in ("deploy.sh", "deploy.ps1"):
            text = (package / name).read_text(encoding="utf-8-sig")
            assert "2 foreign keys or unique indexes were left out or made plain, as old rows break" in text


@needs_corpus
@pytest.mark.corpus
def test_the_figures_of_stage_five_count_keys_that_give_way_as_they_will_be(tmp_path: Path) -> None:
    with package_of(tmp_path / "p", CORPUS["corrupted.accdb"]) as migration:
        (found,) = migration.assess.run().values()
        by = {c.category: (c.converted, c.partly, c.failed) for c in found.counts}
        assert (by["foreign_keys"], by["indexes"]) == ((0, 0, 3), (0, 1, 0))
        assert "3 foreign keys are not converted and 1 index is converted in part only" in " ".join(summary([found]))
        page = (migration.files.reports / "assessment.txt").read_text(encoding="utf-8")
        assert [" 0 of 3" in line for line in page.splitlines() if "Foreign keys " in line] == [True]
        migration.convert.run()
        made = migration.convert.conversion
        assert not any(t.foreign_keys for t in made.tables)
        assert sum(len(t.left_out) for t in made.tables) == 3
        migration.project.set_repair(RepairRule(RowProblem.ORPHANS, Repair.PLACEHOLDER))
        (found,) = migration.assess.run().values()
        by = {c.category: (c.converted, c.partly, c.failed) for c in found.counts}
        assert by["foreign_keys"] == (2, 0, 1), "what a rule saves is whole"


def test_an_index_made_plain_converts_in_part_and_a_key_left_out_does_not(tmp_path: Path) -> None:
    with package_of(tmp_path / "p", written(tmp_path / "old.accdb", *OLD_ROWS)) as migration:
        (found,) = migration.assess.run().values()
        told = [i for i in found.items if i.outcome is not Outcome.CONVERTED]
        assert sorted((i.category, i.source.table, i.outcome) for i in told) == [
            ("foreign_keys", "Orders", Outcome.FAILED), ("indexes", "Customers", Outcome.PARTLY),
        ]  # fmt: skip


def test_a_file_by_itself_is_assessed_as_a_project_of_it_is(tmp_path: Path) -> None:
    nan = [Value("Books", row, "Rating", struct.pack("<d", float("nan"))) for row in (1, 2)]
    old = written(tmp_path / "old.accdb", *OLD_ROWS, *nan)
    with package_of(tmp_path / "p", old) as migration:
        key = migration.data.sources[0].key
        project = migration.assess.run()[key]
        with AccessFile.open(old) as file:
            told, known = access_files.wanted_by(file, key), access_files.application(file)
            alone = access_files.assess(
                file, key, migration.data.options, migration.data.target, known=known, told=told
            )  # fmt: skip
        assert {2093, 2094, 2095, 4060} <= {g.number for g in alone.findings}
        assert alone.findings == project.findings
        told_of = [sorted(map(str, (m for g in a.groups for m in g.messages))) for a in (alone, project)]
        assert told_of[0] == told_of[1]
        assert (alone.counts, alone.foreseen) == (project.counts, project.foreseen)
        assert (alone.lost, alone.left_out, summary([alone])) == (project.lost, project.left_out, summary([project]))


@needs_corpus
@pytest.mark.corpus
def test_without_stage_five_and_six_having_looked_stage_eight_looks_before_its_first_row(tmp_path: Path) -> None:
    corrupted = CORPUS["corrupted.accdb"]
    with package_of(tmp_path / "p", corrupted) as migration:
        migration.project.set_options(Options(data_assessment=False))
        migration.convert.run()
        migration.load.run()
        (migration.folder / "oldrows.json").unlink()
    with Migration.open(tmp_path / "p") as migration:
        assert any(t.foreign_keys for t in migration.convert.conversion.tables), "nothing is known of orphans"
        migration.migrate.run()
        assert 6040 in [m.number for m in migration.messages(Stage.MIGRATE)]
        assert rejected(migration) == []
        assert migration.migrate.verify().equal
        scripts = "".join(p.read_text() for p in (migration.folder / "package").glob("*.sql") if p.stem[0].isdigit())
        assert "FOREIGN KEY" not in scripts


def test_a_shorter_type_chosen_by_hand_is_checked_against_the_rows_at_once(tmp_path: Path) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        ref = TableRef(migration.data.sources[0].key, "Authors")
        migration.convert.run()
        assert migration.convert.found(ref) == ()
        migration.convert.edit_type(ref, "First Name", "nvarchar(5)")
        (told,) = migration.convert.found(ref)
        assert (told.number, told.place.part) == (2099, "First Name")
        assert "3 of 8 rows do not fit" in told.text
        migration.convert.edit_type(ref, "First Name", "nvarchar(400)")
        assert migration.convert.found(ref) == ()
        migration.convert.edit_nullable(ref, "Born", nullable=False)
        assert [m.number for m in migration.convert.found(ref)] == [2099]


def test_a_type_changed_back_makes_anew_what_hung_on_it(tmp_path: Path) -> None:
    def whole(migration: Migration) -> object:
        made = migration.convert.conversion
        return made.tables, sorted(map(str, made.messages))

    with package_of(tmp_path / "p", SAMPLE) as migration:
        key = migration.data.sources[0].key
        migration.convert.run()
        before = whole(migration)
        changes = [("Books", "PublisherID", "bigint", "int"), ("Customers", "CustomerID", "nvarchar(4)", "nvarchar(5)")]
        for table, column, other, own in changes:
            keys = sum(len(t.foreign_keys) for t in migration.convert.conversion.tables)
            migration.convert.edit_type(TableRef(key, table), column, other)
            assert sum(len(t.foreign_keys) for t in migration.convert.conversion.tables) < keys
            migration.convert.edit_type(TableRef(key, table), column, own)
            assert whole(migration) == before, column


def test_an_edit_makes_the_assessment_stale(tmp_path: Path) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        ref = TableRef(migration.data.sources[0].key, "Authors")
        migration.assess.run()
        migration.convert.run()
        assert Stage.ASSESS in migration.convert.edit_type(ref, "First Name", "nvarchar(400)")
        assert migration.detail(Stage.ASSESS) == "changed since: edits"


def test_a_package_s_untrusted_keys_are_told_with_its_losses_until_they_can_be_trusted(tmp_path: Path) -> None:
    infinite = Value("Books", 1, "Rating", struct.pack("<d", float("inf")))
    with package_of(tmp_path / "p", written(tmp_path / "old.accdb", infinite)) as migration:
        migration.one_step()
        assert {m.place.part for m in migration.migrate.unmade()} == {"FK_Book Authors_Books", "FK_Order Details_Books"}
        lines = left_out(migration)
        assert ["leaves foreign key FK_" in line for line in lines] == [False, True, True], "rows come first"
        assert "2 constraints or indexes not made or trusted" in migration.detail(Stage.MIGRATE)
        assert certificate(migration).count("JF6311") == 2
        migration.project.set_repair(RepairRule(RowProblem.NOT_A_NUMBER, Repair.NULL))
        migration.migrate.retry_rejects()
        assert migration.migrate.unmade() == ()
        assert left_out(migration) == ()
        assert "JF6311" not in certificate(migration)


def test_tables_without_a_row_are_not_among_those_that_rows_arrived_in(tmp_path: Path) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        migration.project.set_rules([TypeRule("text", "nvarchar(6)")])
        migration.prepare()
        migration.one_step()
        result = migration.migrate.result
        assert result is not None
        empty = sum(t.state is TableState.MISSING for t in result.tables)
        assert empty
        assert f" arrived in 10 tables ({empty} without any row)" in migration.detail(Stage.MIGRATE)


@needs_corpus
@pytest.mark.corpus
def test_a_report_names_tables_whose_rows_are_in_no_access_file(tmp_path: Path) -> None:
    linked = CORPUS["odbcLinkerTestV2007.accdb"]
    with package_of(tmp_path / "p", linked) as migration:
        key = migration.data.sources[0].key
        found = migration.assess.run()[key]
        (told,) = [m for g in found.findings for m in g.messages if m.number == 8206]
        assert told.text.startswith("Ordrar is linked to odbc ")
        with AccessFile.open(linked) as file:
            assert told in access_files.wanted_by(file, key)


def test_edits_are_taken_back_before_anything_was_converted(tmp_path: Path) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        assert migration.convert.reset() == ()


def test_children_of_rows_that_will_be_rejected_are_foreseen_with_the_key_that_cannot_be_trusted(
    tmp_path: Path,
) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        ref = TableRef(migration.data.sources[0].key, "Authors")
        migration.convert.run()
        migration.convert.edit_type(ref, "First Name", "nvarchar(5)")
        migration.assess.run()
        (told,) = [m for m in migration.messages(Stage.ASSESS) if m.number == 4062]
        assert told.place.name == "Book Authors"
        migration.one_step()
        (found,) = [m for m in migration.messages(Stage.MIGRATE) if m.number == 6310]
        announced, _, why = told.text.partition(" that will be rejected ")
        assert found.text.startswith(f"{announced} that were rejected {why.partition(')')[0]})")
        assert found.place.part == told.place.part
        assert f"foreign key {told.place.part}" in told.text
        assert f"foreign key {told.place.part}" in found.text
        migration.convert.edit_type(ref, "First Name", "nvarchar(400)")
        migration.assess.run()
        assert 4062 not in [m.number for m in migration.messages(Stage.ASSESS)]


def empty_last_name(database: Path) -> None:
    """Take the value of one row's Last Name away, which Access requires."""
    data = bytearray(database.read_bytes())
    with AccessFile.open(database) as file:
        reader = file.reader("Authors")
        rows = next(iter(reader._located(0, 100)))
        number = next(p.raw.number for p in reader.plans if p.name == "Last Name")
        row = rows.buffer[int(rows.start[0]) : int(rows.end[0])].tobytes()
        place = data.index(row, int(rows.positions[0] >> 12) * 4096)
    mask = place + len(row) - (len(reader.plans) + 7) // 8
    assert data[mask + number // 8] & 1 << number % 8
    data[mask + number // 8] &= ~(1 << number % 8)
    database.write_bytes(data)


def test_rows_changed_after_stage_six_are_not_rejected_for_what_a_fresh_look_lets_in(tmp_path: Path) -> None:
    database = tmp_path / "changing.accdb"
    database.write_bytes(SAMPLE.read_bytes())
    with package_of(tmp_path / "p", database) as migration:
        migration.convert.run()
        migration.load.run()
        columns = {
            c.name: c for t in migration.convert.conversion.tables for c in t.columns if t.name.name == "Authors"
        }
        assert not columns["Last Name"].nullable
    empty_last_name(database)
    with Migration.open(tmp_path / "p") as migration:
        migration.migrate.run()
        assert 6040 in [m.number for m in migration.messages(Stage.MIGRATE)]
        assert rejected(migration) == []
        assert migration.migrate.verify().equal
        table = next(t for t in migration.convert.conversion.tables if t.name.name == "Authors")
        assert [c.name for c in table.columns if c.name == "Last Name" and c.nullable]
        assert [c for c in table.checks if c.tightens == "Last Name" and c.unchecked]


@pytest.mark.corpus
@pytest.mark.parametrize("salvage", [False, True])
def test_an_attachment_that_stays_in_its_wrapper_is_foretold_and_named_at_the_end(
    tmp_path: Path, shared: Path, salvage: bool
) -> None:
    with package_of(tmp_path / "p", shared / "hostile" / "att1.accdb") as migration:
        migration.sources.read_as("att1", code_page="", salvage=salvage)
        migration.prepare()
        migration.assess.run()
        assert migration.detail(Stage.ASSESS).startswith("values of 1 column will come as they are stored; ")
        page = (migration.files.reports / "assessment.html").read_text(encoding="utf-8")
        assert "What will be lost: values of 1 column will come as they are stored in the file." in page
        migration.one_step()
        named = [line for line in left_out(migration) if "JF1518" in line]
        assert len(named) == 1
        assert migration.status(Stage.MIGRATE) is Status.LOSSES
        assert "values of 1 column as they are stored" in migration.detail(Stage.MIGRATE)
        found = migration.migrate.verify()
        assert (found.verdict, found.losses, len(found.as_stored)) == (Verdict.LOSSES, 1, 1)
        assert certificate(migration).count("JF1518") == 1
    with Migration.open(tmp_path / "p", hold=False) as migration:
        assert [m.number for m in migration.migrate.as_stored()] == [1518]
        assert [line for line in left_out(migration) if "JF1518" in line] == named, "whoever opens it is told too"
