"""What became of a package's deployment: the result file of its commands, read back.

The file comes from another machine and may hold anything, so its shape is looked at before it is believed. Its
texts are for the one who shows them to make fit.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from wizard.package.manifest import RESULT, SUMS
from wizard.package.recorded_json import content_of, listed, refused_as, value_of
from wizard.plurals import counted

_WHERE: Final = "the result"


class DeploymentState(StrEnum):
    """What became of a deployment, or of one of its steps."""

    DONE = "done"
    THERE = "there"
    """of a table: its rows were there already"""
    RUNNING = "running"
    """under way, or ended without a word: the machine went down, the process was killed"""
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class DeployedStep:
    """The check of the files, a script, or the loading of a table."""

    kind: str
    """`files`, `script` or `table`"""
    name: str
    state: DeploymentState
    rows: int | None = None
    """of a table that was filled, or was there already"""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The last run of a package's deployment commands."""

    server: str
    database: str
    sign_in: str
    """`sql`, `windows` or `entra`"""
    user: str
    started: str
    ended: str
    """UTC, as `2026-11-29T14:13:28Z`; empty where it has not ended"""
    state: DeploymentState
    steps: tuple[DeployedStep, ...]
    current: bool
    """of the package as it is; false where the package was written again since"""

    @property
    def stopped_at(self) -> DeployedStep | None:
        """The step that was not done."""
        return next((s for s in self.steps if s.state not in (DeploymentState.DONE, DeploymentState.THERE)), None)

    @property
    def filled(self) -> tuple[DeployedStep, ...]:
        """The tables whose rows are there."""
        return tuple(s for s in self.steps if s.rows is not None)

    @property
    def summary(self) -> str:
        """In a line: where and when, and how far it came."""
        at = f"{self.server}, database {self.database}"
        when = (self.ended or self.started).replace("T", " ").replace("Z", " UTC")
        tables = f"{counted(sum(s.rows or 0 for s in self.filled), 'row')} in {counted(len(self.filled), 'table')}"
        stop = self.stopped_at
        step = f" at {stop.name}" if stop else ""
        why = f": {stop.error}" if stop and stop.error else ""
        going = f" and has not ended; it is{step}" if step else " and has not ended"
        told = {
            DeploymentState.FAILED: f"The deployment to {at} failed{step}, {when}{why}",
            DeploymentState.INTERRUPTED: f"The deployment to {at} was interrupted{step}, {when}",
            DeploymentState.RUNNING: f"The deployment to {at} began {when}{going}",
        }.get(self.state, f"Deployed to {at}, {when}: {tables}")
        return told if self.current else f"{told}. The package was written again since"


def read_deployment(folder: Path) -> Deployment | None:
    """The last deployment of the package in that folder; None where none is known.

    Raises TargetError 5608 where the file is damaged.
    """
    path = folder / RESULT
    with refused_as(5608, path), suppress(FileNotFoundError):
        return _deployment(json.loads(content_of(path).decode("utf-8-sig", "replace")), folder)
    return None


def _deployment(content: object, folder: Path) -> Deployment:
    """Raises ValueError where the content is not of its shape."""
    texts = {
        n: value_of(str, content, n, _WHERE) for n in ("server", "database", "sign_in", "user", "started", "ended")
    }
    steps = tuple(_step(s, where) for where, s in listed(content, "steps", _WHERE))
    state = DeploymentState(value_of(str, content, "outcome", _WHERE))
    return Deployment(
        **texts, state=state, steps=steps, current=value_of(str, content, "sums", _WHERE) == _sums(folder)
    )  # fmt: skip


def _step(content: object, where: str) -> DeployedStep:
    kind, name, state = (value_of(str, content, n, where) for n in ("step", "name", "outcome"))
    has = content if isinstance(content, dict) else {}
    rows = value_of(int, content, "rows", where) if "rows" in has else None
    error = value_of(str, content, "error", where) if "error" in has else ""
    return DeployedStep(kind, name, DeploymentState(state), rows, error)


def _sums(folder: Path) -> str:
    """The digest of SHA256SUMS, which stands for the whole package; empty where it cannot be read."""
    with suppress(OSError, ValueError):
        return hashlib.sha256(content_of(folder / SUMS)).hexdigest()
    return ""
