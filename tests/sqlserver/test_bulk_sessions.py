"""Connections for bulk copies: tried out and kept ahead, and what is asked on them before the first row."""

from __future__ import annotations

from dataclasses import replace
from threading import Event

import pytest

from tests.migrate.fakes import column, server_table
from tests.sqlserver.bulk_core import Core, Sessions
from wizard.objects import ServerTable
from wizard.sink import Delivery
from wizard.sqlserver import DriverError, ErrorKind, ServerError
from wizard.sqlserver.bulk_copy import BulkSession, CopyOptions
from wizard.sqlserver.bulk_probe import locks_are_shared, prefetch_columns

NUMBERED: ServerTable = replace(
    server_table("Rows", column("größe", "int")),
    columns=(replace(column("id", "int"), identity=True), column("größe", "int")),
)
DELIVERY = Delivery(NUMBERED, NUMBERED.columns[1:], "one")


def test_looking_up_sends_no_row_and_leaves_no_transaction() -> None:
    core = Core()
    how = CopyOptions(fire_triggers=True).of(DELIVERY)
    prefetch_columns(BulkSession(core, "here", {}), DELIVERY, how)
    assert core.copied[0][0] == ["größe"]
    assert core.copied[0][1]["keep_identity"] is False, "no value of the counter is brought"
    assert core.copied[0][1]["fire_triggers"] is False
    assert "BEGIN TRANSACTION" in core.done[0]
    assert "ROLLBACK" in core.done[-1]
    assert "LOCK_TIMEOUT -1" in core.done[-1]


@pytest.mark.parametrize(("waits", "together"), [(False, True), (True, False)])
def test_parts_go_side_by_side_where_the_second_copy_need_not_wait_for_the_first(waits: bool, together: bool) -> None:
    first, second = Core(), Core(lambda sql: waits and sql == "copy")
    sessions = Sessions(first, second)
    assert locks_are_shared(sessions, DELIVERY, CopyOptions()) is together
    assert "ROLLBACK" in first.done[-1]
    assert not first.closed
    assert second.closed is waits
    kept = [sessions.take() for _ in range(1 + together)]
    assert len({id(k) for k in kept}) == 1 + together


def test_a_server_that_takes_no_second_connection_is_not_entered_twice() -> None:
    class One(Sessions):
        def _opened(self) -> BulkSession:
            if not self.cores:
                raise ServerError(DriverError(0, "no more connections", ErrorKind.BUSY))
            return super()._opened()

    core = Core()
    assert locks_are_shared(One(core), DELIVERY, CopyOptions()) is False
    assert not core.closed


def test_connections_are_tried_out_before_they_are_taken() -> None:
    cores = [Core(), Core()]
    sessions = Sessions(*cores)
    begin = Event()

    def work(bulk: BulkSession) -> None:
        begin.wait(10)
        bulk.execute("tried")

    sessions.rehearse(2, work)
    begin.set()
    for _ in cores:
        sessions.take()
    assert [c.done for c in cores] == [["tried"], ["tried"]]


def test_a_connection_that_fails_when_tried_out_is_replaced() -> None:
    broken, whole = Core(lambda sql: True), Core()
    sessions = Sessions(broken, whole)
    sessions.rehearse(1, lambda bulk: bulk.execute("tried"))
    taken = sessions.take()
    assert broken.closed
    taken.execute("used")
    assert whole.done == ["used"]


def test_a_connection_that_was_kept_is_tried_out_too_and_none_is_lost() -> None:
    kept, fresh = Core(), Core()
    sessions = Sessions(kept, fresh)
    sessions.give_back(sessions.take())
    sessions.expect(2)
    sessions.rehearse(2, lambda bulk: bulk.execute("tried"))
    for _ in range(2):
        sessions.take()
    assert (kept.done, fresh.done) == (["tried"], ["tried"])


def test_connections_nobody_took_are_closed_with_the_rest() -> None:
    cores = [Core(), Core()]
    sessions = Sessions(*cores)
    sessions.rehearse(2, lambda bulk: bulk.execute("tried"))
    sessions.close()
    assert all(c.closed for c in cores)
