"""The functions of a database's own that its queries call: each becomes a scalar function, once for each kind of
argument that it is given where VBA leaves the kind open.

A function that cannot be converted has one message, with its line and all that needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.draft import ConversionTask
from wizard.convert.functions import find
from wizard.convert.own.bodies import Argument, Body, translated
from wizard.convert.own.expressions import Expressions
from wizard.convert.own.state import sql_type
from wizard.convert.own.values import TYPES, Value, default_of, text_of
from wizard.convert.tree import Indented, Part, SqlNode, Volatility, called, lines, listed, spread, tsql, volatile
from wizard.convert.typed_sql import INTEGERS, TEXTS, Typed, Walker
from wizard.convert.vba import (
    INTRINSIC,
    Compare,
    Library,
    Procedure,
    UnsupportedVbaError,
    VbaModule,
    VbaParameter,
    assigned,
    library_of,
)
from wizard.definitions import ColumnType
from wizard.messages import Kind, Message, Place
from wizard.objects import Converted, ModuleParameter, Name, ObjectKind, Outcome, ServerModule, TableRef

CATEGORY: Final = "functions"
_WORDS: Final = {
    ColumnType.BOOLEAN: "yesno", ColumnType.LONG: "long", ColumnType.BIGINT: "bigint", ColumnType.SINGLE: "single",
    ColumnType.DOUBLE: "double", ColumnType.CURRENCY: "currency", ColumnType.DATE: "date", ColumnType.TEXT: "text",
    ColumnType.MEMO: "memo", ColumnType.UNKNOWN: "null",
}  # fmt: skip
_SHORT: Final = 255
_SHOWN: Final = 10
"""queries that are named; the others are counted"""


@dataclass(frozen=True)
class Made:
    """A function on the server, for one kind of each argument."""

    name: Name
    body: Body
    volatility: Volatility


@dataclass
class _Refused:
    """A function that is not converted, and the queries that need it, in their order."""

    name: str
    line: int
    reason: str
    queries: dict[str, None] = field(default_factory=dict)


class OwnFunctions:
    """What queries have asked for so far. `modules` and `items` are what came of it, inner functions first."""

    def __init__(self, task: ConversionTask) -> None:
        self.task = task
        self.modules: list[ServerModule] = []
        self.items: list[Converted] = []
        self._made: dict[tuple[str, tuple[Argument, ...]], Made | UnsupportedVbaError] = {}
        self._refused: dict[str, _Refused] = {}
        self._blocked: dict[str, str] = {}
        """case-folded queries that are not converted, and the function that they lack"""
        self._under_way: list[str] = []

    @property
    def library(self) -> Library:
        """The database's code, read when first asked for."""
        return library_of(self.task.database)

    # --- as queries call them ----------------------------------------------------------------------------------------

    def call(self, node: exp.Anonymous, walker: Walker, query: str) -> tuple[Typed, Name] | None:
        """What a call in a query becomes, and the function's name; None where the modules have no such function.

        Raises RefusedError where it is not converted; `refused` says why.
        """
        library = self.library
        try:
            found = library.function(node.name)
            if found is None:
                return None
            procedure = library.procedure(*found)
            given = [None if isinstance(a, nodes.Omitted) else walker.value(a) for a in node.expressions]
            made, arguments = self.asked(procedure, [None if g is None else Value(g, variant=True) for g in given])
        except UnsupportedVbaError as error:
            self._note(node.name, error, query)
            raise
        return _called(made, arguments), made.name

    def needed(self, inner: str, query: str) -> str:
        """Note that a query reads another that lacks a function; the function's name, empty where it lacks none."""
        key = self._blocked.get(inner.casefold())
        if key is None:
            return ""
        self._blocked[query.casefold()] = key
        self._refused[key].queries[query] = None
        return self._refused[key].name

    def type_of(self, name: str, index: int) -> ColumnType | None:
        """The type that a function wants of an argument; None where any will do, or there is no such function."""
        try:
            found = self.library.function(name)
            parameters = self.library.procedure(*found).parameters if found else ()
        except UnsupportedVbaError:
            return None
        found_type = TYPES.get(parameters[index].type) if index < len(parameters) else None
        return ColumnType.TEXT if found_type is ColumnType.MEMO else found_type

    def _note(self, name: str, error: UnsupportedVbaError, query: str) -> None:
        key = name.casefold().rpartition(".")[2]
        known = self._refused.setdefault(key, _Refused(name, error.refusal.line, error.refusal.reason))
        known.queries[query] = None
        self._blocked[query.casefold()] = key

    def note_others(self, tree: exp.Expr, query: str) -> None:
        """Note what else a query calls that cannot be converted; `call` ends at the first."""
        for node in tree.find_all(exp.Anonymous):
            try:
                found = None if find(node.name) else self.library.function(node.name)
                if found:
                    self.library.procedure(*found)
            except UnsupportedVbaError as error:
                self._note(node.name, error, query)

    def refused(self) -> list[Converted]:
        """The functions that are not converted, each with one message."""
        told = []
        for key, refused in self._refused.items():
            module = self.library.where(key)
            if module is None:
                continue
            name, line = module.heads[key][0].name, refused.line or module.line_of(key)
            queries = list(refused.queries)
            named = ", ".join(queries[:_SHOWN]) + (" …" if len(queries) > _SHOWN else "")
            place = Place(Kind.OBJECT, self.task.source, module.name, name, line, 1)
            facts = {"function": name, "module": module.name, "line": line, "reason": refused.reason}
            message = Message.of(3541, place, count=len(queries), queries=named, **facts)
            source = TableRef(self.task.source, f"{module.name}.{name}")
            told.append(Converted(source, CATEGORY, "", Outcome.FAILED, "", (message,)))
        return told

    # --- as they call each other -------------------------------------------------------------------------------------

    def asked(self, procedure: Procedure, given: Sequence[Value | None]) -> tuple[Made, list[Value]]:
        """The function for such arguments, and those it takes. Raises RefusedError."""
        parameters = procedure.parameters
        if len(given) > len(parameters):
            raise UnsupportedVbaError("it is called with more arguments than it has")
        given = [*given, *[None] * (len(parameters) - len(given))]
        values = [self._default(procedure, p) if v is None else v for p, v in zip(parameters, given, strict=True)]
        signature = tuple(None if v is None else _kind(v, p) for p, v in zip(parameters, values, strict=True))
        made = self._function(procedure, signature)
        passed = zip(values, signature, strict=True)
        return made, [v for v, given in passed if v is not None and given and given[0] is not ColumnType.UNKNOWN]

    def _default(self, procedure: Procedure, parameter: VbaParameter) -> Value | None:
        """What an argument is that is left out; None where it is missing. Raises RefusedError."""
        if not parameter.optional:
            raise UnsupportedVbaError(f"it is called without its argument {parameter.name}")
        if parameter.default is not None:
            around = _Constants(self.library, self.library.module_of(procedure))
            return Expressions(around, _never).of(parameter.default)
        kind = TYPES.get(parameter.type)
        return Value(default_of(kind)) if kind else None

    def _function(self, procedure: Procedure, signature: tuple[Argument, ...]) -> Made:
        key = procedure.label.casefold(), signature
        known = self._made.get(key)
        if known is None:
            if procedure.label.casefold() in self._under_way:
                raise UnsupportedVbaError("it calls itself")
            self._under_way.append(procedure.label.casefold())
            try:
                known = self._translated(procedure, signature)
            except UnsupportedVbaError as error:
                known = error
            finally:
                self._under_way.pop()
            self._made[key] = known
        if isinstance(known, UnsupportedVbaError):
            raise known
        return known

    def _translated(self, procedure: Procedure, signature: tuple[Argument, ...]) -> Made:
        inner = _Inner(self)
        body = translated(procedure, self.library, signature, inner)
        first = not any(
            isinstance(m, Made) for (label, _), m in self._made.items() if label == procedure.label.casefold()
        )
        words = [_WORDS[a[0]] if a else "none" for a in signature]
        name = Name(self.task.schema, self.task.names.take("_".join([procedure.name, *([] if first else words)])))
        label = procedure.label if first else f"{procedure.label} ({', '.join(words)})"
        source = TableRef(self.task.source, label)
        self.modules.append(_module(procedure, body, name, tuple(inner.names), source))
        told = self._messages_of(procedure, body)
        self.items.append(Converted(source, CATEGORY, "", Outcome.CONVERTED, str(name), told))
        return Made(name, body, body.node.facts.volatility)

    def _messages_of(self, procedure: Procedure, body: Body) -> tuple[Message, ...]:
        place = Place(Kind.OBJECT, self.task.source, procedure.module, procedure.name, procedure.line, 1)
        numbers = (3542,) * body.fails + (3543,) * body.empty
        return tuple(Message.of(n, place, function=procedure.name) for n in numbers)


