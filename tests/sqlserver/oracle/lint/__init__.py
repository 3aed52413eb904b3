"""What SQL Server says at CREATE, or at the first run, and Microsoft's offline tools do not.

Grouping, types of operands and arguments, keys, cascades, identity columns. Types are inferred over ScriptDom's
trees; where one is not known nothing is said. Codes are the server's message numbers: L8120 is error 8120 on a server.
An *error*: the server refuses the statement, or every run of it. A *warning*: it may fail for some rows or be cut.
"""

from __future__ import annotations

from tests.sqlserver.oracle.lint.base import Say
from tests.sqlserver.oracle.lint.changes import Changes
from tests.sqlserver.oracle.lint.determinism import Determinism
from tests.sqlserver.oracle.lint.expressions import Expressions
from tests.sqlserver.oracle.lint.functions import Functions
from tests.sqlserver.oracle.lint.grouping import Grouping
from tests.sqlserver.oracle.lint.keys import Keys
from tests.sqlserver.oracle.lint.queries import Queries
from tests.sqlserver.oracle.lint.statements import Statements
from tests.sqlserver.oracle.lint.structure import Structure
from tests.sqlserver.oracle.lint.tables import Tables
from tests.sqlserver.oracle.lint.trees import Scope
from tests.sqlserver.oracle.lint.truths import Truths
from tests.sqlserver.oracle.net import Net
from tests.sqlserver.oracle.units import Reader


class Lint(
    Tables, Keys, Determinism, Statements, Changes, Queries, Grouping, Truths, Expressions, Functions, Structure
):
    """All parts together."""

    def run(self) -> None:
        """Definitions first, so that whatever refers to them finds them."""
        units = self.reader.units
        for unit in units:
            self.unit = unit
            if unit.kind == "table":
                self.table(unit)
            elif unit.kind == "module":
                self.modules[unit.names[0].lower()] = unit
        for unit in units:
            self.unit = unit
            table = self.tables.get(unit.names[0].lower()) if unit.kind == "add columns" else None
            if table is not None:
                for column in unit.node.Definition.ColumnDefinitions:
                    self.column(table, column)
        for unit in units:
            self.unit = unit
            if unit.kind in ("constraint", "add columns", "table"):
                for constraint in unit.node.Definition.TableConstraints:
                    self.constraint(unit.names[0].lower(), constraint)
            elif unit.kind == "index":
                self.index(unit)
        self.foreign_keys()
        for unit in units:
            self.unit = unit
            self.structure(unit.node)
            if unit.kind == "module":
                self.columns_of(unit.names[0].lower())
            elif unit.kind in ("dml", "identity insert"):
                self.statement(unit.node, Scope(), self.top)


def lint(net: Net, reader: Reader, say: Say) -> None:
    """Look at everything the reader found; `say` is told what is amiss."""
    Lint(net, reader, say).run()
