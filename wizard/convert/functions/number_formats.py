"""Pictures of numbers, as Format takes them: cut into sections, and each section written as T-SQL.

Source: "Format function" of the VBA reference. A section is literal text around one run of placeholders; `0` shows a
digit always, `#` where there is one. The point is shown wherever the picture has it, even with no digit behind it,
which T-SQL's FORMAT would not do: it is left to write exponents and literals among optional digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from wizard.convert.expression_types import format_of
from wizard.convert.tree import Number, Part, SqlNode, Text, called, case, coalesced, enclosed, null_if, tsql
from wizard.convert.typed_sql import INTEGERS, Typed
from wizard.definitions import ColumnType

NAMED: Final = {
    "currency": "$#,##0.00;($#,##0.00)",
    "euro": "€#,##0.00;(€#,##0.00)",
    "fixed": "0.00",
    "standard": "#,##0.00",
    "percent": "0.00%",
    "scientific": "0.00E+00",
}
"""as the settings of the United States have them"""
_TOKEN: Final = re.compile(r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.?)|(?P<exponent>[Ee][-+]0+)|(?P<other>.)', re.DOTALL)
_MOST_SECTIONS: Final = 4
_ROUNDED: Final = {ColumnType.SINGLE: 6}
"""decimals that a float is taken with before it is rounded, where they are not 10: it has no more that are certain"""


class FormatError(ValueError):
    """A picture that cannot be written as T-SQL, and why."""


@dataclass(frozen=True, slots=True)
class FormatSection:
    """One of the parts between semicolons."""

    before: str
    """literal text; a percent sign in it counts in `percent`"""
    whole: tuple[str, ...]
    """placeholders up to the point, with literals that stand among them (each one item)"""
    point: bool
    decimals: str
    after: str
    grouped: bool
    thousands: int
    """how often the number is divided by 1000"""
    percent: int
    exponent: str

    @property
    def places(self) -> str:
        """The placeholders before the point."""
        return "".join(p for p in self.whole if p in "0#")

    @property
    def least(self) -> int:
        """Digits before the point that are shown in any case."""
        return len(self.places) - self.places.find("0") if "0" in self.places else 0

    @property
    def kept(self) -> int:
        """Decimals that are shown in any case."""
        return self.decimals.rfind("0") + 1

    @property
    def direct(self) -> bool:
        """Whether one conversion writes all digits, and the sign with them."""
        if self.broken or self.least != 1 or self.kept != len(self.decimals):
            return False
        return not self.grouped or len(self.decimals) in (0, 2)

    @property
    def broken(self) -> bool:
        """Whether literals stand among the digits."""
        return len(self.places) != len(self.whole)


def sections(picture: str) -> list[FormatSection | None]:
    """The sections; None for one that is empty. Raises FormatError."""
    parts = _split(NAMED.get(picture.lower(), picture))
    if len(parts) > _MOST_SECTIONS:
        raise FormatError("a picture has four sections at most")
    return [_section(p) if p else None for p in parts]


def _split(picture: str) -> list[str]:
    parts = [""]
    for found in _TOKEN.finditer(picture):
        if found["other"] == ";":
            parts.append("")
        else:
            parts[-1] += found[0]
    return parts


def _section(written: str) -> FormatSection:
    items: list[tuple[str, str]] = []  # what it is (0 # . , % E or a literal), and its text
    for found in _TOKEN.finditer(written):
        if found["exponent"] and any(k in "0#" for k, _ in items):
            items.append(("E", found["exponent"]))
        elif found["exponent"]:
            items += [("", c) for c in found["exponent"]]
        elif found["other"] and found["other"] in "0#.,%":
            items.append((found["other"], found["other"]))
        else:
            items.append(("", found["quoted"] or found["escaped"] or found["other"] or ""))
    digits = [i for i, (k, _) in enumerate(items) if k in ("0", "#")]
    points = [i for i, (k, _) in enumerate(items) if k == "."]
    if not digits and not points:
        text = "".join(t for _, t in items)
        return FormatSection(
            text, (), point=False, decimals="", after="", grouped=False, thousands=0, percent=0, exponent=""
        )
    first, last = min(digits[:1] + points[:1]), max(digits[-1:] + points[:1])
    if any(k == "," for k, _ in items[:first]):
        raise FormatError("a comma stands before the first digit")
    while last + 1 < len(items) and items[last + 1][0] in (",", "E"):
        last += 1
    return _core(items, first, last, points[0] if points else len(items))


def _core(items: list[tuple[str, str]], first: int, last: int, point: int) -> FormatSection:
    whole, decimals, exponent, grouped, thousands = [], "", "", False, 0
    for kind, text in items[first : min(point, last + 1)]:
        if kind == ",":
            thousands += 1
            continue
        if kind == "E":
            exponent = text
            continue
        if kind in ("0", "#") and thousands:  # a comma between digits groups them
            grouped, thousands = True, 0
        whole += [text] if kind in ("0", "#") else list(text)
        if kind not in ("0", "#") and (text in "0#" or "%" in text):
            raise FormatError("a sign with a meaning stands as a literal among the digits")
    for kind, text in items[point + 1 : last + 1]:
        if kind in ("0", "#"):
            decimals += text
        elif kind == "E":
            exponent = text
        else:
            raise FormatError("a comma or literal text stands among the decimals")
    return FormatSection(
        before="".join(t for _, t in items[:first]),
        whole=tuple(whole),
        point=point < len(items),
        decimals=decimals,
        after="".join(t for _, t in items[last + 1 :]),
        grouped=grouped,
        thousands=thousands,
        percent=sum(k == "%" for k, _ in items),
        exponent=exponent,
    )


def number_sql(number: Typed, parts: list[FormatSection | None]) -> SqlNode:
    """The text that the sections give a number that is not NULL. Raises FormatError."""
    first = parts[0] or _section("")
    negative = parts[1] if len(parts) > 1 else None
    zero = parts[2] if len(parts) > 2 else None
    shown = _signed(number, first) if not negative else _written(number, first)
    tests: list[tuple[Part, Part]] = []
    if negative:
        tests.append((tsql("{} < 0", _weighed(number, negative)), _written(_positive(number), negative)))
    if zero:  # what is less than zero and rounds to it is zero
        sign = "<=" if negative else "="
        tests.append((tsql("{} {} 0", _weighed(number, first), sign), _written(number, zero)))
    return case(*tests, otherwise=shown) if tests else shown


def _weighed(number: Typed, section: FormatSection) -> Part:
    """The number whose sign chooses a section: rounded as the section shows it (measured of Access's engine)."""
    plain = not (section.whole or section.point) or section.exponent or number.type in INTEGERS
    return number if plain else _rounded(number, section)


def null_text(parts: list[FormatSection | None]) -> str:
    """What the sections give for NULL: the fourth's text, else nothing. Raises FormatError."""
    found = parts[3] if len(parts) == _MOST_SECTIONS else None
    if found and (found.whole or found.point):
        raise FormatError("the section for NULL shows digits")
    return found.before if found else ""


def uses_format(parts: list[FormatSection | None]) -> bool:
    """Whether T-SQL's FORMAT is needed."""
    return any(p is not None and _needs_format(p) for p in parts)


def _needs_format(section: FormatSection) -> bool:
    loose = section.broken and ("#" in section.places or section.grouped or section.point)
    return bool(section.exponent) or loose or (section.grouped and section.least > 1)


def _positive(number: Typed) -> Typed:
    return Typed(tsql("ABS({})", number), number.type, nullable=False)


def _signed(number: Typed, section: FormatSection) -> SqlNode:
    """A section for numbers of both signs; one that rounds to 0 has no sign."""
    if _needs_format(section):
        return _written(number, section)
    if not (section.whole or section.point):
        if not section.before:
            return Text("")
        return _joined([case((tsql("{} < 0", number), "N'-'"), otherwise="N''"), Text(section.before)])
    if section.direct and not section.before:
        return _written(number, section)
    sign = case((tsql("{} < 0", _rounded(number, section)), "N'-'"), otherwise="N''")
    return _joined([sign, *_pieces(_positive(number), section)])


def _written(number: Typed, section: FormatSection) -> SqlNode:
    """The text of a number that is not negative (or of a section that is `direct`, any)."""
    if _needs_format(section):
        return _by_format(number, section)
    return _joined(_pieces(number, section))


def _joined(pieces: list[SqlNode]) -> SqlNode:
    """The pieces as one text, NULL in them being empty."""
    if len(pieces) == 1:
        return coalesced(pieces[0], "N''") if _is_without_zero(pieces[0]) else pieces[0]
    return called("CONCAT", *pieces)


def _without_zero(digits: Part) -> SqlNode:
    """Digits of which a lone zero is not shown; CONCAT takes NULL for empty."""
    return null_if(digits, "N'0'")


def _is_without_zero(node: SqlNode) -> bool:
    return bool(node.children) and node == _without_zero(node.children[0])


def _literal(text: str) -> list[SqlNode]:
    return [Text(text)] if text else []


def _rounded(number: Typed, section: FormatSection) -> SqlNode:
    sql = number.node
    if number.type not in INTEGERS | {ColumnType.CURRENCY, ColumnType.DECIMAL}:
        scaled = section.percent or section.thousands
        if isinstance(sql, Number):
            sql = sql.exact()
        elif len(section.decimals) > _SURE and not scaled:
            sql = _significant(number, len(section.decimals))
        else:  # with room for what follows
            sql = tsql("CONVERT(decimal({},{}), {})", 28 if scaled else 38, _ROUNDED.get(number.type, 10), sql)
    for _ in range(section.percent):
        sql = enclosed("{} * 100.0", sql)
    for _ in range(section.thousands):
        sql = enclosed("{} / 1000.0", sql)
    whole = number.type in INTEGERS and not section.percent and not section.thousands
    return sql if whole else tsql("ROUND({}, {})", sql, len(section.decimals))


def _significant(number: Typed, places: int) -> SqlNode:
    """A float as a decimal of the digits that are certain, as Access shows it: 15, of a Single 7."""
    if places > _MOST_PLACES:
        raise FormatError(f"more than {_MOST_PLACES} decimals")
    sure = 6 if number.type is ColumnType.SINGLE else 14
    before = tsql("CONVERT(int, FLOOR(LOG10({})))", null_if(tsql("ABS({})", number), 0))
    certain = coalesced(tsql("{} - {}", sure, before), 0)
    return tsql("ROUND(CONVERT(decimal(38,{}), {}), {})", places, number, certain)


_SURE: Final = 6
"""decimals up to which a float's own digits are certain enough"""
_MOST_PLACES: Final = 20


def _pieces(number: Typed, section: FormatSection) -> list[SqlNode]:
    """What CONCAT joins to the section's text."""
    if not section.whole and not section.point:
        return _literal(section.before) or [Text("")]
    size, value = len(section.decimals), _rounded(number, section)
    digits = tsql("CONVERT(nvarchar(40), CONVERT(decimal(38,{}), {}))", size, value)
    if section.direct and section.grouped:
        commas = tsql("RTRIM(CONVERT(nvarchar(40), CONVERT(money, {}), 1))", value)  # some servers have blanks after it
        core = [commas if size else tsql("REPLACE({}, N'.00', N'')", commas)]
    elif section.direct:
        core = [digits]
    else:
        core = [*_whole(value, size, section), *_fraction(digits, section)]
    trailing = "." if section.point and not size else ""
    return [*_literal(section.before), *core, *_literal(trailing + section.after)]


def _whole(value: SqlNode, size: int, section: FormatSection) -> list[SqlNode]:
    """The digits before the point, of which `#` shows none where there are none."""
    floor = tsql("FLOOR({})", value) if size else value
    if section.grouped:
        digits = tsql("REPLACE(RTRIM(CONVERT(nvarchar(40), CONVERT(money, {}), 1)), N'.00', N'')", floor)
    else:
        digits = tsql("CONVERT(nvarchar(40), CONVERT(decimal(38,0), {}))", floor)
    least = section.least
    if not least:
        return [_without_zero(digits)]
    if least == 1 and not section.broken:
        return [digits]
    padded = [tsql("REPLICATE(N'0', {} - LEN({}))", least, digits), digits]  # NULL where that is negative
    return _among(called("CONCAT", *padded), section.whole) if section.broken else padded


def _among(digits: SqlNode, whole: tuple[str, ...]) -> list[SqlNode]:
    """At least as many digits as there are zeros, with the literals among them; more digits come before all."""
    pieces: list[SqlNode] = []
    left = sum(p == "0" for p in whole)
    first = True
    for run in re.findall(r"0+|[^0]+", "".join(whole)):
        if run[0] != "0":
            pieces.append(Text(run))
            continue
        part = (
            tsql("LEFT({0}, LEN({0}) - {1})", digits, left - len(run))
            if first
            else tsql("LEFT(RIGHT({}, {}), {})", digits, left, len(run))
        )
        pieces.append(part)
        first, left = False, left - len(run)
    return pieces


def _fraction(digits: SqlNode, section: FormatSection) -> list[SqlNode]:
    size, kept = len(section.decimals), section.kept
    if not size:
        return []
    if kept == size:
        return [tsql("RIGHT({}, {})", digits, size + 1)]
    sure = [tsql("LEFT(RIGHT({}, {}), {})", digits, size + 1, kept + 1)]
    # zeros at the end are cut off as blanks are
    return [*sure, tsql("REPLACE(RTRIM(REPLACE(RIGHT({}, {}), N'0', N' ')), N' ', N'0')", digits, size - kept)]


def _by_format(number: Typed, section: FormatSection) -> SqlNode:
    if section.kept < len(section.decimals) or (section.point and not section.decimals):
        raise FormatError("T-SQL's FORMAT leaves out a point without digits, which Access shows")
    if section.exponent and len(section.places) != 1:
        raise FormatError("an exponent with more than one digit before the point")
    core = "".join(p if p in "0#" else _quoted(p) for p in section.whole)
    if section.grouped:
        core = core[:1] + "," + core[1:]
    core += "," * section.thousands + (f".{section.decimals}" if section.point else "") + section.exponent
    return format_of(number, _quoted(section.before) + core + _quoted(section.after))


def _quoted(text: str) -> str:
    """Literal text for FORMAT, in which a percent sign keeps its meaning."""
    return "".join(c if c in "% " else f"\\{c}" for c in text)
