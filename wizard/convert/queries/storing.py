"""What INSERT and UPDATE leave of a value in a column, and what is told of it."""

from __future__ import annotations

from sqlglot import exp

from wizard.convert.expression_types import as_type
from wizard.convert.functions.registry import note_date_text
from wizard.convert.literals import FALSE
from wizard.convert.told import note_faults
from wizard.convert.tree import SqlColumn, coalesced
from wizard.convert.typed_sql import DATES, INTEGERS, NameScope, Typed
from wizard.definitions import ColumnType


def stored(value: Typed, kind: ColumnType, node: exp.Expr, scope: NameScope) -> Typed:
    """The value as Access puts it into a column: rounded where T-SQL cuts, a condition as -1, NULL for Yes/No as No."""
    made = as_type(value, kind)
    note_faults(made.node, node, scope)
    if kind in DATES:
        note_date_text(value, made, node, scope)
    same = value.type in INTEGERS or (value.type is kind and isinstance(value.node, SqlColumn))
    if kind is ColumnType.DECIMAL and value.constant is None and not same:
        scope.note(3552, node)
    if kind is not ColumnType.BOOLEAN or not made.nullable:
        return made
    return FALSE if made.is_null else Typed(coalesced(made, FALSE), kind, nullable=False)
