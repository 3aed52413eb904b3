"""What code does to tables themselves, not to their rows: by their definitions (DAO), by DoCmd, by SQL.

Sources: Microsoft's "Microsoft Access database engine error messages" (3010, 3057, 3611).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wizard.assess.application.linked import LinkedTables
from wizard.assess.application.places import place
from wizard.convert.dialect import nodes
from wizard.messages import Message
from wizard.uses.model import User
from wizard.uses.module_facts import CodeCall
from wizard.uses.sql import NamesOfSql

CALLS: Final = frozenset(["append", "delete", "deleteobject"])
_DESIGN: Final = (nodes.AlterTable, nodes.CreateIndex, nodes.DropObject)
_PARTS: Final = ("fields", "indexes")


@dataclass(frozen=True)
class TableDesigns:
    """Findings about the design of tables that become links."""

    linked: LinkedTables
    source: str

    def of_call(self, call: CodeCall) -> Iterator[Message]:
        """`TableDefs("T").Fields.Append f`, `TableDefs.Delete "T"`, `DoCmd.DeleteObject acTable, "T"`."""
        collection = call.receiver.rpartition(".")[2]
        if call.name == "deleteobject" and "actable" in call.words:
            yield from self._deleted(call, call.texts[1:2])
        elif call.name == "delete" and collection == "tabledefs":
            yield from self._deleted(call, call.texts[:1])
        elif collection in _PARTS and self.linked.named(call.definition):
            method = f"{collection.capitalize()}.{call.name.capitalize()}"
            yield self._say(4538, call.user, table=call.definition, method=method)

    def _deleted(self, call: CodeCall, names: tuple[str, ...]) -> Iterator[Message]:
        for name in names:
            if table := self.linked.named(name):
                yield self._say(4539, call.user, table=table.name)

    def of_statement(self, names: NamesOfSql, user: User) -> Message | None:
        """Data definition, and SELECT … INTO that makes a table anew."""
        body = names.tree.this if isinstance(names.tree, nodes.SavedQuery) else None
        if isinstance(body, nodes.CreateTable) and self.linked.tables:
            return self._say(4509, user, method="CREATE TABLE")
        if isinstance(body, nodes.AccessSelect):
            made = body.args.get("into")
            if made is not None and not body.args.get("into_external") and self.linked.named(str(made.name)):
                return self._say(4540, user, table=made.name)
        if isinstance(body, _DESIGN):
            name = str(getattr(body.args.get("table") or body.this, "name", ""))
            if self.linked.named(name):
                return self._say(4510, user, table=name)
        return None

    def _say(self, number: int, user: User, **facts: object) -> Message:
        return Message.of(number, place(self.source, user), **facts)
