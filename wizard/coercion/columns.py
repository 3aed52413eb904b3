"""Checks and coercions between reader and target, a column at a time as Arrow kernels.

A value that cannot go exactly is never changed in silence: its row is rejected with a numbered reason, or, where a rule
or a chosen type says so (values repaired, digits rounded), the change is counted and reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.coercion import casts, code_pages, dates
from wizard.coercion.arrow_types import arrow_type, batch_schema
from wizard.coercion.nearest_value import given, nearest
from wizard.coercion.value_text import exact_text, named_text, short_text
from wizard.messages import Kind, Message, MoveError, Place, RowProblem
from wizard.objects import MAX, ServerColumn
from wizard.settings import Repair, RepairRule

_FALSE: Final = pa.scalar(False, pa.bool_())
"""with its type: Arrow takes half a millisecond to find out what a value of Python's is"""
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Rules = Callable[[RowProblem, str], RepairRule]
"""the rule for a trouble in an Access column of a table"""


def rejecting(trouble: RowProblem, _column: str) -> RepairRule:
    """Nothing is repaired."""
    return RepairRule(trouble, Repair.REJECT)


@dataclass(frozen=True, slots=True)
class BadValue:
    """A row that cannot go: `row` is its place in the batch, `facts` fill the text of message `number`."""

    row: int
    column: str
    number: int
    facts: dict[str, object]
    tried: Message | None = None
    """why the repair rule did not help"""

    @property
    def reason(self) -> str:
        """Why it cannot go, for people."""
        text = Message.of(self.number, None, column=self.column, **self.facts).text
        return f"{text} {self.tried.text}" if self.tried else text


@dataclass(frozen=True, slots=True)
class RepairedCell:
    """A value that a rule changed. Values are exact text, None for NULL; one that could not be read is said so."""

    row: int
    column: str
    old: str | None
    new: str | None
    rule: str
    """the repair's name"""


class Cut(StrEnum):
    """What a column's type does to values, though no rule says so."""

    ROUNDED = "rounded"
    """digits or a time of day are lost"""
    CHARACTERS = "characters lost"
    """'?' stands for characters that the code page of its collation does not hold"""
    UNCHECKED = "not checked"
    """nothing, as far as is known: it is not known which characters the server will hold"""

    @property
    def loses(self) -> bool:
        """What arrives is not what the source has."""
        return self is not Cut.UNCHECKED


@dataclass(frozen=True, slots=True)
class RoundedCells:
    """Values of a column that lost what its type does not hold; `old` and `new` are the first one's exact text."""

    column: str
    rows: Rows
    """their places in the batch"""
    old: str | None
    new: str | None
    cut: Cut = Cut.ROUNDED


class UnreadCell(Protocol):
    """`wizard.access.rows.Unread`: a value that could not be read."""

    @property
    def position(self) -> int:
        """The row's place in the source."""

    @property
    def column(self) -> str:
        """Access's name of the column."""

    @property
    def what(self) -> str:
        """What is wrong with it."""

    @property
    def text(self) -> bytes:
        """The bytes of a text that are no text."""


Unread = Mapping[str, Mapping[int, UnreadCell]]
"""by case-folded Access column and row in the batch, the values that could not be read, or not wholly"""


def unread_in(unread: Sequence[UnreadCell], positions: Rows) -> Unread:
    """The values of the batch with these positions (ascending) that could not be read."""
    found: dict[str, dict[int, UnreadCell]] = {}
    for one in unread:
        row = int(np.searchsorted(positions, one.position))
        if row < len(positions) and int(positions[row]) == one.position:
            found.setdefault(one.column.casefold(), {})[row] = one
    return found


@dataclass(slots=True)
class ChangeCounts:
    """What was changed on the way because rules or types say so: counts by column."""

    rounded: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)

    def add(self, other: ChangeCounts) -> None:
        """Add another's counts."""
        self.rounded.update(other.rounded)
        self.repaired.update(other.repaired)


@dataclass(frozen=True, slots=True)
class Coerced:
    """The good rows as the target takes them, their places in the batch, and the bad ones with reasons.

    `repaired` and `rounded` are values of good rows.
    """

    rows: pa.RecordBatch
    kept: Rows
    bad: tuple[BadValue, ...]
    changes: ChangeCounts
    repaired: tuple[RepairedCell, ...] = ()
    rounded: tuple[RoundedCells, ...] = ()


