"""What stage 2's tree shows: databases, their objects by type, what is chosen; plain data and no widgets."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from screens.widgets.object_tree import Check, Node
from wizard.plurals import counted
from wizard.stages import LinkedBackEnd, SourceEntry, SourceObject, SourceObjectType, SourceState

PLURALS = {
    SourceObjectType.TABLE: "Tables",
    SourceObjectType.LINKED: "Linked tables",
    SourceObjectType.QUERY: "Queries",
    SourceObjectType.FORM: "Forms",
    SourceObjectType.REPORT: "Reports",
    SourceObjectType.MACRO: "Macros",
    SourceObjectType.MODULE: "Modules",
}
OPEN = (None, SourceObjectType.TABLE, SourceObjectType.LINKED, SourceObjectType.QUERY)
"""what is open at first; None is a database"""
HIDDEN = "Hidden queries of forms and reports"
WORDS = {
    SourceState.READY: "",
    SourceState.TOUCHED: "written to",
    SourceState.CHANGED: "! changed",
    SourceState.MISSING: "✗ not found",
    SourceState.LOCKED: "✗ locked",
    SourceState.UNREADABLE: "✗ unreadable",
}


@dataclass(frozen=True, slots=True)
class TreePlace:
    """A line of the tree: a source, a type of its objects, an object, or a back end."""

    source: str
    type: SourceObjectType | None = None
    name: str = ""
    back_end: str = ""
    hidden: bool = False
    """the group of hidden queries"""


def worded(note: str) -> str:
    """A kind of query as people read it: 'make table'."""
    return note.replace("_", " ")


def fits(name: str, wanted: str) -> bool:
    """As the engine's filter: part of a name, or a pattern."""
    name, wanted = name.casefold(), wanted.casefold()
    return fnmatch.fnmatchcase(name, wanted) if "*" in wanted or "?" in wanted else wanted in name


