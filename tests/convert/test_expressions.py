"""Operators: what they become, what a server makes of them, and that nothing but the own error comes out."""

from __future__ import annotations

import math
import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import counting
from tests.convert.scopes import Columns
from wizard.convert.dialect import parse_expression
from wizard.convert.expressions import LONGEST, translate_condition, translate_value
from wizard.convert.tree import bare
from wizard.definitions import ColumnType
from wizard.messages import ConversionError
from wizard.sqlserver.connection import ServerSession

TYPES = {
    "n": ColumnType.LONG, "i": ColumnType.INTEGER, "y": ColumnType.BYTE, "x": ColumnType.DOUBLE,
    "s": ColumnType.SINGLE, "c": ColumnType.CURRENCY, "t": ColumnType.TEXT, "m": ColumnType.MEMO,
    "d": ColumnType.DATE, "e": ColumnType.DATE, "b": ColumnType.BOOLEAN, "p": ColumnType.DECIMAL,
    "g": ColumnType.BIGINT,
}  # fmt: skip


def value(expression: str) -> str:
    return str(bare(translate_value(parse_expression(expression), Columns(TYPES)).node))


def told(expression: str) -> list[int]:
    scope = Columns(TYPES)
    translate_value(parse_expression(expression), scope)
    return scope.told


@pytest.mark.parametrize(
    ("expression", "numbers"),
    [
        ("[n] + [n]", [3532]),
        ("[n] - [n]", [3532]),
        ("[n] + 1", []),
        ("[n] + [i]", []),
        ("[n] * [n]", []),
        ("[n] + 2147483647", []),
        ("[p] / 3", [3532]),
        ("[c] / 3", []),
        ("DateSerial([n], 1, 1)", [3529]),
        ("DateSerial(Year([d]) + 1, 1, 1)", []),
        ("DateSerial(10000, 1, 1)", [3529]),
    ],
)
def test_what_ends_a_query_or_becomes_null_is_told(expression: str, numbers: list[int]) -> None:
    assert told(expression) == numbers


