"""What stage 5 says of a source: counts per kind of object, messages by number, effort, and a tree of it all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from wizard.assess.application import AssessedApplication, JudgedStatement, Sent
from wizard.assess.assessed_object import AssessedObject, assessed_objects
from wizard.assess.reject_forecast import RejectForecast
from wizard.definitions import Database, TableProfile
from wizard.diagrams import Diagram, diagram_of
from wizard.messages import CATALOGUE, Kind, Message, Severity, Topic, topic_of
from wizard.messages.titles import TITLES
from wizard.objects import CATEGORIES, Conversion, Converted, Outcome, TableRef
from wizard.plurals import counted, hours, percent
from wizard.settings import Target, target_words

NO_APPLICATION: Final = AssessedApplication()
NO_DIAGRAM: Final = Diagram()
_GUARDS: Final = {"foreign_keys": Kind.RELATIONSHIP, "keys": Kind.INDEX, "indexes": Kind.INDEX}
"""what messages about objects of these categories are about"""
NO_EFFORT: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """How many objects of a category convert, wholly, in part or not."""

    category: str
    converted: int = 0
    partly: int = 0
    failed: int = 0

    @property
    def title(self) -> str:
        """The category as people read it."""
        return CATEGORIES.get(self.category, self.category.replace("_", " ").capitalize())

    @property
    def total(self) -> int:
        """All objects of the category."""
        return self.converted + self.partly + self.failed

    @property
    def share(self) -> float:
        """The part that converts whole, 0 to 1; 1 where there is nothing to convert."""
        return self.converted / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class MessageGroup:
    """All messages of one number."""

    number: int
    severity: Severity
    title: str
    """what all of them say"""
    messages: tuple[Message, ...]

    @property
    def code(self) -> str:
        """The message's number as people know it: `JF3140`."""
        return f"JF{self.number}"

    @property
    def effort_minutes(self) -> int:
        """Minutes of a person's work over all of them."""
        return sum(m.effort_minutes for m in self.messages)


@dataclass(frozen=True, slots=True)
class TableSize:
    """How many rows a table has, and about how many bytes."""

    name: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A line of the wizard's tree; `severity` is the worst of it and of what is below."""

    label: str
    detail: str = ""
    severity: Severity | None = None
    messages: tuple[Message, ...] = ()
    children: tuple[TreeNode, ...] = ()


@dataclass(frozen=True)
class Assessment:
    """The result of stage 5 for one source."""

    source: str
    path: str
    format: str
    counts: tuple[CategoryCount, ...]
    groups: tuple[MessageGroup, ...]
    """what conversion said, worst first"""
    findings: tuple[MessageGroup, ...]
    """what the data said, worst first"""
    tables: tuple[TableSize, ...]
    items: tuple[Converted, ...]
    others: Mapping[str, int]
    """forms, reports, macros and modules: they stay in Access"""
    looked: bool
    """the data were looked at"""
    foreseen: tuple[RejectForecast, ...] = ()
    """tables of which rows will be rejected or values repaired"""
    forecast: bool = False
    """stage 8's own code looked which rows those are; a file assessed by itself has no rules to be judged by"""
    application: tuple[MessageGroup, ...] = ()
    """what forms, reports, macros and code will do on linked tables, worst first"""
    deliveries: tuple[JudgedStatement, ...] = ()
    """what Access sends to the server of each saved query and of the SQL of forms and code"""
    statements: int = 0
    """SQL texts in forms, reports, macros and code"""
    converting: int = 0
    """of these, those that would convert as saved queries do"""
    made: str = ""
    """when, UTC, ISO to the second"""
    target: str = ""
    """for people: `SQL Server 2022`"""
    objects: tuple[AssessedObject, ...] = ()
    """tables, queries and VBA functions with their text on both sides; empty where nobody asked for it"""
    diagram: Diagram = NO_DIAGRAM

    @property
    def sections(self) -> tuple[tuple[str, tuple[MessageGroup, ...]], ...]:
        """Messages by what they are about, under the titles of reports; of the application only where there is one."""
        always = (("Messages", self.groups), ("Data", self.findings))
        return (*always, ("Application", self.application)) if self.application else always

    @property
    def all_groups(self) -> tuple[MessageGroup, ...]:
        """All messages: of conversion, data and application."""
        return (*self.groups, *self.findings, *self.application)

    @property
    def sent(self) -> Mapping[Sent, int]:
        """How many queries are sent whole, split, or fetched whole."""
        return {sent: sum(d.sent is sent for d in self.deliveries) for sent in Sent}

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(t.rows for t in self.tables)

    @property
    def effort_minutes(self) -> int:
        """An estimate of what is left for a person, by the catalogue's minutes per message."""
        return sum(g.effort_minutes for g in self.all_groups)

    @property
    def lost(self) -> tuple[str, ...]:
        """What of the rows will not arrive as it is, for people: empty where all will, as far as anybody looked."""
        return lost((self,))

    @property
    def stored(self) -> int:
        """Columns of which values will come as they lie in the file."""
        return sum(len(g.messages) for g in self.all_groups if topic_of(g.number) is Topic.AS_STORED)

    @property
    def weaker(self) -> int:
        """Foreign keys and unique indexes that old rows will cost: left out, or made plain."""
        return sum(len(g.messages) for g in self.all_groups if topic_of(g.number) is Topic.LESS_GUARDED)

    @property
    def left_out(self) -> bool:
        """Something of it will not arrive: an object, rows, linked tables whose file is wanted."""
        return bool(self.lost) or any(c.failed for c in self.counts)

    @property
    def errors(self) -> int:
        """How many errors there are among messages and findings."""
        return sum(len(g.messages) for g in self.all_groups if g.severity is Severity.ERROR)

    @property
    def share(self) -> float:
        """The part of all objects that converts whole, 0 to 1."""
        total = sum(c.total for c in self.counts)
        return sum(c.converted for c in self.counts) / total if total else 1.0

    def tree(self) -> TreeNode:
        """Categories with their objects, messages by number, and the data's findings."""
        kinds = tuple(_category(c, [i for i in self.items if i.category == c.category]) for c in self.counts)
        branches = [TreeNode("Objects", percent(self.share, digits=0), _worst(kinds), children=kinds)]
        for title, groups in self.sections:
            below = tuple(_group(g) for g in groups)
            branches.append(TreeNode(title, str(sum(len(g.messages) for g in groups)), _worst(below), children=below))
        return TreeNode(self.source, hours(self.effort_minutes), _worst(branches), children=tuple(branches))


