"""The checker finds what it must, and what keeps the tests' conversions stands where it must."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import wizard.convert
from tests.sqlserver.client import LEVELS, Checker
from tests.sqlserver.kept import Kept
from tests.sqlserver.oracle.script import Script
from wizard.convert import expressions, queries
from wizard.objects import Conversion, Name, ObjectKind, ServerColumn, ServerModule, ServerTable, ServerType
from wizard.settings import Target

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("oracle")]
BAD = Path(__file__).with_name("bad.sql")
TABLE = ServerTable(Name("dbo", "T"), (ServerColumn("n", ServerType("int")),))


def test_it_finds_every_fault_of_the_bad_script(checker: Checker) -> None:
    found = checker.errors([Script("bad.sql", BAD.read_text(encoding="utf-8"))], "2019")
    assert Counter(f.tool for f in found) == {"L": 68, "M": 7, "B": 7, "P": 2}


@pytest.mark.corpus
def test_it_finds_every_fault_of_the_shared_bad_script(checker: Checker, shared: Path) -> None:
    bad = shared / "tools" / "tsql_oracle" / "selftest" / "bad.sql"
    if not bad.is_file():
        pytest.skip("needs the self-test of ../shared/tools")
    found = checker.errors([Script(bad.name, bad.read_text(encoding="utf-8"))], "2019")
    assert Counter(f.tool for f in found) == {"L": 51, "M": 7, "B": 7, "P": 1}


@pytest.mark.parametrize("version", LEVELS)
def test_what_is_right_is_let_through(checker: Checker, version: str) -> None:
    script = (
        "CREATE TABLE dbo.T (n int NOT NULL, CONSTRAINT pk PRIMARY KEY (n));\nGO\nCREATE VIEW dbo.V AS SELECT n FROM T;"
    )
    checked = checker.check([Script("good.sql", script)], version)
    assert checked.found == ()
    assert checked.counts == {"table": 1, "module": 1}


def test_a_function_is_refused_where_its_version_does_not_have_it(checker: Checker) -> None:
    script = [Script("trim.sql", "SELECT TRIM(N' a ') AS b;")]
    assert [f.code for f in checker.errors(script, "2016")] == ["L195"]
    assert checker.errors(script, "2017") == []


def test_texts_that_are_run_are_looked_at_like_others(checker: Checker) -> None:
    found = checker.errors([Script("run.sql", "EXEC(N'CREATE VIEW dbo.V AS SELECT nope FROM dbo.T');")], "2019")
    assert any("dbo.T" in f.text for f in found)


def test_what_tests_convert_is_kept_and_looked_at(checker: Checker) -> None:
    """The wrappers of the plugin are in place, and a fault in what they keep is found with its test's name."""
    for module, name in (
        (wizard.convert, "convert"),
        (queries, "convert_queries"),
        (expressions, "translate_value"),
        (expressions, "translate_condition"),
    ):
        assert hasattr(getattr(module, name), "__wrapped__"), name
    kept = Kept()
    bad = ServerModule(Name("dbo", "V"), ObjectKind.VIEW, "CREATE VIEW [dbo].[V] AS SELECT [x] FROM [dbo].[T]")
    good = ServerModule(Name("dbo", "W"), ObjectKind.VIEW, "CREATE VIEW [dbo].[W] AS SELECT [n] FROM [dbo].[T]")
    kept.keep(Conversion((TABLE,), (good,)), Target(), "the good test")
    kept.keep(Conversion((TABLE,), (bad,)), Target(), "the bad test")
    databases = list(kept.databases())
    assert len(databases) == 1
    found = [f for version, scripts in databases for f in checker.errors(scripts, version)]
    assert {f.file for f in found} == {"the bad test (1)"}
