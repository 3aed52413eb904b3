"""Names longer than SQL Server's, of tables, columns, aliases, parameters, headings: nothing written has one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.convert.saved import saved, statement
from wizard.convert import convert, script
from wizard.convert.names import LONGEST, folded, units
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
from wizard.objects import Conversion
from wizard.settings import Options, SqlVersion, Target

_WORD = re.compile(r"N?'(?:[^']|'')*'|\[((?:[^\]]|\]\])*)\]|(@\w+)")
"""texts, which may hold statements of their own; names in brackets; variables"""


def names(sql: str) -> Iterator[str]:
    """Every identifier of a statement and of the statements in its texts."""
    for found in _WORD.finditer(sql):
        if found[2]:
            yield found[2]
        elif found[0].startswith("["):
            yield found[1].replace("]]", "]")
        elif "[" in found[0]:
            yield from names(found[0][found[0].index("'") + 1 : -1].replace("''", "'"))


def long(start: str, odd: str = "") -> str:
    """A name that says what it is at its end alone, behind all that a server keeps."""
    return (odd or "x") * (140 // len(odd or "x")) + start


def database(odd: str, queries: dict[str, str]) -> Database:
    """Two tables and queries; a word in braces is a long name."""

    def columns(*kinds: ColumnType) -> tuple[Column, ...]:
        number = Column(long("ID", odd), ColumnType.LONG, auto=AutoNumber.INCREMENT, required=True)
        return number, *(
            Column(long(f"c{n}", odd), kind, length=20, default="1" if kind is ColumnType.LONG else "",
                   validation_rule=">0" if kind is ColumnType.LONG else "")
            for n, kind in enumerate(kinds)
        )  # fmt: skip

    def indexes(*names: str) -> tuple[Index, ...]:
        made = [Index(long("PK", odd), (IndexColumn(long("ID", odd)),), primary=True, unique=True)]
        return *made, *(Index(long(f"ix {n}", odd), (IndexColumn(long(n, odd)),), unique=True) for n in names)

    kinds = (ColumnType.LONG, ColumnType.TEXT, ColumnType.LONG)
    tables = tuple(Table(long(n, odd), columns(*kinds), indexes("c0", "c1", "c2")) for n in ("A", "B"))
    relations = tuple(
        Relationship(long(f"r{n}", odd), long("A", odd), (long("ID", odd),), long("B", odd), (long(c, odd),))
        for n, c in enumerate(("c0", "c2"))
    )
    made = {name: re.sub(r"\{(\w+)\}", lambda m: f"[{long(m[1], odd)}]", sql) for name, sql in queries.items()}
    saved = tuple(
        Query(long(name, odd) if name.startswith("q") else name, QueryKind.SELECT, sql) for name, sql in made.items()
    )
    return Database("long.accdb", "Access 2010", tables=tables, relationships=relations, queries=saved)


QUERIES = {
    "q1": "SELECT {ID}, {c0} AS {first}, {c1} AS {second} FROM {A}",
    "q2": "SELECT {x}.{ID}, {y}.{ID}, {z}.{c1} FROM ({A} AS {x} INNER JOIN {B} AS {y} ON {x}.{ID} = {y}.{c0})"
    " INNER JOIN {A} AS {z} ON {z}.{ID} = {y}.{c2} WHERE {x}.{c0} > 1 ORDER BY {z}.{c1}",
    "q3": "SELECT {s}.{first} FROM (SELECT {c0} AS {first} FROM {A}) AS {s}, {q1} AS {t}"
    " WHERE {s}.{first} = {t}.{first}",
    "q4": "PARAMETERS {p1} Long, {p2} Long; SELECT {ID} FROM {A} WHERE {c0} = {p1} OR {c0} = {p2}",
    "q5": "SELECT {ID}, DLookup('{c1}', '{B}', '{ID} = ' & {ID}) AS {v}, DCount('*', '{A}') AS {w} FROM {A}",
    "q6": "SELECT {a}.{ID} FROM {A} AS {a} WHERE EXISTS (SELECT 1 FROM {B} AS {b} WHERE {b}.{c0} = {a}.{ID})",
    "q7": "SELECT {c1} AS {first}, Count(*) AS {number} FROM {A} GROUP BY {c1} HAVING Count(*) > 1 ORDER BY Count(*)",
    "q8": "TRANSFORM Sum({c0}) SELECT {c1} FROM {A} GROUP BY {c1} PIVOT {c2}",
    "q9": "TRANSFORM Sum({c0}) SELECT {c1} FROM {A} GROUP BY {c1} PIVOT {c1} IN ('"
    + f"{'h' * 140}1', '{'h' * 140}2')",
    "q10": "SELECT {ID} FROM {A} UNION SELECT {ID} FROM {B} ORDER BY {ID}",
    "q11": "UPDATE {A} AS {a} INNER JOIN {B} AS {b} ON {a}.{ID} = {b}.{c0} SET {a}.{c1} = 'x', {b}.{c1} = 'y'",
    "q12": "DELETE {a}.* FROM {A} AS {a} INNER JOIN {B} AS {b} ON {a}.{ID} = {b}.{c0}",
    "q13": "INSERT INTO {A} ({c0}, {c1}) SELECT {c0}, {c1} FROM {B} AS {b}",
    "q14": "SELECT {c0} AS {first}, {c1} INTO {made} FROM {A}",
    "q15": "SELECT First({s}.{c1}) AS {f} FROM (SELECT {ID}, {c1} FROM {A} ORDER BY {ID}) AS {s} GROUP BY {s}.{ID}",
    "q16": "SELECT * FROM {q2} AS {n}, {q4} AS {o}",
    "d1": "CREATE TABLE {T} ({c} LONG CONSTRAINT {PK} PRIMARY KEY, {d} TEXT(20))",
    "d2": "ALTER TABLE {A} ADD COLUMN {e} LONG",
    "d3": "CREATE UNIQUE INDEX {i} ON {A} ({c0}, {c1})",
}  # fmt: skip
ODD = ["", "😀", "]", "'", "Ä", "a b", "ａ", "_2"]
TABLES_ALONE = "]"
"""which no query can name"""


def converted(odd: str, version: SqlVersion = SqlVersion.V2016) -> Conversion:
    made = database(odd, {} if odd == TABLES_ALONE else QUERIES)
    return convert(made, source="s", schema="dbo", options=Options(), target=Target(version=version))


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("version", [SqlVersion.V2016, SqlVersion.V2022])
def test_no_name_that_is_written_is_longer_than_a_server_takes(odd: str, version: SqlVersion) -> None:
    made = converted(odd, version)
    assert len(made.modules) >= 12 or odd == TABLES_ALONE, [str(m) for i in made.items for m in i.messages]
    statements = [*script.statements(made), *map(script.guarded, script.statements(made)), *made.review]
    for one in statements:
        if one.kind != "description":  # which keeps Access's own text
            assert [n for n in names(one.sql) if units(n) > LONGEST] == []


def test_sources_of_long_names_are_told_apart() -> None:
    made = {m.source.table[-2:]: m.sql for m in converted("").modules if m.source}
    for query, sources in (("q2", 3), ("q3", 3), ("q6", 2), ("11", 2), ("12", 2)):
        aliases = re.findall(r"(?:\[dbo\]\.\[[^\]]*\]|\n\s*\)) AS (\[x+[^\]]*\])", made[query])
        assert len({folded(a) for a in aliases}) == sources, made[query]


def test_an_output_whose_name_is_cut_is_told() -> None:
    cut = [m for i in converted("").items if i.source.table == long("q1") for m in i.messages if m.number == 2020]
    assert len({m.text for m in cut if "first" in m.text or "second" in m.text}) == 2


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_variables_are_names_without_brackets(first: str, second: str) -> None:
    one, other = (re.sub(r"[\[\]\x00-\x1f]", "", p).strip() or "p" for p in (first, f"{second}x"))
    sql = f"PARAMETERS [{one}] Long, [{other}] Long; SELECT 1 AS a FROM T WHERE n = [{one}] OR n = [{other}]"
    tables = (Table("T", (Column("n", ColumnType.LONG),)),)
    made = convert(
        Database("p.accdb", "Access 2010", tables=tables, queries=(Query("q", QueryKind.SELECT, sql),)),
        source="s", schema="dbo", options=Options(), target=Target(),
    )  # fmt: skip
    for module in made.modules:
        declared = [p.name for p in module.parameters]
        assert len({folded(n) for n in declared}) == len(declared)
        assert all(re.fullmatch(r"@[^\W]+", n) and units(n) <= LONGEST for n in declared)


def test_what_is_computed_beside_has_no_name_that_a_source_has() -> None:
    sql = "UPDATE Orders AS changes INNER JOIN Lines AS [made 1] ON changes.ID = [made 1].OrderID"
    made = statement(saved({"q": f"{sql} SET changes.Note = 'a', [made 1].Qty = 2"}, kind=QueryKind.UPDATE), "q")
    assert "#changes AS [changes_2]" in made
    assert "AS [changes]" in made


def test_an_output_may_begin_with_a_number_sign() -> None:
    assert "AS [#]" in statement(saved({"q": "SELECT Qty AS [#] FROM Lines"}), "q")
