"""Functions of text. Positions count from 1 in Access and in T-SQL; text is compared without case in both."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final

from sqlglot import exp

from wizard.convert.collations import as_others, beside_binary, binary
from wizard.convert.functions.registry import FunctionCall, Handler, Sample, function, simple
from wizard.convert.literals import text
from wizard.convert.tree import (
    Part,
    SqlNode,
    Text,
    called,
    case,
    coalesced,
    enclosed,
    failing,
    null_if,
    only_where,
    scalar,
    spread,
    tsql,
)
from wizard.convert.typed_sql import INTEGERS, ExpressionUse, Typed
from wizard.definitions import ColumnType

AREA: Final = "text"
_T, _L = ColumnType.TEXT, ColumnType.LONG

_NEGATIVE: Final = "a negative length gives NULL"
simple("UCase", "t", "UPPER({0})", _T, ('UCase("Straw")', "STRAW"), area=AREA)
simple("LCase", "t", "LOWER({0})", _T, ('LCase("STRAW")', "straw"), area=AREA)
simple("LTrim", "t", "LTRIM({0})", _T, ('LTrim("  a ") & "."', "a ."), area=AREA)
simple("RTrim", "t", "RTRIM({0})", _T, ('"." & RTrim(" a  ")', ". a"), area=AREA)
simple("Trim", "t", "LTRIM(RTRIM({0}))", _T, ('"." & Trim("  a  ") & "."', ".a."), area=AREA)
simple("StrReverse", "t", "REVERSE({0})", _T, ('StrReverse("abc")', "cba"), area=AREA)
simple(
    "Len", "t", "LEN({0} + N'.') - 1", _L, ('Len("ab  ")', 4), area=AREA, parenthesised=True,
    note="T-SQL's LEN does not count trailing spaces",
)  # fmt: skip
simple("LenB", "t", "LEN({0} + N'.') * 2 - 2", _L, ('LenB("ab ")', 6), area=AREA, note="two bytes a character",
       parenthesised=True)  # fmt: skip
simple("Asc", "t", "ASCII({0})", _L, ('Asc("A")', 65), ('Asc("Ab")', 65), area=AREA,
       note="by the code page of the database's collation")  # fmt: skip
simple("AscB", "t", "UNICODE({0}) % 256", _L, ('AscB("A")', 65), area=AREA, note="the first byte of UTF-16")


@function("AscW", (1, 1), "UNICODE(a) as a signed number of 16 bits", ('AscW("é")', 233), ('AscW("\uac00")', -21504),
          takes="t", area=AREA)  # fmt: skip
def asc_w(call: FunctionCall) -> Typed:
    """The first UTF-16 unit of a text, as VBA's Integer has it: from 0x8000 on a negative number."""
    value = call[0]
    sql = enclosed("(UNICODE({}) + 32768) % 65536 - 32768", value)
    return Typed(sql, _L, value.nullable)


def _length(text: Part) -> SqlNode:
    """T-SQL's LEN does not count trailing blanks."""
    return enclosed("LEN({} + N'.') - 1", text)


def _at_least(call: FunctionCall, number: int, least: int) -> Typed:
    """A length or position; one that is too small gives NULL, where T-SQL would end the statement."""
    value = call[number]
    node = call.arguments[number]
    counted = isinstance(node, exp.Anonymous) and node.name.casefold() in _COUNTING and least == 0
    if counted or not call.guarded or (isinstance(value.constant, int) and value.constant >= least):
        return value
    call.note(3529)
    sql = failing(case((tsql("{} >= {}", value, least), value)), tsql("{} < {}", value, least))
    return Typed(sql, value.type, nullable=True)


_COUNTING: Final = ("len", "instr", "instrrev")
"""functions that give no number below 0"""


def _end(name: str) -> Handler:
    def handler(call: FunctionCall) -> Typed:
        value, length = call[0], _at_least(call, 1, 0)
        size = length.constant if isinstance(length.constant, int) else value.length
        return Typed(tsql("{}({}, {})", name, value, length), value.type, value.nullable or length.nullable, size)

    return handler


function("Left", (2, 2), "LEFT(a, b)", ('Left("Harbor", 3)', "Har"), ('Left("a", InStr("a", "x") - 1)', None),
         takes="ti", area=AREA, note=_NEGATIVE)(_end("LEFT"))  # fmt: skip
