"""The project: `NAME.jetferry.toml`, readable and hand-editable, and the folder `NAME.jetferry/` beside it.

`model` is what it says, `document` its TOML, `file` the file itself, `lock` who has it open.
"""

from __future__ import annotations

from wizard.project.document import is_key
from wizard.project.file import SUFFIX, ProjectFile, check_folder, check_name, folder_of, make_folder, project_path
from wizard.project.lock import Holder, ProjectLock
from wizard.project.model import (
    Destination,
    Edit,
    FileFingerprint,
    Project,
    Record,
    Selection,
    Source,
    StageOutcome,
)

__all__ = [
    "SUFFIX",
    "Destination",
    "Edit",
    "FileFingerprint",
    "Holder",
    "Project",
    "ProjectFile",
    "ProjectLock",
    "Record",
    "Selection",
    "Source",
    "StageOutcome",
    "check_folder",
    "check_name",
    "folder_of",
    "is_key",
    "make_folder",
    "project_path",
]
