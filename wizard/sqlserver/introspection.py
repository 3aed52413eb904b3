"""Reading what a database holds already into the plain data of `wizard.objects`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from wizard.messages import Kind, Message, Place
from wizard.objects import (
    MAX,
    Action,
    CheckConstraint,
    ForeignKey,
    KeyColumn,
    Name,
    ObjectKind,
    ServerColumn,
    ServerIndex,
    ServerModule,
    ServerTable,
    ServerType,
    literal,
)
from wizard.sqlserver import round_trips
from wizard.sqlserver.checkpoints import JOURNAL, disabled
from wizard.sqlserver.connection import Row, ServerSession
from wizard.sqlserver.driver_errors import DriverError, ServerError
from wizard.tsql_words import SqlWord, words

NamedPart = TypeVar("NamedPart", ServerIndex, ForeignKey, CheckConstraint)

_DESCRIPTION = "MS_Description"
_WIDE = frozenset(("nchar", "nvarchar"))
_SIZED = frozenset(("char", "varchar", "binary", "varbinary")) | _WIDE
_EXACT = frozenset(("decimal", "numeric"))
_SCALED = frozenset(("datetime2", "datetimeoffset", "time"))


@dataclass(frozen=True)
class ExistingObjects:
    """What is there. `messages` say which parts the server could not list."""

    tables: tuple[ServerTable, ...]
    modules: tuple[ServerModule, ...]
    schemas: tuple[str, ...]
    messages: tuple[Message, ...] = ()
    unseen: frozenset[ObjectKind] = frozenset()
    """kinds of parts (INDEX, FOREIGN_KEY, CHECK) that the server could not list"""
    journals: frozenset[str] = frozenset()
    """schemas with a journal of Jetferry's, case-folded: it may speak of tables that are gone"""


def existing_objects(session: ServerSession, schemas: Sequence[str]) -> ExistingObjects:
    """Tables, views, functions and procedures of these schemas; Jetferry's own journal left out.

    Raises ServerError where the tables themselves cannot be read; parts the server has no catalogue view for are
    missing from the result, with a message.
    """
    return _CatalogReader(session, schemas).read()