def coerce(
    batch: pa.RecordBatch, columns: Sequence[ServerColumn], rules: Rules = rejecting, *, keep_nulls: bool = True,
    also: Sequence[BadValue] = (), unread: Unread | None = None,
) -> Coerced:  # fmt: skip
    """A source batch as a batch of these columns. A column takes the field its `source` names.

    NULL is bad where the column takes none; without `keep_nulls` a default stands for it, where there is one.
    `also` are rows known to be bad for other reasons, `unread` the values that could not be read.

    Raises MoveError 6010 where no value of a column can become the type.
    """
    changes = ChangeCounts()
    bad: list[BadValue] = list(also)
    repaired: list[RepairedCell] = []
    arrays, works = [], []
    for column in columns:
        values = batch.column(batch.schema.get_field_index(column.source))
        work = _CoercedColumn(values, column, rules, (unread or {}).get(column.source.casefold(), {}))
        works.append(work)
        try:
            arrays.append(work.array(filled=bool(column.default) and not keep_nulls))
        except pa.ArrowNotImplementedError as e:
            place = Place(Kind.COLUMN, part=column.source)
            facts = {"column": column.name, "source": str(values.type), "type": str(column.type), "reason": str(e)}
            raise MoveError(6010, place, **facts) from e
        bad += work.bad
        repaired += work.repaired
    rows = pa.RecordBatch.from_arrays(arrays, schema=batch_schema([_loose(c) for c in columns]))
    kept = np.arange(batch.num_rows, dtype=np.int64)
    refused = {b.row for b in bad}
    if bad:
        kept = np.setdiff1d(kept, np.fromiter(refused, dtype=np.int64))
        rows = rows.take(pa.array(kept))
        repaired = [r for r in repaired if r.row not in refused]
    changes.repaired.update(r.column for r in repaired)
    rounded = tuple(r for w, array in zip(works, arrays, strict=True) if (r := w.rounded(array, refused)))
    changes.rounded.update({r.column: len(r.rows) for r in rounded if r.cut.loses})
    return Coerced(rows, kept, tuple(bad), changes, tuple(repaired), rounded)


def _loose(column: ServerColumn) -> ServerColumn:
    """The column with NULL allowed: the batch's schema must hold bad rows too until they are taken out."""
    return column if column.nullable else ServerColumn(column.name, column.type)


class _CoercedColumn:
    """One column of a batch on its way. `bad` and `repaired` grow."""

    def __init__(
        self,
        values: pa.Array[Any],
        column: ServerColumn,
        rules: Rules,
        unread: Mapping[int, UnreadCell],
    ) -> None:
        self.values, self.column, self.rules, self.unread = values, column, rules, unread
        self._cut: Mask | None = None
        self._how = Cut.ROUNDED
        self.bad: list[BadValue] = []
        self.repaired: list[RepairedCell] = []

    def array(self, *, filled: bool) -> pa.Array[Any]:
        """The values as the server takes them; any for those of bad rows. Raises ArrowNotImplementedError."""
        column, wanted = self.column, arrow_type(self.column.type)
        name = column.type.name.casefold()
        if name in dates.KINDS:
            array, outside, self._cut = dates.coerce(self.values, column.type)
            array = self._settle(array, outside, RowProblem.DATE, 6104)
        else:
            array, unfit, self._cut = casts.cast(self.values, wanted, column)
            array = self._settle(array, unfit, RowProblem.UNFIT, casts.reason(self.values.type, wanted))
        if pa.types.is_floating(wanted):
            array = self._settle(array, casts.infinite(array), RowProblem.NOT_A_NUMBER, 6105)
        if code_pages.is_narrow(column.type):
            array = self._in_code_page(array)
        if pa.types.is_string(wanted) and name not in dates.KINDS and name != "uniqueidentifier":
            array = self._settle(array, *_too_long(array, column))
        if pa.types.is_binary(wanted):
            array = self._settle(array, *_too_many_bytes(array, column))
        if self.unread:
            array = self._settle(array, self._lost(array, texts=False), RowProblem.UNREADABLE, 6111)
            array = self._settle(array, self._lost(array, texts=True), RowProblem.TEXT, 6113)
        if not (column.nullable or filled) and array.null_count:
            missing = pc.is_null(array).to_numpy(zero_copy_only=False)
            missing[[b.row for b in self.bad]] = False
            array = self._settle(array, missing, RowProblem.NO_VALUE, 6103)
        return array

    def _in_code_page(self, texts: pa.Array[Any]) -> pa.Array[Any]:
        """The texts as the code page of the column's collation holds them."""
        if not code_pages.is_known(self.column):
            self._cut, self._how = code_pages.not_ascii(texts), Cut.UNCHECKED
            return texts
        texts, self._cut = code_pages.fitted(texts, self.column)
        self._how = Cut.CHARACTERS
        return texts

    def rounded(self, array: pa.Array[Any], refused: Collection[int]) -> RoundedCells | None:
        """The values of good rows that lost a part, and were not repaired besides. `array` is what they became."""
        if self._cut is None:
            return None
        others = [*refused, *(r.row for r in self.repaired)]
        rows = np.setdiff1d(np.flatnonzero(self._cut), np.array(others, np.int64))
        if not len(rows):
            return None
        first = int(rows[0])
        old, new = (exact_text(a[first].as_py()) for a in (self.values, array))
        return RoundedCells(self.column.name, rows, old, new, self._how)

    def _lost(self, array: pa.Array[Any], *, texts: bool) -> Mask:
        """The values that could not be read; or the texts that were but in part, if nothing else is done to them."""
        lost = np.zeros(len(array), np.bool_)
        lost[[row for row, one in self.unread.items() if bool(one.text) is texts]] = True
        if texts:
            lost[[*(b.row for b in self.bad), *(r.row for r in self.repaired)]] = False
            lost &= array.is_valid().to_numpy(zero_copy_only=False)
        return lost

    def _settle(
        self, array: pa.Array[Any], mask: Mask | None, trouble: RowProblem, number: int, lengths: Sequence[int] = ()
    ) -> pa.Array[Any]:
        """Each value under the mask repaired as its rule says, or its row bad."""
        if mask is None or not mask.any():
            return array
        rule = self.rules(trouble, self.column.source)
        rows = np.flatnonzero(mask)
        new: list[Any] = []
        for at, row in enumerate(rows.tolist()):
            old = self.values[row].as_py()
            value = array[row].as_py() if rule.repair is Repair.REPLACE else _repaired(old, self.column, rule)
            if value is _NOT and not (rule.repair is Repair.NULL and self.column.nullable):
                facts = self._facts(row, old, lengths[at : at + 1])
                self.bad.append(BadValue(row, self.column.name, number, facts, _not_repaired(self.column, rule)))
            else:
                value = None if value is _NOT else value
                self.repaired.append(
                    RepairedCell(row, self.column.name, self._was(row, old), exact_text(value), rule.repair.value)
                )
            new.append(None if value is _NOT else value)
        return pc.replace_with_mask(array, pa.array(mask), pa.array(new, array.type))

    def _was(self, row: int, old: object) -> str | None:
        """The old value: of one that could not be read what is the matter, of a text all of its bytes."""
        lost = self.unread.get(row)
        if lost is None:
            return exact_text(old)
        return f"0x{lost.text.hex()}" if lost.text else f"(cannot be read: {lost.what})"

    def _facts(self, row: int, old: object, length: Sequence[int]) -> dict[str, object]:
        type_ = self.column.type
        facts: dict[str, object] = {"value": short_text(old), "type": str(type_)}
        if row in self.unread:
            facts["what"] = self.unread[row].what
        if length:
            facts |= {"length": length[0], "limit": type_.length}
        return facts


