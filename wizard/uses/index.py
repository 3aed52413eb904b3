"""All uses of a file put together, and asked: what uses this, what uses nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Final

from wizard.access.application import Application
from wizard.definitions import Database, QueryKind
from wizard.uses.designs import DesignFacts, read_data_macro, read_form, read_macro
from wizard.uses.model import UNKNOWN, How, SqlText, Use, User, UserKind
from wizard.uses.module_facts import CodeCall, ModuleFacts
from wizard.uses.modules import read_modules
from wizard.uses.sql import NamesOfSql, SqlNames, SqlSource

_DEEPEST: Final = 20
"""queries that read one another"""
_MOST_USES: Final = 200_000


@dataclass
class Uses:
    """What uses what. `sql` and `calls` are what was found on the way, for whoever assesses it."""

    names: SqlNames
    uses: list[Use] = field(default_factory=list)
    sql: list[SqlText] = field(default_factory=list)
    calls: list[CodeCall] = field(default_factory=list)
    functions: tuple[str, ...] = ()
    """functions of the modules"""
    objects: tuple[tuple[UserKind, str], ...] = ()
    """all tables and saved queries"""
    left_out: int = 0
    """texts and calls that were not looked at, as there were too many"""
    _by_name: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))
    _seen: set[Use] = field(default_factory=set)

    def known(self, name: str) -> str:
        """The name of a table or query as the database writes it; empty where there is none."""
        found = self.names.source(name)
        return found.name if found else ""

    def column(self, name: str, column: str) -> str:
        """The name of a column as the database writes it; empty where there is none."""
        found = self.names.source(name)
        return (found.column(column) or "") if found else ""

    def of(self, name: str, column: str = "") -> tuple[Use, ...]:
        """What uses a table or query, or one column of it; what uses it through queries comes last."""
        direct = [u for u in self._by_name.get(name.casefold(), ()) if _about(u, column)]
        if column:
            return tuple(sorted(direct, key=lambda u: len(u.via)))
        found = {replace(u, column=""): None for u in direct if not u.via}
        waiting: list[tuple[str, tuple[str, ...]]] = [
            (u.user.name, (u.user.name,)) for u in found if u.user.kind is UserKind.QUERY
        ]
        seen = {name.casefold()}
        while waiting:
            query, via = waiting.pop(0)
            if query.casefold() in seen or len(via) > _DEEPEST:
                continue
            seen.add(query.casefold())
            for use in self._by_name.get(query.casefold(), ()):
                if not use.via:
                    found.setdefault(Use(self.known(name) or name, "", use.user, use.how, via))
                    if use.user.kind is UserKind.QUERY:
                        waiting.append((use.user.name, (use.user.name, *via)))
        return tuple(found)

    def with_columns(self, name: str) -> tuple[Use, ...]:
        """What uses a table or query, each user once for the whole, or for each column where it names some."""
        columns = [u for u in self._by_name.get(name.casefold(), ()) if u.column and not u.via]
        by_column = {(u.user, u.how) for u in columns}
        whole = [u for u in self.of(name) if (u.user, u.how) not in by_column]
        return tuple(sorted((*whole, *columns), key=lambda u: len(u.via)))

    def unused(self) -> tuple[tuple[UserKind, str], ...]:
        """Tables and queries that nothing uses, in the database's order."""
        return tuple((kind, name) for kind, name in self.objects if not self._used(name))

    def _used(self, name: str) -> bool:
        return any(
            (u.user.kind, u.user.name.casefold()) not in _own(name) for u in self._by_name.get(name.casefold(), ())
        )

    def add(self, source: SqlSource, column: str, user: User, how: How) -> None:
        """Note a use; of a query's column also that of the column behind it."""
        self._add(Use(source.name, column, user, how) if source.name else None)
        via = (source.name,) if source.name else ()
        for behind, name in source.behind(column) if column else ():
            self._add(Use(behind.name, name, user, how, via) if behind.name else None)
            via = (behind.name, *via) if behind.name else via

    def _add(self, use: Use | None) -> None:
        if use is None or use in self._seen:
            return
        if len(self._seen) >= _MOST_USES:
            self.left_out += 1
            return
        self._seen.add(use)
        self.uses.append(use)
        self._by_name[use.name.casefold()].append(use)


def _own(name: str) -> tuple[tuple[UserKind, str], ...]:
    """A table's lookups and macros are no use of itself."""
    return ((UserKind.TABLE, name.casefold()), (UserKind.QUERY, name.casefold()))


def _about(use: Use, column: str) -> bool:
    return not column or use.column.casefold() == column.casefold()


def read_uses(database: Database, application: Application) -> Uses:
    """What uses what in a file: its queries, lookups, forms, reports, macros and modules. Nothing is raised."""
    reader = _UseReader(database)
    reader.queries()
    reader.lookups()
    reader.application(application)
    reader.uses.left_out += reader.names.left_out
    return reader.uses