class _CatalogReader:
    def __init__(self, session: ServerSession, schemas: Sequence[str]) -> None:
        self._session = session
        self._answers: dict[str, list[Row] | DriverError] = {}
        self._in = ", ".join(literal(s) for s in schemas) or "N''"
        self._messages: list[Message] = []
        self._unseen: set[ObjectKind] = set()

    def read(self) -> ExistingObjects:
        self._ask()
        rows = self._must(_TABLES)
        names = {int(r[0]): Name(str(r[1]), str(r[2])) for r in rows if r[2] != JOURNAL}
        journals = [Name(str(r[1]), str(r[2])) for r in rows if r[2] == JOURNAL]
        off = {(owner, part) for j in journals for owner, _, part in disabled(self._session, j)}
        columns, keys, foreign = self._columns(), self._indexes(), self._foreign_keys()
        checks, described = self._checks(), self._descriptions()
        tables = []
        for number, name in names.items():
            own = _awake(keys[number], name, off)
            tables.append(
                ServerTable(
                    name,
                    tuple(self._described(columns[number], number, described)),
                    next((k for k in own if k.primary), None),
                    tuple(k for k in own if not k.primary),
                    tuple(_awake(foreign[number], name, off)),
                    tuple(_awake(checks[number], name, off)),
                    described.get((number, ""), ""),
                )
            )
        schemas = tuple(str(r[0]) for r in self._must(_SCHEMAS))
        return ExistingObjects(
            tuple(tables), self._modules(), schemas, tuple(self._messages), frozenset(self._unseen),
            frozenset(j.schema.casefold() for j in journals),
        )  # fmt: skip

    def _ask(self) -> None:
        """All questions in one round trip."""
        answers = round_trips.ask_each(self._session, [q.format(schemas=self._in) for q in _QUESTIONS])
        self._answers = dict(zip(_QUESTIONS, answers, strict=True))

    def _must(self, query: str) -> list[Row]:
        """The rows; raises ServerError where the server cannot give them."""
        found = self._answers[query]
        if isinstance(found, DriverError):
            raise ServerError(found)
        return found

    def _rows(self, query: str, what: str, kind: ObjectKind | None = None) -> list[Row]:
        """The rows; where the server cannot give them none, with a message and with `kind` among the unseen."""
        found = self._answers[query]
        if not isinstance(found, DriverError):
            return found
        return self._unlisted(what, str(found), kind)

    def _unlisted(self, what: str, why: str, kind: ObjectKind | None) -> list[Row]:
        place = Place(Kind.SERVER, name=self._session.server)
        consequence = "What is there of them is not compared."
        self._messages.append(Message.of(5104, place, what=f"list {what} ({why})", consequence=consequence))
        if kind is not None:
            self._unseen.add(kind)
        return []

    def _columns(self) -> dict[int, list[ServerColumn]]:
        found: dict[int, list[ServerColumn]] = defaultdict(list)
        defaults = {(int(r[0]), int(r[1])): r[2:] for r in self._rows(_DEFAULTS, "defaults")}
        counters = {(int(r[0]), int(r[1])): r[2:] for r in self._rows(_IDENTITIES, "identity columns")}
        computed = {(int(r[0]), int(r[1])): r[2:] for r in self._rows(_COMPUTED, "computed columns")}
        for table, number, name, type_, length, precision, scale, nullable, collation in self._must(_COLUMNS):
            at = (int(table), int(number))
            default = defaults.get(at, ("", ""))
            counter = counters.get(at)
            formula = computed.get(at, ("", False))
            found[at[0]].append(
                ServerColumn(
                    str(name),
                    server_type(str(type_), int(length), int(precision), int(scale)),
                    nullable=bool(nullable),
                    identity=counter is not None,
                    seed=_whole(counter[0] if counter else 1),
                    increment=_whole(counter[1] if counter else 1),
                    default=str(default[1] or ""),
                    default_name=str(default[0]),
                    computed=str(formula[0]),
                    persisted=bool(formula[1]),
                    collation=str(collation or ""),
                )
            )
        return found

    def _indexes(self) -> dict[int, list[ServerIndex]]:
        rows = self._rows(_INDEXES, "indexes", ObjectKind.INDEX)
        columns: dict[tuple[int, int], list[KeyColumn]] = defaultdict(list)
        heads: dict[tuple[int, int], Row] = {}
        for row in rows:
            at = (int(row[0]), int(row[1]))
            heads[at] = row
            columns[at].append(KeyColumn(str(row[8]), bool(row[9])))
        found: dict[int, list[ServerIndex]] = defaultdict(list)
        for at, (_, _, name, kind, unique, primary, constraint, where, _, _, off) in heads.items():
            found[at[0]].append(
                ServerIndex(
                    str(name),
                    tuple(columns[at]),
                    bool(primary),
                    bool(unique),
                    clustered=int(kind) == 1,
                    where=str(where or ""),
                    constraint=bool(constraint),
                    disabled=bool(off),
                )
            )
        return found

    def _foreign_keys(self) -> dict[int, list[ForeignKey]]:
        pairs: dict[int, list[Row]] = defaultdict(list)
        for row in self._rows(_FOREIGN_KEYS, "foreign keys", ObjectKind.FOREIGN_KEY):
            pairs[int(row[0])].append(row)
        found: dict[int, list[ForeignKey]] = defaultdict(list)
        for rows in pairs.values():
            _, table, name, schema, referenced, delete, update, _, _, off = rows[0]
            own, theirs = tuple(str(r[7]) for r in rows), tuple(str(r[8]) for r in rows)
            target = Name(str(schema), str(referenced))
            key = ForeignKey(str(name), own, target, theirs, _action(delete), _action(update), disabled=bool(off))
            found[int(table)].append(key)
        return found

    def _checks(self) -> dict[int, list[CheckConstraint]]:
        found: dict[int, list[CheckConstraint]] = defaultdict(list)
        rows = self._rows(_CHECKS, "check constraints", ObjectKind.CHECK)
        if any(r[2] is None for r in rows):
            why = "the account may not see definitions, VIEW DEFINITION lets it"
            rows = self._unlisted("check constraints", why, ObjectKind.CHECK)
        for table, name, definition, column, off in rows:
            rule = _bare(str(definition))
            found[int(table)].append(CheckConstraint(str(name), rule, column=str(column or ""), disabled=bool(off)))
        return found

    def _descriptions(self) -> dict[tuple[int, str], str]:
        rows = self._rows(_DESCRIPTIONS, "descriptions")
        return {(int(r[0]), str(r[1] or "")): str(r[2] or "") for r in rows}

    @staticmethod
    def _described(
        columns: Sequence[ServerColumn], table: int, described: dict[tuple[int, str], str]
    ) -> list[ServerColumn]:
        return [replace(c, description=described.get((table, c.name), "")) for c in columns]

    def _modules(self) -> tuple[ServerModule, ...]:
        kinds = {"V": ObjectKind.VIEW, "P": ObjectKind.PROCEDURE}
        return tuple(
            ServerModule(
                Name(str(schema), str(name)), kinds.get(str(kind).strip(), ObjectKind.FUNCTION), str(sql or "")
            )
            for schema, name, kind, sql in self._rows(_MODULES, "views, functions and procedures")
        )


def _awake(parts: Sequence[NamedPart], table: Name, off: Collection[tuple[Name, str]]) -> list[NamedPart]:
    """What Jetferry disabled (`off`) is enabled again by stage 8: it counts as enabled."""
    return [replace(p, disabled=False) if p.disabled and (table, p.name) in off else p for p in parts]


