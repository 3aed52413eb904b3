"""What SQL Server takes at most, at the limit and beyond it ("Maximum capacity specifications for SQL Server")."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.convert.making import KEY, converted, index, numbers, one, refers, table
from tests.convert.saved import numbers as query_numbers
from tests.convert.saved import saved
from tests.convert.saved import statement as module_of
from tests.convert.scopes import Columns
from wizard.coercion.key_sizes import RowSize
from wizard.convert import convert, relations, script, server_limits
from wizard.convert.dialect import parse_expression
from wizard.convert.expressions import translate_value
from wizard.convert.server_limits import ROW, largest_row, row_bytes
from wizard.definitions import (
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
from wizard.messages import ConversionError
from wizard.objects import MAX, Name, ServerColumn, ServerType
from wizard.settings import Decide, Options, Target, TypeMap, TypeRule

FIXED = TypeMap(project=(TypeRule("text", "nchar(*)"),))


def texts(*lengths: int) -> list[Column]:
    return [Column(f"c{n}", ColumnType.TEXT, length=length) for n, length in enumerate(lengths)]


@pytest.mark.parametrize(("own", "left_out"), [(1_021, 0), (1_022, 1)])
def test_a_table_has_room_for_1024_columns_two_of_them_for_jetferry(own: int, left_out: int) -> None:
    """ID is one of the 1,022."""
    source = table("T", *(Column(f"c{n}", ColumnType.SINGLE) for n in range(own)), indexes=())
    conversion = converted(source, options=Options(add_rowversion=Decide.ALWAYS))
    made = one(conversion)
    assert len(made.columns) == 1_024
    assert numbers(conversion).count(2038) == left_out


def test_a_row_of_fixed_columns_fits_its_page_or_columns_become_varying() -> None:
    """The test before this one asserted that such a table is told of and made; SQL Server refuses it (1701)."""
    lengths = [255] * 15 + [186]
    at = one(converted(table("T", *texts(*lengths)), type_map=FIXED))
    assert row_bytes(at.columns[:17]) == ROW - 1  # nchar has an even number of them
    assert {c.type.name for c in at.columns} == {"int", "nchar"}
    beyond = converted(table("T", *texts(*lengths[:-1], 187)), type_map=FIXED)
    assert [c.type.name for c in one(beyond).columns].count("nvarchar") == 1
    assert numbers(beyond).count(2044) == 1
    assert 2043 not in numbers(beyond)


@pytest.mark.parametrize(("lengths", "clustered"), [((255, 195), True), ((255, 196), False)])
def test_a_clustered_key_has_900_bytes(lengths: tuple[int, ...], clustered: bool) -> None:
    columns = texts(*lengths)
    key = Index("K", tuple(IndexColumn(c.name) for c in columns), primary=True, unique=True)
    made = one(converted(Table("T", tuple(columns), (key,)))).primary_key
    assert made is not None
    assert made.clustered is clustered


@pytest.mark.parametrize(("last", "made", "told"), [(85, 1, []), (86, 0, [2057])])
def test_a_key_of_fixed_columns_has_1700_bytes(last: int, made: int, told: list[int]) -> None:
    columns = texts(255, 255, 255, last)
    conversion = converted(table("T", *columns, indexes=(KEY, index("I", *(c.name for c in columns)))), type_map=FIXED)
    assert len(one(conversion).indexes) == made
    assert [n for n in numbers(conversion) if n in (2054, 2057)] == told


@pytest.mark.parametrize(("count", "made"), [(32, 1), (33, 0)])
def test_a_key_has_32_columns(count: int, made: int) -> None:
    columns = [Column(f"c{n}", ColumnType.BYTE) for n in range(count)]
    names = tuple(c.name for c in columns)
    conversion = converted(table("T", *columns, indexes=(KEY, index("I", *names, unique=True))))
    assert len(one(conversion).indexes) == made
    assert numbers(conversion).count(2056) == 1 - made


def test_no_foreign_key_refers_to_columns_that_cannot_be_a_key() -> None:
    columns = [Column(f"c{n}", ColumnType.BYTE) for n in range(33)]
    names = tuple(c.name for c in columns)
    conversion = converted(
        table("P", *columns, indexes=(KEY, index("I", *names, unique=True))),
        table("T", *columns),
        relationships=(Relationship("R", "T", names, "P", names),),
    )
    assert (one(conversion).foreign_keys, one(conversion, "P").indexes) == ((), ())
    assert 2067 in numbers(conversion)


@pytest.mark.parametrize(("count", "made", "told"), [(999, 999, 0), (1_000, 999, 1)])
def test_a_table_has_999_indexes_beside_its_clustered_key(count: int, made: int, told: int) -> None:
    columns = [Column(f"c{n}", ColumnType.BYTE) for n in range(500)]
    indexes = [index(f"A{n}", f"c{n}") for n in range(500)] + [index(f"B{n}", f"c{n}", "ID") for n in range(500)]
    conversion = converted(table("T", *columns, indexes=(KEY, *indexes[:count])))
    assert len(one(conversion).indexes) == made
    assert numbers(conversion).count(2058) == told


def test_a_key_that_is_not_clustered_is_one_of_the_999() -> None:
    columns = [*texts(255, 255), *(Column(f"n{n}", ColumnType.BYTE) for n in range(999))]
    key = Index("K", (IndexColumn("c0"), IndexColumn("c1")), primary=True, unique=True)
    conversion = converted(Table("T", tuple(columns), (key, *(index(f"I{n}", f"n{n}") for n in range(999)))))
    assert len(one(conversion).indexes) == 998
    assert numbers(conversion).count(2058) == 1


@pytest.mark.parametrize(("count", "made"), [(253, 253), (254, 253)])
def test_a_table_has_253_foreign_keys(count: int, made: int) -> None:
    columns = [Column(f"c{n}", ColumnType.LONG) for n in range(count)]
    keys = tuple(refers("T", f"c{n}", "P") for n in range(count))
    conversion = converted(table("P"), table("T", *columns), relationships=keys)
    assert len(one(conversion).foreign_keys) == made
    assert numbers(conversion).count(2075) == count - made


def test_so_many_foreign_keys_refer_to_a_table_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """10,000 take a minute to convert and check: the number itself is looked at, and a smaller one tried."""
    assert server_limits.REFERRED == 10_000
    monkeypatch.setattr(relations, "REFERRED", 5)
    children = [table(name, Column("a", ColumnType.LONG), Column("b", ColumnType.LONG)) for name in "TUV"]
    ends = [(child.name, column) for child in children for column in "ab"]
    conversion = converted(table("P"), *children, relationships=tuple(refers(t, c, "P") for t, c in ends))
    assert sum(len(t.foreign_keys) for t in conversion.tables) == 5
    assert numbers(conversion).count(2076) == 1


@pytest.mark.parametrize(("count", "where"), [(32, ""), (50, ""), (33, " WHERE Amount > [Least]")])
def test_views_stand_32_deep_upon_each_other_and_others_take_them_in(count: int, where: str) -> None:
    """Access's own queries stand 50 deep at most; a function counts as a view does."""
    conversion = saved(upon_each_other(count, where))
    assert all(("@Least" in m.sql) == bool(where) for m in conversion.modules)
    levels: dict[Name, int] = {}
    for module in script.in_order(conversion.modules):
        levels[module.name] = 1 + max((levels.get(n, 0) for n in module.depends_on), default=0)
    assert (len(levels), max(levels.values())) == (count, min(count, 32))
    last = f"q{count}"
    assert query_numbers(conversion, last).count(3188) == max(0, count - 32)
    assert module_of(conversion, last).count("SELECT") == 1 + max(0, count - 32)


