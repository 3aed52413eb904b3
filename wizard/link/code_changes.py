"""Changes of VBA code that can be made by rule, line by line, for a person to read and to take back.

Only what means the same on the Access file itself is changed: an option is added, or a line that fills a query's
parameters is put before the one that runs it. What asks for judgement (a key read too early, Seek, DDL) stays a
finding. A module's changes are made together or not at all, and only while its text is what was read.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wizard.access.application import Module
from wizard.access.application.source_files import redacted_code
from wizard.convert.vba.code import shown_lines
from wizard.messages import Message, Topic

_CONTINUED: Final = re.compile(r"\s_\n\s*")
_END: Final = re.compile(r"\b(?:Else|ElseIf)\b", re.IGNORECASE)
_ONE_LINE_IF: Final = re.compile(r"^\s*(?:Else)?If\b.*\bThen\b\s*\S", re.IGNORECASE)
_LABEL: Final = re.compile(r"^\s*(?:\d+\s|[^\W\d]\w*:(?!=))")
_CHAIN: Final = re.compile(r"[ \t]*[\w.!()\[\]\0\"]*")
_BEGINS: Final = re.compile(r"\b(?:Then|Else)\b|:(?!=)|(?<! _)\n", re.IGNORECASE)


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
) -> CodeChanges:
    """Answers to findings.

    Args:
        findings: of stage 5; those without a mechanical answer are passed over.
        fills: by module, lines that run a pass-through query, with its name: its parameters are filled before.

    A module with passwords or keys in its text is left alone: the report would show them.
    """
    wanted: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for message in findings:
        if answer := _ANSWERS.get(message.topic):
            wanted[message.place.name].append((message.place.line, answer, message.code))
    for name, lines in (fills or {}).items():
        wanted[name] += [(line, _FILL, query) for line, query in lines]
    by_name = {m.name: m for m in modules if m.source}
    made, left = [], []
    for name, asked in wanted.items():
        module = by_name.get(name)
        if module is None or redacted_code(module.source or "") != module.source:
            left += [CodeRefusal(name, line, code) for line, _, code in asked]
            continue
        change, refused = _change(module, list(asked))
        left += refused
        if change:
            made.append(change)
    return CodeChanges(tuple(made), tuple(left))


_OPEN, _RUN, _TABLE, _FILL = "open", "run", "table", "fill"
_NEEDS_TABLE: Final = re.compile(r"[.!](?:Seek|Index|RecordCount)\b", re.IGNORECASE)
"""what a recordset of another type does not have, or gives otherwise"""
_ANSWERS: Final = {
    Topic.RECORDSET_OPENED: _OPEN,
    Topic.STATEMENT_EXECUTED: _RUN,
    Topic.TABLE_RECORDSET: _TABLE,
}


def _change(module: Module, asked: Sequence[tuple[int, str, str]]) -> tuple[ModuleChange | None, list[CodeRefusal]]:
    lines = shown_lines(module.source or "")
    while lines and not lines[-1].strip():
        lines.pop()
    changes: list[LineChange] = []
    refused: list[CodeRefusal] = []
    by_line: dict[int, list[tuple[str, str]]] = defaultdict(list)
    needs_table = _NEEDS_TABLE.search(_masked("\n".join(lines)))
    for line, answer, code in dict.fromkeys(asked):
        if answer == _TABLE and needs_table:
            refused.append(CodeRefusal(module.name, line, code))
        else:
            by_line[line].append((answer, code))
    for line in sorted(by_line):
        if changes and line < changes[-1].line + len(changes[-1].before):
            refused += [CodeRefusal(module.name, line, code) for _, code in by_line[line]]
            continue
        change = _of_line(lines, line, by_line[line])
        if change is None:
            refused += [CodeRefusal(module.name, line, code) for _, code in by_line[line]]
        else:
            changes.append(change)
    if not changes:
        return None, refused
    new = list(lines)
    for change in reversed(changes):
        new[change.line - 1 : change.line - 1 + len(change.before)] = change.after
    name = module.name
    diff = "\n".join(difflib.unified_diff(lines, new, f"a/{name}", f"b/{name}", lineterm=""))
    found = ModuleChange(name, len(lines), checksum(lines), len(new), checksum(new), tuple(changes), diff + "\n")
    return found, refused


def _of_line(lines: Sequence[str], line: int, answers: Sequence[tuple[str, str]]) -> LineChange | None:
    """The change of the statement that begins, or is continued, in a line; None where it is not as expected."""
    first = line - 1
    while first > 0 and lines[first - 1].rstrip().endswith(" _"):
        first -= 1
    last = line - 1
    while last + 1 < len(lines) and lines[last].rstrip().endswith(" _"):
        last += 1
    if last >= len(lines):
        return None
    before = tuple(lines[first : last + 1])
    text = "\n".join(before)
    kinds = {answer for answer, _ in answers}
    for answer in sorted(kinds - {_FILL}):
        edited = _answered(text, answer, sum(a == answer for a, _ in answers))
        if edited is None:
            return None
        text = edited
    after = text.split("\n")
    if any(len(part) > _LONGEST_LINE for part in after):
        return None
    if _FILL in kinds:
        if _LABEL.match(before[0]) or _ONE_LINE_IF.match(before[0]) or ":" in _bare(text):
            return None
        indent = before[0][: len(before[0]) - len(before[0].lstrip())]
        names = [code for answer, code in answers if answer == _FILL]
        after = [f'{indent}JetferryFill "{n.replace(chr(34), chr(34) * 2)}"' for n in names] + after
    why = ", ".join(dict.fromkeys(code for answer, code in answers if answer != _FILL))
    return LineChange(first + 1, before, tuple(after), why or "parameters are filled")


_LONGEST_LINE: Final = 1023
"""characters of a line that VBA's editor takes"""


