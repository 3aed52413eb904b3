"""What is known of the target's code pages: found by stage 3, and by stage 8 column by column; kept in a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from wizard.coercion.code_pages import is_narrow
from wizard.file_writing import read_json, write_whole
from wizard.objects import Conversion, Name, ServerColumn, ServerTable
from wizard.plain_data import decode, to_plain
from wizard.settings import Connection, TargetKind
from wizard.stages.destinations import destination
from wizard.stages.project_session import ProjectSession


@dataclass(frozen=True)
class _Known:
    pages: Mapping[str, int] = field(default_factory=dict)
    """by database, or column of one"""


class CodePages:
    """Of char and varchar columns. Quick; asks no server."""

    def __init__(self, session: ProjectSession) -> None:
        self._session = session

    def _known(self) -> Mapping[str, int]:
        with suppress(OSError, ValueError):
            return decode(_Known, read_json(self._session.files.code_pages)).pages
        return {}

    def learn(
        self, connection: Connection, page: int, columns: Mapping[tuple[str, str, str], int] | None = None
    ) -> bool:
        """Keep what a server said of a database, and of columns by schema, table and name. Whether that is new."""
        known = dict(self._known())
        new = {_key(connection): page} | {_key(connection, *of): p for of, p in (columns or {}).items()}
        if all(known.get(key) == p for key, p in new.items()):
            return False
        plain = to_plain(_Known(known | new))
        write_whole(self._session.files.code_pages, json.dumps(plain, ensure_ascii=False), private=True)
        return True

    def of(self, conversion: Conversion) -> Conversion:
        """The conversion, its columns with their code pages; of a package nobody knows where it will go."""
        if self._session.project.target.kind is TargetKind.PACKAGE or not has_narrow(conversion):
            return without(conversion)
        known = self._known()
        return replace(conversion, tables=tuple(self._table(t, known) for t in conversion.tables))

    def _table(self, table: ServerTable, known: Mapping[str, int]) -> ServerTable:
        project = self._session.project
        database = destination(project, table.source.source).database if table.source else ""
        connection = replace(project.connection, database=database or project.connection.database)

        def paged(column: ServerColumn) -> ServerColumn:
            if not is_narrow(column.type):
                return column
            own = known.get(_key(connection, table.name.schema, table.name.name, column.name))
            return replace(column, code_page=own or known.get(_key(connection), 0))

        return replace(table, columns=tuple(map(paged, table.columns)))


def has_narrow(conversion: Conversion) -> bool:
    """Whether any column is kept in a code page."""
    return any(is_narrow(c.type) for t in conversion.tables for c in t.columns)


def narrow_tables(conversion: Conversion) -> tuple[Name, ...]:
    """The tables that have such columns."""
    return tuple(t.name for t in conversion.tables if any(is_narrow(c.type) for c in t.columns))


def without(conversion: Conversion) -> Conversion:
    """The conversion as it is wherever it goes."""

    def table(one: ServerTable) -> ServerTable:
        return replace(one, columns=tuple(replace(c, code_page=0) if c.code_page else c for c in one.columns))

    if not any(c.code_page for t in conversion.tables for c in t.columns):
        return conversion
    return replace(conversion, tables=tuple(map(table, conversion.tables)))


def _key(connection: Connection, *of: str) -> str:
    return "|".join((connection.server, connection.database, *of)).casefold()
