"""Stage 5: what converts and what the data will do, said before anything is done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from wizard.assess import RENDERERS, Assessment, assess, check_data
from wizard.assess.application import AssessedApplication, assess_application
from wizard.assess.assessment import CategoryCount as CategoryCount  # noqa: PLC0414  screens ask the stages
from wizard.assess.assessment import less_guarded, lost
from wizard.assess.reject_forecast import RejectForecast
from wizard.cancellation import CancellationToken
from wizard.definitions import TableProfile
from wizard.events import Progress, Stage
from wizard.file_writing import read_json, write_whole
from wizard.messages import Kind, Message, Place, StageError
from wizard.objects import Conversion
from wizard.plain_data import decode, to_plain
from wizard.plurals import counted
from wizard.stages.conversion_figures import of_source
from wizard.stages.convert import ConvertStage
from wizard.stages.data_profiles import DataProfiles
from wizard.stages.existing_row_answers import ExistingRows
from wizard.stages.missing_tables import missing_messages
from wizard.stages.ole_columns import RAW
from wizard.stages.open_source import OpenSource
from wizard.stages.project_session import ProjectSession
from wizard.stages.row_plans import forecast_messages
from wizard.stages.source_browser import now
from wizard.stages.sources import SourcesStage
from wizard.stages.state_machine import title
from wizard.stages.views import linked_elsewhere


class AssessStage:
    """`run` and `save` belong in a thread."""

    def __init__(
        self,
        session: ProjectSession,
        sources: SourcesStage,
        convert: ConvertStage,
        facts: DataProfiles,
        old_rows: ExistingRows,
    ) -> None:
        self._session = session
        self._sources = sources
        self._convert = convert
        self._facts = facts
        self._old_rows = old_rows
        self._results: dict[str, Assessment] = {}

    @property
    def results(self) -> Mapping[str, Assessment]:
        """By source key, of the last run, also of one before the project was opened; empty where there was none."""
        if not self._results and self._session.project.stages.get(Stage.ASSESS) is not None:
            with suppress(OSError, ValueError):
                plain = read_json(self._path)
                self._results = {key: decode(Assessment, plain[key]) for key in plain if isinstance(plain, dict)}
        return self._results

    def less_guarded(self) -> tuple[str, ...]:
        """How many keys and indexes old rows will cost, for people; empty where none."""
        return less_guarded(tuple(self.results.values()))

    @property
    def _path(self) -> Path:
        return self._session.files.assessment

    def run(self, cancel: CancellationToken | None = None) -> Mapping[str, Assessment]:
        """Convert without keeping, and look at the data where the options say so; saves the reports.

        Raises StageError, SourceError, StoppedError.
        """
        cancel = cancel or CancellationToken()
        with self._session.run(Stage.ASSESS) as ending:
            before, conversion = self._convert.foreseen(cancel)
            known = set(before.messages)
            gave_way = [m for m in conversion.messages if m not in known]
            results = {}
            for source in self._session.project.sources:
                cancel.check()
                opened = self._sources.open(source.key)
                facts = self._facts.of(source.key, Stage.ASSESS, cancel)
                own = replace(of_source(conversion, source.key), messages=of_source(before, source.key).messages)
                findings = tuple(m for m in gave_way if m.place.source == source.key)
                findings += tuple(missing_messages(self._sources, source.key))
                findings += tuple(linked_elsewhere(opened.whole.linked_tables, source.key))
                foreseen: tuple[RejectForecast, ...] | None = None
                if self._session.project.options.data_assessment:
                    findings += check_data(
                        opened,
                        own,
                        source=source.key,
                        facts=facts,
                        keep_nulls=self._session.project.options.keep_nulls,
                        check=cancel.check,
                        progress=self._progress,
                    )
                    foreseen = self._old_rows.foresee(conversion, source.key, facts, cancel)
                    findings = self._old_rows.levelled(conversion, findings, foreseen)
                    foreseen = _with_unread(foreseen, opened, conversion, facts)
                    findings += tuple(m for f in foreseen for m in forecast_messages(f))
                    findings += self._old_rows.children(conversion, source.key, foreseen, cancel)
                    findings += tuple(_not_unwrapped(opened, source.key, cancel))
                findings += opened.as_stored()
                application = self._application(source.key, conversion, cancel)
                result = assess(
                    opened.definition,
                    own,
                    findings,
                    source=source.key,
                    facts=facts,
                    foreseen=foreseen,
                    application=application,
                    target=self._session.project.target,
                    effort=self._session.project.effort,
                )
                results[source.key] = result
                for message in (*own.messages, *findings, *application.messages):
                    self._session.emit_message(Stage.ASSESS, message)
            self._results = results
            plain = {key: to_plain(found) for key, found in results.items()}
            write_whole(self._path, json.dumps(plain))
            saved = f"{counted(len(self.save()), 'report')} in {self._session.files.reports.name}/"
            found = tuple(results.values())
            ending.detail = "; ".join((*lost(found), *less_guarded(found), saved))
        return results

    def _application(self, key: str, conversion: Conversion, cancel: CancellationToken) -> AssessedApplication:
        """What forms, reports, macros and code will do on linked tables."""
        opened = self._sources.open(key)
        return assess_application(
            opened.visible,
            opened.application,
            conversion,
            source=key,
            facts=self._facts.of(key, Stage.ASSESS, cancel),
            judge=lambda queries: self._convert.beside(key, queries, cancel),
            shared=opened.shared_tables(conversion),
        )

    @property
    def foreseen(self) -> tuple[RejectForecast, ...]:
        """The tables of which rows will be rejected or values repaired, as the last run found."""
        return tuple(f for r in self._results.values() for f in r.foreseen)

    def _progress(self, done: int, total: int, what: str) -> None:
        self._session.emit(Progress(now(), Stage.ASSESS, done, total, what))

    def save(self, folder: Path | None = None) -> tuple[Path, ...]:
        """Write the reports as HTML, JSON, CSV and text; returns where. Raises StageError before the first run."""
        if not self.results:
            raise StageError(8112, stage=title(Stage.ASSESS))
        written = []
        for ending, render in RENDERERS.items():
            path = (folder or self._session.files.reports) / f"assessment.{ending}"
            write_whole(path, render(*self.results.values()))
            written.append(path)
        return tuple(written)


def _not_unwrapped(opened: OpenSource, source: str, cancel: CancellationToken) -> Iterator[Message]:
    """Of OLE columns that are stored unwrapped: how many values stay as they are."""
    for table in opened.definition.tables:
        plan = opened.unwrapped.get(table.name.casefold())
        for column in plan.columns if plan else ():
            count = 0
            for batch in opened.read(table.name, columns=[column.type]):
                cancel.check()
                count += batch.rows.column(0).to_pylist().count(RAW)
            if count:
                place = Place(Kind.COLUMN, source, table.name, column.name)
                yield Message.of(4065, place, count=count, column=column.name, table=table.name)


def _with_unread(
    foreseen: tuple[RejectForecast, ...], opened: OpenSource, conversion: Conversion, facts: Mapping[str, TableProfile]
) -> tuple[RejectForecast, ...]:
    """The same, and tables of which a part cannot be read (salvage). Raises SourceError."""
    if not opened.source.salvage:
        return foreseen
    found = {f.table: f for f in foreseen}
    for table in conversion.tables:
        ref = table.source
        if ref is None or ref.source != opened.source.key or ref.table not in facts:
            continue
        rows = facts[ref.table].rows
        unread = opened.unread(ref.table, max(0, opened.row_count(ref.table) - rows))
        if unread:
            name = table.name.plain
            found[ref] = replace(found.get(ref) or RejectForecast(ref, name, rows), unread=unread)
    return tuple(found.values())


__all__ = ["AssessStage", "Assessment"]