def _answered(text: str, answer: str, count: int) -> str | None:
    method = "execute" if answer == _RUN else "openrecordset"
    spans = list(_calls(text, method))
    if len(spans) != count:
        return None  # others of the same method stand there, and which is meant is not known
    for begin, end in reversed(spans):
        given = _arguments(text, begin, end)
        new = _with_options(given, answer)
        if new is None:
            return None
        text = text[:begin] + new + text[end:]
    return text


def _with_options(given: Sequence[str], answer: str) -> str | None:
    """The arguments with what the finding asks for; None where they are not understood."""
    if any(":=" in _bare(a) for a in given) or not given or not given[0].strip():
        return None
    head = given[0].rstrip()
    rest = [_CONTINUED.sub(" ", f" {a}").strip() for a in given[1:]]
    if answer == _RUN:
        if len(rest) > 1:
            return None
        options = rest[0] if rest and rest[0] else ""
        return f"{head}, {options} + dbSeeChanges" if options else f"{head}, dbSeeChanges"
    if len(rest) > 3:
        return None
    kind, options, lock = (*rest, "", "", "")[:3]
    if answer == _TABLE:
        if kind.casefold() not in ("dbopentable", "dao.dbopentable"):
            return None
        kind = "dbOpenDynaset"
    kind = kind or "dbOpenDynaset"
    options = f"{options} + dbSeeChanges" if options else "dbSeeChanges"
    return ", ".join([head, kind, options, *([lock] if lock else [])])


# --- finding calls in text --------------------------------------------------------------------------------------------


def _masked(text: str) -> str:
    """The text with the same length, literals and comments blanked: what is left is code."""
    out = []
    place = 0
    while place < len(text):
        character = text[place]
        if character == '"':
            end = place + 1
            while end < len(text) and text[end] != "\n":
                if text[end] == '"':
                    if text[end + 1 : end + 2] != '"':
                        break
                    end += 1
                end += 1
            out.append(
                '"' + "\0" * (end - place - 1) + '"' if end < len(text) and text[end] == '"' else "\0" * (end - place)
            )
            place = end + 1 if end < len(text) and text[end] == '"' else end
        elif character == "'":
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            out.append("\0" * (end - place))
            place = end
        else:
            out.append(character)
            place += 1
    return "".join(out)


def _bare(text: str) -> str:
    return _masked(text).replace("\0", "")


def _calls(text: str, method: str) -> Iterator[tuple[int, int]]:
    """Where the arguments of each call of a method begin and end."""
    masked = _masked(text)
    for match in re.finditer(rf"[.!]{method}\b[ \t]*", masked, re.IGNORECASE):
        begin = match.end()
        closing = _closing(masked, begin) if masked[begin : begin + 1] == "(" else None
        whole = _statement_end(masked, begin)
        if closing is not None:
            behind = masked[closing + 1 : whole].lstrip(" \t")[:1]
            statement = _is_statement(masked, match.start()) and behind not in (".", "!")
            if not statement:
                yield begin + 1, closing
            elif behind in ("", ","):  # `db.Execute (sql), options`: the parentheses are the first argument's
                yield begin, whole
        elif whole > begin:
            yield begin, whole


def _is_statement(masked: str, method: int) -> bool:
    """Whether a statement begins with the chain of names before a method: what follows are its arguments, bare."""
    begin = max((m.end() for m in _BEGINS.finditer(masked, 0, method)), default=0)
    return bool(_CHAIN.fullmatch(masked, begin, method))


def _closing(masked: str, begin: int) -> int | None:
    depth = 0
    for place in range(begin, len(masked)):
        if masked[place] in "()":
            depth += 1 if masked[place] == "(" else -1
            if depth == 0:
                return place
    return None


def _statement_end(masked: str, begin: int) -> int:
    """Where the statement ends that goes on at `begin`: before `:`, Else, a comment or the end, blanks left out."""
    end = len(masked)
    for place in range(begin, len(masked)):
        colon = masked[place] == ":" and masked[place + 1 : place + 2] != "="
        comment = masked[place] == "\0" and masked[place - 1] != '"' and masked[place - 1 : place] != "\0"
        if colon or comment or (masked[place - 1 : place].isspace() and _END.match(masked, place)):
            end = place
            break
    while end > begin and masked[end - 1].isspace():
        end -= 1
    return end


def _arguments(text: str, begin: int, end: int) -> list[str]:
    """The texts of the arguments, parted by commas of the call itself."""
    masked = _masked(text)
    found, start, depth = [], begin, 0
    for place in range(begin, end):
        if masked[place] in "()[]":
            depth += 1 if masked[place] in "([" else -1
        elif masked[place] == "," and depth == 0:
            found.append(text[start:place])
            start = place + 1
    return [*found, text[start:end]]
