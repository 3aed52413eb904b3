"""Cascades: what is kept never reaches a table twice, and nothing is left out without need."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.convert.making import converted, numbers, one, refers, table
from wizard.convert.cascades import CascadeGraph, Edge
from wizard.definitions import Column, ColumnType
from wizard.objects import Action, Name

TABLES = [Name("dbo", n) for n in "ABCDE"]
edges = st.builds(
    Edge,
    st.sampled_from(TABLES),
    st.sampled_from(TABLES),
    st.sampled_from(list(Action)),
    st.sampled_from([Action.NO_ACTION, Action.CASCADE]),
)


def visits(kept: list[Edge], root: Name, action: str) -> list[Name]:
    """Every table that one DELETE or UPDATE of the root reaches, as often as it is reached; cut off when too long."""
    reached, waiting = [root], [(root, action)]
    while waiting and len(reached) < 40:
        table_, how = waiting.pop()
        for e in kept:
            if e.parent != table_:
                continue
            if how == "delete" and e.on_delete is Action.CASCADE:
                waiting.append((e.child, "delete"))
                reached.append(e.child)
            if how == "delete" and e.on_delete is Action.SET_NULL:
                waiting.append((e.child, "update"))
                reached.append(e.child)
            if how == "update" and e.on_update is not Action.NO_ACTION:
                waiting.append((e.child, "update"))
                reached.append(e.child)
    return reached


def fine(kept: list[Edge]) -> bool:
    return all(
        len(found) == len(set(found))
        for t in TABLES
        for how in ("delete", "update")
        for found in [visits(kept, t, how)]
    )


@given(st.lists(edges, max_size=10))
def test_what_is_kept_is_a_tree_from_every_table_and_what_is_left_out_would_not_be(wanted: list[Edge]) -> None:
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
