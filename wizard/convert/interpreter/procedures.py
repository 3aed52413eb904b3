"""VBA functions of a database's own, run: their statements, variables with types, calls of each other."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from sqlglot import exp

from wizard.convert.interpreter.errors import CellError, CellFault, UnsupportedError
from wizard.convert.interpreter.operators import truth
from wizard.convert.interpreter.values import (
    DAY_ZERO,
    EMPTY,
    MISSING,
    Byte,
    Currency,
    Integer,
    Single,
    bool_of,
    currency_of,
    date_of,
    double_of,
    plain,
    single_of,
    whole_of,
)
from wizard.convert.interpreter.vba import compiled, order
from wizard.convert.interpreter.vba_names import Code, Variables, text
from wizard.convert.vba import (
    INTRINSIC,
    Assign,
    If,
    Library,
    Procedure,
    ProcedureStatement,
    Select,
    Test,
    UnsupportedVbaError,
    VbaExit,
    VbaParameter,
    assigned,
    library_of,
)
from wizard.definitions import Database

Step = Callable[[Variables], bool]
"""does something with the variables; whether the function goes on after it"""


_TYPES: Final[Mapping[str, tuple[Callable[[Any], Any], Any]]] = {
    "boolean": (bool_of, False),
    "byte": (lambda value: Byte(whole_of(value, Byte)), Byte(0)),
    "integer": (lambda value: Integer(whole_of(value, Integer)), Integer(0)),
    "long": (whole_of, 0),
    "single": (single_of, Single(0)),
    "double": (double_of, 0.0),
    "currency": (currency_of, Currency(0)),
    "date": (date_of, DAY_ZERO),
    "string": (text, ""),
}
"""how a value becomes one of a type, and what a variable of it holds first"""


def coerced(value: Any, kind: str) -> Any:
    """The value as a variable of a type takes it. Raises CellError."""
    if kind == "variant":
        return value
    if value is None:
        raise CellError(CellFault.INVALID_NULL)
    return _TYPES[kind][0](value)


@dataclass
class Procedures:
    """The functions of a database, compiled when first called. `used` gets what they depend on."""

    library: Library
    now: datetime
    used: Callable[[str], None]
    _compiled: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def function(self, name: str) -> Callable[[Sequence[Any]], Any] | None:
        """A function as a query calls it; None where there is none. Raises UnsupportedError."""
        try:
            found = self.library.function(name)
            return self.of(self.library.procedure(*found)) if found else None
        except UnsupportedVbaError as error:
            raise UnsupportedError(f"the function {name}: {error}") from error

    def of(self, procedure: Procedure) -> Callable[[Sequence[Any]], Any]:
        """The function, given its arguments; what is left out at the end is missing."""
        if procedure.label not in self._compiled:
            self._compiled[procedure.label] = lambda _: self._deep(procedure)
            self._compiled[procedure.label] = _Compiled(self, procedure).function()
        return self._compiled[procedure.label]

    @staticmethod
    def _deep(procedure: Procedure) -> Any:
        raise UnsupportedError(f"the function {procedure.name} calls itself")


class _Compiled:
    """One function; it is the `Names` of its expressions."""

    def __init__(self, procedures: Procedures, procedure: Procedure) -> None:
        self.procedures, self.procedure = procedures, procedure
        self.library, self.now, self.used = procedures.library, procedures.now, procedures.used
        self.module = self.library.module_of(procedure)
        self.compare = self.module.compare
        self.result = procedure.name.casefold()
        self.types: dict[str, str] = {self.result: self.type(procedure.returns)}
        self.types |= {name.casefold(): self.type(kind) for name, kind in procedure.locals.items()}
        self.types |= {p.name.casefold(): self.type(p.type) for p in procedure.parameters}

    def type(self, name: str) -> str:
        """Raises UnsupportedError for objects and arrays."""
        if name == "variant" or name in _TYPES:
            return name
        if self.library.is_enumeration(name):
            return "long"
        raise UnsupportedError(f"a variable of type {name}")

    # --- what expressions ask --------------------------------------------------------------------------------------

    def read(self, name: str) -> tuple[Code, bool] | exp.Expr | None:
        if name in self.types:
            return self.variable(name), self.types[name] == "variant"
        if name in self.procedure.constants:
            return self.procedure.constants[name].value
        found = self.library.constant(self.module, name)
        if found:
            return found[1].value
        if self.library.variable(self.module, name):
            raise UnsupportedError(f"{name}, a variable of a module")
        return INTRINSIC.get(name)

    def variable(self, name: str) -> Code:
        def value(variables: Variables) -> Any:
            found = variables.get(name, EMPTY)
            if found is MISSING:
                raise UnsupportedError(f"{name} is used and was left out")
            return found

        return value

    def is_missing(self, name: str) -> Code:
        return lambda variables: variables.get(name) is MISSING

    def own(self, name: str, arguments: list[tuple[exp.Expr, Code]]) -> tuple[Code, bool] | None:
        try:
            found = self.library.function(name, self.module)
            procedure = self.library.procedure(*found) if found else None
        except UnsupportedVbaError as error:
            raise UnsupportedError(f"the function {name}: {error}") from error
        if procedure is None:
            return None
        function = self.procedures.of(procedure)
        values = [code for _, code in arguments]
        for parameter, (node, _) in zip(procedure.parameters, arguments, strict=False):
            if not parameter.by_value and isinstance(node, exp.Column) and node.name.casefold() in self.types:
                self.no_change(procedure, parameter)
        return (lambda variables: function([v(variables) for v in values])), procedure.returns == "variant"

    def no_change(self, procedure: Procedure, parameter: VbaParameter) -> None:
        """Raises UnsupportedError where a function changes a variable that it is handed."""
        if parameter.name.casefold() in assigned(procedure.body):
            raise UnsupportedError(f"{procedure.name} changes its argument {parameter.name}")

    # --- statements ------------------------------------------------------------------------------------------------

    def function(self) -> Callable[[Sequence[Any]], Any]:
        body = self.block(self.procedure.body)
        locals_ = {name: _TYPES[kind][1] for name, kind in self.types.items() if kind != "variant"}
        defaults = [self.default(p) for p in self.procedure.parameters]
        parameters = self.procedure.parameters

        def call(given: Sequence[Any]) -> Any:
            if len(given) > len(parameters):
                raise UnsupportedError(f"{self.procedure.name} is given too many arguments")
            variables = dict(locals_)
            for place, parameter in enumerate(parameters):
                left_out = place >= len(given) or given[place] is MISSING
                if left_out and not parameter.optional:
                    raise UnsupportedError(f"{self.procedure.name} is not given {parameter.name}")
                value = defaults[place] if left_out else given[place]
                name = parameter.name.casefold()
                variables[name] = value if value is MISSING else coerced(value, self.types[name])
            try:
                body(variables)
            except CellError:
                if self.procedure.handled:
                    raise UnsupportedError(f"{self.procedure.name} handles an error") from None
                raise
            return variables.get(self.result, EMPTY)

        return call

    def default(self, parameter: VbaParameter) -> Any:
        kind = self.types[parameter.name.casefold()]
        if parameter.default is not None:
            return compiled(parameter.default, self)[0]({})
        return MISSING if kind == "variant" else _TYPES[kind][1]

    def block(self, statements: Sequence[ProcedureStatement]) -> Step:
        steps = [self.step(s) for s in statements]

        def run(variables: Variables) -> bool:
            return all(step(variables) for step in steps)

        return run

    def step(self, statement: ProcedureStatement) -> Step:
        if isinstance(statement, Assign):
            return self.assign(statement)
        if isinstance(statement, If):
            test, _ = compiled(statement.test, self)
            then, otherwise = self.block(statement.then), self.block(statement.otherwise)
            return lambda variables: then(variables) if truth(test(variables)) else otherwise(variables)
        if isinstance(statement, Select):
            return self.select(statement)
        if isinstance(statement, VbaExit):
            return lambda _: False
        raise UnsupportedError(f"a statement of line {statement.line}")

    def assign(self, statement: Assign) -> Step:
        name = statement.name.casefold()
        if name not in self.types:
            if self.library.variable(self.module, name):
                raise UnsupportedError(f"{name}, a variable of a module")
            self.types[name] = "variant"
        value, _ = compiled(statement.value, self)
        kind = self.types[name]

        def run(variables: Variables) -> bool:
            variables[name] = coerced(value(variables), kind)
            return True

        return run

    def select(self, statement: Select) -> Step:
        subject, variant = compiled(statement.subject, self)
        cases = [([self.tested(t, variant) for t in c.tests], self.block(c.body)) for c in statement.cases]
        otherwise = self.block(statement.otherwise)

        def run(variables: Variables) -> bool:
            value = subject(variables)
            for tests, body in cases:
                if any(test(variables, value) for test in tests):
                    return body(variables)
            return otherwise(variables)

        return run

    def tested(self, test: Test, variant: bool) -> Callable[[Variables, Any], bool]:
        """A test of a Case, for the value that Select Case has."""
        other, other_variant = compiled(test.value, self)
        high = compiled(test.high, self) if test.high is not None else None
        holds, compare = _SIGNS[test.sign], self.compare

        def run(variables: Variables, value: Any) -> bool:
            found = other(variables)
            most = high[0](variables) if high else None
            if value is None or found is None or (high and most is None):
                return False
            first = order(value, found, variant, other_variant, compare)
            if high is None:
                return holds(first, 0)
            return first >= 0 and order(value, most, variant, high[1], compare) <= 0

        return run


_SIGNS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "><": operator.ne,
}  # fmt: skip


@dataclass
class FunctionRunner:
    """Runs VBA functions by themselves, for values of Python's own types. `uses` grows as that of a query's run."""

    database: Database
    now: datetime
    uses: set[str] = field(default_factory=set)

    @cached_property
    def procedures(self) -> Procedures:
        """All functions of the database."""
        return Procedures(library_of(self.database), self.now, self.uses.add)

    def value(self, label: str, arguments: Sequence[Any]) -> Any:
        """What the function `module.function` gives, in Python's own types; text for Empty.

        Raises CellError where Access shows #Error, and InterpreterError.
        """
        module, _, name = label.casefold().rpartition(".")
        found = self.procedures.library.modules.get(module)
        if found is None or not found.has(name, public=False):
            raise UnsupportedError(f"the function {label} is not there")
        try:
            function = self.procedures.of(self.procedures.library.procedure(found, name))
        except UnsupportedVbaError as error:
            raise UnsupportedError(f"the function {label}: {error}") from error
        return plain(function([Currency(v) if isinstance(v, Decimal) else v for v in arguments]))
