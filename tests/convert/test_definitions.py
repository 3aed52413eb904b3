"""Data definition that SQL Server refuses as Access has it: written so that it takes it, or refused with a message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sqlserver.databases import target
from wizard.convert import convert
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
from wizard.settings import Options

ITEMS = Table(
    "Items",
    (
        Column("ID", ColumnType.LONG, auto=AutoNumber.INCREMENT),
        Column("Made", ColumnType.DATE),
        Column("Number", ColumnType.LONG),
        Column("Note", ColumnType.MEMO),
        Column("Name", ColumnType.TEXT, length=9),
    ),
    (
        Index("PrimaryKey", (IndexColumn("ID"),), primary=True, unique=True, required=True),
        Index("counted", (IndexColumn("Number"),)),
        Index("notes", (IndexColumn("Note"),)),
    ),
)
PARTS = Table("Parts", (Column("Item", ColumnType.LONG), Column("Name", ColumnType.TEXT, length=20)))
OF_ITEM = Relationship("ItemsParts", "Parts", ("Item",), "Items", ("ID",))


def converted(*sql: str, options: Options = Options()) -> Conversion:  # noqa: B008
    queries = tuple(Query(f"q{n}", QueryKind.DATA_DEFINITION, text) for n, text in enumerate(sql))
    database = Database("b.accdb", "Access 2010", tables=(ITEMS, PARTS), relationships=(OF_ITEM,), queries=queries)
    return convert(database, source="b", schema="dbo", options=options, target=target("2019"))


def review(*sql: str) -> list[str]:
    return [s.sql for s in converted(*sql).review]


def numbers(made: Conversion) -> list[int]:
    return [m.number for i in made.items if i.category == "queries" for m in i.messages]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX i ON Items (Name, Note)",
        "CREATE UNIQUE INDEX i ON Items (note)",
        "CREATE INDEX i ON Items (Note) WITH PRIMARY",
        "CREATE TABLE T (a LONG, c MEMO UNIQUE)",
        "CREATE TABLE T (a LONGBINARY PRIMARY KEY)",
        "CREATE TABLE T (a LONG, c MEMO, CONSTRAINT u UNIQUE (a, c))",
        "CREATE TABLE T (a LONG, c MEMO, CONSTRAINT f FOREIGN KEY (c) REFERENCES Items (Note))",
        "ALTER TABLE Items ADD c MEMO UNIQUE",
        "ALTER TABLE Items ADD CONSTRAINT u UNIQUE (Note)",
        "ALTER TABLE Items ALTER COLUMN Name MEMO CONSTRAINT u UNIQUE",
    ],
)
def test_a_key_over_a_type_without_a_limit_is_refused(sql: str) -> None:
    made = converted(sql)
    assert (numbers(made), made.review) == ([3155], ())


def test_other_columns_of_such_a_table_may_be_keys() -> None:
    assert review("CREATE TABLE T (a LONG UNIQUE, c MEMO NOT NULL)") == [
        "CREATE TABLE [dbo].[T] (\n    [a] int UNIQUE,\n    [c] nvarchar(max) NOT NULL\n);"
    ]
    assert "CREATE INDEX [i] ON [dbo].[Items] ([Number]);" in review("CREATE INDEX i ON Items (Number)")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("CREATE UNIQUE INDEX i ON Items (Number)", "\nWHERE [Number] IS NOT NULL"),
        ("CREATE UNIQUE INDEX i ON Items (ID, Number, Name)", "\nWHERE [Number] IS NOT NULL AND [Name] IS NOT NULL"),
        ("CREATE UNIQUE INDEX i ON Items (ID)", ""),
        ("CREATE UNIQUE INDEX i ON Items (Number) WITH DISALLOW NULL", ""),
        ("CREATE INDEX i ON Items (Number) WITH IGNORE NULL", "\nWHERE [Number] IS NOT NULL"),
        ("CREATE INDEX i ON Items (Number, Name) WITH IGNORE NULL", ""),
    ],
)
def test_an_index_is_over_the_rows_that_it_is_over_in_access(sql: str, rows: str) -> None:
    """Access takes any number of NULLs in a unique index: a table's own indexes become the same."""
    assert review(sql)[0].partition(")")[2] == f"{rows};"


@pytest.mark.parametrize(
    "sql", ["CREATE TABLE T (a LONG UNIQUE)", "ALTER TABLE Items ADD CONSTRAINT u UNIQUE (Number)"]
)
def test_a_constraint_that_takes_null_once_is_told(sql: str) -> None:
    assert 3158 in numbers(converted(sql))


@pytest.mark.parametrize(
    "sql", ["CREATE TABLE T (a LONG NOT NULL UNIQUE)", "CREATE TABLE T (a LONG PRIMARY KEY, CONSTRAINT u UNIQUE (a))"]
)
def test_a_constraint_over_what_is_never_null_is_the_same(sql: str) -> None:
    assert 3158 not in numbers(converted(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE Items ADD CONSTRAINT c1 CHECK (Number>(SELECT 1 FROM Items))",
        "CREATE TABLE T (q LONG, CONSTRAINT c1 CHECK (EXISTS (SELECT 1 FROM Items)))",
        "CREATE TABLE T (q LONG, CONSTRAINT c1 CHECK (q IN (SELECT ID FROM Items)))",
    ],
)
def test_a_check_with_a_sub_query_is_refused_as_a_rule_is(sql: str) -> None:
    made = converted(sql)
    assert (numbers(made), made.review) == ([3506], ())