@pytest.mark.parametrize("count", [32, 33])
def test_what_cannot_take_a_query_in_says_so(count: int) -> None:
    """A domain function reads a view, and a crosstab is no sub-query."""
    below = upon_each_other(count - 1)
    queries = below | {
        "total": f"SELECT ID, DSum('Amount', 'q{count - 1}') AS A FROM Orders",
        "across": f"TRANSFORM Sum(Amount) SELECT ID FROM q{count - 2} GROUP BY ID PIVOT Customer IN ('a', 'b')",
        "of": "SELECT * FROM across",
        "again": "SELECT * FROM [of]",
    }
    conversion = saved(queries)
    told = {name: query_numbers(conversion, name) for name in ("total", "across", "of", "again")}
    refused = [3187] if count == 33 else []
    assert told == {"total": refused, "across": [], "of": refused, "again": [3108] if refused else [3188]}


def upon_each_other(count: int, where: str = "") -> dict[str, str]:
    """So many queries, each over the one before it."""
    first = {"q1": f"SELECT ID, Customer, Amount FROM Orders{where}"}
    return first | {f"q{n}": f"SELECT ID, Customer, Amount FROM q{n - 1}" for n in range(2, count + 1)}


@pytest.mark.parametrize("deep", [9, 10, 11])
def test_cases_stand_ten_deep(deep: int) -> None:
    """Each is in a condition, so that they cannot become one CASE of several branches."""
    expression = "1"
    for level in range(deep):
        expression = f"IIf([n] > {expression}, {level}, [n])"
    scope = Columns({"n": ColumnType.LONG})
    if deep <= 10:
        assert str(translate_value(parse_expression(expression), scope).node).count("CASE") == deep
    else:
        with pytest.raises(ConversionError, match="3533"):
            translate_value(parse_expression(expression), scope)


