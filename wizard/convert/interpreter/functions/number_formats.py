"""Numbers by the pictures of Format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

_TOKEN: Final = re.compile(
    r'\\(?P<escaped>.)|"(?P<quoted>[^"]*)"?|(?P<end>;)|(?P<power>E[+-]0+)|(?P<sign>[0#.,%])|(?P<other>.)',
    re.IGNORECASE | re.DOTALL,
)
_WIDE: Final = Context(prec=400, rounding=ROUND_HALF_UP)


@dataclass
class _Picture:
    """`parts` are placeholders (`0`, `#`), the point, and `=` before what stands as it is."""

    parts: list[str] = field(default_factory=list)
    whole: int = 0
    places: int = 0
    point: bool = False
    grouped: bool = False
    thousands: int = 0
    """how often to divide by a thousand"""
    percent: int = 0
    power: str = ""


def formatted(number: Decimal | None, picture: str) -> str:
    """Halves go away from zero. Sections are for what is above zero, below, zero, and Null (None)."""
    sections: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(picture):
        if token["end"]:
            sections.append([])
        else:
            sections[-1].append(token)
    if number is None:
        return _filled(Decimal(0), sections[3]) if len(sections) > 3 else ""
    own = sections[1] if number < 0 and len(sections) > 1 and sections[1] else sections[0]
    if _vanishes(number, own):
        zero = sections[2] if len(sections) > 2 and sections[2] else sections[0]
        return _filled(Decimal(0) if zero is not own else abs(number), zero)
    return _filled(abs(number), own, negative=number < 0 and own is sections[0]) if own else ""


def _vanishes(number: Decimal, tokens: list[re.Match[str]]) -> bool:
    """Whether a section rounds the number to zero, which is what it counts as then."""
    picture = _read(tokens)
    if number == 0 or picture.power or not (picture.whole or picture.places or picture.point):
        return number == 0
    scaled = abs(number).scaleb(2 * picture.percent - 3 * picture.thousands, _WIDE)
    return not any(d.strip("0") for d in _digits(scaled, picture.places))


def _read(tokens: list[re.Match[str]]) -> _Picture:
    made = _Picture()
    commas = 0
    for token in tokens:
        sign = token["sign"]
        if token["power"] and (made.whole or made.places) and not made.power:
            made.power = token["power"]
            made.parts.append("E")
        elif sign in ("0", "#") and not made.power:
            if commas and not made.point:
                made.grouped = made.grouped or made.whole > 0
            commas = 0
            made.parts.append(sign)
            made.places, made.whole = (made.places + 1, made.whole) if made.point else (made.places, made.whole + 1)
        elif sign == "." and not made.point:
            made.thousands += commas
            commas, made.point = 0, True
            made.parts.append(".")
        elif sign == ",":
            commas += not made.point
        elif sign == "%":
            made.percent += 1
            made.parts.append("=%")
        else:
            kinds = ("escaped", "quoted", "sign", "other", "power")
            made.parts.append("=" + next(token[k] for k in kinds if token[k] is not None))
    made.thousands += commas if made.whole and not made.point else 0
    return made


def _filled(number: Decimal, tokens: list[re.Match[str]], *, negative: bool = False) -> str:
    picture = _read(tokens)
    if not (picture.whole or picture.places or picture.point):
        return ("-" if negative else "") + "".join(p[1:] for p in picture.parts)
    number = number.scaleb(2 * picture.percent - 3 * picture.thousands, _WIDE)
    exponent = 0
    if picture.power and number:
        exponent = number.adjusted() - max(picture.whole - 1, 0)
        number = number.scaleb(-exponent, _WIDE)
        if len(_digits(number, picture.places)[0]) > max(picture.whole, 1):  # 9.99 rounded is 10.0
            exponent, number = exponent + 1, number.scaleb(-1, _WIDE)
    whole, fraction = _digits(number, picture.places)
    text = _laid_out(picture, whole, fraction, exponent)
    return f"-{text}" if negative and (whole or fraction.strip("0")) else text


def _digits(number: Decimal, places: int) -> tuple[str, str]:
    """The digits before and after the point; none before it where they are 0."""
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)
    whole, _, fraction = f"{rounded:f}".partition(".")
    return whole.lstrip("0"), fraction


def _laid_out(picture: _Picture, whole: str, fraction: str, exponent: int) -> str:
    """From the right: the first placeholder takes all digits that are left."""
    shown = fraction
    signs = [p for p in picture.parts[picture.parts.index(".") :] if p in "0#"] if picture.point else []
    while shown and shown[-1] == "0" and signs[len(shown) - 1] == "#":
        shown = shown[:-1]
    made: list[str] = []
    behind, left, at = picture.point, picture.whole, picture.places
    count = 0
    rest = whole
    shows = _shown_zeros(picture)
    for part in reversed(picture.parts):
        if part == "E":
            made.append(_power(picture.power, exponent))
        elif part.startswith("="):
            made.append(part[1:])
        elif part == ".":
            made.append(".")
            behind = False
        elif behind:
            at -= 1
            made.append(shown[at] if at < len(shown) else "")
        else:
            left -= 1
            digits = rest if left == 0 else rest[-1:]
            rest = "" if left == 0 else rest[:-1]
            digits = digits or ("0" if picture.whole - left <= shows else "")
            for digit in reversed(digits):
                if picture.grouped and count and count % 3 == 0:
                    made.append(",")
                made.append(digit)
                count += 1
    if rest:  # a picture that begins with its point
        made.append(rest[::-1])
    return "".join(reversed(made))


def _shown_zeros(picture: _Picture) -> int:
    """Digits before the point that are shown in any case: from the first 0 on, be it # that follows."""
    point = picture.parts.index(".") if picture.point else len(picture.parts)
    signs = "".join(p for p in picture.parts[:point] if p in "0#")
    return len(signs.lstrip("#"))


def _power(sign: str, exponent: int) -> str:
    mark = "-" if exponent < 0 else "+" if sign[1] == "+" else ""
    return f"{sign[0]}{mark}{abs(exponent):0{len(sign) - 2}d}"
