"""`python -m tests.link.parsed`: parse every procedure of a kit's modules, and note those without a mistake."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests import vba
from tests.link.test_writer import KIT
from wizard.link import write_kit


def renew() -> None:
    """Write `vba_parsed.txt` anew, and print what is no VBA. What is of one kit alone (its plan) is not noted."""
    with tempfile.TemporaryDirectory() as folder:
        written = write_kit(Path(folder), KIT)
        parts = [p for w in written if w.suffix == ".bas" for p in vba.parts(w.read_bytes().decode("ascii"))]
    good = sorted({vba.digest(p) for p in parts if "Plan1" not in p and not vba.mistakes_of(p)})
    vba.PARSED.write_text("\n".join(good) + "\n", encoding="ascii")
    for part in parts:
        print(*vba.mistakes_of(part), sep="\n", end="")


if __name__ == "__main__":
    renew()
