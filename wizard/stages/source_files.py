"""The Access files of a project and the back ends they link to: opened read-only, once, and shared by the stages."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from wizard.access import AccessFile, discover
from wizard.definitions import Database
from wizard.file_writing import is_file, real_path
from wizard.messages import JetferryError, Kind, Place, SourceError, StageError
from wizard.project import Source
from wizard.stages.open_source import OpenSource, Stored, TableOwner
from wizard.stages.project_session import ProjectSession


class SourceFiles:
    """Opens what is asked for. Safe from several threads."""

    def __init__(self, session: ProjectSession) -> None:
        self._session = session
        self._files: dict[Path, AccessFile] = {}
        self._open: dict[str, tuple[Source, OpenSource]] = {}
        self._owned: tuple[tuple[Source, ...], dict[Stored, TableOwner]] | None = None
        """the owner of each table, and the sources of which that was found out"""
        self._lock = threading.RLock()

    def path(self, source: Source) -> Path:
        """Where a source's file is, absolute."""
        return real_path(self._session.path.parent / source.path)

    def source(self, key: str) -> Source:
        """Raises StageError where there is none of that key."""
        found = self._session.project.source(key)
        if found is None:
            raise StageError(8113, Place(Kind.FILE, source=key), what="source", name=key, where="the project")
        return found

    def is_open(self, path: Path) -> bool:
        """Whether the file is open."""
        return path in self._files

    def file(self, path: Path, password: str, code_page: str, salvage: bool = False) -> AccessFile:
        """An Access file, opened, or as it was opened in whatever way. Raises SourceError."""
        with self._lock:
            if path in self._files and self._files[path].changed:
                self.forget(path)  # what was read of it is of another state
            if path not in self._files:
                self._files[path] = AccessFile.open(
                    path, password or None, code_page=code_page or None, salvage=salvage
                )
            return self._files[path]

    def forget(self, path: Path) -> None:
        """Close a file: what was read of it is not to be used any more."""
        with self._lock:
            self._open.clear()
            self._owned = None
            file = self._files.pop(path, None)
        if file is not None:
            file.close()

    def password(self, key: str) -> str:
        """The one in memory, else that of JETFERRY_SOURCE_PASSWORD."""
        return self._session.secrets.of_source(key)

    def open(self, key: str) -> OpenSource:
        """The source, opened, as the other stages read it. Raises SourceError; PasswordError where one is needed."""
        source = self.source(key)
        with self._lock:
            opened = self._alone(source)
            if opened.has_links and opened.owners is not (owners := self._owners()):
                opened = OpenSource(source, opened.file, opened.back_ends, owners)
                self._open[key] = (source, opened)
            return opened

    def _alone(self, source: Source) -> OpenSource:
        """The source without regard to others that have the same tables."""
        kept = self._open.get(source.key)
        if kept and kept[0] == source and not kept[1].changed:
            return kept[1]
        path = self.path(source)
        if not is_file(path):
            raise SourceError(8200, Place(Kind.FILE, source=source.key), path=path)
        file = self.file(path, self.password(source.key), source.code_page, source.salvage)
        opened = OpenSource(source, file, self._back_ends(source, file, path))
        self._open[source.key] = (source, opened)
        return opened

    def _owners(self) -> dict[Stored, TableOwner]:
        """Who migrates each table: the source whose file holds it, else the first that links to it.

        A source that cannot be opened owns nothing.
        """
        sources = self._session.project.sources
        if self._owned is None or self._owned[0] != sources:
            claims: list[tuple[bool, Stored, TableOwner]] = []
            for source in sources:
                with suppress(SourceError):
                    claims += self._alone(source).claims()
            found: dict[Stored, TableOwner] = {}
            for _, stored, owner in sorted(claims, key=lambda claim: claim[0]):
                found.setdefault(stored, owner)
            kept = self._owned[1] if self._owned else found
            self._owned = (sources, kept if kept == found else found)
        return self._owned[1]

    def _back_ends(self, source: Source, file: AccessFile, front: Path) -> dict[str, AccessFile]:
        """The back ends that are there and can be opened, by their case-folded stored path."""
        found: dict[str, AccessFile] = {}
        for back in self.located(source, file.definition, front):
            if back.found is not None:
                with suppress(SourceError):
                    found[back.stored.casefold()] = self.back_end(source, back.stored, back.found)
        return found

    def back_end(self, source: Source, stored: str, path: Path) -> AccessFile:
        """With the password given for it, else the source's own, as Access demands. Raises SourceError."""
        password = self._session.secrets.sources.get(f"{source.key}:{stored}", "") or self.password(source.key)
        return self.file(real_path(path), password, source.code_page, source.salvage)

    def located(self, source: Source, definition: Database, front: Path) -> list[discover.BackEnd]:
        """The back ends that the source's links name, and where they are."""
        moved = {stored: Path(path) for stored, path in source.back_ends.items()}
        others = [self.path(s) for s in self._session.project.sources if s.key != source.key]
        return discover.back_ends(front, definition.linked_tables, moved, others)

    def close(self) -> None:
        """Let go of every file."""
        with self._lock:
            for file in self._files.values():
                with suppress(JetferryError):
                    file.close()
            self._files.clear()
            self._open.clear()
