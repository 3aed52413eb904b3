"""Templates of new projects: a project that is named, or a user's own defaults."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_config_path

from wizard.file_writing import expanded
from wizard.project import Project, ProjectFile, project_path


def own_defaults() -> Path:
    """The project file of which a new project takes its target, server, options and rules, where no other is named."""
    return user_config_path("jetferry") / "defaults.jetferry.toml"


def template(like: Path | None) -> Project:
    """What a new project begins with: the settings of another, of the user's own defaults, or Jetferry's.

    Sources, rules that speak of one of them, edits and how far the stages came are the other project's own. Raises
    ProjectError where the file cannot be used.
    """
    path = project_path(expanded(like).absolute()) if like is not None else own_defaults()
    if like is None and not path.is_file():
        return Project("")
    found = ProjectFile.open(path, hold=False).project
    return Project(
        name="",
        target=found.target,
        preset=found.preset,
        options=found.options,
        types=type(found.types)(project=found.types.project),
        connection=found.connection,
        repairs=tuple(r for r in found.repairs if not r.source),
    )
