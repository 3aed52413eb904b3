"""Format and its kin, with the named formats and pictures of dates, numbers, Yes/No and text."""

from __future__ import annotations

import re
from typing import Final

from wizard.convert.create import text as text_sql
from wizard.convert.functions.dates import first_day, first_week
from wizard.convert.functions.pictures import LOCAL, NAMED, date_sql
from wizard.convert.functions.registry import Call, Sample, function
from wizard.convert.typed import Typed
from wizard.convert.values import DATES, TEXTS, as_bit, as_date, as_number, as_text, general_date
from wizard.definitions import ColumnType

AREA: Final = "formats"
_NUMBERS: Final = {
    "currency": "$#,##0.00;($#,##0.00)",
    "euro": "€#,##0.00;(€#,##0.00)",
    "fixed": "0.00",
    "standard": "#,##0.00",
    "percent": "0.00%",
    "scientific": "0.00E+00",
}
_PICTURES: Final = "its FORMAT knows few pictures"
_FLAGS: Final = {"yes/no": ("Yes", "No"), "true/false": ("True", "False"), "on/off": ("On", "Off")}
_CASES: Final = {">": "UPPER", "<": "LOWER"}
_DATE_WORDS: Final = re.compile(r"[ymdhnsqwc]", re.IGNORECASE)
_CURRENCY: Final = re.compile(r"(?P<sign>[$€£])#,##0\.00;\((?P=sign)#,##0\.00\)")
_PLAIN: Final = re.compile(
    r"(?P<group>#,##0(?P<cents>\.00)?(?P<share>%)?)|(?P<zeros>0{1,30})(?:\.(?P<decimals>0{1,10}))?(?P<percent>%)?"
)


@function(
    "Format", (1, 4), "CONVERT and CONCAT for dates, CONVERT or FORMAT for numbers",
    ('Format(#2024-02-09 13:05:09#, "yyyy-mm-dd")', "2024-02-09"), ('Format(#2024-02-09#, "d mmm yy")', "9 Feb 24"),
    ('Format(#2024-02-09 13:05:09#, "hh:nn AM/PM")', "01:05 PM"), ('Format(#2024-02-09#, "dddd")', "Friday"),
    ('Format(#2024-05-09#, "\\Qq/yyyy")', "Q2/2024"), ("Format(1234.5)", "1234.5"),
    ('Format(1234.5, "0.00")', "1234.50"), ('Format(1234.5, "Standard")', "1,234.50"),
    ('Format(0.256, "Percent")', "25.60%"), ('Format(7, "000")', "007"), ('Format("Straw", ">")', "STRAW"),
    ('Format(True, "Yes/No")', "Yes"), ('Format(-1234.5, "Currency")', "($1,234.50)"),
    Sample('Format(1234.5, "#,##0.0 kg")', "1,234.5 kg", stand_in=_PICTURES), area=AREA,
    note="named formats as the settings of the United States have them",
)  # fmt: skip
def format_(call: Call) -> Typed:  # noqa: PLR0911  # a table of cases
    value = call.any(0)
    if not call.has(1):
        return _empty_for_null(as_text(value))
    picture = call.text(1).constant
    if not isinstance(picture, str):
        call.fail("the picture must be written out")
    if not picture:
        return _empty_for_null(as_text(value))
    if value.type in DATES or (value.type is ColumnType.UNKNOWN and _is_date_picture(picture)):
        return format_date(call, value, picture, 2)
    if picture.lower() in _FLAGS:
        yes, no = _FLAGS[picture.lower()]
        bit = as_bit(value)
        sql = f"CASE {bit.sql} WHEN 1 THEN {text_sql(yes)} WHEN 0 THEN {text_sql(no)} ELSE N'' END"
        return Typed(sql, ColumnType.TEXT, nullable=False, length=5)
    if value.type in TEXTS:
        return _format_text(call, value, picture)
    if _is_date_picture(picture) and picture.lower() not in _NUMBERS:
        return format_date(call, as_date(value), picture, 2)
    return format_number(call, value, picture)


def _is_date_picture(picture: str) -> bool:
    if picture.lower() in NAMED:
        return True
    plain = re.sub(r'"[^"]*"|\\.', "", picture)
    return bool(_DATE_WORDS.search(plain)) and not re.search(r"[0#]|e[+-]", plain, re.IGNORECASE)


def _empty_for_null(value: Typed) -> Typed:
    if not value.nullable:
        return value
    return Typed(f"COALESCE({value.sql}, N'')", value.type, nullable=False, length=value.length)


def _when_known(value: Typed, sql: str, length: int) -> Typed:
    """Format gives empty text for NULL."""
    if value.nullable:
        sql = f"CASE WHEN {value.sql} IS NULL THEN N'' ELSE {sql} END"
    return Typed(sql, ColumnType.TEXT, nullable=False, length=length)


def format_date(call: Call, value: Typed, picture: str, week_argument: int) -> Typed:
    if picture.lower() in LOCAL:
        call.tell(3523)
    first, rule = first_day(call, week_argument), first_week(call, week_argument + 1)
    if picture.lower() in ("general date", "c"):
        return _empty_for_null(general_date(value))
    return _when_known(value, date_sql(value.sql, picture, first, rule), max(len(picture) * 3, 30))