def server_type(name: str, length: int, precision: int, scale: int) -> ServerType:
    """A type from `sys.columns`: `length` (max_length) in bytes, -1 for max; `scale` of times too."""
    if name in _SIZED:
        return ServerType(name, MAX if length == -1 else length // 2 if name in _WIDE else length)
    if name in _EXACT:
        return ServerType(name, precision=precision, scale=scale)
    return ServerType(name, scale=scale) if name in _SCALED else ServerType(name)


def _whole(value: Any) -> int:
    return int(value) if value is not None else 1


def _action(words: object) -> Action:
    text = str(words).replace("_", " ")
    return Action(text) if text in list(Action) else Action.NO_ACTION


def _bare(definition: str) -> str:
    """A constraint's definition without the parentheses the server puts around it."""
    found = words(definition)
    start, end = 0, len(found)
    closing = _closing(found)
    while start < end and closing.get(start) == end - 1:
        start, end = start + 1, end - 1
    return definition[found[start].start : found[end - 1].end] if start < end else ""


def _closing(found: Sequence[SqlWord]) -> dict[int, int]:
    """The number of the parenthesis that closes each."""
    opened: list[int] = []
    closing: dict[int, int] = {}
    for number, word in enumerate(found):
        if word.shown == "(":
            opened.append(number)
        elif word.shown == ")" and opened:
            closing[opened.pop()] = number
    return closing


_WHERE = " WHERE s.name IN ({schemas})"


def _of(view: str, owner: str = "object_id") -> str:
    return (
        f"FROM sys.{view} AS x JOIN sys.tables AS t ON t.object_id = x.{owner}"
        " JOIN sys.schemas AS s ON s.schema_id = t.schema_id"
    )


_TABLES = (
    "SELECT t.object_id, s.name, t.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id"
    " WHERE s.name IN ({schemas}) ORDER BY t.object_id"
)
_COLUMNS = (
    "SELECT x.object_id, x.column_id, x.name, TYPE_NAME(x.system_type_id), x.max_length, x.precision, x.scale,"
    f" x.is_nullable, x.collation_name {_of('columns')}{_WHERE} ORDER BY x.object_id, x.column_id"
)
_DEFAULTS = (
    "SELECT x.parent_object_id, x.parent_column_id, x.name, x.definition"
    f" {_of('default_constraints', 'parent_object_id')}{_WHERE}"
)
_TABLE = "QUOTENAME(s.name) + N'.' + QUOTENAME(t.name)"
_IDENTITIES = (
    f"SELECT x.object_id, x.column_id, CAST(IDENT_SEED({_TABLE}) AS bigint), CAST(IDENT_INCR({_TABLE}) AS bigint)"
    f" {_of('columns')}{_WHERE} AND x.is_identity = 1"
)
_COMPUTED = f"SELECT x.object_id, x.column_id, x.definition, x.is_persisted {_of('computed_columns')}{_WHERE}"
_INDEXES = (
    "SELECT x.object_id, x.index_id, x.name, x.type, x.is_unique, x.is_primary_key, x.is_unique_constraint,"
    f" x.filter_definition, c.name, k.is_descending_key, x.is_disabled {_of('indexes')}"
    " JOIN sys.index_columns AS k ON k.object_id = x.object_id AND k.index_id = x.index_id AND k.is_included_column = 0"
    " JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id"
    f"{_WHERE} AND x.type IN (1, 2) ORDER BY x.object_id, x.index_id, k.key_ordinal"
)
_FOREIGN_KEYS = (
    "SELECT x.object_id, x.parent_object_id, x.name, rs.name, rt.name, x.delete_referential_action_desc,"
    f" x.update_referential_action_desc, c.name, r.name, x.is_disabled {_of('foreign_keys', 'parent_object_id')}"
    " JOIN sys.tables AS rt ON rt.object_id = x.referenced_object_id"
    " JOIN sys.schemas AS rs ON rs.schema_id = rt.schema_id"
    " JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = x.object_id"
    " JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id"
    " JOIN sys.columns AS r ON r.object_id = k.referenced_object_id AND r.column_id = k.referenced_column_id"
    f"{_WHERE} ORDER BY x.object_id, k.constraint_column_id"
)
_CHECKS = (
    "SELECT x.parent_object_id, x.name, x.definition, COL_NAME(x.parent_object_id, x.parent_column_id), x.is_disabled"
    f" {_of('check_constraints', 'parent_object_id')}{_WHERE} ORDER BY x.object_id"
)
_DESCRIPTIONS = (
    "SELECT x.major_id, COL_NAME(x.major_id, x.minor_id), CAST(x.value AS nvarchar(4000))"
    f" {_of('extended_properties', 'major_id')}{_WHERE} AND x.class = 1 AND x.name = {literal(_DESCRIPTION)}"
)
_MODULES = (
    "SELECT s.name, o.name, o.type, m.definition FROM sys.objects AS o"
    " JOIN sys.schemas AS s ON s.schema_id = o.schema_id JOIN sys.sql_modules AS m ON m.object_id = o.object_id"
    f"{_WHERE} AND o.type IN ('V', 'P', 'FN', 'IF', 'TF') ORDER BY o.object_id"
)
_SCHEMAS = "SELECT name FROM sys.schemas WHERE name IN ({schemas})"
_QUESTIONS = (
    _TABLES, _COLUMNS, _DEFAULTS, _IDENTITIES, _COMPUTED, _INDEXES, _FOREIGN_KEYS, _CHECKS, _DESCRIPTIONS, _MODULES,
    _SCHEMAS,
)  # fmt: skip
