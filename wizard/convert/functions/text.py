"""Functions of text. Positions count from 1 in Access and in T-SQL; text is compared without case in both."""

from __future__ import annotations

from typing import Final

from wizard.convert.functions.registry import Call, Handler, Sample, function, simple
from wizard.convert.typed import Typed, Use
from wizard.convert.values import INTEGERS, text
from wizard.definitions import ColumnType

AREA: Final = "text"
_T, _L = ColumnType.TEXT, ColumnType.LONG
_BINARY: Final = "COLLATE Latin1_General_BIN2"

_NEGATIVE: Final = "a negative length gives NULL"
simple("UCase", "t", "UPPER({0})", _T, ('UCase("Straw")', "STRAW"), area=AREA)
simple("LCase", "t", "LOWER({0})", _T, ('LCase("STRAW")', "straw"), area=AREA)
simple("LTrim", "t", "LTRIM({0})", _T, ('LTrim("  a ") & "."', "a ."), area=AREA)
simple("RTrim", "t", "RTRIM({0})", _T, ('"." & RTrim(" a  ")', ". a"), area=AREA)
simple("Trim", "t", "LTRIM(RTRIM({0}))", _T, ('"." & Trim("  a  ") & "."', ".a."), area=AREA)
simple("StrReverse", "t", "REVERSE({0})", _T, ('StrReverse("abc")', "cba"), area=AREA)
simple("Space", "i", "REPLICATE(N' ', {0})", _T, ('Space(3) & "."', "   ."), area=AREA)
simple(
    "Len", "t", "(LEN({0} + N'.') - 1)", _L, ('Len("ab  ")', 4), area=AREA,
    note="T-SQL's LEN does not count trailing spaces",
)  # fmt: skip
simple("Asc", "t", "ASCII({0})", _L, ('Asc("A")', 65), area=AREA)
simple("AscW", "t", "UNICODE({0})", _L, ('AscW("é")', 233), area=AREA)


def _at_least(call: Call, number: int, least: int) -> Typed:
    """A length or position; one that is too small gives NULL, where T-SQL would end the statement."""
    value = call.integer(number)
    if isinstance(value.constant, int) and value.constant >= least:
        return value
    call.tell(3529)
    return Typed(f"CASE WHEN {value.sql} >= {least} THEN {value.sql} END", value.type, nullable=True)


def _end(name: str) -> Handler:
    def handler(call: Call) -> Typed:
        value, length = call.text(0), _at_least(call, 1, 0)
        size = length.constant if isinstance(length.constant, int) else value.length
        return Typed(f"{name}({value.sql}, {length.sql})", value.type, value.nullable or length.nullable, size)

    return handler


function("Left", (2, 2), "LEFT(a, b)", ('Left("Harbor", 3)', "Har"), ('Left("a", InStr("a", "x") - 1)', None),
         area=AREA, note=_NEGATIVE)(_end("LEFT"))  # fmt: skip
function("Right", (2, 2), "RIGHT(a, b)", ('Right("Harbor", 3)', "bor"), area=AREA, note=_NEGATIVE)(_end("RIGHT"))


@function("Mid", (2, 3), "SUBSTRING(a, b, c)", ('Mid("Harbor", 2, 3)', "arb"), ('Mid("Harbor", 4)', "bor"), area=AREA)
def mid(call: Call) -> Typed:
    value, start = call.text(0), _at_least(call, 1, 1)
    length = _at_least(call, 2, 0) if call.has(2) else None
    size = length.sql if length else f"LEN({value.sql} + N'.')"
    nullable = value.nullable or start.nullable or bool(length and length.nullable)
    return Typed(f"SUBSTRING({value.sql}, {start.sql}, {size})", value.type, nullable, value.length)


def _compared(call: Call, number: int, value: Typed) -> str:
    """The text with a collation that makes the comparison binary, where the argument asks for that."""
    return f"{value.sql} {_BINARY}" if call.constant_integer(number, 2) == 0 else value.sql


