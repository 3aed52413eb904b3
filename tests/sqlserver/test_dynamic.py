"""Statements that procedures put together when they run, and the probes of the link kit.

What a crosstab's procedure makes of the headings it finds is computed here as a server would: its expressions are few
and SQLite knows them by other names.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sqlserver.client import LEVELS, Checker
from tests.sqlserver.databases import corpus, source, target
from tests.sqlserver.oracle.script import Script
from wizard.convert import convert, script
from wizard.convert.queries import alter_column
from wizard.objects import Conversion, Name, ObjectKind
from wizard.settings import CrosstabOption, Options

pytestmark = pytest.mark.oracle
HEADINGS = ("", "North", "it's ]here[", "1/2/2024", "a.b", "x" * 200)
TEMPLATES = Path(__file__).resolve().parents[2] / "wizard" / "link" / "templates"
_LITERAL = re.compile(r"(N?'(?:[^']|'')*')")
_COLUMNS = re.compile(r"nvarchar\(max\) = COALESCE\((\(SELECT STRING_AGG\(.*FROM #headings\)), N''\);", re.DOTALL)
_STATEMENT = re.compile(r"DECLARE (@\w+) nvarchar\(max\) = (N'(?:[^']|'')*' \+ @\w+ \+ N'(?:[^']|'')*');", re.DOTALL)
_RUN = re.compile(r"EXEC sys\.sp_executesql @\w+(?:, N'((?:[^']|'')*)')?")
_WORDS = (
    (r"\+", "||"), (r"NCHAR\(", "char("), (r"CONVERT\(nvarchar\(128\),", "cut("),
    (r"CONVERT\(nvarchar\(max\),", "identity("),
    (r"STRING_AGG\(", "group_concat("), (r"\) WITHIN GROUP \(ORDER BY \[sorted\]\)", ")"), ("#headings", "headings"),
)  # fmt: skip


def here(expression: str) -> str:
    """A T-SQL expression in SQLite's words."""
    pieces = _LITERAL.split(expression)
    for place, piece in enumerate(pieces):
        if place % 2:
            pieces[place] = piece.removeprefix("N")
        else:
            for pattern, word in _WORDS:
                piece = re.sub(pattern, word, piece)  # noqa: PLW2901
            pieces[place] = piece
    return "".join(pieces)


def made_when_run(sql: str) -> str:
    """The statement that a crosstab's procedure runs where its pivot has these headings, as a procedure."""
    columns, statement, run = _COLUMNS.search(sql), _STATEMENT.search(sql), _RUN.search(sql)
    assert columns, sql
    assert statement, sql
    assert run, sql
    base = sqlite3.connect(":memory:")
    base.create_function("quotename", 1, lambda t: "[" + t.replace("]", "]]") + "]")
    base.create_function("cut", 1, lambda t: t[:128])
    base.create_function("identity", 1, lambda t: t)
    base.execute("CREATE TABLE headings (heading TEXT, sorted TEXT)")
    base.executemany("INSERT INTO headings VALUES (?, ?)", [(h, h) for h in HEADINGS])
    (listed,) = base.execute(f"SELECT {here(columns[1])}").fetchone()
    expression = here(re.sub(r"\+ @\w+ \+", "+ @listed +", statement[2]))
    (text,) = base.execute(f"SELECT {expression.replace('@listed', ':listed')}", {"listed": listed}).fetchone()
    base.close()
    assert all(text.count(f"[{h.replace(']', ']]')}]") for h in HEADINGS[1:3])
    declared = (run[1] or "").replace("''", "'")
    return f"CREATE PROCEDURE [dbo].[when run] {declared} AS\n{text}"


def crosstabs() -> Iterator[tuple[str, Conversion]]:
    for path in corpus():
        definition, _ = source(path)
        options = Options(crosstab_headings=CrosstabOption.PROCEDURE)
        made = convert(definition, source="s", schema="dbo", options=options, target=target("2017"))
        if any("@statement" in m.sql or "sp_executesql" in m.sql for m in made.modules):
            yield path.name, made


