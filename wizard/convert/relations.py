"""Relationships to foreign keys: enforced ones only, with those cascades that SQL Server can have together."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from wizard.convert.cascades import CascadeEdge, CascadeGraph
from wizard.convert.columns import column_facts
from wizard.convert.draft import ConversionTask, Drafts, TableDraft, draft_item, leveled
from wizard.convert.keys import can_be_key
from wizard.convert.matching_types import TiedColumn, TypeMatch
from wizard.convert.names import NameRegister
from wizard.convert.server_limits import INDEXES, REFERRED, REFERRING, index_room
from wizard.definitions import Relationship
from wizard.messages import Kind, Message, Place
from wizard.objects import (
    MAX,
    Action,
    Converted,
    ForeignKey,
    KeyColumn,
    Name,
    ServerColumn,
    ServerIndex,
    TableRef,
    quote,
)


def convert_relationships(
    task: ConversionTask, drafts: Drafts, given: Drafts, agreed: TypeMatch
) -> tuple[Converted, ...]:
    """Give the drafts their foreign keys; the items of relationships whose tables are not all here are returned.

    `given` are other sources' tables: keys may refer to them. `agreed` says which columns were widened for keys.
    """
    graph = CascadeGraph(_edge(d, k) for d in {g.name: g for g in given.values()}.values() for k in d.foreign_keys)
    referred = Counter(k.referenced for d in {g.name: g for g in given.values()}.values() for k in d.foreign_keys)
    homeless: list[Converted] = []
    for relationship in (*task.database.relationships, *_of_complex_columns(task)):
        child = drafts.get(relationship.table.casefold())
        if child is None:
            ref = TableRef(task.source, relationship.table)
            absent = (_not_here(task, relationship, relationship.table),)
            homeless.append(draft_item(ref, "foreign_keys", relationship.name, "", absent))
            continue
        made, messages = _foreign_key(task, {**given, **drafts}, child, relationship, agreed)
        if made is not None and (many := _too_many(task, relationship, child, made, referred)):
            made, messages = None, (*messages, many)
        if made is not None:
            referred[made.referenced] += 1
            made, cascade = _allowed(graph, child, made, _place(task, relationship))
            messages += cascade
            child.foreign_keys.append(made)
        child.note("foreign_keys", relationship.name, made.name if made else "", messages)
    return tuple(homeless)


def _too_many(
    task: ConversionTask, relationship: Relationship, child: TableDraft, key: ForeignKey, referred: Counter[Name]
) -> Message | None:
    """Why a table can have no further foreign key, or have none refer to it; None where it can."""
    place = _place(task, relationship)
    if len(child.foreign_keys) >= REFERRING:
        return Message.of(2075, place, table=child.name.name, limit=REFERRING)
    if referred[key.referenced] >= REFERRED:
        return Message.of(2076, place, table=key.referenced.name, limit=REFERRED)
    return None


def _of_complex_columns(task: ConversionTask) -> list[Relationship]:
    """A child table of a complex column belongs to its parent: its rows go with it."""
    return [
        Relationship(
            f"{t.child_of.table} {t.child_of.column}",
            t.name,
            (t.child_of.key,),
            t.child_of.table,
            (t.child_of.column,),
            cascade_delete=True,
        )
        for t in task.database.tables
        if t.child_of is not None
    ]


def _place(task: ConversionTask, relationship: Relationship) -> Place:
    return Place(Kind.RELATIONSHIP, task.source, relationship.table, relationship.name)


def _not_here(task: ConversionTask, relationship: Relationship, table: str) -> Message:
    linked = any(t.name.casefold() == table.casefold() for t in task.database.linked_tables)
    return Message.of(2062 if linked else 2061, _place(task, relationship), table=table)


def _foreign_key(
    task: ConversionTask, drafts: Drafts, child: TableDraft, relationship: Relationship, agreed: TypeMatch
) -> tuple[ForeignKey | None, tuple[Message, ...]]:
    parent = drafts.get(relationship.referenced_table.casefold())
    pairs = _pairs(child, parent, relationship) if parent else []
    reason = _impossible(task, parent, pairs, relationship, agreed)
    if reason or parent is None:
        return None, reason
    place = _place(task, relationship)
    messages = _widened(task, drafts, relationship, agreed)
    pairs, more = _matched(task, parent, relationship, pairs)
    if not pairs:
        return None, (*messages, *more)
    columns, referenced = tuple(c.name for c, _ in pairs), tuple(p.name for _, p in pairs)
    twin = next((k for k in child.foreign_keys if _same_pairs(k, parent, columns, referenced)), None)
    if twin:
        return None, (Message.of(2066, place, other=twin.source),)
    return ForeignKey(
        name=task.constraint(f"FK_{child.name.name}_{parent.name.name}"),
        columns=columns,
        referenced=parent.name,
        referenced_columns=referenced,
        on_delete=_on_delete(relationship, pairs),
        on_update=Action.CASCADE if relationship.cascade_update else Action.NO_ACTION,
        source=relationship.name,
    ), (*messages, *more)


def _impossible(
    task: ConversionTask,
    parent: TableDraft | None,
    pairs: list[tuple[ServerColumn, ServerColumn]],
    relationship: Relationship,
    agreed: TypeMatch,
) -> tuple[Message, ...]:
    """Why no foreign key can be made; nothing where one can."""
    place = _place(task, relationship)
    if not relationship.enforced:
        return (Message.of(2060, place, other=relationship.referenced_table),)
    if parent is None:
        return (_not_here(task, relationship, relationship.referenced_table),)
    if not pairs:
        return (Message.of(2063, place, other=relationship.referenced_table),)
    for (c, p), ends in zip(pairs, _ends(relationship), strict=True):
        facts = {"column": f"{relationship.table}.{c.name}", "type": c.type}
        facts |= {"other": f"{parent.name.name}.{p.name}", "other_type": p.type}
        if c.computed or p.computed:
            return (Message.of(2074, place, column=c.name if c.computed else p.name),)
        if not comparable(c, p):
            reason = next((agreed.reasons[e] for e in ends if e in agreed.reasons), "")
            return (Message.of(2073, place, **facts, reason=reason) if reason else Message.of(2064, place, **facts),)
    return ()


def _ends(relationship: Relationship) -> list[tuple[TiedColumn, TiedColumn]]:
    """Both ends of each pair of columns, by their names in Access."""
    own, other = relationship.table.casefold(), relationship.referenced_table.casefold()
    named = zip(relationship.columns, relationship.referenced_columns, strict=True)
    return [((own, a.casefold()), (other, b.casefold())) for a, b in named]


def _widened(
    task: ConversionTask, drafts: Drafts, relationship: Relationship, agreed: TypeMatch
) -> tuple[Message, ...]:
    """What is said of columns that were widened for this relationship's sake."""
    told: list[Message] = []
    for pair in _ends(relationship):
        for end, other in (pair, pair[::-1]):
            before, column = agreed.untold(end), drafts[end[0]].column(end[1])
            far = drafts[other[0]].column(other[1])
            if before is None or column is None or far is None:
                continue
            facts = {"column": column.name, "table": drafts[end[0]].name.name, "type": before, "new": column.type}
            message = Message.of(2065, _place(task, relationship), **facts, other=far.name)
            told += leveled(task.options.foreign_key_size, message)
    return tuple(told)


