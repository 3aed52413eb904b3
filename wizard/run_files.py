"""Where everything of a project lies: each file and folder below `NAME.jetferry/`, by what it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"\w(?:[\w .\-]*\w)?")


def is_project_name(name: str) -> bool:
    """Whether a project can be called so on every file system; shells and terminals take such a name as it is."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The paths under a project's folder. Nothing is made or looked for here."""

    folder: Path
    """`NAME.jetferry/`, beside the project file"""

    @property
    def lock(self) -> Path:
        """Locked by the process that has the project open."""
        return self.folder / "lock"

    @property
    def holder(self) -> Path:
        """Which process that is."""
        return self.folder / "holder.json"

    @property
    def former_project(self) -> Path:
        """The project file as it was before it was brought to this version's form."""
        return self.folder / "former.toml"

    @property
    def log(self) -> Path:
        """The log, for people; kept in a few files of limited size."""
        return self.folder / "jetferry.log"

    @property
    def stage_messages(self) -> Path:
        """The messages of each stage's last run."""
        return self.folder / "told.json"

    @property
    def assessment(self) -> Path:
        """The result of stage 5."""
        return self.folder / "assessment.json"

    @property
    def existing_row_answers(self) -> Path:
        """What of later rules the rows that exist already break."""
        return self.folder / "oldrows.json"

    @property
    def code_pages(self) -> Path:
        """What is known of the target's code pages."""
        return self.folder / "codepages.json"

    @property
    def profiles(self) -> Path:
        """Folder of what the rows of each source showed, a file a source."""
        return self.folder / "profiles"

    @property
    def conversion(self) -> Path:
        """The result of stage 6."""
        return self.folder / "conversion.json"

    @property
    def load(self) -> Path:
        """The result of stage 7."""
        return self.folder / "load.json"

    @property
    def loaded(self) -> Path:
        """The conversion as it was loaded last: with it a change made here is distinguished from one made on the
        server.
        """
        return self.folder / "loaded.json"

    @property
    def journal(self) -> Path:
        """Every event of stage 8, a line each."""
        return self.folder / "journal.jsonl"

    @property
    def fingerprints(self) -> Path:
        """What each table held when the target was filled from it."""
        return self.folder / "journal" / "contents.jsonl"

    @property
    def filled_types(self) -> Path:
        """With which types each table of the target was filled."""
        return self.folder / "journal" / "types.jsonl"

    @property
    def package_work(self) -> Path:
        """Folder of the offline package's checkpoints, by database."""
        return self.folder / "journal" / "package"

    @property
    def rejects(self) -> Path:
        """Folder of the rows that stayed behind."""
        return self.folder / "rejects"

    @property
    def repairs(self) -> Path:
        """Folder of the values that a repair rule changed."""
        return self.folder / "repairs"

    @property
    def runs(self) -> Path:
        """Folder of the run history."""
        return self.folder / "runs"

    @property
    def reports(self) -> Path:
        """Folder of what people are given to read: assessment, certificate, what is to be tightened."""
        return self.folder / "reports"

    @property
    def package(self) -> Path:
        """Folder of the offline package."""
        return self.folder / "package"

    @property
    def scripts(self) -> Path:
        """Folder of the scripts that stage 7 writes offline, or when asked."""
        return self.folder / "scripts"

    @property
    def link(self) -> Path:
        """Folder of stage 9's kit."""
        return self.folder / "link"

    @property
    def worker(self) -> Path:
        """Folder of the worker: its state, events, commands and output."""
        return self.folder / "worker"
