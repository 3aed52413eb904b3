"""Old rows that a later rule forbids: they arrive, new ones are asked, and the way back is written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.assess.memory import MemoryFile, refers, table
from wizard.assess import existing_row_checks, profile_data
from wizard.assess.existing_row_checks import answer_questions
from wizard.assess.reject_forecast import forecast_rejects
from wizard.assess.validation_rules import BatchRule, UntoldError
from wizard.coercion.row_plan import OrphanRepair, RowPlan, SharedKeys
from wizard.convert import convert
from wizard.convert.relaxed_constraints import relax, tightening
from wizard.convert.script import statements
from wizard.convert.server_limits import key_size
from wizard.definitions import AutoNumber, Column, ColumnType
from wizard.existing_rows import Answers, questions
from wizard.messages import RowProblem
from wizard.objects import Conversion, KeyColumn, Name, ServerColumn, ServerIndex, ServerTable, ServerType, TableRef
from wizard.options import Preset
from wizard.settings import Options, Repair, RepairRule, Repairs, Target

ID = Column("ID", ColumnType.LONG)
SCHEMA = pa.schema([("ID", pa.int32()), ("A", pa.string())])


def made(file: Any, *rules: RepairRule, options: Options | None = None) -> Conversion:
    """What conversion makes of a file once its rows were looked at."""
    options = options or Options()
    facts = profile_data(file)
    plain = convert(file.definition, source="src", schema="dbo", options=options, target=Target(), facts=facts)
    wanted = questions(plain.tables)
    found = Answers({"src": "1"}, tuple(wanted), answer_questions({"src": file}, plain.tables, wanted))
    return relax(plain, found, Repairs(rules), add_key=options.add_primary_key)


def one(column: Column, values: list[Any], *rules: RepairRule, **more: Any) -> tuple[ServerTable, Conversion]:
    """A table with a key and one column more."""
    file = MemoryFile((table("T", ID, column, key=["ID"], **more), SCHEMA, list(enumerate(values))))
    conversion = made(file, *rules)
    return conversion.tables[0], conversion


def told(conversion: Conversion) -> list[int]:
    return [m.number for m in conversion.messages if 2090 <= m.number < 2100]


def sql_of(conversion: Conversion) -> str:
    return "\n".join(s.sql for s in statements(conversion))


def rejected(file: Any, conversion: Conversion, plan: RowPlan | None = None) -> list[int]:
    target = conversion.tables[0]
    plans = {target.source: plan} if plan and target.source else {}
    found = forecast_rejects(file, conversion.tables, plans, facts=profile_data(file))
    return [r.position // 3 for f in found for r in f.listed]


def test_a_required_column_that_old_rows_leave_empty_takes_null_and_asks_new_rows() -> None:
    target, conversion = one(Column("A", ColumnType.TEXT, 10, required=True), ["x", None, "y"])
    column = target.column("A")
    assert column is not None
    assert column.nullable
    assert told(conversion) == [2090]
    assert "1 of 3 rows has no value" in next(m.text for m in conversion.messages if m.number == 2090)
    check = "ALTER TABLE [dbo].[T] WITH NOCHECK ADD CONSTRAINT [CK_T_A_required] CHECK ([A] IS NOT NULL);"
    assert check in sql_of(conversion)
    back = tightening(conversion)
    assert "-- UPDATE [dbo].[T] SET [A] = <a value> WHERE [A] IS NULL;" in back
    assert back.index("DROP CONSTRAINT [CK_T_A_required]") < back.index("ALTER COLUMN [A] nvarchar(10) NOT NULL")
    assert "BEGIN TRANSACTION" in back


def test_a_required_column_without_empty_rows_is_not_null() -> None:
    target, conversion = one(Column("A", ColumnType.TEXT, 10, required=True), ["x", "y"])
    column = target.column("A")
    assert column is not None
    assert not column.nullable
    assert told(conversion) == []
    assert tightening(conversion) == ""


def test_a_default_that_the_server_puts_in_keeps_the_column_not_null() -> None:
    file = MemoryFile(
        (table("T", ID, Column("A", ColumnType.TEXT, 5, required=True, default='"x"'), key=["ID"]), SCHEMA, [(1, None)])
    )
    column = made(file, options=Options(keep_nulls=False)).tables[0].column("A")
    assert column is not None
    assert not column.nullable


def test_a_primary_key_that_old_rows_leave_empty_becomes_a_unique_index_beside_a_key_of_our_own() -> None:
    file = MemoryFile(
        (table("T", ID, Column("A", ColumnType.TEXT, 5), key=["ID"]), SCHEMA, [(1, "x"), (None, "y"), (None, "z")])
    )
    conversion = made(file)
    target = conversion.tables[0]
    (index,) = target.indexes
    assert index.unique
    assert index.where == "[ID] IS NOT NULL"
    assert target.primary_key is not None
    assert [c.name for c in target.primary_key.columns] == ["RowID"]
    assert told(conversion) == [2091]
    assert rejected(file, conversion) == []


def test_an_autonumber_without_a_value_is_numbered_no_more() -> None:
    counter = Column("A", ColumnType.LONG, auto=AutoNumber.INCREMENT)
    file = MemoryFile(
        (table("T", ID, counter, key=["ID"]), pa.schema([("ID", pa.int32()), ("A", pa.int32())]), [(1, 1), (2, None)])
    )
    column = made(file).tables[0].column("A")
    assert column is not None
    assert (column.identity, column.nullable) == (False, True)


@pytest.mark.parametrize(
    ("rule", "values", "broken"),
    [
        (">'b'", ["c", "a", None], True),
        (">'b'", ["c", "d", None], False),
        ("Not Null", ["c", None], True),
        ("Between 'z' And 'a'", ["c", "d"], False),
        ("Len([A])=1", ["c", "dd"], True),
        ("Len([A])=1", ["c", "d"], False),
    ],
)
def test_a_validation_rule_that_old_rows_break_asks_new_rows_only(rule: str, values: list[Any], broken: bool) -> None:
    target, conversion = one(Column("A", ColumnType.TEXT, 10, validation_rule=rule), values)
    (check,) = target.checks
    assert check.unchecked is broken
    assert told(conversion) == ([2093] if broken else [])
    how = "NOCHECK" if broken else "CHECK"
    assert f"WITH {how} ADD CONSTRAINT [CK_T_A]" in sql_of(conversion)
    again = "ALTER TABLE [dbo].[T] WITH CHECK CHECK CONSTRAINT [CK_T_A];"
    assert (again in tightening(conversion)) is broken


@pytest.mark.parametrize("late", [False, True], ids=["at once", "while rows are read"])
def test_a_rule_that_cannot_be_judged_here_does_not_stop_a_package(late: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def rule_of(text: str, *_: object) -> BatchRule:
        def test(_columns: object) -> pa.Array:
            raise UntoldError(text)

        if late:
            return BatchRule(test, ("A",))
        raise UntoldError(text)

    monkeypatch.setattr(existing_row_checks, "rule_of", rule_of)
    column = Column("A", ColumnType.TEXT, 10, validation_rule=">'b'")
    file = MemoryFile((table("T", ID, column, key=["ID"]), SCHEMA, [(1, "c")]))
    plain = convert(
        file.definition, source="src", schema="dbo", options=Options(), target=Target(), facts=profile_data(file)
    )
    wanted = questions(plain.tables)
    found = Answers({"src": "1"}, tuple(wanted), answer_questions({"src": file}, plain.tables, wanted))
    for package in (False, True):
        adapted = relax(plain, found, Repairs(()), package=package)
        (check,) = adapted.tables[0].checks
        assert check.unchecked is package
        assert [m.number for m in adapted.messages if m.number == 2100] == ([2100] if package else [])
        again = "ALTER TABLE [dbo].[T] WITH CHECK CHECK CONSTRAINT [CK_T_A];"
        assert (again in tightening(adapted)) is package


def test_empty_texts_that_are_not_allowed_now_are_kept() -> None:
    target, conversion = one(Column("A", ColumnType.TEXT, 10, allow_zero_length=False), ["x", ""])
    assert [c.unchecked for c in target.checks] == [True]
    assert told(conversion) == [2092]
    target, conversion = one(Column("A", ColumnType.TEXT, 10, allow_zero_length=False), ["x", None])
    assert [c.unchecked for c in target.checks] == [False]


SHARED = [(1, "x"), (2, "y"), (3, "X "), (4, None), (5, None), (6, "x")]


def unique_file() -> MemoryFile:
    return MemoryFile((table("T", ID, Column("A", ColumnType.TEXT, 5), key=["ID"], unique=["A"]), SCHEMA, SHARED))


def test_a_unique_index_over_duplicates_is_a_plain_one() -> None:
    file = unique_file()
    conversion = made(file)
    (index,) = conversion.tables[0].indexes
    assert (index.unique, index.loosened) == (False, True)
    assert told(conversion) == [2095]
    assert rejected(file, conversion) == []
    back = tightening(conversion)
    assert "-- SELECT [A] FROM [dbo].[T] WHERE [A] IS NOT NULL GROUP BY [A] HAVING COUNT(*) > 1;" in back
    assert "CREATE UNIQUE INDEX [UX_T_Only]" in back


def test_all_but_the_first_of_duplicates_are_rejected_where_a_rule_says_so() -> None:
    file = unique_file()
    rule = RepairRule(RowProblem.DUPLICATES, Repair.REJECT, source="src", table="T", part="Only")
    conversion = made(file, rule)
    (index,) = conversion.tables[0].indexes
    assert index.unique
    wanted = questions(conversion.tables)
    (broken,) = answer_questions({"src": file}, conversion.tables, wanted)
    assert [p // 3 for p in broken.positions] == [2, 5]
    plan = RowPlan(shared=(SharedKeys(index.name, ("A",), np.array(broken.positions, np.int64)),))
    assert rejected(file, conversion, plan) == [2, 5]


def test_a_primary_key_over_duplicates_gives_way_and_foreign_keys_with_it() -> None:
    child = table("C", Column("Of", ColumnType.LONG))
    file = MemoryFile(
        (table("T", ID, Column("A", ColumnType.TEXT, 5), key=["ID"]), SCHEMA, [(1, "x"), (1, "y"), (2, "z")]),
        (child, pa.schema([("Of", pa.int32())]), [(1,), (2,)]),
        relationships=(refers("C", "Of", "T", "ID"),),
    )
    conversion = made(file)
    parent, own = conversion.tables
    assert parent.primary_key is not None
    assert [c.name for c in parent.primary_key.columns] == ["RowID"]
    assert own.foreign_keys == ()
    assert len(own.left_out) == 1
    assert told(conversion) == [2096, 2097]


def family(*rules: RepairRule) -> tuple[MemoryFile, Conversion]:
    child = table("C", ID, Column("Of", ColumnType.LONG), key=["ID"])
    file = MemoryFile(
        (child, pa.schema([("ID", pa.int32()), ("Of", pa.int32())]), [(1, 1), (2, 7), (3, None), (4, 8)]),
        (table("T", ID, key=["ID"]), pa.schema([("ID", pa.int32())]), [(1,)]),
        relationships=(refers("C", "Of", "T", "ID"),),
    )
    return file, made(file, *rules)


def test_a_foreign_key_with_orphans_is_left_out_and_the_way_to_add_it_written() -> None:
    file, conversion = family()
    child = conversion.tables[0]
    assert child.foreign_keys == ()
    assert told(conversion) == [2094]
    assert "2 of 4 rows refer" in next(m.text for m in conversion.messages if m.number == 2094)
    assert rejected(file, conversion) == []
    back = tightening(conversion)
    assert "-- SELECT * FROM [dbo].[C] AS t WHERE t.[Of] IS NOT NULL AND NOT EXISTS" in back
    assert "ALTER TABLE [dbo].[C] WITH CHECK ADD CONSTRAINT" in back
    assert "FOREIGN KEY" not in sql_of(conversion)


def test_orphans_become_null_where_a_rule_says_so() -> None:
    file, conversion = family(RepairRule(RowProblem.ORPHANS, Repair.NULL))
    child = conversion.tables[0]
    assert len(child.foreign_keys) == 1
    (broken,) = answer_questions({"src": file}, conversion.tables, questions(conversion.tables))
    plan = RowPlan(orphans=(OrphanRepair("FK", ("Of",), np.array(broken.positions, np.int64)),))
    (found,) = (
        forecast_rejects(file, conversion.tables, {child.source: plan}, facts=profile_data(file))
        if child.source
        else ()
    )
    assert (found.rejected, found.repaired) == (0, 2)
    batch = next(iter(file.read("C")))
    fitted = plan.fit(batch.rows, batch.positions, child.columns[:2])
    assert fitted.rows.column(1).to_pylist() == [1, None, None, None]
    assert [(r.row, r.column, r.old, r.new, r.rule) for r in fitted.repaired] == [
        (1, "Of", "7", None, "null"),
        (3, "Of", "8", None, "null"),
    ]


LETTER, HAN, EMOJI = "a", "字", "\U0001f600"


@pytest.mark.parametrize(
    ("values", "size", "bad"),
    [
        ([LETTER * 848, LETTER * 849], "nvarchar(900)", [1]),
        ([HAN * 848, HAN * 849, None], "nvarchar(900)", [1]),
        ([EMOJI * 424, EMOJI * 425], "nvarchar(900)", [1]),
        ([LETTER * 848, LETTER * 848], "nvarchar(848)", []),
    ],
)
def test_keys_longer_than_an_index_takes_are_foreseen(values: list[Any], size: str, bad: list[int]) -> None:
    """The number takes four bytes of the 1,700, so that 848 characters have room."""
    length = int(size[9:-1])
    columns = (ServerColumn("ID", ServerType("int"), source="ID"),)
    columns += (ServerColumn("A", ServerType("nvarchar", length=length), source="A"),)
    index = ServerIndex("IX", (KeyColumn("ID"), KeyColumn("A")))
    target = ServerTable(Name("dbo", "T"), columns, source=TableRef("src", "T"), indexes=(index,))
    file = MemoryFile((table("T", ID, Column("A", ColumnType.MEMO)), SCHEMA, list(enumerate(values))))
    size_ = key_size(target, index)
    assert (size_ is None) is not bool(bad)
    plan = RowPlan(keys=(size_,) if size_ else ())
    found = rejected(file, Conversion((target,)), plan)
    assert found == bad
    if size_:
        assert key_size(target, replace(index, clustered=True)) == replace(size_, limit=900)


def test_answers_hold_for_one_state_of_a_file() -> None:
    file, _ = family()
    plain = convert(
        file.definition, source="src", schema="dbo", options=Options(), target=Target(), facts=profile_data(file)
    )
    wanted = questions(plain.tables)
    found = Answers().with_answers(wanted, answer_questions({"src": file}, plain.tables, wanted), {"src": "1"})
    assert found.unanswered(wanted, {"src": "1"}) == []
    assert found.unanswered(wanted, {"src": "2"}) == wanted
    assert len(found.broken) == 1
    assert Answers(found.states).with_answers((), (), {"src": "2"}).broken == ()


def test_the_most_local_rule_counts_then_the_presets_then_the_default() -> None:
    wide = RepairRule(RowProblem.DATE, Repair.NULL)
    near = RepairRule(RowProblem.DATE, Repair.NEAREST, source="s", table="T", part="When")
    repairs = Repairs((near, wide))
    assert repairs.of(RowProblem.DATE, "s", "t", "when") == near
    assert repairs.of(RowProblem.DATE, "s", "T", "Other") == wide
    assert repairs.of(RowProblem.ORPHANS, "s", "T").repair is Repair.LEAVE_OUT
    assert repairs.of(RowProblem.DUPLICATES, "s", "T").repair is Repair.PLAIN
    assert Repairs((), Preset.OPTIMISTIC).of(RowProblem.DATE, "s", "T").repair is Repair.NEAREST
    assert Repairs((wide,), Preset.OPTIMISTIC).of(RowProblem.DATE, "s", "T") == wide
    assert Repairs().of(RowProblem.NOT_A_NUMBER, "s", "T").repair is Repair.REJECT


@pytest.mark.parametrize(
    ("values", "bad"),
    [([1.0, float("nan"), None, float("-inf")], [1, 3]), ([1.0, 2.0], [])],
)
def test_what_no_type_can_hold_is_foreseen_row_for_row(values: list[Any], bad: list[int]) -> None:
    schema = pa.schema([("ID", pa.int32()), ("A", pa.float64())])
    file = MemoryFile((table("T", ID, Column("A", ColumnType.DOUBLE), key=["ID"]), schema, list(enumerate(values))))
    assert rejected(file, made(file)) == bad
    assert ("T", ("ID", "A")) in file.reads or not bad, "read only where something may not fit"
