"""Trouble in the data is found, counted and shown before the server finds it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tests.assess.memory import MemoryFile, refers, table
from wizard.access import AccessFile
from wizard.assess import check_data, key_hashes, profile_data
from wizard.convert import convert
from wizard.definitions import Column, ColumnType
from wizard.messages import Message
from wizard.settings import Options, Target, TypeMap, TypeRule


def examined(
    file: Any, *rules: TypeRule, linked: bool = False, keep_nulls: bool = True, blind: bool = False
) -> list[Message]:
    """`blind`: converted without a look at the rows, so that no column gives way to them."""
    facts = profile_data(file)
    made = convert(
        file.definition,
        source="src",
        schema="dbo",
        options=Options(),
        target=Target(linked=linked),
        type_map=TypeMap(project=rules),
        facts={} if blind else facts,
    )
    return list(check_data(file, made, source="src", facts=facts, keep_nulls=keep_nulls))


def one(messages: list[Message], number: int) -> Message:
    found = [m for m in messages if m.number == number]
    assert len(found) == 1, messages
    return found[0]


ID = Column("ID", ColumnType.LONG)


def single(column: Column, type_: pa.DataType, values: list[Any], *rules: TypeRule, **more: Any) -> list[Message]:
    """What is said of one column's values, in a table with a key."""
    schema = pa.schema([("ID", pa.int32()), (column.name, type_)])
    return examined(MemoryFile((table("T", ID, column, key=["ID"], **more), schema, list(enumerate(values)))), *rules)


def test_clean_data_say_nothing() -> None:
    assert single(Column("A", ColumnType.TEXT, 10, required=True), pa.string(), ["a", "b"] * 20) == []


@pytest.mark.parametrize("keep_nulls", [True, False])
def test_a_default_stands_for_nulls_only_where_these_are_not_to_be_kept(keep_nulls: bool) -> None:
    required = Column("A", ColumnType.LONG, required=True, default="7")
    schema = pa.schema([("ID", pa.int32()), ("A", pa.int32())])
    rows = [(1, 5), (2, None)]
    found = examined(
        MemoryFile((table("T", ID, required, key=["ID"]), schema, rows)), keep_nulls=keep_nulls, blind=True
    )
    assert [m.number for m in found if m.number == 4001] == ([4001] if keep_nulls else [])


def test_nulls_in_a_required_column() -> None:
    required = Column("A", ColumnType.TEXT, 10, required=True)
    schema = pa.schema([("ID", pa.int32()), ("A", pa.string())])
    file = MemoryFile((table("T", ID, required, key=["ID"]), schema, list(enumerate(["a", None, "b", None]))))
    assert examined(file) == [], "the column gives way to them"
    found = one(examined(file, blind=True), 4001)
    assert "2 of 4 rows have no value in A" in found.text
    assert "ID 1; ID 3" in found.text
    assert (found.place.name, found.place.part) == ("T", "A")


def test_empty_text_that_is_not_allowed() -> None:
    column = Column("A", ColumnType.TEXT, 10, allow_zero_length=False)
    assert "1 of 2 rows" in one(single(column, pa.string(), ["a", ""]), 4002).text


def test_too_long_for_a_rule() -> None:
    rule = TypeRule("text", "nvarchar(3)")
    found = single(Column("A", ColumnType.TEXT, 10), pa.string(), ["abc", "abcd", "a😀b", "ab😀"], rule)
    assert "3 of 4 rows hold more in A than nvarchar(3)" in one(found, 4003).text


def test_dates_before_datetime_begins() -> None:
    values = [dt.datetime(1700, 1, 1), dt.datetime(1800, 1, 1), None]
    column = Column("A", ColumnType.DATE)
    found = one(single(column, pa.timestamp("ms"), values, TypeRule("date", "datetime")), 4004)
    assert "1 of 3 rows" in found.text
    assert single(column, pa.timestamp("ms"), values) == []


def test_times_of_days_before_day_zero() -> None:
    """Access calculates with numbers whose fraction counts away from zero there: queries give other times."""
    values = [dt.datetime(1899, 12, 29, 6), dt.datetime(1899, 12, 29), dt.datetime(1899, 12, 30, 6), None]
    found = one(single(Column("A", ColumnType.DATE), pa.timestamp("ms"), values), 4009)
    assert "1 of 4 rows holds in A a day before 1899-12-30 with a time of day (ID 0)" in found.text
    assert single(Column("A", ColumnType.DATE), pa.timestamp("ms"), values[1:]) == []


