"""What each stage's last run told, kept beside the project: messages by stage, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from wizard.events import Stage, message_from
from wizard.file_writing import read_json, write_whole
from wizard.messages import JetferryError, Message


def keep(path: Path, told: Mapping[Stage, Sequence[Message]]) -> None:
    """Write them; where that is not possible, they are told once only."""
    plain = {stage.value: [asdict(m) for m in messages] for stage, messages in told.items() if messages}
    with suppress(OSError, JetferryError):
        write_whole(path, json.dumps(plain))


def read(path: Path) -> dict[Stage, list[Message]]:
    """By stage, oldest first; of a file that is lost or damaged nothing."""
    try:
        plain = read_json(path)
        return {Stage(stage): [message_from(m) for m in messages] for stage, messages in plain.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
