"""A VBA function's statements as those of a scalar function of T-SQL, for given types of its arguments.

Its statements stay what they are: assignments are SET, If and Select Case are IF, Exit Function is RETURN. The types
of Variants are found by going through the code until they no longer change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from wizard.convert.comparisons import ALWAYS, NEVER
from wizard.convert.expression_types import as_type
from wizard.convert.names import NameRegister
from wizard.convert.own.comparisons import both, compared
from wizard.convert.own.expressions import Expressions
from wizard.convert.own.names import Calls, Naming
from wizard.convert.own.null_checks import not_null
from wizard.convert.own.state import Slot, State, fixed_type, mentions, sql_type
from wizard.convert.own.values import RANGES, Value, coerced, default_of
from wizard.convert.tree import MOST_LEVELS, Indented, SqlNode, Variable, bare, lines, made_by, tsql
from wizard.convert.typed_sql import TEXTS, Condition, Typed
from wizard.convert.vba import (
    Assign,
    If,
    Library,
    Procedure,
    ProcedureStatement,
    Select,
    Test,
    UnsupportedVbaError,
    VbaCase,
    VbaExit,
    assigned,
)
from wizard.definitions import ColumnType

_ROUNDS: Final = 8
_IS_NULL: Final = "{} IS NULL"
Argument = tuple[ColumnType, int] | None
"""the type and length of an argument, UNKNOWN of a Null that is written out; None for one that is left out"""


@dataclass(frozen=True)
class Body:
    """What became of a function: its statements, the type of its result, its parameters."""

    node: SqlNode
    result: Typed
    """NULL stands for an error where it `fails`"""
    variant: bool
    fails: bool
    null: bool
    """whether it may be Null without an error"""
    empty: bool
    """whether NULL stands for Empty, too, as it may end without a value"""
    parameters: tuple[Slot, ...]
    low: int | None = None
    high: int | None = None


def translated(procedure: Procedure, library: Library, arguments: Sequence[Argument], calls: Calls) -> Body:
    """Raises RefusedError, with the line where that is known."""
    known: dict[str, Slot] = {}
    for _ in range(_ROUNDS):
        work = _Work(procedure, library, arguments, calls, known)
        made = work.function()
        if made.node.facts.depth > MOST_LEVELS:
            raise UnsupportedVbaError(f"it becomes CASE within CASE, and SQL Server takes {MOST_LEVELS} levels")
        if {n: s.kind for n, s in work.slots.items()} == {n: s.kind for n, s in known.items()}:
            return made
        known = work.slots
    raise UnsupportedVbaError("the types of its variables cannot be told")


class _Work(Naming):
    """One way through the code. `known` are the variables' types as the last way found them."""

    def __init__(
        self,
        procedure: Procedure,
        library: Library,
        arguments: Sequence[Argument],
        calls: Calls,
        known: dict[str, Slot],
    ) -> None:
        super().__init__(procedure, library, calls, known)
        self.arguments = arguments
        self.names = NameRegister()
        self.errors: dict[SqlNode, None] = {}
        self.fails = False
        self.empty = False
        self.line = procedure.line
        self.ifs: set[int] = set()
        self.result = procedure.name.casefold()

    def fail_if(self, condition: SqlNode) -> None:
        self.errors[condition] = None
        if made_by(_IS_NULL, condition) and isinstance(condition.children[0], Variable):
            variable = condition.children[0].name
            self.state.not_null |= {n for n, s in self.slots.items() if s.name == variable}

    def walker(self) -> Expressions:
        return Expressions(self, self.fail_if)

    def checks(self, *, of_arguments: bool = False) -> list[SqlNode]:
        """The statements that end the function where what was just translated is an error.

        Arguments get their types where the function is called: no handler of its own catches errors in that.
        """
        made = [tsql("IF {} RETURN NULL;", c) for c in self.errors]
        if made and self.procedure.handled and not of_arguments:
            raise UnsupportedVbaError("an error that is possible here leads to its error handler")
        self.fails = self.fails or bool(made)
        self.errors.clear()
        return made

    # --- the function ----------------------------------------------------------------------------------------------

    def function(self) -> Body:
        try:
            return self.whole()
        except UnsupportedVbaError as error:
            raise UnsupportedVbaError(error.refusal.reason, error.refusal.line or self.line) from error

    def whole(self) -> Body:
        procedure = self.procedure
        head: list[SqlNode] = []
        parameters = self.take_arguments(head)
        result = self.slot(procedure.name, procedure.returns)
        for name, kind in procedure.locals.items():
            if name.casefold() in self.slots:
                raise UnsupportedVbaError(f"{name} is declared twice")
            self.slot(name, kind)
        body = self.block(procedure.body)
        if not self.state.dead:
            self.note_exit()
            body = _returned(body, result)
        if self.empty and result.fixed is None and result.kind is ColumnType.UNKNOWN:
            raise UnsupportedVbaError("it never has a value", procedure.line)
        declared = [d for s in self.slots.values() if not s.parameter and (d := self.declared(s, [*head, *body]))]
        empty = self.empty and result.fixed is None and result.kind not in TEXTS
        null = result.fixed is None and (result.nullable or empty)
        length = result.length if result.type is ColumnType.TEXT else 0
        typed = Typed(Variable(result.name), result.type, self.fails or null, length)
        node = lines(*declared, *head, *body)
        return Body(
            node, typed, result.fixed is None, self.fails, null=null, empty=empty, parameters=tuple(parameters),
            low=result.low, high=result.high,
        )  # fmt: skip

    def take_arguments(self, head: list[SqlNode]) -> list[Slot]:
        """The parameters. One that is changed, or of another type than what it is given, has a variable of its own."""
        parameters: list[Slot] = []
        changed = assigned(self.procedure.body)
        for given, parameter in zip(self.arguments, self.procedure.parameters, strict=True):
            folded = parameter.name.casefold()
            if given is None:
                self.missing.add(folded)
                if folded in changed:
                    self.slots[folded] = self.fresh(parameter.name, None)
                continue
            kind, length = given
            if kind is ColumnType.UNKNOWN:
                self.take_null(folded, parameter.name, changed=folded in changed)
                continue
            slot = Slot(parameter.name, "@" + self.names.take(parameter.name), None, True, kind, length, nullable=True)
            parameters.append(slot)
            self.slots[folded] = slot
            self.state.given.add(folded)
            fixed, value = self.fixed(parameter.type), slot.read(nullable=True)
            if fixed is not None:
                value = coerced(value, fixed, self.fail_if)
                head += self.checks(of_arguments=True)
                self.state.not_null.add(folded)
            if value.node == Variable(slot.name) and folded not in changed:
                self.slots[folded] = replace(slot, fixed=fixed, nullable=fixed is None, low=value.low, high=value.high)
                continue
            own = self.slots[folded] = self.fresh(parameter.name, fixed)
            own.take(value)
            head.append(tsql("SET {} = {};", Variable(own.name), bare(self.stored(own, value))))
        return parameters

    def take_null(self, folded: str, name: str, *, changed: bool) -> None:
        """A parameter that is given Null by everyone who calls this function."""
        if not changed:
            self.nulls.add(folded)
            return
        self.slots[folded] = self.fresh(name, None)
        self.slots[folded].nullable = True
        self.state.given.add(folded)

    def fixed(self, type_name: str) -> ColumnType | None:
        return fixed_type(type_name, enumeration=self.library.is_enumeration(type_name))

    def slot(self, label: str, type_name: str) -> Slot:
        made = self.slots[label.casefold()] = self.fresh(label, self.fixed(type_name))
        return made

    def fresh(self, label: str, fixed: ColumnType | None) -> Slot:
        """A variable that holds 0, or nothing, as long as it is given no value."""
        start = 0 if fixed in RANGES and fixed is not ColumnType.BOOLEAN else None
        return Slot(label, "@" + self.names.take(label), fixed, low=start, high=start)

    def declared(self, slot: Slot, body: Sequence[SqlNode]) -> SqlNode | None:
        if not any(mentions(n, slot.name) for n in body):
            return None
        if slot.fixed is None:
            kind = slot.kind if slot.kind is not ColumnType.UNKNOWN else ColumnType.MEMO
            declared = f"{slot.name} {sql_type(kind, slot.length)}"
            if slot.label.casefold() == self.result and self.empty and kind in TEXTS:
                return tsql("DECLARE {} = N'';", declared)
            return tsql("DECLARE {};", declared)
        return tsql("DECLARE {} = {};", slot.declaration, default_of(slot.fixed))

    def note_exit(self) -> None:
        """The function ends here: what has not been given a value is Empty."""
        if self.result not in self.state.given:
            self.empty = True

    # --- statements ------------------------------------------------------------------------------------------------

    def block(self, statements: Sequence[ProcedureStatement]) -> list[SqlNode]:
        made: list[SqlNode] = []
        for statement in statements:
            if self.state.dead:
                break
            self.line = statement.line
            if isinstance(statement, Assign):
                made += self.assign(statement)
            elif isinstance(statement, If):
                made += self.choose([(statement.test, statement.then)], statement.otherwise)
            elif isinstance(statement, Select):
                made += self.select(statement)
            elif isinstance(statement, VbaExit):
                self.note_exit()
                made = _returned(made, self.slots[self.result])
                self.state.dead = True
        return made

    def assign(self, statement: Assign) -> list[SqlNode]:
        folded = statement.name.casefold()
        slot = self.slots.get(folded)
        if slot is None:
            if self.library.variable(self.module, folded) or self.library.constant(self.module, folded):
                raise UnsupportedVbaError(f"it changes {statement.name}, which is not its own")
            slot = self.slot(statement.name, "variant")
        value = self.walker().of(statement.value)
        if slot.fixed is not None:
            value = coerced(value, slot.fixed, self.fail_if)
        checks = self.checks()
        slot.take(value)
        self.state.given.add(folded)
        (self.state.not_null.discard if value.nullable or value.typed.is_null else self.state.not_null.add)(folded)
        return [*checks, tsql("SET {} = {};", Variable(slot.name), bare(self.stored(slot, value)))]

    def stored(self, slot: Slot, value: Value) -> SqlNode:
        """The value as the variable's type holds it."""
        final = self.known.get(slot.label.casefold())
        kind = final.type if final else slot.type
        if slot.fixed is not None or value.typed.is_null or kind is ColumnType.UNKNOWN:
            return value.node
        return as_type(value.typed, kind).node if kind in TEXTS or slot.mixed else value.node

    def choose(
        self, branches: Sequence[tuple[exp.Expr, Sequence[ProcedureStatement]]], otherwise: Sequence[ProcedureStatement]
    ) -> list[SqlNode]:
        def test(node: exp.Expr) -> Callable[[], Condition]:
            return lambda: self.walker().truth(node)

        return self.chain([(test(n), n, body) for n, body in branches], otherwise)

    def chain(
        self,
        branches: Sequence[tuple[Callable[[], Condition], exp.Expr | None, Sequence[ProcedureStatement]]],
        otherwise: Sequence[ProcedureStatement],
    ) -> list[SqlNode]:
        """IF, and what follows where it is not so."""
        if not branches:
            return self.block(otherwise)
        (test, node, body), *others = branches
        line = self.line
        condition = test()
        checks = self.checks()
        if condition == ALWAYS:
            return [*checks, *self.block(body)]
        if condition == NEVER:
            return [*checks, *self.chain(others, otherwise)]
        before = self.state
        self.state = before.copy()
        self.state.not_null |= not_null(node, True) & self.slots.keys() if node is not None else set()
        then, after_then = self.block(body), self.state
        self.state = before.copy()
        self.state.not_null |= not_null(node, False) & self.slots.keys() if node is not None else set()
        self.line = line
        rest = self.chain(others, otherwise)
        self.state = after_then.joined(self.state) if not (after_then.dead and self.state.dead) else State(dead=True)
        if not then and not rest:
            return checks
        made = self.written(condition, then, rest)
        self.ifs.add(id(made))
        return [*checks, made]

    def written(self, condition: Condition, then: list[SqlNode], rest: list[SqlNode]) -> SqlNode:
        result = Variable(self.slots[self.result].name)
        shown = then or [tsql("SET {0} = {0};", result)]
        head = lines(tsql("IF {}", bare(condition.node)), *_enclosed(shown))
        if not rest:
            return head
        if len(rest) == 1 and id(rest[0]) in self.ifs:
            return lines(head, tsql("ELSE {}", rest[0]))
        return lines(head, "ELSE", *_enclosed(rest))

    def select(self, statement: Select) -> list[SqlNode]:
        subject = statement.subject.unnest()
        if isinstance(subject, exp.Boolean) and subject.this:
            return self.chain([self.of_true(c) for c in statement.cases], statement.otherwise)
        value = self.walker().of(subject)
        made = self.checks()
        if not isinstance(value.node, Variable) and value.typed.constant is None:
            name = f"case_{len(self.slots)}"
            slot = self.slot(name, "variant")
            slot.take(value)
            self.state.given.add(name)
            made.append(tsql("SET {} = {};", Variable(slot.name), bare(value.node)))
            value = replace(value, typed=replace(value.typed, node=Variable(slot.name)))
        branches = [self.case(value, subject, c) for c in statement.cases]
        return [*made, *self.chain(branches, statement.otherwise)]

    def of_true(self, case: VbaCase) -> tuple[Callable[[], Condition], exp.Expr | None, Sequence[ProcedureStatement]]:
        """Of `Select Case True`: each value is a condition."""
        tests = [t.value for t in case.tests]
        if any(t.sign != "=" or t.high is not None for t in case.tests):
            raise UnsupportedVbaError("a Case of Select Case True is no condition", case.line)

        def test() -> Condition:
            self.line = case.line
            return _any([self.walker().truth(t) for t in tests])

        return test, tests[0] if len(tests) == 1 else None, case.body

    def case(
        self, subject: Value, node: exp.Expr, case: VbaCase
    ) -> tuple[Callable[[], Condition], exp.Expr | None, Sequence[ProcedureStatement]]:
        def test() -> Condition:
            self.line = case.line
            return _any([self.tested(subject, t) for t in case.tests])

        shows = exp.EQ(this=node.copy(), expression=exp.Null()) if isinstance(node, exp.Column) else None
        return test, shows, case.body

    def tested(self, subject: Value, test: Test) -> Condition:
        walker = self.walker()

        def against(sign: str, other: exp.Expr) -> Condition:
            return compared(sign, subject, walker.of(other), compare=self.compare, walker=walker, node=other)

        if test.high is None:
            return against(test.sign, test.value)
        return both("AND", [against(">=", test.value), against("<=", test.high)])


def _any(conditions: list[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else both("OR", conditions)


def _enclosed(statements: Sequence[SqlNode]) -> list[SqlNode]:
    return [tsql("BEGIN"), Indented(lines(*statements)), tsql("END")]


def _returned(statements: list[SqlNode], result: Slot) -> list[SqlNode]:
    """The statements with the result's return; what was just given it is returned as it is."""
    variable = Variable(result.name)
    if statements and made_by("SET {} = {};", statements[-1]) and statements[-1].children[0] == variable:
        return [*statements[:-1], tsql("RETURN {};", statements[-1].children[1])]
    return [*statements, tsql("RETURN {};", variable)]
