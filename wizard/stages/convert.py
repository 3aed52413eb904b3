"""Stage 6: definitions to T-SQL, side by side, edited by hand; nothing touches a server."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from wizard.cancellation import CancellationToken
from wizard.coercion.placeholders import WithPlaceholders
from wizard.coercion.row_plan import RowPlan
from wizard.convert import type_rules
from wizard.convert.edit_effects import settle_edits
from wizard.convert.server_limits import row_size_messages
from wizard.definitions import Database, Query, Table
from wizard.events import Stage
from wizard.file_writing import write_whole
from wizard.messages import Kind, Message, Place, SourceError, StageError, TargetError, Topic
from wizard.objects import Conversion, Converted, ServerTable, TableRef
from wizard.plain_data import to_plain
from wizard.project import Edit
from wizard.settings import RepairRule, Repairs
from wizard.stages import edits
from wizard.stages.code_pages import has_narrow, narrow_tables
from wizard.stages.connect import ConnectStage
from wizard.stages.conversion_figures import losses, of_parts, output_of, summary
from wizard.stages.data_profiles import DataProfiles
from wizard.stages.databases import by_database
from wizard.stages.edits import EditKind
from wizard.stages.existing_row_answers import ExistingRows
from wizard.stages.kept_conversion import read_conversion
from wizard.stages.open_source import OpenSource
from wizard.stages.project_session import ProjectSession
from wizard.stages.repair_rules import names_made
from wizard.stages.sources import SourcesStage
from wizard.stages.views import AlignedLine, ColumnRow, ConvertItem, IndexRow, SideBySide

_FOUND: Final = (Topic.OF_OBJECT, Topic.LESS_GUARDED, Topic.ROW_MAY_BE_TOO_WIDE)
"""what stage 6 shows beside an object"""


class ConvertStage:
    """The conversion as it is kept in the project's folder. `run` belongs in a thread; edits are quick."""

    def __init__(
        self,
        session: ProjectSession,
        sources: SourcesStage,
        facts: DataProfiles,
        old_rows: ExistingRows,
        connect: ConnectStage,
    ) -> None:
        self._session = session
        self._connect = connect
        self._asked: dict[Edit, Message] = {}
        """what the server said of statements written by hand in this session"""
        self._sources = sources
        self._facts = facts
        self._old_rows = old_rows
        self._plain: Conversion | None = None
        self._edited: Conversion | None = None
        self._repairing = Repairs()
        """the repair rules that `_edited` was made by"""

    @property
    def _path(self) -> Path:
        return self._session.files.conversion

    @property
    def conversion(self) -> Conversion:
        """The last conversion, edits applied, as old rows and repair rules want it.

        Raises StageError where there is none yet.
        """
        repairing = self._session.project.repairing
        if self._edited is None or self._repairing != repairing:
            self._repairing = repairing
            self._edited = self._old_rows.adapted(self._with_edits_made(self._load()))
        return self._edited

    def _load(self) -> Conversion:
        if self._plain is None:
            self._plain = read_conversion(self._session)
        return self._plain

    def _with_edits_made(self, plain: Conversion) -> Conversion:
        project = self._session.project
        if not project.edits:
            return plain
        return settle_edits(plain, edits.apply(plain, project.edits, self._databases(), project.target))

    def _databases(self) -> dict[str, Database]:
        return {s.key: self._sources.open(s.key).definition for s in self._session.project.sources}

    def run(self, cancel: CancellationToken | None = None) -> Conversion:
        """Convert every source and keep the result; edits by hand are applied again.

        Raises StageError, SourceError, ConversionError, StoppedError; a conversion kept before then stays.
        """
        cancel = cancel or CancellationToken()
        with self._session.run(Stage.CONVERT) as ending:
            states = self._old_rows.states()
            plain = self.converted(cancel, Stage.CONVERT)
            edited = self._with_edits_made(plain)
            self._old_rows.ask(edited, Stage.CONVERT, cancel)
            repairing = self._session.project.repairing
            conversion = self._old_rows.adapted(edited)
            cancel.check()
            self._keep(plain, states)
            self._edited, self._repairing = conversion, repairing
            for message in conversion.messages:
                self._session.emit_message(Stage.CONVERT, message)
            ending.output = output_of(conversion)
            ending.detail = summary(conversion)
            ending.losses = losses(conversion)
        return conversion

    def converted(self, cancel: CancellationToken, stage: Stage) -> Conversion:
        """All sources converted, without edits and without keeping it; stage 5 looks at the same."""
        from wizard.stages.source_conversion import convert_all

        return convert_all(self._session, self._sources, self._facts, stage, cancel)

    def beside(self, key: str, queries: Sequence[Query], cancel: CancellationToken) -> tuple[Converted, ...]:
        """What would become of queries that are not saved in a source; see `convert_beside`."""
        from wizard.stages.source_conversion import convert_beside

        return convert_beside(self._session, self._sources, self._facts, cancel, key=key, queries=queries)

    def foreseen(self, cancel: CancellationToken) -> tuple[Conversion, Conversion]:
        """What `run` would make, without keeping it: before and after old rows and repair rules have their say."""
        edited = self._with_edits_made(self.converted(cancel, Stage.ASSESS))
        self._old_rows.ask(edited, Stage.ASSESS, cancel)
        return edited, self._old_rows.adapted(edited)

    def see_old_rows(self, cancel: CancellationToken) -> bool:
        """Before the first row goes: ask of the rows as they are now what is not known. Whether that changes tables.

        Where a file changed since stage 6, what its columns hold is looked at again, and all converted by that.
        Raises SourceError, ConversionError, StoppedError.
        """
        former = output_of(self.conversion)
        outdated = self._old_rows.outdated()
        if outdated:
            states = self._old_rows.states()
            self._keep(self.converted(cancel, Stage.MIGRATE), states)
        if not self._old_rows.ask(self._with_edits_made(self._load()), Stage.MIGRATE, cancel) and not outdated:
            return False
        self._edited = None
        return output_of(self.conversion) != former

    def _keep(self, plain: Conversion, states: Mapping[str, str]) -> None:
        """`states` are those of the files before they were looked at."""
        write_whole(self._path, json.dumps(to_plain(plain), ensure_ascii=False, indent=1))
        self._plain = plain
        self._old_rows.looked(states)

    def look_at_code_pages(self) -> None:
        """Before the first row goes: ask the server in which code pages it keeps text, where that matters.

        Raises TargetError.
        """
        if self._connect.is_offline or not has_narrow(self.conversion):
            return
        news = False
        for part in by_database(self._session.project, self.conversion):
            schemas = {name.schema for name in narrow_tables(part.conversion)}
            news |= bool(schemas) and self._connect.learn_code_pages(part.connection, schemas)
        if news:
            self._edited = None

    def renew(self) -> None:
        """What the tables are to be has changed with what is known of the rows: stage 6 stays done."""
        self._session.refresh(Stage.CONVERT, output_of(self.conversion))

    def plans(self) -> dict[TableRef, RowPlan]:
        """For each table, what becomes of rows that cannot go as they are."""
        return self._old_rows.plans(self.conversion)

    def reader(self, key: str) -> OpenSource | WithPlaceholders:
        """A source as its rows go. Raises SourceError."""
        return self._old_rows.reader(self.conversion, key)

    # what it shows

    def items(self) -> tuple[ConvertItem, ...]:
        """A line a table and query, in the sources' order, the worst message first. StageError before the first run."""
        edited = {(e.source, e.name.casefold()) for e in self._session.project.edits}
        found, parts = self._found(), of_parts(self.conversion)
        made = []
        for item in (i for i in self.conversion.items if not i.part):
            here = (item.source.source, item.source.table.casefold())
            told = dict.fromkeys((*item.messages, *parts[item.source], *found.get(here, ())))
            messages = tuple(sorted(told, key=lambda m: m.severity.rank))
            made.append(ConvertItem(item.source, item.category, item.outcome, item.target, here in edited, messages))
        return tuple(made)

    def sides(self, ref: TableRef) -> SideBySide:
        """Source and target of a table or query as text. Raises StageError where there is none."""
        from wizard.stages import side_by_side

        return side_by_side.side_by_side(self._sources.open(ref.source).definition, self.conversion, ref)

    def aligned(self, ref: TableRef) -> tuple[AlignedLine, ...]:
        """A table on both sides, line by line. Raises StageError where none of that name was converted."""
        from wizard.stages import side_by_side

        database = self._sources.open(ref.source).definition
        return side_by_side.aligned(database, self.conversion, ref, self._session.project.target)

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Tables, views and functions by their names on the server, unquoted, and the columns of each table."""
        made = self.conversion
        return {
            **{t.name.name: tuple(c.name for c in t.columns) for t in made.tables},
            **{m.name.name: () for m in made.modules},
        }

    def _table(self, ref: TableRef) -> tuple[ServerTable, Table]:
        table = next((t for t in self.conversion.tables if t.source == ref), None)
        if table is None:
            raise StageError(8113, what="converted table", name=ref.table, where=ref.source)
        return table, self._sources.open(ref.source).definition.tables_by_name[ref.table.casefold()]

    def columns(self, ref: TableRef) -> tuple[ColumnRow, ...]:
        """A table's columns, for editing."""
        table, access = self._table(ref)
        rows = []
        for c in table.columns:
            source = access.by_name.get(c.source.casefold()) if c.source else None
            kind = type_rules.source_of(source) if source else ""
            edited = self._is_edited(ref, c.source, EditKind.TYPE, EditKind.NULLABLE)
            rows.append(ColumnRow(c.source, kind, c.name, str(c.type), c.nullable, edited))
        return tuple(rows)

    def indexes(self, ref: TableRef) -> tuple[IndexRow, ...]:
        """A table's primary key and indexes, those that an edit leaves out among them."""
        table, _ = self._table(ref)
        plain = next(t for t in self._load().tables if t.source == ref)
        kept = {i.source or i.name: i for i in table.indexes}
        rows = []
        for i in (*((plain.primary_key,) if plain.primary_key else ()), *plain.indexes):
            name = i.source or i.name
            now_is = i if i.primary else kept.get(name, i)
            columns = ", ".join(f"{k.name} DESC" if k.descending else k.name for k in i.columns)
            edited = self._is_edited(ref, name, EditKind.INDEX)
            is_kept = i.primary or name in kept
            rows.append(IndexRow(name, i.name, columns, now_is.unique, i.primary, i.where, is_kept, edited))
        return tuple(rows)

    def names_made(self, rule: RepairRule) -> tuple[str, ...]:
        """As `repair_rules.names_made`, of the conversion before old rows had their say."""
        return names_made(self._load().tables, rule) if self._path.exists() else ()

    def _is_edited(self, ref: TableRef, part: str, *kinds: EditKind) -> bool:
        return any(
            (e.source, e.name, e.part) == (ref.source, ref.table, part) and e.what in kinds
            for e in self._session.project.edits
        )

    def found(self, ref: TableRef) -> tuple[Message, ...]:
        """What the rows did to a table, or will do to it as it was changed by hand."""
        return tuple(self._found().get((ref.source, ref.table.casefold()), ()))

    def _found(self) -> dict[tuple[str, str], list[Message]]:
        """As `found`, by source and name."""
        found: dict[tuple[str, str], list[Message]] = {}
        asked = (self._asked[e] for e in self._session.project.edits if e in self._asked)
        for message in (*self.conversion.messages, *asked):
            if message.topic in _FOUND:
                found.setdefault((message.place.source, message.place.name.casefold()), []).append(message)
        return found

    # editing

    def check(self, edit: Edit) -> None:
        """Raises StageError or ConversionError with the reason where an edit is impossible."""
        plain, databases, project = self._load(), self._databases(), self._session.project
        edits.check(plain, edit, databases, project.target)
        if edit.what != EditKind.TYPE:
            return
        made = edits.apply(plain, self._edits_with(edit), databases, project.target)
        table = next(t for t in made.tables if t.source == TableRef(edit.source, edit.name))
        no_room = [
            m
            for m in row_size_messages(table, Place(Kind.TABLE, edit.source, edit.name))
            if m.topic is Topic.ROW_TOO_WIDE
        ]
        if no_room:
            raise StageError.of(no_room[0])

    def edit(self, edit: Edit) -> tuple[Stage, ...]:
        """Change one thing by hand; it survives re-opening and converting again. Returns the stages made stale.

        What of the rows does not fit it is looked at at once and reported; call it from a thread.
        """
        self.check(edit)
        return self._with_edits(self._edits_with(edit))

    def _edits_with(self, edit: Edit) -> tuple[Edit, ...]:
        """The project's, and this one in place of the former."""
        return (*(e for e in self._session.project.edits if not edits.same_place(e, edit)), edit)

    def edit_type(self, ref: TableRef, column: str, type_: str) -> tuple[Stage, ...]:
        """Change a column's type; returns the stages made stale. Raises StageError where it cannot be."""
        return self.edit(Edit(ref.source, ref.table, EditKind.TYPE, column, type_))

    def edit_nullable(self, ref: TableRef, column: str, nullable: bool) -> tuple[Stage, ...]:
        """Change whether a column takes NULL; returns the stages made stale. Raises StageError."""
        return self.edit(Edit(ref.source, ref.table, EditKind.NULLABLE, column, "null" if nullable else "not null"))

    def edit_index(self, ref: TableRef, index: str, value: str) -> tuple[Stage, ...]:
        """`value` is one of `edits.INDEX`."""
        return self.edit(Edit(ref.source, ref.table, EditKind.INDEX, index, value))

    def edit_statement(self, ref: TableRef, sql: str) -> tuple[Stage, ...]:
        """The whole CREATE statement of a converted query; a server that is connected says whether it can be read."""
        edit = Edit(ref.source, ref.table, EditKind.STATEMENT, "", sql)
        stale = self.edit(edit)
        self._asked.pop(edit, None)
        if not self._connect.is_offline and (told := self._asked_of_server(edit)):
            self._asked[edit] = told
        return stale

    def _asked_of_server(self, edit: Edit) -> Message | None:
        """What the server says against a statement, or that it could not be asked."""
        place = Place(Kind.OBJECT, source=edit.source, name=edit.name)
        try:
            reason = self._connect.unreadable(edit.value)
        except TargetError as e:
            return Message.of(3199, place, reason=e.message.text)
        return Message.of(3186, place, reason=reason) if reason else None

    def reset(self, ref: TableRef | None = None, part: str | None = None) -> tuple[Stage, ...]:
        """Take edits back: all, an object's, or those of one column or index. Where there are none, all stays."""
        gone = self.edits_of(ref, part)
        return self._with_edits(tuple(e for e in self._session.project.edits if e not in gone))

    def edits_of(self, ref: TableRef | None = None, part: str | None = None) -> tuple[Edit, ...]:
        """What `reset` would take back."""

        def meant(e: Edit) -> bool:
            return ref is None or ((e.source, e.name) == (ref.source, ref.table) and part in (None, e.part))

        return tuple(e for e in self._session.project.edits if meant(e))

    def undo(self) -> tuple[TableRef, ...]:
        """Take the last change back, a reset among them; returns the objects it was about, none where there is none."""
        return self._to(self._session.edit_history.undo(self._session.project.edits))

    def redo(self) -> tuple[TableRef, ...]:
        """Make again what was undone last; returns the objects it was about."""
        return self._to(self._session.edit_history.redo(self._session.project.edits))

    @property
    def can_undo(self) -> bool:
        """Whether something was changed since the project was opened."""
        return self._session.edit_history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether something was undone, and nothing changed since."""
        return self._session.edit_history.can_redo

    def _to(self, wanted: tuple[Edit, ...] | None) -> tuple[TableRef, ...]:
        if wanted is None:
            return ()
        now = self._session.project.edits
        self._make(wanted)
        changed = [e for e in (*now, *wanted) if e not in now or e not in wanted]
        return tuple(dict.fromkeys(TableRef(e.source, e.name) for e in changed))

    def _with_edits(self, changed: tuple[Edit, ...]) -> tuple[Stage, ...]:
        former = self._session.project.edits
        if changed == former:
            return ()
        stale = self._make(changed)
        self._session.edit_history.changed(former)
        return stale

    def _make(self, changed: tuple[Edit, ...]) -> tuple[Stage, ...]:
        before = self._session.machine()
        was_done = before.over(Stage.CONVERT)
        self._session.change(replace(self._session.project, edits=changed))
        if self._path.exists():
            try:
                self._old_rows.ask(self._with_edits_made(self._load()), Stage.CONVERT, CancellationToken())
            except SourceError as e:  # stage 8 asks again
                self._session.emit_message(Stage.CONVERT, e.message)
        self._edited = None
        if was_done:
            self._session.refresh(Stage.CONVERT, output_of(self.conversion), losses(self.conversion))
        after = self._session.machine()
        return tuple(s for s in Stage if before.over(s) and not after.over(s))
