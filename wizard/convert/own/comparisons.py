"""VBA's comparisons as T-SQL: text as Option Compare says, and with the blanks at its end, which T-SQL overlooks.

Source: "Comparison operators" and "Option Compare statement" of the VBA language reference. What a text and a number
are to each other depends there on where they come from; such comparisons are refused where it would be no text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlglot import exp

from wizard.convert import comparisons
from wizard.convert.collations import beside_binary, binary
from wizard.convert.own.values import Value, plain, text_of
from wizard.convert.tree import Part, SqlNode, Text, enclosed, spread, tsql
from wizard.convert.typed_sql import Condition, Typed, Walker
from wizard.convert.vba import Compare, UnsupportedVbaError
from wizard.definitions import ColumnType

_OPPOSITES: Final = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_END: Final = "|"
"""a character that is no blank, behind both sides"""


def compared(sign: str, left: Value, right: Value, *, compare: Compare, walker: Walker, node: exp.Expr) -> Condition:
    """A comparison of two values. Raises RefusedError."""
    if left.typed.is_null or right.typed.is_null:
        return Condition(enclosed("NULL = 1"))
    families = {left.family, right.family}
    if "" in families:
        kind = left.type if not left.family else right.type
        raise UnsupportedVbaError(f"it compares a {kind.value} value")
    if "text" in families:
        return _texts(sign, _as_text(left, right), _as_text(right, left), compare)
    a, b = _simple(left), _simple(right)
    return comparisons.compare(sign, a.typed, b.typed, walker, node)


def _simple(value: Value) -> Value:
    """Numbers of any type may be compared."""
    if value.type in (ColumnType.SINGLE, ColumnType.DECIMAL, ColumnType.BIGINT):
        return value
    return plain(value)


def _as_text(value: Value, other: Value) -> Typed:
    """A String and any Variant are compared as text; a number that is none, or text that may be any type, is not."""
    if value.family == "text":
        return value.typed
    if value.variant and not other.variant:
        return text_of(value)
    raise UnsupportedVbaError("it compares text with a number or date")


def _texts(sign: str, a: Typed, b: Typed, compare: Compare) -> Condition:
    if isinstance(a.constant, str) and isinstance(b.constant, str):
        a = replace(a, constant=None)
    coded = compare is Compare.BINARY and not (caseless(a) or caseless(b))
    nullable = a.nullable or b.nullable
    if sign in ("=", "<>") and (empty := _empty(sign, a, b)):
        return Condition(enclosed("{}", empty), nullable, enclosed("{}", _empty(_OPPOSITES[sign], a, b) or empty))
    return Condition(_made(sign, a, b, coded), nullable, _made(_OPPOSITES[sign], a, b, coded))


def caseless(value: Typed) -> bool:
    """Whether it is a text without letters, which is the same however text is compared."""
    known = value.constant
    return isinstance(known, str) and known.isascii() and known.upper() == known.lower()


def _empty(sign: str, a: Typed, b: Typed) -> SqlNode | None:
    """The test for no text at all."""
    for one, other in ((a, b), (b, a)):
        if one.constant == "":
            return tsql("DATALENGTH({}) {} 0", other, sign)
    return None


def _made(sign: str, a: Typed, b: Typed, coded: bool) -> SqlNode:
    b = beside_binary(b) if coded else b
    left, marked = (binary(n) if coded else n for n in (a.node, _marked(a)))
    if sign in ("=", "<>"):
        return enclosed("{} {} {}", marked, sign, _marked(b))
    bare = sign.rstrip("=")
    parts: list[Part] = [tsql("{} {} {}", left, bare, b)]
    equal = tsql("{} = {}", marked, _marked(b))
    shorter, longer = (a, b) if bare == "<" else (b, a)
    if not _ends_sure(longer):  # texts that differ in blanks at the end: the longer one is the greater
        apart = tsql("{} <> {}", marked, _marked(b))
        lengths = tsql("DATALENGTH({}) < DATALENGTH({})", shorter, longer)
        parts.append(spread(" AND ", (tsql("{} = {}", left, b), apart, lengths)))
    if sign.endswith("="):
        parts.append(equal)
    return enclosed("{}", spread(" OR ", parts))


def _marked(value: Typed) -> SqlNode:
    if isinstance(value.constant, str):
        return Text(value.constant + _END)
    return enclosed("{} + {}", value, Text(_END))


def _ends_sure(value: Typed) -> bool:
    """Whether the text certainly ends in no blank."""
    return isinstance(value.constant, str) and value.constant == value.constant.rstrip(" ")


def like(value: Value, pattern: Value, compare: Compare, walker: Walker, node: exp.Expr) -> Condition:
    """Like with a pattern that is written out. Raises RefusedError."""
    if not isinstance(pattern.typed.constant, str):
        raise UnsupportedVbaError("the pattern of a Like is not written out")
    if value.family not in ("text", "numbers"):
        raise UnsupportedVbaError("it compares a date with a pattern")
    text = text_of(value)
    if compare is Compare.BINARY:
        text = replace(text, node=binary(text))
    return comparisons.like(text, pattern.typed, walker, node)


def both(word: str, parts: list[Condition]) -> Condition:
    """And or Or of truth values, of which VBA computes all."""
    made = spread(f" {word} ", [p.node for p in parts])
    return Condition(enclosed("{}", made), any(p.nullable for p in parts))
