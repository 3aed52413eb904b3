"""T-SQL as a tree: what nodes know, and how they are written."""

from __future__ import annotations

import pytest

from wizard.convert.tree import (
    As,
    Clauses,
    Enclosed,
    Indented,
    Number,
    SqlColumn,
    SqlNode,
    SqlSelect,
    SqlSubquery,
    Text,
    Volatility,
    aggregate,
    applied,
    around,
    bare,
    called,
    case,
    choose_sql,
    coalesced,
    enclosed,
    lines,
    named,
    null_if,
    spread,
    tsql,
    union,
    volatile,
)

A, B = SqlColumn("T", "a"), SqlColumn("T", "b")


def select(*output: SqlNode, where: SqlNode | None = None, source: str = "T", head: str = "") -> SqlSelect:
    read = named(f"[dbo].[{source}]", source)
    return SqlSelect(Clauses(output, read, where=where, sources=frozenset((source,)), head=head))


def test_a_template_takes_nodes_and_words() -> None:
    assert str(tsql("CONVERT({}, {})", "int", A)) == "CONVERT(int, [T].[a])"
    assert str(tsql("{0} + {1} - {0}", A, 5)) == "[T].[a] + 5 - [T].[a]"
    assert str(tsql("N'{{' + {x}", x=Text("it's"))) == "N'{' + N'it''s'"


@pytest.mark.parametrize(
    "hidden", ["CASE WHEN {} THEN 1 END", "NULLIF({}, 0)", "(SELECT {})", "SUM({})", "RAND()", "FORMAT({}, 'x')"]
)
def test_a_template_that_hides_what_must_be_known_is_an_error(hidden: str) -> None:
    with pytest.raises(ValueError, match="hides"):
        tsql(hidden, A)


def test_a_name_of_the_database_hides_nothing() -> None:
    odd = SqlColumn("SELECT", "CASE (SELECT END")
    assert tsql("UPPER({})", odd).facts.depth == 0
    assert not tsql("UPPER({})", Text("(SELECT SUM(")).facts.subquery


def test_equal_structure_is_equality() -> None:
    assert enclosed("{} + {}", A, B) == enclosed("{} + {}", SqlColumn("T", "a"), B)
    assert enclosed("{} + {}", A, B) != tsql("({} + {})", A, B), "parentheses of their own can be taken off"
    assert len({called("F", A), called("F", A), called("F", B)}) == 2


def test_parentheses_come_off_as_structure() -> None:
    assert str(bare(enclosed("{} + {}", A, B))) == "[T].[a] + [T].[b]"
    assert str(bare(spread(" + ", [enclosed("{} + 1", A), enclosed("{} + 2", B)]))) == "([T].[a] + 1) + ([T].[b] + 2)"
    assert str(bare(Text("a\nb"))) == "N'a' + NCHAR(10) + N'b'"
    subquery = SqlSubquery(select(A), inline=True)
    assert bare(subquery) is subquery


def test_numbers() -> None:
    assert [str(Number(v)) for v in (5, -5, 1.5, 1e20)] == ["5", "-5", "1.5E0", "1e+20"]
    assert str(Number(1.5).exact()) == "1.5"


def test_what_a_node_knows_is_that_of_all_within() -> None:
    node = tsql(
        "{} + {}", case((tsql("{} > 0", A), case((tsql("{} = 1", B), 1), otherwise=2))), aggregate("SUM({})", B)
    )
    assert node.facts.columns == {("T", "a"), ("T", "b")}
    assert node.facts.depth == 2
    assert node.facts.aggregate
    assert not node.facts.subquery
    assert tsql("{} & {}", A, volatile(Volatility.ROW, "NEWID()")).facts.volatility is Volatility.ROW


