"""What in forms and reports fails or becomes slow on linked tables: record sources, lists, subforms, controls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wizard.access.application import Application, DefinitionNode, Form
from wizard.assess.application.code import MANY_ROWS
from wizard.assess.application.linked import LinkedTables
from wizard.assess.application.places import place
from wizard.convert.dialect import nodes
from wizard.messages import Message
from wizard.uses import UserKind, Uses
from wizard.uses.model import User
from wizard.uses.sql import DOMAINS, NamesOfSql, looks_like_sql

LARGE: Final = 10_000
"""rows of a form that nobody looks through"""
_LISTS: Final = (110, 111)
_SUBFORM: Final = 112
_DETAIL: Final = 152
_ROW_SOURCES: Final = ("", "table/query", "table/view/storedproc")
_MANY_SHOWN: Final = (1, 2, 5)
"""DefaultView: continuous form, datasheet, split form; 1 is what Access leaves out"""
_CALL: Final = re.compile(r"([^\W\d]\w*)\s*\(")


@dataclass(frozen=True)
class DesignFindings:
    """Findings of all forms and reports of a file."""

    uses: Uses
    linked: LinkedTables
    source: str
    functions: frozenset[str]
    """functions of the modules, in small letters"""

    def all(self, application: Application) -> Iterator[Message]:
        """Form by form."""
        sources = {f.name.casefold(): f.record_source for f in application.forms}
        shown = _as_subforms(application)
        for kind, designs in ((UserKind.FORM, application.forms), (UserKind.REPORT, application.reports)):
            for design in designs:
                user = User(kind, design.name)
                if design.name.casefold() not in shown and kind is UserKind.FORM:
                    yield from self._bound(design, user)
                many = kind is UserKind.REPORT or design.node.properties.get("DefaultView", 1) in _MANY_SHOWN
                detail = {id(n) for s in design.node.children if s.type == _DETAIL for n in s.walk()}
                for control in design.controls:
                    inner = User(kind, design.name, control.name)
                    yield from self._list(control, inner)
                    yield from self._subform(control, inner, design, sources)
                    yield from self._expression(control, inner, many=many and id(control) in detail)

    def _bound(self, form: Form, user: User) -> Iterator[Message]:
        """A form that opens with all rows."""
        text = form.record_source
        if not text or "DataEntry" in form.node.not_default or self._is_filtered(form):
            return
        table, rows = self._all_rows(text)
        if table and rows >= LARGE:
            yield Message.of(4520, place(self.source, user), rows=rows, table=table)

    def _is_filtered(self, form: Form) -> bool:
        on = {"FilterOn", "FilterOnLoad"} & set(form.node.not_default)
        return bool(form.node.text("Filter") and on)

    def _list(self, control: DefinitionNode, user: User) -> Iterator[Message]:
        rows_of = control.text("RowSource")
        if control.type not in _LISTS or not rows_of or control.text("RowSourceType").casefold() not in _ROW_SOURCES:
            return
        table, rows = self._all_rows(rows_of)
        if table and rows >= MANY_ROWS:
            yield Message.of(4521, place(self.source, user), rows=rows, table=table)

    def _subform(
        self, control: DefinitionNode, user: User, form: Form, sources: Mapping[str, str]
    ) -> Iterator[Message]:
        shown = control.text("SourceObject")
        if control.type != _SUBFORM or not shown or not form.record_source or control.text("LinkChildFields"):
            return
        prefix, _, name = shown.partition(".")
        bare = name if prefix.casefold() in ("form", "table", "query") else shown
        inner = bare if prefix.casefold() in ("table", "query") else sources.get(bare.casefold(), "")
        table, rows = self._all_rows(inner) if inner else ("", 0)
        if table and rows >= MANY_ROWS:
            yield Message.of(4523, place(self.source, user), rows=rows, table=table)

    def _expression(self, control: DefinitionNode, user: User, *, many: bool) -> Iterator[Message]:
        text = control.text("ControlSource")
        if not text.startswith("="):
            return
        names = self.uses.names.expression(text[1:])
        called = {c.function.casefold(): c for c in names.domains}
        for call in called.values():
            if self._tables(call.domain):
                yield Message.of(
                    4514, place(self.source, user), function=call.function, domain=call.domain.strip("[] ")
                )
        own = [f for f in _CALL.findall(text) if f.casefold() in self.functions and f.casefold() not in DOMAINS]
        if many and own and self.linked.tables:
            yield Message.of(4522, place(self.source, user), function=own[0])

    def _all_rows(self, text: str) -> tuple[str, int]:
        """The table all rows of which it gives, and how many; empty where it does not."""
        for _ in range(20):
            name = text.strip().rstrip("; \r\n")
            if table := self.linked.named(name):
                return table.name, self.linked.rows.get(table.name.casefold(), 0)
            names = self._names(name)
            body = names.tree.this if isinstance(names.tree, nodes.SavedQuery) else None
            if not isinstance(body, nodes.AccessSelect):
                return "", 0
            if any(body.args.get(part) for part in ("where", "group", "distinct", "top", "having")):
                return "", 0
            known = list(names.sources.values())
            if len(known) != 1:
                tables = [s.name for s in known if self.linked.named(s.name)]
                largest = max(tables, key=lambda t: self.linked.rows_of([t]), default="")
                return largest, self.linked.rows_of([largest]) if largest else 0
            text = known[0].name
        return "", 0

    def _names(self, text: str) -> NamesOfSql:
        query = self.uses.names.query(text)
        if query:
            return self.uses.names.statement(query.sql)
        return self.uses.names.statement(text) if looks_like_sql(text) else NamesOfSql()

    def _tables(self, name: str) -> bool:
        """Whether a domain is a linked table or reads one."""
        source = self.uses.names.source(name)
        if source is None:
            return False
        behind = [b.name for _, b, _ in source.columns.values() if b]
        return any(self.linked.named(n) for n in (source.name, *behind))


def _as_subforms(application: Application) -> frozenset[str]:
    """Forms that are shown within others, which say what rows they have."""
    found: set[str] = set()
    for form in (*application.forms, *application.reports):
        for control in form.controls:
            if shown := control.text("SourceObject"):
                found |= {shown.casefold(), shown.partition(".")[2].casefold()}
    return frozenset(found)
