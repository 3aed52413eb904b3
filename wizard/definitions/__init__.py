"""What an Access database holds, as plain data: the room `access` makes these, everyone else reads them.

`tables` has tables, columns and indexes, `database` the rest of a file, `profiles` what its rows show. What is asked
for here is loaded when it is first asked for: whoever exports a table starts without queries and profiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.lazy_names import loader

if TYPE_CHECKING:
    from wizard.definitions.database import (
        CodeModule,
        Database,
        JoinKind,
        LinkedTable,
        LinkKind,
        MacroStatement,
        OtherObjects,
        Query,
        QueryKind,
        Relationship,
        TableMacro,
    )
    from wizard.definitions.profiles import ColumnProfile, TableProfile
    from wizard.definitions.tables import (
        BATCH_ROWS,
        AutoNumber,
        ChildOf,
        Column,
        ColumnType,
        ComplexKind,
        Index,
        IndexColumn,
        Table,
    )

__all__ = [
    "BATCH_ROWS",
    "AutoNumber",
    "ChildOf",
    "CodeModule",
    "Column",
    "ColumnProfile",
    "ColumnType",
    "ComplexKind",
    "Database",
    "Index",
    "IndexColumn",
    "JoinKind",
    "LinkKind",
    "LinkedTable",
    "MacroStatement",
    "OtherObjects",
    "Query",
    "QueryKind",
    "Relationship",
    "Table",
    "TableMacro",
    "TableProfile",
]

_HOMES: Final = {
    "wizard.definitions.database": "CodeModule Database JoinKind LinkKind LinkedTable MacroStatement OtherObjects "
    "Query QueryKind Relationship TableMacro",
    "wizard.definitions.profiles": "ColumnProfile TableProfile",
    "wizard.definitions.tables": "BATCH_ROWS AutoNumber ChildOf Column ColumnType ComplexKind Index IndexColumn Table",
}
"""what is in which module"""

__getattr__ = loader(__name__, _HOMES)
