"""What will become of rows that a server does not take as they are: by the answers about them and the repair rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from wizard.assess.assessed_file import AssessedFile, RowProgress, never, silent
from wizard.assess.reject_forecast import RejectForecast, forecast_rejects
from wizard.coercion.referring_rows import ColumnReader, ReferenceSide, named_values, no_rows, referring
from wizard.coercion.row_plan import OrphanRepair, RowPlan, SharedKeys
from wizard.convert.server_limits import key_size, row_size
from wizard.definitions import TableProfile
from wizard.existing_rows import Answers, BrokenRule, RowQuestion, reference_question, sources, unique_question
from wizard.messages import Kind, Message, Place, RowProblem, Severity, Topic, topic_of
from wizard.objects import Conversion, ForeignKey, Name, ServerColumn, ServerTable, TableRef
from wizard.settings import Options, Repair, RepairRule, Repairs


class RowPlans:
    """For the tables of a conversion as old rows want it (`wizard.convert.relaxed_constraints`)."""

    def __init__(self, conversion: Conversion, answers: Answers, repairs: Repairs) -> None:
        self._by_name = {t.name: t for t in conversion.tables}
        self._referring: dict[Name, list[tuple[ServerTable, ForeignKey]]] = {}
        """by table, the foreign keys that refer to it, with their tables"""
        for table in conversion.tables:
            for key in table.foreign_keys:
                self._referring.setdefault(key.referenced, []).append((table, key))
        self._answers, self._repairs = answers, repairs

    def column(self, place: Place) -> ServerColumn | None:
        """The column that a place in a source is about."""
        ref = TableRef(place.source, place.name)
        table = next((t for t in self._by_name.values() if t.source == ref), None)
        own = table.columns if table is not None and place.part else ()
        return next((c for c in own if c.source.casefold() == place.part.casefold()), None)

    def rule(self, ref: TableRef, trouble: RowProblem, column: str) -> RepairRule:
        """The rule that counts for a column's values."""
        return self._repairs.of(trouble, ref.source, ref.table, column)

    def plans(self) -> dict[TableRef, RowPlan]:
        """By table."""
        return {t.source: self._plan(t, t.source) for t in self._by_name.values() if t.source is not None}

    def _plan(self, table: ServerTable, ref: TableRef) -> RowPlan:
        shared, orphans = [], []
        for index in (table.primary_key, *table.indexes):
            broken = self._broken(unique_question(table, index)) if index else None
            if index and broken is not None:
                columns = tuple(c.name for c in index.columns)
                shared.append(SharedKeys(index.name, columns, np.array(broken.positions, np.int64)))
        for key in table.foreign_keys:
            broken = self._broken(reference_question(table, key, self._by_name.get(key.referenced)))
            rule = self._of_orphans(ref, key)
            if broken is not None and rule.repair is Repair.NULL:
                emptied = [n for n in key.columns if (c := table.column(n)) and c.nullable]
                own = tuple(sources(table, emptied) or ())
                orphans.append(OrphanRepair(key.name, own, np.array(broken.positions, np.int64)))
        added = {c for key in self.placeholder_keys(table) for c in sources(table, key.referenced_columns) or ()}
        keys = tuple(k for i in (table.primary_key, *table.indexes) if i and (k := key_size(table, i)))
        rules = partial(self.rule, ref)
        return RowPlan(rules, tuple(shared), tuple(orphans), keys, row_size(table), tuple(sorted(added)))

    def _of_orphans(self, ref: TableRef, key: ForeignKey) -> RepairRule:
        """The rule that names the key as Access does, or as the server."""
        named = (self._repairs.of(RowProblem.ORPHANS, ref.source, ref.table, name) for name in (key.source, key.name))
        return max(named, key=lambda r: r.level)

    def placeholder_keys(self, parent: ServerTable) -> dict[ForeignKey, tuple[ServerTable, BrokenRule]]:
        """The foreign keys for whose orphans rows are added to the table, with their tables and answers."""
        found = {}
        for table, key in self._referring.get(parent.name, ()):
            ref = table.source
            broken = self._broken(reference_question(table, key, parent)) if ref is not None else None
            if broken is not None and ref is not None and self._of_orphans(ref, key).repair is Repair.PLACEHOLDER:
                found[key] = (table, broken)
        return found

    def _broken(self, question: RowQuestion | None) -> BrokenRule | None:
        return self._answers.of(question) if question is not None else None

    def foresee(
        self,
        reader: AssessedFile,
        key: str,
        facts: Mapping[str, TableProfile],
        options: Options,
        *,
        check: Callable[[], None] = never,
        progress: RowProgress = silent,
    ) -> tuple[RejectForecast, ...]:
        """What stage 8 will reject and repair of a source. Raises SourceError, StoppedError, MoveError 6010."""
        own = [t for t in self._by_name.values() if t.source and t.source.source == key]
        return forecast_rejects(
            reader, own, self.plans(), facts=facts, keep_nulls=options.keep_nulls,
            keep_identity=options.keep_identity, check=check, progress=progress,
        )  # fmt: skip

    def children(
        self, reader: ColumnReader, key: str, foreseen: Sequence[RejectForecast], between: Callable[[], None] = no_rows
    ) -> tuple[Message, ...]:
        """What is to be said of rows of a source that refer to rows which will be rejected: their foreign keys.

        `between` is called between two batches, and may raise to stop. Raises SourceError.
        """
        left = {f.table: np.array([r.position for r in f.listed], np.int64) for f in foreseen if f.rejected}
        none, found = np.array([], np.int64), list[Message]()

        def side(table: ServerTable, ref: TableRef, columns: Iterable[str]) -> ReferenceSide:
            return ReferenceSide(reader, ref.table, tuple(sources(table, columns) or ()), left.get(ref, none))

        for table in (t for t in self._by_name.values() if t.source and t.source.source == key):
            for foreign in table.foreign_keys:
                parent, ref = self._by_name.get(foreign.referenced), table.source
                if ref is None or parent is None or parent.source is None or parent.source not in left:
                    continue
                theirs = side(parent, parent.source, foreign.referenced_columns)
                lost = referring(side(table, ref, foreign.columns), theirs, between)
                if lost:
                    place = Place(Kind.TABLE, ref.source, ref.table, foreign.name)
                    facts = {
                        "child": table.name,
                        "parent": parent.name,
                        "key": foreign.name,
                        "values": named_values(lost),
                    }
                    found.append(Message.of(4062, place, count=sum(lost.values()), **facts))
        return tuple(found)


