"""Losses of a migration by name: the difference between exit status 0 and 3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from wizard.events import Stage
from wizard.messages import Message, Severity, StageError, Topic
from wizard.objects import CATEGORIES, ObjectKind, Outcome
from wizard.outcomes import TableState
from wizard.plurals import counted, singular
from wizard.stages.migration import Migration
from wizard.stages.missing_tables import missing_messages
from wizard.stages.verification import is_unrunnable
from wizard.stages.views import TableProgress

LEFT_OUT: Final = "left out"
WEAKER: Final = "less guarded"
UNMADE: Final = "not made or trusted"
AS_STORED: Final = "as stored"
_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that stayed behind, or came over with less than it had."""

    what: str
    """what it is, short"""
    why: str = ""
    """what was said of it while the stages worked"""
    code: str = ""
    """the number of the message that said so"""
    heading: str = LEFT_OUT

    @property
    def name(self) -> str:
        """For those who have read why."""
        return self._numbered(self.what or self.why)

    def __str__(self) -> str:
        return self._numbered(": ".join(filter(None, (self.what, self.why))))

    def _numbered(self, text: str) -> str:
        return f"{text.removesuffix('.')} ({self.code})" if self.code else text


def left_out(migration: Migration) -> tuple[str, ...]:
    """A line for each object or row that stayed behind; empty where everything arrived."""
    return tuple(f"{loss.heading}: {loss}" if loss.heading == WEAKER else str(loss) for loss in losses(migration))


def names_of_losses(migration: Migration) -> str:
    """The first of them in a line, for those who have read why: `table dbo.A: 1 of 2 rows arrived; …`. What was not
    left out says what became of it: a name and a number alone do not."""
    found = islice(losses(migration), _NAMED)
    return "; ".join(x.name if x.heading == LEFT_OUT else f"{x.heading}: {x.name}" for x in found)


def losses(migration: Migration) -> Iterator[Loss]:
    """One for each back end that is not there, object that was not converted or not loaded, table with rejects."""
    try:
        conversion = migration.convert.conversion
    except StageError:
        return
    for item in conversion.items:
        if item.outcome is Outcome.FAILED:
            what = ".".join(p for p in (item.source.source, item.source.table, item.part) if p)
            why = "; ".join(m.code for m in item.messages)
            yield Loss(f"{singular(CATEGORIES.get(item.category, item.category))} {what} was not converted ({why})")
    yield from map(_of_message, _of_sources(migration))
    for message in {m.place: m for m in _as_stored(migration)}.values():
        yield _of_message(message, AS_STORED)
    for failure in migration.load.failures():
        kind, name = failure.kind, failure.name
        if failure.part:
            kind, name = "column" if kind == ObjectKind.TABLE else kind, f"{failure.part} of {name}"
        yield Loss(f"{kind} {name} was not loaded", failure.reason)
    yield from map(_of_message, migration.load.left())
    for line in migration.migrate.known_lines():
        yield from _of_table(line)
    for message in filter(is_unrunnable, migration.session.messages_of(Stage.MIGRATE)):
        yield _of_message(message)
    for message in migration.migrate.unguarded():
        yield _of_message(message, UNMADE)
    for message in migration.migrate.weaker():
        yield _of_message(message, WEAKER)


def _of_table(line: TableProgress) -> Iterator[Loss]:
    if line.rejected or line.unread:
        rejected = f", {line.rejected:,} rejected" if line.rejected else ""
        unread = f", about {line.unread:,} could not be read in the source" if line.unread else ""
        yield Loss(f"table {line.table}: {line.arrived}{rejected}{unread}")
    if line.damaged:
        yield Loss(f"table {line.table}: bytes of {counted(line.damaged, 'text')}, which are no text")
    if line.rounded:
        yield Loss(f"table {line.table}: {counted(line.rounded, 'value')} rounded or cut to what the type holds")
    if line.status is TableState.FAILED:
        yield Loss(f"table {line.table} was not migrated", line.detail)


def _of_message(message: Message, heading: str = LEFT_OUT) -> Loss:
    return Loss(str(message.place), message.text, message.code, heading)


def _of_sources(migration: Migration) -> Iterator[Message]:
    """What linked back ends and damaged files do not give."""
    for source in migration.data.sources:
        yield from missing_messages(migration.sources, source.key)
        if source.salvage:
            for message in migration.sources.open(source.key).file.messages:
                told = message.topic in (Topic.VALUES_UNREAD, Topic.AS_STORED)
                if message.severity is not Severity.INFORMATION and not told:
                    yield message


def _as_stored(migration: Migration) -> Iterator[Message]:
    """Values that stay as they lie in the file, as stages 5 and 8 found them and as the rows were read here."""
    for source in migration.data.sources:
        assessed = migration.assess.results.get(source.key)
        found = (m for g in (assessed.findings if assessed else ()) for m in g.messages)
        yield from (m for m in found if m.topic is Topic.AS_STORED)
        yield from migration.sources.open(source.key).as_stored()
    yield from migration.migrate.as_stored()
