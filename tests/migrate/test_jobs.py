"""Jobs: parents before children, circles told, columns with a source, the columns that name a row."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.migrate.fakes import Rows, column, job, numbers, server_table
from wizard.messages import MoveError
from wizard.migrate import JobSource, jobs
from wizard.migrate.jobs import in_order, parents
from wizard.objects import ForeignKey, KeyColumn, Name, ServerIndex, ServerTable
from wizard.settings import Options

ID = column("ID", "int", nullable=False)


def refers(table: ServerTable, *to: str) -> ServerTable:
    keys = tuple(ForeignKey(f"FK_{t}", ("ID",), Name("dbo", t), ("ID",)) for t in to)
    return replace(table, foreign_keys=keys)


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_parents_come_first_unless_they_stand_in_a_circle(links: list[tuple[int, int]]) -> None:
    tables = [refers(server_table(f"T{i}", ID), *{f"T{b}" for a, b in links if a == i}) for i in range(8)]
    ordered, circle = in_order(tables)
    assert sorted(t.name.name for t in ordered) == [f"T{i}" for i in range(8)]
    seen: set[Name] = set()
    for table in ordered:
        if table.name not in circle:
            assert parents(table) <= seen
        seen.add(table.name)
    if all(a > b for a, b in links):
        assert not circle


def test_circles_are_told() -> None:
    tables = [refers(server_table("A", ID), "B"), refers(server_table("B", ID), "A"), server_table("C", ID)]
    found, messages = jobs(tables, {"src": JobSource(Rows({}), "one")}, Options())
    assert {j.table.name.name for j in found} == {"A", "B", "C"}
    assert [m.number for m in messages] == [6011]


def test_only_columns_with_a_source_get_values() -> None:
    made = server_table("T", ID, column("Sum", "int", computed="1+1"), column("RowVersion", "rowversion"))
    added = column("Added", "uniqueidentifier")
    table = replace(made, columns=(*made.columns, added))
    found, _ = jobs([table], {"src": JobSource(Rows({}), "one")}, Options())
    assert [c.name for c in found[0].columns] == ["ID"]
    with pytest.raises(MoveError) as nothing:
        jobs([replace(made, columns=(added,))], {"src": JobSource(Rows({}), "one")}, Options())
    assert nothing.value.message.number == 6009


def test_a_counter_is_left_to_the_server_where_its_values_are_not_kept() -> None:
    table = server_table("T", replace(ID, identity=True), column("N", "int"))
    found, _ = jobs([table], {"src": JobSource(Rows({}), "one")}, Options(keep_identity=False))
    assert [c.name for c in found[0].columns] == ["N"]


def test_rows_are_named_by_the_best_key_there_is() -> None:
    rows = Rows({"T": numbers(1)})
    plain = server_table("T", ID, column("Name", "nvarchar", 40))
    assert job(plain, rows).key == ()
    counted = replace(plain, columns=(replace(plain.columns[0], identity=True), plain.columns[1]))
    assert [c.name for c in job(counted, rows).key] == ["ID"]
    unique = replace(counted, indexes=(ServerIndex("U", (KeyColumn("Name"),), unique=True),))
    assert [c.name for c in job(unique, rows).key] == ["Name"]
    added = replace(unique, primary_key=ServerIndex("PK", (KeyColumn("RowID"),), primary=True))
    assert [c.name for c in job(added, rows).key] == ["Name"]
    keyed = replace(unique, primary_key=ServerIndex("PK", (KeyColumn("ID"),), primary=True))
    assert [c.name for c in job(keyed, rows).key] == ["ID"]
