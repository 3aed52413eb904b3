"""Whole queries and designs for the battery: the places where people put expressions, and what they put there.

`shapes` gives queries without end: choices within choices, crosstabs, unions, joins that change and delete, appends,
parameters of every type, sub-queries and domain functions that speak of the row,
names as people write them. `related`
gives databases of a few tables with relationships of every kind between columns of every type. The same seed gives the
same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Final

from tests.sqlserver import battery
from tests.sqlserver.battery import KINDS, Case, called, condition, value
from wizard.convert.functions import FUNCTIONS
from wizard.definitions import (
    AutoNumber,
    Column,
    ColumnType,
    Database,
    Index,
    IndexColumn,
    Query,
    QueryKind,
    Relationship,
    Table,
)

_ARGUMENTS: Final = (
    *(f"[{k}]" for k in KINDS), "Null", "([n] > 1)", "([t] Like 'a*')", "#2/29/2024#", "#10:30:00 PM#", "'a''b'",
    "-1.5",
    "{guid {12345678-9ABC-DEF0-1234-56789ABCDEF0}}", "True", "&H10", "CCur(2)", "CDec(3.5)", "[m] & [t]", "([d] - 1)",
    "(SELECT Max(n) FROM U)", "DLookup('[t]', 'U')", "[wanted]",
)  # fmt: skip
_TYPES: Final = ("Text(20)", "Long", "Short", "Byte", "Double", "Single", "Currency", "DateTime", "Bit", "Guid",
"Memo",
                 "Text", "Value", "Binary(20)")  # fmt: skip
_AGGREGATES: Final = ("Sum", "Avg", "Min", "Max", "First", "Last", "StDev", "Var", "Count")
_JOINS: Final = ("INNER", "LEFT", "RIGHT")
_BASES: Final = (
    Query("sorted", QueryKind.SELECT, "SELECT TOP 10 T.*, n + 1 AS more FROM T ORDER BY d DESC, t"),
    Query("grouped", QueryKind.SELECT, "SELECT b, t, Sum(c) AS total, Count(*) AS k FROM T GROUP BY b, t"),
    Query("both", QueryKind.UNION, "SELECT ID, t, d FROM T UNION ALL SELECT ID, m, Null FROM U"),
    Query("asked", QueryKind.SELECT, "PARAMETERS [from when] DateTime; SELECT ID, n, t FROM T WHERE d > [from when]"),
    Query("crossed", QueryKind.CROSSTAB, "TRANSFORM Sum(n) SELECT i FROM T GROUP BY i PIVOT t IN ('a', 'b')"),
    Query(
        "paired",
        QueryKind.SELECT,
        "SELECT T.ID, T.n AS mine, U.n AS others, T.x * 2 AS more FROM T, U WHERE T.n = U.ID",
    ),
    Query("chosen", QueryKind.SELECT, "SELECT DISTINCT t, b FROM T"),
    Query("it's odd", QueryKind.SELECT, "SELECT [a b] AS [x'y z], [it's] AS [select] FROM [Odd 'n one]"),
)
ODD: Final = Table(
    "Odd 'n one",
    (
        Column("ID", ColumnType.LONG, auto=AutoNumber.INCREMENT), Column("a b", ColumnType.LONG),
        Column("it's", ColumnType.TEXT, length=30), Column("select", ColumnType.DATE),
        Column("br]ket", ColumnType.LONG), Column("100%", ColumnType.CURRENCY), Column("Größe", ColumnType.BOOLEAN),
    ),
    (Index("PrimaryKey", (IndexColumn("ID"),), primary=True, unique=True),),
)  # fmt: skip


def database(cases: Sequence[Case]) -> Database:
    """The battery's tables, one of odd names, queries to read from, and the cases as q0, q1 and so on."""
    made = battery.database(cases)
    return replace(made, tables=(*made.tables, ODD), queries=(*_BASES, *made.queries))


def shapes(seed: int) -> Iterator[Case]:
    """Without end, each shape as often as any other."""
    random = Random(seed)
    while True:
        for shape in _SHAPES:
            kind, sql = shape(random)
            if random.random() < 0.8:  # which go with little else
                sql = sql.replace("[g]", "[t]").replace("[z]", "[m]")
            yield Case(kind, sql, shape.__name__.strip("_"))


