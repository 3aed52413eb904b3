"""Fingerprints by which copies of a database are known: of its definitions, and of the keys of its rows.

Definitions are compared exactly: a digest of each table, query, module, form and link. Keys are compared by minhash:
of the hashes of a table's keys the `KEPT` smallest are kept, from which follows about how many keys two tables share
(Broder 1997; bottom-k sketches, Cohen and Kaplan 2007). Hashes have a salt of the estate's own and 32 bits: no key can
be found from them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from wizard.access.application.model import Application
from wizard.assess.key_hashes import Hashes, hashes
from wizard.definitions import Database, Table

KEPT: Final = 96
"""hashes of a sketch"""


def fingerprint(*parts: object) -> str:
    """64 bits of a digest of what is given, in hexadecimal digits."""
    text = "\x1f".join(map(str, parts))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def of_table(table: Table) -> str:
    """Of a table's name, columns and key; not of its rows."""
    columns = [f"{c.name.casefold()}:{c.type}:{c.length}:{c.precision}:{c.scale}" for c in table.columns]
    key = table.primary_key
    return fingerprint(
        "table", table.name.casefold(), *columns, *(c.name.casefold() for c in key.columns) if key else ()
    )


def of_definitions(database: Database, application: Application) -> list[str]:
    """Of everything that a database defines, one for each object."""
    found = [of_table(t) for t in database.tables]
    found += [
        fingerprint("query", q.name.casefold(), " ".join(q.sql.split()).casefold())
        for q in database.queries
        if not q.hidden
    ]
    found += [fingerprint("link", t.name.casefold(), t.kind, t.foreign_name.casefold()) for t in database.linked_tables]
    found += [fingerprint("module", m.name.casefold(), m.sha256) for m in application.modules if m.source]
    for kind, forms in (("form", application.forms), ("report", application.reports)):
        found += [fingerprint(kind, f.name.casefold(), len(f.controls), f.record_source) for f in forms]
    found += [fingerprint("macro", m.name.casefold(), m.actions) for m in application.macros]
    return found


def of_all(fingerprints: Iterable[str]) -> str:
    """One for all definitions together, whatever their order; empty where there are none."""
    ordered = sorted(set(fingerprints))
    return fingerprint(*ordered) if ordered else ""


class KeySketch:
    """The smallest hashes of a table's keys, gathered batch by batch."""

    def __init__(self, salt: int) -> None:
        self._salt = np.uint64(salt)
        self._kept = np.empty(0, np.uint64)
        self.rows = 0

    def add(self, columns: Sequence[pa.Array[Any]]) -> None:
        """The key columns of some rows more."""
        if not columns or not len(columns[0]):
            return
        self.rows += len(columns[0])
        found = _salted(hashes(columns), self._salt) >> np.uint64(32)
        self._kept = np.unique(np.concatenate([self._kept, found]))[:KEPT]

    @property
    def sketch(self) -> bytes:
        """As it is kept: 32-bit numbers in ascending order."""
        return self._kept.astype("<u4").tobytes()


def _salted(numbers: Hashes, salt: np.uint64) -> Hashes:
    mixed = (numbers ^ salt) * np.uint64(0xFF51AFD7ED558CCD)
    return (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)


def shared_keys(mine: bytes, my_rows: int, other: bytes, other_rows: int) -> float:
    """About which part of one table's keys the other has too, 0 to 1; 1 where there are no keys."""
    a, b = np.frombuffer(mine, "<u4"), np.frombuffer(other, "<u4")
    if not len(a):
        return 1.0
    if not len(b):
        return 0.0
    least = np.union1d(a, b)
    if my_rows > len(a) or other_rows > len(b):
        least = least[: min(KEPT, len(least))]
    both = np.isin(least, a) & np.isin(least, b)
    alike = float(both.mean())
    inter = alike * (my_rows + other_rows) / (1 + alike)
    return min(1.0, inter / my_rows) if my_rows else 1.0
