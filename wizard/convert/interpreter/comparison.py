"""Which values are equal, which comes first, and which fit a pattern: Access's General sort order.

Text is compared without regard to case and to spaces at its end (the keys of Access's text indexes have neither), with
regard to accents; ß is ss, æ is ae. In the order, hyphens and apostrophes count only between texts that are otherwise
alike ("word sort"), then come spaces and punctuation, digits, letters; accents and then hyphens decide last. Scripts
other than Latin follow their code points, which is where this order is not exactly that of Windows.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from wizard.convert.dialect.date_texts import read_moment
from wizard.convert.interpreter.errors import CellError, CellFault, ErrorValue
from wizard.convert.interpreter.text_parsing import read_number
from wizard.convert.interpreter.values import (
    BigInt,
    Byte,
    Currency,
    Empty,
    Guid,
    Integer,
    Single,
    mismatch,
    serial_of,
)

_ORDER: Final = ' \t_!"#$%&()*,./:;?@[\\]^`{|}~+<=>'
_WEIGHTS: Final = {character: place for place, character in enumerate(_ORDER)}
_DIGIT: Final = 100
_LETTER: Final = 200
_IGNORED: Final = "-'"
_INTS: Final = (int, Integer, Byte, BigInt)
_FLOATS: Final = (float, Single)
_DECIMALS: Final = (Decimal, Currency)

SortKey = tuple[Any, ...]


def spelled(text: str) -> str:
    """With the letters that count as two, as Like has them (measured of Access's engine) and Windows' own order."""
    return text if text.isascii() else text.translate(_SPELLED)


_SPELLED: Final = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH"})


def fold(text: str) -> str:
    """The same for texts that are equal."""
    bare = text.rstrip(" ")
    if bare.isascii():
        return bare.lower()
    return unicodedata.normalize("NFC", spelled(unicodedata.normalize("NFC", bare)).casefold())


@lru_cache(maxsize=65_536)
def text_key(text: str) -> SortKey:
    """Sorts as Access's General order does; equal where `fold` is.

    It is the text in weights, then its accents, then the hyphens and apostrophes that the weights leave out.
    """
    folded = fold(text)
    plain = folded.isascii()
    ignored = _ignored(folded) if "-" in folded or "'" in folded else ()
    if plain:
        return folded.translate(_ASCII), (), ignored, folded
    first, accents = "", []
    for character in unicodedata.normalize("NFD", folded):
        if unicodedata.combining(character):
            accents.append(f"{len(first):06d}{character}")
        elif character not in _IGNORED:
            first += _weight(character)
    return first, tuple(accents), ignored, folded


def _ignored(text: str) -> tuple[tuple[int, str], ...]:
    """Hyphens and apostrophes, with the number of weighed characters before each."""
    found, weighed = [], 0
    for character in unicodedata.normalize("NFD", text):
        if character in _IGNORED:
            found.append((weighed, character))
        elif not unicodedata.combining(character):
            weighed += 1
    return tuple(found)


def _weight(character: str) -> str:
    """A character that sorts by its code as the given one does by its weight."""
    if character in _WEIGHTS:
        return chr(_WEIGHTS[character])
    if character.isdecimal():
        return chr(_DIGIT + unicodedata.decimal(character))
    return chr(min(_LETTER + ord(character), sys.maxunicode)) if character.isalpha() else chr(_DIGIT - 1)


_ASCII: Final = {code: None if chr(code) in _IGNORED else _weight(chr(code)) for code in range(128)}


def equal_key(value: Any) -> Any:
    """The same for values of one kind that Access finds equal, and hashable; None for Null."""
    kind = type(value)
    if kind is str:
        return fold(value)
    if kind is bool:
        return -int(value)
    if kind in _DECIMALS:
        return float(value) if len(value.as_tuple().digits) <= 15 else value
    if isinstance(value, Empty):
        return ""
    return value


_RANKS: Final[tuple[tuple[Any, int], ...]] = ((datetime, 2), (Guid, 3), (str, 4), (Empty, 4), (bytes, 5))


def sort_key(value: Any) -> SortKey:
    """Sorts any values: Null, numbers (True is -1), dates, GUIDs, texts, binary. Raises CellError for #Error."""
    if value is None:
        return (0,)
    if isinstance(value, ErrorValue):
        raise CellError(value.fault)
    rank = next((r for kind, r in _RANKS if isinstance(value, kind)), 1)
    if rank == 4:
        return rank, text_key("" if isinstance(value, Empty) else value)
    return rank, equal_key(value)


def compared(a: Any, b: Any) -> int:
    """Less than 0, 0 or more as a is less than b, equal or greater; neither is Null. Raises CellError.

    Text met by a number or a date is read as such; text that is none is a type mismatch, as Access says it of fields.
    """
    kind, other = type(a), type(b)
    if kind is str and other is str:
        x, y = fold(a), fold(b)
        return 0 if x == y else _sign(text_key(a), text_key(b))
    if kind is other:
        return _sign(b, a) if kind is bool else _sign(a, b)  # True is -1
    if kind is datetime or other is datetime:
        return _sign(_as_serial(a), _as_serial(b))
    if isinstance(a, Guid) or isinstance(b, Guid):
        return _sign(_bare_guid(a), _bare_guid(b))
    if isinstance(a, Empty | str) and isinstance(b, Empty | str):
        return compared("" if isinstance(a, Empty) else a, "" if isinstance(b, Empty) else b)
    p, q = _as_number(a), _as_number(b)
    if isinstance(p, float) is not isinstance(q, float):
        p, q = _float(p), _float(q)
    return _sign(p, q)


def _sign(a: Any, b: Any) -> int:
    return int(a > b) - int(a < b)


def _float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        raise CellError(CellFault.OVERFLOW) from None


def _as_serial(value: Any) -> float:
    if isinstance(value, datetime):
        return serial_of(value)
    if isinstance(value, str) and not isinstance(value, Guid):
        moment = read_moment(value, 1900)
        if moment is not None:
            return serial_of(moment)
    return _float(_as_number(value))


def _as_number(value: Any) -> Any:
    if isinstance(value, bool):
        return -int(value)
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, Empty):
        return 0
    if isinstance(value, str) and not isinstance(value, Guid):
        number = read_number(value)
        if number is not None:
            return float(number)
    raise mismatch(value)