class SourceTree:
    """`opened` holds what differs from the first look: databases, tables and queries open, the rest closed."""

    def __init__(self, opened: set[TreePlace] | None = None, wanted: str = "") -> None:
        self.opened: set[TreePlace] = opened if opened is not None else set()
        self.wanted = wanted
        self._entries: dict[str, SourceEntry] = {}
        self._objects: dict[str, Sequence[SourceObject]] = {}
        self._back_ends: dict[str, Sequence[LinkedBackEnd]] = {}

    def add(self, entry: SourceEntry, objects: Sequence[SourceObject], back_ends: Sequence[LinkedBackEnd]) -> None:
        """Add a database at the end; of its back ends only those that are missing are shown."""
        self._entries[entry.key] = entry
        self._objects[entry.key] = objects
        self._back_ends[entry.key] = [b for b in back_ends if b.message is not None]

    def replace(self, key: str, objects: Sequence[SourceObject]) -> None:
        """The objects of a source after a change."""
        self._objects[key] = objects

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys of the databases, in the order of the tree."""
        return tuple(self._entries)

    def entries(self) -> tuple[SourceEntry, ...]:
        """The databases, in the order of the tree."""
        return tuple(self._entries.values())

    def entry(self, key: str) -> SourceEntry:
        """The database of that key. Raises KeyError."""
        return self._entries[key]

    def fold(self, chosen: TreePlace) -> None:
        """Open what is closed, close what is open."""
        self.opened ^= {chosen}

    def _is_open(self, chosen: TreePlace) -> bool:
        first = not chosen.hidden and chosen.type in (
            None,
            SourceObjectType.TABLE,
            SourceObjectType.LINKED,
            SourceObjectType.QUERY,
        )
        return bool(self.wanted) or first != (chosen in self.opened)

    def matching(self, key: str) -> list[SourceObject]:
        """The objects that the filter lets through."""
        objects = self._objects[key]
        return [o for o in objects if fits(o.name, self.wanted)] if self.wanted else list(objects)

    def hides(self, key: str) -> bool:
        """Whether the filter leaves nothing of a database."""
        named = fits(f"{key} {self._entries[key].path.name}", self.wanted)
        return bool(self.wanted) and not named and not self.matching(key)

    def shown(self, chosen: TreePlace) -> list[SourceObject]:
        """What a tick on a line is about."""
        found = self.matching(chosen.source)
        if chosen.type is not None:
            found = [o for o in found if o.type is chosen.type and (chosen.name or o.hidden == chosen.hidden)]
        elif not chosen.name:
            found = [o for o in found if not o.hidden]  # nobody means these by ticking a database
        return [o for o in found if o.name == chosen.name] if chosen.name else found

    def object(self, chosen: TreePlace) -> SourceObject | None:
        """The object that a line stands for; None where it stands for a database or a group."""
        if not chosen.name:
            return None
        return next((o for o in self._objects[chosen.source] if (o.type, o.name) == (chosen.type, chosen.name)), None)

    def back_end(self, chosen: TreePlace) -> LinkedBackEnd | None:
        """The missing back end that a line stands for."""
        return next((b for b in self._back_ends[chosen.source] if b.named == chosen.back_end), None)

    def nodes(self) -> Iterator[Node]:
        """The lines, from top to bottom."""
        for key, entry in self._entries.items():
            if not self.hides(key):
                yield from self._source(key, entry)

    def _source(self, key: str, entry: SourceEntry) -> Iterator[Node]:
        top, objects = TreePlace(key), self.matching(key)
        selectable = [o.chosen for o in objects if o.selectable and not o.hidden]
        check = Check.of(sum(selectable), len(selectable)) if selectable else None
        is_open = self._is_open(top)
        salvaged = ", salvaged" if entry.salvage else ""
        yield Node(top, f"{key}  ({entry.path.name}{salvaged})", 0, is_open, check, WORDS[entry.state])
        if not is_open:
            return
        for back_end in self._back_ends[key]:
            label = f"✗ back end {back_end.named} of {len(back_end.tables)} linked tables"
            yield Node(TreePlace(key, back_end=back_end.named), label, 1, note="not found")
        for kind, plural in PLURALS.items():
            members = [o for o in objects if o.type is kind and not o.hidden]
            if members:
                yield from self._group(TreePlace(key, kind), plural, members)
        hidden = [o for o in objects if o.hidden]
        if hidden:
            yield from self._group(TreePlace(key, SourceObjectType.QUERY, hidden=True), HIDDEN, hidden)

    def _group(self, chosen: TreePlace, plural: str, members: list[SourceObject]) -> Iterator[Node]:
        picked, selectable = sum(o.chosen for o in members), sum(o.selectable for o in members)
        check = Check.of(picked, selectable) if selectable else None
        count = f"{picked:,} of {len(members):,}" if selectable else f"{len(members):,}, stay"
        is_open = self._is_open(chosen)
        yield Node(chosen, plural, 1, is_open, check, count)
        if is_open:
            for o in members:
                box = (Check.ALL if o.chosen else Check.NONE) if o.selectable else None
                note = counted(o.rows, "row") if o.rows is not None else worded(o.note)
                yield Node(TreePlace(chosen.source, chosen.type, o.name), o.name, 2, None, box, note)

    def explain(self, chosen: TreePlace) -> str:
        """One line on what the cursor is on."""
        entry, found, back_end = self._entries[chosen.source], self.object(chosen), self.back_end(chosen)
        if back_end is not None and chosen.back_end:
            return f"{back_end.message.text if back_end.message else ''} Press Enter."
        if found is not None:
            return f"{found.name}: {worded(found.note)}" if found.note else found.name
        if chosen.type is None:
            told = f" {entry.message.text}" if entry.message else ""
            way = ", read with salvage" if entry.salvage else ""
            facts = f", {entry.format}, {entry.size / 1024:,.0f} KB{way}." if entry.format else f"{way}:"
            return f"{entry.path}{facts}{told}"
        return ""

    def chosen(self) -> int:
        """Tables and queries that are ticked."""
        return sum(o.chosen for objects in self._objects.values() for o in objects)

    def counts(self) -> str:
        """The line below the tree."""
        if not self._entries:
            return ""
        chosen = [o for objects in self._objects.values() for o in objects if o.chosen]
        queries = sum(o.type is SourceObjectType.QUERY for o in chosen)
        counts = f"{counted(len(chosen) - queries, 'table')}, {counted(queries, 'query', 'queries')}"
        return f"Chosen: {counts}.{self._filtered()}  Space ticks, Enter opens."

    def _filtered(self) -> str:
        """How much the filter hides."""
        if not self.wanted:
            return ""
        shown, every = (
            sum(map(len, found)) for found in ([self.matching(k) for k in self._entries], self._objects.values())
        )
        away = sum(self.hides(k) for k in self._entries)
        databases = f" and {counted(away, 'database')}" if away else ""
        return f"  The filter hides {counted(every - shown, 'object')}{databases}."
