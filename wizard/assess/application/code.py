"""What in VBA fails or becomes slow on linked tables, call by call.

Sources: Microsoft's reference of DAO (`Recordset.Index`, `Recordset.Seek`, `Database.OpenRecordset`,
`RecordsetOptionEnum`) and "Microsoft Access database engine error messages" (3219, 3251, 3611, 3622).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from wizard.assess.application.code_designs import CALLS, TableDesigns
from wizard.assess.application.linked import LinkedTables
from wizard.assess.application.places import place
from wizard.convert.dialect import nodes
from wizard.messages import Message
from wizard.uses import Uses
from wizard.uses.model import UNKNOWN, User
from wizard.uses.module_facts import ELSEWHERE, OWN, CodeCall
from wizard.uses.sql import DOMAINS, NamesOfSql, looks_like_sql

MANY_ROWS: Final = 1_000
"""rows that a person waits for when they are looked through or listed"""
_NO_KEYS: Final = frozenset(["dbopensnapshot", "dbopenforwardonly", "dbreadonly", "dbopentable", "dbsqlpassthrough"])
"""with these a recordset changes nothing, or has a message of its own"""
_DEFINING: Final = {
    "createtabledef": "CreateTableDef",
    "createfield": "CreateField",
    "createindex": "CreateIndex",
    "createrelation": "CreateRelation",
}
_FINDS: Final = {
    "findfirst": "FindFirst",
    "findnext": "FindNext",
    "findlast": "FindLast",
    "findprevious": "FindPrevious",
}
_CHANGES: Final = (nodes.UpdateQuery, nodes.DeleteQuery, nodes.Append)
_UNKNOWN_TABLE: Final = re.compile(rf"^\s*{UNKNOWN}|\b(?:FROM|INTO|UPDATE|JOIN)[\s(\[]*{UNKNOWN}", re.IGNORECASE)
_ASKS: Final = re.compile(r"\s*(?:MsgBox|InputBox|Shell|SendKeys|Beep)\s*\(", re.IGNORECASE)
"""texts for Eval that reach no table, whatever is put into them"""
_RUNS: Final = frozenset(["execute", "runsql", "update", "openquery", "edit", "addnew"])


@dataclass(frozen=True)
class CodeFindings:
    """Findings of all modules of a file."""

    uses: Uses
    linked: LinkedTables
    source: str

    def all(self) -> Iterator[Message]:
        """Call by call."""
        linking = self._linking()
        changing = {_procedure(c) for c in self.uses.calls if c.name in _RUNS}
        designed: set[tuple[str, str]] = set()
        for call in self.uses.calls:
            if call.kind == ELSEWHERE:
                continue
            if call.name in _DEFINING:
                if _procedure(call) not in linking | designed and self._designs(call):
                    designed.add(_procedure(call))
                    yield self._say(4509, call.user, method=_DEFINING[call.name])
            elif call.name in CALLS:
                if _procedure(call) not in linking:
                    yield from self._designs_of.of_call(call)
            elif call.name == "begintrans" and not call.kind.startswith("adodb"):
                if _procedure(call) in changing and self.linked.tables:
                    yield self._say(4511, call.user)
            else:
                yield from self._call(call)

    def _designs(self, call: CodeCall) -> bool:
        """Whether something of a database is defined, where there is one: CreateTableDef with a source makes a link."""
        links = call.name == "createtabledef" and len(call.texts) > 2
        return bool(call.receiver and self.linked.tables) and not links

    @property
    def _designs_of(self) -> TableDesigns:
        return TableDesigns(self.linked, self.source)

    def _linking(self) -> set[tuple[str, str]]:
        """Procedures that make links: what they define is no design."""
        return {_procedure(c) for c in self.uses.calls if c.name in ("connect=", "refreshlink")}

    def _call(self, call: CodeCall) -> Iterator[Message]:
        judges: Mapping[str, Callable[[CodeCall], Iterator[Message]]] = {
            "openrecordset": self._recordset,
            "execute": self._execute,
            "runsql": self._run_sql,
            "seek": self._table_type,
            "index=": self._table_type,
            "field-while-adding": self._early_key,
            "eval": self._eval,
            "declare": self._declare,
            "provider": self._provider,
        }
        if judge := judges.get(call.name):
            yield from judge(call)
        elif call.name in _FINDS:
            yield from self._find(call)
        elif call.name in DOMAINS and call.loops and len(call.texts) > 1 and self._tables(call.texts[1]):
            yield self._say(4513, call.user, function=_shown(call.name))

    def _table_type(self, call: CodeCall) -> Iterator[Message]:
        if call.recordset is not None and self.linked.tables:
            yield self._say(4505 if call.name == "seek" else 4506, call.user)

    def _eval(self, call: CodeCall) -> Iterator[Message]:
        text = "".join(call.texts)
        if call.receiver in ("", "application") and self.linked.tables and UNKNOWN in text and not _ASKS.match(text):
            yield self._say(4518, call.user)

    def _declare(self, call: CodeCall) -> Iterator[Message]:
        if "ptrsafe" not in call.words and not call.old_vba:
            yield self._say(4524, call.user)

    def _provider(self, call: CodeCall) -> Iterator[Message]:
        yield self._say(4525, call.user, provider=call.texts[0])

    # --- what needs dbSeeChanges ---

    def _recordset(self, call: CodeCall) -> Iterator[Message]:
        if "dbopentable" in call.words and self._is_dao(call):
            if not call.texts or call.texts[0] == UNKNOWN or self._tables(call.texts[0]):
                yield self._say(4504, call.user)
            return
        text = call.texts[0] if call.texts else UNKNOWN
        if "@@identity" in text.casefold():
            yield self._say(4508, call.user)
            return
        if call.kind.endswith(("querydef", "tabledef")):
            yield from self._query_run(call)
            return
        if not self._is_dao(call) or not call.options_known or not self._editable(text):
            return
        if call.words & {"dbseechanges", *_NO_KEYS} or call.kind.endswith("recordset"):
            return  # what a recordset opens is not in the arguments
        numbered = self._numbered(text)
        if numbered:
            yield self._say(4500, call.user, table=numbered[0], column=numbered[1])
        elif self._is_unknown(text) and self.linked.identity:
            yield self._say(4503, call.user, count=len(self.linked.identity))

    def _query_run(self, call: CodeCall) -> Iterator[Message]:
        """A query is run or opened by its definition: what it is stands there, and the options are all arguments."""
        if call.words & {"dbseechanges", *_NO_KEYS} or not all(w.startswith("db") for w in call.words):
            return
        found: tuple[str, str] | None = None
        if call.name == "openrecordset":
            found = self._numbered(call.definition) if self._editable(call.definition) else None
        elif changed := self._changed(self._run(call.definition)):
            found = (changed, self.linked.identity.get(changed.casefold(), ""))
        if found and found[1]:
            yield self._say(4541, call.user, table=found[0], column=found[1])

    def _execute(self, call: CodeCall) -> Iterator[Message]:
        if call.kind.endswith("querydef"):
            yield from self._query_run(call)
            return
        text = call.texts[0] if call.texts else UNKNOWN
        if call.kind.startswith("adodb") and call.kind != OWN:
            return  # a connection to who knows what
        if "@@identity" in text.casefold():
            yield self._say(4508, call.user)
            return
        names = self._names(text)
        if design := self._designs_of.of_statement(names, call.user):
            yield design
            return
        if not self._is_dao(call) or not call.options_known or "dbseechanges" in call.words:
            return
        if changed := self._changed(self._run(text)):
            if column := self.linked.identity.get(changed.casefold()):
                yield self._say(4501, call.user, table=changed, column=column)
        elif self._is_unknown(text) and self.linked.identity:
            yield self._say(4503, call.user, count=len(self.linked.identity))

    def _run_sql(self, call: CodeCall) -> Iterator[Message]:
        names = self._names(call.texts[0]) if call.texts else NamesOfSql()
        if design := self._designs_of.of_statement(names, call.user):
            yield design
        elif (changed := self._changed(names)) and self.linked.named(changed):
            yield self._say(4502, call.user, table=changed)

    def _is_dao(self, call: CodeCall) -> bool:
        return call.kind.startswith("dao.") or call.kind in ("database", "querydef", "recordset", "workspace")

    def _editable(self, text: str) -> bool:
        """Whether a recordset of it can be changed at all: one that groups is a snapshot."""
        names = self._names(text)
        body = names.tree.this if isinstance(names.tree, nodes.SavedQuery) else None
        if not isinstance(body, nodes.AccessSelect):
            return not isinstance(body, exp.Union | nodes.Transform)
        grouped = body.args.get("group") or body.args.get("distinct")
        return not grouped and not any(
            str(c.this).casefold() in ("count", "sum", "min", "max", "avg", "first", "last")
            for item in body.args.get("expressions") or ()
            for c in item.find_all(exp.Anonymous)
        )

    def _numbered(self, text: str) -> tuple[str, str] | None:
        """A linked table that it opens and that has an IDENTITY column."""
        for table in self._tables(text):
            if column := self.linked.identity.get(table.casefold()):
                return table, column
        return None

    def _is_unknown(self, text: str) -> bool:
        """Whether nothing says what is opened."""
        return UNKNOWN in text and not self._names(text).sources and bool(_UNKNOWN_TABLE.search(text))

    # --- keys, searches ---

    def _early_key(self, call: CodeCall) -> Iterator[Message]:
        found = call.recordset
        text = found.source if found else ""
        for table in self._tables(text) if text and text != UNKNOWN else ():
            column = self.linked.identity.get(table.casefold())
            if column and column.casefold() == call.texts[0].casefold():
                yield self._say(4507, call.user, column=column, table=table)
                return

    def _find(self, call: CodeCall) -> Iterator[Message]:
        found = call.recordset
        text = found.source if found else ""
        if not text or text == UNKNOWN:
            return
        names = self._names(text)
        body = names.tree.this if isinstance(names.tree, nodes.SavedQuery) else None
        if body is not None and (body.args.get("where") or body.args.get("group")):
            return
        tables = self._tables(text)
        rows = self.linked.rows_of(tables[:1])
        if rows >= MANY_ROWS:
            yield self._say(4512, call.user, method=_FINDS[call.name], table=tables[0], rows=rows)

    # --- names ---

    def _names(self, text: str) -> NamesOfSql:
        if text == UNKNOWN:
            return NamesOfSql()
        if source := self.uses.names.source(text.rstrip("; \r\n")):
            return NamesOfSql(sources={source.name.casefold(): source})
        return self.uses.names.statement(text) if looks_like_sql(text) else NamesOfSql()

    def _run(self, text: str) -> NamesOfSql:
        """The names of a statement, or of the saved query that a text names."""
        saved = self.uses.names.query(text)
        return self.uses.names.statement(saved.sql) if saved else self._names(text)

    def _tables(self, text: str) -> list[str]:
        """The linked tables that a name or SQL reads; of a query those that are behind its columns."""
        return self._behind(self._names(text))

    def _behind(self, names: NamesOfSql) -> list[str]:
        found: dict[str, None] = {}
        for source in names.sources.values():
            if self.linked.named(source.name):
                found[source.name] = None
            for _, behind, _ in source.columns.values():
                if behind and self.linked.named(behind.name):
                    found[behind.name] = None
        return list(found)

    def _changed(self, names: NamesOfSql) -> str:
        """The table that a statement changes."""
        body = names.tree.this if isinstance(names.tree, nodes.SavedQuery) else None
        if isinstance(body, nodes.Append):
            return str(body.this.name)
        if isinstance(body, _CHANGES):
            direct = next((s.name for s in names.sources.values() if self.linked.named(s.name)), "")
            behind = self._behind(names)
            return (
                direct or next((t for t in behind if t.casefold() in self.linked.identity), "") or "".join(behind[:1])
            )
        return ""

    def _say(self, number: int, user: User, **facts: object) -> Message:
        return Message.of(number, place(self.source, user), **facts)


def _procedure(call: CodeCall) -> tuple[str, str]:
    return call.user.name, call.user.part


def _shown(function: str) -> str:
    """`DLookup` for `dlookup`."""
    return "D" + function[1:].capitalize()
