"""Converting tables, columns, keys and names: numbers 2000 to 2999."""

from __future__ import annotations

from wizard.messages.catalogue import Entry, error

ENTRIES: dict[int, Entry] = {
    2000: error("{what}"),
}
