"""Saved queries of real databases give, run over their rows, what an independent engine computed for them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED, load_oracle
from tests.convert.loading import rows_of, shown
from wizard.access import AccessFile
from wizard.convert.dialect import parse_query
from wizard.convert.interpreter import Interpreter, ParameterError, QueryError, prompts
from wizard.definitions import Database, QueryKind

NOW = datetime(2024, 6, 30)
SELECTING = (QueryKind.SELECT, QueryKind.UNION, QueryKind.CROSSTAB)
ORACLES = sorted((SHARED / "expected-queries").glob("*.json"))
FOLDERS = [SHARED / folder for folder in ("corpus", "sample", "cases")]
DATABASES = sorted(p for folder in FOLDERS for p in folder.rglob("*") if p.suffix in (".mdb", ".accdb"))
MISTAKEN = {"Title Search": "the oracle's engine lets `?` after `#` stand for nothing, where Access wants a character"}
REFUSED = {"CrosstabQuery": "it has an aggregate in WHERE, which Access refuses"}
pytestmark = pytest.mark.corpus


def found(file: AccessFile, name: str) -> list[tuple[Any, ...]]:
    """The rows of a query; its parameters are all Null, as they are to the oracle's engine."""
    values: dict[str, Any] = {}
    while True:
        try:
            return Interpreter(file.definition, partial(rows_of, file), NOW, values).saved(name).rows
        except ParameterError as e:
            if e.prompt in values:
                raise
            values[e.prompt] = None


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda p: p.name.removesuffix(".json"))
def test_rows_are_those_of_another_engine(oracle: Path) -> None:
    path = next(p for p in DATABASES if p.name == oracle.name.removesuffix(".json"))
    with AccessFile.open(path) as file:
        for name, wanted in load_oracle(oracle).items():
            rows = sorted(([shown(v) for v in row] for row in found(file, name)), key=str)
            assert (rows == sorted(wanted["rows"], key=str)) is (name not in MISTAKEN), name


@pytest.mark.parametrize("path", DATABASES, ids=lambda p: p.name)
def test_every_query_gives_rows_or_says_why_not(path: Path) -> None:
    with AccessFile.open(path, password="password") as file:
        for query in file.definition.queries:
            if query.kind in SELECTING and not query.hidden:
                try:
                    found(file, query.name)
                except QueryError:
                    assert query.name in REFUSED


def test_parameters_that_are_declared_are_known_before(sample: Path) -> None:
    with AccessFile.open(sample) as file:
        database: Database = file.definition
        (query,) = [q for q in database.queries if q.name == "Orders By Customer"]
        tree = parse_query(query.sql)
        assert prompts(tree, database) == ("Which Customer", "Since Date")
        given = {"Which Customer": "C0001", "since date": "2023-01-05"}
        rows = Interpreter(database, partial(rows_of, file), NOW, given).saved(query.name).rows
        assert all(row[1] >= datetime(2023, 1, 5) for row in rows)
        with pytest.raises(ParameterError, match="Since Date"):
            Interpreter(database, partial(rows_of, file), NOW, {"Which Customer": "x"}).saved(query.name)
