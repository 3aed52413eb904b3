"""Changes of SQL in the literals of a statement: dates and Like patterns of Access, -1 for True, names of columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from wizard.convert.dialect.dates import read_date
from wizard.definitions import ColumnType, Table
from wizard.link.code_options import UncertainChangeError
from wizard.link.code_text import bare, calls, literals

_DATE: Final = re.compile(r"#([^#'\"\n]{3,40})#")
_PATTERN: Final = re.compile(r"(\bLIKE\s+N?')([^'\"]*)(')", re.IGNORECASE)
_WILD: Final = re.compile(r"\[[^\[\]]*\]|[*?#%_]")
_EARLIEST_YEAR: Final = 1900
"""a time alone is of 1899"""
_CHANGES: Final = re.compile(r"\s*(?:INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_RUNS: Final = ("execute", "runsql")
_NAME: Final = re.compile(r"\[([^\[\]\n]+)\]|(?<![\w.!@#$\"])([^\W\d]\w*)(?![\w(\"])|(?<=\.)([^\W\d]\w*)(?![\w(\"])")
Replace = Callable[[str], str]


def for_the_server(text: str) -> str:
    """Dates and Like patterns of SQL that goes to the server as it is. Raises UncertainChangeError."""

    def pattern(found: re.Match[str]) -> str:
        jet = re.sub(r"\[[^\[\]]*\]", "", found[2])
        return found[1] + _WILD.sub(_wildcard, found[2]) + found[3] if re.search(r"[*?#]", jet) else found[0]

    changed = _in_literals(text, lambda part: _DATE.sub(_date, _PATTERN.sub(pattern, part)))
    if changed == text:
        raise UncertainChangeError("the date or pattern is not whole in one text of the line")
    return changed


def _date(found: re.Match[str]) -> str:
    moment = read_date(found[1])
    if moment is None or moment.year < _EARLIEST_YEAR:
        return found[0]
    return f"'{moment:%Y%m%d}'" if moment.time() == moment.min.time() else f"'{moment:%Y-%m-%dT%H:%M:%S}'"


def _wildcard(found: re.Match[str]) -> str:
    piece = found[0]
    if piece[0] == "[":
        return piece.replace("[!", "[^", 1)
    return {"*": "%", "?": "_", "#": "[0-9]"}.get(piece, f"[{piece}]")


def with_true(text: str, tables: Iterable[Table]) -> str:
    """`Done = -1` as `Done = True`, of Yes/No columns. Raises UncertainChangeError."""
    kinds: dict[str, bool] = {}
    for column in (c for t in tables for c in t.columns):
        name = column.name.casefold()
        kinds[name] = kinds.get(name, True) and column.type is ColumnType.BOOLEAN
    names = sorted((n for n, yes_no in kinds.items() if yes_no), key=len, reverse=True)
    if not names:
        raise UncertainChangeError("the column is not in the line")
    named = "|".join(map(re.escape, names))
    compared = re.compile(rf"((?<![\w])\[?(?:{named})\]?(?!\w)\s*(?:=|<>)\s*)-1(?![\w.])", re.IGNORECASE)
    turned = re.compile(
        rf"(?<![\w.)\]])-1(\s*(?:=|<>)\s*(?:\w+\.|\[[^\[\]]*\]\.)?\[?(?:{named})\]?(?!\w))", re.IGNORECASE
    )
    changed = _in_sql(text, lambda part: turned.sub(r"True\1", compared.sub(r"\1True", part)))
    if changed == text:
        raise UncertainChangeError("the comparison is not whole in one text of the line")
    return changed


def with_names(text: str, renamed: Mapping[str, str]) -> str:
    """Columns of a statement that changes rows, by their names on the server. Raises UncertainChangeError.

    Args:
        renamed: by case-folded name; only those that have the same new name in every table.

    What is selected goes on under its name, in code that reads it too: that is not changed.
    """
    spans = [span for method in _RUNS for span in calls(text, method)]
    if len(spans) != 1:
        raise UncertainChangeError("who reads the column by its name must change too")
    begin, end = spans[0]
    inside = text[begin:end]
    first = next(literals(inside), None)
    if first is None or bare(inside[: first[0] - 1]).strip(" (\t") or not _CHANGES.match(inside[slice(*first)]):
        raise UncertainChangeError("who reads the column by its name must change too")

    def name(found: re.Match[str]) -> str:
        new = renamed.get((found[1] or found[2] or found[3]).strip().casefold())
        if new is None:
            return found[0]
        if not found[1] and (found.start() == 0 or found.end() == len(found.string)):
            raise UncertainChangeError("the column's name may go on in another text")
        return f"[{new}]"

    changed = _in_sql(inside, lambda part: _NAME.sub(name, part))
    if changed == inside or re.search(r"\bSELECT\b", inside, re.IGNORECASE):
        raise UncertainChangeError("the column's name is not in the line alone")
    return text[:begin] + changed + text[end:]


def _in_literals(text: str, change: Replace) -> str:
    for begin, end in reversed(list(literals(text))):
        text = text[:begin] + change(text[begin:end]) + text[end:]
    return text


def _in_sql(text: str, change: Replace) -> str:
    """Changed in its literals, where these are not within a text of the SQL."""
    for begin, end in reversed(list(_outside(text, literals(text)))):
        text = text[:begin] + change(text[begin:end]) + text[end:]
    return text


def _outside(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Parts of literals outside of the single quotes of SQL, which may close in a later literal."""
    quoted = False
    for begin, end in spans:
        at = begin
        for quote in re.finditer("'", text[begin:end]):
            if not quoted:
                yield at, begin + quote.start()
            quoted, at = not quoted, begin + quote.end()
        if not quoted:
            yield at, end
