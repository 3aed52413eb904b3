"""Small databases and applications as plain data."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.access.application import Application, DefinitionNode, Form, Macro, MacroAction, Module, ModuleKind
from wizard.definitions import AutoNumber, Column, ColumnType, Database, Index, IndexColumn, Query, QueryKind, Table

FORM, TEXT_BOX, COMBO_BOX, SUBFORM, DETAIL = 150, 109, 111, 112, 152


def table(name: str, *columns: str, rows: int = 0, key: str = "") -> Table:
    """A table of text columns; `key` is an AutoNumber and the primary key."""
    made = [Column(c, ColumnType.LONG if c == key else ColumnType.TEXT, 0 if c == key else 50) for c in columns]
    made = [Column(key, ColumnType.LONG, auto=AutoNumber.INCREMENT) if c.name == key else c for c in made]
    indexes = (Index("PrimaryKey", (IndexColumn(key),), primary=True, unique=True),) if key else ()
    return Table(name, tuple(made), indexes, rows=rows)


def query(name: str, sql: str, kind: QueryKind = QueryKind.SELECT) -> Query:
    return Query(name, kind, sql)


def database(*tables: Table, queries: tuple[Query, ...] = ()) -> Database:
    return Database("x.accdb", "Access 2010", tables=tables, queries=queries)


def control(type_: int, name: str, **properties: str | int | Macro) -> DefinitionNode:
    return DefinitionNode(type_, {"Name": name, **properties})


def form(
    name: str, source: str, *controls: DefinitionNode, not_default: tuple[str, ...] = (), **more: str | int
) -> Form:
    properties: Mapping[str, str | int] = {"Name": name, "RecordSource": source, **more}
    return Form(
        name,
        DefinitionNode(
            FORM, dict(properties), not_default, (DefinitionNode(DETAIL, {"Name": "Detail"}, (), controls),)
        ),
    )


def module(source: str, name: str = "M") -> Module:
    return Module(name, ModuleKind.FORM if name.startswith("Form_") else ModuleKind.STANDARD, source)


def macro(name: str, *actions: tuple[str, ...]) -> Macro:
    return Macro(name, tuple(MacroAction(1, a[0], tuple(a[1:])) for a in actions))


def application(
    *modules: Module,
    forms: tuple[Form, ...] = (),
    reports: tuple[Form, ...] = (),
    macros: tuple[Macro, ...] = (),
) -> Application:
    return Application(modules=modules, forms=forms, reports=reports, macros=macros)
