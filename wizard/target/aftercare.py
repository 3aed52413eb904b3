"""Before and after the rows: constraints, indexes, triggers, counters, statistics.

Bulk copy leaves foreign keys and checks untrusted; only `WITH CHECK CHECK CONSTRAINT`, which looks at every row,
makes the optimizer believe them again. Unique indexes and keys stay enabled throughout: they are what finds
duplicates while rows can still be rejected singly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from wizard.messages import Kind, Message, Place
from wizard.objects import ForeignKey, Name, ObjectKind, ServerTable, Statement, literal, quote
from wizard.settings import Constraints, Options
from wizard.target import marks
from wizard.target.apply import exists_already
from wizard.target.connection import Session
from wizard.target.faults import ServerFault, Trouble
from wizard.target.sink import Mark

LISTED = 20
"""rows named for a constraint they break"""


class Aftercare:
    """What is done on one connection before and after a load. Methods raise ServerFault only where it is lost."""

    def __init__(self, session: Session, options: Options) -> None:
        self._session = session
        self._options = options
        self._messages: list[Message] = []
        self._lacking: dict[tuple[str, str], list[Name]] = defaultdict(list)
        """by what the server would not do and its reason, the tables it was wanted for"""

    def prepare(self, tables: Sequence[ServerTable]) -> list[Message]:
        """Disable what would slow or hinder the load."""
        self._look(tables)
        for table in tables:
            if self._options.constraints is not Constraints.KEEP and table.name in self._present:
                self._disable(table)
        return self._told()

    def finish(self, tables: Sequence[ServerTable], later: Sequence[Statement]) -> list[Message]:
        """Make, rebuild, check and trust; set counters; update statistics."""
        by_name = {t.name: t for t in tables}
        self._look(tables)
        self._ours: dict[Name, list[str]] = defaultdict(list)  # triggers that Jetferry disabled
        for journal in (n for n in self._present if n.name == marks.JOURNAL):
            for owner, trigger in marks.triggers(self._session, journal):
                self._ours[owner].append(trigger)
        for statement in later:
            if statement.name in self._present and statement.name in by_name:
                self._make(statement, by_name[statement.name])
        for table in tables:
            if table.name in self._present:
                self._enable(table)
                self._trust(table)
                self._count_on(table)
                self._attempt(f"UPDATE STATISTICS {table.name}", "update statistics", table.name, needed=False)
        return self._told()

    def _look(self, tables: Sequence[ServerTable]) -> None:
        """What there is of tables and their constraints, indexes and triggers, in one batch for all."""
        schemas = ", ".join(sorted({literal(t.name.schema) for t in tables})) or "N''"
        batch = "; ".join(f"{_PART.format(*part)} AND s.name IN ({schemas})" for part in _PARTS)
        journals = [Name(s, marks.JOURNAL) for s in {t.name.schema for t in tables}]
        names = {*(t.name for t in tables), *journals}
        folded = {_folded(n): n for n in names}  # some servers keep names in lower case
        self._present: set[Name] = set()
        self._found: dict[tuple[str, Name], list[str]] = defaultdict(list)
        for kind, schema, table, name, flag in chain.from_iterable(self._session.sets(batch)):
            owner = Name(str(schema), str(table))
            owner = owner if owner in names else folded.get(_folded(owner), owner)
            if kind == _TABLE:
                self._present.add(owner)
                continue
            self._found[str(kind), owner].append(str(name))
            if flag and kind in _FLAGGED:
                self._found[_FLAGGED[kind], owner].append(str(name))

    def _disable(self, table: ServerTable) -> None:
        name = table.name
        if self._found[_CONSTRAINT, name]:
            self._attempt(f"ALTER TABLE {name} NOCHECK CONSTRAINT ALL", "disable constraints", name, needed=False)
        disabled = self._found[_DISABLED_INDEX, name]
        for index in (i for i in self._found[_INDEX, name] if i not in disabled):
            sql = f"ALTER INDEX {quote(index)} ON {name} DISABLE"
            self._attempt(sql, "disable indexes", name, needed=False)
        if self._options.fire_triggers:
            return
        still = self._found[_DISABLED_TRIGGER, name]
        for trigger in (t for t in self._found[_TRIGGER, name] if t not in still):
            marks.ensure(self._session, name.schema)
            place = marks.Place(name).trigger(trigger)
            if marks.read(self._session, place) is None:
                self._session.execute(marks.insert(place, Mark(source=trigger), ""))
            sql = f"DISABLE TRIGGER {quote(trigger)} ON {name}"
            self._attempt(sql, "disable triggers", name, needed=False)

    def _enable(self, table: ServerTable) -> None:
        name = table.name
        for index in self._found[_DISABLED_INDEX, name]:
            self._attempt(f"ALTER INDEX {quote(index)} ON {name} REBUILD", f"the index {index}", name, needed=True)
        for trigger in self._ours[name]:
            sql = f"ENABLE TRIGGER {quote(trigger)} ON {name}"
            there = trigger in self._found[_DISABLED_TRIGGER, name]
            if not there or self._attempt(sql, f"the trigger {trigger}", name, needed=True):
                place = marks.Place(name).trigger(trigger)
                self._session.execute(f"DELETE FROM {place.journal} WHERE {place.where}")

    def _make(self, statement: Statement, table: ServerTable) -> None:
        """Make what waited for the rows. A foreign key or check that they break is made all the same, untrusted."""
        try:
            self._session.execute(statement.sql)
        except ServerFault as e:
            if e.trouble is Trouble.LOST:
                raise
            if exists_already(e.fault):
                return
            if statement.kind not in (ObjectKind.FOREIGN_KEY, ObjectKind.CHECK):
                self._say(5305, table.name, what=f"{statement.kind.value} {statement.part}", reason=e.fault)
                return
            self._broken(statement.part, table, e)
            start = f"ALTER TABLE {statement.name} WITH "
            if statement.sql.startswith(start + "CHECK ADD "):
                sql = start + "NOCHECK ADD " + statement.sql.removeprefix(start + "CHECK ADD ")
                self._attempt(sql, f"{statement.kind.value} {statement.part}", table.name, needed=True)

    def _trust(self, table: ServerTable) -> None:
        """Check and trust every foreign key and check that is not."""
        name = table.name
        for constraint in self._found[_UNTRUSTED, name]:
            check = f"CHECK CONSTRAINT {quote(constraint)}"
            try:
                self._session.execute(f"ALTER TABLE {name} WITH CHECK {check}")
            except ServerFault as e:
                if e.trouble is Trouble.LOST:
                    raise
                self._broken(constraint, table, e)
                sql = f"ALTER TABLE {name} WITH NOCHECK {check}"  # for the rows to come
                self._attempt(sql, "enable constraints that rows break", name, needed=False)

    def _broken(self, constraint: str, table: ServerTable, why: ServerFault) -> None:
        """Say that a constraint does not hold, and name the first rows that break it."""
        self._say(5301, table.name, constraint=constraint, reason=why.fault)
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
        except ServerFault as e:
            if e.trouble is Trouble.LOST:
                raise
            return
        if count > LISTED:
            self._say(5306, table.name, constraint=constraint, count=count)
        for row in rows:
            shown_key = ", ".join(f"{c}={v}" for c, v in zip(key, row, strict=False)) or str(row)
            self._say(5302, table.name, constraint=constraint, key=shown_key)

    def _count_on(self, table: ServerTable) -> None:
        """Identity counters go on past the largest value (or below the smallest, where they count down)."""
        column = next((c for c in table.columns if c.identity), None)
        if column is None:
            return
        name = table.name
        edge = "MAX" if column.increment > 0 else "MIN"
        try:
            last = self._session.value(f"SELECT {edge}({quote(column.name)}) FROM {name}")
            current = self._session.value(f"SELECT IDENT_CURRENT({literal(str(name))})")
        except ServerFault as e:
            self._say(5305, name, what="the counter", reason=e.fault)
            return
        if last is None:
            return
        behind = current is None or (int(current) < int(last) if column.increment > 0 else int(current) > int(last))
        if behind:
            sql = f"DBCC CHECKIDENT ({_quoted(name)}, RESEED, {int(last)})"
            self._attempt(sql, "the counter", name, needed=True)
        self._say(5304, name, value=int(last) + column.increment)

    def _attempt(self, sql: str, what: str, table: Name, *, needed: bool) -> bool:
        """Run a statement that may fail: an error is told where it was needed, else what its lack means."""
        try:
            self._session.execute(sql)
        except ServerFault as e:
            if e.trouble is Trouble.LOST:
                raise
            if needed:
                self._say(5305, table, what=what, reason=e.fault)
            elif table not in (lacking := self._lacking[what, str(e.fault)]):
                lacking.append(table)
            return False
        return True

    def _told(self) -> list[Message]:
        """All messages; what the server cannot do is said once, however many tables it was wanted for."""
        for (what, reason), tables in self._lacking.items():
            of = str(tables[0]) if len(tables) == 1 else f"{len(tables)} tables, {tables[0]} first"
            consequence = "The load goes on without."
            self._messages.append(
                Message.of(5104, _place(tables[0]), what=f"{what} of {of} ({reason})", consequence=consequence)
            )
        return self._messages

    def _say(self, number: int, table: Name, **facts: object) -> None:
        self._messages.append(Message.of(number, _place(table), table=table, **facts))


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


_TABLE, _CONSTRAINT, _UNTRUSTED, _INDEX, _DISABLED_INDEX, _TRIGGER, _DISABLED_TRIGGER = (
    "table", "constraint", "untrusted", "index", "disabled index", "trigger", "disabled trigger",
)  # fmt: skip
_FLAGGED = {_CONSTRAINT: _UNTRUSTED, _INDEX: _DISABLED_INDEX, _TRIGGER: _DISABLED_TRIGGER}
_PART = (
    "SELECT '{0}' AS kind, s.name AS s, t.name AS t, x.name AS name, {3} AS flag FROM {1} AS x"
    " JOIN sys.tables AS t ON t.object_id = x.{2} JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE {4}"
)
_DISTRUST = "CASE WHEN x.is_not_trusted = 1 OR x.is_disabled = 1 THEN 1 ELSE 0 END"
_PARTS = (
    (_TABLE, "sys.tables", "object_id", "0", "1 = 1"),
    (_CONSTRAINT, "sys.foreign_keys", "parent_object_id", _DISTRUST, "1 = 1"),
    (_CONSTRAINT, "sys.check_constraints", "parent_object_id", _DISTRUST, "1 = 1"),
    (
        _INDEX, "sys.indexes", "object_id", "CASE WHEN x.is_disabled = 1 THEN 1 ELSE 0 END",
        "x.type = 2 AND x.is_primary_key = 0 AND x.is_unique_constraint = 0 AND (x.is_unique = 0 OR x.is_disabled = 1)",
    ),
    (_TRIGGER, "sys.triggers", "parent_id", "CASE WHEN x.is_disabled = 1 THEN 1 ELSE 0 END", "1 = 1"),
)  # fmt: skip
"""kind, view, its column of the table, flag, condition"""
