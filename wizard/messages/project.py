"""Project file, options and stages: numbers 8000 to 8999."""

from __future__ import annotations

from wizard.messages.catalogue import Entry, error

ENTRIES: dict[int, Entry] = {
    8000: error("{what}"),
}
