"""Format and the functions named after it, with the named formats and pictures of dates, numbers, Yes/No and text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from wizard.convert.dialect.date_texts import lacks_year
from wizard.convert.expression_types import as_bit, as_date, as_number, general_date, serial
from wizard.convert.functions.date_formats import LOCAL, NAMES, Of, date_sql, kind, tokens
from wizard.convert.functions.dates import first_day, first_week, note_iso_weeks
from wizard.convert.functions.format_samples import DATES_SHOWN, NUMBERS_SHOWN, TEXTS_SHOWN
from wizard.convert.functions.number_formats import NAMED as NAMED_NUMBERS
from wizard.convert.functions.number_formats import FormatError, null_text, number_sql, sections, uses_format
from wizard.convert.functions.registry import FunctionCall, Sample, function
from wizard.convert.functions.text_formats import text_format_sql
from wizard.convert.literals import read_number, text
from wizard.convert.text_parsing import date_of_text, number_of_text, written_date
from wizard.convert.tree import SqlNode, Text, case, coalesced, tsql
from wizard.convert.typed_sql import DATES, TEXTS, Typed
from wizard.definitions import ColumnType

AREA: Final = "formats"
_COLOUR: Final = re.compile(
    r"""("[^"]*"|\\.)|\[(?:black|blue|cyan|green|magenta|red|white|yellow)\]""", re.IGNORECASE | re.DOTALL
)
"""of a section, which a text does not show"""
_PICTURES: Final = "its FORMAT knows few pictures"
_NOUGHT: Final = "it writes money of 0 with commas as $.00"
_FLAGS: Final = {"yes/no": ("Yes", "No"), "true/false": ("True", "False"), "on/off": ("On", "Off")}


@function(
    "Format", (1, 4), "CONVERT and CONCAT, FORMAT for exponents",
    ('Format(#2024-02-09 13:05:09#, "yyyy-mm-dd")', "2024-02-09"), ('Format(#2024-02-09#, "d mmm yy")', "9 Feb 24"),
    ('Format(#2024-02-09 13:05:09#, "hh:nn AM/PM")', "01:05 PM"), ('Format(#2024-02-09#, "dddd")', "Friday"),
    ('Format(#2024-05-09#, "\\Qq/yyyy")', "Q2/2024"), ("Format(1234.5)", "1234.5"),
    ('Format(1234.5, "0.00")', "1234.50"), ('Format(1234.5, "Standard")', "1,234.50"),
    ('Format(0.256, "Percent")', "25.60%"), ('Format(7, "000")', "007"), ('Format("Straw", ">")', "STRAW"),
    ('Format(True, "Yes/No")', "Yes"), ('Format(-1234.5, "Currency")', "($1,234.50)"),
    *DATES_SHOWN, *NUMBERS_SHOWN, *TEXTS_SHOWN,
    Sample('Format(1234.5, "Scientific")', "1.23E+03", stand_in=_PICTURES),
    Sample('Format(0.00012, "0.0e-0")', "1.2e-4", stand_in=_PICTURES),
    Sample('Format(0, "#,##0.00")', "0.00", stand_in=_NOUGHT),
    Sample('Format(5551234, "###-####")', "555-1234", stand_in=_PICTURES), area=AREA, written=(1,), hides=True,
    note="named formats as the settings of the United States have them; a number that rounds to 0 has no sign",
)  # fmt: skip
def format_(call: FunctionCall) -> Typed:
    """`IIf`, `Switch` and `Choose` within the picture are distributed before this is called."""
    value = call.any(0)
    if not call.has(1):
        return _empty_for_null(call.text(0))
    picture = "" if call.any(1).is_null else call.text(1).constant
    if not isinstance(picture, str):
        call.fail("the picture must be known now: T-SQL's FORMAT reads another language of pictures")
    picture = _COLOUR.sub(r"\1", picture)
    if not picture or picture.lower() == "general number":
        return _empty_for_null(call.text(0))
    try:
        return _of_nothing(picture) if value.is_null else _pictured(call, value, picture)
    except FormatError as e:
        call.fail(f"the picture {picture!r} has no counterpart ({e})")


def _kind(picture: str) -> Of:
    return Of.NUMBER if picture.lower() in {**NAMED_NUMBERS, **_FLAGS} else kind(picture)


