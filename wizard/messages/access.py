"""Reading Access files: numbers 1000 to 1999."""

from __future__ import annotations

from wizard.messages.catalogue import Entry, error

ENTRIES: dict[int, Entry] = {
    1000: error("{what}"),
}
