"""The reader of a VBA module: declarations at once, a function when it is asked for.

Only what computes is understood: assignments, If, Select Case, Exit Function, Dim, Const. All else becomes an `Other`
that says what it is, so that a function with it is refused with its line. Source: Microsoft's MS-VBAL, 5 "Module Body
Syntax and Semantics".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from wizard.convert.vba.blocks import Blocks
from wizard.convert.vba.code import Line, apart, lines_of, shown_lines
from wizard.convert.vba.expressions import MARKS, NAME, WrittenConstant, constants, expression
from wizard.convert.vba.model import Compare, Constant, Procedure, UnsupportedVbaError, VbaParameter

_HEAD: Final = re.compile(
    rf"((?:(?:Public|Private|Friend|Static)\s+)*)(Function|Sub|Property\s+(?:Get|Let|Set))\s+{NAME}\s*(.*)$",
    re.IGNORECASE | re.DOTALL,
)
_END: Final = re.compile(r"End\s+(Function|Sub|Property)$", re.IGNORECASE)
_OPTION: Final = re.compile(r"Option\s+Compare\s+(Binary|Text|Database)$", re.IGNORECASE)
_CONST: Final = re.compile(r"((?:Public|Private|Global)\s+)?Const\s+(.*)$", re.IGNORECASE | re.DOTALL)
_ENUM: Final = re.compile(r"(?:(Public|Private)\s+)?Enum\s+(\w+)$", re.IGNORECASE)
_VARIABLE: Final = re.compile(rf"(?:Public|Private|Global|Dim)\s+(?:WithEvents\s+)?{NAME}", re.IGNORECASE)
_PARAMETER: Final = re.compile(
    rf"((?:(?:Optional|ByVal|ByRef|ParamArray)\s+)*){NAME}\s*(\(\s*\))?(?:\s+As\s+([\w.\[\]]+))?\s*(?:=\s*(.*))?$",
    re.IGNORECASE | re.DOTALL,
)

_MOST_STATEMENTS: Final = 400_000
"""of a module, whose lines are 65,534: parted by colons there could be hundreds of millions"""


@dataclass
class _Head:
    """A function as its first line announces it, and the lines within."""

    name: str
    mark: str
    line: int
    public: bool
    kind: str
    rest: str
    other: str = ""
    body: list[Line] = field(default_factory=list)
    end: int = 0


@dataclass
class VbaModule:
    """A module with what it declares, by case-folded name."""

    name: str
    compare: Compare = Compare.BINARY
    constants: dict[str, WrittenConstant] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)
    enumerations: set[str] = field(default_factory=set)
    heads: dict[str, list[_Head]] = field(default_factory=dict)
    other: str = ""
    """what of its declarations changes the meaning of all its code"""
    shown: list[str] = field(default_factory=list)
    """its lines, as the editor shows and counts them"""
    _read: dict[str, Constant | None] = field(default_factory=dict)

    def has(self, name: str, *, public: bool) -> bool:
        """Whether it has a function of that case-folded name, or a public one."""
        return any((h.public or not public) and h.kind == "function" for h in self.heads.get(name, ()))

    def constant(self, name: str) -> Constant | None:
        """One of its constants by its case-folded name; None where there is none, or its value cannot be read."""
        if name not in self._read:
            written = self.constants.get(name)
            self._read[name] = written.read() if written else None
        return self._read[name]

    def line_of(self, name: str) -> int:
        """The line that a function begins at."""
        return self.heads[name][0].line

    def size_of(self, name: str) -> int:
        """The characters of a function's statements."""
        return sum(len(text) for line in self.heads[name][0].body for text in line.statements)

    def source_of(self, name: str) -> str:
        """The lines of a function, as the editor shows them."""
        head = self.heads[name][0]
        return "\n".join(self.shown[head.line - 1 : head.end or len(self.shown)])

    def procedure(self, name: str) -> Procedure:
        """A function, read whole. Raises RefusedError."""
        heads = self.heads[name]
        head = heads[0]
        if self.other:
            raise UnsupportedVbaError(self.other, head.line)
        if len(heads) > 1:
            raise UnsupportedVbaError("it is written more than once, for conditional compilation", head.line)
        if head.other:
            raise UnsupportedVbaError(head.other, head.line)
        blocks = Blocks(head.body)
        try:
            parameters, returns = _signature(head)
            body = blocks.body()
        except UnsupportedVbaError as error:
            first = blocks.first or error
            raise UnsupportedVbaError(first.refusal.reason, first.refusal.line or head.line) from None
        if blocks.first:
            raise blocks.first
        return Procedure(
            self.name, head.name, head.line, head.public, parameters, returns, body,
            locals=blocks.locals, constants=blocks.constants, handled=blocks.handled,
            source=self.source_of(name),
        )  # fmt: skip


