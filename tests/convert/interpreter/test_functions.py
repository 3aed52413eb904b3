"""Every function of the translator's table gives, computed by Access's documentation, the value its samples say."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.convert.columns import AGGREGATES, ROWS
from tests.convert.interpreter.rows import Data, table, value
from wizard.convert.functions import FUNCTIONS as TRANSLATED
from wizard.convert.functions import REFUSED as NOT_TRANSLATED
from wizard.convert.functions import Sample, SqlFunction
from wizard.convert.interpreter import CellFault, ErrorValue
from wizard.convert.interpreter.aggregates import AGGREGATES as COUNTED
from wizard.convert.interpreter.domains import AGGREGATES as DOMAINS
from wizard.convert.interpreter.expressions import CHOOSERS
from wizard.convert.interpreter.functions import FUNCTIONS, REFUSED
from wizard.definitions import ColumnType

ALL: list[SqlFunction] = list({id(f): f for f in TRANSLATED.values()}.values())
SAMPLES: list[Sample] = [s for f in ALL for s in f.samples if not s.untestable]
AS_TEXT = {'IIf(1 > 2, "a", IIf(2 > 1, 5, 1.5))'}
"""a choice among text and numbers is a column of text, in which the number is shown"""


def alike(found: Any, wanted: Any) -> bool:
    """None is what a server has in the place of #Error."""
    if isinstance(found, CellFault | ErrorValue):
        return wanted is None
    if isinstance(wanted, float):
        return isinstance(found, int | float) and math.isclose(found, wanted, rel_tol=1e-12, abs_tol=1e-15)
    return bool(found == wanted) and type(found) is type(wanted)


def test_every_function_that_is_translated_is_run_too() -> None:
    known = {*FUNCTIONS, *COUNTED, *DOMAINS, *CHOOSERS}
    assert {f.name.casefold() for f in ALL} <= known
    assert {n.casefold() for n in NOT_TRANSLATED} == set(REFUSED)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.expression)
def test_a_function_gives_what_access_gives(sample: Sample) -> None:
    found = value(sample.expression)
    wanted = int(str(sample.value)) if sample.expression in AS_TEXT else sample.value
    assert alike(found, wanted), found


TYPES = ColumnType
THREE = Data(
    (
        table("T", n=TYPES.LONG, x=TYPES.DOUBLE, t=TYPES.TEXT, d=TYPES.DATE, b=TYPES.BOOLEAN, c=TYPES.CURRENCY,
              g=TYPES.GUID, p=TYPES.BINARY),
        [
            (1, 2.5, "Ada", datetime(2024, 2, 29, 13, 5, 9), True, Decimal("10.2500"),
             "{11111111-1111-1111-1111-111111111111}", None),
            (2, -1.5, "bob", datetime(2023, 12, 31), False, Decimal("20.1000"),
             "{22222222-2222-2222-2222-222222222222}", None),
            (5, 7.25, None, None, True, None, None, None),
        ],
    )
)  # fmt: skip
OTHERWISE: dict[str, object] = {
    "Last([d])": None,
    'DLast("t", "T")': None,
    'DSum("n * c", "T", "t = \'" & [t] & "\'")': Decimal("10.25"),
}
"""What a translation without the table's rows in their order, or without a query around it, cannot give: the last row
has neither date nor text, and Last is Null then; criteria are of the row that asks."""


@pytest.mark.parametrize("sample", AGGREGATES, ids=lambda s: s.expression)
def test_an_aggregate_gives_what_access_gives(sample: Sample) -> None:
    ((found,),) = THREE.sql(f"SELECT {sample.expression} AS v FROM T")
    assert alike(found, OTHERWISE.get(sample.expression, sample.value)), found


@pytest.mark.parametrize("sample", [s for s in ROWS if not s.untestable], ids=lambda s: s.expression)
def test_a_function_of_columns_gives_what_access_gives(sample: Sample) -> None:
    ((found,),) = THREE.sql(f"SELECT {sample.expression} AS v FROM T WHERE [n] = 1")
    assert alike(found, OTHERWISE.get(sample.expression, sample.value)), found


FAULTS = {
    "CLng(Null)": CellFault.INVALID_NULL,
    'CDate("")': CellFault.TYPE_MISMATCH,
    'CLng("abc")': CellFault.TYPE_MISMATCH,
    "CInt(40000)": CellFault.OVERFLOW,
    "CByte(-1)": CellFault.OVERFLOW,
    "Left('a', -1)": CellFault.INVALID_CALL,
    "Mid('a', 0)": CellFault.INVALID_CALL,
    "Sqr(-1)": CellFault.INVALID_CALL,
    "Exp(1000)": CellFault.OVERFLOW,
    "1 / 0": CellFault.DIVISION_BY_ZERO,
    "5 Mod 0": CellFault.DIVISION_BY_ZERO,
    "5 \\ 0.4": CellFault.DIVISION_BY_ZERO,
    "Chr(256)": CellFault.INVALID_CALL,
    "DateSerial(99999, 1, 1)": CellFault.OVERFLOW,
    'DCount("*", "One", "x=")': CellFault.CRITERIA,
    'DCount("*", "Nowhere")': CellFault.DOMAIN,
    'DCount("*", "One", "y=1")': CellFault.DOMAIN,
}


