"""The assessment as text for a terminal, as JSON and CSV for programs.

Each takes one assessment per source.
"""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import asdict
from typing import Any, Final

from wizard import escaping
from wizard.assess.application import JudgedStatement
from wizard.assess.assessed_object import AssessedObject
from wizard.assess.assessment import Assessment, MessageGroup, less_guarded
from wizard.escaping import csv_line, for_terminal
from wizard.messages import Severity
from wizard.plurals import counted, hours, percent

_BAR: Final = 20


def as_text(*assessments: Assessment) -> str:
    """For a terminal, as wide as that is."""
    width = min(shutil.get_terminal_size().columns, 120)
    return "\n".join(line for a in assessments for line in _text(a, width)) + "\n"


def _text(found: Assessment, width: int) -> list[str]:
    lines = [for_terminal(f"{found.source}: {found.path} ({found.format})"), ""]
    for count in found.counts:
        filled = int(count.share * _BAR)
        bar = "█" * filled + "░" * (_BAR - filled)
        rest = [f"{n} {word}" for n, word in ((count.partly, "partly"), (count.failed, "not")) if n]
        lines.append(f"  {count.title:<18} {bar} {count.converted:>5} of {count.total:<5} {', '.join(rest)}".rstrip())
    lines.append("")
    rows = f"{counted(found.rows, 'row')} in {counted(len(found.tables), 'table')}"
    lost = (*found.lost, *less_guarded((found,)))
    told = [rows, *lost, f"{percent(found.share, digits=0)} of the objects convert"]
    line = "; ".join((*told, f"work left: {hours(found.effort_minutes)}"))
    lines += textwrap.wrap(line, width, initial_indent="  ", subsequent_indent="    ") if lost else [f"  {line}"]
    for title, groups in found.sections:
        if groups:
            lines += ["", f"  {title}"]
        for group in groups:
            lines += _text_group(group, width)
    if found.deliveries:
        lines += ["", "  " + for_terminal(sent_words(found))]
    if not found.looked:
        lines += ["", "  The data were not looked at."]
    return [*lines, ""]


def sent_words(found: Assessment) -> str:
    """How much of the queries Access sends to the server, in words."""
    told = ", ".join(f"{number} {sent}" for sent, number in found.sent.items() if number)
    return f"Over linked tables, of {counted(len(found.deliveries), 'query', 'queries')}: {told}"


def _text_group(group: MessageGroup, width: int) -> list[str]:
    lines = [f"    {group.code} {group.severity} ({len(group.messages)})"]
    shown = group.messages if group.severity is not Severity.INFORMATION else group.messages[:3]
    for message in shown:
        text = f"{message.place}: {message.text}" if str(message.place) else message.text
        lines += textwrap.wrap(for_terminal(text), width, initial_indent=" " * 6, subsequent_indent=" " * 8)
    if len(shown) < len(group.messages):
        lines.append(f"      … and {len(group.messages) - len(shown)} more")
    return lines


def as_json(*assessments: Assessment) -> str:
    """The reports as JSON, a list with an object a source."""
    return escaping.as_json([_plain(a) for a in assessments]) + "\n"


def _plain(found: Assessment) -> dict[str, Any]:
    return {
        "source": found.source,
        "path": found.path,
        "format": found.format,
        "made": found.made,
        "target": found.target,
        "rows": found.rows,
        "rows_lost": sum(f.rejected for f in found.foreseen),
        "texts_damaged": sum(f.damaged for f in found.foreseen),
        "left_out": found.left_out,
        "less_guarded": found.weaker,
        "share_converted": round(found.share, 4),
        "effort_minutes": found.effort_minutes,
        "data_looked_at": found.looked,
        "counts": [
            {"category": c.category, "total": c.total, "converted": c.converted, "partly": c.partly, "failed": c.failed}
            for c in found.counts
        ],
        "tables": [asdict(t) for t in found.tables],
        "objects": [_object(o) for o in found.objects],
        "stays_in_access": dict(found.others),
        "messages": [_plain_group(g) for g in found.groups],
        "findings": [_plain_group(g) for g in found.findings],
        "application": {
            "findings": [_plain_group(g) for g in found.application],
            "statements": found.statements,
            "converting": found.converting,
            "queries": [_delivery(d) for d in found.deliveries],
        },
    }


def _object(found: AssessedObject) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "name": found.name,
        "target": found.target or None,
        "outcome": str(found.outcome),
        "access": found.access,
        "server": found.server,
        "messages": [m.code for m in found.messages],
    }


def _delivery(found: JudgedStatement) -> dict[str, Any]:
    user = found.user
    return {
        "kind": str(user.kind),
        "name": user.name,
        "part": user.part,
        "line": user.line or None,
        "how": found.how,
        "sent": str(found.sent),
        "rows_at_most": found.rows,
        "tables": list(found.tables),
        "reasons": list(found.reasons),
    }


def _plain_group(group: MessageGroup) -> dict[str, Any]:
    return {
        "number": group.number,
        "severity": str(group.severity),
        "title": group.title,
        "effort_minutes": group.effort_minutes,
        "occurrences": [
            {
                "place": str(m.place),
                "kind": str(m.place.kind),
                "name": m.place.name,
                "part": m.place.part,
                "line": m.place.line or None,
                "text": m.text,
            }
            for m in group.messages
        ],
    }


def as_csv(*assessments: Assessment) -> str:
    """One line per message; text that a spreadsheet would take for a formula gets an apostrophe before it."""
    lines = [csv_line(["source", "about", "number", "severity", "object", "part", "text", "effort_minutes"])]
    for found in assessments:
        abouts = (("conversion", found.groups), ("data", found.findings), ("application", found.application))
        for about, groups in abouts:
            for message in (m for g in groups for m in g.messages):
                place = message.place
                facts = [found.source, about, message.code, message.severity, place.name, place.part, message.text]
                lines.append(csv_line([*facts, message.effort_minutes]))
    return "".join(lines)