class _UseReader:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.names = SqlNames(database)
        tables = [t.name for t in database.tables if not t.child_of] + [t.name for t in database.linked_tables]
        queries = [q.name for q in database.queries if not q.hidden]
        objects = [(UserKind.TABLE, n) for n in tables] + [(UserKind.QUERY, n) for n in queries]
        self.uses = Uses(self.names, objects=tuple(objects))

    def queries(self) -> None:
        for query in self.database.queries:
            if not query.hidden and query.kind is not QueryKind.PASS_THROUGH:
                self._names(self.names.statement(query.sql), User(UserKind.QUERY, query.name), How.SQL)

    def lookups(self) -> None:
        """Columns that show values of another table."""
        for table in self.database.tables:
            for column in table.columns:
                rows = column.properties.get("RowSource")
                kind = str(column.properties.get("RowSourceType", "")).casefold()
                if isinstance(rows, str) and rows and kind in ("", "table/query"):
                    self._source(rows, User(UserKind.TABLE, table.name, column.name), How.LOOKUP)

    def application(self, application: Application) -> None:
        facts = DesignFacts()
        sources = {f.name.casefold(): f.record_source for f in application.forms}
        sources |= {f"form.{name}": source for name, source in sources.items()}
        sources |= {f"report.{f.name.casefold()}": f.record_source for f in application.reports}
        for kind, designs in ((UserKind.FORM, application.forms), (UserKind.REPORT, application.reports)):
            for design in designs:
                read_form(design, kind, sources, facts)
        for macro in application.macros:
            read_macro(macro, User(UserKind.MACRO, macro.name), facts)
        for data_macro in application.data_macros:
            read_data_macro(data_macro, facts)
        self._hidden(application, facts)
        behind = {f"form_{f.name.casefold()}": f.record_source for f in application.forms}
        behind |= {f"report_{f.name.casefold()}": f.record_source for f in application.reports}
        modules = read_modules(
            application.modules, lambda n: self.names.source(n) is not None, lambda n: behind.get(n.casefold(), "")
        )
        self._facts(facts)
        self._facts(modules)
        for expression, domain, criteria, user in modules.domains:
            self._domain(expression, domain, criteria, user)
        self.uses.calls = modules.calls
        self.uses.functions = tuple(modules.functions)
        self.uses.left_out += modules.left_out

    def _hidden(self, application: Application, facts: DesignFacts) -> None:
        """Queries of forms and reports that could not be read themselves."""
        read = {f.name.casefold() for f in (*application.forms, *application.reports)}
        reports = {n.casefold() for n in self.database.other.reports}
        there = reports | {n.casefold() for n in self.database.other.forms}
        for query in self.database.queries:
            owner = query.owner_object.casefold()
            if query.hidden and owner in there and owner not in read:
                kind = UserKind.REPORT if owner in reports else UserKind.FORM
                facts.sql.append(SqlText(query.sql, User(kind, query.owner_object), How.RECORD_SOURCE))

    def _facts(self, facts: DesignFacts | ModuleFacts) -> None:
        for name, user, how in facts.named:
            if source := self.names.source(name.rstrip("; \r\n")):
                self.uses.add(source, "", user, how)
        for sql in facts.sql:
            self.uses.sql.append(sql)
            if not sql.pass_through:
                self._names(self.names.statement(sql.text), sql.user, sql.how)
        for text, column, user, how in facts.columns:
            if (source := self.names.of(text)) and (found := source.column(column)):
                self.uses.add(source, found, user, how)
        for text, expression, user, how in facts.expressions:
            source = self.names.of(text) if text else None
            names = self.names.expression(expression, [source] if source else [])
            self._names(names, user, how, whole=False)

    def _source(self, text: str, user: User, how: How) -> None:
        if source := self.names.source(text.rstrip("; \r\n")):
            self.uses.add(source, "", user, how)
        else:
            self._names(self.names.statement(text), user, how)

    def _names(self, names: NamesOfSql, user: User, how: How, *, whole: bool = True) -> None:
        for source in names.sources.values() if whole else ():
            self.uses.add(source, "", user, how)
        for source, column in names.columns.values():
            self.uses.add(source, column, user, how)
        for call in names.domains:
            self._domain(call.expression, call.domain, call.criteria, user)

    def _domain(self, expression: str, domain: str, criteria: str, user: User) -> None:
        source = self.names.source(domain)
        if source is None:
            return
        self.uses.add(source, "", user, How.DOMAIN)
        for text in (expression, criteria):
            if text and text != UNKNOWN:
                self._names(self.names.expression(text, [source]), user, How.DOMAIN, whole=False)


def words(use: Use) -> str:
    """One use in words."""
    through = f", through {' and '.join(use.via)}" if use.via else ""
    return f"{use.user}: {use.how}{through}"
