"""Linking Access to the migrated tables: numbers 7000 to 7999."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    7001: error(
        "A password would be written into the kit's files and into every linked table, where all who can open the "
        "Access file can read it. Accept that risk explicitly, or use Windows or Entra ID sign-in (the default)."
    ),
    7002: error("The kit cannot be written to {folder}: {reason}."),
    7003: information(
        "The values of {column} of {parent} are on the server in {table}, which has no table of its own in Access; it "
        "is linked as {name}."
    ),
    7004: warning(
        "{table}.{column} held {kind} in Access; after linking it holds the number by which its values are found in "
        "{child}. Forms and queries that use it must be changed.",
        45,
    ),
    7005: warning(
        "{table} has neither primary key nor unique index on the server: Access shows its link read-only. Add a key "
        "(option add_primary_key).",
        10,
    ),
    7006: warning(
        "{table}.{column} is {type}: a linked table shows it as {shown} with ODBC Driver 17 or 18, and as {old} with "
        "the old driver 'SQL Server' of Windows. Link with a new driver, and check sorting, criteria and date "
        "arithmetic; or map it to datetime.",
        15,
    ),
    7007: warning(
        "{table}.{column} is bigint: set 'Support Large Number (BigInt) data type for linked tables' in Access's "
        "options of the current database before linking, else Access shows it as text.",
        5,
    ),
    7008: warning(
        "{table}.{column} is a {type} that may be NULL: Access reports write conflicts where a Yes/No column is NULL. "
        "Give it a default and make it NOT NULL.",
        10,
    ),
    7009: warning(
        "{table} has {type} columns and no rowversion column: Access may report write conflicts, because it compares "
        "values that it rounds. Add one (option add_rowversion).",
        10,
    ),
    7010: information(
        "The kit signs in with {auth} in place of the SQL login of the migration, so that no password is needed in the "
        "Access file. See to it that those who use the application may read and write the tables."
    ),
    7011: warning(
        "{table}.{column} is {type} and holds fractions of a second, and the table has no rowversion column: where "
        "the database's compatibility level is 130 (SQL Server 2016) or higher, Access reports write conflicts for "
        "rows that nobody changed. Add one (option add_rowversion), or see to it that the column holds whole seconds.",
        10,
    ),
    7012: warning(
        "Access finds the rows of {table} by {column}, which is {type} and holds fractions of a second: where the "
        "database's compatibility level is 130 (SQL Server 2016) or higher, it shows such rows as #Deleted. Make the "
        "key of other columns, or see to it that the column holds whole seconds.",
        20,
    ),
    7013: warning(
        "{table} lacks rows on the server ({arrived}). Once it is linked, forms, queries and code see those alone; the "
        "others are nowhere but in the Access file{kept}. Send them after their cause is mended, before it is linked.",
        15,
    ),
}
