"""Mutate Access SQL and convert it: python tests/bench/fuzz_sql.py [SECONDS] [SEED]

Statements of the corpus, the sample and the table of constructs are cut, joined and strewn with what is odd; each goes
through the converter as a query, a default, a validation rule and a calculated column, beside one query that must be
converted whatever happens. Prints what was found: anything raised, and every mistake of our own (3091). The exit status
is 1 then. What was found stands there with the text that showed it.
"""

from __future__ import annotations

import random
import re
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.conftest import SAMPLE, SHARED
from tests.convert import making, saved
from wizard.access import AccessFile
from wizard.access.redaction import redacted_statement, without_secrets
from wizard.assess.rules import UntoldError
from wizard.convert.queries.constructs import CONSTRUCTS
from wizard.convert.queries.headings import heading_sources
from wizard.definitions import Column, ColumnType, Database, Query, QueryKind
from wizard.messages import JetferryError

OURS = 3091
"""the message of mistakes of our own"""
SLOW = 20.0
"""seconds of processor time that one statement may take"""
ODD = (
    *("1E400", "9" * 400, "9" * 4301, "-", "(", ")", "[", "]", "'", '"', "#", "&H", "!", "..", "\0", "\ud800", "é"),
    *("TRANSFORM Sum(Amount)", "PIVOT ID", "UNION", "UNION ALL SELECT", "IN ''", "[;DATABASE=x;PWD=y].[t]", "TOP 0"),
    *(
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP BY",
        "HAVING",
        "ORDER BY",
        "DISTINCT",
        "Null",
        "Is Not Null",
        "Between",
        "Like",
    ),
    *("#1/1/100#", "#13/13/9999#", "{guid {0}}", "Date()", "DLookup('a','b')", "IIf(", "Format(1,'", "Nz(", "@p", "*"),
)


def seeds() -> list[str]:
    """Statements to begin with."""
    found = [c.sample for c in CONSTRUCTS]
    files = [SAMPLE, *((SHARED / "corpus").glob("*.accdb") if SHARED.is_dir() else ())]
    for path in files:
        try:
            with AccessFile.open(path, "password", salvage=True) as file:
                found += [q.sql for q in file.definition.queries if q.kind is not QueryKind.PASS_THROUGH]
        except JetferryError:
            continue
    return [s for s in found if s.strip()]


def mutated(text: str, others: list[str], random_: random.Random) -> str:
    """A text with one to five changes."""
    for _ in range(random_.randrange(1, 6)):
        words = re.findall(r"\w+|\s+|.", text, re.DOTALL) or [""]
        at = random_.randrange(len(words))
        match random_.randrange(8):
            case 0:
                del words[at : at + random_.randrange(1, 4)]
            case 1:
                words.insert(at, f" {random_.choice(ODD)} ")
            case 2:
                words[at] = random_.choice(ODD)
            case 3:
                other = random_.choice(others)
                begin = random_.randrange(len(other) + 1)
                words.insert(at, " " + other[begin : begin + random_.randrange(60)] + " ")
            case 4:
                words[at:at] = words[at : at + random_.randrange(1, 12)] * random_.randrange(1, 4)
            case 5:
                to = random_.randrange(len(words))
                words[at], words[to] = words[to], words[at]
            case 6:
                words[at:] = ["(", *words[at:], ")"]
            case _:
                words = words[:at]
        text = "".join(words)[:20_000]
    return text


def tried(text: str, kind: QueryKind) -> list[int]:
    """The numbers of what is said of it. Raises whatever should not be raised."""
    redacted_statement(text)
    without_secrets(text)
    queries = saved.saved({"Q": text, "R": "SELECT ID FROM Orders"}, kind=kind)
    if not any(m.source and m.source.table == "R" for m in queries.modules):
        raise AssertionError("the query beside it was not converted")
    heading_sources(Database("x", "Access", tables=(saved.ORDERS, saved.LINES), queries=(Query("Q", kind, text),)))
    expression = text[:500]
    table = making.converted(
        making.table(
            "T",
            Column("a", ColumnType.TEXT, length=50, default=expression),
            Column("b", ColumnType.DOUBLE, validation_rule=expression),
            Column("c", ColumnType.DATE, calculated=expression),
        )
    )
    return [m.number for m in (*queries.messages, *table.messages)]


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    random_, begin = random.Random(seed), seeds()
    numbers: Counter[int] = Counter()
    findings: Counter[str] = Counter()
    cases, slowest, end = 0, 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        text = mutated(random_.choice(begin), begin, random_)
        started = time.process_time()
        finding = ""
        try:
            said = tried(text, random_.choice([k for k in QueryKind if k is not QueryKind.PASS_THROUGH]))
            numbers.update(said)
            finding = "a mistake of our own (3091)" if OURS in said else ""
        except UntoldError:
            finding = "UntoldError"
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            finding = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error}"[:160]
        took = time.process_time() - started
        slowest = max(slowest, took)
        if took > SLOW:
            finding = finding or f"more than {SLOW} s"
        if finding:
            findings[finding] += 1
            if findings[finding] == 1:
                print(f"case {cases}: {finding}\n    {text[:400]!a}", flush=True)
        cases += 1
    print(f"{cases} statements, seed {seed}: {sum(findings.values())} findings of {len(findings)} kinds")
    print(f"slowest {slowest:.2f} s; messages: {dict(numbers.most_common(12))}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
