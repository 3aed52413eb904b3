"""Which cascades SQL Server can have together.

Its rule ("Primary and foreign key constraints", error 1785): the cascading actions that one DELETE or one UPDATE sets
off form a tree, in which no table appears twice and none leads back to the table that was changed. SET NULL counts as
any other action: the server counts paths and does not ask whether NULL would go on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wizard.objects import Action, Name

_DELETED, _UPDATED = "deleted", "updated"


@dataclass(frozen=True, slots=True)
class CascadeEdge:
    """A foreign key's actions: a change of `parent` reaches `child`."""

    parent: Name
    child: Name
    on_delete: Action
    on_update: Action

    @property
    def acts(self) -> bool:
        """Whether a change of the parent reaches the child."""
        return not self.on_delete is self.on_update is Action.NO_ACTION


class CascadeGraph:
    """The cascades allowed so far; each further one is asked for with `clash`, and kept with `add`."""

    def __init__(self, edges: Iterable[CascadeEdge] = ()) -> None:
        self._children: dict[Name, list[CascadeEdge]] = defaultdict(list)
        self._parents: dict[Name, set[Name]] = defaultdict(set)
        for edge in edges:
            self.add(edge)

    def add(self, edge: CascadeEdge) -> None:
        """Let a foreign key cascade."""
        if edge.acts:
            self._children[edge.parent].append(edge)
            self._parents[edge.child].add(edge.parent)

    def clash(self, edge: CascadeEdge) -> Sequence[Name]:
        """The path on which a table would be reached twice were the edge added; empty where all is well."""
        if not edge.acts:
            return ()
        if edge.parent == edge.child:
            return (edge.parent, edge.child)
        trial = {**self._children, edge.parent: [*self._children.get(edge.parent, ()), edge]}
        for root in self._ancestors(edge.parent):
            for state in (_DELETED, _UPDATED):
                path = _second_visit(trial, root, state)
                if path:
                    return path
        return ()

    def _ancestors(self, table: Name) -> set[Name]:
        found, waiting = {table}, [table]
        while waiting:
            for parent in self._parents.get(waiting.pop(), ()):
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return found


def _becomes(edge: CascadeEdge, states: frozenset[str]) -> frozenset[str]:
    """What the parent's change makes of the child; nothing where it ends here. SET NULL is taken for either."""
    found: set[str] = set()
    if _DELETED in states and edge.on_delete is not Action.NO_ACTION:
        found |= {_DELETED} if edge.on_delete is Action.CASCADE else {_DELETED, _UPDATED}
    if _UPDATED in states and edge.on_update is not Action.NO_ACTION:
        found.add(_UPDATED)
    return frozenset(found)


def _second_visit(children: Mapping[Name, Sequence[CascadeEdge]], root: Name, state: str) -> Sequence[Name]:
    """The path to the first table that one change of `root` reaches twice; empty where there is none."""
    visited = {root}
    waiting: list[tuple[Name, frozenset[str], tuple[Name, ...]]] = [(root, frozenset((state,)), (root,))]
    while waiting:
        table, how, path = waiting.pop()
        for edge in children.get(table, ()):
            then = _becomes(edge, how)
            if not then:
                continue
            if edge.child in visited:
                return (*path, edge.child)
            visited.add(edge.child)
            waiting.append((edge.child, then, (*path, edge.child)))
    return ()