def _chosen(random: Random, depth: int = 2) -> str:
    """IIf, Switch and Choose within each other."""
    if depth == 0:
        return value(random, random.choice((0, 1)))
    a, b, c = (_chosen(random, random.randrange(depth)) for _ in range(3))
    first, second = condition(random, random.choice((0, 1))), condition(random, 0)
    return random.choice((
        f"IIf({first}, {a}, {b})", f"IIf({first}, {a}, IIf({second}, {b}, {c}))", f"Choose([n], {a}, {b}, {c})",
        f"Switch({first}, {a}, {second}, {b})", f"Switch({first}, {a}, True, {b})", f"Nz({a}, {b})",
        f"IIf(IsNull({a}), {b}, {a})", f"Choose(IIf({second}, 1, 2), {a}, {b})",
    ))  # fmt: skip


def _any(random: Random) -> str:
    return random.choice((value(random, 1), value(random, 2), _chosen(random, 1), _chosen(random, 2)))


def _of(random: Random, *aliases: str) -> str:
    """An expression whose columns are of those sources."""
    text = value(random, random.choice((1, 1, 2)))
    return "".join(f"{random.choice(aliases)}.[{p}" if n else p for n, p in enumerate(text.split("[")))


def _column(random: Random) -> str:
    return f"[{random.choice(list(KINDS))}]"


def _grouped(random: Random) -> tuple[QueryKind, str]:
    e, f = _any(random), _any(random)
    order = random.choice(("", f" ORDER BY {e}", f" ORDER BY {e} DESC, Count(*)", f" ORDER BY Sum({_column(random)})"))
    having = random.choice(("", f" HAVING ({e}) Is Not Null", f" HAVING Count(*) > 1 And ({e}) = ({e})",
                            f" HAVING Max({_column(random)}) > Min({_column(random)})"))  # fmt: skip
    shown = random.choice(("v", "v & '!' AS w, v", f"({e}) & Count(*) AS w, v", "IIf(v Is Null, 0, 1) AS w, v"))
    listing = shown.replace("v", f"{e} AS v", 1) if shown == "v" else f"{e} AS v, {shown.rsplit(',', 1)[0]}"
    group = random.choice((e, f"{e}, {f}", f"{f}, {e}", f"{e}, b"))
    return QueryKind.SELECT, f"SELECT {listing}, Count(*) AS k FROM T GROUP BY {group}{having}{order}"


def _distinct(random: Random) -> tuple[QueryKind, str]:
    e, f = _any(random), _any(random)
    head = random.choice(
        ("DISTINCT", "DISTINCT TOP 5", "TOP 5 PERCENT", "TOP 3", "DISTINCTROW", "DISTINCT TOP 10 PERCENT")
    )
    order = random.choice((f"{e}", f"{e} DESC, {f}", "1", "2 DESC, 1", "v", "v, w DESC"))
    return QueryKind.SELECT, f"SELECT {head} {e} AS v, {f} AS w FROM T ORDER BY {order}"


def _crosstab(random: Random) -> tuple[QueryKind, str]:
    e, row, c = _any(random), _any(random), _column(random)
    headings = random.choice(("", "", " IN (1, 2, 3)", " IN ('a', 'it''s', 'x]y')", " IN (#1/2/2024#)",
    " IN (True, False)",
                              " IN (Null, 'a')", " IN (1.5, -2)"))  # fmt: skip
    cell = random.choice((f"{random.choice(_AGGREGATES)}({c})", f"Sum({c}) / Count(*)", f"Nz(Sum({c}), 0)",
    f"First({e})",
                          f"IIf(Count({c}) > 1, Max({c}), Null)"))  # fmt: skip
    where = random.choice(("", f" WHERE {condition(random, 1)}"))
    total = random.choice(("", f", Sum({_column(random)}) AS total", f", Count({e}) AS total"))
    head = random.choice(("", "PARAMETERS [p] DateTime; "))
    if head:
        where = " WHERE d > [p]"
    return (
        QueryKind.CROSSTAB,
        f"{head}TRANSFORM {cell} SELECT {row} AS r{total} FROM T{where} GROUP BY {row} PIVOT {e}{headings}",
    )


def _union(random: Random) -> tuple[QueryKind, str]:
    parts = [f"SELECT {_any(random)} AS v, {random.choice((_column(random), 'Null', _any(random)))} AS w FROM {t}"
             for t in random.choice(("TU", "TUT", "UT"))]  # fmt: skip
    if random.random() < 0.3:
        parts.append("SELECT t, ID FROM both")
    word = random.choice((" UNION ", " UNION ALL "))
    order = random.choice(("", " ORDER BY v", " ORDER BY 2, 1 DESC", " ORDER BY w DESC, v"))
    return QueryKind.UNION, word.join(parts) + order


