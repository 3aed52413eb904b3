"""Proof of VBA functions: each scalar function is asked for sample values, and so is the VBA code itself.

The samples are Null, edges of the arguments' types, and the constants that the code names with their neighbours, as
functions choose by these.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any, Final

from wizard.coercion.value_text import comparison_text
from wizard.convert.interpreter import FunctionRunner, InterpreterError
from wizard.convert.interpreter.errors import CellError
from wizard.convert.vba import constants_of
from wizard.definitions import Database
from wizard.migrate.query_comparison import ERROR
from wizard.objects import ServerModule
from wizard.package.query_proof import constant

_MOST: Final = 300
"""calls of a function"""
_MOST_OF_ONE: Final = 40
"""samples of an argument"""
COLUMNS: Final = ("call", "value")


@dataclass(frozen=True)
class Sampled:
    """Calls of a function and what VBA gives for them, as rows of `COLUMNS`; `uses` as of a query's result."""

    calls: Sequence[tuple[str, tuple[Any, ...]]]
    rows: list[tuple[Any, ...]]
    uses: frozenset[str]

    def sql(self, module: ServerModule) -> str:
        """A SELECT in brackets, with a name, that asks the server for the same calls."""
        places = [f"CONVERT({p.type}, [s].[a{n}])" for n, p in enumerate(module.parameters)]
        names = ", ".join(["[call]", *(f"[a{n}]" for n in range(len(module.parameters)))])
        rows = ", ".join(f"({', '.join(map(constant, (call, *values)))})" for call, values in self.calls)
        called = f"{module.name}({', '.join(places)})"
        return f"(SELECT [s].[call], {called} AS [value] FROM (VALUES {rows}) AS [s]({names})) AS [p]"


class UnsampledError(Exception):
    """Why a function cannot be sampled, for people."""


def sampled(module: ServerModule, database: Database, now: datetime) -> Sampled:
    """The calls, run. Raises UnsampledError."""
    assert module.source is not None  # noqa: S101  # for the type checker: what was VBA says what it was
    label = module.source.table.partition(" (")[0]
    runner = FunctionRunner(database, now)
    calls = [(_shown(module, values), values) for values in _combined(module, constants_of(database, label))]
    rows: list[tuple[Any, ...]] = []
    asked = []
    for call, values in calls:
        try:
            found = runner.value(label, values)
        except CellError:
            found = ERROR
        except InterpreterError as e:
            raise UnsampledError(f"its values are not known here: {e}") from e
        asked.append((call, values))
        rows.append((call, found))
    return Sampled(asked, rows, frozenset(runner.uses))


def _shown(module: ServerModule, values: Sequence[Any]) -> str:
    return (
        ", ".join(f"{p.prompt} = {comparison_text(v)}" for p, v in zip(module.parameters, values, strict=True)) or "()"
    )


def _combined(module: ServerModule, known: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All combinations of samples, or so many of them, the same each time."""
    samples = [_samples(p.type_name, known) for p in module.parameters]
    if prod(map(len, samples)) <= _MOST:
        return list(product(*samples))
    chosen = random.Random(len(known))  # noqa: S311  # samples are no secret
    first = [tuple(s[n % len(s)] for s in samples) for n in range(max(map(len, samples)))]
    others = [tuple(chosen.choice(s) for s in samples) for _ in range(_MOST - len(first))]
    return list(dict.fromkeys([*first, *others]))


_WHOLE: Final = (0, 1, -1, 2, 3, 7, 10, 12, 31, 99, 100, 255, 2024, 32767, 32768, -32768, 2**31 - 1, 1 - 2**31)
_REAL: Final = (0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, 0.1, 33.335, 100.0, 1234.5678, -99999.99, 1e10)
_MONEY: Final = ("0", "0.01", "-0.01", "1", "0.5", "2.5", "99.99", "100", "-1234.5678", "1000000", "99999999999.9999")
_TEXTS: Final = (
    "", " ", "a", "A", "a ", "Ann", "ann mary LEE", "  b  ", "12", "-1.5", "x-y", "O'Neil", "Zoe, B.", "ab12c",
)  # fmt: skip
_DAYS: Final = (
    (1899, 12, 30), (1900, 1, 1, 6, 30), (1800, 1, 1), (1970, 1, 1), (1999, 12, 31, 23, 59, 59), (2000, 2, 29),
    (2023, 12, 31), (2024, 1, 31), (2024, 2, 29, 13, 5, 9), (2024, 6, 30), (2024, 7, 1), (2024, 7, 6), (2024, 7, 7),
    (9999, 12, 31),
)  # fmt: skip


def _near_whole(value: Any) -> list[Any]:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= 2**31 - 1:
        return []
    return [int(value) - 1, int(value), int(value) + 1]


def _near_real(value: Any) -> list[Any]:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return [float(value), float(value) - 0.01, float(value) + 0.01] if good else []


def _near_money(value: Any) -> list[Any]:
    return [Decimal(str(round(v, 4))) for v in _near_real(value) if abs(v) < 9e14]


def _near_text(value: Any) -> list[Any]:
    return [value, f"{value} ", f"x{value}y", value.upper()] if isinstance(value, str) and value.isprintable() else []


def _near_day(value: Any) -> list[Any]:
    return [value, value - timedelta(days=1)] if isinstance(value, datetime) else []


_KINDS: Final[Mapping[str, tuple[Sequence[Any], Callable[[Any], list[Any]]]]] = {
    "int": (_WHOLE, _near_whole),
    "bigint": (_WHOLE, _near_whole),
    "float": (_REAL, _near_real),
    "real": (_REAL[:10], lambda _: []),
    "money": (tuple(map(Decimal, _MONEY)), _near_money),
    "bit": ((True, False), lambda _: []),
    "nvarchar": (_TEXTS, _near_text),
    "datetime2": (tuple(datetime(*d) for d in _DAYS), _near_day),
}


def _samples(kind: str, known: Sequence[Any]) -> list[Any]:
    """Null, what the code names, and edges of the type."""
    edges, near = _KINDS[kind]
    named = [v for value in known for v in near(value)]
    return list(dict.fromkeys([None, *named, *edges]))[:_MOST_OF_ONE]
