"""Children whose parents were rejected: told before they go, with their number and the key that cannot be trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tests.migrate.fakes import MemorySink, Rows, column, job, numbers, server_table
from tests.migrate.runs import mended, run
from wizard.events import Event, MessageTold, RowRejected, TableFinished, TableStarted
from wizard.migrate.orphans import all_orphans
from wizard.migrate.rejects import RejectLog, cause_of
from wizard.objects import ForeignKey, Name
from wizard.outcomes import TableState
from wizard.run_files import RunFiles
from wizard.settings import Options
from wizard.sink import OrphanedRows

PARENT = server_table("Parent", column("ID", "int", nullable=False), column("Name", "nvarchar", 4), key="ID")
CHILD = replace(
    server_table("Child", column("No", "int", nullable=False), column("Of", "int"), key="No"),
    foreign_keys=(ForeignKey("FK_Child_Parent", ("Of",), Name("dbo", "Parent"), ("ID",)),),
)
OPTIONS = Options(parallel_tables=4)


def rows(*, of: list[int | None]) -> Rows:
    """Parents 1 to 5, of which 2 and 4 have names that are too long, and children that refer to these parents."""
    names = ["a", "far too long", "c", "far too long", "e"]
    parents = pa.table({"ID": pa.array([1, 2, 3, 4, 5], pa.int32()), "Name": names})
    return Rows({"Parent": parents, "Child": numbers(len(of)).rename_columns(["No", "Of"]).set_column(
        1, "Of", pa.array(of, pa.int32()))})  # fmt: skip


def told(events: list[Event], number: int) -> list[MessageTold]:
    return [e for e in events if isinstance(e, MessageTold) and e.message.number == number]


@pytest.mark.parametrize("given", [(CHILD, PARENT), (PARENT, CHILD)], ids=["child first", "parent first"])
def test_children_of_rejected_parents_are_told_before_they_go(tmp_path: Path, given: tuple[object, ...]) -> None:
    data, events = rows(of=[1, 2, 2, 3, 4, None]), list[Event]()
    result = run([job(t, data) for t in given], MemorySink(), tmp_path, OPTIONS, listener=events.append)  # type: ignore[arg-type]
    states = {t.table: t.status for t in result.tables}
    assert states == {"dbo.Parent": TableState.LOSSES, "dbo.Child": TableState.DONE}
    (found,) = told(events, 6310)
    assert "3 rows of [dbo].[Child] refer to rows of [dbo].[Parent] that were rejected (2, 4)" in found.message.text
    assert "FK_Child_Parent cannot be trusted" in found.message.text
    begun = next(n for n, e in enumerate(events) if isinstance(e, TableStarted) and e.table == "dbo.Child")
    assert events.index(found) < begun, "before the first of them goes"


def test_nobody_is_told_of_children_where_no_parent_is_missing(tmp_path: Path) -> None:
    events: list[Event] = []
    run([job(t, rows(of=[1, 3, 5, None])) for t in (PARENT, CHILD)], MemorySink(), tmp_path, OPTIONS,
        listener=events.append)  # fmt: skip
    assert any(isinstance(e, RowRejected) for e in events)
    assert not told(events, 6310)


def test_a_target_that_asks_is_told_which_keys_break(tmp_path: Path) -> None:
    sink, jobs = MemorySink(), [job(t, rows(of=[2, 2])) for t in (PARENT, CHILD)]
    run(jobs, sink, tmp_path, OPTIONS)
    assert sink.orphans == (OrphanedRows(CHILD.name, "FK_Child_Parent", PARENT.name, 2, "2"),)
    RejectLog(RunFiles(tmp_path).rejects, PARENT.name).forget()  # as after they were sent again
    assert all_orphans(jobs, RunFiles(tmp_path)) == ()


def test_rows_that_refer_to_their_own_table_are_told_of_at_its_end(tmp_path: Path) -> None:
    key = ForeignKey("FK_Boss", ("Boss",), Name("dbo", "Staff"), ("ID",))
    columns = (column("ID", "int", nullable=False), column("Name", "nvarchar", 4), column("Boss", "int"))
    staff = replace(server_table("Staff", *columns, key="ID"), foreign_keys=(key,))
    ids, boss = pa.array([1, 2, 3], pa.int32()), pa.array([None, 1, 2], pa.int32())
    data, events = Rows({"Staff": pa.table({"ID": ids, "Name": ["a", "too long", "c"], "Boss": boss})}), list[Event]()
    run([job(staff, data)], MemorySink(), tmp_path, OPTIONS, listener=events.append)
    (found,) = told(events, 6310)
    assert "1 row of [dbo].[Staff] refers to rows of [dbo].[Staff]" in found.message.text
    ended = next(n for n, e in enumerate(events) if isinstance(e, TableFinished))
    assert events.index(found) > ended


def test_a_cause_is_mended_only_by_what_decides_whether_rows_go(tmp_path: Path) -> None:
    of, sink = job(PARENT, rows(of=[])), MemorySink()
    run([of], sink, tmp_path, OPTIONS)
    assert mended(of, sink, tmp_path, OPTIONS) == 0
    assert mended(of, sink, tmp_path, replace(OPTIONS, batch_size=7, parallel_tables=1)) == 0, "how they go"
    wider = replace(PARENT, columns=(PARENT.columns[0], replace(column("Name", "nvarchar", 40), source="Name")))
    assert mended(replace(of, table=wider, columns=wider.columns), sink, tmp_path, OPTIONS) == 2
    changed = replace(of, source=replace(of.source, fingerprint="two"))
    assert mended(changed, sink, tmp_path, OPTIONS) == 2, "the rows may be mended in Access"
    assert mended(changed, sink, tmp_path, OPTIONS, of) == 0, "a file that changed, and not this table"
    assert len({cause_of(of, OPTIONS), cause_of(changed, OPTIONS)}) == 2
