"""The nine stages: `Migration` drives them; the wizard, the worker and the command stand on nothing else.

`state_machine` says when a stage may run, `staleness` what each stage depends on, `project_session` is the open
project; then a module for each stage. `views` is what they show. Light to import: what this package gives is loaded
when it is first asked for, so that `jetferry export` starts without what a project needs, and the rooms behind a stage
when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.lazy_names import loader

if TYPE_CHECKING:
    from wizard.cancellation import CancellationToken, StoppedError
    from wizard.link import Kit, steps_of
    from wizard.migrate.rejects import Reject
    from wizard.project import (
        Destination,
        Edit,
        FileFingerprint,
        Holder,
        Project,
        Record,
        Selection,
        Source,
        StageOutcome,
    )
    from wizard.stages.migration import Migration
    from wizard.stages.query_preview import QueryPreview
    from wizard.stages.row_search import RowsWanted
    from wizard.stages.state_machine import SKIPPABLE, title
    from wizard.stages.target_browser import ExistingObject, TableSides
    from wizard.stages.views import (
        AlignedLine,
        ColumnRow,
        ConvertItem,
        IndexRow,
        LinkedBackEnd,
        LoadAction,
        LoadedObject,
        LoadFailure,
        LoadItem,
        LoadResult,
        MapRow,
        ObjectDifference,
        PreviewColumn,
        PreviewPage,
        RowsFound,
        RuleLevel,
        RuleRow,
        SideBySide,
        SourceEntry,
        SourceObject,
        SourceObjectType,
        SourceState,
        TableProgress,
        UsedBy,
    )

__all__ = [
    "SKIPPABLE",
    "AlignedLine",
    "CancellationToken",
    "ColumnRow",
    "ConvertItem",
    "Destination",
    "Edit",
    "ExistingObject",
    "FileFingerprint",
    "Holder",
    "IndexRow",
    "Kit",
    "LinkedBackEnd",
    "LoadAction",
    "LoadFailure",
    "LoadItem",
    "LoadResult",
    "LoadedObject",
    "MapRow",
    "Migration",
    "ObjectDifference",
    "PreviewColumn",
    "PreviewPage",
    "Project",
    "QueryPreview",
    "Record",
    "Reject",
    "RowsFound",
    "RowsWanted",
    "RuleLevel",
    "RuleRow",
    "Selection",
    "SideBySide",
    "Source",
    "SourceEntry",
    "SourceObject",
    "SourceObjectType",
    "SourceState",
    "StageOutcome",
    "StoppedError",
    "TableProgress",
    "TableSides",
    "UsedBy",
    "steps_of",
    "title",
]

_HOMES: Final = {
    "wizard.link": "Kit steps_of",
    "wizard.migrate.rejects": "Reject",
    "wizard.project": "Destination Edit FileFingerprint Holder StageOutcome Project Record Selection Source",
    "wizard.cancellation": "CancellationToken StoppedError",
    "wizard.stages.row_search": "RowsWanted",
    "wizard.stages.state_machine": "SKIPPABLE title",
    "wizard.stages.migration": "Migration",
    "wizard.stages.query_preview": "QueryPreview",
    "wizard.stages.target_browser": "ExistingObject TableSides",
    "wizard.stages.views": "AlignedLine LinkedBackEnd ColumnRow ConvertItem ObjectDifference IndexRow LoadAction "
    "LoadFailure LoadItem "
    "LoadedObject LoadResult MapRow SourceObjectType PreviewColumn PreviewPage RowsFound RuleLevel RuleRow SideBySide "
    "SourceEntry "
    "SourceObject SourceState TableProgress UsedBy",
}
"""what is in which module"""

__getattr__ = loader(__name__, _HOMES)
