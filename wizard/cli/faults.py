"""From errors to exit statuses: never a traceback, always what to do next."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from wizard import __version__
from wizard.cli.talk import say
from wizard.messages import JetferryError, Message, ProjectError, SourceError, StageError

DONE, FAILED, UNUSABLE, LEFT_OUT = 0, 1, 2, 3
_STAGE_FAILURES = frozenset({8120, 8121, 8122, 8302, 8303, 8304})
"""stage errors that are failures of the work, not of its use"""


def status_of(error: JetferryError) -> int:
    """2 for unusable input and wrong use, 1 for work that failed."""
    number = error.message.number
    if isinstance(error, SourceError | ProjectError):
        return UNUSABLE
    if isinstance(error, StageError):
        return FAILED if number in _STAGE_FAILURES else UNUSABLE
    return FAILED


def guarded(work: Callable[[], int]) -> int:
    """Run the command; whatever it raises becomes a message and a status."""
    try:
        return work()
    except JetferryError as e:
        say(str(e.message))
        return status_of(e)
    except KeyboardInterrupt:
        return interrupted()
    except BrokenPipeError:
        # whoever read standard output has gone; Python must not complain about it once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as e:
        say(str(Message.of(8000, what=f"{type(e).__name__}: {e}", report=report(e))))
        return FAILED


def interrupted() -> int:
    """A person pressed Ctrl+C and nothing caught it: what is said of it, and the status."""
    say("interrupted")
    return FAILED


def report(error: BaseException) -> Path:
    """A file to send: what happened, where, under which versions. Values of variables are not in it."""
    import platform
    import tempfile
    import time
    import traceback

    lines = [
        f"Jetferry {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"command: {' '.join(sys.argv[1:2])}",
        "",
        *traceback.format_exception(error),
    ]
    name = f"jetferry-error-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    path = Path(tempfile.gettempdir()) / name
    try:
        path.write_text("\n".join(lines), encoding="utf-8")
    except OSError:
        return Path("(it could not be written)")
    return path
