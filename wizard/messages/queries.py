"""Converting queries and expressions: numbers 3000 to 3999."""

from __future__ import annotations

from wizard.messages.catalogue import Entry, error

ENTRIES: dict[int, Entry] = {
    3000: error("{what}"),
}
