"""The names of a data macro: the changed row, the former one, and what is asked of them in a trigger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from wizard.convert.retyped_columns import held
from wizard.convert.rules import TableScope
from wizard.convert.tree import SqlColumn, SqlNode, case, tsql
from wizard.convert.typed_sql import Typed, Walker
from wizard.definitions import ColumnType
from wizard.messages import ConversionError

CHANGED: Final = "t"
FORMER: Final = "d"


class NotSimpleError(Exception):
    """The macro does more than a trigger is written for; the text says what."""


@dataclass
class TriggerScope(TableScope):
    """The names of a data macro: the changed row, `[Old]`, and what the macro itself has set."""

    alias: str = CHANGED
    ambiguous: frozenset[str] = frozenset()
    """columns that another row at hand has too"""
    key: str = ""
    """of the table on the server"""

    def column(self, node: exp.Column) -> Typed:
        """A column of the row as it is, or of the one that it was. Raises NotSimpleError and ConversionError."""
        table, name = node.table.casefold(), node.name
        if not table and name.casefold() == "isinsert" and name.casefold() not in self.draft.table.by_name:
            return _truth(tsql("{} IS NULL", SqlColumn(FORMER, self.key)))
        if table not in ("", "old", self.draft.table.name.casefold()):
            raise NotSimpleError(f"it reads {node.table}.{name}, another row")
        if not table and name.casefold() in self.ambiguous:
            raise NotSimpleError(f"{name} may be of either table: say [{self.draft.table.name}].[{name}]")
        bare_column = exp.Column(this=exp.to_identifier(name, quoted=True))
        known = super().column(bare_column)
        made = self.draft.column(name)
        alias = FORMER if table == "old" else self.alias
        column = SqlColumn(alias, made.name if made else name)
        access = self.draft.table.by_name[name.casefold()]
        value = Typed(column, access.type, known.nullable or table == "old", access.length)
        return held(value, made.type) if made else value

    def own(self, node: exp.Anonymous, walker: Walker) -> Typed | None:  # noqa: ARG002  # the protocol's signature
        """`Updated("column")`, of the row as it is and as it was. Raises ConversionError."""
        if str(node.this).casefold() != "updated" or len(node.expressions) != 1:
            return None
        named = node.expressions[0]
        made = self.draft.column(named.name) if isinstance(named, exp.Literal) else None
        if made is None:
            raise ConversionError(3509, self.where, name=named.name, table=self.draft.table.name)
        different = tsql(
            "({0} <> {1} OR ({0} IS NULL AND {1} IS NOT NULL) OR ({0} IS NOT NULL AND {1} IS NULL))",
            SqlColumn(self.alias, made.name), SqlColumn(FORMER, made.name),
        )  # fmt: skip
        return _truth(different)


def _truth(condition: SqlNode) -> Typed:
    chosen = case((condition, tsql("1")), otherwise=tsql("0"))
    return Typed(tsql("CONVERT(bit, {})", chosen), ColumnType.BOOLEAN, nullable=False)
