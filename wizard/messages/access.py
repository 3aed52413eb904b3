"""Reading Access files: numbers 1000 to 1999."""

from __future__ import annotations

from wizard.messages.catalogue import Entry, error

ENTRIES: dict[int, Entry] = {
    1000: error("{what}"),
    # 1500 to 1999: protection, definitions, export
    1500: error("The file is protected by a password. Give it (JETFERRY_SOURCE_PASSWORD, or when asked)."),
    1501: error("The password is wrong. Give the database password, in its exact spelling of upper and lower case."),
    1502: error(
        "The file is encrypted in a way that is not supported: {scheme}. "
        "Decrypt it in Access (File, Info, Decrypt Database) and try again."
    ),
    1503: error("The file is too short to be an Access database: {size} bytes. Take it from a backup."),
}
