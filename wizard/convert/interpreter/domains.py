"""Domain functions: DLookup, DCount and the like; their criteria are text, parsed when its value is known.

As in Access, criteria know the columns of the domain and references out of the query (`Forms!…`), nothing of the query
around them; what cannot be read in them makes #Error of the cell.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_expression
from wizard.convert.dialect.multivalued import joined
from wizard.convert.interpreter.errors import BoundsError, CellError, CellFault, InterpreterError, QueryError
from wizard.convert.interpreter.expressions import Evaluation, Row, function_name, prepared
from wizard.convert.interpreter.query_run import QueryRun
from wizard.convert.interpreter.scopes import SelectScope
from wizard.convert.interpreter.selects import CompiledSelect
from wizard.convert.interpreter.values import EMPTY, text_of
from wizard.messages import ConversionError

AGGREGATES: Final = {
    "dlookup": "First",
    "dfirst": "First",
    "dlast": "Last",
    "dcount": "Count",
    "dsum": "Sum",
    "davg": "Avg",
    "dmin": "Min",
    "dmax": "Max",
    "dstdev": "StDev",
    "dstdevp": "StDevP",
    "dvar": "Var",
    "dvarp": "VarP",
}


_COUNTERS: Final = frozenset(name.casefold() for name in AGGREGATES.values())


class DomainCompiler(Protocol):
    """What compiles the SELECT that a domain function stands for."""

    run: QueryRun

    def domain(self, node: nodes.AccessSelect) -> CompiledSelect:
        """Raises InterpreterError."""


def domain_call(compiler: DomainCompiler, node: exp.Anonymous, scope: SelectScope) -> Evaluation | None:
    """The call of a domain function; None where it is none. Raises QueryError for a wrong number of arguments."""
    name = function_name(node)
    if name not in AGGREGATES:
        return None
    if not 2 <= len(node.expressions) <= 3:
        raise QueryError(f"the function {node.name} takes two or three arguments")
    parts = [prepared(n, scope) if not isinstance(n, nodes.Omitted) else (lambda _: None) for n in node.expressions]
    known = compiler.run.domains

    def value(row: Row) -> Any:
        given = [part(row) for part in parts]
        texts = tuple("" if v is None or v is EMPTY else text_of(v) for v in given)
        key = (name, *texts)
        if key not in known:
            known[key] = _found(compiler, name, texts)
        made = known[key]
        if isinstance(made, CellError):
            raise made
        return made

    return value


def _found(compiler: DomainCompiler, name: str, texts: tuple[str, ...]) -> Any:
    """The value, or the error that the cell shows."""
    expression, domain, criteria = (*texts, "")[:3]
    try:
        select = nodes.AccessSelect(
            expressions=[_wanted(name, expression)],
            sources=[exp.Table(this=exp.to_identifier(domain.strip().strip("[]"), quoted=True))],
        )
        if criteria.strip():
            select.set("where", exp.Where(this=parse_expression(criteria)))
        joined(select, compiler.run.database)
        made = compiler.domain(select).rows()
    except ConversionError as e:
        return CellError(CellFault.CRITERIA, e.message.text)
    except BoundsError:
        raise
    except InterpreterError as e:
        return CellError(CellFault.DOMAIN, str(e))
    except CellError as e:
        return e
    value = made[0][0]
    return CellError(value.fault) if hasattr(value, "fault") else value


def _wanted(name: str, expression: str) -> exp.Expr:
    if name == "dcount" and expression.strip() == "*":
        argument: exp.Expr = exp.Star()
    else:
        argument = parse_expression(expression)
    if name == "dlookup" and any(function_name(c) in _COUNTERS for c in argument.find_all(exp.Anonymous)):
        return argument  # `DLookup("Max(n)", "T")` is of all rows
    return exp.Anonymous(this=AGGREGATES[name], expressions=[argument])