_NOT: Final = object()
"""no value: the row is bad"""


def _repaired(old: object, column: ServerColumn, rule: RepairRule) -> Any:
    """The value in the place of the old one; `_NOT` where the rule gives none."""
    value = None
    narrow = code_pages.is_narrow(column.type)
    if rule.repair is Repair.NEAREST:
        value = code_pages.cut(old, column) if narrow and isinstance(old, str) else nearest(old, column.type)
    elif rule.repair is Repair.VALUE:
        value = fitting_value(rule, column)
    return _NOT if value is None else value


def fitting_value(rule: RepairRule, column: ServerColumn) -> Any:
    """The value that a rule gives, as Arrow takes it; None where the column does not take it."""
    value = given(rule.value, column.type)
    if value is not None and code_pages.is_narrow(column.type) and code_pages.cut(value, column) != value:
        return None
    return value


def _not_repaired(column: ServerColumn, rule: RepairRule) -> Message | None:
    """Why a rule that is there did not help a value of the column."""
    if rule.repair is Repair.VALUE:
        return Message.of(6115, value=named_text(rule.value), type=str(column.type))
    return Message.of(6116) if rule.repair is Repair.NULL else None


_Lengths = tuple[Mask | None, RowProblem, int, Sequence[int]]
"""which are too long, what that is called, and the length of each of them"""


def _too_long(values: pa.Array[Any], column: ServerColumn) -> _Lengths:
    """A server counts UTF-16 code units, or bytes of a code page: at most as many as bytes of UTF-8."""
    limit = column.type.length
    number = 6101 if code_pages.most_bytes(column) == 1 else 6108
    if limit is None or limit == MAX:
        return None, RowProblem.UNFIT, number, ()
    mask = np.zeros(len(values), np.bool_)
    lengths = []
    long = pc.greater(pc.binary_length(values), pa.scalar(limit, pa.int32()))
    for row in np.flatnonzero(pc.fill_null(long, _FALSE)).tolist():
        units = code_pages.length(values[row].as_py(), column)
        if units > limit:
            mask[row] = True
            lengths.append(units)
    return mask, RowProblem.UNFIT, number, lengths


def _too_many_bytes(values: pa.Array[Any], column: ServerColumn) -> _Lengths:
    limit = column.type.length
    if limit is None or limit == MAX:
        return None, RowProblem.UNFIT, 6108, ()
    lengths = pc.fill_null(pc.binary_length(values), 0).to_numpy(zero_copy_only=False)
    mask = lengths > limit
    return mask, RowProblem.UNFIT, 6108, lengths[mask].tolist()
