"""Every function of the registry: the T-SQL it becomes, and the value a server gives it.

`functions.tsv` beside this file holds expression and T-SQL; `python -m tests.convert.test_functions` writes it anew.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from tests.convert.columns import AGGREGATES, COLUMNS, ROWS, TABLE
from tests.convert.scopes import Columns
from tests.reference import functions_table
from wizard.convert.dialect import parse_expression
from wizard.convert.expressions import translate_value
from wizard.convert.functions import AREAS, FUNCTIONS, REFUSED, Sample, SqlFunction, find
from wizard.convert.typed_sql import ExpressionUse
from wizard.definitions import ColumnType
from wizard.messages import ConversionError
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession

GOLDEN = Path(__file__).with_name("functions.tsv")
ALL: list[SqlFunction] = list({id(f): f for f in FUNCTIONS.values()}.values())
SAMPLES: list[Sample] = [s for f in ALL for s in f.samples]
OF_COLUMNS: list[str] = [s.expression for s in (*AGGREGATES, *ROWS)]


def translated(expression: str) -> str:
    return str(translate_value(parse_expression(expression), COLUMNS).node)


def golden() -> dict[str, str]:
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    return {e: sql for e, _, sql in (line.partition("\t") for line in lines)}


@pytest.mark.parametrize("expression", [*(s.expression for s in SAMPLES), *OF_COLUMNS])
def test_a_function_becomes_the_sql_that_was_looked_at(expression: str) -> None:
    assert translated(expression) == golden()[expression]


@pytest.mark.parametrize("function", ALL, ids=lambda f: f.name)
def test_every_function_has_a_row_of_proof(function: SqlFunction) -> None:
    mentioned = any(f"{function.name.casefold()}(" in e.casefold() for e in golden())
    assert function.samples or mentioned
    assert function.becomes
    assert function.area in {a.AREA for a in AREAS}


def test_the_table_for_people_has_every_function_once() -> None:
    rows = [r.split("|") for r in functions_table().splitlines()[2:]]
    listed = [name.strip(" `") for r in rows for name in r[2].split(",")]
    assert sorted(listed) == sorted([*(f.name for f in ALL), *REFUSED])


def proven(sample: Sample, session: ServerSession, rows: str = "") -> None:
    """That the server gives the sample its value, over a FROM clause."""
    if sample.stand_in and "Babelfish" in str(session.query("SELECT @@VERSION")[0][0]):
        pytest.skip(f"Babelfish: {sample.stand_in}")
    found = session.query(f"SELECT {translated(sample.expression)}{rows}")[0][0]
    if sample.untestable:
        assert found is not None
    elif isinstance(sample.value, float):
        assert math.isclose(float(found), sample.value)
    else:
        assert (str(found) if isinstance(found, UUID) else found) == sample.value


@pytest.mark.server
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.expression)
def test_a_server_gives_the_value_that_access_gives(sample: Sample, session: ServerSession) -> None:
    proven(sample, session)


@pytest.fixture(scope="module")
def table(session: ServerSession) -> Iterator[ServerSession]:
    """A database of its own with the table of `columns`."""
    connection, password = connection_string.settings(os.environ["JETFERRY_TEST_SERVER"])
    with ServerSession.open(replace(connection, database="master"), password) as master:
        if not master.value("SELECT 1 FROM sys.databases WHERE name = 'jf_functions'"):
            master.execute("CREATE DATABASE jf_functions")
    with ServerSession.open(replace(connection, database="jf_functions"), password) as opened:
        for statement in TABLE:
            opened.execute(statement)
        yield opened


@pytest.mark.server
@pytest.mark.parametrize("sample", AGGREGATES, ids=lambda s: s.expression)
def test_a_server_gathers_what_access_gathers(sample: Sample, table: ServerSession) -> None:
    proven(sample, table, " FROM [dbo].[T]")


@pytest.mark.server
@pytest.mark.parametrize("sample", ROWS, ids=lambda s: s.expression)
def test_a_server_gives_the_value_of_a_row(sample: Sample, table: ServerSession) -> None:
    proven(sample, table, " FROM [dbo].[T] WHERE [n] = 1")


@pytest.mark.parametrize(
    "expression",
    ["Mine(1)", "Left([t])", "Left([t], 1, 2)", "Eval([t])", "StrConv([t], 64)", 'DateAdd("x", 1, [d])',
     "DateAdd([t], 1, [d])", "Format([d], [t])", 'Replace([t], "a", "b", 1, [n])', 'Replace([t], "a", "b", 1, 51)',
     'Replace([t], "a", "b", 1, -2)', 'Format([n], IIf([b], [t], "0"))', 'Format([n], "0;0;0;0;0")',
     'Format([n], "0.#E+0")', 'Format([n], "00.0E+0")', 'Format([t], "<@>@")', 'Format([n], "0.0 0")', "Sqr(-1)",
     "Log(0)", "FormatNumber([n], 30)", "HyperlinkPart([t], 6)", "Rate(1, 2, 3)", "Split([t])", "RGB(1)",
     "VarType([p])",
     "Environ$(\"USER\")", 'Format([n], "0;0;0;0.0")', "Round([x], [n])", "DLookup([t], [t])",
     "Switch(1)", "Weekday([d], 9)", 'DCount("*", "T", "n = ")', 'Partition([n], 5, 1, 1)', "Chr(300)"],
)  # fmt: skip
def test_what_a_server_cannot_have_is_refused_by_name(expression: str) -> None:
    with pytest.raises(ConversionError) as caught:
        translated(expression)
    assert caught.value.message.number in (3503, 3504, 3505)
    assert expression.partition("(")[0].casefold() in caught.value.message.text.casefold()


def test_a_rule_has_no_look_into_other_tables() -> None:
    with pytest.raises(ConversionError, match="3505"):
        translate_value(parse_expression('DCount("*", "T")'), Columns(use=ExpressionUse.CHECK))


def test_val_of_a_number_beyond_a_double_is_refused() -> None:
    assert translated('Val("1e300")') == "1e+300"
    with pytest.raises(ConversionError, match="3505"):
        translated('Val("1e999")')


def test_a_count_of_replacements_beyond_what_fits_is_a_replacement_of_all() -> None:
    assert translated('Replace("a-b", "-", "+", 1, 99)') == translated('Replace("a-b", "-", "+")')


def test_the_sql_of_a_count_grows_in_proportion_to_it() -> None:
    sizes = [len(translated(f'Replace([t], "a", "b", 1, {count})')) for count in (10, 20, 40)]
    assert sizes[2] - sizes[1] < 2.2 * (sizes[1] - sizes[0])


def test_a_function_that_no_server_has_is_refused_with_its_reason() -> None:
    for name, reason in REFUSED.items():
        assert find(name) is None
        with pytest.raises(ConversionError) as caught:
            translated(f"{name}()")
        assert (caught.value.message.number, reason in caught.value.message.text) == (3505, True)


def told(expression: str) -> list[int]:
    scope = Columns(COLUMNS.types)
    translate_value(parse_expression(expression), scope)
    return scope.told


@pytest.mark.parametrize(
    ("expression", "number"),
    [("CInt([x])", 3531), ("CByte([n])", 3531), ("CLng([t])", 3531), ("CDec([x])", 3532), ("Nz([n])", 3532),
     ("IsNumeric([t])", 3532), ("Val([t])", 3532), ("Sqr([x])", 3529), ("Space([n])", 3529),
     ("InStr([n], [t], [t])", 3529),
     ('Format([x], "0.0E+0")', 3522), ('Format([d], "mmm")', 3523), ('Format([t], "0.00")', 3532),
     ('Format([t], "yyyy")', 3526), ('DatePart("ww", [d], 2, 2)', 3532),
     ('Format([d], "yyyy-ww", 2, 2)', 3532), ("CurrentUser()", 3525),
     ("RGB([n], 0, 0)", 3529), ("CBool([t])", 3548), ('[x] & "!"', 3522), ('Format([c], "Currency")', 3523),
     ("FormatCurrency([c])", 3523), ("CStr([x])", 3522),
     ("Left([x], 2)", 3522)],
)  # fmt: skip
def test_what_may_differ_from_access_is_told(expression: str, number: int) -> None:
    assert number in told(expression)


@pytest.mark.parametrize(
    "expression",
    ["CLng([n])", "CDbl([n])", "CInt(5)", "CCur([n])", "Nz([t])", "Nz([n], 0)", "Val([n])", "Sqr(4)", "Space(3)",
     'Format([x], "0.00")', 'Format([d], "yyyy-mm-dd")', 'Format([t], ">")', 'Format([x], "#,##0.0#")',
     'Format([d], "ww", 2, 3)', 'Format([d], "w", 2, 2)'],
)  # fmt: skip
def test_what_is_exact_is_not_told(expression: str) -> None:
    assert told(expression) == []


@pytest.mark.parametrize(
    ("expression", "same"),
    [
        ('Format([n], IIf([b], "0.0", "0") & "%")', 'IIf([b], Format([n], "0.0%"), Format([n], "0%"))'),
        ('Format([d], Switch([n] = 1, "yyyy", [n] = 2, "mm"))', 'Switch([n] = 1, Format([d], "yyyy"), [n] = 2,'
         ' Format([d], "mm"), True, Format([d], Null))'),
        ('DateAdd(Choose([n], "d", "m"), 1, [d])', 'Choose([n], DateAdd("d", 1, [d]), DateAdd("m", 1, [d]))'),
        ('Format([n], "0." & String(2, "0"))', 'Format([n], "0.00")'),
        ('Format([d], "yyyy" + Chr(45) + "mm")', 'Format([d], "yyyy-mm")'),
        ("Round([x], IIf([b], 0, 2))", "IIf([b], Round([x], 0), Round([x], 2))"),
    ],
)  # fmt: skip
def test_a_choice_of_what_must_be_known_becomes_a_choice_of_calls(expression: str, same: str) -> None:
    assert translated(expression) == translated(same)


NULLED = {
    '"a"': (
        "Left({}, 1)", "Right({}, 1)", "Mid({}, 1)", "Len({})", "UCase({})", "Trim({})", 'InStr({}, "a")',
        'InStrRev({}, "a")', 'Replace({}, "a", "b", 1, 2)', 'Replace({}, "a", "b", 2)', 'StrComp({}, "a")', "AscW({})",
        "StrReverse({})", "StrConv({}, 1)", "Asc({})", "LenB({})", "String(2, {})", "Val({})", "HyperlinkPart({}, 0)",
        "CBool({})", "CDbl({})", '{} + "a"', "CStr({})",
    ),
    "1": (
        "Space({})", 'String({}, "a")', "Abs({})", "Int({})", "Fix({})", "Round({}, 1)", "Sgn({})", "Sqr({})",
        "Log({})", "Hex({})", "Oct({})", "RGB({}, 1, 1)", "WeekdayName({})", "MonthName({})", "DateSerial({}, 1, 1)",
        "TimeSerial({}, 1, 1)", "CInt({})", "CCur({})", "Str({})", "Pmt({}, 2, 3)", "IPmt({}, 1, 2, 3)",
        "NPer({}, 1, 2)", "DDB({}, 1, 2, 1)", "SLN(1, {}, 2)", "Choose({}, 1, 2)", "Partition({}, 0, 9, 1)",
        "{} ^ 2", "2 ^ {}", "1 + {}", "#2024-01-31# - {}", "Chr({})", 'Left("a", {})',
        "CDate({})",
    ),
    "#2024-01-31#": (
        "Year({})", 'DateAdd("d", 1, {})', 'DateDiff("ww", {}, #2024-01-31#)', 'DatePart("ww", {})', "Weekday({})",
        "DateValue({})", "TimeValue({})", "{} - #2024-01-31#", "{} + 1", "CDbl({})",
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", [c for calls in NULLED.values() for c in calls if "(" in c])
def test_null_that_is_written_out_has_a_type_where_it_meets_a_function(call: str) -> None:
    """SQL Server refuses an untyped NULL as the argument of most functions."""
    sql = translated(call.format("Null")).replace("IS NULL", "").replace("IS NOT NULL", "")
    assert not re.search(r"\w\((?:[^()]*, )?NULL[,)]", re.sub(r"CONVERT\([^()]*(?:\([^()]*\))?, NULL\)", "", sql))


@pytest.mark.server
@pytest.mark.parametrize("call", ["FormatNumber(Null)", "FormatDateTime(Null, 2)"])
def test_null_is_shown_as_empty_text_as_measured_of_access(call: str, session: ServerSession) -> None:
    assert session.query(f"SELECT {translated(call)}") == [("",)]


@pytest.mark.server
@pytest.mark.parametrize("known", NULLED)
def test_null_goes_through_on_a_server(known: str, session: ServerSession) -> None:
    for nothing in ("Null", f'IIf(2 < Len(Trim("a")), {known}, Null)'):
        listed = ", ".join(translated(call.format(nothing)) for call in NULLED[known])
        found = dict(zip(NULLED[known], session.query(f"SELECT {listed}")[0], strict=True))
        assert {c: v for c, v in found.items() if v is not None} == {}


def test_the_types_of_arguments_are_declared_for_no_more_than_there_are() -> None:
    for function in FUNCTIONS.values():
        assert len(function.takes) <= function.most, function.name
        assert set(function.takes) <= set("tnidb*"), function.name
    between = find("InStr")
    assert between
    assert [between.kind(n, 2) for n in (0, 1, 2)] == ["t", "t", "i"]
    assert [between.kind(n, 3) for n in (0, 1, 2)] == ["i", "t", "t"]


def test_first_and_last_are_told() -> None:
    scope = Columns({"t": ColumnType.TEXT})
    translate_value(parse_expression("First([t])"), scope)
    assert scope.told == [3521]


def test_a_date_reads_the_same_whatever_the_language_of_the_session() -> None:
    for sample in SAMPLES:
        sql = translated(sample.expression)
        assert "DATENAME" not in sql
        assert "weekday" not in sql.casefold().replace("weekday(", "")
        assert "DATEPART(week," not in sql


if __name__ == "__main__":
    rows = [f"{e}\t{translated(e)}\n" for e in dict.fromkeys([*(s.expression for s in SAMPLES), *OF_COLUMNS])]
    GOLDEN.write_text("".join(rows), encoding="utf-8")