@pytest.mark.corpus
def test_a_crosstab_finds_its_headings_and_runs_what_every_version_reads(checker: Checker, shared: Path) -> None:
    seen = 0
    for name, made in crosstabs():
        tables = [Script(f"{name} {s.part}", s.sql) for s in script.statements(made) if s.kind is ObjectKind.TABLE]
        views = [Script(f"{name} {m.name}", m.sql) for m in made.modules if m.kind is not ObjectKind.PROCEDURE]
        for module in (m for m in made.modules if "sp_executesql" in m.sql):
            run = Script(f"{name} {module.name}", made_when_run(module.sql))
            for version in ("2016", "azure"):
                assert [str(f) for f in checker.errors([*tables, *views, run], version)] == []
            seen += 1
    assert seen >= 3


def rebuilt(block: str) -> list[str]:
    """What a script that changes a column runs to free it and to put back what stood on it."""
    parts = block.split("THEN 1 ELSE 2 END, ", 1)[1].split("\nFROM (", 1)[0]
    indexes = block.split("SELECT 3,\n", 1)[1].split("\nFROM sys.indexes", 1)[0]
    base = sqlite3.connect(":memory:")
    base.create_function("quotename", 1, lambda t: "[" + t.replace("]", "]]") + "]")
    base.execute("CREATE TABLE p (name TEXT, made TEXT)")
    base.execute("CREATE TABLE i (name TEXT, is_primary_key INT, is_unique_constraint INT, is_unique INT,"
                 " filter_definition TEXT)")  # fmt: skip
    base.execute("CREATE TABLE m (kind TEXT, keys TEXT, included TEXT)")
    stood = [("DF__a'b ]1", " DEFAULT ((0)) FOR [a'b]"), ("CK it's", " CHECK ([a'b]>(0))")]
    base.executemany("INSERT INTO p VALUES (?, ?)", stood)
    kinds = [(1, 0, 1, None), (0, 1, 1, None), (0, 0, 1, "([a'b] IS NOT NULL)"), (0, 0, 0, None)]
    base.executemany("INSERT INTO i VALUES (?, ?, ?, ?, ?)", [(f"I ]{n}", *k) for n, k in enumerate(kinds)])
    base.execute("INSERT INTO m VALUES (' NONCLUSTERED', '[a''b], [c]]d] DESC', NULL)")
    rows = [*base.execute(f"SELECT {here(parts)} FROM p"), *base.execute(f"SELECT {here(indexes)} FROM i, m")]
    base.execute("UPDATE m SET included = '[more], [i''s]'")
    rows += base.execute(f"SELECT {here(indexes)} FROM i, m WHERE is_primary_key + is_unique_constraint = 0")
    base.close()
    return [text for row in rows for text in row]


def test_what_stood_on_a_changed_column_goes_and_comes_back_by_statements(checker: Checker) -> None:
    """Defaults, checks, keys, constraints and indexes of odd names, as the script that changes a column finds them."""
    made = rebuilt(alter_column.changing(Name("dbo", "it's ]odd["), alter_column.Change("a'b", "nvarchar(20)"), 1))
    assert len(made) == 2 * (2 + 4 + 2)
    filtered = "INDEX [I ]]2] ON [dbo].[it's ]]odd[] ([a'b], [c]]d] DESC) WHERE ([a'b] IS NOT NULL);"
    assert f"CREATE UNIQUE NONCLUSTERED {filtered}" in made
    included = filtered.replace(" WHERE", " INCLUDE ([more], [i's]) WHERE")
    assert f"CREATE UNIQUE NONCLUSTERED {included}" in made
    for version in LEVELS:
        assert checker.errors([Script(f"{n}", t, statements=False) for n, t in enumerate(made)], version) == []


def test_what_the_link_kit_asks_is_a_statement(checker: Checker) -> None:
    """The pass-through queries that the kit tries a new link with."""
    texts = [
        t for f in TEMPLATES.glob("link.*.jinja") for t in re.findall(r"\.SQL = ['\"]([^'\"]+)['\"]", f.read_text())
    ]
    assert len(texts) == 2
    for version in ("2016", "azure"):
        assert checker.errors([Script(f"probe {n}", t) for n, t in enumerate(texts)], version) == []
