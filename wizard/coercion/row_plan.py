"""The plan for a table's rows: repair rules for values, and the rows that rules about several rows name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.coercion.columns import BadValue, Coerced, RepairedCell, Rules, UnreadCell, coerce, rejecting, unread_in
from wizard.coercion.key_sizes import KeySize, RowSize
from wizard.coercion.placeholders import FIRST
from wizard.coercion.value_text import exact_text
from wizard.objects import ServerColumn, ServerTable
from wizard.settings import Repair

Positions = npt.NDArray[np.int64]
"""of rows in the source, ascending"""


def moved(table: ServerTable, *, keep_identity: bool = True) -> tuple[ServerColumn, ...]:
    """The columns that get values of a source, in the table's order."""

    def takes(column: ServerColumn) -> bool:
        if column.computed or not column.source or column.type.name.casefold() in ("rowversion", "timestamp"):
            return False
        return keep_identity or not column.identity

    return tuple(c for c in table.columns if takes(c))


@dataclass(frozen=True, slots=True)
class SharedKeys:
    """Rows that share what a unique index wants of one row alone, the first of each aside: they are rejected."""

    index: str
    columns: tuple[str, ...]
    positions: Positions


@dataclass(frozen=True, slots=True)
class OrphanRepair:
    """Rows that refer to rows that are not there: the Access columns in which they do become NULL."""

    key: str
    columns: tuple[str, ...]
    positions: Positions


@dataclass(frozen=True, slots=True)
class RowPlan:
    """For one table."""

    rules: Rules = rejecting
    shared: tuple[SharedKeys, ...] = ()
    orphans: tuple[OrphanRepair, ...] = ()
    keys: tuple[KeySize, ...] = ()
    """of indexes whose keys may be longer than the server takes"""
    size: RowSize | None = None
    """of a table whose rows may not have room in a page"""
    added: tuple[str, ...] = ()
    """the Access columns that rows added to the table have values in; empty where none are added"""

    def fit(
        self,
        rows: pa.RecordBatch,
        positions: Positions,
        columns: Sequence[ServerColumn],
        *,
        keep_nulls: bool = True,
        unread: Sequence[UnreadCell] = (),
    ) -> Coerced:
        """A source batch as the target takes it. Raises MoveError 6010 as `coerce` does."""
        rows, cleared = self._cleared(rows, positions, columns)
        bad: list[BadValue] = []
        for shared in self.shared:
            facts: dict[str, object] = {"columns": ", ".join(shared.columns), "index": shared.index}
            hit = np.flatnonzero(np.isin(positions, shared.positions))
            bad += [BadValue(row, shared.columns[0], 6110, facts) for row in hit.tolist()]
        lost = unread_in(unread, positions)
        found = self._short(coerce(rows, columns, self.rules, keep_nulls=keep_nulls, also=bad, unread=lost))
        cleared += self._placed(rows, positions, columns)
        if not cleared:
            return found
        refused = {b.row for b in found.bad}
        cleared = [r for r in cleared if r.row not in refused]
        found.changes.repaired.update(r.column for r in cleared)
        return replace(found, repaired=(*cleared, *found.repaired))

    def _short(self, found: Coerced) -> Coerced:
        """Without the rows that an index has no room for, or a page."""
        long: dict[int, BadValue] = {}
        if self.size is not None:
            sizes = self.size.sizes(found.rows)
            for row in np.flatnonzero(sizes > self.size.limit).tolist():
                told: dict[str, object] = {"bytes": int(sizes[row]), "limit": self.size.limit}
                long[row] = BadValue(int(found.kept[row]), "", 6114, {**told, "fixed": self.size.fixed})
        for key in self.keys:
            sizes = key.sizes(found.rows)
            columns = [name for name, _ in key.varying]
            facts: dict[str, object] = {"columns": ", ".join(columns), "index": key.index, "limit": key.limit}
            for row in np.flatnonzero(sizes > key.limit).tolist():
                at = int(found.kept[row])
                long.setdefault(row, BadValue(at, columns[0], 6112, {"bytes": int(sizes[row]), **facts}))
        if not long:
            return found
        stays = np.delete(np.arange(len(found.kept)), list(long))
        refused = {b.row for b in long.values()}
        repaired = tuple(r for r in found.repaired if r.row not in refused)
        found.changes.repaired.subtract(r.column for r in found.repaired if r.row in refused)
        cut = [replace(r, rows=np.setdiff1d(r.rows, list(refused))) for r in found.rounded]
        found.changes.rounded.update({r.column: len(r.rows) for r in cut if r.cut.loses})
        found.changes.rounded.subtract({r.column: len(r.rows) for r in found.rounded if r.cut.loses})
        rows, bad = found.rows.take(pa.array(stays)), (*found.bad, *long.values())
        rounded = tuple(r for r in cut if len(r.rows))
        return Coerced(rows, found.kept[stays], bad, found.changes, repaired, rounded)

    def _placed(
        self, rows: pa.RecordBatch, positions: Positions, columns: Sequence[ServerColumn]
    ) -> list[RepairedCell]:
        """The values of rows that are added."""
        if not self.added:
            return []
        placed, wanted = np.flatnonzero(positions >= FIRST).tolist(), {n.casefold() for n in self.added}
        keys = [c for c in columns if c.source.casefold() in wanted]
        return [
            RepairedCell(row, c.name, None, exact_text(rows.column(c.source)[row].as_py()), Repair.PLACEHOLDER.value)
            for row in placed
            for c in keys
        ]

    def _cleared(
        self, rows: pa.RecordBatch, positions: Positions, columns: Sequence[ServerColumn]
    ) -> tuple[pa.RecordBatch, list[RepairedCell]]:
        """The rows with what orphans refer by gone, and each value that went."""
        names = {c.source.casefold(): c.name for c in columns}
        repaired: list[RepairedCell] = []
        for orphans in self.orphans:
            mask = np.isin(positions, orphans.positions)
            for column in orphans.columns if mask.any() else ():
                at = next(i for i, n in enumerate(rows.schema.names) if n.casefold() == column.casefold())
                values = rows.column(at)
                hit = [row for row in np.flatnonzero(mask).tolist() if values[row].is_valid]
                rule = Repair.NULL.value
                name = names.get(column.casefold(), column)
                repaired += [RepairedCell(row, name, exact_text(values[row].as_py()), None, rule) for row in hit]
                emptied = pc.if_else(pa.array(mask), pa.scalar(None, values.type), values)
                rows = rows.set_column(at, rows.schema.field(at).with_nullable(True), emptied)
        return rows, repaired
