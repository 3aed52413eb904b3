"""Converting tables, columns, keys and names: numbers 2000 to 2999."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, RowProblem, Topic, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    # types
    2000: error("The type rule {source} -> {target} is refused: {reason}. Change or remove the rule."),
    2010: warning(
        "A type rule makes this {source} column {type}, which does not hold every value of the source as it is: rows "
        "that do not fit are rejected, digits and times of day that it does not hold are cut, and each is told as a "
        "loss. Choose a wider type, or look at the data assessment.",
        5,
    ),
    2011: information(
        "The column becomes {type}, because it has {why}; Access shows {type} as text in linked tables. "
        "Correct the values, or choose datetime by a type rule and let such rows be rejected."
    ),
    # names
    2020: warning(
        "'{name}' is called '{target}' on the server: {reason}. Queries converted here follow; forms, reports and "
        "code in Access that use the old name through a link of another name need a change.",
        10,
    ),
    2021: information("These columns need brackets in SQL that you write by hand: {names}."),
    2022: information("'{name}' needs brackets in SQL that you write by hand."),
    # columns
    2030: error(
        "The column's type is one that Jetferry does not know, so that the column is left out. Change its type in "
        "Access, or copy its values into a column of a common type, and convert again.",
        30,
    ),
    2031: warning(
        "SQL Server has one identity column a table, and this table has another already: this one is a plain column. "
        "Have the application number it, or use a sequence.",
        20,
    ),
    2032: information("The random AutoNumber is kept by a default that draws a random number for each new row."),
    2034: information(
        "The number in this column ties the row to its values in a table of their own; new rows get a random one by a "
        "default."
    ),
    2033: warning(
        "The column belongs to the primary key and Access does not require a value; on the server it is NOT NULL, and "
        "rows without a value are rejected. Fill them in first.",
        5,
    ),
    2035: information(
        "Columns of Access replication are left out: {names}. Access hides them, and nothing but replicas needs them; "
        "the option replication_columns takes them along."
    ),
    2036: information(
        "A hyperlink arrives as the text that Access keeps, shown#address#part#. Linked tables show that text, and a "
        "click on it leads nowhere: forms need a control or code that follows the address."
    ),
    2037: information(
        "This table holds the values of the column '{column}' of '{table}', which are {kind}: Access keeps them in a "
        "hidden table, SQL Server in this one, a row each."
    ),
    2040: information("The table has neither primary key nor unique index: the column '{column}' is added as its key."),
    2041: information(
        "The column '{column}' (rowversion) is added, so that linked Access forms do not report write conflicts."
    ),
    2043: error(
        "A row may take {bytes} bytes in its page, however much of it goes elsewhere, and SQL Server has room for "
        "{limit}: rows that take more will be rejected. Choose narrower types, or types of varying length, by type "
        "rules or in stage 6.",
        30,
        topic=Topic.ROW_MAY_BE_TOO_WIDE,
    ),
    2045: error(
        "The columns take {bytes} bytes of each row whatever is in them, and SQL Server has room for {limit}: it would "
        "refuse the table. Choose narrower types, or types of varying length.",
        20,
        topic=Topic.ROW_TOO_WIDE,
    ),
    2038: error(
        "The table has more columns than the {most} that SQL Server takes, two of which may be Jetferry's own: this "
        "one is left out. Divide the table in Access.",
        30,
    ),
    2044: warning(
        "Columns of fixed length would take more than the {limit} bytes of a page, and SQL Server refuses such a "
        "table: {columns} are made of varying length. Choose other types by type rules where these do not suit.",
        5,
    ),
    # keys and indexes
    2050: error(
        "The column '{column}' of this index was not converted, so that the index is left out. Convert the column "
        "first (see its own message).",
        10,
    ),
    2051: warning(
        "The column '{column}' is {type}, which SQL Server cannot index: the index is left out. A type rule such as "
        "memo -> nvarchar(450) makes it possible where the values are short; else consider a full-text index.",
        15,
    ),
    2052: information(
        "Access lets several rows of this unique index be NULL and SQL Server one: it becomes a filtered index "
        "({filter}), which lets them be."
    ),
    2053: information("Left out, because the index '{other}' is over the same columns in the same order."),
    2054: warning(
        "The key can have {bytes} bytes and SQL Server's limit is {limit}: the index is made, and rows whose values "
        "are longer are refused. Shorten the columns by type rules where the values allow it.",
        10,
    ),
    2055: information(
        "The primary key can have {bytes} bytes, more than a clustered index takes (900): it is made nonclustered."
    ),
    2056: error(
        "Left out, because it is over {count} columns and SQL Server takes {limit}. Leave out columns that tell no "
        "rows apart.",
        15,
        topic=Topic.KEY_LEFT_OUT,
    ),
    2057: error(
        "Left out, because its columns of fixed length take {bytes} bytes and SQL Server's limit is {limit}. Choose "
        "shorter types, or types of varying length, by type rules.",
        15,
        topic=Topic.KEY_LEFT_OUT,
    ),
    2058: error(
        "Left out, because the table has as many indexes as SQL Server takes ({limit}). Leave out those in Access that "
        "no query needs.",
        15,
    ),
    # relationships
    2060: information(
        "Access does not enforce this relationship with '{other}', so that no foreign key is made: the data may hold "
        "orphans. Add the key by hand if the data assessment finds none."
    ),
    2061: warning(
        "No foreign key is made, because the table '{table}' is not among the objects to convert. Select it in stage "
        "2 if the relationship matters.",
        5,
    ),
    2062: warning(
        "No foreign key is made, because '{table}' is a linked table. Add the file that holds it as a source, and "
        "create the key by hand after both are loaded.",
        15,
    ),
    2063: error(
        "No foreign key is made: a column of the relationship with '{other}' does not exist or was not converted. "
        "Repair the relationship in Access.",
        15,
    ),
    2064: error(
        "No foreign key is made: {column} is {type} and {other} is {other_type}, and SQL Server wants the same "
        "type on both sides. Give both the same type by a type rule or by an edit in stage 6.",
        15,
    ),
    2065: warning(
        "'{column}' of '{table}' is made {new} in place of {type}: SQL Server's foreign keys want the same type on "
        "both sides, and '{other}' at the other end of the relationship is wider.",
        5,
    ),
    2066: information("Left out, because the relationship '{other}' ties the same columns together already."),
    2067: error(
        "No foreign key is made: there is no primary key or unique index over {columns} of '{table}'. Make one in "
        "Access, or add it in stage 6.",
        15,
    ),
    2072: error(
        "No foreign key is made: it would refer to {columns} of '{table}', which another source brings without a "
        "unique index for them. Add the index to that table, then the key.",
        20,
    ),
    2068: error(
        "No foreign key is made: it would refer to {columns} of '{table}', where several rows are NULL, and SQL "
        "Server's foreign keys need a unique index that takes one NULL at most. Fill the values in first.",
        20,
    ),
    2069: warning(
        "The foreign key needs the unique index '{index}' of '{table}' without a filter: it takes one row with NULL, "
        "while Access takes several.",
        5,
    ),
    2073: error(
        "No foreign key is made: {column} is {type} and {other} is {other_type}, SQL Server wants the same type on "
        "both sides, and {reason}. Give both the same type by a type rule or by an edit in stage 6.",
        15,
    ),
    2074: error(
        "No foreign key is made: '{column}' is a calculated column, whose type SQL Server derives by itself, and it "
        "wants the same type on both sides. Make it a plain column, or check the reference in a trigger.",
        20,
    ),
    2075: error(
        "No foreign key is made: '{table}' has as many as SQL Server takes of a table ({limit}). Keep the relationship "
        "by a trigger, or divide the table.",
        20,
    ),
    2076: error(
        "No foreign key is made: as many refer to '{table}' as SQL Server takes ({limit}). Keep the relationship by a "
        "trigger.",
        20,
    ),
    2070: warning(
        "The cascade on {what} is left out (NO ACTION), because SQL Server refuses cascades that reach a table twice: "
        "{path}. Do it in the application, a stored procedure or a trigger.",
        30,
    ),
    # rules
    2080: error("The default {expression} is left out: {reason}", 15),
    2081: error("The validation rule {expression} is left out: {reason}", 30),
    2082: warning(
        "The calculated column keeps its values as a plain column, and is no longer calculated from {expression}: "
        "{reason} Let the application, a computed column written by hand or a trigger fill it.",
        30,
    ),
    # old rows that a later rule forbids: Access lets them stand, and so does the server
    2090: warning(
        "{count:,} of {rows:#row} {count:!has|have} no value, although Access requires one now: the column takes "
        "NULL, and a check (WITH NOCHECK) asks a value of new rows only. 'tighten.sql' has the statements that make "
        "it NOT NULL once the rows are filled.",
        10,
    ),
    2091: warning(
        "{count:,} of {rows:#row} {count:!has|have} no value in this column of the primary key, which on a "
        "server takes no NULL: it "
        "becomes a unique index that leaves them out, and a check (WITH NOCHECK) asks a value of new rows only. Fill "
        "the rows in Access and convert again to have the primary key.",
        20,
    ),
    2092: warning(
        "{count:,} of {rows:#row} {count:!holds|hold} empty text, which Access does not allow now: the "
        "check is added WITH NOCHECK and "
        "asks new rows only. 'tighten.sql' has the statement that checks all rows once these are mended.",
        5,
    ),
    2093: warning(
        "{count:,} of {rows:#row} {count:!breaks|break} the rule ({samples}): the check '{check}' is added "
        "WITH NOCHECK and asks new "
        "rows only. 'tighten.sql' has the statement that checks all rows once these are mended.",
        10,
        topic=Topic.OF_OBJECT,
    ),
    2094: warning(
        "{count:,} of {rows:#row} {count:!refers|refer} to rows of '{referenced}' that are not there "
        "({samples}): the foreign key "
        "'{key}' is left out. 'tighten.sql' has the statement that adds it once they are mended; or choose how to "
        "repair orphans (stage 5).",
        20,
        problem=RowProblem.ORPHANS,
        topic=Topic.LESS_GUARDED,
    ),
    2095: warning(
        "{rows:#row shares|rows share} {groups:#value} of {columns} ({samples}): the unique index "
        "'{index}' is made a plain one, "
        "so that all rows are kept. 'tighten.sql' has the statements that make it unique once they are mended; or "
        "choose to reject all but the first (stage 5).",
        20,
        problem=RowProblem.DUPLICATES,
        topic=Topic.LESS_GUARDED,
    ),
    2096: warning(
        "{rows:#row shares|rows share} {groups:#value} of {columns} ({samples}), which a primary key "
        "cannot hold: it becomes a "
        "plain index, so that all rows are kept, and foreign keys that refer to it are left out. Mend the rows in "
        "Access and convert again; or choose to reject all but the first (stage 5).",
        30,
        problem=RowProblem.DUPLICATES,
        topic=Topic.LESS_GUARDED,
    ),
    2098: warning(
        "The column becomes {type}: it holds values of up to {longest}, more than the {length} that Access says it "
        "takes (programs other than Access can write such).",
        5,
        topic=Topic.OF_OBJECT,
    ),
    2099: error(
        "{count:,} of {rows:#row} {count:!does|do} not fit the column as it was chosen by hand, {type}: "
        "{reasons} They will be rejected or repaired, as the rules say.",
        10,
        topic=Topic.OF_OBJECT,
    ),
    2101: warning(
        "{count} of {rows:#row} of the index '{index}' have keys of more than {limit} bytes, which SQL Server does not "
        "take ({samples}): the index is left out, so that all rows are kept. Shorten the values, or give the columns a "
        "shorter type, and make the index by hand.",
        15,
        topic=Topic.LESS_GUARDED,
    ),
    2102: error(
        "{count} of {rows:#row} have keys of more than {limit} bytes, which SQL Server does not take in a primary key "
        "({samples}): the key '{index}' is left out, so that all rows are kept. Shorten the values, or choose another "
        "key.",
        30,
        topic=Topic.LESS_GUARDED,
    ),
    2103: error(
        "{count:,} of {rows:#row} {count:!holds|hold} digits or a time of day that {type}, as it was chosen by hand, "
        "does not: {count:!it|they} will arrive rounded (the first, {first}), which is a loss. Choose a type that "
        "holds them.",
        5,
        topic=Topic.OF_OBJECT,
    ),
    2190: error(
        "{count:,} of {rows:#row} {count:!holds|hold} characters that code page {page} of the database's collation, in "
        "which {type} keeps text, does not hold: they will arrive as '?' (the first, {first}), which is a loss. Choose "
        "nvarchar or nchar.",
        5,
        topic=Topic.OF_OBJECT,
    ),
    2191: warning(
        "{count:,} of {rows:#row} {count:!holds|hold} characters beyond ASCII (the first, {first}). Whether {type} "
        "holds them cannot be checked without the database's collation: what it does not hold arrives as '?'. Choose "
        "nvarchar or nchar, or connect to the server (stage 3) and convert again.",
        5,
        topic=Topic.OF_OBJECT,
    ),
    2192: warning(
        "Rows are added here because others refer to them, and have no value in this column, which requires one: it "
        "takes NULL, and a check (WITH NOCHECK) asks a value of new rows only. 'tighten.sql' has the statements that "
        "make it NOT NULL once the rows are filled.",
        5,
        topic=Topic.OF_OBJECT,
    ),
    2194: warning(
        "The repair rule ('placeholder') adds no rows to '{referenced}' for the foreign key '{key}': a row there needs "
        "a value of its own in {columns} too, and the key does not give one. Add the rows in Access, or choose another "
        "rule for these orphans (stage 5).",
        15,
        topic=Topic.OF_OBJECT,
    ),
    2195: warning(
        "The repair rule ('null') does not help the foreign key '{key}': no column of {columns} takes NULL. Allow NULL "
        "in stage 6, or choose another rule for these orphans (stage 5).",
        10,
        topic=Topic.OF_OBJECT,
    ),
    2196: information(
        "The repair rule ('{rule}') for rows that refer to none does nothing here: the foreign key '{key}' is left out "
        "whatever they refer to, as '{index}' cannot be unique. Choose to reject all but the first of the rows that "
        "share a value, and the rule applies.",
        topic=Topic.OF_OBJECT,
    ),
    2100: warning(
        "Whether the {rows:#row} obey the rule can only be told on the server: in a package the check '{check}' is "
        "added WITH NOCHECK, so that deploy does not stop there, and asks new rows only. 'tighten.sql' has the "
        "statement that checks all rows.",
        5,
        topic=Topic.OF_OBJECT,
    ),
    2097: warning(
        "The foreign key '{key}' is left out, as '{index}' of '{referenced}' cannot be unique.",
        15,
        topic=Topic.LESS_GUARDED,
    ),
    2083: information("The calculated column becomes a computed column; its values are not copied but calculated."),
}
