"""Relationships: what becomes a foreign key, what cannot and why, and what it refers to."""

from __future__ import annotations

from dataclasses import replace

from tests.convert.making import KEY, converted, index, numbers, one, refers, table
from wizard.definitions import Column, ColumnFacts, ColumnType, Index, IndexColumn, Relationship, Table, TableFacts
from wizard.objects import Action, Outcome
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


def test_types_must_agree_and_only_lengths_may_differ() -> None:
    other = converted(
        table("P"),
        table("T", replace(PARENT_ID, type=ColumnType.INTEGER)),
        relationships=(refers("T", "ParentID", "P"),),
    )
    assert (one(other).foreign_keys, numbers(other)) == ((), [2064])
    parent = Table("P", (replace(CODE, required=True),), (Index("K", (IndexColumn("Code"),), True, True, True),))
    relation = Relationship("R", "T", ("C",), "P", ("Code",))
    longer = converted(parent, table("T", replace(CODE, name="C", length=9)), relationships=(relation,))
    assert len(one(longer).foreign_keys) == 1
    assert 2065 in numbers(longer)


def coded(*indexes: Index, **more: bool) -> Table:
    return table("P", replace(CODE, **more), indexes=(KEY, *indexes))


BY_CODE = Relationship("R", "T", ("Code",), "P", ("Code",))


def test_a_reference_to_a_unique_index_takes_its_filter_off() -> None:
    conversion = converted(coded(index("Code", "Code", unique=True)), table("T", CODE), relationships=(BY_CODE,))
    assert [i.where for i in one(conversion, "P").indexes] == [""]
    assert len(one(conversion).foreign_keys) == 1
    assert 2069 in numbers(conversion)


def test_where_several_rows_are_null_the_reference_cannot_be() -> None:
    facts = {"P": TableFacts(9, {"Code": ColumnFacts(rows=9, nulls=3)})}
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
