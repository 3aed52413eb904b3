"""Access SQL is read as Access reads it, and written back to the same tree."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlglot import exp, parse_one

from wizard.convert.dialect import Access, nodes, parse_expression, parse_query, parse_rule, to_access
from wizard.messages import ConversionError

EXPRESSIONS = {
    # precedence: each pair means the same
    "-2^2": "(-2) ^ 2",
    "2^-1": "2 ^ -1",
    "a * b \\ c": "(a * b) \\ c",
    "a \\ b Mod c": "(a \\ b) Mod c",
    "a Mod b + c": "(a Mod b) + c",
    "a & b + c": "a & (b + c)",
    "a & b = c": "(a & b) = c",
    "Not a = b And c": "(Not (a = b)) And c",
    "a Or b And c": "a Or (b And c)",
    "a Xor b Or c": "a Xor (b Or c)",
    "a Eqv b Xor c": "a Eqv (b Xor c)",
    "a Imp b Eqv c": "a Imp (b Eqv c)",
    "a - b - c": "(a - b) - c",
    "a Between 1 And 2 And b": "(a Between 1 And 2) And b",
    "a Like b & c": "a Like (b & c)",
    "2 ^ 3 ^ 2": "(2 ^ 3) ^ 2",
}

WRITTEN = {
    "[Forms]![F]![C]": "[Forms]![F]![C]",
    "Forms!F!C.Value": "[Forms]![F]![C].[Value]",
    "[T]![C]": "T.C",
    "`a b`.`c d`": "[a b].[c d]",
    "'it''s'": '"it\'s"',
    '"say ""hi"""': '"say ""hi"""',
    "#2024-01-31#": "#1/31/2024#",
    "#31/1/2024#": "#1/31/2024#",
    "#1/2/24#": "#1/2/2024#",
    "#1/2/50#": "#1/2/1950#",
    "#31 Jan 2024 1:05 pm#": "#1/31/2024 1:05:00 PM#",
    "#January 31, 2024#": "#1/31/2024#",
    "#13:30#": "#1:30:00 PM#",
    "#2 PM#": "#2:00:00 PM#",
    "#12:00 AM#": "#12:00:00 AM#",
    "&hff": "&HFF",
    "&O17": "&O17",
    "1e5": "1E5",
    ".5": ".5",
    "x Is Not Null": "x Is Not Null",
    "x Not Like 'a*'": 'x Not Like "a*"',
    "x ALike 'a%'": 'x ALike "a%"',
    "x Not In (1, 2)": "x Not In (1, 2)",
    "Not x In (1)": "x Not In (1)",
    "a = Yes Or b = Off": "a = True Or b = False",
    "- Not (a) Between b And c": "-Not (a) Between b And c",
    "a + Not b Like c": "a + Not b Like c",
    "a Not Like b = c": "a Not Like b = c",
    "a => b": "a >= b",
    "a >< b": "a <> b",
    "f(1,,2)": "f(1, , 2)",
    "Count(*)": "Count(*)",
    "Left$(a, 1)": "Left$(a, 1)",
    "VBA.Left(a, 1)": "VBA.Left(a, 1)",
    "t.Order": "t.[Order]",
    "Products.Tags.Value": "Products.Tags.Value",
    "{guid {12345678-abcd-1234-1234-123456789012}}": "{guid {12345678-ABCD-1234-1234-123456789012}}",
    "Exists (SELECT a FROM t)": "Exists (SELECT a FROM t)",
    "a > All (SELECT b FROM t)": "a > All (SELECT b FROM t)",
    "=Date()": "Date()",
    "{12345678-abcd-1234-1234-123456789012}": "{guid {12345678-ABCD-1234-1234-123456789012}}",
    "a BAND 1 = 1": "a BAnd 1 = 1",
    "a bor b bxor BNOT c": "a BOr b BXor BNot c",
    "BNot": "BNot",
    "Count(A.*)": "Count(*)",
    "t.2ndName": "t.[2ndName]",
    "[t].3": "t.[3]",
    "420_LEN + 1": "[420_LEN] + 1",
    "1E5x": "[1E5x]",
    "1AND 2": "1 And 2",
    "1E-5": "1E-5",
    "2.5MOD 2": "2.5 Mod 2",
}

