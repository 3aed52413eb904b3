"""How an option is declared: its default and presets, bounds, line of help, the stages that it makes stale.

The options themselves are the fields of `wizard.settings.Options`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from wizard.events import Stage

LARGEST_NUMBER: Final = 1_000_000
"""of an option"""


class Preset(StrEnum):
    """Sets of options to begin with."""

    DEFAULT = "default"
    OPTIMISTIC = "optimistic"
    FULL = "full"


class OptionGroup(StrEnum):
    """Where an option is listed, and the stages that it makes stale where it says nothing else."""

    stale: tuple[Stage, ...]

    TABLES = "Tables", Stage.ASSESS, Stage.CONVERT
    LOADING = "Loading", Stage.LOAD
    ASSESSMENT = "Assessment", Stage.ASSESS
    MESSAGES = "Messages", Stage.ASSESS, Stage.CONVERT
    DATA = "Data", Stage.MIGRATE
    QUERIES = "Queries", Stage.ASSESS, Stage.CONVERT

    def __new__(cls, value: str, *stale: Stage) -> OptionGroup:
        """A group of that name."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.stale = stale
        return made


@dataclass(frozen=True, slots=True)
class OptionDeclaration:
    """All that there is to know of an option but its name and type, which are its field's."""

    group: OptionGroup
    text: str
    presets: Mapping[Preset, Any]
    low: int
    high: int
    """the least and the largest number, where it is one"""
    stale: tuple[Stage, ...]
    """the stages whose results stand on it"""
    of_rows: bool
    """whether it may decide if a row can go: rows rejected under another value of it are sent again"""

    @property
    def help(self) -> str:
        """What it does, in a line, with its bounds where they say something."""
        return f"{self.text} ({self.low:,} to {self.high:,})" if self.low else self.text

    def refusal(self, value: object) -> str:
        """Why a value cannot be; empty where it can."""
        if isinstance(value, int) and not isinstance(value, bool) and not self.low <= value <= self.high:
            return f"it must be from {self.low} to {self.high:,}"
        return ""


def option(
    group: str,
    text: str,
    default: Any,
    *,
    optimistic: Any = None,
    full: Any = None,
    low: int = 0,
    stale: tuple[Stage, ...] | None = None,
    of_rows: bool = True,
) -> Any:
    """An option's field. A preset that is not named has the default's value.

    `group` is an `OptionGroup`; `stale` is given where the option matters to other stages than its group says, or to no
    result at all, as how fast and how patient do.
    """
    presets = {
        Preset.DEFAULT: default,
        Preset.OPTIMISTIC: default if optimistic is None else optimistic,
        Preset.FULL: default if full is None else full,
    }
    listed = OptionGroup(group)
    stages = listed.stale if stale is None else stale
    declaration = OptionDeclaration(listed, text, presets, low, LARGEST_NUMBER, stages, of_rows)
    return field(default=default, metadata={"declaration": declaration})
