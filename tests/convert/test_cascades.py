"""Cascades: what is kept never reaches a table twice, and nothing is left out without need."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.convert.making import converted, numbers, one, refers, table
from wizard.convert.cascades import CascadeEdge, CascadeGraph
from wizard.definitions import Column, ColumnType
from wizard.objects import Action, Name

TABLES = [Name("dbo", n) for n in "ABCDE"]
edges = st.builds(
    CascadeEdge,
    st.sampled_from(TABLES),
    st.sampled_from(TABLES),
    st.sampled_from(list(Action)),
    st.sampled_from([Action.NO_ACTION, Action.CASCADE]),
)


def visits(kept: list[CascadeEdge], root: Name, action: str) -> list[Name]:
    """Every table that one DELETE or UPDATE of the root reaches, as often as it is reached; cut off when too long.

    SET NULL counts as any other action ("SQL Server does simple counting of cascade paths"): what follows a deletion
    and what follows an update may both follow it.
    """
    reached, waiting = [root], [(root, {action})]
    while waiting and len(reached) < 40:
        table_, how = waiting.pop()
        for e in kept:
            then = set()
            if e.parent == table_ and "delete" in how and e.on_delete is not Action.NO_ACTION:
                then |= {"delete"} if e.on_delete is Action.CASCADE else {"delete", "update"}
            if e.parent == table_ and "update" in how and e.on_update is not Action.NO_ACTION:
                then |= {"update"}
            if then:
                waiting.append((e.child, then))
                reached.append(e.child)
    return reached


def fine(kept: list[CascadeEdge]) -> bool:
    return all(
        len(found) == len(set(found))
        for t in TABLES
        for how in ("delete", "update")
        for found in [visits(kept, t, how)]
    )


@given(st.lists(edges, max_size=10))
def test_what_is_kept_is_a_tree_from_every_table_and_what_is_left_out_would_not_be(wanted: list[CascadeEdge]) -> None:
    graph, kept = CascadeGraph(), []
    for edge in wanted:
        if graph.clash(edge):
            assert not fine([*kept, edge])
        else:
            graph.add(edge)
            kept.append(edge)
            assert fine(kept)


def test_two_ways_to_one_table_lose_the_second_cascade_and_say_the_way() -> None:
    column = (Column("X", ColumnType.LONG), Column("Y", ColumnType.LONG))
    conversion = converted(
        table("Top"),
        table("Left", *column),
        table("Right", *column),
        table("Bottom", *column),
        relationships=(
            refers("Left", "X", "Top", delete=True),
            refers("Right", "X", "Top", delete=True),
            refers("Bottom", "X", "Left", delete=True),
            refers("Bottom", "Y", "Right", delete=True),
        ),
    )
    assert [k.on_delete for k in one(conversion, "Bottom").foreign_keys] == [Action.CASCADE, Action.NO_ACTION]
    told = [m.text for m in conversion.messages if m.number == 2070]
    assert len(told) == 1
    assert "[Bottom]" in told[0]


def test_a_table_that_refers_to_itself_has_no_cascade() -> None:
    conversion = converted(
        table("T", Column("Boss", ColumnType.LONG)), relationships=(refers("T", "Boss", "T", delete=True, update=True),)
    )
    assert one(conversion).foreign_keys[0].on_delete is Action.NO_ACTION
    assert numbers(conversion).count(2070) == 2


def test_a_delete_and_an_update_are_two_things() -> None:
    columns = (Column("X", ColumnType.LONG), Column("Y", ColumnType.LONG))
    conversion = converted(
        table("P"), table("C", *columns),
        relationships=(refers("C", "X", "P", delete=True), refers("C", "Y", "P", update=True)),
    )  # fmt: skip
    assert 2070 not in numbers(conversion)


def test_setting_null_and_then_a_cascade_are_two_ways_too() -> None:
    """SQL Server refuses the last of these with 1785, though NULL would delete nothing."""
    columns = (Column("X", ColumnType.LONG), Column("Y", ColumnType.LONG))
    null = replace(refers("Mid", "X", "Top"), cascade_null=True)
    conversion = converted(
        table("Top"), table("Mid", *columns), table("Low", *columns),
        relationships=(null, refers("Low", "X", "Mid", delete=True), refers("Low", "Y", "Top", delete=True)),
    )  # fmt: skip
    assert one(conversion, "Mid").foreign_keys[0].on_delete is Action.SET_NULL
    assert [k.on_delete for k in one(conversion, "Low").foreign_keys] == [Action.CASCADE, Action.NO_ACTION]
    assert numbers(conversion).count(2070) == 1
