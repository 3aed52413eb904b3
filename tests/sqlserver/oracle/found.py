"""What the checker tells: one message of one tool, and which messages come of the tools themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

NOISE: Final = (
    (r"SQL70588 ", "a model does not hold WITH CHECK"),
    (r"SQL70501 ", "a model holds no DML"),
    (r"SQL7150[12] .*reference to (\S+ )?\[sys\]", "DacFx has no master.dacpac here"),
    (r"SQL7150[12].*\[INFORMATION_SCHEMA\]", "DacFx has no master.dacpac here"),
    (r"Could not find stored procedure '(\[?sys\]?\.)?\[?sp_", "the binder knows no system procedures"),
    (r"Invalid object name '\[?sys\]?\.", "the binder knows no system views"),
)
"""what a message looks like that is the tool's lack, and which lack"""
_NOISE: Final = tuple((re.compile(pattern, re.DOTALL), why) for pattern, why in NOISE)


@dataclass(frozen=True, slots=True)
class Found:
    """`tool` is P (ScriptDom), M (DacFx), B (SqlParser) or L (our lint); lines and columns count from 1."""

    file: str
    line: int
    column: int
    tool: str
    severity: str
    """error, warning or noise (what comes of the tool, not of the script)"""
    code: str
    text: str
    statement: str = ""
    """the start of the statement that is meant"""

    def __str__(self) -> str:
        head = f"{self.file}:{self.line}:{self.column}: {self.tool} {self.severity} {self.code} {self.text}"
        return f"{head}\n    {self.statement}" if self.statement else head


def found(file: str, at: tuple[int, int], tool: str, severity: str, code: object, text: object) -> Found:
    """A message; what is known to come of the tools is `noise`."""
    words = " ".join(str(text).split())
    noise = any(pattern.search(f"SQL{code} {words}") for pattern, _ in _NOISE)
    return Found(file, int(at[0]), int(at[1]), tool, "noise" if noise else severity, str(code), words)
