"""Constraints, indexes, triggers and counters before and after the rows are loaded, and statistics.

Bulk copy leaves foreign keys and checks untrusted; only `WITH CHECK CHECK CONSTRAINT`, which looks at every row,
makes the optimizer believe them again. Unique indexes and keys stay enabled throughout: they are what finds
duplicates while rows can still be rejected singly.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from wizard.messages import Kind, Message, Place
from wizard.objects import ForeignKey, Name, ObjectKind, ServerTable, Statement, literal, quote
from wizard.settings import Constraints, Options
from wizard.sink import Checkpoint
from wizard.sqlserver import checkpoints, round_trips
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import DriverError, ServerError
from wizard.sqlserver.statement_runner import exists_already

LISTED = 20
"""rows named for a constraint they break"""


_FIRST = 4
"""statements of the first batch: each may go through a whole table"""
_UNREADABLE = re.compile(r"syntax|not (currently |yet )?supported", re.IGNORECASE)
_AT_ONCE = 500
"""checkpoints in one statement"""


@dataclass(frozen=True, slots=True)
class _TableStatement:
    """A statement that may fail, what it is for, and the table, or part of it, that it is about."""

    sql: str
    what: str
    table: Name
    part: str = ""


class LoadConstraints:
    """What is done on one connection before and after a load.

    Methods raise ServerError where it is lost, or busy: all of them may be called again.
    """

    def __init__(self, session: ServerSession, options: Options) -> None:
        self._session = session
        self._options = options
        self._messages: list[Message] = []
        self._lacking: dict[tuple[str, str], list[Name]] = defaultdict(list)
        """by what the server would not do and its reason, the tables it was wanted for"""
        self._width = round_trips.BatchWidth(_FIRST)

    def prepare(self, tables: Sequence[ServerTable]) -> list[Message]:
        """Disable what would slow or hinder the load, or act on its rows unasked."""
        self._look(tables)
        self._disable([t for t in tables if t.name in self._present])
        return self._all_messages()

    def finish(
        self, tables: Sequence[ServerTable], later: Sequence[Statement], unfinished: Sequence[ServerTable] = ()
    ) -> list[Message]:
        """Make, rebuild, check and trust; set counters; update statistics.

        Of unfinished tables just the triggers are enabled, and what stays disabled until all rows are there has a
        message; all is, where Jetferry has put no row.
        """
        by_name = {t.name: t for t in tables}
        self._look([*tables, *unfinished])
        self._ours: dict[Name, set[tuple[str, str]]] = defaultdict(set)  # what Jetferry disabled
        for journal in (n for n in self._present if n.name == checkpoints.JOURNAL):
            for owner, kind, name in checkpoints.disabled(self._session, journal):
                self._ours[owner].add((kind, name))
        self._make([(s, by_name[s.name]) for s in later if s.name in self._present and s.name in by_name])
        for table in (t for t in unfinished if self._ours[t.name]):
            self._leave(table)
        present = [t for t in tables if t.name in self._present]
        self._enable(present)
        self._trust(present)
        self._count_on(present)
        self._take_statistics(present)
        return self._all_messages()

    def _look(self, tables: Sequence[ServerTable]) -> None:
        """What there is of tables and their constraints, indexes and triggers, in one batch for all."""
        schemas = ", ".join(sorted({literal(t.name.schema) for t in tables})) or "N''"
        batch = "; ".join(f"{_PART.format(*part)} AND s.name IN ({schemas})" for part in _PARTS)
        journals = [Name(s, checkpoints.JOURNAL) for s in {t.name.schema for t in tables}]
        names = {*(t.name for t in tables), *journals}
        folded = {_folded(n): n for n in names}  # some servers keep names in lower case
        self._present: set[Name] = set()
        self._found: dict[tuple[str, Name], dict[str, int]] = defaultdict(dict)
        """by kind and table, names, each with `_ON`, `_UNTRUSTED` or `_OFF`"""
        for kind, schema, table, name, state in chain.from_iterable(self._session.sets(batch)):
            owner = Name(str(schema), str(table))
            owner = owner if owner in names else folded.get(_folded(owner), owner)
            if kind == _TABLE:
                self._present.add(owner)
            else:
                self._found[str(kind), owner][str(name)] = int(state)

    def _disable(self, tables: Sequence[ServerTable]) -> None:
        """Disable what is enabled, and remember it first: whatever stops the run, a later one enables it again.

        Checks that old rows are known to break are disabled whatever the option says.
        """
        coming = [(t.name, kind, part) for t in tables for kind, part in self._hindering(t)]
        if not coming:
            return
        known: set[checkpoints.CheckpointKey] = set()
        for schema in dict.fromkeys(name.schema for name, *_ in coming):
            checkpoints.ensure(self._session, schema)
            there = checkpoints.disabled(self._session, Name(schema, checkpoints.JOURNAL))
            known |= {checkpoints.CheckpointKey(name).off(kind, part) for name, kind, part in there}
            places = [(checkpoints.CheckpointKey(n).off(k, p), p) for n, k, p in coming if n.schema == schema]
            new = [(place, Checkpoint(source=part)) for place, part in dict(places).items() if place not in known]
            for start in range(0, len(new), _AT_ONCE):
                self._session.execute(checkpoints.insert_all(new[start : start + _AT_ONCE], ""))
        works = [_TableStatement(_DISABLE[k].format(n, quote(p)), f"disable {_SEVERAL[k]}", n) for n, k, p in coming]
        done = self._attempt_all(works, needed=False)
        self._forget([one for one, well in zip(coming, done, strict=True) if not well])

    def _hindering(self, table: ServerTable) -> list[tuple[str, str]]:
        """Kind and name of what is to be disabled."""
        name, kept = table.name, self._options.constraints is Constraints.KEEP
        broken = {c.name.casefold() for c in table.checks if c.unchecked}
        kinds = (_CONSTRAINT,) if kept else (_INDEX, _CONSTRAINT)
        kinds = kinds if self._options.fire_triggers else (*kinds, _TRIGGER)
        coming = [(k, part) for k in kinds for part, state in self._found[k, name].items() if state != _OFF]
        if kept:
            coming = [(k, part) for k, part in coming if k != _CONSTRAINT or part.casefold() in broken]
        return coming

    def _enable(self, tables: Sequence[ServerTable], kinds: Sequence[str] = ()) -> None:
        """Enable what Jetferry disabled and is disabled still; what is gone, or enabled, is forgotten."""
        ours = [(t.name, *one) for t in tables for one in sorted(self._ours[t.name]) if one[0] in (kinds or _SIMPLE)]
        off = [one for one in ours if self._found[one[1], one[0]].get(one[2]) == _OFF]
        works = [_TableStatement(_ENABLE[k].format(n, quote(p)), f"the {k} {p}", n, p) for n, k, p in off]
        failed = [one for one, well in zip(off, self._attempt_all(works, needed=True), strict=True) if not well]
        self._forget([one for one in ours if one not in failed])

    def _leave(self, table: ServerTable) -> None:
        """A table that is not filled yet."""
        name = table.name
        if checkpoints.read(self._session, checkpoints.CheckpointKey(name)) is None:  # its rows are others'
            self._enable([table])
            self._trust([table])
            return
        self._enable([table], (_TRIGGER,))
        others = sorted(o for o in self._ours[name] if o[0] != _TRIGGER)
        still = [f"{kind} {part}" for kind, part in others if self._found[kind, name].get(part) == _OFF]
        if still:
            self._say(5308, name, what=", ".join(still))

    def _forget(self, parts: Sequence[tuple[Name, str, str]]) -> None:
        """Of each its table, kind and name."""
        places = [checkpoints.CheckpointKey(table).off(kind, part) for table, kind, part in parts]
        sql = [round_trips.BatchStatement(f"DELETE FROM {place.journal} WHERE {place.where}") for place in places]
        for outcome in round_trips.run_all(self._session, sql, self._width):
            if isinstance(outcome, DriverError):
                raise ServerError(outcome)

    def _make(self, later: Sequence[tuple[Statement, ServerTable]]) -> None:
        """Make what waited for the rows. A foreign key or check that they break is made all the same, untrusted."""
        steps = [round_trips.BatchStatement(statement.sql) for statement, _ in later]
        outcomes = round_trips.run_all(self._session, steps, self._width)
        for (statement, table), outcome in zip(later, outcomes, strict=True):
            fault = self._alone(statement.sql, outcome)
            if fault is not None and not exists_already(fault):
                self._not_made(statement, table, fault)

    def _alone(self, sql: str, outcome: round_trips.StatementOutcome) -> DriverError | None:
        """Why a statement failed, which is run once more where its batch gave only a part of the error."""
        if not isinstance(outcome, DriverError):
            return None
        if not round_trips.is_partly_caught(outcome):
            return outcome
        try:
            self._session.execute(sql)
        except ServerError as e:
            if e.trouble.passing:
                raise
            return e.fault
        return None

    def _not_made(self, statement: Statement, table: ServerTable, why: DriverError) -> None:
        if statement.kind is ObjectKind.DESCRIPTION:
            self._say(5309, table.name, what=statement.part or str(table.name), reason=why)
            return
        if statement.after_rows or statement.kind not in (ObjectKind.FOREIGN_KEY, ObjectKind.CHECK):
            self._say(5305, table.name, statement.part, what=f"{statement.kind.value} {statement.part}", reason=why)
            return
        self._broken(statement.part, table, why)
        if statement.unchecked:
            what = f"{statement.kind.value} {statement.part}"
            self._attempt(statement.unchecked, what, table.name, statement.part, needed=True)

    def _trust(self, tables: Sequence[ServerTable]) -> None:
        """Check and trust every foreign key and check that is not; what others disabled stays so.

        Where rows that are there break it, it is enabled for those to come.
        """
        untrusted: list[tuple[str, ServerTable]] = []
        over: list[tuple[Name, str, str]] = []
        for table in tables:
            name = table.name
            ours = {part for kind, part in self._ours[name] if kind == _CONSTRAINT}
            broken = {c.name.casefold() for c in table.checks if c.unchecked}
            wanted = {k.name.casefold() for k in table.foreign_keys} | {c.name.casefold() for c in table.checks}
            for constraint, state in self._found[_CONSTRAINT, name].items():
                if state == _OFF and constraint not in ours and constraint.casefold() in wanted:
                    self._say(5310, name, constraint=constraint)
                if constraint.casefold() in broken:
                    if state == _OFF and constraint in ours:
                        self._enable_unchecked(constraint, name)
                elif state == _UNTRUSTED or (state == _OFF and constraint in ours):
                    untrusted.append((constraint, table))
            over += [(name, _CONSTRAINT, constraint) for constraint in sorted(ours)]
        sql = [f"ALTER TABLE {t.name} WITH CHECK CHECK CONSTRAINT {quote(c)}" for c, t in untrusted]
        outcomes = round_trips.run_all(self._session, [round_trips.BatchStatement(s) for s in sql], self._width)
        for (constraint, table), text, outcome in zip(untrusted, sql, outcomes, strict=True):
            fault = self._alone(text, outcome)
            if fault is not None:
                self._broken(constraint, table, fault)
                self._enable_unchecked(constraint, table.name)
        self._forget(over)

    def _enable_unchecked(self, constraint: str, table: Name) -> None:
        sql = f"ALTER TABLE {table} WITH NOCHECK CHECK CONSTRAINT {quote(constraint)}"
        self._attempt(sql, "enable constraints that rows break", table, needed=False)

    def _broken(self, constraint: str, table: ServerTable, why: DriverError) -> None:
        """Say that a constraint does not hold, and name the first rows that break it."""
        self._say(5301, table.name, constraint, constraint=constraint, reason=why)
        foreign = next((k for k in table.foreign_keys if k.name.casefold() == constraint.casefold()), None)
        check = next((c for c in table.checks if c.name.casefold() == constraint.casefold()), None)
        if foreign:
            condition = orphans(foreign)
        elif check:
            condition = f"NOT ({check.expression})"
        else:
            return
        key = (
            [c.name for c in table.primary_key.columns]
            if table.primary_key
            else list(foreign.columns if foreign else ())
        )
        shown = ", ".join(f"t.{quote(c)}" for c in key) or "t.*"
        try:
            count = self._session.value(f"SELECT COUNT_BIG(*) FROM {table.name} AS t WHERE {condition}")
            rows = self._session.query(f"SELECT TOP ({LISTED}) {shown} FROM {table.name} AS t WHERE {condition}")
        except ServerError as e:
            if e.trouble.passing:
                raise
            return
        if count > LISTED:
            self._say(5306, table.name, constraint=constraint, count=count)
        for row in rows:
            shown_key = ", ".join(f"{c}={v}" for c, v in zip(key, row, strict=False)) or str(row)
            self._say(5302, table.name, constraint=constraint, key=shown_key)

    def _count_on(self, tables: Sequence[ServerTable]) -> None:
        """Identity counters go on past the largest value (or below the smallest, where they count down)."""
        counting = [(t.name, c) for t in tables if (c := next((c for c in t.columns if c.identity), None))]
        questions = [
            f"SELECT {'MAX' if c.increment > 0 else 'MIN'}({quote(c.name)}), IDENT_CURRENT({literal(str(name))})"
            f" FROM {name}"
            for name, c in counting
        ]
        answers = round_trips.ask_all(self._session, questions, self._width)
        behind: list[_TableStatement] = []
        for (name, column), answer in zip(counting, answers, strict=True):
            if isinstance(answer, DriverError):
                self._say(5305, name, what="the counter", reason=answer)
                continue
            last, current = answer[0] if answer else (None, None)
            if last is None:
                continue
            up = column.increment > 0
            if current is None or (int(current) < int(last) if up else int(current) > int(last)):
                sql = f"DBCC CHECKIDENT ({_quoted(name)}, RESEED, {int(last)})"
                behind.append(_TableStatement(sql, "the counter", name))
            self._say(5304, name, value=int(last) + column.increment)
        self._attempt_all(behind, needed=True)

    def _take_statistics(self, tables: Sequence[ServerTable]) -> None:
        """Where a server cannot read the statement, that is so for every table."""
        works = [_TableStatement(f"UPDATE STATISTICS {t.name}", "update statistics", t.name) for t in tables]
        if works and not self._attempt_all(works[:1], needed=False)[0]:
            reason = next((r for what, r in self._lacking if what == works[0].what), "")
            if _UNREADABLE.search(reason):
                self._lacking[works[0].what, reason] += [w.table for w in works[1:]]
                return
        self._attempt_all(works[1:], needed=False)

    def _attempt(self, sql: str, what: str, table: Name, part: str = "", *, needed: bool) -> bool:
        """Run a statement that may fail: an error where it was needed, else a message of what its lack means."""
        return self._attempt_all([_TableStatement(sql, what, table, part)], needed=needed)[0]

    def _attempt_all(self, works: Sequence[_TableStatement], *, needed: bool) -> list[bool]:
        """As `_attempt`, many together; whether each went well."""
        outcomes = round_trips.run_all(self._session, [round_trips.BatchStatement(w.sql) for w in works], self._width)
        faults = [self._alone(w.sql, outcome) for w, outcome in zip(works, outcomes, strict=True)]
        for work, fault in zip(works, faults, strict=True):
            if fault is None:
                continue
            if needed:
                self._say(5305, work.table, work.part, what=work.what, reason=fault)
            elif work.table not in (lacking := self._lacking[work.what, str(fault)]):
                lacking.append(work.table)
        return [fault is None for fault in faults]

    def _all_messages(self) -> list[Message]:
        """All messages; what the server cannot do is said once, however many tables it was wanted for."""
        for (what, reason), tables in self._lacking.items():
            of = str(tables[0]) if len(tables) == 1 else f"{len(tables)} tables, {tables[0]} first"
            consequence = "The load goes on without."
            self._messages.append(
                Message.of(5104, _place(tables[0]), what=f"{what} of {of} ({reason})", consequence=consequence)
            )
        return self._messages

    def _say(self, number: int, table: Name, part: str = "", **facts: object) -> None:
        """`part` is what of the table it is about: two that are not made are two losses."""
        self._messages.append(Message.of(number, replace(_place(table), part=part), table=table, **facts))


def _folded(name: Name) -> Name:
    return Name(name.schema.casefold(), name.name.casefold())


def _quoted(name: Name) -> str:
    """The name as text for DBCC, where not every server (Babelfish) reads the N that only some names need."""
    text = literal(str(name))
    return text.removeprefix("N") if str(name).isascii() else text


def _place(table: Name) -> Place:
    return Place(Kind.TABLE, name=str(table))


def orphans(key: ForeignKey) -> str:
    """The condition for rows `t` whose foreign key refers to nothing."""
    given = " AND ".join(f"t.{quote(c)} IS NOT NULL" for c in key.columns)
    pairs = zip(key.referenced_columns, key.columns, strict=True)
    same = " AND ".join(f"p.{quote(theirs)} = t.{quote(ours)}" for theirs, ours in pairs)
    return f"{given} AND NOT EXISTS (SELECT 1 FROM {key.referenced} AS p WHERE {same})"


_TABLE, _CONSTRAINT, _INDEX, _TRIGGER = "table", "constraint", "index", "trigger"
_SIMPLE = (_INDEX, _TRIGGER)
"""what is enabled without looking at the rows"""
_SEVERAL = {_CONSTRAINT: "constraints", _INDEX: "indexes", _TRIGGER: "triggers"}
_DISABLE = {
    _CONSTRAINT: "ALTER TABLE {0} NOCHECK CONSTRAINT {1}",
    _INDEX: "ALTER INDEX {1} ON {0} DISABLE",
    _TRIGGER: "DISABLE TRIGGER {1} ON {0}",
}
_ENABLE = {_INDEX: "ALTER INDEX {1} ON {0} REBUILD", _TRIGGER: "ENABLE TRIGGER {1} ON {0}"}
_ON, _UNTRUSTED, _OFF = 0, 1, 2
_PART = (
    "SELECT '{0}' AS kind, s.name AS s, t.name AS t, x.name AS name, {3} AS state FROM {1} AS x"
    " JOIN sys.tables AS t ON t.object_id = x.{2} JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE {4}"
)
_STATE = "CASE WHEN x.is_disabled = 1 THEN 2 ELSE 0 END"
_TRUST = "CASE WHEN x.is_disabled = 1 THEN 2 WHEN x.is_not_trusted = 1 THEN 1 ELSE 0 END"
_PARTS = (
    (_TABLE, "sys.tables", "object_id", "0", "1 = 1"),
    (_CONSTRAINT, "sys.foreign_keys", "parent_object_id", _TRUST, "1 = 1"),
    (_CONSTRAINT, "sys.check_constraints", "parent_object_id", _TRUST, "1 = 1"),
    (
        _INDEX, "sys.indexes", "object_id", _STATE,
        "x.type = 2 AND x.is_primary_key = 0 AND x.is_unique_constraint = 0 AND (x.is_unique = 0 OR x.is_disabled = 1)",
    ),
    (_TRIGGER, "sys.triggers", "parent_id", _STATE, "1 = 1"),
)  # fmt: skip
"""kind, view, its column of the table, state, condition"""
