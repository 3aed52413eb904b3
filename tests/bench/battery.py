"""The battery of `tests/sqlserver` run long: `python -m tests.bench.battery [--seconds N] [--seed N] [--report FILE]`.

Queries and designs in Access's SQL are converted and held to Microsoft's parser, compiler and binder and to our lint;
what a server would refuse is written by kind, each with some statements as they were and as they became.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.sqlserver.battering import PAIRS, SHAPES, Outcome, run
from tests.sqlserver.client import LEVELS, Checker
from tests.sqlserver.install import lacking

_SHOWN = 4
_LONGEST = 900


def report(outcome: Outcome, version: str, seed: int) -> str:
    lines = [
        f"# The battery on {version}, seed {seed}",
        f"{outcome.queries} queries ({outcome.converted} became statements, the others messages) and "
        f"{outcome.designs} table designs in {outcome.seconds:.0f} s: {outcome.statements} statements looked at, "
        f"{len(outcome.refused)} refused, {len(outcome.kinds)} kinds.",
    ]
    for (code, shape), found in outcome.kinds.items():
        lines.append(f"\n## {code} {shape} ({len(found)})")
        for one in sorted(found, key=lambda r: len(r.sql))[:_SHOWN]:
            lines += [f"- Access: `{one.access}`", f"  - {one.found.tool} {one.found.code}: {one.found.text}"]
            lines.append(f"  - T-SQL: `{' '.join(one.sql.split())[:_LONGEST]}`")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--version", choices=list(LEVELS), default="2016")
    parser.add_argument("--shapes", action="store_true", help="whole queries and related tables in place of pairs")
    parser.add_argument("--types", action="store_true", help="with rules that give columns any type they may have")
    parser.add_argument("--report", type=Path)
    asked = parser.parse_args()
    if why := lacking():
        print(why, file=sys.stderr)
        return 2
    checker = Checker()
    maker = SHAPES if asked.shapes else PAIRS
    limits = {"seconds": asked.seconds, "most": asked.most}
    outcome = run(checker, asked.version, asked.seed, **limits, maker=maker, types=asked.types)
    checker.close()
    text = report(outcome, asked.version, asked.seed)
    if asked.report:
        asked.report.write_text(text, encoding="utf-8")
    print(text.splitlines()[1])
    return int(bool(outcome.refused))


if __name__ == "__main__":
    sys.exit(main())