def condition(expression: str) -> str:
    return str(translate_condition(parse_expression(expression), Columns(TYPES)))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[i] + 1", "CONVERT(int, [i]) + 1"),
        ("[y] - [y]", "CONVERT(int, [y]) - CONVERT(int, [y])"),
        ("[n] * [n]", "CONVERT(bigint, [n]) * [n]"),
        ("[n] + 2147483647", "CONVERT(bigint, [n]) + 2147483647"),
        ("2147483647 + 1", "CONVERT(bigint, 2147483648)"),
        ("40000 * (40000 * 40000) & 'x'", "N'64000000000000x'"),
        ("10000000 * 100000000 & 'x'", "N'1E+15x'"),
        ("[n] + 1", "[n] + 1"),
        ("DateSerial(-1, 1, 1)", "CONVERT(datetime2(0), NULL)"),
        ("DateSerial(9999, 12, 32)", "CONVERT(datetime2(0), NULL)"),
        ("TimeSerial(0, 0, 40000)", "CONVERT(datetime2(0), NULL)"),
        ("DateSerial([n], 1, 1)", "DATEADD(day, 1 - 1, DATEADD(month, 1 - 1, DATETIME2FROMPARTS(CASE WHEN [n] BETWEEN 0 AND 49 THEN [n] + 2000 WHEN [n] BETWEEN 50 AND 99 THEN [n] + 1900 WHEN [n] BETWEEN 100 AND 9999 THEN [n] END, 1, 1, 0, 0, 0, 0, 0)))"),  # noqa: E501
        ("DateSerial(Year([d]) - 1, 1, 1)", "DATEADD(day, 1 - 1, DATEADD(month, 1 - 1, DATETIME2FROMPARTS(CASE WHEN (YEAR([d]) - 1) BETWEEN 100 AND 9999 THEN (YEAR([d]) - 1) END, 1, 1, 0, 0, 0, 0, 0)))"),  # noqa: E501
        ("[c] * [i]", "[c] * [i]"),
        ("[c] * [s]", "CONVERT(float, [c]) * CONVERT(float, [s])"),
        ("[c] + [x]", "CONVERT(money, (FLOOR((([c] + [x]) * 10000) + 0.5) - CASE WHEN (([c] + [x]) * 10000) / 2.0 - FLOOR((([c] + [x]) * 10000) / 2.0) = 0.25 THEN 1 ELSE 0 END) / 10000)"),  # noqa: E501
        ("2 * [n]", "2 * CONVERT(bigint, [n])"),
        ("[n] * [n] * [n]", "CONVERT(float, (CONVERT(bigint, [n]) * [n])) * [n]"),
        ("[g] * 2 * [n]", "([g] * 2) * [n]"),
        ("1 - [s]", "1 - CONVERT(float, [s])"),
        ("[i] / 2", "CONVERT(float, [i]) / 2"),
        ("[x] \\ 2", "TRY_CONVERT(int, (FLOOR([x] + 0.5) - CASE WHEN [x] / 2.0 - FLOOR([x] / 2.0) = 0.25 THEN 1 ELSE 0 END)) / 2"),  # noqa: E501
        ("[n] Mod 7", "[n] % 7"),
        ("[n] / [i]", "CONVERT(float, [n]) / NULLIF([i], 0)"),
        ("[x] ^ 2", "POWER([x], 2)"),
        ("[x] ^ 0.5", "CASE WHEN [x] >= 0 THEN POWER([x], 0.5E0) END"),
        ("2 ^ [x]", "POWER(CONVERT(float, 2), [x])"),
        ("[n] ^ [i]", "CASE WHEN ([n] <> 0 OR [i] >= 0) THEN POWER(CONVERT(float, [n]), [i]) END"),
        ("-[y]", "-CONVERT(int, [y])"),
        ("[b] + 1", "CONVERT(int, (-1 * [b])) + 1"),
        ("True + 1", "-1 + 1"),
        ("[d] + 1", "DATEADD(day, 1, [d])"),
        ("[d] - 1", "DATEADD(day, -1, [d])"),
        ("[d] - [e]", "DATEDIFF_BIG(millisecond, [e], [d]) / 86400000.0E0"),
        ("[t] & [n]", "CASE WHEN COALESCE([t], CONVERT(nvarchar(20), [n])) IS NOT NULL THEN CONCAT([t], CONVERT(nvarchar(20), [n])) END"),  # noqa: E501
        ('[t] & ", " & [m]', "CONCAT([t], N', ', [m])"),
        ('[t] & (", " & ([m] & "."))', "CONCAT([t], N', ', [m], N'.')"),
        ("[t] + [m]", "[t] + [m]"),
        ("[n] BAND 4", "[n] & 4"),
        ("[n] And 4", "CASE WHEN (([n] <> 0) AND (1 = 1)) THEN CONVERT(bit, 1) WHEN (NOT (([n] <> 0) AND (1 = 1))) THEN CONVERT(bit, 0) END"),  # noqa: E501
        ("Not [n]", "CASE WHEN ([n] = 0) THEN CONVERT(bit, 1) WHEN ([n] <> 0) THEN CONVERT(bit, 0) END"),
        ("[n] > 1", "CASE WHEN ([n] > 1) THEN CONVERT(bit, 1) WHEN ([n] <= 1) THEN CONVERT(bit, 0) END"),
        ("[n] Is Null", "CASE WHEN ([n] IS NULL) THEN CONVERT(bit, 1) ELSE CONVERT(bit, 0) END"),
        ("IIf([b], [n], [t])", "CASE WHEN ([b] = 1) THEN CONVERT(nvarchar(20), [n]) ELSE [t] END"),
        ("#1/2/2024 3:04:05 PM#", "CONVERT(datetime2(0), '2024-01-02T15:04:05', 126)"),
        ("&HFF", "255"),
        ("1.5", "1.5E0"),
    ],
)  # fmt: skip
def test_an_operator_means_the_same(expression: str, expected: str) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[b]", "[b] = 1"),
        ("Not [b]", "[b] = 0"),
        ("[b] = True", "[b] = 1"),
        ("[b] = -1", "[b] = 1"),
        ("[b] <> No", "[b] <> 0"),
        ("[n]", "[n] <> 0"),
        ("([n] > 1) = False", "[n] <= 1"),
        ("[n] Between 9 And 1", "[n] BETWEEN 1 AND 9"),
        ("[n] Between [i] And 9", "[n] BETWEEN [i] AND 9 OR [n] BETWEEN 9 AND [i]"),
        ("[n] Not In (1, 2)", "[n] NOT IN (1, 2)"),
        ("[n] In (SELECT a FROM b)", "[n] IN (SELECT [ID] FROM [dbo].[T])"),
        ("[n] > All (SELECT a FROM b)", "[n] > ALL (SELECT [ID] FROM [dbo].[T])"),
        ("Exists (SELECT a FROM b)", "EXISTS (SELECT [ID] FROM [dbo].[T])"),
        ('[n] = "5"', "[n] = 5"),
        ("[c] = 19.99", "[c] = 19.99"),
        ("IsNull([t]) = True", "[t] IS NULL"),
        ("Not IsNull([t])", "[t] IS NOT NULL"),
        ("IsNull([t]) = 0", "[t] IS NOT NULL"),
        ("[x] = 19.99", "[x] = 19.99E0"),
        ("IIf([b], Null, Null) Is Null", "NULL IS NULL"),
        ('[d] = "2/29/2024"', "[d] = CONVERT(datetime2(0), '20240229', 112)"),
        ("[d] > 45000", "[d] > DATEADD(day, 45000, CONVERT(datetime2(0), '18991230', 112))"),
        ('[n] Like "1*"', "CONVERT(nvarchar(20), [n]) LIKE N'1%'"),
        ("[t] Like [m]", "[t] LIKE REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE([m], N'%', N'[%]'), N'_', N'[_]'), N'#', N'[0-9]'), N'*', N'%'), N'?', N'_'), N'[!', N'[^')"),  # noqa: E501
        ("[b] Xor [n] > 1", "(([b] = 1) AND NOT ([n] > 1)) OR (NOT ([b] = 1) AND ([n] > 1))"),
        ("[b] Imp [n] > 1", "(NOT ([b] = 1)) OR ([n] > 1)"),
        ("True", "1 = 1"),
    ],
)  # fmt: skip
def test_a_condition_means_the_same(expression: str, expected: str) -> None:
    assert condition(expression) == expected


