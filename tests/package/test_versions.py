"""The package says which SQL Server it needs, and for which it was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sqlserver.databases import conversion, target
from wizard.convert import convert, script
from wizard.definitions import Column, ColumnType, Database, Index, IndexColumn, Query, QueryKind, Table
from wizard.objects import Name, ObjectKind, Statement
from wizard.package import PackageSink
from wizard.package.scripts import version_script
from wizard.package.versions import VersionNeed, needed
from wizard.settings import Options, SqlVersion

NAME = Name("dbo", "V")


def view(text: str, kind: ObjectKind = ObjectKind.VIEW) -> Statement:
    return Statement(kind, NAME, text)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("CREATE OR ALTER VIEW [dbo].[V] AS SELECT LTRIM(RTRIM([a])) AS b", "2016"),
        ("CREATE OR ALTER VIEW [dbo].[V] AS SELECT [TRIM (old)], [LEAST(] FROM [T]", "2016"),
        ("SELECT [a] AS b WHERE [a] LIKE N'%translate (%'", "2016"),
        ("ALTER TABLE [dbo].[E] ADD DEFAULT N'It''s a Product (new)' FOR [a];", "2016"),
        ('SELECT [a] AS "Product (red)" -- TRIM (cm)\n', "2016"),
        ("/* LEAST( /* TRIM( */ TRIM( */ SELECT 1", "2016"),
        ("SELECT N'it''s', TRIM([a])", "2017"),
        ("SELECT N'--', TRIM([a]), N'/*'", "2017"),
        ("IF SCHEMA_ID(N'Trim (cm)') IS NULL EXEC(N'CREATE SCHEMA [TRIM (cm)]');", "2016"),
        ("EXEC(N'SELECT N''Trim (cm)'' FROM T')", "2016"),
        ("SELECT N'Product (red)' INTO #h; DECLARE @s nvarchar(max) = N'SELECT 1'; EXEC sys.sp_executesql @s;", "2016"),
        ("DECLARE @s nvarchar(max) = N'SELECT TRIM(' + @c + N') FROM T'; EXEC sys.sp_executesql @s;", "2017"),
        ("DECLARE @s nvarchar(max) = N'SELECT N''a;'', ' + @c + N'TRIM(x)'; EXEC sys.sp_executesql @s;", "2017"),
        ("SELECT TRIM([a])", "2017"),
        ("EXEC(N'SELECT STRING_AGG(a, N'','') FROM T')", "2017"),
        ("SELECT APPROX_COUNT_DISTINCT([a]) FROM T", "2019"),
        ("SELECT LEAST([a], 1), TRIM([b])", "2022"),
        ("SELECT 1 WHERE [a] IS NOT DISTINCT FROM [b]", "2022"),
        ("SELECT JSON_OBJECT('a':1)", "2022"),
        ("SELECT 1 WHERE REGEXP_LIKE([a], N'b')", "2025"),
        ("SELECT JSON_ARRAYAGG([a]) FROM T", "2025"),
    ],
)
def test_the_oldest_version_follows_from_what_the_scripts_use(text: str, version: str) -> None:
    assert needed([view("SELECT 1"), view(text)]).version == SqlVersion(version)


@pytest.mark.parametrize(
    ("text", "level", "why"),
    [
        ("SELECT N'OPENJSON(x)', [OPENJSON(] -- STRING_SPLIT(", 0, " in "),
        ("SELECT TRY_CONVERT(int, [a])", 110, "TRY_CONVERT in [dbo].[V]"),
        ("SELECT STRING_AGG([a], N',') WITHIN GROUP (ORDER BY [b])", 110, "WITHIN GROUP in [dbo].[V]"),
        ("SELECT [value] FROM OPENJSON([a])", 130, "OPENJSON in [dbo].[V]"),
        ("SELECT [value] FROM string_split([a], N',')", 130, "STRING_SPLIT in [dbo].[V]"),
        ("SELECT [value] FROM GENERATE_SERIES(1, 2), OPENJSON([a])", 160, "GENERATE_SERIES in [dbo].[V]"),
        ("SELECT 1 WHERE REGEXP_LIKE([a], N'b')", 170, "REGEXP_LIKE in [dbo].[V]"),
    ],
)
def test_the_level_of_compatibility_follows_too(text: str, level: int, why: str) -> None:
    found = needed([view("SELECT 1"), view(text), view("SELECT 2")])
    assert (found.compatibility.level, found.compatibility.why) == (level, why)
    asked = f"FROM sys.databases WHERE name = DB_NAME());\nIF @level < {level}\n" in version_script(found).text
    assert asked == bool(level)
    assert ("compatibility_level" in version_script(found).text) == bool(level)


def test_proper_case_needs_the_level_of_openjson() -> None:
    table = Table("E", (Column("ID", ColumnType.LONG), Column("t", ColumnType.TEXT, length=40)))
    query = Query("q", QueryKind.SELECT, "SELECT StrConv(t, 3) AS x FROM E")
    database = Database("b.accdb", "Access 2010", tables=(table,), queries=(query,))
    made = convert(database, source="b", schema="dbo", options=Options(), target=target("2019"))
    need = needed(script.statements(made))
    assert (need.version, need.compatibility.level) == (SqlVersion.V2016, 130)


def test_readme_manifest_and_both_commands_say_the_level(sample: Path, tmp_path: Path) -> None:
    made = conversion(sample, target("2019"))
    statements = [view("SELECT [value] FROM OPENJSON([a])")]
    sink = PackageSink(tmp_path / "p", tmp_path / "w", made.tables, statements, Options(), name="p")
    sink.finish(made.tables)
    readme = (tmp_path / "p" / "README.md").read_text(encoding="utf-8")
    assert "Managed Instance, and a database of compatibility level 130 or above (OPENJSON in " in readme
    for name in ("deploy.sh", "deploy.ps1"):
        text = (tmp_path / "p" / name).read_text(encoding="utf-8-sig")
        assert "or Azure SQL, and a database of compatibility level 130 or above." in text
    manifest = json.loads((tmp_path / "p" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["needs"]["compatibility_level"] == {"lowest": 130, "because_of": "OPENJSON in [dbo].[V]"}


@pytest.mark.parametrize(("needs", "first"), [("2016", (13, 4001)), ("2017", (14, 0)), ("2025", (17, 0))])
def test_the_first_script_asks_the_server_for_its_version(needs: str, first: tuple[int, int]) -> None:
    text = version_script(VersionNeed(SqlVersion(needs), "TRIM", "[dbo].[100%]")).text
    assert f"(@major < {first[0]} OR (@major = {first[0]} AND @build < {first[1]}))" in text
    assert "@edition NOT IN (5, 8, 12)" in text
    assert "(TRIM in [dbo].[100%]), and this server is version '\n        + @version" in text


def test_what_a_database_says_in_texts_needs_nothing() -> None:
    key = Index("PrimaryKey", (IndexColumn("ID"),), primary=True, unique=True, required=True)
    red = Column("t", ColumnType.TEXT, length=40, default='"Product (new)"')
    table = Table("E", (Column("ID", ColumnType.LONG), red), (key,))
    queries = (
        Query("q1", QueryKind.SELECT, 'SELECT ID, "Product (red)" AS x FROM E WHERE t Like "*translate (*"'),
        Query("q2", QueryKind.CROSSTAB, 'TRANSFORM First("Trim (cm)") SELECT ID FROM E GROUP BY ID PIVOT t'),
    )
    database = Database("b.accdb", "Access 2010", tables=(table,), queries=queries)
    made = convert(database, source="b", schema="dbo", options=Options(), target=target("2016"))
    assert any("Product (red)" in s.sql for s in script.statements(made))
    assert needed(script.guarded(s) for s in script.statements(made)).version is SqlVersion.V2016


def test_what_a_crosstab_runs_counts() -> None:
    table = Table("E", (Column("ID", ColumnType.LONG), Column("t", ColumnType.TEXT, length=40)))
    query = Query("q", QueryKind.CROSSTAB, "TRANSFORM Count(*) SELECT ID FROM E GROUP BY ID PIVOT t")
    database = Database("b.accdb", "Access 2010", tables=(table,), queries=(query,))
    made = convert(database, source="b", schema="dbo", options=Options(), target=target("2019"))
    need = needed(script.statements(made))
    assert (need.version, need.word) == (SqlVersion.V2017, "STRING_AGG")


def test_a_description_needs_nothing() -> None:
    assert needed([view("… N'SELECT Trim(a)' …", ObjectKind.DESCRIPTION)]).version is SqlVersion.V2016


@pytest.mark.parametrize("version", [SqlVersion.V2016, SqlVersion.V2019])
def test_readme_manifest_and_both_commands_say_so(sample: Path, tmp_path: Path, version: SqlVersion) -> None:
    made = conversion(sample, target(version.value))
    statements = [*(script.guarded(s) for s in script.statements(made)), view("SELECT STRING_AGG([a], N',') FROM [T]")]
    options = Options()
    sink = PackageSink(tmp_path / "p", tmp_path / "w", made.tables, statements, options, name="p", version=version)
    sink.finish(made.tables)
    for name in ("README.md", "deploy.sh", "deploy.ps1"):
        text = (tmp_path / "p" / name).read_text(encoding="utf-8-sig")
        assert f"written for SQL Server {version.value}" in text
        assert "need SQL Server 2017 or later" in text
    manifest = json.loads((tmp_path / "p" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["written_for"] == f"SQL Server {version.value}"
    assert manifest["needs"] == {"version": "SQL Server 2017", "because_of": "STRING_AGG in [dbo].[V]"}
