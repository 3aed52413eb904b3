"""Stage 2: which Access files, what of them, and a look inside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from wizard.access import AccessFile
from wizard.access.text import codec_of
from wizard.cancellation import CancellationToken
from wizard.definitions import Database
from wizard.events import Progress, Stage
from wizard.file_writing import is_file, real_path
from wizard.messages import Kind, Message, PasswordError, Place, SourceError, StageError
from wizard.plurals import counted
from wizard.project import FileFingerprint, Project, Selection, Source
from wizard.stages import row_search, source_browser
from wizard.stages.new_sources import addable, new_key, written_path
from wizard.stages.ole_columns import with_column
from wizard.stages.open_source import OpenSource, fingerprint, stamp
from wizard.stages.project_session import ProjectSession
from wizard.stages.row_search import RowsWanted
from wizard.stages.source_files import SourceFiles
from wizard.stages.source_selection import leftovers, with_names
from wizard.stages.views import (
    LinkedBackEnd,
    PreviewPage,
    RowsFound,
    SourceEntry,
    SourceObject,
    SourceObjectType,
    SourceState,
    UsedBy,
    linked_elsewhere,
    wanted,
)


class SourcesStage:
    """The sources of the project."""

    def __init__(self, session: ProjectSession) -> None:
        self._session = session
        self._files = SourceFiles(session)

    def path(self, source: Source) -> Path:
        """Where a source's file is, absolute."""
        return self._files.path(source)

    def source(self, key: str) -> Source:
        """Raises StageError where there is none of that key."""
        return self._files.source(key)

    def open(self, key: str) -> OpenSource:
        """The source, opened, as the other stages read it. Raises SourceError; PasswordError where one is needed."""
        return self._files.open(key)

    def close(self) -> None:
        """Let go of every file."""
        self._files.close()

    # the list of sources

    def entries(self) -> tuple[SourceEntry, ...]:
        """Every source in one line; opens files that were not open yet, so call it from a thread."""
        return tuple(self.entry(s.key) for s in self._session.project.sources)

    def entry(self, key: str) -> SourceEntry:
        """One source in one line, its file looked at again."""
        source = self.source(key)
        path = self.path(source)
        seen, problem = self._look(source, path)
        self._session.observe({key: seen})
        if seen is None or isinstance(problem, SourceError):
            state = SourceState.MISSING if seen is None else SourceState.UNREADABLE
            state = SourceState.LOCKED if isinstance(problem, PasswordError) else state
            return SourceEntry(key, path, state, message=problem.message if problem else None, salvage=source.salvage)
        opened = self.open(key)
        state, message = self._state(source, path, seen)
        whole, chosen = opened.whole, opened.visible
        return SourceEntry(
            key, path, state, whole.format, seen.size, seen.modified, len(whole.tables), len(whole.queries),
            len(chosen.tables) + sum(not q.hidden for q in chosen.queries), message, source.salvage,
        )  # fmt: skip

    def _look(self, source: Source, path: Path) -> tuple[FileFingerprint | None, SourceError | None]:
        if not is_file(path):
            return None, SourceError(8200, Place(Kind.FILE, source=source.key), path=path)
        try:
            self._drop_if_written(source, path)
            return fingerprint(path, self.open(source.key).file), None
        except SourceError as e:
            kept = source.fingerprint.digest if source.fingerprint else ""
            with suppress(SourceError):
                return replace(fingerprint(path, None), digest=kept), e
            return None, e

    def _drop_if_written(self, source: Source, path: Path) -> None:
        """An open file that was written to since must be read again."""
        seen = self._session.observed(source.key)
        stat = path.stat()
        if self._files.is_open(path) and seen and (seen.size, seen.modified) != (stat.st_size, stamp(stat.st_mtime_ns)):
            self._files.forget(path)

    def _state(self, source: Source, path: Path, seen: FileFingerprint) -> tuple[SourceState, Message | None]:
        place = Place(Kind.FILE, source=source.key)
        if source.fingerprint is None or seen == source.fingerprint:
            return SourceState.READY, None
        if seen.digest == source.fingerprint.digest:
            return SourceState.TOUCHED, Message.of(8202, place, path=path)
        return SourceState.CHANGED, Message.of(8201, place, path=path)

    def add(self, path: Path, *, password: str = "", code_page: str = "", salvage: bool = False) -> SourceEntry:
        """Add a file, leftovers unselected (message 8204 says which); `salvage` reads what a damaged one still gives.

        Raises SourceError where it is no Access file or a source already, PasswordError where one is needed.
        """
        path = self._addable(path)
        self._files.forget(path)  # a former try may have opened it in another way
        file = self._files.file(path, password or self._files.password(""), code_page, salvage)
        source = Source(self._new_key(path), self._written(path), code_page=code_page, salvage=salvage)
        self._session.secrets.sources[source.key] = password
        self._first_read(source, path, file)
        return self.entry(source.key)

    def add_locked(self, path: Path, *, code_page: str = "", salvage: bool = False) -> SourceEntry:
        """Add a file whose password is not known yet: it is read, and its objects chosen, once `set_password` has it.

        Raises SourceError where it cannot be a source.
        """
        path = self._addable(path)
        source = Source(self._new_key(path), self._written(path), code_page=code_page, salvage=salvage)
        self._session.change(self._session.project.with_source(source))
        return self.entry(source.key)

    def check_code_page(self, code_page: str) -> None:
        """Raises SourceError where no text is known by that name; an empty one is the file's own."""
        if code_page:
            codec_of(code_page, Place(Kind.OPTION, name="code page"))

    def _addable(self, path: Path) -> Path:
        """Raises SourceError where the file cannot be a source of this project."""
        return addable(path, {s.key: self.path(s) for s in self._session.project.sources})

    def _first_read(self, source: Source, path: Path, file: AccessFile) -> None:
        """What is chosen at first, and how the file looks."""
        hidden = tuple(q.name for q in file.definition.queries if q.hidden)
        source = replace(
            source, fingerprint=fingerprint(path, file), queries=Selection(True, hidden),
            tables=self._first_tables(source.key, file.definition),
        )  # fmt: skip
        self._session.observe({source.key: source.fingerprint})
        self._session.change(self._session.project.with_source(source))
        if source.salvage:
            self._emit_losses(file)

    def _emit_losses(self, file: AccessFile) -> None:
        """At once, so that nobody chooses among tables without knowing that some are missing."""
        for problem in file.messages:
            self._session.emit_message(Stage.SOURCES, problem)

    def _written(self, path: Path) -> str:
        return written_path(path, self._session.path)

    def _new_key(self, path: Path) -> str:
        return new_key(path, {s.key for s in self._session.project.sources})

    def _first_tables(self, key: str, definition: Database) -> Selection:
        left = leftovers(definition)
        if left:
            place = Place(Kind.FILE, source=key)
            self._session.emit_message(Stage.SOURCES, Message.of(8204, place, names=", ".join(left), source=key))
        return Selection(True, left)

    def remove(self, key: str) -> tuple[Stage, ...]:
        """Take a source out of the project, with its type rules, map and edits; the file is not touched."""
        source = self.source(key)
        project = self._session.project
        types = replace(
            project.types,
            databases={k: v for k, v in project.types.databases.items() if k != key},
            tables={k: v for k, v in project.types.tables.items() if k[0] != key},
        )
        self._files.forget(self.path(source))
        return self._session.change(
            replace(
                project,
                sources=tuple(s for s in project.sources if s.key != key),
                types=types,
                map={k: v for k, v in project.map.items() if k != key},
                edits=tuple(e for e in project.edits if e.source != key),
            )
        )

    def set_password(self, key: str, password: str) -> SourceEntry:
        """Keep a password in memory and try it; the entry says whether it opens the file."""
        self._session.secrets.sources[key] = password
        source, path = self.source(key), self.path(self.source(key))
        self._files.forget(path)
        entry = self.entry(key)
        if source.fingerprint is None and entry.state is SourceState.READY:  # it was added without its password
            self._first_read(source, path, self.open(key).file)
            entry = self.entry(key)
        return entry

    def relocate(self, key: str, path: Path) -> tuple[Stage, ...]:
        """Say where a source's file is now. Raises SourceError where it cannot be opened."""
        source = self.source(key)
        path = real_path(path)
        file = self._files.file(path, self._files.password(key), source.code_page, source.salvage)
        self._session.observe({key: fingerprint(path, file)})
        return self._session.change(self._session.project.with_source(replace(source, path=self._written(path))))

    def read_as(self, key: str, *, code_page: str, salvage: bool) -> tuple[Stage, ...]:
        """Read a source, and its back ends, in another way. Raises SourceError where it cannot be; then all stays."""
        source, path = self.source(key), self.path(self.source(key))
        self.close()
        try:
            file = self._files.file(path, self._files.password(key), code_page, salvage)
            seen = fingerprint(path, file)
        except SourceError:
            self._files.forget(path)
            raise
        self._session.observe({key: seen})
        if salvage:
            self._emit_losses(file)
        return self._change(replace(source, code_page=code_page, salvage=salvage, fingerprint=seen))

    def unwrap(self, key: str, table: str, column: str, wanted: bool = True) -> tuple[Stage, ...]:
        """Have an OLE column stored unwrapped, or as it is; returns the stages made stale.

        Raises StageError where there is no such column, SourceError.
        """
        return self._session.change(self.with_unwrapped(key, table, column, wanted))

    def with_unwrapped(self, key: str, table: str, column: str, wanted: bool) -> Project:
        """The project as it would be with an OLE column stored so, for `Migration.effects`."""
        source = self.source(key)
        changed = with_column(source.unwrap, self.open(key).whole, (key, table, column), wanted=wanted)
        return self._session.project.with_source(replace(source, unwrap=changed))

    def back_ends(self, key: str) -> tuple[LinkedBackEnd, ...]:
        """The Access databases that linked tables point to, found or to be asked for."""
        opened = self.open(key)
        source, result = opened.source, []
        for back in self._files.located(source, opened.file.definition, self.path(source)):
            message = None
            if back.found is None:
                names = [n for n in back.tables if n in source.tables] or back.tables
                message = wanted(key, back.stored, names)
            else:
                try:
                    self._files.back_end(source, back.stored, back.found)
                except SourceError as e:
                    message = e.message
            result.append(LinkedBackEnd(back.stored, back.tables, back.found, message))
        return tuple(result)

    def resolve(self, key: str, named: str, path: Path, *, password: str = "") -> tuple[Stage, ...]:
        """Say where a back end is now; its linked tables can then be migrated. Raises SourceError."""
        source = self.source(key)
        path = real_path(path)
        self._files.file(path, password or self._files.password(key), source.code_page, source.salvage)
        self._session.secrets.sources[f"{key}:{named}"] = password
        return self._change(replace(source, back_ends={**source.back_ends, named: str(path)}))

    def _change(self, source: Source) -> tuple[Stage, ...]:
        return self._session.change(self._session.project.with_source(source))

    # objects and their selection

    def definition(self, key: str) -> Database:
        """All that the file holds, linked tables of known back ends among its tables. Raises SourceError."""
        return self.open(key).whole

    def objects(self, key: str, filter_text: str = "") -> tuple[SourceObject, ...]:
        """Every object for the tree; with `filter_text` only names that contain it, or fit it as a pattern (`*`)."""
        return source_browser.objects(self.open(key), filter_text)

    def select(self, key: str, type_: SourceObjectType, names: Iterable[str], chosen: bool) -> tuple[Stage, ...]:
        """Choose tables (linked ones are tables too) or queries, or leave them out."""
        return self._change(with_names(self.source(key), self.definition(key), type_, names, chosen))

    def selected(self, key: str, objects: Sequence[SourceObject], chosen: bool) -> Project:
        """The project as it would be with these tables and queries chosen or left out, for `Migration.effects`."""
        source = self.source(key)
        tables = [o.name for o in objects if o.type is not SourceObjectType.QUERY]
        queries = [o.name for o in objects if o.type is SourceObjectType.QUERY]
        if tables:
            source = with_names(source, self.definition(key), SourceObjectType.TABLE, tables, chosen)
        if queries:
            source = with_names(source, self.definition(key), SourceObjectType.QUERY, queries, chosen)
        return self._session.project.with_source(source)

    def select_these(self, key: str, objects: Sequence[SourceObject], chosen: bool) -> tuple[Stage, ...]:
        """Choose tables and queries together, or leave them out; returns the stages made stale."""
        return self._session.change(self.selected(key, objects, chosen))

    def select_matching(self, key: str, pattern: str, chosen: bool) -> tuple[Stage, ...]:
        """Choose or leave out every table and query whose name fits; returns the stages made stale."""
        return self.select_these(key, [o for o in self.objects(key, pattern) if o.selectable], chosen)

    def select_all(self, key: str) -> tuple[Stage, ...]:
        """Choose all tables and queries; returns the stages made stale."""
        return self._change(replace(self.source(key), tables=Selection(), queries=Selection()))

    def select_none(self, key: str) -> tuple[Stage, ...]:
        """Choose nothing; returns the stages made stale."""
        return self._change(replace(self.source(key), tables=Selection(False), queries=Selection(False)))

    def preview(
        self, key: str, table: str, *, start: int = 0, rows: int = 50, columns: Sequence[str] | None = None
    ) -> PreviewPage:
        """A page of a table's rows as text. Raises SourceError."""
        return source_browser.preview(self.open(key), table, start, rows, columns)

    def find_rows(self, key: str, table: str, wanted: RowsWanted, cancel: CancellationToken) -> RowsFound:
        """Rows that hold a text, in the order of a column; reads the whole table. Raises SourceError, StoppedError."""
        return row_search.find(self.open(key), table, wanted, cancel)

    def save_rows(self, key: str, table: str, wanted: RowsWanted, path: Path, cancel: CancellationToken) -> int:
        """The same rows written as CSV; returns how many. Raises ProjectError where the file cannot be written."""
        return row_search.save(self.open(key), table, wanted, path, cancel)

    def source_text(self, key: str, type_: SourceObjectType, name: str) -> str:
        """A form, report, macro or module as text; reads the file, so call it from a thread. Raises SourceError."""
        return source_browser.source_text(self.open(key), type_, name)

    def used_by(self, key: str, name: str) -> tuple[UsedBy, ...]:
        """What uses a table or query; reads the application once, so call it from a thread. Raises SourceError."""
        return source_browser.used_by(self.open(key), name)

    def row_count(self, key: str, table: str) -> int:
        """Exact; may read the table, so call it from a thread. Raises SourceError."""
        return self.open(key).row_count(table)

    # the stage's end

    def check(self) -> None:
        """Look at every source's file again: statuses follow what changed. Files that were not written to stay shut."""
        for key in self.check_quickly():
            self.entry(key)

    def check_quickly(self) -> tuple[str, ...]:
        """The same without opening any file; returns the sources that were written to and want a closer look."""
        seen: dict[str, FileFingerprint | None] = {}
        written = []
        for source in self._session.project.sources:
            path, mark = self.path(source), source.fingerprint
            if not is_file(path):
                seen[source.key] = None
                continue
            stat = path.stat()
            now = FileFingerprint(stat.st_size, stamp(stat.st_mtime_ns), mark.digest if mark else "")
            seen[source.key] = now
            if now != mark:
                written.append(source.key)
        self._session.observe(seen)  # all at once: each time the stages' digests are made anew
        return tuple(written)

    def confirm(self, cancel: CancellationToken | None = None) -> None:
        """The stage done, with the files as they are now. Raises StageError where one cannot be used."""
        with self._session.run(Stage.SOURCES) as ending:
            sources = self._session.project.sources
            entries = []
            for number, source in enumerate(sources):
                if cancel:
                    cancel.check()
                entries.append(self.entry(source.key))
                self._session.emit(Progress(source_browser.now(), Stage.SOURCES, number + 1, len(sources), source.key))
            self._refuse_unusable(entries)
            for source in sources:
                self._change(replace(source, fingerprint=self._session.observed(source.key)))
            for source in sources:
                self._emit_links(source)
            chosen = sum(e.chosen for e in entries)
            ending.detail = f"{counted(len(sources), 'source')}, {counted(chosen, 'object')} chosen"

    def _emit_links(self, source: Source) -> None:
        """What of the file could not be read, what linked tables cannot be had, and why."""
        opened = self.open(source.key)
        missing = (b.message for b in self.back_ends(source.key) if b.message)
        elsewhere = linked_elsewhere(opened.whole.linked_tables, source.key)
        for message in (*opened.file.messages, *opened.problems, *missing, *elsewhere):
            self._session.emit_message(Stage.SOURCES, message)

    def _refuse_unusable(self, entries: Sequence[SourceEntry]) -> None:
        bad = [e for e in entries if e.state in (SourceState.MISSING, SourceState.LOCKED, SourceState.UNREADABLE)]
        if len(bad) == 1 and bad[0].message:
            raise StageError.of(bad[0].message)
        if bad:
            raise StageError(8106, problems=len(bad), names=", ".join(e.key for e in bad))
        if not any(e.chosen for e in entries):
            for entry in entries:
                for back_end in self.back_ends(entry.key):
                    if back_end.message:
                        raise StageError.of(back_end.message)
            raise StageError(8105)
