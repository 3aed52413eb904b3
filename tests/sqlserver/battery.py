"""Queries and table designs by the thousand, in Access's SQL: every function and operator with every type.

`cases` first gives each pair of type and function, and each pair of types and operator, once; then, without end,
expressions grown from those, each in one of the places where people put them. The same seed gives the same cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Final

from wizard.convert.functions import FUNCTIONS
from wizard.definitions import AutoNumber, Column, ColumnType, Database, Index, IndexColumn, Query, QueryKind, Table

KINDS: Final = {
    "n": ColumnType.LONG, "i": ColumnType.INTEGER, "y": ColumnType.BYTE, "x": ColumnType.DOUBLE,
    "s": ColumnType.SINGLE, "c": ColumnType.CURRENCY, "p": ColumnType.DECIMAL, "t": ColumnType.TEXT,
    "m": ColumnType.MEMO, "d": ColumnType.DATE, "b": ColumnType.BOOLEAN, "g": ColumnType.GUID,
    "z": ColumnType.BINARY, "l": ColumnType.BIGINT,
}  # fmt: skip
"""columns of both tables by name"""
_LITERALS: Final = {
    "n": ("5", "-1", "&HFF", "123456", "2147483647", "0"), "x": ("2.5", "1E5", "-0.125"), "c": ("CCur(3)",),
    "t": ('"ab"', '""', '"5"', '"1/2/2024"'), "d": ("#1/2/2024#", "#12:30:00#", "Date()", "Now()"),
    "b": ("True", "False"), "g": ("{guid {12345678-9ABC-DEF0-1234-56789ABCDEF0}}",), "u": ("Null",),
}  # fmt: skip
_OPERATORS: Final = ("+", "-", "*", "/", "\\", "Mod", "^", "&")
_COMPARISONS: Final = ("=", "<>", "<", ">=")
_AGGREGATES: Final = ("Sum", "Avg", "Min", "Max", "First", "Last", "StDev", "Var", "Count")
_DOMAINS: Final = {
    "dlookup",
    "dcount",
    "dsum",
    "dmin",
    "dmax",
    "davg",
    "dfirst",
    "dlast",
    "dstdev",
    "dstdevp",
    "dvar",
    "dvarp",
}
_SUITABLE: Final = {
    "dateadd": ('"m"', "[n]", "[d]"), "datediff": ('"ww"', "[d]", "[d]"), "datepart": ('"q"', "[d]"),
    "format": ("[n]", '"0.00"'), "strconv": ("[t]", "3"), "choose": ("[n]", "[t]", "[t]"),
}  # fmt: skip
"""arguments that are not any value"""
_WITH_UNIT: Final = frozenset(("dateadd", "datediff", "datepart"))
_OF_TEXT: Final = frozenset(("instr", "instrrev", "replace", "strcomp", "split", "eval"))
BATCH: Final = 120
"""queries in one conversion"""


@dataclass(frozen=True, slots=True)
class Case:
    """A query in Access's SQL, and what kind of pair it stands for."""

    kind: QueryKind
    sql: str
    about: str


def database(cases: Sequence[Case]) -> Database:
    """Two tables of every type, and the cases as saved queries q0, q1 and so on."""
    own = tuple(
        Column(n, k, length=50 if k in (ColumnType.TEXT, ColumnType.BINARY) else 0,
               precision=12 if k is ColumnType.DECIMAL else 0, scale=3 if k is ColumnType.DECIMAL else 0)
        for n, k in KINDS.items()
    )  # fmt: skip
    key = Index("PrimaryKey", (IndexColumn("ID"),), primary=True, unique=True, required=True)
    number = Column("ID", ColumnType.LONG, auto=AutoNumber.INCREMENT)
    tables = (Table("T", (number, *own), (key,)), Table("U", (Column("ID", ColumnType.LONG), *own), (key,)))
    queries = tuple(Query(f"q{n}", c.kind, c.sql) for n, c in enumerate(cases))
    return Database("battery.accdb", "Access 2010", tables=tables, queries=queries)


def cases(seed: int) -> Iterator[Case]:
    """Without end; each pair comes once before anything is grown."""
    random = Random(seed)
    pairs = list(_pairs())
    random.shuffle(pairs)
    for n, (about, expression) in enumerate(pairs):
        yield placed(expression, about, n, random)
    while True:
        about, expression = _grown(random)
        yield placed(expression, about, random.randrange(len(_PLACES)), random)


