"""What a conversion comes to: its digest, a line of words, its losses, what of it came of one source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from wizard.messages import Message, Severity
from wizard.objects import Conversion, Outcome, TableRef
from wizard.plurals import counted
from wizard.stages.code_pages import without
from wizard.stages.staleness import digest


def output_of(conversion: Conversion) -> str:
    """The digest of what would be made."""
    return digest([without(conversion).tables, conversion.modules, conversion.review])


def summary(conversion: Conversion) -> str:
    """A conversion in one line."""
    failed = losses(conversion)
    errors = sum(m.severity is Severity.ERROR for m in conversion.messages)
    modules = counted(len(conversion.modules), "view or routine", "views and routines")
    text = f"{counted(len(conversion.tables), 'table')}, {modules}"
    told = f", {counted(failed, 'object')} left out, {counted(errors, 'error')}"
    return text + (told if failed or errors else "")


def losses(conversion: Conversion) -> int:
    """Objects that are not converted."""
    return sum(i.outcome is Outcome.FAILED for i in conversion.items)


def unconverted(conversion: Conversion) -> Iterator[Message]:
    """Why, for each object that is not converted; whole tables aside, which count with their rows."""
    for item in conversion.items:
        if item.outcome is Outcome.FAILED and (item.part or item.category != "tables"):
            yield min(item.messages, key=lambda m: m.severity.rank)


def of_parts(conversion: Conversion) -> defaultdict[TableRef, list[Message]]:
    """By table, what is said of its columns, keys, indexes and rules."""
    found = defaultdict[TableRef, list[Message]](list)
    for item in conversion.items:
        if item.part:
            found[item.source] += item.messages
    return found


def of_source(conversion: Conversion, key: str) -> Conversion:
    """What came of one source."""
    return Conversion(
        tuple(t for t in conversion.tables if t.source and t.source.source == key),
        tuple(m for m in conversion.modules if m.source and m.source.source == key),
        tuple(i for i in conversion.items if i.source.source == key),
        tuple(m for m in conversion.messages if m.place.source in (key, "")),
        conversion.review,
    )
