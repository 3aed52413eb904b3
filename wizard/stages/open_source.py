"""A source as conversion and moving see it: what is chosen of it, with linked tables of known back ends as its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.definitions import BATCH_ROWS, Database, LinkedTable, LinkKind, Table
from wizard.file_writing import real_path
from wizard.messages import Kind, Message, Place, SourceError, Topic
from wizard.objects import Conversion, ServerTable, TableRef
from wizard.project import FileFingerprint, Source
from wizard.stages.access_files import application, read_uses
from wizard.stages.ole_columns import UnwrappedTable, unwrapped

if TYPE_CHECKING:
    from pyarrow import Schema

    from wizard.access import AccessFile, Batch
    from wizard.access.application import Application, DataMacro
    from wizard.uses import Uses


@dataclass(frozen=True)
class BackEndTable:
    """Where a linked table's rows are."""

    file: AccessFile
    table: str


@dataclass(frozen=True, slots=True)
class TableOwner:
    """The source that a table is migrated with, and the table's name there."""

    source: str
    table: str


Stored = tuple[object, str]
"""a table by the file that holds it (see `identity`) and its case-folded name there"""


class OpenSource:
    """Reads like an AccessFile: `definition`, `row_count`, `read`; linked tables are read from their back ends.

    Of several sources that have one table, by links or as the back end itself, one migrates it: for the others it is
    `shared`. `definition` is what this source migrates, `visible` the same with the shared tables, which its queries
    read.

    `back_ends` has the files by the case-folded path that the links have; `owners` says who migrates what, and
    without it this source migrates all. The files belong to the pool of stage 2, which closes them.
    """

    def __init__(
        self,
        source: Source,
        file: AccessFile,
        back_ends: Mapping[str, AccessFile],
        owners: Mapping[Stored, TableOwner] | None = None,
    ) -> None:
        self.source = source
        self.file = file
        self.back_ends = back_ends
        self.owners = owners
        self.path = file.definition.path
        self._elsewhere: dict[str, BackEndTable] = {}
        self.problems: list[Message] = []
        whole = self._with_linked(back_ends)
        tables, self._unwrapped, told = unwrapped(whole.tables, source.unwrap, source.key)
        self.problems += told
        self.whole = replace(whole, tables=tables) if self._unwrapped else whole
        self.visible = chosen_of(self.whole, source)
        self.shared = self._shared(owners or {})
        """by case-folded name here"""
        self.definition = self._without_shared()

    @cached_property
    def application(self) -> Application:
        """The file's forms, reports, macros and modules, read when first looked at. Raises SourceError.

        With the data macros of tables that it brings from back ends, which nobody else would tell of.
        """
        own = application(self.file, told=False)
        brought = tuple(self._brought_macros())
        return replace(own, data_macros=own.data_macros + brought) if brought else own

    def _brought_macros(self) -> Iterator[DataMacro]:
        read: dict[int, tuple[DataMacro, ...]] = {}
        for table in self.definition.tables:
            place = self._elsewhere.get(table.name.casefold())
            if place is not None:
                if id(place.file) not in read:
                    read[id(place.file)] = application(place.file, told=False).data_macros
                macros = (m for m in read[id(place.file)] if m.table.casefold() == place.table.casefold())
                yield from (replace(m, table=table.name) for m in macros)

    def as_stored(self) -> tuple[Message, ...]:
        """Of which columns values came as they lie in a file, as far as rows were read: places are the source's."""
        files = {id(f): f for f in (self.file, *self.back_ends.values())}
        found = (m for f in files.values() for m in f.messages if m.topic is Topic.AS_STORED)
        return tuple(replace(m, place=replace(m.place, source=self.source.key)) for m in found)

    def shared_tables(self, conversion: Conversion) -> dict[str, ServerTable]:
        """The tables that other sources bring, by case-folded name here, as far as they are in a conversion."""
        made = {t.source: t for t in conversion.tables if t.source}
        places = {name: TableRef(o.source, o.table) for name, o in self.shared.items()}
        return {name: made[place] for name, place in places.items() if place in made}

    @cached_property
    def uses(self) -> Uses:
        """What uses what in the file, found when first asked for. Raises SourceError."""
        return read_uses(self.whole, self.application)

    def claims(self) -> Iterator[tuple[bool, Stored, TableOwner]]:
        """Each chosen table: whether it is a linked one, where it is stored, and this source as its owner."""
        for table in self.visible.tables:
            linked = table.name.casefold() in self._elsewhere
            yield linked, self._stored(table.name), TableOwner(self.source.key, table.name)

    def _stored(self, table: str) -> Stored:
        place = self._elsewhere.get(table.casefold())
        file, name = (place.file, place.table) if place else (self.file, table)
        return identity(Path(file.definition.path)), name.casefold()

    def _shared(self, owners: Mapping[Stored, TableOwner]) -> dict[str, TableOwner]:
        own = {t.name: TableOwner(self.source.key, t.name) for t in self.visible.tables}
        found = {name: owners.get(self._stored(name), owner) for name, owner in own.items()}
        return {name.casefold(): owner for name, owner in found.items() if owner != own[name]}

    def _without_shared(self) -> Database:
        if not self.shared:
            return self.visible
        return replace(
            self.visible,
            tables=tuple(t for t in self.visible.tables if t.name.casefold() not in self.shared),
            relationships=tuple(r for r in self.visible.relationships if r.table.casefold() not in self.shared),
        )

    @property
    def has_links(self) -> bool:
        """Whether some of its tables lie in back ends that were found."""
        return bool(self._elsewhere)

    def _with_linked(self, back_ends: Mapping[str, AccessFile]) -> Database:
        own = self.file.definition
        tables, left, relations = list(own.tables), [], list(own.relationships)
        names: dict[tuple[str, str], str] = {}
        for link in own.linked_tables:
            back = back_ends.get(link.database.casefold()) if link.kind is LinkKind.ACCESS else None
            if back is None:
                left.append(link)
                continue
            there = back.definition.tables_by_name.get(link.foreign_name.casefold())
            if there is None:
                place = Place(Kind.TABLE, source=self.source.key, name=link.name)
                facts = {"table": link.name, "foreign": link.foreign_name, "path": back.definition.path}
                self.problems.append(Message.of(8207, place, **facts))
                left.append(link)
                continue
            for table, name in _linked(link, there, back.definition, {t.name.casefold() for t in tables}):
                tables.append(table)
                self._elsewhere[table.name.casefold()] = BackEndTable(back, name)
            names[link.database.casefold(), there.name.casefold()] = link.name
        for named, back in back_ends.items():
            for r in back.definition.relationships:
                here, there_name = (
                    names.get((named, r.table.casefold())),
                    names.get((named, r.referenced_table.casefold())),
                )
                if here and there_name and not any(o.name == r.name for o in relations):
                    relations.append(replace(r, table=here, referenced_table=there_name))
        return replace(own, tables=tuple(tables), linked_tables=tuple(left), relationships=tuple(relations))

    def linked_to(self, table: str) -> str:
        """The file a linked table's rows are in; empty for a local table."""
        place = self._elsewhere.get(table.casefold())
        return place.file.definition.path if place else ""

    @property
    def changed(self) -> bool:
        """Whether one of the files was written to, or taken away, since it was opened."""
        return any(file.changed for file in (self.file, *self.back_ends.values()))

    def state(self) -> list[tuple[int, str]]:
        """Size and time of the file and of its back ends: other rows, another state."""
        files = {self.path: None} | {e.file.definition.path: None for e in self._elsewhere.values()}
        stats = [Path(p).stat() for p in files]
        return [(s.st_size, stamp(s.st_mtime_ns)) for s in stats]

    def row_count(self, table: str) -> int:
        """Exact. Raises SourceError."""
        place = self._elsewhere.get(table.casefold())
        return place.file.row_count(place.table) if place else self.file.row_count(table)

    def unread(self, table: str, missing: int = 0) -> int:
        """As `TableReader.unread`. Raises SourceError."""
        place = self._elsewhere.get(table.casefold())
        reader = place.file.reader(place.table) if place else self.file.reader(table)
        return reader.unread(missing)

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        start: int = 0,
        batch_rows: int = BATCH_ROWS,
        stop: int | None = None,
    ) -> Iterator[Batch]:
        """As `AccessFile.read`, with rows of which single values cannot be read: repair rules speak of these."""
        place = self._elsewhere.get(table.casefold())
        file, name = (place.file, place.table) if place else (self.file, table)
        plan = self._unwrapped.get(table.casefold())
        if plan is None:
            return file.read(name, columns=columns, start=start, batch_rows=batch_rows, stop=stop, damaged=True)
        asked = plan.order if columns is None else columns
        needed = plan.needed(asked)
        batches = file.read(name, columns=needed, start=start, batch_rows=batch_rows, stop=stop, damaged=True)
        return (replace(batch, rows=plan.rows(batch.rows, asked)) for batch in batches)

    @property
    def unwrapped(self) -> Mapping[str, UnwrappedTable]:
        """The tables with OLE columns that are stored unwrapped, by case-folded name."""
        return self._unwrapped

    def schema(self, table: str) -> Schema:
        """The Arrow schema of a table's rows. Raises SourceError."""
        place = self._elsewhere.get(table.casefold())
        schema = place.file.reader(place.table).schema() if place else self.file.reader(table).schema()
        plan = self._unwrapped.get(table.casefold())
        return plan.schema(schema) if plan else schema

    def parts(self, table: str, rows: int) -> list[int]:
        """As `AccessFile.parts`."""
        place = self._elsewhere.get(table.casefold())
        return place.file.parts(place.table, rows) if place else self.file.parts(table, rows)