def _pairs() -> Iterator[tuple[str, str]]:
    """Every function with every type in each of its arguments; every operator with every pair of types."""
    for function in {id(f): f for f in FUNCTIONS.values()}.values():
        if function.aggregate or function.name.casefold() in _DOMAINS:
            continue
        for column in (*KINDS, "u"):
            value = f"[{column}]" if column in KINDS else "Null"
            for place in range(max(1, min(function.most, 3))):
                yield f"{function.name}({column}:{place})", called(function.name, function.least, place, value)
    for aggregate, column in product(_AGGREGATES, (*KINDS, "u")):
        value = f"[{column}]" if column in KINDS else "Null"
        yield f"{aggregate}({column})", f"{aggregate}({value})"
    for operator, a, b in product((*_OPERATORS, *_COMPARISONS), KINDS, KINDS):
        yield f"{a} {operator} {b}", f"[{a}] {operator} [{b}]"
    for operator, a, b in product((*_OPERATORS, *_COMPARISONS), KINDS, _LITERALS):
        for literal in _LITERALS[b]:
            yield f"{a} {operator} {b}", f"[{a}] {operator} {literal}"
    for a, b in product(KINDS, (*KINDS, "u")):
        other = f"[{b}]" if b in KINDS else "Null"
        yield f"IIf {a} {b}", f"IIf([b], [{a}], {other})"
        yield f"Nz {a} {b}", f"Nz([{a}], {other})"
        yield f"Between {a} {b}", f"[{a}] Between {other} And [{a}]"
        yield f"In {a} {b}", f"[{a}] In ({other}, [{a}])"
        yield f"In query {a} {b}", f"[{a}] In (SELECT {other} FROM U)"
        yield f"Switch {a} {b}", f"Switch([n] > 1, [{a}], True, {other})"
    for a, domain in product(KINDS, ("DLookup", "DSum", "DMax", "DCount")):
        yield f"{domain} {a}", f'{domain}("[{a}]", "U", "[ID] = " & [ID])'
        yield f"{domain} of {a}", f'{domain}("[n]", "U", "[t] = \'" & [{a}] & "\'")'


def called(name: str, least: int, place: int, value: str) -> str:
    """The function with the value in one argument, and what suits it in the others."""
    key = name.casefold()
    filling = list(_SUITABLE.get(key, ()))[: max(least, place + 1)]
    filling += ["[t]" if key in _OF_TEXT else "[n]"] * (max(least, place + 1) - len(filling))
    if key not in _WITH_UNIT or place:
        filling[place] = value
    return f"{name}({', '.join(filling)})"


def _grown(random: Random) -> tuple[str, str]:
    """An expression of two or three levels."""
    expression = value(random, random.choice((2, 2, 3)))
    return "grown", expression


