"""What many tests begin with, made once: a folder that each of them finds as it was made, at the same place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path


class Once:
    """`made` fills `folder`; `again` gives the folder back as it was then, whatever was done to it since.

    At the same place, as a project knows where its package lies.
    """

    def __init__(self, folder: Path, made: Callable[[Path], object]) -> None:
        self._live, self._kept = folder / "live", folder / "kept"
        self._live.mkdir()
        made(self._live)
        shutil.copytree(self._live, self._kept)

    def again(self) -> Path:
        shutil.rmtree(self._live)
        return Path(shutil.copytree(self._kept, self._live))
