"""Tables: the conversion of everything but queries, in passes over all tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wizard.convert import server_limits
from wizard.convert.columns import RANDOM, add_columns, column_facts, convert_columns
from wizard.convert.draft import ConversionTask, TableDraft, draft_item
from wizard.convert.keys import convert_keys
from wizard.convert.matching_types import match_types
from wizard.convert.names import NameRegister, needs_quoting, renamed
from wizard.convert.relations import convert_relationships
from wizard.convert.rules import convert_rules, name_defaults
from wizard.definitions import Table
from wizard.messages import Message, Severity
from wizard.objects import Converted, KeyColumn, Name, Outcome, ServerIndex, ServerTable, TableRef, quote


def convert_tables(
    task: ConversionTask, given: Mapping[str, TableDraft] | None = None
) -> tuple[tuple[ServerTable, ...], tuple[Converted, ...], dict[str, TableDraft]]:
    """The tables, what became of each part, and the drafts (by case-folded Access name) for the queries to look at.

    `given` are tables of other sources, to which relationships may lead.
    """
    drafts = {t.name.casefold(): _draft(task, t) for t in task.database.tables}
    for draft in drafts.values():
        convert_columns(task, draft)
    agreed = match_types(task, drafts, given or {})
    for draft in drafts.values():
        convert_keys(task, draft)
        _index_complex(task, draft)
        convert_rules(task, draft)
    homeless = convert_relationships(task, drafts, given or {}, agreed)
    for draft in drafts.values():
        add_columns(task, draft)
        name_defaults(task, draft)
        draft.messages += server_limits.row_size_messages(draft.finished(task.options), draft.place())
    items = [i for draft in drafts.values() for i in (_table_item(draft), *draft.items)]
    return tuple(d.finished(task.options) for d in drafts.values()), (*items, *homeless), drafts


def _draft(task: ConversionTask, table: Table) -> TableDraft:
    name = task.names.take(table.name)
    draft = TableDraft(table, Name(task.schema, name), TableRef(task.source, table.name))
    if task.options.warn_renamed:
        draft.messages.extend(renamed(table.name, name, draft.place()))
        if needs_quoting(name):
            draft.messages.append(Message.of(2022, draft.place(), name=name))
    return draft


def _index_complex(task: ConversionTask, draft: TableDraft) -> None:
    """The number in a complex column is what its child table refers to, so that it is unique.

    SQL Server's foreign keys refer to no filtered index, and one without filter takes one NULL: new rows get a number
    by a default, as Access gives them one. Where the data has several NULLs the index is filtered, at the price of
    the foreign key (message 2068).
    """
    facts = column_facts(task, draft)
    names = NameRegister(tuple(i.name for i in draft.indexes))
    for column in draft.table.columns:
        made = draft.column(column.name)
        if column.complex_kind is None or made is None:
            continue
        known = facts.get(column.name.casefold())
        several = known is not None and known.nulls > 1
        where = f"{quote(made.name)} IS NOT NULL" if several else ""
        if not made.default:
            draft.change(column.name, replace(made, default=RANDOM))
            draft.messages.append(Message.of(2034, draft.place(column.name)))
        key = (KeyColumn(made.name),)
        there = next((n for n, i in enumerate(draft.indexes) if i.unique and i.columns == key), None)
        if there is not None:
            draft.indexes[there] = replace(draft.indexes[there], where=where)
        else:
            name = names.take(f"UX_{draft.name.name}_{made.name}")
            draft.indexes.append(ServerIndex(name, key, unique=True, where=where))


def _table_item(draft: TableDraft) -> Converted:
    """A table is there in any case; partly where something of it is not."""
    whole = draft_item(draft.ref, "tables", "", str(draft.name), tuple(draft.messages))
    lost = any(i.outcome is not Outcome.CONVERTED for i in draft.items)
    worst = any(m.severity is Severity.ERROR for m in draft.messages)
    outcome = Outcome.PARTLY if lost or worst else Outcome.CONVERTED
    if not draft.columns:
        outcome = Outcome.FAILED
    return Converted(whole.source, whole.category, "", outcome, whole.target, whole.messages)
