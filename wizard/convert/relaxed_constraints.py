"""Constraints that old rows break, made weaker: Access lets such rows stand, so the server must take them too.

A check that they break asks new rows only, a foreign key with orphans is left out, an index over duplicates is a plain
one: unless a repair rule says otherwise. `tightening` is the way back, once the rows are mended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wizard.coercion.code_pages import is_narrow
from wizard.convert import create
from wizard.convert.names import NameRegister
from wizard.convert.schema_diff import SyncChoice, compare, plan
from wizard.convert.server_limits import key_size, room_question
from wizard.existing_rows import (
    Answers,
    BrokenRule,
    Edited,
    fit_question,
    is_chosen,
    reference_question,
    rule_question,
    unique_question,
)
from wizard.messages import Kind, Message, Place, RowProblem, Severity
from wizard.objects import (
    SETTINGS,
    CheckConstraint,
    Conversion,
    ForeignKey,
    KeyColumn,
    Name,
    ObjectKind,
    ServerColumn,
    ServerIndex,
    ServerTable,
    ServerType,
    TableRef,
    quote,
)
from wizard.settings import Repair, Repairs

_ADDED_KEY = "RowID"


def relax(
    conversion: Conversion,
    answers: Answers,
    repairs: Repairs,
    *,
    add_key: bool = True,
    edited: Edited = (),
    package: bool = False,
) -> Conversion:
    """The conversion as the old rows and the repair rules want it; what was done stands in its messages.

    `edited` are columns changed by hand: values that do not fit them get a message. `add_key`: a table that
    loses its primary key gets one that the server numbers. `package`: nobody is there to go on where rows break a rule.
    """
    if not answers.broken:
        return conversion
    work = _Relaxing(conversion, answers, repairs, add_key, package)
    work.report_misfits(edited)
    return replace(
        conversion, tables=tuple(work.tables.values()), messages=(*conversion.messages, *dict.fromkeys(work.messages))
    )


class _Relaxing:
    def __init__(
        self, conversion: Conversion, answers: Answers, repairs: Repairs, add_key: bool, package: bool
    ) -> None:
        self.answers, self.repairs, self.add_key, self.package = answers, repairs, add_key, package
        self.before = {t.name: t for t in conversion.tables}
        self.tables = dict(self.before)
        self.messages: list[Message] = []
        self.lost: dict[Name, list[ServerIndex]] = {}
        """by table, the keys and indexes that are unique no more"""
        for name in self.tables:
            self.tables[name] = self._checks(self.tables[name])
        for name in self.tables:
            self.tables[name] = self._indexes(self.tables[name])
        for name in self.tables:
            self.tables[name] = self._foreign_keys(self.tables[name])

    def report_misfits(self, edited: Edited) -> None:
        """Values that do not fit a column as a person wants it."""
        for table in self.before.values():
            for column in (c for c in table.columns if is_chosen(table, c, edited)):
                question = fit_question(table, column)
                broken = self.answers.of(question) if question else None
                if broken is not None and broken.count:
                    type_ = f"{column.type}{'' if column.nullable else ' NOT NULL'}"
                    facts = {"count": broken.count, "rows": broken.rows, "reasons": broken.samples}
                    self._say(2099, table, Kind.COLUMN, column.source, type=type_, **facts)
                    if self._repairs_all(broken, table, column):
                        self.messages[-1] = replace(self.messages[-1], severity=Severity.WARNING)
                if broken is not None and (broken.rounded or broken.unchecked):
                    number = 2103 if not is_narrow(column.type) else 2190 if broken.rounded else 2191
                    told: dict[str, object] = {"type": str(column.type), "page": column.code_page}
                    told |= {"count": broken.rounded or broken.unchecked, "rows": broken.rows, "first": broken.cut}
                    self._say(number, table, Kind.COLUMN, column.source, **told)

    def _repairs_all(self, broken: BrokenRule, table: ServerTable, column: ServerColumn) -> bool:
        """Whether rules let the rows go whose values do not fit the column."""
        found = {self._repair(trouble, table, column.source, column.name) for trouble in broken.troubles}
        return bool(found) and not found & {Repair.REJECT, *(() if column.nullable else (Repair.NULL,))}

    def _say(self, number: int, table: ServerTable, kind: Kind, part: str, **facts: object) -> None:
        ref = table.source or TableRef("", table.name.name)
        self.messages.append(Message.of(number, Place(kind, ref.source, ref.table, part), **facts))

    def _repair(self, trouble: RowProblem, table: ServerTable, *parts: str) -> Repair:
        """As the rule says that names one of the parts, the server's name or Access's."""
        ref = table.source or TableRef("", "")
        found = [self.repairs.of(trouble, ref.source, ref.table, part) for part in parts]
        return max(found, key=lambda r: r.level).repair

    def _checks(self, table: ServerTable) -> ServerTable:
        return replace(table, checks=tuple(self._check(table, c) for c in table.checks))

    def _check(self, table: ServerTable, check: CheckConstraint) -> CheckConstraint:
        question = rule_question(table, check)
        broken = self.answers.of(question) if question else None
        if broken is None or (broken.untold and not self.package):  # a server says itself whether rows break it
            return check
        facts = {"rows": broken.rows, "check": check.name}
        if not broken.untold:
            facts |= {"count": broken.count, "samples": broken.samples}
        number, kind = 2100 if broken.untold else 2093, Kind.COLUMN if check.column else Kind.TABLE
        self._say(number, table, kind, check.column, **facts)
        return replace(check, unchecked=True)

    def _indexes(self, table: ServerTable) -> ServerTable:
        key = table.primary_key
        indexes = [kept for i in table.indexes if (kept := self._index(table, i)) is not None]
        if key is not None and self._has_no_room(table, key, 2102):
            table = replace(table, primary_key=None)
            table = self._with_key(table) if self.add_key else table
            return replace(table, indexes=tuple(indexes))
        lost_key = key is not None and (broken := self._shared(table, key)) is not None
        if key is not None and lost_key and broken is not None:
            self._say(2096, table, Kind.INDEX, key.source or key.name, **self._of_shared(broken, key))
            plain = replace(key, name=f"IX_{table.name.name}_{key.source or 'key'}", primary=False, unique=False)
            taken = NameRegister(tuple(i.name for i in indexes))
            indexes.insert(0, replace(plain, name=taken.take(plain.name), clustered=False, loosened=True))
            self.lost.setdefault(table.name, []).append(key)
            table = replace(table, primary_key=None)
            table = self._with_key(table) if self.add_key else table
        return replace(table, indexes=tuple(indexes))

    def _shared(self, table: ServerTable, index: ServerIndex) -> BrokenRule | None:
        """The rows that share what must be unique, where the index is made a plain one for them."""
        question = unique_question(table, index)
        broken = self.answers.of(question) if question else None
        if broken is None:
            return None
        rule = self._repair(RowProblem.DUPLICATES, table, index.source, index.name)
        return broken if rule is Repair.PLAIN else None

    def _has_no_room(self, table: ServerTable, index: ServerIndex, number: int) -> bool:
        """Whether rows have keys that the index does not take; then the index is left out, with a message."""
        question = room_question(table, index)
        broken = self.answers.of(question) if question else None
        size = key_size(table, index)
        if broken is None or size is None:
            return False
        facts = {"count": broken.count, "rows": broken.rows, "samples": broken.samples, "limit": size.limit}
        self._say(number, table, Kind.INDEX, index.source or index.name, index=index.name, **facts)
        self.lost.setdefault(table.name, []).append(index)
        return True

    def _index(self, table: ServerTable, index: ServerIndex) -> ServerIndex | None:
        if self._has_no_room(table, index, 2101):
            return None
        broken = self._shared(table, index) if index.unique else None
        if broken is None:
            return index
        self._say(2095, table, Kind.INDEX, index.source or index.name, **self._of_shared(broken, index))
        self.lost.setdefault(table.name, []).append(index)
        return replace(index, unique=False, loosened=True)

    def _of_shared(self, broken: BrokenRule, index: ServerIndex) -> dict[str, object]:
        columns = ", ".join(c.name for c in index.columns)
        facts = {"rows": broken.count, "groups": broken.groups, "samples": broken.samples}
        return {"columns": columns, "index": index.name, **facts}

    def _with_key(self, table: ServerTable) -> ServerTable:
        """Linked tables need a key to be changed through. One identity column is all that a table may have."""
        name = NameRegister(tuple(c.name for c in table.columns)).take(_ADDED_KEY, temporary=False)
        numbered = any(c.identity for c in table.columns)
        column = ServerColumn(name, ServerType("int"), nullable=False, identity=True)
        if numbered:
            column = ServerColumn(
                name, ServerType("uniqueidentifier"), nullable=False,
                default="NEWSEQUENTIALID()", default_name=f"DF_{table.name.name}_{name}",
            )  # fmt: skip
        former = self.before[table.name].primary_key
        key_name = former.name if former else f"PK_{table.name.name}"
        key = ServerIndex(key_name, (KeyColumn(name),), primary=True, unique=True, clustered=True)
        return replace(table, columns=(*table.columns, column), primary_key=key)

    def _foreign_keys(self, table: ServerTable) -> ServerTable:
        kept = [k for k in table.foreign_keys if not self._gives_way(table, k)]
        left = tuple(k for k in table.foreign_keys if k not in kept)
        return replace(table, foreign_keys=tuple(kept), left_out=(*table.left_out, *left)) if left else table

    def _loosened(self, table: ServerTable, key: ForeignKey) -> ServerTable:
        """The table with room for rows that have nothing but what the key refers to."""
        names = NameRegister(tuple(c.name for t in self.tables.values() for c in t.checks))
        checks = list(table.checks)
        loose = {
            c.name
            for c in table.columns
            if c.source and not (c.nullable or c.computed or c.type.name == "bit" or c.name in key.referenced_columns)
        }
        for column in (c for c in table.columns if c.name in loose):
            self._say(2192, table, Kind.COLUMN, column.source)
            name = names.take(f"CK_{table.name.name}_{column.name}_required")
            expression = f"{quote(column.name)} IS NOT NULL"
            checks.append(CheckConstraint(name, expression, column=column.source, unchecked=True, tightens=column.name))
        columns = (replace(c, nullable=True) if c.name in loose else c for c in table.columns)
        return replace(table, columns=tuple(columns), checks=tuple(checks))

    def _gives_way(self, table: ServerTable, key: ForeignKey) -> bool:
        wanted = set(key.referenced_columns)
        lost = next((i for i in self.lost.get(key.referenced, ()) if {c.name for c in i.columns} == wanted), None)
        facts: dict[str, object] = {"key": key.name, "referenced": key.referenced.name}
        question = reference_question(table, key, self.before.get(key.referenced))
        broken = self.answers.of(question) if question else None
        rule = self._repair(RowProblem.ORPHANS, table, key.source, key.name)
        if lost is not None:
            self._say(2097, table, Kind.RELATIONSHIP, key.source or key.name, index=lost.name, **facts)
            if broken is not None and rule is not Repair.LEAVE_OUT:
                told: dict[str, object] = {"key": key.name, "rule": rule, "index": lost.name}
                self._say(2196, table, Kind.RELATIONSHIP, key.source or key.name, **told)
            return True
        if broken is None:
            return False
        emptied = [c for n in key.columns if (c := table.column(n)) and c.nullable]
        if rule is Repair.NULL and emptied:
            return False
        if rule is Repair.PLACEHOLDER and takes_placeholders(self.tables[key.referenced], key):
            self.tables[key.referenced] = self._loosened(self.tables[key.referenced], key)
            return False
        if rule in (Repair.NULL, Repair.PLACEHOLDER):
            self._say_in_vain(rule, table, key)
        facts |= {"count": broken.count, "rows": broken.rows, "samples": broken.samples}
        self._say(2094, table, Kind.RELATIONSHIP, key.source or key.name, **facts)
        return True

    def _say_in_vain(self, rule: Repair, table: ServerTable, key: ForeignKey) -> None:
        """Why a rule for orphans does not help those of a key."""
        part, facts = key.source or key.name, {"key": key.name, "columns": ", ".join(key.columns)}
        if rule is Repair.NULL:
            self._say(2195, table, Kind.RELATIONSHIP, part, **facts)
            return
        parent = self.tables[key.referenced]
        wanted = ", ".join(dict.fromkeys(needed_beside(parent, key)))
        self._say(2194, table, Kind.RELATIONSHIP, part, key=key.name, referenced=parent.name.name, columns=wanted)


def takes_placeholders(table: ServerTable, key: ForeignKey) -> bool:
    """Whether rows can be added that have values in no other columns than those the key refers to."""
    return not any(needed_beside(table, key))


def needed_beside(table: ServerTable, key: ForeignKey) -> Iterator[str]:
    """The columns in which a row needs a value of its own beside those the key refers to: of a key or a unique index,
    or numbered."""
    referred = set(key.referenced_columns)
    uniques = [i for i in (table.primary_key, *table.indexes) if i is not None and i.unique and not i.where]
    keyed = {c.name for i in uniques for c in i.columns}
    yield from (c.name for c in table.columns if c.source and c.name in keyed - referred)
    yield from (c.name for c in table.columns if c.source and c.identity and c.name not in referred)


def _tightened(table: ServerTable) -> ServerTable:
    required = {c.tightens for c in table.checks if c.tightens}
    return replace(
        table,
        columns=tuple(replace(c, nullable=False) if c.name in required else c for c in table.columns),
        indexes=tuple(replace(i, unique=True, loosened=False) if i.loosened else i for i in table.indexes),
        checks=tuple(replace(c, unchecked=False) for c in table.checks if not c.tightens),
    )


def tightening(conversion: Conversion) -> str:
    """The script that asks of old rows what Access asks of new ones, to be run once they are mended; '' for none.

    It is to be read: how to find or fill the rows stands before the statements that need it. What is done to a table is
    one batch and one transaction, so that it is done whole or not at all.
    """
    batches = [b for t in conversion.tables if (b := _of_table(conversion, t))]
    batches += [b for t in conversion.tables for k in t.left_out if (b := _of_key(t, k))]
    if not batches:
        return ""
    return "\n".join([*_HEAD, *(f"{b}\nGO\n" for b in batches)])


_HEAD = (
    "-- Old rows break what Access asks of new ones. Mend the rows, then run these batches, one by one: each fails,",
    "-- and changes nothing, while a row is left that breaks what it asks.",
    "SET XACT_ABORT ON;",
    SETTINGS,
    "GO",
    "",
)


def _of_table(conversion: Conversion, table: ServerTable) -> str:
    tight = replace(_tightened(table), left_out=())
    if tight == replace(table, left_out=()):
        return ""
    wanted = Conversion((tight,), ())
    compared = compare(wanted, conversion.tables, (), Conversion((table,), ()))
    steps = [s for s, _ in plan(wanted, compared, {tight.name: SyncChoice.ALTER}) if s.kind is not ObjectKind.SCHEMA]
    checks = [c.name for c in table.checks if c.unchecked and not c.tightens]
    sql = [s.sql for s in steps] + [f"ALTER TABLE {table.name} WITH CHECK CHECK CONSTRAINT {quote(c)};" for c in checks]
    return "\n".join([*_mending(table), "BEGIN TRANSACTION;", *sql, "COMMIT;"]) if sql else ""


def _of_key(table: ServerTable, key: ForeignKey) -> str:
    pairs = zip(key.columns, key.referenced_columns, strict=True)
    same = " AND ".join(f"p.{quote(theirs)} = t.{quote(ours)}" for ours, theirs in pairs)
    given = " AND ".join(f"t.{quote(c)} IS NOT NULL" for c in key.columns)
    find = (
        f"SELECT * FROM {table.name} AS t WHERE {given} AND NOT EXISTS "
        f"(SELECT 1 FROM {key.referenced} AS p WHERE {same});"
    )
    return "\n".join([*_comment(find), create.foreign_key(table.name, key)])


def _mending(table: ServerTable) -> list[str]:
    """How to find the rows, as comments: what stands in their place is for a person to say."""
    lines = []
    for check in table.checks:
        if check.tightens:
            column = quote(check.tightens)
            lines += _comment(f"UPDATE {table.name} SET {column} = <a value> WHERE {column} IS NULL;")
        elif check.unchecked:
            lines += _comment(f"SELECT * FROM {table.name} WHERE NOT ({check.expression});")
    for index in (i for i in table.indexes if i.loosened):
        columns = ", ".join(quote(c.name) for c in index.columns)
        where = f" WHERE {index.where}" if index.where else ""
        lines += _comment(f"SELECT {columns} FROM {table.name}{where} GROUP BY {columns} HAVING COUNT(*) > 1;")
    return lines


def _comment(text: str) -> list[str]:
    return [f"-- {line}" for line in text.splitlines()]


__all__ = ["relax", "tightening"]
