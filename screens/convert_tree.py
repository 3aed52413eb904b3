"""What stage 6's tree shows: tables, queries and functions with what became of each; plain data and no widgets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from screens.widgets.object_tree import Node
from screens.widgets.status_signs import OUTCOME_SIGNS
from wizard.messages import Severity
from wizard.objects import Outcome, TableRef
from wizard.plurals import counted
from wizard.stages import ConvertItem

CATEGORIES = {"tables": "Tables", "queries": "Queries", "functions": "VBA functions"}


def is_problem(item: ConvertItem) -> bool:
    """Whether it wants to be looked at: not converted whole, or something of it is warned of."""
    warned = any(m.severity in (Severity.ERROR, Severity.WARNING) for m in item.messages)
    return warned or item.outcome is not Outcome.CONVERTED


@dataclass
class ConvertTree:
    """The objects, and what of them is shown."""

    items: tuple[ConvertItem, ...] = ()
    wanted: str = ""
    """part of a name"""
    edited: bool = False
    problems: bool = False
    shut: set[str] = field(default_factory=set)
    """categories that are folded"""

    def item(self, ref: TableRef | None) -> ConvertItem | None:
        """The object of that name, if the conversion has it."""
        return next((i for i in self.items if i.ref == ref), None)

    def _shown(self, i: ConvertItem) -> bool:
        named = self.wanted.casefold() in i.ref.table.casefold()
        return named and (i.edited or not self.edited) and (not self.problems or is_problem(i))

    def nodes(self) -> Iterator[Node]:
        """The lines, from top to bottom."""
        several = len({i.ref.source for i in self.items}) > 1
        for category, plural in CATEGORIES.items():
            every = [i for i in self.items if i.category == category]
            members = [i for i in every if self._shown(i)]
            if not members:
                continue
            is_open = category not in self.shut or bool(self.wanted)
            note = f"{len(members):,}" if len(members) == len(every) else f"{len(members):,} of {len(every):,}"
            yield Node(category, plural, 0, is_open, note=note)
            if is_open:
                yield from (_node(i, several) for i in members)

    def next_problem(self, ref: TableRef | None, by: int) -> ConvertItem | None:
        """The problem after the object (`by` 1) or before it (-1), round and round; None where there is none."""
        order: Sequence[ConvertItem] = sorted(self.items, key=lambda i: list(CATEGORIES).index(i.category))
        at = next((n for n, i in enumerate(order) if i.ref == ref), -1 if by > 0 else 0)
        around = (order[(at + by * step) % len(order)] for step in range(1, len(order) + 1))
        return next((i for i in around if is_problem(i)), None)


def _node(i: ConvertItem, several: bool) -> Node:
    name = f"{i.ref.source}.{i.ref.table}" if several else i.ref.table
    told = counted(len(i.messages), "message") if i.messages else ""
    return Node(i.ref, f"{OUTCOME_SIGNS[i.outcome]}{'*' if i.edited else ' '} {name}", 1, note=told)
