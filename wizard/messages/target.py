"""Connecting to servers, loading objects, writing packages: numbers 5000 to 5999."""

from __future__ import annotations

from wizard.messages.catalogue import Entry, error

ENTRIES: dict[int, Entry] = {
    5000: error("{what}"),
}
