"""Conditional formats, and what is nested in a macro's XML, use tables and columns too."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from tests.uses.build import TEXT_BOX, application, control, database, form, macro, table
from wizard.access import AccessFile
from wizard.access.application import Application, DefinitionNode, read_application
from wizard.access.application.conditional_formats import ConditionalFormat, conditional_formats
from wizard.access.diagnostics import Diagnostics
from wizard.uses import How, read_uses

DATA = database(table("Orders", "ID", "Total", "Due"), table("Log", "Text"))
SPACE = 'xmlns="http://schemas.microsoft.com/office/accessservices/2009/11/application"'


def new_style(*expressions: str) -> bytes:
    made = struct.pack("<HI", 1, len(expressions))
    for text in expressions:
        coded = text.encode("utf-16-le")
        made += struct.pack("<5I", 1, 0, 0x101, 0xFFFFFF, 0) + struct.pack("<I", len(text)) + coded + b"\0\0"
        made += struct.pack("<I", 0) + b"\0\0" + bytes(13)
    return made


def old_style(kind: int, first: str, second: str = "") -> bytes:
    texts = f"{first}\0{second}\0".encode("utf-16-le")
    records = struct.pack("<7I", kind, 2, 0, len(first) + 1, 0x101, 0, 0) + bytes(56)
    return struct.pack("<3I", 1, 96 + len(texts), 1) + records + texts


def text_box(**properties: bytes) -> DefinitionNode:
    made = control(TEXT_BOX, "x", ControlSource="Total")
    return replace(made, properties={**made.properties, **properties})


def test_the_expressions_of_both_styles_are_read() -> None:
    assert conditional_formats(text_box(ConditionalFormat14=new_style("[Due]<Date()", "[Total]>5"))) == (
        ConditionalFormat(1, ("[Due]<Date()",)), ConditionalFormat(1, ("[Total]>5",)),
    )  # fmt: skip
    old = text_box(ConditionalFormat=old_style(0, "[Total]", "99"))
    assert conditional_formats(old) == (ConditionalFormat(0, ("[Total]", "99")),)


@pytest.mark.parametrize(
    "data", [b"", b"\1", new_style("[a]")[:-9], old_style(1, "a")[:50], struct.pack("<HI", 1, 2**31)]
)
def test_damaged_ones_are_none(data: bytes) -> None:
    assert conditional_formats(text_box(ConditionalFormat14=data)) == ()
    assert conditional_formats(text_box(ConditionalFormat=data[:40])) == ()


def test_a_conditional_format_uses_columns() -> None:
    late = text_box(ConditionalFormat14=new_style('[Due]<Date() And DCount("*","Log")>0'))
    uses = read_uses(DATA, application(forms=(form("F", "Orders", late),)))
    assert ("form F, x", How.CONDITIONAL_FORMAT) in [(str(u.user), u.how) for u in uses.of("Orders", "Due")]
    assert [str(u.user) for u in uses.of("Log")] == ["form F, x"]


def test_what_is_nested_in_a_macro_is_found() -> None:
    xml = (
        f'<?xml version="1.0" encoding="UTF-16"?><UserInterfaceMacro {SPACE}><Statements><ConditionalBlock><If>'
        '<Condition>DCount("*","Orders")&gt;0</Condition><Statements>'
        '<Action Name="RunSQL"><Argument Name="SQLStatement">DELETE FROM Log</Argument></Action>'
        "</Statements></If><Else><Statements>"
        '<Action Name="OpenTable"><Argument Name="TableName">Log</Argument></Action>'
        "</Statements></Else></ConditionalBlock></Statements></UserInterfaceMacro>"
    )
    found = read_uses(DATA, Application(macros=(replace(macro("m", ("Beep",)), xml=xml),)))
    assert {(str(u.user), u.how) for u in found.of("Log")} == {
        ("macro m, RunSQL", How.RUN_SQL), ("macro m, OpenTable", How.OPEN_TABLE),
    }  # fmt: skip
    assert [str(u.user) for u in found.of("Orders")] == ["macro m, If"]


def test_xml_that_cannot_be_read_leaves_the_rows() -> None:
    damaged = replace(macro("m", ("OpenTable", "Log")), xml="<UserInterfaceMacro")
    assert [str(u.user) for u in read_uses(DATA, Application(macros=(damaged,))).of("Log")] == ["macro m, OpenTable"]


@pytest.mark.corpus
def test_both_styles_of_real_files_say_the_same(shared: Path) -> None:
    compared = 0
    for name in ("mojn.accdb", "themeeditor.accdb"):
        with AccessFile.open(str(shared / "application" / "corpus" / name)) as file:
            found = read_application(file.pages, Diagnostics())
        for node in (n for f in (*found.forms, *found.reports) for n in f.node.walk()):
            both = {k: v for k, v in node.properties.items() if k.startswith("ConditionalFormat")}
            if len(both) == 2:
                old = conditional_formats(replace(node, properties={"ConditionalFormat": both["ConditionalFormat"]}))
                assert old == conditional_formats(node)[: len(old)]
                compared += 1
    assert compared > 50
