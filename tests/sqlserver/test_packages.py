"""Every script of the packages of our sample and of the corpus, as each version's server would read it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tests.assess.test_existing_rows import family, unique_file
from tests.assess.test_existing_rows import made as made_of
from tests.assess.test_existing_rows import one as old_rows
from tests.migrate.fakes import column, server_table
from tests.sqlserver.client import LEVELS, Checker
from tests.sqlserver.databases import conversion, corpus, package, target
from tests.sqlserver.known import known
from tests.sqlserver.oracle.found import Found
from tests.sqlserver.oracle.script import Script
from wizard.coercion.arrow_types import batch_schema
from wizard.convert import create, script
from wizard.convert.relaxed_constraints import tightening
from wizard.definitions import Column, ColumnType
from wizard.package import insert_statements, long_row_inserts
from wizard.package.scripts import version_script
from wizard.package.versions import VersionNeed
from wizard.settings import Options, SqlVersion, TargetKind
from wizard.stages import Migration

pytestmark = [pytest.mark.oracle, pytest.mark.xdist_group("oracle")]
NEWER = (SqlVersion.V2022, SqlVersion.V2025)
"""the checker's assemblies are of 2019"""
BEYOND_2019: dict[SqlVersion, tuple[str, ...]] = {SqlVersion.V2022: (), SqlVersion.V2025: ()}
"""scripts that need what the assemblies do not know, by name: nothing of them is held to anything"""


def refused(checker: Checker, scripts: list[Script], version: str) -> list[Found]:
    return [f for f in checker.errors(scripts, version) if not known(f)]


def sample_package(folder: Path, sample: Path, version: str, options: Options) -> Path:
    """The sample's whole package as it lies on disk."""
    wanted = replace(target(version), kind=TargetKind.PACKAGE)
    with Migration.create(folder / "p", target=wanted) as migration:
        migration.project.set_options(options)
        migration.project.confirm()
        migration.sources.add(sample)
        migration.prepare()
        migration.one_step()
        return migration.folder / "package"


@pytest.mark.parametrize("version", LEVELS)
def test_the_package_of_the_sample_deploys(checker: Checker, sample: Path, tmp_path: Path, version: str) -> None:
    """With the scripts that count rows."""
    package_folder = sample_package(tmp_path, sample, version, Options())
    files = [*sorted(package_folder.glob("[0-9]*.sql")), *sorted((package_folder / "data").glob("*.sql"))]
    checked = checker.check([Script(f.name, f.read_text(encoding="utf-8")) for f in files], version)
    assert [f for f in checked.found if f.severity == "error"] == []
    assert checked.counts["table"] == checked.counts["dml"] == 10
    assert len(files) >= 18


_PROOF = re.compile(r"(?=^SELECT \[v\]\.\* INTO #found)", re.MULTILINE)
_DROPPED = re.compile(r"^IF OBJECT_ID\(N'tempdb[^\n]*\n", re.MULTILINE)


def test_the_script_that_proves_queries_is_right(checker: Checker, sample: Path, tmp_path: Path) -> None:
    """Tables stand for the temporary ones, others for each query: a model does not follow what is dropped."""
    folder = sample_package(tmp_path, sample, "2016", Options())
    text = (folder / "prove-queries.sql").read_text(encoding="utf-8")
    made = [Script(f.name, f.read_text(encoding="utf-8")) for f in sorted(folder.glob("[01]*.sql"))]
    for number, part in enumerate(_PROOF.split(text)):
        own = _DROPPED.sub("", part).replace("#proofs", "[dbo].[all proofs]")
        own = own.replace("#found", f"[dbo].[found {number}]").replace("#wanted", f"[dbo].[wanted {number}]")
        made.append(Script(f"proof {number}", own))
    assert len(made) > 25
    for version in ("2016", "azure"):
        checked = checker.check(made, version)
        assert [str(f) for f in checked.found if f.severity == "error"] == []
        assert checker.errors([Script("as written", text, statements=False)], version) == []


def test_what_tightens_a_table_later_is_right(checker: Checker) -> None:
    """`tighten.sql`: the parser's word on what alters, and the compiler's on the questions that stand as comments."""
    required = old_rows(Column("A", ColumnType.TEXT, 10, required=True), ["x", None])[1]
    ruled = old_rows(Column("A", ColumnType.TEXT, 10, validation_rule="Like 'x*'"), ["x", "it's"])[1]
    seen = 0
    for one in (required, ruled, made_of(unique_file()), family()[1]):
        text = tightening(one)
        asked = [line.removeprefix("-- ") for line in text.splitlines() if line.startswith("-- SELECT")]
        there = [Script(f"{s.kind} {s.name}", s.sql) for s in script.statements(one)]
        for version in LEVELS:
            assert checker.errors([*there, *(Script(f"question {n}", q) for n, q in enumerate(asked))], version) == []
            assert checker.errors([Script("tighten.sql", text, statements=False)], version) == []
        seen += len(asked) + ("ALTER COLUMN" in text)
    assert seen >= 4


