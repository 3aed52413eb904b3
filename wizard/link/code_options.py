"""Options that calls of DAO get: dbSeeChanges, and dbOpenDynaset in place of dbOpenTable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from wizard.link.code_text import arguments, bare, calls, masked

_CONTINUED: Final = re.compile(r"\s_\n\s*")
_DYNASET: Final = ("dbopendynaset", "dao.dbopendynaset")
_TABLE: Final = ("dbopentable", "dao.dbopentable")
_RUNS: Final = re.compile(r"\.(Execute|OpenRecordset)\b", re.IGNORECASE)
_SELECT: Final = re.compile(r'\s*"\s*(?:SELECT|PARAMETERS|TRANSFORM)\b', re.IGNORECASE)


class Opening(Enum):
    """What a finding asks of a call."""

    OPENED = auto()
    """OpenRecordset of something with an IDENTITY column"""
    EXECUTED = auto()
    """Execute of a statement that changes something with an IDENTITY column"""
    TABLE = auto()
    """OpenRecordset with dbOpenTable"""
    UNKNOWN = auto()
    """OpenRecordset or Execute of what is known only at run time"""
    DEFINITION = auto()
    """OpenRecordset or Execute of a QueryDef, whose arguments are options alone"""


class UncertainChangeError(Exception):
    """A line is not plain enough to be changed by a program; the text says why."""


def with_options(text: str, opening: Opening, count: int) -> str:
    """A statement with the options that `count` findings ask for. Raises UncertainChangeError."""
    if opening is Opening.DEFINITION:
        return _of_definition(text, count)
    executes = opening is Opening.EXECUTED or (opening is Opening.UNKNOWN and any(calls(text, "execute")))
    spans = list(calls(text, "execute" if executes else "openrecordset"))
    if opening is Opening.UNKNOWN and executes and any(calls(text, "openrecordset")):
        raise UncertainChangeError("Execute and OpenRecordset stand in one line")
    if len(spans) != count:
        raise UncertainChangeError("it is not plain which call of the line is meant")
    for begin, end in reversed(spans):
        given = arguments(text, begin, end)
        text = text[:begin] + _options(given, opening, executes=executes) + text[end:]
    return text


def _options(given: Sequence[str], opening: Opening, *, executes: bool) -> str:
    if any(":=" in bare(a) for a in given) or not given or not given[0].strip():
        raise UncertainChangeError("its arguments have names")
    head = given[0].rstrip()
    rest = [_CONTINUED.sub(" ", f" {a}").strip() for a in given[1:]]
    if len(rest) > (1 if executes else 3):
        raise UncertainChangeError("it has more arguments than are known")
    if "dbseechanges" in bare(" ".join(rest)).casefold():
        return ",".join(given)
    if executes:
        options = rest[0] if rest and rest[0] else ""
        return f"{head}, {options} + dbSeeChanges" if options else f"{head}, dbSeeChanges"
    kind, options, lock = (*rest, "", "", "")[:3]
    if opening is Opening.TABLE:
        if kind.casefold() not in _TABLE:
            raise UncertainChangeError("dbOpenTable does not stand in its place")
        kind = "dbOpenDynaset"
    if opening is Opening.UNKNOWN and not kind and not _SELECT.match(head):
        raise UncertainChangeError("a name opens a recordset of another type on a local table than on a link")
    if opening is Opening.UNKNOWN and kind and kind.casefold() not in _DYNASET:
        raise UncertainChangeError("it opens no dynaset")
    kind = kind or "dbOpenDynaset"
    options = f"{options} + dbSeeChanges" if options else "dbSeeChanges"
    return ", ".join([head, kind, options, *([lock] if lock else [])])


def _of_definition(text: str, count: int) -> str:
    """`q.Execute options` and `q.OpenRecordset(type, options)`, with arguments or without."""
    code = masked(text)
    found = list(_RUNS.finditer(code))
    if len(found) != 1 or count != 1:
        raise UncertainChangeError("it is not plain which call of the line is meant")
    executes = found[0][1].casefold() == "execute"
    spans = list(calls(text, found[0][1]))
    begin, end = spans[0] if spans else (found[0].end(1), found[0].end(1))
    given = [_CONTINUED.sub(" ", f" {a}").strip() for a in arguments(text, begin, end)] if spans else []
    if any(":=" in bare(a) for a in given) or len(given) > (1 if executes else 3):
        raise UncertainChangeError("its arguments have names, or are more than are known")
    if "dbseechanges" in bare(" ".join(given)).casefold():
        return text
    if executes:
        made = f"{given[0]} + dbSeeChanges" if given and given[0] else "dbSeeChanges"
        return text[:begin] + (made if spans else f" {made}") + text[end:]
    kind, options, lock = (*given, "", "", "")[:3]
    made = ", ".join(
        [kind or "dbOpenDynaset", f"{options} + dbSeeChanges" if options else "dbSeeChanges", *([lock] if lock else [])]
    )
    return text[:begin] + (made if spans else f"({made})") + text[end:]
