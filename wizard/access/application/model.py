"""What an Access application consists of, as plain data: modules, forms, reports, macros, data macros."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

_ATTRIBUTE: Final = re.compile(r"Attribute [\w.]+ = ")


class ModuleKind(StrEnum):
    """What a VBA module belongs to."""

    STANDARD = "standard"
    CLASS = "class"
    FORM = "form"
    REPORT = "report"


@dataclass(frozen=True)
class Module:
    """A VBA module."""

    name: str
    kind: ModuleKind
    source: str | None
    """with `Attribute` lines and LF as line end; None where the file has no source (compiled) or it cannot be read"""

    @cached_property
    def code(self) -> str:
        """What the editor shows: without `Attribute` lines, and without blank lines at either end."""
        lines = [line for line in (self.source or "").split("\n") if not _ATTRIBUTE.match(line)]
        full = [number for number, line in enumerate(lines) if line.strip()]
        return "\n".join(lines[full[0] : full[-1] + 1]) if full else ""

    @property
    def lines(self) -> int:
        """How many lines of code it has."""
        return self.code.count("\n") + 1 if self.code else 0

    @property
    def sha256(self) -> str:
        """Of `code` as UTF-8, in small hexadecimal digits."""
        return hashlib.sha256(self.code.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Reference:
    """A library that the VBA project uses."""

    name: str
    library: str
    """as the project keeps it: GUID, version and path (MS-OVBA 2.1.1.8)"""


@dataclass(frozen=True, slots=True)
class MacroAction:
    """A row of a macro."""

    number: int
    """0 for a row that has only a comment"""
    name: str
    """`MacroAction 41` where the number has no known name"""
    arguments: tuple[str, ...] = ()
    condition: str = ""
    """`...` goes on with the one above"""
    comment: str = ""
    label: str = ""
    """the name of the macro in a group of macros that begins here"""


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro, by itself or embedded in an event."""

    name: str
    actions: tuple[MacroAction, ...]
    xml: str = ""
    """the same macro as Access 2010 and later write it too, with nesting and names of arguments; empty in others"""


@dataclass(frozen=True, slots=True)
class DataMacro:
    """What a table does by itself when a row changes."""

    table: str
    event: str
    xml: str


@dataclass(frozen=True, slots=True)
class SavedTransfer:
    """A saved import or export: the steps that Access was asked to remember, or a specification of a text file."""

    name: str
    kind: str
    """`saved import`, `saved export` or `text specification`"""
    path: str = ""
    """the file, without passwords"""
    object: str = ""
    """the table or query; empty where the specification does not say"""
    xml: str = ""


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A ribbon of the application's own, from the table USysRibbons."""

    name: str
    xml: str


PropertyValue = str | int | float | bytes | Macro


@dataclass(frozen=True, slots=True)
class DefinitionNode:
    """A form, report, section or control: the properties that are not default, and what lies on it."""

    type: int
    """Access' number; `type_name` is the name"""
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)
    """by name, `slot 187` where the name is unknown. Text, numbers, embedded macros (`OnClickEmMacro`), bytes"""
    not_default: tuple[str, ...] = ()
    """Yes/No properties that have the other value than a new object's"""
    children: tuple[DefinitionNode, ...] = ()

    @property
    def type_name(self) -> str:
        """The kind of control or section, in Access's words."""
        return TYPE_NAMES.get(self.type, f"Type {self.type}")

    @property
    def name(self) -> str:
        """Empty for what stands for the defaults of new controls, and for group levels."""
        return self.text("Name")

    def text(self, name: str) -> str:
        """A property that is text; empty where it is absent."""
        value = self.properties.get(name)
        return value if isinstance(value, str) else ""

    def walk(self) -> Iterator[DefinitionNode]:
        """All below, parents before children."""
        waiting = list(reversed(self.children))
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)


@dataclass(frozen=True)
class Form:
    """A form or report."""

    name: str
    node: DefinitionNode

    @property
    def record_source(self) -> str:
        """The table, query or SQL whose rows it shows; empty where it shows none."""
        return self.node.text("RecordSource")

    @cached_property
    def controls(self) -> tuple[DefinitionNode, ...]:
        """Sections and controls, as they lie on each other."""
        return tuple(n for n in self.node.walk() if n.name)

    @cached_property
    def group_levels(self) -> tuple[str, ...]:
        """What a report is grouped by."""
        return tuple(n.text("ControlSource") for n in self.node.children if n.type == BREAK_LEVEL)


@dataclass(frozen=True, slots=True)
class Application:
    """All that a file holds beside data and queries."""

    modules: tuple[Module, ...] = ()
    references: tuple[Reference, ...] = ()
    forms: tuple[Form, ...] = ()
    reports: tuple[Form, ...] = ()
    macros: tuple[Macro, ...] = ()
    data_macros: tuple[DataMacro, ...] = ()
    transfers: tuple[SavedTransfer, ...] = ()
    ribbons: tuple[Ribbon, ...] = ()
    startup: Mapping[str, str] = field(default_factory=dict, hash=False)
    """startup properties of the database, by name"""
    compiled_only: bool = False
    """an .mde or .accde: Access took the source away"""
    code_protected: bool = False
    """a password hides the VBA project in the editor; the source is there all the same"""


BREAK_LEVEL: Final = 159
TYPE_NAMES: Final[Mapping[int, str]] = {
    100: "Label",
    101: "Rectangle",
    102: "Line",
    103: "Image",
    104: "CommandButton",
    105: "OptionButton",
    106: "CheckBox",
    107: "OptionGroup",
    108: "BoundObjectFrame",
    109: "TextBox",
    110: "ListBox",
    111: "ComboBox",
    112: "Subform",
    113: "Chart",
    114: "UnboundObjectFrame",
    118: "PageBreak",
    119: "CustomControl",
    122: "ToggleButton",
    123: "Tab",
    124: "Page",
    126: "Attachment",
    127: "EmptyCell",
    128: "WebBrowser",
    129: "NavigationControl",
    130: "NavigationButton",
    150: "Form",
    151: "Report",
    152: "Section",
    153: "FormHeader",
    154: "FormFooter",
    155: "PageHeader",
    156: "PageFooter",
    157: "BreakHeader",
    158: "BreakFooter",
    BREAK_LEVEL: "BreakLevel",
}
"""the object types of a definition, by the names that Access' exported text has"""