function("Right", (2, 2), "RIGHT(a, b)", ('Right("Harbor", 3)', "bor"), takes="ti", area=AREA, note=_NEGATIVE)(
    _end("RIGHT")
)


@function(
    "Mid",
    (2, 3),
    "SUBSTRING(a, b, c)",
    ('Mid("Harbor", 2, 3)', "arb"),
    ('Mid("Harbor", 4)', "bor"),
    takes="tii",
    area=AREA,
)
def mid(call: FunctionCall) -> Typed:
    """Some characters from a position, counted from 1; all that follow where no length is given."""
    value, start = call[0], _at_least(call, 1, 1)
    length = _at_least(call, 2, 0) if call.has(2) else None
    size = length.node if length else tsql("LEN({} + N'.')", value)
    nullable = value.nullable or start.nullable or bool(length and length.nullable)
    return Typed(tsql("SUBSTRING({}, {}, {})", value, start, size), value.type, nullable, value.length)


def _compared(
    call: FunctionCall, number: int, value: SqlNode, *others: Typed
) -> tuple[bool, SqlNode, tuple[Typed, ...]]:
    """Whether the argument asks for a binary comparison, and the texts for it: that of a collation, and the others."""
    if call.constant_integer(number, 2) != 0:
        return False, value, others
    return True, binary(value), tuple(map(beside_binary, others))


@function(
    "InStr", (2, 4), "CHARINDEX(b, a, start)",
    ('InStr("Harbor", "r")', 3), ('InStr(4, "Harbor", "R")', 6), ('InStr(1, "Harbor", "R", 0)', 0),
    ('InStr("abc", "")', 1), ('InStr("", "")', 0), ('InStr(9, "abc", "")', 9), ('InStr("", "a")', 0),
    ('InStr("ab", Trim(" "))', 1), ('InStr("a b", Right("a ", 1))', 2), ('InStr("ab", Null)', None),
          takes="itti", leading=3, area=AREA,
    note="empty text is found at the start, as in Access",
)  # fmt: skip
def in_str(call: FunctionCall) -> Typed:
    """The position of the first occurrence, 0 for none: of first position (optional), text, sought, comparison."""
    first = 1 if len(call.arguments) > 2 else 0
    start = _at_least(call, 0, 1) if first else None
    value, sought = call[first], call[first + 1]
    _, within, (sought,) = _compared(call, 3, value.node, sought)
    sql: SqlNode = called("CHARINDEX", sought, within, *([start] if start else []))
    nullable = value.nullable or sought.nullable or bool(start and start.nullable)
    if not isinstance(sought.constant, str) or not sought.constant:
        empty = tsql("DATALENGTH({}) = 0 AND DATALENGTH({}) > 0", sought, value)
        sql = case((empty, start or 1), otherwise=sql)
    return Typed(sql, _L, nullable)


@function(
    "InStrRev", (2, 4), "CHARINDEX over REVERSE",
    ('InStrRev("harbor", "r")', 6), ('InStrRev("harbor", "r", 5)', 3), ('InStrRev("harbor", "x")', 0),
    ('InStrRev("harbor", "r", 9)', 0), ('InStrRev("harbor", "")', 6), ('InStrRev("ab ", " ", -1)', 3),
          takes="ttii", area=AREA,
)  # fmt: skip
def in_str_rev(call: FunctionCall) -> Typed:
    """Empty text is found where the search begins; a search that would begin beyond the end finds nothing."""
    value, sought = call[0], call[1]
    start = call[2] if call.has(2) else None
    start = None if start is None or start.constant == -1 else _at_least(call, 2, 1)
    body = tsql("LEFT({}, {})", value, start) if start else value.node
    _, turned, (sought,) = _compared(call, 3, tsql("REVERSE({})", body), sought)
    found = tsql("CHARINDEX(REVERSE({}), {})", sought, turned)
    position = tsql("LEN({} + N'.') - LEN({} + N'.') + 2 - {}", body, sought, found)
    tests: list[tuple[Part, Part]] = []
    if start:
        tests.append((tsql("{} > {}", start, _length(value)), 0))
    if not isinstance(sought.constant, str) or not sought.constant:
        tests.append((tsql("DATALENGTH({}) = 0", sought), _length(body)))
    sql = case(*tests, (tsql("{} = 0", found), 0), otherwise=position)
    return Typed(sql, _L, value.nullable or sought.nullable or bool(start and start.nullable))


_MOST_REPLACED: Final = 50
"""occurrences that a count may ask for: each one is a CHARINDEX within that of the next"""


