"""What is told of an expression by what it became."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from wizard.convert.functions import find
from wizard.convert.tree import Faults, SqlNode, Volatility, draws
from wizard.convert.typed_sql import NameScope


def note_faults(made: SqlNode, node: exp.Expr, scope: NameScope) -> None:
    """Tell why what an expression became may be NULL, or end the query, where Access shows an error, or be another."""
    for reason, number in _TOLD.items():
        if reason in made.facts.faults:
            scope.note(number, node)
    if made.facts.volatility is Volatility.ROW:
        drawn = sum(find(call.name) in _RANDOM for call in node.find_all(exp.Anonymous))
        if 0 < drawn < (times := draws(made)):
            scope.note(3553, node, times=times)


_RANDOM: Final = (find("Rnd"), find("GenGUID"))
_TOLD: Final = {Faults.NUMBER_OF_TEXT: 3548, Faults.DATE: 3549, Faults.DATE_ENDS: 3550, Faults.LARGE: 3551}
