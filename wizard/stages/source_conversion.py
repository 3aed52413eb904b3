"""All sources of a project converted, each with what its rows showed and the names that others took before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wizard.cancellation import CancellationToken
from wizard.convert import GivenTable, convert, convert_loose, names_of
from wizard.convert.queries.crosstab_headings import Headings
from wizard.definitions import Database, LinkedTable, LinkKind, Query
from wizard.events import Progress, Stage
from wizard.objects import Conversion, Converted, ServerTable
from wizard.project import Destination
from wizard.stages.crosstab_headings import headings_in
from wizard.stages.data_profiles import DataProfiles
from wizard.stages.destinations import destination
from wizard.stages.open_source import OpenSource, TableOwner
from wizard.stages.project_session import ProjectSession
from wizard.stages.source_browser import now
from wizard.stages.sources import SourcesStage


def convert_all(
    session: ProjectSession, sources: SourcesStage, facts: DataProfiles, stage: Stage, cancel: CancellationToken
) -> Conversion:
    """The conversion of every source as one. Raises SourceError, ConversionError, StoppedError."""
    work = _Converting(session, sources, facts, stage, cancel)
    whole = Conversion()
    for source in session.project.sources:
        whole = join(whole, work.source(source.key))
    return whole


def convert_beside(
    session: ProjectSession,
    sources: SourcesStage,
    facts: DataProfiles,
    cancel: CancellationToken,
    *,
    key: str,
    queries: Sequence[Query],
) -> tuple[Converted, ...]:
    """What would become of queries that are not saved in a source, such as the SQL of its forms.

    Raises SourceError, ConversionError, StoppedError.
    """
    work = _Converting(session, sources, facts, Stage.ASSESS, cancel)
    opened, place = sources.open(key), destination(session.project, key)
    given, apart = work.given(opened, place)
    return convert_loose(
        replace(opened.definition, linked_tables=opened.definition.linked_tables + apart),
        queries,
        source=key,
        schema=place.schema,
        options=session.project.options,
        target=session.project.target,
        type_map=session.project.types,
        facts=facts.of(key, Stage.ASSESS, cancel),
        given=given,
    )


class _Converting:
    """The sources one after another, those whose tables others read before these."""

    def __init__(
        self,
        session: ProjectSession,
        sources: SourcesStage,
        facts: DataProfiles,
        stage: Stage,
        cancel: CancellationToken,
    ) -> None:
        self.session, self.sources, self.facts, self.stage, self.cancel = session, sources, facts, stage, cancel
        self.project = session.project
        self.taken: dict[Destination, tuple[str, ...]] = {}
        self.done: dict[str, Conversion] = {}
        self.under_way: list[str] = []

    def source(self, key: str) -> Conversion:
        """One source whole, converted once."""
        if key not in self.done:
            self.cancel.check()
            count = len(self.project.sources)
            self.session.emit(Progress(now(), self.stage, len(self.done), count, key))
            self.under_way.append(key)
            self.done[key] = self._whole(key)
            self.under_way.pop()
        return self.done[key]

    def _whole(self, key: str) -> Conversion:
        opened, place = self.sources.open(key), destination(self.project, key)
        given, apart = self.given(opened, place)
        headings, problems = headings_in(opened, opened.visible, key, self.project.options, self.cancel.check)
        definition = replace(opened.definition, linked_tables=opened.definition.linked_tables + apart)
        part = self._converted(key, definition, headings, given)
        self.taken[place] = self.taken.get(place, ()) + names_of(part)
        return replace(part, messages=part.messages + problems)

    def _converted(
        self, key: str, definition: Database, headings: Mapping[str, Headings], given: Mapping[str, GivenTable]
    ) -> Conversion:
        place = destination(self.project, key)
        return convert(
            definition,
            source=key,
            schema=place.schema,
            options=self.project.options,
            target=self.project.target,
            type_map=self.project.types,
            facts=self.facts.of(key, self.stage, self.cancel),
            headings=headings,
            taken=self.taken.get(place, ()),
            given=given,
        )

    def given(self, opened: OpenSource, place: Destination) -> tuple[dict[str, GivenTable], tuple[LinkedTable, ...]]:
        """The tables that others bring; and, as links, those that go to another database, where no query reaches."""
        given: dict[str, GivenTable] = {}
        apart: list[LinkedTable] = []
        for table in opened.visible.tables:
            owner = opened.shared.get(table.name.casefold())
            if owner is None:
                continue
            there = destination(self.project, owner.source)
            if there.database.casefold() != place.database.casefold():
                where = f"{owner.source}, which goes to database {there.database or 'of the connection'}"
                apart.append(LinkedTable(table.name, LinkKind.ACCESS, "", where, owner.table))
            elif server := self._server_table(owner):
                given[table.name] = GivenTable(table, server)
        return given, tuple(apart)

    def _server_table(self, owner: TableOwner) -> ServerTable | None:
        """The owner's table as it will be. Where two sources read each other, of the first only the tables."""
        if owner.source in self.under_way:
            definition = replace(self.sources.open(owner.source).definition, queries=())
            made = self._converted(owner.source, definition, {}, {})
        else:
            made = self.source(owner.source)
        return next((t for t in made.tables if t.source and t.source.table == owner.table), None)


def join(one: Conversion, other: Conversion) -> Conversion:
    """Two sources' conversions as one."""
    return Conversion(
        one.tables + other.tables,
        one.modules + other.modules,
        one.items + other.items,
        one.messages + other.messages,
        one.review + other.review,
    )
