"""Relationships: what becomes a foreign key, what cannot and why, and what it refers to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.convert.making import KEY, converted, index, numbers, one, refers, table
from wizard.convert import relations
from wizard.definitions import Column, ColumnProfile, ColumnType, Index, IndexColumn, Relationship, Table, TableProfile
from wizard.objects import Action, Conversion, Outcome, ServerColumn, ServerType
from wizard.settings import TypeMap, TypeRule

PARENT_ID = Column("ParentID", ColumnType.LONG)
CODE = Column("Code", ColumnType.TEXT, length=5)


def test_a_relationship_becomes_a_foreign_key_with_its_cascades() -> None:
    conversion = converted(
        table("P"), table("T", PARENT_ID), relationships=(refers("T", "ParentID", "P", delete=True, update=True),)
    )
    key = one(conversion).foreign_keys[0]
    assert (key.name, key.columns, key.referenced.name) == ("FK_T_P", ("ParentID",), "P")
    assert (key.on_delete, key.on_update) == (Action.CASCADE, Action.CASCADE)


def test_a_relationship_that_access_does_not_enforce_is_told_and_not_made() -> None:
    loose = replace(refers("T", "ParentID", "P"), enforced=False)
    conversion = converted(table("P"), table("T", PARENT_ID), relationships=(loose,))
    assert one(conversion).foreign_keys == ()
    item = next(i for i in conversion.items if i.category == "foreign_keys")
    assert (item.outcome, [m.number for m in item.messages]) == (Outcome.CONVERTED, [2060])


def test_a_relationship_to_a_table_that_is_not_converted_is_told() -> None:
    conversion = converted(table("T", PARENT_ID), relationships=(refers("T", "ParentID", "Gone"),))
    assert numbers(conversion) == [2061]
    orphan = converted(table("P"), relationships=(refers("Gone", "ParentID", "P"),))
    assert numbers(orphan) == [2061]


def test_setting_null_needs_columns_that_may_be_null() -> None:
    relation = replace(refers("T", "ParentID", "P"), cascade_null=True)
    may = converted(table("P"), table("T", PARENT_ID), relationships=(relation,))
    must = converted(table("P"), table("T", replace(PARENT_ID, required=True)), relationships=(relation,))
    assert one(may).foreign_keys[0].on_delete is Action.SET_NULL
    assert one(must).foreign_keys[0].on_delete is Action.NO_ACTION


def test_types_must_agree() -> None:
    other = converted(
        table("P"),
        table("T", replace(PARENT_ID, type=ColumnType.INTEGER)),
        relationships=(refers("T", "ParentID", "P"),),
    )
    assert (one(other).foreign_keys, numbers(other)) == ((), [2064])


def coded_parent(length: int = 5, kind: ColumnType = ColumnType.TEXT) -> Table:
    key = Index("K", (IndexColumn("Code"),), True, True, True)
    return Table("P", (replace(CODE, type=kind, length=length, required=True),), (key,))


def lengths(conversion: Conversion) -> dict[str, int | None]:
    return {f"{t.name.name}.{c.name}": c.type.length for t in conversion.tables for c in t.columns if c.type.length}


@pytest.mark.parametrize("kind", [ColumnType.TEXT, ColumnType.BINARY])
@pytest.mark.parametrize(("parent", "child"), [(5, 9), (9, 5)])
def test_the_shorter_side_is_widened_because_lengths_must_agree_too(kind: ColumnType, parent: int, child: int) -> None:
    """Message 1753 of the server; the key was made with both lengths as they are, and refused."""
    longer = converted(
        coded_parent(parent, kind),
        table("T", replace(CODE, name="C", type=kind, length=child)),
        relationships=(Relationship("R", "T", ("C",), "P", ("Code",)),),
    )
    assert len(one(longer).foreign_keys) == 1
    assert lengths(longer) == {"P.Code": 9, "T.C": 9}
    assert [m.number for m in longer.messages if m.number == 2065] == [2065]


def test_all_columns_that_relationships_tie_get_one_length() -> None:
    conversion = converted(
        coded_parent(5),
        Table("T", (replace(CODE, length=7, required=True),), (Index("K", (IndexColumn("Code"),), True, True, True),)),
        table("U", replace(CODE, length=9)),
        relationships=(
            Relationship("R", "T", ("Code",), "P", ("Code",)),
            Relationship("S", "U", ("Code",), "T", ("Code",)),
        ),
    )
    assert lengths(conversion) == {"P.Code": 9, "T.Code": 9, "U.Code": 9}
    assert [len(t.foreign_keys) for t in conversion.tables] == [0, 1, 1]
    assert numbers(conversion).count(2065) == 2


def test_a_column_is_not_widened_beyond_what_its_index_takes() -> None:
    """850 characters are the 1,700 bytes of a key; the foreign key is left out, with the reason."""
    wide = [Column(f"c{n}", ColumnType.TEXT, length=255) for n in range(3)]
    parent = Table(
        "P",
        (*wide, replace(CODE, length=84)),
        (index("All", "c0", "c1", "c2", "Code"), index("K", "Code", unique=True)),
    )
    relation = Relationship("R", "T", ("Code",), "P", ("Code",))
    fits = converted(parent, table("T", replace(CODE, length=85)), relationships=(relation,))
    assert (lengths(fits)["P.Code"], len(one(fits).foreign_keys)) == (85, 1)
    beyond = converted(parent, table("T", replace(CODE, length=86)), relationships=(relation,))
    assert (lengths(beyond)["P.Code"], one(beyond).foreign_keys) == (84, ())
    assert [m.number for m in beyond.messages if m.number in (2065, 2073)] == [2073]
    assert "1702 bytes" in next(m.text for m in beyond.messages if m.number == 2073)


def test_columns_of_two_collations_do_not_refer_to_each_other() -> None:
    """Message 1757 of the server; a column of the server that is kept may have another than its database."""
    column = ServerColumn("Code", ServerType("nvarchar", 5))
    assert relations.comparable(column, replace(column, name="C"))
    assert not relations.comparable(column, replace(column, collation="Latin1_General_BIN2"))
    assert not relations.comparable(column, replace(column, type=ServerType("nvarchar", 6)))
    assert not relations.comparable(*[replace(column, type=ServerType("nvarchar", -1))] * 2)


def test_dates_and_decimals_that_are_tied_get_one_scale() -> None:
    when = Column("D", ColumnType.DATE, required=True)
    key = Index("K", (IndexColumn("D"),), True, True, True)
    facts = {"T": TableProfile(1, {"D": ColumnProfile(rows=1, fraction_of_second=True)})}
    relation = Relationship("R", "T", ("D",), "P", ("D",))
    conversion = converted(Table("P", (when,), (key,)), table("T", when), relationships=(relation,), facts=facts)
    assert [str(t.column("D").type) for t in conversion.tables] == ["datetime2(3)"] * 2  # type: ignore[union-attr]
    assert len(one(conversion).foreign_keys) == 1
    amount = Column("D", ColumnType.DECIMAL, precision=10, scale=2, required=True)
    finer = replace(amount, precision=8, scale=4)
    conversion = converted(Table("P", (amount,), (key,)), table("T", finer), relationships=(relation,))
    assert [str(t.column("D").type) for t in conversion.tables] == ["decimal(12,4)"] * 2  # type: ignore[union-attr]


def test_a_calculated_column_has_no_foreign_key() -> None:
    calculated = Column("C", ColumnType.LONG, calculated="[ID] * 2")
    conversion = converted(table("P"), table("T", calculated), relationships=(refers("T", "C", "P"),))
    assert one(conversion).foreign_keys == ()
    assert 2074 in numbers(conversion)


def coded(*indexes: Index, **more: bool) -> Table:
    return table("P", replace(CODE, **more), indexes=(KEY, *indexes))


BY_CODE = Relationship("R", "T", ("Code",), "P", ("Code",))


def test_a_reference_to_a_unique_index_takes_its_filter_off() -> None:
    conversion = converted(coded(index("Code", "Code", unique=True)), table("T", CODE), relationships=(BY_CODE,))
    assert [i.where for i in one(conversion, "P").indexes] == [""]
    assert len(one(conversion).foreign_keys) == 1
    assert 2069 in numbers(conversion)


def test_where_several_rows_are_null_the_reference_cannot_be() -> None:
    facts = {"P": TableProfile(9, {"Code": ColumnProfile(rows=9, nulls=3)})}
    conversion = converted(
        coded(index("Code", "Code", unique=True)), table("T", CODE), relationships=(BY_CODE,), facts=facts
    )
    assert one(conversion).foreign_keys == ()
    assert 2068 in numbers(conversion)
    assert one(conversion, "P").indexes[0].where == "[Code] IS NOT NULL"


def test_a_unique_index_that_access_made_for_the_relationship_is_made_for_the_key() -> None:
    hidden = replace(index(".rB", "Code", unique=True), for_relationship=True)
    conversion = converted(coded(hidden, required=True), table("T", CODE), relationships=(BY_CODE,))
    assert [(i.name, i.unique) for i in one(conversion, "P").indexes] == [("UX_P_Code", True)]


def test_without_any_unique_index_there_is_no_reference() -> None:
    conversion = converted(coded(), table("T", CODE), relationships=(BY_CODE,))
    assert numbers(conversion) == [2067]


def test_columns_come_in_the_order_of_the_key_they_refer_to() -> None:
    columns = (Column("A", ColumnType.LONG), Column("B", ColumnType.LONG))
    key = Index("K", (IndexColumn("A"), IndexColumn("B")), primary=True, unique=True, required=True)
    relation = Relationship("R", "T", ("X", "Y"), "P", ("B", "A"))
    child = table("T", Column("X", ColumnType.LONG), Column("Y", ColumnType.LONG))
    made = one(converted(Table("P", columns, (key,)), child, relationships=(relation,))).foreign_keys[0]
    assert (made.columns, made.referenced_columns) == (("Y", "X"), ("A", "B"))


def test_the_same_relationship_twice_is_one_key() -> None:
    twice = (refers("T", "ParentID", "P"), replace(refers("T", "ParentID", "P"), name="Again"))
    conversion = converted(table("P"), table("T", PARENT_ID), relationships=twice)
    assert len(one(conversion).foreign_keys) == 1
    assert numbers(conversion) == [2066]


def test_a_type_rule_on_one_side_only_is_found() -> None:
    rules = TypeMap(tables={("a", "T"): (TypeRule("long", "bigint"),)})
    conversion = converted(
        table("P"), table("T", PARENT_ID), relationships=(refers("T", "ParentID", "P"),), type_map=rules
    )
    assert 2064 in numbers(conversion)
