"""The journal of a project's moves: every event of stage 8 as a JSON line with a checksum.

It says what happened, when, for people and other tools. It does not decide what is in the target: the target's
own checkpoints do (see `wizard.sink`), and where the two disagree after a crash the journal is corrected.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Final

from wizard.events import BatchCommitted, Event, TableFinished, TableStarted, decode, encode
from wizard.messages import Kind, Message, Place
from wizard.migrate import checksummed_lines
from wizard.outcomes import TableState

_LONGEST: Final = 16 << 20
"""bytes of an event, many times what one has"""
_DURABLE = (BatchCommitted, TableFinished, TableStarted)


class Journal:
    """Appends events; may be used from several threads."""

    def __init__(self, path: Path) -> None:
        """Raises RecordError where the file cannot be opened for writing."""
        self._file = checksummed_lines.ChecksummedFile(path)
        self._lock = Lock()

    def write(self, event: Event) -> None:
        """Append an event; those about committed rows are on the disk when this returns. Raises MoveError."""
        with self._lock:
            self._file.append([json.loads(encode(event))], durable=isinstance(event, _DURABLE))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def history(path: Path) -> tuple[list[Event], list[Message]]:
    """All events of the journal at `path`, oldest first, and what is wrong with the file."""
    records, damaged = checksummed_lines.read(path, _LONGEST)
    place = Place(Kind.FILE, name=str(path))
    messages = [Message.of(6014, place, file=path, line=n) for n in damaged]
    return list(_events(records)), messages


def _events(records: list[checksummed_lines.LineRecord]) -> Iterator[Event]:
    for record in records:
        try:
            yield decode(json.dumps(record))
        except ValueError:  # another version's event
            continue


def last_known(path: Path) -> dict[str, BatchCommitted]:
    """By table, the last batch in the journal since the table was last begun again or emptied."""
    found: dict[str, BatchCommitted] = {}
    for event in history(path)[0]:
        match event:
            case TableStarted(done=0, table=table) | TableFinished(status=TableState.WAITING, table=table):
                found.pop(table, None)
            case BatchCommitted(table=table):
                found[table] = event
            case _:
                pass
    return found
