"""What a name means in the code of a database: functions, constants, variables of its modules.

Source: Microsoft's MS-VBAL, 5.6.10 "Simple Name Expressions": a module's own names come first, then public ones of
the project, then those of libraries. Queries see public functions of standard modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_expression
from wizard.convert.vba.model import Constant, Procedure, UnsupportedVbaError, expressions_of
from wizard.convert.vba.reader import VbaModule, read_module
from wizard.definitions import CodeModule, Database

_MOST_CHARACTERS: Final = 1_000_000
"""of the functions that queries call: what they are is some ten thousand, and a million takes ten seconds"""


class Library:
    """The standard modules of a database."""

    def __init__(self, modules: tuple[CodeModule, ...]) -> None:
        self.modules = {m.name.casefold(): read_module(m.name, m.source) for m in modules}
        self._read: dict[tuple[str, str], Procedure | UnsupportedVbaError] = {}
        self.left = _MOST_CHARACTERS
        """characters of functions that may still be read"""

    def function(self, name: str, within: VbaModule | None = None) -> tuple[VbaModule, str] | None:
        """The module of a function and its case-folded name, as a query calls it, or code of a module.

        None where the modules have none of that name. Raises RefusedError where two have it, or none for all.
        """
        *qualifier, folded = name.casefold().split(".")
        if within and not qualifier and within.has(folded, public=False):
            return within, folded
        modules = [m for m in self.modules.values() if not qualifier or m.name.casefold() == ".".join(qualifier)]
        found = [m for m in modules if m.has(folded, public=True)]
        if len(found) > 1:
            named = " and ".join(m.name for m in found)
            raise UnsupportedVbaError(f"{named} have a function of that name, so that Access calls neither")
        if not found and not within and any(m.has(folded, public=False) for m in modules):
            raise UnsupportedVbaError("it is Private, so that Access finds it in no query")
        return (found[0], folded) if found else None

    def where(self, name: str) -> VbaModule | None:
        """The first module with such a function, for messages."""
        folded = name.casefold().rpartition(".")[2]
        return next((m for m in self.modules.values() if m.has(folded, public=False)), None)

    def procedure(self, module: VbaModule, name: str) -> Procedure:
        """A function, read whole. Raises RefusedError."""
        key = module.name.casefold(), name
        if key not in self._read:
            try:
                self._read[key] = self._whole(module, name)
            except UnsupportedVbaError as error:
                self._read[key] = error
        found = self._read[key]
        if isinstance(found, UnsupportedVbaError):
            raise found
        return found

    def _whole(self, module: VbaModule, name: str) -> Procedure:
        self.left -= module.size_of(name)
        if self.left < 0:
            raise UnsupportedVbaError("queries call more code than is read", module.line_of(name))
        return module.procedure(name)

    def module_of(self, procedure: Procedure) -> VbaModule:
        """The module that a function is in."""
        return self.modules[procedure.module.casefold()]

    def constant(self, module: VbaModule, name: str) -> tuple[VbaModule, Constant] | None:
        """A constant of the module itself, or a public one of another."""
        if own := module.constant(name):
            return module, own
        for other in self.modules.values():
            if (found := other.constant(name)) and found.public:
                return other, found
        return None

    def is_enumeration(self, type_name: str) -> bool:
        """Whether a type is an enumeration, which is a Long: one of the modules', or one of VBA's own."""
        name = type_name.rpartition(".")[2]
        return name in _ENUMERATIONS or any(name in m.enumerations for m in self.modules.values())

    def variable(self, module: VbaModule, name: str) -> bool:
        """Whether it may be a variable of a module, which anything may change."""
        return any(name in m.variables for m in self.modules.values()) or name in module.variables


@lru_cache(maxsize=8)
def _library(modules: tuple[CodeModule, ...]) -> Library:
    return Library(modules)


def library_of(database: Database) -> Library:
    """The code of a database, read once."""
    return _library(database.code())


def function_source(database: Database, label: str) -> str:
    """The code of a function that is called as conversions call it, `module.function`; empty where there is none.

    What stands in brackets behind it, the kinds of its arguments, is no part of its name.
    """
    module, _, name = label.partition(" (")[0].casefold().rpartition(".")
    found = library_of(database).modules.get(module)
    return found.source_of(name) if found and name in found.heads else ""


def constants_of(database: Database, label: str) -> list[object]:
    """The texts, numbers and dates that a function's code names, in its order, each once."""
    library = library_of(database)
    module_name, _, name = label.casefold().rpartition(".")
    module = library.modules[module_name]
    procedure = library.procedure(module, name)
    trees = [p.default for p in procedure.parameters if p.default is not None] + list(expressions_of(procedure.body))
    names = {n.name.casefold() for t in trees for n in t.find_all(exp.Column)}
    used = (library.constant(module, n) for n in names)
    trees += [c.value for c in procedure.constants.values()] + [found[1].value for found in used if found]
    found: dict[object, None] = {}
    for tree in trees:
        for node in tree.find_all(exp.Literal, nodes.DateLiteral):
            if isinstance(node, nodes.DateLiteral):
                found[node.moment] = None
            else:
                found[node.name if node.is_string else float(node.name)] = None
    return list(found)


_ENUMERATIONS: Final = frozenset(["vbdayofweek", "vbfirstweekofyear", "vbcomparemethod", "vbdatetimeformat"])
_TEXTS: Final = {
    "vbcrlf": "\r\n", "vbnewline": "\r\n", "vbcr": "\r", "vblf": "\n", "vbtab": "\t", "vbnullstring": "",
    "vbnullchar": "\0", "vbback": "\b", "vbformfeed": "\f", "vbverticaltab": "\v",
}  # fmt: skip
_NUMBERS: Final = {
    "vbusesystemdayofweek": 0, "vbsunday": 1, "vbmonday": 2, "vbtuesday": 3, "vbwednesday": 4, "vbthursday": 5,
    "vbfriday": 6, "vbsaturday": 7, "vbusesystem": 0, "vbfirstjan1": 1, "vbfirstfourdays": 2, "vbfirstfullweek": 3,
    "vbbinarycompare": 0, "vbtextcompare": 1, "vbdatabasecompare": 2, "vbuppercase": 1, "vblowercase": 2,
    "vbpropercase": 3, "vbgeneraldate": 0, "vblongdate": 1, "vbshortdate": 2, "vblongtime": 3, "vbshorttime": 4,
    "vbtrue": -1, "vbfalse": 0, "vbusedefault": -2,
}  # fmt: skip


def _literals() -> Mapping[str, exp.Expr]:
    texts = {name: exp.Literal(this=value, is_string=True) for name, value in _TEXTS.items()}
    return {**texts, **{name: parse_expression(str(value)) for name, value in _NUMBERS.items()}}


INTRINSIC: Final[Mapping[str, exp.Expr]] = _literals()
"""VBA's own constants, by case-folded name (the page "Constants and enumerations" of its language reference)"""
BARE: Final = frozenset(["date", "now", "time", "timer", "date$", "time$"])
"""functions that VBA calls without parentheses"""
