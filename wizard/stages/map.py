"""Stage 4: which source goes to which database and schema, and which names would meet there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from wizard.convert.names import LONGEST, schema_refused, units
from wizard.events import Stage
from wizard.messages import Kind, Message, Place, ProjectError, StageError
from wizard.project import Destination
from wizard.sqlserver import connection_test
from wizard.stages.connect import ConnectStage, offline
from wizard.stages.destinations import default_of, destination
from wizard.stages.project_session import ProjectSession
from wizard.stages.sources import SourcesStage
from wizard.stages.views import MapRow


class MapStage:
    """Setters save at once and return the stages made stale."""

    def __init__(self, session: ProjectSession, sources: SourcesStage, connect: ConnectStage) -> None:
        self._session = session
        self._sources = sources
        self._connect = connect
        self._schemas: dict[str, tuple[str, ...]] = {}

    def rows(self) -> tuple[MapRow, ...]:
        """A row a source, collisions marked. Opens the sources: call it from a thread."""
        project = self._session.project
        collisions = self._collisions()
        rows = []
        for source in project.sources:
            place = destination(project, source.key)
            database = place.database or project.connection.database
            known = self._schemas.get(database)
            exists = None if known is None else place.schema.casefold() in (s.casefold() for s in known)
            rows.append(
                MapRow(
                    source.key,
                    self._sources.path(source),
                    database,
                    place.schema,
                    place == default_of(project, source.key),
                    exists,
                    collisions.get(source.key, ()),
                )
            )
        return tuple(rows)

    def _collisions(self) -> dict[str, tuple[str, ...]]:
        """By source, the names that another source would put into a schema that is called the same.

        In another database they meet too: journal, rejects and reports know a table by schema and name.
        """
        project = self._session.project
        places = {s.key: destination(project, s.key) for s in project.sources}
        folded = {k: p.schema.casefold() for k, p in places.items()}
        names: dict[str, list[str]] = {}
        for key in places:
            if sum(f == folded[key] for f in folded.values()) > 1:
                chosen = self._sources.open(key).definition
                names[key] = [t.name for t in chosen.tables] + [q.name for q in chosen.queries if not q.hidden]
        counts = Counter((folded[k], n.casefold()) for k, listed in names.items() for n in set(listed))
        return {k: tuple(n for n in listed if counts[folded[k], n.casefold()] > 1) for k, listed in names.items()}

    def schemas(self, database: str = "") -> tuple[str, ...]:
        """The schemas of a database on the server; none where working offline. Raises TargetError in words."""
        if offline(self._session):
            return ()
        connection = self._session.project.connection
        wanted = database or connection.database
        found = tuple(connection_test.schemas(replace(connection, database=wanted), self._connect.password()))
        self._schemas[wanted] = found
        return found

    def set(self, key: str, schema: str, database: str = "") -> tuple[Stage, ...]:
        """Say where a source goes. Raises ProjectError where SQL Server knows no such name."""
        self.check(key, schema, database)
        project = self._session.project
        return self._session.change(replace(project, map={**project.map, key: Destination(schema.strip(), database)}))

    def check(self, key: str, schema: str, database: str = "") -> None:
        """What `set` would refuse, and why. Raises ProjectError."""
        self._sources.source(key)
        what = schema_refused(schema)
        if units(database) > LONGEST:
            what = f"the database's name must have 1 to {LONGEST} characters"
        if what:
            raise ProjectError(8021, Place(Kind.OPTION, source=key, name="schema"), value=schema, what=what)

    def reset(self, key: str = "") -> tuple[Stage, ...]:
        """One source, or all, back to the default."""
        project = self._session.project
        return self._session.change(replace(project, map={k: d for k, d in project.map.items() if key and k != key}))

    def collisions(self) -> tuple[Message, ...]:
        """One message where names would meet."""
        names = sorted({n for listed in self._collisions().values() for n in listed})
        if not names:
            return ()
        return (Message.of(8111, Place(Kind.PROJECT, name="map"), count=len(names), names=", ".join(names[:5])),)

    def confirm(self) -> None:
        """The stage done. Raises StageError where names would meet."""
        with self._session.run(Stage.MAP) as ending:
            for message in self.collisions():
                raise StageError.of(message)
            project = self._session.project
            places = ((s.key, destination(project, s.key)) for s in project.sources)
            ending.detail = ", ".join(f"{k} to {f'{p.database}.' if p.database else ''}{p.schema}" for k, p in places)
