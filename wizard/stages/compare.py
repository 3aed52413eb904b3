"""What stage 7 would do to a server, object by object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wizard.convert import script
from wizard.settings import Constraints, Options
from wizard.stages.parts import Part
from wizard.stages.views import LoadItem
from wizard.target.apply import Step, split_later


def items(part: Part, password: str, options: Options) -> Iterator[LoadItem]:
    """The differences between a part and its database. Raises TargetError."""
    yield from ()


def steps(part: Part, chosen: Sequence[LoadItem], options: Options) -> list[Step]:
    """The statements that do what was chosen, in order; those that wait for the rows are left to stage 8."""
    made = script.statements(part.conversion)
    now = split_later(made)[0] if options.constraints is Constraints.AFTER else made
    return [Step(s) for s in now]