def _of_nothing(picture: str) -> Typed:
    """What a picture shows for a NULL that is written out."""
    of = _kind(picture)
    if of is Of.TEXT:
        return text_format_sql(Typed(tsql("CONVERT(nvarchar(1), NULL)"), ColumnType.TEXT), picture)
    return text(null_text(sections(picture)) if of is Of.NUMBER and picture.lower() not in _FLAGS else "")


def _pictured(call: FunctionCall, value: Typed, picture: str) -> Typed:
    of = _kind(picture)
    if of is Of.TEXT or (of is Of.ANY and value.type in TEXTS):
        return text_format_sql(call.text(0), picture)
    if value.type in TEXTS:
        return _of_text(call, value, picture, of)
    if of is Of.DATE or (of is Of.ANY and value.type in DATES):
        return format_date(call, as_date(value), picture, 2)
    return _of_number(call, value, picture)


def _of_number(call: FunctionCall, value: Typed, picture: str) -> Typed:
    if picture.lower() not in _FLAGS:
        return format_number(call, as_number(value), picture)
    yes, no = _FLAGS[picture.lower()]
    bit = as_bit(value)
    sql = case((1, Text(yes)), (0, Text(no)), otherwise="N''", of=bit)
    return Typed(sql, ColumnType.TEXT, nullable=False, length=5)


def _of_text(call: FunctionCall, value: Typed, picture: str, of: Of) -> Typed:
    """Text that is a number or a date is shown as one; all other text stays as it is."""
    known = value.constant if isinstance(value.constant, str) else None
    day = written_date(known) if known else None
    if day and of is Of.DATE:
        if known and lacks_year(known):
            call.note(3546, text=known)
        return format_date(call, day, picture, 2)
    number = read_number(known) if known else None
    if number is None and day and of is Of.NUMBER:
        number = serial(day)
    if number is not None:
        return _of_number(call, number, picture) if of is Of.NUMBER else format_date(call, as_date(number), picture, 2)
    if known is not None:
        return value
    if of is Of.DATE:
        call.note(3526)
        sql = date_of_text(value)
        made = format_date(call, Typed(sql, ColumnType.DATE, nullable=False), picture, 2)
        test = tsql("{} <> N'' AND {} IS NOT NULL", value, sql)
    else:
        call.note(3532, reason="text is shown as a number where the server can convert it to one, else as it is")
        sql = number_of_text(value)
        made = _of_number(call, Typed(sql, ColumnType.DOUBLE, nullable=False), picture)
        test = tsql("{} LIKE N'%[0-9]%' AND {} IS NOT NULL", value, sql)
    other = _empty_for_null(value)
    if value.nullable and of is Of.NUMBER and picture.lower() not in _FLAGS:
        other = replace(other, node=coalesced(value, Text(null_text(sections(picture)))))
    length = max(made.length, value.length) if value.length else 0
    return Typed(case((test, made), otherwise=other), value.type, nullable=False, length=length)


def _empty_for_null(value: Typed) -> Typed:
    if not value.nullable:
        return value
    return Typed(coalesced(value, "N''"), value.type, nullable=False, length=value.length)


def _when_known(value: Typed, sql: SqlNode, length: int, nothing: str = "") -> Typed:
    """Format gives empty text for NULL, or what a picture has for it."""
    if value.nullable:
        sql = case((tsql("{} IS NULL", value), Text(nothing)), otherwise=sql)
    return Typed(sql, ColumnType.TEXT, nullable=False, length=max(length, len(nothing)))


def format_date(call: FunctionCall, value: Typed, picture: str, week_argument: int) -> Typed:
    """A date by a picture; `week_argument` is the number of the argument that has the first day of the week."""
    if picture.lower() in LOCAL or NAMES & set(tokens(picture)):
        call.note(3523)
    first, rule = first_day(call, week_argument), first_week(call, week_argument + 1)
    if "ww" in map(str.lower, tokens(picture)):
        note_iso_weeks(call, first, rule)
    if picture.lower() in ("general date", "c"):
        return _empty_for_null(general_date(value))
    return _when_known(value, date_sql(value, picture, first, rule), max(len(picture) * 3, 30))


_LONGEST_NUMBER: Final = 45
"""characters of a number with its commas, sign and decimals, without literals"""


