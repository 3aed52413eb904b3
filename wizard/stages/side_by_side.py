"""An object's source beside its target, for stage 6: as two texts, or a table line by line."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.convert import type_rules
from wizard.convert.object_texts import both_sides, column_properties, column_type, index_words
from wizard.definitions import Database, Index, Relationship, Table
from wizard.messages import StageError
from wizard.objects import Conversion, ForeignKey, ServerColumn, ServerIndex, ServerTable, TableRef, quote
from wizard.settings import Target
from wizard.stages.views import AlignedLine, SideBySide


def aligned(database: Database, conversion: Conversion, ref: TableRef, target: Target) -> tuple[AlignedLine, ...]:
    """Raises StageError where no table of that name was converted."""
    access = database.tables_by_name.get(ref.table.casefold())
    server = next((t for t in conversion.tables if t.source == ref), None)
    if access is None or server is None:
        raise StageError(8113, what="converted table", name=ref.table, where=ref.source)
    return (
        *_columns(access, server, target),
        *_indexes(access, server),
        *_relationships(database, access, server),
        *_rules(access, server),
    )


def _columns(access: Table, server: ServerTable, target: Target) -> Iterator[AlignedLine]:
    """In Access's order, then those that the server has beside them."""
    by_source = {c.source.casefold(): c for c in server.columns if c.source}
    for column in access.columns:
        made = by_source.pop(column.name.casefold(), None)
        kind = column_type(column)
        told = f"{column.name}: {kind}{column_properties(column)}"
        if made is None:
            yield AlignedLine(column.name, kind, "(left out)", True, told)
            continue
        choice = type_rules.choose(column, type_rules.DEFAULT_RULES, target)
        usual = choice is not None and choice.type == made.type
        name = "" if made.name == column.name else f"{quote(made.name)} "
        differs = bool(name) or not (usual or made.computed)
        yield AlignedLine(column.name, kind, f"{name}{_type(made)}", differs, f"{told} → {_whole(made)}")
    for made in server.columns:
        if not made.source:
            yield AlignedLine("", "", f"{quote(made.name)} {_type(made)}", True, f"added: {_whole(made)}")


def _type(c: ServerColumn) -> str:
    if c.computed:
        return f"AS {c.computed}"
    return f"{c.type}{' IDENTITY' if c.identity else ''} {'NULL' if c.nullable else 'NOT NULL'}"


def _whole(c: ServerColumn) -> str:
    default = f" DEFAULT {c.default}" if c.default else ""
    note = f", {c.description}" if c.description else ""
    return f"{quote(c.name)} {_type(c)}{default}{note}"


def _indexes(access: Table, server: ServerTable) -> Iterator[AlignedLine]:
    made = {(i.source or i.name).casefold(): i for i in server.indexes}
    for index in access.indexes:
        there = server.primary_key if index.primary else made.pop(index.name.casefold(), None)
        words = index_words(index)
        if there is None and index.for_relationship:  # its line says it
            continue
        if there is None:
            yield AlignedLine(index.name, "", "(left out)", True, words)
            continue
        kind = "primary key" if index.primary else ("unique index" if index.unique else "index")
        differs = [k.name for k in index.columns] != [k.name for k in there.columns] or _unique(index) != there.unique
        yield AlignedLine(index.name, kind, _index(there), differs, f"{words} → {quote(there.name)} {_index(there)}")
    if server.primary_key and not any(i.primary for i in access.indexes):
        yield AlignedLine("", "", _index(server.primary_key), True, f"added: {quote(server.primary_key.name)}")
    for there in made.values():
        yield AlignedLine("", "", _index(there), True, f"added: {quote(there.name)} {_index(there)}")


def _unique(index: Index) -> bool:
    return index.unique or index.primary


def _index(i: ServerIndex) -> str:
    kind = "PRIMARY KEY" if i.primary else ("UNIQUE" if i.unique else "INDEX")
    columns = ", ".join(f"{quote(k.name)} DESC" if k.descending else quote(k.name) for k in i.columns)
    return f"{kind} ({columns})" + (f" WHERE {i.where}" if i.where else "")


def _relationships(database: Database, access: Table, server: ServerTable) -> Iterator[AlignedLine]:
    made = {k.source.casefold(): k for k in (*server.foreign_keys, *server.left_out)}
    for r in database.relationships:
        if r.table.casefold() == access.name.casefold():
            there = made.get(r.name.casefold())
            waits = " (once old rows are mended)" if there in server.left_out else ""
            shown = f"{_foreign_key(there)}{waits}" if there else "(left out)"
            differs = bool(waits) or there is None
            kind = "relationship"
            yield AlignedLine(r.name, kind, shown, differs, f"{_relationship(r)} → {shown}")


def _relationship(r: Relationship) -> str:
    cascades = (", cascade update" if r.cascade_update else "") + (", cascade delete" if r.cascade_delete else "")
    how = "" if r.enforced else ", not enforced"
    return f"{r.name}: {', '.join(r.columns)} to {r.referenced_table}{cascades}{how}"


def _foreign_key(k: ForeignKey) -> str:
    return f"FOREIGN KEY ({', '.join(map(quote, k.columns))}) REFERENCES {k.referenced}"


def _rules(access: Table, server: ServerTable) -> Iterator[AlignedLine]:
    rules = [(c.name, c.validation_rule) for c in access.columns if c.validation_rule]
    rules += [("", access.validation_rule)] if access.validation_rule else []
    made = {c.column.casefold(): c for c in server.checks if c.rule}
    for column, rule in rules:
        there = made.get(column.casefold())
        shown = f"CHECK ({there.expression})" if there else "(left out)"
        yield AlignedLine(column or "(table)", "rule", shown, there is None, f"rule {rule} → {shown}")


def side_by_side(database: Database, conversion: Conversion, ref: TableRef) -> SideBySide:
    """Raises StageError where the source has neither table, query nor VBA function of that name."""
    found = both_sides(database, conversion, ref)
    if found is None:
        raise StageError(8113, what="table, query or VBA function", name=ref.table, where=ref.source)
    return SideBySide(*found)
