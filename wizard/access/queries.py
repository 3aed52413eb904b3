"""Saved queries: the rows of MSysQueries put together to SQL as Access shows it.

Access keeps a query taken apart, one row for each piece: its `Attribute` says which piece (a table, a column, a
join, …), `Order` where it stands among its kind. Source of the facts: Jackcess' `QueryFormat`, and the corpus.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from wizard.access.query_joins import JoinSource, joined
from wizard.access.redaction import redacted, redacted_statement, without_secrets
from wizard.definitions import QueryKind

_TYPE: Final = 1
_PARAMETER: Final = 2
_OPTIONS: Final = 3
_OTHER_DATABASE: Final = 4
_TABLE: Final = 5
_COLUMN: Final = 6
_JOIN: Final = 7
_WHERE: Final = 8
_GROUP_BY: Final = 9
_HAVING: Final = 10
_ORDER_BY: Final = 11

_ALL_COLUMNS: Final = 0x01
_DISTINCT: Final = 0x02
_OWNER_ACCESS: Final = 0x04
_DISTINCT_ROW: Final = 0x08
_TOP: Final = 0x10
_PERCENT: Final = 0x20
_UNION_DISTINCT: Final = 0x02
_APPEND_VALUE: Final = 0x8000
_CROSSTAB_PIVOT: Final = 0x01
_CROSSTAB_HEADING: Final = 0x02

_KINDS: Final = {
    1: QueryKind.SELECT,
    2: QueryKind.MAKE_TABLE,
    3: QueryKind.APPEND,
    4: QueryKind.UPDATE,
    5: QueryKind.DELETE,
    6: QueryKind.CROSSTAB,
    7: QueryKind.DATA_DEFINITION,
    8: QueryKind.PASS_THROUGH,
    9: QueryKind.UNION,
}
"""by the flag of the type row"""

_SILENT: Final = 0x90
"""object flags of a pass-through query that returns no records"""

_KINDS_BY_OBJECT: Final = {
    0x00: QueryKind.SELECT,
    0x10: QueryKind.CROSSTAB,
    0x20: QueryKind.DELETE,
    0x30: QueryKind.UPDATE,
    0x40: QueryKind.APPEND,
    0x50: QueryKind.MAKE_TABLE,
    0x60: QueryKind.DATA_DEFINITION,
    0x70: QueryKind.PASS_THROUGH,
    0x80: QueryKind.UNION,
    _SILENT: QueryKind.PASS_THROUGH,
}
"""by the flags of the query's row in MSysObjects"""

_PARAMETER_TYPES: Final = {
    0: "Value",
    1: "Bit",
    2: "Byte",
    3: "Short",
    4: "Long",
    5: "Currency",
    6: "IEEESingle",
    7: "IEEEDouble",
    8: "DateTime",
    9: "Binary",
    10: "Text",
    11: "LongBinary",
    12: "LongText",
    15: "Guid",
    16: "Decimal",
    19: "BigInt",
    20: "DateTimeExtended",
}
_TEXT_PARAMETER: Final = 10

_PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*")
_RESERVED_WORDS: Final = (
    "all and as by delete desc distinct from group having in inner insert into is join left like not null on or "
    "order parameters pivot right select set table top transform union update values where with"
)
_RESERVED: Final = frozenset(_RESERVED_WORDS.split())


@dataclass(frozen=True, slots=True)
class QueryRow:
    """A row of MSysQueries."""

    attribute: int
    expression: str = ""
    flag: int = 0
    extra: int = 0
    name1: str = ""
    name2: str = ""
    order: bytes = b""


@dataclass(frozen=True, slots=True)
class Composed:
    """A query put together."""

    kind: QueryKind
    sql: str
    stored: str = ""
    """the text as Access keeps it, where that differs from `sql` (see `definitions.Query.stored`)"""
    connect: str = ""
    """of pass-through queries, passwords and all: not to be shown"""
    silent: bool = False
    """a pass-through query that returns no records"""
    oddities: tuple[str, ...] = ()
    """what does not fit together"""
    cut: bool = False
    """a password or key was cut out of the text"""


