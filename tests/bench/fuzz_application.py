"""Damage the streams of applications and read them: python tests/bench/fuzz_application.py [SECONDS] [SEED]

Unlike `fuzz.py`, which harms pages, this harms the streams themselves, each many times: definitions, macros, `dir`
streams, modules, compound files. A stream must give plain data or a DamagedError, in little time; the exit status is 1
where one gave anything else or took more than a second.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.conftest import SHARED
from wizard.access import AccessFile, Diagnostics
from wizard.access.application import Application, Form, definition, macros, others, storage, vba
from wizard.access.application.byte_cursor import DamagedError
from wizard.access.application.conditional_formats import conditional_formats
from wizard.access.application.data_macros import macro_statements
from wizard.access.application.inspect import describe
from wizard.access.application.reader import streams_of

SLOW = 1.0
EXTREMES = (b"\0", b"\xff", b"\xfe", b"\xfd", b"\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\1\0\0\0", b"\x7f\xff")


def harmed(data: bytes, random_: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(random_.choice((1, 1, 2, 8))):
        if not out:
            break
        at = random_.randrange(min(len(out), random_.choice((64, 1 << 30))))
        kind = random_.randrange(4)
        if kind == 0:
            out[at] = random_.randrange(256)
        elif kind == 1:
            piece = random_.choice(EXTREMES)
            out[at : at + len(piece)] = piece
        elif kind == 2:
            del out[at : at + random_.randrange(1, 9)]
        else:
            del out[at:]
    return bytes(out)


def shown(form: bytes) -> None:
    node = definition.read(form, "cp1252")
    json.dumps(describe(Application(forms=(Form("F", node),))), allow_nan=False)
    for one in node.walk():
        conditional_formats(one)


def stepped(macro: bytes) -> None:
    xml = macros.actions("M", macro).xml
    if xml:
        macro_statements(xml)


def transferred(blob: bytes) -> None:
    entry = bytes([4, 6]) + "S".encode("utf-16-le") + bytes(4)
    tree = {(others.FOLDER, storage.DIRECTORY.casefold()): bytes(4) + entry, (others.FOLDER, "0", "blob"): blob}
    list(others.saved_transfers(tree))


def reader_of(path: tuple[str, ...]) -> Callable[[bytes], object]:
    if path[-1] in ("blob", "blobdelta"):
        return {"scripts": stepped, others.FOLDER: transferred}.get(path[0], shown)
    if path[-1] == storage.DIRECTORY.casefold():
        return lambda data: list(storage.listed({("x", path[-1]): data}, "x"))
    if path[-1] == "dir":
        return lambda data: vba.directory(data, vba.Budget())
    if path[-1] == "project":
        return vba.has_password
    return lambda data: vba.Budget().unfold(data[data.rfind(b"\x00Attribut") - 3 :])


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    random_ = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    streams: list[tuple[tuple[str, ...], bytes]] = []
    for path in sorted((SHARED / "application" / "corpus").iterdir()):
        with AccessFile.open(path) as file:
            streams += [s for s in streams_of(file.pages, Diagnostics()).items() if s[1]]
    results: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        where, data = random_.choice(streams)
        read = partial(reader_of(where), harmed(data, random_))
        started = time.process_time()
        try:
            read()
            results["read"] += 1
        except DamagedError:
            results["refused"] += 1
        except Exception as error:
            results[f"FINDING {type(error).__name__}: {error} in {where}"[:160]] += 1
        if time.process_time() - started > SLOW:
            results[f"FINDING slow: {where}"] += 1
    for result, count in results.most_common():
        print(count, result)
    return 1 if any(r.startswith("FINDING") for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
