"""How Access reads numbers out of text, with the settings of a Windows of the United States."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import Final

_NUMBER: Final = re.compile(
    r"(?P<before>\$)?\s*(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<money>\$)?\s*(?P<late>[+-])?\s*"
    r"(?P<whole>[0-9][0-9,]*)?(?P<fraction>\.[0-9]*)?(?:[ED](?P<power>[+-]?[0-9]{1,4}))?\s*(?P<after>[+-])?"
    r"\s*(?P<behind>\$)?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_RADIX: Final = re.compile(r"&(?:H(?P<hex>[0-9A-F]{1,8})|O?(?P<oct>[0-7]{1,11}))&?", re.IGNORECASE)
_MOST_POWER: Final = 400
_WIDE: Final = Context(prec=1_000)
_SPACES: Final = " \t\r\n"


def read_number(text: str) -> Decimal | None:
    """The number that text stands for; None where Access would say type mismatch.

    It may have spaces around it, a sign before or after, `$`, commas between thousands, parentheses for less than
    zero, an exponent after E or D; or be of base 16 or 8 after `&H` and `&O`.
    """
    bare = text.strip(_SPACES)
    radix = _RADIX.fullmatch(bare)
    if radix:
        return Decimal(radix_number(radix["hex"], radix["oct"], long=True))
    found = _NUMBER.fullmatch(bare)
    if found is None or not (found["whole"] or (found["fraction"] or "").strip(".")):
        return None
    signs = [s for s in (found["sign"], found["late"], found["after"]) if s]
    bracketed = bool(found["open"])
    power = int(found["power"] or 0)
    wrong = len(signs) > 1 or bracketed is not bool(found["close"]) or (bracketed and signs)
    if wrong or len([s for s in ("before", "money", "behind") if found[s]]) > 1 or abs(power) > _MOST_POWER:
        return None
    number = Decimal((found["whole"] or "").replace(",", "") + (found["fraction"] or "")).scaleb(power, _WIDE)
    return -number if bracketed or "-" in signs else number


def radix_number(hexadecimal: str | None, octal: str | None, *, long: bool = False) -> int:
    """`&HFFFF` is -1: what fits 16 bits is an Integer, what fits 32 a Long, both signed; with `&` behind it a Long."""
    number = int(hexadecimal, 16) if hexadecimal else int(octal or "0", 8)
    if 0x8000 <= number <= 0xFFFF and not long:
        return number - 0x1_0000
    return number - 0x1_0000_0000 if 0x8000_0000 <= number <= 0xFFFF_FFFF else number


def raised(text: str) -> str:
    """In capitals, letter by letter as Windows and SQL Server do it: ß has none of its own and stays."""
    made = text.upper()
    return made if len(made) == len(text) else "".join(u if len(u := c.upper()) == 1 else c for c in text)


def lowered(text: str) -> str:
    """In small letters, letter by letter."""
    made = text.lower()
    return made if len(made) == len(text) else "".join(c.lower()[0] for c in text)