class UnknownKindError(ValueError):
    """The query is of a kind that is not among the nine; the text says which."""


def compose(rows: Iterable[QueryRow], object_flags: int = 0) -> Composed:
    """The kind and SQL of a query.

    Args:
        rows: its rows, in the table's order.
        object_flags: `Flags` of its row in MSysObjects.

    Raises:
        UnknownKindError: it is none of the nine kinds.
    """
    parts = _QueryParts(sorted(rows, key=lambda r: r.order))
    kind = _kind(parts, object_flags)
    if kind in (QueryKind.PASS_THROUGH, QueryKind.DATA_DEFINITION):
        written = parts.first(_TYPE).expression
        stored = redacted_statement(written)
        sql = stored.rstrip("\0")
        connect = parts.first(_TYPE).name1 if kind is QueryKind.PASS_THROUGH else ""
        silent = object_flags & 0xF0 == _SILENT
        return Composed(kind, sql, stored if stored != sql else "", connect, silent, cut=stored != written)
    written = _SqlWriter(parts, _parenthesised).text(kind)
    sql, stored = redacted(written), redacted(_SqlWriter(parts, _bracketed).text(kind))
    oddities = tuple(dict.fromkeys(parts.oddities))
    return Composed(kind, sql, stored if stored != sql else "", oddities=oddities, cut=parts.cut or sql != written)


@dataclass
class _QueryParts:
    """The rows by attribute, with a list of what was odd about them."""

    rows: Sequence[QueryRow]
    oddities: list[str] = field(default_factory=list)

    @cached_property
    def cut(self) -> bool:
        """Whether a password or key is cut out of where another database is named."""
        named = [r.expression for r in self.rows if r.attribute in (_TABLE, _OTHER_DATABASE) and r.name1]
        named += [t for r in (*self.all(_OTHER_DATABASE), self.target) for t in (r.expression, r.name1)]
        return any("=" in text and without_secrets(text) != text for text in named)

    @property
    def target(self) -> QueryRow:
        """The database that an append or make-table query writes to, in the shape of the row for FROM."""
        row = next((r for r in self.rows if r.attribute == _TYPE), QueryRow(_TYPE))
        return QueryRow(_OTHER_DATABASE, expression=row.expression, name1=row.name2)

    def all(self, attribute: int) -> list[QueryRow]:
        return [r for r in self.rows if r.attribute == attribute]

    def first(self, attribute: int) -> QueryRow:
        """The row of an attribute that occurs once at most."""
        found = self.all(attribute)
        if len(found) > 1:
            self.oddities.append(f"{len(found)} rows of attribute {attribute} where one is expected")
        return found[0] if found else QueryRow(attribute)


def _kind(parts: _QueryParts, object_flags: int) -> QueryKind:
    by_row = _KINDS.get(parts.first(_TYPE).flag)
    by_object = _KINDS_BY_OBJECT.get(object_flags & 0xF0)
    kind = by_row or by_object
    if kind is None:
        raise UnknownKindError(f"type {parts.first(_TYPE).flag}, object flags 0x{object_flags & 0xFFFFFFFF:X}")
    return kind


def quoted(name: str) -> str:
    """A name as Access writes it: in brackets where it needs them, part by part."""
    return ".".join(_bracket(part) for part in name.split(".")) if "[" not in name else name


def _bracket(name: str) -> str:
    if not name or (name[0] == "[" and name[-1] == "]"):
        return name
    plain = _PLAIN_NAME.fullmatch(name) and name.lower() not in _RESERVED
    return name if plain else f"[{name}]"


def _alias(name: str) -> str:
    return f" AS {_bracket(name)}" if name else ""


