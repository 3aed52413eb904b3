"""A VBA function is proven on values: the server's function and the VBA code are asked the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.convert.loading import cleared
from tests.convert.own.bodies import BODIES, STAND_IN, module, queries
from tests.convert.own.cases import CASES, SOURCE, converted, database
from wizard.convert import script
from wizard.definitions import Database
from wizard.migrate.query_comparison import ERROR, SCALAR, ProofVerdict, QueryProof, multiset
from wizard.objects import ObjectKind, ServerModule
from wizard.settings import Options
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError
from wizard.sqlserver.lasting_connection import LastingConnection
from wizard.stages.function_proof import sampled
from wizard.stages.query_proof import QueryProver
from wizard.stages.query_proof_script import write_query_script

NOW = datetime(2024, 6, 30, 12)
CALLS = ("Grade(x)", "Bucket(n)", "TaxFor(c)", "AgeNow(d, e)", "FullName(t, u)", "YesNoText(b)", "Label(n)")
BASE = database(SOURCE, {call: f"SELECT {call} AS v FROM T" for call in CALLS})
FUNCTIONS = [m for m in converted(BASE).modules if m.returns]


class Opened:
    """A source of which only the definitions matter."""

    visible = definition = BASE


class Server:
    """A server that gives for each call what VBA gives, as long as `change` lets it."""

    def __init__(self, functions: list[ServerModule], base: Database = BASE) -> None:
        self.known = {str(m.name): sampled(m, base, NOW) for m in functions}
        self.asked: list[str] = []

    def ask(self, question: Callable[[Any], Any], what: str) -> Any:
        return question(self)

    def limit(self, _: float) -> None:
        return None

    def value(self, _: str) -> datetime:
        return NOW

    def change(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return rows

    def first(self, sql: str, most: int) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        name = next(n for n in self.known if f" {n}(" in sql)
        self.asked.append(sql)
        rows = [tuple(None if v is ERROR else v for v in row) for row in self.known[name].rows]
        return ("call", "value"), self.change(rows)[:most]


def proofs(server: Any) -> dict[str, QueryProof]:
    prover = QueryProver(server, Options(), lambda _: Opened(), lambda: None)
    return {p.query: p for p in prover.proofs(FUNCTIONS)}


def of(name: str) -> ServerModule:
    return next(m for m in FUNCTIONS if m.name.name == name)


def test_samples_are_null_edges_of_the_type_and_what_the_code_names() -> None:
    calls = [values for _, values in sampled(of("Grade"), BASE, NOW).calls]
    assert (None,) in calls
    assert {(v,) for v in (90.0, 89.99, 90.01, 80.0, 0.0, -1.0)} <= set(calls)
    assert {(Decimal("1000.0"),), (Decimal("999.99"),), (None,)} <= {
        v for _, v in sampled(of("TaxFor"), BASE, NOW).calls
    }
    pairs = sampled(of("FullName"), BASE, NOW).calls
    assert 100 < len(pairs) <= 300
    assert any(a is None and b for _, (a, b) in pairs)
    assert pairs == sampled(of("FullName"), BASE, NOW).calls, "the same each time"


def test_samples_say_what_vba_gives() -> None:
    grades = dict(sampled(of("Grade"), BASE, NOW).rows)
    assert (grades["score = 90.0"], grades["score = 89.99"]) == ("A", "B")
    assert grades["score = NULL"] is ERROR
    buckets = dict(sampled(of("Bucket"), BASE, NOW).rows)
    by_zero = [value for call, value in buckets.items() if call.endswith("size = 0")]
    assert by_zero
    assert set(by_zero) == {ERROR}
    assert any(value == "0-9" for call, value in buckets.items() if call.endswith("size = 10"))


def test_every_function_is_proven_and_counted_apart_from_queries() -> None:
    server = Server(FUNCTIONS)
    found = proofs(server)
    assert set(found) == {m.source.table for m in FUNCTIONS if m.source}
    assert {p.verdict for p in found.values()} == {ProofVerdict.SAME}
    assert {p.kind for p in found.values()} == {SCALAR}
    assert multiset(list(found.values())) == f"VBA functions: {len(found)} of {len(found)} give the same values"
    view = QueryProof("q", "s", "[dbo].[q]", "view", ProofVerdict.SAME)
    assert multiset([view, *found.values()]).startswith("queries: 1 of 1 give the same rows; VBA functions: ")
    assert found["modUtilities.Grade"].errors == 1
    assert "CONVERT(float, [s].[a0])" in next(sql for sql in server.asked if "[Grade]" in sql)


def test_the_first_value_that_differs_is_named() -> None:
    class Other(Server):
        def change(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
            return [(call, "Z" if call == "score = 90.0" else value) for call, value in rows]

    found = proofs(Other(FUNCTIONS))
    assert found["modUtilities.Grade"].verdict is ProofVerdict.DIFFERENT
    assert "score = 90.0" in found["modUtilities.Grade"].detail
    assert found["modUtilities.Bucket"].verdict is ProofVerdict.SAME


def test_what_asks_the_clock_is_not_held_to_it() -> None:
    source = 'Function F(x)\nF = DateDiff("n", #1/1/2024#, Now) + x\nEnd Function'
    base = database(source, {"q": "SELECT F(n) AS v FROM T"})
    (module,) = [m for m in converted(base).modules if m.returns]
    assert sampled(module, base, NOW).uses == {"clock"}


def test_a_package_gets_the_samples(tmp_path: Any) -> None:
    message = write_query_script(tmp_path, FUNCTIONS, Options(), lambda _: Opened(), lambda: None)
    assert message is not None
    text = (tmp_path / "prove-queries.sql").read_text()
    assert "[dbo].[Grade](CONVERT(float, [s].[a0]))" in text
    assert "N'score = 90.0', N'A'" in text
    assert "modUtilities.AgeNow" in text


@pytest.mark.parametrize("option", ["Database", "Binary"])
def test_every_body_is_converted(option: str) -> None:
    conversion = converted(database(module(option), queries()))
    assert not [m.text for i in conversion.items for m in i.messages if m.number in (3540, 3541)]
    assert len([m for m in conversion.modules if m.returns]) == len(BODIES)


@pytest.mark.server
@pytest.mark.parametrize("option", ["Database", "Binary", ""])
def test_a_server_agrees_with_the_vba_code(option: str, server: str) -> None:
    """All samples of all functions that are kept here: those that people write (without an option), and the bodies."""
    people = database(SOURCE, {call: f"SELECT {call} AS v FROM T" for call, _, _ in CASES})
    base = database(module(option), queries()) if option else people
    schema = f"p{option}".casefold()
    conversion = converted(base, schema)
    left_out = {"RoundTo"} | {f"F{n}" for n, (_, body, _) in enumerate(BODIES) if body in STAND_IN}
    connection, password = connection_string.settings(server)
    different = {}
    with ServerSession.open(connection, password) as session:
        cleared(session, schema)
        for statement in script.statements(conversion):
            if statement.kind in (ObjectKind.SCHEMA, ObjectKind.FUNCTION):
                with suppress(ServerError) if statement.kind is ObjectKind.SCHEMA else nullcontext():
                    session.execute(statement.sql)
        opened = type("Other", (Opened,), {"visible": base})()
        prover = QueryProver(LastingConnection(connection, password), Options(), lambda _: opened, lambda: None)
        for proof in prover.proofs([m for m in conversion.modules if m.returns]):
            name = proof.query.rpartition(".")[2].partition(" (")[0]
            if proof.verdict is not ProofVerdict.SAME and name not in left_out:
                different[proof.query] = proof.detail
    assert not different
