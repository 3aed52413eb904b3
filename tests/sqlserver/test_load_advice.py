"""Recovery model and table lock are advised where the server lets it be known that they matter."""

from __future__ import annotations

from typing import cast

import pytest

from tests.migrate.fakes import column, server_table
from wizard.objects import ServerTable
from wizard.settings import Options
from wizard.sqlserver import DriverError, ErrorKind, ServerError, ServerSession, load_advice, settings_of

HEAP, KEYED = server_table("Heap", column("ID", "int")), server_table("Keyed", column("ID", "int"), key="ID")


class Server:
    """Answers the questions of this module."""

    server = "here"

    def __init__(self, model: str = "SIMPLE", edition: int = 2, may_see: int = 1, others: int = 0) -> None:
        self.answers = {
            load_advice._RECOVERY: [("db", model, edition)],
            load_advice._HEAPS: [("dbo", "Heap"), ("other", "Keyed")],
            load_advice._MAY_SEE: [(may_see,)],
            load_advice._OTHERS: [(others,)],
        }

    def query(self, sql: str) -> list[tuple[object, ...]]:
        return self.answers[sql]

    def value(self, sql: str) -> object:
        return self.answers[sql][0][0]


def numbers(server: object, *, lock: bool, tables: tuple[ServerTable, ...] = (HEAP, KEYED)) -> list[int]:
    found = load_advice.advice(cast(ServerSession, server), Options(table_lock=lock), tables)
    return [m.number for m in found]


def test_the_full_recovery_model_is_told_where_it_can_be_chosen() -> None:
    assert numbers(Server("FULL"), lock=True) == [5303]
    assert numbers(Server("FULL", edition=5), lock=True) == []
    assert numbers(Server("SIMPLE"), lock=True) == []


def test_the_table_lock_is_advised_for_heaps_while_nobody_else_is_there() -> None:
    found = list(load_advice.advice(cast(ServerSession, Server()), Options(table_lock=False), [HEAP, KEYED]))
    assert [m.number for m in found] == [5307]
    assert "1: [dbo].[Heap])" in found[0].text
    assert numbers(Server(), lock=True) == []
    assert numbers(Server(others=1), lock=False) == []
    assert numbers(Server(may_see=0), lock=False) == []
    assert numbers(Server(), lock=False, tables=(KEYED,)) == []


def test_a_server_that_does_not_say_is_left_alone() -> None:
    class Silent:
        def query(self, sql: str) -> list[tuple[object, ...]]:
            raise ServerError(DriverError(297, "no permission", ErrorKind.PERMISSION))

    assert numbers(Silent(), lock=False) == []


@pytest.mark.server
def test_a_server_understands_the_questions(server: str) -> None:
    with ServerSession.open(*settings_of(server)) as session:
        assert len(session.query(load_advice._RECOVERY)) == 1
        assert all(len(row) == 2 for row in session.query(load_advice._HEAPS))
        assert session.value(load_advice._MAY_SEE) in (0, 1)
        assert session.value(load_advice._OTHERS) >= 0
