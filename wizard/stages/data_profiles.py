"""Profiles of the sources' rows, kept while the project is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wizard.assess.assessed_file import CancelledError
from wizard.assess.data_profile import profile_data
from wizard.cancellation import CancellationToken, StoppedError
from wizard.definitions import TableProfile
from wizard.events import Progress, Stage
from wizard.stages.project_session import ProjectSession
from wizard.stages.source_browser import now
from wizard.stages.sources import SourcesStage

if TYPE_CHECKING:
    from wizard.stages.open_source import OpenSource


class DataProfiles:
    """One pass over a source's rows, by Access table name; looked at again only where the file changed."""

    def __init__(self, session: ProjectSession, sources: SourcesStage) -> None:
        self._session = session
        self._sources = sources
        self._kept: dict[str, tuple[OpenSource, Mapping[str, TableProfile]]] = {}

    def of(self, key: str, stage: Stage, cancel: CancellationToken) -> Mapping[str, TableProfile]:
        """Raises SourceError, StoppedError."""
        opened = self._sources.open(key)
        kept = self._kept.get(key)
        if kept and kept[0] is opened:
            return kept[1]

        def progress(done: int, total: int, what: str) -> None:
            self._session.emit(Progress(now(), stage, done, total, f"looking at {what}"))

        try:
            found = profile_data(opened, cancelled=cancel, progress=progress)
        except CancelledError:
            raise StoppedError(cancel.reason) from None
        self._kept[key] = (opened, found)
        return found
