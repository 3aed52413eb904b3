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

Positions: a batch carries each row's position (its page and place there) and `next`, from which reading goes on at no
cost that grows with it. The order is that of the usage map's pages and of the rows on them; rows that have moved keep
the place they had.

access-parser is a peer in tests and no part of this: its structures of a file's header and of a table definition's
head are right, but rest on `construct`, which takes a tenth of a start to load and 0.3 ms a table. The rest was held
against the corpus and is not right:

- `ACCESSHEADER` reads the version as four bytes where it is one: testV2010.accdb has a second, so it is masked here.
- `parse_table_data` reads an index's flags four bytes too early from Jet 4 on: in 41 of 47 files some index would not
  be unique, primary or required (harborbooks.accdb: 0 for 137). In Jet 3 it takes the sort order two bytes too early
  (testV1997.mdb: 1 for 1033) and names as UTF-8 where they are in the code page. Types, numbers, offsets and lengths
  of columns it reads rightly, but all in one piece, and in three to seven times the time of `tables` (testV2010.accdb:
  13 ms for four tables); so records are read with numpy, from `format`.
- `LVPROP` loses most properties of Access 97: see `properties` (testV1997.mdb: 31 of 907).
- `AccessParser` itself cannot open testV2010.accdb, bigint.accdb or extDateTestV2019.accdb (versions it does not know
  or reads as another); it cuts names of tables (harborbooks2000.mdb: `Publis`), misreads or loses rows of tables that
  once had other columns (delColTestV2003.mdb: the deleted column's text; withdeletedcol.accdb: an IndexError) and rows
  that have moved (overflowTestV2003.mdb), gives Currency without its point and Decimal as bytes (currency.accdb,
  fixedNumericTestV2003.mdb), no dates before 1900 (harborbooks2000.mdb) and 3,000 rows a second.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy starts threads for algebra that nobody does here: 0.1 s

import numpy as np

from wizard.access.diagnostics import Diagnostics
from wizard.access.file import AccessFile
from wizard.access.reader import Batch, TableReader

# Linux' C library gives an array's memory back as soon as it is free, and gets it again page by page for the next one,
# until a larger array than usual has been freed once: a tenth of an export's time. The second time the memory comes
# from the heap, of which numpy then asks large pages (`madvise`): another tenth, as batches touch it first 512 small
# pages at once. Nothing is used by either.
for _ in range(2):
    np.empty(31 << 20, np.uint8)  # the most for which the C library learns

__all__ = ["AccessFile", "Batch", "Diagnostics", "TableReader"]
