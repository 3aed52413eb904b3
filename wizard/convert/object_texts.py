"""The texts of an object, to be read side by side: its source's and its target's."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.convert import script
from wizard.convert.vba import function_source
from wizard.definitions import Column, Database, Index, Table
from wizard.objects import Conversion, TableRef

FOR_REVIEW = "-- For review: Jetferry does not run this; run it yourself where you want what it makes."


def both_sides(database: Database, conversion: Conversion, ref: TableRef) -> tuple[str, str] | None:
    """The Access side and the T-SQL; None where the source has neither table, query nor VBA function of that name."""
    table = database.tables_by_name.get(ref.table.casefold())
    if table is not None:
        return "\n".join(_table(database, table)), _target(conversion, ref)
    query = next((q for q in database.queries if q.name == ref.table), None)
    if query is not None:
        return query.sql, _target(conversion, ref)
    function = function_source(database, ref.table)
    return (function, _target(conversion, ref)) if function else None


def _target(conversion: Conversion, ref: TableRef) -> str:
    """All statements that make the object; for what was not converted, the reasons as comments."""
    part = Conversion(
        tables=tuple(t for t in conversion.tables if t.source == ref),
        modules=tuple(m for m in conversion.modules if m.source == ref),
    )
    made = [s.sql for s in script.statements(part) if s.kind != "schema"]
    if not made:
        names = {i.target for i in conversion.items if i.source == ref and not i.part}
        made = [f"{FOR_REVIEW}\n{s.sql}" for s in conversion.review if str(s.name) in names]
    if made:
        return "\nGO\n\n".join(made)
    reasons = [m for i in conversion.items if i.source == ref for m in i.messages]
    return "\n".join(["-- not converted", *(f"-- {m.code} {m.text}" for m in reasons)])


def _table(database: Database, table: Table) -> Iterator[str]:
    """A table as Access describes it: a line a column, then keys, rules and relationships."""
    yield f"Table {table.name}"
    if table.description:
        yield f"  description  {table.description}"
    for c in table.columns:
        yield f"  {c.name}  {column_type(c)}{column_properties(c)}"
    for i in table.indexes:
        yield f"  {index_words(i)}"
    if table.validation_rule:
        yield f"  rule  {table.validation_rule}"
    for r in database.relationships:
        if r.table.casefold() == table.name.casefold():
            cascades = (", cascade update" if r.cascade_update else "") + (
                ", cascade delete" if r.cascade_delete else ""
            )
            how = "" if r.enforced else ", not enforced"
            yield f"  relationship {r.name}  {', '.join(r.columns)} -> {r.referenced_table}{cascades}{how}"


def column_type(c: Column) -> str:
    """As Access's designer has it: `text(80)`."""
    if c.length:
        return f"{c.type.value}({c.length})"
    return f"{c.type.value}({c.precision},{c.scale})" if c.precision else c.type.value


def column_properties(c: Column) -> str:
    """What Access asks of its values, each behind a comma."""
    told = [f"AutoNumber {c.auto.value}"] if c.auto else []
    told += ["required"] if c.required else []
    told += ["zero length not allowed"] if c.allow_zero_length is False else []
    for label, text in (("default", c.default), ("rule", c.validation_rule), ("calculated", c.calculated)):
        told += [f"{label} {text}"] if text else []
    return "".join(f", {t}" for t in told)


def index_words(i: Index) -> str:
    """Kind, name and columns."""
    kind = "primary key" if i.primary else ("unique index" if i.unique else "index")
    columns = ", ".join(f"{k.name} descending" if k.descending else k.name for k in i.columns)
    return f"{kind} {i.name} ({columns})" + (", ignores NULLs" if i.ignore_nulls else "")
