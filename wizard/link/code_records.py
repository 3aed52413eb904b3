"""Changes of what code does with a recordset: a key that is read too early, and Seek.

Both are made only where every use of the recordset in its procedure is seen and none of them would notice: the
variable is of the procedure alone, given to nothing else, and what stands between is a straight line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wizard.definitions import ColumnType, Table
from wizard.link.code_options import Opening, UncertainChangeError, with_options
from wizard.link.code_text import CodeStatement, ModuleText, arguments, calls, literals
from wizard.objects import ServerTable

CodeEdit = Callable[[str], str]
"""a statement's text to what stands in its place; empty where nothing does"""
CodeEdits = Sequence[tuple[CodeStatement, CodeEdit]]
Linked = Mapping[str, tuple[Table, ServerTable]]
"""the tables that become links, by case-folded name, with what they are on the server"""

_FIELD: Final = r"(?:!\s*(?:\w+|\[\0*\])|(?:\.\s*Fields)?\(\s*\"\0*\"\s*\)|\.\s*Fields\s*!\s*(?:\w+|\[\0*\]))"
_EARLY: Final = re.compile(
    rf"\s*(?:Let\s+)?(?P<into>[^\W\d]\w*[%&$]?)\s*=\s*(?P<of>[^\W\d]\w*)?{_FIELD}(?:\.Value)?\s*", re.IGNORECASE
)
_CONTROL: Final = re.compile(
    r"\s*(?:\#|(?:If|Else|ElseIf|End|For|Next|Do|Loop|While|Wend|Select|Case|With|GoTo|GoSub|Exit|On|Return|Resume|Stop"
    r"|Error)\b)",
    re.IGNORECASE,
)
_REPEATS: Final = re.compile(r"\s*(?:For|Do|While|GoTo|GoSub|Resume)\b", re.IGNORECASE)
_PARTS: Final = re.compile(r":(?!=)|\b(?:Then|Else)\b", re.IGNORECASE)
"""what parts the statements of a line"""
_DOT: Final = re.compile(r"(?<![\w)\]\"])[.!](?=[^\W\d]|\[)")
"""what begins with the object of a With"""
_DECLARES: Final = re.compile(r"\s*(?:Dim|Static)\s", re.IGNORECASE)
_FOREIGN: Final = re.compile(r"\bADODB\b", re.IGNORECASE)
_ROUND_ADDING: Final = frozenset(
    ["declared", "dropped", "opened", "with", "close", "compared", "addnew", "update", "written"]
)
_ROUND_SEEKING: Final = _ROUND_ADDING | frozenset(
    ["edit", "delete", "cancelupdate", "nomatch", "read", "seek", "index"]
)
_NUMBERS: Final = (ColumnType.BYTE, ColumnType.INTEGER, ColumnType.LONG)
_NUMBER: Final = re.compile(r"-?\d{1,10}")
_CHAIN: Final = re.compile(r"[^\W\d]\w*(?:[.!](?:[^\W\d]\w*|\[[^\[\]]*\]))*")


@dataclass(frozen=True, slots=True)
class _RecordsetUse:
    """One thing that a procedure does with a recordset."""

    statement: CodeStatement
    what: str
    """a method or property in small letters, or `declared`, `opened`, `dropped`, `with`, `written`, `read`, `other`"""


# --- a key that is read before Update --------------------------------------------------------------------------------


def key_after_update(module: ModuleText, line: int) -> CodeEdits:
    """What reads a key before .Update is put behind it, where the record is gone to. Raises UncertainChangeError."""
    reading = module.at(line)
    found = _EARLY.fullmatch(reading.code) if reading and reading.plain else None
    if reading is None or found is None:
        raise UncertainChangeError("the key is not just put into a variable")
    name = found["of"] or (reading.withs[-1] if reading.withs else "")
    procedure = module.procedure_of(reading)
    into = found["into"].rstrip("%&$")
    if not _is_own(procedure, name) or not (_is_own(procedure, into) or _of_head(procedure, into)):
        raise UncertainChangeError("a variable of it is not of the procedure alone")
    begin = procedure.index(reading)
    update = _update(procedure, begin, name, into)
    whole = any(_REPEATS.match(s.code) for s in procedure)
    checked = procedure if whole else procedure[update:]
    for use in _uses(checked, name):
        between = begin <= procedure.index(use.statement) <= update
        if use.what not in _ROUND_ADDING and not between:
            raise UncertainChangeError("the recordset is used further, and would stand on the new record there")
    saving = procedure[update]
    indent = saving.text[: len(saving.text) - len(saving.text.lstrip())]
    before = found["of"] or ""

    def behind(text: str) -> str:
        moved = f"\n{indent}{before}.Bookmark = {before}.LastModified"
        return text + (moved if moved not in text else "") + f"\n{indent}{reading.text.strip()}"

    return ((reading, lambda _: ""), (saving, behind))


