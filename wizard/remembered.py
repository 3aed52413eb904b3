"""Small texts kept for an account from one start to the next, in a folder of its own.

Nothing depends on them: what cannot be read is not there, what cannot be written is not remembered.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from platformdirs import user_state_path

from wizard.file_writing import make_private, opened, write_whole

_MOST = 1 << 20
"""bytes of one that are read"""


def state_folder() -> Path:
    """Where they are, and reports of errors too: a folder that nobody else writes to, whatever the umask."""
    folder = user_state_path("jetferry")
    with suppress(OSError):
        make_private(folder)
    return folder


def recalled(name: str) -> str:
    """A text; empty where there is none, or it is damaged."""
    try:
        with opened(state_folder() / name) as file:
            return file.read(_MOST).decode()
    except (OSError, ValueError):
        return ""


def remember(name: str, text: str) -> None:
    """Keep a text in the former one's place."""
    path = state_folder() / name
    with suppress(OSError):
        if path.is_file() or not path.exists():  # a pipe would be waited for
            write_whole(path, text, private=True)
