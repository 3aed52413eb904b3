"""The list of cases: statements of Access SQL over the tables of `tables.py`, with what Access gives.

A file for each kind of source, whose statements people write, reduced to these tables; none is copied:

- `documentation.tsv`: Microsoft's pages on each function, operator and clause;
- `answers.tsv`: questions and answers of forums;
- `experts.tsv`: pages of Access MVPs;
- `providers.tsv`: what object mappers and drivers write (EF Core's Jet provider, Hibernate and NHibernate, ADO.NET);
- `applications.tsv`: saved queries of open applications;
- `designer.tsv`: what the query designer and the wizards of Access write;
- `reports.tsv`: faults that were reported of this converter, and variants of them;
- `measured.tsv`: what others measured of Access's engine (ACE) and have as tests of theirs: the strongest of all;
- `actions.tsv`, `definitions.tsv`, `refused.tsv`: action queries, data definition, and what cannot be, of all of these.

Lines have up to five columns: the statement, where `\\n` is a line's end and `\\t` a tab; what is expected; as JSON,
the values of parameters by prompt, and saved queries that the statement reads; for an action query the statement that
reads what it did. Expected are, as JSON, rows, or one value a row; dates as ISO text; `"#Error"`; else `refused` with
the number of the message that says why, `asks` with the prompt of a parameter, or T-SQL that a
data definition becomes or has in it.
Rows have an order where the statement has ORDER BY.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from tests.convert.cases.tables import LINKED, TABLES
from wizard.convert.interpreter import ErrorValue
from wizard.definitions import Database, Query, QueryKind

FOLDER: Final = Path(__file__).parent
SOURCES: Final = tuple(sorted(p.stem for p in FOLDER.glob("*.tsv")))
_KINDS: Final = {
    "TRANSFORM": QueryKind.CROSSTAB, "INSERT": QueryKind.APPEND, "UPDATE": QueryKind.UPDATE, "DELETE": QueryKind.DELETE,
    **dict.fromkeys(("CREATE", "ALTER", "DROP", "GRANT", "ADD", "EXECUTE"), QueryKind.DATA_DEFINITION),
}  # fmt: skip
_DECLARED: Final = re.compile(r"\s*PARAMETERS\b[^;]*;", re.IGNORECASE)


@dataclass(frozen=True)
class Case:
    """A statement with what is expected of it; `name` is its file and line."""

    name: str
    sql: str
    expected: str
    given: Mapping[str, Any] = field(default_factory=dict)
    queries: Mapping[str, str] = field(default_factory=dict)
    read: str = ""

    @property
    def rows(self) -> list[list[Any]] | None:
        """The expected rows; None where no rows are expected."""
        if not self.expected.startswith("["):
            return None
        return [row if isinstance(row, list) else [row] for row in json.loads(self.expected)]

    @property
    def ordered(self) -> bool:
        return "ORDER BY" in self.sql.upper()

    @property
    def kind(self) -> QueryKind:
        """As Access would have it in its catalogue."""
        return kind_of(self.sql)


def kind_of(sql: str) -> QueryKind:
    bare = _DECLARED.sub("", sql, count=1).lstrip("( \r\n")
    word = bare.split(maxsplit=1)[0].upper()
    made = word == "SELECT" and re.search(r"\bINTO\b", bare, re.IGNORECASE)
    return QueryKind.MAKE_TABLE if made else _KINDS.get(word, QueryKind.SELECT)


def cases(source: str) -> Iterator[Case]:
    """The cases of one file."""
    lines = (FOLDER / f"{source}.tsv").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines[1:], start=2):
        sql, expected, given, queries, read = (*line.split("\t"), "", "", "")[:5]
        text = sql.replace("\\n", "\r\n").replace("\\t", "\t")
        values, others = json.loads(given or "{}"), json.loads(queries or "{}")
        yield Case(f"{source}:{number}", text, expected, values, others, read)


def database(*queries: Query) -> Database:
    """The tables with these saved queries."""
    return Database(
        "cases.accdb", "Access 2010", tables=tuple(t for t, _ in TABLES), linked_tables=LINKED, queries=queries
    )


def plainly(value: Any) -> Any:
    """A value as the files write it."""
    match value:
        case ErrorValue():
            return "#Error"
        case datetime():
            day, _, clock = value.isoformat(" ").partition(" ")
            return day if clock == "00:00:00" and day != "1899-12-30" else f"{day} {clock}".removesuffix(":00")
        case Decimal() | float():
            number = float(f"{value:.12g}")
            return int(number) if number == int(number) and abs(number) < 1e15 else number
        case _:
            return value