def lost(found: Sequence[Assessment]) -> tuple[str, ...]:
    """What of the rows of all these sources together will not arrive as it is, for people."""
    foreseen = [f for a in found for f in a.foreseen]
    rejected, damaged, rounded, out_of_reach = (
        sum(getattr(f, n) for f in foreseen) for n in ("rejected", "damaged", "rounded", "unread")
    )
    whole = sum(0 < f.rows == f.rejected for f in foreseen)
    wanted, unread = (
        sum(len(g.messages) for a in found for g in a.all_groups if topic_of(g.number) is t)
        for t in (Topic.BACK_END_MISSING, Topic.TABLE_UNREAD)
    )
    stored = sum(a.stored for a in found)
    rows = f"{counted(rejected, 'row')} will be lost"
    told = (
        (rejected, f"{rows}, all of {counted(whole, 'table')} among them" if whole else rows),
        (out_of_reach, f"about {counted(out_of_reach, 'row')} cannot be read"),
        (damaged, f"{counted(damaged, 'text')} will arrive damaged"),
        (rounded, f"{counted(rounded, 'value')} will be rounded or cut"),
        (unread, f"{counted(unread, 'table')} cannot be read to the end"),
        (stored, f"values of {counted(stored, 'column')} will come as they are stored"),
        (wanted, f"{counted(wanted, 'file')} with linked tables {'is' if wanted == 1 else 'are'} wanted"),
    )
    return tuple(words for number, words in told if number)


def less_guarded(found: Sequence[Assessment]) -> tuple[str, ...]:
    """How many keys and indexes old rows will cost, for people; empty where none."""
    weaker = sum(a.weaker for a in found)
    return (f"{counted(weaker, 'key or index', 'keys or indexes')} less than in Access",) if weaker else ()


def assess(
    database: Database,
    conversion: Conversion,
    findings: Iterable[Message] = (),
    *,
    source: str,
    facts: Mapping[str, TableProfile] | None = None,
    foreseen: tuple[RejectForecast, ...] | None = None,
    application: AssessedApplication = NO_APPLICATION,
    target: Target | None = None,
    effort: Mapping[str, int] = NO_EFFORT,
    whole: bool = True,
) -> Assessment:
    """What a conversion, a look at the data and the application come to.

    `facts`, by table name, have exact row counts; `foreseen` is None where nobody looked which rows will be rejected;
    `effort` has the minutes of messages, by their codes, that are not
    the catalogue's; without `whole` the objects' texts and the diagram are left out.
    """

    def timed(messages: Iterable[Message]) -> Iterator[Message]:
        for m in messages:
            yield replace(m, effort_minutes=effort[m.code]) if m.code in effort else m

    known = {name.casefold(): f.rows for name, f in (facts or {}).items()}
    items = tuple(i for i in conversion.items if i.source.source == source)
    own = [m for m in conversion.messages if not m.place.source or m.place.source == source]
    told = dict.fromkeys([*own, *(m for i in items for m in i.messages)])
    findings = tuple(findings)
    items = tuple(as_guarded(items, conversion, findings))
    others = database.other
    return Assessment(
        source=source,
        path=database.path,
        format=database.format,
        counts=counts(items),
        groups=grouped(timed(told)),
        findings=grouped(timed(findings)),
        tables=tuple(TableSize(t.name, known.get(t.name.casefold(), t.rows), len(t.columns)) for t in database.tables),
        items=items,
        others={
            "forms": len(others.forms),
            "reports": len(others.reports),
            "macros": len(others.macros),
            "modules": len(others.modules),
        },
        looked=facts is not None,
        foreseen=foreseen or (),
        forecast=foreseen is not None,
        application=grouped(timed(application.messages)),
        deliveries=application.deliveries,
        statements=application.statements,
        converting=application.converting,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        target=target_words(target) if target else "",
        objects=tuple(assessed_objects(database, conversion, items)) if whole else (),
        diagram=diagram_of(database) if whole else NO_DIAGRAM,
    )


