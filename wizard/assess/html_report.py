"""The assessment as a page for a manager: nothing beside it is needed, no script, no font, no image from elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from wizard import charts as draw
from wizard.assess.assessed_object import AssessedObject
from wizard.assess.assessment import Assessment, MessageGroup
from wizard.assess.reports import sent_words
from wizard.assess.summary import summary
from wizard.charts import Picture
from wizard.diagrams import svg
from wizard.escaping import for_html
from wizard.html_pages import page
from wizard.messages import Severity
from wizard.objects import Outcome
from wizard.plurals import counted, hours, percent

_BARS: Final = 14
"""lines of a picture"""
_NAMES: Final = 170
_SENTENCES: Final = 320
"""room for what stands before a bar, of 560"""
_OUTCOMES: Final = {
    Outcome.FAILED: ("failed", "not converted"),
    Outcome.PARTLY: ("partly", "in part"),
    Outcome.CONVERTED: ("converted", "converted"),
}


@dataclass(frozen=True, slots=True)
class EffortLine:
    """A kind of message that leaves work."""

    group: MessageGroup
    times: int
    each: int
    """minutes"""

    @property
    def minutes(self) -> int:
        """In all."""
        return self.times * self.each


def as_html(*assessments: Assessment) -> str:
    """One page, of several sources with totals and a part for each, the most work first."""
    worst_first = sorted(assessments, key=lambda a: (-a.effort_minutes, a.source))
    return page(
        "wizard.assess",
        "report.html.jinja",
        _FILTERS,
        assessments=worst_first,
        several=len(assessments) > 1,
        title=", ".join(a.source for a in assessments)
        if len(assessments) < 4
        else counted(len(assessments), "database"),
        summary=summary(assessments),
        made=max((a.made for a in assessments), default=""),
        target=next((a.target for a in assessments if a.target), ""),
        counts=_counts(assessments),
        effort=effort_lines(g for a in assessments for g in a.all_groups),
        pictures=pictures(assessments),
        folded=svg.FOLDED,
        outcomes=_OUTCOMES,
        number={a.source: n for n, a in enumerate(worst_first, 1)},
    )


def effort_lines(groups: Iterable[MessageGroup]) -> tuple[EffortLine, ...]:
    """What leaves work, the most first; a kind twice where its messages do not all take as long."""
    found: dict[tuple[int, int], list[MessageGroup]] = defaultdict(list)
    times: dict[tuple[int, int], int] = defaultdict(int)
    for group in groups:
        for message in group.messages:
            if message.effort_minutes:
                key = group.number, message.effort_minutes
                times[key] += 1
                if group not in found[key]:
                    found[key].append(group)
    lines = [EffortLine(found[key][0], number, key[1]) for key, number in times.items()]
    return tuple(sorted(lines, key=lambda n: (-n.minutes, n.group.number)))


def _counts(found: Sequence[Assessment]) -> dict[str, tuple[int, int, int]]:
    """Converted, in part and not, by the title of what is counted, over all sources."""
    sums: dict[str, tuple[int, int, int]] = {}
    for a in found:
        for c in a.counts:
            was = sums.get(c.title, (0, 0, 0))
            sums[c.title] = was[0] + c.converted, was[1] + c.partly, was[2] + c.failed
    return sums


def pictures(found: Sequence[Assessment]) -> tuple[Picture, ...]:
    """Sizes, messages and effort, each where there is some."""
    several = len(found) > 1
    sizes = [(f"{a.source}.{t.name}" if several else t.name, t.rows) for a in found for t in a.tables if t.rows]
    made = []
    if sizes:
        bars = [draw.Bar(name, (("size", rows),)) for name, rows in sorted(sizes, key=lambda s: (-s[1], s[0]))]
        made.append(_picture("Rows", "of the largest tables", bars, f"rows of {counted(len(sizes), 'table')}"))
    groups = _together(found)
    if groups:
        bars = [
            draw.Bar(headline(g), ((g.severity.value, len(g.messages)),))
            for g in sorted(groups, key=lambda g: (g.severity.rank, -len(g.messages), g.number))
        ]
        legend = tuple((s.value, s.value) for s in Severity if any(g.severity is s for g in groups))
        made.append(_picture("Messages", "by kind, the worst first", bars, "messages by kind", legend))
    lines = effort_lines(groups)
    if lines:
        bars = [draw.Bar(headline(n.group), (("size", n.minutes),), hours(n.minutes)) for n in lines]
        made.append(_picture("Effort", "by kind of message", bars, "minutes of work by kind of message"))
    return tuple(made)


def _picture(
    title: str, note: str, bars: Sequence[draw.Bar], words: str, legend: tuple[tuple[str, str], ...] = ()
) -> Picture:
    more = f"{note}; {len(bars) - _BARS:,} more are in the tables below" if len(bars) > _BARS else note
    drawn = draw.bars(words, bars[:_BARS], label=_NAMES if title == "Rows" else _SENTENCES)
    return Picture(title, more, Markup(drawn), legend)  # noqa: S704  every name in it is escaped


def _together(found: Sequence[Assessment]) -> tuple[MessageGroup, ...]:
    """The groups of all sources, those of one number and severity as one."""
    if len(found) == 1:
        return found[0].all_groups
    groups: dict[tuple[int, Severity], MessageGroup] = {}
    for g in (g for a in found for g in a.all_groups):
        had = groups.get((g.number, g.severity))
        groups[g.number, g.severity] = MessageGroup(
            g.number, g.severity, g.title, (*had.messages, *g.messages) if had else g.messages
        )
    return tuple(groups.values())


def headline(group: MessageGroup) -> str:
    """What all messages of a kind say, without a full stop; where the title has gaps, their text if it is one."""
    said = {m.clause for m in group.messages}
    return said.pop() if "…" in group.title and len(said) == 1 else group.title


def _diagram(found: Assessment) -> Markup:
    return Markup(svg.inline(found.diagram, f"tables and relationships of {found.source}"))  # noqa: S704  escaped there


def _worst_first(objects: Sequence[AssessedObject], *kinds: str) -> list[tuple[int, AssessedObject]]:
    """Those of some kinds with their numbers on the page, what is not converted first."""
    order = list(_OUTCOMES)
    numbered = [(n, o) for n, o in enumerate(objects, 1) if o.kind in kinds]
    return sorted(numbered, key=lambda p: (order.index(p[1].outcome), p[1].name.casefold()))


def _lines(text: str) -> Markup:
    """Text of several lines, each made fit by itself."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Markup("\n".join(for_html(line.expandtabs(4)) for line in lines))  # noqa: S704  for_html escapes


def _moment(text: str) -> str:
    return text[:16].replace("T", " ")


_FILTERS: Final[Mapping[str, Callable[..., object]]] = {
    "hours": hours,
    "percent": lambda share: percent(share, digits=0),
    "counted": counted,
    "sent_words": sent_words,
    "headline": headline,
    "lines": _lines,
    "summary": summary,
    "diagram": _diagram,
    "worst_first": _worst_first,
    "moment": _moment,
    "number": "{:,}".format,
}
