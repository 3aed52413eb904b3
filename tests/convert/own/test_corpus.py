"""Functions of real applications' modules become scalar functions, or are refused with line and reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from wizard.access import AccessFile
from wizard.convert.draft import ConversionTask
from wizard.convert.own import OwnFunctions
from wizard.convert.own.values import TYPES, Value
from wizard.convert.tree import Variable
from wizard.convert.typed_sql import Typed
from wizard.convert.vba import Procedure, UnsupportedVbaError, library_of
from wizard.definitions import ColumnType, Database
from wizard.settings import Options, SqlVersion, Target, TargetKind, TypeMap

pytestmark = pytest.mark.corpus
FILES = ("vcs_addin_2020b.accda", "dbmswizard.accda", "mojn.accdb", "themeeditor.accdb", "faculty.accdb")
KINDS = (ColumnType.TEXT, ColumnType.LONG, ColumnType.DATE)
"""what a Variant argument is tried with"""


def asked(own: OwnFunctions, procedure: Procedure) -> str:
    """Convert a function for arguments of its types; why it is refused, else nothing."""
    reason = ""
    for kind in KINDS:
        kinds = [TYPES.get(p.type, kind) for p in procedure.parameters]
        given = [Value(Typed(Variable("@v"), k, True, 50 if k is ColumnType.TEXT else 0), variant=True) for k in kinds]
        try:
            own.asked(procedure, given)
        except UnsupportedVbaError as error:
            reason = error.refusal.reason
        else:
            return ""
    return reason


def tried(database: Database) -> Counter[str]:
    """How many functions were read whole, refused when read, converted, and refused then."""
    target = Target(TargetKind.SQL_SERVER, SqlVersion.V2022)
    own = OwnFunctions(ConversionTask(database, "s", "dbo", Options(), target, TypeMap(), {}))
    found: Counter[str] = Counter()
    library = library_of(database)
    for module in library.modules.values():
        for name in (n for n in module.heads if module.has(n, public=False)):
            try:
                procedure = library.procedure(module, name)
            except UnsupportedVbaError as error:
                found["read in part" if error.refusal.line else "without a line"] += 1
                continue
            found["refused" if asked(own, procedure) else "converted"] += 1
    return found


def test_functions_of_real_applications(shared: Path) -> None:
    found: Counter[str] = Counter()
    for name in FILES:
        with AccessFile.open(shared / "application" / "corpus" / name) as file:
            found += tried(file.definition)
    assert found["converted"] >= 30
    assert not found["without a line"]
    assert found["refused"] + found["read in part"] > found["converted"], "most do more than compute"
