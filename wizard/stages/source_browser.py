"""A look inside a source: its objects for a tree, its rows as text."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wizard.coercion.value_text import preview_text
from wizard.definitions import LinkKind
from wizard.messages import Kind, Place, StageError
from wizard.stages.access_files import object_text
from wizard.stages.open_source import OpenSource
from wizard.stages.views import PreviewColumn, PreviewPage, SourceObject, SourceObjectType, UsedBy

if TYPE_CHECKING:
    from wizard.access import Batch


def now() -> float:
    """Seconds since the epoch, as events have them."""
    return time.time()


def name_matches(name: str, wanted: str) -> bool:
    """Whether a name contains the text, or fits it as a pattern where it has `*` or `?`; without case."""
    name, wanted = name.casefold(), wanted.casefold()
    if "*" in wanted or "?" in wanted:
        return fnmatch.fnmatch(name, wanted)
    return wanted in name


def objects(opened: OpenSource, filter_text: str = "") -> tuple[SourceObject, ...]:
    """All objects, in the file's order by type."""
    return tuple(o for o in _objects(opened) if not filter_text or name_matches(o.name, filter_text))


def _objects(opened: OpenSource) -> Iterator[SourceObject]:
    source, whole = opened.source, opened.whole
    for t in whole.tables:
        if t.child_of:
            continue
        complex_ = [c.name for c in t.columns if c.child_table]
        there = opened.linked_to(t.name)
        kind, note = (SourceObjectType.LINKED, f"linked to {there}") if there else (SourceObjectType.TABLE, "")
        if owner := opened.shared.get(t.name.casefold()):
            note += f"; its rows go with {owner.source}"
        if complex_:
            note += ("; " if note else "") + f"with tables for the values of {', '.join(complex_)}"
        yield SourceObject(kind, t.name, t.name in source.tables, rows=t.rows, note=note)
    for link in whole.linked_tables:
        where = link.database or link.connect
        note = f"linked to {link.kind.value} {where}"
        if link.kind is LinkKind.ACCESS:  # chosen, it is a table that is wanted; left out, nobody misses it
            note += "; not there: give the back end's place, or leave it out"
            yield SourceObject(SourceObjectType.LINKED, link.name, link.name in source.tables, note=note)
        else:
            note += "; its rows stay where they are"
            yield SourceObject(SourceObjectType.LINKED, link.name, False, selectable=False, note=note)
    for q in whole.queries:
        note = f"belongs to {q.owner_object}" if q.owner_object else ("hidden" if q.hidden else q.kind.value)
        yield SourceObject(SourceObjectType.QUERY, q.name, q.name in source.queries, note=note, hidden=q.hidden)
    for kind, names in (
        (SourceObjectType.FORM, whole.other.forms),
        (SourceObjectType.REPORT, whole.other.reports),
        (SourceObjectType.MACRO, whole.other.macros),
        (SourceObjectType.MODULE, whole.other.modules),
    ):
        for name in names:
            yield SourceObject(kind, name, False, selectable=False, note="stays in Access")


def source_text(opened: OpenSource, kind: SourceObjectType, name: str) -> str:
    """A form, report, macro or module as `jetferry source` writes it; empty where it cannot be read.

    Raises SourceError.
    """
    return object_text(opened.application, kind.value, name)


def used_by(opened: OpenSource, name: str) -> tuple[UsedBy, ...]:
    """What uses a table or query and its columns; what reads it through queries last. Raises SourceError."""
    return tuple(UsedBy(str(u.user), str(u.how), u.column, " and ".join(u.via)) for u in opened.uses.with_columns(name))


def preview(opened: OpenSource, table: str, start: int, rows: int, columns: Sequence[str] | None) -> PreviewPage:
    """`rows` rows from position `start` on.

    Raises StageError where there is no such table, SourceError where it cannot be read.
    """
    found = opened.whole.tables_by_name.get(table.casefold())
    if found is None:
        place = Place(Kind.TABLE, source=opened.source.key, name=table)
        raise StageError(8113, place, what="table", name=table, where=opened.source.key)
    wanted = [c for c in found.columns if columns is None or c.name in columns]
    shown = tuple(PreviewColumn(c.name, c.type.value) for c in wanted)
    page: list[tuple[str | None, ...]] = []
    after = start
    for batch in opened.read(table, columns=[c.name for c in wanted], start=start, batch_rows=rows):
        if len(page) >= rows:  # there is more
            return PreviewPage(shown, tuple(page), start, after)
        page += _rows(batch)
        after = batch.next
    return PreviewPage(shown, tuple(page), start, None)


def _rows(batch: Batch) -> tuple[tuple[str | None, ...], ...]:
    columns = [[preview_text(v) for v in c.to_pylist()] for c in batch.rows.columns]
    return tuple(zip(*columns, strict=True))
