"""The preview of stage 7: what it would do to a server, object by object; and what is there no more as it was made."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from wizard.coercion.widening import filled, narrowed
from wizard.convert import schema_diff
from wizard.convert.alter import AlterStep
from wizard.convert.schema_diff import ComparedObject, SchemaDifference, SyncChoice
from wizard.messages import Kind, Message, Place
from wizard.objects import Conversion, ObjectKind, ServerTable, Statement
from wizard.settings import Options, WhenExists
from wizard.sqlserver import connection_test, introspection
from wizard.sqlserver.retry import RetryPolicy
from wizard.sqlserver.statement_runner import StatementStep
from wizard.sqlserver.timeouts import current
from wizard.stages.databases import DatabaseScope, before_and_after_rows
from wizard.stages.views import LoadAction, LoadItem, ObjectDifference


@dataclass(frozen=True)
class SchemaComparison:
    """A part against its database."""

    part: DatabaseScope
    options: Options
    compared: tuple[ComparedObject, ...]
    messages: tuple[Message, ...]
    """what the server could not list"""
    journals: frozenset[str] = frozenset()
    """schemas with a journal of Jetferry's, case-folded"""

    def items(self, actions: Mapping[str, str]) -> Iterator[LoadItem]:
        """A line an object; `actions` are those a person chose, by the object's quoted name."""
        for one in self.compared:
            found = self._difference(one)
            choices = _choices(one, found)
            chosen = actions.get(str(one.name), "")
            action = LoadAction(chosen) if chosen in choices else _proposed(found, choices, self.options)
            choice = _CHOICE.get(action)
            sql = one.sql(choice) if choice else ""
            yield LoadItem(
                str(one.name),
                one.kind.value,
                found,
                action,
                choices,
                "; ".join(one.details) or _follows(one, found),
                sql,
            )

    def _difference(self, one: ComparedObject) -> ObjectDifference:
        """Where only what waits for the rows is missing, the object is as it should be before they come."""
        work = one.works.get(SyncChoice.ALTER)
        found = ObjectDifference(one.difference.value)
        if found is ObjectDifference.ALTER and work is not None and not self._now(work):
            return ObjectDifference.SAME
        return found

    @property
    def waiting(self) -> bool:
        """Whether something of a table that is there is to be made after the rows, by stage 8."""
        return any(self._difference(one).value != one.difference.value for one in self.compared)

    def _now(self, work: AlterStep) -> Sequence[Statement]:
        made = [*work.before, *work.after]
        return before_and_after_rows(made, self.options.constraints)[0]

    def steps(self, items: Sequence[LoadItem]) -> list[StatementStep]:
        """The statements that do what was chosen, in order; those that wait for the rows are stage 8's."""
        actions = {i.name: i.action for i in items}
        chosen = {c.name: _CHOICE[actions[str(c.name)]] for c in self.compared if actions[str(c.name)] in _CHOICE}
        planned = schema_diff.plan(self.part.conversion, self.compared, chosen)
        now = {id(s) for s in before_and_after_rows([s for s, _ in planned], self.options.constraints)[0]}
        return [StatementStep(s, word) for s, word in planned if id(s) in now]


_CHOICE = {
    LoadAction.CREATE: SyncChoice.CREATE,
    LoadAction.ALTER: SyncChoice.ALTER,
    LoadAction.RECREATE: SyncChoice.RECREATE,
}


_ATTEMPTS = 5
"""of a question that somebody waits for: some seconds, after which one may ask again"""


def compare(part: DatabaseScope, password: str, options: Options, last: Conversion | None) -> SchemaComparison:
    """Ask the server what is there. `last` is what was loaded last. Raises TargetError in words."""
    there = _existing(part, password)
    compared = schema_diff.compare(part.conversion, there.tables, there.modules, last, there.unseen)
    messages = (*there.messages, *_converting(part.conversion, there.tables))
    return SchemaComparison(part, options, compared, messages, there.journals)


