"""Changes of VBA code that can be made by rule, line by line, for a person to read and to take back.

Only what is certain is changed: an option is added, a key is read behind .Update, Seek on a unique key becomes
FindFirst, and so on; each kind has a module of its own. What is less plain is told with the reason, and what asks for
judgement (DDL, transactions) stays a finding. A module's changes are made together or not at all, and only while its
text is what was read.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from wizard.access.application import Module
from wizard.access.application.source_files import redacted_code
from wizard.convert.vba.code import shown_lines
from wizard.link.code_literals import for_the_server, with_names, with_true
from wizard.link.code_options import Opening, UncertainChangeError, with_options
from wizard.link.code_records import CodeEdit, CodeEdits, Linked, find_for_seek, key_after_update
from wizard.link.code_text import CodeStatement, ModuleText, is_closed, masked
from wizard.link.declares import safe_declaration
from wizard.messages import Message, Topic


@dataclass(frozen=True, slots=True)
class LineChange:
    """Lines of a module, counted from 1 as the editor counts them, and what stands there afterwards."""

    line: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    why: str
    """the finding's code, or what is prepared here"""


@dataclass(frozen=True, slots=True)
class ModuleChange:
    """All changes of a module; `lines` and `checksum` show whether it still is what was read."""

    module: str
    lines: int
    checksum: int
    lines_after: int
    checksum_after: int
    changes: tuple[LineChange, ...]
    diff: str
    """unified, for a person"""


@dataclass(frozen=True, slots=True)
class CodeRefusal:
    """A finding whose answer is mechanical, and which was not found so in the text."""

    module: str
    line: int
    code: str
    why: str


@dataclass(frozen=True)
class CodeChanges:
    """What the code step offers, and what it could not."""

    modules: tuple[ModuleChange, ...] = ()
    left: tuple[CodeRefusal, ...] = ()


def checksum(lines: Iterable[str]) -> int:
    """A number that changes with the text, computed the same in VBA: there are no unsigned numbers, nor long ones.

    Lines without blanks at their ends, in UTF-16 units: `h = (h * 31 + unit) Mod 2147483647`, a line end counts as 10.
    """
    found = 0
    for line in lines:
        units = line.rstrip(" \t").encode("utf-16-le", "surrogatepass")
        for place in range(0, len(units), 2):
            found = (found * 31 + units[place] + 256 * units[place + 1]) % 2147483647
        found = (found * 31 + 10) % 2147483647
    return found


def code_changes(
    modules: Sequence[Module],
    findings: Iterable[Message],
    fills: Mapping[str, Sequence[tuple[int, str]]] | None = None,
    linked: Linked | None = None,
) -> CodeChanges:
    """Answers to findings.

    Args:
        findings: of stage 5; those without a mechanical answer are passed over.
        fills: by module, lines that run a pass-through query, with its name: its parameters are filled before.
        linked: the tables that become links.

    A module with passwords or keys in its text is left alone: the report would show them.
    """
    wanted: dict[str, list[Message]] = defaultdict(list)
    for message in findings:
        if message.topic in _ANSWERED and message.place.line:
            wanted[message.place.name].append(message)
    by_name = {m.name: m for m in modules if m.source}
    made, left = [], []
    for name in dict.fromkeys((*wanted, *(fills or {}))):
        module, own = by_name.get(name), (fills or {}).get(name, ())
        if module is None or redacted_code(module.source or "") != module.source:
            told = [(m.place.line, m.code) for m in wanted[name]] + list(own)
            left += [CodeRefusal(name, line, code, _SECRET if module else _NO_SOURCE) for line, code in told]
            continue
        changing = _ChangingModule(module, linked or {})
        changing.answer(wanted[name])
        changing.fill(own)
        left += changing.left
        if change := changing.change():
            made.append(change)
    return CodeChanges(tuple(made), tuple(left))


_SECRET: Final = "the module's text holds a password or key"
_NO_SOURCE: Final = "the module's text could not be read"
_MOST_ANSWERED: Final = 1_000
"""findings of a module: the work for one grows with its procedure"""
_TOO_MANY: Final = f"the module has more than {_MOST_ANSWERED:,} findings"
_LONGEST_LINE: Final = 1023
"""characters of a line that VBA's editor takes"""
_NEEDS_TABLE: Final = re.compile(r"[.!](?:Seek|Index|RecordCount)\b", re.IGNORECASE)
"""what a recordset of another type does not have, or gives otherwise"""
_OPTIONS: Final = {
    Topic.RECORDSET_OPENED: Opening.OPENED,
    Topic.STATEMENT_EXECUTED: Opening.EXECUTED,
    Topic.TABLE_RECORDSET: Opening.TABLE,
    Topic.UNKNOWN_EXECUTED: Opening.UNKNOWN,
    Topic.DEFINITION_RUN: Opening.DEFINITION,
}
_ANSWERED: Final = frozenset(
    [*_OPTIONS, Topic.SEEK, Topic.EARLY_KEY, Topic.ACCESS_LITERAL, Topic.TRUE_AS_NUMBER, Topic.RENAMED, Topic.DECLARE]
)