def _update(random: Random) -> tuple[QueryKind, str]:
    f, g = _column(random), _column(random)
    e, h = _of(random, "T", "U"), _of(random, "T", "U")
    join = random.choice(_JOINS)
    on = random.choice(("T.ID = U.ID", "T.n = U.n", "T.ID = U.ID AND T.t = U.t", "T.d = U.d"))
    where = random.choice(
        ("", " WHERE T.n > 1", f" WHERE ({e}) Is Not Null", " WHERE T.ID IN (SELECT ID FROM grouped)")
    )
    sets = random.choice((f"T.{f} = {e}", f"T.{f} = {e}, U.{g} = {h}", f"U.{f} = {e}, U.ID = T.ID", f"T.{f} = Null"))
    return QueryKind.UPDATE, f"UPDATE T {join} JOIN U ON {on} SET {sets}{where}"


def _update_alone(random: Random) -> tuple[QueryKind, str]:
    f, g = random.sample(list(KINDS), 2)
    e = random.choice((_any(random), f"DSum('[{f}]', 'U', '[ID] <= ' & [ID])",
    f"(SELECT Max({f}) FROM U WHERE U.n = T.n)",
                       f"DLookup('[{g}]', 'grouped', '[b] = ' & [b])"))  # fmt: skip
    return QueryKind.UPDATE, f"UPDATE T SET [{f}] = {e}, [{g}] = [{f}] WHERE {condition(random, 1)}"


def _delete(random: Random) -> tuple[QueryKind, str]:
    e = _of(random, "T", "U")
    return QueryKind.DELETE, random.choice((
        f"DELETE T.* FROM T {random.choice(_JOINS)} JOIN U ON T.ID = U.ID WHERE ({e}) Is Null",
        f"DELETE DISTINCTROW T.* FROM T INNER JOIN grouped ON T.t = grouped.t WHERE grouped.k > {random.randrange(9)}",
        f"DELETE * FROM T WHERE EXISTS (SELECT 1 FROM U WHERE U.n = T.n AND ({e.replace('T.', 'T.')}) Is Not Null)",
        f"DELETE * FROM T WHERE {condition(random, 2)}",
        f"DELETE T.* FROM T, U WHERE T.n = U.n AND {_any(random)} = 1",
        f"DELETE * FROM T WHERE ID NOT IN (SELECT {_column(random)} FROM U)",
    ))  # fmt: skip


_GIVEN: Final = {
    "T": "n t d", "sorted": "n t d more", "grouped": "b t total k", "both": "ID t d", "asked": "n t", "crossed": "i",
    "paired": "mine others more", "chosen": "t b",
}  # fmt: skip
"""columns of what is changed through a query, or is one"""


def _through(random: Random) -> tuple[QueryKind, str]:
    name = random.choice(list(_GIVEN))
    columns = _GIVEN[name].split()
    chosen = random.sample(columns, random.choice((1, 1, min(2, len(columns)))))
    sets = ", ".join(
        f"{name}.{c} = {random.choice(('Null', '5', f'{name}.{columns[0]}', _ARGUMENTS[0]))}" for c in chosen
    )
    sets = sets.replace("[n]", f"{name}.{columns[-1]}")
    joined = random.choice((name, name, f"{name} INNER JOIN U ON U.t = {name}.{columns[0]}"))
    if random.random() < 0.5:
        return QueryKind.UPDATE, f"UPDATE {joined} SET {sets}"
    return QueryKind.DELETE, f"DELETE {name}.* FROM {joined} WHERE {name}.{columns[0]} Is Not Null"


