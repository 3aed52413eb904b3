"""The signs and words for a status and a severity: nothing is shown by colour alone."""

from __future__ import annotations

from typing import Final

from wizard.events import Stage, Status
from wizard.messages import Severity
from wizard.objects import Outcome
from wizard.outcomes import Role

STATUS_SIGNS: Final[dict[Status, str]] = {
    Status.PENDING: "·",
    Status.READY: "○",
    Status.RUNNING: "▶",
    Status.DONE: "✓",
    Status.LOSSES: "±",
    Status.WEAKER: "≈",
    Status.SKIPPED: "–",
    Status.STALE: "!",
    Status.FAILED: "✗",
}

STATUS_ROLES: Final[dict[Status, Role]] = {
    Status.LOSSES: Role.LOSS,
    Status.WEAKER: Role.WEAKER,
    Status.FAILED: Role.BAD,
}
"""statuses that are shown in a colour"""

COLOURS: Final[dict[Role, str]] = {
    Role.QUIET: "",
    Role.BUSY: "$accent",
    Role.GOOD: "$success",
    Role.WEAKER: "$primary",
    Role.LOSS: "$warning",
    Role.BAD: "$error",
}
"""a role's colour, as themes name it"""

SEVERITY_SIGNS: Final[dict[Severity, str]] = {
    Severity.ERROR: "✗",
    Severity.WARNING: "!",
    Severity.INFORMATION: "i",
}

STAGE_NAMES: Final[dict[Stage, str]] = {s: s.value.capitalize() for s in Stage}

PURPOSES: Final[dict[Stage, str]] = {
    Stage.PROJECT: "Say where the data goes",
    Stage.SOURCES: "Choose the files and tables",
    Stage.CONNECT: "Reach the server, or work offline",
    Stage.MAP: "Say which schema each file goes to",
    Stage.ASSESS: "See beforehand what will convert",
    Stage.CONVERT: "Turn it all into T-SQL, here only",
    Stage.LOAD: "Create the tables, or save scripts",
    Stage.MIGRATE: "Copy the rows and verify them",
    Stage.LINK: "Point Access at the new tables",
}


def sentence(stage: Stage) -> str:
    """The one line that a stage's heading shows: what it is for and what comes next."""
    stages = list(Stage)
    after = stages[stage.number] if stage.number < len(stages) else None
    return f"{PURPOSES[stage]}." + (f" Next: {STAGE_NAMES[after]}." if after else " Then you are done.")


_UNSEEN: Final = dict.fromkeys((*range(32), *range(127, 160)), "�")
_TURNING: Final = dict.fromkeys((0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "")
_TABLE: Final = {**_UNSEEN, **_TURNING, 0x09: " ", 0x0A: " ", 0x0D: ""}


def plain(text: str) -> str:
    """Text on one line, without what a terminal would obey: control characters and marks that turn its direction."""
    return text.translate(_TABLE) if not text.isprintable() else text


OUTCOME_SIGNS: Final[dict[Outcome, str]] = {Outcome.CONVERTED: "✓", Outcome.PARTLY: "±", Outcome.FAILED: "✗"}


def bar(share: float, width: int) -> str:
    """`share` 0 to 1 of `width` cells, in eighths; never full before it is whole, never empty where something is."""
    share = max(0.0, min(1.0, share))
    eighths = int(share * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    text = "█" * full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")
    return text + "░" * (width - len(text))
