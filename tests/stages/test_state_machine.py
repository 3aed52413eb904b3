"""Random walks over the nine stages: nothing is done whose inputs changed, nothing done is lost by re-opening."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from wizard.cancellation import StoppedError
from wizard.events import Event, Stage, StageChanged, Status
from wizard.messages import StageError
from wizard.project import Destination, FileFingerprint, Project, ProjectFile, Record, Selection, Source, StageOutcome
from wizard.settings import Connection, SqlVersion, Target, TargetKind, TypeMap, TypeRule
from wizard.stages.project_session import ProjectSession
from wizard.stages.staleness import digests_of
from wizard.stages.state_machine import OUTSIDE, REQUIRES, SKIPPABLE, StageMachine

DEAD: list[object] = []
"""stages that never end: kept, so that collecting them as garbage does not end them after all"""
STAGES = st.sampled_from(list(Stage))
SEEN = [FileFingerprint(100, "2026-01-01T00:00:00.000000+00:00", d) for d in ("aa", "bb")]

CHANGES: list[Callable[[Project], Project]] = [
    lambda p: replace(p, options=replace(p.options, add_primary_key=not p.options.add_primary_key)),
    lambda p: replace(p, options=replace(p.options, keep_nulls=not p.options.keep_nulls)),
    lambda p: replace(p, options=replace(p.options, batch_size=p.options.batch_size % 7 + 1)),
    lambda p: replace(p, options=replace(p.options, data_assessment=not p.options.data_assessment)),
    lambda p: replace(p, target=Target(TargetKind.SQL_SERVER, SqlVersion.V2016)),
    lambda p: replace(p, target=Target()),
    lambda p: replace(p, connection=Connection("one", user="me")),
    lambda p: replace(p, connection=Connection("one", user="you")),
    lambda p: replace(p, connection=Connection("two", user="me")),
    lambda p: p.with_source(Source("a", "a.mdb", SEEN[0])),
    lambda p: p.with_source(Source("b", "b.mdb", SEEN[0], tables=Selection(True, ("Paste Errors",)))),
    lambda p: replace(p, sources=p.sources[:-1]),
    lambda p: replace(p, map={"a": Destination("sales")}),
    lambda p: replace(p, map={}),
    lambda p: replace(p, types=TypeMap((TypeRule("text", "nvarchar(max)"),))),
    lambda p: replace(p, types=TypeMap()),
]


class NineStages(RuleBasedStateMachine):
    """A project on disk; every rule is something a person, a crash or the outside world does."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="jetferry-test-"))
        self.seen: dict[str, FileFingerprint | None] = {}
        self.told: list[Event] = []

    @initialize()
    def create(self) -> None:
        self.session = ProjectSession(ProjectFile.create(self.folder / "walk", Project("walk")))
        self.session.listen(self.told.append)

    def teardown(self) -> None:
        self.session.close()
        shutil.rmtree(self.folder)

    @rule(change=st.sampled_from(CHANGES))
    def change(self, change: Callable[[Project], Project]) -> None:
        before = self.session.project
        changed = change(before)
        over = {s for s in Stage if self.session.machine().over(s)}
        foretold = self.session.effects(changed)
        assert self.session.change(changed) == foretold
        assert set(foretold) == {s for s in over if not self.session.machine().over(s)}

    @rule(change=st.sampled_from(CHANGES))
    def change_and_take_back(self, change: Callable[[Project], Project]) -> None:
        before, statuses = self.session.project, self.session.machine().statuses()
        self.session.change(change(before))
        self.session.change(before)
        assert self.session.machine().statuses() == statuses

    @rule(key=st.sampled_from("ab"), seen=st.sampled_from([*SEEN, None]))
    def the_file_changes(self, key: str, seen: FileFingerprint | None) -> None:
        self.seen[key] = seen
        self.session.observe({key: seen})

    @rule(stage=STAGES, output=st.sampled_from(["x", "y"]))
    def run(self, stage: Stage, output: str) -> None:
        self._run(stage, output)

    @rule(output=st.sampled_from(["x", "y"]))
    def go_on(self, output: str) -> None:
        stage = self.session.machine().current()
        if stage is Stage.CONNECT and self.session.machine().blocked(stage):
            self.session.skip(stage)
        else:
            self._run(stage, output)

    def _run(self, stage: Stage, output: str) -> None:
        blocked = self.session.machine().blocked(stage)
        if blocked:
            with pytest.raises(StageError) as caught, self.session.run(stage):
                pytest.fail("it ran all the same")
            assert caught.value.message == blocked
            return
        with self.session.run(stage) as ending:
            assert self.session.machine().status(stage) is Status.RUNNING
            with pytest.raises(StageError, match="is running"), self.session.run(stage):
                pytest.fail("two stages ran at once")
            ending.output = output
        assert self.session.machine().status(stage) is Status.DONE

    @rule(stage=STAGES, error=st.sampled_from([StoppedError("test"), StageError(8105), RuntimeError("bug")]))
    def stop_or_fail(self, stage: Stage, error: Exception) -> None:
        before = self.session.machine()
        if before.blocked(stage):
            return
        with pytest.raises(type(error)), self.session.run(stage):
            raise error
        after = self.session.machine()
        if stage in OUTSIDE:
            assert not after.over(stage)
        elif before.over(stage):
            assert after.statuses() == before.statuses()
        elif isinstance(error, StoppedError):
            assert after.status(stage) is before.status(stage)
        else:
            assert after.status(stage) is Status.FAILED

    @rule(stage=STAGES)
    def killed(self, stage: Stage) -> None:
        before = self.session.machine()
        if before.blocked(stage):
            return
        cut = self.session.run(stage)
        cut.__enter__()  # the process dies here: nobody says how it ended
        DEAD.append(cut)
        self._reopen()
        assert self.session.cut_off is stage
        lost = {stage} if stage in OUTSIDE else set()
        lost |= {s for s in Stage if OUTSIDE & lost and s is Stage.MIGRATE}
        for s, status in before.statuses().items():
            if s not in lost and status in (Status.DONE, Status.SKIPPED):
                assert self.session.machine().status(s) is status

    @rule(stage=STAGES)
    def skip(self, stage: Stage) -> None:
        if stage in SKIPPABLE:
            self.session.skip(stage)
            assert self.session.machine().status(stage) is Status.SKIPPED
        else:
            with pytest.raises(StageError):
                self.session.skip(stage)

    @rule()
    def reopen(self) -> None:
        saved, statuses = self.session.project, self.session.machine().statuses()
        self._reopen()
        assert self.session.project == saved
        assert self.session.machine().statuses() == statuses

    def _reopen(self) -> None:
        self.session.close()
        self.session = ProjectSession(ProjectFile.open(self.folder / "walk"))
        self.session.observe(self.seen)
        self.told.clear()
        self.session.listen(self.told.append)

    @invariant()
    def nothing_is_done_whose_inputs_changed(self) -> None:
        machine, project = self.session.machine(), self.session.project
        parts = digests_of(project, self.session._observed)
        for stage, status in machine.statuses().items():
            record = project.stages.get(stage)
            if status is Status.DONE:
                assert record is not None
                assert record.outcome is StageOutcome.DONE
                assert record.parts == parts[stage]
            if status is Status.STALE:
                assert machine.changed(stage) or not machine.over(Stage.CONVERT) or not machine.over(Stage.LOAD)

    @invariant()
    def a_stage_is_ready_only_when_what_it_needs_is_there(self) -> None:
        machine = self.session.machine()
        for stage, status in machine.statuses().items():
            if status is Status.READY:
                assert all(machine.over(n) for n in REQUIRES[stage])
            if status is Status.PENDING:
                message = machine.waits(stage)
                assert message is not None
                assert message.text

    @precondition(lambda self: self.told)
    @invariant()
    def listeners_know_every_status(self) -> None:
        latest = {e.stage: e.status for e in self.told if isinstance(e, StageChanged)}
        statuses = self.session.machine().statuses()
        for stage, status in latest.items():
            assert statuses[stage] is status


NineStages.TestCase.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestNineStages = NineStages.TestCase


def test_what_a_stage_waits_for_is_said_in_a_sentence() -> None:
    records = {Stage.PROJECT: Record(StageOutcome.DONE, {}), Stage.SOURCES: Record(StageOutcome.FAILED, {})}
    failed, new = StageMachine(records).waits(Stage.MAP), StageMachine().waits(Stage.LINK)
    assert str(failed) == "JF8100 error: 4 Map cannot run yet: 2 Sources has failed. Finish 2 Sources first."
    assert str(new) == "JF8100 error: 9 Link cannot run yet: 8 Migrate is pending. Finish 8 Migrate first."