def _pairs(
    child: TableDraft, parent: TableDraft, relationship: Relationship
) -> list[tuple[ServerColumn, ServerColumn]]:
    """Referring and referred column, pair by pair; none where a column is absent or could not be converted."""
    if len(relationship.columns) != len(relationship.referenced_columns) or not relationship.columns:
        return []
    found = [
        (c, p)
        for own, other in zip(relationship.columns, relationship.referenced_columns, strict=True)
        if (c := child.column(own)) and (p := parent.column(other))
    ]
    return found if len(found) == len(relationship.columns) else []


def comparable(child: ServerColumn, parent: ServerColumn) -> bool:
    """SQL Server wants the same type, with length, precision and scale (1753, 1778), and the same collation (1757)."""
    return child.type == parent.type and child.type.length != MAX and child.collation == parent.collation


def _same_pairs(key: ForeignKey, parent: TableDraft, columns: tuple[str, ...], referenced: tuple[str, ...]) -> bool:
    pairs = set(zip(columns, referenced, strict=True))
    return key.referenced == parent.name and set(zip(key.columns, key.referenced_columns, strict=True)) == pairs


def _on_delete(relationship: Relationship, pairs: list[tuple[ServerColumn, ServerColumn]]) -> Action:
    if relationship.cascade_delete:
        return Action.CASCADE
    nullable = all(c.nullable for c, _ in pairs)
    return Action.SET_NULL if relationship.cascade_null and nullable else Action.NO_ACTION


