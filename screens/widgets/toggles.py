"""Check boxes and radio buttons whose state is a sign: Textual's own show it by colour alone."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox, RadioButton


class Tick(Checkbox):
    """`[x] label`"""

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")


class Choice(RadioButton):
    """`(•) label`"""

    @property
    def _button(self) -> Content:
        return Content("(•)" if self.value else "( )")
