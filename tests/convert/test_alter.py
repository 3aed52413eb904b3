"""Data definition that changes or drops columns which defaults, rules, keys and indexes stand on."""

from __future__ import annotations

import re

import pytest

from tests.convert.saved import saved
from wizard.convert.queries import alter_column
from wizard.definitions import QueryKind
from wizard.objects import Name

TABLE = Name("dbo", "it's ]odd[")


def made(sql: str) -> str:
    (statement,) = saved({"q": sql}, kind=QueryKind.DATA_DEFINITION).review
    return statement.sql


def refused(sql: str) -> list[int]:
    found = saved({"q": sql}, kind=QueryKind.DATA_DEFINITION)
    assert found.review == ()
    return [m.number for i in found.items for m in i.messages if i.source.table == "q"]


def test_a_dropped_column_takes_its_default_and_its_own_rules_with_it_and_no_index() -> None:
    sql = made("ALTER TABLE Orders DROP COLUMN Note, Amount")
    assert sql.endswith("ALTER TABLE [dbo].[Orders] DROP COLUMN [Note], [Amount];")
    for number, column in enumerate(("Note", "Amount"), 1):
        assert f"DECLARE @column{number} int = COLUMNPROPERTY(@table{number}, N'{column}', 'ColumnId');" in sql
        assert f"EXEC (@drop{number});" in sql
    assert sql.count("sys.default_constraints") == sql.count("sys.check_constraints") == 2
    assert "NOT IN (0, @column2)" in sql
    assert "sys.indexes" not in sql, "Access refuses to drop an indexed column, and so does the server"


def test_a_changed_column_gets_back_what_stood_on_it_and_keeps_whether_it_allows_null() -> None:
    sql = made("ALTER TABLE Orders ALTER COLUMN Customer TEXT(80)")
    order = ["sys.default_constraints", "sys.check_constraints", "sys.indexes", "EXEC (@drop1);",
             "ALTER COLUMN [Customer] nvarchar(80)", "'AllowsNull'", "EXEC (@change1);", "EXEC (@make1);"]  # fmt: skip
    places = [sql.index(part) for part in order]
    assert places == sorted(places)
    assert "NOT IN (0, @column1)" not in sql, "a rule over several columns is put back too"
    assert "ALTER COLUMN [Amount] money NOT NULL;" in made("ALTER TABLE Orders ALTER COLUMN Amount CURRENCY NOT NULL")


def test_what_the_new_column_says_itself_comes_after_it() -> None:
    sql = made("ALTER TABLE Orders ALTER COLUMN Amount DOUBLE DEFAULT 5 CONSTRAINT u UNIQUE")
    assert "ALTER COLUMN [Amount] float'" in sql
    assert sql.splitlines()[-2:] == [
        "ALTER TABLE [dbo].[Orders] ADD DEFAULT 5 FOR [Amount];",
        "ALTER TABLE [dbo].[Orders] ADD CONSTRAINT [u] UNIQUE ([Amount]);",
    ]
    assert "DELETE FROM @parts1 WHERE [rank] = 1;" in sql, "the old default does not come back beside the new one"
    key = made("ALTER TABLE Orders ALTER COLUMN Amount LONG CONSTRAINT f REFERENCES People (ID)").splitlines()[-1]
    added = "ALTER TABLE [dbo].[Orders] ADD CONSTRAINT [f] FOREIGN KEY ([Amount]) REFERENCES [dbo].[People] ([ID]);"
    assert key == added


def test_a_default_alone() -> None:
    sql = made("ALTER TABLE Orders ALTER COLUMN Amount SET DEFAULT 5")
    assert sql.endswith("EXEC (@drop1);\nALTER TABLE [dbo].[Orders] ADD DEFAULT 5 FOR [Amount];")
    assert "sys.check_constraints" not in sql
    assert made("ALTER TABLE Orders ALTER COLUMN Amount DROP DEFAULT").endswith("EXEC (@drop1);")


@pytest.mark.parametrize("kind", ["COUNTER", "COUNTER(1000, 1)", "AUTOINCREMENT"])
def test_no_statement_makes_an_identity_of_a_column(kind: str) -> None:
    assert refused(f"ALTER TABLE Orders ALTER COLUMN ID {kind}") == [3154]


@pytest.mark.parametrize(
    "sql",
    [
        alter_column.dropping(TABLE, ["a'b", "c]d"]),
        alter_column.changing(TABLE, alter_column.Change("a'b", "nvarchar(20)"), 1),
        alter_column.changing(TABLE, alter_column.Change("c]d", "int", False, "(5)"), 2),
        alter_column.dropping_default(TABLE, "a'b", 1),
    ],
    ids=["drop", "change", "change with default", "default"],
)
def test_variables_are_declared_before_they_are_used_and_names_stay_in_their_quotes(sql: str) -> None:
    bare = re.sub(r"N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]", "", sql)
    assert "odd" not in bare
    assert set(re.findall(r"@\w+", bare)) == set(re.findall(r"DECLARE (@\w+)", bare))
    for name in set(re.findall(r"@\w+", bare)):
        assert bare.index(f"DECLARE {name}") <= bare.index(name)
        assert bare.count(f"DECLARE {name} ") == 1


def test_several_columns_in_one_batch_have_variables_of_their_own() -> None:
    whole = "\n".join(alter_column.changing(TABLE, alter_column.Change(c, "int"), n) for n, c in enumerate("abc", 1))
    declared = re.findall(r"DECLARE (@\w+)", whole)
    assert len(declared) == len(set(declared)) == 3 * 6
