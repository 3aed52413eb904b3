"""Moving and verifying rows: numbers 6000 to 6999."""

from __future__ import annotations

from wizard.messages.catalogue import Entry, error

ENTRIES: dict[int, Entry] = {
    6000: error("{what}"),
}
