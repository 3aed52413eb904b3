"""T-SQL of others cut into words: what looks like T-SQL in names, texts and comments is none, whoever asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.convert.alter import alter_table
from wizard.convert.equivalence import same_module, says_the_same
from wizard.convert.normal_forms import form
from wizard.convert.script import headed
from wizard.messages import StageError
from wizard.objects import CheckConstraint, Name, ObjectKind, ServerColumn, ServerModule, ServerTable, ServerType
from wizard.project import Edit
from wizard.sqlserver.introspection import _bare
from wizard.stages.edits import _check_statement
from wizard.tsql_words import WordKind, pieces, words


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT [a]]b],N'it''s'--x\n,1.5", ["SELECT", "[a]]b]", ",", "N'it''s'", ",", "1", ".", "5"]),
        ("/* a /* b */ SELECT */ GO", ["GO"]),
        ('COLUMNN\'x\' "a""b"', ["COLUMNN", "'x'", '"a""b"']),
        ("'-- /*' [--] @a #t", ["'-- /*'", "[--]", "@a", "#t"]),
        ("'open ]", ["'open ]"]),
        ("[open '", ["[open '"]),
        ("a /* open", ["a"]),
    ],
)
def test_words_are_cut_as_a_server_cuts_them(sql: str, shown: list[str]) -> None:
    assert [w.shown for w in words(sql)] == shown


def test_quotes_are_taken_off() -> None:
    assert [w.value for w in words("N'it''s' [a]]b] \"c\"\"d\" e")] == ["it's", "a]b", 'c"d', "e"]


@given(st.text(alphabet="aN'[]\"-/* \n.,1@", max_size=30))
def test_nothing_is_lost(sql: str) -> None:
    assert "".join(p.shown for p in pieces(sql)) == sql
    assert all(p.shown for p in pieces(sql))
    assert all(p.kind is not WordKind.SIGN or len(p.shown) == 1 for p in pieces(sql))


def test_the_verb_of_a_statement_is_its_first_word() -> None:
    commented = "/* CREATE /* it */ here */ -- ALTER\n{} VIEW v AS SELECT N'CREATE VIEW' AS a;"
    assert headed(commented.format("create or  alter"), "ALTER") == commented.format("ALTER")
    assert headed("SELECT N'CREATE VIEW'", "ALTER") == "SELECT N'CREATE VIEW'"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a ?? ? N'Lisbon'", "[A]???('Lisbon')", True),
        ("a ?? ? N'Lisbon'", "a ?? ? N'Lisbo'", False),  # once an N before a quote was taken away, within texts too
        ("[it's] ?? ? 'a b'", "[it's]???'ab'", False),
        ("a ?? ? 'x(y)'", "a ?? ? 'xy'", False),
    ],
)
def test_what_no_parser_reads_is_compared_by_its_words(one: str, other: str, same: bool) -> None:
    assert form(one) is None
    assert says_the_same(one, other) is same


def test_blanks_in_a_text_are_part_of_a_view() -> None:
    def view(sql: str) -> ServerModule:
        return ServerModule(Name("dbo", "v"), ObjectKind.VIEW, sql)

    wanted = view("CREATE OR ALTER VIEW v AS  \r\nSELECT N'a  \n;' AS a;\n")
    assert same_module(wanted, view("CREATE VIEW v AS\nSELECT N'a  \n;' AS a"), None)
    assert not same_module(wanted, view("CREATE VIEW v AS\nSELECT N'a\n;' AS a"), None)


def test_a_text_that_looks_like_a_type_in_brackets_stays() -> None:
    assert form("CONVERT([int],[a])=(1)") == form("convert(int, a) = 1")
    assert form("a = N'CONVERT([int], x)'") != form("a = N'CONVERT(int, x)'")


@pytest.mark.parametrize(
    ("definition", "bare"),
    [("(([a]>(0)))", "[a]>(0)"), ("([it's (]=(1))", "[it's (]=(1)"), ("(')')+('(')", "(')')+('(')"), ("()", "")],
)
def test_parentheses_around_a_definition_are_those_that_close_last(definition: str, bare: str) -> None:
    assert _bare(definition) == bare


def test_a_check_stands_on_the_columns_that_it_reads() -> None:
    """A column whose name a text holds may change without the check."""

    def changed(expression: str) -> bool:
        table, wide = Name("dbo", "T"), ServerType("bigint")
        there = ServerTable(
            table, (ServerColumn("n", ServerType("int")), ServerColumn("t", ServerType("nvarchar", 9))),
            checks=(CheckConstraint("c", expression),),
        )  # fmt: skip
        wanted = ServerTable(table, (ServerColumn("n", wide), there.columns[1]), checks=there.checks)
        return any(s.kind is ObjectKind.CHECK for s in alter_table(wanted, there).after)

    assert changed("[N]>(0)")
    assert not changed("[t]<>N'[n]'")


@pytest.mark.parametrize(
    ("body", "one_batch"),
    [
        ("SELECT 1 AS a\nGO", False),
        ("SELECT 1 AS a\n go 5 -- times\nSELECT 2 AS b", False),
        ("SELECT 'a\nGO\nb' AS a", True),
        ("SELECT 1 AS a /* not yet\nGO\n*/", True),
        ("SELECT go AS a FROM [\nGO\n]", True),
    ],
)
def test_a_statement_by_hand_is_one_batch_where_no_go_parts_it(body: str, one_batch: bool) -> None:
    edit = Edit("k", "q", "statement", "", f"/* CREATE /* TABLE */ */ CREATE OR ALTER VIEW v AS {body}")
    if one_batch:
        _check_statement(edit)
        return
    with pytest.raises(StageError):
        _check_statement(edit)
