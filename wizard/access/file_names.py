"""Names of files made of names in a database, that every file system takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from wizard.escaping import visible

_UNSAFE: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
_LONGEST: Final = 200
"""bytes of a name: most file systems allow 255, and it gets an ending"""


def file_names(names: Iterable[str]) -> Iterator[str]:
    """A name for each, without ending: no two that differ in case only, none that is a device, a path or unseen."""
    taken: set[str] = set()
    for written in names:
        base = _UNSAFE.sub("_", visible(_UNSAFE.sub("_", written)))
        base = base.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore").rstrip(". ") or "_"
        base = f"_{base}" if _DEVICES.match(base) else base
        name, n = base, 1
        while name.casefold() in taken:
            n += 1
            name = f"{base} ({n})"
        taken.add(name.casefold())
        yield name
