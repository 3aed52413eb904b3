"""Tables and columns: nullability, AutoNumber, added keys and rowversions, names, what the oracles hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import oracle_cases
from tests.convert.making import ID, KEY, converted, index, numbers, one, table
from tests.convert.oracle import database
from wizard.convert import convert, names_of
from wizard.definitions import (
    AutoNumber,
    ChildOf,
    Column,
    ColumnProfile,
    ColumnType,
    ComplexKind,
    Index,
    IndexColumn,
    Table,
    TableProfile,
)
from wizard.messages import ConversionError, Severity
from wizard.objects import Outcome
from wizard.settings import Decide, Level, Options, Target, TypeMap, TypeRule

TEXT = Column("Name", ColumnType.TEXT, length=40)


def test_null_is_allowed_where_access_allows_it() -> None:
    made = one(
        converted(
            table("T", TEXT, Column("Must", ColumnType.TEXT, length=5, required=True), Column("B", ColumnType.BOOLEAN))
        )
    )
    assert {c.name: c.nullable for c in made.columns} == {"ID": False, "Name": True, "Must": False, "B": False}
    flag = made.column("b")
    assert flag is not None
    assert flag.default == "0", "Yes/No has no third state"


@pytest.mark.parametrize(
    ("column", "identity", "default"),
    [
        (ID, True, ""),
        (Column("ID", ColumnType.LONG, auto=AutoNumber.RANDOM), False, "CHECKSUM(NEWID())"),
        (Column("ID", ColumnType.GUID, auto=AutoNumber.REPLICATION), False, "NEWID()"),
    ],
)
def test_autonumber_is_kept_going(column: Column, identity: bool, default: str) -> None:
    made = one(converted(Table("T", (column,), (KEY,)))).columns[0]
    assert (made.identity, made.default, made.nullable) == (identity, default, False)


def test_a_table_without_key_or_unique_index_gets_a_key() -> None:
    conversion = converted(Table("T", (TEXT,)))
    made = one(conversion)
    assert made.columns[-1].identity
    assert made.primary_key is not None
    assert made.primary_key.columns[0].name == made.columns[-1].name == "RowID"
    assert 2040 in numbers(conversion)


def test_a_unique_index_does_for_a_key_and_the_option_can_say_no() -> None:
    unique = Table("T", (TEXT,), (index("Name", "Name", unique=True),))
    assert one(converted(unique)).primary_key is None
    assert one(converted(Table("T", (TEXT,)), options=Options(add_primary_key=False))).primary_key is None


def test_an_added_key_beside_an_autonumber_is_no_second_identity() -> None:
    made = one(converted(Table("T", (ID, Column("RowID", ColumnType.LONG)))))
    assert [c.name for c in made.columns] == ["ID", "RowID", "RowID_2"]
    assert [c.identity for c in made.columns] == [True, False, False]
    assert made.columns[-1].default == "NEWSEQUENTIALID()"


@pytest.mark.parametrize("kind", [ColumnType.SINGLE, ColumnType.DOUBLE, ColumnType.MEMO, ColumnType.LONGBINARY])
def test_a_rowversion_is_added_where_linked_forms_would_report_conflicts(kind: ColumnType) -> None:
    made = one(converted(table("T", Column("c", kind))))
    assert str(made.columns[-1].type) == "rowversion"
    never = one(converted(table("T", Column("c", kind)), options=Options(add_rowversion=Decide.NEVER)))
    assert len(never.columns) == 2


@pytest.mark.parametrize(
    ("kind", "rule", "fraction", "linked", "added"),
    [
        (ColumnType.DATE, "", False, True, False),
        (ColumnType.DATE, "", True, True, True),
        (ColumnType.DATE, "datetime", True, True, True),
        (ColumnType.DATE, "datetime", False, True, False),
        (ColumnType.DATE_EXTENDED, "datetime2(0)", True, True, False),
        (ColumnType.DATE_EXTENDED, "", False, True, True),
        (ColumnType.DATE_EXTENDED, "", True, False, False),
    ],
)
def test_fractions_of_a_second_want_a_rowversion_in_linked_tables(
    kind: ColumnType, rule: str, fraction: bool, linked: bool, added: bool
) -> None:
    facts = {"T": TableProfile(1, {"At": ColumnProfile(rows=1, fraction_of_second=fraction)})}
    rules = TypeMap((TypeRule(kind.value, rule),)) if rule else TypeMap()
    made = one(converted(table("T", Column("At", kind)), facts=facts, type_map=rules, target=Target(linked=linked)))
    assert (made.columns[-1].type.name == "rowversion") is added


def test_no_rowversion_where_nothing_asks_for_it() -> None:
    assert len(one(converted(table("T", TEXT))).columns) == 2
    assert len(one(converted(table("T", TEXT), options=Options(add_rowversion=Decide.ALWAYS))).columns) == 3


def test_a_key_column_that_access_does_not_require_is_told_at_the_level_of_the_option() -> None:
    loose = Table("T", (TEXT,), (Index("K", (IndexColumn("Name"),), primary=True, unique=True),))
    for level in Level:
        conversion = converted(loose, options=Options(nullable_key=level))
        told = [m.severity for m in conversion.messages if m.number == 2033]
        assert told == ([] if level is Level.OFF else [Severity(level.value)])
        assert not one(conversion).columns[0].nullable


def test_two_tables_whose_names_a_server_takes_for_one() -> None:
    conversion = converted(table("Orders"), table("Orders "))
    assert [t.name.name for t in conversion.tables] == ["Orders", "Orders_2"]
    assert 2020 in numbers(conversion)


def test_a_column_of_unknown_type_is_left_out_and_the_table_is_partly_converted() -> None:
    conversion = converted(table("T", Column("x", ColumnType.UNKNOWN)))
    assert [c.name for c in one(conversion).columns] == ["ID"]
    outcomes = {(i.category, i.part): i.outcome for i in conversion.items}
    assert outcomes["columns", "x"] is Outcome.FAILED
    assert outcomes["tables", ""] is Outcome.PARTLY


FILES = Column("Files", ColumnType.COMPLEX, complex_kind=ComplexKind.ATTACHMENT, child_table="T_Files")
CHILD = Table(
    "T_Files",
    (Column("Files", ColumnType.LONG), Column("FileName", ColumnType.TEXT, length=255)),
    child_of=ChildOf("T", "Files", "Files", ComplexKind.ATTACHMENT),
)
OWN_INDEX = (KEY, index("Own", "Files", unique=True))


@pytest.mark.parametrize("indexes", [OWN_INDEX, (KEY,)])
def test_a_complex_column_becomes_a_number_and_its_values_a_table_that_refers_to_it(indexes: tuple[Index, ...]) -> None:
    conversion = converted(table("T", FILES, indexes=indexes), CHILD)
    parent = one(conversion)
    assert str(parent.columns[1].type) == "int"
    assert [(i.unique, i.where) for i in parent.indexes] == [(True, "")]
    key = one(conversion, "T_Files").foreign_keys[0]
    assert (key.columns, key.referenced_columns, key.on_delete) == (("Files",), ("Files",), "CASCADE")


def test_a_new_row_gets_a_number_for_its_complex_column_as_the_index_takes_one_null() -> None:
    conversion = converted(table("T", FILES), CHILD)
    column = one(conversion).columns[1]
    assert (column.default, column.default_name) == ("CHECKSUM(NEWID())", "DF_T_Files")
    assert 2034 in numbers(conversion)


def test_a_table_that_nobody_sees_in_access_is_told() -> None:
    (told,) = [m for m in converted(table("T", FILES), CHILD).messages if m.number == 2037]
    assert told.place.name == "T_Files"
    assert told.text.startswith("This table holds the values of the column 'Files' of 'T', which are attachments")


def test_what_a_hyperlink_no_longer_does_is_told() -> None:
    texts = [Column("Site", ColumnType.MEMO, hyperlink=True), Column("Note", ColumnType.MEMO)]
    told = [m for m in converted(table("T", *texts)).messages if m.number == 2036]
    assert [m.place.part for m in told] == ["Site"]


@pytest.mark.parametrize("indexes", [OWN_INDEX, (KEY,)])
def test_several_rows_without_a_number_get_a_filtered_index_and_no_foreign_key(indexes: tuple[Index, ...]) -> None:
    facts = {"T": TableProfile(5, {"Files": ColumnProfile(rows=5, nulls=2)})}
    conversion = converted(table("T", FILES, indexes=indexes), CHILD, facts=facts)
    assert [(i.unique, i.where) for i in one(conversion).indexes] == [(True, "[Files] IS NOT NULL")]
    assert one(conversion, "T_Files").foreign_keys == ()
    assert 2068 in numbers(conversion)


def test_facts_choose_the_type() -> None:
    facts = {"t": TableProfile(5, {"D": ColumnProfile(rows=5, fraction_of_second=True)})}
    made = one(converted(table("T", Column("d", ColumnType.DATE)), facts=facts))
    assert str(made.columns[1].type) == "datetime2(3)"


def test_an_impossible_rule_stops_the_conversion_before_it_begins() -> None:
    with pytest.raises(ConversionError):
        converted(table("T"), type_map=TypeMap(project=(TypeRule("text", "json"),)))


def test_rows_that_no_page_holds_are_told() -> None:
    """Of varying length: the table is made, and a row in which all of them are long is refused (511).

    Each leaves a pointer of 24 bytes, and its place of 2; the head, a bit a column and the added key come on top.
    """
    wide = [Column(f"c{i}", ColumnType.TEXT, length=255) for i in range(340)]
    assert 2043 in numbers(converted(table("T", *wide)))
    assert 2043 not in numbers(converted(table("T", *wide[:308])))
    assert 2043 in numbers(converted(table("T", *wide[:309])))


def test_a_second_source_in_the_same_schema_takes_names_that_are_free() -> None:
    first = converted(table("T", Column("B", ColumnType.BOOLEAN)))
    second = converted(table("T", Column("B", ColumnType.BOOLEAN)), taken=names_of(first))
    assert not {n.casefold() for n in names_of(first)} & {n.casefold() for n in names_of(second)}
    assert second.tables[0].name.name == "T_2"


@pytest.mark.parametrize("oracle", [o for _, o in oracle_cases()], ids=lambda p: p.name.removesuffix(".json"))
def test_every_database_of_the_corpus_converts_whole(oracle: Path) -> None:
    try:
        source = database(oracle)
    except KeyError:
        pytest.skip("the oracle has tables and rows only")
    made = convert(source, source="a", schema="dbo", options=Options(), target=Target())
    assert [t.source.table for t in made.tables if t.source] == [t.name for t in source.tables]
    for there, table_ in zip(source.tables, made.tables, strict=True):
        assert {c.source for c in table_.columns if c.source} | {c.name for c in table_.columns if c.computed} >= {
            c.name for c in there.columns
        }
    assert [m for m in made.messages if m.severity is Severity.ERROR and m.number < 3000] == []
