"""Answers about old rows, found once and kept in the project's folder: stages 5, 6 and 8 use the same ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa

from wizard.assess.existing_row_checks import answer_questions
from wizard.assess.reject_forecast import RejectForecast
from wizard.cancellation import CancellationToken
from wizard.coercion.placeholders import Placeholders, WithPlaceholders
from wizard.coercion.row_plan import RowPlan
from wizard.convert.relaxed_constraints import relax
from wizard.convert.server_limits import room_questions
from wizard.definitions import TableProfile
from wizard.events import Progress, Stage
from wizard.existing_rows import (
    Answers,
    BrokenRule,
    Edited,
    questions,
    sources,
)
from wizard.file_writing import read_json, write_whole
from wizard.messages import Message
from wizard.objects import Conversion, ForeignKey, ServerTable, TableRef
from wizard.plain_data import decode, to_plain
from wizard.settings import TargetKind
from wizard.stages.code_pages import CodePages
from wizard.stages.edits import EditKind
from wizard.stages.open_source import OpenSource
from wizard.stages.project_session import ProjectSession
from wizard.stages.row_plans import RowPlans, levelled
from wizard.stages.source_browser import now
from wizard.stages.sources import SourcesStage
from wizard.stages.staleness import digest


class ExistingRows:
    """Answers about the rows, and what follows from them and the repair rules. `ask` and `foresee` read rows."""

    def __init__(self, session: ProjectSession, sources_: SourcesStage) -> None:
        self._session = session
        self._sources = sources_
        self._answers: Answers | None = None
        self._pages = CodePages(session)

    @property
    def answers(self) -> Answers:
        """Those on record; none where nothing was asked yet, or the record is damaged."""
        if self._answers is None:
            self._answers = Answers()
            with suppress(OSError, ValueError, KeyError, TypeError):
                self._answers = decode(Answers, read_json(self._session.files.existing_row_answers))
        return self._answers

    def looked(self, states: Mapping[str, str]) -> None:
        """Remember in which state of the files the columns' facts were found on which the conversion stands."""
        self._answers = replace(self.answers, facts=dict(states))
        self._write()

    def outdated(self) -> bool:
        """Whether files have changed since then; not where nothing is known of that."""
        return bool(self.answers.facts) and self.answers.facts != self.states()

    def _write(self) -> None:
        write_whole(
            self._session.files.existing_row_answers,
            json.dumps(to_plain(self.answers), ensure_ascii=False),
            private=True,
        )

    @property
    def _edited(self) -> Edited:
        kinds = (EditKind.TYPE, EditKind.NULLABLE)
        edits = self._session.project.edits
        return {(TableRef(e.source, e.name), e.part.casefold()) for e in edits if e.what in kinds}

    def states(self) -> dict[str, str]:
        """How the files of each source look now."""
        return {s.key: digest(self._sources.open(s.key).state()) for s in self._session.project.sources}

    def ask(self, conversion: Conversion, stage: Stage, cancel: CancellationToken) -> bool:
        """Ask what is not known yet of the rows as they are now. Whether there was anything to ask.

        Raises SourceError, StoppedError.
        """
        states, conversion = self.states(), self._pages.of(conversion)
        wanted = self.answers.unanswered(
            [*questions(conversion.tables, self._edited), *room_questions(conversion.tables)], states
        )
        if not wanted:
            return False
        files = {key: self._sources.open(key) for key in states}
        found = answer_questions(
            files, conversion.tables, wanted, check=cancel.check, progress=partial(self._progress, stage)
        )
        self._answers = self.answers.with_answers(wanted, found, states)
        self._write()
        return True

    def _progress(self, stage: Stage, done: int, total: int, what: str) -> None:
        self._session.emit(Progress(now(), stage, done, total, f"looking at {what}"))

    def adapted(self, conversion: Conversion) -> Conversion:
        """The conversion as old rows and repair rules want it."""
        project, conversion = self._session.project, self._pages.of(conversion)
        add_key, package = project.options.add_primary_key, project.target.kind is TargetKind.PACKAGE
        return relax(conversion, self.answers, project.repairing, add_key=add_key, edited=self._edited, package=package)

    def _of(self, conversion: Conversion) -> RowPlans:
        return RowPlans(conversion, self.answers, self._session.project.repairing)

    def plans(self, conversion: Conversion) -> dict[TableRef, RowPlan]:
        """For each table, what becomes of rows that cannot go as they are. `conversion` is the adapted one."""
        return self._of(conversion).plans()

    def reader(self, conversion: Conversion, key: str) -> OpenSource | WithPlaceholders:
        """The source as its rows go: with those added that others refer to. Raises SourceError."""
        opened = self._sources.open(key)
        plans = self._of(conversion)
        added: dict[str, Placeholders] = {}
        for parent in (t for t in conversion.tables if t.source and t.source.source == key):
            rows: dict[tuple[object, ...], dict[str, object]] = {}
            for foreign, (table, broken) in plans.placeholder_keys(parent).items():
                columns = [c.casefold() for c in sources(parent, foreign.referenced_columns) or ()]
                for values in self._referred(table, foreign, broken):
                    rows.setdefault((*columns, *map(_folded, values)), dict(zip(columns, values, strict=True)))
            if rows and parent.source is not None:
                names = dict.fromkeys(c for row in rows.values() for c in row)
                keys = {c: [row.get(c) for row in rows.values()] for c in names}
                added[parent.source.table.casefold()] = Placeholders(opened.schema(parent.source.table), keys)
        return WithPlaceholders(opened, added) if added else opened

    def _referred(self, table: ServerTable, key: ForeignKey, broken: BrokenRule) -> Iterator[tuple[Any, ...]]:
        """What the orphans of a key refer by."""
        assert table.source is not None  # noqa: S101  # for the type checker
        own, wanted = sources(table, key.columns) or [], set(broken.positions)
        for batch in self._sources.open(table.source.source).read(table.source.table, columns=own):
            hit = [n for n, at in enumerate(batch.positions.tolist()) if at in wanted]
            yield from zip(
                *(batch.rows.column(c).take(pa.array(hit, pa.int64())).to_pylist() for c in own), strict=True
            )

    def foresee(
        self, conversion: Conversion, key: str, facts: Mapping[str, TableProfile], cancel: CancellationToken
    ) -> tuple[RejectForecast, ...]:
        """What stage 8 will reject and repair of a source. Raises SourceError, StoppedError, MoveError 6010."""
        return self._of(conversion).foresee(
            self.reader(conversion, key), key, facts, self._session.project.options,
            check=cancel.check, progress=partial(self._progress, Stage.ASSESS),
        )  # fmt: skip

    def levelled(
        self, conversion: Conversion, findings: Iterable[Message], foreseen: Sequence[RejectForecast]
    ) -> tuple[Message, ...]:
        """As `row_plans.levelled`."""
        return tuple(levelled(findings, foreseen, self._of(conversion)))

    def children(
        self, conversion: Conversion, key: str, foreseen: Sequence[RejectForecast], cancel: CancellationToken
    ) -> tuple[Message, ...]:
        """As `RowPlans.children`. Raises SourceError, StoppedError."""
        return self._of(conversion).children(self.reader(conversion, key), key, foreseen, cancel.check)


def _folded(value: object) -> object:
    """Texts that a server takes for one are one row to refer to."""
    return value.rstrip(" ").casefold() if isinstance(value, str) else value
