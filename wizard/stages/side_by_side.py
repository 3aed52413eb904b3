"""An object's source beside its target, for stage 6."""

from __future__ import annotations

from wizard.convert.both_sides import both_sides
from wizard.definitions import Database
from wizard.messages import StageError
from wizard.objects import Conversion, TableRef
from wizard.stages.views import SideBySide


def side_by_side(database: Database, conversion: Conversion, ref: TableRef) -> SideBySide:
    """Raises StageError where the source has neither table, query nor VBA function of that name."""
    found = both_sides(database, conversion, ref)
    if found is None:
        raise StageError(8113, what="table, query or VBA function", name=ref.table, where=ref.source)
    return SideBySide(*found)
