"""What many tests begin with, made once: a folder that each of them finds as it was made, at the same place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path


class Once:
    """`made` fills `folder`; `again` gives the folder back as it was then, whatever was done to it since.

    At the same place, as a project knows where its package lies.
    """

    def __init__(self, folder: Path, made: Callable[[Path], object], *, live: Path | None = None) -> None:
        """It lies at `live`, which is not there yet, or else in `folder`, where what it was is kept."""
        self._live, self._kept = live or folder / "live", folder / "kept"
        self._live.mkdir()
        made(self._live)
        shutil.copytree(self._live, self._kept)

    def again(self) -> Path:
        self.away()
        return Path(shutil.copytree(self._kept, self._live))

    def away(self) -> None:
        shutil.rmtree(self._live, ignore_errors=True)