@pytest.mark.parametrize(("expression", "fault"), FAULTS.items())
def test_what_access_shows_as_an_error_is_one(expression: str, fault: CellFault) -> None:
    assert value(expression) in (fault, CellFault.INVALID_CALL if "DateSerial" in expression else fault)


VALUES = {
    "CDbl('1,234.5')": 1234.5,
    "CDbl('($1,234.50)')": -1234.5,
    "CDbl('&H1F') + CLng('&O17')": 46.0,
    "CDate('10:30')": "1899-12-30 10:30:00",
    "CDate(1.5)": "1899-12-31 12:00:00",
    "CDate(-1.25)": "1899-12-29 06:00:00",
    "TimeSerial(0, -15, 0)": "1899-12-30 00:15:00",
    "CDate(0) & ''": "12:00:00 AM",
    "IsDate('13/1/2024')": True,
    "IsDate('1/13/2024 25:00')": False,
    "TypeName(1 + 2)": "Long",
    "TypeName(CInt(1) + CInt(2))": "Integer",
    "TypeName(32767 + 1)": "Long",
    "2147483647 + 1": 2147483648.0,
    "TypeName(CCur(1) * 2)": "Currency",
    "TypeName(CCur(1) * 2.5)": "Double",
    "TypeName(CCur(1) + 2.5)": "Currency",
    "TypeName(CSng(1) + CInt(2))": "Single",
    "TypeName(CSng(1) + 2)": "Double",
    "TypeName(#2024-01-01# + 1)": "Date",
    "TypeName(#2024-01-02# - #2024-01-01#)": "Double",
    "CSng(0.1) & ''": "0.1",
    "0.1 + 0.2 & ''": "0.3",
    "1E20 & ''": "1E+20",
    "0.00001 & ''": "1E-05",
    "CCur(1) / 3 & ''": "0.333333333333333",
    "-7 \\ 2": -3,
    "-7 Mod 3": -1,
    "2.5 \\ 1": 2,
    "3.5 \\ 1": 4,
    "-2 ^ 2": 4.0,
    "4 And 3": True,
    "4 And 0": False,
    "5 Or 0": True,
    "5 Xor 3": False,
    "Not 5": False,
    "(4 And 3) + 1": 0,
    "5 BAND 3": 1,
    "True + True": -2,
    "True & ''": "-1",
    "'a' + Null": None,
    "'a' & Null": "a",
    "Null & Null": None,
    "'5' + 3": 8.0,
    "'5' & 3": "53",
    "Nz(Null) & 'x'": "x",
    "Nz(Null) + 1": 1,
    "'Straße' = 'STRASSE'": True,
    "'é' = 'e'": False,
    "'a ' = 'A'": True,
    "'co-op' < 'coop'": False,
    "'co-op' < 'cop'": True,
    "'[x]' Like '[[]x]'": True,
    "'a-b' Like 'a[-x]b'": True,
    "'B' Like '[a-c]'": True,
    "'B' Like '[!a-c]'": False,
    "'a%b' Like 'a%b'": True,
    "'axb' ALike 'a_b'": True,
    "5 Between 10 And 1": True,
    "Null Between 1 And 2": None,
    "1 In (2, Null)": None,
    "1 In (1, Null)": True,
    "Null = Null": None,
    "Null And 0": False,
    "Null Or True": True,
    "Not Null": None,
    "Null Imp True": True,
    "False Imp Null": True,
    "1/0 = 1 Or True": True,
    "IIf(True, 1, 1/0)": 1,
    "IsError(1/0)": True,
    "IIf(Null, 1, 2)": 2,
    "Round(2.345, 2)": 2.34,
    "Round(0.285, 2)": 0.28,
    "Format(-0.001, '0.00')": "0.00",
    "Format(0.5, 'Percent')": "50.00%",
    "Partition(20, 11, 55, 10)": "11:20",
    "DateDiff('yyyy', #2024-12-31#, #2025-01-01#)": 1,
    "Date()": "2024-06-30 00:00:00",
    "Now()": "2024-06-30 13:05:09",
    "Time()": "1899-12-30 13:05:09",
    "{guid {12345678-9abc-def0-1234-56789abcdef0}} = '{12345678-9ABC-DEF0-1234-56789ABCDEF0}'": True,
}


@pytest.mark.parametrize(("expression", "wanted"), VALUES.items())
def test_values_are_those_of_access(expression: str, wanted: Any) -> None:
    found = value(expression)
    if hasattr(found, "isoformat"):
        found = found.isoformat(" ")
    assert alike(found, wanted), found


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ('UCase("straße")', "STRAßE"),
        ('StrConv("ß straße", 3)', "ß Straße"),
        ('Format("straße", ">")', "STRAßE"),
        ('LCase("ÄÖİ")', "äöi"),
    ],
)
def test_case_changes_letter_by_letter(expression: str, wanted: str) -> None:
    """As Windows does it (LCMapString); Python writes ß as SS, and a small İ as two characters."""
    assert value(expression) == wanted