@function(
    "Replace", (3, 6), "REPLACE(a, b, c)",
    ('Replace("harbor", "r", "R")', "haRboR"), ('Replace("harbor", "r", "", 4)', "bo"),
    ('Replace("a-b-c", "-", "+", 1, 1)', "a+b-c"), ('Replace("abc", "-", "+", 2, 1)', "bc"),
    ('Replace("a-b", "-", "+", 1, 0)', "a-b"), ('Replace("a-b-c-d", "-", "+", 1, 2)', "a+b+c-d"),
    ('Replace("a-b-c-d", "-", "", 3, 2)', "bcd"), ('Replace("a--b", "--", "-", 1, 2)', "a-b"),
    ('Replace("aaaaa", "aa", "b", 1, 2)', "bba"), ('Replace("aba", "A", "x", 1, 2, 0)', "aba"),
    ('Replace("a-b", Trim(" "), "+", 1, 2)', "a-b"), ('Replace("abab", "a", "aa", 1, 3)', "aabaab"),
    ('Replace("abc", "b", "x", 9)', ""), ('Replace("ABC", "b", "x", 1, -1, 0) = "abc"', True),
          takes="tttiii", area=AREA,
    note="with a count: REPLACE of all up to the end of the last counted occurrence, at most 50",
)  # fmt: skip
def replace_(call: FunctionCall) -> Typed:
    """Occurrences replaced: of text, sought, new, first position, count, comparison. NULL in the first three fails."""
    made = _replaced(call)
    absent = [tsql("{} IS NULL", v) for v in (call[i] for i in range(3)) if v.nullable]
    if not absent or not call.guarded:
        return made
    return replace(made, node=failing(made.node, spread(" OR ", absent)), nullable=True)


def _replaced(call: FunctionCall) -> Typed:
    value, sought, new = call[0], call[1], call[2]
    count = call.constant_integer(4, -1)
    if count < -1:
        call.fail("a count is -1, for every occurrence, or 0 and more")
    wanted = sought.constant
    if count > _MOST_REPLACED:
        if not (isinstance(wanted, str) and wanted and 0 < value.length <= count * len(wanted)):
            call.fail(f"a count above {_MOST_REPLACED} makes the expression too long")
        count = -1  # no more of them fit into the text
    body, nullable = value.node, value.nullable or sought.nullable or new.nullable
    start = _at_least(call, 3, 1) if call.has(3) else None
    if start and start.constant != 1:
        body, nullable = tsql("SUBSTRING({}, {}, LEN({} + N'.'))", body, start, value), nullable or start.nullable
    if count == 0 or wanted == "":
        return Typed(body, value.type, nullable)
    coded, within, (sought, new, rest) = _compared(call, 5, body, sought, new, replace(value, node=body))
    sql: SqlNode = tsql("REPLACE({}, {}, {})", within, sought, new)
    if count > 0:
        end = _end_of(count, sought, within)
        first = tsql("REPLACE(LEFT({}, {}), {}, {})", within, end, sought, new)
        sql = enclosed("{} + SUBSTRING({}, {} + 1, LEN({}))", first, rest, end, body)
        if not isinstance(wanted, str):
            sql = case((tsql("DATALENGTH({}) = 0", sought), rest), otherwise=sql)
    return Typed(as_others(sql) if coded else sql, value.type, nullable)


def _end_of(count: int, sought: Typed, within: SqlNode) -> SqlNode:
    """Where so many occurrences end, or a place after the end of the text.

    The text is followed by as many more occurrences, so that no search fails; one that begins in the text and ends
    behind it is beyond the end as well.
    """
    known = sought.constant
    length: Part = len(known) if isinstance(known, str) else _length(sought)
    endless = tsql("{} + REPLICATE({}, {})", within, sought, count)
    position = tsql("CHARINDEX({}, {})", sought, endless)
    for _ in range(count - 1):
        position = tsql("CHARINDEX({}, {}, {} + {})", sought, endless, position, length)
    return tsql("{} + {} - 1", position, length)


def _ends_sure(value: Typed) -> bool:
    """Whether the text certainly ends in no blank."""
    return isinstance(value.constant, str) and value.constant == value.constant.rstrip(" ")


