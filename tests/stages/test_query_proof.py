"""Verification runs every query on both sides, and says how many give the same rows and which row differs first."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE
from wizard.cancellation import CancellationToken
from wizard.convert.interpreter import Bounds
from wizard.events import MessageTold
from wizard.messages import Message, TargetError
from wizard.migrate.certificate import certificate, write
from wizard.migrate.query_comparison import ERROR, ProofVerdict, QueryProof, multiset
from wizard.objects import ServerModule
from wizard.settings import Options, Target, TargetKind
from wizard.sqlserver import connection_test
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError
from wizard.stages import Migration, migration_verifier, server_preview
from wizard.stages.query_preview import query_previews
from wizard.stages.query_proof import AccessSide, QueryProver, _verdict, bounds_of, proof_message, query_of, samples
from wizard.stages.query_proof_script import write_query_script
from wizard.stages.server_preview import RefusedModule
from wizard.stages.verification import is_unrunnable

NOW = datetime(2024, 6, 30, 12)


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    folder = tmp_path_factory.mktemp("proofs")
    shutil.copy(SAMPLE, folder)
    with Migration.create(folder / "p", target=Target(TargetKind.PACKAGE)) as m:
        m.sources.add(folder / SAMPLE.name)
        m.prepare()
        m.convert.run()
        yield m


class Server:
    """A server whose queries give Access's rows, as long as `change` lets them."""

    def __init__(self, migration: Migration) -> None:
        self.migration = migration
        self.modules = {str(x.name): x for x in migration.convert.conversion.modules}
        self.asked: list[str] = []
        self.given: dict[str, tuple[object, ...]] = {}
        self.seconds = 0

    def ask(self, question: Callable[[Any], Any], what: str) -> Any:
        return question(self)

    def close(self) -> None: ...

    def limit(self, seconds: int) -> None:
        self.seconds = seconds

    def value(self, sql: str) -> datetime:
        assert "GETDATE" in sql
        return NOW

    def change(self, module: ServerModule, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return rows

    def first(self, sql: str, most: int, *parameters: object) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        name = sql.removeprefix("SELECT * FROM ").removeprefix("EXEC ").partition("(")[0].strip()
        self.asked.append(name)
        module = self.modules[name]
        self.given[name] = parameters
        query = query_of(module, self.migration.sources.open)
        assert query
        assert module.source
        side = AccessSide(self.migration.sources.open(module.source.source), Bounds(), lambda: None)
        values = {p.prompt: v for p, v in zip(module.parameters, parameters, strict=True)}
        found = side.asked(query, NOW, values)
        rows = [tuple(None if v is ERROR else v for v in row) for row in found.rows]
        return found.result.columns, self.change(module, rows)[:most]


def proofs(migration: Migration, session: Any, options: Options | None = None) -> dict[str, QueryProof]:
    prover = QueryProver(session, options or Options(), migration.sources.open, lambda: None)
    return {p.query: p for p in prover.proofs(migration.convert.conversion.modules)}


def test_every_query_that_gives_rows_is_proven(migration: Migration) -> None:
    session = Server(migration)
    found = proofs(migration, session)
    kinds = {m.source.table: m.kind.value for m in session.modules.values() if m.source}
    assert {q for q, kind in kinds.items() if kind != "procedure"} == set(found)
    assert {p.verdict for p in found.values()} == {ProofVerdict.SAME}
    assert multiset(list(found.values())) == f"queries: {len(found)} of {len(found)} give the same rows"
    assert session.seconds == Options().prove_seconds
    order = found["Orders By Customer"]
    assert order.arguments == {"Which Customer": "'C0000'", "Since Date": "2022-01-01 08:00:00"}
    assert session.given[order.target] != ()
    assert order.rows > 0, "a sample is a value that some row has"
    assert proof_message(order).number == 6220


def test_the_first_row_that_differs_is_named(migration: Migration) -> None:
    class Other(Server):
        def change(self, module: ServerModule, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
            return [("Atlantis",), *rows[1:]] if module.name.name == "Countries" else rows[1:]

    found = proofs(migration, Other(migration))
    assert found["Countries"].verdict is ProofVerdict.DIFFERENT
    assert "only the server gives (Country = 'Atlantis')" in found["Countries"].detail
    assert "Access gives 600 rows, the server 599" in found["Order Totals"].detail
    assert proof_message(found["Countries"]).number == 6221


def test_an_order_that_a_query_does_not_say_is_told_where_rows_differ() -> None:
    made = QueryProof("q", "s", "[dbo].[q]", "view", ProofVerdict.NOT_PROVEN)
    judged = _verdict(made, [(1,)], [(2,)], ("ID",), {"order"})
    assert judged.verdict is ProofVerdict.DIFFERENT
    assert judged.detail.startswith("it takes the first of rows in no order that it says, which may tell: only Access")
    assert _verdict(made, [(1,)], [(1,)], ("ID",), {"order"}).detail == ""


def test_what_the_bounds_do_not_allow_is_not_proven(migration: Migration) -> None:
    found = proofs(migration, Server(migration), replace(Options(), prove_rows=5))
    assert found["Order Totals"].verdict is ProofVerdict.NOT_PROVEN
    assert "the bound of 5 rows" in found["Order Totals"].detail
    assert found["Countries"].verdict is ProofVerdict.SAME
    assert proof_message(found["Order Totals"]).number == 6222


@pytest.mark.parametrize(
    ("trouble", "verdict"), [(ErrorKind.OTHER, ProofVerdict.DIFFERENT), (ErrorKind.TIMEOUT, ProofVerdict.NOT_PROVEN)]
)
def test_what_a_server_refuses_is_told(migration: Migration, trouble: ErrorKind, verdict: ProofVerdict) -> None:
    class Refusing(Server):
        def first(self, sql: str, most: int, *parameters: object) -> Any:
            raise ServerError(DriverError(208, "Invalid object name", trouble))

    assert {p.verdict for p in proofs(migration, Refusing(migration)).values()} == {verdict}


def test_what_was_not_loaded_is_not_proven(migration: Migration) -> None:
    session = Server(migration)
    missing = frozenset({"[dbo].[Countries]"})
    prover = QueryProver(session, Options(), migration.sources.open, lambda: None, missing)  # type: ignore[arg-type]
    found = {p.query: p for p in prover.proofs(migration.convert.conversion.modules)}
    assert found["Countries"].verdict is ProofVerdict.NOT_PROVEN
    assert "not loaded" in found["Countries"].detail
    assert "[dbo].[Countries]" not in session.asked


def test_a_view_that_is_not_there_is_said_once_and_named_once(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificate has it among the queries; of the messages, it is that of looking at the views."""
    session, told = Server(migration), list[Message]()
    countries = session.modules["[dbo].[Countries]"]
    fault = DriverError(208, "Invalid object name 'dbo.Countries'.", ErrorKind.OTHER)
    refused = [RefusedModule(countries, fault)]
    monkeypatch.setattr(migration_verifier, "LastingConnection", lambda *_: session)
    unlisten = migration.listen(lambda e: told.append(e.message) if isinstance(e, MessageTold) else None)
    (part,) = migration.load.parts()
    found = migration.migrate._verifier._prove_queries(part, CancellationToken(), refused, packaged=False)
    unlisten()
    (proof,) = [p for p in found if p.query == "Countries"]
    assert (proof.verdict, "Invalid object name" in proof.detail) == (ProofVerdict.DIFFERENT, True)
    assert "[dbo].[Countries]" not in session.asked
    told += [r.message for r in refused]
    (line,) = [str(m) for m in told if "Countries" in str(m)]
    assert line == (
        "JF8123 error: harborbooks.Countries: The server cannot run it: Invalid object name 'dbo.Countries' "
        "(error 208). Edit its statement in stage 6, then load it again."
    )
    assert all(str(m).count(m.place.name) == 1 for m in told if m.number == 6220)


def test_a_view_that_somebody_dropped_is_to_be_loaded_again_and_not_edited(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_each(_: object, questions: Sequence[str]) -> list[object]:
        fault = DriverError(208, "Invalid object name", ErrorKind.STRUCTURE)
        views = {q: "[Countries]" in q or "[All Contacts]" in q for q in questions}
        return [
            [(None if "[Countries]" in q else 5,)] if "OBJECT_ID" in q else fault if bad else []
            for q, bad in views.items()
        ]

    monkeypatch.setattr(connection_test, "connected", lambda *_: nullcontext())
    monkeypatch.setattr(server_preview.round_trips, "ask_each", ask_each)
    (part,) = migration.load.parts()
    found = {r.module.name.name: r for r in server_preview.unselectable(part, "", list(Server(migration).modules))}
    assert {name: r.gone for name, r in found.items()} == {"Countries": True, "All Contacts": False}
    assert "[Countries] is not in the database. Load the objects first" in found["Countries"].message.text
    assert "Edit its statement" in found["All Contacts"].message.text
    assert all(is_unrunnable(r.message) for r in found.values())


def test_a_server_that_is_lost_ends_the_proofs(migration: Migration) -> None:
    class Lost(Server):
        def first(self, sql: str, most: int, *parameters: object) -> Any:
            raise ServerError(DriverError(0, "gone", ErrorKind.LOST))

        def ask(self, question: Callable[[Any], Any], what: str) -> Any:
            try:
                return question(self)
            except ServerError as e:
                raise TargetError(5009, server="s", reason=e) from e

    with pytest.raises(TargetError, match="5009"):
        proofs(migration, Lost(migration))


def test_the_certificate_says_it(migration: Migration, tmp_path: Path) -> None:
    class Other(Server):
        def change(self, module: ServerModule, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
            return rows[1:] if module.name.name == "Countries" else rows

    found = list(proofs(migration, Other(migration)).values())
    content = certificate(
        project="p", target="t", sources=[], proofs=[], problems=[], rejects={}, repairs={}, runs=[], options=Options(),
        queries=found,
    )  # fmt: skip
    _, page = write(content, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert f"queries: {len(found) - 1} of {len(found)} give the same rows, 1 differs" in text
    assert "only Access gives (Country = " in text
    assert len(content["queries"]) == len(found)


def test_both_sides_are_shown_with_the_same_values(migration: Migration, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    class Titled(Server):
        def titled(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
            ran.append(sql)
            return ("OrderID", "Order Date", "Freight"), []

        def value(self, sql: str) -> Any:
            return 2

    monkeypatch.setattr(connection_test, "connected", lambda *_: nullcontext(Titled(migration)))
    (part,) = migration.load.parts()
    (found,) = query_previews(part, "", Options(), migration.sources.open, wanted=["Orders By Customer"])
    assert found.columns == ("OrderID", "Order Date", "Freight")
    assert 0 < len(found.rows) <= 10
    assert found.note.startswith("Access gives ")
    assert ran[0].startswith("SELECT TOP (10) * FROM [dbo].[Orders By Customer](N'C0")
    (other,) = query_previews(part, "", Options(), migration.sources.open, wanted=["Countries"])
    assert other.rows


def test_a_package_gets_a_script_with_the_rows(migration: Migration, tmp_path: Path) -> None:
    modules: Sequence[ServerModule] = migration.convert.conversion.modules
    told = write_query_script(tmp_path, modules, Options(), migration.sources.open, lambda: None)
    assert told
    assert told.number == 6223
    text = (tmp_path / "prove-queries.sql").read_text(encoding="utf-8")
    assert "FROM [dbo].[Orders By Customer](N'C0" in text
    assert "FROM (SELECT 1 AS [x]) AS [o] CROSS JOIN (SELECT * FROM [dbo].[Countries]) AS [v]([c1]);" in text
    assert "CONVERT(varchar(30), CONVERT(float, [c3]), 1)" in text or "[c3] AS [c3]" in text
    assert "THROW 50002" in text
    assert not [line for line in text.split("\n") if line.strip() == "GO" and "'" in line]
    assert write_query_script(tmp_path, (), Options(), migration.sources.open, lambda: None) is None


def test_samples_are_of_the_servers_type(migration: Migration) -> None:
    (module,) = [m for m in migration.convert.conversion.modules if m.name.name == "Orders By Customer"]
    assert [p.prompt for p in module.parameters] == ["Which Customer", "Since Date"]
    sample = samples(module)
    assert isinstance(sample("Since Date"), datetime)
    assert sample("which customer") == "a"
    assert bounds_of(Options()).rows == Options().prove_rows