def _update(procedure: Sequence[CodeStatement], begin: int, name: str, into: str) -> int:
    """The place of the Update that saves the record; nothing between decides, repeats or asks for the key."""
    update = re.compile(rf"\s*(?:{re.escape(name)})?\.Update\s*", re.IGNORECASE)
    for place in range(begin + 1, len(procedure)):
        statement = procedure[place]
        if update.fullmatch(statement.code):
            return place
        if _CONTROL.match(statement.code) or not statement.plain:
            break
        if re.search(rf"(?<![.!\w]){re.escape(into)}\b", statement.code, re.IGNORECASE):
            raise UncertainChangeError("the key is needed before .Update")
        if any(u.what not in ("written", "read") for u in _uses([statement], name)):
            break
    raise UncertainChangeError("what stands between it and .Update is not a straight line")


# --- Seek ------------------------------------------------------------------------------------------------------------


def find_for_seek(module: ModuleText, line: int, linked: Linked) -> CodeEdits:
    """Seek on a unique key becomes FindFirst, Index goes, and the recordset opens as a dynaset.

    Args:
        line: of a Seek, or where Index is set.

    Raises UncertainChangeError.
    """
    statement = module.at(line)
    found = re.match(r"\s*([^\W\d]\w*)?\.(?:Seek|Index)\b", statement.code, re.IGNORECASE) if statement else None
    if statement is None or found is None:
        raise UncertainChangeError("it stands within a longer line")
    name = found[1] or (statement.withs[-1] if statement.withs else "")
    procedure = module.procedure_of(statement)
    if not _is_own(procedure, name):
        raise UncertainChangeError("its recordset is not of the procedure alone")
    uses = list(_uses(procedure, name))
    if other := next((u.what for u in uses if u.what not in _ROUND_SEEKING), ""):
        raise UncertainChangeError(f"the recordset is used otherwise too ({other})")
    opened, indexed = ([u.statement for u in uses if u.what == what] for what in ("opened", "index"))
    if len(opened) != 1 or len(indexed) != 1:
        raise UncertainChangeError("it is not plain which table and index it looks through")
    seeks = [u.statement for u in uses if u.what == "seek"]
    if not all(s.plain for s in (*opened, *indexed, *seeks)):
        raise UncertainChangeError("it stands in a line with other statements")
    columns = _columns(opened[0], indexed[0], name, linked)
    return (
        (opened[0], _as_dynaset),
        (indexed[0], lambda _: ""),
        *((s, lambda text: _found(text, columns)) for s in seeks),
    )


def _as_dynaset(text: str) -> str:
    kind = Opening.TABLE if re.search(r"\bdbOpenTable\b", text, re.IGNORECASE) else Opening.OPENED
    return with_options(text, kind, 1)


def _columns(
    opened: CodeStatement, indexed: CodeStatement, name: str, linked: Linked
) -> tuple[tuple[str, ColumnType], ...]:
    """The columns of the key that is looked through, as the server has them, and their types."""
    spans = list(calls(opened.text, "openrecordset"))
    table = _literal(arguments(opened.text, *spans[0])[0]) if len(spans) == 1 else ""
    pattern = rf"\s*(?:{re.escape(name)})?\.Index\s*=\s*(\"\0*\")\s*"
    setting = re.fullmatch(pattern, indexed.code, re.IGNORECASE)
    index = _literal(indexed.text[setting.start(1) : setting.end(1)]) if setting else ""
    access, server = linked.get(table.casefold(), (None, None))
    if access is None or server is None or not index:
        raise UncertainChangeError("its table or index is known only at run time")
    key = next((i for i in access.indexes if i.name.casefold() == index.casefold()), None)
    if key is None or not (key.unique or key.primary):
        raise UncertainChangeError(f"{index} is no unique index of {access.name}")
    names = {c.source.casefold(): c.name for c in server.columns if c.source}
    found = []
    for column in key.columns:
        kind = access.by_name[column.name.casefold()].type
        there = names.get(column.name.casefold(), "")
        if kind not in (*_NUMBERS, ColumnType.TEXT) or not there or '"' in there or "]" in there:
            raise UncertainChangeError(f"{column.name} is neither a whole number nor a text")
        found.append((there, kind))
    return tuple(found)