def _append(random: Random) -> tuple[QueryKind, str]:
    f, g = random.sample(list(KINDS), 2)
    source = random.choice(("T", "sorted", "T INNER JOIN U ON T.ID = U.ID"))
    e = _of(random, "T") if "JOIN" in source else _any(random) if source == "T" else "[more]"
    own = "T.ID" if "JOIN" in source else "ID"
    head = random.choice(("", "DISTINCT ", "TOP 5 "))
    order = f" ORDER BY {own}" if head == "TOP 5 " else ""
    return QueryKind.APPEND, random.choice((
        f"INSERT INTO U ( ID, [{f}], [{g}] ) SELECT {head}{own}, {e} AS v, Null AS w FROM {source}{order}",
        f"INSERT INTO T ( [{f}], [{g}] ) SELECT {e}, {'1' if head else e} FROM {source}",
        f"INSERT INTO U ( ID, [{f}] ) SELECT k, total FROM grouped",
        f"INSERT INTO U ( ID, [{f}] ) SELECT b, Max([{g}]) FROM T GROUP BY b HAVING Count(*) > 1",
        f"INSERT INTO U ( ID, [{f}], [{g}] ) VALUES (1, {random.choice(_ARGUMENTS[len(KINDS):-3])}, Null)",
        f"INSERT INTO [Odd 'n one] ( [a b], [it's], [select] ) SELECT n, {e}, d FROM {source}"
        if source == "T" else "INSERT INTO U SELECT * FROM U WHERE n = 5",
    ))  # fmt: skip


def _make(random: Random) -> tuple[QueryKind, str]:
    e, number = _any(random), random.randrange(10**6)
    where = random.choice(("", " IN 'c:\\other.accdb'"))
    return QueryKind.MAKE_TABLE, random.choice((
        f"SELECT {e} AS v, Null AS w, T.* INTO made{number}{where} FROM T",
        f"SELECT b, {random.choice(_AGGREGATES)}({e}) AS v INTO [made {number}'s]{where} FROM T GROUP BY b",
        f"SELECT TOP 5 sorted.*, {e} AS v INTO made{number} FROM sorted, U AS T WHERE T.n = 1".replace("[", "T.[")
        .replace("T.T.", "T."),
        f"SELECT DISTINCT {e} AS v INTO made{number} FROM T",
    ))  # fmt: skip


def _asked(random: Random) -> tuple[QueryKind, str]:
    kinds = random.sample(_TYPES, 3)
    a, b = _column(random), _column(random)
    declared = ", ".join(f"[p {n}] {kind}" for n, kind in enumerate(kinds))
    where = random.choice((
        f"{a} = [p 0] AND {b} > [p 1]", f"{a} Between [p 0] And [p 1]", f"{a} In ([p 0], [p 1], [p 2])",
        f"{a} Like [p 0] & '*'",
        f"[p 0] Is Null Or {a} = [p 0]", f"{a} + [p 0] > [p 1]", f"Nz([p 0], {a}) = {b}",
        "DateAdd('d', [p 0], [d]) > [p 1]",
        f"{a} = [not declared] And {b} = [p 2]", f"IIf([p 0] = [p 1], {a}, {b}) = [p 2]",
    ))  # fmt: skip
    shown = random.choice(("[p 0]", "[p 0] & [p 1]", f"{a}", "IIf([p 0] Is Null, [p 1], [p 2])", "[p 1] + 1"))
    read = random.choice(("T", "T", "asked"))
    if read == "asked":
        return QueryKind.SELECT, f"PARAMETERS {declared}; SELECT [p 0] AS v, asked.* FROM asked WHERE n = [p 1]"
    return QueryKind.SELECT, f"PARAMETERS {declared}; SELECT {shown} AS v FROM T WHERE {where}"


