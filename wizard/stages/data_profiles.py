"""Profiles of the sources' rows: made once of a file as it is, and kept for the commands and workers that follow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import __version__
from wizard.assess.data_profile import profile_data
from wizard.cancellation import CancellationToken
from wizard.definitions import ColumnProfile, TableProfile
from wizard.events import Progress, Stage
from wizard.file_writing import read_json, write_whole
from wizard.plain_data import decode, to_plain
from wizard.stages.project_session import ProjectSession
from wizard.stages.source_browser import now
from wizard.stages.sources import SourcesStage

if TYPE_CHECKING:
    from wizard.stages.open_source import OpenSource


@dataclass(frozen=True)
class _KeptProfile:
    of: str
    """see `_subject`"""
    tables: Mapping[str, TableProfile] = field(default_factory=dict)


class DataProfiles:
    """One pass over a source's rows, by Access table name; looked at again only where the file changed."""

    def __init__(self, session: ProjectSession, sources: SourcesStage) -> None:
        self._session = session
        self._sources = sources
        self._known: dict[str, tuple[OpenSource, Mapping[str, TableProfile]]] = {}

    def of(self, key: str, stage: Stage, cancel: CancellationToken) -> Mapping[str, TableProfile]:
        """Raises SourceError, StoppedError."""
        opened = self._sources.open(key)
        known = self._known.get(key)
        if known and known[0] is opened:
            return known[1]
        path = self._session.files.profiles / f"{key}.json"
        subject = _subject(opened)
        found = _read(path, subject)
        if found is None:
            found = self._profile(opened, stage, cancel)
            if self._session.holds and _is_lasting(opened, found, subject):
                _keep(path, _KeptProfile(subject, found))
        self._known[key] = (opened, found)
        return found

    def _profile(self, opened: OpenSource, stage: Stage, cancel: CancellationToken) -> Mapping[str, TableProfile]:
        def progress(done: int, total: int, what: str) -> None:
            self._session.emit(Progress(now(), stage, done, total, f"looking at {what}"))

        return profile_data(opened, check=cancel.check, progress=progress)


def _subject(opened: OpenSource) -> str:
    """What a profile is of: the source as it is read, its files as they are; empty where they cannot be looked at."""
    source = replace(opened.source, fingerprint=None)
    try:
        return json.dumps([__version__, to_plain(source), sorted(opened.shared), opened.state()])
    except OSError:
        return ""


def _is_lasting(opened: OpenSource, found: Mapping[str, TableProfile], subject: str) -> bool:
    """Whether the next reader may go without the pass: it told nothing, and the files are still as they were."""
    told = opened.source.salvage or opened.file.messages or any(t.unread for t in found.values())
    return bool(subject) and not told and _subject(opened) == subject


def _read(path: Path, subject: str) -> Mapping[str, TableProfile] | None:
    with suppress(OSError, ValueError):
        kept = decode(_KeptProfile, read_json(path))
        if subject and kept.of == subject:
            return {name: _with_values(t) for name, t in kept.tables.items()}
    return None


def _keep(path: Path, kept: _KeptProfile) -> None:
    """A disk that is full, or a kind of value that JSON has not, hinders nothing."""
    with suppress(OSError, TypeError):
        write_whole(path, json.dumps(to_plain(kept), ensure_ascii=False, default=_plain), private=True)


def _plain(value: object) -> dict[str, str]:
    """A value that JSON has not, as `_value` reads it. Raises TypeError."""
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    raise TypeError(type(value).__name__)


def _value(plain: object) -> object:
    match plain:
        case {"decimal": str(text)}:
            return Decimal(text)
        case {"datetime": str(text)}:
            return datetime.fromisoformat(text)
    return plain


def _with_values(table: TableProfile) -> TableProfile:
    def column(c: ColumnProfile) -> ColumnProfile:
        return replace(c, minimum=_value(c.minimum), maximum=_value(c.maximum))

    return replace(table, columns={name: column(c) for name, c in table.columns.items()})
