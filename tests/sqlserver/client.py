"""The checker as tests use it: a process that is started once and fed over a pipe."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tests.sqlserver.install import cache, environment
from tests.sqlserver.oracle.found import Found
from tests.sqlserver.oracle.script import Checked, Script

ROOT: Final = Path(__file__).resolve().parents[2]
LEVELS: Final = {"2016": "130", "2017": "140", "2019": "150", "azure": "azure"}
"""the checker's level by version; 2022 and 2025 are newer than the assemblies"""


class CheckerError(Exception):
    """The process ended, or a tool fell over a job."""


class Checker:
    """One process. Not to be used by two threads at once."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sqlserver.oracle.server", str(cache())],
            cwd=ROOT,
            env=environment(cache()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
        )

    def check(self, scripts: Sequence[Script], version: str) -> Checked:
        """The scripts of one database on `version` (2016, 2017, 2019 or azure). Raises CheckerError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = {"level": LEVELS[version], "scripts": [asdict(s) for s in scripts]}
        try:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._errors.seek(0)
            raise CheckerError(self._errors.read()[-4000:] or "the checker's process ended")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise CheckerError(answer["failed"])
        found = tuple(Found(**f) for f in answer["found"])
        return Checked(found, answer["counts"], answer["skipped"])

    def errors(self, scripts: Sequence[Script], version: str) -> list[Found]:
        """What a server would refuse."""
        return [f for f in self.check(scripts, version).found if f.severity == "error"]

    @property
    def at_work(self) -> bool:
        """Whether its process is there and answers what it is asked."""
        return self._process.poll() is None

    def close(self) -> None:
        """At once: .NET takes seconds to end by itself, and nothing of it is kept."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()


_started: list[Checker] = []


def shared() -> Checker:
    """The one of this process, started when it is first asked for: that takes seconds."""
    if not (_started and _started[-1].at_work):
        _started.append(Checker())
    return _started[-1]


def close_shared() -> None:
    while _started:
        _started.pop().close()