def test_fractions_of_a_second() -> None:
    values = [dt.datetime(2000, 1, 1, 0, 0, 0, 500_000)]
    assert one(single(Column("A", ColumnType.DATE), pa.timestamp("ms"), values, TypeRule("date", "datetime")), 4007)


@pytest.mark.parametrize(
    ("source", "arrow", "value", "target", "number"),
    [
        ("long", pa.int32(), 256, "tinyint", 4005),
        ("currency", pa.decimal128(19, 4), Decimal("1000.0000"), "decimal(5,2)", 4005),
        ("currency", pa.decimal128(19, 4), Decimal("1.2345"), "decimal(5,2)", 4008),
        ("double", pa.float64(), 0.125, "decimal(5,2)", 4069),
        ("double", pa.float64(), 1e300, "real", 4005),
        ("double", pa.float64(), float("nan"), "float", 4006),
        ("single", pa.float32(), float("inf"), "real", 4006),
    ],
)
def test_numbers(source: str, arrow: pa.DataType, value: Any, target: str, number: int) -> None:
    column = Column("A", ColumnType(source), precision=19, scale=4)
    fine = Decimal("1.5000") if source == "currency" else 1
    found = single(column, arrow, [fine, value, None], TypeRule(source, target))
    assert "1 of 3 rows" in one(found, number).text
    assert "ID 1" in one(found, number).text


def test_several_nulls_under_a_filtered_index_are_fine() -> None:
    file = MemoryFile(
        (table("T", Column("A", ColumnType.LONG), unique=["A"]), pa.schema([("A", pa.int32())]), [(None,)] * 3)
    )
    assert examined(file) == []


def test_nulls_in_a_primary_key() -> None:
    schema = pa.schema([("A", pa.int32()), ("B", pa.string())])
    columns = Column("A", ColumnType.LONG), Column("B", ColumnType.TEXT, 5)
    file = MemoryFile((table("T", *columns, key=["A"]), schema, [(1, "x"), (None, "y"), (None, "z")]))
    assert examined(file) == [], "the key gives way to them"
    found = examined(file, blind=True)
    assert "2 of 3 rows have no value in A" in one(found, 4001).text
    assert [m.number for m in found] == [4001]


def family(enforced: bool, as_text: bool = False, passes: int = 1) -> list[Message]:
    parent = table("Parent", ID, key=["ID"])
    child = table("Child", ID, Column("Of", ColumnType.LONG), key=["ID"])
    parents = [(n,) for n in range(0, 40, 2)]
    of = str if as_text else int
    children = [(n, None if n % 10 == 9 else of(n)) for n in range(40)]
    file = MemoryFile(
        (parent, pa.schema([("ID", pa.int32())]), parents),
        (child, pa.schema([("ID", pa.int32()), ("Of", pa.string() if as_text else pa.int32())]), children),
        relationships=(refers("Child", "Of", "Parent", "ID", enforced),),
    )
    found = examined(file)
    assert sum(r == ("Child", ("Of",)) for r in file.reads if r[0] == "Child") >= passes
    return found


def test_orphans() -> None:
    found = one(family(False), 4023)
    assert "16 of 40 rows refer by Of to rows of Parent" in found.text
    assert "Of 1; Of 3; Of 5 …" in found.text
    assert family(True, passes=0) == [], "those of a foreign key are looked at elsewhere"


def test_unlike_kinds_are_not_compared() -> None:
    assert one(family(False, as_text=True), 4021)


def test_large_tables_take_several_passes_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_hashes, "MOST", 9)
    found = family(False, passes=5)
    assert "16 of 40 rows" in one(found, 4023).text
    assert {m.place.name for m in found if m.number == 4040} == {"Child"}


def test_a_rule_that_only_access_can_tell_is_named() -> None:
    column = Column("A", ColumnType.LONG, validation_rule="Between 0 And 5 Or Is Null")
    assert single(column, pa.int32(), [1, 7, None, -1]) == [], "what can be told is looked at elsewhere"
    assert not single(Column("A", ColumnType.LONG, validation_rule="<Date()"), pa.int32(), [1])
    assert one(single(Column("A", ColumnType.LONG, validation_rule="Mine([A])>1"), pa.int32(), [1]), 4031)
    of_table = single(Column("A", ColumnType.LONG), pa.int32(), [1], validation_rule="Mine([A])>1")
    assert one(of_table, 4031).place.name == "T"


def test_the_sample_has_orphans(sample: Any) -> None:
    with AccessFile.open(sample) as file:
        found = examined(file)
    assert "21 of 2,000 rows refer by ISBN" in one(found, 4023).text
