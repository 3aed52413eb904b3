"""Ten thousand Access files scanned: time, memory, killed twice and gone on; then a hundred of them changed.

`python -m tests.bench.estate FOLDER [--files 10000] [--workers 2]` makes the files in FOLDER (some 9 GB for 10,000)
from the sample and the databases of ../shared by copying, renaming, changing and damaging them, hostile ones among
them, and scans them. The files and the estate stay there; run again it uses the files that are there.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.conftest import SAMPLE, SHARED
from wizard.access import AccessFile
from wizard.messages import SourceError

FOLDERS = ("sales", "purchasing", "hr", "it", "projects", "archive", "users/anna", "users/ben", "backup/2019", "old")
PASSWORD = "password"


def originals() -> list[Path]:
    """What everything is made from, without the 56 MB of the benchmark."""
    found = [SAMPLE]
    for folder in ("corpus", "application/corpus", "cases", "hostile"):
        found += sorted(p for p in (SHARED / folder).glob("*.*") if p.suffix in (".mdb", ".accdb", ".accda", ".mda"))
    return found


def names_of(path: Path) -> list[str]:
    """Names of columns that may be changed for others of their length, so that definitions differ."""
    try:
        with AccessFile.open(path, PASSWORD if "assword" in path.name or "agile" in path.name else None) as file:
            found = {c.name for t in file.definition.tables for c in t.columns}
    except SourceError:
        return []
    return sorted(n for n in found if n.isascii() and n.isalpha() and len(n) >= 6)


def renamed(data: bytes, name: str, number: int) -> bytes:
    """The same database with a column of another name."""
    other = name[:-4] + "".join(chr(97 + number // 26**i % 26) for i in range(4))
    return data.replace(name.encode("utf-16-le"), other.encode("utf-16-le"))


def grown(data: bytes, number: int) -> bytes:
    """Another content, the same database: a page more that nothing refers to."""
    page = 2048 if data[20] == 0 else 4096
    return data + number.to_bytes(8, "little").ljust(page, b"\0")


def torn(data: bytes, pick: random.Random) -> bytes:
    """Damaged: cut, overwritten in places, or noise behind a header that is whole."""
    kind = pick.randrange(4)
    if kind == 0:
        return data[: pick.randrange(100, len(data))]
    if kind == 1:
        return data[:4096] + pick.randbytes(len(data) - 4096)
    found = bytearray(data)
    for _ in range(pick.choice((3, 40, 400))):
        at = pick.randrange(4096, len(found) - 8)
        found[at : at + pick.choice((1, 4))] = pick.randbytes(4)
    return bytes(found)


def make(root: Path, count: int) -> None:
    """The files; the same each time for a number of files."""
    pick = random.Random(count)
    sources = [(p, p.read_bytes(), names_of(p)) for p in originals()]
    number = 0
    while number < count:
        path, data, names = pick.choice(sources)
        folder = root / pick.choice(FOLDERS) / f"{number % 97:02}"
        folder.mkdir(parents=True, exist_ok=True)
        name = pick.choice(
            (path.name, f"{path.stem}_{number}{path.suffix}", f"Copy of {path.name}", f"{number}{path.suffix}")
        )
        share = pick.random()
        if share < 0.30:
            made = data
        elif share < 0.62:
            made = grown(data, number)
        elif share < 0.90:
            made = grown(renamed(data, pick.choice(names), number), number) if names else grown(data, number)
        else:
            made = torn(data, pick)
        if pick.random() < 0.05:
            name = pick.choice((f"{number}.dat", f"{number}", f"{number}.bak"))
        target = folder / name
        if target.exists():
            continue
        target.write_bytes(made)
        age = pick.choice((30, 300, 1000, 2500, 5000)) * 86_400
        os.utime(target, (time.time() - age, time.time() - age))
        number += 1
    with zipfile.ZipFile(root / "old.zip", "w") as archive:
        archive.write(SAMPLE, "harbor.accdb")
    (root / "loop").symlink_to(root)


def held(process: int) -> int:
    """Megabytes of a process and all below it, what they share counted once (PSS)."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        children.setdefault(parent, []).append(int(status.parent.name))
    total, todo = 0, [process]
    while todo:
        one = todo.pop()
        todo += children.get(one, [])
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total >> 10


def looked_at(estate: Path) -> int:
    """Files that are known, as any tool would ask."""
    try:
        with sqlite3.connect(f"file:{estate / 'estate.sqlite'}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM file WHERE state <> 'waiting'").fetchone()[0])
    except sqlite3.Error:
        return 0


def scan(folder: Path, workers: int, until: Callable[[int], bool]) -> tuple[float, int, int]:
    """Scan, killed when `until` says so of the files known; seconds, most megabytes, exit status."""
    passwords = folder / "passwords"
    passwords.write_text(PASSWORD)
    began, most = time.monotonic(), 0
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", "from wizard.cli import main; main()", "estate", "scan", str(folder / "tree"),
         "--estate", str(folder / "bench"), "--workers", str(workers), "--passwords", str(passwords),
         "--seconds", "60"],
    )  # fmt: skip
    while process.poll() is None:
        time.sleep(1)
        most = max(most, held(process.pid))
        if until(looked_at(folder / "bench.jetferry-estate")):
            process.send_signal(signal.SIGKILL)
            process.wait()
    return time.monotonic() - began, most, process.returncode


def change(root: Path, count: int) -> None:
    """Write a page more to some files."""
    files = sorted(p for p in root.rglob("*.accdb") if p.is_file())
    for number, path in enumerate(random.Random(7).sample(files, min(count, len(files)))):
        with path.open("ab") as file:
            file.write((1_000_000 + number).to_bytes(8, "little").ljust(4096, b"\0"))


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("folder", type=Path)
    words.add_argument("--files", type=int, default=10_000)
    words.add_argument("--workers", type=int, default=2)
    asked = words.parse_args()
    folder, tree = asked.folder.absolute(), asked.folder.absolute() / "tree"
    if not tree.exists():
        began = time.monotonic()
        make(tree, asked.files)
        print(f"made {asked.files} files in {time.monotonic() - began:.0f} s", flush=True)
    shutil.rmtree(folder / "bench.jetferry-estate", ignore_errors=True)
    total, most = 0.0, 0
    for part in (0.33, 0.66, 2.0):
        seconds, megabytes, status = scan(folder, asked.workers, lambda n, p=part: n >= asked.files * p)  # type: ignore[misc]
        known = looked_at(folder / "bench.jetferry-estate")
        total, most = total + seconds, max(most, megabytes)
        print(
            f"{known} known after {total:.0f} s, at most {megabytes} MB, status {status}, load {os.getloadavg()}",
            flush=True,
        )
    print(f"all in {total:.0f} s, {asked.files / total:.1f} files/s, at most {most} MB", flush=True)
    change(tree, 100)
    seconds, megabytes, _ = scan(folder, asked.workers, lambda _: False)
    print(f"100 changed: {seconds:.0f} s, at most {megabytes} MB, load {os.getloadavg()}", flush=True)
    with sqlite3.connect(folder / "bench.jetferry-estate" / "estate.sqlite") as db:
        for row in db.execute(
            "SELECT state, count(*), max(seconds), max(megabytes) FROM file WHERE gone = 0 GROUP BY 1"
        ):
            print(*row)
        print(*db.execute("SELECT count(*), sum(looked_at), max(seconds) FROM scan").fetchone())
    print(f"estate's file: {(folder / 'bench.jetferry-estate' / 'estate.sqlite').stat().st_size >> 20} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
