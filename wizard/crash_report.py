"""Reports of unexpected errors, fit to be sent: without values of rows, names and passwords.

It has the kinds of the errors and the lines of code they passed, not what the errors say: that may hold anything.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from wizard.file_writing import PRIVATE
from wizard.messages import JetferryError, Message, SystemFaultError
from wizard.remembered import state_folder

KEPT: Final = 20
"""reports; of more, the oldest go"""
_PACKAGES: Final = "jetferry", "textual", "pyarrow", "pyodbc", "mssql-python", "sqlglot"


def folder() -> Path:
    """Where reports go: a folder of the account that nobody else writes to."""
    return state_folder() / "errors"


def write(error: BaseException, doing: str = "") -> Path | None:
    """Write a report, readable by its owner alone; returns where, None where that cannot be.

    `doing` is a word of our own for what was done, such as the command's name.
    """
    name = f"error-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.urandom(8).hex()}.txt"
    text = "\n".join([*_head(doing), "", *_chain(error), ""])
    with suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        path = folder() / name
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        formers = sorted(p for p in folder().glob("error-*.txt") if p != path)  # several of a second in any order
        for former in formers[: 1 - KEPT]:
            former.unlink(missing_ok=True)
        return path
    return None


def as_message(error: Exception, doing: str) -> Message:
    """What to say of it. Of a defect a report is written, in which `doing` says what was done, in a word of our own."""
    if isinstance(error, JetferryError):
        return error.message
    if isinstance(error, OSError | MemoryError):
        return SystemFaultError.of_error(error).message
    what, report = f"{type(error).__name__}: {error}", write(error, doing)
    return Message.of(8000, what=what, report=report) if report else Message.of(8034, what=what)


def _head(doing: str) -> Iterator[str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    yield time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    yield f"Python {platform.python_version()} on {platform.platform()}"
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            yield f"{package} {version(package)}"
    yield f"doing: {doing}"


def _chain(error: BaseException) -> Iterator[str]:
    """The error and what led to it, the first cause first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _chain(before)
        yield "which led to"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}, line {frame.lineno}, in {frame.name}: {frame.line}"
    yield type(error).__qualname__ + (f" {error.errno}" if isinstance(error, OSError) else "")
