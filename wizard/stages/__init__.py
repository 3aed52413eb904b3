"""The nine stages: `Migration` drives them; the wizard, the worker and the command stand on nothing else.

`machine` is the pure state machine, `inputs` says what each stage stands on, `session` is the open project; then a
module a stage. `views` is what they show. Light to import: the rooms behind a stage are loaded when it is used.
"""

from __future__ import annotations

from wizard.project import Destination, Edit, Fingerprint, Holder, Outcome, Project, Record, Selection, Source
from wizard.stages.control import Cancel, StoppedError
from wizard.stages.machine import SKIPPABLE, title
from wizard.stages.migration import Migration
from wizard.stages.views import (
    BackEnd,
    ColumnRow,
    ConvertItem,
    Difference,
    IndexRow,
    LoadAction,
    LoadFailure,
    LoadItem,
    LoadResult,
    MapRow,
    ObjectType,
    PreviewColumn,
    PreviewPage,
    RuleLevel,
    RuleRow,
    Sides,
    SourceEntry,
    SourceObject,
    SourceState,
    TableProgress,
)

__all__ = [
    "SKIPPABLE",
    "BackEnd",
    "Cancel",
    "ColumnRow",
    "ConvertItem",
    "Destination",
    "Difference",
    "Edit",
    "Fingerprint",
    "Holder",
    "IndexRow",
    "LoadAction",
    "LoadFailure",
    "LoadItem",
    "LoadResult",
    "MapRow",
    "Migration",
    "ObjectType",
    "Outcome",
    "PreviewColumn",
    "PreviewPage",
    "Project",
    "Record",
    "RuleLevel",
    "RuleRow",
    "Selection",
    "Sides",
    "Source",
    "SourceEntry",
    "SourceObject",
    "SourceState",
    "StoppedError",
    "TableProgress",
    "title",
]
