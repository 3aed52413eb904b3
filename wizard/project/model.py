"""What a project says, as plain frozen data; `file` writes it as TOML and reads it back equal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from wizard.events import Stage
from wizard.options import Preset
from wizard.settings import Connection, Options, RepairRule, Repairs, Target, TypeMap


@dataclass(frozen=True, slots=True)
class FileFingerprint:
    """How a source file looked: enough to notice that it is another file, or has been written to."""

    size: int
    modified: str
    """UTC, ISO with microseconds"""
    digest: str
    """of the file's header and catalogue: equal while no table, query or form was added, renamed or removed"""


@dataclass(frozen=True)
class Selection:
    """Which names are chosen: all but `names`, or only `names`. Names compare without case, as in Access."""

    all_but: bool = True
    names: tuple[str, ...] = ()

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(n.casefold() for n in self.names)

    def __contains__(self, name: str) -> bool:
        return (name.casefold() in self._folded) != self.all_but

    def with_names(self, names: Iterable[str], chosen: bool, everything: Iterable[str]) -> Selection:
        """`names` chosen or not, the rest as before; kept in whichever way is shorter to write."""
        changed = {n.casefold() for n in names}
        every = sorted(everything)
        taken = {n for n in every if (chosen if n.casefold() in changed else n in self)}
        if 2 * len(taken) >= len(every):
            return Selection(True, tuple(n for n in every if n not in taken))
        return Selection(False, tuple(n for n in every if n in taken))


@dataclass(frozen=True)
class Source:
    """An Access file of the project."""

    key: str
    path: str
    """relative to the project's folder where it lies below it, else absolute"""
    fingerprint: FileFingerprint | None = None
    tables: Selection = Selection()
    """local tables and linked tables whose back end is known"""
    queries: Selection = Selection()
    back_ends: Mapping[str, str] = field(default_factory=dict, hash=False)
    """new places of linked back ends, by the path that the links give"""
    code_page: str = ""
    """overrides the code page of Jet 3 text"""
    salvage: bool = False
    """of a damaged file, what can be read; what cannot is counted and reported"""
    unwrap: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """OLE columns by table: the embedded file is stored in place of the object, its type and name beside it"""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a source goes on the server; an empty database is the connection's."""

    schema: str = "dbo"
    database: str = ""


class StageOutcome(StrEnum):
    """What is remembered of a stage."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Record:
    """A stage's end: what it stood on (`parts`: name to digest), and the digest of what it made."""

    outcome: StageOutcome
    parts: Mapping[str, str] = field(default_factory=dict, hash=False)
    output: str = ""
    detail: str = ""
    at: str = ""
    """UTC, ISO to the second"""
    losses: int = 0
    """objects or rows that were left out"""
    weaker: int = 0
    """foreign keys and indexes that gave way to old rows"""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change by hand in stage 6. `what` says which: see `EditKind`; `value` holds it as text."""

    source: str
    name: str
    """table or query, by its Access name"""
    what: str
    part: str = ""
    """column or index, by its Access name"""
    value: str = ""


@dataclass(frozen=True)
class Project:
    """Everything a person decided, and how far the stages have come."""

    name: str
    target: Target = field(default_factory=Target)
    preset: Preset = Preset.DEFAULT
    options: Options = field(default_factory=Options)
    types: TypeMap = field(default_factory=TypeMap)
    sources: tuple[Source, ...] = ()
    connection: Connection = field(default_factory=Connection)
    map: Mapping[str, Destination] = field(default_factory=dict, hash=False)
    """by source key; a source that is not named here goes to the default"""
    repairs: tuple[RepairRule, ...] = ()
    """what is done about values that a server cannot hold; what no rule speaks of is as by default"""
    edits: tuple[Edit, ...] = ()
    effort: Mapping[str, int] = field(default_factory=dict, hash=False)
    """minutes of a person's work for a message, by its code (`JF3140`), where they are not the catalogue's"""
    actions: Mapping[str, str] = field(default_factory=dict, hash=False)
    """stage 7: what to do with an object, by its quoted name, where it is not the proposed action"""
    stages: Mapping[Stage, Record] = field(default_factory=dict, hash=False)
    running: Stage | None = None
    """the stage that was under way when the file was written; found set on opening: it was cut off"""

    @property
    def repairing(self) -> Repairs:
        """The repair rules with what the preset adds to them."""
        return Repairs(self.repairs, self.preset)

    def source(self, key: str) -> Source | None:
        """The source of that key."""
        return next((s for s in self.sources if s.key == key), None)

    def with_source(self, source: Source) -> Project:
        """The project with that source, in place of one of the same key or added."""
        if self.source(source.key) is None:
            return replace(self, sources=(*self.sources, source))
        return replace(self, sources=tuple(source if s.key == source.key else s for s in self.sources))
