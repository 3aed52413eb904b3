"""Criteria of domain functions: an expression over rows, put together from texts and values.

`"ID=" & [CustomerID]`, `"Name Like '*" & [N] & "*'"`, `"Day > #1/1/" & [Y] & "#"`: Access reads the whole text again
for each row. Here each part that is not known stands in the text as one character that nothing else there is, the text
is parsed once, and where the character turns up says what the part is: a value of its own, a stretch of a text, or of a
date. A text that is more than a value (a name, an operator, a list) cannot be known beforehand and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_criteria
from wizard.convert.expression_types import as_date, as_number, as_text
from wizard.convert.functions.choose_calls import chosen, completed, distributed, is_choice, unchosen
from wizard.convert.functions.joined_texts import added, joined_by_plus, may_be_null, operands
from wizard.convert.functions.registry import FUNCTIONS, FunctionCall
from wizard.convert.literals import DATE_SQL
from wizard.convert.tree import SqlNode, Text, Variable, called, faults, tsql
from wizard.convert.typed_sql import DATES, NUMBERS, TEXTS, NameScope, Typed
from wizard.definitions import ColumnType
from wizard.messages import ConversionError

_FIRST: Final = 0xE000
"""of the characters that Unicode leaves to private use: what a part stands as"""
_LAST: Final = 0xF8FF
_PLAIN: Final = NUMBERS | {ColumnType.BOOLEAN, ColumnType.GUID}
"""types whose text, without quotes about it, is read as the value"""
_SINGLE: Final = NUMBERS | DATES | {ColumnType.BOOLEAN}
"""types of what a text without quotes about it is one value beside"""
_MOST_JOINED: Final = 3
"""texts joined by + in one argument: each doubles the calls"""
_ARITHMETIC: Final = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Pow, exp.Neg)
_COMPARISONS: Final = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In)
_TAKEN: Final = {
    "n": ColumnType.DOUBLE, "i": ColumnType.LONG, "d": ColumnType.DATE, "b": ColumnType.BOOLEAN,
}  # fmt: skip
"""types that functions take of an argument"""
_FIGURES: Final = re.compile("[0-9]{1,4}")
_YEAR_FIGURES: Final = 4
_NUMERAL: Final = re.compile(r"[0#]+(\.[0#]+)?")
"""pictures that write a number as criteria take it"""
_WRAPPERS: Final = frozenset({"str", "cstr", "trim", "ltrim", "rtrim"})
"""functions that make a number's text fit to be put between others"""
_DAY: Final = re.compile(
    r"(m{1,2}([-/. ])d{1,2}\2y{4}|y{4}([-/. ])m{1,2}\3d{1,2}|d{1,2}[-/. ]mmmm?[-/. ]y{4}|short date)"
)
"""pictures of a day that Access reads between # as what it was: month first, year first, or the month by name"""
_CLOCK: Final = re.compile(r"( h{1,2}:[nm]{2}:s{2}( ?am/pm)?)?")
MET: Final = "met"
"""in the `meta` of a reference that stands in criteria without quotes: the type of the column it is compared with"""


class CriteriaChoice(Exception):  # noqa: N818  # no error: another way to go on
    """An argument is a choice of texts: `call` is the choice, with the domain function in each of its branches."""

    def __init__(self, call: exp.Expr) -> None:
        super().__init__()
        self.call = call


@dataclass
class Criteria:
    """The parsed criteria, and by name the values of the parts that stand in them as columns."""

    tree: exp.Expr | None
    parts: dict[str, Typed] = field(default_factory=dict)
    needed: dict[str, Typed] = field(default_factory=dict)
    """those of the parts that may be NULL and without which the text cannot be read: Access shows an error then"""

    @property
    def errors(self) -> tuple[SqlNode, ...]:
        """Conditions on which a part is an error, and so the text."""
        return tuple(dict.fromkeys(f for part in self.parts.values() for f in faults(part.node)))


def read_criteria(call: FunctionCall, number: int, table: NameScope) -> Criteria:
    """The criteria that an argument gives for the rows of a table.

    Raises ConversionError for what cannot be known beforehand, Choice for one of several texts.
    """
    return _Reading(call, number, table).read()