def _correlated(random: Random) -> tuple[QueryKind, str]:
    a, b, c = (_column(random) for _ in range(3))
    inner = random.choice((
        f"(SELECT Max(U.{a}) FROM U WHERE U.n <= T.n)", f"(SELECT Count(*) FROM U WHERE U.{a} = T.{b})",
        f"(SELECT TOP 1 U.{a} FROM U WHERE U.ID = T.ID ORDER BY U.d)", f"DSum('{a}', 'U', '[ID] <= ' & T.[ID])",
        f"DLookup('{a}', 'U', \"[t] = '\" & T.[t] & \"' And [n] = \" & T.[n])",
        "DCount('*', 'grouped', '[b] = ' & T.[b])",
        f"(SELECT Sum(U.{a}) FROM U WHERE U.t = DLookup('[t]', 'U', '[ID] = ' & T.[ID]))",
        f"DMax('{a}', 'U', '[d] < #' & Format(T.[d], 'mm/dd/yyyy') & '#')",
        f"(SELECT First(U.{a}) FROM U WHERE U.b = T.b)",
        f"(SELECT Avg(x.{a}) FROM (SELECT TOP 3 * FROM U ORDER BY n) AS x)",
    ))  # fmt: skip
    test = random.choice((
        f"T.{b} = {inner}", f"T.{b} > ALL (SELECT {a} FROM U)", f"T.{b} < ANY (SELECT {a} FROM U WHERE U.n = T.n)",
        f"EXISTS (SELECT * FROM U WHERE U.{a} = T.{b})",
        f"NOT EXISTS (SELECT 1 FROM U WHERE U.{a} = {inner.replace('U', 'V')})"
        if inner.startswith("(SELECT Max") and False else f"({inner}) Is Null",
        f"T.{b} IN (SELECT {a} FROM U WHERE U.{c} = T.{c})",
    ))  # fmt: skip
    return QueryKind.SELECT, random.choice((
        f"SELECT T.ID, {inner} AS v FROM T WHERE {test} ORDER BY {inner} DESC",
        f"SELECT {inner} AS v FROM T GROUP BY {inner}",
        f"SELECT T.n, {inner} AS v FROM T GROUP BY T.n, T.ID, T.t, T.b, T.d HAVING {inner} Is Not Null",
        f"SELECT T.ID, v & '!' AS w, {inner} AS v FROM T", f"SELECT DISTINCT {inner} AS v FROM T ORDER BY {inner}",
        f"SELECT T.ID, IIf({test}, {inner}, {b}) AS v FROM T", f"SELECT Sum({inner}) AS v, b FROM T GROUP BY b",
        f"SELECT T.b, Max({inner}) AS v FROM T WHERE {test} GROUP BY T.b ORDER BY Max({inner})",
    ))  # fmt: skip


def _odd_names(random: Random) -> tuple[QueryKind, str]:
    e = random.choice(
        ("[a b] + 1", "[it's] & ' ''x''' & [select]", "IIf([Größe], [100%], [a b])", "Format([select], 'yyyy')")
    )
    return QueryKind.SELECT, random.choice((
        f"SELECT {e} AS [it's a [name], [it's] FROM [Odd 'n one] AS [o'o] ORDER BY {e}".replace("a [name", "a name"),
        f"SELECT [x y].[a b], {e} AS [group] FROM [Odd 'n one] AS [x y] WHERE [x y].[it's] Like '*''*'",
        f"SELECT {e} AS [from], Count(*) AS [order by] FROM [Odd 'n one] GROUP BY {e} HAVING Count(*) > 1",
        "SELECT [it's odd].[x'y z], [it's odd].[select] FROM [it's odd] WHERE [select] = 'a''b'",
        f"SELECT DLookup('[it''s]', '[Odd ''n one]', '[a b] = ' & [a b]) AS v, {e} AS w FROM [Odd 'n one]",
        f"SELECT [Odd 'n one].*, {e} AS [100%] FROM [Odd 'n one], [it's odd] AS [z'z] WHERE [a b] = [z'z].[x'y z]",
    ))  # fmt: skip


def _joined(random: Random) -> tuple[QueryKind, str]:
    a, b = random.choice(_JOINS), random.choice(_JOINS)
    on = random.choice(("x.ID = y.ID", "x.n = y.n AND x.t = y.t", f"x.{_column(random)} = y.{_column(random)}",
                        f"({_of(random, 'x')}) = ({_of(random, 'y')})", "x.n > y.n"))  # fmt: skip
    e = _of(random, "x", "y")
    return QueryKind.SELECT, random.choice((
        f"SELECT {e} AS v, x.ID, z.k FROM (T AS x {a} JOIN U AS y ON {on}) {b} JOIN grouped AS z ON z.t = x.t",
        f"SELECT * FROM T AS x {a} JOIN U AS y ON {on} WHERE ({e}) Is Not Null",
        f"SELECT x.*, {e} AS v FROM T AS x {a} JOIN (SELECT * FROM U WHERE n > 1) AS y ON {on} ORDER BY {e}",
        f"SELECT y.b, First(x.t) AS f, Sum({e}) AS s FROM T AS x {a} JOIN U AS y ON {on} GROUP BY y.b"
        f" ORDER BY Sum({e})",
        f"SELECT x.more, y.i FROM sorted AS x {a} JOIN crossed AS y ON x.i = y.i ORDER BY x.more",
        f"SELECT q.v, Count(*) AS k FROM (SELECT {e} AS v FROM T AS x {a} JOIN U AS y ON {on}) AS q GROUP BY q.v",
    ))  # fmt: skip


