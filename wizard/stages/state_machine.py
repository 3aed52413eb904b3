"""The nine stages as a pure state machine: what each stands on, when it may run, when it is stale.

A stage that ended keeps a record of its *parts*: digests of everything it stood on. Its status is not stored but
derived: it is done while its parts are what they were, and stale when one differs. So a change marks exactly what
depends on it, and taking the change back makes the stage done again. Nothing here touches a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from wizard.events import Stage, Status
from wizard.messages import Kind, Message, Place, StageError
from wizard.project import Record, StageOutcome

Parts = Mapping[Stage, Mapping[str, str]]
"""for each stage, what it stands on: a name for people to a digest"""

REQUIRES: Final[Mapping[Stage, tuple[Stage, ...]]] = {
    Stage.PROJECT: (),
    Stage.SOURCES: (Stage.PROJECT,),
    Stage.CONNECT: (Stage.PROJECT,),
    Stage.MAP: (Stage.SOURCES, Stage.CONNECT),
    Stage.ASSESS: (Stage.MAP,),
    Stage.CONVERT: (Stage.MAP,),
    Stage.LOAD: (Stage.CONVERT,),
    Stage.MIGRATE: (Stage.LOAD,),
    Stage.LINK: (Stage.MIGRATE,),
}
"""what must be done or skipped before a stage may run"""

FEEDS: Final[Mapping[Stage, tuple[Stage, ...]]] = {
    Stage.LOAD: (Stage.CONVERT,),
    Stage.MIGRATE: (Stage.LOAD,),
    Stage.LINK: (Stage.CONVERT,),
}
"""whose result a stage stands on: stale there is stale here (everything else is in the parts)"""

SKIPPABLE: Final = frozenset({Stage.CONNECT, Stage.ASSESS, Stage.LINK})
OF_FILES: Final = frozenset({"the sources' definitions", "the sources' rows"})
"""parts that are of the sources' files"""
_UNFINISHED: Final[Mapping[Status, str]] = {Status.FAILED: "has failed", Status.RUNNING: "is at work"}
"""what a stage that is to be finished first did, for people"""
OUTSIDE: Final = frozenset({Stage.LOAD, Stage.MIGRATE})
"""stages that change the world outside: once started, their former end is no longer true"""


@dataclass(frozen=True)
class StageMachine:
    """Where a project stands. `blockers` are reasons from outside (a source that is gone, no server chosen)."""

    records: Mapping[Stage, Record] = field(default_factory=dict)
    parts: Parts = field(default_factory=dict)
    blockers: Mapping[Stage, Message] = field(default_factory=dict)
    running: Stage | None = None
    gone: tuple[str, ...] = ()
    """the sources' files that are not there"""

    def status(self, stage: Stage) -> Status:
        """How a stage stands."""
        if stage is self.running:
            return Status.RUNNING
        record = self.records.get(stage)
        if record is not None and record.outcome is StageOutcome.DONE:
            if self._stale(stage, record):
                return Status.STALE
            if record.losses:
                return Status.LOSSES
            return Status.WEAKER if record.weaker else Status.DONE
        if record is not None and not self.changed(stage):
            return Status.SKIPPED if record.outcome is StageOutcome.SKIPPED else Status.FAILED
        return Status.PENDING if self.waits(stage) else Status.READY

    def _stale(self, stage: Stage, record: Record) -> bool:
        return record.parts != self.parts.get(stage, {}) or any(not self.over(f) for f in FEEDS.get(stage, ()))

    def statuses(self) -> dict[Stage, Status]:
        """How all stages stand."""
        return {stage: self.status(stage) for stage in Stage}

    def over(self, stage: Stage) -> bool:
        """Done or skipped, and still so."""
        return self.status(stage).over

    def changed(self, stage: Stage) -> tuple[str, ...]:
        """The names of the parts that differ from those the stage ended with; of a skip, only those it was about."""
        record = self.records.get(stage)
        if record is None:
            return ()
        now = self.parts.get(stage, {})
        names = record.parts if record.outcome is StageOutcome.SKIPPED else {**record.parts, **now}
        return tuple(n for n in names if record.parts.get(n) != now.get(n))

    def why_stale(self, stage: Stage) -> str:
        """For people, what a stale stage no longer stands on: files that are gone, parts that changed."""
        parts = self.changed(stage)
        changed = [n for n in parts if not (self.gone and n in OF_FILES)]
        gone = self.gone if len(changed) < len(parts) else ()
        told = [f"gone: {', '.join(gone)}"] if gone else []
        told += [f"changed since: {', '.join(changed)}"] if changed else []
        fed = [title(f) for f in FEEDS.get(stage, ()) if not self.over(f)]
        return "; ".join(told) or f"{', '.join(fed)} is to be done again"

    def blocked(self, stage: Stage) -> Message | None:
        """Why the stage cannot run now; None where it can."""
        if self.running is not None:
            return Message.of(8102, Place(Kind.PROJECT, name=f"stage {stage.number}"), running=title(self.running))
        return self.waits(stage)

    def waits(self, stage: Stage) -> Message | None:
        """What must be done before the stage can run, whatever runs now; None where nothing is missing."""
        for needed in REQUIRES[stage]:
            status = self.status(needed)
            if status is Status.STALE:
                return Message.of(8101, stage=title(stage), needed=title(needed), why=self.why_stale(needed))
            if not status.over:
                how = _UNFINISHED.get(status, f"is {status}")
                return Message.of(8100, stage=title(stage), needed=title(needed), how=how)
        return self.blockers.get(stage)

    def start(self, stage: Stage) -> StageMachine:
        """The stage running. Raises StageError where it is blocked."""
        message = self.blocked(stage)
        if message is not None:
            raise StageError.of(message)
        records = {s: r for s, r in self.records.items() if not (s is stage and stage in OUTSIDE)}
        return replace(self, records=records, running=stage)

    def end(self, stage: Stage, record: Record) -> StageMachine:
        """The running stage ended, in one of the ways a record knows."""
        return replace(self, records={**self.records, stage: record}, running=None)

    def stop(self) -> StageMachine:
        """The running stage was stopped or cut off: what was true before it started is true again."""
        return replace(self, running=None)

    def skip(self, stage: Stage, parts: Mapping[str, str]) -> StageMachine:
        """The stage skipped; if `parts` change, it is asked again. Raises StageError where it cannot be skipped."""
        if stage not in SKIPPABLE:
            raise StageError(8103, stage=title(stage))
        return self.end(stage, Record(StageOutcome.SKIPPED, dict(parts)))

    def current(self) -> Stage:
        """The stage to go on with: the running one, else the first that is neither done nor skipped."""
        if self.running is not None:
            return self.running
        return next((s for s in Stage if not self.over(s)), Stage.LINK)


def title(stage: Stage) -> str:
    """As people are shown it: '6 Convert'."""
    return f"{stage.number} {stage.value.capitalize()}"