STATEMENTS = [
    "SELECT * FROM t",
    "SELECT DISTINCT TOP 5 PERCENT a, b AS [x y] FROM t ORDER BY a DESC, b",
    "SELECT DISTINCTROW t.* FROM t",
    "SELECT a FROM (t INNER JOIN u ON t.a = u.a) LEFT JOIN v ON (u.b = v.b) And (u.c = v.c)",
    "SELECT a FROM t INNER JOIN (u RIGHT JOIN v ON u.b = v.b) ON t.a = u.a",
    "SELECT a FROM x, t INNER JOIN u ON t.a = u.a, y AS z",
    "SELECT q.a FROM (SELECT a FROM t WHERE a > 1) AS q",
    'SELECT a FROM t IN "C:\\data\\other.mdb"',
    "SELECT a FROM t IN [ODBC;DSN=x;]",
    "SELECT a, Sum(b) AS s FROM t WHERE c Is Null GROUP BY a HAVING Sum(b) > 3 ORDER BY a",
    "SELECT a INTO u FROM t",
    'SELECT a INTO u IN "other.mdb" FROM t',
    "SELECT a FROM t UNION ALL SELECT b FROM u UNION SELECT c FROM v ORDER BY a",
    "SELECT a FROM t UNION (SELECT b FROM u UNION ALL SELECT c FROM v)",
    "TABLE t UNION ALL SELECT * FROM u",
    "SELECT a FROM t UNION ALL q1",
    "q1 UNION q2 UNION ALL SELECT a FROM t ORDER BY a",
    "ALTER TABLE t ADD COLUMN a TEXT(10), b LONG",
    "ALTER TABLE t DROP COLUMN a, b",
    "ALTER TABLE t ALTER COLUMN a SET DEFAULT 5",
    "ALTER TABLE t ALTER COLUMN a DROP DEFAULT",
    "PARAMETERS [Which one] TEXT(50), [Forms]![F]![C] DATETIME; SELECT a FROM t WHERE b = [Which one]",
    "TRANSFORM Sum(a) AS s SELECT b FROM t GROUP BY b PIVOT c",
    'TRANSFORM Sum(a) SELECT b FROM t GROUP BY b PIVOT c IN ("x", "y")',
    "UPDATE t INNER JOIN u ON t.a = u.a SET t.b = u.b, t.c = 1 WHERE u.d = True",
    "DELETE t.* FROM t INNER JOIN u ON t.a = u.a WHERE u.d < #1/1/2000#",
    "DELETE FROM t",
    "INSERT INTO t (a, [b c]) VALUES (1, Null)",
    "INSERT INTO t SELECT * FROM u",
    "SELECT a FROM t WITH OWNERACCESS OPTION",
    "CREATE TABLE t (ID COUNTER(1,1) PRIMARY KEY, Name TEXT(50) NOT NULL, Price CURRENCY DEFAULT 0, Memo LONGTEXT)",
    "CREATE TABLE t (a LONG CONSTRAINT fk REFERENCES u (b) ON DELETE CASCADE, CONSTRAINT pk PRIMARY KEY (a, b))",
    "CREATE UNIQUE INDEX i ON t (a, b DESC) WITH DISALLOW NULL",
    "ALTER TABLE t ADD COLUMN a TEXT(10)",
    "ALTER TABLE t ALTER COLUMN a LONG",
    "ALTER TABLE t DROP COLUMN a",
    "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (b)",
    "ALTER TABLE t DROP CONSTRAINT c",
    "DROP TABLE t",
    "DROP INDEX i ON t",
    "CREATE VIEW v AS SELECT a FROM t",
    "CREATE PROCEDURE p ([x] LONG) AS DELETE FROM t WHERE a = x",
]

SAME = {
    "SELECT a FROM [SELECT [b c].a FROM [b c];]. AS q;": "SELECT a FROM (SELECT [b c].a FROM [b c]) AS q",
    "SELECT a FROM [SELECT b FROM c]. AS q WHERE a = 1": "SELECT a FROM (SELECT b FROM c) AS q WHERE a = 1",
    "SELECT [Select a customer:] FROM t": "SELECT [Select a customer:] FROM t",
    "PARAMETERS Which Customer Text, n Long; SELECT a\nFROM t;;": "PARAMETERS [Which Customer] TEXT, [n] LONG; "
    "SELECT a FROM t",
    "select a from t -- the end": "SELECT a FROM t",
    "SELECT /* all of\nit */ a FROM t": "SELECT a FROM t",
    "SELECT a FROM t c LEFT OUTER JOIN u ON c.a=u.a": "SELECT a FROM t AS c LEFT JOIN u ON c.a = u.a",
    "SELECT a FROM t INNER JOIN u INNER JOIN v ON u.b=v.b ON t.a=u.a": "SELECT a FROM t INNER JOIN "
    "(u INNER JOIN v ON u.b = v.b) ON t.a = u.a",
    "CREATE TABLE t (a CHAR)\x00": "CREATE TABLE t (a CHAR)",
    "SELECT a FROM t;\nUNION SELECT a FROM u;": "SELECT a FROM t UNION SELECT a FROM u",
    "SELECT a AS 420_LEN FROM 101_List": "SELECT a AS [420_LEN] FROM [101_List]",
    "SELECT TOP 5PERCENT a FROM t": "SELECT TOP 5 PERCENT a FROM t",
}

