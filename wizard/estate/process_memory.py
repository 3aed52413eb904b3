"""What the system says of a process's memory. Source: proc(5)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Literal


def megabytes(process: int | Literal["self"], what: Literal["VmRSS", "VmHWM"]) -> int | None:
    """Megabytes that a process has (VmRSS), or has had at most since its program began (VmHWM); None where the system
    does not say, as only Linux does."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) >> 10
    return None
