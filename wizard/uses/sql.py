"""The tables, queries and columns that SQL and expressions name, found by the parser of Access SQL.

What the parser refuses (code puts a whole clause in at run time) is searched for the names behind FROM, JOIN and the
like instead, so that no table goes unseen for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_criteria, parse_query
from wizard.definitions import Database, Query, QueryKind
from wizard.messages import ConversionError
from wizard.uses.model import UNKNOWN

DOMAINS: Final = frozenset(
    ["dlookup", "dcount", "dsum", "davg", "dmin", "dmax", "dfirst", "dlast", "dstdev", "dstdevp", "dvar", "dvarp"]
)
_LOOKS_LIKE_SQL: Final = re.compile(
    r"\s*(?:PARAMETERS\s|SELECT\s.*?\bFROM\b|INSERT\s+INTO\s|UPDATE\s.*?\bSET\b|DELETE\s.*?\bFROM\b|DELETE\s+FROM\s"
    r"|TRANSFORM\s.*?\bPIVOT\b|CREATE\s+(?:UNIQUE\s+)?(?:TABLE|INDEX)\s|ALTER\s+TABLE\s|DROP\s+(?:TABLE|INDEX)\s)",
    re.IGNORECASE | re.DOTALL,
)
_NAME: Final = r"(\[[^\[\]]+\]|[^\W\d]\w*)"
_BEHIND: Final = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)[\s(]+{_NAME}(?!\w)", re.IGNORECASE)
_QUALIFIED: Final = re.compile(rf"{_NAME}\s*[.!]\s*{_NAME}")
_LITERAL: Final = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")
_LONGEST: Final = 64_000
"""characters of SQL that Access takes"""
_MOST_TEXTS: Final = 20_000
_MOST_CHARACTERS: Final = 4_000_000
"""of all texts that are parsed: some tens of seconds"""
_DEEPEST: Final = 40
"""queries that read one another"""


def looks_like_sql(text: str) -> bool:
    """Whether a text begins as a statement does, and goes on so."""
    return bool(_LOOKS_LIKE_SQL.match(text[:_LONGEST]))


@dataclass(frozen=True)
class SqlSource:
    """A table, a query, or a SELECT in FROM: its name (empty for the last) and its columns."""

    name: str
    columns: Mapping[str, tuple[str, SqlSource | None, str]] = field(default_factory=dict)
    """by case-folded name: the name, and the source and column it is read from where that is known"""
    elsewhere: bool = False
    """a linked table, whose columns are not known"""

    def column(self, name: str) -> str | None:
        """The column as it is written in the database; None where there is none."""
        if self.elsewhere:
            return name
        found = self.columns.get(name.casefold())
        return found[0] if found else None

    def behind(self, column: str) -> Iterator[tuple[SqlSource, str]]:
        """What a column is read from, and so on down to a table."""
        here: SqlSource | None = self
        for _ in range(_DEEPEST):
            found = here.columns.get(column.casefold()) if here else None
            if not found or found[1] is None:
                return
            here, column = found[1], found[2]
            yield here, column


@dataclass(frozen=True, slots=True)
class DomainCall:
    """`DLookup("expression", "domain", "criteria")`, each with `UNKNOWN` for what is not written out."""

    function: str
    expression: str
    domain: str
    criteria: str


@dataclass
class NamesOfSql:
    """What a text names. `columns` are by source and name; a source without name stands for nothing."""

    sources: dict[str, SqlSource] = field(default_factory=dict)
    """tables and queries, by case-folded name"""
    columns: dict[tuple[str, str], tuple[SqlSource, str]] = field(default_factory=dict)
    outputs: Mapping[str, tuple[str, SqlSource | None, str]] = field(default_factory=dict)
    """of a SELECT, as `SqlSource.columns`"""
    domains: list[DomainCall] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)
    """names and references that no source has: parameters, `Forms!…`"""
    tree: exp.Expression | None = None
    """None where it could not be parsed"""

    def add(self, source: SqlSource, column: str = "") -> None:
        """Note a source, or a column of it."""
        if source.name:
            self.sources.setdefault(source.name.casefold(), source)
        if column:
            self.columns.setdefault((source.name.casefold(), column.casefold()), (source, column))


@dataclass
class _Scope:
    """The sources of one SELECT under the names they have there, and the SELECT around it."""

    sources: dict[str, SqlSource] = field(default_factory=dict)
    around: _Scope | None = None

    def named(self, name: str) -> SqlSource | None:
        scope: _Scope | None = self
        while scope:
            if found := scope.sources.get(name.casefold()):
                return found
            scope = scope.around
        return None

    def having(self, column: str) -> SqlSource | None:
        """The source that has the column; of one alone that is not known, it is taken for granted."""
        scope: _Scope | None = self
        while scope:
            for source in scope.sources.values():
                if column.casefold() in source.columns:
                    return source
            alone = next(iter(scope.sources.values())) if len(scope.sources) == 1 else None
            if alone and alone.elsewhere and scope.around is None:
                return alone
            scope = scope.around
        return None


class SqlNames:
    """Reads names; each text once."""

    def __init__(self, database: Database) -> None:
        self.tables: dict[str, SqlSource] = {
            t.name.casefold(): SqlSource(t.name, {c.name.casefold(): (c.name, None, "") for c in t.columns})
            for t in database.tables
        }
        for link in database.linked_tables:
            self.tables.setdefault(link.name.casefold(), SqlSource(link.name, elsewhere=True))
        self._queries = {q.name.casefold(): q for q in database.queries}
        self._made: dict[str, SqlSource] = {}
        self._under_way: set[str] = set()
        self._read: dict[str, NamesOfSql] = {}
        self._characters = 0
        self.left_out = 0
        """texts that were not read, as there were too many"""

    def source(self, name: str) -> SqlSource | None:
        """The table or saved query of that name; hidden queries are none."""
        folded = name.strip().casefold()
        if folded.startswith("[") and folded.endswith("]"):
            folded = folded[1:-1].strip()
        if folded in self.tables:
            return self.tables[folded]
        query = self._queries.get(folded)
        if query is None or query.hidden:
            return None
        if folded not in self._made:
            if folded in self._under_way or len(self._under_way) > _DEEPEST:
                return SqlSource(query.name)
            self._under_way.add(folded)
            outputs = {} if query.kind is QueryKind.PASS_THROUGH else self.statement(query.sql).outputs
            self._under_way.discard(folded)
            self._made[folded] = SqlSource(query.name, outputs)
        return self._made[folded]

    def query(self, name: str) -> Query | None:
        """The saved query of that name, if it is one that Access runs itself."""
        found = self._queries.get(name.strip().strip("[]").casefold())
        return None if found is None or found.hidden or found.kind is QueryKind.PASS_THROUGH else found

    def of(self, text: str) -> SqlSource | None:
        """The source that a record source or row source means: a name, or SQL."""
        if found := self.source(text.strip().rstrip(";")):
            return found
        return SqlSource("", self.statement(text).outputs) if looks_like_sql(text) else None

    def statement(self, text: str) -> NamesOfSql:
        """The names in a statement."""
        return self._once("S" + text, lambda: self._statement(text))

    def expression(self, text: str, sources: Sequence[SqlSource] = ()) -> NamesOfSql:
        """The names in an expression over some sources: a control source without its `=`, a filter, criteria."""
        key = "E" + "\0".join((text, *(str(id(s)) for s in sources)))
        return self._once(key, lambda: self._expression(text, sources))

    def _once(self, key: str, read: Callable[[], NamesOfSql]) -> NamesOfSql:
        if key not in self._read:
            if len(self._read) >= _MOST_TEXTS or self._characters > _MOST_CHARACTERS or len(key) > _LONGEST:
                self.left_out += 1
                return NamesOfSql()
            self._characters += len(key)
            self._read[key] = read()
        return self._read[key]

    # --- statements ---------------------------------------------------------------------------------------------------

    def _statement(self, text: str) -> NamesOfSql:
        names = NamesOfSql()
        for attempt in _attempts(text):
            try:
                tree = parse_query(attempt, UNKNOWN)
            except (ConversionError, RecursionError):
                continue
            names.tree = tree
            self._walk(tree, _Scope(), names)
            names.outputs = self._outputs(tree.this, _Scope())
            names.outside = {n for n in names.outside if n.casefold() not in names.outputs}
            return names
        self._search(text, names)
        return names

    def _search(self, text: str, names: NamesOfSql) -> None:
        """Look for names behind FROM and the like."""
        bare = _LITERAL.sub("''", text)
        for match in _BEHIND.finditer(bare):
            if source := self.source(match[1]):
                names.add(source)
        for match in _QUALIFIED.finditer(bare):
            source = names.sources.get(match[1].strip("[] ").casefold())
            if source and (column := source.column(match[2].strip("[] "))):
                names.add(source, column)

    def _walk(self, tree: exp.Expression, scope: _Scope, names: NamesOfSql) -> None:
        """Note every name below a node. What is nested is waited for, not called."""
        waiting: list[tuple[exp.Expression, _Scope]] = [(tree, scope)]
        while waiting:
            node, scope = waiting.pop()
            if isinstance(node, nodes.AccessSelect | nodes.UpdateQuery | nodes.DeleteQuery):
                scope = self._scope(node, scope, names)
            elif isinstance(node, nodes.Transform):
                scope = self._scope(node.args["query"], scope, NamesOfSql())
            elif isinstance(node, exp.Table | nodes.TableQuery):
                if source := self._table(node):
                    names.add(source)
            elif isinstance(node, nodes.Append):
                self._appended(node, names)
            elif isinstance(node, exp.Column):
                _column(node, scope, names)
                continue
            elif isinstance(node, nodes.Bang):
                _bang(node, scope, names)
            elif isinstance(node, exp.Anonymous) and str(node.this).casefold() in DOMAINS:
                names.domains.append(_domain(node))
            waiting += [(child, scope) for child in node.iter_expressions()]

    def _table(self, node: exp.Expression) -> SqlSource | None:
        """The table or query of this database that a node of FROM names."""
        table = node.this if isinstance(node, nodes.TableQuery) else node
        return None if table.args.get("db") else self.source(table.name)

    def _scope(self, node: exp.Expression, around: _Scope, names: NamesOfSql) -> _Scope:
        scope = _Scope(around=around)
        if node.args.get("external"):
            return scope
        for item in nodes.members(node.args.get("sources") or ()):
            if isinstance(item, exp.Table):
                source = self._table(item) or SqlSource("")
                alias = item.alias if item.alias != UNKNOWN else ""
                scope.sources.setdefault((alias or item.name).casefold(), source)
                if source.name:
                    names.add(source)
            elif isinstance(item, exp.Subquery):
                made = SqlSource("", self._outputs(item.this, around))
                scope.sources.setdefault((item.alias or f"\0{len(scope.sources)}").casefold(), made)
        return scope

    def _appended(self, node: nodes.Append, names: NamesOfSql) -> None:
        target = self._table(node.this)
        for column in (node.args.get("columns") or ()) if target else ():
            if target and (found := target.column(column.name)):
                names.add(target, found)

    def _outputs(self, body: exp.Expr, around: _Scope) -> dict[str, tuple[str, SqlSource | None, str]]:
        """The columns that a SELECT gives; those of a UNION are its first member's."""
        while isinstance(body, exp.Union | exp.Subquery | exp.Paren):
            body = body.this
        if isinstance(body, nodes.Transform):
            body = body.args["query"]
        if isinstance(body, nodes.TableQuery):
            source = self._table(body)
            return {c: (n, source, n) for c, (n, _, _) in source.columns.items()} if source else {}
        if not isinstance(body, nodes.AccessSelect):
            return {}
        scope = self._scope(body, around, NamesOfSql())
        found: dict[str, tuple[str, SqlSource | None, str]] = {}
        for item in body.args.get("expressions") or ():
            for name, source, column in _output(item, scope):
                found.setdefault(name.casefold(), (name, source, column))
        return found

    # --- expressions --------------------------------------------------------------------------------------------------

    def _expression(self, text: str, sources: Sequence[SqlSource]) -> NamesOfSql:
        names = NamesOfSql()
        scope = _Scope({(s.name or f"\0{i}").casefold(): s for i, s in enumerate(sources)})
        for attempt in _attempts(text):
            try:
                tree = parse_criteria(attempt, UNKNOWN)
            except (ConversionError, RecursionError):
                continue
            names.tree = tree
            self._walk(tree, scope, names)
            break
        return names