RULES = {
    ">0": "c > 0",
    "Between 1 And 5 Or Is Null": "c Between 1 And 5 Or c Is Null",
    'Like "A*"': 'c Like "A*"',
    "Not Like 'x?'": 'c Not Like "x?"',
    "In (1, 2)": "c In (1, 2)",
    '"M" Or "F"': 'c = "M" Or c = "F"',
    "Is Not Null": "c Is Not Null",
    "Not Null": "c Is Not Null",
    "<>0 And <=Date()": "c <> 0 And c <= Date()",
    "[other]>[c]": "other > c",
    "Len([c])>3": "Len(c) > 3",
}

ERRORS = {
    "SELECT a FORM t": (3001, 1, 10),
    "SELECT a\nFROM t\nWHERE": (3002, 3, 6),
    "SELECT a FROM t WHERE b = 'x": (3003, 1, 27),
    "SELECT [a FROM t": (3003, 1, 8),
    "SELECT #2024-02-30# FROM t": (3004, 1, 8),
    "SELECT [ ] FROM t": (3005, 1, 8),
    "SELECT a ? b FROM t": (3006, 1, 10),
    "SELECT a FROM t INNER JOIN u": (3002, 1, 29),
    "SELECT a b FROM t": (3001, 1, 10),
    "GRANT SELECT ON t TO u": (3008, 1, 1),
    "SELECT @@IDENTITY": (3009, 1, 8),
    "SELECT a, FROM t": (3001, 1, 11),
    "SELECT (a FROM t": (3001, 1, 11),
    "": (3002, 1, 1),
}


@pytest.mark.parametrize(("text", "meaning"), EXPRESSIONS.items())
def test_operators_bind_as_in_access(text: str, meaning: str) -> None:
    tree = parse_expression(meaning)
    while paren := tree.find(exp.Paren):
        paren.replace(paren.this)
    assert parse_expression(text) == tree


@pytest.mark.parametrize(("text", "written"), WRITTEN.items())
def test_expressions_are_written_back(text: str, written: str) -> None:
    assert to_access(parse_expression(text)) == written
    assert parse_expression(written) == parse_expression(text)


@pytest.mark.parametrize("text", STATEMENTS)
def test_statements_are_written_back_as_they_were(text: str) -> None:
    tree = parse_query(text)
    assert to_access(tree) == text
    assert parse_query(to_access(tree)) == tree


@pytest.mark.parametrize(("text", "written"), SAME.items())
def test_other_spellings_of_statements(text: str, written: str) -> None:
    assert to_access(parse_query(text)) == written


@pytest.mark.parametrize(("text", "written"), RULES.items())
def test_a_rule_may_leave_its_column_out(text: str, written: str) -> None:
    assert to_access(parse_rule(text, "c")) == written


@pytest.mark.parametrize(("text", "expected"), ERRORS.items())
def test_errors_say_where(text: str, expected: tuple[int, int, int]) -> None:
    with pytest.raises(ConversionError) as caught:
        parse_query(text)
    message = caught.value.message
    assert (message.number, message.place.line, message.place.column) == expected


def test_an_error_says_what_was_expected() -> None:
    with pytest.raises(ConversionError, match="Expected JOIN but found “IN”"):
        parse_query("SELECT a FROM t LEFT IN u")


def test_numbers_of_other_bases_are_signed_as_in_vba() -> None:
    values = {"&HFF": 255, "&HFFFF": -1, "&HFFFF&": 65535, "&HFFFFFFFF": -1, "&O17": 15}
    for text, value in values.items():
        node = parse_expression(text)
        assert isinstance(node, nodes.Radix)
        assert node.value == value


def test_a_date_literal_knows_its_moment() -> None:
    node = parse_expression("#1/31/2024 2:05:09 PM#")
    assert isinstance(node, nodes.DateLiteral)
    assert node.moment == datetime(2024, 1, 31, 14, 5, 9)


def test_nodes_know_their_place_in_the_text() -> None:
    tree = parse_query("SELECT a,\n  Foo(b) FROM t")
    call = tree.find(exp.Anonymous)
    assert call is not None
    assert nodes.position(call) == (2, 3)


def test_sqlglot_itself_can_use_the_dialect() -> None:
    tree = parse_one("SELECT [a b] FROM t;", dialect=Access)
    assert tree.sql(dialect=Access) == "SELECT [a b] FROM t"


def test_a_text_longer_than_any_statement_is_refused_unread() -> None:
    """Eight million parentheses would take minutes."""
    with pytest.raises(ConversionError) as refused:
        parse_query("SELECT " + "(" * 8_000_000)
    assert refused.value.message.number == 3010
