"""The sample: a project of the bundled bookshop, so that everything can be tried without a server."""

from __future__ import annotations

import shutil
from pathlib import Path

import wizard
from wizard.file_writing import expanded
from wizard.messages import Kind, Place, ProjectError
from wizard.stages import Migration

NAME = "harborbooks"


def project(folder: Path) -> Migration:
    """A new project with a copy of the sample in `folder`, or the one made there before. Raises ProjectError."""
    folder = expanded(folder).absolute()
    if (folder / f"{NAME}.jetferry.toml").exists():
        return Migration.open(folder / NAME, what="wizard")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(wizard.__file__).parent / "sample" / f"{NAME}.accdb", folder)
    except OSError as e:
        raise ProjectError(8007, Place(Kind.PROJECT), path=folder, what=e.strerror or e) from e
    migration = Migration.create(folder / NAME, what="wizard")
    migration.sources.add(folder / f"{NAME}.accdb")
    return migration
