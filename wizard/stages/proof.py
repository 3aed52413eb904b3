"""Proof of converted queries: the server runs them and their first rows are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wizard.messages import Kind, Message, Place, TargetError
from wizard.objects import ObjectKind, ServerModule, TableRef, literal
from wizard.stages.browse import as_text
from wizard.stages.parts import Part
from wizard.target import server
from wizard.target.connection import Row, Session

ROWS = 10
"""rows that are shown"""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the server gave for one converted query."""

    name: str
    kind: str
    source: TableRef | None
    sql: str
    """what was run; empty where nothing can be run without changing data"""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    problem: Message | None = None


def prove(part: Part, password: str, wanted: Sequence[str] = (), arguments: Sequence[str] = ()) -> Iterator[Proof]:
    """The first rows of views and functions, all or those whose Access or server name is wanted.

    `arguments` are T-SQL literals for a function's parameters; those not given are NULL. Procedures change data or
    run dynamic SQL and are only named. Raises TargetError where the server cannot be reached.
    """
    names = {n.casefold() for n in wanted}
    for module in part.conversion.modules:
        known = {module.name.name.casefold(), str(module.name).casefold()}
        known |= {module.source.table.casefold()} if module.source else set()
        if not names or names & known:
            yield _proof(part, password, module, arguments)


def _proof(part: Part, password: str, module: ServerModule, arguments: Sequence[str]) -> Proof:
    if module.kind is ObjectKind.PROCEDURE:
        return Proof(str(module.name), module.kind.value, module.source, "")

    def ask(session: Session) -> tuple[str, list[Row], list[Row]]:
        sql = f"SELECT TOP ({ROWS}) * FROM {module.name}"
        if module.kind is ObjectKind.FUNCTION:
            count = session.value(f"SELECT COUNT(*) FROM sys.parameters WHERE object_id = {_id(module)}") or 0
            values = [*arguments, *(["NULL"] * int(count))][: int(count)]
            sql += f"({', '.join(values)})"
        columns = session.query(f"SELECT name FROM sys.columns WHERE object_id = {_id(module)} ORDER BY column_id")
        return sql, columns, session.query(sql)

    try:
        sql, columns, rows = server.asked(part.connection, password, ask)
    except TargetError as e:
        place = Place(Kind.QUERY, source=module.source.source if module.source else "", name=module.name.name)
        problem = Message.of(8123, place, name=module.name, what=e.message.text)
        return Proof(
            str(module.name), module.kind.value, module.source, f"SELECT * FROM {module.name}", problem=problem
        )
    shown = tuple(tuple(as_text(v) for v in row) for row in rows)
    return Proof(str(module.name), module.kind.value, module.source, sql, tuple(str(c[0]) for c in columns), shown)


def _id(module: ServerModule) -> str:
    return f"OBJECT_ID({literal(str(module.name))})"