def test_functions_that_the_server_makes_case_of_are_levels_of_it() -> None:
    """And a text that says so is none."""
    node = coalesced(null_if(A, 0), choose_sql(case((tsql("{} > 0", A), 1)), coalesced(A, Text("NULLIF(COALESCE("))))
    assert str(node).startswith("COALESCE(NULLIF([T].[a], 0), CHOOSE(CASE")
    assert node.facts.depth == 3
    assert coalesced(node, B).facts.depth == 3, "one among others is not within them"
    assert tsql("UPPER({})", Text("COALESCE(NULLIF(")).facts.depth == 0
    assert node.replaced({A: B}).facts.depth == 3


def test_a_subquery_knows_the_columns_of_others_alone() -> None:
    inner = select(aggregate("MAX({})", SqlColumn("U", "x")), where=tsql("{} = {}", SqlColumn("U", "y"), A), source="U")
    facts = tsql("{} + 1", SqlSubquery(inner)).facts
    assert facts.columns == {("T", "a")}
    assert facts.subquery
    assert not facts.aggregate


def test_size_is_that_of_the_text() -> None:
    node = case((tsql("{} > 0", A), enclosed("{} + {}", A, Text("x"))), otherwise=Number(0))
    assert node.size == len(str(node))


def test_replacing_rebuilds_what_is_known() -> None:
    year = tsql("YEAR({})", A)
    node = case((tsql("{} > {}", year, B), select_of(year)), otherwise=As(year, "y"))
    made = node.replaced({year: SqlColumn("made 1", "value")})
    assert "YEAR" not in str(made)
    assert made.facts.columns == {("T", "b"), ("made 1", "value")}
    assert made.facts.depth == 1
    assert node.replaced({tsql("YEAR({})", B): A}) is node


def select_of(value: SqlNode) -> SqlSubquery:
    return SqlSubquery(select(SqlColumn("U", "x"), where=tsql("{} = {}", SqlColumn("U", "y"), value), source="U"))


def test_within_a_select_that_has_a_source_of_that_name_nothing_is_replaced() -> None:
    year = tsql("YEAR({})", A)
    inner = SqlSubquery(select(year))
    assert inner.replaced({year: B}) is inner


def test_a_select_is_laid_out_and_indented_with_what_it_holds() -> None:
    inner = SqlSubquery(select(aggregate("COUNT(*)"), source="U"))
    made = select(A, As(inner, "n"), where=tsql("{} > 1", B), head=" DISTINCT")
    assert str(lines("BEGIN", Indented(made), "END")).splitlines() == [
        "BEGIN",
        "    SELECT DISTINCT",
        "        [T].[a],",
        "        (",
        "        SELECT",
        "            COUNT(*)",
        "        FROM [dbo].[U] AS [U]",
        "    ) AS [n]",
        "    FROM [dbo].[T] AS [T]",
        "    WHERE [T].[b] > 1",
        "END",
    ]


def test_clauses_on_one_line_and_beside_the_sources() -> None:
    assert str(applied(enclosed("{} + 1", A), "made 1", "x")) == (
        "    CROSS APPLY (SELECT ([T].[a] + 1) AS [x]) AS [made 1]"
    )
    assert str(union(select(A), [("UNION ALL", select(B))])).splitlines()[3] == "UNION ALL"


def test_a_column_under_its_own_name_is_not_renamed() -> None:
    assert str(As(A, "a")) == "[T].[a]"
    assert str(As(A, "A]")) == "[T].[a] AS [A]]]"
    assert str(As(Enclosed(A), "a")) == "([T].[a]) AS [a]"


def test_a_statement_around_one_of_its_columns() -> None:
    inner = SqlSubquery(select(aggregate("MAX({})", SqlColumn("U", "x")), source="U"))
    made = select(A, As(tsql("{} + {}", B, inner), "cell"), where=tsql("{} > 1", B))
    before, cell, after = map(str, around(made, 1))
    assert before == "SELECT\n    [T].[a]"
    assert cell.startswith("[T].[b] + (")
    assert after == "\nFROM [dbo].[T] AS [T]\nWHERE [T].[b] > 1"
