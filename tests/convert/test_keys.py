"""Primary keys and indexes: NULLs as Access has them, what cannot be indexed, what is there already."""

from __future__ import annotations

from dataclasses import replace

from tests.convert.making import KEY, converted, index, numbers, one, table
from wizard.definitions import Column, ColumnProfile, ColumnType, Index, IndexColumn, Table, TableProfile
from wizard.messages import Severity
from wizard.settings import Level, Options

A = Column("A", ColumnType.TEXT, length=20)
B = Column("B", ColumnType.LONG)


def indexes(*made: Index) -> list[tuple[bool, tuple[str, ...], str]]:
    found = one(converted(table("T", A, B, indexes=(KEY, *made)))).indexes
    return [(i.unique, tuple(c.name for c in i.columns), i.where) for i in found]


def test_a_unique_index_lets_several_rows_be_null_as_in_access() -> None:
    assert indexes(index("A", "A", unique=True)) == [(True, ("A",), "[A] IS NOT NULL")]
    assert indexes(index("AB", "A", "B", unique=True)) == [(True, ("A", "B"), "[A] IS NOT NULL AND [B] IS NOT NULL")]


def test_a_unique_index_on_what_is_never_null_needs_no_filter() -> None:
    must = replace(A, required=True)
    found = one(converted(table("T", must, indexes=(KEY, index("A", "A", unique=True))))).indexes
    assert found[0].where == ""


def test_an_index_that_ignores_nulls_is_filtered_where_a_filter_can_say_so() -> None:
    assert indexes(index("A", "A", ignore_nulls=True)) == [(False, ("A",), "[A] IS NOT NULL")]
    assert indexes(index("AB", "A", "B", ignore_nulls=True)) == [(False, ("A", "B"), "")]


def test_an_index_that_access_made_for_a_relationship_is_left_out() -> None:
    assert indexes(replace(index("Rel", "A"), for_relationship=True)) == []


def test_several_indexes_over_the_same_columns_become_one_and_it_is_told() -> None:
    doubled = (index("A", "A"), index("A2", "A", unique=True), index("A3", "A"))
    assert indexes(*doubled) == [(True, ("A",), "[A] IS NOT NULL")]
    assert numbers(converted(table("T", A, indexes=(KEY, *doubled)))).count(2053) == 2


def test_descending_is_another_index() -> None:
    down = Index("Down", (IndexColumn("A", descending=True),))
    assert len(indexes(index("Up", "A"), down)) == 2


def test_an_index_on_long_text_is_left_out_at_the_level_of_the_option() -> None:
    memo = table("T", Column("M", ColumnType.MEMO), indexes=(KEY, index("M", "M")))
    for level, severity in ((Level.ERROR, Severity.ERROR), (Level.WARNING, Severity.WARNING)):
        conversion = converted(memo, options=Options(indexed_memo=level))
        assert one(conversion).indexes == ()
        assert [m.severity for m in conversion.messages if m.number == 2051] == [severity]


def test_a_key_too_long_for_a_clustered_index_is_nonclustered() -> None:
    wide = [Column(f"c{i}", ColumnType.TEXT, length=255) for i in range(2)]
    key = Index("K", tuple(IndexColumn(c.name) for c in wide), primary=True, unique=True)
    conversion = converted(Table("T", tuple(wide), (key,)))
    made = one(conversion).primary_key
    assert made is not None
    assert not made.clustered
    assert 2055 in numbers(conversion)


def test_a_key_too_long_for_any_index_is_told_unless_the_data_fits() -> None:
    wide = [Column(f"c{i}", ColumnType.TEXT, length=255) for i in range(4)]
    long_index = index("Wide", *(c.name for c in wide))
    source = table("T", *wide, indexes=(KEY, long_index))
    assert 2054 in numbers(converted(source))
    short = {c.name: ColumnProfile(rows=9, max_length=30) for c in wide}
    assert 2054 not in numbers(converted(source, facts={"T": TableProfile(9, short)}))
    assert len(one(converted(source)).indexes) == 1
