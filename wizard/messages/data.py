"""What the data will do: numbers 4000 to 4499."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, RowProblem, Topic, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    4001: error(
        "{count:,} of {rows:#row} {count:!has|have} no value in {column}, which becomes NOT NULL on the "
        "server ({samples}): they "
        "would be rejected, or repaired as a rule says. Fill them in Access, or make the column nullable in stage 6.",
        10,
        problem=RowProblem.NO_VALUE,
    ),
    4002: warning(
        "{count:,} of {rows:#row} {count:!holds|hold} empty text in {column}, which Access says it does "
        "not allow ({samples}). They "
        "are kept: the check made of it asks new rows only. Clear them or allow zero length.",
        10,
    ),
    4003: error(
        "{count:,} of {rows:#row} {count:!holds|hold} more in {column} than {type} can take, the longest "
        "{longest} ({samples}): they "
        "would be rejected, or repaired as a rule says. Map the column to a longer type.",
        5,
        problem=RowProblem.UNFIT,
    ),
    4004: warning(
        "{count:,} of {rows:#row} {count:!holds|hold} dates in {column} that {type} cannot hold ({low} to "
        "{high}; found {minimum} to "
        "{maximum}; {samples}). Map the column to datetime2, or choose how such dates are repaired.",
        5,
        problem=RowProblem.DATE,
    ),
    4005: error(
        "{count:,} of {rows:#row} {count:!holds|hold} numbers in {column} that {type} cannot hold (found "
        "{minimum} to {maximum}; "
        "{samples}): they would be rejected, or repaired as a rule says. Map the column to a wider type.",
        5,
        problem=RowProblem.UNFIT,
    ),
    4006: error(
        "{count:,} of {rows:#row} {count:!holds|hold} NaN or infinity in {column}, which no SQL Server "
        "type can hold ({samples}): they "
        "would be rejected, or repaired as a rule says. Correct them in Access.",
        10,
        problem=RowProblem.NOT_A_NUMBER,
    ),
    4007: warning(
        "{column} holds times with fractions of a second; {type} does not keep them exactly. Map the column to "
        "datetime2(3) or datetime2(7).",
        5,
    ),
    4008: error(
        "{count:,} of {rows:#row} {count:!holds|hold} numbers in {column} with more decimals than {type} "
        "keeps ({samples}). They are "
        "not rounded but rejected, or repaired as a rule says: map the column to a type with a larger scale.",
        5,
        problem=RowProblem.UNFIT,
    ),
    4009: information(
        "{count:,} of {rows:#row} {count:!holds|hold} in {column} a day before 1899-12-30 with a time of day "
        "({samples}). Access calculates, compares and sorts by such a date's number, in which the time of day counts "
        "away from zero: a later time of one day comes first, and what is added to it gives another time than on the "
        "server."
    ),
    4021: information(
        "Whether every row finds its counterpart in {referenced} was not looked at: {columns} and the columns referred "
        "to are of different kinds ({kinds})."
    ),
    4022: information(
        "Whether {columns} refers to rows that are there was not looked at: {referenced} is not at hand."
    ),
    4023: warning(
        "{count:,} of {rows:#row} {count:!refers|refer} by {columns} to rows of {referenced} that are not "
        "there ({samples}). Access does "
        "not enforce the relationship {key}, so no foreign key is made of it; before you make one, correct the rows.",
        15,
    ),
    4031: information(
        "Whether the rows obey the rule {rule} was not looked at: it names something that only Access itself can tell."
    ),
    4040: information(
        "{table}: duplicates and orphans were found through 64-bit hashes in {passes} passes over {rows:#row}, to "
        "bound memory; counts are exact but for a chance of hashes meeting below one in a million."
    ),
    4060: error("{rejected:,} of {rows:#row} of {table} will be rejected, {repaired:#value} repaired. {reasons}", 10),
    4061: warning("{repaired:#value} in {rows:#row} of {table} will be repaired, as the rules say.", 0),
    4063: error(
        "{count:#text} of {table} {count:!holds|hold} bytes that are no text. Access shows the rest of "
        "{count:!it|them}: {count:!its row|their rows} will arrive with it, and with U+FFFD in the place of those "
        "bytes, unless a repair rule ('text') says otherwise. Mend the file; of Access 97, check the code page.",
        10,
        problem=RowProblem.TEXT,
    ),
    4064: error(
        "{count:#row} of {table} {count:!has a value|have values} that cannot be read any more, and will be rejected, "
        "unless a repair rule ('unreadable') gives another. Mend the file (compact and repair it in Access), or take "
        "the rows from a backup.",
        10,
        problem=RowProblem.UNREADABLE,
    ),
    4065: warning(
        "{count:#value} of {column} of {table} {count:!is|are} no embedded file that can be unwrapped: {count:!it "
        "stays|they stay} as the OLE object, with the type raw.",
        5,
    ),
    4066: error(
        "A part of {table} cannot be read: {rows:#row} can, and about {count} more will not arrive, as far as the "
        "table's header tells how many there were. Compact and repair the file in Access, or take it from a backup.",
        30,
    ),
    4069: error(
        "{count:,} of {rows:#row} {count:!has|have} digits or a time of day in {column} that {type} does not hold "
        "({samples}): {count:!it|they} will arrive rounded, which is a loss. Choose a type that holds them.",
        5,
    ),
    4090: error(
        "{count:,} of {rows:#row} {count:!holds|hold} characters in {column} that code page {page} of the database's "
        "collation, in which {type} keeps text, does not hold ({samples}): they will arrive as '?', which is a loss. "
        "Map the column to nvarchar or nchar.",
        5,
    ),
    4091: warning(
        "{count:,} of {rows:#row} {count:!holds|hold} characters beyond ASCII in {column} ({samples}). Whether {type} "
        "holds them cannot be checked without the database's collation: what it does not hold arrives as '?'. Map the "
        "column to nvarchar or nchar, or connect to the server (stage 3) and assess again.",
        5,
    ),
    4062: error(
        "{count:#row} of {child} {count:!refers|refer} to rows of {parent} that will be rejected ({values}). They "
        "are sent all the same, but foreign key {key} cannot be trusted then: see that the rows of {parent} arrive "
        "(by a repair rule, or another type in stage 6).",
        10,
    ),
    4050: error("{table} could not be read to its end: {reason}", 30, topic=Topic.TABLE_UNREAD),
}
