"""The battery converted and held to the checker, in batches; what a server would refuse, by kind."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, repeat
from random import Random
from typing import Final

from tests.sqlserver import battery, battery_shapes
from tests.sqlserver.battery import BATCH, Case
from tests.sqlserver.client import Checker
from tests.sqlserver.databases import package, target
from tests.sqlserver.oracle.found import Found
from tests.sqlserver.oracle.script import Script
from wizard.convert import convert
from wizard.convert.type_rules import AUTONUMBER, POSSIBLE
from wizard.definitions import Database
from wizard.objects import Conversion
from wizard.settings import Options, TypeMap, TypeRule

_QUERY = re.compile(r"\[dbo\]\.\[q(\d+)\]")
_TABLE = re.compile(r"\[dbo\]\.(\[(?:[^\]]|\]\])*\])")


@dataclass(frozen=True, slots=True)
class Refused:
    """A query, or the name of a design, with the T-SQL made of it and the message about that."""

    access: str
    sql: str
    found: Found
    about: str

    def __str__(self) -> str:
        return f"{self.access}\n  {self.found.tool} {self.found.code} {self.found.text}\n  {self.sql}"


@dataclass
class Outcome:
    """How many queries and designs were made, how many of them became statements, and what was refused."""

    queries: int = 0
    designs: int = 0
    converted: int = 0
    statements: int = 0
    seconds: float = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def kinds(self) -> dict[tuple[str, str], list[Refused]]:
        """By code and shape of the message."""
        found: dict[tuple[str, str], list[Refused]] = {}
        for one in self.refused:
            shape = re.sub(r"'[^']*'|\[[^\]]*\]|\d+", "…", one.found.text)
            shape = shape.split(":")[0][:60] if one.found.tool == "L" else shape[:90]
            found.setdefault((f"{one.found.tool} {one.found.code}", shape), []).append(one)
        return dict(sorted(found.items(), key=lambda k: -len(k[1])))


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes cases of a seed, a database of some of them, and designs."""

    cases: Callable[[int], Iterator[Case]]
    database: Callable[[Sequence[Case]], Database]
    designs: Callable[[int], Iterator[Database]]


def _plain_designs(seed: int) -> Iterator[Database]:
    tables = battery.designs(seed)
    while True:
        yield Database("d.accdb", "Access 2010", tables=tuple(islice(tables, 10)))


PAIRS: Final = Maker(battery.cases, battery.database, _plain_designs)
SHAPES: Final = Maker(battery_shapes.shapes, battery_shapes.database, battery_shapes.related)


def type_maps(seed: int) -> Iterator[TypeMap]:
    """Without end: for every type of Access one of the server's types that a rule may name for it."""
    random = Random(seed)
    while True:
        yield TypeMap(tuple(_rule(random, source, random.choice(kinds)) for source, kinds in POSSIBLE.items()))


def _rule(random: Random, source: str, kind: str) -> TypeRule:
    sizes = _SIZES.get(kind, ("",))
    if source == AUTONUMBER:
        sizes = ("(18,0)",) if kind in ("decimal", "numeric") else ("",)
    return TypeRule(source, kind + ("(max)" if source == "longbinary" else random.choice(sizes)))


_SIZES: Final = {
    "decimal": ("(28,4)", "(9,2)"), "numeric": ("(20,0)",), "nvarchar": ("(max)", "(300)"), "nchar": ("(40)",),
    "varchar": ("(max)", "(300)"), "char": ("(40)",), "binary": ("(60)",), "varbinary": ("(max)", "(60)"),
    "datetime2": ("(0)", "(3)"),
}  # fmt: skip


def run(
    checker: Checker, version: str, seed: int, *, seconds: float, most: int, maker: Maker = PAIRS, types: bool = False
) -> Outcome:
    """Batches of queries, and of designs after every fifth, until `most` queries or the time is over.

    `types`: each batch with other rules for the types of its columns.
    """
    outcome, begun = Outcome(), time.monotonic()
    maps = type_maps(seed) if types else repeat(TypeMap())
    waiting, designs = maker.cases(seed), maker.designs(seed)
    while outcome.queries < most and time.monotonic() - begun < seconds:
        batch = list(islice(waiting, min(BATCH, most - outcome.queries)))
        _queries(checker, version, _made(maker.database(batch), version, next(maps)), batch, outcome)
        if outcome.queries // BATCH % 5 == 1:
            for design in islice(designs, 1 if maker is PAIRS else 6):
                outcome.designs += len(design.tables)
                _designs(checker, version, _made(design, version, next(maps)), outcome)
    outcome.seconds = time.monotonic() - begun
    return outcome


def _made(source: Database, version: str, types: TypeMap) -> Conversion:
    options = Options(warn_renamed=False, warn_wildcards=False)
    return convert(source, source="b", schema="dbo", options=options, target=target(version), type_map=types)


def _queries(checker: Checker, version: str, made: Conversion, batch: list[Case], outcome: Outcome) -> None:
    sql = {m.name.name: m.sql for m in made.modules}
    outcome.queries += len(batch)
    outcome.converted += sum(f"q{n}" in sql for n in range(len(batch)))
    for one in _errors(checker, version, made, outcome):
        number = _QUERY.search(one.statement) or _QUERY.search(one.text)
        case = batch[int(number[1])] if number else Case(batch[0].kind, "?", "?")
        outcome.refused.append(Refused(case.sql, sql.get(f"q{number[1]}", "") if number else "", one, case.about))


def _designs(checker: Checker, version: str, made: Conversion, outcome: Outcome) -> None:
    for one in _errors(checker, version, made, outcome):
        name = _TABLE.search(one.statement)
        outcome.refused.append(Refused(f"design {name[1] if name else '?'}", one.statement, one, "design"))


def _errors(checker: Checker, version: str, made: Conversion, outcome: Outcome) -> Iterator[Found]:
    """Each module in a script of its own, so that a message says which is meant; the first of each code."""
    whole = package(made)
    scripts = [s for s in whole if not s.name.endswith(("views.sql", "functions.sql", "procedures.sql"))]
    scripts += [Script(f"[dbo].[{m.name.name}]", m.sql) for m in made.modules]
    checked = checker.check(scripts, version)
    outcome.statements += sum(checked.counts.values())
    seen: set[tuple[str, str]] = set()
    for one in checked.found:
        if one.severity == "error" and (one.file, one.code) not in seen:
            if one.file.startswith("[dbo].[q"):
                seen.add((one.file, one.code))
                yield Found(one.file, one.line, one.column, one.tool, one.severity, one.code, one.text, one.file)
            else:
                yield one
