"""The nine stages: `Migration` drives them; the wizard, the worker and the command stand on nothing else.

`machine` is the pure state machine, `inputs` says what each stage stands on, `session` is the open project; then a
module a stage. `views` is what they show. Light to import: what this package gives is loaded when it is first asked
for, so that `jetferry export` starts without what a project needs, and the rooms behind a stage when it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wizard.link import Kit
    from wizard.migrate.rejects import Reject
    from wizard.project import Destination, Edit, Fingerprint, Holder, Outcome, Project, Record, Selection, Source
    from wizard.stages.bothsides import BothSides
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
        LoadedObject,
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
        UsedBy,
    )

__all__ = [
    "SKIPPABLE",
    "BackEnd",
    "BothSides",
    "Cancel",
    "ColumnRow",
    "ConvertItem",
    "Destination",
    "Difference",
    "Edit",
    "Fingerprint",
    "Holder",
    "IndexRow",
    "Kit",
    "LoadAction",
    "LoadFailure",
    "LoadItem",
    "LoadResult",
    "LoadedObject",
    "MapRow",
    "Migration",
    "ObjectType",
    "Outcome",
    "PreviewColumn",
    "PreviewPage",
    "Project",
    "Record",
    "Reject",
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
    "UsedBy",
    "title",
]

_HOMES: Final = {
    "wizard.link": "Kit",
    "wizard.migrate.rejects": "Reject",
    "wizard.project": "Destination Edit Fingerprint Holder Outcome Project Record Selection Source",
    "wizard.stages.control": "Cancel StoppedError",
    "wizard.stages.machine": "SKIPPABLE title",
    "wizard.stages.migration": "Migration",
    "wizard.stages.bothsides": "BothSides",
    "wizard.stages.views": "BackEnd ColumnRow ConvertItem Difference IndexRow LoadAction LoadFailure LoadItem "
    "LoadedObject LoadResult MapRow ObjectType PreviewColumn PreviewPage RuleLevel RuleRow Sides SourceEntry "
    "SourceObject SourceState TableProgress UsedBy",
}
"""what is in which module"""


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _HOMES.items() if name in names.split()), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    globals()[name] = found = getattr(import_module(home), name)
    return found
