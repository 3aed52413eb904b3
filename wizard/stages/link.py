"""Stage 9: the kit that points an Access application at the migrated tables, and takes it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from wizard.assess.application import assess_application
from wizard.cancellation import CancellationToken
from wizard.events import Stage
from wizard.link import Kit, KitStep, kit_of, steps_of, write_kit
from wizard.messages import Kind, Message, Place
from wizard.plurals import counted
from wizard.stages.connect import ConnectStage
from wizard.stages.conversion_figures import of_source
from wizard.stages.convert import ConvertStage
from wizard.stages.databases import by_database
from wizard.stages.migrate import MigrateStage
from wizard.stages.missing_tables import missing_messages, missing_names
from wizard.stages.project_session import ProjectSession
from wizard.stages.sources import SourcesStage
from wizard.stages.staleness import digest
from wizard.stages.views import TableProgress


class LinkStage:
    """`run` belongs in a thread."""

    def __init__(
        self,
        session: ProjectSession,
        sources: SourcesStage,
        connect: ConnectStage,
        convert: ConvertStage,
        migrate: MigrateStage,
    ) -> None:
        self._session = session
        self._sources = sources
        self._connect = connect
        self._convert = convert
        self._migrate = migrate

    @property
    def folder(self) -> Path:
        """Where the kit is written."""
        return self._session.files.link

    def plan(self) -> tuple[Kit, ...]:
        """What the kit will do, a kit a source: its steps, what is left out and why. Raises StageError, SourceError."""
        return tuple(self._kits())

    def _kits(self) -> Iterator[Kit]:
        incomplete = {line.table: line for line in self._migrate.known_lines() if line.incomplete}
        for part in by_database(self._session.project, self._convert.conversion):
            for source in self._session.project.sources:
                opened = self._sources.open(source.key)
                shared = opened.shared_tables(part.conversion)
                own = of_source(part.conversion, source.key)
                if own.tables or shared:
                    found = assess_application(
                        opened.visible, opened.application, own, source=source.key, shared=shared
                    )
                    kit = kit_of(
                        opened.visible,
                        own,
                        part.connection,
                        source=source.key,
                        shared=shared,
                        application=opened.application,
                        findings=found.messages,
                    )
                    yield replace(kit, messages=(*_lacking(kit, incomplete), *kit.messages))

    def left_out(self) -> tuple[Message, ...]:
        """What cannot be linked, and which file is wanted for it. Raises SourceError."""
        return tuple(m for s in self._session.project.sources for m in missing_messages(self._sources, s.key))

    def run(self, cancel: CancellationToken | None = None, *, accept_password_risk: bool = False) -> tuple[Path, ...]:
        """Write the kits to `link/`; returns the files.

        Raises StageError 7001 where a password would have to be written and that risk was not accepted.
        """
        written: list[Path] = []
        with self._session.run(Stage.LINK) as ending:
            kits = self.plan()
            for kit in kits:
                if cancel:
                    cancel.check()
                folder = self.folder / kit.source if len(kits) > 1 else self.folder
                for message in kit.messages:
                    self._session.emit_message(Stage.LINK, message)
                password = self._connect.password() if accept_password_risk else ""
                written += write_kit(folder, kit, password=password, accept_password_risk=accept_password_risk)
            left = self.left_out()
            for message in left:
                self._session.emit_message(Stage.LINK, message)
            ending.losses = len(missing_names(self._sources, [s.key for s in self._session.project.sources]))
            ending.output = digest([p.name for p in written]) if written else ""
            ending.detail = f"{counted(len(written), 'file')} in {self.folder.name}/"
            if ending.losses:
                ending.detail += f", {counted(ending.losses, 'table')} left out"
        return tuple(written)


def _lacking(kit: Kit, incomplete: Mapping[str, TableProgress]) -> Iterator[Message]:
    """Of each table that would be linked without some of its rows."""
    for table in kit.tables:
        line = incomplete.get(table.server.plain)
        if line is not None:
            place = Place(Kind.TABLE, kit.source, table.name)
            kept = f", in the table {table.local}" if table.local else ""
            yield Message.of(7013, place, table=table.server, arrived=line.arrived, kept=kept)


__all__ = ["Kit", "KitStep", "LinkStage", "steps_of"]