def levelled(findings: Iterable[Message], foreseen: Sequence[RejectForecast], plans: RowPlans) -> Iterator[Message]:
    """The findings about values that a column does not take: no error where a rule repairs all of them."""
    rejected = {(f.table, r.column.casefold()) for f in foreseen for r in f.listed}
    for told in findings:
        ref, column = TableRef(told.place.source, told.place.name), plans.column(told.place)
        if told.severity is Severity.ERROR and told.problem is not None and column is not None:
            rule = plans.rule(ref, told.problem, told.place.part)
            if rule.repair is not Repair.REJECT and (ref, column.name.casefold()) not in rejected:
                yield replace(told, severity=Severity.WARNING)
                continue
        yield told


def forecast_messages(found: RejectForecast) -> Iterator[Message]:
    """What stage 5 says of a table."""
    place = Place(Kind.TABLE, found.table.source, found.table.table)
    facts = {"table": found.name, "rows": found.rows, "rejected": found.rejected, "repaired": found.repaired}
    if found.rejected:
        yield Message.of(4060, place, reasons=" ".join(found.reasons), **facts)
    elif found.repaired > found.damaged:
        yield Message.of(4061, place, **facts)
    lost = sum(topic_of(r.number) is Topic.ROW_UNREADABLE for r in found.listed)
    if lost:
        yield Message.of(4064, place, count=lost, **facts)
    if found.unread:
        yield Message.of(4066, place, count=found.unread, **facts)
    if found.damaged:
        yield Message.of(4063, place, count=found.damaged, **facts)