class _Reading:
    def __init__(self, call: FunctionCall, number: int, table: NameScope) -> None:
        self.call = call
        self.number = number
        self.table = table
        self.holes: dict[str, exp.Expr] = {}
        self.criteria = Criteria(None)

    def read(self) -> Criteria:
        self._join_by_plus()
        parts = list(operands(self.call, self.call.arguments[self.number]))
        used = "".join(text for text in parts if isinstance(text, str))
        text = ""
        for operand in parts:
            text += operand if isinstance(operand, str) else self._hole(operand, used)
        if text.strip():
            self.criteria.tree = self._filled(self._parsed(text), _quotes(text, self.holes))
        return self.criteria

    def _hole(self, operand: exp.Expr, used: str) -> str:
        taken = {*used, *self.holes}
        found = next(c for c in map(chr, range(_FIRST, _LAST)) if c not in taken)
        self.holes[found] = operand
        return found

    def _parsed(self, text: str) -> exp.Expr:
        try:
            return parse_criteria(text, frozenset(self.holes))
        except ConversionError as e:
            shown = "".join("…" if c in self.holes else c for c in text)
            reason = "".join("…" if c in self.holes else c for c in e.message.clause)
            self._check_choices()
            self.call.fail(f"'{shown}' cannot be read ({reason})")

    def _check_choices(self) -> None:
        """A choice of texts may be more than a value, and then each can be read by itself."""
        if any(is_choice(operand) for operand in self.holes.values()):
            self._distribute()

    def _join_by_plus(self) -> None:
        """A + gives NULL where one of its texts is, unlike &: a choice of the call with that and with all."""
        node, found = self.call.node, list(joined_by_plus(self.call, self.call.arguments[self.number]))
        if not found:
            return
        if len(found) > _MOST_JOINED:
            self.call.fail(f"its criteria have more than {_MOST_JOINED} texts joined by +, each of which may be NULL")
        joined = found[0]
        assert isinstance(node, exp.Anonymous)  # noqa: S101  # a call
        parts = added(joined)
        empty = [o for o in parts if may_be_null(self.call, o)]
        nothing: exp.Expr = chosen(node, self.number, joined, exp.Null())
        if any(isinstance(o, exp.Null) for o in parts):
            raise CriteriaChoice(nothing)
        if not self._reads(nothing):
            nothing = exp.Null()
        tests: list[exp.Expr] = [exp.Is(this=o.copy(), expression=exp.Null()) for o in empty]
        text: exp.Expr = reduce(lambda left, right: exp.DPipe(this=left, expression=right), [o.copy() for o in parts])
        whether = reduce(lambda left, right: exp.Or(this=left, expression=right), tests)
        made = exp.Anonymous(this="IIf", expressions=[whether, nothing, chosen(node, self.number, joined, text)])
        raise CriteriaChoice(nodes.place(made, *nodes.position(node)))

    def _distribute(self) -> None:
        node = self.call.node
        assert isinstance(node, exp.Anonymous)  # noqa: S101  # a call
        if (made := distributed(node, self.number)) is None:
            return
        nothing = unchosen(node, self.number)
        raise CriteriaChoice(made if nothing is None or not self._reads(nothing) else completed(made, nothing))

    def _reads(self, node: exp.Expr) -> bool:
        """Whether a call's criteria are such that Access can read them: NULL are all rows, `ID=` is an error."""
        try:
            read_criteria(replace(self.call, node=node, arguments=tuple(node.expressions)), self.number, self.table)
        except ConversionError:
            return False
        except CriteriaChoice:
            return True
        return True

    def _filled(self, tree: exp.Expr, quotes: dict[str, str]) -> exp.Expr:
        """The tree with columns that stand for the parts, in texts and dates too."""

        def fill(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Literal) and node.is_string and self._in(node.name):
                return self._text(node.name, quotes)
            if isinstance(node, nodes.DateLiteral) and self._in(node.args["this"]):
                return self._date(node.args["this"])
            if isinstance(node, exp.Column) and len(node.parts) == 1 and node.name in self.holes:
                return self._column(self._value(self.holes[node.name], node), needed=True)
            if isinstance(node, exp.Identifier | exp.Anonymous) and self._in(node.name):
                self.call.fail("a part of the criteria would be a name that is known at run time only")
            return node

        return tree.transform(fill)

    def _in(self, text: str) -> bool:
        return any(c in self.holes for c in text)

    def _column(self, value: Typed, *, needed: bool = False) -> exp.Column:
        name = f"~part {len(self.criteria.parts)}"
        self.criteria.parts[name] = value
        if needed and value.nullable and not isinstance(value.node, Variable):
            self.criteria.needed[name] = value
        return exp.Column(this=exp.Identifier(this=name, quoted=True))

    # what a part is where it stands

    def _value(self, operand: exp.Expr, place: exp.Column) -> Typed:
        """A part outside of quotes. Raises ConversionError where its text could be more than a value."""
        picture = _picture(operand)
        if picture and picture[0] == picture[-1] == "#" and len(picture) > 2:
            return self._moment(operand.expressions[0], picture.strip("#"))
        if is_choice(operand) and self.call.walker.value(operand).type in TEXTS:
            self._distribute()
        if (reference := _reference(self.call, operand)) is not None:
            return reference
        met = self._met(place)
        if met in _SINGLE and isinstance(bare := nodes.bare(operand), exp.Column | nodes.Bang):
            bare.meta[MET] = met  # a parameter that nobody declared is of that type
        value = self.call.walker.value(_number_within(self.call, operand))
        variable = isinstance(value.node, Variable)
        if value.type in _PLAIN or value.type is ColumnType.UNKNOWN or (variable and met in _SINGLE):
            return value
        if _NUMERAL.fullmatch(picture):
            return as_number(value)
        if value.type in TEXTS and not variable and met in NUMBERS:  # then it can be but one number
            self.call.note(3534)
            return as_number(value)
        if value.type in DATES:
            self.call.fail("a date stands in the criteria without # signs about it: Access reads its / as divisions")
        return self.call.fail(
            "a part of the criteria is a text without quotes about it, which may hold names, operators and lists"
        )

    def _met(self, place: exp.Column) -> ColumnType | None:
        """The type of what a part is compared or calculated with; None where it may be more than one value."""
        side: exp.Expr = place
        while isinstance(side.parent, exp.Paren):
            side = side.parent
        parent = side.parent
        if isinstance(parent, _ARITHMETIC):
            return ColumnType.DOUBLE
        if isinstance(parent, exp.Anonymous) and (called := FUNCTIONS.get(parent.name.casefold())):
            index = next(n for n, a in enumerate(parent.expressions) if a is side)
            return _TAKEN.get(called.kind(index, len(parent.expressions)))
        if isinstance(parent, exp.In) and (parent.this is side or len(parent.expressions) == 1):
            return None  # a list in a text
        if not isinstance(parent, _COMPARISONS):
            return None
        other = parent.this if parent.this is not side else parent.args.get("expression")
        if other is None or any(self._in(c.name) for c in other.find_all(exp.Column)):
            return None
        return self.call.walker.within(self.table).value(other).type if other.find(exp.Column) else None

    def _quoted(self, operand: exp.Expr, quote: str) -> Typed:
        """A part between quotes: what only makes its text fit for there is left out. NULL joins as empty text."""
        arguments = operand.expressions
        doubled = [a.name for a in arguments[1:] if isinstance(a, exp.Literal)] == [quote, quote * 2]
        if (
            isinstance(operand, exp.Anonymous)
            and operand.name.casefold() == "replace"
            and len(arguments) == 3
            and doubled
        ):
            operand = arguments[0]
        return as_text(self.call.walker.value(operand))

    def _text(self, text: str, quotes: dict[str, str]) -> exp.Expr:
        pieces = self._pieces(text)
        if len(pieces) == 1 and isinstance(pieces[0], exp.Expression):
            value = self._quoted(self.holes[text], quotes[text])
            if value.nullable:
                value = replace(value, node=called("ISNULL", value, Text("")), nullable=False)
            return self._column(value)
        return _joined(
            [
                exp.Literal(this=p, is_string=True) if isinstance(p, str) else self._column(self._quoted(p, quotes[c]))
                for p, c in zip(pieces, self._marks(text), strict=True)
            ]
        )

    def _date(self, text: str) -> exp.Expr:
        """A date with parts in it is read as Access reads dates between # signs: month, day, year."""
        if text in self.holes:
            return self._column(self._between_signs(self.holes[text]), needed=True)
        pieces = [p if isinstance(p, str) else _number_within(self.call, p) for p in self._pieces(text)]
        if parts := _day_of(pieces):
            written = [
                exp.Literal(this=p, is_string=False) if isinstance(p, str) else self._column(self.call.walker.value(p))
                for p in parts
            ]
            return exp.Anonymous(this="DateSerial", expressions=written)
        texts = [
            exp.Literal(this=p, is_string=True)
            if isinstance(p, str)
            else self._column(as_text(self.call.walker.value(p)))
            for p in pieces
        ]
        return exp.Anonymous(this="CDate", expressions=[_joined(texts)])

    def _between_signs(self, operand: exp.Expr) -> Typed:
        if picture := _picture(operand):
            return self._moment(operand.expressions[0], picture.strip("#"))
        value = self.call.walker.value(operand)
        if value.type in TEXTS and not isinstance(value.node, Variable):
            self.call.note(3526)
        return as_date(value)

    def _moment(self, node: exp.Expr, picture: str) -> Typed:
        """A date that Format writes for the criteria. Raises ConversionError where Access might read another."""
        value = as_date(self.call.walker.value(node))
        day = _DAY.match(picture)
        if day is None or not _CLOCK.fullmatch(picture, day.end()):
            self.call.fail(f"Access reads a date between # signs as month/day/year, which '{picture}' does not write")
        if day.end() == len(picture):
            return Typed(tsql("CONVERT({}, CONVERT(date, {}))", DATE_SQL, value), value.type, value.nullable)
        return value

    def _marks(self, text: str) -> list[str]:
        """For each piece of a text the character that it stands as, empty for what is written out."""
        return [m[0] if m[0] in self.holes else "" for m in self._cut(text)]

    def _pieces(self, text: str) -> list[str | exp.Expr]:
        return [self.holes.get(m, m) for m in self._cut(text)]

    def _cut(self, text: str) -> list[str]:
        marks = re.escape("".join(self.holes))
        return [piece for piece in re.split(f"([{marks}])", text) if piece]


