"""The difference between what is wanted and what a server has, object by object, with the statements of each choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from wizard.convert import script
from wizard.convert.alter import AlterStep, alter_table
from wizard.convert.equivalence import same_module
from wizard.convert.references import free_changes, free_table
from wizard.objects import Conversion, Name, ObjectKind, ServerModule, ServerTable, Statement
from wizard.outcomes import LoadOutcome


class SchemaDifference(StrEnum):
    """How an object stands against the server."""

    CREATE = "create"
    """it is not there"""
    SAME = "same"
    ALTER = "alter"
    """it is there and differs, and statements can bring it to what is wanted"""
    CONFLICT = "conflict"
    """no statement reaches what is wanted, or it was changed on the server since it was loaded and here too"""


class SyncChoice(StrEnum):
    """What can be done about that."""

    CREATE = "create"
    ALTER = "alter"
    RECREATE = "recreate"
    SKIP = "skip"


_DONE = {
    SyncChoice.CREATE: LoadOutcome.CREATED,
    SyncChoice.ALTER: LoadOutcome.ALTERED,
    SyncChoice.RECREATE: LoadOutcome.RECREATED,
}


@dataclass(frozen=True, slots=True)
class ComparedObject:
    """One object. `works` has the statements of each choice that is possible (SKIP has none)."""

    name: Name
    kind: ObjectKind
    difference: SchemaDifference
    details: tuple[str, ...]
    """what differs, for people"""
    works: Mapping[SyncChoice, AlterStep]

    def sql(self, choice: SyncChoice) -> str:
        """What a choice would run, for reading."""
        work = self.works.get(choice)
        return "\n".join(s.sql for s in (*work.before, *work.after)) if work else ""


def compare(
    wanted: Conversion,
    tables: Iterable[ServerTable],
    modules: Iterable[ServerModule] = (),
    last: Conversion | None = None,
    unseen: frozenset[ObjectKind] = frozenset(),
) -> tuple[ComparedObject, ...]:
    """Every wanted table and module against those present on a server (`tables`, `modules`), in the wanted order.

    `last` is the conversion as it was loaded last: with it a change here is distinguished from one made on the server.
    `unseen` are the kinds of parts (INDEX, FOREIGN_KEY, CHECK) that the server could not list.
    """
    old_tables = {_key(t.name): t for t in last.tables} if last else {}
    present = {_key(t.name): _with_keys(t, old_tables.get(_key(t.name)), unseen) for t in tables}
    there = {_key(m.name): m for m in modules}
    old_modules = {_key(m.name): m for m in last.modules} if last else {}
    made = _by_owner(wanted)
    found = [
        _taken(t.name, ObjectKind.TABLE, there[_key(t.name)].kind)
        if _key(t.name) in there
        else _table(t, old_tables.get(_key(t.name)), made[t.name], present, unseen)
        for t in wanted.tables
    ]
    found += [
        _taken(m.name, m.kind, ObjectKind.TABLE)
        if _key(m.name) in present
        else _module(m, there.get(_key(m.name)), old_modules.get(_key(m.name)), made[m.name])
        for m in script.in_order(wanted.modules)
    ]
    return tuple(found)


def _taken(name: Name, kind: ObjectKind, other: ObjectKind) -> ComparedObject:
    """The name is that of something else, which only a person may take away: a table has rows."""
    return ComparedObject(name, kind, SchemaDifference.CONFLICT, (f"on the server it is a {other}",), {})


def plan(
    wanted: Conversion, compared: Sequence[ComparedObject], chosen: Mapping[Name, SyncChoice]
) -> list[tuple[Statement, LoadOutcome]]:
    """The statements of all choices in the order of running, each with the word for what it does.

    Drops come first, from foreign keys to tables, then everything new in the order of kinds.
    """
    works = [(one, c, w) for one in compared if (w := one.works.get(c := chosen.get(one.name, SyncChoice.SKIP)))]
    own = {_part(s) for one, _, w in works for s in (*w.before, *w.after) if _key(s.name) == _key(one.name)}
    anew = {_key(one.name) for one, choice, _ in works if choice is SyncChoice.RECREATE}
    before = [(s, _DONE[choice]) for _, choice, w in works for s in w.before]
    after = [
        (s, _DONE[choice])
        for one, choice, w in works
        for s in w.after
        # whoever changes a table itself knows which foreign keys it is to have
        if _key(s.name) == _key(one.name) or not (_part(s) in own or _key(s.name) in anew)
    ]
    dropping = {ObjectKind.FOREIGN_KEY: 0, ObjectKind.CHECK: 1, ObjectKind.DEFAULT: 1, ObjectKind.INDEX: 2,
                ObjectKind.PRIMARY_KEY: 3, ObjectKind.TABLE: 4}  # fmt: skip
    before.sort(key=lambda pair: dropping.get(pair[0].kind, 5))
    rank = script.rank(wanted)
    after.sort(key=lambda pair: rank(pair[0]))
    schemas = [(s, LoadOutcome.CREATED) for s in script.statements(wanted) if s.kind is ObjectKind.SCHEMA]
    return [*(schemas if after else []), *_once(before), *_once(after)]


def _part(statement: Statement) -> tuple[object, ...]:
    """What a statement drops or makes, where two tables' works may both do it: a foreign key. Else its text."""
    if statement.kind is ObjectKind.FOREIGN_KEY:
        return (*_key(statement.name), statement.part.casefold())
    return (statement.sql,)


