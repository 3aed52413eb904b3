"""Reading Access files: pages, tables, rows and definitions of Jet 3, Jet 4 and ACE, exactly and in bulk.

The way in is `AccessFile`:

    with AccessFile.open("orders.accdb") as file:
        for table in file.definition.tables:
            for batch in file.read(table.name):
                ...                      # batch.rows is a pyarrow.RecordBatch
        print(*file.messages, sep="\\n")

Types in batches: Yes/No bool, Byte uint8, Integer int16, Long int32, Large Number int64, Single float32, Double
float64, Currency decimal128(19, 4), Decimal decimal128(p, s), Date/Time timestamp in milliseconds without zone,
Date/Time Extended text `YYYY-MM-DDTHH:MM:SS.fffffff` (Arrow has no timestamp of 100 ns for the years 1 to 9999),
Short and Long Text and Hyperlink utf8, Replication ID text in braces, Binary and OLE binary, columns of unknown type
binary. A calculated column has the type of its result; a calculated Decimal is decimal256(56, 28), because each value
has a scale of its own. A complex column (attachments, multi-valued) is int32: the number by which its child table,
listed in `definition.tables` with `child_of`, refers to the row.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy starts threads for algebra that nobody does here: 0.1 s

from wizard.access.file import AccessFile
from wizard.access.findings import Findings
from wizard.access.reader import Batch, TableReader

__all__ = ["AccessFile", "Batch", "Findings", "TableReader"]
