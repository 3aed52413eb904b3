"""Any error as a numbered message: what Jetferry raised, what the system refuses, and defects of our own."""

from __future__ import annotations

from wizard import crash_report
from wizard.messages import JetferryError, Message, SystemFaultError


def as_message(error: Exception, doing: str) -> Message:
    """What to say of it. Of a defect a report is written, in which `doing` says what was done, in a word of our own."""
    if isinstance(error, JetferryError):
        return error.message
    if isinstance(error, OSError | MemoryError):
        return SystemFaultError.of_error(error).message
    what, report = f"{type(error).__name__}: {error}", crash_report.write(error, doing)
    return Message.of(8000, what=what, report=report) if report else Message.of(8034, what=what)