def _parenthesised(select: str) -> str:
    return f"({select}) "


def _bracketed(select: str) -> str:
    return f"[{select}]."


class _SqlWriter:
    """Writes one query; `derived` writes a SELECT that stands in the FROM clause."""

    def __init__(self, parts: _QueryParts, derived: Callable[[str], str]) -> None:
        self.parts = parts
        self.derived = derived
        self.options = parts.first(_OPTIONS)

    def text(self, kind: QueryKind) -> str:
        body = {
            QueryKind.SELECT: self._select,
            QueryKind.MAKE_TABLE: self._make_table,
            QueryKind.APPEND: self._append,
            QueryKind.UPDATE: self._update,
            QueryKind.DELETE: self._delete,
            QueryKind.CROSSTAB: self._crosstab,
            QueryKind.UNION: self._union,
        }[kind]()
        lines = [self._parameters(), *body, "WITH OWNERACCESS OPTION" if self._has(_OWNER_ACCESS) else ""]
        return "\n".join(line.rstrip() for line in lines if line) + ";"

    def _has(self, option: int) -> bool:
        return bool(self.options.flag & option)

    # --- kinds -------------------------------------------------------------------------------------------------

    def _select(self) -> list[str]:
        return [f"SELECT {self._predicate()}{self._columns()}", *self._clauses()]

    def _make_table(self) -> list[str]:
        into = f" INTO {quoted(self.parts.first(_TYPE).name1)}{_elsewhere(self.parts.target)}"
        return [f"SELECT {self._predicate()}{self._columns()}{into}", *self._clauses()]

    def _append(self) -> list[str]:
        rows = self.parts.all(_COLUMN)
        targets = ", ".join(quoted(r.name2) for r in rows if r.name2)
        head = f"INSERT INTO {quoted(self.parts.first(_TYPE).name1)}" + (f" ( {targets} )" if targets else "")
        head += _elsewhere(self.parts.target)
        values = [r.expression for r in rows if r.flag & _APPEND_VALUE]
        if values:
            return [head, f"VALUES ({', '.join(values)})"]
        return [head, *self._select()]

    def _update(self) -> list[str]:
        changes = ", ".join(f"{quoted(r.name2)} = {r.expression}" for r in self.parts.all(_COLUMN))
        head = f"UPDATE {self._row_predicate()}{self._sources()}{_elsewhere(self.parts.first(_OTHER_DATABASE))}"
        return [f"{head} SET {changes}", self._clause("WHERE", _WHERE)]

    def _delete(self) -> list[str]:
        return [f"DELETE {self._row_predicate()}{self._columns()}", *self._clauses()]

    def _crosstab(self) -> list[str]:
        rows = self.parts.all(_COLUMN)
        values = [r for r in rows if not r.flag & (_CROSSTAB_PIVOT | _CROSSTAB_HEADING)]
        pivots = [r for r in rows if r.flag & _CROSSTAB_PIVOT]
        if len(values) > 1 or len(pivots) != 1:
            self.parts.oddities.append(f"a crosstab with {len(values)} values and {len(pivots)} pivots")
        headings = [r for r in rows if r.flag & _CROSSTAB_HEADING]
        groups = [r for r in self.parts.all(_GROUP_BY) if r.flag & _CROSSTAB_HEADING]
        return [
            *(f"TRANSFORM {r.expression}{_alias(r.name1)}" for r in values[:1]),
            f"SELECT {self._predicate()}{self._columns(headings)}",
            *self._clauses(groups),
            *(f"PIVOT {r.expression}" for r in pivots[:1]),
        ]

    def _union(self) -> list[str]:
        parts = {r.name2: r.expression.strip("\0 \t\r\n") for r in self.parts.all(_TABLE)}
        if not {"X7YZ_____1", "X7YZ_____2"} <= parts.keys():
            self.parts.oddities.append("a union without its two halves")
        first, second = parts.get("X7YZ_____1", ""), parts.get("X7YZ_____2", "")
        ordering = self._ordering()
        second = second.rstrip("; \r\n") if not ordering else second
        union = "UNION" if self._has(_UNION_DISTINCT) else "UNION ALL"
        return [re.sub(r"[\r\n]+", "\n", f"{first}\n{union} {second}"), ordering]

    # --- clauses -----------------------------------------------------------------------------------------------

    def _parameters(self) -> str:
        found = [self._parameter(r) for r in self.parts.all(_PARAMETER)]
        return f"PARAMETERS {', '.join(found)};" if found else ""

    def _parameter(self, row: QueryRow) -> str:
        kind = _PARAMETER_TYPES.get(row.flag)
        if kind is None:
            self.parts.oddities.append(f"parameter {row.name1!r} of unknown type {row.flag}")
            kind = "Value"
        size = f" ( {row.extra} )" if row.flag == _TEXT_PARAMETER and row.extra > 0 else ""
        return f"{_bracket(row.name1)} {kind}{size}"

    def _predicate(self) -> str:
        words = ["DISTINCT"] if self._has(_DISTINCT) else ["DISTINCTROW"] if self._has(_DISTINCT_ROW) else []
        if self._has(_TOP):
            words += ["TOP", self.options.name1, *(["PERCENT"] if self._has(_PERCENT) else [])]
        return "".join(f"{w} " for w in words)

    def _row_predicate(self) -> str:
        return "DISTINCTROW " if self._has(_DISTINCT_ROW) else ""

    def _columns(self, rows: list[QueryRow] | None = None) -> str:
        shown = self.parts.all(_COLUMN) if rows is None else rows
        columns = [r.expression + _alias(r.name1) for r in shown if not r.flag & _APPEND_VALUE or rows is not None]
        return ", ".join(columns + (["*"] if self._has(_ALL_COLUMNS) else []))

    def _clauses(self, groups: list[QueryRow] | None = None) -> list[str]:
        """FROM to ORDER BY."""
        sources = self._sources()
        grouping = ", ".join(r.expression for r in (self.parts.all(_GROUP_BY) if groups is None else groups))
        return [
            f"FROM {sources}{_elsewhere(self.parts.first(_OTHER_DATABASE))}" if sources else "",
            self._clause("WHERE", _WHERE),
            f"GROUP BY {grouping}" if grouping else "",
            self._clause("HAVING", _HAVING),
            self._ordering(),
        ]

    def _clause(self, word: str, attribute: int) -> str:
        expression = self.parts.first(attribute).expression
        return f"{word} {expression}" if expression else ""

    def _ordering(self) -> str:
        rows = self.parts.all(_ORDER_BY)
        keys = ", ".join(r.expression + (" DESC" if r.name1.upper() == "D" else "") for r in rows)
        return f"ORDER BY {keys}" if keys else ""

    def _sources(self) -> str:
        tables = [JoinSource(r.name2 or r.name1, self._table(r)) for r in self.parts.all(_TABLE)]
        joins = [(r.name1, r.name2, r.flag, r.expression) for r in self.parts.all(_JOIN)]
        text, oddities = joined(tables, joins, quoted)
        self.parts.oddities += oddities
        return text

    def _table(self, row: QueryRow) -> str:
        if row.expression and not row.name1:
            return self.derived(row.expression.rstrip("\0; \r\n")) + _alias(row.name2)
        path = f"{_bracket(without_secrets(row.expression) or ';')}." if row.expression else ""
        return path + quoted(row.name1) + _alias(row.name2)


def _elsewhere(row: QueryRow) -> str:
    """The IN clause that names another database and its kind; a password is not shown."""
    if not row.name1 and not row.expression:
        return ""
    file = without_secrets(row.name1) if "=" in row.name1 else row.name1
    kind = without_secrets(row.expression)
    return f" IN '{file}'" + (f" [{kind}]" if kind else "")