def _format_text(call: Call, value: Typed, picture: str) -> Typed:
    if picture in _CASES:
        return _empty_for_null(Typed(f"{_CASES[picture]}({value.sql})", value.type, value.nullable, value.length))
    if set(picture) <= {"@", "&"} and len(picture) == 1:
        return _empty_for_null(value)
    if not (isinstance(value.constant, str) and as_number(value).constant is not None):
        call.fail(f"the picture {picture!r} has no counterpart for text")
    return format_number(call, as_number(value), picture)


def format_number(call: Call, value: Typed, picture: str) -> Typed:
    """The cheap ones by CONVERT; every other picture by FORMAT, which reads nearly the same language."""
    number = as_number(value)
    if picture.lower() == "general number":
        return _empty_for_null(as_text(number))
    picture = _NUMBERS.get(picture.lower(), picture)
    cheap = _cheap(number.sql, picture)
    if cheap:
        return _when_known(number, cheap, 45)
    if set(picture) <= {"@", "&", "<", ">", "!"}:
        call.fail(f"the picture {picture!r} has no counterpart for numbers")
    call.tell(3522, picture=picture)
    return _when_known(number, f"FORMAT({number.sql}, {text_sql(picture)}, N'en-US')", max(40, len(picture) * 2))


def _cheap(number: str, picture: str) -> str:
    """The commonest pictures without FORMAT; halves are rounded away from zero, as Format does. Empty for others."""
    money = _CURRENCY.fullmatch(picture)
    if money:
        sign = money["sign"]
        amount = _with_commas(f"ABS({number})", cents=True)
        return f"CASE WHEN {number} < 0 THEN CONCAT(N'({sign}', {amount}, N')') ELSE CONCAT(N'{sign}', {amount}) END"
    plain = _PLAIN.fullmatch(picture)
    if not plain:
        return ""
    if plain["group"]:
        share = bool(plain["share"])
        amount = _with_commas(f"({number} * 100)" if share else number, cents=bool(plain["cents"]))
        return f"CONCAT({amount}, N'%')" if share else amount
    return _digits(number, len(plain["zeros"]), len(plain["decimals"] or ""), percent=bool(plain["percent"]))


def _digits(number: str, zeros: int, scale: int, *, percent: bool) -> str:
    def written(sql: str) -> str:
        return f"CONVERT(nvarchar(40), CONVERT(decimal(38,{scale}), ROUND({sql}, {scale})))"

    if percent:
        return f"CONCAT({written(f'{number} * 100')}, N'%')"
    if zeros == 1:
        return written(number)
    width, digits = zeros + (scale + 1 if scale else 0), written(f"ABS({number})")
    padded = f"RIGHT(CONCAT(REPLICATE(N'0', {width}), {digits}), {width})"
    longer = f"CASE WHEN LEN({digits}) > {width} THEN {digits} ELSE {padded} END"
    return f"CONCAT(CASE WHEN {number} < 0 THEN N'-' ELSE N'' END, {longer})"


def _with_commas(number: str, *, cents: bool) -> str:
    """money in style 1 has commas and two decimals, and on some servers blanks after them."""
    written = f"RTRIM(CONVERT(nvarchar(40), CONVERT(money, ROUND({number}, {2 if cents else 0})), 1))"
    return written if cents else f"REPLACE({written}, N'.00', N'')"


def _grouped(call: Call, prefix: str, suffix: str) -> Typed:
    number = call.number(0)
    digits = call.constant_integer(1, -1)
    if any(call.has(i) for i in (2, 3, 4)):
        call.tell(3525, reason="the arguments for leading zeros, parentheses and groups are taken as Windows has them")
    decimals = "0" * (2 if digits < 0 else digits)
    body = f"{prefix}#,##0{'.' + decimals if decimals else ''}{suffix}"
    if prefix:
        body = f"{body};({body})"
    sql = _cheap(number.sql, body)
    if not sql:
        call.tell(3522, picture=body)
        sql = f"FORMAT({number.sql}, {text_sql(body)}, N'en-US')"
    return Typed(sql, ColumnType.TEXT, number.nullable, 40)


@function("FormatNumber", (1, 5), "FORMAT", ("FormatNumber(1234.567)", "1,234.57"), area=AREA)
def format_number_(call: Call) -> Typed:
    return _grouped(call, "", "")


@function("FormatCurrency", (1, 5), "FORMAT", ("FormatCurrency(1234.5)", "$1,234.50"), area=AREA)
def format_currency(call: Call) -> Typed:
    return _grouped(call, "$", "")


@function("FormatPercent", (1, 5), "FORMAT", ("FormatPercent(0.256)", "25.60%"), area=AREA)
def format_percent(call: Call) -> Typed:
    return _grouped(call, "", "%")


_DATE_FORMS: Final = ("c", "long date", "short date", "long time", "short time")


@function("FormatDateTime", (1, 2), "as Format with a named format", ("FormatDateTime(#2024-02-09#, 2)", "2/9/2024"),
          area=AREA)  # fmt: skip
def format_date_time(call: Call) -> Typed:
    form = call.constant_integer(1, 0)
    if not 0 <= form < len(_DATE_FORMS):
        call.fail("the form is 0 to 4")
    return format_date(call, call.date(0), _DATE_FORMS[form], 3)