@pytest.mark.parametrize("form", ["Nz([n] - {}, {n})", "Choose([n], {n}, {})", "({n} / ([n] - {}))"])
@pytest.mark.parametrize("deep", [9, 10, 11])
def test_what_a_server_makes_case_of_counts_with_case(form: str, deep: int) -> None:
    """COALESCE, CHOOSE and NULLIF are CASE to SQL Server."""
    expression = "[n]"
    for level in range(deep):
        expression = form.replace("{n}", str(level)).replace("{}", expression)
    scope = Columns({"n": ColumnType.LONG})
    if deep <= 10:
        made = translate_value(parse_expression(expression), scope).node
        assert made.facts.depth == deep
    else:
        with pytest.raises(ConversionError, match="3533"):
            translate_value(parse_expression(expression), scope)


def test_nz_within_nz_is_one_coalesce() -> None:
    expression = "[n]"
    for level in range(20):
        expression = f"Nz({expression}, [n{level}])" if level % 2 else f"Nz([n{level}], {expression})"
    scope = Columns({"n": ColumnType.LONG} | {f"n{level}": ColumnType.LONG for level in range(20)})
    sql = str(translate_value(parse_expression(expression), scope).node)
    assert (sql.count("COALESCE"), sql.count(",")) == (1, 20)


def test_a_case_that_a_query_puts_around_an_expression_counts() -> None:
    """A date among texts of a UNION becomes a text, by CASE; the sums of a crosstab are of CASE over each heading."""
    day, deep = "Placed", "Amount"
    for level in range(10):
        day = f"IIf([Placed] > {day}, #1/1/20{10 + level}#, [Placed])"
        deep = f"IIf([Amount] > {deep}, {level}, [Amount])"
    crosstab = f"TRANSFORM Sum({deep}) SELECT Customer FROM Orders GROUP BY Customer PIVOT Paid IN (True, False)"
    alone = {"day": f"SELECT {day} AS v FROM Orders", "alone": f"SELECT {deep} AS v FROM Orders"}
    union = f"SELECT {day} AS v FROM Orders UNION ALL SELECT Customer FROM Orders"
    conversion = saved(alone | {"across": crosstab, "both": union})
    told = {name: 3533 in query_numbers(conversion, name) for name in ("day", "alone", "across", "both")}
    assert told == {"day": False, "alone": False, "across": True, "both": True}


def test_a_default_and_a_calculated_column_of_too_many_levels_are_refused() -> None:
    deep = "[d]"
    for level in range(10):
        deep = f"IIf([d] > {deep}, #1/1/20{10 + level}#, [d])"
    columns = (Column("d", ColumnType.DATE), Column("c", ColumnType.TEXT, length=50, calculated=deep))
    items = converted(table("T", *columns)).items
    assert [m.number for i in items for m in i.messages if "3533" in m.text or m.number == 2082] == [2082]