def _existing(part: DatabaseScope, password: str) -> introspection.ExistingObjects:
    names = {t.name.schema for t in part.conversion.tables} | {m.name.schema for m in part.conversion.modules}
    policy = RetryPolicy(attempts=_ATTEMPTS, sleep=current().rest)
    return connection_test.ask_server(
        part.connection, password, lambda s: introspection.existing_objects(s, sorted(names)), policy
    )


def changed_objects(
    part: DatabaseScope, password: str, known: Collection[tuple[str, str]]
) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """A message for each object that is not as it was made any more, and what the server could not list.

    `known` are objects and parts of them (quoted name, part) that were not made, or are told of otherwise. So are
    tables that are gone. Descriptions guard nothing. Raises TargetError in words.
    """
    made, there = _made(part.conversion, known), _existing(part, password)
    changed = []
    for one in schema_diff.compare(made, there.tables, there.modules, made, there.unseen):
        gone = one.difference is SchemaDifference.CREATE
        if one.difference is SchemaDifference.SAME or (gone and one.kind is ObjectKind.TABLE):
            continue
        place = Place(Kind.OBJECT, name=str(one.name))
        detail = "it is gone" if gone else "; ".join(one.details)
        changed.append(Message.of(5106, place, kind=one.kind, name=one.name, detail=detail))
    return tuple(changed), there.messages


def _made(conversion: Conversion, known: Collection[tuple[str, str]]) -> Conversion:
    """The conversion without what is `known` not to be there."""

    def table(whole: ServerTable) -> ServerTable:
        absent = {part for name, part in known if name == str(whole.name)}
        key = whole.primary_key
        return replace(
            whole,
            columns=tuple(replace(c, description="") for c in whole.columns if c.name not in absent),
            primary_key=None if key is None or key.name in absent else key,
            indexes=tuple(i for i in whole.indexes if i.name not in absent),
            foreign_keys=tuple(k for k in whole.foreign_keys if k.name not in absent),
            checks=tuple(c for c in whole.checks if c.name not in absent),
            description="",
        )

    return replace(
        conversion,
        tables=tuple(table(t) for t in conversion.tables if (str(t.name), "") not in known),
        modules=tuple(m for m in conversion.modules if (str(m.name), "") not in known),
    )


def _converting(conversion: Conversion, there: Sequence[ServerTable]) -> Iterator[Message]:
    """A message for each column that is to be of a type which does not hold all that it holds now."""
    present = {(t.name.schema.casefold(), t.name.name.casefold()): t for t in there}
    for table in conversion.tables:
        found = present.get((table.name.schema.casefold(), table.name.name.casefold()))
        for name, former in narrowed(table.columns, filled(found.columns) if found else ()).items():
            column = table.column(name)
            if column is not None and not column.computed:
                place = Place(Kind.TABLE, name=str(table.name), part=name)
                yield Message.of(5027, place, table=table.name, column=name, type=column.type, former=former)


def _choices(one: ComparedObject, found: ObjectDifference) -> tuple[LoadAction, ...]:
    if found is ObjectDifference.SAME:
        return (LoadAction.NOTHING, LoadAction.RECREATE) if SyncChoice.RECREATE in one.works else (LoadAction.NOTHING,)
    possible = tuple(action for action, choice in _CHOICE.items() if choice in one.works)
    return (*possible, LoadAction.SKIP)


def _proposed(found: ObjectDifference, choices: Sequence[LoadAction], options: Options) -> LoadAction:
    """As the option says; what differs on both sides, or cannot be altered, is left for a person to decide."""
    if found is ObjectDifference.SAME:
        return LoadAction.NOTHING
    if found is ObjectDifference.CREATE:
        return LoadAction.CREATE
    wanted = {
        WhenExists.ALTER: LoadAction.ALTER if found is ObjectDifference.ALTER else LoadAction.SKIP,
        WhenExists.RECREATE: LoadAction.RECREATE,
        WhenExists.SKIP: LoadAction.SKIP,
    }[options.when_exists]
    return wanted if wanted in choices else LoadAction.SKIP


def _follows(one: ComparedObject, found: ObjectDifference) -> str:
    return "the rest follows in stage 8, after the rows" if found.value != one.difference.value else ""