def _quotes(text: str, holes: dict[str, exp.Expr]) -> dict[str, str]:
    """By the character that a part stands as, the quote about it; empty where there is none."""
    found: dict[str, str] = {}
    closing = ""
    for character in text:
        if character in holes:
            found[character] = closing
        elif closing:
            closing = "" if character == closing else closing
        elif character in "'\"#[":
            closing = "]" if character == "[" else character
    return found


def _picture(node: exp.Expr) -> str:
    """The picture of a call of Format that is written out; empty for anything else."""
    arguments = node.expressions if isinstance(node, exp.Anonymous) else []
    if (
        len(arguments) == 2
        and node.name.casefold().removesuffix("$") == "format"
        and isinstance(arguments[1], exp.Literal)
    ):
        return arguments[1].name.replace("\\", "").replace('"', "").casefold()
    return ""


def _number_within(call: FunctionCall, node: exp.Expr) -> exp.Expr:
    """The number whose text functions make: `Str(x)`, `Trim(Str(x))`, `Replace(x, ",", ".")`."""
    inner = nodes.bare(node)
    while isinstance(inner, exp.Anonymous) and inner.expressions:
        name, arguments = inner.name.casefold().removesuffix("$"), inner.expressions
        points = name == "replace" and [a.name for a in arguments[1:] if isinstance(a, exp.Literal)] == [",", "."]
        if not (points or (name in _WRAPPERS and len(arguments) == 1)):
            break
        inner = nodes.bare(arguments[0])
    return inner if inner is not node and call.walker.value(inner).type in NUMBERS else node


