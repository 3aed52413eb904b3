"""Which tables and queries of a source are chosen: at first, and as a person chooses."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from wizard.definitions import Database
from wizard.project import Source
from wizard.stages.views import SourceObjectType

LEFTOVERS: Final = (
    "MSys*",
    "Paste Errors*",
    "Conversion Errors*",
    "Name AutoCorrect Save Failures*",
    "*_ImportErrors*",
    "~*",
)
"""tables that Access leaves behind and that are hardly ever migrated: unselected at first"""


def leftovers(definition: Database) -> tuple[str, ...]:
    """The tables that are not chosen at first."""
    names = [t.name for t in definition.tables if not t.child_of]
    return tuple(n for n in names if any(fnmatch.fnmatch(n.casefold(), p.casefold()) for p in LEFTOVERS))


def with_names(source: Source, whole: Database, type_: SourceObjectType, names: Iterable[str], chosen: bool) -> Source:
    """The source with these tables (linked ones are tables too) or queries chosen or left out.

    `whole` is all that it holds.
    """
    if type_ is SourceObjectType.QUERY:
        every = [q.name for q in whole.queries]
        return replace(source, queries=source.queries.with_names(names, chosen, every))
    every = [t.name for t in whole.tables if not t.child_of] + [t.name for t in whole.linked_tables]
    return replace(source, tables=source.tables.with_names(names, chosen, every))
