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
from wizard.sink import Checkpoint
from wizard.sqlserver import checkpoints
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError
from wizard.sqlserver.statement_runner import exists_already

LISTED = 20
"""rows named for a constraint they break"""


class LoadConstraints:
    """What is done on one connection before and after a load.

    Methods raise ServerFault where it is lost, or busy: all of them may be called again.
    """

    def __init__(self, session: ServerSession, options: Options) -> None:
        self._session = session
        self._options = options
        self._messages: list[Message] = []
        self._lacking: dict[tuple[str, str], list[Name]] = defaultdict(list)
        """by what the server would not do and its reason, the tables it was wanted for"""

    def prepare(self, tables: Sequence[ServerTable]) -> list[Message]:
        """Disable what would slow or hinder the load, or act on its rows unasked."""
        self._look(tables)
        for table in tables:
            if table.name in self._present:
                self._disable(table)
        return self._told()

    def finish(
        self, tables: Sequence[ServerTable], later: Sequence[Statement], unfinished: Sequence[ServerTable] = ()
    ) -> list[Message]:
        """Make, rebuild, check and trust; set counters; update statistics.

        Of unfinished tables just the triggers are enabled, and what stays disabled until all rows are there is told;
        all is, where Jetferry has put no row.
        """
        by_name = {t.name: t for t in tables}
        self._look([*tables, *unfinished])
        self._ours: dict[Name, set[tuple[str, str]]] = defaultdict(set)  # what Jetferry disabled
        for journal in (n for n in self._present if n.name == checkpoints.JOURNAL):
            for owner, kind, name in checkpoints.disabled(self._session, journal):
                self._ours[owner].add((kind, name))
        for statement in later:
            if statement.name in self._present and statement.name in by_name:
                self._make(statement, by_name[statement.name])
        for table in (t for t in unfinished if self._ours[t.name]):
            self._leave(table)
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

    def _disable(self, table: ServerTable) -> None:
        """Disable what is enabled, and remember it first: whatever stops the run, a later one enables it again.

        Checks that old rows are known to break are disabled whatever the option says.
        """
        name, kept = table.name, self._options.constraints is Constraints.KEEP
        broken = {c.name.casefold() for c in table.checks if c.unchecked}
        kinds = (_CONSTRAINT,) if kept else (_INDEX, _CONSTRAINT)
        kinds = kinds if self._options.fire_triggers else (*kinds, _TRIGGER)
        coming = [(k, part) for k in kinds for part, state in self._found[k, name].items() if state != _OFF]
        if kept:
            coming = [(k, part) for k, part in coming if k != _CONSTRAINT or part.casefold() in broken]
        if not coming:
            return
        checkpoints.ensure(self._session, name.schema)
        for kind, part in coming:
            place = checkpoints.CheckpointKey(name).off(kind, part)
            if checkpoints.read(self._session, place) is None:
                self._session.execute(checkpoints.insert(place, Checkpoint(source=part), ""))
            if not self._attempt(
                _DISABLE[kind].format(name, quote(part)), f"disable {_SEVERAL[kind]}", name, needed=False
            ):
                self._forget(name, kind, part)

    def _enable(self, table: ServerTable, kinds: Sequence[str] = ()) -> None:
        """Enable what Jetferry disabled and is disabled still; what is gone, or enabled, is forgotten."""
        name = table.name
        for kind, part in sorted(o for o in self._ours[name] if o[0] in (kinds or (_INDEX, _TRIGGER))):
            off = self._found[kind, name].get(part) == _OFF
            if not off or self._attempt(
                _ENABLE[kind].format(name, quote(part)), f"the {kind} {part}", name, needed=True
            ):
                self._forget(name, kind, part)

    def _leave(self, table: ServerTable) -> None:
        """A table that is not filled yet."""
        name = table.name
        if checkpoints.read(self._session, checkpoints.CheckpointKey(name)) is None:  # its rows are others'
            self._enable(table)
            self._trust(table)
            return
        self._enable(table, (_TRIGGER,))
        others = sorted(o for o in self._ours[name] if o[0] != _TRIGGER)
        still = [f"{kind} {part}" for kind, part in others if self._found[kind, name].get(part) == _OFF]
        if still:
            self._say(5308, name, what=", ".join(still))

    def _forget(self, table: Name, kind: str, part: str) -> None:
        place = checkpoints.CheckpointKey(table).off(kind, part)
        self._session.execute(f"DELETE FROM {place.journal} WHERE {place.where}")

    def _make(self, statement: Statement, table: ServerTable) -> None:
        """Make what waited for the rows. A foreign key or check that they break is made all the same, untrusted."""
        try:
            self._session.execute(statement.sql)
        except ServerError as e:
            if e.trouble.passing:
                raise
            if exists_already(e.fault):
                return
            if statement.kind is ObjectKind.DESCRIPTION:
                self._say(5309, table.name, what=statement.part or str(table.name), reason=e.fault)
                return
            if statement.after_rows or statement.kind not in (ObjectKind.FOREIGN_KEY, ObjectKind.CHECK):
                self._say(5305, table.name, what=f"{statement.kind.value} {statement.part}", reason=e.fault)
                return
            self._broken(statement.part, table, e)
            start = f"ALTER TABLE {statement.name} WITH "
            if statement.sql.startswith(start + "CHECK ADD "):
                sql = start + "NOCHECK ADD " + statement.sql.removeprefix(start + "CHECK ADD ")
                self._attempt(sql, f"{statement.kind.value} {statement.part}", table.name, needed=True)

    def _trust(self, table: ServerTable) -> None:
        """Check and trust every foreign key and check that is not; what others disabled stays so."""
        name = table.name
        ours = {part for kind, part in self._ours[name] if kind == _CONSTRAINT}
        broken = {c.name.casefold() for c in table.checks if c.unchecked}
        for constraint, state in self._found[_CONSTRAINT, name].items():
            if constraint.casefold() in broken:
                if state == _OFF and constraint in ours:
                    self._enable_unchecked(constraint, name)
            elif state == _UNTRUSTED or (state == _OFF and constraint in ours):
                self._check(constraint, table)
        for constraint in sorted(ours):
            self._forget(name, _CONSTRAINT, constraint)

    def _check(self, constraint: str, table: ServerTable) -> None:
        """Enabled and trusted, or enabled for the rows to come where those that are there break it."""
        name, check = table.name, f"CHECK CONSTRAINT {quote(constraint)}"
        try:
            self._session.execute(f"ALTER TABLE {name} WITH CHECK {check}")
        except ServerError as e:
            if e.trouble.passing:
                raise
            self._broken(constraint, table, e)
            self._enable_unchecked(constraint, name)

    def _enable_unchecked(self, constraint: str, table: Name) -> None:
        sql = f"ALTER TABLE {table} WITH NOCHECK CHECK CONSTRAINT {quote(constraint)}"
        self._attempt(sql, "enable constraints that rows break", table, needed=False)

    def _broken(self, constraint: str, table: ServerTable, why: ServerError) -> None:
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
        except ServerError as e:
            if e.trouble.passing:
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
        except ServerError as e:
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
        except ServerError as e:
            if e.trouble.passing:
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


_TABLE, _CONSTRAINT, _INDEX, _TRIGGER = "table", "constraint", "index", "trigger"
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
