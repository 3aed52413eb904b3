"""All cases of `tests/convert/cases` converted and held to Microsoft's checker: `python -m tests.bench.cases`.

The suite does so with one in twelve; this takes a minute or two. `--version` is the server's, as the checker names it.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.convert.cases.test_cases import ALL, converted
from tests.sqlserver.client import LEVELS, Checker
from tests.sqlserver.databases import package
from tests.sqlserver.install import lacking
from tests.sqlserver.oracle.script import Script

_MODULES = ("views.sql", "functions.sql", "procedures.sql")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", choices=list(LEVELS), default="2019")
    asked = parser.parse_args()
    if why := lacking():
        print(why, file=sys.stderr)
        return 2
    begun = time.monotonic()
    listed = [c for found in ALL.values() for c in found if c.rows is not None]
    made = converted(listed)
    scripts = [s for s in package(made) if not s.name.endswith(_MODULES)]
    scripts += [Script(str(m.name), m.sql) for m in made.modules]
    checker = Checker()
    found = checker.errors(scripts, asked.version)
    checker.close()
    for one in found:
        print(f"{one.file}: {one.tool} {one.code} {one.text}")
    seconds = time.monotonic() - begun
    print(f"{len(listed)} cases, {len(made.modules)} statements, {len(found)} refused, in {seconds:.0f} s")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