def value(random: Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.15:
        if random.random() < 0.75:
            return f"[{random.choice(list(KINDS))}]"
        return random.choice(_LITERALS[random.choice(list(_LITERALS))])
    below = depth - 1
    match random.randrange(6):
        case 0 | 1:
            return f"({value(random, below)} {random.choice(_OPERATORS)} {value(random, below)})"
        case 2:
            return f"IIf({condition(random, below)}, {value(random, below)}, {value(random, below)})"
        case 3:
            return f"Nz({value(random, below)}, {value(random, 0)})"
        case _:
            known = [f for f in FUNCTIONS.values() if not f.aggregate and f.name.casefold() not in _DOMAINS and f.least]
            function = random.choice(known)
            return called(function.name, function.least, random.randrange(function.least), value(random, below))


def condition(random: Random, depth: int) -> str:
    a, b = value(random, depth), value(random, depth)
    return random.choice((
        f"{a} {random.choice(_COMPARISONS)} {b}", f"IsNull({a})", f"{a} Is Not Null", f"Not {a} = {b}",
        f"{a} Between {b} And {a}", f"{a} In ({b}, {a})", f"{a} Like \"a*\"", f"{a} = {b} And [b]", f"[b] Or {a} > {b}",
    ))  # fmt: skip


def _is_aggregate(expression: str) -> bool:
    return expression.startswith(tuple(f"{a}(" for a in _AGGREGATES))


_S, _A, _U, _M = QueryKind.SELECT, QueryKind.APPEND, QueryKind.UPDATE, QueryKind.MAKE_TABLE
_PLACES: Final = (
    (_S, "SELECT {e} AS v FROM T"),
    (_S, "SELECT ID FROM T WHERE {e}"),
    (_S, "SELECT ID FROM T WHERE ({e}) = ({e}) ORDER BY {e}"),
    (_S, "SELECT {e} AS v, Count(*) AS k FROM T GROUP BY {e}"),
    (_S, "SELECT {e} AS v, Sum(n) AS k FROM T GROUP BY {e} HAVING ({e}) Is Not Null ORDER BY {e}"),
    (_S, "SELECT b, {a}({e}) AS v FROM T GROUP BY b"),
    (_S, "SELECT DISTINCT TOP 5 {e} AS v FROM T ORDER BY {e} DESC"),
    (_S, "SELECT T.ID, U.ID AS other FROM T LEFT JOIN U ON T.ID = U.ID WHERE T.ID IN (SELECT ID FROM U WHERE n = 5)"),
    (_S, "SELECT {e} AS v, [v] & \"!\" AS w FROM T"),
    (QueryKind.UNION, "SELECT {e} AS v FROM T UNION ALL SELECT {c} FROM U"),
    (QueryKind.UNION, "SELECT {c} AS v FROM T UNION SELECT Null FROM U UNION SELECT {e} FROM T"),
    (QueryKind.CROSSTAB, "TRANSFORM {a}({c}) SELECT b FROM T GROUP BY b PIVOT {e} IN (1, 2, 3)"),
    (QueryKind.CROSSTAB, "TRANSFORM First({e}) SELECT i FROM T GROUP BY i PIVOT t IN (\"a\", \"b\")"),
    (_A, "INSERT INTO U ( ID, {f} ) SELECT ID, {e} FROM T"),
    (_A, "INSERT INTO U ( ID, {f} ) VALUES (1, {c})"),
    (_U, "UPDATE T SET {f} = {e}"),
    (_U, "UPDATE T INNER JOIN U ON T.ID = U.ID SET T.{f} = {q} WHERE T.n > 1"),
    (_M, "SELECT {e} AS v, Null AS w INTO made{k} FROM T"),
    (QueryKind.DELETE, "DELETE * FROM U WHERE {e}"),
    (_S, "PARAMETERS [wanted] Long; SELECT {e} AS v FROM T WHERE n > [wanted]"),
    (_S, "SELECT ID, (SELECT Max({c}) FROM U WHERE U.n = T.n) AS v, {e} AS w FROM T"),
    (_S, "SELECT b, {e} AS v, (SELECT Count(*) FROM U) AS k FROM T GROUP BY b, {e}"),
    (_S, "SELECT IIf(IsNull({e}), 0, 1) AS v, Count(*) AS k FROM T GROUP BY IIf(IsNull({e}), 0, 1)"),
    (_S, "SELECT {e} & \" \" & Count(*) AS v FROM T GROUP BY {e}"),
)  # fmt: skip


def placed(expression: str, about: str, number: int, random: Random) -> Case:
    """The expression in one of the places; an aggregate stands in a select list."""
    kind, pattern = _PLACES[0] if _is_aggregate(expression) else _PLACES[number % len(_PLACES)]
    column = random.choice(list(KINDS))
    names = {
        "{e}": expression, "{a}": random.choice(_AGGREGATES), "{c}": f"[{column}]", "{f}": f"[{column}]",
        "{k}": str(number), "{q}": expression.replace("[", "T.[") if "SELECT" not in expression else "T.[n]",
    }  # fmt: skip
    sql = pattern
    for name, value in names.items():
        sql = sql.replace(name, value)
    return Case(kind, sql, f"{about} in {pattern}")


def designs(seed: int) -> Iterator[Table]:
    """Tables whose defaults, rules and calculated columns are of those expressions; without end."""
    random = Random(seed)
    number = 0
    while True:
        columns = [Column("ID", ColumnType.LONG)]
        for name, kind in KINDS.items():
            rule = random.choice(("", ">0", "Is Not Null", '"a" Or "b"', "<Date()", "Between 1 And 5", "Len([t]) > 2"))
            default = random.choice(("", *_LITERALS[random.choice(list(_LITERALS))]))
            columns.append(
                Column(name, kind, length=50 if kind in (ColumnType.TEXT, ColumnType.BINARY) else 0,
                       precision=12 if kind is ColumnType.DECIMAL else 0, scale=3 if kind is ColumnType.DECIMAL else 0,
                       default=default, validation_rule=rule if random.random() < 0.3 else "",
                       required=random.random() < 0.3)
            )  # fmt: skip
        indexes = []
        for n in range(3):
            kind = random.choice((ColumnType.TEXT, ColumnType.LONG, ColumnType.DOUBLE, ColumnType.DATE))
            columns.append(Column(f"calc{n}", kind, length=255, calculated=value(random, random.choice((1, 2)))))
            indexes.append(Index(f"ix{n}", (IndexColumn(f"calc{n}"),)))
        indexes.append(Index("u", (IndexColumn(random.choice(list(KINDS))),), unique=random.random() < 0.5))
        rule = condition(random, 1) if random.random() < 0.5 else ""
        yield Table(f"D{number}", tuple(columns), tuple(indexes), validation_rule=rule)
        number += 1