@dataclass
class _ChangingModule:
    """A module while answers are given: each is made wholly or not at all."""

    module: Module
    linked: Linked
    left: list[CodeRefusal] = field(default_factory=list)
    text: ModuleText = field(init=False)
    new: dict[CodeStatement, str] = field(default_factory=dict)
    """what the statements become that are changed"""
    why: dict[CodeStatement, dict[str, None]] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(init=False)
    tables: Sequence[CodeStatement] = field(init=False)
    """statements with what only a recordset of type table has"""

    def __post_init__(self) -> None:
        lines = shown_lines(self.module.source or "")
        while lines and not lines[-1].strip():
            lines.pop()
        self.text = ModuleText(lines)
        self.tables = [s for s in self.text.statements if _NEEDS_TABLE.search(s.code)]
        self.renamed = _renamed(self.linked)

    def answer(self, findings: Sequence[Message]) -> None:
        """Findings with Seek go first: what opens their recordset is changed with them."""
        once = list(dict.fromkeys((m.place.line, m.topic, m.code) for m in findings))
        beyond = [(line, code) for line, _, code in once[_MOST_ANSWERED:]]
        self.left += [CodeRefusal(self.module.name, line, code, _TOO_MANY) for line, code in beyond]
        counts = Counter((m.place.line, m.topic) for m in findings)
        for line, topic, code in sorted(once[:_MOST_ANSWERED], key=lambda f: (f[1] is not Topic.SEEK, f[0])):
            try:
                self._make(self._edits(line, topic, counts[line, topic]), code)
            except UncertainChangeError as e:
                self.left.append(CodeRefusal(self.module.name, line, code, str(e)))

    def _edits(self, line: int, topic: Topic, count: int) -> CodeEdits:
        if topic is Topic.EARLY_KEY:
            return key_after_update(self.text, line)
        statement = self.text.at(line)
        if statement is None:
            raise UncertainChangeError("the module has no such line")
        if topic is Topic.SEEK:  # all Seeks of a recordset, and its Index, are answered with the first of them
            return () if statement in self.new else find_for_seek(self.text, line, self.linked)
        if topic is Topic.TABLE_RECORDSET and self._needs_table():
            raise UncertainChangeError("Seek, Index or RecordCount in the module may be of this recordset")
        edits: Mapping[Topic, CodeEdit] = {
            Topic.DECLARE: safe_declaration,
            Topic.ACCESS_LITERAL: for_the_server,
            Topic.TRUE_AS_NUMBER: partial(with_true, tables=[t for t, _ in self.linked.values()]),
            Topic.RENAMED: partial(with_names, renamed=self.renamed),
        }
        if topic in edits:
            return ((statement, edits[topic]),)
        return ((statement, partial(with_options, opening=_OPTIONS[topic], count=count)),)

    def _needs_table(self) -> bool:
        """Whether something is left in the module that only a recordset of type table has."""
        return any(_NEEDS_TABLE.search(masked(self.new.get(s, s.text))) for s in self.tables)

    def _make(self, edits: CodeEdits, code: str) -> None:
        """Raises UncertainChangeError, and then has changed nothing."""
        new: dict[CodeStatement, str] = {}
        for statement, edit in edits:
            if not is_closed(statement.text):
                raise UncertainChangeError("a text in it does not end")
            new[statement] = edit(new.get(statement, self.new.get(statement, statement.text)))
            if any(len(part) > _LONGEST_LINE for part in new[statement].split("\n")):
                raise UncertainChangeError("the line would be longer than VBA takes")
        for statement, _ in edits:
            if new[statement] != statement.text:
                self.why.setdefault(statement, {})[code] = None
        self.new |= new

    def fill(self, calls: Sequence[tuple[int, str]]) -> None:
        """Lines that fill the parameters of a query before it runs."""
        for line, query in dict.fromkeys(calls):
            statement = self.text.at(line)
            if statement is None or not statement.plain:
                why = "no line can be put before it: it stands in a line with other statements"
                self.left.append(CodeRefusal(self.module.name, line, query, why))
                continue
            text = self.new.get(statement, statement.text)
            indent = statement.text[: len(statement.text) - len(statement.text.lstrip())]
            filling = f'{indent}JetferryFill "{query.replace(chr(34), chr(34) * 2)}"'
            if filling not in (*text.split("\n"), *self.text.lines[statement.first - 1 : statement.first]):
                self.new[statement] = f"{filling}\n{text}"
                self.why.setdefault(statement, {})

    def change(self) -> ModuleChange | None:
        """All changes; None where there is none."""
        changes = tuple(self._changes())
        if not changes:
            return None
        lines, new = list(self.text.lines), list(self.text.lines)
        for change in reversed(changes):
            new[change.line - 1 : change.line - 1 + len(change.before)] = change.after
        name = self.module.name
        diff = "\n".join(difflib.unified_diff(lines, new, f"a/{name}", f"b/{name}", lineterm=""))
        return ModuleChange(name, len(lines), checksum(lines), len(new), checksum(new), changes, diff + "\n")

    def _changes(self) -> Iterator[LineChange]:
        for statement in sorted(self.new, key=lambda s: s.first):
            text = self.new[statement]
            if text != statement.text:
                after = tuple(text.split("\n")) if text else ()
                why = ", ".join(self.why[statement]) or "parameters are filled"
                yield LineChange(statement.first + 1, tuple(statement.text.split("\n")), after, why)


def _renamed(linked: Linked) -> Mapping[str, str]:
    """Columns that have one other name on the server, whatever table they are of, by case-folded name."""
    found: dict[str, set[str]] = defaultdict(set)
    for access, server in linked.values():
        there = {c.source.casefold(): c.name for c in server.columns if c.source}
        for column in access.columns:
            found[column.name.casefold()].add(there.get(column.name.casefold(), column.name))
    return {
        name: new
        for name, (new, *others) in found.items()
        if not others and new.casefold() != name and name not in linked and '"' not in new and "]" not in new
    }
