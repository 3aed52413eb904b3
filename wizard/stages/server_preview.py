"""The first rows that the server gives for converted queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from wizard.coercion.value_text import preview_text
from wizard.messages import Kind, Message, Place
from wizard.objects import ObjectKind, ServerModule, TableRef, literal
from wizard.sqlserver import connection_test, round_trips
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import DriverError, ServerError
from wizard.stages.databases import DatabaseScope

ROWS = 10
"""rows that are shown"""
_VIEWS = 20
"""views that are asked for at once: between two groups nothing can be stopped"""


@dataclass(frozen=True, slots=True)
class ServerPreview:
    """What the server gave for one converted query."""

    name: str
    kind: str
    source: TableRef | None
    sql: str
    """what was run; empty where nothing can be run without changing data"""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class RefusedModule:
    """A converted query that the server cannot run, and the server's words."""

    module: ServerModule
    fault: DriverError
    gone: bool = False
    """the server does not have it any more"""

    @property
    def message(self) -> Message:
        """What is said of it; its place names it."""
        source = self.module.source.source if self.module.source else ""
        place = Place(Kind.QUERY, source, self.module.name.name)
        if self.gone:
            return Message.of(5207, place, table=self.module.name)
        return Message.of(8123, place, what=self.fault)


_IS_VIEW = "SELECT OBJECT_ID({})"
Arguments = Callable[[ServerModule], Sequence[str]]
"""T-SQL constants for a function's parameters"""


def no_arguments(_: ServerModule) -> Sequence[str]:
    """For queries without parameters."""
    return ()


def prove(
    part: DatabaseScope, password: str, wanted: Sequence[str] = (), arguments: Arguments = no_arguments
) -> Iterator[ServerPreview]:
    """The first rows of views and functions, all or those whose Access or server name is wanted.

    `arguments` gives those of a function; what it does not give is NULL. Procedures change data or
    run dynamic SQL and are only named. Raises TargetError where the server cannot be reached.
    """
    names = {n.casefold() for n in wanted}
    chosen = [m for m in part.conversion.modules if not names or names & _known(m)]
    if all(m.kind is ObjectKind.PROCEDURE for m in chosen):
        yield from (_named(m) for m in chosen)
        return
    with connection_test.connected(part.connection, password) as session:
        for module in chosen:
            yield _named(module) if module.kind is ObjectKind.PROCEDURE else _proof(session, module, arguments(module))


def unselectable(part: DatabaseScope, password: str, wanted: Sequence[str]) -> list[RefusedModule]:
    """Those of these views that cannot be selected from; many are asked in a round trip.

    Raises TargetError where the server cannot be reached.
    """
    names = {n.casefold() for n in wanted}
    chosen = [m for m in part.conversion.modules if m.kind is ObjectKind.VIEW and names & _known(m)]
    questions = [f"SELECT TOP ({ROWS}) * FROM {m.name}" for m in chosen]
    found: list[RefusedModule] = []
    if not chosen:
        return found
    with connection_test.connected(part.connection, password) as session:
        for group in round_trips.groups(questions, _VIEWS):
            answers = round_trips.ask_each(session, questions[group.start : group.stop])
            found += [
                RefusedModule(module, answer)
                for module, answer in zip(chosen[group.start : group.stop], answers, strict=True)
                if isinstance(answer, DriverError)
            ]
        there = round_trips.ask_each(session, [_IS_VIEW.format(literal(str(r.module.name))) for r in found])
    return [replace(r, gone=rows == [(None,)]) for r, rows in zip(found, there, strict=True)]


def _known(module: ServerModule) -> set[str]:
    """What a module can be asked for by."""
    return {module.name.name.casefold(), str(module.name).casefold()} | (
        {module.source.table.casefold()} if module.source else set()
    )


def _named(module: ServerModule, sql: str = "", problem: Message | None = None) -> ServerPreview:
    return ServerPreview(str(module.name), module.kind.value, module.source, sql, problem=problem)


def _proof(session: ServerSession, module: ServerModule, arguments: Sequence[str]) -> ServerPreview:
    sql = f"SELECT TOP ({ROWS}) * FROM {module.name}"
    try:
        if module.kind is ObjectKind.FUNCTION:
            found = f"object_id = OBJECT_ID({literal(str(module.name))}) AND parameter_id > 0"  # 0 is what it returns
            count = session.value(f"SELECT COUNT(*) FROM sys.all_parameters WHERE {found}") or 0
            values = [*arguments, *(["NULL"] * int(count))][: int(count)]
            called = f"{module.name}({', '.join(values)})"
            sql = f"SELECT {called} AS [value]" if module.returns else f"SELECT TOP ({ROWS}) * FROM {called}"
        columns, rows = session.titled(sql)
    except ServerError as e:
        if e.trouble.passing:
            raise
        return _named(module, sql, RefusedModule(module, e.fault).message)
    shown = tuple(tuple(preview_text(v) for v in row) for row in rows)
    return replace(_named(module, sql), columns=columns, rows=shown)
