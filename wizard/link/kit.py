"""What is to be linked, as plain data: made from a conversion, written by `writer`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PureWindowsPath
from typing import Final

from wizard.access.application import Application
from wizard.convert.triggers import TriggerCandidate
from wizard.definitions import ColumnType, Database, Table
from wizard.link.code_changes import CodeChanges, code_changes
from wizard.link.properties import LinkProperty, properties_of
from wizard.link.queries import KitQueries, queries_of
from wizard.link.rules import KitRule, rules_of
from wizard.linked_dates import conflicting, rule_of
from wizard.messages import Kind, Message, Place
from wizard.objects import Conversion, Name, ServerColumn, ServerTable
from wizard.settings import Auth, Connection
from wizard.uses import How, UserKind, Uses, read_uses
from wizard.uses.data_macros import trigger_candidates

LONGEST_NAME: Final = 64
"""characters of an Access object's name"""
SUFFIX: Final = "_local"


@dataclass(frozen=True, slots=True)
class KitTable:
    """A table of the server and the name under which Access will know it."""

    name: str
    """the name that queries, forms and reports use"""
    server: Name
    local: str = ""
    """what the Access table of that name is renamed to; empty where there is none (child tables)"""
    key: tuple[str, ...] = ()
    """columns of a pseudo-index, where the server's table has no unique key that Access would find itself"""
    properties: tuple[LinkProperty, ...] = ()


@dataclass(frozen=True, slots=True)
class KitJoin:
    """A relationship shown in Access's query designer, not enforced there: the server does that."""

    name: str
    table: str
    columns: tuple[str, ...]
    referenced_table: str
    referenced_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KitHyperlink:
    """A text box over a hyperlink column."""

    kind: str
    """form or report"""
    name: str
    control: str


@dataclass(frozen=True)
class Kit:
    """All that the scripts of stage 9 do to one Access file."""

    source: str
    file: str
    """the Access file's name, without folder"""
    tables: tuple[KitTable, ...]
    joins: tuple[KitJoin, ...]
    connection: Connection
    auth: Auth
    """how the linked tables sign in: Windows or Entra ID, whatever the migration used"""
    messages: tuple[Message, ...] = ()
    """what to know and to do, by table"""
    queries: KitQueries = field(default_factory=KitQueries)
    rules: tuple[KitRule, ...] = ()
    hyperlinks: tuple[KitHyperlink, ...] = ()
    code: CodeChanges = field(default_factory=CodeChanges)
    triggers: tuple[TriggerCandidate, ...] = ()
    """data macros, which linked tables do not run"""


def kit_of(
    database: Database,
    conversion: Conversion,
    connection: Connection,
    *,
    source: str,
    shared: Mapping[str, ServerTable] | None = None,
    application: Application | None = None,
    findings: Iterable[Message] = (),
) -> Kit:
    """The kit for one source: its converted tables under their old names, and what the application needs beside.

    Args:
        shared: tables that other sources brought, by their case-folded names in this one.
        application: the file's forms, reports, macros and code; without them nothing is done about these.
        findings: what stage 5 says of them.
    """
    application = application or Application()
    found = {
        t.source.table.casefold(): t for t in conversion.tables if t.source is not None and t.source.source == source
    } | dict(shared or {})
    pairs = [(t, found[t.name.casefold()]) for t in database.tables if t.name.casefold() in found]
    taken = {t.name.casefold() for t in database.tables} | {q.name.casefold() for q in database.queries}
    taken |= {t.name.casefold() for t in database.linked_tables}
    tables = tuple(_linked(table, target, taken) for table, target in pairs)
    uses = read_uses(database, application)
    queries = queries_of(database, conversion, uses, lambda name, suffix: _free(name, taken, suffix))
    fills: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for query in queries.passes:
        for module, line in query.called:
            fills[module].append((line, query.name))
    names = {t.name.casefold() for t in tables}
    auth = _auth(connection)
    messages = [m for table, target in pairs for m in _messages(source, table, target)]
    if auth is not connection.auth and connection.host:
        place = Place(Kind.SERVER, source)
        said = "Windows sign-in" if auth is Auth.WINDOWS else "Entra ID sign-in"
        messages.insert(0, Message.of(7010, place, auth=said))
    return Kit(
        source=source,
        file=PureWindowsPath(database.path).name,
        tables=tables,
        joins=tuple(
            KitJoin(_join_name(r.name), r.table, r.columns, r.referenced_table, r.referenced_columns)
            for r in database.relationships
            if {r.table.casefold(), r.referenced_table.casefold()} <= names
        ),
        connection=connection,
        auth=auth,
        messages=tuple(messages),
        queries=queries,
        rules=tuple(r for t, (_, target) in zip(tables, pairs, strict=True) for r in rules_of(t.name, target)),
        hyperlinks=tuple(dict.fromkeys(_hyperlinks(database, uses))),
        code=code_changes(application.modules, findings, fills, {t.name.casefold(): (t, s) for t, s in pairs}),
        triggers=trigger_candidates(database, application, conversion, source=source, shared=dict(shared or {})),
    )


