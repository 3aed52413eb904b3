"""Tables of a changed file whose rows have changed since the target was filled from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from wizard.messages import Kind, Message, Place
from wizard.migrate.jobs import Job, parents
from wizard.migrate.row_fingerprints import RowFingerprint, RowFingerprints, fingerprint_of
from wizard.migrate.run_context import RunContext
from wizard.migrate.verification import TableComparison
from wizard.plurals import counted


class TableVerdict(StrEnum):
    """What became of a table whose file is no longer as it was when the target was filled."""

    SAME = "same"
    """the file changed, this table's rows did not"""
    CHANGED = "changed"
    UNKNOWN = "unknown"
    """nothing was kept of what it held then"""


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table that the target has whole, from an earlier state of the file. `before` is None where it is not known."""

    job: Job
    filled: str
    """the state of the file then"""
    verdict: TableVerdict
    before: RowFingerprint | None
    now: RowFingerprint

    @property
    def name(self) -> str:
        """The table as messages name it."""
        return self.job.name


def changes(jobs: Sequence[Job], context: RunContext) -> list[TableChange]:
    """Compare the tables whose files changed since the target was filled; the others are not read, nor listed.

    What is found to be the same is remembered, so that it is read once for each state of a file. Raises SourceError,
    TargetError, MoveError.
    """
    kept, found = RowFingerprints(context.files.fingerprints), list[TableChange]()
    for job in jobs:
        checkpoint = context.sink.checkpoint(job.table.name)
        if checkpoint is None or not checkpoint.complete or checkpoint.source == job.source.fingerprint:
            continue
        then = kept.of(job, checkpoint.source)
        if then is not None and then.seen == job.source.fingerprint:
            found.append(TableChange(job, checkpoint.source, TableVerdict.SAME, then.content, then.content))
            continue
        now = fingerprint_of(job, context.cancellation)
        if now is None:
            break
        before = then.content if then is not None else None
        verdict = (
            TableVerdict.UNKNOWN if before is None else TableVerdict.SAME if before == now else TableVerdict.CHANGED
        )
        found.append(TableChange(job, checkpoint.source, verdict, before, now))
        if verdict is TableVerdict.SAME:
            kept.keep(job, checkpoint.source, now)
    if any(c.verdict is TableVerdict.SAME for c in found):
        kept.save()
    return found


def remember(jobs: Sequence[Job], proofs: Sequence[TableComparison], context: RunContext) -> None:
    """Keep what verification read of the tables that the target has whole.

    That is what they held when the target was filled, where their files have not changed since; where they have, and
    nothing was kept, a table that proved equal holds the same still. Raises TargetError, MoveError.
    """
    kept, by_name = RowFingerprints(context.files.fingerprints), {j.name: j for j in jobs}
    for proof in proofs:
        job, content = by_name[proof.table], proof.content
        checkpoint = context.sink.checkpoint(job.table.name) if content is not None else None
        if checkpoint is None or content is None or not checkpoint.complete:
            continue
        if checkpoint.source == job.source.fingerprint or (proof.equal and kept.of(job, checkpoint.source) is None):
            kept.keep(job, checkpoint.source, content)
    kept.save()


def undisturbed(jobs: Iterable[Job], found: Iterable[TableChange]) -> list[Job]:
    """The jobs, those whose tables have not changed as from the state the target was filled from."""
    same = {c.name: c.filled for c in found if c.verdict is TableVerdict.SAME}
    return [replace(j, source=replace(j.source, fingerprint=same[j.name])) if j.name in same else j for j in jobs]


def change_messages(found: Sequence[TableChange]) -> list[Message]:
    """What there is to say, file by file: which tables changed, that none did, of which nothing is known."""
    messages = []
    for source in dict.fromkeys(c.job.ref.source for c in found):
        own = [c for c in found if c.job.ref.source == source]
        place = Place(Kind.FILE, source=source, name=own[0].job.source.path)
        facts = {"source": own[0].job.source.path or source, "total": len(own)}
        by = {v: [c for c in own if c.verdict is v] for v in TableVerdict}
        if changed := by[TableVerdict.CHANGED]:
            messages.append(Message.of(6031, place, count=len(changed), tables=_listed(changed), **facts))
        if by[TableVerdict.UNKNOWN]:
            messages.append(Message.of(6032, place, tables=_listed(by[TableVerdict.UNKNOWN]), **facts))
        if not by[TableVerdict.CHANGED] and not by[TableVerdict.UNKNOWN]:
            messages.append(Message.of(6030, place, **facts))
    return messages


def _listed(found: Sequence[TableChange]) -> str:
    def rows(change: TableChange) -> str:
        if change.before is None:
            return f"{counted(change.now.rows, 'row')} now"
        if change.before.rows == change.now.rows:
            return f"{counted(change.now.rows, 'row')} as before, others in them"
        return f"{counted(change.before.rows, 'row')} then, {change.now.rows} now"

    return ", ".join(f"{c.name} ({rows(c)})" for c in found)


def with_children(jobs: Sequence[Job], names: Iterable[str]) -> list[str]:
    """Those tables and all whose rows refer to theirs, directly or through others: a server lets no row go that is
    referred to, so these are emptied and filled together."""
    wanted = {j.table.name for j in jobs if j.name in set(names)}
    while more := {j.table.name for j in jobs if parents(j.table) & wanted} - wanted:
        wanted |= more
    return [j.name for j in jobs if j.table.name in wanted]
