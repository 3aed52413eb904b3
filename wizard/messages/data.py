"""What the data will do: numbers 4000 to 4999."""

from __future__ import annotations

from wizard.messages.catalogue import Entry, error

ENTRIES: dict[int, Entry] = {
    4000: error("{what}"),
}