def _matched(
    task: ConversionTask, parent: TableDraft, relationship: Relationship, pairs: list[tuple[ServerColumn, ServerColumn]]
) -> tuple[list[tuple[ServerColumn, ServerColumn]], tuple[Message, ...]]:
    """The pairs in the order of the key they refer to. Makes a unique index where Access has one and we do not.

    SQL Server refers to a key or a unique index without filter, so that a unique index whose columns may be NULL
    must do without its filter: it then takes one NULL at most.
    """
    place = _place(task, relationship)
    wanted = {p.name for _, p in pairs}
    keys = [
        k for k in (parent.primary_key, *parent.indexes) if k and k.unique and {c.name for c in k.columns} == wanted
    ]
    plain = next((k for k in keys if not k.where), None)
    if plain is None:
        unique = any(i.unique and _covers(parent, i.columns, wanted) for i in parent.table.indexes)
        unique = unique and can_be_key(parent, tuple(KeyColumn(p.name) for _, p in pairs))
        if not unique and not _is_complex(parent, wanted):
            return [], (Message.of(2067, place, columns=", ".join(sorted(wanted)), table=parent.name.name),)
        if parent.given:
            return [], (Message.of(2072, place, columns=", ".join(sorted(wanted)), table=parent.name.name),)
        if _several_nulls(task, parent, relationship.referenced_columns):
            return [], (Message.of(2068, place, columns=", ".join(sorted(wanted)), table=parent.name.name),)
        if not keys and index_room(parent) < 1:
            return [], (Message.of(2058, place, limit=INDEXES),)
        plain = _unfiltered(parent, keys, [p for _, p in pairs])
    order = {c.name: number for number, c in enumerate(plain.columns)}
    nullable = any(p.nullable for _, p in pairs) and not _is_complex(parent, wanted)
    told = (Message.of(2069, place, index=plain.name, table=parent.name.name),) if nullable else ()
    return sorted(pairs, key=lambda pair: order[pair[1].name]), told


def _covers(parent: TableDraft, columns: tuple[object, ...], wanted: set[str]) -> bool:
    names = {found.name for c in columns if (found := parent.column(str(getattr(c, "name", ""))))}
    return names == wanted


def _is_complex(parent: TableDraft, wanted: set[str]) -> bool:
    return len(wanted) == 1 and any(
        c.complex_kind and (found := parent.column(c.name)) and found.name in wanted for c in parent.table.columns
    )


def _several_nulls(task: ConversionTask, parent: TableDraft, columns: tuple[str, ...]) -> bool:
    facts = column_facts(task, parent)
    return any((f := facts.get(c.casefold())) is not None and f.nulls > 1 for c in columns)


def _unfiltered(parent: TableDraft, keys: list[ServerIndex], columns: list[ServerColumn]) -> ServerIndex:
    if keys:
        made = replace(keys[0], where="")
        parent.indexes[parent.indexes.index(keys[0])] = made
        return made
    names = NameRegister(tuple(i.name for i in parent.indexes))
    name = names.take(f"UX_{parent.name.name}_{'_'.join(c.name for c in columns)}")
    made = ServerIndex(name, tuple(KeyColumn(c.name) for c in columns), unique=True)
    parent.indexes.append(made)
    return made


def _allowed(
    graph: CascadeGraph, child: TableDraft, key: ForeignKey, place: Place
) -> tuple[ForeignKey, tuple[Message, ...]]:
    """The key with those of its cascades that do not lead to a table twice; what is left out has a message."""
    messages: list[Message] = []
    kept = replace(key, on_delete=Action.NO_ACTION, on_update=Action.NO_ACTION)
    for side, action, words in (
        ("on_delete", key.on_delete, "deleting"),
        ("on_update", key.on_update, "updating"),
    ):
        if action is Action.NO_ACTION:
            continue
        trial = replace(kept, on_delete=action) if side == "on_delete" else replace(kept, on_update=action)
        path = graph.clash(_edge(child, trial))
        if path:
            way = " -> ".join(quote(n.name) for n in path)
            messages.append(Message.of(2070, place, what=words, path=way))
        else:
            kept = trial
    graph.add(_edge(child, kept))
    return kept, tuple(messages)


def _edge(child: TableDraft, key: ForeignKey) -> CascadeEdge:
    return CascadeEdge(key.referenced, child.name, key.on_delete, key.on_update)
