"""Rows whose parents were rejected: found in the source, so that they are told of before they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np

from wizard.fit.shown import shown
from wizard.messages import JetferryError, Kind, Message, Place
from wizard.migrate.jobs import Job
from wizard.migrate.rejects import REJECTS, RejectLog
from wizard.objects import ForeignKey, Name
from wizard.target.sink import Orphans, Sink, Warned

_NAMED: Final = 3
"""values that a message names"""
Values = tuple[Any, ...]


def orphans_of(job: Job, jobs: Mapping[Name, Job], folder: Path) -> Iterator[Orphans]:
    """By foreign key, the table's rows that refer to rejected rows. Reads only where parents have rejects.

    Where a source cannot be read nothing is found: moving its rows says why.
    """
    for key in job.table.foreign_keys:
        parent = jobs.get(key.referenced)
        if parent is None:
            continue
        found: dict[Values, int] = {}
        with suppress(JetferryError):
            found = _referring(job, parent, key, folder)
        if found:
            names = ", ".join(shown(v[0] if len(v) == 1 else v) for v in list(found)[:_NAMED])
            values = names + (", …" if len(found) > _NAMED else "")
            yield Orphans(job.table.name, key.name, parent.table.name, sum(found.values()), values)


def warn(sink: Sink, jobs: Sequence[Job], folder: Path) -> None:
    """Tell a target that wants to know it, of all tables."""
    if isinstance(sink, Warned):
        by_name = {j.table.name: j for j in jobs}
        sink.orphans = tuple(o for j in jobs for o in orphans_of(j, by_name, folder))


def orphans_told(job: Job, found: Orphans) -> Message:
    place = Place(Kind.TABLE, source=job.ref.source, name=job.ref.table, part=found.key)
    facts = {"child": found.child, "parent": found.parent, "key": found.key}
    return Message.of(6310, place, count=found.count, values=found.values, **facts)


def _referring(job: Job, parent: Job, key: ForeignKey, folder: Path) -> dict[Values, int]:
    """By rejected parent's key, how many of the table's rows refer to it."""
    log = RejectLog(folder / REJECTS, parent.table.name)
    if not log.path.exists():
        return {}
    ours, theirs = _sources(job, key.columns), _sources(parent, key.referenced_columns)
    left = np.array([r.position for r in log.read()], dtype=np.int64)
    if not left.size or not ours or not theirs:
        return {}
    gone = {_folded(v): v for v, rejected in _values(parent, theirs, left) if rejected and None not in v}
    for values, rejected in _values(parent, theirs, left):
        if not rejected:  # another row of the same key arrived
            gone.pop(_folded(values), None)
    counts: dict[Values, int] = {}
    own = RejectLog(folder / REJECTS, job.table.name)
    also = np.array([r.position for r in own.read()] if own.path.exists() else [], dtype=np.int64)
    for values, rejected in _values(job, ours, also):
        if not rejected and (lost := gone.get(_folded(values))) is not None:
            counts[lost] = counts.get(lost, 0) + 1
    return counts


def _sources(job: Job, columns: Sequence[str]) -> list[str]:
    """The source's columns behind those of the target; empty where one has none."""
    found = [c.source if c is not None else "" for c in map(job.table.column, columns)]
    return found if all(found) else []


def _values(job: Job, columns: Sequence[str], rejected: np.ndarray) -> Iterator[tuple[Values, bool]]:
    """The values of these columns, row by row, and whether the row was rejected."""
    for batch in job.source.reader.read(job.ref.table, columns=columns):
        out = np.isin(batch.positions, rejected)
        taken = [batch.rows.column(batch.rows.schema.get_field_index(c)).to_pylist() for c in columns]
        yield from zip(zip(*taken, strict=True), map(bool, out), strict=True)


def _folded(values: Values) -> Values:
    """As servers compare keys: text without case and trailing spaces."""
    return tuple(v.rstrip(" ").casefold() if isinstance(v, str) else v for v in values)
