"""Modules of VBA whose findings are answered by changes of code, for tests of these."""

from __future__ import annotations

import difflib

from tests import vba
from tests.assess.test_application import assessed
from tests.uses.build import application, database, module, table
from wizard.convert import convert
from wizard.convert.vba.code import shown_lines
from wizard.definitions import AutoNumber, Column, ColumnType, Database, Index, IndexColumn, Table
from wizard.link.code_changes import CodeChanges, code_changes
from wizard.link.code_records import Linked
from wizard.settings import Options, Target

ORDERS = table("Orders", "ID", "Customer", "Note", rows=50_000, key="ID")
ITEMS = Table(
    "Items",
    (
        Column("ID", ColumnType.LONG, auto=AutoNumber.INCREMENT),
        Column("Line", ColumnType.INTEGER),
        Column("Code", ColumnType.TEXT, 10),
        Column("Price", ColumnType.DOUBLE),
        Column("Done", ColumnType.BOOLEAN),
    ),
    (
        Index("PrimaryKey", (IndexColumn("ID"), IndexColumn("Line")), primary=True, unique=True),
        Index("Code", (IndexColumn("Code"),), unique=True),
        Index("Price", (IndexColumn("Price"),), unique=True),
        Index("Plain", (IndexColumn("Line"),)),
    ),
    rows=10,
)
DATA = database(ORDERS, ITEMS)


def linked(data: Database) -> Linked:
    made = convert(data, source="s", schema="dbo", options=Options(), target=Target()).tables
    server = {t.source.table: t for t in made if t.source}
    return {t.name.casefold(): (t, server[t.name]) for t in data.tables}


def changed(source: str, data: Database = DATA) -> CodeChanges:
    """The changes that stage 5's own findings lead to; what they make of the module is VBA, and asks for no more."""
    app = application(module(source))
    found = code_changes(app.modules, assessed(app, data).messages, linked=linked(data))
    if found.modules:
        after = made(source, found)
        assert [m for p in vba.parts(after.replace("\n", "\r\n")) for m in vba.mistakes_of(p)] == []
        again = application(module(after))
        assert code_changes(again.modules, assessed(again, data).messages, linked=linked(data)).modules == ()
    return found


def made(source: str, found: CodeChanges) -> str:
    lines = shown_lines(source)
    for change in reversed(found.modules[0].changes):
        lines[change.line - 1 : change.line - 1 + len(change.before)] = change.after
    return "\n".join(lines)


def differences(source: str, data: Database = DATA) -> list[str]:
    """Lines with `-` and `+`, in order."""
    found = changed(source, data)
    after = made(source, found) if found.modules else source
    lines = difflib.ndiff(source.split("\n"), after.split("\n"))
    return [line for line in lines if line[0] in "-+"]


def refused(source: str) -> list[str]:
    found = changed(source)
    assert found.modules == ()
    return list(dict.fromkeys(r.why for r in found.left))


def procedure(*lines: str) -> str:
    return "\n".join(("Sub A()", *(f"    {line}" for line in lines), "End Sub"))
