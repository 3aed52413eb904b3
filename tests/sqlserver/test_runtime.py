"""Statements that are built while Jetferry runs: loading, moving, aftercare, verification, proof, first questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.sqlserver.bulk_core import Core
from tests.sqlserver.client import Checker
from tests.sqlserver.databases import conversion, target
from tests.sqlserver.doubles import CATALOG, Rows, Server
from tests.sqlserver.oracle.script import Script
from wizard.coercion.arrow_types import batch_schema
from wizard.convert import script
from wizard.convert.queries import alter_column
from wizard.convert.schema_diff import SyncChoice, compare, plan
from wizard.messages import Message, TargetError
from wizard.objects import SETTINGS, Conversion, Name, ObjectKind, ServerColumn, ServerTable, ServerType
from wizard.settings import Constraints, Options
from wizard.sink import Checkpoint, Delivery, Partition, TableBatch
from wizard.sqlserver import (
    ServerSession,
    array_inserts,
    checkpoints,
    code_pages,
    connection_test,
    introspection,
    load_advice,
    table_sums,
    takeover,
)
from wizard.sqlserver.blockers import BlockerSearch, application_name
from wizard.sqlserver.bulk_copy import BulkSession, CopyOptions
from wizard.sqlserver.constraints import LoadConstraints
from wizard.sqlserver.driver_errors import ServerError
from wizard.sqlserver.server_sink import ServerSink
from wizard.sqlserver.statement_runner import StatementStep, run_statements
from wizard.sqlserver.table_sums import ServerTableSums
from wizard.sqlserver.writer_context import CheckpointState
from wizard.stages import server_preview

pytestmark = [pytest.mark.oracle]
VERSIONS = ("2016", "azure")
PLAIN = ("bit", "tinyint", "smallint", "int", "bigint", "real", "float", "money", "smallmoney", "date", "datetime",
         "smalldatetime", "uniqueidentifier")  # fmt: skip
MARK = (0, 0, 0, 0, "a source", "me")
EVERY_TYPE = ServerTable(
    Name("dbo", "Every type"),
    tuple(
        ServerColumn(f"it's {n}", kind)
        for n, kind in enumerate(
            [ServerType(n) for n in PLAIN]
            + [ServerType("datetime2", scale=s) for s in (0, 3, 7)]
            + [ServerType("decimal", precision=p, scale=s) for p, s in ((18, 0), (28, 28), (38, 4))]
            + [ServerType(n, length) for n in ("nvarchar", "varchar", "varbinary") for length in (20, -1)]
            + [ServerType(n, 12) for n in ("nchar", "char", "binary")]
        )
    ),
)  # fmt: skip


def quietly(sql: str) -> Rows | None:
    """Nothing is there; what is counted is one."""
    if re.match(r"SELECT (COUNT|SUM\(rows_written)", sql):
        return [(0,)]
    return [] if sql.lstrip("( ").upper().startswith("SELECT") else None


def base(made: Conversion, *kinds: ObjectKind) -> list[Script]:
    """The conversion's tables and what else is there before the statements come; with Jetferry's own journal."""
    wanted = (ObjectKind.SCHEMA, ObjectKind.TABLE, ObjectKind.DEFAULT, ObjectKind.PRIMARY_KEY, *kinds)
    return [Script(f"{s.kind} {s.part}", s.sql) for s in script.statements(made) if s.kind in wanted]


def held(checker: Checker, before: Sequence[Script], double: Server, least: int) -> None:
    """Every statement the double was given, as each version's server would read it."""
    assert len(double.statements) >= least, list(double.statements)
    there = {s.text for s in before}
    run = [s for s in double.scripts() if s.text not in there]
    for version in VERSIONS:
        checked = checker.check([CATALOG, *before, *run], version)
        assert [str(f) for f in checked.found if f.severity == "error"] == []


@pytest.fixture
def books(sample: Path) -> Conversion:
    return conversion(sample, target("2016"))


