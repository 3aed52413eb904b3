"""The history of edits by hand, so that each step can be undone and made again while the project is open."""

from __future__ import annotations

from dataclasses import dataclass, field

from wizard.project import Edit

Edits = tuple[Edit, ...]


@dataclass
class EditHistory:
    """A step is what one change, or one reset of any size, did."""

    _undone: list[Edits] = field(default_factory=list)
    _former: list[Edits] = field(default_factory=list)

    @property
    def can_undo(self) -> bool:
        """Whether a step was made."""
        return bool(self._former)

    @property
    def can_redo(self) -> bool:
        """Whether a step was undone, and none made since."""
        return bool(self._undone)

    def changed(self, former: Edits) -> None:
        """A new step was made, from `former`; what was undone before can no longer be made again."""
        self._former.append(former)
        self._undone.clear()

    def undo(self, now: Edits) -> Edits | None:
        """The edits before the last step; None where there was none."""
        if not self._former:
            return None
        self._undone.append(now)
        return self._former.pop()

    def redo(self, now: Edits) -> Edits | None:
        """The edits after the step that was undone last; None where none was."""
        if not self._undone:
            return None
        self._former.append(now)
        return self._undone.pop()
