"""Functions of text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from wizard.convert.interpreter.comparison import spelled, text_key
from wizard.convert.interpreter.errors import CellError, CellFault
from wizard.convert.interpreter.functions.registry import function, padded
from wizard.convert.interpreter.text_parsing import lowered, raised
from wizard.convert.interpreter.values import EMPTY, Guid, text_of, whole_of

_BINARY: Final = 0
_MOST: Final = 2**20
"""characters that String and Space make"""


def _simple(names: str, change: Callable[[str], Any]) -> None:
    function(names, 1, 1)(lambda value: change(text_of(value)))


_simple("UCase", raised)
_simple("LCase", lowered)
_simple("Trim", lambda text: text.strip(" "))
_simple("LTrim", lambda text: text.lstrip(" "))
_simple("RTrim", lambda text: text.rstrip(" "))
_simple("StrReverse", lambda text: text[::-1])
_simple("Len", lambda text: len(_units(text)))
_simple("LenB", lambda text: 2 * len(_units(text)))


def _units(text: str) -> str:
    """Characters beyond the first 65,536 count twice, as in UTF-16."""
    if text.isascii():
        return text
    return "".join(c if ord(c) < 0x1_0000 else c + "\0" for c in text)


def _count(value: Any, least: int = 0) -> int:
    number = whole_of(value)
    if number < least:
        raise CellError(CellFault.INVALID_CALL)
    return number


@function("Left", 2, 2)
def _left(value: Any, length: Any) -> str:
    return text_of(value)[: _count(length)]


@function("Right", 2, 2)
def _right(value: Any, length: Any) -> str:
    count, text = _count(length), text_of(value)
    return text[-count:] if count else ""


@function("Mid", 2, 3)
def _mid(value: Any, start: Any, length: Any = EMPTY) -> str:
    first = _count(start, 1) - 1
    return text_of(value)[first : None if length is EMPTY else first + _count(length)]


def _compares_binary(how: Any) -> bool:
    """Of 0 (binary), 1 (text) and 2 (as the database has it); left out it is 2."""
    if how is EMPTY:
        return False
    number = whole_of(how)
    if number not in (0, 1, 2):
        raise CellError(CellFault.INVALID_CALL)
    return number == _BINARY


def folded(text: str, *, binary: bool) -> str:
    """Text as it is searched in, without changing its length."""
    return text if binary else lowered(text)


@function("InStr", 2, 4, takes_null=True)
def _in_str(*arguments: Any) -> int | None:
    """`InStr([start, ]text, part[, compare])`."""
    start: Any = 1
    given = list(arguments)
    if len(given) > 2:
        start = given.pop(0)
        if start is None:
            raise CellError(CellFault.INVALID_NULL)
    how = given[2] if len(given) > 2 else EMPTY
    if None in given[:2]:
        return None
    text, part = text_of(given[0]), text_of(given[1])
    first, binary = _count(start, 1), _compares_binary(how)
    if not part:
        return first if text else 0
    if first > len(text):
        return 0
    return _place(text, part, first - 1, binary=binary) + 1


def _place(text: str, part: str, first: int, *, binary: bool) -> int:
    """Where a text has a part from there on, counted from 0; -1 where it has not. ß is found by ss and ss by ß."""
    if binary or (text.isascii() and part.isascii()):
        return folded(text, binary=binary).find(folded(part, binary=binary), first)
    pieces, sought = [spelled(c).lower() for c in text], spelled(part).lower()
    longest = range(1, len(sought) + 1)
    begins = (i for i in range(first, len(text)) if any("".join(pieces[i : i + n]) == sought for n in longest))
    return next(begins, -1)


@function("InStrRev", 2, 4)
def _in_str_rev(value: Any, part: Any, start: Any = EMPTY, how: Any = EMPTY) -> int:
    text, wanted = text_of(value), text_of(part)
    last = -1 if start is EMPTY else whole_of(start)
    if last == 0 or last < -1:
        raise CellError(CellFault.INVALID_CALL)
    if last == -1:
        last = len(text)
    if not text or last > len(text):
        return 0
    if not wanted:
        return last
    binary = _compares_binary(how) if how is not EMPTY else False
    return folded(text, binary=binary).rfind(folded(wanted, binary=binary), 0, last) + 1


@function("Replace", 3, 6, takes_null=True)
def _replace(value: Any, old: Any, new: Any, *more: Any) -> str:
    """`Replace(text, old, new[, start, count, compare])`; Null is an error, says Microsoft's page on it."""
    if None in (value, old, new, *more):
        raise CellError(CellFault.INVALID_NULL)
    start, most, how = padded(more, 3)
    text, wanted, other = text_of(value), text_of(old), text_of(new)
    text = text[(0 if start is EMPTY else _count(start, 1) - 1) :]
    left = -1 if most is EMPTY else _count(most, -1)
    if not wanted:
        return text
    binary = _compares_binary(how)
    searched, sought = folded(text, binary=binary), folded(wanted, binary=binary)
    made, at = "", 0
    while left and (found := searched.find(sought, at)) >= 0:
        made += text[at:found] + other
        at, left = found + len(wanted), left - 1
    return made + text[at:]


