"""VBA's functions called from code: which of their arguments may be Null, how they compare text, what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from wizard.convert.interpreter import operators
from wizard.convert.interpreter.errors import CellError, CellFault, UnsupportedError
from wizard.convert.interpreter.functions import FUNCTIONS
from wizard.convert.interpreter.values import EMPTY, Integer, whole_of
from wizard.convert.interpreter.vba_names import Code, CompiledCode, Names, Variables, text
from wizard.convert.vba import Compare

_ALL: Final = tuple(range(6))
_NO_NULL: Final[Mapping[str, tuple[int, ...]]] = {
    **dict.fromkeys(("replace", "strreverse", "val", "asc", "ascb", "ascw", "chr", "chrw", "space", "instrrev"), _ALL),
    **dict.fromkeys(("monthname", "weekdayname", "dateserial", "timeserial", "datevalue", "timevalue"), _ALL),
    **dict.fromkeys(("sqr", "log", "exp", "sin", "cos", "tan", "atn"), _ALL),
    **dict.fromkeys(("formatnumber", "formatcurrency", "formatpercent", "formatdatetime"), _ALL),
    "left": (1,), "right": (1,), "mid": (1, 2), "string": (0, 1), "dateadd": (0, 1), "datepart": (0, 2, 3),
    "datediff": (0, 3, 4), "weekday": (1,), "round": (1,), "strconv": (1,), "strcomp": (2,),
}  # fmt: skip
"""arguments that are of a type that has no Null: error 94"""
_INTEGERS: Final = frozenset(["dateserial", "timeserial"])
"""functions whose arguments are Integers"""
_TEXTS: Final = frozenset(
    ["left", "right", "mid", "ucase", "lcase", "trim", "ltrim", "rtrim", "len", "replace", "instr"]
)
_TYPED: Final = frozenset(
    [
        "len",
        "asc",
        "ascw",
        "ascb",
        "val",
        "strreverse",
        "replace",
        "instrrev",
        "monthname",
        "weekdayname",
        "sqr",
        "log",
        "exp",
        "sin",
        "cos",
        "tan",
        "atn",
        "isnull",
        "isnumeric",
        "isdate",
        "isempty",
        "ismissing",
        "cbool",
        "cbyte",
        "cint",
        "clng",
        "csng",
        "cdbl",
        "ccur",
        "cdate",
        "cstr",
    ]
)
"""functions that give no Variant; so do those with a `$`"""
_UNSURE: Final = frozenset(["format", "format$"])
"""functions of which it is not said what they make of Null"""


def called(name: str, arguments: list[CompiledCode], names: Names, *, dollar: bool = False) -> CompiledCode:
    """A call of VBA's own function by its case-folded name; `dollar`: of its form that gives a String.

    Raises UnsupportedError where it is not run here.
    """
    values = [code for code, _ in arguments]
    if name in _CHOOSERS:
        choose = _CHOOSERS[name]
        return (lambda variables: choose([v(variables) for v in values])), True
    found = FUNCTIONS.get(name)
    if found is None:
        raise UnsupportedError(f"the function {name} is not run here")
    if not found.least <= len(values) <= found.most:
        raise UnsupportedError(f"the function {name} is given {len(values)} arguments")
    if found.uses:
        names.used(found.uses)
    if name == "len" and not arguments[0][1]:
        values = [_sized(values[0])]
    length = arguments[0][1] if name == "len" else False
    refused = tuple(range(6)) if dollar else _NO_NULL.get(name, ())
    before = (names.now,) if found.clocked else ()
    compare = names.compare

    def value(variables: Variables) -> Any:
        made = [v(variables) for v in values]
        if any(p < len(made) and made[p] is None for p in refused):
            raise CellError(CellFault.INVALID_NULL)
        if name in _UNSURE and made[0] is None:
            raise UnsupportedError(f"{name} of Null")
        if not found.takes_null and None in made:
            return None
        return found.calculate(*before, *_as_taken(name, made, compare))

    return value, length or not (dollar or name in _TYPED)


def _sized(code: Code) -> Code:
    """Len of a variable of a declared type that is no String is its size in memory."""

    def value(variables: Variables) -> Any:
        found = code(variables)
        if not isinstance(found, str):
            raise UnsupportedError("Len of a variable that is no text")
        return found

    return value


def _as_taken(name: str, given: list[Any], compare: Compare) -> list[Any]:
    """The arguments as the function's parameters take them, and how text is compared where that is left out."""
    if name in _INTEGERS:
        return [Integer(whole_of(v, Integer)) for v in given]
    if name in _TEXTS or name == "cstr":
        given = [text(v) if isinstance(v, bool) else v for v in given]
    text_compare = 0 if compare is Compare.BINARY else 1
    if name == "instr" and len(given) < 4:
        return [*([1] if len(given) == 2 else []), *given, text_compare]
    if name == "strcomp" and len(given) == 2:
        return [*given, text_compare]
    if name == "replace" and len(given) < 6:
        return [*given, *[1, -1][max(len(given) - 3, 0) :], 0]
    if name == "instrrev" and len(given) < 4:
        return [*given, *([-1] if len(given) == 2 else []), 0]
    return given


def _iif(values: list[Any]) -> Any:
    return values[1] if operators.truth(values[0]) else values[2]


def _switch(values: list[Any]) -> Any:
    pairs = zip(values[::2], values[1::2], strict=True)
    return next((value for test, value in pairs if operators.truth(test)), None)


def _choose(values: list[Any]) -> Any:
    if values[0] is None:
        raise CellError(CellFault.INVALID_NULL)
    number = whole_of(values[0])
    return values[number] if 0 < number < len(values) else None


def _nz(values: list[Any]) -> Any:
    if values[0] is not None:
        return values[0]
    return values[1] if len(values) > 1 else EMPTY


_CHOOSERS: Final[Mapping[str, Callable[[list[Any]], Any]]] = {
    "iif": _iif, "switch": _switch, "choose": _choose, "nz": _nz
}  # fmt: skip
