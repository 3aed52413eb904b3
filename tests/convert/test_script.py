"""Statements: order, guards, and names and texts that cannot get out of their quotes."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.convert.making import KEY, converted, index, refers, table
from wizard.convert.create import text
from wizard.convert.names import folded
from wizard.convert.script import guarded, in_order, statements
from wizard.definitions import Column, ColumnType
from wizard.objects import Conversion, Name, ObjectKind, ServerModule

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
NASTY = "a]b'c;d--e/*f\"g\nGO\nDROP TABLE x"


def outside(sql: str) -> str:
    """What T-SQL reads outside of quoted names and texts; raises where a quote is never closed."""
    left, at = "", 0
    closing = {"[": "]", "'": "'"}
    while at < len(sql):
        end = closing.get(sql[at])
        if end is None:
            left += sql[at]
            at += 1
            continue
        at += 1
        while not (sql[at] == end and sql[at : at + 2] != end * 2):
            at += 2 if sql[at] == end else 1
        left += "¤"
        at += 1
    return left


def shape(conversion: Conversion) -> list[str]:
    return [outside(guarded(s).sql) for s in statements(conversion)]


def shop(a: str, b: str, c: str, words: str) -> Conversion:
    parent = replace(table(a, Column(c, ColumnType.TEXT, length=20, description=words)), description=words)
    child = table(
        b,
        Column(c, ColumnType.LONG, required=True),
        Column("Text", ColumnType.TEXT, length=50, default='"' + words.replace('"', '""') + '"'),
        indexes=(KEY, index(c, c)),
    )
    return converted(parent, child, relationships=(refers(b, c, a),))


@given(names, names, names, names)
def test_no_name_or_text_changes_what_a_statement_does(a: str, b: str, c: str, words: str) -> None:
    fixed = ("ID", "TEXT", "ROWVERSION")
    if folded(a) == folded(b) or c.strip().upper() in fixed:
        return
    plain = shape(shop("Parent", "Child", "Ref", "word"))
    made = shape(shop(a, b, c, words))
    assert [joined(m) for m in made] == [joined(p) for p in plain]


def joined(left: str) -> str:
    """Texts that are put together from pieces count as one text."""
    left = re.sub(r"N¤|NCHAR\(1[03]\)", "¤", left)
    return re.sub(r"\((¤(?: \+ ¤)*)\)|¤(?: \+ ¤)+", "¤", left)


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_a_text_reads_back_and_never_puts_a_line_of_its_own_into_a_script(value: str) -> None:
    sql = text(value)
    assert "\n" not in sql
    assert "\r" not in sql
    pieces = re.findall(r"N'((?:[^']|'')*)'|NCHAR\((13|10)\)", sql)
    assert "".join(chr(int(code)) if code else piece.replace("''", "'") for piece, code in pieces) == value
    assert joined(outside(sql)) == "¤"


def test_a_name_with_a_line_go_cannot_end_a_batch() -> None:
    for statement in statements(shop(NASTY, "Child", NASTY, NASTY)):
        assert not any(line.strip().upper() == "GO" for line in guarded(statement).sql.splitlines())


def test_kinds_come_in_the_order_of_creation_and_schemas_first() -> None:
    made = statements(replace(shop("A", "B", "C", "w"), modules=()))
    order = list(ObjectKind)
    assert [s.kind for s in made] == sorted((s.kind for s in made), key=order.index)
    assert {s.kind for s in made} == {
        ObjectKind.TABLE, ObjectKind.PRIMARY_KEY, ObjectKind.INDEX, ObjectKind.FOREIGN_KEY, ObjectKind.DEFAULT,
        ObjectKind.DESCRIPTION,
    }  # fmt: skip


def test_a_schema_is_made_unless_it_is_dbo() -> None:
    conversion = shop("A", "B", "C", "w")
    assert not any(s.kind is ObjectKind.SCHEMA for s in statements(conversion))
    moved = replace(conversion, tables=(replace(conversion.tables[0], name=Name("it's", "A")),))
    assert statements(moved)[0].sql == "IF SCHEMA_ID(N'it''s') IS NULL EXEC(N'CREATE SCHEMA [it''s]');"


def test_what_a_view_reads_comes_before_it_and_a_circle_ends() -> None:
    def view(name: str, *reads: str) -> ServerModule:
        return ServerModule(Name("dbo", name), ObjectKind.VIEW, "", tuple(Name("dbo", r) for r in reads))

    found = [m.name.name for m in in_order((view("a", "b"), view("b", "c", "Table"), view("c")))]
    assert found == ["c", "b", "a"]
    assert len(in_order((view("a", "b"), view("b", "a"), view("self", "self")))) == 3


def test_guards_ask_before_they_make() -> None:
    view = ServerModule(Name("dbo", "V"), ObjectKind.VIEW, "CREATE VIEW [dbo].[V] AS SELECT 1 AS x;")
    for statement in statements(replace(shop("A", "B", "C", "w"), modules=(view,))):
        sql = guarded(statement).sql
        if statement.kind is ObjectKind.DESCRIPTION:
            assert "IF EXISTS" in sql
        elif statement.kind is ObjectKind.VIEW:
            assert sql.startswith("CREATE OR ALTER VIEW")
        else:
            assert sql.startswith("IF ")


def test_a_description_longer_than_a_property_is_kept_in_several() -> None:
    words = "x" * 8000
    sql = next(s.sql for s in statements(shop("A", "B", "C", words)) if s.kind is ObjectKind.DESCRIPTION)
    assert sql.count("sp_addextendedproperty") == 3
    assert sql.count("x") >= 8000
