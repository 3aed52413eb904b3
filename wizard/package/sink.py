"""The offline package as a target of moved rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from wizard.coercion.widening import filled, held_too
from wizard.messages import Kind, Message, Place, TargetError
from wizard.objects import Name, ServerTable, Statement
from wizard.package import table_state
from wizard.package.bcp_rows import Layout, nameable, terminators
from wizard.package.files import failures_as_errors, named
from wizard.package.manifest import MANIFEST, FileEntry, TableEntry, file_entry
from wizard.package.publish import claim, publish, withdraw
from wizard.package.table_state import PackageTableState
from wizard.package.writer import PackageWriter, TableFiles, finish_files, whole_rows
from wizard.settings import Options, SqlVersion
from wizard.sink import Checkpoint, Delivery, FindOrphans, no_orphans


def _none(_table: Name, _read: int) -> int:
    return 0


def _no_text(_table: Name) -> Mapping[str, int]:
    return {}


class PackageSink:
    """A folder of scripts and data files as a `sink.Sink`.

    `work` holds what is under way and how far each table has come: keep it as long as the package may be resumed;
    it must be on the same file system. `tables` are all tables of the package, parents first: their places give
    the data files their numbers. `statements` make the objects, each guarded so that running it again is harmless.
    `beside` are other files for people, by name; `version` is the one that the statements were written for. `unread`
    says, by table and rows of it that came, about how many could not be read in the source; `missing` are tables that
    should be in the package, `less_guarded` says which keys and indexes gave way to old rows; `beyond_ascii` says, by
    table, how many texts of a column kept in a code page have characters beyond ASCII.
    """

    def __init__(
        self,
        folder: Path,
        work: Path,
        tables: Sequence[ServerTable],
        statements: Sequence[Statement],
        options: Options,
        *,
        name: str,
        beside: Mapping[str, str] | None = None,
        version: SqlVersion = SqlVersion.V2022,
        unread: Callable[[Name, int], int] = _none,
        missing: Sequence[str] = (),
        less_guarded: Sequence[Message] = (),
        beyond_ascii: Callable[[Name], Mapping[str, int]] = _no_text,
    ) -> None:
        self.folder = folder
        self.work = work
        self.options = options
        self.name = name
        self._beside = beside or {}
        self._version, self._unread = version, unread
        self._missing, self._less_guarded, self._beyond_ascii = tuple(missing), tuple(less_guarded), beyond_ascii
        self._tables = {t.name: t for t in tables}
        self._numbers = {t.name: n for n, t in enumerate(tables, 1)}
        self._statements = tuple(statements)

    def checkpoint(self, table: Name, part: str = "") -> Checkpoint | None:
        """What the package holds of the table; None where there is nothing, its files are gone, or they hold values
        that the table's columns do not hold any more."""
        files = self._files(table, part)
        known = table_state.load(files.state, table)
        if known is None or not files.intact(known) or self._outdated(table, known):
            return None
        return known.checkpoint

    def count(self, table: Name) -> int:
        """Rows in the table's files, counted in the files."""
        total = 0
        for known in self._states(table):
            files = self._files(table, known.part)
            ends = terminators(known.generation)
            data, _ = files.where(known)
            total += sum(chunk.count(ends.row) for chunk in whole_rows(data, known.size, ends)) + known.sql_rows
        return total

    def empty(self, table: Name) -> None:
        """Remove the table's files and checkpoints, damaged ones too. Raises TargetError 5205 where there are none."""
        damaged = self.work / f"{table_state.key_of(table, '')}.json"
        try:
            parts = [known.part for known in self._states(table)]
        except TargetError:
            parts = [""] if damaged.exists() else []
        if not parts:
            raise TargetError(5205, Place(Kind.TABLE, name=str(table)), table=table)
        with failures_as_errors(self.folder):
            (self.folder / MANIFEST).unlink(missing_ok=True)  # where it is, the package is whole
            for part in parts:
                self._files(table, part).clear()

    def prepare(self, deliveries: Sequence[Delivery]) -> list[Message]:
        """See that the folder is the package's own. Raises TargetError 5601 where it is not."""
        with failures_as_errors(self.folder):
            claim(self.folder)
            self.work.mkdir(parents=True, exist_ok=True)
            withdraw(self.folder, table_state.outdated(self.work, [d.table for d in deliveries]))
        tables = [d.table for d in deliveries]
        odd = [t.name for t in tables if not self.options.package_inserts and not nameable(t.name)]
        return [Message.of(5621, Place(Kind.TABLE, name=str(n)), table=n) for n in odd]

    def open(self, delivery: Delivery) -> PackageWriter:
        """Take the table over and go on from its checkpoint; where its own rows begin anew, those of later parts are
        among them, and go.

        Raises TargetError 5603 for a table that is not the package's, 5606 where rows of another state of the
        source are there, 5600 where the disk fails.
        """
        table = delivery.table.name
        if table not in self._numbers:
            raise TargetError(5603, Place(Kind.TABLE, name=str(table)), table=table)
        files = self._files(table, delivery.part)
        statements_only = self.options.package_inserts or not nameable(table)
        with failures_as_errors(self.folder):
            self.work.mkdir(parents=True, exist_ok=True)
            if delivery.part:
                self._keep_types(delivery)
            with files.lock:
                known = self._known(delivery, files, statements_only)
                if known.checkpoint.source != delivery.source:
                    raise TargetError(5606, Place(Kind.TABLE, name=str(table)), table=table)
                opened = replace(known, token=uuid.uuid4().hex)
                table_state.save(files.state, opened)
        return PackageWriter(files, delivery, opened, statements_only)

    def _known(self, delivery: Delivery, files: TableFiles, statements_only: bool) -> PackageTableState:
        """How far the files have come; where they are of no use, they are removed, and it begins anew."""
        table, layout = delivery.table.name, table_state.layout_digest(delivery, statements_only)
        known = table_state.load(files.state, table)
        if known is not None and known.layout == layout and files.intact(known) and not self._outdated(table, known):
            return known
        parts = [] if delivery.part else [s.part for s in self._states(table) if s.part]
        for one in (files, *(self._files(table, part) for part in parts)):
            one.clear()
        made = Layout.of(delivery)
        return PackageTableState(
            str(table),
            delivery.part,
            any(c.identity for c in delivery.columns),
            tuple(c.name for c in made.columns) if made.partial else (),
            Checkpoint(source=delivery.source),
            layout=layout,
            types=() if delivery.part else filled(delivery.columns),
        )

    def _outdated(self, table: Name, known: PackageTableState) -> bool:
        """Whether the table's files, its own rows' and those of later parts, hold what its columns do not hold now.

        `known` is the state of any of them: that of the table's own rows has the types of all.
        """
        own: PackageTableState | None = known
        if known.part:
            own = None
            with suppress(TargetError):  # a damaged one is told where it is gone on from
                own = table_state.load(self._files(table, "").state, table)
        return own is not None and table in self._tables and own.outdated(self._tables[table])

    def _keep_types(self, delivery: Delivery) -> None:
        """Later rows may be of other types than the table's own: its own state says so, before any of them is here."""
        own = self._files(delivery.table.name, "")
        with own.lock:
            known = table_state.load(own.state, delivery.table.name)
            if known is not None and known.types:
                table_state.save(own.state, replace(known, types=held_too(known.types, filled(delivery.columns))))

    @property
    def together(self) -> None:
        """A package's tables have files of their own."""
        return

    def finish(
        self,
        tables: Sequence[ServerTable],  # noqa: ARG002
        unfinished: Sequence[ServerTable] = (),
        orphans: FindOrphans = no_orphans,
    ) -> list[Message]:
        """Bring complete tables to their place and write what deploys them: always the whole package. Repeatable.

        Nothing while there are unfinished tables.
        """
        if unfinished:
            return []
        known = orphans()
        with failures_as_errors(self.folder):
            entries = [self._entry(t) for t in self._tables.values()]
            table_state.forget_others(self.work, self._tables)
            return publish(
                self.folder,
                self.name,
                entries,
                self._statements,
                self.options,
                beside=self._beside,
                orphans=known,
                version=self._version,
                missing=self._missing,
                less_guarded=self._less_guarded,
            )

    def close(self) -> None:
        """Nothing is held open."""

    def _files(self, table: Name, part: str) -> TableFiles:
        stem = f"{self._numbers.get(table, 0):03d}-{table_state.slug(table.name)}"
        if part:
            stem += f".{table_state.slug(part)}"
        data = self.folder / "data" / f"{stem}.dat"
        return TableFiles(self.work, table_state.key_of(table, part), data, data.with_suffix(".sql"))

    def _states(self, table: Name) -> list[PackageTableState]:
        """The table's states, its own rows first, then those of later parts by name."""
        found = []
        for path in named(self.work, f"{table_state.slug(table.name)}-", ".json"):
            known = table_state.load(path, table)
            if known is not None and known.table == str(table):
                found.append(known)
        return sorted(found, key=lambda s: s.part)

    def _entry(self, table: ServerTable) -> TableEntry:
        entry = TableEntry(table, files=(), rows=0, rejected=0, complete=False)
        states = self._states(table.name)
        if states and self._outdated(table.name, states[0]):
            return entry
        for known in states:
            files = self._files(table.name, known.part)
            complete = known.checkpoint.complete and files.intact(known)
            made = []
            if complete:
                finish_files(files, known)
                if known.size:
                    made.append(self._data_entry(files.data, known))
                if known.sql_size:
                    made.append(file_entry(self.folder, files.sql, known.sql_rows, sha256=known.sql_sha256))
            entry = replace(
                entry,
                files=(*entry.files, *made),
                rows=entry.rows + known.checkpoint.rows,
                # a later part's rows are rejects sent again: what it delivered is rejected no more, and what it could
                # not deliver is among the table's own rejects already
                rejected=entry.rejected - known.checkpoint.rows if known.part else known.checkpoint.rejected,
                complete=complete and (entry.complete or not known.part),
                fields=known.fields or entry.fields,
            )
        unread = self._unread(table.name, entry.rows + entry.rejected) if entry.complete else 0
        return replace(entry, unread=unread, beyond_ascii=self._beyond_ascii(table.name) if entry.rows else {})

    def _data_entry(self, path: Path, known: PackageTableState) -> FileEntry:
        ends, rows = terminators(known.generation), known.checkpoint.rows - known.sql_rows
        return file_entry(self.folder, path, rows, sha256=known.sha256, ends=ends, identity=known.identity)
