"""Where findings of an application are."""

from __future__ import annotations

from wizard.messages import Kind, Place
from wizard.uses.model import User


def place(source: str, user: User) -> Place:
    """The module and line, or form and control, of a finding."""
    return Place(Kind.OBJECT, source, user.name, user.part, user.line)