@dataclass
class _Inner:
    """Calls within a function; `names` are those of the functions that it calls."""

    own: OwnFunctions
    names: dict[Name, None] = field(default_factory=dict)

    def call(self, procedure: Procedure, node: exp.Anonymous, walker: Expressions) -> Value | None:
        given: list[Value | None] = []
        changed = assigned(procedure.body)
        for place, argument in enumerate(node.expressions):
            if isinstance(argument, nodes.Omitted):
                given.append(None)
                continue
            parameter = procedure.parameters[place] if place < len(procedure.parameters) else None
            handed = parameter and not parameter.by_value and isinstance(argument, exp.Column)
            if parameter and handed and parameter.name.casefold() in changed:
                raise UnsupportedVbaError(f"it calls {procedure.name}, which changes its argument {parameter.name}")
            given.append(walker.of(argument))
        made, arguments = self.own.asked(procedure, given)
        self.names[made.name] = None
        typed, body = _called(made, arguments), made.body
        if body.empty:
            raise UnsupportedVbaError(f"it calls {procedure.name}, which may end without a value")
        if body.fails:
            if body.null:
                raise UnsupportedVbaError(f"it calls {procedure.name}, whose Null may be an error or none")
            walker.fail_if(tsql("{} IS NULL", typed))
            typed = replace(typed, nullable=False)
        return Value(typed, body.variant, body.low, body.high)