def read_module(name: str, source: str) -> VbaModule:
    """The module's declarations, and where its procedures are. Never raises: what is not understood has no effect."""
    module = VbaModule(name, shown=shown_lines(source))
    head: _Head | None = None
    enumeration: _Enumeration | None = None
    conditional = statements = 0
    for line in lines_of(source):
        statements += len(line.statements)
        if statements > _MOST_STATEMENTS:
            module.other = f"its module has more than {_MOST_STATEMENTS:,} statements"
            break
        for place, text in enumerate(line.statements):
            if head is not None:
                if _END.match(text):
                    head.end = line.number
                    head = None
                else:
                    head.body.append(Line(line.number, (text,), "" if place else line.label))
                continue
            if text.startswith("#"):
                conditional += {"#if": 1, "#end": -1}.get(text.split()[0].casefold(), 0)
            elif enumeration:
                enumeration = enumeration.after(text, module)
            elif found := _HEAD.match(text):
                head = _head(found, line.number, conditional=conditional > 0)
                module.heads.setdefault(head.name.casefold(), []).append(head)
            elif found := _ENUM.match(text):
                module.enumerations.add(found[2].casefold())
                enumeration = _Enumeration((found[1] or "public").casefold() == "public")
            else:
                _declared(text, module)
        if head is not None and not line.statements:
            head.body.append(line)
    return module


def _head(found: re.Match[str], number: int, *, conditional: bool) -> _Head:
    words = found[1].casefold().split()
    kind = found[2].casefold().split()[0]
    name = found[3].strip("[]")
    other = "conditional compilation decides about it" if conditional else ""
    if "static" in words:
        other = "it is Static: its variables keep their values"
    return _Head(name, found[4], number, "private" not in words, kind, found[5], other)


def _declared(text: str, module: VbaModule) -> None:
    if found := _OPTION.match(text):
        module.compare = Compare(found[1].casefold())
    elif re.match(r"Def[A-Z][a-z]+\s", text, re.IGNORECASE) and not re.match(r"Default", text, re.IGNORECASE):
        module.other = f"{text.split(maxsplit=1)[0]} gives variables types by their letters"
    elif found := _CONST.match(text):
        public = (found[1] or "").strip().casefold() in ("public", "global")
        for constant in constants(found[2], public=public):
            module.constants.setdefault(constant.name.casefold(), constant)
    elif found := _VARIABLE.match(text):
        parts = apart(text[found.start(1) :], ",")
        module.variables |= {m[1].strip("[]").casefold() for p in parts if (m := re.match(NAME, p))}


@dataclass
class _Enumeration:
    """Members of an Enum count on from the last one with a value of its own, the first from 0."""

    public: bool
    begin: str = "-1"
    behind: int = 0
    """how many members that is ago"""

    def after(self, text: str, module: VbaModule) -> _Enumeration | None:
        if re.match(r"End\s+Enum$", text, re.IGNORECASE):
            return None
        name, _, value = (p.strip() for p in text.partition("="))
        self.begin, self.behind = (value, 0) if value else (self.begin, self.behind + 1)
        text = f"({self.begin}) + {self.behind}" if self.behind else self.begin
        name = name.strip("[]")
        module.constants.setdefault(name.casefold(), WrittenConstant(name, text, "long", self.public))
        return self


def _signature(head: _Head) -> tuple[tuple[VbaParameter, ...], str]:
    """Parameters and the type of the result. Raises RefusedError."""
    inside, after = "", head.rest
    if head.rest.startswith("("):
        end = _closing(head.rest)
        inside, after = head.rest[1:end], head.rest[end + 1 :]
    returns = MARKS.get(head.mark, "variant")
    if found := re.match(r"\s*As\s+([\w.\[\]]+)\s*(\(\s*\))?", after, re.IGNORECASE):
        if found[2]:
            raise UnsupportedVbaError("it returns an array", head.line)
        returns = found[1].casefold()
    return tuple(_parameter(p, head.line) for p in apart(inside, ",") if p), returns


def _closing(text: str) -> int:
    depth, quoted = 0, False
    for place, character in enumerate(text):
        quoted = quoted is not (character == '"')
        depth += 0 if quoted else (character == "(") - (character == ")")
        if depth == 0:
            return place
    return len(text) - 1


def _parameter(text: str, line: int) -> VbaParameter:
    found = _PARAMETER.match(text)
    if not found:
        raise UnsupportedVbaError(f"its parameter “{text}” cannot be read", line)
    words = found[1].casefold().split()
    if "paramarray" in words or found[4]:
        raise UnsupportedVbaError(f"its parameter {found[2]} is an array", line)
    kind = MARKS.get(found[3], (found[5] or "variant").casefold())
    default = expression(found[6]) if found[6] else None
    return VbaParameter(found[2].strip("[]"), kind, "optional" in words, default, "byval" in words)
