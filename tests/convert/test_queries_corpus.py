"""Every saved query of the oracles is converted to T-SQL that another parser reads, or refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot

from tests.conftest import oracle_cases
from tests.convert.oracle import database
from wizard.convert import convert
from wizard.definitions import Database
from wizard.messages import Severity
from wizard.objects import Conversion, Outcome
from wizard.settings import Options, Target, TargetKind

FAILING = {
    "UpdateQuery": "it sets a column of a table that it does not name",
    "AppendQuery": "it appends two values to one column",
    "CrosstabQuery": "it has an aggregate in WHERE",
}
ELSEWHERE = {3103, 3104, 3108}
"""it reads a table that is linked, so that the oracle does not have it"""


def conversion(made: Database) -> Conversion:
    return convert(made, source="s", schema="dbo", options=Options(), target=Target(TargetKind.SQL_SERVER))


@pytest.mark.parametrize("expected", [e for _, e in oracle_cases()], ids=lambda p: p.name.removesuffix(".json"))
def test_every_query_becomes_something_or_says_why_not(expected: Path) -> None:
    made = database(expected)
    found = conversion(made)
    items = {i.source.table: i for i in found.items if i.category == "queries"}
    assert set(items) == {q.name for q in made.queries if not q.hidden}
    for name, item in items.items():
        errors = {m.number for m in item.messages if m.severity is Severity.ERROR}
        assert bool(errors) == (item.outcome is Outcome.FAILED)
        assert errors <= ELSEWHERE or name in FAILING, [str(m) for m in item.messages]
    for module in found.modules:
        assert sqlglot.parse(module.sql, dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE)