@pytest.mark.parametrize("version", LEVELS)
def test_the_first_script_warns_of_texts_that_the_database_may_not_hold(checker: Checker, version: str) -> None:
    script = version_script(VersionNeed(), 3)
    checked = checker.check([Script(script.path, script.text)], version)
    assert [f for f in checked.found if f.severity == "error"] == []


def test_rows_as_statements_are_right_on_the_oldest_version(checker: Checker, sample: Path, tmp_path: Path) -> None:
    """The parser reads every row; the first of each table is held to the table's types."""
    package_folder = sample_package(tmp_path, sample, "2016", Options(package_inserts=True))
    scripts = [Script(f.name, f.read_text(encoding="utf-8")) for f in sorted(package_folder.glob("[0-9]*.sql"))]
    for file in sorted((package_folder / "data").glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        end = text.find("\nGO", text.find("\nINSERT ")) + len("\nGO") if "\nINSERT " in text else len(text)
        scripts += [Script(file.name, text, statements=False), Script(f"{file.name} (start)", text[:end])]
    checked = checker.check(scripts, "2016")
    assert [f for f in checked.found if f.severity == "error"] == []
    assert checked.counts["dml"] >= 20


def test_a_row_too_long_for_a_statement_is_put_together_of_pieces(
    checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table stands for the temporary one, which the compiler knows within procedures alone."""
    monkeypatch.setattr(insert_statements, "LONGEST", 10_000)
    monkeypatch.setattr(long_row_inserts, "PIECE", 5_000)
    table = server_table(
        "T",
        column("ID", "int", identity=True, nullable=False),
        column("Text", "nvarchar", -1),
        column("Short", "nvarchar", 4_000),
        column("Bytes", "varbinary", -1),
    )
    values = [{"ID": 1, "Text": "it's\r\n😀" * 3_000, "Short": "x" * 4_000, "Bytes": bytes(6_000)}]
    rows = pa.RecordBatch.from_pylist(values, schema=batch_schema(table.columns))
    parts = [
        insert_statements.head(table.name, table.columns),
        *insert_statements.statements(rows, table.name, table.columns, 0),
    ]
    whole = b"".join([*parts, insert_statements.tail(str(table.name), True)]).decode()
    made = f"{long_row_inserts.MADE.partition(' IS NULL ')[2]}\nGO\n{create.table(table)}"
    shown = [
        text.replace(long_row_inserts.TABLE, "[dbo].[pieces]")
        for text in (made, whole.replace(long_row_inserts.MADE, ""))
    ]
    checked = checker.check([Script("tables", shown[0]), Script("rows", shown[1])], "2016")
    assert checked.found == ()
    assert checked.counts["dml"] > 8
    assert checker.errors([Script("as written", whole, statements=False)], "2016") == []


@pytest.mark.corpus
@pytest.mark.parametrize("version", LEVELS)
def test_the_packages_of_the_corpus_deploy(checker: Checker, shared: Path, version: str) -> None:
    """All in one database, each in a schema of its own."""
    scripts = []
    for number, path in enumerate(corpus()):
        made = conversion(path, target(version), schema=f"{path.stem[:60]} {number}")
        scripts += [Script(f"{path.name}/{s.name}", s.text) for s in package(made)]
    assert refused(checker, scripts, version) == []


@pytest.mark.corpus
@pytest.mark.parametrize("version", NEWER)
def test_newer_versions_get_nothing_that_2019_does_not_know_without_being_listed(
    checker: Checker, shared: Path, version: SqlVersion
) -> None:
    """Where a script for 2022 or 2025 is 2019's, that is checked already; what differs must pass 2019 or be listed."""
    differing: list[Script] = []
    for number, path in enumerate(corpus()):
        schema = f"{path.stem[:60]} {number}"
        newer = package(conversion(path, target(version.value), schema=schema))
        if newer != package(conversion(path, target("2019"), schema=schema)):
            differing += [Script(f"{path.name}/{s.name}", s.text) for s in newer]
    found = refused(checker, differing, "2019") if differing else []
    assert {f.file for f in found} == set(BEYOND_2019[version])