def _function(random: Random) -> tuple[QueryKind, str]:
    known = [f for f in FUNCTIONS.values() if not f.aggregate and f.name.casefold()[0] != "d" and f.most]
    function = random.choice(known)
    place = random.randrange(min(max(function.least, 1), 4))
    e = called(function.name, function.least, place, random.choice(_ARGUMENTS))
    return QueryKind.SELECT, random.choice((
        f"SELECT {e} AS v FROM T", f"SELECT ID FROM T WHERE {e} = {e}",
        f"SELECT {e} AS v, Count(*) AS k FROM T GROUP BY {e}",
        f"SELECT ID FROM T ORDER BY {e}", f"SELECT Max({e}) AS v FROM T HAVING Count({e}) > 1",
        f"SELECT Not {e} AS v FROM T",
        f"SELECT {e} & '' AS v, {e} + 1 AS w FROM T WHERE {e} Is Not Null", f"SELECT ID FROM T WHERE {e}",
        f"SELECT DISTINCT TOP 3 {e} AS v FROM T ORDER BY {e}",
        f"SELECT b, Sum({e}) AS v FROM T GROUP BY b HAVING Sum({e}) > 0",
        f"SELECT ID FROM T WHERE {e} Between 1 And 5 Or {e} In (1, 'a', Null)",
    ))  # fmt: skip


_SHAPES: Final[tuple[Callable[[Random], tuple[QueryKind, str]], ...]] = (
    _grouped, _distinct, _crosstab, _union, _update, _update_alone, _delete, _append, _make, _asked, _correlated,
    _odd_names, _through,
    _joined, _function, _function, _grouped,
)  # fmt: skip

_KEYED: Final = {
    "l": (ColumnType.LONG, 0), "i": (ColumnType.INTEGER, 0), "y": (ColumnType.BYTE, 0), "x": (ColumnType.DOUBLE, 0),
    "s": (ColumnType.SINGLE, 0), "c": (ColumnType.CURRENCY, 0), "p": (ColumnType.DECIMAL, 0), "t": (ColumnType.TEXT,
    50),
    "u": (ColumnType.TEXT, 20), "w": (ColumnType.TEXT, 255), "d": (ColumnType.DATE, 0), "b": (ColumnType.BOOLEAN, 0),
    "g": (ColumnType.GUID, 0), "z": (ColumnType.BINARY, 16), "v": (ColumnType.BINARY, 8), "q": (ColumnType.BIGINT, 0),
    "m": (ColumnType.MEMO, 0),
}  # fmt: skip
_RULES: Final = (
    "Len([{c}]) > 2", "[{c}] = UCase([{c}])", "InStr([{c}], '@') > 0", "DateDiff('d', [d], Date()) >= 0",
    "Year([d]) > 1990",
    "IIf([b], [l] > 0, True)", "[{c}] In ('a', 'b', 1)", "Is Null Or Like '[A-Z]*'", "Between Date() - 30 And Date()",
    "Nz([{c}], 0) <> 5", "Not Like '*[!0-9]*'", "Weekday([d]) <> 1", "Format([d], 'ddd') <> 'Sun'", "IsNumeric([t])",
    "Choose([i], True, False, [b])", "Abs([l]) < 1000 And Round([x], 2) = [x]", "StrComp([t], [u], 0) = 0",
    "Is Not Null",
    "Val([t]) > 3", "[l] Mod 2 = 0", "Mid([t], 2, 1) = '-'", "Trim([t]) <> ''", "[c] >= 0.01", "Hour([d]) < 12",
    "<>{{guid}}",
)  # fmt: skip
_DEFAULTS: Final = (
    "Date()", "Now()", "DateAdd('m', 1, Date())", "DateSerial(Year(Date()), 1, 1)", "UCase('abc')",
    "Format(Date(), 'yyyymmdd')",
    "Rnd()", "GenGUID()", "IIf(Month(Date()) > 6, 1, 2)", "Time()", "CurrentUser()", "Environ('x')",
    "Left('abcdef', 3)", "-1",
    "'it''s'", "1 + 2 * 3", "#1/2/2024#", "True", "Null", '"a" & "b"', "1E5", "&HFF", "Weekday(Date())",
    "Replace('a-b', '-', '')",
    "Switch(True, 'a')", "CLng('5')", "Timer()",
)  # fmt: skip
_CALCULATED: Final = (
    "[t] & ' ' & [u]", "[l] * [c]", "IIf([b], [x], [l])", "Len([t]) + [i]", "DateAdd('d', [i], [d])", "Year([d])",
    "[d] + 1",
    "Format([d], 'yyyy-mm')", "Left([t], 3)", "Round([x], 2)", "[b] And [l] > 1", "InStr([t], 'a')", "[l] / [i]",
    "[g] & ''",
    "Month([d]) & '/' & Year([d])", "UCase([w])", "DateDiff('d', [d], #1/1/2020#)", "[p] * 2",
    "Switch([l] > 1, 'a', True, [t])",
    "Hour([d])", "StrConv([t], 3)", "[c] * 1.19", "[y] + [s]", "Choose([i], [t], [u])", "Nz([l], 0) + Nz([c], 0)",
    "Val([t])",
)  # fmt: skip