@function(
    "InStr", (2, 4), "CHARINDEX(b, a, start)",
    ('InStr("Harbor", "r")', 3), ('InStr(4, "Harbor", "R")', 6), ('InStr(1, "Harbor", "R", 0)', 0),
    ('InStr("abc", "")', 1), area=AREA, note="empty text is found at the start, as in Access",
)  # fmt: skip
def in_str(call: Call) -> Typed:
    first = 1 if len(call.arguments) > 2 else 0
    start = call.integer(0) if first else None
    value, sought = call.text(first), call.text(first + 1)
    within = _compared(call, 3, value)
    from_here = f", {start.sql}" if start else ""
    sql = f"CHARINDEX({sought.sql}, {within}{from_here})"
    nullable = value.nullable or sought.nullable or bool(start and start.nullable)
    if not isinstance(sought.constant, str) or not sought.constant:
        begin = start.sql if start else "1"
        empty = f"{sought.sql} = N'' AND LEN({value.sql} + N'.') > {begin}"
        sql = f"CASE WHEN {empty} THEN {begin} ELSE {sql} END"
    return Typed(sql, _L, nullable)


@function(
    "InStrRev", (2, 4), "CHARINDEX over REVERSE",
    ('InStrRev("harbor", "r")', 6), ('InStrRev("harbor", "r", 5)', 3), ('InStrRev("harbor", "x")', 0), area=AREA,
)  # fmt: skip
def in_str_rev(call: Call) -> Typed:
    value, sought = call.text(0), call.text(1)
    start = call.integer(2) if call.has(2) else None
    body = value.sql if start is None or start.constant == -1 else f"LEFT({value.sql}, {start.sql})"
    found = (
        f"CHARINDEX(REVERSE({sought.sql}), REVERSE({body}){' ' + _BINARY if call.constant_integer(3, 2) == 0 else ''})"
    )
    position = f"LEN({body} + N'.') - LEN({sought.sql} + N'.') + 2 - {found}"
    return Typed(f"CASE {found} WHEN 0 THEN 0 ELSE {position} END", _L, value.nullable or sought.nullable)


@function(
    "Replace", (3, 6), "REPLACE(a, b, c)",
    ('Replace("harbor", "r", "R")', "haRboR"), ('Replace("harbor", "r", "", 4)', "bo"),
    ('Replace("a-b-c", "-", "+", 1, 1)', "a+b-c"), ('Replace("abc", "-", "+", 2, 1)', "bc"),
    ('Replace("a-b", "-", "+", 1, 0)', "a-b"), area=AREA, note="a count of 2 or more cannot be converted",
)  # fmt: skip
def replace_(call: Call) -> Typed:
    value, sought, new = call.text(0), call.text(1), call.text(2)
    count = call.constant_integer(4, -1)
    if count not in (-1, 0, 1):
        call.fail("T-SQL replaces every occurrence or the first; no other count can be given")
    body = value.sql
    if call.has(3) and call.integer(3).constant != 1:
        body = f"SUBSTRING({body}, {call.integer(3).sql}, LEN({value.sql} + N'.'))"
    if call.constant_integer(5, 2) == 0:
        body = f"{body} {_BINARY}"
    nullable = value.nullable or sought.nullable or new.nullable
    if count == 0:
        return Typed(body, value.type, nullable)
    if count == 1:
        found = f"CHARINDEX({sought.sql}, {body})"
        first = f"STUFF({body}, {found}, LEN({sought.sql} + N'.') - 1, {new.sql})"
        return Typed(f"CASE WHEN {found} > 0 THEN {first} ELSE {body} END", value.type, nullable)
    return Typed(f"REPLACE({body}, {sought.sql}, {new.sql})", value.type, nullable)