def _called(made: Made, arguments: Sequence[Value]) -> Typed:
    passed = [_passed(a, slot.type) for a, slot in zip(arguments, made.body.parameters, strict=True)]
    if made.volatility is Volatility.STEADY:
        node = called(str(made.name), *passed)
    else:
        node = volatile(made.volatility, "{}({})", str(made.name), spread(", ", passed))
    result = made.body.result
    return Typed(node, result.type, result.nullable, result.length)


def _passed(value: Value, kind: ColumnType) -> Part:
    """An argument as the server takes it without changing it."""
    return text_of(value).node if kind in TEXTS and not value.typed.is_null else value.node


def _kind(value: Value, parameter: VbaParameter) -> tuple[ColumnType, int]:
    """The kind of an argument, that of its parameter where nothing is lost by it.

    VBA's types of whole numbers are one where the kind is open, as are texts of any length beyond 255.
    """
    fixed = TYPES.get(parameter.type)
    if value.typed.is_null:
        if fixed is None:
            return ColumnType.UNKNOWN, 0
        return (ColumnType.TEXT, _SHORT) if fixed in TEXTS else (_wide(fixed), 0)
    if value.type in TEXTS or (fixed in TEXTS and value.family):
        typed = text_of(value)
        length = len(typed.constant) if isinstance(typed.constant, str) else typed.length
        short = typed.type is ColumnType.TEXT and 0 < length <= _SHORT
        return (ColumnType.TEXT, _SHORT) if short else (ColumnType.MEMO, 0)
    if fixed is not None and _widens(value, fixed):
        return fixed, 0
    kind = _wide(value.type)
    if kind is ColumnType.UNKNOWN or kind not in _WORDS:
        raise UnsupportedVbaError(f"it is given a {value.type.value} value")
    return kind, 0


def _wide(kind: ColumnType) -> ColumnType:
    return ColumnType.LONG if kind in INTEGERS and kind is not ColumnType.BIGINT else kind


def _widens(value: Value, kind: ColumnType) -> bool:
    """Whether every value of its type is one of the other, and the server makes it that by itself."""
    if value.type in INTEGERS and value.type is not ColumnType.BIGINT:
        return kind in (ColumnType.DOUBLE, ColumnType.CURRENCY)
    return value.type is ColumnType.CURRENCY and kind is ColumnType.DOUBLE


@dataclass(frozen=True)
class _Constants:
    """The surroundings of an argument's default: constants alone."""

    library: Library
    module: VbaModule

    @property
    def compare(self) -> Compare:
        return self.module.compare

    def name(self, name: str) -> exp.Expr | None:
        found = self.library.constant(self.module, name)
        return found[1].value if found else INTRINSIC.get(name)

    def is_variable(self, name: str) -> bool:
        del name
        return False

    def is_missing(self, name: str) -> bool:
        raise UnsupportedVbaError(f"the default of an argument asks for {name}")

    def own(self, node: exp.Anonymous, walker: Expressions) -> None:
        del node, walker


def _never(condition: SqlNode) -> None:
    raise UnsupportedVbaError(f"the default of an argument may be an error ({condition})")


def _module(procedure: Procedure, body: Body, name: Name, depends: tuple[Name, ...], source: TableRef) -> ServerModule:
    """The statement. What calls no other is bound to the schema, without which no function is deterministic; one that
    calls others is not, as these could then not be altered."""
    parameters = [(s, sql_type(s.type, s.length)) for s in body.parameters]
    returns = sql_type(body.result.type, body.result.length)
    declared = listed(f"{s.name} {t}" for s, t in parameters) if parameters else None
    head = lines(f"CREATE FUNCTION {name} (", declared, ")", f"RETURNS {returns}")
    bound = "WITH SCHEMABINDING" if not depends else None
    whole = lines(head, bound, "AS", "BEGIN", Indented(body.node), "END;")
    asked = tuple(ModuleParameter(s.name, s.label, t) for s, t in parameters)
    return ServerModule(
        name, ObjectKind.FUNCTION, str(whole), depends, source, procedure.source, asked, returns=returns
    )  # fmt: skip
