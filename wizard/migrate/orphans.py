"""Rows whose parents were rejected, found in the source before they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from wizard.coercion.referring_rows import ReferenceSide, Values, named_values, referring
from wizard.existing_rows import sources
from wizard.messages import JetferryError, Message, UnsteadyFileError
from wizard.migrate.jobs import Job
from wizard.migrate.rejects import RejectLog
from wizard.objects import ForeignKey, Name
from wizard.run_files import RunFiles
from wizard.sink import OrphanedRows


def orphans_of(job: Job, jobs: Mapping[Name, Job], files: RunFiles) -> Iterator[OrphanedRows]:
    """By foreign key, the table's rows that refer to rejected rows. Reads only where parents have rejects.

    Where a source cannot be read nothing is found: moving its rows says why.
    """
    for key in job.table.foreign_keys:
        parent = jobs.get(key.referenced)
        if parent is None:
            continue
        found: dict[Values, int] = {}
        try:
            found = _referring(job, parent, key, files)
        except UnsteadyFileError:
            raise
        except JetferryError:
            pass
        if found:
            yield OrphanedRows(job.table.name, key.name, parent.table.name, sum(found.values()), named_values(found))


def all_orphans(jobs: Sequence[Job], files: RunFiles) -> tuple[OrphanedRows, ...]:
    """Those of all tables, as `Sink.finish` gets them."""
    by_name = {j.table.name: j for j in jobs}
    return tuple(o for j in jobs for o in orphans_of(j, by_name, files))


def orphans_message(job: Job, found: OrphanedRows) -> Message:
    """The message about rows whose parents were rejected."""
    place = job.place(found.key)
    facts = {"child": found.child, "parent": found.parent, "key": found.key}
    return Message.of(6310, place, count=found.count, values=found.values, **facts)


def _referring(job: Job, parent: Job, key: ForeignKey, files: RunFiles) -> dict[Values, int]:
    """By rejected parent's key, how many of the table's rows refer to it."""
    rejects = RejectLog(files.rejects, parent.table.name)
    if not rejects.path.exists():
        return {}
    own = RejectLog(files.rejects, job.table.name)
    return referring(_side(job, key.columns, own), _side(parent, key.referenced_columns, rejects))


def _side(job: Job, columns: Sequence[str], log: RejectLog) -> ReferenceSide:
    left = [r.position for r in log.read()] if log.path.exists() else []
    names = tuple(sources(job.table, columns) or ())
    return ReferenceSide(job.source.reader, job.ref.table, names, np.array(left, dtype=np.int64))
