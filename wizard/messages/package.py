"""Writing the offline package: numbers 5600 to 5999."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    5600: error(
        "The package {folder} cannot be written: {reason}. Free space or choose another folder, then run again."
    ),
    5601: error(
        "{folder} is not empty and was not written by Jetferry ({found} lies there). Choose another folder for the "
        "package, or empty this one."
    ),
    5602: error(
        "The record of how far {table} has come, {file}, is damaged ({reason}). Reload the table: its file is then "
        "written again."
    ),
    5603: error("{table} is not one of the package's tables. Convert again, then write the package again."),
    5604: error(
        "{file} does not hold rows of {table} as it is now ({reason}): the file was changed since Jetferry wrote it, "
        "or the columns were. Reload {table}: its file is then written again."
    ),
    5605: error(
        "The data of {table} are not complete: {detail}. The package was written all the same, and says so in its "
        "manifest; run again to go on."
    ),
    5606: error("{table} was being filled from another state of its source. Reload it, or bring that source back."),
    5607: error(
        "The manifest {file} cannot be read ({reason}), so the package cannot be verified. Fill the tables again to "
        "have it written again: 'jetferry run --reload', or Refill in stage 8."
    ),
    5608: warning(
        "What became of the deployment cannot be read: {file} is damaged ({reason}). Deploying again replaces it; "
        "what is there already is skipped."
    ),
    5609: error(
        "No deployment of this package is known: {folder} has no {file}. Deploy the package; where that was done "
        "elsewhere, copy the file from there, or name the server with --server and --database."
    ),
    5610: error(
        "{column} holds a number that is not finite (NaN or infinity), which no SQL Server type can hold. Correct it "
        "in Access, or leave the row out."
    ),
    5611: error(
        "{column} holds a time with a finer fraction of a second than {type} keeps ({digits} digits). Map the column "
        "to datetime2(7)."
    ),
    5612: error("A binary value of {size:#byte} is too large to be written as text; copy it to the server by hand."),
    5620: information(
        "{table}: {rows:#row holds|rows hold} what bcp's character format cannot carry (a NUL character "
        "in text, binary of no "
        "length, text that starts with a byte order mark); they are in {file} as INSERT statements."
    ),
    5621: information(
        "{table}: its name holds a character that cannot be given to bcp on every system; its rows are written as "
        "INSERT statements."
    ),
    5630: information("Package written to {folder}: {tables:#table}, {rows:#row}, {size:#byte}."),
}