def _linked(link: LinkedTable, there: Table, back: Database, taken: set[str]) -> Iterator[tuple[Table, str]]:
    """A linked table and the child tables of its complex columns, as they are called here; and their names there."""
    own = replace(there, name=link.name)
    for child in back.tables:
        if child.child_of is None or child.child_of.table != there.name:
            continue
        name = child.name if child.name.casefold() not in taken else f"{link.name}_{child.child_of.column}"
        columns = tuple(replace(c, child_table=name) if c.child_table == child.name else c for c in own.columns)
        own = replace(own, columns=columns)
        yield replace(child, name=name, child_of=replace(child.child_of, table=link.name)), child.name
    yield own, there.name


def identity(path: Path) -> object:
    """What is the same for one file, however it is reached: by another name, through a link, in another case."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # none is there, and none can be
        return str(path).casefold()
    return (status.st_dev, status.st_ino) if status.st_ino else str(real_path(path)).casefold()


def chosen_of(whole: Database, source: Source) -> Database:
    """What is selected; child tables of complex columns go with their parents.

    Hidden queries of forms and reports stay listed, so that conversion can say that they stay in Access.
    """

    def chosen(table: Table) -> bool:
        return (table.child_of.table if table.child_of else table.name) in source.tables

    tables = tuple(t for t in whole.tables if chosen(t))
    names = {t.name.casefold() for t in tables}
    return replace(
        whole,
        tables=tables,
        linked_tables=tuple(t for t in whole.linked_tables if t.name in source.tables),
        relationships=tuple(
            r for r in whole.relationships if r.table.casefold() in names and r.referenced_table.casefold() in names
        ),
        queries=tuple(q for q in whole.queries if q.hidden or q.name in source.queries),
    )


def fingerprint(path: Path, file: AccessFile | None) -> FileFingerprint:
    """How the file looks now. Without `file` its catalogue cannot be read, and `digest` stays empty.

    Raises SourceError where the file cannot be read.
    """
    try:
        stat = path.stat()
        with path.open("rb") as f:
            header = f.read(0x18)  # format and version; what follows changes whenever Access opens the file
    except OSError as e:
        raise SourceError(8208, Place(Kind.FILE, source=str(path)), path=path, what=e.strerror or e) from e
    digest = ""
    if file is not None:
        d = replace(file.definition, path="", tables=tuple(replace(t, rows=0) for t in file.definition.tables))
        digest = hashlib.sha256(header + repr(d).encode("utf-8", "backslashreplace")).hexdigest()[:16]
    return FileFingerprint(stat.st_size, stamp(stat.st_mtime_ns), digest)


def stamp(nanoseconds: int) -> str:
    """A file's time as UTC ISO text to the microsecond, exactly."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)
    return moment.isoformat(timespec="microseconds")
