"""Which cascades SQL Server can have together.

Its rule ("Primary and foreign key constraints", error 1785): the cascading actions that one DELETE or one UPDATE sets
off form a tree, in which no table appears twice and none leads back to the table that was changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wizard.objects import Action, Name

_DELETED, _UPDATED = "deleted", "updated"


@dataclass(frozen=True, slots=True)
class Edge:
    """A foreign key's actions: a change of `parent` reaches `child`."""

    parent: Name
    child: Name
    on_delete: Action
    on_update: Action


class CascadeGraph:
    """The cascades allowed so far; each further one is asked for with `clash`, and kept with `add`."""

    def __init__(self, edges: Iterable[Edge] = ()) -> None:
        self._children: dict[tuple[Name, str], list[tuple[Name, str]]] = defaultdict(list)
        self._parents: dict[Name, set[Name]] = defaultdict(set)
        for edge in edges:
            self.add(edge)

    def add(self, edge: Edge) -> None:
        for start, end in _steps(edge):
            self._children[edge.parent, start].append((edge.child, end))
            self._parents[edge.child].add(edge.parent)

    def clash(self, edge: Edge) -> Sequence[Name]:
        """The path on which a table would be reached twice were the edge added; empty where all is well."""
        if edge.parent == edge.child and _steps(edge):
            return (edge.parent, edge.child)
        trial = {key: list(value) for key, value in self._children.items()}
        for start, end in _steps(edge):
            trial.setdefault((edge.parent, start), []).append((edge.child, end))
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


def _steps(edge: Edge) -> list[tuple[str, str]]:
    """What of the parent's change becomes what of the child's: setting NULL is an update of the child."""
    found = []
    if edge.on_delete is Action.CASCADE:
        found.append((_DELETED, _DELETED))
    elif edge.on_delete is Action.SET_NULL:
        found.append((_DELETED, _UPDATED))
    if edge.on_update is not Action.NO_ACTION:
        found.append((_UPDATED, _UPDATED))
    return found


def _second_visit(children: dict[tuple[Name, str], list[tuple[Name, str]]], root: Name, state: str) -> Sequence[Name]:
    """The path to the first table that one change of `root` reaches twice; empty where there is none."""
    visited = {root}
    waiting: list[tuple[Name, str, tuple[Name, ...]]] = [(root, state, (root,))]
    while waiting:
        table, how, path = waiting.pop()
        for child, end in children.get((table, how), ()):
            if child in visited:
                return (*path, child)
            visited.add(child)
            waiting.append((child, end, (*path, child)))
    return ()