VALUES = [
    ("1 / 3", 1 / 3), ("7 \\ 2", 3), ("-7 \\ 2", -3), ("2.5 \\ 1", 2), ("3.5 \\ 1", 4), ("-7 Mod 3", -1),
    ("7.5 Mod 3", 2), ("2 ^ 0.5", 2**0.5), ("Int(-4.5) ^ 0.5", None),
    ("Int(-2.5) ^ 2", 9.0), ("Int(0.5) ^ -1", None), ("Int(-2.5) ^ Int(2.5)", 9.0), ("Int(0.5) ^ Int(0.5)", 1.0),
    ("True + True", -2), ("-True", 1), ("250 + 250", 500),
    ('"a" & Null', "a"), ('"a" + Null', None), ("Null & Null", None), ('1 & "a"', "1a"), ("0.1 & Null", "0.1"),
    ('CCur(2.5) & ""', "2.5"),
    ('CCur(100) & ""', "100"), ('CDec(-0.25) & ""', "-0.25"), ('#1/31/2024 14:05:09# & ""', "1/31/2024 2:05:09 PM"),
    ('#1/31/2024# & ""', "1/31/2024"), ('True & ""', "-1"),
    ("5 Between 9 And 1", True), ("Null = Null", None), ("Not Null", None), ("Null Or True", True),
    ("Null And False", False), ("Null Imp Null", None), ("True Imp False", False), ("True Eqv False", False),
    ("True Xor False", True), ("4 And 3", True), ("6 Or 0", True), ("6 Xor 3", False), ("Not 5", False),
    ('"Abc" = "aBC"', True),
    ('"ab" Like "A?"', True), ('"a1" Like "?#"', True), ('"[x" Like "[[]*"', True), ('"b" Like "[!a-c]"', False),
    ('"50%" Like "*%"', True), ('"50" Like "*%"', False), ("#1/3/2024# - #1/1/2024#", 2.0),
    ("Day(#1/31/2024# + 1)", 1), ("Hour(#1/31/2024# + 0.25)", 6), ("#1/1/2024# > 45000", True),
    ("1 = True", True), ("-1 = True", True), ("Round(0.5001 * CCur(1), 0)", 1), ("CCur(2.5) * 3", 7.5),
    ("#12/29/1899 6:00# * 1", -1.25), ("1 / 0", None), ("5 Mod 0", None), ('"3" + 4', 7.0),
    ("IIf(Null = 1, 1, 2)", 2), ("3 In (1, Null)", None), ("3 In (3, Null)", True), ("&HFFFF", -1),
]  # fmt: skip


