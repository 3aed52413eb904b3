"""The application assessed: what in forms, reports, macros and code fails or becomes slow on linked tables, and what to
do.

`assess_application` takes plain data: definitions, the application as it was read, the conversion. Each finding is a
numbered message (4500 to 4599) with module and line, or form and control, and minutes of work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wizard.access.application import Application
from wizard.assess.application.code import CodeFindings
from wizard.assess.application.designs import DesignFindings
from wizard.assess.application.linked import LinkedTables, linked_tables
from wizard.assess.application.others import OtherFindings
from wizard.assess.application.places import place
from wizard.assess.application.remote_queries import JudgedStatement, Sending, Sent
from wizard.assess.application.statements import StatementFindings
from wizard.convert.dialect import nodes
from wizard.definitions import Database, Query, QueryKind, TableProfile
from wizard.messages import Kind, Message, Place, Severity, Topic
from wizard.objects import Conversion, Converted, ServerTable
from wizard.uses import SqlText, UserKind, Uses, read_uses
from wizard.uses.data_macros import trigger_candidates
from wizard.uses.model import UNKNOWN, User
from wizard.uses.sql import NamesOfSql

Judge = Callable[[Sequence[Query]], Iterable[Converted]]
"""what becomes of queries that are not saved, as the converter sees them"""
_MOST_CONVERTED: Final = 500
_VALUE: Final = "[known when it runs]"


@dataclass(frozen=True)
class AssessedApplication:
    """Findings of the application, and what Access sends of each query."""

    messages: tuple[Message, ...] = ()
    deliveries: tuple[JudgedStatement, ...] = ()
    statements: int = 0
    """SQL texts that were found in forms, reports, macros and code"""
    converting: int = 0
    """of these, those that would become views, functions or procedures"""


def assess_application(
    database: Database,
    application: Application,
    conversion: Conversion,
    *,
    source: str,
    facts: Mapping[str, TableProfile] | None = None,
    judge: Judge | None = None,
    shared: Mapping[str, ServerTable] | None = None,
) -> AssessedApplication:
    """Assess the application of a file.

    Args:
        source: the key of the file in the project.
        facts: what a look at the data showed, by table name.
        judge: converts SQL of forms and code, without keeping it; without it that is not looked at.
        shared: tables that other sources bring, by their case-folded names in this one.
    """
    linked = linked_tables(database, conversion, source, facts, shared)
    uses = read_uses(database, application)
    found = _ApplicationFindings(database, application, uses, linked, source)
    told = dict.fromkeys(found.messages())
    triggers = trigger_candidates(database, application, conversion, source=source)
    told |= dict.fromkeys(OtherFindings(database, application, triggers, source).all())
    converted, failures = found.converted(judge) if judge else (0, [])
    told |= dict.fromkeys(failures)
    if uses.left_out:
        told[Message.of(4599, Place(Kind.FILE, source), count=uses.left_out)] = None
    return AssessedApplication(tuple(told), tuple(found.deliveries), len(found.texts), converted)


class _ApplicationFindings:
    def __init__(
        self, database: Database, application: Application, uses: Uses, linked: LinkedTables, source: str
    ) -> None:
        self.database, self.application = database, application
        self.uses, self.linked, self.source = uses, linked, source
        self.queries = {q.name.casefold(): q for q in database.queries if not q.hidden}
        self.statements = StatementFindings(uses, linked, source)
        self.sending = Sending(uses.names, linked, self.queries)
        self.deliveries: list[JudgedStatement] = []
        self.texts = [s for s in uses.sql if not s.pass_through and self._reads_something(s)]

    def _reads_something(self, sql: SqlText) -> bool:
        return bool(self.uses.names.statement(sql.text).sources)

    def messages(self) -> Iterator[Message]:
        """All findings but those of the converter."""
        yield from CodeFindings(self.uses, self.linked, self.source).all()
        functions = frozenset(n.casefold() for n in self.uses.functions)
        designs = DesignFindings(self.uses, self.linked, self.source, functions)
        yield from designs.all(self.application)
        yield from self._sql()
        yield from self._renamed()
        for delivery in self.statements.deliveries(self.sending):
            self.deliveries.append(delivery)
            yield from self.statements.sent(delivery)

    def _sql(self) -> Iterator[Message]:
        for sql in self.uses.sql:
            if sql.pass_through:
                yield from self.statements.passed_through(sql.text, sql.user)
            else:
                yield from self.statements.compared(self.uses.names.statement(sql.text), sql.user)
        for query in self.queries.values():
            user = User(UserKind.QUERY, query.name)
            if query.kind is QueryKind.PASS_THROUGH:
                yield from self.statements.passed_through(query.sql, user)
            else:
                yield from self.statements.compared(self.uses.names.statement(query.sql), user)

    def _renamed(self) -> Iterator[Message]:
        """Uses of columns that have another name on the server; saved queries are converted and need nothing."""
        for use in self.uses.uses if self.linked.renamed else ():
            name = self.linked.renamed.get((use.name.casefold(), use.column.casefold()))
            if name and not use.via and use.user.kind is not UserKind.QUERY:
                facts = {"column": use.column, "table": use.name, "name": name}
                yield Message.of(4517, place(self.source, use.user), **facts)

    def _known(self, name: str) -> bool:
        """Whether it is a table that goes to the server, or a query."""
        return self.linked.named(name) is not None or self.uses.names.query(name) is not None

    def converted(self, judge: Judge) -> tuple[int, list[Message]]:
        """How many of the texts convert, and what is said of those that do not."""
        texts = {sql.text: sql for sql in reversed(self.texts)}
        queries: list[Query] = []
        users: dict[str, User] = {}
        for text, sql in list(texts.items())[:_MOST_CONVERTED]:
            names = self.uses.names.statement(text)
            if names.tree is None or not all(self._known(n.name) for n in names.sources.values()):
                continue
            name = f"{sql.user}, {sql.how} {len(queries)}"
            users[name] = sql.user
            queries.append(Query(name, _kind(names), text.replace(UNKNOWN, _VALUE)))
        good, failures = 0, []
        for item in judge(queries) if queries else ():
            errors = [m for m in item.messages if m.severity is Severity.ERROR and m.topic is not Topic.READS_ELSEWHERE]
            if errors:
                where = place(self.source, users[item.source.table])
                failures.append(Message.of(4530, where, reason=errors[0].text))
            else:
                good += 1
        return good, failures


def _kind(names: NamesOfSql) -> QueryKind:
    body = names.tree.this if isinstance(names.tree, nodes.SavedQuery) else None
    if isinstance(body, nodes.UpdateQuery):
        return QueryKind.UPDATE
    if isinstance(body, nodes.DeleteQuery):
        return QueryKind.DELETE
    return QueryKind.APPEND if isinstance(body, nodes.Append) else QueryKind.SELECT


__all__ = ["AssessedApplication", "Judge", "JudgedStatement", "Sent", "assess_application"]
