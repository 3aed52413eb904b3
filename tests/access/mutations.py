"""Damaged copies of databases, and what reading one of them may do: give rows, or a numbered error; nothing else."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.access.oracle import PASSWORD
from wizard.access import AccessFile
from wizard.access import format as fmt
from wizard.access.application import read_application
from wizard.access.application.inspect import describe
from wizard.messages import JetferryError


class Harm(StrEnum):
    """What is done to a file."""

    BYTE = "a byte changed"
    WORD = "a number set to an extreme"
    CUT = "cut off"
    ZEROES = "a page of zeroes"
    COPY = "a page copied over another"
    SHIFT = "bytes missing in the middle"


EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x4000, 0xC0000000)


@dataclass(frozen=True)
class Outcome:
    """How reading a damaged file ended."""

    rows: int
    error: int = 0
    """number of the first error without salvage, 0 where there was none"""
    messages: int = 0


def harmed(data: bytes, random_: random.Random) -> bytes:
    """A damaged copy: one harm mostly, sometimes many."""
    page_size = 2048 if data[0x14] == 0 else 4096
    for _ in range(1 if random_.random() < 0.7 else random_.randrange(2, 12)):
        if len(data) >= 4 * page_size:
            data = _harmed(data, random_.choice(list(Harm)), random_, page_size)
    return data


def _harmed(data: bytes, harm: Harm, random_: random.Random, page_size: int) -> bytes:
    out = bytearray(data)
    pages = len(data) // page_size
    at = _somewhere(data, random_, page_size)
    if harm is Harm.BYTE:
        out[at] ^= 1 << random_.randrange(8) if random_.random() < 0.5 else random_.randrange(1, 256)
    elif harm is Harm.WORD:
        size = random_.choice((2, 4))
        value = (random_.choice(EXTREMES) & (256**size - 1)).to_bytes(size, "little")
        out[at : at + size] = value
    elif harm is Harm.CUT:
        del out[at:]
    elif harm is Harm.ZEROES:
        number = random_.randrange(1, pages)
        out[number * page_size : (number + 1) * page_size] = bytes(page_size)
    elif harm is Harm.COPY:
        source, target = random_.randrange(1, pages), random_.randrange(1, pages)
        out[target * page_size : (target + 1) * page_size] = data[source * page_size : (source + 1) * page_size]
    else:
        del out[at : at + random_.randrange(1, 64)]
    return bytes(out)


def _somewhere(data: bytes, random_: random.Random, page_size: int) -> int:
    """A place to harm: anywhere, the head of a page, or a table definition; rather a byte that is not zero."""
    pages = len(data) // page_size
    kind = random_.randrange(3)
    at = 0
    for _ in range(200):
        page = random_.randrange(pages)
        if kind == 2 and data[page * page_size] != fmt.TABLE_PAGE:
            continue
        at = page * page_size + random_.randrange(page_size if kind != 1 else 48)
        if data[at] or random_.random() < 0.05:
            break
    return at


def read_all(path: Path) -> Outcome:
    """Read everything twice, strictly and with salvage. Raises whatever is no JetferryError."""
    error = 0
    try:
        with AccessFile.open(path, PASSWORD) as file:
            for table in file.definition.tables:
                try:
                    for batch in file.read(table.name):
                        batch.rows.validate(full=True)
                except JetferryError as e:
                    error = error or e.message.number
    except JetferryError as e:
        error = e.message.number
    rows = messages = 0
    try:
        with AccessFile.open(path, PASSWORD, salvage=True) as file:
            for table in file.definition.tables:
                try:
                    for batch in file.read(table.name):
                        rows += batch.rows.num_rows
                        batch.rows.to_pylist()
                except JetferryError as e:
                    error = error or e.message.number
            try:
                describe(read_application(file.pages, file.findings))
            except JetferryError as e:
                error = error or e.message.number
            messages = len(file.messages)
            assert all(str(m) for m in file.messages)
    except JetferryError as e:
        error = error or e.message.number
    return Outcome(rows, error, messages)
