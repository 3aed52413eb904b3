"""The data macros of a file as candidates for triggers."""

from __future__ import annotations

from wizard.access.application import Application
from wizard.access.application.byte_cursor import DamagedError
from wizard.access.application.data_macros import table_macro
from wizard.convert import names_of
from wizard.convert.draft import GivenTable
from wizard.convert.triggers import TriggerCandidate, convert_triggers
from wizard.definitions import Database
from wizard.objects import Conversion, ServerTable


def trigger_candidates(
    database: Database,
    application: Application,
    conversion: Conversion,
    *,
    source: str,
    shared: dict[str, ServerTable] | None = None,
) -> tuple[TriggerCandidate, ...]:
    """A candidate for each data macro of a table that goes to the server; one that cannot be read says so.

    `shared` are tables that other sources bring, by their case-folded names here.
    """
    if not application.data_macros:
        return ()
    servers = {t.source.table.casefold(): t for t in conversion.tables if t.source and t.source.source == source}
    servers |= shared or {}
    tables = {
        t.name: GivenTable(t, servers[t.name.casefold()]) for t in database.tables if t.name.casefold() in servers
    }
    macros, damaged = [], []
    for macro in application.data_macros:
        try:
            macros.append(table_macro(macro))
        except DamagedError as e:
            damaged.append(TriggerCandidate(macro.table, macro.event, why=str(e)))
    return (*convert_triggers(tables, macros, source=source, taken=names_of(conversion)), *damaged)
