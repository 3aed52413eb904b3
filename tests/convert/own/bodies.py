"""Bodies of VBA functions, a kind of operation or function each: the head, what stands in it, what it is called with.

A server is held to the interpreter on samples of each (`test_proofs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STAND_IN: Final[Mapping[str, str]] = {
    'F = Format(x, "#,##0.00")': "the stand-in's money of 0 is `$.00`",
    "Dim d As Date\nd = Int(x)\nF = d": "the stand-in counts no days before 1753",
    'F = x Like "*an*" Or x Like "?" Or x Like "[A-M]*"': "the stand-in overlooks blanks at the end",
}
"""bodies that Babelfish cannot be held to, and why"""

BODIES: Final = (
    ("x", 'F = Int(x) & "|" & Fix(x) & "|" & Sgn(x)', "x"),
    ("x", "F = Round(x, 2)", "x"),
    ("x", "F = Round(x)", "c"),
    ("x As Double", "F = x \\ 3 + x Mod 3", "n"),
    ("x", "F = x Mod 7", "n"),
    ("x", "F = x \\ -7", "n"),
    ("x", 'F = Switch(x < 0, "neg", x = 0, "zero", True, "pos")', "x"),
    ("x", 'F = Choose(x, "a", "b", "c")', "n"),
    ("x", 'F = IIf(x > 10, "big", IIf(x > 5, "mid", "low"))', "n"),
    ("x", 'F = DatePart("q", x) & "/" & DatePart("ww", x) & "/" & DatePart("y", x) & "/" & Weekday(x, vbMonday)', "d"),
    ("x As Date", 'F = Format(x, "yyyy-mm-dd")', "d"),
    ("x As Date", 'F = Format(x, "dd mmm yy") & Format(x, " hh:nn")', "d"),
    ("x As Double", 'F = Format(x, "0.00")', "x"),
    ("x As Long", 'F = Format(x, "00000")', "n"),
    ("x As Currency", 'F = Format(x, "#,##0.00")', "c"),
    ("x", "F = MonthName(x)", "n"),
    ("x As Long", "F = WeekdayName(x, True, vbMonday)", "n"),
    ("x", 'F = DateAdd("d", -1, x)', "d"),
    ("x, y", 'F = DateAdd("m", y, x)', "d,n"),
    ("x, y", 'F = DateDiff("m", x, y)', "d,e"),
    ("x, y", 'F = DateDiff("ww", x, y, vbMonday)', "d,e"),
    ("x, y", 'F = DateDiff("h", x, y)', "d,e"),
    ("x, y", "F = x - y", "d,e"),
    ("x", "F = x + 0.5", "d"),
    ("x As Date", "F = DateSerial(Year(x), Month(x) - 1, 1)", "d"),
    ("x As Date", "F = DateSerial(Year(x) + 1, 1, 0)", "d"),
    ("x As Date", "F = TimeSerial(Hour(x), Minute(x), 0)", "d"),
    ("x As Date", "F = DateValue(x)", "d"),
    ("x", "F = CInt(x)", "x"),
    ("x", "F = CLng(x)", "c"),
    ("x", "F = CDbl(x)", "n"),
    ("x", "F = CCur(x)", "x"),
    ("x", "F = CStr(x)", "x"),
    ("x", "F = CBool(x)", "n"),
    ("x", "F = CDate(x)", "n"),
    ("x As String", "F = CLng(x)", "t"),
    ("x", 'F = Val(x & "")', "t"),
    ("x As String", "F = Val(x)", "t"),
    ("x", "F = IsNumeric(x)", "t"),
    ("x As String", "F = UCase(Left(x, 1)) & LCase(Mid(x, 2))", "t"),
    ("x As String", "F = StrReverse(x)", "t"),
    ("x As String", "F = Right(x, 3) & Left(x, 2)", "t"),
    ("x As String", "F = Mid(x, 2, 2)", "t"),
    ("x As String", 'F = InStr(2, x, "n")', "t"),
    ("x As String", 'F = InStrRev(x, " ")', "t"),
    ("x As String", 'F = Replace(x, " ", "_")', "t"),
    ("x As String", "F = Asc(x)", "t"),
    ("x As String", 'F = Trim(x) & "." & LTrim(x) & "." & RTrim(x)', "t"),
    ("x As String", "F = Space(3) & String(2, x)", "t"),
    ("x, y", "F = StrComp(x, y)", "t,u"),
    ("x, y", "F = x = y", "t,u"),
    ("x, y", "F = x >= y", "t,u"),
    ("x, y", "F = x < y", "t,u"),
    ("x As Boolean, y As Boolean", "F = (x Or y) And Not (x And y)", "b,b"),
    ("x, y", "F = Not (x > y)", "n,i"),
    ("x", 'If x > 5 And x < 100 Then\nF = "in"\nElse\nF = "out"\nEnd If', "n"),
    ("x As Integer", "F = x * x", "i"),
    ("x As Long", "F = -x", "n"),
    ("x As Byte", "F = x - 1", "n"),
    ("x", "F = x * 1000000", "n"),
    ("x", "F = x ^ 2", "x"),
    ("x As Double", "F = Sqr(Abs(x))", "x"),
    ("x As Double", "F = Exp(Log(x))", "x"),
    ("x", "F = x / 7", "n"),
    ("x As Currency", "F = x * 1.19", "c"),
    ("x As Currency", "F = x * x", "c"),
    ("x As Currency", "F = x / 3", "c"),
    ("x As Currency", "F = x - 0.005", "c"),
    ("x", 'F = Nz(x, "none") & "!"', "t"),
    ("x", "F = Len(x)", "t"),
    ("x", 'F = IsNull(x) Or x = ""', "t"),
    ("x", "F = x & Null", "t"),
    ("x", 'F = x + "a"', "t"),
    ("x As Long", "Dim i As Integer\ni = x\nF = i", "n"),
    ("x As Double", 'Dim s As String\ns = x\nF = s & "%"', "x"),
    ("x As Date", "Dim d As Double\nd = x\nF = d", "d"),
    ("x As Double", "Dim d As Date\nd = Int(x)\nF = d", "x"),
    ("x", "Dim b As Boolean\nb = x\nF = b", "n"),
    ("x As String", 'Select Case x\nCase "a" To "c", "x"\nF = 1\nCase ""\nF = 2\nCase Else\nF = 3\nEnd Select', "t"),
    (
        "x As Date",
        'Select Case Month(x)\nCase 12, 1, 2: F = "winter"\nCase 3 To 5: F = "spring"\n'
        'Case Is < 9: F = "summer"\nCase Else: F = "autumn"\nEnd Select',
        "d",
    ),
    ("x As String", 'F = x Like "*an*" Or x Like "?" Or x Like "[A-M]*"', "t"),
    ("x As String", "F = StrConv(x, vbUpperCase)", "t"),
    ("x", 'F = Left(x, InStr(x & " ", " ") - 1)', "t"),
    ("x As String, n As Long", "F = Left(x, n)", "t,n"),
    ("x As String, n As Long", "F = Mid(x, n)", "t,n"),
    ("x", "F = Abs(x) > 5", "n"),
    ("x", "F = (x > 5) + 1", "n"),
    ("x", "F = -(x > 5)", "n"),
    ("x", "F = x > 5 Xor x < 10", "n"),
    ("x As Date", "F = Year(x) Mod 4 = 0 And (Year(x) Mod 100 <> 0 Or Year(x) Mod 400 = 0)", "d"),
    ("x As Date", "F = Int(x)", "d"),
    ("x As Date", "F = x < #7/1/2024#", "d"),
    ("x As Double", 'F = CStr(x) & "/" & CStr(Int(x))', "x"),
    ("x As Currency", 'F = x & ""', "c"),
    ("x", "F = IIf(IsNull(x), 0, x) + 1", "c"),
    ("x", "F = Hour(x) * 60 + Minute(x)", "d"),
)


def module(option: str) -> str:
    """All of them as functions F0, F1 and so on of one module, under an Option Compare."""
    parts = [f"Option Compare {option}"]
    for number, (head, body, _) in enumerate(BODIES):
        parts.append(f"Function F{number}({head})\n{body.replace('F =', f'F{number} =')}\nEnd Function")
    return "\n".join(parts)


def queries() -> dict[str, str]:
    """A query for each."""
    return {f"q{n}": f"SELECT F{n}({arguments}) AS v FROM T" for n, (_, _, arguments) in enumerate(BODIES)}
