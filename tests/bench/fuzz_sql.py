"""Mutate Access SQL and convert it: python tests/bench/fuzz_sql.py [SECONDS] [SEED] [CASES]

Statements of the corpus, the sample and the table of constructs are cut, joined and strewn with what is odd; each goes
through the converter as a query, a default, a validation rule and a calculated column, beside one query that must be
converted whatever happens. Prints what was found: anything raised, and every mistake of our own (3091). The exit status
is 1 then. What was found stands there with the text that showed it. It ends after SECONDS, or CASES if they come first.

Statements are converted many at a time, which costs a third; where that finds anything, each is tried by itself.
"""

from __future__ import annotations

import random
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.conftest import SAMPLE, SHARED
from tests.convert import making, saved
from wizard.access import AccessFile
from wizard.access.redaction import redacted_statement, without_secrets
from wizard.assess.validation_rules import UntoldError
from wizard.convert.queries.constructs import CONSTRUCTS
from wizard.convert.queries.crosstab_headings import heading_sources
from wizard.definitions import Column, ColumnType, Database, Query, QueryKind
from wizard.messages import JetferryError

OURS = 3091
"""the message of mistakes of our own"""
SLOW = 20.0
"""seconds of processor time that they may take together"""
AT_ONCE = 25
"""statements converted together"""
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


def tried(texts: Sequence[str], kind: QueryKind) -> list[int]:
    """The numbers of what is said of them. Raises whatever should not be raised."""
    for text in texts:
        redacted_statement(text)
        without_secrets(text)
    named = {f"Q{n}": text for n, text in enumerate(texts)}
    queries = saved.saved({**named, "R": "SELECT ID FROM Orders"}, kind=kind)
    if not any(m.source and m.source.table == "R" for m in queries.modules):
        raise AssertionError("the query beside it was not converted")
    made = tuple(Query(name, kind, text) for name, text in named.items())
    heading_sources(Database("x", "Access", tables=(saved.ORDERS, saved.LINES), queries=made))
    columns = [
        column
        for n, text in enumerate(texts)
        for column in (
            Column(f"a{n}", ColumnType.TEXT, length=50, default=text[:500]),
            Column(f"b{n}", ColumnType.DOUBLE, validation_rule=text[:500]),
            Column(f"c{n}", ColumnType.DATE, calculated=text[:500]),
        )
    ]
    table = making.converted(making.table("T", *columns))
    return [m.number for m in (*queries.messages, *table.messages)]


def found(texts: Sequence[str], kind: QueryKind, numbers: Counter[int]) -> str:
    """What is wrong with them, in words; empty where nothing is."""
    started = time.process_time()
    try:
        said = tried(texts, kind)
    except UntoldError:
        return "UntoldError"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error}"[:160]
    numbers.update(said)
    if OURS in said:
        return "a mistake of our own (3091)"
    return f"more than {SLOW} s" if time.process_time() - started > SLOW else ""


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 1 << 60
    random_, begin = random.Random(seed), seeds()
    numbers: Counter[int] = Counter()
    findings: Counter[str] = Counter()
    cases, slowest, end = 0, 0.0, time.monotonic() + seconds
    while cases < most and time.monotonic() < end:
        texts = [mutated(random_.choice(begin), begin, random_) for _ in range(AT_ONCE)]
        kind = random_.choice([k for k in QueryKind if k is not QueryKind.PASS_THROUGH])
        started = time.process_time()
        together = found(texts, kind, numbers)
        slowest = max(slowest, (time.process_time() - started) / AT_ONCE)
        alone = [(found([text], kind, Counter()), text) for text in texts] if together else []
        for finding, text in [(f, t) for f, t in alone if f] or ([(together, "\n".join(texts))] if together else []):
            findings[finding] += 1
            if findings[finding] == 1:
                print(f"case {cases}: {finding}\n    {text[:400]!a}", flush=True)
        cases += AT_ONCE
    print(f"{cases} statements, seed {seed}: {sum(findings.values())} findings of {len(findings)} kinds")
    print(f"slowest {slowest:.3f} s each; messages: {dict(numbers.most_common(12))}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