def test_columns_become_required_before_they_become_the_primary_key() -> None:
    for sql in (
        "CREATE INDEX k ON Parts (Item, Name DESC) WITH PRIMARY",
        "ALTER TABLE Parts ADD CONSTRAINT k PRIMARY KEY (Item, Name)",
    ):
        (text,) = review(sql)
        places = [
            text.index(part)
            for part in ("ALTER COLUMN [Item] int NOT NULL;", "ALTER COLUMN [Name] nvarchar(20) NOT NULL;",
                         "ALTER TABLE [dbo].[Parts] ADD CONSTRAINT [k] PRIMARY KEY ([Item], [Name]")
        ]  # fmt: skip
        assert places == sorted(places)
    (text,) = review("ALTER TABLE Parts ALTER COLUMN Item LONG PRIMARY KEY")
    assert "ALTER COLUMN [Item] int NOT NULL;" in text
    assert review("ALTER TABLE Items ADD CONSTRAINT k PRIMARY KEY (ID)") == [
        "ALTER TABLE [dbo].[Items] ADD CONSTRAINT [k] PRIMARY KEY ([ID]);"
    ]


@pytest.mark.parametrize(
    ("sql", "action"),
    [
        ("CREATE TABLE T (a LONG, b LONG, PRIMARY KEY (a, b), FOREIGN KEY (b) REFERENCES Items (ID) {})", "NO ACTION"),
        ("CREATE TABLE T (a LONG NOT NULL, FOREIGN KEY (a) REFERENCES Items (ID) {})", "NO ACTION"),
        ("CREATE TABLE T (a LONG PRIMARY KEY REFERENCES Items (ID) {})", "NO ACTION"),
        ("ALTER TABLE Items ADD CONSTRAINT f FOREIGN KEY (ID) REFERENCES Items (ID) {}", "NO ACTION"),
        ("CREATE TABLE T (a LONG, b LONG, PRIMARY KEY (a), FOREIGN KEY (b) REFERENCES Items (ID) {})", "SET NULL"),
        ("ALTER TABLE Parts ADD CONSTRAINT f FOREIGN KEY (Item) REFERENCES Items (ID) {}", "SET NULL"),
    ],
)
def test_what_cannot_be_null_is_not_set_null(sql: str, action: str) -> None:
    made = converted(sql.format("ON DELETE SET NULL"))
    assert f"ON DELETE {action}" in made.review[0].sql
    assert (3156 in numbers(made)) == (action == "NO ACTION")


def test_what_access_names_is_dropped_by_its_name_here() -> None:
    assert review(
        "ALTER TABLE Items DROP CONSTRAINT PrimaryKey",
        "DROP INDEX primarykey ON Items",
        "DROP INDEX Counted ON Items",
        "ALTER TABLE Items DROP CONSTRAINT counted",
        "ALTER TABLE Parts DROP CONSTRAINT ItemsParts",
        "DROP INDEX other ON Items",
    ) == [
        "ALTER TABLE [dbo].[Items] DROP CONSTRAINT [PK_Items];",
        "ALTER TABLE [dbo].[Items] DROP CONSTRAINT [PK_Items];",
        "DROP INDEX [IX_Items_counted] ON [dbo].[Items];",
        "DROP INDEX [IX_Items_counted] ON [dbo].[Items];",
        "ALTER TABLE [dbo].[Parts] DROP CONSTRAINT [FK_Parts_Items];",
        "DROP INDEX [other] ON [dbo].[Items];",
    ]


def test_an_index_that_was_left_out_is_not_dropped() -> None:
    made = converted("DROP INDEX notes ON Items")
    assert (numbers(made), made.review) == ([3157], ())


def test_a_schema_has_each_name_of_a_constraint_once() -> None:
    made = converted(
        "CREATE TABLE A (n LONG, CONSTRAINT pk PRIMARY KEY (n))",
        "CREATE TABLE B (n LONG, CONSTRAINT pk PRIMARY KEY (n))",
        "ALTER TABLE B DROP CONSTRAINT PK",
        "DROP INDEX pk ON A",
        "CREATE TABLE C (n LONG, CONSTRAINT PK_Items UNIQUE (n))",
    )
    first, second, dropped, index, third = (s.sql for s in made.review)
    assert "CONSTRAINT [pk] PRIMARY KEY" in first
    assert "CONSTRAINT [pk_2] PRIMARY KEY" in second
    assert dropped == "ALTER TABLE [dbo].[B] DROP CONSTRAINT [pk_2];"
    assert index == "ALTER TABLE [dbo].[A] DROP CONSTRAINT [pk];"
    assert "CONSTRAINT [PK_Items_2] UNIQUE" in third
    assert numbers(made).count(2020) == 2
    silent = converted(
        "CREATE TABLE A (n LONG, CONSTRAINT Items UNIQUE (n))", options=replace(Options(), warn_renamed=False)
    )
    assert "CONSTRAINT [Items_2]" in silent.review[0].sql
    assert 2020 not in numbers(silent)