@pytest.mark.parametrize("parts", [2, 100, 101, 254, 255, 700])
def test_a_concat_has_254_arguments(parts: int) -> None:
    expression = " & ".join(["[t]", *(f'"{n}" & [t]' for n in range(parts // 2))])
    sql = str(translate_value(parse_expression(expression), Columns({"t": ColumnType.TEXT})).node)
    assert max(map(len, concats(sql))) <= 254
    assert sum(map(len, concats(sql))) >= parts // 2


def concats(sql: str) -> list[list[str]]:
    """The arguments of each CONCAT, those within others as one."""
    found = []
    for start in re.finditer(r"CONCAT\(", sql):
        depth, arguments = 1, [""]
        for c in sql[start.end() :]:
            depth += (c == "(") - (c == ")")
            if depth == 0:
                break
            if c == "," and depth == 1:
                arguments.append("")
            arguments[-1] += c
        found.append(arguments)
    return found


NAMES = st.text(st.sampled_from("aZ é😀]'_"), min_size=1, max_size=64).filter(lambda n: bool(n.strip(" ")))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(NAMES, min_size=6, max_size=6, unique_by=lambda n: n.strip().casefold()), st.sampled_from(["", "x" * 128])
)
def test_every_name_has_at_most_128_characters_after_every_suffix(found: list[str], more: str) -> None:
    """Access's own have 64 at most; a longer schema's name counts nothing, as it is a name of its own."""
    parent, child, column, other, query, name = found
    columns = (
        Column("ID", ColumnType.LONG),
        Column(column, ColumnType.TEXT, length=20, required=True, allow_zero_length=False, default='"a"'),
        Column(other, ColumnType.LONG, validation_rule=">0", default="1"),
    )
    key = Index(name, (IndexColumn("ID"),), primary=True, unique=True)
    tables = (
        Table(parent, columns, (key,), validation_rule="[ID] > 0"),
        Table(child, columns, (key, index(name + " 2", other), index(name, column, unique=True))),
    )
    relations = (
        Relationship(name, child, (other,), parent, ("ID",)),
        Relationship(query, child, ("ID",), parent, ("ID",)),
    )
    written = "SELECT * FROM [" + parent.replace("]", "]]") + "]" if "]" not in parent else "SELECT 1 AS a"
    source = Database(
        "a.accdb",
        "Access 2010",
        tables=tables,
        relationships=relations,
        queries=(Query(query, QueryKind.SELECT, written),),
    )
    made = convert(source, source="a", schema=more or "dbo", options=Options(), target=Target())
    for statement in script.statements(made):
        outside = re.sub(r"N?'(?:[^']|'')*'", "", statement.sql)
        names = [n.replace("]]", "]") for n in re.findall(r"\[((?:[^\]]|\]\])*)\]", outside)]
        assert all(len(n.encode("utf-16-le")) <= 256 for n in names), statement.sql


def test_a_rows_bytes_are_counted_as_sql_server_counts_them() -> None:
    """Error 1701 names 7 bytes of overhead of a table of char(8000) and char(60)."""
    two = [ServerColumn("a", ServerType("char", 8000)), ServerColumn("b", ServerType("char", 60))]
    assert largest_row(two) == (RowSize(ROW, 8067, ()), 8067)
    bits = [ServerColumn(f"b{n}", ServerType("bit")) for n in range(9)]
    assert largest_row(bits)[1] == 6 + 2 + 2
    text, key = ServerColumn("t", ServerType("nvarchar", MAX)), ServerColumn("k", ServerType("nvarchar", 300))
    size, most = largest_row([key, text], {"k"})
    assert most == 7 + 2 + 2 + 600 + 2 + 24
    rows = pa.record_batch({"k": ["xy", "", None, "x" * 300], "t": ["a" * 12, None, "b" * 9000, "c" * 13]})
    assert size.sizes(rows).tolist() == [7 + 6 + 4 + 24, 7, 7 + 6 + 24, 7 + 6 + 600 + 24]