def _reference(call: FunctionCall, node: exp.Expr) -> Typed | None:
    """The GUID of a call of StringFromGUID, which writes it as criteria take it: {guid {…}}."""
    if not isinstance(node, exp.Anonymous) or node.name.casefold() != "stringfromguid" or len(node.expressions) != 1:
        return None
    value = call.walker.value(node.expressions[0])
    return value if value.type is ColumnType.GUID else None


def _day_of(pieces: list[str | exp.Expr]) -> list[str | exp.Expr]:
    """Year, month and day of a date such as `1/1/…` or `…-…-01`; empty where it is of another form."""
    parts: list[list[str | exp.Expr]] = [[]]
    signs = ""
    for piece in pieces:
        for cut in re.split("([-/])", piece) if isinstance(piece, str) else [piece]:
            if isinstance(cut, str) and cut and cut in "-/":
                signs += cut
                parts.append([])
            elif not isinstance(cut, str) or cut.strip():
                parts[-1].append(cut.strip() if isinstance(cut, str) else cut)
    if signs not in ("--", "//") or any(len(p) != 1 for p in parts):
        return []
    first, second, third = (p[0] for p in parts)
    if any(isinstance(p, str) and not _FIGURES.fullmatch(p) for p in (first, second, third)):
        return []
    if _is_year(first):
        return [first, second, third]
    return [third, first, second] if not isinstance(third, str) or _is_year(third) else []


def _is_year(part: str | exp.Expr) -> bool:
    if isinstance(part, str):
        return len(part) == _YEAR_FIGURES
    return isinstance(part, exp.Anonymous) and part.name.casefold() == "year"


def _joined(items: Sequence[exp.Expression]) -> exp.Expression:
    """Texts one after the other; a single one stays a text that NULL leaves empty."""
    made = items[0] if len(items) > 1 else exp.DPipe(this=exp.Literal(this="", is_string=True), expression=items[0])
    for item in items[1:]:
        made = exp.DPipe(this=made, expression=item)
    return made
