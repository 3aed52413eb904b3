"""Reading Access files: numbers 1000 to 1999."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, RowProblem, Topic, error, information, warning

_SALVAGE = "option --salvage of 'inspect', 'export' and 'new', Read as in stage 2."

ENTRIES: dict[int, MessageEntry] = {
    # 1000 to 1499: files, pages, rows and values
    1000: error("The file cannot be opened: {reason}. Check the path and that you may read it."),
    1001: error("The file is empty. Take it from a backup."),
    1002: error("The file is not an Access database: it does not begin as one. Choose an .mdb or .accdb file."),
    1003: error(
        "The file is not an Access database that can be read: its header names {engine!r}. "
        "Choose an .mdb or .accdb file of Access 97 or later."
    ),
    1004: error(
        "{engine!r} of version {version} is not a format that can be read. "
        "Open the file in Access and save it as .accdb."
    ),
    1005: error("The file ends after {size:#byte}, before the list of its tables. Take it from a backup."),
    1006: warning(
        "The file ends within page {page} ({rest} of {page_size} bytes): it has probably been cut. "
        "What lies beyond its end cannot be read; compare with a backup."
    ),
    1007: error("{code_page!r} is not the name of a code page. Use one such as cp1252, cp1251 or cp932."),
    1008: error(
        "The file's text is in code page {code_page}, which is not known here. Name another one to read it with."
    ),
    1009: error(
        "The file has no list of tables where one must be (page {page}): it is of Access 2.0 or earlier, or damaged. "
        "Convert it with Access 97 to 2003, or take it from a backup."
    ),
    1010: error(
        "Page {page} was needed for {reading}, but the file has {pages:#page}: it has been cut or is damaged. "
        "Compact and repair it in Access, or read what can be read: " + _SALVAGE
    ),
    1011: error(
        "Row {row} of page {page}, needed for {reading}, is not there or its place on the page cannot be. "
        "Compact and repair the file in Access, or read what can be read: " + _SALVAGE
    ),
    1012: error(
        "Page {page} should hold the usage map of {reading}, but it is of kind {kind}. "
        "Compact and repair the file in Access."
    ),
    1013: error("{reading} on page {page} is damaged: {what}. Compact and repair the file in Access."),
    1014: error(
        "Page {page} should hold rows of {reading}, but {what}. "
        "Compact and repair the file in Access, or read what can be read: " + _SALVAGE
    ),
    1015: error(
        "A row of {reading} on page {page} (row {row} of the page) is damaged: {what}. "
        "Compact and repair the file in Access, or read what can be read: " + _SALVAGE
    ),
    1016: error("There is no table {table!r} in the file. Check the name."),
    1017: error("Table {table!r} has no column {column!r}. Check the name."),
    1018: error("{start} is no position in table {table!r}. Use 0 or the `next` of a batch read before."),
    1019: error(
        "The long values of the table claim {size:#byte} of a file of {file}: they overlap, the file is damaged. "
        "Compact and repair it in Access.",
        topic=Topic.SALVAGED,
    ),
    1020: warning(
        "{count:#row} could not be read and were left out; the first is row {row} of page {page}: {what}. "
        "Compact and repair the file in Access, or compare with a backup.",
        topic=Topic.SALVAGED,
    ),
    1021: warning(
        "{count:#page} of rows could not be read and were left out; the first is page {page}: {what}. "
        "Compare with a backup.",
        topic=Topic.SALVAGED,
    ),
    1022: information(
        "The column is of an unknown type ({type}): its values are read as raw bytes.", topic=Topic.AS_READ
    ),
    1023: information(
        "{count:#value is|values are} NaN or infinite, the first in row {row} of page {page}. They are "
        "read as they are; "
        "SQL Server stores neither."
    ),
    1024: warning(
        "{count:#date lies|dates lie} outside of the years 100 to 9999 and {count:!is|are} read as NULL, "
        "the first in row {row} of page {page}. {count:!Correct it|Correct them} in Access."
    ),
    1025: information(
        "{count:#date carries|dates carry} more than milliseconds and are rounded to the nearest, "
        "the first in row {row} of page {page}."
    ),
    1026: warning(
        "{count:#text holds|texts hold} bytes that are no text; U+FFFD stands in their place, "
        "the first in row {row} of page {page}. If the file is of Access 97, check its code page. A repair rule "
        "('text') can reject such rows, or give another value.",
        topic=Topic.VALUES_UNREAD,
        problem=RowProblem.TEXT,
    ),
    1027: information(
        "The table's header counts {header:#row}, but it holds {rows}. All of them are read.", topic=Topic.AS_READ
    ),
    1028: error(
        "The file is of Access {version}; Access 97 and later can be read. "
        "Open it with Access 97, 2000, 2002 or 2003 and convert it."
    ),
    1029: error(
        "The file is a package (ZIP) and no database. If it is an Access template (.accdt), which keeps designs and "
        "sample rows as XML for Access to make a database from, open it in Access and choose the .accdb that it makes. "
        "If it is an archive, unpack it and choose the database in it."
    ),
    1030: warning(
        "The table's rows were looked for on every page of the file, because the list of its pages cannot be read "
        "({reason}). Rows deleted long ago may be among them; compare with a backup.",
        topic=Topic.SALVAGED,
    ),
    # 1500 to 1999: protection, definitions, export
    1040: error("It is a pipe or a device, and no file. Choose an .mdb or .accdb file."),
    1041: error(
        "The file cannot be read any further (from byte {at} on): {reason}. Check the disk or the connection to the "
        "share it is on, then run this again."
    ),
    1042: error(
        "The file has been cut while it was read: there is nothing from byte {at} on, and it had {size:#byte}. "
        "Take it from a backup, or run this again when nobody writes to it."
    ),
    1043: error(
        "The file was changed or taken away while it was read: its rows could be of two states. See that nobody has "
        "it open (or read a copy of it), then run this again."
    ),
    1044: error(
        "The long values of one row of {reading} (row {row} of page {page}) take {size:#byte}, and no more than {most} "
        "MB of a row are held in memory. Set JETFERRY_LARGEST_VALUE to more megabytes where eight times as many are "
        "free, or read the other rows: " + _SALVAGE
    ),
    1046: warning(
        "{count:#value} could not be read, of {count:#row} that otherwise could; the first is in row {row} of page "
        "{page}: {what}. What becomes of such rows is for a repair rule to say ('unreadable'): without one they are "
        "rejected. Compact and repair the file in Access, or compare with a backup.",
        topic=Topic.VALUES_UNREAD,
        problem=RowProblem.UNREADABLE,
    ),
    1045: warning(
        "{count:#row was|rows were} left out, as their long values are larger than the {most} MB of a "
        "row that are held in "
        "memory; the first is row {row} of page {page}: {size:#byte}. Set JETFERRY_LARGEST_VALUE to more megabytes "
        "where eight times as many are free.",
        topic=Topic.SALVAGED,
    ),
    1500: error("The file is protected by a password. Give it (JETFERRY_SOURCE_PASSWORD, or when asked)."),
    1501: error("The password is wrong. Give the database password, in its exact spelling of upper and lower case."),
    1502: error(
        "The file is encrypted in a way that is not supported: {scheme}. "
        "Decrypt it in Access (File, Info, Decrypt Database) and try again."
    ),
    1503: error("The file is too short to be an Access database: {size:#byte}. Take it from a backup."),
    1510: warning(
        "The query is of a kind that Access does not document ({kind}); it is left out. Look at it in Access."
    ),
    1511: warning("The pieces of the query do not fit together: {what}. Compare its SQL with what Access shows."),
    1512: warning(
        "The properties of {owner} are damaged: {what}. What stands before the damage was read; "
        "compare defaults, rules and descriptions with what Access shows."
    ),
    1513: warning("The index is damaged and left out: {reason}. Compact and repair the file in Access."),
    1514: information(
        "The file belongs to a workgroup ({sign}). Everything in it was read; users, groups and permissions "
        "are not converted."
    ),
    1515: error("The system table {table} cannot be read ({reason}); {lost} cannot be listed."),
    1516: warning(
        "The table {child!r} holds the values of column {column!r}, but cannot be read ({reason}). "
        "Those values are left out."
    ),
    1517: error(
        "The definition of the table cannot be read ({reason}); the table is left out. "
        "Compact and repair the file in Access, or take the table from a backup.",
        topic=Topic.SALVAGED,
    ),
    1518: warning(
        "The attachment cannot be taken out of its wrapper ({reason}, first in row {row}, {count} in all); "
        "it is given as it is stored.",
        topic=Topic.AS_STORED,
    ),
    1519: error(
        "The system table {table} is damaged: its column {column} is of type {type}. "
        "Compact and repair the file in Access, or take it from a backup."
    ),
    1520: error("{path} cannot be written: {reason}. Choose another folder, or make room."),
    1521: error("{format} cannot hold several tables in one stream. Name one table, or a folder with --out."),
    1522: error(
        "{format} cannot be written to a terminal. Redirect the output to a file, or name a folder with --out."
    ),
    1523: information(
        "A password or key stands in the query's SQL. It was cut out: no file, report or message of Jetferry has it."
    ),
    1524: warning(
        "A password or key stands in the {property}. It was cut out, and what is made of it lacks it: set it on the "
        "server by hand where it is wanted."
    ),
    1530: warning(
        "In the application, {object} cannot be read ({reason}); it is left out. Everything else is read. "
        "Look at it in Access, or compare with a backup."
    ),
    1531: information(
        "{count:#module has|modules have} no source in the file, the first is {module!r}: it was compiled and its "
        "source taken away (.mde, .accde), or cannot be read. Look for the database it was made from."
    ),
    1532: warning("Of the application, {count:#more object} cannot be read and {count:!is|are} left out."),
    1533: information(
        "A password hides the VBA project in Access' editor. It does not encrypt: the source in the file was read."
    ),
}
