"""Validation rules that are easily told: comparisons, Between, In, Like, Is Null, joined by And, Or, Not.

A rule becomes a function of a batch's columns; it says for each row true, false or unknown (null), as the check
constraint on the server will. Anything else (functions, arithmetic, other tables' fields) is not told here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

Test = Callable[[Mapping[str, pa.Array]], pa.Array]
"""columns by case-folded name to booleans with nulls"""

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')|
    \#(?P<date>[^#]+)\#|\[(?P<name>[^\]]+)\]|(?P<word>[^\W\d]\w*)|(?P<sign><>|<=|>=|[<>=(),-]))""",
    re.VERBOSE,
)
_COMPARE: Final[Mapping[str, Callable[..., pa.Array]]] = {
    "=": pc.equal,
    "<>": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
_DATES: Final = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


class UntoldError(ValueError):
    """The rule says something that is not understood here."""


@dataclass(frozen=True, slots=True)
class Rule:
    test: Test
    columns: frozenset[str]
    """case-folded names of the columns it looks at"""


def rule_of(text: str, column: str = "") -> Rule:
    """The rule of a column, or of a table where `column` is empty. Raises UntoldError."""
    try:
        parser = _Parser(text, column.casefold())
        test = parser.either()
    except (ArithmeticError, RecursionError, ValueError) as e:  # numbers beyond any type's, nesting without end
        raise UntoldError(text) from e
    if parser.kind:
        raise UntoldError(text)
    return Rule(test, frozenset(parser.columns))


class _Parser:
    """Recursive descent; `kind` and `value` are the token at hand, `kind` is empty at the end."""

    def __init__(self, text: str, subject: str) -> None:
        self._text = text.strip().removeprefix("=")
        self._subject = subject
        self._at = 0
        self.columns: set[str] = set()
        self.kind = self.value = ""
        self._advance()

    def _advance(self) -> None:
        if not self._text[self._at :].strip():
            self.kind = self.value = ""
            return
        found = _TOKEN.match(self._text, self._at)
        if not found:
            raise UntoldError(self._text)
        self._at = found.end()
        self.kind = found.lastgroup or ""
        self.value = found[self.kind]
        if self.kind == "word":
            self.value = self.value.casefold()

    def _take(self, *values: str) -> bool:
        if self.kind in ("word", "sign") and self.value in values:
            self._advance()
            return True
        return False

    def _need(self, value: str) -> None:
        if not self._take(value):
            raise UntoldError(self._text)

    def either(self) -> Test:
        test = self._both()
        while self._take("or"):
            test = _joined(pc.or_kleene, test, self._both())
        return test

    def _both(self) -> Test:
        test = self._one()
        while self._take("and"):
            test = _joined(pc.and_kleene, test, self._one())
        return test

    def _one(self) -> Test:
        if self._take("not"):
            return _inverted(self._one())
        if self._take("("):
            test = self.either()
            self._need(")")
            return test
        return self._condition(self._column())

    def _column(self) -> str:
        if self.kind == "name" or (self.kind == "word" and self.value not in _WORDS):
            name = self.value.casefold()
            self._advance()
        else:
            name = self._subject
        if not name:
            raise UntoldError(self._text)
        self.columns.add(name)
        return name

    def _condition(self, name: str) -> Test:
        if self._take("is"):
            inverted = self._take("not")
            self._need("null")
            test: Test = lambda columns: pc.is_null(columns[name])  # noqa: E731
            return _inverted(test) if inverted else test
        if self._take("not"):
            return _inverted(self._condition(name))
        if self._take("between"):
            low = self._literal()
            self._need("and")
            return _joined(pc.and_kleene, _compared(">=", name, low), _compared("<=", name, self._literal()))
        if self._take("in"):
            self._need("(")
            tests = [_compared("=", name, self._literal())]
            while self._take(","):
                tests.append(_compared("=", name, self._literal()))
            self._need(")")
            return _any(tests)
        if self._take("like"):
            return _like(name, self._literal())
        sign = self.value if self.kind == "sign" and self.value in _COMPARE else "="
        self._take(sign)
        return _compared(sign, name, self._literal())

    def _literal(self) -> Any:
        negative = self._take("-")
        kind, value = self.kind, self.value
        if kind == "number":
            self._advance()
            return -Decimal(value) if negative else Decimal(value)
        if negative or not kind:
            raise UntoldError(self._text)
        self._advance()
        if kind == "text":
            return value[1:-1].replace(value[0] * 2, value[0])
        if kind == "date":
            return _date(value)
        if kind == "word" and value in ("true", "yes", "false", "no"):
            return value in ("true", "yes")
        raise UntoldError(self._text)


_WORDS: Final = frozenset({"is", "not", "between", "in", "like", "and", "or", "null", "true", "false", "yes", "no"})


def _date(text: str) -> datetime:
    for form in _DATES:
        try:
            return datetime.strptime(text.strip(), form)
        except ValueError:
            continue
    raise UntoldError(text)


def _joined(how: Callable[..., pa.Array], one: Test, other: Test) -> Test:
    return lambda columns: how(one(columns), other(columns))


def _inverted(test: Test) -> Test:
    return lambda columns: pc.invert(test(columns))


def _any(tests: list[Test]) -> Test:
    whole = tests[0]
    for test in tests[1:]:
        whole = _joined(pc.or_kleene, whole, test)
    return whole


def _compared(sign: str, name: str, value: Any) -> Test:
    def test(columns: Mapping[str, pa.Array]) -> pa.Array:
        values = columns[name]
        kind = values.type
        try:
            if isinstance(value, str) and pa.types.is_string(kind):
                # The server compares without case and spaces at the end, as Access does.
                return _COMPARE[sign](folded(values), fold(value))
            if isinstance(value, Decimal) and pa.types.is_boolean(kind):
                return _COMPARE[sign](values, pa.scalar(value != 0))
            if isinstance(value, Decimal) and not pa.types.is_string(kind):
                return _COMPARE[sign](values.cast(pa.float64()), float(value))
            if isinstance(value, bool) != pa.types.is_boolean(kind) or isinstance(value, str | Decimal):
                raise UntoldError(name)
            return _COMPARE[sign](values, pa.scalar(value))
        except pa.ArrowException as e:
            raise UntoldError(name) from e

    return test


def _like(name: str, pattern: Any) -> Test:
    if not isinstance(pattern, str):
        raise UntoldError(name)
    parts = re.findall(r"\[[^\]]+\]|.", pattern, re.DOTALL)
    regex = "".join({"*": ".*", "?": ".", "#": "[0-9]"}.get(p) or _bracket(p) for p in parts)

    def test(columns: Mapping[str, pa.Array]) -> pa.Array:
        values = columns[name]
        if not pa.types.is_string(values.type):
            raise UntoldError(name)
        return pc.match_substring_regex(values, f"(?is)\\A{regex}\\z")

    return test


def _bracket(part: str) -> str:
    if not (part.startswith("[") and len(part) > 2):
        return re.escape(part)
    inside = part[1:-1]
    sign, inside = ("^", inside[1:]) if inside.startswith("!") else ("", inside)
    escaped = re.sub(r"([\\\]\[^])", r"\\\1", inside)
    return f"[{sign}{escaped}]"


def folded(values: pa.Array) -> pa.Array:
    """Text as the server's default collations compare it: without case and spaces at the end; ß equals ss."""
    return pc.replace_substring(pc.utf8_lower(pc.utf8_rtrim(values, " ")), "ß", "ss")


def fold(text: str) -> str:
    return text.rstrip(" ").lower().replace("ß", "ss")