@pytest.mark.server
@pytest.mark.parametrize(("expression", "expected"), VALUES)
def test_a_server_gives_what_access_gives(expression: str, expected: object, session: ServerSession) -> None:
    found = session.query(f"SELECT {value(expression)}")[0][0]
    if isinstance(expected, float):
        assert math.isclose(float(found), expected)
    else:
        assert found == expected


def truth(random: Random, depth: int) -> tuple[str, bool | None]:
    """A random condition of Access, and its value in three-valued logic."""
    if depth == 0:
        found = random.choice([True, False, None])
        shown = {
            True: ["True", "2 > 1", "-1", "IsNull(Null)"],
            False: ["False", "2 < 1", "0"],
            None: ["Null", "Null > 1"],
        }
        return random.choice(shown[found]), found
    if random.random() < 0.2:
        text, p = truth(random, depth - 1)
        return f"Not ({text})", None if p is None else not p
    (left, p), (right, q) = truth(random, depth - 1), truth(random, depth - 1)
    operator = random.choice(["And", "Or", "Xor", "Eqv", "Imp"])
    unknown = p is None or q is None
    values: dict[str, bool | None] = {
        "And": False if p is False or q is False else None if unknown else True,
        "Or": True if p is True or q is True else None if unknown else False,
        "Xor": None if unknown else p is not q,
        "Eqv": None if unknown else p is q,
        "Imp": True if p is False or q is True else None if unknown else False,
    }
    return f"(({left}) {operator} ({right}))", values[operator]


@pytest.mark.server
def test_logic_keeps_its_three_values(session: ServerSession) -> None:
    random = Random(20)
    made = [truth(random, random.randint(1, 4)) for _ in range(150)]
    logical = [(text, found) for text, found in made if not value(text).startswith("~") and "-1" not in text]
    assert len(logical) > 60
    for start in range(0, len(logical), 5):  # some at once: a stand-in reads long statements slowly
        some = logical[start : start + 5]
        listed = ", ".join(f"CONVERT(int, {value(f'IIf({text}, 1, IIf(Not ({text}), 0, Null))')})" for text, _ in some)
        assert list(session.query(f"SELECT {listed}")[0]) == [None if f is None else int(f) for _, f in some]


atoms = st.sampled_from(
    ["[n]", "[i]", "[y]", "[x]", "[s]", "[c]", "[t]", "[m]", "[d]", "[b]", "[p]", "1", "2.5", "-3", '"it\'s"', '"5"',
     "#1/2/2024#", "True", "Null", "&HFF", '"]"', "Date()", "[gone]"]
)  # fmt: skip
operators = st.sampled_from(
    ["+", "-", "*", "/", "\\", "Mod", "^", "&", "=", "<>", "<", ">=", "Like", "And", "Or", "Xor", "Eqv", "Imp"]
)
calls = st.sampled_from(
    ["Not ({})", "-({})", "IIf({}, 1, [t])", "Nz({})", "Left({}, 2)", "Round({}, 1)", "Format({}, \"0.0\")", "CInt({})",
     "({}) Is Null", "({}) Between 1 And 5", "({}) In (1, 2)", "IsNumeric({})", "CDate({})", "CStr({})", "Len({})",
     "DateAdd(\"d\", {}, [d])", "Int({})", "Val({})", "Unknown({})",
     "Replace({}, \"a\", \"b\", 1, 3)", "Format({}, \"@@-@@\")", "Format({}, IIf([b], \"0.0#\", \"yyyy\"))", "Sqr({})",
     "Hex({})", "IPmt({}, 1, 2, 3)", "HyperlinkPart({}, 2)", "Space({})", "({}) ^ 0.5", "InStrRev([t], {})"]
)  # fmt: skip
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, operators, inner), st.builds(str.format, calls, inner)
    ),
    max_leaves=8,
)