def _bare_guid(value: Any) -> str:
    if isinstance(value, str):
        return value.strip().upper().removeprefix("{GUID").strip(" {}")
    raise mismatch(value)


_PARTS: Final = re.compile(r"\[(!?)([^\]]*)\]|(.)", re.DOTALL)
_WILD: Final = {"*": ".*", "?": ".", "#": "[0-9]"}
_ANSI: Final = {"%": ".*", "_": "."}


@lru_cache(maxsize=4_096)
def pattern_of(pattern: str, ansi: bool = False, *, binary: bool = False) -> Callable[[str], bool]:
    """The test of a Like pattern (`*`, `?`, `#`, `[a-z]`, `[!…]`), or of one of ALike. Raises CellError.

    `binary`: small and capital letters are distinguished, as VBA code does under Option Compare Binary.

    A bracket that is never closed is an invalid pattern (VBA's error 93); `[]` matches nothing at all, as empty text.
    """
    wild, made = (_ANSI if ansi else _WILD), ""
    for found in _PARTS.finditer(pattern if binary else spelled(pattern)):
        negated, members, character = found.groups()
        if character is not None:
            if character == "[":
                raise CellError(CellFault.INVALID_CALL, f"pattern {pattern!r:.60}")
            made += wild.get(character) or re.escape(character)
        elif not members:
            made += "!" if negated else ""
        else:
            made += f"[{'^' if negated else ''}{_members(members if binary else members.lower())}]"
    try:
        test = re.compile(made, re.DOTALL if binary else re.IGNORECASE | re.DOTALL)
    except re.error:
        raise CellError(CellFault.INVALID_CALL, f"pattern {pattern!r:.60}") from None
    return lambda text: test.fullmatch(text if binary else spelled(text)) is not None


def _members(text: str) -> str:
    """A class of characters; a hyphen between two of them is a range, from the lower to the higher."""
    made, at = "", 0
    while at < len(text):
        if at + 2 < len(text) and text[at + 1] == "-":
            low, high = text[at], text[at + 2]
            if low > high:
                raise CellError(CellFault.INVALID_CALL, f"range {low}-{high}")
            made += f"{re.escape(low)}-{re.escape(high)}"
            at += 3
        else:
            made += re.escape(text[at])
            at += 1
    return made