def related(seed: int) -> Iterator[Database]:
    """Databases of three tables that refer to each other and themselves, by columns of the same and of other types."""
    random = Random(seed)
    while True:
        names = ("Parent", "Child ]x", "It's")
        tables = tuple(_table(random, name) for name in names)
        relations = tuple(_relation(random, n, tables) for n in range(random.randrange(1, 6)))
        yield Database("related.accdb", "Access 2010", tables=tables, relationships=relations)


def _table(random: Random, name: str) -> Table:
    columns = [Column("ID", ColumnType.LONG, auto=random.choice((AutoNumber.INCREMENT, AutoNumber.NONE)))]
    for key, (kind, length) in _KEYED.items():
        rule = random.choice(_RULES).replace("{c}", key).replace("{{guid}}", "'x'") if random.random() < 0.35 else ""
        columns.append(
            Column(key, kind, length=length, precision=12 if kind is ColumnType.DECIMAL else 0,
            required=random.random() < 0.3,
                   scale=3 if kind is ColumnType.DECIMAL else 0, validation_rule=rule, validation_text="It's wrong",
                   default=random.choice(_DEFAULTS) if random.random() < 0.4 else "",
                   allow_zero_length=random.choice((True, False, None)))
        )  # fmt: skip
    kinds = (
        ColumnType.TEXT,
        ColumnType.LONG,
        ColumnType.DOUBLE,
        ColumnType.DATE,
        ColumnType.BOOLEAN,
        ColumnType.CURRENCY,
    )
    columns += [
        Column(f"calc{n}", random.choice(kinds), length=255, calculated=random.choice(_CALCULATED)) for n in range(3)
    ]
    key = random.choice(
        (("ID",), ("ID",), ("l", "t"), ("t",), ("d",), ("g",), ("x",), ("z",), ("c",), ("w", "u", "t"), ())
    )
    indexes = (
        [Index("PrimaryKey", tuple(map(IndexColumn, key)), primary=True, unique=True, required=True)] if key else []
    )
    for n in range(random.randrange(5)):
        chosen = random.sample([*_KEYED, "calc0", "calc1"], random.choice((1, 1, 2, 3)))
        listed = tuple(IndexColumn(c, random.random() < 0.3) for c in chosen)
        indexes.append(Index(f"ix{n}", listed, unique=random.random() < 0.5, ignore_nulls=random.random() < 0.3))
    rule = random.choice(
        ("", "[l] > [i]", "[d] Is Null Or [t] Is Not Null", "[c] * 2 < [x]", "Len([t] & [u]) > 3", "[b] Or [l] > 1")
    )
    return Table(name, tuple(columns), tuple(indexes), validation_rule=rule, validation_text="No")


def _relation(random: Random, number: int, tables: Sequence[Table]) -> Relationship:
    """Mostly to a key or unique index, from columns of the same names and types or of others."""
    table, referenced = random.choice(tables), random.choice(tables)
    keys = [tuple(c.name for c in i.columns) for i in referenced.indexes if i.unique or i.primary]
    other = random.choice(keys) if keys and random.random() < 0.8 else (random.choice(list(_KEYED)),)
    same = random.random() < 0.6
    own = tuple(c if same and c in _KEYED else random.choice(list(_KEYED)) for c in other)
    update, delete, null, single, enforced = (random.random() < share for share in (0.4, 0.4, 0.2, 0.2, 0.85))
    return Relationship(
        f"r{number}", table.name, own, referenced.name, other, enforced=enforced,
        cascade_update=update, cascade_delete=delete, cascade_null=null, one_to_one=single,
    )  # fmt: skip