def outside_texts(sql: str) -> str:
    left, at = "", 0
    while at < len(sql):
        if sql[at] in "'[":
            close = {"'": "'", "[": "]"}[sql[at]]
            at = sql.index(close, at + 1)
            while sql[at : at + 2] == close * 2:
                at = sql.index(close, at + 2)
        else:
            left += sql[at]
        at += 1
    return left


@given(expressions)
@settings(deadline=None)
def test_an_expression_becomes_sql_with_closed_quotes_and_parentheses_or_is_refused(expression: str) -> None:
    for translate in (value, condition):
        try:
            sql = translate(expression)
        except ConversionError:
            continue
        left = outside_texts(sql)
        assert left.count("(") == left.count(")")
        assert "--" not in left
        assert "/*" not in left


@given(
    st.sampled_from(["[n]", "[x]", "[c]", "[t]", "[m]", "[d]", "[b]", "[p]", "5", "2.5", '"a"', "#1/2/2024#", "Null"]),
    st.text("0#.,%;Ee+-$() @&<>!dmyhnsqwcAPap/t:\\'\"xé", max_size=14),
)
def test_any_picture_becomes_sql_with_closed_quotes_and_parentheses_or_is_refused(operand: str, picture: str) -> None:
    quoted = picture.replace('"', '""')
    try:
        sql = value(f'Format({operand}, "{quoted}")')
    except ConversionError as e:
        assert e.message.number in (3501, 3505)  # noqa: PT017  # that it is one of these is what is tested
        return
    left = outside_texts(sql)
    assert left.count("(") == left.count(")")
    assert left.count("CASE") == left.count("END")


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_the_own_error(text: str) -> None:
    try:
        value(text)
    except ConversionError as e:
        assert e.message.number  # noqa: PT017  # that it is one is what is tested


def test_operands_that_must_be_repeated_do_not_fill_the_memory() -> None:
    expression = "[x]"
    for _ in range(40):
        expression = f"Round({expression})"
    with pytest.raises(ConversionError, match="3501"):
        value(expression)


def test_a_chain_of_choices_is_one_case() -> None:
    chain = "[t]"
    for number in range(40):
        inner = f"({chain})" if number % 2 else chain
        chain = f'IIf([n] = {number}, "{number}", {inner})'
    sql = value(chain)
    assert (sql.count("CASE"), sql.count("WHEN"), sql.count("ELSE")) == (1, 40, 1)
    assert sql.startswith("CASE WHEN ([n] = 39) THEN N'39' WHEN ([n] = 38)")


def in_first_branches(depth: int) -> str:
    return f"IIf([n] = {depth}, {in_first_branches(depth - 1)}, {depth})" if depth else "0"


def test_choices_in_first_branches_stay_there_as_long_as_the_server_takes_them() -> None:
    assert value(in_first_branches(2)) == "CASE WHEN ([n] = 2) THEN CASE WHEN ([n] = 1) THEN 0 ELSE 1 END ELSE 2 END"
    deep = value(in_first_branches(60))
    assert deep.startswith("CASE WHEN (CASE WHEN ([n] = 60) THEN 0 ELSE 1 END = 1) THEN 60 WHEN (CASE WHEN ([n] = 59)")
    with pytest.raises(ConversionError, match="3533"):
        value("IIf([b], 1 + (" * 11 + "1" + "), 2)" * 11)
    with pytest.raises(ConversionError, match="3533"):
        condition("IIf([b], 1 + (" * 11 + "1" + "), 2)" * 11 + " > 5")
    assert value('"CASE CASE CASE CASE CASE CASE CASE CASE CASE CASE CASE CASE" & [t]')