def as_guarded(items: Iterable[Converted], conversion: Conversion, findings: Iterable[Message]) -> Iterator[Converted]:
    """The same, with what becomes of keys and indexes that give way to old rows: made plain, they convert in part."""
    gave_way = {
        (m.place.kind, TableRef(m.place.source, m.place.name), m.place.part)
        for m in findings
        if m.topic is Topic.LESS_GUARDED
    }
    plain = {(t.source, i.source or i.name) for t in conversion.tables for i in t.indexes if i.loosened and t.source}
    for item in items:
        kind = _GUARDS.get(item.category)
        if item.outcome is Outcome.FAILED or (kind, item.source, item.part) not in gave_way:
            yield item
        else:
            is_plain = kind is Kind.INDEX and (item.source, item.part) in plain
            yield replace(item, outcome=Outcome.PARTLY if is_plain else Outcome.FAILED)


def counts(items: Sequence[Converted]) -> tuple[CategoryCount, ...]:
    """What converts, per category in the order of reports; categories without objects are left out."""
    found: dict[str, dict[Outcome, int]] = defaultdict(lambda: dict.fromkeys(Outcome, 0))
    for item in items:
        found[item.category][item.outcome] += 1
    order = [*CATEGORIES, *sorted(found.keys() - CATEGORIES.keys())]
    return tuple(
        CategoryCount(c, found[c][Outcome.CONVERTED], found[c][Outcome.PARTLY], found[c][Outcome.FAILED])
        for c in order
        if c in found
    )


def grouped(messages: Iterable[Message]) -> tuple[MessageGroup, ...]:
    """By number and severity (options may change a number's severity), worst first."""
    groups: dict[tuple[int, Severity], list[Message]] = defaultdict(list)
    for message in messages:
        groups[message.number, message.severity].append(message)
    made = [MessageGroup(n, s, title_of(n), tuple(found)) for (n, s), found in groups.items()]
    return tuple(sorted(made, key=lambda g: (g.severity.rank, -len(g.messages), g.number)))


def title_of(number: int) -> str:
    """What all messages of a number say: a title, or the first sentence of the text with … for a fact."""
    if number in TITLES:
        return TITLES[number]
    text = re.sub(r"\{\w+:#([^}|]*)\}", r"… \1s", CATALOGUE[number].text)
    text = re.sub(r"\{\w+:#[^}|]*\|([^}]*)\}", r"… \1", text)
    text = re.sub(r"\{\w+:![^}|]*\|([^}]*)\}", r"\1", text)
    text = re.sub(r"\{[^}]*\}", "…", text)
    return re.split(r"(?<=[.!?:])\s", text, maxsplit=1)[0].rstrip(":.")


def _worst(nodes: Iterable[TreeNode]) -> Severity | None:
    found = [n.severity for n in nodes if n.severity]
    return min(found, key=lambda s: s.rank) if found else None


def _severity(messages: Iterable[Message]) -> Severity | None:
    return min((m.severity for m in messages), key=lambda s: s.rank, default=None)


def _category(count: CategoryCount, items: Sequence[Converted]) -> TreeNode:
    below = tuple(
        TreeNode(
            f"{i.source.table}.{i.part}" if i.part else i.source.table,
            f"{i.outcome}" + (f" → {i.target}" if i.target else ""),
            _severity(i.messages),
            i.messages,
        )
        for i in items
    )
    detail = f"{count.converted} of {count.total}"
    return TreeNode(count.title, detail, _worst(below), children=below)


def _group(group: MessageGroup) -> TreeNode:
    below = tuple(TreeNode(str(m.place), m.text, m.severity, (m,)) for m in group.messages)
    return TreeNode(f"{group.title} ({group.code})", str(len(group.messages)), group.severity, children=below)
