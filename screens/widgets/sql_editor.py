"""A field for T-SQL in colour that completes the names of tables and columns: Right takes what is shown in grey."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from screens.widgets.chooser import Chooser
from wizard.objects import quote

LEAST: Final = 2
"""characters of a name before it is completed; behind an opening bracket one"""
_BEGUN: Final = re.compile(r"(?:(\[(?:[^\]]|\]\])*\]|[\w@#$]+)\s*\.\s*)?(\[[^\]\n]*|[^\W\d][\w@#$]*)?$")
"""what stands before the cursor: the owner of a name and a dot, and the name's beginning"""
_PLAIN: Final = re.compile(r"[^\W\d][\w@#$]*")
"""a name that needs no brackets; keywords aside, which nobody types as names by accident"""


def possible(before: str, names: Mapping[str, Sequence[str]]) -> tuple[str, tuple[str, ...]]:
    """What of a name was typed at the end of `before`, and the names that go on like that, as they are written there.

    Behind `table.` the columns of that table come first. `names` are tables and the like with their columns.
    """
    found = _BEGUN.search(before)
    owner, begun = (found[1] or "", found[2] or "") if found else ("", "")
    bracket = begun.startswith("[")
    wanted = begun.removeprefix("[").casefold()
    own = next((c for n, c in names.items() if owner and n.casefold() == _bare(owner).casefold()), ())
    seen = dict.fromkeys(n for n in _in_order(own, names) if n.casefold().startswith(wanted))
    if bracket:
        return begun, tuple(quote(n) for n in seen)
    return begun, tuple(n if _PLAIN.fullmatch(n) else quote(n) for n in seen)


def _bare(name: str) -> str:
    return name[1:-1].replace("]]", "]") if name.startswith("[") else name


def _in_order(own: Iterable[str], names: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield from own
    yield from names
    for columns in names.values():
        yield from columns


class SqlEditor(TextArea):
    """`names` are what it completes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+space,ctrl+@", "names", "Names", key_display="^Space"),
        Binding("ctrl+home", "text_start", "To the beginning of the text", show=False),
        Binding("ctrl+end", "text_end", "To the end of the text", show=False),
        Binding("ctrl+shift+home", "text_start(True)", "Select to the beginning of the text", show=False),
        Binding("ctrl+shift+end", "text_end(True)", "Select to the end of the text", show=False),
    ]

    def __init__(self, sql: str, names: Mapping[str, Sequence[str]], *, id: str | None = None) -> None:  # noqa: A002
        self.names = names
        super().__init__(sql, language="sql", show_line_numbers=True, compact=True, id=id)

    def _before(self) -> str:
        """The line up to the cursor."""
        row, column = self.cursor_location
        return self.document.get_line(row)[:column]

    def update_suggestion(self) -> None:
        """Textual asks after each change: what would complete the name before the cursor."""
        row, column = self.cursor_location
        after = self.document.get_line(row)[column : column + 1]
        begun, found = possible(self._before(), self.names)
        enough = len(begun) >= LEAST and not (after.isalnum() or after == "_")
        first = next((n for n in found if n.casefold().startswith(begun.casefold()) and len(n) > len(begun)), "")
        rest = first[len(begun) :]
        self.suggestion = rest if enough and not (after == "]" and rest.endswith("]")) else ""

    def action_text_start(self, select: bool = False) -> None:
        """The cursor before the first character of the text; `select`: what lies between is selected."""
        self.move_cursor(self.document.start, select=select)

    def action_text_end(self, select: bool = False) -> None:
        """The cursor behind the last character of the text; `select`: what lies between is selected."""
        self.move_cursor(self.document.end, select=select)

    def action_names(self) -> None:
        """Every name that fits what was typed, to choose from."""
        begun, found = possible(self._before(), self.names)

        def chosen(name: str | None) -> None:
            if name is not None:
                row, column = self.cursor_location
                self.replace(name, (row, column - len(begun)), (row, column))
            self.focus()

        if found:
            self.app.push_screen(Chooser("Names", found), chosen)
        else:
            self.notify(f"No name begins with {begun}." if begun else "There are no names yet.", markup=False)