@function("StrComp", (2, 3), "CASE of comparisons", ('StrComp("a", "B")', -1), ('StrComp("a", "A")', 0),
          ('StrComp("a", "A", 0)', 1), area=AREA)  # fmt: skip
def str_comp(call: Call) -> Typed:
    a, b = call.text(0), call.text(1)
    left = _compared(call, 2, a)
    sql = f"CASE WHEN {left} < {b.sql} THEN -1 WHEN {left} = {b.sql} THEN 0 WHEN {left} > {b.sql} THEN 1 END"
    return Typed(sql, ColumnType.INTEGER, a.nullable or b.nullable)


@function("StrConv", (2, 3), "UPPER(a), LOWER(a), or a sub-query over the words",
          ('StrConv("abc", 1)', "ABC"), ('StrConv("ABC", 2)', "abc"),
          Sample('StrConv("harbor BOOKS", 3)', "Harbor Books", stand_in="it has no value() of xml"),
          area=AREA, note="conversions of character sets cannot be converted")  # fmt: skip
def str_conv(call: Call) -> Typed:
    value, how = call.text(0), call.constant_integer(1, 0)
    name = {1: "UPPER", 2: "LOWER"}.get(how)
    if how == 3:
        return _proper(call, value)
    if name is None:
        call.fail(f"conversion {how} has no counterpart")
    return Typed(f"{name}({value.sql})", value.type, value.nullable, value.length)


def _proper(call: Call, value: Typed) -> Typed:
    """Every word begins with a capital: the words are put into a JSON array, which keeps their order."""
    if call.walker.scope.use is not Use.QUERY:
        call.fail("proper case needs a sub-query, which SQL Server allows in queries only")
    words = f"CONCAT(N'[\"', REPLACE(STRING_ESCAPE({value.sql}, 'json'), N' ', N'\",\"'), N'\"]')"
    word = "CONCAT(N' ', UPPER(LEFT([value], 1)), LOWER(SUBSTRING([value], 2, 4000)))"
    listed = f"SELECT {word} FROM OPENJSON({words}) ORDER BY CONVERT(int, [key]) FOR XML PATH(''), TYPE"
    sql = f"STUFF(({listed}).value('.', 'nvarchar(max)'), 1, 1, N'')"
    if value.nullable:
        sql = f"CASE WHEN {value.sql} IS NOT NULL THEN {sql} END"
    return Typed(sql, value.type, value.nullable, value.length)


@function("Chr", (1, 1), "NCHAR(a)", ("Chr(65)", "A"), ("Chr(128)", "€"), area=AREA,
          note="128 to 159 as Windows-1252 has them")  # fmt: skip
def chr_(call: Call) -> Typed:
    code = call.integer(0)
    if isinstance(code.constant, int):
        if not 0 <= code.constant <= 255:
            call.fail("a code is 0 to 255")
        return text(bytes([code.constant]).decode("cp1252", errors="ignore") or chr(code.constant))
    sql = f"CONVERT(nvarchar(1), CHAR({code.sql}))"
    return Typed(sql, _T, code.nullable, 1)


@function("ChrW", (1, 1), "NCHAR(a)", ("ChrW(233)", "é"), area=AREA)
def chr_w(call: Call) -> Typed:
    code = call.integer(0)
    sql = f"NCHAR({code.sql} & 65535)" if code.constant is None else f"NCHAR({int(str(code.constant)) & 65535})"
    return Typed(sql, _T, code.nullable, 1)


@function("String", (2, 2), "REPLICATE(LEFT(b, 1), a)", ('String(3, "ab")', "aaa"), ("String(2, 65)", "AA"), area=AREA)
def string(call: Call) -> Typed:
    count, what = call.integer(0), call.any(1)
    one = f"NCHAR({what.sql})" if what.type in INTEGERS else f"LEFT({call.text(1).sql}, 1)"
    return Typed(f"REPLICATE({one}, {count.sql})", _T, count.nullable or what.nullable)
