"""The migration: an open project with its nine stages. The wizard, the worker and the command drive this object."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from wizard.cancellation import CancellationToken
from wizard.events import Listener, Stage, Status
from wizard.file_writing import expanded, is_whole_json
from wizard.messages import Message, SourceError, StageError
from wizard.options import Preset
from wizard.project import SUFFIX, Project, ProjectFile, project_path
from wizard.run_files import RunFiles
from wizard.settings import Options, RepairRule, Target, TargetKind
from wizard.stages.project_log import ProjectLog
from wizard.stages.project_session import ProjectSession
from wizard.stages.state_machine import SKIPPABLE

if TYPE_CHECKING:
    from wizard.objects import ServerColumn
    from wizard.stages.assess import AssessStage
    from wizard.stages.connect import ConnectStage
    from wizard.stages.convert import ConvertStage
    from wizard.stages.data_profiles import DataProfiles
    from wizard.stages.existing_row_answers import ExistingRows
    from wizard.stages.link import LinkStage
    from wizard.stages.load import LoadStage
    from wizard.stages.map import MapStage
    from wizard.stages.migrate import MigrateStage
    from wizard.stages.project import ProjectStage
    from wizard.stages.sources import SourcesStage
    from wizard.stages.target_browser import TargetBrowser


class Migration:
    """Open a project with `open` or `create`; each stage is an attribute of its name.

    Long methods (`run`, `confirm`, everything that reads files or asks servers) belong in a thread, take a
    `CancellationToken` where they can be stopped, and emit events to the listeners from that thread. Setters save at
    once, are quick, and return the stages that the change made stale. The stages' modules are imported when first asked
    for.
    """

    def __init__(self, session: ProjectSession) -> None:
        self.session = session

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        name: str = "",
        target: Target | None = None,
        preset: Preset | None = None,
        like: Project | None = None,
        what: str = "command",
    ) -> Migration:
        """A new project at `NAME` or `NAME.jetferry.toml`. `what` says who holds it: command, wizard or worker.

        `like` has what is not given; see `wizard.stages.templates`. Raises ProjectError where the file exists, the name
        cannot be, or the folder cannot be written.
        """
        path = project_path(expanded(path).absolute())
        project = replace(like or Project(""), name=name or path.name.removesuffix(SUFFIX))
        if target is not None:
            project = replace(project, target=target)
        if preset is not None:
            project = replace(project, preset=preset, options=Options.preset(preset))
        return cls._held(ProjectFile.create(path, project, what=what))

    @classmethod
    def open(cls, path: Path, *, hold: bool = True, what: str = "command") -> Migration:
        """Open a project; `hold=False` only looks, also while another process has it.

        Raises ProjectError: absent (8001), damaged (8002), newer (8003), a rule broken (8004, with key and line),
        open elsewhere (8005, naming the holder; a worker can be attached to).
        """
        path = project_path(expanded(path).absolute())
        opened = ProjectFile.open(path, hold=hold, what=what)
        migration = cls._held(opened) if hold else cls(ProjectSession(opened))
        migration._see_what_is_lost()
        return migration

    def _see_what_is_lost(self) -> None:
        """Results of stages that are done and whose files are not there any more."""
        kit = self.data.stages.get(Stage.LINK)
        if self.over(Stage.CONVERT) and not is_whole_json(self.files.conversion):
            self.session.mark_lost(Stage.CONVERT)
        if kit is not None and kit.output and not any(self.files.link.rglob("*.md")):
            self.session.mark_lost(Stage.LINK)

    @classmethod
    def _held(cls, file: ProjectFile) -> Migration:
        session = ProjectSession(file)
        session.listen(ProjectLog(RunFiles(file.folder).log))
        return cls(session)

    # the nine stages

    @cached_property
    def project(self) -> ProjectStage:
        """Stage 1."""
        from wizard.stages.project import ProjectStage

        return ProjectStage(self.session, self.sources.definition, self._names_made, self._column_made)

    def _names_made(self, rule: RepairRule) -> tuple[str, ...]:
        return self.convert.names_made(rule)

    def _column_made(self, rule: RepairRule) -> ServerColumn | None:
        """The column that a repair rule names, as stage 6 makes it; None where that is not known now."""
        from wizard.stages.repair_rules import column_made

        if rule.part and self.session.machine().over(Stage.CONVERT):
            with suppress(StageError, SourceError):
                return column_made(self.convert.conversion.tables, rule)
        return None

    @cached_property
    def sources(self) -> SourcesStage:
        """Stage 2."""
        from wizard.stages.sources import SourcesStage

        return SourcesStage(self.session)

    @cached_property
    def connect(self) -> ConnectStage:
        """Stage 3."""
        from wizard.stages.connect import ConnectStage

        return ConnectStage(self.session)

    @cached_property
    def map(self) -> MapStage:
        """Stage 4."""
        from wizard.stages.map import MapStage

        return MapStage(self.session, self.sources, self.connect)

    @cached_property
    def _facts(self) -> DataProfiles:
        from wizard.stages.data_profiles import DataProfiles

        return DataProfiles(self.session, self.sources)

    @cached_property
    def _old_rows(self) -> ExistingRows:
        from wizard.stages.existing_row_answers import ExistingRows

        return ExistingRows(self.session, self.sources)

    @cached_property
    def assess(self) -> AssessStage:
        """Stage 5."""
        from wizard.stages.assess import AssessStage

        return AssessStage(self.session, self.sources, self.convert, self._facts, self._old_rows)

    @cached_property
    def convert(self) -> ConvertStage:
        """Stage 6."""
        from wizard.stages.convert import ConvertStage

        return ConvertStage(self.session, self.sources, self._facts, self._old_rows, self.connect)

    @cached_property
    def load(self) -> LoadStage:
        """Stage 7."""
        from wizard.stages.load import LoadStage

        return LoadStage(self.session, self.connect, self.convert)

    @cached_property
    def migrate(self) -> MigrateStage:
        """Stage 8."""
        from wizard.stages.migrate import MigrateStage

        return MigrateStage(self.session, self.sources, self.connect, self.convert, self.load)

    @cached_property
    def link(self) -> LinkStage:
        """Stage 9."""
        from wizard.stages.link import LinkStage

        return LinkStage(self.session, self.sources, self.connect, self.convert, self.migrate)

    @cached_property
    def target_browser(self) -> TargetBrowser:
        """A look at the server, for stages 7 and 8."""
        from wizard.stages.target_browser import TargetBrowser

        return TargetBrowser(self.session, self.sources, self.connect, self.load)

    # where it stands

    @property
    def data(self) -> Project:
        """Everything decided so far; frozen, a new object after each change."""
        return self.session.project

    @property
    def path(self) -> Path:
        """The project file."""
        return self.session.path

    @property
    def folder(self) -> Path:
        """`NAME.jetferry/`: converted objects, scripts, journal, rejects, reports, logs."""
        return self.session.folder

    @property
    def files(self) -> RunFiles:
        """Where everything in that folder lies."""
        return self.session.files

    def statuses(self) -> dict[Stage, Status]:
        """How all stages stand."""
        return self.session.machine().statuses()

    def status(self, stage: Stage) -> Status:
        """How a stage stands."""
        return self.session.machine().status(stage)

    def over(self, stage: Stage) -> bool:
        """Done or skipped, and nothing changed since."""
        return self.session.machine().over(stage)

    def detail(self, stage: Stage) -> str:
        """One line on the status: what was done, what changed since, why it failed, what it waits for."""
        return self.session.detail(stage)

    def blocked(self, stage: Stage) -> Message | None:
        """Why the stage cannot run now; None where it can."""
        return self.session.machine().blocked(stage)

    def current(self) -> Stage:
        """The stage to go on with."""
        return self.session.machine().current()

    @property
    def cut_off(self) -> Stage | None:
        """The stage that was running when the process that had the project was killed; run it again to go on."""
        return self.session.cut_off

    def effects(self, changed: Project) -> tuple[Stage, ...]:
        """The stages that a change would make stale: `effects(replace(m.data, target=…))`."""
        return self.session.effects(changed)

    def may_skip(self, stage: Stage) -> bool:
        """Whether a stage may be left out."""
        return stage in SKIPPABLE

    def skip(self, stage: Stage) -> None:
        """Raises StageError where the stage cannot be skipped."""
        self.session.skip(stage)

    def messages(self, stage: Stage) -> tuple[Message, ...]:
        """The messages of the stage's last run."""
        return self.session.messages_of(stage)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Add a listener for all events, from whatever thread; returns what takes it off."""
        return self.session.listen(listener)

    @property
    def loads_before_retry(self) -> bool:
        """Whether stages 6 and 7 have to be done again before rejected rows can be sent again: that changes what the
        target has."""
        return Status.STALE in (self.status(Stage.CONVERT), self.status(Stage.LOAD))

    # all at once

    def prepare(self, cancel: CancellationToken | None = None, *, through: Stage = Stage.MAP) -> None:
        """Stages 1 to 4 confirmed as they are set, those already done left alone. Raises what they raise."""
        cancel = cancel or CancellationToken()
        self.sources.check()
        confirm: dict[Stage, Callable[[], object]] = {
            Stage.PROJECT: self.project.confirm,
            Stage.SOURCES: lambda: self.sources.confirm(cancel),
            Stage.CONNECT: self._confirm_connect,
            Stage.MAP: self.map.confirm,
        }
        for stage, work in confirm.items():
            cancel.check()
            if stage.number <= through.number and not self.over(stage):
                work()

    def _confirm_connect(self) -> None:
        if self.data.target.kind is TargetKind.PACKAGE:
            self.connect.offline()
        else:
            self.connect.confirm()

    def one_step(self, cancel: CancellationToken | None = None, *, through: Stage = Stage.MIGRATE) -> None:
        """Convert, load and migrate (and link, where asked): each that is not done and unchanged.

        Raises what they raise.
        """
        cancel = cancel or CancellationToken()
        work: dict[Stage, Callable[[], object]] = {
            Stage.CONVERT: lambda: self.convert.run(cancel),
            Stage.LOAD: lambda: self.load.run(cancel),
            Stage.MIGRATE: lambda: self.migrate.run(cancel),
            Stage.LINK: lambda: self.link.run(cancel),
        }
        for stage, run in work.items():
            cancel.check()
            if stage.number <= through.number and not self.over(stage):
                run()

    # handing over to a worker, and the end

    @property
    def holds(self) -> bool:
        """Whether this process may change the project."""
        return self.session.holds

    def release(self) -> None:
        """Let go of the project so that a worker can take it; from then on this object only looks."""
        self.session.release()

    def take_back(self, what: str = "wizard") -> None:
        """Take the project again and read what became of it. Raises ProjectError while another process has it."""
        self.session.take_back(what)
        for name in ("_old_rows", "convert", "load", "migrate", "link", "assess", "target_browser"):
            self.__dict__.pop(name, None)

    def reload(self) -> None:
        """While a worker has the project: read the file again."""
        self.session.reload()

    def discard(self) -> None:
        """Remove a project that was just made and came to nothing: its file and its folder."""
        self.close()
        self.path.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Let go of the project and its files."""
        if "sources" in self.__dict__:
            self.sources.close()
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
