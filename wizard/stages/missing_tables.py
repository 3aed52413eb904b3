"""Linked tables whose back end is not to be had: what stays behind of a source, decided here for all who report it.

Stages 5, 8 and 9, the certificate, the package and the exit statuses ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wizard.definitions import LinkedTable, LinkKind
from wizard.messages import Message, Topic
from wizard.stages.sources import SourcesStage


def missing_tables(sources: SourcesStage, key: str) -> tuple[LinkedTable, ...]:
    """The chosen tables of a source that are linked to an Access file which is not there, cannot be read, or has no
    such table. Raises SourceError."""
    opened = sources.open(key)
    left = opened.whole.linked_tables
    return tuple(t for t in left if t.kind is LinkKind.ACCESS and t.name in opened.source.tables)


def missing_names(sources: SourcesStage, keys: Iterable[str]) -> tuple[str, ...]:
    """They as certificate and package name them, each with the file that is wanted. Raises SourceError."""
    return tuple(f"{key}.{t.name} (linked to {t.database})" for key in keys for t in missing_tables(sources, key))


def missing_messages(sources: SourcesStage, key: str) -> Iterator[Message]:
    """A message for each file that is wanted, and for each chosen table that a back end lacks. Raises SourceError."""
    left = {t.name for t in missing_tables(sources, key)}
    yield from (b.message for b in sources.back_ends(key) if b.message and left.intersection(b.tables))
    told = (m for m in sources.open(key).problems if m.topic is Topic.BACK_END_MISSING)
    yield from (m for m in told if m.place.name in left)