def _hyperlinks(database: Database, uses: Uses) -> Iterator[KitHyperlink]:
    """Text boxes that show a hyperlink column, through queries too."""
    for table in database.tables:
        for column in (c for c in table.columns if c.hyperlink):
            for use in uses.of(table.name, column.name):
                if use.how is How.CONTROL_SOURCE and use.user.kind in (UserKind.FORM, UserKind.REPORT):
                    yield KitHyperlink(str(use.user.kind), use.user.name, use.user.part)


def _auth(connection: Connection) -> Auth:
    """Without a password: Entra ID where the server is Azure's or the migration used it, else Windows."""
    if connection.auth in (Auth.SQL, Auth.WINDOWS):
        azure = connection.host.casefold().endswith((".database.windows.net", ".database.fabric.microsoft.com"))
        return Auth.ENTRA_INTERACTIVE if azure else Auth.WINDOWS
    return Auth.ENTRA_INTERACTIVE


def _linked(table: Table, target: ServerTable, taken: set[str]) -> KitTable:
    unique = target.primary_key is not None or any(i.unique and not i.where for i in target.indexes)
    key = () if unique or table.primary_key is None else tuple(c.name for c in table.primary_key.columns)
    properties = properties_of(table, target)
    if table.child_of is not None:
        return KitTable(target.name.name[:LONGEST_NAME], target.name, key=key, properties=properties)
    return KitTable(table.name, target.name, _free(table.name, taken), key, properties)


def _free(name: str, taken: set[str], suffix: str = SUFFIX) -> str:
    """`<name>_local`, short enough for Access, and not the name of anything else; it is taken from now on."""
    number = 1
    while True:
        behind = suffix if number == 1 else f"{suffix}{number}"
        wanted = name[: LONGEST_NAME - len(behind)] + behind
        if wanted.casefold() not in taken:
            taken.add(wanted.casefold())
            return wanted
        number += 1


def _join_name(name: str) -> str:
    return f"jetferry_{name}"[:LONGEST_NAME]


def _messages(source: str, table: Table, target: ServerTable) -> Iterator[Message]:
    place = Place(Kind.TABLE, source, table.name)
    if table.child_of is not None:
        facts = {"column": table.child_of.column, "parent": table.child_of.table, "table": target.name}
        yield Message.of(7003, place, name=target.name.name[:LONGEST_NAME], **facts)
    for column in table.columns:
        if column.complex_kind is not None:
            kind = str(column.complex_kind).replace("_", " ")
            at = Place(Kind.COLUMN, source, table.name, column.name)
            yield Message.of(
                7004, at, table=table.name, column=column.name, kind=f"a list ({kind})", child=column.child_table
            )
    if target.primary_key is None and not any(i.unique for i in target.indexes) and table.primary_key is None:
        yield Message.of(7005, place, table=target.name)
    for made in target.columns:
        yield from _column_messages(source, table, made)
    coarse = _coarse(table, target.columns)
    versioned = any(c.type.name in ("rowversion", "timestamp") for c in target.columns)
    if coarse and not versioned:
        yield Message.of(7009, place, table=target.name, type=", ".join(coarse))
    yield from _moments(place, target, versioned)


def _moments(place: Place, target: ServerTable, versioned: bool) -> Iterator[Message]:
    """Of columns with fractions of a second: Access sends the rest of them back as another value."""
    found = [c for c in target.columns if conflicting(c.type)]
    key = _found_by(target)
    for column in found:
        facts = {"table": target.name, "column": column.name, "type": str(column.type)}
        if column.name.casefold() in key:
            yield Message.of(7012, place, **facts)
        elif not versioned:
            yield Message.of(7011, place, **facts)


def _found_by(target: ServerTable) -> frozenset[str]:
    """The case-folded columns by which Access finds a row again: those of the primary key, else a unique index."""
    unique = [i for i in target.indexes if i.unique and not i.where]
    key = target.primary_key or (unique[0] if unique else None)
    return frozenset(c.name.casefold() for c in key.columns) if key else frozenset()


def _column_messages(source: str, table: Table, made: ServerColumn) -> Iterator[Message]:
    place = Place(Kind.COLUMN, source, table.name, made.source or made.name)
    facts = {"table": table.name, "column": made.name}
    rule = rule_of(made.type)
    if rule is not None and rule.shown_by_old != rule.shown:
        yield Message.of(7006, place, type=str(made.type), shown=rule.shown, old=rule.shown_by_old, **facts)
    elif made.type.name == "bigint":
        yield Message.of(7007, place, **facts)
    elif made.type.name == "bit" and made.nullable:
        yield Message.of(7008, place, type="bit", **facts)


def _coarse(table: Table, made: Sequence[ServerColumn]) -> list[str]:
    """Types whose values Access does not compare as the server holds them."""
    sources = {c.source.casefold() for c in made if c.source}
    troubling = (ColumnType.SINGLE, ColumnType.DOUBLE, ColumnType.MEMO, ColumnType.LONGBINARY)
    found = [c.type for c in table.columns if c.type in troubling and c.name.casefold() in sources]
    return list(dict.fromkeys(map(str, found)))