@function("StrComp", (2, 3), "CASE of comparisons", ('StrComp("a", "B")', -1), ('StrComp("a", "A")', 0),
          ('StrComp("a", "A", 0)', 1), ('StrComp("a ", "A")', 1), ('StrComp("a", "a  ", 0)', -1),
          ('StrComp("", " ")', -1), takes="tti", area=AREA)  # fmt: skip
def str_comp(call: FunctionCall) -> Typed:
    """T-SQL takes texts for equal that differ in blanks at their ends: then more of them is greater."""
    a, b = call[0], call[1]
    _, left, (b,) = _compared(call, 2, a.node, b)
    blanks = [enclosed("LEN({0} + N'.') - LEN({0})", v) for v in (a, b)]
    same: Part = 0 if _ends_sure(a) and _ends_sure(b) else tsql("SIGN({})", spread(" - ", blanks))
    sql = case((tsql("{} < {}", left, b), -1), (tsql("{} = {}", left, b), same), (tsql("{} > {}", left, b), 1))
    return Typed(sql, ColumnType.INTEGER, a.nullable or b.nullable)


_NO_XML: Final = "it has no value() of xml"


@function("StrConv", (2, 3), "UPPER(a), LOWER(a), or a sub-query over the words",
          ('StrConv("abc", 1)', "ABC"), ('StrConv("ABC", 2)', "abc"),
          Sample('StrConv("harbor BOOKS", 3)', "Harbor Books", stand_in=_NO_XML),
          Sample('StrConv("o\'neil  a-b" & Chr(9) & "ÉTÉ", 3)', "O'neil  A-b\tÉté", stand_in=_NO_XML),
          takes="ti", area=AREA, note="conversions of character sets cannot be converted", written=(1,))  # fmt: skip
def str_conv(call: FunctionCall) -> Typed:
    """Upper case (1), lower case (2) or proper case (3)."""
    value, how = call[0], call.constant_integer(1, 0)
    name = {1: "UPPER", 2: "LOWER"}.get(how)
    if how == 3:
        return _proper(call, value)
    if name is None:
        call.fail(f"conversion {how} has no counterpart")
    return Typed(tsql("{}({})", name, value), value.type, value.nullable, value.length)


_MARK: Final = "NCHAR(57344)"
"""stands between words; a character for private use, which no text should have"""


def _proper(call: FunctionCall, value: Typed) -> Typed:
    """Every word begins with a capital: the words, each with the blank, tab or line end behind it, are put into a JSON
    array, which keeps their order."""
    if call.walker.scope.use is not ExpressionUse.QUERY:
        call.fail("proper case needs a sub-query, which SQL Server allows in queries only")
    marked = binary(value)
    for blank in ("N' '", "NCHAR(9)", "NCHAR(10)", "NCHAR(13)"):
        marked = tsql("REPLACE({0}, {1}, {1} + {2})", marked, blank, _MARK)
    words = tsql("CONCAT(N'[\"', REPLACE(STRING_ESCAPE({}, 'json'), {}, N'\",\"'), N'\"]')", marked, _MARK)
    word = "CONCAT(UPPER(LEFT([value], 1)), LOWER(SUBSTRING([value], 2, 4000)))"
    listed = "{} FROM OPENJSON({}) ORDER BY CONVERT(int, [key]) FOR XML PATH(''), TYPE"
    sql: SqlNode = scalar(f"(SELECT {listed}).value('.', 'nvarchar(max)')", word, words)
    if value.nullable:
        sql = case((tsql("{} IS NOT NULL", value), sql))
    return Typed(sql, value.type, value.nullable, value.length)


@function("Chr", (1, 1), "NCHAR(a)", ("Chr(65)", "A"), ("Chr(128)", "€"), takes="i", area=AREA,
          note="128 to 159 as Windows-1252 has them")  # fmt: skip
def chr_(call: FunctionCall) -> Typed:
    """The character of a code of Windows-1252, 0 to 255."""
    code = call[0]
    if isinstance(code.constant, int):
        if not 0 <= code.constant <= 255:
            call.fail("a code is 0 to 255")
        return text(bytes([code.constant]).decode("cp1252", errors="ignore") or chr(code.constant))
    call.note(3529)
    within = tsql("{} BETWEEN 0 AND 255", code)
    return Typed(only_where(within, tsql("CONVERT(nvarchar(1), CHAR({}))", code)), _T, nullable=True, length=1)


