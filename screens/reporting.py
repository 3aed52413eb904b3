"""A report of an unexpected error: a plain file to send, without rows and without passwords."""

from __future__ import annotations

import importlib.metadata
import platform
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path


def write(error: BaseException, folder: Path | None, at: float) -> Path:
    """Write the report to the project's `logs/`, else to the temporary folder; returns where."""
    name = time.strftime("error-%Y%m%d-%H%M%S.txt", time.gmtime(at))
    text = "\n".join(
        (
            f"Jetferry {importlib.metadata.version('jetferry')}, Textual {importlib.metadata.version('textual')}",
            f"Python {platform.python_version()} on {platform.platform()}",
            time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at)),
            "",
            "".join(traceback.format_exception(error)),
        )
    )
    for place in ([folder / "logs"] if folder else []) + [Path(tempfile.gettempdir())]:
        with suppress(OSError):
            place.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, encoding="utf-8")
            return place / name
    return Path("(no folder could be written)")
