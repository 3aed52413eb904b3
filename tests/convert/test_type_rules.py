"""The type of every column: defaults, dates by what the data holds, rules at three levels, rules refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.convert.type_rules import DEFAULT_RULES, POSSIBLE, check_rule, choose, rules_for, source_of
from wizard.definitions import AutoNumber, Column, ColumnProfile, ColumnType
from wizard.messages import ConversionError
from wizard.settings import Target, TypeMap, TypeRule

BACK_END = Target(linked=False)
FRONT_END = Target(linked=True)


def chosen(column: Column, *rules: TypeRule, target: Target = BACK_END, facts: ColumnProfile | None = None) -> str:
    found = choose(column, (*rules, *DEFAULT_RULES), target, facts)
    assert found is not None
    return str(found.type)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column("c", ColumnType.BOOLEAN), "bit"),
        (Column("c", ColumnType.BYTE), "tinyint"),
        (Column("c", ColumnType.INTEGER), "smallint"),
        (Column("c", ColumnType.LONG), "int"),
        (Column("c", ColumnType.BIGINT), "bigint"),
        (Column("c", ColumnType.SINGLE), "real"),
        (Column("c", ColumnType.DOUBLE), "float"),
        (Column("c", ColumnType.CURRENCY), "money"),
        (Column("c", ColumnType.DECIMAL, precision=28, scale=10), "decimal(28,10)"),
        (Column("c", ColumnType.DATE), "datetime2(0)"),
        (Column("c", ColumnType.DATE_EXTENDED), "datetime2(7)"),
        (Column("c", ColumnType.GUID), "uniqueidentifier"),
        (Column("c", ColumnType.TEXT, length=40), "nvarchar(40)"),
        (Column("c", ColumnType.MEMO), "nvarchar(max)"),
        (Column("c", ColumnType.MEMO, hyperlink=True), "nvarchar(max)"),
        (Column("c", ColumnType.LONGBINARY), "varbinary(max)"),
        (Column("c", ColumnType.BINARY, length=16), "varbinary(16)"),
        (Column("c", ColumnType.LONG, auto=AutoNumber.INCREMENT), "int"),
        (Column("c", ColumnType.GUID, auto=AutoNumber.REPLICATION), "uniqueidentifier"),
        (Column("c", ColumnType.COMPLEX), "int"),
    ],
)
def test_each_access_type_has_a_type_that_holds_it(column: Column, expected: str) -> None:
    assert chosen(column) == expected


def test_a_type_nobody_knows_is_not_guessed() -> None:
    assert choose(Column("c", ColumnType.UNKNOWN), DEFAULT_RULES, BACK_END) is None


DATE = Column("c", ColumnType.DATE)
OLD = ColumnProfile(rows=2, minimum=datetime(1564, 4, 26), maximum=datetime(2020, 1, 1))
RECENT = replace(OLD, minimum=datetime(1999, 1, 1))


def test_dates_become_what_holds_them_all() -> None:
    assert chosen(DATE, facts=replace(RECENT, fraction_of_second=True)) == "datetime2(3)"
    assert chosen(DATE, facts=OLD) == "datetime2(0)"


def test_dates_become_datetime_only_where_access_goes_on_and_every_value_fits() -> None:
    assert chosen(DATE, target=FRONT_END, facts=RECENT) == "datetime"
    assert chosen(DATE, target=FRONT_END, facts=OLD) == "datetime2(0)"
    assert chosen(DATE, target=FRONT_END, facts=replace(RECENT, fraction_of_second=True)) == "datetime2(3)"
    told = choose(DATE, DEFAULT_RULES, FRONT_END, OLD)
    assert told is not None
    assert [m.number for m in told.messages] == [2011]


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=lambda r: r.source)
def test_a_rule_that_somebody_gave_is_one_though_it_says_what_the_default_says(rule: TypeRule) -> None:
    """A default looks at the values and where Access goes on; what is given is kept, and told where it is narrow."""
    given = replace(rule)
    source = "long" if rule.source == "autonumber" else rule.source
    kind = {"hyperlink": ColumnType.MEMO, "replication_id_autonumber": ColumnType.GUID}.get(source)
    column = Column("c", kind or ColumnType(source), length=10, precision=8, scale=2, hyperlink=source == "hyperlink")
    facts = replace(RECENT, fraction_of_second=True, max_length=300)
    if source_of(column) != rule.source:
        pytest.skip("AutoNumbers have no such facts")
    found = choose(column, (given, *DEFAULT_RULES), FRONT_END, facts)
    assert found is not None
    assert str(found.type) == rule.target.replace("(*)", "(10)").replace("(*,*)", "(8,2)")
    narrow = rule.source in ("date", "text", "binary")
    assert [m.number for m in found.messages] == ([2010] if narrow else [])


@pytest.mark.parametrize(
    ("source", "target", "facts", "told"),
    [
        ("date", "datetime2(0)", None, True),
        ("date", "datetime2(0)", OLD, False),
        ("date", "datetime2(2)", replace(OLD, fraction_of_second=True), True),
        ("date", "datetime2(3)", replace(OLD, fraction_of_second=True), False),
        ("date", "datetime2(7)", None, False),
        ("date", "datetime", OLD, True),
        ("date", "datetime", RECENT, False),
        ("date", "date", RECENT, True),
        ("date", "smalldatetime", RECENT, True),
        ("date_extended", "datetime2(7)", None, False),
        ("date_extended", "datetime2(6)", None, True),
        ("date_extended", "datetime2(6)", RECENT, False),
    ],
)
def test_a_rule_for_dates_is_told_where_values_have_more(
    source: str, target: str, facts: ColumnProfile | None, told: bool
) -> None:
    found = choose(Column("c", ColumnType(source)), (TypeRule(source, target),), BACK_END, facts)
    assert found is not None
    assert [m.number for m in found.messages] == ([2010] if told else [])


def test_the_most_local_rule_that_fits_wins() -> None:
    long_text, short = TypeRule("text", "nvarchar(max)", low=100), TypeRule("text", "varchar(*)", high=10)
    rules = TypeMap(
        project=(TypeRule("text", "nvarchar(400)"),),
        databases={"a": (long_text,)},
        tables={("a", "Orders"): (short,)},
    )
    for source, table, length, expected in (
        ("a", "ORDERS", 5, "varchar(5)"),
        ("a", "Orders", 200, "nvarchar(max)"),
        ("a", "Orders", 50, "nvarchar(400)"),
        ("a", "Other", 5, "nvarchar(400)"),
        ("b", "Orders", 5, "nvarchar(400)"),
    ):
        column = Column("c", ColumnType.TEXT, length=length)
        assert chosen(column, *rules_for(rules, source, table)) == expected


def test_a_narrower_type_is_told_unless_the_data_fits() -> None:
    column, rule = Column("c", ColumnType.TEXT, length=50), TypeRule("text", "nvarchar(20)")
    told = choose(column, (rule,), BACK_END)
    assert told is not None
    assert [m.number for m in told.messages] == [2010]
    fits = choose(column, (rule,), BACK_END, ColumnProfile(rows=3, max_length=20))
    assert fits is not None
    assert fits.messages == ()


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (TypeRule("text", "ntext"), "deprecated"),
        (TypeRule("long", "uniqueidentifier"), "cannot hold"),
        (TypeRule("text", "nvarchar(5000)"), "from 1 to 4000"),
        (TypeRule("text", "nvarchar"), "needs a length"),
        (TypeRule("long", "nvarchar(*)"), "cannot hold"),
        (TypeRule("guid", "nvarchar(*)"), "no length that"),
        (TypeRule("long", "int(4)"), "takes no length"),
        (TypeRule("decimal", "decimal(40,2)"), "p from 1 to 38"),
        (TypeRule("decimal", "decimal(10,12)"), "s from 0 to p"),
        (TypeRule("long", "decimal(*,*)"), "no precision"),
        (TypeRule("date", "datetime2(9)"), "0 to 7"),
        (TypeRule("long", "int; DROP TABLE t"), "not written as a type"),
        (TypeRule("nothing", "int"), "no source type"),
        (TypeRule("long", "int", low=1), "no length that a range"),
        (TypeRule("text", "nvarchar(*)", low=9, high=3), "empty"),
        (TypeRule("autonumber", "float"), "cannot hold"),
        (TypeRule("autonumber", "decimal(10,2)"), "no decimals"),
    ],
)
def test_an_impossible_rule_is_refused_with_the_reason(rule: TypeRule, reason: str) -> None:
    with pytest.raises(ConversionError, match="2000") as caught:
        check_rule(rule)
    assert reason in caught.value.message.text


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=lambda r: r.source)
def test_the_defaults_are_possible_rules(rule: TypeRule) -> None:
    check_rule(rule)
    assert rule.source in POSSIBLE


@given(st.text(max_size=30))
def test_whatever_is_written_as_a_type_is_a_type_or_refused(written: str) -> None:
    rule = TypeRule("text", written)
    try:
        check_rule(rule)
    except ConversionError:
        return
    assert str(choose(Column("c", ColumnType.TEXT, length=8), (rule,), BACK_END)).isprintable()