@function("ChrW", (1, 1), "NCHAR(a)", ("ChrW(233)", "é"), takes="i", area=AREA)
def chr_w(call: FunctionCall) -> Typed:
    """The character of a UTF-16 code; a negative one is taken modulo 65536, as VBA does it."""
    code = call[0]
    if isinstance(code.constant, int) and 32 <= code.constant < 0xD800:
        return text(chr(code.constant))
    known = code.constant
    sql = tsql("NCHAR({})", known & 65535) if isinstance(known, int) else tsql("NCHAR({} & 65535)", code)
    return Typed(sql, _T, code.nullable, 1)


@function("String", (2, 2), "REPLICATE(LEFT(b, 1), a)", ('String(3, "ab")', "aaa"), ("String(2, 65)", "AA"),
          ('String(Len("ab"), "xy")', "xx"), takes="i", area=AREA, note=_NEGATIVE)  # fmt: skip
def string(call: FunctionCall) -> Typed:
    """A character, or the first one of a text, repeated: of number and character."""
    what = call.any(1)
    if what.type in INTEGERS:
        return _repeated(call, tsql("NCHAR({})", what), what)
    one: SqlNode = tsql("LEFT({}, 1)", call.text(1))
    if what.constant is None and call.guarded:
        call.note(3529)
        one = only_where(tsql("DATALENGTH({}) > 0", call.text(1)), one)
    return _repeated(call, one, what)


@function("Space", (1, 1), "REPLICATE(N' ', a)", ('Space(3) & "."', "   ."), ('Space(Len("ab")) & "."', "  ."),
          ("Len(Space(5000))", 5000),
          takes="i", area=AREA, note=_NEGATIVE)  # fmt: skip
def space(call: FunctionCall) -> Typed:
    """So many blanks."""
    return _repeated(call, Text(" "), text(" "))


def _repeated(call: FunctionCall, one: SqlNode, what: Typed) -> Typed:
    count = _at_least(call, 0, 0)
    known = what.constant
    if isinstance(count.constant, int) and count.constant > _NVARCHAR:
        one = tsql("CONVERT(nvarchar(max), {})", one)
    if isinstance(count.constant, int) and count.constant <= _MOST_WRITTEN and isinstance(known, str | int) and known:
        return text((known[0] if isinstance(known, str) else chr(known % 256)) * count.constant)
    return Typed(tsql("REPLICATE({}, {})", one, count), _T, count.nullable or what.nullable)


_NVARCHAR: Final = 4000
"""characters at which REPLICATE ends where the repeated text is not of the long type"""
_MOST_WRITTEN: Final = 100
"""characters that are written out: the result may be a picture of Format"""


@function("HyperlinkPart", (1, 2), "SUBSTRING between the # of a hyperlink",
          ('HyperlinkPart("Shop#http://a.b/c#top#Go#", 0)', "Shop"), ('HyperlinkPart("#http://a.b/c#top", 0)',
          "http://a.b/c"), ('HyperlinkPart("Shop#http://a.b/c#top", 1)', "Shop"),
          ('HyperlinkPart("Shop#http://a.b/c#top", 2)', "http://a.b/c"),
          ('HyperlinkPart("Shop#http://a.b/c#top", 3)', "top"), ('HyperlinkPart("Shop#x#top#Go#", 4)', "Go"),
          ('HyperlinkPart("Shop#x#top#", 5)', "x#top"), ('HyperlinkPart("Shop#x##", 5)', "x"),
          takes="ti", area=AREA)  # fmt: skip
def hyperlink_part(call: FunctionCall) -> Typed:
    """Text, address, sub-address and tip stand between `#`; what a link shows is the first of them that there is."""
    value, part = call[0], call.constant_integer(1, 0)
    whole = tsql("{} + N'####'", value)
    ends: list[Part] = [0]
    for _ in range(4):
        ends.append(tsql("CHARINDEX(N'#', {}, {} + 1)", whole, ends[-1]))
    shown, address, place, tip = (
        tsql("SUBSTRING({0}, {1} + 1, {2} - {1} - 1)", whole, a, b) for a, b in pairwise(ends)
    )
    more = case((tsql("{} = N''", place), "N''"), otherwise=tsql("N'#' + {}", place))
    forms = {
        0: coalesced(null_if(shown, "N''"), null_if(address, "N''"), place),
        1: shown, 2: address, 3: place, 4: tip, 5: enclosed("{} + {}", address, more),
    }  # fmt: skip
    if part not in forms:
        call.fail("a part is 0 to 5")
    return Typed(forms[part], value.type, value.nullable, value.length)
