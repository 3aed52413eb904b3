"""All sources of a project converted, each with what its rows showed and the names that others took before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from wizard.convert import convert, names_of
from wizard.convert.queries.headings import Headings, found_headings, heading_sources
from wizard.events import Progress, Stage
from wizard.messages import ConversionError, Message
from wizard.objects import Conversion
from wizard.project import Destination
from wizard.settings import Crosstab, Options
from wizard.stages.browse import now
from wizard.stages.control import Cancel
from wizard.stages.facts import Facts
from wizard.stages.map import destination
from wizard.stages.opened import OpenSource
from wizard.stages.session import Session
from wizard.stages.sources import SourcesStage


def convert_all(session: Session, sources: SourcesStage, facts: Facts, stage: Stage, cancel: Cancel) -> Conversion:
    """The conversion of every source as one. Raises SourceError, ConversionError, StoppedError."""
    project = session.project
    whole = Conversion()
    taken: dict[Destination, tuple[str, ...]] = {}
    for number, source in enumerate(project.sources):
        cancel.check()
        session.emit(Progress(now(), stage, number, len(project.sources), source.key))
        opened, place = sources.open(source.key), destination(project, source.key)
        headings, problems = _headings(opened, source.key, project.options, cancel)
        part = convert(
            opened.definition,
            source=source.key,
            schema=place.schema,
            options=project.options,
            target=project.target,
            type_map=project.types,
            facts=facts.of(source.key, stage, cancel),
            headings=headings,
            taken=taken.get(place, ()),
        )
        taken[place] = taken.get(place, ()) + names_of(part)
        whole = join(whole, replace(part, messages=part.messages + problems))
    return whole


def _headings(
    opened: OpenSource, key: str, options: Options, cancel: Cancel
) -> tuple[dict[str, Headings], tuple[Message, ...]]:
    """The headings in the data of crosstabs that list none, where the options ask for a view with them."""
    found: dict[str, Headings] = {}
    problems: list[Message] = []
    if not options.crosstabs or options.crosstab_headings is not Crosstab.HEADINGS:
        return found, ()
    for wanted in heading_sources(opened.definition):
        try:
            headings = found_headings(wanted, partial(_rows, opened, cancel))
            if headings:
                found[wanted.query] = headings
        except ConversionError as e:
            problems.append(replace(e.message, place=replace(e.message.place, source=key)))
    return found, tuple(problems)


def _rows(opened: OpenSource, cancel: Cancel, table: str, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """Some columns of a table's rows; of a single one each batch's different values."""
    for batch in opened.read(table, columns=columns):
        cancel.check()
        arrays = batch.rows.columns if len(columns) > 1 else [batch.rows.column(0).unique()]
        yield from zip(*(a.to_pylist() for a in arrays), strict=True)


def join(one: Conversion, other: Conversion) -> Conversion:
    """Two sources' conversions as one."""
    return Conversion(
        one.tables + other.tables,
        one.modules + other.modules,
        one.items + other.items,
        one.messages + other.messages,
        one.review + other.review,
    )
