"""Columns that may hold personal data: by their names, and by patterns in a sample of their values.

Values are looked at where they are read and go nowhere: what is kept of a column is a kind, a confidence and why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from wizard.definitions import Column, ColumnType
from wizard.estate.personal_names import NAMES

SAMPLED: Final = 200
"""values of a column that are looked at"""
_FEWEST: Final = 3
"""values from which a pattern says something"""
_MOST: Final = 0.98
_LONGEST: Final = 120
"""characters: longer texts are no single value of these kinds"""
_PARTS: Final = re.compile(r"[^\W\d_]+", re.UNICODE)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Finding:
    """A column that looks personal."""

    table: str
    column: str
    kind: str
    confidence: float
    """0 to 1"""
    why: str
    """`name`, `values` or `name and values`"""


def by_name(name: str) -> tuple[str, float] | None:
    """What a column's name stands for, and how sure that is; None where it says nothing."""
    plain = _plain(name)
    whole = "".join(_PARTS.findall(plain))
    if found := NAMES.get(whole) or NAMES.get(re.sub(r"[^\w]|_", "", plain)):
        return found
    words = [w for part in _CAMEL.split(_unaccented(name)) for w in _PARTS.findall(part.casefold())]
    pairs = [*("".join(p) for p in pairwise(words)), *(w for w in words if len(w) > 3)]
    best = max((NAMES[w] for w in pairs if w in NAMES), key=lambda f: f[1], default=None)
    return (best[0], round(best[1] * 0.85, 2)) if best else None


def _unaccented(text: str) -> str:
    text = text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("Ø", "O")
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _plain(text: str) -> str:
    return _unaccented(text).casefold()


def _digits(text: str) -> str:
    return re.sub(r"[\s./-]", "", text)


def _iban(text: str) -> bool:
    """By length and check digits (ISO 13616, mod 97)."""
    plain = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (2 - i % 2) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(digits), 1)]
    summed = sum(d - 9 if d > 9 else d for d in doubled)
    return summed % 10 == 0


def _card(text: str) -> bool:
    """A payment card's number: 13 to 19 digits of which the last is right (ISO/IEC 7812)."""
    digits = _digits(text)
    return bool(re.fullmatch(r"[3-6]\d{12,18}", digits)) and _luhn(digits)


def _national(text: str) -> bool:
    """A national number whose form and check digit are right, of one of the countries below."""
    plain = text.strip().upper()
    digits = _digits(plain)
    return any(test(plain, digits) for test in _NATIONAL)


def _bsn(_: str, digits: str) -> bool:  # the Netherlands
    return bool(re.fullmatch(r"\d{9}", digits)) and _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 != int(
        digits
    )