@pytest.mark.server
def test_deep_choices_choose_what_access_chooses(session: ServerSession) -> None:
    random = Random(7)

    def made(depth: int) -> tuple[str, int]:
        """A choice of choices, and what it chooses."""
        if not depth:
            number = random.randint(0, 99)
            return str(number), number
        text, truth = random.choice([("2 > 1", True), ("Null", False), ('Len("ab") = 2', True), ("1 = 2", False)])
        (left, a), (right, b) = made(depth - 1), (str(depth), depth)
        if random.random() < 0.2:
            return f"IIf({text}, {right}, {left})", b if truth else a
        return f"IIf({text}, {left}, ({right}))", a if truth else b

    cases = [made(20) for _ in range(20)]
    found = session.query(f"SELECT {', '.join(value(text) for text, _ in cases)}")[0]
    assert list(found) == [number for _, number in cases]


def test_a_long_expression_takes_time_in_proportion() -> None:
    def work(terms: int) -> int:
        tree = parse_expression(" And ".join(f"[n] <> {i}" for i in range(terms)))
        made = list[str]()
        count = counting.calls(lambda: made.append(str(translate_condition(tree, Columns(TYPES)))))
        assert len(made[0]) < LONGEST
        return count

    work(100)
    assert work(4000) < 5 * work(1000)


def parts_of(sql: str) -> list[list[str]]:
    """The arguments of each CONCAT, an inner one being one argument of the outer."""
    found: list[list[str]] = []
    while call := re.search(r"CONCAT\(([^()]*)\)", sql):
        found.append(call[1].split(", "))
        sql = sql[: call.start()] + "inner" + sql[call.end() :]
    return found


@pytest.mark.parametrize("count", [2, 100, 101, 200, 201, 1000, 10100])
def test_a_chain_of_any_length_is_joined_by_calls_of_at_most_100(count: int) -> None:
    chain = " & ".join(f"[c{number}]" for number in range(count))
    columns = Columns({f"c{number}": ColumnType.TEXT for number in range(count)}, nullable=False)
    sql = str(translate_value(parse_expression(chain), columns).node)
    calls = parts_of(re.sub(r"CONVERT\(nvarchar\(max\), (\S+)\)", r"\1", sql))
    assert all(2 <= len(call) <= 100 for call in calls)
    flat = [name for call in calls for name in call if name != "inner"]
    assert sorted(flat, key=lambda name: int(name[2:-1])) == [f"[c{number}]" for number in range(count)]


def test_every_inner_part_of_a_long_text_is_told_to_be_long() -> None:
    """CONCAT cuts at 4,000 characters where none of its own arguments is longer."""
    chain = " & ".join(f"[c{number}]" for number in range(600))
    columns = Columns({f"c{number}": ColumnType.TEXT for number in range(600)}, nullable=False)
    assert str(translate_value(parse_expression(chain), columns).node).count("CONCAT(CONVERT(nvarchar(max), ") == 6


@pytest.mark.server
@pytest.mark.parametrize("count", [100, 101, 260, 1000])
def test_a_server_joins_as_many_parts_as_there_are(count: int, session: ServerSession) -> None:
    """Each part is of 50 characters, so that a result cut at 4,000 would show."""
    parts = [f"{number:050}" for number in range(count)]
    chain = " & ".join(f'Trim("{part}")' for part in parts)
    assert session.query(f"SELECT {value(chain)}")[0][0] == "".join(parts)


def test_texts_that_are_written_out_are_joined_at_once() -> None:
    assert value('"a" & "b" & [t] & "c" & "d"') == "CONCAT(N'ab', [t], N'cd')"
    assert value('"a" + "b" & 1 & Null') == "CONCAT(N'ab1', CONVERT(nvarchar(max), NULL))"
