"""Entity-relationship diagrams: tables as boxes, relationships as lines; as SVG, Mermaid or DBML.

`layout` places boxes, `svg` draws them, `texts` writes them for other programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wizard.definitions import Column, Database, Relationship, Table


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column in a box."""

    name: str
    type: str
    key: bool = False
    """of the primary key"""
    refers: bool = False
    """of a relationship, on the side that refers"""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A table."""

    name: str
    attributes: tuple[Attribute, ...] = ()
    linked: bool = False
    """its rows are elsewhere"""


@dataclass(frozen=True, slots=True)
class DiagramLine:
    """A relationship, by the places of its boxes in the diagram."""

    name: str
    child: int
    """the table that refers"""
    parent: int
    columns: tuple[str, ...]
    referenced: tuple[str, ...]
    single: bool = False
    """one row of the child at most for a row of the parent"""
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Diagram:
    """The tables of a database and how they refer to each other."""

    boxes: tuple[Box, ...] = ()
    lines: tuple[DiagramLine, ...] = ()


def diagram_of(database: Database) -> Diagram:
    """Local and linked tables with the relationships between them; hidden tables of complex columns are left out."""
    tables = [t for t in database.tables if not t.child_of]
    here = {t.name.casefold() for t in tables}
    boxes = [_box(t, database.relationships) for t in tables]
    boxes += [Box(t.name, linked=True) for t in database.linked_tables if t.name.casefold() not in here]
    places = {b.name.casefold(): n for n, b in enumerate(boxes)}
    return Diagram(tuple(boxes), tuple(_lines(database.relationships, places)))


def _box(table: Table, relationships: tuple[Relationship, ...]) -> Box:
    key = {c.name.casefold() for c in table.primary_key.columns} if table.primary_key else set()
    own = [r for r in relationships if r.table.casefold() == table.name.casefold()]
    refers = {c.casefold() for r in own for c in r.columns}
    return Box(
        table.name,
        tuple(
            Attribute(c.name, _type(c), c.name.casefold() in key, c.name.casefold() in refers, c.required)
            for c in table.columns
        ),
    )


def _type(column: Column) -> str:
    if column.precision:
        return f"{column.type.value}({column.precision},{column.scale})"
    return f"{column.type.value}({column.length})" if column.length else column.type.value


def _lines(relationships: tuple[Relationship, ...], places: dict[str, int]) -> Iterator[DiagramLine]:
    for r in relationships:
        child, parent = places.get(r.table.casefold()), places.get(r.referenced_table.casefold())
        if child is not None and parent is not None:
            yield DiagramLine(r.name, child, parent, r.columns, r.referenced_columns, r.one_to_one, r.enforced)
