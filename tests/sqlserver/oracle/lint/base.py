"""What all parts of the lint stand on: the statement at hand, what is known of tables, and how something is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.sqlserver.oracle.lint.sqltypes import Type
from tests.sqlserver.oracle.lint.trees import Columns, Scope, tokens
from tests.sqlserver.oracle.net import Net
from tests.sqlserver.oracle.units import Reader, Unit

Say = Callable[[Unit, Any, str, str, str], None]
"""statement, the fragment that is meant or None, severity, code, text"""
Temp = dict[str, Any]
"""what a script's earlier statements left: temporary tables, and the table whose IDENTITY_INSERT is on"""
Row = list[tuple[str | None, Type]] | None
"""a query's columns: folded name and type; None where they are not known"""


@dataclass
class Table:
    """What is known of a table; column names are in lower case."""

    unit: Unit
    name: str
    columns: dict[str, Type] = field(default_factory=dict)
    identity: str | None = None
    rowversion: str | None = None
    computed: dict[str, Any] = field(default_factory=dict)
    """definition, type and statement"""
    nullable: dict[str, bool] = field(default_factory=dict)
    default: set[str] = field(default_factory=set)
    keys: list[tuple[frozenset[str], bool]] = field(default_factory=list)
    """columns of each key and unique index without a filter; whether it is the primary key"""
    fks: list[Any] = field(default_factory=list)


class Base:
    """The lint of one database's statements."""

    unit: Unit

    def __init__(self, net: Net, reader: Reader, say: Say) -> None:
        self.net, self.reader, self.say = net, reader, say
        self.version = 999 if reader.version == "azure" else int(reader.version)
        self.tables: dict[str, Table] = {}
        self.modules: dict[str, Unit] = {}
        self.done: dict[str, Columns] = {}
        """columns of the modules that were looked at; None while one is"""
        self.kinds: dict[str, int] = {}
        """by kind of expression or function, how often its type was not known"""
        self.top: Temp = {}
        self.applying = 0
        self._wide: dict[int, bytes] = {}

    def tell(self, node: Any, number: int | str, text: str, severity: str = "error") -> None:
        self.say(self.unit, node, severity, f"L{number}", text)

    def text(self, node: Any) -> str:
        """A fragment as it is written; .NET counts in halves of UTF-16."""
        unit = self.unit
        at = node.StartOffset - unit.node.StartOffset
        if unit.text.isascii():
            return unit.text[at : at + node.FragmentLength]
        wide = self._wide.get(id(unit))
        if wide is None:
            wide = self._wide[id(unit)] = unit.text.encode("utf-16-le", "surrogatepass")
        return wide[2 * at : 2 * (at + node.FragmentLength)].decode("utf-16-le", "replace")

    def bare(self, node: Any) -> str:
        return tokens(self.text(node))

    def short(self, node: Any) -> str:
        text = " ".join(self.text(node).split())
        return text if len(text) < 160 else text[:157] + "..."

    if TYPE_CHECKING:  # each part calls those of the others, which stand together in Lint

        def __getattr__(self, name: str) -> Any: ...


__all__ = ["Base", "Columns", "Row", "Say", "Scope", "Table", "Temp"]
