"""Text in char and varchar: what the code page of a collation does not hold, foreseen, counted and told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.losing import package_of
from wizard.events import Stage
from wizard.objects import Conversion, TableRef
from wizard.outcomes import TableState, Verdict
from wizard.settings import Connection, TargetKind, TypeRule
from wizard.sqlserver import connection_test
from wizard.stages import Migration
from wizard.stages.code_pages import CodePages
from wizard.stages.connect import ConnectStage


def numbers(migration: Migration, key: str) -> dict[int, str]:
    """What stage 5 found in the data: numbers with the first words."""
    found = (m for group in migration.assess.results[key].findings for m in group.messages)
    return {m.number: m.text.partition(" hold")[0] for m in found}


@pytest.mark.parametrize("by_rule", [False, True], ids=["by hand", "by a rule"])
def test_characters_that_a_code_page_does_not_hold_are_a_loss_and_foreseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_rule: bool
) -> None:
    def western(_: CodePages, conversion: Conversion) -> Conversion:
        tables = (replace(t, columns=tuple(replace(c, code_page=1252) for c in t.columns)) for t in conversion.tables)
        return replace(conversion, tables=tuple(tables))

    monkeypatch.setattr(CodePages, "of", western)  # as of a server that was asked
    with package_of(tmp_path / "p", SAMPLE) as migration:
        ref = TableRef(migration.data.sources[0].key, "Publishers")
        if by_rule:
            migration.project.set_rules([TypeRule("text", "varchar(*)", 80, 80)])
            migration.prepare()
        migration.convert.run()
        if not by_rule:
            migration.convert.edit_type(ref, "Name", "varchar(80)")
        (told,) = migration.convert.found(ref)
        assert (told.number, told.text[:19]) == (2190, "3 of 7 rows hold ch")
        migration.assess.run()
        (foreseen_,) = (f for f in migration.assess.foreseen if f.rounded)
        assert (foreseen_.table, foreseen_.rejected, foreseen_.rounded) == (ref, 0, 3)
        assert numbers(migration, ref.source)[4090] == "3 of 7 rows"
        migration.one_step()
        (line,) = (t for t in migration.migrate.known_lines() if t.rounded)
        assert (line.rounded, line.rejected, line.state) == (3, 0, TableState.LOSSES)
        verified = migration.migrate.verify()
        assert (verified.verdict, verified.losses) == (Verdict.LOSSES, 3)
        page = migration.migrate.certificate
        assert page is not None
        assert "3 texts lost characters" in page.read_text(encoding="utf-8")


def test_without_the_collation_it_is_told_that_texts_cannot_be_checked(tmp_path: Path) -> None:
    with package_of(tmp_path / "p", SAMPLE) as migration:
        ref = TableRef(migration.data.sources[0].key, "Publishers")
        migration.convert.run()
        migration.convert.edit_type(ref, "Name", "varchar(80)")
        assert [(m.number, m.text[:11]) for m in migration.convert.found(ref)] == [(2191, "4 of 7 rows")]
        migration.assess.run()
        assert numbers(migration, ref.source)[4091] == "4 of 7 rows"
        assert not any(f.rounded for f in migration.assess.foreseen)
        migration.one_step()
        assert 6091 in {m.number for m in migration.messages(Stage.MIGRATE)}
        assert migration.migrate.verify().verdict is Verdict.EQUAL
        package = migration.files.package
        manifest = json.loads((package / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["beyond_ascii"] == 4
        assert {t["name"]: t["beyond_ascii"] for t in manifest["tables"]}["Publishers"] == {"Name": 4}
        readme = (package / "README.md").read_text(encoding="utf-8")
        assert "- [dbo].[Publishers], Name: 4 texts\n" in readme
        for name in ("deploy.sh", "deploy.ps1"):
            assert "4 texts have characters beyond ASCII" in (package / name).read_text(encoding="utf-8-sig")
        first = (package / "000-version.sql").read_text(encoding="utf-8")
        assert "IF @page IS NULL OR @page <> 65001\n    PRINT N'4 texts of this package have characters" in first
        migration.load.run()
        assert (package / "000-version.sql").read_text(encoding="utf-8") == first, "the rows are still there"
        migration.convert.edit_type(ref, "Name", "nvarchar(80)")
        migration.one_step()
        migration.migrate.reload()
        assert "@page" not in (package / "000-version.sql").read_text(encoding="utf-8")


def test_the_server_is_asked_for_its_code_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"page": 1252, "columns": {}}

    def ask(connection: Connection, password: str, question: object) -> tuple[int, dict[tuple[str, str, str], int]]:
        assert (connection.server, password) == ("srv", "")
        return answers["page"], answers["columns"]  # type: ignore[return-value]

    monkeypatch.setattr(connection_test, "ask_server", ask)
    monkeypatch.setattr(ConnectStage, "is_offline", False)
    with package_of(tmp_path / "p", SAMPLE) as migration:
        ref = TableRef(migration.data.sources[0].key, "Publishers")
        migration.convert.run()
        migration.project.set_target(replace(migration.data.target, kind=TargetKind.SQL_SERVER))
        migration.connect.set(Connection("srv", database="db"))
        migration.convert.look_at_code_pages()  # no column is kept in a code page
        assert not migration.files.code_pages.exists()
        migration.convert.edit_type(ref, "Name", "varchar(80)")
        pages = lambda: [c.code_page for t in migration.convert.conversion.tables for c in t.columns if c.code_page]  # noqa: E731
        assert pages() == []
        migration.convert.look_at_code_pages()
        assert pages() == [1252]
        answers["columns"] = {("dbo", "Publishers", "Name"): 65001}  # an older table with a collation of its own
        migration.convert.look_at_code_pages()
        assert pages() == [65001]
        migration.connect.set(Connection("other", database="db"))
    with Migration.open(tmp_path / "p") as migration:
        assert not [c for t in migration.convert.conversion.tables for c in t.columns if c.code_page]
