"""Mutate a project's files and open it: python tests/bench/fuzz_project.py [SECONDS] [SEED] [CASES]

A project of the sample is moved into a package once. Then, again and again, its project file or one of the files in
NAME.jetferry/ is damaged and the project is opened, and asked for all that its files tell: statuses, entries,
conversion, results, rehearsals, messages, the journal. Prints what was raised that is no numbered error; the exit
status is 1 then. It ends after SECONDS, or CASES if they come first.
"""

from __future__ import annotations

import random
import re
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.conftest import SAMPLE
from wizard.cli.projects import NewProject, fill
from wizard.events import Stage
from wizard.messages import JetferryError
from wizard.migrate import journal, run_history
from wizard.run_files import RunFiles
from wizard.settings import Connection, TargetKind
from wizard.stages import Migration
from wizard.stages import table_history as told_runs

ODD = (
    *("9" * 4400, "-1", "1e400", "nan", "null", "true", '""', "[]", "{}", "[" * 3000, "{a=" * 500, "'", '"', '"""'),
    *("#", "=", "\n", "\\u0000", "\x7f", "0x", "1979-13-45", "schema_version = 99", "[sources]", "[[sources]]", "é"),
)


def harmed(data: bytes, random_: random.Random) -> bytes:
    """One kind of damage."""
    at = random_.randrange(len(data) + 1)
    match random_.randrange(8):
        case 0:
            return data[:at]
        case 1:
            out = bytearray(data)
            for _ in range(random_.randrange(1, 9) if out else 0):
                out[random_.randrange(len(out))] = random_.randrange(256)
            return bytes(out)
        case 2:
            return data[:at] + random_.choice(ODD).encode() + data[at:]
        case 3:
            numbers = ("9" * 4400, "-1", "1e400", "null", '"x"', "[]")
            return re.sub(rb"\d+", lambda m: random_.choice([m[0], random_.choice(numbers).encode()]), data)
        case 4:
            lines = data.splitlines(keepends=True)
            random_.shuffle(lines)
            return b"".join(lines)
        case 5:
            return random_.choice([b"", b"{}", b"[]", b"null", b"7", b"[" * 100_000, b"\0" * 50, b"\xff\xfe{"])
        case 6:
            return data[:at] + data[at + random_.randrange(1, 40) :]
        case _:
            return re.sub(rb'"[^"\n]*"', lambda m: random_.choice([m[0], m[0], b"7", b"{}", b'""']), data)


def looked_at(path: Path) -> list[Callable[[], object]]:
    """Everything to ask of a project; each may raise numbered errors only."""
    files = RunFiles(path.with_name("p.jetferry"))

    def asked(ask: Callable[[Migration], object]) -> Callable[[], object]:
        def open_and_ask() -> object:
            with Migration.open(path) as migration:
                return ask(migration)

        return open_and_ask

    def runs() -> object:
        found = told_runs.with_table_runs(run_history.records(files.runs), [])
        return run_history.side_by_side(told_runs.since_begun(found)), [told_runs.run_heading(r) for r in found]

    return [
        asked(lambda m: [(m.status(s), m.detail(s), m.blocked(s), m.messages(s)) for s in Stage]),
        asked(lambda m: m.sources.entries()),
        asked(lambda m: m.convert.items()),
        asked(lambda m: m.assess.results),
        asked(lambda m: m.load.result),
        asked(lambda m: m.one_step()),
        runs,
        lambda: (journal.history(files.journal), journal.last_known(files.journal)),
    ]


def made(folder: Path) -> Path:
    """A project whose rows are in a package."""
    source = Path(shutil.copyfile(SAMPLE, folder / "books.accdb"))
    path = folder / "p"
    with Migration.create(path) as migration:
        fill(migration, NewProject(path, (source,), TargetKind.PACKAGE), Connection())
        migration.prepare()
        migration.one_step()
    return folder / "p.jetferry.toml"


class Sound:
    """A folder put back as it was after each case: only what a case changed is copied again."""

    def __init__(self, base: Path, work: Path) -> None:
        self._base, self._work = base, work
        shutil.copytree(base, work)
        self._known = self._looked()

    def _looked(self) -> dict[Path, tuple[int, int, int]]:
        found = {}
        for path in self._work.rglob("*"):
            state = path.lstat()
            found[path] = (state.st_ino, state.st_size, state.st_mtime_ns)
        return {p: s for p, s in found.items() if not p.is_dir()}

    def restore(self) -> None:
        now = self._looked()
        for path in now.keys() - self._known.keys():
            path.unlink()
        for path in [p for p, state in self._known.items() if now.get(p) != state]:
            path.unlink(missing_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._base / path.relative_to(self._work), path)
            state = path.lstat()
            self._known[path] = (state.st_ino, state.st_size, state.st_mtime_ns)


def main() -> int:
    end = time.monotonic() + (float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 1 << 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    random_ = random.Random(seed)
    errors: Counter[int] = Counter()
    findings: Counter[str] = Counter()
    cases = 0
    with tempfile.TemporaryDirectory() as whole:
        base = Path(whole) / "base"
        base.mkdir()
        made(base)
        names = [p.relative_to(base) for p in base.rglob("*") if p.is_file() and p.suffix not in (".accdb", ".dat")]
        work = Path(whole) / "work"
        sound = Sound(base, work)
        while cases < most and time.monotonic() < end:
            sound.restore()
            name = random_.choice([Path("p.jetferry.toml"), random_.choice(names)])
            with suppress(FileNotFoundError):
                (work / name).write_bytes(harmed((work / name).read_bytes(), random_))
            ask = random_.choice(looked_at(work / "p.jetferry.toml"))
            try:
                ask()
            except JetferryError as error:
                errors[error.message.number] += 1
                str(error).encode()
            except Exception as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                finding = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error}"[:160]
                findings[f"{name.name}: {finding}"] += 1
                if findings[f"{name.name}: {finding}"] == 1:
                    print(f"case {cases}, {name}: {finding}", flush=True)
            cases += 1
    print(f"{cases} cases, seed {seed}: {sum(findings.values())} findings of {len(findings)} kinds")
    print(f"numbered errors: {dict(errors.most_common(15))}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
