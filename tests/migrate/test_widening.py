"""Which types hold all that others hold, for certain."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.coercion.widening import filled, held_too, holds_all, narrowed
from wizard.objects import MAX, ServerColumn, ServerType

NUMBERS = ["bit", "tinyint", "smallint", "int", "bigint", "money", "smallmoney", "real", "float"]
OTHERS = ["text", "ntext", "image", "sysname", "uniqueidentifier", "rowversion", "xml", "sql_variant"]
PLAIN = [*NUMBERS, *OTHERS, "date", "smalldatetime", "datetime"]
lengths = st.one_of(st.sampled_from([1, 2, 10, 128, 4000, MAX]), st.integers(1, 4000))
types = st.one_of(
    st.sampled_from(PLAIN).map(ServerType),
    st.builds(ServerType, st.sampled_from(["varchar", "nvarchar", "varbinary"]), lengths),
    st.builds(ServerType, st.sampled_from(["char", "nchar", "binary"]), st.sampled_from([1, 2, 10, 128])),
    st.builds(
        lambda name, p, s: ServerType(name, precision=p, scale=min(p, s)),
        st.sampled_from(["decimal", "numeric"]), st.integers(1, 38), st.integers(0, 38),
    ),
    st.builds(
        lambda name, s: ServerType(name, scale=s),
        st.sampled_from(["datetime2", "time", "datetimeoffset"]), st.integers(0, 7),
    ),
)  # fmt: skip


def type_(text: str) -> ServerType:
    name, _, rest = text.partition("(")
    sizes = [MAX if n == "max" else int(n) for n in rest.rstrip(")").split(",") if n]
    if name in ("decimal", "numeric"):
        return ServerType(name, precision=sizes[0], scale=sizes[1])
    if name in ("datetime2", "time"):
        return ServerType(name, scale=sizes[0] if sizes else None)
    return ServerType(name, sizes[0] if sizes else None)


@given(types)
def test_a_type_holds_its_own_values(one: ServerType) -> None:
    assert holds_all(one, one)


@settings(max_examples=2_000)
@given(types, types, types)
def test_what_holds_a_type_holds_what_that_one_holds(a: ServerType, b: ServerType, c: ServerType) -> None:
    assert not (holds_all(a, b) and holds_all(b, c)) or holds_all(a, c)


HOLDS = [
    ("int", "smallint"), ("bigint", "bit"), ("decimal(10,0)", "int"), ("decimal(12,2)", "int"), ("float", "int"),
    ("float", "tinyint"), ("real", "smallint"), ("float", "real"), ("decimal(18,6)", "decimal(9,2)"),
    ("numeric(9,2)", "decimal(9,2)"), ("decimal(19,4)", "money"), ("money", "smallmoney"), ("money", "int"),
    ("nvarchar(80)", "nvarchar(40)"), ("nvarchar(max)", "nvarchar(4000)"), ("nvarchar(40)", "varchar(40)"),
    ("nvarchar(max)", "varchar(8000)"), ("nvarchar(10)", "nchar(10)"), ("nvarchar(10)", "char(10)"),
    ("nvarchar(max)", "ntext"), ("ntext", "nvarchar(max)"), ("varbinary(max)", "binary(8)"), ("datetime2(0)", "date"),
    ("datetime2", "datetime2(3)"), ("datetime2(0)", "smalldatetime"), ("datetime", "smalldatetime"),
    ("time", "time(3)"), ("timestamp", "rowversion"), ("nvarchar(128)", "sysname"),
]  # fmt: skip
LOSES = [
    ("decimal(9,2)", "float"), ("float", "bigint"), ("real", "int"), ("real", "float"), ("float", "decimal(9,2)"),
    ("int", "bigint"), ("tinyint", "smallint"), ("bit", "int"), ("decimal(9,0)", "int"), ("decimal(10,2)", "int"),
    ("decimal(9,4)", "decimal(9,2)"), ("decimal(18,4)", "money"), ("smallmoney", "money"), ("date", "datetime2(0)"),
    ("datetime2(0)", "datetime2"), ("datetime", "date"), ("datetime", "datetime2(3)"), ("smalldatetime", "datetime"),
    ("varchar(40)", "nvarchar(40)"), ("varchar(max)", "nvarchar(1)"), ("nvarchar(39)", "nvarchar(40)"),
    ("nvarchar(4000)", "nvarchar(max)"), ("nvarchar(4000)", "varchar(8000)"), ("nchar(10)", "nvarchar(10)"),
    ("nchar(20)", "nchar(10)"), ("binary(9)", "binary(8)"), ("nvarchar(40)", "int"), ("nvarchar(40)", "datetime2"),
    ("int", "nvarchar(40)"), ("varchar(40)", "varbinary(40)"), ("nvarchar(40)", "uniqueidentifier"), ("xml", "ntext"),
]  # fmt: skip


@pytest.mark.parametrize(("new", "old"), HOLDS)
def test_types_that_hold_all_of_another(new: str, old: str) -> None:
    assert holds_all(type_(new), type_(old))


@pytest.mark.parametrize(("new", "old"), LOSES)
def test_types_that_may_not_hold_all_of_another(new: str, old: str) -> None:
    assert not holds_all(type_(new), type_(old))


def test_columns_are_known_by_name_and_then_by_source() -> None:
    then = filled([ServerColumn("Weight", type_("float"), source="Weight"), ServerColumn("Gone", type_("int"))])
    assert narrowed([ServerColumn("WEIGHT", type_("real"))], then) == {"WEIGHT": type_("float")}
    assert narrowed([ServerColumn("Mass", type_("real"), source="weight")], then) == {"Mass": type_("float")}
    assert not narrowed([ServerColumn("Weight", type_("float"))], then)
    both = held_too(then, filled([ServerColumn("Weight", type_("nvarchar(9)"), source="Weight")]))
    assert narrowed([ServerColumn("Weight", type_("float"))], both) == {"Weight": type_("nvarchar(9)")}
