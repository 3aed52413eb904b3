"""What names mean in a function's code: its variables, constants, other functions, what is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from sqlglot import exp

from wizard.convert.literals import NULL
from wizard.convert.own.expressions import Expressions
from wizard.convert.own.state import Slot, State
from wizard.convert.own.values import Value
from wizard.convert.vba import INTRINSIC, Compare, Library, Procedure, UnsupportedVbaError
from wizard.definitions import ColumnType


class Calls(Protocol):
    """How a function reaches the others of its database."""

    def call(self, procedure: Procedure, node: exp.Anonymous, walker: Expressions) -> Value | None:
        """What a call of another function becomes. Raises RefusedError."""


class Naming:
    """The names of one function, as its expressions ask for them. `known` are the variables as they were found last."""

    def __init__(self, procedure: Procedure, library: Library, calls: Calls, known: dict[str, Slot]) -> None:
        self.procedure, self.library, self.calls, self.known = procedure, library, calls, known
        self.module = library.module_of(procedure)
        self.slots: dict[str, Slot] = {}
        self.missing: set[str] = set()
        """optional parameters that are left out"""
        self.nulls: set[str] = set()
        """parameters that are given a Null that is written out"""
        self.state = State()

    @property
    def compare(self) -> Compare:
        """How the module's code compares text."""
        return self.module.compare

    def name(self, name: str) -> Value | exp.Expr | None:
        """A variable's value, or the expression of a constant; None where it is neither. Raises RefusedError."""
        if self.is_missing(name):
            raise UnsupportedVbaError(f"it uses {name}, which is left out where it is called")
        if name in self.nulls:
            return Value(NULL, variant=True)
        slot = self.slots.get(name)
        if slot is not None:
            return self.read(name, slot)
        if name in self.procedure.constants:
            return self.constant(name, self.procedure.constants[name].value)
        found = self.library.constant(self.module, name)
        if found:
            return self.constant(name, found[1].value)
        if self.library.variable(self.module, name):
            raise UnsupportedVbaError(f"it uses {name}, a variable of a module, which other code changes")
        return INTRINSIC.get(name)

    def constant(self, name: str, value: exp.Expr) -> exp.Expr:
        """The value of a constant. Raises RefusedError where it is made of itself."""
        if any(isinstance(n, exp.Column) and n.name.casefold() == name for n in value.walk()):
            raise UnsupportedVbaError(f"the constant {name} is made of itself")
        return value

    def read(self, name: str, slot: Slot) -> Value:
        """The value of a variable here. Raises RefusedError where it has none yet that a server could hold."""
        if name not in self.state.given:
            if slot.fixed is None:
                raise UnsupportedVbaError(f"{slot.label} is read before it is given a value")
            return Value(replace(slot.read(nullable=False).typed))
        known = self.known.get(name)
        if slot.type is ColumnType.UNKNOWN and slot.nullable:
            return Value(NULL, variant=True)  # it has been given nothing else so far
        if known is not None and slot.fixed is None and not slot.parameter:
            slot = replace(slot, kind=known.kind, mixed=known.mixed)
        return slot.read(nullable=slot.fixed is None and slot.nullable and name not in self.state.not_null)

    def is_variable(self, name: str) -> bool:
        """Whether a case-folded name is that of a variable."""
        return name in self.slots

    def is_missing(self, name: str) -> bool:
        """Whether an optional parameter was left out and has been given no value since."""
        return name in self.missing and name not in self.state.given

    def own(self, node: exp.Anonymous, walker: Expressions) -> Value | None:
        """A call of another function of the database; None where it has none of that name. Raises RefusedError."""
        found = self.library.function(node.name, self.module)
        if found is None:
            return None
        try:
            return self.calls.call(self.library.procedure(*found), node, walker)
        except UnsupportedVbaError as error:
            where = f"{found[0].name}, line {error.refusal.line}" if error.refusal.line else found[0].name
            raise UnsupportedVbaError(f"it calls {node.name} ({where}): {error.refusal.reason}") from error
