"""`prove-queries.sql`: the rows that each query gave in Access, and statements that compare them with the server's.

Run with `sqlcmd -b -x -i prove-queries.sql -d DATABASE` after deployment. It changes nothing but temporary tables,
prints a line a query, and ends with an error (and sqlcmd with status 1) where a query gives other rows. Rows are
compared as multisets under the columns' collations, floating point numbers to eight digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from wizard.file_writing import write_whole
from wizard.objects import literal
from wizard.package.files import failures_as_errors
from wizard.package.scripts import PREAMBLE, batch

NAME: Final = "prove-queries.sql"
_AT_ONCE: Final = 200
"""rows of one INSERT; a table value constructor takes 1,000"""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a query gave: `target` is the server's name, `arguments` those of a function, `columns` how many."""

    query: str
    target: str
    function: bool
    arguments: tuple[object, ...]
    columns: int
    rows: Sequence[tuple[Any, ...]]


def write_query_proof(folder: Path, expected: Sequence[Expected], left_out: Sequence[tuple[str, str]]) -> Path:
    """Write the script into a package; `left_out` are queries that it cannot prove, with the reason.

    Raises TargetError 5600.
    """
    path = folder / NAME
    with failures_as_errors(folder):
        write_whole(path, "".join(_script(expected, left_out)).encode())
    return path


def _script(expected: Sequence[Expected], left_out: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield PREAMBLE
    yield (
        "IF OBJECT_ID(N'tempdb..#proofs') IS NOT NULL DROP TABLE #proofs;\n"
        "CREATE TABLE #proofs ([query] nvarchar(128), [wanted] bigint, [given] bigint, [missing] bigint,"
        " [surplus] bigint);\nGO\n"
    )
    for one in expected:
        yield from _proof(one)
    for query, why in left_out:
        yield f"PRINT {_line(f'{query} is not proven here: {why}')};\nGO\n"
    yield (
        "SELECT [query], [wanted] AS [rows in Access], [given] AS [rows here], CASE WHEN [missing] + [surplus] = 0"
        " THEN 'same' ELSE 'DIFFERENT' END AS [rows are], [missing] AS [only in Access], [surplus] AS [only here]\n"
        "FROM #proofs ORDER BY [query];\n"
        "DECLARE @wrong int = (SELECT COUNT(*) FROM #proofs WHERE [missing] + [surplus] > 0);\n"
        f"PRINT CONCAT('queries: ', {len(expected)} - @wrong, ' of {len(expected)} give the same rows');\n"
        "IF @wrong > 0 THROW 50002, 'Queries give other rows than in Access.', 1;\nGO\n"
    )


def _proof(one: Expected) -> Iterator[str]:
    """Temporary tables of both sides, columns called by their places, and how often a row is on one side more."""
    names = [f"[c{n}]" for n in range(1, one.columns + 1)]
    listed = ", ".join(names)
    call = one.target + (f"({', '.join(map(constant, one.arguments))})" if one.function else "")
    # through a join no column keeps its IDENTITY; through an outer one all may be NULL
    made = f"SELECT [v].* INTO #found FROM (SELECT 1 AS [x]) AS [o] CROSS JOIN (SELECT * FROM {call}) AS [v]({listed});"
    empty = "SELECT [f].* INTO #wanted FROM (SELECT 1 AS [x]) AS [o] LEFT JOIN #found AS [f] ON 1 = 0 WHERE 1 = 0;"
    yield (
        "IF OBJECT_ID(N'tempdb..#found') IS NOT NULL DROP TABLE #found;\n"
        "IF OBJECT_ID(N'tempdb..#wanted') IS NOT NULL DROP TABLE #wanted;\nGO\n"
        f"{batch(made)}\nGO\n{empty}\nGO\n"
    )
    for start in range(0, len(one.rows), _AT_ONCE):
        rows = [f"({', '.join(map(constant, row))})" for row in one.rows[start : start + _AT_ONCE]]
        yield f"INSERT INTO #wanted ({listed}) VALUES\n" + ",\n".join(rows) + ";\nGO\n"
    keys = [_key(one, n) for n in range(one.columns)]
    counted = f"SELECT {', '.join(f'{k} AS {n}' for k, n in zip(keys, names, strict=True))}, {{0}} AS [n] FROM {{1}}"
    both = f"{counted.format(1, '#wanted')} UNION ALL {counted.format(-1, '#found')}"
    summed = f"SELECT SUM([n]) AS [n] FROM ({both}) AS [b] GROUP BY {listed}"
    yield (
        f"INSERT INTO #proofs\nSELECT {_line(one.query)},\n"
        "    (SELECT COUNT(*) FROM #wanted), (SELECT COUNT(*) FROM #found),\n"
        "    COALESCE(SUM(CASE WHEN [n] > 0 THEN [n] END), 0), COALESCE(SUM(CASE WHEN [n] < 0 THEN -[n] END), 0)\n"
        f"FROM ({summed}) AS [s];\nGO\n"
    )


def _key(one: Expected, place: int) -> str:
    """A column as it is compared."""
    if any(isinstance(row[place], float) for row in one.rows):
        return f"CONVERT(varchar(30), CONVERT(float, [c{place + 1}]), 1)"
    return f"[c{place + 1}]"


def constant(value: object) -> str:
    """A value as a T-SQL constant on one line."""
    write = next((w for kind, w in _WRITERS if isinstance(value, kind)), None)
    return write(value) if write else _line(str(value))


def _line(text: str) -> str:
    """Text without a line end, which sqlcmd could take for a command's."""
    made = literal(text)
    for character, code in (("\r", 13), ("\n", 10)):
        made = made.replace(character, f"' + NCHAR({code}) + N'")
    return made


def _moment(value: datetime) -> str:
    return f"'{value.isoformat(timespec='microseconds' if value.microsecond else 'seconds')}'"


_WRITERS: Final[tuple[tuple[type, Callable[[Any], str]], ...]] = (
    (type(None), lambda _: "NULL"),
    (bool, lambda value: "-1" if value else "0"),
    (int, str),
    (Decimal, lambda value: f"{value:f}"),
    (float, lambda value: repr(value) if "e" in repr(value) else f"{value!r}E0"),
    (datetime, _moment),
    (bytes, lambda value: f"0x{value.hex()}"),
)