def _found(text: str, columns: Sequence[tuple[str, ColumnType]]) -> str:
    """`rs.Seek "=", x` as `rs.FindFirst "[ID] = " & Nz(x, "Null")`: Null equals nothing either way."""
    spans = list(calls(text, "seek"))
    given = arguments(text, *spans[0]) if len(spans) == 1 else []
    if len(given) != len(columns) + 1 or _literal(given[0]) != "=":
        raise UncertainChangeError("it does not look for one value of each column of the index")
    parts = [_equals(name, kind, value.strip()) for (name, kind), value in zip(columns, given[1:], strict=True)]
    begin, end = spans[0]
    criterion = ' & " And " & '.join(parts).replace('" & "', "")
    start = begin - len(re.search(r"Seek\s*$", text[:begin], re.IGNORECASE)[0])  # type: ignore[index]
    return f"{text[:start]}FindFirst {criterion}{text[end:]}"


def _equals(name: str, kind: ColumnType, value: str) -> str:
    if kind in _NUMBERS:
        return f'"[{name}] = {value}"' if _NUMBER.fullmatch(value) else f'"[{name}] = " & Nz({value}, "Null")'
    if known := _literal(value):
        escaped = known.replace("'", "''").replace('"', '""')
        return f"\"[{name}] = '{escaped}'\""
    if not _CHAIN.fullmatch(value):
        raise UncertainChangeError("the text that it looks for is computed in the line")
    quoted = f'"\'" & Replace(Nz({value}), "\'", "\'\'") & "\'"'
    return f'"[{name}] = " & IIf(IsNull({value}), "Null", {quoted})'


def _literal(text: str) -> str:
    """The text that a literal is; empty where it is none."""
    stripped = text.strip()
    spans = list(literals(stripped))
    return stripped[1:-1].replace('""', '"') if spans == [(1, len(stripped) - 1)] else ""


# --- what a procedure does with a recordset --------------------------------------------------------------------------


def _is_own(procedure: Sequence[CodeStatement], name: str) -> bool:
    """Whether a name is a variable that the procedure itself declares."""
    if not re.fullmatch(r"[^\W\d]\w*", name):
        return False
    declared = [s.code for s in procedure if _DECLARES.match(s.code) and _word(name).search(s.code)]
    return bool(declared) and not any(_FOREIGN.search(d) for d in declared)


def _of_head(procedure: Sequence[CodeStatement], name: str) -> bool:
    """Whether it is a parameter, or the function's own name."""
    return bool(procedure) and bool(_word(name).search(procedure[0].code))


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![.!\w]){re.escape(name)}(?!\w)", re.IGNORECASE)


def _uses(statements: Sequence[CodeStatement], name: str) -> Iterator[_RecordsetUse]:
    """All uses of a recordset, also those that begin with a dot within its With."""
    for statement in statements:
        within = bool(statement.withs) and statement.withs[-1].casefold() == name.casefold()
        for code in _PARTS.split(statement.code):
            places = [m.end() for m in _word(name).finditer(code)]
            if within:
                places += [m.start() for m in _DOT.finditer(code)]
            for place in sorted(places):
                yield _RecordsetUse(statement, _what(code, place, name))


def _what(code: str, place: int, name: str) -> str:
    """What stands behind the recordset, which ends at a place."""
    behind, before = code[place:], code[:place]
    if field := re.match(rf"\s*{_FIELD}(?:\.Value)?\s*(=)?", behind, re.IGNORECASE):
        begins = re.fullmatch(rf"\s*(?:Let\s+)?(?:{re.escape(name)})?", before, re.IGNORECASE)
        return "written" if field[1] and begins else "read"
    if member := re.match(r"\s*\.\s*(\w+)", behind):
        return member[1].casefold()
    if re.match(r"\s+Is\s+Nothing\b", behind, re.IGNORECASE):
        return "compared"
    bare = re.escape(name)
    for what, pattern in (
        ("declared", r"\s*(?:Dim|Static)\s.*"),
        ("dropped", rf"\s*Set\s+{bare}\s*=\s*Nothing\s*"),
        ("opened", rf"\s*Set\s+{bare}\s*=(?!.*(?<![.!\w]){bare}(?!\w)).*\.OpenRecordset\s*\(.*\)\s*"),
        ("with", rf"\s*With\s+{bare}\s*"),
    ):
        if re.fullmatch(pattern, code, re.IGNORECASE):
            return what
    return "other"