def _once(steps: list[tuple[Statement, LoadOutcome]]) -> list[tuple[Statement, LoadOutcome]]:
    found: dict[tuple[object, ...], tuple[Statement, LoadOutcome]] = {}
    for step in steps:
        found.setdefault(_part(step[0]), step)
    return list(found.values())


def _key(name: Name) -> tuple[str, str]:
    return name.schema.casefold(), name.name.casefold()


def _by_owner(wanted: Conversion) -> dict[Name, list[Statement]]:
    names = [t.name for t in wanted.tables] + [m.name for m in wanted.modules]
    found: dict[Name, list[Statement]] = {name: [] for name in names}
    for statement in script.statements(wanted):
        if statement.name in found:
            found[statement.name].append(statement)
    return found


def _table(
    wanted: ServerTable, last: ServerTable | None, made: list[Statement],
    there: Mapping[tuple[str, str], ServerTable], unseen: frozenset[ObjectKind],
) -> ComparedObject:  # fmt: skip
    present = there.get(_key(wanted.name))
    if present is None:
        return ComparedObject(
            wanted.name, ObjectKind.TABLE, SchemaDifference.CREATE, (), {SyncChoice.CREATE: AlterStep(after=made)}
        )
    work = alter_table(wanted, present, last, unseen)
    free_changes(work, present, there.values())
    changed = bool(work.before or work.after or work.impossible)
    if not changed:
        return ComparedObject(wanted.name, ObjectKind.TABLE, SchemaDifference.SAME, tuple(work.details), {})
    both = last is not None and last != wanted and _drifted(last, present, unseen)
    details = [*work.details, *work.impossible]
    if both:
        details.append("it was changed on the server as well since it was loaded")
    works = {SyncChoice.RECREATE: _recreated(present, made, tuple(there.values()))}
    if not work.impossible:
        works[SyncChoice.ALTER] = work
    difference = SchemaDifference.CONFLICT if both or work.impossible else SchemaDifference.ALTER
    return ComparedObject(wanted.name, ObjectKind.TABLE, difference, tuple(details), works)


def _with_keys(present: ServerTable, last: ServerTable | None, unseen: frozenset[ObjectKind]) -> ServerTable:
    """The table with the foreign keys that it was loaded with, where the server could not list them."""
    return replace(present, foreign_keys=last.foreign_keys) if last and ObjectKind.FOREIGN_KEY in unseen else present


def _drifted(last: ServerTable, present: ServerTable, unseen: frozenset[ObjectKind]) -> bool:
    """Whether the server's table is no longer what was loaded. What waits for the rows may not have been made yet."""
    work = alter_table(last, present, last, unseen)
    after = [s for s in work.after if not (s.waits or s.after_rows or (s.part and s.kind is ObjectKind.DESCRIPTION))]
    return bool(work.before or after or work.impossible)


def _recreated(present: ServerTable, made: list[Statement], all_present: Sequence[ServerTable]) -> AlterStep:
    """Drop the table, its rows with it, and make it again; foreign keys of other tables are made again after it."""
    work = AlterStep(details=["its rows are dropped with it"])
    free_table(work, present, all_present)
    work.before.append(Statement(ObjectKind.TABLE, present.name, f"DROP TABLE {present.name};", drops=True))
    work.after += made
    return work


def _module(
    wanted: ServerModule, present: ServerModule | None, last: ServerModule | None, made: list[Statement]
) -> ComparedObject:
    altered, made = ([_headed(s, verb) for s in made] for verb in ("ALTER", "CREATE"))
    if present is None:
        return ComparedObject(
            wanted.name, wanted.kind, SchemaDifference.CREATE, (), {SyncChoice.CREATE: AlterStep(after=made)}
        )
    if present.kind is not wanted.kind:
        drop = Statement(present.kind, present.name, f"DROP {present.kind.name} {present.name};", drops=True)
        detail = f"on the server it is a {present.kind}"
        works = {SyncChoice.RECREATE: AlterStep(before=[drop], after=made)}
        return ComparedObject(wanted.name, wanted.kind, SchemaDifference.CONFLICT, (detail,), works)
    if same_module(wanted, present, last):
        return ComparedObject(wanted.name, wanted.kind, SchemaDifference.SAME, (), {})
    both = last is not None and last.sql != wanted.sql and not same_module(last, present, last)
    details = ["its text differs"] + (["it was changed on the server as well since it was loaded"] if both else [])
    drop = Statement(wanted.kind, wanted.name, f"DROP {wanted.kind.name} {wanted.name};", drops=True)
    works = {
        SyncChoice.ALTER: AlterStep(after=altered),
        SyncChoice.RECREATE: AlterStep(before=[drop], after=made),
    }
    difference = SchemaDifference.CONFLICT if both else SchemaDifference.ALTER
    return ComparedObject(wanted.name, wanted.kind, difference, tuple(details), works)


def _headed(statement: Statement, verb: str) -> Statement:
    """By what is there: CREATE OR ALTER came with Service Pack 1 of SQL Server 2016."""
    if statement.kind is ObjectKind.DESCRIPTION:
        return statement
    return replace(statement, sql=script.headed(statement.sql, verb))