@pytest.fixture
def journal() -> list[Script]:
    """The journal as it is made on a server."""
    double = Server(quietly)
    with pytest.MonkeyPatch.context() as patch, connection_test.connected(double.installed(patch), "") as session:
        checkpoints.ensure(session, "dbo")
    return [s for s in double.scripts() if s.text.startswith("CREATE TABLE")]


def test_what_is_asked_before_anything_is_done(
    checker: Checker, monkeypatch: pytest.MonkeyPatch, books: Conversion
) -> None:
    """Rights, databases, schemas, what is there, what could be advised."""
    answers = {"SELECT DB_NAME(), CAST": [("books", "FULL", 3)], "SELECT s.name, t.name FROM": [("dbo", "Orders")],
               "SELECT CASE WHEN HAS_PERMS": [(1,)], "SELECT COUNT(*)": [(0,)]}  # fmt: skip

    def answer(sql: str) -> Rows | None:
        return next((rows for start, rows in answers.items() if sql.startswith(start)), quietly(sql))

    double = Server(answer)
    connection = double.installed(monkeypatch)
    with connection_test.connected(connection, "") as session:
        connection_test.info(session)
        introspection.existing_objects(session, ["dbo", "it's"])
        list(load_advice.advice(session, Options(table_lock=False), books.tables))
        code_pages.database_page(session)
        code_pages.column_pages(session, ["dbo", "it's"])
    connection_test.databases(connection, "")
    connection_test.schemas(connection, "")
    connection_test.create_database(connection, "", "it's ]new")
    connection_test.create_database(connection, "", "on Azure", connection_test.Tier("Standard", "S0", "250 GB"))
    held(checker, base(books), double, 25)