def format_number(call: FunctionCall, number: Typed, picture: str) -> Typed:
    """Raises FormatError."""
    parts = sections(picture)
    if picture.lower() == "currency":
        call.note(3523)
    if uses_format(parts):
        call.note(3522, picture=picture)
    length = _LONGEST_NUMBER + len(NAMED_NUMBERS.get(picture.lower(), picture))
    return _when_known(number, number_sql(number, parts), length, null_text(parts))


_YES, _NO, _DEFAULT = -1, 0, -2
"""the three answers that arguments of FormatNumber and the functions like it may give"""


def _answer(call: FunctionCall, number: int, default: int) -> bool:
    found = call.constant_integer(number, _DEFAULT)
    if found not in (_YES, _NO, _DEFAULT):
        call.fail(f"argument {number + 1} is -1, 0 or -2")
    return (default if found == _DEFAULT else found) == _YES


def _grouped(call: FunctionCall, prefix: str, suffix: str) -> Typed:
    """By digits, zero before the point, parentheses of negative numbers, and commas."""
    number = call[0]
    digits = call.constant_integer(1, -1)
    if digits > _MOST_DIGITS:
        call.fail(f"it shows at most {_MOST_DIGITS} decimals")
    zero, commas = _answer(call, 2, _YES), _answer(call, 4, _YES)
    parentheses = _answer(call, 3, _YES if prefix else _NO)
    decimals = "0" * (2 if digits < 0 else digits)
    body = f"{'#,##' if commas else ''}{'0' if zero else '#'}{'.' + decimals if decimals else ''}"
    body = f"{prefix}{body}{suffix}"
    picture = f"{body};({body})" if parentheses else body
    return _when_known(number, number_sql(number, sections(picture)), _LONGEST_NUMBER)


_MOST_DIGITS: Final = 20


@function("FormatNumber", (1, 5), "CONVERT", ("FormatNumber(1234.567)", "1,234.57"),
          Sample("FormatNumber(-0.5, 1)", "-0.5", stand_in=_NOUGHT),
          Sample("FormatNumber(-0.5, 1, 0)", "-.5", stand_in=_NOUGHT), ("FormatNumber(-1234, 0, -2, -1)", "(1,234)"),
          ("FormatNumber(1234567.891, 3, -1, 0, 0)", "1234567.891"), ("FormatNumber(12345.6789, 3)", "12,345.679"),
          takes="niiii", area=AREA)  # fmt: skip
def format_number_(call: FunctionCall) -> Typed:
    """A number with commas: of number, digits, zero before the point, parentheses for a minus, commas."""
    return _grouped(call, "", "")


@function("FormatCurrency", (1, 5), "CONVERT", ("FormatCurrency(1234.5)", "$1,234.50"),
          ("FormatCurrency(-1234.5)", "($1,234.50)"), ("FormatCurrency(-5, 0, -2, 0)", "-$5"),
          takes="niiii", area=AREA)  # fmt: skip
def format_currency(call: FunctionCall) -> Typed:
    """The same in dollars, the sign of a United States Windows, which a message says. Arguments as of FormatNumber."""
    call.note(3523)
    return _grouped(call, "$", "")


@function("FormatPercent", (1, 5), "CONVERT", ("FormatPercent(0.256)", "25.60%"), ("FormatPercent(12.3, 0)", "1,230%"),
          takes="niiii", area=AREA)  # fmt: skip
def format_percent(call: FunctionCall) -> Typed:
    """The same of a hundred times the number, with `%`. Arguments as of FormatNumber."""
    return _grouped(call, "", "%")


_DATE_FORMS: Final = ("c", "long date", "short date", "long time", "short time")


@function("FormatDateTime", (1, 2), "as Format with a named format", ("FormatDateTime(#2024-02-09#, 2)", "2/9/2024"),
          takes="di", area=AREA)  # fmt: skip
def format_date_time(call: FunctionCall) -> Typed:
    """A date by the number of a named format, 0 (General Date) to 4 (Short Time)."""
    form = call.constant_integer(1, 0)
    if not 0 <= form < len(_DATE_FORMS):
        call.fail("the form is 0 to 4")
    return format_date(call, call[0], _DATE_FORMS[form], 3)
