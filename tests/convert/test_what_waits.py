"""What is made before the rows and what after them, as the option *constraints* says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wizard.convert.schema_diff import SyncChoice, compare, plan
from wizard.convert.script import statements
from wizard.objects import (
    Action,
    CheckConstraint,
    Conversion,
    ForeignKey,
    KeyColumn,
    Name,
    ObjectKind,
    ServerColumn,
    ServerIndex,
    ServerTable,
    ServerType,
    Statement,
)
from wizard.settings import Constraints
from wizard.stages.databases import before_and_after_rows

OF = Name("dbo", "Orders")
ORDERS = ServerTable(
    OF,
    (
        ServerColumn("ID", ServerType("int"), nullable=False, source="ID"),
        ServerColumn("Customer", ServerType("int"), source="Customer", description="who pays"),
        ServerColumn("Price", ServerType("money"), source="Price"),
    ),
    ServerIndex("PK_Orders", (KeyColumn("ID"),), primary=True, unique=True, clustered=True),
    (
        ServerIndex("IX_Customer", (KeyColumn("Customer"),)),
        ServerIndex("UX_Price", (KeyColumn("Price"),), unique=True),
    ),
    (ForeignKey("FK_Customer", ("Customer",), OF, ("ID",)),),
    (CheckConstraint("CK_Price", "[Price] > 0", text="not for nothing"),),
)


def added(**what: object) -> ServerTable:
    """The table with a key over a column that no column of the source fills."""
    column = ServerColumn("jetferry_id", ServerType("int"), nullable=False)
    key = ServerIndex("PK_Orders", (KeyColumn("jetferry_id"),), primary=True, unique=True, clustered=True)
    return replace(ORDERS, columns=(replace(column, **what), *ORDERS.columns), primary_key=key)  # type: ignore[arg-type]


def parts(made: list[Statement]) -> list[str]:
    return [s.part or s.kind.value for s in made]


def test_what_rows_can_be_rejected_for_singly_is_there_before_them() -> None:
    now, later = before_and_after_rows(list(statements(Conversion((ORDERS,)))), Constraints.AFTER)
    assert {"PK_Orders", "UX_Price"} <= set(parts(now))
    constraints = [s for s in later if s.kind is not ObjectKind.DESCRIPTION]
    assert parts(constraints) == ["IX_Customer", "FK_Customer", "CK_Price"]


def test_a_description_waits_with_what_it_describes() -> None:
    now, later = before_and_after_rows(list(statements(Conversion((ORDERS,)))), Constraints.AFTER)

    def described(made: list[Statement]) -> list[str]:
        return [s.part for s in made if s.kind is ObjectKind.DESCRIPTION]

    assert described(now) == ["Customer"]
    assert described(later) == ["CK_Price"]


@pytest.mark.parametrize("constraints", [Constraints.DISABLE, Constraints.KEEP])
def test_nothing_waits_where_all_is_to_be_there_before(constraints: Constraints) -> None:
    made = list(statements(Conversion((added(identity=True),))))
    assert before_and_after_rows(made, constraints) == (made, [])


@pytest.mark.parametrize(
    ("what", "waits"),
    [
        ({"identity": True}, True),
        ({"default": "NEWSEQUENTIALID()"}, True),
        ({"default": "0"}, False),
        ({}, False),
        ({"identity": True, "source": "ID"}, False),
    ],
    ids=["numbered", "sequential", "all the same", "filled by nobody", "an AutoNumber"],
)
def test_a_key_waits_only_where_no_row_of_the_source_can_break_it(what: dict[str, object], waits: bool) -> None:
    table = added(**what)
    now, later = before_and_after_rows(list(statements(Conversion((table,)))), Constraints.AFTER)
    assert ("PK_Orders" in parts(later), "PK_Orders" in parts(now)) == (waits, not waits)


def test_a_key_over_two_columns_waits_where_the_server_numbers_both() -> None:
    key = ServerIndex("PK_Orders", (KeyColumn("jetferry_id"), KeyColumn("ID")), primary=True, unique=True)
    assert added(identity=True).key_waits
    assert not replace(added(identity=True), primary_key=key).key_waits
    assert not replace(ORDERS, primary_key=None).key_waits


def test_what_changed_is_taken_away_before_the_rows_and_made_again_after_them() -> None:
    wanted = replace(
        ORDERS,
        indexes=(replace(ORDERS.indexes[0], columns=(KeyColumn("Customer", descending=True),)), ORDERS.indexes[1]),
        foreign_keys=(replace(ORDERS.foreign_keys[0], on_delete=Action.CASCADE),),
        checks=(CheckConstraint("CK_Price", "[Price] >= 0", text="not for nothing"),),
    )
    found = compare(Conversion((wanted,)), (ORDERS,), (), Conversion((ORDERS,)))
    made = [s for s, _ in plan(Conversion((wanted,)), found, {OF: SyncChoice.ALTER})]
    now, later = before_and_after_rows(made, Constraints.AFTER)
    assert sorted(s.sql.split()[3 if s.sql.startswith("ALTER") else 0] for s in now) == ["DROP", "DROP", "DROP"]
    assert sorted(parts(now)) == ["CK_Price", "FK_Customer", "IX_Customer"]
    assert parts(later) == ["IX_Customer", "FK_Customer", "CK_Price", "CK_Price"]
    assert "not for nothing" in later[-1].sql, "the text went with the constraint"
