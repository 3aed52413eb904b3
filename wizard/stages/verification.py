"""What a verification found: a line a table, and of a package whether every file is as its manifest says."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from wizard.messages import Kind, Message, Place
from wizard.migrate.verify import TableProof
from wizard.project.codec import to_plain

_CHUNK = 1 << 20
"""bytes read at once"""


@dataclass(frozen=True, slots=True)
class Verification:
    """`proofs` in the order in which tables move; `messages` are about no single table."""

    proofs: tuple[TableProof, ...]
    messages: tuple[Message, ...] = ()

    @property
    def equal(self) -> bool:
        """Every table is the same on both sides, rejected rows aside, and no file was changed."""
        return all(p.equal for p in self.proofs) and not self.messages

    def as_json(self) -> str:
        document = {
            "equal": self.equal,
            "tables": [{"equal": p.equal, **to_plain(p)} for p in self.proofs],
            "messages": [str(m) for m in self.messages],
        }
        return json.dumps(document, ensure_ascii=False, indent=2, default=str)


def changed_files(folder: Path) -> list[Message]:
    """A message for each file of a package that is gone, or not as SHA256SUMS says."""
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        return [Message.of(8121, Place(Kind.FILE, name=str(sums)), file=sums, what="it is not there")]
    found = []
    for line in sums.read_text(encoding="utf-8").splitlines():
        wanted, _, name = line.partition("  ")
        path = folder / name.strip()
        what = "it is not there" if not path.is_file() else "its content was changed"
        if not path.is_file() or _sha256(path) != wanted:
            found.append(Message.of(8121, Place(Kind.FILE, name=name), file=path, what=what))
    return found


def _sha256(path: Path) -> str:
    made = hashlib.sha256()
    with path.open("rb") as f:
        while chunk := f.read(_CHUNK):
            made.update(chunk)
    return made.hexdigest()
