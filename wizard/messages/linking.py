"""Linking Access to the migrated tables: numbers 7000 to 7999."""

from __future__ import annotations

from wizard.messages.catalogue import Entry, error

ENTRIES: dict[int, Entry] = {
    7000: error("{what}"),
}
