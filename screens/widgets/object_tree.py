"""A tree of objects over a flat list: check boxes of three states, signs, notes; drawn as `Listing` draws."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from screens.widgets.listing import MENU_BUTTON, Heading, Listing


class Check(Enum):
    """What a check box shows."""

    ALL = "[x]"
    SOME = "[-]"
    NONE = "[ ]"

    @classmethod
    def of(cls, chosen: int, every: int) -> Check:
        """Of so many chosen among so many."""
        return cls.NONE if not chosen else (cls.ALL if chosen == every else cls.SOME)


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the tree."""

    key: Hashable
    label: str
    depth: int = 0
    open: bool | None = None
    """None: nothing below it"""
    check: Check | None = None
    """None: nothing to choose"""
    note: str = ""

    def text(self) -> str:
        """As drawn in the first column."""
        mark = "  " if self.open is None else ("▾ " if self.open else "▸ ")
        box = "" if self.check is None else f"{self.check.value} "
        return f"{'  ' * self.depth}{mark}{box}{self.label}"


class _NodeRows(Sequence[tuple[str, str]]):
    """The nodes as rows, made when drawn."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # only single rows are asked for
        node = self.nodes[index]
        return node.text(), node.note


class ObjectTree(Listing):
    """Enter opens what the cursor is on; Space checks; Left and Right close and open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "fold(False)", show=False),
        Binding("right", "fold(True)", show=False),
    ]

    class Folded(Listing.Posted):
        """A node is to be opened or closed."""

    def __init__(
        self, *, id: str | None = None, notes: int = 0, empty: str = "", names: bool = True  # noqa: A002 - Textual's
    ) -> None:  # fmt: skip
        """Of `names` both ends are shown where there is no room; of other labels the beginning."""
        columns = (
            (Heading("", middle=names), Heading("", width=notes, right=True)) if notes else (Heading("", middle=names),)
        )
        super().__init__(*columns, id=id, header=False, empty=empty)
        self.nodes: Sequence[Node] = ()

    def show_nodes(self, nodes: Iterable[Node], *, cursor: Hashable | None = None) -> None:
        """Show these; the cursor stays on its key where that is still there."""
        key = cursor if cursor is not None else (self.node.key if self.node else None)
        self.nodes = tuple(nodes)
        at = next((i for i, n in enumerate(self.nodes) if n.key == key), None)
        self.show(_NodeRows(self.nodes), cursor=at)

    @property
    def node(self) -> Node | None:
        """What the cursor is on."""
        return self.nodes[self.cursor] if self.cursor < len(self.nodes) else None

    def copy_text(self) -> str:
        return self.node.label if self.node else ""

    def action_fold(self, wanted: bool) -> None:
        node = self.node
        if node is None:
            return
        if node.open is not None and node.open != wanted:
            self.post_message(self.Folded(self, self.cursor))
        elif not wanted:
            above = next((i for i in range(self.cursor, -1, -1) if self.nodes[i].depth < node.depth), self.cursor)
            self.go_to(above)
        else:
            self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()
        index = self.row_at(event.y)
        if index is None:
            return
        node, x = self.nodes[index], event.x - 2 * self.nodes[index].depth
        again = index == self.cursor
        self.go_to(index)
        if event.button == MENU_BUTTON:
            return
        if 0 <= x < 2 and node.open is not None:
            self.post_message(self.Folded(self, index))
        elif node.check is not None and 2 <= x < 5:
            self.post_message(self.Toggled(self, index))
        elif again:
            self.action_choose()
