"""Which database and schema each source goes to."""

from __future__ import annotations

from wizard.convert.names import schema_refused
from wizard.project import Destination, Project


def default_of(project: Project, key: str) -> Destination:
    """dbo for the first source; a schema of the source's own name for others, so that names do not meet."""
    first = not project.sources or project.sources[0].key == key
    return Destination("dbo" if first else own_schema(key))


def own_schema(key: str) -> str:
    """A schema that is called as a source is, where SQL Server takes such a name."""
    return f"{key} source" if schema_refused(key) else key


def destination(project: Project, key: str) -> Destination:
    """Where a source goes."""
    return project.map.get(key) or default_of(project, key)
