"""What stage 5 announced against what stage 8 left out, database by database.

    python -m tests.bench.foreseen [FOLDER …]

Each Access file of the folders (default: those of ../shared) is a project of its own with default settings and ends
in a package. Ends with exit status 1 where a row was left out that had not been announced, or the reverse.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.access.oracle import PASSWORD
from tests.conftest import SHARED
from wizard.cli.projects import NewProject, fill
from wizard.messages import JetferryError
from wizard.project import Project
from wizard.settings import Connection, TargetKind
from wizard.stages import Migration

FOLDERS = [SHARED / "corpus", SHARED / "sample", SHARED / "cases", SHARED / "application" / "corpus"]


def compared(database: Path, folder: Path) -> tuple[int, int, int, int, bool]:
    """Tables, their rows, rows announced and left out, and whether these are the same. Raises JetferryError."""
    with Migration.create(folder / "p") as migration:
        fill(migration, NewProject(folder / "p", (database,), Project("p"), TargetKind.PACKAGE), Connection())
        migration.prepare()
        migration.assess.run()
        foreseen = Counter((f.name, r.position) for f in migration.assess.foreseen for r in f.listed)
        migration.one_step()
        result = migration.migrate.result
        tables = result.tables if result else ()
        left = Counter(
            (t.table, r.position) for t in tables if t.rejected for r in migration.migrate.rejects(t.table, limit=10**6)
        )
        rows = sum(t.rows for t in tables)
        arrived = sum(t.migrated + t.rejected for t in tables)
        return len(tables), rows, foreseen.total(), left.total(), foreseen == left and rows == arrived


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path)
    folders = parser.parse_args().folders or FOLDERS
    os.environ.setdefault("JETFERRY_SOURCE_PASSWORD", PASSWORD)
    wrong, total = 0, Counter[str]()
    print(f"{'database':48} {'tables':>6} {'rows':>9} {'foreseen':>8} {'rejected':>8}")
    files = (p for f in folders for p in sorted(f.rglob("*")) if p.suffix.lower() in {".mdb", ".accdb", ".mda"})
    for database in files:
        with tempfile.TemporaryDirectory() as folder:
            try:
                tables, rows, foreseen, left, same = compared(database, Path(folder))
            except JetferryError as e:
                print(f"{database.name:48} {e.message}")
                total["refused"] += 1
                continue
        wrong += not same
        total.update(databases=1, tables=tables, rows=rows, foreseen=foreseen, rejected=left)
        print(f"{database.name:48} {tables:6} {rows:9,} {foreseen:8,} {left:8,}{'' if same else '   DIFFER'}")
    print(", ".join(f"{n:,} {what}" for what, n in total.items()), f"{wrong} differ", sep=", ")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
