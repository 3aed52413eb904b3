"""Losses of a migration by name: the difference between exit status 0 and 3."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.messages import Severity, StageError, Topic
from wizard.objects import CATEGORIES, Outcome
from wizard.outcomes import TableState
from wizard.plurals import counted, singular
from wizard.stages.migration import Migration
from wizard.stages.missing_tables import missing_messages
from wizard.stages.views import TableProgress


def left_out(migration: Migration) -> tuple[str, ...]:
    """A line for each object or row that stayed behind; empty where everything arrived."""
    return tuple(_lines(migration))


def _lines(migration: Migration) -> Iterator[str]:
    """One for each back end that is not there, object that was not converted or not loaded, table with rejects."""
    try:
        conversion = migration.convert.conversion
    except StageError:
        return
    for item in conversion.items:
        if item.outcome is Outcome.FAILED:
            what = ".".join(p for p in (item.source.source, item.source.table, item.part) if p)
            why = "; ".join(m.code for m in item.messages)
            yield f"{singular(CATEGORIES.get(item.category, item.category))} {what} was not converted ({why})"
    yield from _of_sources(migration)
    result = migration.load.result
    for failure in result.failures if result else ():
        yield f"{failure.kind} {failure.name} was not loaded: {failure.reason}"
    for line in migration.migrate.known_lines():
        if line.rejected or line.unread:
            rejected = f", {line.rejected:,} rejected" if line.rejected else ""
            unread = f", about {line.unread:,} could not be read in the source" if line.unread else ""
            yield f"table {line.table}: {arrived(line)}{rejected}{unread}"
        if line.damaged:
            yield f"table {line.table}: bytes of {counted(line.damaged, 'text')}, which are no text"
        if line.rounded:
            yield f"table {line.table}: {counted(line.rounded, 'value')} rounded or cut to what the type holds"
        if line.status is TableState.FAILED:
            yield f"table {line.table} was not migrated: {line.detail}"
    for message in migration.migrate.unmade():
        yield message.fact_first
    for message in migration.migrate.weaker():
        yield f"less guarded: {message.fact_first}"


def _of_sources(migration: Migration) -> Iterator[str]:
    """What linked back ends and damaged files do not give."""
    for source in migration.data.sources:
        yield from (m.fact_first for m in missing_messages(migration.sources, source.key))
        if source.salvage:
            for message in migration.sources.open(source.key).file.messages:
                if message.severity is not Severity.INFORMATION and message.topic is not Topic.VALUES_UNREAD:
                    yield message.fact_first


def arrived(line: TableProgress) -> str:
    """`0 of 9 rows arrived`."""
    return f"{line.done:,} of {counted(max(line.rows, line.done + line.rejected), 'row')} arrived"