def _attempts(text: str) -> Iterable[str]:
    """The text as it is; without what is added to its end; without anything that is not known."""
    yield text
    if UNKNOWN in text:
        yield text.rstrip(f"{UNKNOWN} ;\r\n\t")
        yield text.replace(UNKNOWN, " ")


def _column(node: exp.Column, scope: _Scope, names: NamesOfSql) -> None:
    parts = [part.name for part in node.parts]
    if isinstance(node.this, exp.Star):
        return
    if len(parts) > 1 and (source := scope.named(parts[0])):
        if column := source.column(parts[1]):
            names.add(source, column)
        return
    source = scope.having(parts[0])
    column = source.column(parts[0]) if source else None
    if source and column:
        names.add(source, column)
    elif UNKNOWN not in parts[0]:
        names.outside.add("!".join(parts))


def _bang(node: nodes.Bang, scope: _Scope, names: NamesOfSql) -> None:
    parts = node.parts
    source = scope.named(parts[0]) if len(parts) > 1 else None
    column = source.column(parts[1]) if source else None
    if source and column:
        names.add(source, column)
    else:
        names.outside.add(node.prompt)


def _output(item: exp.Expression, scope: _Scope) -> Iterator[tuple[str, SqlSource | None, str]]:
    if isinstance(item, exp.Alias):
        inner = item.this
        found = next(_output(inner, scope), None) if isinstance(inner, exp.Column) else None
        yield (item.alias, *(found[1:] if found else (None, "")))
    elif isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
        wanted = item.args.get("table")
        named = scope.named(wanted.name) if wanted else None
        for source in [named] if named else ([] if wanted else list(scope.sources.values())):
            yield from ((name, source, name) for name, _, _ in source.columns.values())
    elif isinstance(item, exp.Column):
        parts = [part.name for part in item.parts]
        owner = scope.named(parts[0]) if len(parts) > 1 else scope.having(parts[0])
        column = owner.column(parts[-1]) if owner else None
        yield parts[-1], owner if column else None, column or ""


def _domain(node: exp.Anonymous) -> DomainCall:
    texts = [text_of(e) for e in node.expressions[:3]]
    expression, domain, criteria = (*texts, "", "", "")[:3]
    return DomainCall(str(node.this), expression, domain, criteria)


def text_of(node: exp.Expr) -> str:
    """The text that an expression gives, with `UNKNOWN` for what is not written out."""
    parts: list[str] = []
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if isinstance(at, exp.DPipe | exp.Add):
            waiting += [at.expression, at.this]
        elif isinstance(at, exp.Paren):
            waiting.append(at.this)
        elif isinstance(at, exp.Literal):
            parts.append(at.name)
        else:
            parts.append(UNKNOWN)
    return "".join(parts)
