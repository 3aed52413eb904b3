"""Where the interpreter is entered: a query of a database run over its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.convert.dialect.multivalued import joined
from wizard.convert.interpreter.errors import CellError, InterpreterError, QueryError
from wizard.convert.interpreter.expressions import Row
from wizard.convert.interpreter.parameters import declared_values
from wizard.convert.interpreter.queries import Compiler
from wizard.convert.interpreter.query_run import Bounds, Meter, QueryRun
from wizard.convert.interpreter.selects import has_aggregate
from wizard.convert.interpreter.table_rows import ReadRows
from wizard.convert.interpreter.values import plain
from wizard.definitions import Database
from wizard.messages import ConversionError


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Result:
    """What a query gives. `rows` hold Python's own values, `ErrorValue` where Access shows #Error."""

    columns: tuple[str, ...]
    rows: list[Row]
    uses: frozenset[str]
    """what the rows depend on beside the tables' rows: `clock`, `random`, `user`, `parameters`; `order` of those"""
    exact: bool = True


@dataclass(frozen=True)
class Interpreter:
    """Runs queries of `database`, whose tables `read` reads. `now` is what Now() gives.

    `parameters` are values by prompt, as `prompts` of a query names them; `between` is called now and then.
    """

    database: Database
    read: ReadRows
    now: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
    between: Callable[[], None] = _nothing

    def saved(self, name: str) -> Result:
        """A saved query, by name. Raises InterpreterError, and what `read` and `between` raise."""
        run = self._run()
        return self._result(run, run.query(name).sql)

    def sql(self, text: str) -> Result:
        """A query, by its text. Raises the same, and QueryError where it cannot be parsed."""
        return self._result(self._run(), text)

    def distinct(self, query: exp.Expr, wanted: exp.Expr) -> Result:
        """The different values of an expression over the rows of a SELECT's FROM and WHERE, as far as they are known.

        Conditions that need a parameter are left out; `exact` says so. Raises the same.
        """
        if has_aggregate(wanted):
            raise QueryError("an aggregate stands where none can")
        run = self._run(lenient=True)
        select = nodes.AccessSelect(
            expressions=[exp.Alias(this=wanted.copy(), alias=exp.to_identifier("value", quoted=True))],
            distinct=exp.Distinct(),
        )
        for key in ("sources", "external", "where"):
            part = query.args.get(key)
            select.set(key, [p.copy() for p in part] if isinstance(part, list) else part.copy() if part else None)
        return self._gathered(run, lambda compiler: compiler.query(select))

    def _run(self, *, lenient: bool = False) -> QueryRun:
        known = {prompt.casefold(): value for prompt, value in self.parameters.items()}
        return QueryRun(self.database, self.read, self.now, known, Meter(self.bounds, self.between), lenient=lenient)

    def _result(self, run: QueryRun, sql: str) -> Result:
        try:
            tree = joined(parse_query(sql), self.database)
        except ConversionError as e:
            raise QueryError(e.message.clause) from e
        try:
            run.parameters = declared_values(run.parameters, tree, self.database, self.now)
        except CellError as e:
            raise QueryError(f"the value of a parameter is not of the type that the query declares: {e}") from e
        return self._gathered(run, lambda compiler: compiler.statement(tree))

    def _gathered(self, run: QueryRun, compiled: Callable[[Compiler], Any]) -> Result:
        try:
            query = compiled(Compiler(run))
            rows = [tuple(map(plain, row)) for row in query.rows()]
        except CellError as e:
            raise QueryError(f"an error meets a condition, a group or an order: {e}") from e
        except RecursionError as e:
            raise InterpreterError("the query is too deep") from e
        return Result(tuple(query.names), rows, frozenset(run.uses), run.exact)
