"""VBA functions of a database's own, as people write them: converted, and run by the interpreter as VBA would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.convert.interpreter.rows import NOW
from tests.convert.own.cases import CASES, COLUMNS, ERROR, SOURCE, converted, database, row
from wizard.convert.interpreter import ErrorValue, Interpreter
from wizard.objects import Conversion, ObjectKind, Outcome

CALLS = list(dict.fromkeys(call for call, _, _ in CASES))


@pytest.fixture(scope="module")
def conversion() -> Conversion:
    return converted(database(SOURCE, {call: f"SELECT {call} AS v FROM T" for call in CALLS}))


@pytest.mark.parametrize("call", CALLS)
def test_it_is_converted(call: str, conversion: Conversion) -> None:
    (item,) = [i for i in conversion.items if i.source.table == call]
    assert item.outcome is Outcome.CONVERTED, item.messages
    (module,) = [m for m in conversion.modules if m.source and m.source.table == call]
    name = call.partition("(")[0]
    assert f"[dbo].[{name}" in module.sql
    function = next(m for m in conversion.modules if m.name in module.depends_on and m.returns)
    assert function.name.name.startswith(name)
    assert conversion.modules.index(function) < conversion.modules.index(module)


@pytest.mark.parametrize(("call", "values", "expected"), CASES, ids=lambda v: str(v)[:60])
def test_the_interpreter_gives_what_vba_gives(call: str, values: dict[str, Any], expected: Any) -> None:
    def read(_: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        known = dict(zip(COLUMNS, row(values), strict=True))
        yield tuple(known[c] for c in columns)

    ((found,),) = Interpreter(database(SOURCE, {}), read, NOW).sql(f"SELECT {call} AS v FROM T").rows
    if expected == ERROR:
        assert isinstance(found, ErrorValue)
    else:
        assert found == (pytest.approx(expected, abs=1e-9) if isinstance(expected, float) else expected)
        assert isinstance(found, bool) is isinstance(expected, bool)


def test_every_function_is_scalar_and_says_its_type(conversion: Conversion) -> None:
    functions = [m for m in conversion.modules if m.returns]
    assert functions
    for module in functions:
        assert module.kind is ObjectKind.FUNCTION
        assert module.sql.startswith(f"CREATE FUNCTION {module.name} (")
        assert f"RETURNS {module.returns}\n" in module.sql
        calls_none = not module.depends_on
        assert ("WITH SCHEMABINDING" in module.sql) is calls_none
        assert module.source_sql.rstrip().endswith("End Function")