def _pesel(_: str, digits: str) -> bool:  # Poland
    return (
        bool(re.fullmatch(r"\d{11}", digits))
        and 1 <= int(digits[2:4]) % 20 <= 12
        and (10 - _weighted(digits[:10], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == int(digits[10])
    )


def _dni(plain: str, _: str) -> bool:  # Spain
    found = re.fullmatch(r"([XYZ]?)(\d{7,8})-?([A-Z])", plain)
    if not found:
        return False
    number = ("XYZ".index(found[1]) if found[1] else "", found[2])
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int("".join(map(str, number))) % 23] == found[3]


def _fiscale(plain: str, _: str) -> bool:  # Italy
    return bool(re.fullmatch(r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", plain))


def _nir(_: str, digits: str) -> bool:  # France
    found = re.fullmatch(r"([12]\d{2}(?:0[1-9]|1[0-2])\d{8})(\d{2})", digits)
    return bool(found) and 97 - int(found[1]) % 97 == int(found[2])  # type: ignore[index]


def _ssn(plain: str, _: str) -> bool:  # the United States: written with hyphens, as else any nine digits would do
    return bool(re.fullmatch(r"(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}", plain))


def _nino(plain: str, _: str) -> bool:  # the United Kingdom
    return bool(re.fullmatch(r"(?![DFIQUV])[A-Z](?![DFIOQUV])[A-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", plain))


def _sweden(plain: str, digits: str) -> bool:
    return bool(re.fullmatch(r"(19|20)?\d{6}[-+]\d{4}", plain)) and _luhn(digits.replace("+", "")[-10:])


def _ahv(plain: str, digits: str) -> bool:  # Switzerland
    return bool(re.fullmatch(r"756\d{10}", digits)) and "." in plain


def _steuer(_: str, digits: str) -> bool:  # Germany: ISO 7064, mod 11,10; a first digit of 0 is never given
    if not re.fullmatch(r"[1-9]\d{10}", digits):
        return False
    kept = 10
    for digit in digits[:10]:
        kept = ((int(digit) + kept) % 10 or 10) * 2 % 11
    return (11 - kept) % 10 == int(digits[10])


def _belgium(_: str, digits: str) -> bool:  # born since 2000 with a 2 before
    found = re.fullmatch(r"(\d{2}[0-5]\d\d{5})(\d{2})", digits)
    return bool(found) and int(found[2]) in (97 - int(c + found[1]) % 97 for c in ("", "2"))  # type: ignore[index]


def _cpr(plain: str, _: str) -> bool:  # Denmark: a day and a hyphen, no check digit any more
    return bool(re.fullmatch(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d{2}-\d{4}", plain))


def _finland(plain: str, _: str) -> bool:
    found = re.fullmatch(r"(\d{6})[-+A-FU-Y](\d{3})([0-9A-Y])", plain)
    return bool(found) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(found[1] + found[2]) % 31] == found[3]  # type: ignore[index]


def _cpf(plain: str, digits: str) -> bool:  # Brazil
    if not re.fullmatch(r"\d{3}\.\d{3}\.\d{3}-\d{2}", plain):
        return False
    return all(_weighted(digits[:n], range(n + 1, 1, -1)) * 10 % 11 % 10 == int(digits[n]) for n in (9, 10))


_NATIONAL: Final[tuple[Callable[[str, str], bool], ...]] = (
    _bsn, _pesel, _dni, _fiscale, _nir, _ssn, _nino, _sweden, _ahv, _steuer, _belgium, _cpr, _finland, _cpf,
)  # fmt: skip
_EMAIL: Final = re.compile(r"(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_PHONE: Final = re.compile(
    r"(?:\+|00)\d[\d ()/.-]{6,18}\d|0[\d ()/.-]{6,16}\d|\(\d{2,5}\)[\d ./-]{4,14}\d"
    r"|(?:1[-. ])?[2-9]\d{2}[-.][2-9]\d{2}[-.]\d{4}"  # North America: neither part begins with 0 or 1
)


def _email(text: str) -> bool:
    return bool(_EMAIL.fullmatch(text.partition("#")[0].strip()))


def _phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(text)) and 7 <= sum(c.isdigit() for c in text) <= 15


Pattern = tuple[str, Callable[[str], bool], float]
_PATTERNS: Final[tuple[Pattern, ...]] = (
    ("e-mail", _email, 0.95),
    ("bank account", _iban, 0.95),
    ("bank account", _card, 0.8),
    ("national number", _national, 0.85),
    ("telephone", _phone, 0.75),
)
"""what values are tested for, and how sure a column is all of whose values pass"""
_NUMBERS: Final = tuple(p for p in _PATTERNS if p[1] in (_card, _national))
"""what columns of numbers are tested for"""


def _whole(values: Sequence[object]) -> list[str]:
    """Numbers without a fraction, as people write them."""
    return [str(int(v)) for v in values if isinstance(v, int | float | Decimal) and v == v // 1]


def by_values(values: Sequence[str], patterns: Sequence[Pattern] = _PATTERNS) -> tuple[str, float] | None:
    """What a sample of values looks like, and how sure that is; None where it looks like nothing of the kind."""
    given = [v.strip() for v in values if v and len(v) <= _LONGEST and v.strip()]
    if len(set(given)) < _FEWEST:
        return None
    for kind, test, sure in patterns:
        share = sum(map(test, given)) / len(given)
        if share >= 0.6:
            return kind, round(sure * share, 2)
    return None


def _birthdays(values: Sequence[object]) -> tuple[str, float] | None:
    """Days spread over many years, none of them of late: births rather than sales."""
    days = [v.date() if isinstance(v, datetime) else v for v in values if isinstance(v, date)]
    if len(set(days)) < 10:
        return None
    first, last = min(days), max(days)
    spread, age = last.year - first.year, date.today().year - last.year
    return ("date of birth", 0.35) if first.year > 1900 and spread >= 20 and age >= 14 else None


@dataclass
class ColumnSample:
    """Some values of a column, while its table is read."""

    table: str
    column: Column
    values: list[Any] = field(default_factory=list, repr=False)

    @property
    def full(self) -> bool:
        """Whether no more are wanted."""
        return len(self.values) >= SAMPLED

    @property
    def _text(self) -> bool:
        return self.column.type in (ColumnType.TEXT, ColumnType.MEMO)

    def finding(self) -> Finding | None:
        """What the column looks like; None where it looks like nothing personal."""
        if self.column.type in (ColumnType.BOOLEAN, ColumnType.COMPLEX, ColumnType.LONGBINARY):
            return None
        named = by_name(self.column.name)
        if self.column.type in (ColumnType.DATE, ColumnType.DATE_EXTENDED):
            if named and named[0] != "date of birth":
                named = None
            seen = _birthdays(self.values)
        else:
            if named and named[0] == "date of birth" and self.column.type not in (ColumnType.TEXT, ColumnType.MEMO):
                named = None
            seen = by_values([str(v) for v in self.values]) if self._text else by_values(_whole(self.values), _NUMBERS)
        return self._judged(named, seen)

    def _judged(self, named: tuple[str, float] | None, seen: tuple[str, float] | None) -> Finding | None:
        if named and seen and named[0] == seen[0]:
            both = round(min(_MOST, 1 - (1 - named[1]) * (1 - seen[1])), 2)
            return Finding(self.table, self.column.name, named[0], both, "name and values")
        if seen and (named is None or seen[1] >= named[1]):
            return Finding(self.table, self.column.name, seen[0], seen[1], "values")
        return Finding(self.table, self.column.name, named[0], named[1], "name") if named else None


def findings(samples: Sequence[ColumnSample]) -> Iterator[Finding]:
    """The columns that look personal, the surest first."""
    found = [f for s in samples if (f := s.finding()) is not None]
    yield from sorted(found, key=lambda f: (-f.confidence, f.table, f.column))