def test_who_holds_up_a_statement_is_asked_and_ended(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = application_name("project").replace("-", "-former ")
    who = ("ferry", ours, "it's here", "sleeping", "2026-01-02 03:04:05.678", "2026-01-02 03:05:00", 1)
    answers = {"SELECT session_id, COALESCE": [(60, 99)], "SELECT COALESCE(login_name": [who]}
    double = Server(lambda sql: next((rows for start, rows in answers.items() if sql.startswith(start)), None))
    connection = double.installed(monkeypatch)
    told = list[Message]()
    search = BlockerSearch("here", "project", 60, lambda: ServerSession.open(connection), told.append, set())
    search.look("a test", lambda: True)
    assert [m.number for m in told] == [5029]
    held(checker, [], double, 4)


def test_statements_of_stage_7_run_as_they_were_converted(
    checker: Checker, monkeypatch: pytest.MonkeyPatch, books: Conversion
) -> None:
    double = Server(quietly)
    connection = double.installed(monkeypatch)
    done = run_statements(connection, "", [StatementStep(s) for s in script.statements(books)])
    assert {d.action for d in done} == {"created"}
    held(checker, [], double, 60)


def test_what_differs_is_altered_in_words_that_every_version_reads(checker: Checker, books: Conversion) -> None:
    """ALTER, DROP and what is made again: the parser's word, as a model cannot follow changes."""
    there = [replace(t, columns=tuple(_other(c) for c in t.columns), description="was") for t in books.tables]
    compared = compare(books, there, books.modules, books)
    texts: list[str] = []
    for choice in (SyncChoice.ALTER, SyncChoice.RECREATE):
        steps = plan(books, compared, {c.name: choice for c in compared if choice in c.works})
        texts += [s.sql for s, _ in steps]
    assert sum("ALTER COLUMN" in t for t in texts) >= 10
    assert sum("DROP" in t for t in texts) >= 10
    for version in ("2016", "2017", "2019", "azure"):
        checked = checker.check([Script(f"change {n}", t, statements=False) for n, t in enumerate(texts)], version)
        assert checked.found == ()


def _other(column: ServerColumn) -> ServerColumn:
    if column.identity or column.computed or column.type.length in (None, -1):
        return column
    return replace(column, type=replace(column.type, length=1), default="N'was'", default_name=f"DF_{column.name}")


def rows_of(table: ServerTable, count: int) -> pa.RecordBatch:
    schema = batch_schema(table.columns)
    return pa.RecordBatch.from_arrays([pa.nulls(count, f.type) for f in schema], schema=schema)


def test_moving_rows_and_their_marks(checker: Checker, monkeypatch: pytest.MonkeyPatch, journal: list[Script]) -> None:
    """A table opened, written whole and in parts, rows refused and sent singly, emptied, opened by another."""
    table = replace(EVERY_TYPE, columns=(ServerColumn("ID", ServerType("int"), nullable=False, identity=True),
                                         *EVERY_TYPE.columns))  # fmt: skip
    known: dict[str, Any] = {"marked": False}

    def answer(sql: str) -> Rows | int | None:
        if "SET writer" in sql:
            return [("", *MARK[:5], "me"), (None, 0, 0, 0, 0, "", "")]
        if sql.startswith("IF "):  # where there is a journal
            before = ("Every type", "") if "table_name, part" in sql else ("",) if "SELECT part" in sql else ()
            return [(*before, *MARK[:5], "me")]
        if sql.startswith("DELETE") and "complete = 1" in sql:
            return 3
        if sql.startswith("SELECT next_position"):
            return [(*MARK[:5], known["writer"])] if known["marked"] else []
        if sql.startswith("SELECT part, next"):
            return []
        if sql.startswith("SELECT name FROM sys.columns"):
            return [(c.name,) for c in table.columns]
        if sql.startswith("SELECT t.name, c.name"):
            return [(table.name.name, c.name) for c in table.columns]
        if "@@ROWCOUNT" in sql or "@@TRANCOUNT" in sql or "XACT_STATE" in sql:
            return [(1,)]
        if sql.startswith("SELECT s.name, t.name, c.name, k.delete"):
            return [("dbo", "Every type", "it's 1", "CASCADE")]
        return [(1,)] if sql.startswith("SELECT (SELECT t.object_id") else quietly(sql)

    double = Server(answer)
    connection = double.installed(monkeypatch)
    monkeypatch.setattr("wizard.sqlserver.server_sink.uuid.uuid4", lambda: "me")
    known["writer"] = "me"
    sink = ServerSink(connection, "", Options(fire_triggers=True))
    delivery = Delivery(table, table.columns, "a source", writers=2)
    sink.prepare([delivery])
    writer = sink.open(delivery)
    known["marked"] = True
    writer.write(rows_of(table, 3), Checkpoint(3, 3, source="a source"))
    writer.sift(rows_of(table, 3))
    writer._by_arrays = True
    writer.write(rows_of(table, 3), Checkpoint(6, 6, source="a source"))
    assert writer.shared() in (True, False)
    writer.divide([100, 200])
    part = writer.part(Partition(100, 200))
    part.write(rows_of(table, 1), Checkpoint(150, 1, source="a source"))
    writer.join(Checkpoint(300, 9, complete=True, source="a source"))
    sink.checkpoint(table.name)
    sink.count(table.name)
    sink.open(delivery)
    sink.empty(table.name)
    sink.close()
    wide = [s for s in double.scripts() if not s.text.startswith("CREATE TABLE")]
    double.statements = {s.text: None for s in wide}
    held(checker, [*base(Conversion((table,))), *journal], double, 25)


def test_what_is_run_after_a_bulk_copy_that_failed(checker: Checker, journal: list[Script]) -> None:
    """The server may be left under SET FMTONLY ON: the batch that ends it, and what follows."""
    core, place = Core(refuses=lambda sql: sql == "copy"), checkpoints.CheckpointKey(EVERY_TYPE.name)
    bulk = BulkSession(core, "here", {})
    with pytest.raises(ServerError):
        bulk.copy(EVERY_TYPE.name, rows_of(EVERY_TYPE, 1), CopyOptions())
    bulk.row(f"BEGIN TRANSACTION; {checkpoints.move(place, Checkpoint(), Checkpoint(3, 3), 'me')}; SELECT @@ROWCOUNT")
    (run,) = (sql for sql in core.done if sql != "copy")
    assert run.startswith("SET FMTONLY OFF")
    for version in VERSIONS:
        checked = checker.check([CATALOG, *base(Conversion((EVERY_TYPE,))), *journal, Script("a batch", run)], version)
        assert [str(f) for f in checked.found if f.severity == "error"] == []


def test_small_tables_and_what_is_asked_on_rarer_ways(
    checker: Checker, monkeypatch: pytest.MonkeyPatch, journal: list[Script]
) -> None:
    """Tables that share a transaction, rows of nothing but defaults, a journal read whole, texts that are parsed."""
    tables = [replace(EVERY_TYPE, name=Name("dbo", name)) for name in ("Every type", "it's ]other")]

    def answer(sql: str) -> Rows | None:
        return [(len(tables),)] if "SELECT @moved" in sql else quietly(sql)

    double = Server(answer)
    connection = double.installed(monkeypatch)
    sink = ServerSink(connection, "", Options())
    deliveries = [Delivery(t, t.columns, "a source") for t in tables]
    states = [CheckpointState(checkpoints.CheckpointKey(t.name), "me", Checkpoint(source="a source")) for t in tables]
    writers = [sink._writer(d, s) for d, s in zip(deliveries, states, strict=True)]
    after = Checkpoint(2, 2, complete=True, source="a source")
    assert sink.write_several([TableBatch(w, rows_of(EVERY_TYPE, 2), after) for w in writers])
    sink.close()
    with connection_test.connected(connection, "") as session:
        session.execute(f"SET NOCOUNT OFF;\n{SETTINGS}")
        checkpoints.read_schema(session, "dbo")
        place = checkpoints.CheckpointKey(tables[1].name)
        checkpoints.read_parts(session, place)
        session.execute(checkpoints.insert_all([(place.off("index", "it's"), Checkpoint(source="it's"))], ""))
        with pytest.raises(TargetError):
            takeover.must_be_there(session, deliveries[1], {})
        array_inserts._insert(session, tables[1].name, (), rows_of(tables[1], 1), keep_identity=False)
        connection_test.unreadable(session, "SELECT 1")
    assert any("SET @moved += @@ROWCOUNT; UPDATE" in s for s in double.statements)
    held(checker, [*base(Conversion(tuple(tables))), *journal], double, 12)


def test_before_and_after_the_rows(
    checker: Checker, monkeypatch: pytest.MonkeyPatch, books: Conversion, journal: list[Script]
) -> None:
    """Constraints, indexes and triggers disabled and enabled, checked and trusted; counters; rows that break a key."""
    parts = [("constraint", t.name, k.name) for t in books.tables for k in (*t.foreign_keys, *t.checks)]
    parts += [("index", t.name, i.name) for t in books.tables for i in t.indexes if not i.unique]
    state = {"off": 0}

    def answer(sql: str) -> Rows | None:
        if sql.startswith("SELECT 'table'"):
            tables = [("table", t.name.schema, t.name.name, "", 0) for t in books.tables]
            own = [("table", "dbo", "jetferry_journal", "", 0)]
            return [*tables, *own, *((k, t.schema, t.name, n, state["off"]) for k, t, n in parts)]
        if sql.startswith("SELECT table_name, part, source"):
            return [(t.name, f"off {k} {n}", n) for k, t, n in parts]
        if sql.startswith("SELECT next_position"):
            return []
        if sql.startswith(("SELECT MAX", "SELECT MIN")):
            return [(70, 7)]
        if sql.startswith("SELECT COUNT_BIG"):
            return [(70,)]
        if sql.startswith("SELECT TOP"):
            return [(1,), (2,)]
        return [(1,)] if sql.startswith("SELECT (SELECT t.object_id") else quietly(sql)

    later = [s for s in script.statements(books) if s.kind in (ObjectKind.FOREIGN_KEY, ObjectKind.CHECK)]
    double = Server(answer, refuse=r"WITH CHECK ADD CONSTRAINT \[(FK_Order|CK_)|WITH CHECK CHECK CONSTRAINT \[FK_Order")
    connection = double.installed(monkeypatch)
    with connection_test.connected(connection, "") as session:
        care = LoadConstraints(session, Options(constraints=Constraints.DISABLE))
        care.prepare(books.tables)
        state["off"] = 2
        messages = LoadConstraints(session, Options()).finish(books.tables, later)
        LoadConstraints(session, Options()).finish([], [], books.tables)
    assert {5301, 5302, 5304} <= {m.number for m in messages}
    done = [s for s in double.statements if "BEGIN TRY" not in s]
    assert any("NOCHECK ADD" in s for s in done)
    assert any("DBCC CHECKIDENT" in s for s in done)
    made = {s.split("ADD CONSTRAINT ")[1] for s in done if "ADD CONSTRAINT" in s}
    added = [s.split("ADD CONSTRAINT ")[1] for s in (x.sql for x in later)]
    assert made == set(added)
    held(checker, [*base(books, ObjectKind.INDEX), *journal], double, 80)


def test_verification_asks_for_figures_of_every_type(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's aggregates, the values it is tried with first, and rows read back."""

    def answer(sql: str) -> Rows:
        if "DATALENGTH" in sql and "SUM(" not in sql:
            return [[10] * sql.count("MAX(")]
        return [[1] * sql.count("COUNT_BIG") + [0] * sql.count("SUM(")] if "SUM(" in sql else []

    double = Server(answer)
    connection = double.installed(monkeypatch)
    tried = table_sums._tried
    monkeypatch.setattr(table_sums, "_tried", lambda column: (tried(column)[0], lambda rows: True))
    side = ServerTableSums(connection, "")
    other = replace(EVERY_TYPE, name=Name("dbo", "Other"))
    side.expect([(t, t.columns, 10) for t in (EVERY_TYPE, other)])
    before = double.trips
    assert side.figures(EVERY_TYPE, EVERY_TYPE.columns)[0] == 1
    list(side.rows(EVERY_TYPE, EVERY_TYPE.columns))
    assert side.figures(other, other.columns)[2] == []
    connecting = 5 + 1  # with its settings
    # one for figures and one for rows; known values, figures, how long the longest values are, rows
    assert double.trips - before <= 2 * connecting + 4
    side.close()
    held(checker, base(Conversion((EVERY_TYPE, other))), double, 6)


def test_converted_queries_are_proven_by_statements_that_run(
    checker: Checker, monkeypatch: pytest.MonkeyPatch, books: Conversion
) -> None:
    parameters = {m.name: m.sql.count("@") and len(set(re.findall(r"(@\w+) ", m.sql.split("RETURNS")[0])))
                  for m in books.modules}  # fmt: skip

    def answer(sql: str) -> Rows | None:
        found = next((n for name, n in parameters.items() if f"'{name}'" in sql), 0)
        return [(found,)] if "sys.all_parameters" in sql else quietly(sql)

    double = Server(answer)
    connection = double.installed(monkeypatch)
    with connection_test.connected(connection, "") as session:
        for module in books.modules:
            if module.kind is not ObjectKind.PROCEDURE:
                server_preview._proof(session, module, ())
    held(checker, base(books, ObjectKind.VIEW, ObjectKind.FUNCTION), double, 5)


def test_what_changes_columns_finds_what_stands_on_them(checker: Checker) -> None:
    """A procedure's body, so that the compiler sees the variables; tables stand for the catalogue."""
    table = Name("dbo", "it's ]odd[")
    blocks = [
        alter_column.dropping(table, ["a'b", "c]d"]),
        alter_column.changing(table, alter_column.Change("a'b", "nvarchar(20)"), 1),
        alter_column.changing(table, alter_column.Change("c]d", "int", False, "(5)"), 1),
        alter_column.dropping_default(table, "a'b", 1),
    ]
    there = Script("table", f"CREATE TABLE {table} ([a'b] nvarchar(10), [c]]d] int NOT NULL, [e] int)")
    made = [
        Script(f"block {n}", f"CREATE PROCEDURE dbo.p{n} AS\n{block.replace('sys.', '[catalog].')}")
        for n, block in enumerate(blocks)
    ]
    for version in ("2016", "azure"):
        assert checker.errors([CATALOG, there, *made], version) == []
        assert checker.errors([Script(f"{n}", b, statements=False) for n, b in enumerate(blocks)], version) == []
