"""Passwords while a project is open: in memory only, or from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

SERVER: Final = "JETFERRY_PASSWORD"
SOURCE: Final = "JETFERRY_SOURCE_PASSWORD"


@dataclass
class Passwords:
    """What was given in this session; where nothing was, the environment is asked."""

    sources: dict[str, str] = field(default_factory=dict)
    """by source key"""
    any_source: str = ""
    """of sources that have none of their own"""
    server: str = ""

    @property
    def for_any_source(self) -> str:
        """The password of any source, from memory or the environment; empty where there is none."""
        return self.any_source or os.environ.get(SOURCE, "")

    @property
    def for_server(self) -> str:
        """The server's password, from memory or the environment; empty where there is none."""
        return self.server or os.environ.get(SERVER, "")

    def of_source(self, key: str) -> str:
        """The password of one source; empty where none is known."""
        return self.sources.get(key, "") or self.for_any_source


def without_passwords() -> dict[str, str]:
    """The environment for another process: whoever may look at that must not find passwords there."""
    return {k: v for k, v in os.environ.items() if k not in (SERVER, SOURCE)}
