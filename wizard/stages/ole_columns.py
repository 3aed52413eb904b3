"""OLE columns that are stored unwrapped: the embedded file in place of the object, type and name beside it.

For each such column the source has two more, text columns with the class of the OLE server (`Paint.Picture`,
`Package`) and the file's name. A value that is no embedded object (a link to a file, what a program stored there
itself, a damaged one) stays as it is, and its type is `raw`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.definitions import Column, ColumnType, Database, Table
from wizard.messages import Kind, Message, Place, StageError

if TYPE_CHECKING:
    import pyarrow as pa

RAW: Final = "raw"
"""the type of a value that was not unwrapped"""
_LONGEST: Final = 255


@dataclass(frozen=True, slots=True)
class UnwrappedColumn:
    """An OLE column, and those made beside it."""

    name: str
    type: str
    file: str


@dataclass(frozen=True)
class UnwrappedTable:
    """What is made of a table's columns as its rows are read."""

    order: tuple[str, ...]
    """all columns, those that are made among them"""
    columns: tuple[UnwrappedColumn, ...]

    def needed(self, asked: Sequence[str]) -> list[str]:
        """The columns of the file that are read for those that are asked for."""
        made = {c.casefold(): u.name for u in self.columns for c in (u.type, u.file)}
        return list(dict.fromkeys(made.get(a.casefold(), a) for a in asked))

    def rows(self, rows: pa.RecordBatch, asked: Sequence[str]) -> pa.RecordBatch:
        """The columns that are asked for, in their order."""
        import pyarrow as pa  # noqa: PLC0415  # a second's work, at the first rows only

        from wizard.access.ole import embedded_file  # noqa: PLC0415

        there = {name.casefold(): place for place, name in enumerate(rows.schema.names)}
        found: dict[str, pa.Array[Any]] = {}
        for column in self.columns:
            place = there.get(column.name.casefold())
            if place is None:
                continue
            values = rows.column(place).to_pylist()
            objects = [embedded_file(v) if v else None for v in values]
            pairs = list(zip(values, objects, strict=True))
            found[column.name.casefold()] = pa.array([o.data if o else v for v, o in pairs], rows.column(place).type)
            found[column.type.casefold()] = pa.array(
                [None if v is None else o.class_name[:_LONGEST] if o else RAW for v, o in pairs], pa.string()
            )
            found[column.file.casefold()] = pa.array(
                [(o.name[:_LONGEST] or None) if o else None for _, o in pairs], pa.string()
            )
        arrays = [found.get(a.casefold()) for a in asked]
        taken = [rows.column(there[a.casefold()]) if f is None else f for a, f in zip(asked, arrays, strict=True)]
        return pa.RecordBatch.from_arrays(taken, names=list(asked))

    def schema(self, schema: pa.Schema) -> pa.Schema:
        """The schema with the columns that are made."""
        import pyarrow as pa  # noqa: PLC0415

        known = {field.name: field for field in schema}
        return pa.schema([known.get(name, pa.field(name, pa.string())) for name in self.order])


def unwrapped(
    tables: Sequence[Table], wanted: Mapping[str, Sequence[str]], source: str
) -> tuple[tuple[Table, ...], dict[str, UnwrappedTable], list[Message]]:
    """The tables with the columns that are made, what is made of them by case-folded name, and the messages about them.

    Args:
        wanted: names of OLE columns by table, in any case.
    """
    asked = {table.casefold(): (table, columns) for table, columns in wanted.items()}
    told: list[Message] = []
    made: dict[str, UnwrappedTable] = {}
    result = []
    for table in tables:
        _, columns = asked.pop(table.name.casefold(), ("", ()))
        changed, plan = _table(table, {c.casefold(): c for c in columns}, source, told)
        result.append(changed)
        if plan:
            made[table.name.casefold()] = plan
    for table_name, columns in asked.values():
        told += [_unknown(source, table_name, c) for c in columns]
    return tuple(result), made, told


def with_column(
    former: Mapping[str, tuple[str, ...]], database: Database, named: tuple[str, str, str], *, wanted: bool
) -> dict[str, tuple[str, ...]]:
    """A source's choice with a column added or taken out; `named` are the source's key, the table and the column.

    Raises StageError where there is no such OLE column.
    """
    key, table, column = named
    found = database.tables_by_name.get(table.casefold())
    known = found.by_name.get(column.casefold()) if found else None
    if found is None or known is None or known.type is not ColumnType.LONGBINARY:
        raise StageError(8210, Place(Kind.COLUMN, key, table, column), column=column, table=table)
    others = {t: c for t, c in former.items() if t.casefold() != table.casefold()}
    mine = [c for t, cs in former.items() if t.casefold() == table.casefold() for c in cs]
    columns = [c for c in mine if c.casefold() != column.casefold()] + ([known.name] if wanted else [])
    return {**others, found.name: tuple(columns)} if columns else others


def _table(
    table: Table, columns: dict[str, str], source: str, told: list[Message]
) -> tuple[Table, UnwrappedTable | None]:
    taken = {c.name.casefold() for c in table.columns}
    order: list[Column] = []
    found: list[UnwrappedColumn] = []
    for column in table.columns:
        order.append(column)
        if column.name.casefold() not in columns or column.type is not ColumnType.LONGBINARY:
            continue
        del columns[column.name.casefold()]
        kind, file = (_free(f"{column.name}_{suffix}", taken) for suffix in ("type", "name"))
        order += [Column(name, ColumnType.TEXT, _LONGEST) for name in (kind, file)]
        found.append(UnwrappedColumn(column.name, kind, file))
        place = Place(Kind.COLUMN, source, table.name, column.name)
        told.append(Message.of(8209, place, column=column.name, table=table.name, type=kind, name=file))
    told += [_unknown(source, table.name, c) for c in columns.values()]
    if not found:
        return table, None
    plan = UnwrappedTable(tuple(c.name for c in order), tuple(found))
    return replace(table, columns=tuple(order)), plan


def _unknown(source: str, table: str, column: str) -> Message:
    return Message.of(8210, Place(Kind.COLUMN, source, table, column), column=column, table=table)


def _free(wanted: str, taken: set[str]) -> str:
    number = 1
    while True:
        name = wanted[:62] if number == 1 else f"{wanted[:60]}{number}"
        if name.casefold() not in taken:
            taken.add(name.casefold())
            return name
        number += 1
