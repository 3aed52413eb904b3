"""What the assessment of a file of an estate comes to: how far it converts, work, messages, and how complex it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from wizard.access.application import Application
from wizard.assess import Assessment, MessageGroup
from wizard.assess.assessment import grouped
from wizard.definitions import Database, LinkKind
from wizard.estate.model import READING, Readiness
from wizard.messages import Message, Severity, Topic, topic_of
from wizard.objects import Converted, Outcome

_PLACES: Final = 5
"""places of a message that are kept"""


def of_assessment(found: Assessment, known: Database, read: Sequence[Message]) -> dict[str, Any]:
    """What it comes to.

    What was found while it was `read` counts too: of a damaged file not all converts, however well the rest does. What
    a front end reads in its back end is judged with that, and reported as missing where it is missing: it is no
    work of the front end's, and no error.
    """
    apart = bool(known.linked_tables) and all(t.kind is LinkKind.ACCESS for t in known.linked_tables)
    elsewhere = _ELSEWHERE if apart else 0
    waiting = sum(i.outcome is Outcome.FAILED and _reads_elsewhere(i, elsewhere) for i in found.items)
    total = sum(c.total for c in found.counts) - waiting
    abouts = (
        (READING, grouped(read)), ("conversion", found.groups), ("data", found.findings),
        ("application", found.application),
    )  # fmt: skip
    groups = [(about, g) for about, listed in abouts for g in listed]
    counted = [g for _, g in groups if g.number != elsewhere]
    errors = sum(len(g.messages) for g in counted if g.severity is Severity.ERROR)
    share = sum(c.converted for c in found.counts) / total if total else 1.0
    return {
        "share": round(share, 4),
        "effort": sum(g.effort_minutes for g in counted),
        "errors": errors,
        "warnings": sum(len(g.messages) for g in counted if g.severity is Severity.WARNING),
        "readiness": _readiness(found, total, share, errors + sum(topic_of(m.number) is Topic.SALVAGED for m in read)),
        "counts": [[c.category, c.converted, c.partly, c.failed] for c in found.counts],
        "messages": [_message(about, g, elsewhere) for about, g in groups],
    }


_ELSEWHERE: Final = 3103
"""the message about a query that reads a linked table"""


def _reads_elsewhere(item: Converted, number: int) -> bool:
    errors = [m.number for m in item.messages if m.severity is Severity.ERROR]
    return bool(errors) and set(errors) == {number}


def _message(about: str, group: MessageGroup, elsewhere: int) -> list[Any]:
    places = [str(replace(m.place, source="")) for m in group.messages[:_PLACES]]
    if group.number == elsewhere:
        title = f"{group.title}, and is judged with its back end"
        return [about, group.number, str(Severity.INFORMATION), title, len(group.messages), 0, places]
    return [
        about, group.number, str(group.severity), group.title, len(group.messages), group.effort_minutes, places,
    ]  # fmt: skip


def _readiness(found: Assessment, total: int, share: float, troubles: int) -> Readiness:
    """By itself where everything converts and nothing is lost or damaged; not where nothing converts."""
    if total and not any(c.converted + c.partly for c in found.counts):
        return Readiness.NOT
    return Readiness.ITSELF if share >= 1 and not troubles else Readiness.WORK


def complexity(known: Database, application: Application) -> int:
    """A figure to compare databases by: what there is, weighted by what it takes to know it."""
    lines = sum(m.lines for m in application.modules)
    plain = len(known.tables) + len(known.relationships) + 2 * len(known.queries) + len(known.linked_tables)
    objects = 3 * (len(known.other.forms) + len(known.other.reports)) + 2 * len(known.other.macros)
    return plain + objects + lines // 20