@function("StrComp", 2, 3)
def _str_comp(one: Any, other: Any, how: Any = EMPTY) -> int:
    """Spaces at the end count here, as they do not in a comparison of Access SQL."""
    a, b = text_of(one), text_of(other)
    if _compares_binary(how):
        return (a > b) - (a < b)
    x, y = (text_key(a), len(a) - len(a.rstrip(" "))), (text_key(b), len(b) - len(b.rstrip(" ")))
    return int(x > y) - int(x < y)


_WORD_ENDS: Final = re.compile(r"([\0\t\n\v\f\r ]+)")


@function("StrConv", 2, 3)
def _str_conv(value: Any, how: Any, _: Any = EMPTY) -> str:
    text, kind = text_of(value), whole_of(how)
    if kind == 1:
        return raised(text)
    if kind == 2:
        return lowered(text)
    if kind == 3:
        return "".join(raised(p[:1]) + lowered(p[1:]) for p in _WORD_ENDS.split(text))
    raise CellError(CellFault.INVALID_CALL)


@function("Asc AscB", 1, 1)
def _asc(value: Any) -> int:
    text = text_of(value)
    if not text:
        raise CellError(CellFault.INVALID_CALL)
    return text[0].encode("cp1252", "replace")[0]


@function("AscW", 1, 1)
def _asc_w(value: Any) -> int:
    text = text_of(value)
    if not text:
        raise CellError(CellFault.INVALID_CALL)
    unit = int.from_bytes(text[0].encode("utf-16-le")[:2], "little")
    return unit - 0x1_0000 if unit > 0x7FFF else unit


@function("Chr", 1, 1)
def _chr(value: Any) -> str:
    code = whole_of(value)
    if not 0 <= code <= 255:
        raise CellError(CellFault.INVALID_CALL)
    try:
        return bytes([code]).decode("cp1252")
    except UnicodeDecodeError:  # the five codes that the page leaves open are control characters
        return chr(code)


@function("ChrW", 1, 1)
def _chr_w(value: Any) -> str:
    code = whole_of(value)
    if not -0x8000 <= code <= 0xFFFF:
        raise CellError(CellFault.INVALID_CALL)
    return chr(code % 0x1_0000)


@function("String", 2, 2)
def _string(count: Any, character: Any) -> str:
    number = _count(count)
    if number > _MOST:
        raise CellError(CellFault.OVERFLOW)
    if isinstance(character, str):
        if not character:
            raise CellError(CellFault.INVALID_CALL)
        return character[0] * number
    return str(_chr(whole_of(character) % 256)) * number


@function("Space", 1, 1)
def _space(count: Any) -> str:
    number = _count(count)
    if number > _MOST:
        raise CellError(CellFault.OVERFLOW)
    return " " * number


@function("HyperlinkPart", 1, 2)
def _hyperlink_part(value: Any, part: Any = EMPTY) -> str:
    """Of `text#address#subaddress#tip`: shown (0), text, address, subaddress, tip, or the full address (5)."""
    pieces = (f"{text_of(value)}####".split("#"))[:4]
    shown, address, inner, tip = pieces
    number = 0 if part is EMPTY else whole_of(part)
    if not 0 <= number <= 5:
        raise CellError(CellFault.INVALID_CALL)
    full = f"{address}#{inner}" if inner else address
    return (shown or address or inner, shown, address, inner, tip, full)[number]


@function("StringFromGUID", 1, 1)
def _string_from_guid(value: Any) -> str:
    return f"{{guid {{{_guid(value)}}}}}"


@function("GUIDFromString", 1, 1)
def _guid_from_string(value: Any) -> Guid:
    return _guid(value)


_GUID: Final = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")


def _guid(value: Any) -> Guid:
    found = _GUID.search(str(value).upper()) if isinstance(value, str) else None
    if found is None:
        raise CellError(CellFault.TYPE_MISMATCH)
    return Guid(found.group())
