"""What a session must have set for filtered indexes and computed columns: in sessions as in scripts.

Seven options, says "CREATE INDEX (Transact-SQL)"; a server refuses the statement (1934) where one of them is otherwise.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.sqlserver.databases import conversion, target
from tests.sqlserver.silent_server import FakeServer
from wizard.convert import script
from wizard.convert.relaxed_constraints import tightening
from wizard.objects import CheckConstraint, Conversion, Name, ServerColumn, ServerTable, ServerType
from wizard.package import PackageSink
from wizard.settings import Options
from wizard.sqlserver.connection import ServerSession

ON = {"ANSI_NULLS", "ANSI_PADDING", "ANSI_WARNINGS", "ARITHABORT", "CONCAT_NULL_YIELDS_NULL", "QUOTED_IDENTIFIER"}
_SET = re.compile(r"SET\s+((?:[A-Z_]+\s*,\s*)*[A-Z_]+)\s+(ON|OFF)", re.IGNORECASE)
_NEEDS_THEM = re.compile(r"\b(?:CREATE|ALTER|INSERT|UPDATE|DELETE)\b")


def settings(text: str) -> dict[str, str]:
    """What the SET statements of a text leave set."""
    found: dict[str, str] = {}
    for names, state in _SET.findall(text):
        found |= dict.fromkeys((n.strip().upper() for n in names.split(",")), state.upper())
    return found


def all_set(text: str) -> bool:
    found = settings(text)
    return {n for n, state in found.items() if state == "ON"} >= ON and found.get("NUMERIC_ROUNDABORT") == "OFF"


def test_a_session_sets_them_before_anything_is_run() -> None:
    fake = FakeServer()
    with ServerSession.open(fake.connection(), "p") as session:
        before = list(fake.asked)
        session.execute("CREATE INDEX i ON t (a) WHERE a IS NOT NULL")
    fake.close()
    assert any(all_set(sql) for sql in before)


def test_every_script_of_a_package_sets_them_before_its_first_statement(sample: Path, tmp_path: Path) -> None:
    made = conversion(sample, target("2016"))
    statements = [script.guarded(s) for s in script.statements(made)]
    sink = PackageSink(tmp_path / "p", tmp_path / "w", made.tables, statements, Options(package_inserts=True), name="p")
    sink.finish(made.tables)
    seen = 0
    for file in sorted((tmp_path / "p").rglob("*.sql")):
        text = file.read_text(encoding="utf-8-sig")
        first = _NEEDS_THEM.search(re.sub(r"--.*", "", text))
        if first and not file.name.endswith(".count.sql"):
            seen += 1
            assert all_set(text[: text.index(first[0])]), file.name
    assert seen >= 7


def test_what_tightens_a_table_later_sets_them_too() -> None:
    check = CheckConstraint("CK_a", "[a] > 0", unchecked=True)
    table = ServerTable(Name("dbo", "T"), (ServerColumn("a", ServerType("int")),), checks=(check,))
    text = tightening(Conversion((table,)))
    assert all_set(text[: text.index("ALTER TABLE")])
