"""One table, read in batches of Arrow from any position."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa

from wizard.access.columns import LONG_TYPES, ColumnPlan, values
from wizard.access.diagnostics import SLOT_BITS, Diagnostics, Report
from wizard.access.long_values import sizes
from wizard.access.memory_limits import BATCH_BYTES, largest
from wizard.access.pages import PageFile
from wizard.access.rows import RowLayout, RowPlaces, UnreadValue, locate
from wizard.access.spans import Places, booleans
from wizard.access.tables import TableDefinition, read_definition, table_pages
from wizard.access.values import Decoding, decode, yes_no
from wizard.definitions import BATCH_ROWS, Column, ColumnType
from wizard.messages import DamagedFileError, Message, SourceError, UnsteadyFileError

_MOST_PAGES: Final = 2048
_COUNTED: Final = 10_000
"""rows counted at once, about"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table: `rows`, their `positions` (int64, strictly increasing, stable while the file is unchanged),
    and `next`, the position from which reading goes on after this batch. `unread` are values of the rows that could
    not be read, where such rows were asked for; NULL is in their place (No in a Yes/No column)."""

    rows: pa.RecordBatch
    positions: Places
    next: int
    unread: tuple[UnreadValue, ...] = ()


@dataclass(slots=True)
class Claimed:
    """What long values have claimed so far of the file, while a table is read in parts."""

    chained: int = 0
    """bytes on chains of pages"""


class TableReader:
    """Reads the table whose definition is on page `page`.

    `columns` gives the types of calculated columns, which the definition page does not know; without it these are
    read as the type they are kept in. Safe to use from several threads. Raises SourceError for damage, or with
    `salvage` leaves out what cannot be read and counts it in `findings`.
    """

    def __init__(
        self,
        pages: PageFile,
        page: int,
        name: str = "",
        *,
        columns: Mapping[str, Column] | None = None,
        findings: Diagnostics | None = None,
        salvage: bool = False,
    ) -> None:
        self.pages = pages
        self.name = name or f"on page {page}"
        self.report = Report(findings or Diagnostics(), pages.path, self.name, salvage)
        self.definition: TableDefinition = read_definition(pages, page, self.name)
        self._rows: int | None = None  # there are, once they have been counted
        self._searched = False  # for its pages, as nothing says any more which they are
        known = columns or {}
        self.plans = tuple(ColumnPlan.of(c, known.get(c.name.casefold())) for c in self.definition.columns)

    @cached_property
    def page_numbers(self) -> Places:
        """The pages with the table's rows, ascending: what the usage map says, or all that name the table where the
        map is damaged and salvage is asked for."""
        try:
            return table_pages(self.pages, self.definition, self.report.reading)
        except SourceError as error:
            if isinstance(error, UnsteadyFileError) or not self.report.salvage:
                raise
            self.report.findings.say(Message.of(1030, self.report.place(), reason=error.message.clause))
            self._searched = True
            return self.pages.owned_by(self.definition.page)

    def schema(self, columns: Sequence[str] | None = None) -> pa.Schema:
        """The schema of the batches."""
        return pa.schema([pa.field(p.name, p.arrow) for p in self._chosen(columns)])

    def row_count(self) -> int:
        """The rows there really are: counted on the pages, without decoding, and once, as the file does not change.

        Few pages at a time, whose copies find room in the processor's cache: half the time of many.
        """
        found = self._rows
        if found is None:
            found = sum(len(rows) for rows in self._located(0, _COUNTED))
        self.pages.check()
        self._rows = found
        return found

    def unread(self, missing: int = 0) -> int:
        """About how many rows salvage leaves out; 0 without salvage, which raises instead.

        What stood on a page that cannot be read nobody can count any more: it is as many rows as the header has beyond
        those that are there, at least one for each place that is known. `missing` are rows that are there and did not
        come when they were read.
        """
        if not self.report.salvage:
            return 0
        rows, places = self._left
        if not (places or missing > 0 or self._searched):
            return 0  # the header alone is no proof: Access may have left it wrong
        return max(self.definition.rows - rows + missing, missing, places)

    @cached_property
    def _left(self) -> tuple[int, int]:
        """With salvage, the rows there are, and the places (pages, and rows on others) where more were."""
        own = replace(self.report, findings=Diagnostics())
        rows = sum(len(found) for found in self._located(0, _COUNTED, report=own))
        self.pages.check()
        return rows, own.findings.places

    def parts(self, rows: int) -> list[int]:
        """Positions at which parts of about so many rows begin, the first at 0."""
        numbers = self.page_numbers
        take = max(1, -(-rows * len(numbers) // max(self.definition.rows, 1)))
        return [0, *(numbers[take::take] << SLOT_BITS).tolist()]

    def batches(
        self,
        columns: Sequence[str] | None = None,
        start: int = 0,
        batch_rows: int = BATCH_ROWS,
        stop: int | None = None,
        claimed: Claimed | None = None,
        *,
        damaged: bool = False,
    ) -> Iterator[Batch]:
        """The rows from position `start` on, before `stop`, at most `batch_rows` at a time. Empty tables give no batch.

        `claimed` is given where a table is read in parts, the same for all of them. `damaged`: the batches' `unread`
        names the values that cannot be read, and with salvage rows come too of which single ones cannot.
        """
        plans = self._chosen(columns)
        schema = pa.schema([pa.field(p.name, p.arrow) for p in plans])
        for plan in plans:
            if plan.type is ColumnType.UNKNOWN:
                place = self.report.place(plan.name)
                self.report.findings.say(Message.of(1022, place, type=plan.raw.type))
        claimed, total = claimed or Claimed(), 0
        for rows in self._located(start, batch_rows, stop):
            done = 0
            total += len(rows)
            while done < len(rows):
                taken, layout = self._affordable(rows.only(slice(done, done + batch_rows)), plans, damaged=damaged)
                done += taken
                if not len(layout.rows):
                    continue
                table = pa.RecordBatch.from_arrays([self._column(p, layout) for p in plans], schema=schema)
                self.pages.check()
                self._report_unread(layout.unread)
                if not layout.lost.all():
                    yield _batch(table, layout, int(rows.positions[done - 1]) + 1)
                del table
                claimed.chained += layout.chained
                if self._overlapping(claimed.chained):
                    return
        self.pages.check()
        if start == 0 and stop is None:
            self._rows = total
            self.counted(total)

    def counted(self, total: int) -> None:
        """Report a table that has not as many rows as its header says."""
        if total != self.definition.rows and not self.report.salvage:
            counted = Message.of(1027, self.report.place(), header=self.definition.rows, rows=total)
            self.report.findings.say(counted)

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries of Python values, for small tables such as the system's."""
        for batch in self.batches(columns):
            yield from batch.rows.to_pylist()

    def _chosen(self, columns: Sequence[str] | None) -> tuple[ColumnPlan, ...]:
        if columns is None:
            return self.plans
        by_name = {p.name.casefold(): p for p in self.plans}
        for name in columns:
            if name.casefold() not in by_name:
                raise SourceError(1017, self.report.place(), table=self.name, column=name)
        return tuple(by_name[name.casefold()] for name in columns)

    def _located(
        self, start: int, batch_rows: int, stop: int | None = None, report: Report | None = None
    ) -> Iterator[RowPlaces]:
        """The rows from position `start` on, about `batch_rows` at a time; `stop` is the beginning of a page.

        What cannot be read goes to `report`, the reader's own where it is None.
        """
        numbers = self.page_numbers
        at = int(np.searchsorted(numbers, start >> SLOT_BITS))
        end = len(numbers) if stop is None else int(np.searchsorted(numbers, stop >> SLOT_BITS))
        per_page = max(self.definition.rows / max(len(numbers), 1), 1.0)
        while at < end:
            take = int(min(max(batch_rows / per_page, 1), _MOST_PAGES))
            chunk = numbers[at : min(at + take, end)]
            rows = locate(self.pages, chunk, self.definition.page, report or self.report)
            per_page = max(len(rows) / len(chunk), 1.0)
            at += take
            yield rows.only(slice(int(np.searchsorted(rows.positions, start)), None))

    def _report_unread(self, unread: Sequence[UnreadValue]) -> None:
        """Of values that could not be read, of rows that are kept."""
        lost = [u for u in unread if not u.text]
        for column in dict.fromkeys(u.column for u in lost):
            here = sorted((u for u in lost if u.column == column), key=lambda u: u.position)
            positions = np.array([u.position for u in here], np.int64)
            self.report.findings.count(1046, self.report.place(column), positions, what=here[0].what)

    def _affordable(self, rows: RowPlaces, plans: Sequence[ColumnPlan], *, damaged: bool) -> tuple[int, RowLayout]:
        """As many of the rows as their long values allow: how many are taken up, and those of them that fit at all."""
        layout = RowLayout(rows, self.definition, self.pages.layout, self.report, damaged=damaged)
        total = np.zeros(len(layout.rows), np.int64)
        for plan in plans:
            if plan.type in LONG_TYPES and not plan.raw.is_fixed:
                total += sizes(layout, plan.raw, self.pages)
        most = largest()
        if int(total.sum()) <= min(BATCH_BYTES, most):
            return len(rows), layout
        fits = total <= most
        self.report.too_large(layout.rows.positions[~fits], total[~fits], most)
        end = max(int(np.searchsorted(np.cumsum(total * fits), BATCH_BYTES, "right")), 1)
        if end >= len(layout.rows) and fits.all():
            return len(rows), layout
        taken = (
            len(rows) if end >= len(layout.rows) else int(np.searchsorted(rows.positions, layout.rows.positions[end]))
        )
        kept = layout.rows.positions[:end][fits[:end]]
        chosen = rows.only(np.isin(rows.positions, kept))
        return taken, RowLayout(chosen, self.definition, self.pages.layout, self.report, damaged=damaged)

    def _overlapping(self, chained: int) -> bool:
        """Whether long values claim more pages than there are: such a file could be read for ever."""
        if chained <= 2 * self.pages.size:
            return False
        error = DamagedFileError(1019, self.report.place(), size=chained, file=self.pages.size)
        if not self.report.salvage:
            raise error
        self.report.findings.say(error.message)
        return True

    def _column(self, plan: ColumnPlan, layout: RowLayout) -> pa.Array[Any]:
        if plan.in_null_mask:
            return yes_no(layout.bits(plan.raw))
        spans = values(plan, layout, self.pages)
        return decode(spans, Decoding(plan, layout, self.pages.code_page))


def _batch(table: pa.RecordBatch, layout: RowLayout, following: int) -> Batch:
    """The rows that could be read."""
    if not layout.lost.any():
        return Batch(table, layout.rows.positions, following, layout.unread)
    kept = ~layout.lost
    return Batch(table.filter(booleans(kept)), layout.rows.positions[kept], following, layout.unread)


def row_at(
    read: Callable[..., Iterator[Batch]], table: str, position: int, columns: Sequence[str]
) -> pa.RecordBatch | None:
    """The row at a position; None where there is none that can be read (another is not taken for it).

    `read` is `AccessFile.read` or one like it. Raises SourceError.
    """
    for batch in read(table, columns=list(columns), start=position, batch_rows=1):
        return batch.rows.slice(0, 1) if int(batch.positions[0]) == position else None
    return None
