"""Digests of what each stage depends on: the one place that says which change makes which stage stale."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from wizard.events import Stage
from wizard.plain_data import to_plain
from wizard.project import FileFingerprint, Project
from wizard.settings import OF_TABLES, Options, TargetKind, declarations

Observed = Mapping[str, FileFingerprint | None]
"""how the source files look now, by key; None where the file is not there"""


def digest(value: Any) -> str:
    """Sixteen hex digits that differ where the value differs."""
    text = json.dumps(to_plain(value), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def options_for(stage: Stage, options: Options) -> dict[str, Any]:
    """The options on which the stage's result stands."""
    return {name: getattr(options, name) for name, declared in declarations().items() if stage in declared.stale}


def digests_of(project: Project, observed: Observed, lost: Iterable[Stage] = ()) -> dict[Stage, dict[str, str]]:
    """For each stage, the named digests of what it stands on; the results of those in `lost` cannot be read."""
    digests = _digests_of(project, observed)
    for stage in lost:
        digests[stage] |= {"its result, which cannot be read": "lost"}
    return digests


def _digests_of(project: Project, observed: Observed) -> dict[Stage, dict[str, str]]:
    files = {s.key: observed.get(s.key, s.fingerprint) for s in project.sources}
    definitions = digest([(key, f.digest if f else "gone") for key, f in files.items()])
    rows = digest(list(files.items()))
    read_as = digest(
        [(s.key, s.code_page, s.salvage, s.back_ends, *((s.unwrap,) if s.unwrap else ())) for s in project.sources]
    )
    chosen = digest([(s.key, s.tables, s.queries) for s in project.sources])
    conversion = {
        "the sources' definitions": definitions,
        "how sources are read": read_as,
        "the selection": chosen,
        "the map": digest(project.map),
        "the target": digest(project.target),
        "the type rules": digest(project.types),
    }
    converted, repairs = _output(project, Stage.CONVERT), digest(project.repairs)
    of_tables = digest([r for r in project.repairs if r.trouble in OF_TABLES])
    server = _server(project)
    return {
        Stage.PROJECT: {},
        Stage.SOURCES: {"the list of sources": digest([(s.key, s.path) for s in project.sources])}
        | {"the sources' definitions": definitions, "how sources are read": read_as},
        Stage.CONNECT: {"the kind of target": project.target.kind.value, "the connection": digest(project.connection)},
        Stage.MAP: {"the list of sources": digest([s.key for s in project.sources]), "the map": digest(project.map)},
        Stage.ASSESS: conversion
        | {"the sources' rows": rows, "edits": digest(project.edits), "repair rules": repairs}
        | {"options": _options(Stage.ASSESS, project)}
        | ({"minutes of work": digest(project.effort)} if project.effort else {}),
        Stage.CONVERT: conversion
        | {"edits": digest(project.edits), "repair rules": of_tables, "options": _options(Stage.CONVERT, project)},
        Stage.LOAD: {
            "the converted objects": converted,
            "the server": server,
            "options": _options(Stage.LOAD, project),
            "the actions chosen": digest(project.actions),
        },
        Stage.MIGRATE: {
            "the loaded objects": _output(project, Stage.LOAD),
            "the sources' rows": rows,
            "the server": server,
            "repair rules": repairs,
            "options": _options(Stage.MIGRATE, project),
        },
        Stage.LINK: {"the converted objects": converted, "the server": server},
    }


def _options(stage: Stage, project: Project) -> str:
    return digest(options_for(stage, project.options))


def _output(project: Project, stage: Stage) -> str:
    record = project.stages.get(stage)
    return record.output if record else ""


def _server(project: Project) -> str:
    """Where things go; who signs in, and how, changes nothing of that."""
    if project.target.kind is TargetKind.PACKAGE:
        return "package"
    c = project.connection
    return digest([c.host.casefold(), c.port, c.instance.casefold(), c.database.casefold()])
