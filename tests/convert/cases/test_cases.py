"""The interpreter gives for each case what Access gives; what cannot be is refused for the reason that is listed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.convert.cases.listed import SOURCES, Case, cases, database, kind_of, plainly
from tests.convert.cases.tables import TABLES
from tests.convert.interpreter.rows import Data
from wizard.convert import convert
from wizard.convert.interpreter import InterpreterError, ParameterError
from wizard.convert.queries import found_headings, heading_sources
from wizard.definitions import Query
from wizard.messages import Severity
from wizard.objects import Conversion
from wizard.settings import Options, Target, TargetKind

EVERY = 12
"""of so many cases one is converted here, where Microsoft's checker looks at it; `tests.bench.cases` does all"""
TARGET = Target(TargetKind.SQL_SERVER, linked=False)
OPTIONS = Options(warn_renamed=False, warn_wildcards=False)
ALL = {source: list(cases(source)) for source in SOURCES}


def given(case: Case) -> Any:
    """What the interpreter gives, as the files write it: rows, the prompt it asks for, or None."""
    data = Data(*TABLES, queries=case.queries)
    try:
        rows = data.interpreter(**case.given).sql(case.sql).rows
    except ParameterError as e:
        return f"asks {e.prompt}"
    except InterpreterError as e:
        return str(e)
    made = [[plainly(v) for v in row] for row in rows]
    return made if case.ordered else sorted(made, key=json.dumps)


def wanted(case: Case) -> Any:
    if case.rows is None:
        return case.expected
    return case.rows if case.ordered else sorted(case.rows, key=json.dumps)


def converted(listed: list[Case]) -> Conversion:
    """The cases as saved queries, with the queries they read, each name once."""
    queries = {f"{number} {c.name}": (c.kind, c.sql) for number, c in enumerate(listed)}
    for case in listed:
        queries |= {name: (kind_of(sql), sql) for name, sql in case.queries.items()}
    source = database(*(Query(name, kind, sql) for name, (kind, sql) in queries.items()))
    headings = {s.query: found for s in heading_sources(source) if (found := found_headings(s, Data(*TABLES).read))}
    return convert(source, source="s", schema="shop", options=OPTIONS, target=TARGET, headings=headings)


def errors(made: Conversion, number: int, case: Case) -> list[int]:
    return [
        m.number
        for item in made.items
        if item.source.table == f"{number} {case.name}"
        for m in item.messages
        if m.severity is Severity.ERROR
    ]


def test_the_list_is_long_and_says_nothing_twice() -> None:
    listed = [c for found in ALL.values() for c in found]
    assert len({(c.sql, json.dumps([c.given, c.queries])) for c in listed}) == len(listed) >= 1_500


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"actions", "definitions", "refused"}))
def test_the_interpreter_gives_what_access_gives(source: str) -> None:
    asked = [c for c in ALL[source] if not c.expected.startswith("refused")]
    wrong = [(c.name, c.sql, wanted(c), found) for c in asked if (found := given(c)) != wanted(c)]
    assert not wrong, "\n".join(map(str, wrong))


def test_what_cannot_be_is_refused_for_its_reason() -> None:
    refused = [c for found in ALL.values() for c in found if c.expected.startswith("refused")]
    made = converted(refused)
    named = {m.source.table for m in made.modules if m.source}
    for number, case in enumerate(refused):
        assert f"{number} {case.name}" not in named, case
        assert f"refused {errors(made, number, case)[0]}" == case.expected, case


def test_data_definition_becomes_what_is_listed() -> None:
    listed = [c for c in ALL["definitions"] if not c.expected.startswith("refused")]
    for case, statement in zip(listed, converted(listed).review, strict=True):
        assert case.expected in re.sub(r"\s+", " ", statement.sql), case


def test_cases_become_statements() -> None:
    listed = [c for source in SOURCES for c in ALL[source] if c.rows is not None and not c.queries][::EVERY]
    made = converted(listed)
    named = {m.source.table for m in made.modules if m.source}
    for number, case in enumerate(listed):
        assert f"{number} {case.name}" in named, (case, errors(made, number, case))
