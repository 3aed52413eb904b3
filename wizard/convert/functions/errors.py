"""IsError: where Access shows an error a server has NULL, so that it is asked for what makes the NULL."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from wizard.convert.comparisons import NEVER
from wizard.convert.functions.registry import FunctionCall, function
from wizard.convert.tree import case, enclosed, faults, spread
from wizard.convert.typed_sql import Condition

AREA: Final = "logic"


@function("IsError", (1, 1), "whether a is NULL by what would be an error", ("IsError(5)", False),
          ("IsError(1/0)", True), ('IsError(CDate("x"))', True), area=AREA, hides=False,
          note="an error in a query that is read is NULL there, told")  # fmt: skip
def is_error(call: FunctionCall) -> Condition:
    """Whether a value is an error: asked of what makes the NULL that it is on the server."""
    value = call.any(0).node
    found = faults(value)
    if value.facts.subquery:
        call.fail("whether a sub-query is an error cannot be told on a server, where it is NULL then as by itself")
    if found or call.arguments[0].find(exp.Column):
        call.note(3532, reason="an error is NULL on the server, also in what a query that it reads gives")
    if not found:
        return NEVER
    known = case((spread(" OR ", found), 1), otherwise=0)
    return Condition(enclosed("{} = 1", known), nullable=False, opposite=enclosed("{} = 0", known))
