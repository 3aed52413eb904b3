"""From errors to exit statuses: never a traceback, always what to do next."""

from __future__ import annotations

import sys
from collections.abc import Callable

from wizard.cli.output import OutputError, begin, first, say
from wizard.messages import JetferryError, Message, ProjectError, SourceError, StageError, WorkFailedError
from wizard.outcomes import Exit


def status_of(error: JetferryError) -> int:
    """2 for unusable input and wrong use, 1 for work that failed."""
    if isinstance(error, WorkFailedError):
        return Exit.FAILED
    return Exit.UNUSABLE if isinstance(error, SourceError | ProjectError | StageError) else Exit.FAILED


def guarded(work: Callable[[], int]) -> int:
    """Run the command; whatever it raises becomes a message and a status."""
    begin()
    try:
        return work()
    except JetferryError as e:
        if first(str(e.message)):
            say(str(e.message))
        return status_of(e)
    except KeyboardInterrupt:
        return interrupted()
    except OutputError as e:
        if e.reason:
            say(str(Message.of(8030, what=e.reason)))
        return Exit.FAILED
    except Exception as e:
        from wizard.crash_report import as_message

        say(str(as_message(e, " ".join(sys.argv[1:2]))))
        return Exit.FAILED


def interrupted() -> int:
    """A person pressed Ctrl+C and nothing caught it: what is said of it, and the status."""
    say("interrupted")
    return Exit.FAILED
