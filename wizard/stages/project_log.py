"""What a project's stages said: the log file, with the time, and the messages of each stage's last run."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from logging.handlers import RotatingFileHandler
from pathlib import Path

from wizard.escaping import for_log
from wizard.events import (
    BatchCommitted,
    Event,
    MessageTold,
    NoAnswer,
    ObjectLoaded,
    PauseChanged,
    Progress,
    Retrying,
    RowRejected,
    Stage,
    StageChanged,
    TableFinished,
    TableStarted,
    TableVerified,
    WorkEnded,
)
from wizard.file_writing import read_json, write_whole
from wizard.messages import JetferryError, Message, Severity
from wizard.outcomes import LoadOutcome, TableState
from wizard.plain_data import decode
from wizard.plurals import counted
from wizard.stages.state_machine import title
from wizard.stages.table_throughput import TableThroughput
from wizard.stages.throughput import megabytes

_LEVELS = {
    Severity.ERROR: logging.ERROR,
    Severity.WARNING: logging.WARNING,
    Severity.INFORMATION: logging.INFO,
}
MOST_BYTES = 5_000_000
"""of a log file before it is put aside; two former ones are kept"""


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the names in it hold."""
        return for_log(super().format(record))


class _Handler(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """A log that cannot be written hinders nothing."""


class ProjectLog:
    """A listener that writes the project's log."""

    def __init__(self, path: Path) -> None:
        self._handler = _Handler(path, maxBytes=MOST_BYTES, backupCount=2, encoding="utf-8", delay=True)
        self._handler.setFormatter(_Formatter("%(asctime)s %(levelname)s [%(process)d] %(message)s"))
        self._logger = logging.Logger("jetferry")
        self._logger.addHandler(self._handler)
        self._throughput = TableThroughput()

    def __call__(self, event: Event) -> None:
        """Write an event down."""
        self._throughput(event)
        if isinstance(event, MessageTold):
            self._logger.log(_LEVELS[event.message.severity], "%s: %s", event.stage.value, event.message)
        elif not isinstance(event, Progress):
            self._logger.info("%s", line(event, self._throughput))

    def close(self) -> None:
        """Let go of the file."""
        self._handler.close()


def line(event: Event, throughput: TableThroughput) -> str:
    """An event as one line for people; `throughput` has had it, and all before it."""
    match event:
        case StageChanged():
            text = f"{title(event.stage)} {event.status.value}: {event.detail}"
        case MessageTold():
            text = str(event.message)
        case Progress():
            of = f"/{event.total}" if event.total else ""
            text = f"{title(event.stage)}: {event.done}{of} {event.what}"
        case ObjectLoaded():
            text = _loaded(event)
        case RowRejected():
            text = f"{event.table}: row at {event.position} rejected, {event.column} {event.reason}"
        case Retrying():
            text = f"{event.what}: {event.reason}; attempt {event.attempt + 1} in {event.delay:.1f} s"
        case NoAnswer():
            text = f"no answer from {event.server} for {event.seconds} s" + (f": {event.what}" if event.what else "")
            text += f"; {event.behind}" if event.behind else ""
        case PauseChanged():
            text = "paused at the next batch" if event.paused else "resumed"
        case TableVerified():
            rest = f"equal, but for {counted(event.rejected, 'rejected row')}" if event.rejected else "equal"
            text = f"{event.table}: {rest if event.equal else 'DIFFERS'} {event.detail}"
        case WorkEnded():
            text = f"ended with status {event.exit_status}: {event.detail}"
        case TableStarted() | BatchCommitted() | TableFinished():
            text = _table_line(event, throughput)
        case _:
            text = repr(event)
    return text.rstrip(": ")


def _loaded(event: ObjectLoaded) -> str:
    if event.action is LoadOutcome.FAILED and event.detail:
        return event.detail  # it says itself what could not be made
    return f"{event.kind} {event.name} {event.action}: {event.detail}"


def _table_line(event: TableStarted | BatchCommitted | TableFinished, throughput: TableThroughput) -> str:
    if isinstance(event, TableStarted):
        return f"{event.table}: {counted(event.rows, 'row')}" + (
            f", {event.done:,} there already" if event.done else ""
        )
    rejected = f", {event.rejected:,} rejected" if event.rejected else ""
    if isinstance(event, TableFinished):
        before = 0 if event.status is TableState.THERE else throughput.before(event.table)
        now = f", {max(0, event.done - before):,} of them now," if before else ""
        lost = {"damaged": event.damaged, "unread": event.unread, "rounded": event.rounded}
        state = event.status.seen(event.done, event.rejected, None, **lost).words
        return f"{event.table}: {state}, {counted(event.done, 'row')}{rejected}{now} in {event.seconds:.1f} s"
    rate = throughput.rate(event.table)
    pace = f", {rate:,.0f} rows/s, {megabytes(event.bytes)}" if rate else ""
    if left := throughput.left(event.table, event.rows - event.done - event.rejected):
        pace += f", {left} left"
    return f"{event.table}: {event.done:,}/{event.rows:,} rows{rejected}{pace}"


def keep_messages(path: Path, told: Mapping[Stage, Sequence[Message]]) -> None:
    """Write what each stage's last run said, as JSON; where that is not possible, they are shown once only."""
    plain = {stage.value: [asdict(m) for m in messages] for stage, messages in told.items() if messages}
    with suppress(OSError, JetferryError):
        write_whole(path, json.dumps(plain))


def read_messages(path: Path) -> dict[Stage, list[Message]]:
    """By stage, oldest first; of a file that is lost or damaged nothing."""
    try:
        plain = read_json(path)
        return {Stage(stage): [decode(Message, m) for m in messages] for stage, messages in plain.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
